"""A simulated platform's own books, and the file that outlives its process.

Tests compare these books with the kiosk's ledger, so they say what the *platform* holds, whatever the kiosk was told.
"""

from __future__ import annotations

import json
import os
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kiosk.gateways.sim_server import plain

VERSION = 1


class BooksOnFile(ABC):
    """Everything that requests changed: tables of entries and a serial. Each change is on disk (where there is a file) before
    the answer leaves.

    A platform's books make their empty tables, then call this constructor. It raises ValueError for a file that is not such a
    book.
    """

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self.serial = 0
        if file is not None and file.exists():
            self._load(file)

    @abstractmethod
    def tables(self) -> Mapping[str, dict[str, Any]]:
        """The tables by the name that they have in the file; entries are dataclasses."""

    @abstractmethod
    def take_over(self, saved: Mapping[str, Any]) -> None:
        """Fill the tables from what `as_dict` once gave. May raise what reading a foreign file raises: ValueError, KeyError,
        TypeError, AttributeError."""

    def next_serial(self) -> int:
        """Saved with the entry that uses it."""
        self.serial += 1
        return self.serial

    def clear(self) -> None:
        for table in self.tables().values():
            table.clear()
        self.serial = 0
        self.save()

    def as_dict(self) -> dict[str, Any]:
        tables = {name: [plain(entry) for entry in table.values()] for name, table in self.tables().items()}
        return {"version": VERSION, "serial": self.serial, **tables}

    def save(self) -> None:
        if self._file is not None:
            write_state(self._file, self.as_dict())

    def _load(self, file: Path) -> None:
        try:
            saved = json.loads(file.read_text(encoding="utf-8"))
            if saved["version"] != VERSION:
                raise ValueError("another version")
            self.serial = int(saved["serial"])
            self.take_over(saved)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"{file} is not a state file of this simulator ({type(error).__name__})") from None


def write_state(file: Path, state: Mapping[str, Any]) -> None:
    """Replace a state file whole: it is on disk when this returns, and readable by its owner only."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(file.name + ".new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as opened:
        json.dump(state, opened, ensure_ascii=False, indent=1)
        opened.flush()
        os.fsync(opened.fileno())
    os.replace(draft, file)
