"""The last events of the log, kept in memory for the technician's page.

Stands after the allow-list (`kiosk.logs.keep_allowed`), so what it keeps was masked before, and before the renderer. Events are kept as
text: nothing that was logged is kept alive by it. Logging threads only append; everything else belongs to the event loop's thread.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from kiosk.screens.diagnostics import LogRow

LogLevel = Literal["DEBUG", "INFO", "WARN", "ERROR"]
LEVELS: Final[tuple[LogLevel, ...]] = get_args(LogLevel)
_LEVELS: Final[dict[str, LogLevel]] = {"debug": "DEBUG", "info": "INFO", "warning": "WARN", "warn": "WARN"}
_BESIDES = ("timestamp", "level", "event", "device")
_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Line:
    seq: int
    at: str
    """ISO 8601, as the log has it."""
    level: LogLevel
    device: str
    text: str

    def row(self) -> LogRow:
        return LogRow(self.at[11:23], self.level, self.device, self.text)

    def plain(self) -> str:
        """One line of an exported file."""
        device = f" [{self.device}]" if self.device else ""
        return f"{self.at} {self.level:<5}{device} {self.text}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A filter; empty fields want everything."""

    level: str = ""
    """This level and what is worse."""
    device: str = ""
    text: str = ""
    """Somewhere in the line, in capital or small letters."""

    def fits(self, line: Line) -> bool:
        if self.level in LEVELS and LEVELS.index(line.level) < LEVELS.index(self.level):
            return False
        if self.device and line.device != self.device:
            return False
        return not self.text or self.text.casefold() in f"{line.device} {line.text}".casefold()


@dataclass(frozen=True, slots=True)
class LogPage:
    """Some lines, oldest first."""

    lines: tuple[Line, ...]
    older: bool
    newer: bool
    total: int
    """As many lines fit the filter."""


class LogRing:
    """A structlog processor that passes every event on unchanged."""

    def __init__(self, lines: int = 4000) -> None:
        self._lines: deque[Line] = deque(maxlen=lines)
        self._number = itertools.count(1)

    def __call__(self, _: object, __: str, event: Any) -> Any:
        level = _LEVELS.get(str(event.get("level", "info")), "ERROR")
        said = " ".join((str(event.get("event", "")), *_fields(event)))[:_LONGEST]
        at, device = str(event.get("timestamp", "")), str(event.get("device", ""))
        self._lines.append(Line(next(self._number), at, level, device, said))
        return event

    @property
    def newest(self) -> int:
        """The number of the last line; 0 where there is none."""
        return self._lines[-1].seq if self._lines else 0

    def page(self, wanted: Wanted, limit: int, until: int | None = None) -> LogPage:
        """The last `limit` lines that fit, none newer than line `until`."""
        fitting = [line for line in self._kept() if wanted.fits(line)]
        upto = fitting if until is None else [line for line in fitting if line.seq <= until]
        return LogPage(tuple(upto[-limit:]), len(upto) > limit, len(upto) < len(fitting), len(fitting))

    def after(self, wanted: Wanted, limit: int, seq: int) -> int | None:
        """The last of the `limit` lines that follow line `seq`; None where these are the newest."""
        following = [line.seq for line in self._kept() if line.seq > seq and wanted.fits(line)]
        return following[limit - 1] if len(following) > limit else None

    def latest(self, wanted: Wanted, limit: int) -> tuple[Line, ...]:
        """The last lines that fit, newest first; cheap enough for every refresh of a page."""
        return tuple(itertools.islice((line for line in reversed(self._kept()) if wanted.fits(line)), limit))

    def all(self, wanted: Wanted) -> Iterator[Line]:
        return (line for line in self._kept() if wanted.fits(line))

    def _kept(self) -> tuple[Line, ...]:
        while True:
            try:
                return tuple(self._lines)
            except RuntimeError:  # a thread logged something meanwhile
                continue


def _fields(event: Any) -> Iterator[str]:
    for key, value in event.items():
        if key not in _BESIDES:
            text = str(value)
            yield f"{key}={text!r}" if " " in text or not text else f"{key}={text}"
