"""The rewritable back of a simulated permit as a picture. Blocking (PIL draws, fontconfig is asked); call it from a worker."""

from __future__ import annotations

import subprocess
import zlib
from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

SIZE = (1011, 638)
"""85.6 × 54 mm (ISO/IEC 7810 ID-1) at 300 dots per inch."""
_PAPER, _INK, _FRAME, _SIMULATED = (238, 241, 236), (38, 52, 92), (150, 160, 170), (196, 72, 60)
_COLUMNS = (36, 250, 420, 720)
"""Where the cells of a row begin: kind, place, valid until, entries."""
_ROWS_TOP, _ROW_HEIGHT, _MOST_ROWS = 176, 62, 6
_FAMILY = "Noto Sans CJK SC"


@lru_cache(maxsize=4)
def draw_back(rows: tuple[tuple[str, ...], ...]) -> bytes:
    """PNG of the back with these rows; marked 模拟. Raises OSError when the machine has no font."""
    image = Image.new("RGB", SIZE, _PAPER)
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((4, 4, SIZE[0] - 5, SIZE[1] - 5), radius=36, outline=_FRAME, width=3)
    for y in range(150, 560, 6):  # the guilloche of a real back, hinted at
        draw.line((24, y, 790, y), fill=(226, 231, 226))
    draw.text((36, 34), "签  注", font=_font(44), fill=_INK)
    draw.text((36, 100), "ENDORSEMENTS", font=_font(24), fill=_FRAME)
    draw.text((800, 40), "模拟", font=_font(72), fill=_SIMULATED)
    draw.text((800, 130), "非真实证件", font=_font(32), fill=_SIMULATED)
    draw.line((30, 150, 780, 150), fill=_FRAME, width=2)
    for index, row in enumerate(rows[-_MOST_ROWS:]):
        top = _ROWS_TOP + index * _ROW_HEIGHT
        for left, right, cell in zip(_COLUMNS, (*_COLUMNS[1:], 800), row, strict=False):
            draw.text((left, top), cell, font=_fitting(cell, right - left - 12), fill=_INK)
        draw.line((30, top + 50, 780, top + 50), fill=(200, 206, 204))
    if not rows:
        draw.text((36, _ROWS_TOP), "（无签注）", font=_font(34), fill=_FRAME)
    _code(image, rows)
    draw.text((36, 584), "ONETRIP SIMULATED UNIT", font=_font(24), fill=_FRAME)
    png = BytesIO()
    image.quantize(64).save(png, "PNG", optimize=True)
    return png.getvalue()


def _code(image: Image.Image, rows: tuple[tuple[str, ...], ...]) -> None:
    """The code in the corner: a real QR code that says only that this is a simulation, and a checksum of the rows."""
    import segno

    checksum = zlib.crc32("\n".join("\t".join(row) for row in rows).encode())
    matrix = segno.make_qr(f"ONETRIP-SIM-{checksum:08X}", error="m").matrix
    side = len(matrix)
    small = Image.new("1", (side, side), 1)
    small.putdata([0 if dark else 1 for line in matrix for dark in line])
    image.paste(small.convert("RGB").resize((168, 168), Image.Resampling.NEAREST), (806, 420))


def _fitting(text: str, width: int) -> ImageFont.FreeTypeFont:
    for size in (34, 30, 26, 22):
        if _font(size).getlength(text) <= width:
            return _font(size)
    return _font(18)


@lru_cache(maxsize=16)
def _font(size: int) -> ImageFont.FreeTypeFont:
    path, _, index = _file().partition("#")
    return ImageFont.truetype(path, size, index=int(index or 0))


@lru_cache(maxsize=1)
def _file() -> str:
    command = ["fc-match", "-f", "%{file}#%{index}", f"{_FAMILY}:lang=zh-cn"]
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=10, check=True).stdout.strip()
    except subprocess.SubprocessError as error:
        raise OSError("fontconfig names no font") from error
