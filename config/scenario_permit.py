"""The permit of a scenario's person: what is printed on the card, what its chip says, and what the registry knows.

Card and registry are told apart on purpose, because a scenario may make them disagree. Relative dates and the fictional identity
numbers are those of `config.scenario_values`.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from config.scenario_values import Date, check_number, endorsement_number, fictional_number, permit_line, spoil

if TYPE_CHECKING:
    from config.scenarios import PersonData

_STRICT = ConfigDict(extra="forbid", hide_input_in_errors=True)
_PRINTED_SEX = {"1": "M", "2": "F"}
_KINDS = {"G": "个人旅游", "L": "团队旅游", "T": "探亲", "S": "商务", "Q": "其他", "D": "逗留", "R": "人才"}
_PLACES = {"HKG": "香港", "MAC": "澳门", "TWN": "台湾"}

Area = Annotated[str, Field(pattern=r"^([0-9]{6})?$", description="six digits of GB/T 2260, or empty")]
Latin = Annotated[str, Field(pattern=r"^[A-Z]{1,20}$", description="capital letters, as on the card")]
KindLetter = Annotated[str, Field(pattern=r"^[A-Z]$", description="a letter of the form: G L S T Q D R")]
PermitNumber = Annotated[
    str,
    Field(pattern=r"^(C([0-9]{8}|[A-HJ-NP-Z][0-9]{7})|L[0-9]{8})$", description="C12345678, CA1234567 or L12345678"),
]
Line = Annotated[str, Field(pattern=r"^([A-Z0-9<]{30})?$", description="30 characters of A-Z, 0-9 and <, or empty")]


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class HeldData:
    """An endorsement the person already has. `number` may be left out: it is made from place, day and permit."""

    destination: Literal["HKG", "MAC", "TWN"]
    issued_on: Date
    valid_to: Date
    kind: KindLetter = "L"
    entries: Annotated[int, Field(ge=1, le=9)] | Literal["many"] = 1
    entries_left: Annotated[int, Field(ge=0, le=9)] | None = None
    """None: all of them."""
    number: Annotated[str, Field(pattern=r"^([A-Z][0-9]{11})?$", description="a letter and 11 digits")] = ""

    @property
    def left(self) -> int | None:
        """Entries that can still be made; None: any number."""
        if self.entries_left is not None:
            return self.entries_left
        return None if self.entries == "many" else self.entries

    @property
    def issued_entries(self) -> int | None:
        return None if self.entries == "many" else self.entries


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class HolderData:
    """Whose permit it is, where it is not the person's own."""

    name: Annotated[str, Field(min_length=1, max_length=300)] = Field(repr=False)
    birth: Date = Field(repr=False)
    face_seed: Annotated[int, Field(ge=0, le=99_999)]
    sex: Literal["0", "1", "2", "9"] = Field(default="1", repr=False)
    area: Annotated[str, Field(pattern=r"^[0-9]{6}$", description="six digits")] = "330203"
    number: str = Field(default="", repr=False)

    def __post_init__(self) -> None:
        if not self.number:
            object.__setattr__(self, "number", fictional_number(self.area, self.birth))
        check_number(self.number, self.birth, "resident")


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class PermitData:
    """The card in the citizen's hand, and the registry's record of it."""

    number: PermitNumber = Field(repr=False)
    expiry: Date
    surname: Latin = Field(repr=False)
    given: Latin = Field(repr=False)
    kind: Literal["CS", "CD"] = "CS"
    """The printed line's document code: Hong Kong and Macao, or Taiwan."""
    holder: HolderData | None = None
    """None: the scenario's person."""
    endorsements: tuple[HeldData, ...] = Field(default=(), alias="endorsement")

    # What the registry knows.
    known: bool = True
    """False: the platform has no such permit."""
    state: Literal["valid", "lost", "cancelled", "damaged", "replaced"] = "valid"
    booklet: bool = False
    hukou_area: Area = Field(default="", repr=False)
    """Empty: the first six digits of the holder's number."""
    residence_area: Area = Field(default="", repr=False)
    registered_official: bool = False
    military: bool = False
    exit_barred: bool = Field(default=False, repr=False)
    false_statement: bool = Field(default=False, repr=False)
    data_changed: bool = False
    review: bool = False
    first_here: bool = False
    business_filed: bool = False
    papers_for: tuple[KindLetter, ...] = ()
    chip_writes: Annotated[int, Field(ge=0, le=999)] = 0
    face_on_file: Literal["ok", "old", "missing"] = "ok"

    # What is in the slot.
    body: Literal["permit", "bank_card", "id_card", "blank"] = "permit"
    chip: Literal["ok", "dead", "mute", "no_application", "other_key", "short_dg", "no_dg2", "bad_dg1"] = "ok"
    protocol: Literal["bac", "pace", "both"] = "both"
    wrong_way: bool = False
    dg11: bool = True
    """False: the chip names neither the full name nor the identity number."""
    line: Line = Field(default="", repr=False)
    """Printed instead of the right one, whatever the other keys say."""
    spoilt: tuple[Annotated[int, Field(ge=0, le=29)], ...] = ()
    """Places of the printed line (from 0) where another digit or letter stands than should; the chip has the right ones."""
    chip_number: PermitNumber | Literal[""] = Field(default="", repr=False)
    """The chip is another card's: its number, birthday or end of validity."""
    chip_birth: Date | None = Field(default=None, repr=False)
    chip_expiry: Date | None = None

    def __post_init__(self) -> None:
        if (self.number[0] == "L") != (self.kind == "CD"):
            raise ValueError("number: it begins with L on a card for Taiwan (kind CD), with C on the others")
        numbers = [number for number, _ in self.held()]
        if len(set(numbers)) != len(numbers):
            raise ValueError("two [[permit.endorsement]] tables have the same number")

    def held(self) -> tuple[tuple[str, HeldData], ...]:
        """Endorsements with their numbers, as the file has them."""
        return tuple(
            (held.number or endorsement_number(held.destination, held.issued_on, int(self.number[-5:])), held)
            for held in self.endorsements
        )

    def right_line(self, birth: dt.date) -> str:
        """The line that belongs on the card: its check digits fit."""
        return permit_line(self.kind, self.number, self.expiry, birth)

    def card(self, person: PersonData) -> dict[str, Any]:
        """The card as a thing, in the field names of the virtual permit that units and readers are given."""
        holder = self.holder or person
        right = self.right_line(holder.birth)
        printed = self.line or spoil(right, self.spoilt)
        inside = "" if printed == right else right
        if self.chip_number or self.chip_birth or self.chip_expiry:
            number, expiry = self.chip_number or self.number, self.chip_expiry or self.expiry
            inside = permit_line(self.kind, number, expiry, self.chip_birth or holder.birth)
        return {
            "line": printed,
            "name": holder.name,
            "surname": self.surname,
            "given": self.given,
            "sex": _PRINTED_SEX.get(holder.sex, "<"),
            "birth": f"{holder.birth:%Y%m%d}",
            "id_number": holder.number if self.dg11 else "",
            "face_seed": holder.face_seed,
            "body": self.body,
            "chip": self.chip,
            "protocol": self.protocol,
            "chip_line": inside,
            "wrong_way": self.wrong_way,
            "endorsements": [number for number, _ in self.held()],
            "back": [_row(held) for held in self.endorsements],
            "chip_writes": self.chip_writes,
        }


def _row(held: HeldData) -> list[str]:
    entries = {"many": "多次", 1: "一次", 2: "二次"}.get(held.entries, f"{held.entries} 次")
    return [_KINDS.get(held.kind, held.kind), _PLACES[held.destination], f"{held.valid_to:%Y%m%d}", entries]
