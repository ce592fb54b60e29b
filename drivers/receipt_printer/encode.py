"""A slip as ESC/POS bytes for one printer.

Text goes as GBK in Chinese mode (FS &) as long as the printer's own font can be trusted with every character of the line,
else that line is drawn here and sent as dots. Blocking (fonts, PIL); call it from a worker.
"""

from __future__ import annotations

import io
from dataclasses import replace

import structlog
from PIL import Image, UnidentifiedImageError

from drivers.receipt_printer import code128
from drivers.receipt_printer.charset import clean, defuse_realtime, encode_text, has_realtime
from drivers.receipt_printer.commands import Commands
from drivers.receipt_printer.glyphs import GLYPH_DOTS, LINE_DOTS, Glyphs
from drivers.receipt_printer.layout import CELL_DOTS, TextLine, lay_out
from drivers.receipt_printer.options import EncodeOptions
from drivers.receipt_printer.ticket import DOTS_PER_MM, Piece, Ticket
from kiosk.domain.slip import Align, Barcode, Feed, Picture, QrCode, Rule, Slip

log = structlog.get_logger(__name__)

_BARCODE_HEIGHT = 72
_MAX_PIXELS = 16_000_000
_BAND_ROWS = 96
"""Rows per GS v 0: small enough for any receive buffer, and yH stays 0."""
_RULE_SPACE = 10
_END_LINES = 6
"""Fed before the cut: the knife sits above the head."""
_LARGE_SPACE = 12
"""Double-height letters fill their line; the next one would touch them."""
_QUIET = 24
"""White above and below a QR code, in dots; the paper's own margins are its white left and right."""
_INK_BELOW = 160
"""Grey level below which a dot is burnt: thin pen strokes survive scaling down."""


class Encoder:
    """Turns slips into bytes for one printer; keeps the font, so that the second slip is quick.

    Raises ValueError for a slip that cannot be printed as it is (a picture that is none, control characters in a code)
    and DeviceError CONFIG when a line must be drawn and there is no font.
    """

    def __init__(self, options: EncodeOptions) -> None:
        self.options = options
        self._dots = options.columns * CELL_DOTS
        self._commands = Commands()
        self._font: Glyphs | None = None

    @property
    def _glyphs(self) -> Glyphs:
        if self._font is None:
            self._font = Glyphs(self.options.fonts)
        return self._font

    def encode(self, slip: Slip) -> Ticket:
        """Whole commands, in order, from initialise to cut."""
        parts = [Piece(self._commands.start())]
        for line in lay_out(slip, self.options.columns, self._prepare):
            match line:
                case TextLine():
                    parts += self._text(line)
                case Rule():
                    parts += self._rule(line)
                case QrCode():
                    parts += self._qr(line.data)
                case Barcode():
                    parts += self._barcode(line.data)
                case Picture():
                    parts += self._picture(line)
                case Feed():
                    lines = max(0, line.lines)
                    parts.append(Piece(self._commands.feed(lines), lines * LINE_DOTS))
        parts.append(Piece(self._commands.end(self.options.cut), _END_LINES * LINE_DOTS, self.options.cut != "none"))
        pieces = tuple(part for part in parts if part.data)
        if any(has_realtime(piece.data) for piece in pieces):
            raise ValueError("the slip would hold a real-time command")
        return Ticket(pieces)

    def _prepare(self, text: str) -> str:
        return clean(text, self._drawable)

    def _drawable(self, char: str) -> bool:
        return self._glyphs.has(char)

    def _text(self, line: TextLine) -> list[Piece]:
        if self.options.text == "gbk":
            data = encode_text(line.text, self.options.known)
            if data is not None:
                styled = Piece(self._commands.styled(data, line.align, line.bold, line.size), _line_advance(line.size))
                return [styled] if line.size == 1 else [styled, self._space(_LARGE_SPACE)]
        return self._dots_of(self._glyphs.line(line, self._dots))

    def _space(self, dots: int) -> Piece:
        return Piece(self._commands.space(dots), dots)

    def _rule(self, rule: Rule) -> list[Piece]:
        if self.options.text == "gbk" and rule.style == "dashed":
            return self._text(TextLine("-" * self.options.columns))
        # Drawn: the box characters of printer fonts leave gaps.
        strip = Image.new("1", (self._dots, 2), 0)
        if rule.style == "solid":
            strip.paste(1, (0, 0, self._dots, 2))
        for x in range(0, self._dots, CELL_DOTS):
            strip.paste(1, (x, 0, x + 8, 2))
        space = self._space(_RULE_SPACE)
        return [space, *self._dots_of(strip), space]

    def _qr(self, data: str) -> list[Piece]:
        import segno

        if not data or any(ord(char) < 32 for char in data):
            raise ValueError("a QR code takes text without control characters")
        symbol = segno.make(data.encode(), error="m", micro=False, boost_error=False)
        modules = int(symbol.symbol_size(border=0)[0])
        module = max(3, min(8, self._dots * 6 // 10 // modules))
        if modules * module > self._dots:
            raise ValueError("the QR code is wider than the paper")
        space = self._space(_QUIET)
        if self.options.qr == "native":
            return [space, Piece(self._commands.qr_code(data, module), modules * module), space]
        side = modules * module
        strip = Image.new("1", (self._dots, side), 0)
        left = (self._dots - side) // 2
        for row, bits in enumerate(symbol.matrix):
            for column, dark in enumerate(bits):
                if dark:
                    x, y = left + column * module, row * module
                    strip.paste(1, (x, y, x + module, y + module))
        return [space, *self._dots_of(strip), space]

    def _barcode(self, data: str) -> list[Piece]:
        payload = code128.payload(data)
        bars = code128.modules(payload)
        module = next((width for width in (3, 2) if (len(bars) + 20) * width <= self._dots), 0)
        if not module:
            # Too long for this paper: the number itself is what the citizen needs, so it is printed without bars.
            log.warning("barcode_too_wide", modules=len(bars), dots=self._dots)
            return self._text(TextLine(data[: self.options.columns], "center"))
        if self.options.barcode == "native":
            space = self._space(_RULE_SPACE)
            bars_and_digits = self._commands.code128(payload, module, _BARCODE_HEIGHT)
            return [space, Piece(bars_and_digits, _BARCODE_HEIGHT + LINE_DOTS), space]
        strip = Image.new("1", (self._dots, _BARCODE_HEIGHT), 0)
        left = (self._dots - len(bars) * module) // 2
        for index, bar in enumerate(bars):
            if bar == "1":
                strip.paste(1, (left + index * module, 0, left + (index + 1) * module, _BARCODE_HEIGHT))
        return [*self._dots_of(strip), *self._text(TextLine(data[: self.options.columns], "center"))]

    def _picture(self, picture: Picture) -> list[Piece]:
        try:
            with Image.open(io.BytesIO(picture.png)) as opened:
                if opened.width * opened.height > _MAX_PIXELS:
                    raise ValueError("the picture is too large")
                rgba = opened.convert("RGBA")
        except (UnidentifiedImageError, OSError, Image.DecompressionBombError, SyntaxError) as error:
            raise ValueError("the picture cannot be read") from error
        grey = Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("L")
        limit = max(8, min(self._dots, round(picture.width_mm * DOTS_PER_MM)))
        if grey.width > limit:
            grey = grey.resize((limit, max(1, round(grey.height * limit / grey.width))), Image.Resampling.BOX)
        ink = grey.point([255 if level < _INK_BELOW else 0 for level in range(256)]).convert("1")
        free = self._dots - ink.width
        strip = Image.new("1", (self._dots, ink.height), 0)
        strip.paste(ink, (_offset(picture.align, free), 0))
        return self._dots_of(strip)

    def _dots_of(self, strip: Image.Image) -> list[Piece]:
        """GS v 0 bands of a strip as wide as the paper; blank dots at its right are not sent."""
        box = strip.getbbox()
        width = (box[2] + 7) // 8 * 8 if box else 8
        bands = []
        for top in range(0, strip.height, _BAND_ROWS):
            band = strip.crop((0, top, width, min(top + _BAND_ROWS, strip.height)))
            dots = self._commands.raster(width // 8, band.height, defuse_realtime(band.tobytes()))
            bands.append(Piece(dots, band.height))
        return bands


def encode(slip: Slip, options: EncodeOptions | None = None) -> Ticket:
    """One slip, once; see `Encoder`."""
    return Encoder(options or EncodeOptions()).encode(slip)


def encode_raster(slip: Slip, options: EncodeOptions | None = None) -> Ticket:
    """The same slip with everything drawn, for printers without a Chinese font and for comparison."""
    return encode(slip, replace(options or EncodeOptions(), text="raster", qr="raster", barcode="raster"))


def _line_advance(size: int) -> int:
    """Printers move the paper by the line's letters where those are higher than the line spacing."""
    return LINE_DOTS if size == 1 else GLYPH_DOTS * size


def _offset(align: Align, free: int) -> int:
    return {"left": 0, "center": free // 2, "right": free}[align]
