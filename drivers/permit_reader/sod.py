"""EF.SOD: the digests of the data groups inside a CMS SignedData (ICAO Doc 9303-10 §4.6.2, RFC 5652).

Only the digests are compared. Who signed is not judged: the certificates of this document belong to the state.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

from drivers.permit_reader.tlv import TlvError, need, only, walk

SIGNED_DATA: Final = bytes.fromhex("2A864886F70D010702")
SECURITY_OBJECT: Final = bytes.fromhex("678108010101")
HASHES: Final = {
    bytes.fromhex("2B0E03021A"): "sha1",
    bytes.fromhex("608648016503040204"): "sha224",
    bytes.fromhex("608648016503040201"): "sha256",
    bytes.fromhex("608648016503040202"): "sha384",
    bytes.fromhex("608648016503040203"): "sha512",
}
_SEQUENCE, _OID, _OCTETS, _PARTS, _EXPLICIT = 0x30, 0x06, 0x04, 0x24, 0xA0


def listed_digests(sod: bytes) -> tuple[str, dict[int, bytes]]:
    """Name of the digest algorithm, and the digest by data group number. Raises TlvError."""
    outer = only(only(sod, 0x77), _SEQUENCE)
    if need(outer, _OID) != SIGNED_DATA:
        raise TlvError("no signed data")
    signed = need(need(outer, _EXPLICIT), _SEQUENCE)
    content = need(need(signed, _SEQUENCE), _EXPLICIT)
    tag, value = next(walk(content), (0, b""))
    if tag == _PARTS:
        value = b"".join(part for _, part in walk(value))
    elif tag != _OCTETS:
        raise TlvError("no signed content")
    parts = [part for _, part in walk(only(value, _SEQUENCE))]
    if len(parts) < 3:
        raise TlvError("the security object is too short")
    algorithm = HASHES.get(need(parts[1], _OID))
    if algorithm is None:
        raise TlvError("an unknown digest algorithm")
    digests: dict[int, bytes] = {}
    for tag, entry in walk(parts[2]):
        if tag != _SEQUENCE:
            raise TlvError("a digest is no sequence")
        digests[int.from_bytes(need(entry, 0x02), "big")] = need(entry, _OCTETS)
    return algorithm, digests


def hashes_fit(sod: bytes, groups: Mapping[int, bytes]) -> bool:
    """Whether every one of the data groups is listed with its digest; False too when EF.SOD cannot be understood."""
    try:
        algorithm, digests = listed_digests(sod)
    except TlvError:
        return False
    return all(
        hmac.compare_digest(hashlib.new(algorithm, data, usedforsecurity=False).digest(), digests.get(number, b""))
        for number, data in groups.items()
    )
