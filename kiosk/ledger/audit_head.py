"""The newest row of the audit chain, kept besides in a small file: whoever cuts rows off the table's end is told by it.

One line of JSON: number and hash of the row, sealed with a key of its own. Written whole or not at all, and durable when `advance`
returns. It only ever goes forward, also with several processes at it.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_LONGEST = 1024
"""Bytes: far more than one line of ours."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One row of the chain."""

    seq: int
    hash: str


class HeadAltered(Exception):
    """The file is there, and it is not what this machine wrote with this key."""


def head_file(url: str, key_file: Path) -> Path:
    """Where the head lies: beside the ledger's file, or beside its key where the ledger is on a server."""
    kind, _, rest = url.partition(":///")
    database = rest.partition("?")[0]
    if kind.startswith("sqlite") and database:
        return Path(f"{database}-audit-head")
    return key_file.with_name("audit-head")


class HeadFile:
    """Blocking; for the ledger's thread. `key` is used for nothing else."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._path = path
        self._key = key

    def read(self) -> Mark | None:
        """None where there is no file. Raises HeadAltered, OSError."""
        try:
            with self._path.open("rb") as file:
                raw = file.read(_LONGEST)
        except FileNotFoundError:
            return None
        try:
            said = json.loads(raw)
            version, seq, digest, seal = said["version"], said["seq"], said["hash"], said["seal"]
        except (ValueError, TypeError, KeyError, RecursionError):
            raise HeadAltered from None
        if version != 1 or type(seq) is not int or not isinstance(digest, str) or not isinstance(seal, str):
            raise HeadAltered
        mark = Mark(seq, digest)
        if not hmac.compare_digest(self._seal(mark).encode(), seal.encode(errors="replace")):
            raise HeadAltered
        return mark

    def advance(self, mark: Mark) -> None:
        """Keep `mark`, unless the file is as far or further already. A file that cannot be read is replaced: what it was stands in the
        chain by then (`Audit`). Raises OSError."""
        with self._held() as folder:
            try:
                kept = self.read()
            except HeadAltered:
                kept = None
            if kept is not None and kept.seq >= mark.seq:
                return
            said = {"version": 1, "seq": mark.seq, "hash": mark.hash, "seal": self._seal(mark)}
            part = self._path.with_name(self._path.name + ".part")
            handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "w") as file:
                file.write(json.dumps(said) + "\n")
                file.flush()
                os.fsync(file.fileno())
            os.replace(part, self._path)
            os.fsync(folder)

    @contextmanager
    def _held(self) -> Iterator[int]:
        """Another process may be at the same file; the lock is on the directory and ends with its descriptor."""
        folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield folder
        finally:
            os.close(folder)

    def _seal(self, mark: Mark) -> str:
        return hmac.new(self._key, f"{mark.seq}|{mark.hash}".encode(errors="replace"), hashlib.sha256).hexdigest()
