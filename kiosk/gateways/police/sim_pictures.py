"""Evidence pictures, drawn: fictional, the same every time, clearly marked 模拟.

Pillow is imported by this module, so it is imported when the first picture is asked for. Drawing takes some tens of
milliseconds; callers do it in an executor.
"""

from __future__ import annotations

import datetime as dt
import io
import random

from PIL import Image, ImageDraw

from config.scenarios import RecordData, VehicleData
from kiosk.gateways.sim_portrait import MARK, font, words

SIZE = (1280, 720)
BODY = {
    "white": "#e8eaec",
    "black": "#23262a",
    "silver": "#a9b0b6",
    "red": "#a52a2a",
    "blue": "#27508f",
    "green": "#2f7a55",
    "yellow": "#d9a520",
}
PLATES = {"01": ("#f2c21b", "#111111"), "52": ("#9be0b0", "#111111"), "51": ("#d8e58a", "#111111")}
BLUE_PLATE = ("#1547a5", "#ffffff")


def draw_evidence(record: RecordData, vehicle: VehicleData, index: int) -> bytes:
    """Picture `index` (1 to 3) of a record, JPEG 1280x720.

    1 the vehicle on the road, 2 the same a moment later and nearer, 3 the plate close up. Shows what a picture must show:
    look of the vehicle, plate, time, place and fact (公安部令105 第18条).
    """
    picture = Image.new("RGB", SIZE)
    chance = random.Random(record.id)  # the same street on every picture of a record
    draw = ImageDraw.Draw(picture)
    if index == 3:
        draw.rectangle((0, 66, SIZE[0], SIZE[1]), fill=BODY[vehicle.colour])
        draw.rectangle((0, 560, SIZE[0], SIZE[1]), fill="#2b2e33")
        draw.rounded_rectangle((200, 150, 1080, 490), radius=30, fill="#3a3f45")
        _plate(draw, record.plate, record.plate_type, (240, 190, 1040, 450))
    else:
        _road(draw, chance, night=not 6 <= record.at.hour < 19)
        _car(draw, vehicle, record, centre=610 + 40 * index, top=250 + 30 * index, width=300 + 110 * index)
    _overlay(draw, record, index)
    _stamp(picture)
    data = io.BytesIO()
    picture.save(data, "JPEG", quality=85)
    return data.getvalue()


def _road(draw: ImageDraw.ImageDraw, chance: random.Random, night: bool) -> None:
    sky, far = ((24, 30, 48), (60, 66, 84)) if night else ((140, 176, 214), (214, 224, 232))
    horizon = 240
    for y in range(horizon):
        share = y / horizon
        draw.line((0, y, SIZE[0], y), fill=tuple(round(a + (b - a) * share) for a, b in zip(sky, far, strict=True)))
    x = 0
    while x < SIZE[0]:
        width, height = chance.randint(60, 150), chance.randint(50, 170)
        grey = chance.randint(40, 70) if night else chance.randint(130, 185)
        draw.rectangle((x, horizon - height, x + width, horizon), fill=(grey, grey, grey + 8))
        for wx in range(x + 8, x + width - 12, 18):
            for wy in range(horizon - height + 10, horizon - 14, 22):
                lit = night and chance.random() < 0.4
                draw.rectangle((wx, wy, wx + 8, wy + 11), fill=(240, 210, 130) if lit else (grey - 22,) * 3)
        x += width + chance.randint(0, 14)
    asphalt = (52, 54, 58) if night else (98, 100, 104)
    draw.rectangle((0, horizon, SIZE[0], SIZE[1]), fill=(70, 84, 66) if not night else (34, 42, 34))
    draw.polygon(((520, horizon), (760, horizon), (1380, 720), (-100, 720)), fill=asphalt)
    for edge in (-1, 1):
        draw.line((640 + edge * 116, horizon, 640 + edge * 700, 720), fill=(230, 230, 220), width=6)
    for lane in (-0.33, 0.33):
        for step in range(0, 10, 2):
            near, end = (step / 10) ** 1.6, ((step + 1) / 10) ** 1.6
            y1, y2 = horizon + near * 480, horizon + end * 480
            x1, x2 = (640 + lane * (120 + 620 * share) for share in (near, end))
            draw.line((x1, y1, x2, y2), fill=(238, 238, 230), width=2 + round(near * 8))


def _car(
    draw: ImageDraw.ImageDraw, vehicle: VehicleData, record: RecordData, centre: int, top: int, width: int
) -> None:
    """The back of a car."""
    half, unit = width // 2, width / 100
    body = BODY[vehicle.colour]
    bottom = top + round(unit * 68)
    draw.ellipse((centre - half - 8, bottom - 14, centre + half + 8, bottom + 22), fill=(28, 28, 30))
    for side in (-1, 1):
        x = centre + side * round(unit * 38)
        draw.rectangle((x - unit * 7, bottom - unit * 12, x + unit * 7, bottom + unit * 4), fill="#111214")
    roof = [(-33, 0), (33, 0), (42, 26), (-42, 26)]
    draw.polygon([(centre + x * unit, top + y * unit) for x, y in roof], fill=body, outline="#15171a")
    glass = [(-29, 4), (29, 4), (36, 23), (-36, 23)]
    draw.polygon([(centre + x * unit, top + y * unit) for x, y in glass], fill="#33424f")
    draw.rounded_rectangle(
        (centre - half, top + unit * 25, centre + half, bottom - unit * 4),
        radius=round(unit * 6),
        fill=body,
        outline="#15171a",
        width=2,
    )
    for side in (-1, 1):
        x1, x2 = sorted((centre + side * unit * 46, centre + side * unit * 31))
        draw.rectangle((x1, top + unit * 31, x2, top + unit * 39), fill="#c81e1e", outline="#5a0f0f")
    draw.rectangle((centre - half, bottom - unit * 14, centre + half, bottom - unit * 5), fill="#2b2e33")
    box = (centre - unit * 17, top + unit * 41, centre + unit * 17, top + unit * 52)
    _plate(draw, record.plate, record.plate_type, tuple(round(edge) for edge in box))


def _plate(draw: ImageDraw.ImageDraw, plate: str, plate_type: str, box: tuple[int, ...]) -> None:
    ground, ink = PLATES.get(plate_type, BLUE_PLATE)
    left, top, right, bottom = box[:4]
    draw.rounded_rectangle(
        (left, top, right, bottom),
        radius=(bottom - top) // 8,
        fill=ground,
        outline=ink,
        width=max(1, (bottom - top) // 30),
    )
    text = words(f"{plate[:2]}·{plate[2:]}")
    size = round((bottom - top) * 0.66)
    while size > 8 and draw.textlength(text, font=font(size)) > (right - left) * 0.92:
        size -= max(1, size // 20)
    draw.text(((left + right) / 2, (top + bottom) / 2), text, fill=ink, font=font(size), anchor="mm")


def _overlay(draw: ImageDraw.ImageDraw, record: RecordData, index: int) -> None:
    """The strip a camera burns in: time, place, device, act, picture of how many."""
    moment = record.at + dt.timedelta(seconds=index - 1, milliseconds=137 * index)
    draw.rectangle((0, 0, SIZE[0], 66), fill="#000000")
    time_text = f"{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1000:03d}"
    draw.text((16, 6), f"{time_text}  {words(record.place)}", fill="#ffffff", font=font(24))
    speed = f"  {record.measured}/{record.limit}" if record.measured else ""
    detail = f"SIM-{record.authority_code[:6]}-{record.id[-4:]}  {index}/{record.photos}  {record.code}{speed}"
    draw.text((16, 38), detail, fill="#ffe14d", font=font(18))
    draw.text((700, 38), words(record.act)[:34], fill="#ffe14d", font=font(18))


def _stamp(picture: Image.Image) -> None:
    """模拟 across the picture: nobody may take it for evidence."""
    layer = Image.new("L", picture.size)
    draw = ImageDraw.Draw(layer)
    text = words(MARK)
    for y in range(150, SIZE[1], 200):
        for x in range(120 if y % 400 < 200 else 320, SIZE[0], 400):
            draw.text((x, y), text, fill=70, font=font(64), anchor="mm")
    picture.paste(Image.new("RGB", picture.size, "#ff3030"), mask=layer)
    ImageDraw.Draw(picture).text(
        (SIZE[0] - 16, SIZE[1] - 12), words("模拟图片，不是证据"), fill="#ff5050", font=font(28), anchor="rs"
    )
