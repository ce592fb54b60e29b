"""What a pad with a screen shows while somebody signs: a key at its lower edge that wipes the ink, and a line above it.

Drawn by Pillow; blocking, call it from a worker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from drivers.signature_pad.stu import Capability
from kiosk.domain.errors import DeviceError

if TYPE_CHECKING:
    from PIL import Image

WORDS = "清除重写"
_STRIP = 0.2
"""Part of the height that is the key's: 12 mm of a STU-430, a key can be hit with a pen at 10 mm. Own figure."""
_EDGE = 2
_LARGE_PX = 400
"""From this height on words are drawn twice as large."""


class Face(NamedTuple):
    rows: bytes
    """One bit a pixel, rows of whole bytes, 1 is white."""
    key_top_mm: float
    """From here down it is the key's; above it is ink."""


def draw(able: Capability) -> Face | None:
    """None where this pad's screen cannot show it: no screen, colours only, or no font on this machine for the words."""
    from PIL import Image, ImageDraw

    width, height = able.screen_width, able.screen_height
    words = _words(2 if height >= _LARGE_PX else 1)
    if not (width and height and able.takes_one_bit) or words is None:
        return None
    image = Image.new("1", (width, height), 1)
    top = round(height * (1 - _STRIP))
    pen = ImageDraw.Draw(image)
    pen.line((0, top, width, top), fill=0, width=_EDGE)
    tall = height - top
    left = max(0, (width - words.width) // 2 - tall // 2)
    pen.rounded_rectangle((left, top + 2 * _EDGE, width - 1 - left, height - 1), tall // 4, outline=0, width=_EDGE)
    at = ((width - words.width) // 2, top + _EDGE + (tall - words.height) // 2)
    image.paste(0, (max(0, at[0]), max(0, at[1])), words)
    return Face(image.tobytes(), able.height_mm * top / height)


def _words(size: int) -> Image.Image | None:
    import PIL.Image

    from drivers.receipt_printer.glyphs import Glyphs

    try:
        glyphs = Glyphs()
    except DeviceError:  # no font: a key without words would be a riddle
        return None
    drawn = [glyphs.glyph(char, size) for char in WORDS if glyphs.has(char)]
    if len(drawn) < len(WORDS):
        return None
    strip = PIL.Image.new("1", (sum(each.width for each in drawn), drawn[0].height), 0)
    x = 0
    for each in drawn:
        strip.paste(1, (x, 0), each)
        x += each.width
    return strip
