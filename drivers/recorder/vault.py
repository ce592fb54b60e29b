"""The folder of recordings: what is kept, how long, and how much room there is. Blocking; for threads.

Within the days of keeping nothing is ever deleted: a machine without room says so and takes no signatures. What is older goes by
itself. Recordings that were broken off (a power cut) are no recordings of a signing, and go too.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from drivers.recorder.sealed import SealedWriter, digest, pieces

SUFFIX, UNFINISHED = ".otrec", ".part"
_LABEL = re.compile(r"([0-9]{8}T[0-9]{6})-[A-Z0-9-]{1,40}")
ROOM_FOR_ONE = 200 * 1024 * 1024
"""Bytes that must be free before a recording begins: a quarter of an hour."""
_LOW = 10
"""As many recordings of that size left is little room."""
Space = Literal["ok", "low", "full"]


@dataclass(frozen=True, slots=True)
class Kept:
    name: str
    at: dt.datetime
    """When it began, local time of the machine, from its name."""
    size: int
    """Bytes on the disk."""


class Vault:
    """`key` gives the ledger's key when it is needed first; it may raise what it likes (a file that is missing)."""

    def __init__(self, folder: Path, key: Callable[[], bytes], *, keep_days: int, most_bytes: int) -> None:
        self.folder = folder
        self._key = key
        self.keep_days = keep_days
        self.most_bytes = most_bytes

    def prepare(self, today: dt.date) -> None:
        """Make the folder; throw away what was broken off, and what is older than it is kept. Raises OSError."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in self.folder.glob(f"*{UNFINISHED}"):
            left.unlink(missing_ok=True)
        self.purge(today)

    def purge(self, today: dt.date) -> tuple[str, ...]:
        """Delete what is older than it is kept; the names of what went. Raises OSError."""
        first = today - dt.timedelta(days=self.keep_days)
        old = [kept.name for kept in self.kept() if kept.at.date() < first]
        for name in old:
            (self.folder / name).unlink(missing_ok=True)
        return tuple(old)

    def kept(self) -> tuple[Kept, ...]:
        """All recordings, oldest first. Raises OSError."""
        found = []
        if self.folder.is_dir():
            for path in self.folder.glob(f"*{SUFFIX}"):
                if (match := _LABEL.fullmatch(path.stem)) is not None:
                    at = dt.datetime.strptime(match[1], "%Y%m%dT%H%M%S")
                    found.append(Kept(path.name, at, path.stat().st_size))
        return tuple(sorted(found, key=lambda kept: kept.name))

    def free(self) -> int:
        """Bytes that may still be written: the bound's, or the disk's where that is less. Raises OSError."""
        used = sum(kept.size for kept in self.kept())
        return min(self.most_bytes - used, shutil.disk_usage(self.folder).free)

    def space(self) -> Space:
        """Raises OSError."""
        free = self.free()
        return "full" if free < ROOM_FOR_ONE else "low" if free < _LOW * ROOM_FOR_ONE else "ok"

    def begin(self, label: str, first: bytes) -> SealedWriter:
        """Raises ValueError (a label that is none, or was used), OSError, and what the key raises."""
        if _LABEL.fullmatch(label) is None:
            raise ValueError(f"{label!r} is no label of a recording")
        if (self.folder / (label + SUFFIX)).exists():
            raise ValueError(f"there is a recording {label} already")
        return SealedWriter(self.folder / (label + UNFINISHED), self._key(), first)

    def settle(self, writer: SealedWriter, first: bytes) -> tuple[str, str]:
        """Finish the file, read it back, give it its name: (name, SHA-256 of the plain file). Raises OSError, SealBroken."""
        writer.finish(first)
        found = digest(writer.path, self._key())
        name = writer.path.stem + SUFFIX
        os.rename(writer.path, self.folder / name)
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return name, found

    def plain(self, name: str) -> Iterator[bytes]:
        """Raises SealBroken, OSError, and what the key raises."""
        return pieces(self.folder / Path(name).name, self._key())

    def digest(self, name: str) -> str:
        """Raises SealBroken, OSError, and what the key raises."""
        return digest(self.folder / Path(name).name, self._key())
