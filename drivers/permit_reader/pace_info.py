"""EF.CardAccess: which PACE protocols a chip offers (ICAO Doc 9303-11 §9.2), and which of them we speak."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from drivers.permit_reader import curves
from drivers.permit_reader.ciphers import Kind
from drivers.permit_reader.tlv import TlvError, only, tlv, walk

FAMILY: Final = bytes.fromhex("04007F000702020" + "4")
"""id-PACE, 0.4.0.127.0.7.2.2.4; one number for the mapping and one for the cipher follow."""
GENERIC, WITH_CHIP_AUTHENTICATION = 2, 6
"""ECDH with generic mapping; the latter maps alike and adds a proof that we do not ask for."""
_VERSION = 2


@dataclass(frozen=True, slots=True)
class PaceInfo:
    oid: bytes
    """Value of the object identifier."""
    kind: Kind
    parameter: int
    """Number of the standardised domain parameters."""


def encode_info(info: PaceInfo) -> bytes:
    return tlv(0x30, tlv(0x06, info.oid), tlv(0x02, bytes((_VERSION,))), tlv(0x02, bytes((info.parameter,))))


def protocol(kind: Kind, mapping: int = GENERIC) -> bytes:
    return FAMILY + bytes((mapping, kind.value))


def parse_card_access(data: bytes) -> tuple[list[PaceInfo], int]:
    """The offers we can take, in the chip's order, and how many offers of PACE there were in all. Raises TlvError."""
    ours: list[PaceInfo] = []
    offers = 0
    for tag, value in walk(only(data, 0x31)):
        if tag != 0x30:
            raise TlvError("a security info is no sequence")
        parts = [part for _, part in walk(value)]
        if len(parts) < 2 or not parts[0].startswith(FAMILY) or len(parts[0]) != len(FAMILY) + 2:
            continue
        offers += 1
        mapping, cipher = parts[0][-2], parts[0][-1]
        parameter = int.from_bytes(parts[2], "big") if len(parts) > 2 else -1
        known = cipher in (kind.value for kind in Kind) and parameter in curves.NUMBERS
        if known and mapping in (GENERIC, WITH_CHIP_AUTHENTICATION) and parts[1] == bytes((_VERSION,)):
            ours.append(PaceInfo(parts[0], Kind(cipher), parameter))
    return ours, offers


def best(infos: list[PaceInfo]) -> PaceInfo | None:
    """Plain generic mapping before the one with chip authentication; else the chip's own order."""
    return next((info for info in infos if info.oid[-2] == GENERIC), infos[0] if infos else None)
