"""A portrait, drawn, and the letters on drawn pictures: fictional, the same every time, clearly marked 模拟.

Pillow is imported by this module, so it is imported when the first picture is asked for. Drawing takes some tens of
milliseconds; callers do it in an executor.
"""

from __future__ import annotations

import io
import random
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

MARK = "模拟"
FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/System/Library/Fonts/PingFang.ttc",
)

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@lru_cache(maxsize=16)
def font(size: int) -> Font:
    for path in FONTS:
        if Path(path).is_file():
            return ImageFont.truetype(path, size)
    return ImageFont.load_default(size)


def words(text: str) -> str:
    """The text, or its ASCII part where no Chinese font is installed."""
    return text if any(Path(path).is_file() for path in FONTS) else text.encode("ascii", "ignore").decode() or "SIM"


def draw_portrait(seed: int) -> bytes:
    """A plain drawn head, JPEG 358x441 (the size of an ID photo at 350 dpi)."""
    chance = random.Random(seed)
    picture = Image.new("RGB", (358, 441), "#f4f6f8")
    draw = ImageDraw.Draw(picture)
    skin = chance.choice(("#f1d3b8", "#e7c09c", "#f5dcc6"))
    cloth = chance.choice(("#27508f", "#444a52", "#7a3b3b", "#2f6a55"))
    draw.ellipse((20, 330, 338, 640), fill=cloth)
    draw.rectangle((150, 280, 208, 350), fill=skin)
    width = chance.randint(78, 92)
    draw.ellipse((179 - width - 6, 88, 179 + width + 6, 260), fill="#221d1a")
    draw.ellipse((179 - width, 110, 179 + width, 320), fill=skin)
    for side in (-1, 1):
        x, y = 179 + side * chance.randint(32, 40), 205
        draw.ellipse((x - 12, y - 6, x + 12, y + 6), fill="#ffffff")
        draw.ellipse((x - 6, y - 6, x + 6, y + 6), fill="#2a1d14")
        draw.line((x - 18, y - 22, x + 18, y - 22 + side), fill="#221d1a", width=5)
    draw.line((179, 215, 172, 250, 182, 252), fill="#b98f6c", width=3)
    draw.arc((150, 255, 208, 290), 20, 160, fill="#a5524a", width=5)
    draw.text((8, 405), words(MARK), fill="#c02020", font=font(26))
    data = io.BytesIO()
    picture.save(data, "JPEG", quality=88)
    return data.getvalue()
