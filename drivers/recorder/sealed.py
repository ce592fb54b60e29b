"""A file at rest: AES-256-GCM piece by piece, so that an hour of film never lies in memory and never plain on the disk.

    OTREC 00 00 01 · 16 bytes of salt · pieces: length (4 bytes, big-endian) · nonce (12) · sealed bytes with tag

Every piece is bound to its file, its place, and to whether it is the last: pieces cannot be exchanged, left out or cut off unnoticed.
The key of a file is derived from the machine's ledger key and the file's salt. The first piece has a fixed size and is written once
more at the end. Blocking; for threads.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO

MAGIC = b"OTREC\x00\x00\x01"
PIECE = 256 * 1024
_SALT, _NONCE, _TAG = 16, 12, 16
_MOST = 16 * 1024 * 1024
"""A longer piece was not written by us."""


class SealBroken(ValueError):
    """It was altered or cut off, or the key is another; one sentence."""


def _aead(key: bytes, salt: bytes) -> object:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    root = hmac.digest(key, b"onetrip recording", hashlib.sha256)
    return AESGCM(hmac.digest(root, salt, hashlib.sha256))


def _place(salt: bytes, index: int, last: bool) -> bytes:
    return salt + struct.pack(">I?", index, last)


class SealedWriter:
    """Writes one file. Calls may come from several threads, one after the other."""

    def __init__(self, path: Path, key: bytes, first: bytes) -> None:
        """`first`: the piece that is written again at the end, in its full size. Raises OSError."""
        self.path = path
        self._salt = os.urandom(_SALT)
        self._aead = _aead(key, self._salt)
        self._first = len(first)
        self._held = bytearray()
        self._index = 0
        self._lock = threading.Lock()
        self._file: IO[bytes] | None = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self._file.write(MAGIC + self._salt)
        self._put(first, last=False)

    def write(self, data: bytes) -> None:
        """Raises OSError (no room), ValueError after the end."""
        with self._lock:
            self._held += data
            while len(self._held) > PIECE:
                piece = bytes(self._held[:PIECE])
                del self._held[:PIECE]
                self._put(piece, last=False)

    def finish(self, first: bytes) -> None:
        """Seal what is left, and the first piece anew. Raises OSError."""
        if len(first) != self._first:
            raise ValueError("the first piece keeps its size")
        with self._lock:
            self._put(bytes(self._held), last=True)
            self._held.clear()
            file = self._open()
            file.seek(len(MAGIC) + _SALT)
            self._index = 0
            self._put(first, last=False)
            file.flush()
            os.fsync(file.fileno())
            file.close()
            self._file = None

    def abandon(self) -> None:
        """Leave nothing behind. Idempotent."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None
            self._held.clear()
            self.path.unlink(missing_ok=True)

    def _open(self) -> IO[bytes]:
        if self._file is None:
            raise ValueError("the file is closed")
        return self._file

    def _put(self, piece: bytes, *, last: bool) -> None:
        nonce = os.urandom(_NONCE)
        sealed: bytes = self._aead.encrypt(nonce, piece, _place(self._salt, self._index, last))  # type: ignore[attr-defined]
        self._open().write(struct.pack(">I", len(sealed)) + nonce + sealed)
        self._index += 1


def pieces(path: Path, key: bytes) -> Iterator[bytes]:
    """The plain bytes of a sealed file, piece by piece. Raises SealBroken, OSError."""
    from cryptography.exceptions import InvalidTag

    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(len(MAGIC) + _SALT)
        if len(head) < len(MAGIC) + _SALT or not head.startswith(MAGIC):
            raise SealBroken(f"{path.name}: no recording of this program.")
        salt = head[len(MAGIC) :]
        aead = _aead(key, salt)
        index = 0
        while file.tell() < size:
            start = file.read(4 + _NONCE)
            length = struct.unpack(">I", start[:4])[0] if len(start) == 4 + _NONCE else -1
            sealed = file.read(length) if _TAG <= length <= _MOST else b""
            if len(sealed) != length:
                raise SealBroken(f"{path.name}: it is cut off, or was altered.")
            last = file.tell() >= size
            try:
                yield aead.decrypt(start[4:], sealed, _place(salt, index, last))  # type: ignore[attr-defined]
            except InvalidTag:
                raise SealBroken(f"{path.name}: it was altered or cut off, or sealed with another key.") from None
            index += 1
        if not index:
            raise SealBroken(f"{path.name}: it is empty.")


def digest(path: Path, key: bytes) -> str:
    """SHA-256 of the plain file. Raises SealBroken, OSError."""
    found = hashlib.sha256()
    for piece in pieces(path, key):
        found.update(piece)
    return found.hexdigest()
