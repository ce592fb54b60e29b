"""A tape: what went over one line in both directions, with times, as JSON lines that people can read. docs/record-replay.md.

    {"tape": "onetrip", "version": 1, "kind": "id_card", "url": "samv+serial:///dev/ttyS1", "line": "/dev/ttyS1@115200", …}
    {"at": 0.0, "what": "opened"}
    {"at": 0.0004, "what": "sent", "hex": "aaaaaa9669000311ffed"}
    {"at": 0.0121, "what": "came", "hex": "aaaaaa96690004000090…"}
    {"at": 2.5017, "what": "closed"}
    {"end": true, "events": 3, "synthetic": 0, "withheld": 0}

`spans` in a line: these bytes are not what went over the line but stand for it (a `Masker` has put them there). `withheld` instead of
`hex`: so many bytes went, and none of them is stored. A tape without its last line was not finished.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from kiosk.domain.errors import DeviceError, ErrorKind

FORMAT, VERSION = "onetrip", 1
_LIMIT = 64 * 1024 * 1024
"""A longer file is no tape of a session."""

Spans = tuple[tuple[int, int], ...]
"""From, to (not included)."""


class What(StrEnum):
    OPENED = "opened"
    REFUSED = "refused"
    """The line could not be opened."""
    SENT = "sent"
    """The driver's bytes."""
    STALLED = "stalled"
    """What was sent just before could not be handed over."""
    CAME = "came"
    """The device's bytes."""
    LOST = "lost"
    BAUD = "baud"
    CLOSED = "closed"


_DATA = (What.SENT, What.CAME)
_TROUBLE = (What.REFUSED, What.STALLED, What.LOST)


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes as they may be stored; `spans` of them are synthetic. `withheld`: only their number may be."""

    data: bytes = field(repr=False)
    spans: Spans = ()
    withheld: bool = False

    @classmethod
    def hidden(cls, size: int) -> Piece:
        return cls(bytes(size), ((0, size),) if size else (), withheld=True)

    @classmethod
    def synthetic(cls, data: bytes) -> Piece:
        return cls(data, ((0, len(data)),) if data else ())

    def cut(self, at: int) -> tuple[Piece, Piece]:
        """The first `at` bytes, and the rest."""
        first = tuple((start, min(end, at)) for start, end in self.spans if start < at)
        rest = tuple((max(start - at, 0), end - at) for start, end in self.spans if end > at)
        return Piece(self.data[:at], first, self.withheld), Piece(self.data[at:], rest, self.withheld)


class Masker(Protocol):
    """Keeps personal data off a tape: knows which bytes of which frames of one kind of device are personal.

    Each call takes the next bytes of one direction and gives as many bytes as are decided by now, in order and in the same number; what is
    not yet decided (half a frame) is given by a later call, and by `end` at the latest. Bytes it cannot tell the meaning of are hidden,
    never passed on. What is synthetic keeps its length, and checksums fit it as well as they did before.
    """

    name: str

    def sent(self, data: bytes) -> list[Piece]: ...

    def came(self, data: bytes) -> list[Piece]: ...

    def end(self) -> tuple[list[Piece], list[Piece]]:
        """The line is closed: what is left of `sent`, of `came`."""
        ...


@dataclass(frozen=True, slots=True)
class Header:
    kind: str
    url: str
    line: str
    """The line's name as drivers see it."""
    simulated: bool
    baud: int | None
    """Of a line that has a speed."""
    masker: str
    recorded: str
    """When the recording began, ISO 8601."""
    program: str


@dataclass(frozen=True, slots=True)
class Event:
    """`at`: seconds since the recording began."""

    at: float
    what: What
    piece: Piece | None = None
    error: ErrorKind | None = None
    hint: str = ""
    native: str = ""
    baud: int = 0

    def trouble(self, name: str) -> DeviceError:
        return DeviceError(self.error or ErrorKind.OFFLINE, name, self.hint, self.native)


@dataclass(frozen=True, slots=True)
class Tape:
    header: Header
    events: tuple[Event, ...]
    whole: bool
    """False: the recording was not finished, or the file was cut."""


class TapeError(ValueError):
    """A file that cannot be played; one sentence."""


class TapeWriter:
    """A new file, readable by its owner only. Raises OSError (FileExistsError: an old tape is never written over).

    A disk that fails later must not disturb the device: `trouble` says so, and nothing more is written.
    """

    def __init__(self, path: Path, header: Header) -> None:
        self.path = path
        self.trouble = ""
        self.events = self.synthetic = self.withheld = 0
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8")
        fields = {name: getattr(header, name) for name in Header.__slots__}
        self._put({"tape": FORMAT, "version": VERSION, **fields})

    def add(self, event: Event) -> None:
        self.events += 1
        if event.piece is not None:
            size = sum(end - start for start, end in event.piece.spans)
            self.withheld += size if event.piece.withheld else 0
            self.synthetic += 0 if event.piece.withheld else size
        self._put(_packed(event))

    def close(self) -> None:
        """Write the last line. Idempotent."""
        if self._file.closed:
            return
        self._put({"end": True, "events": self.events, "synthetic": self.synthetic, "withheld": self.withheld})
        try:
            self._file.close()
        except OSError as error:
            self.trouble = self.trouble or error.strerror or "write error"

    def _put(self, line: Mapping[str, Any]) -> None:
        if self.trouble:
            return
        try:
            self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
            self._file.flush()
        except OSError as error:
            self.trouble = error.strerror or "write error"


def load(path: Path) -> Tape:
    """Raises TapeError."""
    try:
        if path.stat().st_size > _LIMIT:
            raise TapeError(f"{path} is too long for a tape.")
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise TapeError(f"The tape {path} cannot be read: {error.strerror or error}.") from None
    except UnicodeDecodeError:
        raise TapeError(f"{path} is not a tape.") from None
    lines = text.split("\n")
    ended = lines.pop() == ""  # a last line that was cut off has no line end
    if not ended or not lines:
        ended = False
    try:
        header = _header(path, json.loads(lines[0]) if lines else None)
    except json.JSONDecodeError:
        raise TapeError(f"{path} is not a tape.") from None
    events: list[Event] = []
    for number, line in enumerate(lines[1:], 2):
        try:
            fields = json.loads(line)
            if fields.get("end") is True:
                if number != len(lines) or fields["events"] != len(events):
                    raise TapeError(
                        f"Lines are missing in the tape {path}, or were added: its last line counts others."
                    )
                return Tape(header, tuple(events), ended)
            events.append(_event(fields))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            if isinstance(error, TapeError):
                raise
            raise TapeError(f"Line {number} of the tape {path} cannot be read.") from None
    return Tape(header, tuple(events), whole=False)


def _packed(event: Event) -> dict[str, Any]:
    line: dict[str, Any] = {"at": round(event.at, 6), "what": event.what.value}
    if event.piece is not None and event.piece.withheld:
        line["withheld"] = len(event.piece.data)
    elif event.piece is not None:
        line["hex"] = event.piece.data.hex()
        if event.piece.spans:
            line["spans"] = [list(span) for span in event.piece.spans]
    if event.what is What.BAUD:
        line["baud"] = event.baud
    if event.what in _TROUBLE:
        line |= {"error": (event.error or ErrorKind.OFFLINE).value, "hint": event.hint, "native": event.native}
    return line


def _event(fields: Mapping[str, Any]) -> Event:
    what, piece = What(fields["what"]), None
    if what in _DATA and "withheld" in fields:
        piece = Piece.hidden(_whole_number(fields["withheld"], _LIMIT))
    elif what in _DATA:
        data = bytes.fromhex(fields["hex"])
        spans = tuple(
            (_whole_number(start, end), _whole_number(end, len(data))) for start, end in fields.get("spans", ())
        )
        piece = Piece(data, spans)
    error = ErrorKind(fields["error"]) if what in _TROUBLE else None
    baud = _whole_number(fields["baud"], 10_000_000) if what is What.BAUD else 0
    hint, native = str(fields.get("hint", "")), str(fields.get("native", ""))
    return Event(float(fields["at"]), what, piece, error, hint, native, baud)


def _header(path: Path, fields: Any) -> Header:
    if not isinstance(fields, dict) or fields.get("tape") != FORMAT:
        raise TapeError(f"{path} is not a tape.")
    if fields.get("version") != VERSION:
        raise TapeError(f"{path} is a tape of version {fields.get('version')}; this program plays version {VERSION}.")
    try:
        baud = None if fields["baud"] is None else _whole_number(fields["baud"], 10_000_000)
        texts = {name: str(fields[name]) for name in ("kind", "url", "line", "masker", "recorded", "program")}
        return Header(**texts, simulated=bool(fields["simulated"]), baud=baud)
    except (KeyError, ValueError, TypeError):
        raise TapeError(f"The first line of the tape {path} cannot be read.") from None


def _whole_number(value: Any, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise ValueError("not a number in its range")
    return value
