"""The endorsement catalogue that halls may replace: kinds, places, options, cities, fees, limits (`endorsements.toml`).

Everything in it has a first day and may have a last one, because policy changes by date and not by release. A file that is wrong
stops the start with sentences saying where.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from config.tables import Mark, TablesError
from config.toml_file import read_toml

FILE = "endorsements.toml"

PlaceId = Literal["HKG", "MAC", "TWN"]
Tie = Literal["hukou", "residence", "workplace"]
"""What ties somebody to an area: household registration (户口), residence permit (居住证), place of work. No register tells the
machine the last one: papers prove it."""
Paper = Literal["filed", "held"]
"""What makes papers unnecessary: the employer is on the filed list (备案), or the platform holds the papers of this kind."""
EndConvention = Literal["same_day", "day_before"]
Entries = Literal[1, 2, "multi"]

_OPTION_ID = re.compile(r"(?P<place>HKG|MAC|TWN)-(?P<kind>[A-Z])-(?P<n>[1-9][0-9]?)(?P<unit>[MY])(?P<entries>[12MW])")
OptionId = Annotated[str, Field(pattern=rf"^{_OPTION_ID.pattern.replace('?P<', '?<')}$")]
AreaId = Annotated[str, Field(pattern=r"^[a-z_]+$")]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class _Dated(_Table):
    first: dt.date
    last: dt.date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last is not None and self.last < self.first:
            raise ValueError(f"last day {self.last} is before first day {self.first}")
        return self

    def in_force(self, day: dt.date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)

    def overlaps(self, other: _Dated) -> bool:
        return (self.last is None or other.first <= self.last) and (other.last is None or self.first <= other.last)


class EndorsementLimits(_Table):
    """What the rules EE01 to EE22 leave to the hall."""

    open: bool
    end_margin_days: int = Field(ge=0, le=366)
    end_convention: EndConvention
    min_interval_days: int = Field(ge=0, le=366)
    interval_per_entry: bool
    first_here: bool
    fingerprint: bool
    photo_on_file: tuple[Literal["old", "missing"], ...]
    max_chip_writes: int = Field(ge=1, le=65535)
    legacy_taiwan_number: bool


class Place(_Table):
    id: PlaceId
    name: str = Field(min_length=1)


class EndorsementKind(_Table):
    letter: str = Field(pattern=r"^[A-Z]$")
    places: tuple[PlaceId, ...] = Field(min_length=1)
    name: str = Field(min_length=1)


class City(_Dated):
    name: str = Field(min_length=1)
    prefix: str = Field(pattern=r"^(?:[0-9]{2}){1,3}$")


class Area(_Table):
    """Cities that share a right, each from its own day on."""

    id: AreaId
    name: str = Field(min_length=1)
    """As a citizen's sentence says it."""
    local: bool
    """A single place: its options exist for its people only, others need not see them."""
    confidence: Mark
    city: tuple[City, ...] = Field(min_length=1)

    def holds(self, code: str, day: dt.date) -> bool:
        """Whether a place (code of GB/T 2260) belongs to the area on a day. Not for an empty code."""
        return any(city.in_force(day) and code.startswith(city.prefix) for city in self.city)


class Block(_Dated):
    """Options with the same conditions."""

    ids: tuple[OptionId, ...] = Field(min_length=1)
    on: bool
    """Whether they exist here at all; false is neither shown nor sold."""
    stay_days: int = Field(ge=0, le=366)
    """Longest stay at each visit; 0: as the other side's permit says."""
    area: AreaId | None = None
    """None: for holders from anywhere."""
    by: tuple[Tie, ...] = ()
    papers: tuple[Paper, ...] = ()
    """Empty: no papers needed. Else any of these makes them unnecessary."""
    self_service: bool
    """Machines may issue it, where the hall does not say otherwise."""
    title: str = ""
    """A name of its own (一签多行), empty where the kind's name does."""
    confidence: Mark

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.area is None) != (not self.by):
            raise ValueError(f"{self.ids[0]}: `area` and `by` go together")
        return self


class Fee(_Dated):
    places: tuple[PlaceId, ...] = Field(min_length=1)
    entries: Entries
    max_months: int | None = Field(default=None, ge=1)
    """Longest validity at this price; None: any longer one."""
    fen: int = Field(ge=0)
    basis: str = Field(min_length=1)
    confidence: Mark


@dataclass(frozen=True, slots=True)
class OptionRow:
    """One option as its block and its id describe it."""

    id: str
    destination: PlaceId
    kind: str
    months: int
    entries: int | None
    """None: any number."""
    weekly: bool
    block: Block


class EndorsementTables(_Table):
    """`endorsements.toml`."""

    limits: EndorsementLimits
    place: tuple[Place, ...] = Field(min_length=1)
    kind: tuple[EndorsementKind, ...] = Field(min_length=1)
    area: tuple[Area, ...]
    block: tuple[Block, ...] = Field(min_length=1)
    fee_row: tuple[Fee, ...] = Field(alias="fee", min_length=1)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        _refuse_doubles("place", [p.id for p in self.place])
        _refuse_doubles("kind", [f"{place}-{k.letter}" for k in self.kind for place in k.places])
        _refuse_doubles("area", [a.id for a in self.area])
        self._blocks_apart()
        for block in self.block:
            if block.area is not None and block.area not in {a.id for a in self.area}:
                raise ValueError(f"{block.ids[0]}: no area {block.area!r}")
            for row in _rows(block):
                self.kind_name(row.destination, row.kind)
                self.fee(row.entries, row.months, block.first, row.destination)
        return self

    def _blocks_apart(self) -> None:
        for n, block in enumerate(self.block):
            _refuse_doubles("option", list(block.ids))
            for other in self.block[n + 1 :]:
                both = sorted(set(block.ids) & set(other.ids))
                if both and block.overlaps(other):
                    raise ValueError(f"{both[0]}: two blocks from {block.first} and {other.first} overlap")

    def options_on(self, day: dt.date) -> tuple[OptionRow, ...]:
        """What can be applied for on a day, in the order of the file; switched-off blocks are left out."""
        return tuple(row for block in self.block if block.on and block.in_force(day) for row in _rows(block))

    def fees_on(self, day: dt.date, destination: PlaceId = "HKG") -> tuple[Fee, ...]:
        return tuple(f for f in self.fee_row if f.in_force(day) and destination in f.places)

    def fee(self, entries: int | None, months: int, day: dt.date, destination: PlaceId = "HKG") -> int:
        """Fen for one endorsement applied for on a day. Raises ValueError where the table names no fee."""
        found = pick_fee(self.fees_on(day, destination), entries, months)
        if found is None:
            raise ValueError(f"no fee for {entries or 'multi'} entries, {months} months, {destination} on {day}")
        return found.fen

    def area_of(self, area_id: str) -> Area:
        """Raises KeyError."""
        for area in self.area:
            if area.id == area_id:
                return area
        raise KeyError(area_id)

    def place_name(self, destination: str) -> str:
        """香港. Raises KeyError."""
        for place in self.place:
            if place.id == destination:
                return place.name
        raise KeyError(destination)

    def kind_name(self, destination: str, letter: str) -> str:
        """个人旅游; the same letter means other things for Taiwan. Raises ValueError for a kind the place does not have."""
        for kind in self.kind:
            if kind.letter == letter and destination in kind.places:
                return kind.name
        raise ValueError(f"{destination} has no kind {letter}")

    @property
    def option_ids(self) -> frozenset[str]:
        """Every id the catalogue knows, whatever its dates: what a hall's own list may name."""
        return frozenset(option_id for block in self.block for option_id in block.ids)


def is_weekly(option_id: str) -> bool:
    """Whether an id is of the kind with one trip in each natural week; False for what is no id of ours."""
    part = _OPTION_ID.fullmatch(option_id)
    return part is not None and part["entries"] == "W"


def pick_fee(fees: Iterable[Fee], entries: int | None, months: int) -> Fee | None:
    """The row with the nearest limit that holds: `entries` None is any number. None where no row fits."""
    wanted = "multi" if entries is None else entries
    rows = [f for f in fees if f.entries == wanted and (f.max_months is None or months <= f.max_months)]
    return min(rows, key=lambda f: (f.max_months is None, f.max_months or 0), default=None)


def load_endorsements(path: Path | None = None) -> EndorsementTables:
    """The catalogue from a hall's own file, else as shipped. Raises TablesError."""
    name = str(path or FILE)
    try:
        shipped = Path(__file__).with_name(FILE)
        found = read_toml(shipped) if path is None else tomllib.loads(path.read_text("utf-8-sig"))
        return EndorsementTables.model_validate(_frozen(found))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise TablesError(name, [str(error)]) from error
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, e['loc'])) or 'file'}: {e['msg']}" for e in error.errors()]
        raise TablesError(name, problems) from error


def _rows(block: Block) -> Iterable[OptionRow]:
    for option_id in block.ids:
        part = _OPTION_ID.fullmatch(option_id)
        assert part is not None  # the field's pattern has seen it
        place: PlaceId = "HKG" if part["place"] == "HKG" else "MAC" if part["place"] == "MAC" else "TWN"
        yield OptionRow(
            id=option_id,
            destination=place,
            kind=part["kind"],
            months=int(part["n"]) * (12 if part["unit"] == "Y" else 1),
            entries=int(part["entries"]) if part["entries"].isdigit() else None,
            weekly=part["entries"] == "W",
            block=block,
        )


def _frozen(value: Any) -> Any:
    """TOML's lists as tuples: strict validation takes nothing else for them."""
    if isinstance(value, dict):
        return {key: _frozen(part) for key, part in value.items()}
    return tuple(_frozen(part) for part in value) if isinstance(value, list) else value


def _refuse_doubles(what: str, keys: list[str]) -> None:
    doubles = sorted({key for key in keys if keys.count(key) > 1})
    if doubles:
        raise ValueError(f"{what} given twice: {', '.join(doubles)}")
