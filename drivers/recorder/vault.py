"""The folder of recordings: what is kept, how long, and how much room there is. Blocking; for threads.

Within the days of keeping nothing is ever deleted: a machine without room says so and takes no signatures. What is older goes by
itself, a week later. Recordings that were broken off (a power cut) are no recordings of a signing, and go too.

Deleting evidence cannot be undone, and a clock that has jumped ahead cannot be told from a machine that stood still for a year. So the
clock is not believed at once: a recording goes only when it had been too old already on the first of the last `BELIEVED` days on which
the machine ran, days that follow each other as they do in a hall. A clock that is put right within that week has deleted nothing.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from drivers.recorder.sealed import SealedWriter, digest, pieces

SUFFIX, UNFINISHED = ".otrec", ".part"
DAYS_FILE = "days"
"""The days on which the machine ran, in the order in which it saw them, a line each."""
BELIEVED = 7
"""On so many days of running a recording must have been too old before it goes."""
_REST = 10
"""As many days may lie between two of them, as around 春节; after more the clock is believed anew."""
_REMEMBERED = 40
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

    def prepare(self) -> None:
        """Make the folder, and throw away what was broken off. Raises OSError."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in self.folder.glob(f"*{UNFINISHED}"):
            left.unlink(missing_ok=True)

    def purge(self, today: dt.date) -> tuple[str, ...]:
        """Note that the machine runs on this day, and delete what has been older than it is kept for a week of such days; the names of
        what went. To be called once a day. Raises OSError, after which nothing was deleted that should not."""
        day = self._believed(today)
        if day is None:
            return ()
        first = day - dt.timedelta(days=self.keep_days)
        old = [kept.name for kept in self.kept() if kept.at.date() < first]
        for name in old:
            (self.folder / name).unlink(missing_ok=True)
        return tuple(old)

    def _believed(self, today: dt.date) -> dt.date | None:
        """The first of the last days of running that lead to today without a gap; None where they are too few."""
        seen = self._days()
        if not seen or seen[-1] != today:
            seen = [*[day for day in seen if day != today][1 - _REMEMBERED :], today]
            self._write_days(seen)
        led = [today]
        # A clock that was wrong for a while has left days of another time behind; they lead nowhere.
        for day in sorted((day for day in seen if day < today), reverse=True):
            if (led[-1] - day).days > _REST or len(led) == BELIEVED:
                break
            led.append(day)
        return led[-1] if len(led) == BELIEVED else None

    def _days(self) -> list[dt.date]:
        """A file that is damaged, as by a power cut, is as good as none: the week begins anew. Raises OSError."""
        try:
            text = (self.folder / DAYS_FILE).read_bytes().decode("ascii", "replace")
            return [dt.date.fromisoformat(line) for line in text.split()]
        except (FileNotFoundError, ValueError):
            return []

    def _write_days(self, days: Sequence[dt.date]) -> None:
        new = self.folder / f"{DAYS_FILE}.new"
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
            file.writelines(f"{day.isoformat()}\n" for day in days)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, self.folder / DAYS_FILE)

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
