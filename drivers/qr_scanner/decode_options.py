"""What to look for in a picture, apart from the libraries that look: settings are read before those are loaded."""

from __future__ import annotations

from dataclasses import dataclass

from drivers.qr_scanner.symbology import Symbology

FORMATS = frozenset({Symbology.QR, Symbology.CODE128, Symbology.DATA_MATRIX, Symbology.PDF417})


@dataclass(frozen=True, slots=True)
class DecodeOptions:
    formats: frozenset[Symbology] = frozenset({Symbology.QR, Symbology.CODE128})
    """Any of QR, CODE128, DATA_MATRIX, PDF417."""
    enhance: bool = True
    """Try again on a sharpened and on a contrast-evened picture."""
    second_opinion: bool = True
    try_rotate: bool = True
    """Also look for linear codes that stand upright."""
    try_downscale: bool = True
    try_invert: bool = True

    def __post_init__(self) -> None:
        if not self.formats or not self.formats <= FORMATS:
            raise ValueError(f"formats must be some of {', '.join(sorted(FORMATS))}")
