"""Codes in a camera picture. zxing-cpp reads them; pyzbar gives a second opinion where zxing found nothing.

Order of attempts, cheapest first; the first that finds something ends the search (milliseconds for 1280×720, one core):
QR as it is, with another look at slanted ones (1-2) · sharpened, against defocus (3) · with local contrast, against glare
(4) · the other formats that are configured (8) · pyzbar (15-20). The pictures are only looked at, never kept.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
import structlog
import zxingcpp

from drivers.qr_scanner.decode_options import DecodeOptions
from drivers.qr_scanner.rectify import Grey, deskewed, squared
from drivers.qr_scanner.second_opinion import SecondOpinion
from drivers.qr_scanner.symbology import Symbology, by_identifier
from drivers.qr_scanner.text import MAX_CODE_BYTES

_log = structlog.get_logger(__name__)

Corners = tuple[tuple[int, int], tuple[int, int], tuple[int, int], tuple[int, int]]

_NAMES: dict[Symbology, str] = {
    Symbology.QR: "QRCode,MicroQRCode",
    Symbology.CODE128: "Code128",
    Symbology.DATA_MATRIX: "DataMatrix",
    Symbology.PDF417: "PDF417",
}


@dataclass(frozen=True, slots=True)
class Symbol:
    """One code in a picture. `corners` go clockwise from the symbol's own top left, in pixels."""

    raw: bytes = field(repr=False)
    symbology: Symbology
    corners: Corners

    @property
    def area(self) -> float:
        """Square pixels."""
        sides = zip(self.corners, (*self.corners[1:], self.corners[0]), strict=True)
        return abs(sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in sides)) / 2


class Decoder:
    """Reads codes with fixed options. Holds no picture and no result; may be used from any one thread at a time."""

    def __init__(self, options: DecodeOptions = DecodeOptions()) -> None:  # noqa: B008 - frozen
        self.options = options
        self._qr = self._formats({Symbology.QR} & options.formats)
        self._others = self._formats(options.formats - {Symbology.QR})
        self._zbar = SecondOpinion(options.formats) if options.second_opinion else None

    def decode(self, bgr: bytes | memoryview, width: int, height: int) -> list[Symbol]:
        """All codes of a BGR picture, the largest first. Raises ValueError when the bytes are not width×height×3."""
        if width < 1 or height < 1 or len(bgr) != width * height * 3:
            raise ValueError(f"a picture of {width}×{height} has {width * height * 3} bytes, not {len(bgr)}")
        picture = np.frombuffer(bgr, np.uint8).reshape(height, width, 3)
        return self.decode_grey(np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8))

    def decode_grey(self, grey: Grey) -> list[Symbol]:
        for attempt in self._attempts(grey):
            if found := list(_sensible(attempt())):
                return sorted(found, key=lambda symbol: -symbol.area)
        return []

    def _attempts(self, grey: Grey) -> Iterator[Callable[[], Iterable[Symbol]]]:
        if self._qr:
            yield lambda: self._qr_codes(grey)
            if self.options.enhance:
                yield lambda: self._qr_codes(_sharpened(grey))
                yield lambda: self._qr_codes(_evened(grey))
        if self._others:
            yield lambda: map(_symbol, self._zxing(grey, self._others))
        if self._zbar is not None:
            yield lambda: self._second(grey)

    def _qr_codes(self, grey: Grey) -> Iterator[Symbol]:
        """QR codes as zxing reads them; one it finds and cannot read is turned upright and tried once more."""
        for code in self._zxing(grey, self._qr, errors=self.options.enhance):
            if code.valid:
                yield _symbol(code)
                continue
            corners = _corners(code)
            upright = deskewed(grey, corners[0], corners[1], corners[3])
            if upright is not None:
                for again in self._zxing(upright, self._qr):
                    yield Symbol(bytes(again.bytes), _symbology(again), corners)

    def _second(self, grey: Grey) -> Iterator[Symbol]:
        """What zbar sees: read by zxing once more where zbar says it is, else in zbar's words if they can be trusted."""
        for opinion in self._zbar.read(grey) if self._zbar else ():
            first, second, third, fourth = ((round(x), round(y)) for x, y in opinion.corners)
            corners = (first, second, third, fourth)
            upright = squared(grey, opinion.corners) if opinion.symbology is Symbology.QR else None
            again = self._zxing(upright, self._qr) if upright is not None else []
            if again:
                yield Symbol(bytes(again[0].bytes), _symbology(again[0]), corners)
            elif opinion.trusted:
                yield Symbol(opinion.data, opinion.symbology, corners)

    def _zxing(self, grey: Grey, formats: Any, *, errors: bool = False) -> list[Any]:
        options = self.options
        return list(
            zxingcpp.read_barcodes(
                grey,
                formats=formats,
                try_rotate=options.try_rotate,
                try_downscale=options.try_downscale,
                try_invert=options.try_invert,
                return_errors=errors,
            )
        )

    @staticmethod
    def _formats(wanted: Iterable[Symbology]) -> Any:
        names = ",".join(_NAMES[symbology] for symbology in sorted(wanted))
        return zxingcpp.barcode_formats_from_str(names) if names else None


def _corners(code: Any) -> Corners:
    at = code.position
    top_left, top_right, bottom_right, bottom_left = (
        (int(point.x), int(point.y)) for point in (at.top_left, at.top_right, at.bottom_right, at.bottom_left)
    )
    return top_left, top_right, bottom_right, bottom_left


def _symbology(code: Any) -> Symbology:
    return by_identifier(code.symbology_identifier)


def _symbol(code: Any) -> Symbol:
    return Symbol(bytes(code.bytes), _symbology(code), _corners(code))


_local = threading.local()


def decode(bgr: bytes, width: int, height: int, options: DecodeOptions = DecodeOptions()) -> list[Symbol]:  # noqa: B008
    """All codes of one BGR picture, the largest first. Raises ValueError when the bytes are not width×height×3."""
    decoder: Decoder | None = getattr(_local, "decoder", None)
    if decoder is None or decoder.options != options:
        decoder = _local.decoder = Decoder(options)
    return decoder.decode(bgr, width, height)


def _sensible(symbols: Iterable[Symbol]) -> Iterator[Symbol]:
    for symbol in symbols:
        if len(symbol.raw) > MAX_CODE_BYTES:
            _log.warning("qr_code_too_long", size=len(symbol.raw))
        elif symbol.raw:
            yield symbol


def _sharpened(grey: Grey) -> Grey:
    return np.asarray(cv2.addWeighted(grey, 4.0, cv2.GaussianBlur(grey, (0, 0), 3.0), -3.0, 0), np.uint8)


def _evened(grey: Grey) -> Grey:
    return np.asarray(cv2.createCLAHE(4.0, (8, 8)).apply(grey), np.uint8)
