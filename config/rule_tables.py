"""The shape of `rules.toml`: what the violation rules read of it. A value that a law fixes is none of these; it stands in the code."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Mark = Literal["H", "M", "L"]
"""How sure a value is: H two independent sources, M one or well-established practice, L to be confirmed by the hall."""

Letter = Annotated[str, Field(pattern=r"^[A-Z]$")]
PlateType = Annotated[str, Field(pattern=r"^[0-9]{2}$")]
LicenceClass = Annotated[str, Field(pattern=r"^([A-C][1-6]|[DEFMNP])$")]
Region = Literal["local", "province", "other"]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class StatusLetter(_Table):
    name: str = Field(min_length=1)
    blocks: bool


class CardRules(_Table):
    checked_kinds: tuple[Literal["resident", "hmt_resident", "foreigner_2023"], ...]


class PersonRules(_Table):
    without_licence: Literal["refuse", "zero_points"]
    key_person_courses: int = Field(ge=1)


class ClassCover(_Table):
    """Which licence classes may drive what: vehicle types by their beginning (GA 24.4), plate types (GA 24.7)."""

    name: str = Field(min_length=1)
    vehicle_types: tuple[Annotated[str, Field(pattern=r"^[A-Z][0-9]{0,2}$")], ...]
    plate_types: tuple[PlateType, ...]
    classes: frozenset[LicenceClass] = Field(min_length=1)


class LicenceRules(_Table):
    unknown_letter_blocks: bool
    leap_anniversary: Literal["02-28", "03-01"]
    kinds: frozenset[str]
    status: dict[Letter, StatusLetter]
    covers: tuple[ClassCover, ...]


class VehicleStatus(_Table):
    name: str = Field(min_length=1)
    rule: Literal["V08", "V09", "V10"]
    alarm: bool = False


class VehicleRules(_Table):
    allow_unfiled: bool
    points_on_filing_day: bool
    key_uses: frozenset[Letter]
    key_type_prefixes: tuple[Annotated[str, Field(min_length=1)], ...]
    refused_plate_types: frozenset[PlateType]
    seized: Literal["warn", "refuse"]
    status: dict[Letter, VehicleStatus]

    def letters(self, rule: str) -> frozenset[str]:
        """The status letters a rule is about."""
        return frozenset(letter for letter, row in self.status.items() if row.rule == rule)


class FilingRules(_Table):
    """Bounds on filing somebody else's vehicle (备案非本人机动车)."""

    plate_types: frozenset[PlateType]
    uses: frozenset[Letter]
    vehicles_of_person: int = Field(ge=0)
    persons_of_vehicle: int = Field(ge=0)
    a_day: int = Field(ge=0)
    a_year: int = Field(ge=0)


class WindowOnly(_Table):
    """A violation code of the window alone, keyed as codes are: on province ("00": all) and date."""

    code: str = Field(pattern=r"^[0-9]{4}[0-9A-Z]{0,2}$")
    province: str = Field(pattern=r"^[0-9]{2}$")
    valid_from: dt.date
    act: str = Field(min_length=1)
    mark: Mark

    def is_about(self, code: str, province: str, day: dt.date) -> bool:
        """A row of four digits is also about their local extensions (1614 about 16141)."""
        return code.startswith(self.code) and self.province in ("00", province) and self.valid_from <= day


class RecordRules(_Table):
    max_points: int = Field(ge=0, le=12)
    regions: frozenset[Region]
    presence_same_area_min: int = Field(ge=0)
    presence_other_area_min: int = Field(ge=0)
    window_only: tuple[WindowOnly, ...]


class SetRules(_Table):
    points_limit: int = Field(ge=1, le=12)
    points_compare: Literal[">=", ">"]
    near_full_from: int = Field(ge=1, le=12)
    max_records: int = Field(ge=1)
    max_other_plates: int = Field(ge=0)
    max_licences_of_plate: int = Field(ge=1)


class DeadlineRules(_Table):
    holiday_shift: bool
    weekends_are_holidays: bool


class FineRules(_Table):
    """Paying a decision by its number."""

    max_fen: int = Field(ge=0)
    """Largest sum, surcharge included; 0: no bound."""
    areas: tuple[Annotated[str, Field(pattern=r"^[0-9]{2,6}$")], ...]
    """Beginnings of the deciding units' numbers whose fines are collected here; none: all."""


class Rules(_Table):
    """`rules.toml`."""

    card: CardRules
    person: PersonRules
    licence: LicenceRules
    vehicle: VehicleRules
    filing: FilingRules
    record: RecordRules
    set: SetRules
    deadline: DeadlineRules
    fine: FineRules

    def values(self) -> Iterator[tuple[str, object]]:
        """Every setting as ("set.points_limit", 12), for the rule book."""
        for part in type(self).model_fields:
            section: _Table = getattr(self, part)
            for name in type(section).model_fields:
                yield f"{part}.{name}", getattr(section, name)
