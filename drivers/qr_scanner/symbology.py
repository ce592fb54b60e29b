"""Names of symbologies, and the AIM identifiers (ISO/IEC 15424) by which engines and libraries tell them."""

from __future__ import annotations

import re
from enum import StrEnum


class Symbology(StrEnum):
    QR = "qr"
    """QR and Micro QR: AIM gives both the letter Q."""
    CODE128 = "code128"
    DATA_MATRIX = "data_matrix"
    PDF417 = "pdf417"
    AZTEC = "aztec"
    CODE39 = "code39"
    EAN = "ean"
    ITF = "itf"
    UNKNOWN = "unknown"
    """The engine did not say."""


_BY_LETTER = {
    "Q": Symbology.QR,
    "C": Symbology.CODE128,
    "d": Symbology.DATA_MATRIX,
    "L": Symbology.PDF417,
    "z": Symbology.AZTEC,
    "A": Symbology.CODE39,
    "E": Symbology.EAN,
    "I": Symbology.ITF,
}
_AIM = re.compile(rb"\][A-Za-z][0-9A-Za-z]")


def by_identifier(identifier: str) -> Symbology:
    """`]Q1` → QR."""
    return _BY_LETTER.get(identifier[1:2], Symbology.UNKNOWN) if identifier.startswith("]") else Symbology.UNKNOWN


def split_identifier(raw: bytes) -> tuple[Symbology, bytes]:
    """Take the AIM prefix off, for engines that are set to send one."""
    if _AIM.match(raw):
        return by_identifier(raw[:3].decode("ascii")), raw[3:]
    return Symbology.UNKNOWN, raw
