"""EF.SOD of a virtual permit: a CMS SignedData over the digests, without certificate and without signature.

The structure is complete and the digests are right; the set of signers is empty, as RFC 5652 §5.2 allows. Nobody's key is imitated.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from drivers.permit_reader.sod import SECURITY_OBJECT, SIGNED_DATA
from drivers.permit_reader.tlv import tlv

_SHA256 = tlv(0x30, tlv(0x06, bytes.fromhex("608648016503040201")), tlv(0x05))


def signed_object(groups: Mapping[int, bytes]) -> bytes:
    """`groups`: the data groups by number (ICAO Doc 9303-10, app. D: LDSSecurityObject version 0)."""
    digests = (
        tlv(0x30, tlv(0x02, bytes((number,))), tlv(0x04, hashlib.sha256(data).digest()))
        for number, data in sorted(groups.items())
    )
    content = tlv(0x30, tlv(0x02, b"\0"), _SHA256, tlv(0x30, *digests))
    inner = tlv(0x30, tlv(0x06, SECURITY_OBJECT), tlv(0xA0, tlv(0x04, content)))
    signed = tlv(0x30, tlv(0x02, b"\x03"), tlv(0x31, _SHA256), inner, tlv(0x31))
    return tlv(0x77, tlv(0x30, tlv(0x06, SIGNED_DATA), tlv(0xA0, signed)))
