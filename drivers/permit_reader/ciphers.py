"""The ciphers of travel documents: key derivation, 3DES with the retail MAC, AES with CMAC.

Source: ICAO Doc 9303-11 §4.3, §4.4, §9.7, §9.8; ISO/IEC 9797-1 MAC algorithm 3 and padding method 2.
`cryptography` wants three DES keys: two-key 3DES is K1 K2 K1, single DES is K K K.
"""

from __future__ import annotations

import hashlib
from enum import Enum
from typing import Protocol

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

from kiosk.domain.permit import ChipKey

ENC, MAC, PACE = 1, 2, 3
"""Counters of the key derivation."""
MAC_SIZE = 8
_PARITY = bytes(b ^ (b.bit_count() + 1 & 1) for b in range(256))
_WEIGHTS = (7, 3, 1)
_ZERO = bytes(16)


class Kind(Enum):
    """By the last number of a PACE protocol's object identifier; BAC is DES3."""

    DES3 = 1
    AES128 = 2
    AES192 = 3
    AES256 = 4


class Suite(Protocol):
    """One pair of session keys."""

    block: int

    def encrypt(self, data: bytes, ssc: bytes | None = None) -> bytes:
        """`data` fills whole blocks. `ssc`: the send sequence counter where the start value depends on it."""
        ...

    def decrypt(self, data: bytes, ssc: bytes | None = None) -> bytes: ...

    def mac(self, data: bytes) -> bytes:
        """Eight bytes over `data`, which the caller has padded where the protocol says so (3DES: always whole blocks)."""
        ...


def check_digit(text: str) -> str:
    """ICAO Doc 9303-3 §4.9: weights 7 3 1, A=10 … Z=35, filler 0. Raises ValueError for any other character."""
    total = sum(int("0" if c == "<" else c, 36) * _WEIGHTS[i % 3] for i, c in enumerate(text))
    return str(total % 10)


def key_seed(key: ChipKey) -> bytes:
    """SHA-1 of number, birth and expiry with their check digits. PACE takes all 20 bytes, BAC the first 16.

    Raises ValueError for characters that no machine-readable zone has.
    """
    number = key.number.upper().ljust(9, "<")
    text = "".join(part + check_digit(part) for part in (number, key.birth, key.expiry))
    return hashlib.sha1(text.encode("ascii"), usedforsecurity=False).digest()


def odd_parity(key: bytes) -> bytes:
    return key.translate(_PARITY)


def derive(secret: bytes, counter: int, kind: Kind) -> bytes:
    data = secret + counter.to_bytes(4, "big")
    if kind in (Kind.DES3, Kind.AES128):
        key = hashlib.sha1(data, usedforsecurity=False).digest()[:16]
        return odd_parity(key) if kind is Kind.DES3 else key
    return hashlib.sha256(data).digest()[: 24 if kind is Kind.AES192 else 32]


def suite(kind: Kind, enc: bytes, mac: bytes) -> Suite:
    return Des3(enc, mac) if kind is Kind.DES3 else Aes(enc, mac)


def session(kind: Kind, secret: bytes) -> Suite:
    """The session keys of a shared secret."""
    return suite(kind, derive(secret, ENC, kind), derive(secret, MAC, kind))


def pad(data: bytes, block: int) -> bytes:
    """80, then zeros up to a whole block; always at least one byte."""
    return data + b"\x80" + bytes(-(len(data) + 1) % block)


def unpad(data: bytes) -> bytes:
    """Raises ValueError when there is no padding."""
    bare = data.rstrip(b"\0")
    if not bare.endswith(b"\x80"):
        raise ValueError("the padding is wrong")
    return bare[:-1]


class Des3:
    block = 8

    def __init__(self, enc: bytes, mac: bytes) -> None:
        self._cipher = Cipher(TripleDES(enc + enc[:8]), modes.CBC(bytes(8)))
        self._first = TripleDES(mac[:8] * 3)
        self._last = TripleDES(mac + mac[:8])

    def encrypt(self, data: bytes, ssc: bytes | None = None) -> bytes:
        del ssc
        return self._cipher.encryptor().update(data)

    def decrypt(self, data: bytes, ssc: bytes | None = None) -> bytes:
        del ssc
        return self._cipher.decryptor().update(data)

    def mac(self, data: bytes) -> bytes:
        """Single DES over all blocks but the last, 3DES over that one."""
        chain = bytes(8)
        if len(data) > 8:
            chain = Cipher(self._first, modes.CBC(chain)).encryptor().update(data[:-8])[-8:]
        return Cipher(self._last, modes.CBC(chain)).encryptor().update(data[-8:])


class Aes:
    block = 16

    def __init__(self, enc: bytes, mac: bytes) -> None:
        self._key, self._mac_key = AES(enc), AES(mac)
        self._start = Cipher(self._key, modes.ECB())

    def encrypt(self, data: bytes, ssc: bytes | None = None) -> bytes:
        return Cipher(self._key, modes.CBC(self._iv(ssc))).encryptor().update(data)

    def decrypt(self, data: bytes, ssc: bytes | None = None) -> bytes:
        return Cipher(self._key, modes.CBC(self._iv(ssc))).decryptor().update(data)

    def mac(self, data: bytes) -> bytes:
        made = CMAC(self._mac_key)
        made.update(data)
        return made.finalize()[:MAC_SIZE]

    def _iv(self, ssc: bytes | None) -> bytes:
        return _ZERO if ssc is None else self._start.encryptor().update(ssc)
