"""The fault matrix: device × step of the journey × fault → what the citizen sees, what is stored, what is printed, how it recovers.

`fault_matrix.toml` is read by the tests that live through every row, and by `kiosk faults matrix`, which prints it. A fault is written
as a word or two: "SAM.41" happens once, "SAM.41 x3" three times, "SAM.41 always" until the cause is gone, "JAM.WRITER on=back" with its
own measure, "unplugged" what a hand does (the table's [hand]).

Errors: `MatrixError`, one sentence with the row.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from config.scenario_devices import DeviceCommand, DeviceKind, Moment
from config.scenario_values import sentence

NOTHING_MORE = "-"
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")
FILE = Path(__file__).parent / "fault_matrix.toml"
_STRICT = ConfigDict(extra="forbid")
ServiceName = Literal["violation", "endorsement", "form"]
Commands = tuple[Mapping[str, Any], ...]
States = Mapping[str, tuple[str, ...]]
Text = Annotated[str, Field(min_length=1, max_length=400)]


STEP_PAGES: Mapping[tuple[str, str], str] = {
    ("card", ""): "PlaceIdCard",
    ("face", ""): "FaceCheck",
    ("notice", ""): "PenaltyNotice",
    ("sign", ""): "PenaltyNotice",
    ("permit", ""): "InsertPermit",
    ("bring", ""): "BringForm",
    ("photo", ""): "TakePhoto",
    ("write", ""): "MakingPermit",
    ("check", ""): "CheckPermit",
    ("take", ""): "TakePermit",
    ("print", "violation"): "PayByQr",
    ("print", "endorsement"): "TakePermit",
    ("print", "form"): "PreviewForm",
    ("finish", ""): "Finish",
}
"""The last page that is as always when a fault strikes at this moment, in this service."""


class MatrixError(Exception):
    """One sentence: which row, what is allowed."""


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class Hand:
    """What a hand does to a device, and what undoes it."""

    text: Text
    commands: Commands = Field(alias="do")
    undo: Commands


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class Recovery:
    """What brings the device back into service. `undo`: the cause is taken away (the fault cleared, the hand's work undone)."""

    text: Text
    undo: bool = False
    commands: Commands = Field(default=(), alias="do")
    """What staff do besides, each with its device."""


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class Fault:
    """One cell: the name as it is written, and the commands that make it happen and end it."""

    name: str
    text: str
    commands: Commands
    undo: Commands


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class Good:
    """A visit in which all is well."""

    pages: tuple[str, ...]
    ends: str
    stored: str
    prints: tuple[str, ...]
    slips: tuple[str, ...]
    sheets: int


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class Row:
    """What happens is the same for all faults and services named, so one row tells it."""

    device: DeviceKind
    at: Moment
    services: tuple[ServiceName, ...]
    faults: tuple[Text, ...]
    after: str = ""
    """The page behind which something is different; empty: the step's own."""
    sees: tuple[str, ...] = ()
    """Pages that come then, and not in a visit in which all is well; "Message D-offline" with the message's code."""
    then: str = ""
    """The page from which it goes on as always; "-": from none. Empty: from the next one, or from none where the visit ends another way."""
    says: tuple[str, ...] = ()
    """Sentences of the pages, word for word; they stand there in this order."""
    ends: str = ""
    """How the visit ends; empty: as a visit in which all is well, and the pages after the step are those."""
    stored: str = "all"
    """The ledger when the citizen goes, by its name in [stored]; "all": as after a visit in which all is well."""
    later: str = ""
    """The same rows when the machine has looked after itself; empty: unchanged."""
    prints: tuple[str, ...] | None = None
    """States of the print jobs, in their order; None: as in a visit in which all is well."""
    slips: tuple[str, ...] | None = None
    """What lies in the printer's mouth; None: as in a visit in which all is well."""
    sheets: Annotated[int, Field(ge=0, le=9)] | None = None
    """A4 sheets in the tray."""
    recovers: str = "by itself"
    why: str = ""
    """A word to whoever reads the document."""

    def pages(self, service: str, good: Good) -> tuple[str, ...]:
        """What the citizen sees from the first page to the last. Raises ValueError for a page that is not there."""
        after = self.after or STEP_PAGES.get((self.at, service)) or STEP_PAGES[self.at, ""]
        behind = len(good.pages) - tuple(reversed(good.pages)).index(after)
        rest = good.pages[behind:]
        if self.then == NOTHING_MORE or (self.ends and not self.then):
            rest = ()
        elif self.then:
            rest = rest[rest.index(self.then) :]
        return (*good.pages[:behind], *self.sees, *rest)

    def good(self, service: str) -> str:
        """Which of the visits in which all is well this row is compared with: the citizen looks into the camera, or brings a code."""
        way = {"face": "camera", "photo": "camera", "bring": "phone"}.get(self.at, "")
        return f"{service} {way}".rstrip()


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class HomeRow:
    """Between citizens: what the home screen says while the fault lasts."""

    device: DeviceKind
    faults: tuple[Text, ...]
    greyed: tuple[str, ...]
    """Services that cannot be chosen; the others can."""
    says: str = ""
    recovers: str = "cause gone"
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class Matrix:
    good: Mapping[str, Good]
    """By service; "form camera" and the like where the citizen looks into the camera or brings a code."""
    stored: Mapping[str, States]
    recovery: Mapping[str, Recovery]
    hand: Mapping[str, Hand]
    rows: tuple[Row, ...] = Field(alias="row")
    home: tuple[HomeRow, ...]

    def __post_init__(self) -> None:
        for row in self.rows:
            where = f"row {row.device} at {row.at}"
            for name in (row.stored, row.later):
                if name and name != "all" and name not in self.stored:
                    raise ValueError(f"{where}: [stored] has no {name!r}")
            if row.recovers not in self.recovery:
                raise ValueError(f"{where}: [recovery] has no {row.recovers!r}")
            for service in row.services:
                if row.good(service) in self.good:
                    row.pages(service, self.good[row.good(service)])
            if missing := [row.good(service) for service in row.services if row.good(service) not in self.good]:
                raise ValueError(f"{where}: [good] has no {missing[0]!r}")
            if not row.faults or not row.services:
                raise ValueError(f"{where}: it names no fault or no service")
        keys = [
            (row.device, row.at, service, fault)
            for row in self.rows
            for service in row.services
            for fault in row.faults
        ]
        twice = {key for key in keys if keys.count(key) > 1}
        if twice:
            raise ValueError(f"two rows tell of {' '.join(sorted(twice)[0])}")

    def fault(self, written: str) -> Fault:
        """What a row's words mean. Raises ValueError."""
        if written in self.hand:
            hand = self.hand[written]
            return Fault(name=written, text=hand.text, commands=hand.commands, undo=hand.undo)
        fault_id, *words = written.split()
        command: dict[str, Any] = {"do": "fault", "id": fault_id}
        for word in words:
            name, equals, value = word.partition("=")
            if word == "always":
                command["count"] = None
            elif word[0] == "x" and word[1:].isdigit():
                command["count"] = int(word[1:])
            elif equals:
                command[name] = _value(value)
            else:
                raise ValueError(f"{written!r}: {word!r} is none of always, x3, name=value")
        return Fault(name=written, text="", commands=(command,), undo=({"do": "clear", "id": fault_id},))

    def planned(self, row: Row, fault: Fault) -> tuple[DeviceCommand, ...]:
        """As a scenario has it."""
        return tuple(DeviceCommand(device=row.device, command=command, at=row.at) for command in fault.commands)

    def cases(self) -> Iterator[tuple[Row, ServiceName, str]]:
        """Every row, service and fault: one visit each."""
        for row in self.rows:
            for service in row.services:
                for fault in row.faults:
                    yield row, service, fault


def _value(text: str) -> Any:
    if text == "null":
        return None
    if not _NUMBER.fullmatch(text):
        return text
    return float(text) if "." in text else int(text)


_MATRIX = TypeAdapter(Matrix)


def load_matrix(path: Path = FILE) -> Matrix:
    """Raises MatrixError."""
    try:
        with path.open("rb") as file:
            tables = tomllib.load(file)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise MatrixError(f"{path}: {error}.") from None
    try:
        return _MATRIX.validate_python(tables)
    except ValidationError as error:
        raise MatrixError(f"{path}: {sentence(error, Matrix)}") from None
