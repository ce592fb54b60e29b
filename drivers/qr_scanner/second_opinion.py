"""pyzbar, asked only where zxing found nothing. It finds some steeply tilted codes that zxing samples wrongly.

It guesses a character set for bytes above 0x7F and gives the guess back as UTF-8, even for payloads that were UTF-8 before. So
its text is taken only when it cannot have been altered. For the rest it only says *where* the code is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import structlog

from drivers.qr_scanner.rectify import Grey, Point
from drivers.qr_scanner.symbology import Symbology

_GUESSES = ("cp932", "shift_jis", "big5", "latin-1", "cp1252")
"""The character sets zbar guesses between, besides UTF-8."""
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Opinion:
    """One code as zbar sees it. `corners` are four points around it, in no promised order of the symbol's own."""

    data: bytes = field(repr=False)
    trusted: bool
    symbology: Symbology
    corners: tuple[Point, Point, Point, Point]


class SecondOpinion:
    """Without the system's libzbar0 there is no second opinion; that is told once in the log."""

    def __init__(self, formats: frozenset[Symbology]) -> None:
        self._decode: Callable[..., Any] | None = None
        self._symbols: list[Any] = []
        self._kinds: dict[str, Symbology] = {}
        try:
            from pyzbar import pyzbar
        except ImportError as error:
            _log.warning("qr_second_opinion_missing", reason=type(error).__name__)
            return
        wanted = {Symbology.QR: pyzbar.ZBarSymbol.QRCODE, Symbology.CODE128: pyzbar.ZBarSymbol.CODE128}
        self._decode = pyzbar.decode
        self._symbols = [kind for symbology, kind in wanted.items() if symbology in formats]
        self._kinds = {kind.name: symbology for symbology, kind in wanted.items()}

    def read(self, grey: Grey) -> Iterator[Opinion]:
        if self._decode is None or not self._symbols:
            return
        for code in self._decode(grey, symbols=self._symbols):
            if code.type not in self._kinds:
                continue
            data = bytes(code.data)
            box = code.rect
            right, bottom = box.left + box.width, box.top + box.height
            corners = ((box.left, box.top), (right, box.top), (right, bottom), (box.left, bottom))
            if len(code.polygon) == 4:
                first, second, third, fourth = ((float(point.x), float(point.y)) for point in code.polygon)
                corners = (first, second, third, fourth)
            yield Opinion(data, is_unaltered(data), self._kinds[code.type], corners)


def is_unaltered(data: bytes) -> bool:
    """True when zbar's UTF-8 output is surely what the symbol held.

    ASCII is never touched. Other text is a guess's product only if that guess can encode it; text that none of the guesses
    can encode was UTF-8 in the symbol already.
    """
    if data.isascii():
        return True
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not any(_encodes(text, guess) for guess in _GUESSES)


def _encodes(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
