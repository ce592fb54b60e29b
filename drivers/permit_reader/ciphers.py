"""The ciphers of travel documents: key derivation, 3DES with the retail MAC, AES with CMAC.

Source: ICAO Doc 9303-11 §4.3, §4.4, §9.7, §9.8; ISO/IEC 9797-1 MAC algorithm 3 and padding method 2.
`cryptography` wants three DES keys: two-key 3DES is K1 K2 K1, single DES is K K K.
"""

from __future__ import annotations

import hashlib
from enum import Enum
from typing import Protocol

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, CipherAlgorithm, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

from kiosk.domain.permit import ChipKey

ENC, MAC, PACE = 1, 2, 3
"""Counters of the key derivation."""
MAC_SIZE = 8
_PARITY = bytes(b ^ (b.bit_count() + 1 & 1) for b in range(256))
_WEIGHTS = (7, 3, 1)


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


class _Chain:
    """CBC without making a cipher object per message, which costs more than a message: one context goes on for ever, and what it
    carries over from the message before is taken out of the first block again."""

    def __init__(self, algorithm: CipherAlgorithm, block: int, *, decrypt: bool = False) -> None:
        cipher = Cipher(algorithm, modes.CBC(bytes(block)))
        self._context = cipher.decryptor() if decrypt else cipher.encryptor()
        self._decrypt = decrypt
        self._block = block
        self._last = 0

    def run(self, data: bytes, start: int = 0) -> bytes:
        """`data` fills whole blocks; `start` is the start value as a number."""
        block, turn = self._block, self._last ^ start
        if self._decrypt:
            plain = self._context.update(data)
            self._last = int.from_bytes(data[-block:], "big")
            return (int.from_bytes(plain[:block], "big") ^ turn).to_bytes(block, "big") + plain[block:]
        first = (int.from_bytes(data[:block], "big") ^ turn).to_bytes(block, "big")
        sealed = self._context.update(first + data[block:])
        self._last = int.from_bytes(sealed[-block:], "big")
        return sealed


class Des3:
    block = 8

    def __init__(self, enc: bytes, mac: bytes) -> None:
        key = TripleDES(enc + enc[:8])
        self._sealing, self._opening = _Chain(key, 8), _Chain(key, 8, decrypt=True)
        self._first = _Chain(TripleDES(mac[:8] * 3), 8)
        self._last = _Chain(TripleDES(mac + mac[:8]), 8)

    def encrypt(self, data: bytes, ssc: bytes | None = None) -> bytes:
        del ssc
        return self._sealing.run(data)

    def decrypt(self, data: bytes, ssc: bytes | None = None) -> bytes:
        del ssc
        return self._opening.run(data)

    def mac(self, data: bytes) -> bytes:
        """Single DES over all blocks but the last, 3DES over that one."""
        chained = int.from_bytes(self._first.run(data[:-8])[-8:], "big") if len(data) > 8 else 0
        return self._last.run(data[-8:], chained)


class Aes:
    block = 16

    def __init__(self, enc: bytes, mac: bytes) -> None:
        key = AES(enc)
        self._mac_key = AES(mac)
        self._sealing, self._opening = _Chain(key, 16), _Chain(key, 16, decrypt=True)
        # One block at a time: the start value of CBC is E(K, SSC).
        self._start = Cipher(key, modes.ECB()).encryptor()

    def encrypt(self, data: bytes, ssc: bytes | None = None) -> bytes:
        return self._sealing.run(data, self._start_value(ssc))

    def decrypt(self, data: bytes, ssc: bytes | None = None) -> bytes:
        return self._opening.run(data, self._start_value(ssc))

    def mac(self, data: bytes) -> bytes:
        made = CMAC(self._mac_key)
        made.update(data)
        return made.finalize()[:MAC_SIZE]

    def _start_value(self, ssc: bytes | None) -> int:
        return 0 if ssc is None else int.from_bytes(self._start.update(ssc), "big")
