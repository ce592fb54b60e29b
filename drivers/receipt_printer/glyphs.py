"""Characters as dots: the system's CJK font drawn on the printer's grid of 12-dot cells, 24 dots high, lines of 30 dots.

Blocking (fontconfig is asked through `fc-match`, PIL draws); call it from a worker.
"""

from __future__ import annotations

import subprocess
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

from drivers.receipt_printer.layout import CELL_DOTS, TextLine, cells
from kiosk.domain.errors import DeviceError, ErrorKind

GLYPH_DOTS = 24
LINE_DOTS = 30
"""One line of text with its leading; 3.75 mm at 8 dots per mm."""
_TOP = 3
_BASELINE = 23
_UNASSIGNED = "\U0010ffff"
_FAMILY = "Noto Sans Mono CJK SC"


class Glyphs:
    """Draws characters; `fonts` are files tried before the system's, as `path` or `path#index`.

    Raises DeviceError CONFIG where neither a font file nor fontconfig can be found.
    """

    def __init__(self, fonts: tuple[str, ...] = ()) -> None:
        self._files = [*fonts, _match(_FAMILY)]
        self._loaded: dict[tuple[str, int], ImageFont.FreeTypeFont] = {}
        self._chosen: dict[str, str | None] = {}
        self._drawn: dict[tuple[str, int], Image.Image] = {}
        self._boxes: dict[str, tuple[tuple[int, int], bytes]] = {}

    def has(self, char: str) -> bool:
        """True when some font on this machine draws `char`."""
        return self._file_for(char) is not None

    def line(self, line: TextLine, width: int) -> Image.Image:
        """One text line on a strip `width` dots wide, 1 = ink; `bold` strikes twice, one dot apart, as the head does."""
        strip = Image.new("1", (width, LINE_DOTS * line.size), 0)
        free = width - cells(line.text) * CELL_DOTS * line.size
        x = {"left": 0, "center": free // 2, "right": free}[line.align]
        for char in line.text:
            advance = cells(char) * CELL_DOTS * line.size
            if advance and not char.isspace():
                glyph = self.glyph(char, line.size)
                strip.paste(1, (x, 0), glyph)
                if line.bold:
                    strip.paste(1, (x + 1, 0), glyph)
            x += advance
        return strip

    def glyph(self, char: str, size: int = 1) -> Image.Image:
        """One character in its cell(s), full line height, 1 = ink. Without any font for it: the empty cell."""
        key = (char, size)
        if key not in self._drawn:
            if len(self._drawn) > 4096:  # receipts use a few hundred; names must not stay for ever
                self._drawn.clear()
            self._drawn[key] = self._draw(char, size)
        return self._drawn[key]

    def _draw(self, char: str, size: int) -> Image.Image:
        width = cells(char) * CELL_DOTS * size
        image = Image.new("1", (width, LINE_DOTS * size), 0)
        file = self._file_for(char)
        if file is None:
            return image
        font = self._font(file, size)
        draw = ImageDraw.Draw(image)
        draw.fontmode = "1"
        x = max(0, round((width - font.getlength(char)) / 2))
        draw.text((x, _BASELINE * size), char, font=font, fill=1, anchor="ls")
        return image

    def _file_for(self, char: str) -> str | None:
        if char not in self._chosen:
            found = next((file for file in self._files if self._covers(file, char)), None)
            if found is None:
                other = _match_char(char)
                if other is not None and self._covers(other, char):
                    self._files.append(other)
                    found = other
            self._chosen[char] = found
        return self._chosen[char]

    def _covers(self, file: str, char: str) -> bool:
        """FreeType draws a box for what it lacks: the same dots as for a code point that is never assigned."""
        return self._mask(file, char) != self._mask(file, _UNASSIGNED)

    def _mask(self, file: str, char: str) -> tuple[tuple[int, int], bytes]:
        if char == _UNASSIGNED and file in self._boxes:
            return self._boxes[file]
        mask = self._font(file, 1).getmask(char, mode="1")
        found = (mask.size[0], mask.size[1]), bytes(mask)
        if char == _UNASSIGNED:
            self._boxes[file] = found
        return found

    def _font(self, file: str, size: int) -> ImageFont.FreeTypeFont:
        key = (file, size)
        if key not in self._loaded:
            path, _, index = file.partition("#")
            try:
                self._loaded[key] = ImageFont.truetype(
                    path, GLYPH_DOTS * size, index=int(index or 0), layout_engine=ImageFont.Layout.BASIC
                )
            except OSError as error:
                raise DeviceError(ErrorKind.CONFIG, "receipt_printer", f"The font {path} cannot be read.") from error
        return self._loaded[key]


@lru_cache(maxsize=8)
def _match(family: str) -> str:
    found = _fontconfig(["fc-match", "-f", "%{file}#%{index}", f"{family}:lang=zh-cn"])
    if not found:
        raise DeviceError(
            ErrorKind.CONFIG, "receipt_printer", "No Chinese font found; install fonts-noto-cjk and fontconfig."
        )
    return found


@lru_cache(maxsize=256)
def _match_char(char: str) -> str | None:
    """Any font of the system that claims this character (Hanazono, Plangothic … for the rare planes)."""
    found = _fontconfig(["fc-list", "-f", "%{file}#%{index}\n", f":charset={ord(char):x}"])
    return found.splitlines()[0] if found else None


def _fontconfig(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
