"""An ESC/POS machine: executes commands and burns dots. It knows nothing of lines, faults or the event loop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from PIL import Image

from drivers.receipt_printer import code128
from drivers.receipt_printer.glyphs import GLYPH_DOTS, LINE_DOTS, Glyphs
from drivers.receipt_printer.layout import CELL_DOTS, cells
from drivers.receipt_printer.paper import CUTTER_DOTS, Dots, Paper, Roll
from drivers.receipt_printer.stream import Command

_SPACING = 30
_QR_LEVELS = {48: "l", 49: "m", 50: "q", 51: "h"}


@dataclass
class Mode:
    """What ESC @ resets."""

    kanji: bool = False
    align: int = 0
    bold: bool = False
    wide: int = 1
    tall: int = 1
    spacing: int = _SPACING
    qr_module: int = 3
    qr_level: int = 48
    qr_data: bytes = field(default=b"", repr=False)
    bar_height: int = 162
    bar_module: int = 3
    bar_text: int = 0


@dataclass
class Abilities:
    """What this model can do; cheap ones lack some of it."""

    chinese: bool = True
    qr: bool = True
    raster: bool = True


class Machine:
    """`execute` one command after the other; cut pieces come back from it."""

    def __init__(self, width: int) -> None:
        self.roll = Roll(width)
        self.mode = Mode()
        self.can = Abilities()
        self.lines = 0
        """Lines printed since power-on."""
        self._raw = bytearray()
        self._line: list[tuple[Dots, str]] = []
        self._filled = 0
        self._graphic: Image.Image | None = None
        self._font: Glyphs | None = None

    @property
    def _glyphs(self) -> Glyphs:
        if self._font is None:
            self._font = Glyphs()
        return self._font

    def power_on(self) -> None:
        self.mode = Mode()
        self.forget_line()

    def forget_line(self) -> None:
        """What stands in the print buffer and is not on paper."""
        self._clear()
        self._graphic = None

    @property
    def filling(self) -> bool:
        """Characters wait in the print buffer for the rest of their line."""
        return bool(self._line)

    def _put(self, dots: Dots, char: str) -> None:
        self._line.append((dots, char))
        self._filled += dots.width

    def _clear(self) -> None:
        self._line.clear()
        self._filled = 0

    def tear(self) -> Paper:
        piece = self.roll.tear(bytes(self._raw))
        self._raw.clear()
        return piece

    def execute(self, command: Command, raw: bytes) -> Paper | None:
        """Do what `command` says; a Paper when it cut one off. Unknown commands are skipped."""
        if command.name != "realtime":  # questions about the status are no part of the paper
            self._raw += raw
        try:
            return self._execute(command)
        except (IndexError, ValueError):
            # Arguments that are missing or out of range: machines skip such a command, and so does this one.
            return None

    def _execute(self, command: Command) -> Paper | None:
        if command.name == "text":
            self._char(command.args)
        elif command.name == "control":
            if command.args == b"\n":
                self._line_feed()
        elif command.name == "\x1dV":
            return self._cut(command.args)
        elif command.name in ("\x1bi", "\x1bm"):
            return self._cut(b"\x00")
        elif command.name.startswith("\x1b"):
            self._escape(command.name[1], command.args)
        elif command.name.startswith("\x1c"):
            self._chinese(command.name[1])
        elif command.name.startswith("\x1d"):
            self._group(command.name[1], command.args)
        return None

    # -- text ----------------------------------------------------------------------------------------------------------

    def _char(self, code: bytes) -> None:
        if len(code) == 2 and self.can.chinese:
            text = code.decode("gbk", "replace")
        else:
            text = "".join(chr(byte) if 0x20 <= byte < 0x7F else "?" for byte in code)
        mode = self.mode
        for char in text:
            width = GLYPH_DOTS if len(code) == 2 and self.can.chinese else cells(char) * CELL_DOTS
            if self._filled + width * mode.wide > self.roll.width:
                self._line_feed()
            self._put(self._cell(char, width, bold=mode.bold, wide=mode.wide, tall=mode.tall), char)

    def _cell(self, char: str, width: int, *, bold: bool = False, wide: int = 1, tall: int = 1) -> Dots:
        """A character in a cell `width` dots wide before it is stretched."""

        def draw() -> Image.Image:
            image = self._glyphs.glyph(char)
            if image.width != width:
                image = image.resize((width, image.height))
            if bold:
                struck = image.copy()
                struck.paste(1, (1, 0), image)
                image = struck
            return image if (wide, tall) == (1, 1) else image.resize((width * wide, LINE_DOTS * tall))

        return Dots(width * wide, LINE_DOTS * tall, draw)

    def _line_feed(self) -> None:
        if not self._line:
            self._advance(self.mode.spacing)
            return
        line, text = tuple(dots for dots, _ in self._line), "".join(char for _, char in self._line)
        height = max(dots.height for dots in line)
        strip = Dots(self._filled, height, partial(_strip, line, self._filled, height))
        # The glyph's cell has leading of a quarter of its height, which the paper movement need not include.
        move = max(self.mode.spacing, height * 4 // 5)
        self._clear()
        self._burn(strip, move, text)

    def _flush(self) -> None:
        if self._line:
            self._line_feed()

    def _burn(self, dots: Dots, move: int, text: str = "") -> None:
        x = {1: 1, 2: 2}.get(self.mode.align, 0) * (self.roll.width - dots.width) // 2
        self.roll.burn(dots, max(0, x), move, text)
        self.lines += 1

    def _advance(self, dots: int) -> None:
        self.roll.advance(dots)
        self.lines += 1

    def _cut(self, args: bytes) -> Paper:
        self._flush()
        feed = args[1] + CUTTER_DOTS if args[0] >= 65 else 0
        piece = self.roll.cut(bytes(self._raw), feed)
        self._raw.clear()
        return piece

    # -- settings ------------------------------------------------------------------------------------------------------

    def _escape(self, letter: str, args: bytes) -> None:
        mode = self.mode
        match letter:
            case "@":
                self._clear()
                self.mode = Mode()
            case "!":
                mode.bold = bool(args[0] & 0x08)
                mode.tall, mode.wide = (2 if args[0] & 0x10 else 1), (2 if args[0] & 0x20 else 1)
            case "E" | "G":
                mode.bold = bool(args[0] & 1)
            case "a":
                mode.align = args[0] % 48
            case "2":
                mode.spacing = _SPACING
            case "3":
                mode.spacing = args[0]
            case "d":
                self._flush()
                for _ in range(args[0]):
                    self._advance(mode.spacing)
            case "J":
                self._flush()
                self._advance(args[0])
            case "*":
                self._bit_image(args)

    def _chinese(self, letter: str) -> None:
        if letter in "&.":
            self.mode.kanji = letter == "&"

    def _group(self, letter: str, args: bytes) -> None:
        mode = self.mode
        match letter:
            case "!":
                mode.wide, mode.tall = (args[0] >> 4 & 7) + 1, (args[0] & 7) + 1
            case "h":
                mode.bar_height = args[0]
            case "w":
                mode.bar_module = args[0]
            case "H":
                mode.bar_text = args[0] % 48
            case "k":
                self._barcode(args)
            case "v":
                self._raster(args)
            case "(" if args[:1] == b"k":
                self._symbol(args[3:])
            case "(" if args[:1] == b"L":
                self._graphics(args[3:])
            case "8" if args[:1] == b"L":
                self._graphics(args[5:])

    # -- pictures and codes --------------------------------------------------------------------------------------------

    def _raster(self, args: bytes) -> None:
        """GS v 0 m xL xH yL yH d…"""
        self._flush()
        if not self.can.raster:
            for byte in args[6:]:  # the dots come out as nonsense letters
                self._char(bytes([byte]))
            return
        width, rows = int.from_bytes(args[2:4], "little") * 8, int.from_bytes(args[4:6], "little")
        if not width or not rows:
            return
        scale = args[1] % 48
        image = Image.frombytes("1", (width, rows), args[6:])
        image = image.resize((width * (2 if scale & 1 else 1), rows * (2 if scale & 2 else 1)))
        self._burn(Dots.of(image.crop((0, 0, min(image.width, self.roll.width), image.height))), image.height)

    def _bit_image(self, args: bytes) -> None:
        """ESC * m nL nH d…: columns of 8 or 24 dots, put into the line like characters."""
        deep = 3 if args[0] in (32, 33) else 1
        columns = int.from_bytes(args[1:3], "little")
        if not columns:
            return
        turned = Image.frombytes("1", (deep * 8, columns), args[3:])
        image = turned.transpose(Image.Transpose.TRANSPOSE)
        stretch_x, stretch_y = (1 if args[0] in (1, 33) else 2), (1 if deep == 3 else 3)
        self._put(Dots.of(image.resize((columns * stretch_x, deep * 8 * stretch_y))), "")

    def _graphics(self, args: bytes) -> None:
        """GS ( L: function 112 stores a raster picture, function 50 prints it."""
        if args[1:2] in (b"p", b"\x70"):
            width, rows = int.from_bytes(args[6:8], "little"), int.from_bytes(args[8:10], "little")
            image = Image.frombytes("1", ((width + 7) // 8 * 8, rows), args[10:])
            self._graphic = image.resize((image.width * args[3], image.height * args[4]))
        elif args[1:2] in (b"2", b"\x02") and self._graphic is not None:
            self._flush()
            self._burn(Dots.of(self._graphic), self._graphic.height)

    def _symbol(self, args: bytes) -> None:
        """GS ( k for QR codes (cn 49)."""
        if args[:1] != b"1" or not self.can.qr:
            return
        match args[1]:
            case 67:
                self.mode.qr_module = args[2]
            case 69:
                self.mode.qr_level = args[2]
            case 80:
                self.mode.qr_data = args[3:]
            case 81:
                self._print_qr()

    def _print_qr(self) -> None:
        import segno

        self._flush()
        if not self.mode.qr_data:
            return
        level = _QR_LEVELS.get(self.mode.qr_level, "l")
        # Any of the eight masks makes a valid symbol; finding the prettiest takes most of the time.
        symbol = segno.make(self.mode.qr_data, error=level, mask=3, micro=False, boost_error=False)
        side = len(symbol.matrix) * self.mode.qr_module
        text = "[qr] " + self.mode.qr_data.decode("utf-8", "replace")
        self._burn(Dots(side, side, partial(_squares, symbol.matrix, side)), side, text)

    def _barcode(self, args: bytes) -> None:
        """GS k; only Code 128 is drawn, of the others the kind is told."""
        self._flush()
        if args[0] != 73:
            self._burn(Dots.of(Image.new("1", (8, 8), 0)), self.mode.spacing, f"[barcode {args[0]}]")
            return
        try:
            bars, text = code128.modules(args[2:]), code128.symbols(args[2:])[1]
        except ValueError:
            return  # real machines print nothing for data they cannot encode
        module, height = self.mode.bar_module, self.mode.bar_height
        if len(bars) * module > self.roll.width:
            return
        self._burn(Dots(len(bars) * module, height, partial(_bars, bars, module, height)), height, "[code128] " + text)
        if self.mode.bar_text & 2:
            self._clear()
            for char in text:
                self._put(self._cell(char, cells(char) * CELL_DOTS), char)
            self._line_feed()


def _strip(line: Sequence[Dots], width: int, height: int) -> Image.Image:
    """Cells side by side, on one ground line."""
    strip, x = Image.new("1", (width, height), 0), 0
    for dots in line:
        strip.paste(dots.draw(), (x, height - dots.height))
        x += dots.width
    return strip


def _squares(matrix: Sequence[Sequence[int]], side: int) -> Image.Image:
    image = Image.new("1", (len(matrix), len(matrix)), 0)
    image.putdata([int(bool(dark)) for row in matrix for dark in row])
    return image.resize((side, side))


def _bars(bars: str, module: int, height: int) -> Image.Image:
    image = Image.new("1", (len(bars) * module, height), 0)
    for index, bar in enumerate(bars):
        if bar == "1":
            image.paste(1, (index * module, 0, (index + 1) * module, height))
    return image
