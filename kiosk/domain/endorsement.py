"""Endorsements (签注) as values: where to, what kind, how often, how long; what somebody holds, and what was granted.

The catalogue itself, its dates of validity and the fees are data (`config/endorsements.toml`).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from kiosk.domain.errors import Refusal


class Destination(StrEnum):
    HONG_KONG = "HKG"
    MACAO = "MAC"
    TAIWAN = "TWN"


@dataclass(frozen=True, slots=True)
class Period:
    """How long an endorsement can be used, counted from the day of issue."""

    months: int

    def __str__(self) -> str:
        return f"{self.months // 12}Y" if self.months % 12 == 0 else f"{self.months}M"


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that can be applied for, e.g. HKG-G-3M1: Hong Kong, individual visit, three months, once."""

    id: str
    destination: Destination
    kind: str
    """The letter on the application form: G L S T Q D R."""
    period: Period
    entries: int | None
    """None: any number (多次)."""
    stay_days: int
    weekly: bool = False
    """一周一行: one trip in each natural week."""
    title: str = ""
    """A name of its own (一签多行), under which people ask for it; empty where the kind's name is all there is."""


@dataclass(frozen=True, slots=True)
class Endorsement:
    """What the registry says somebody holds. `entries_left` None: any number."""

    number: str
    destination: Destination
    kind: str
    entries_left: int | None
    issued_on: dt.date
    valid_to: dt.date
    entries: int | None = None
    """How often it allowed to enter at issue; None: any number."""


@dataclass(frozen=True, slots=True)
class RegistryRecord:
    """What the exit-entry platform knows of a holder and their permit, as far as the rules ask for it."""

    id_number: str = field(repr=False)
    name: str = field(repr=False)
    birth: dt.date = field(repr=False)
    permit_number: str = field(repr=False)
    permit_valid_to: dt.date
    permit_state: Literal["valid", "lost", "cancelled", "damaged", "replaced"] = "valid"
    booklet: bool = False
    hukou_area: str = field(default="", repr=False)
    """Six digits of GB/T 2260."""
    residence_area: str = field(default="", repr=False)
    """Where the holder has a residence permit (居住证); empty: none."""
    registered_official: bool = False
    """登记备案国家工作人员."""
    military: bool = False
    """现役军人、武警."""
    exit_barred: bool = field(default=False, repr=False)
    """法定不准出境. The ground is never transmitted."""
    false_statement: bool = field(default=False, repr=False)
    data_changed: bool = False
    """Name or number changed since the permit was issued."""
    review: bool = False
    """A pending application, an abnormal record, or marked for manual review."""
    first_here: bool = False
    """Holder from elsewhere who never applied at this place before."""
    business_filed: bool = False
    """The employer is on the filed list for S endorsements."""
    papers_for: tuple[str, ...] = ()
    """Kinds whose papers the platform already holds."""
    chip_writes: int = 0
    face_on_file: Literal["ok", "old", "missing"] = "ok"
    endorsements: tuple[Endorsement, ...] = ()


@dataclass(frozen=True, slots=True)
class Stop:
    """A rule that ends the visit or takes an option away, and where it leads: refuse (not at all) or window (to the staff)."""

    refusal: Refusal
    outcome: Literal["refuse", "window"]


@dataclass(frozen=True, slots=True)
class Offer:
    """One option as it stands for this person today. `stops` empty: it can be chosen."""

    option: Option
    fee_fen: int
    valid_to: dt.date
    """If issued today."""
    stops: tuple[Stop, ...] = ()


@dataclass(frozen=True, slots=True)
class Grant:
    """One endorsement as the platform has authorised it."""

    number: str
    option_id: str
    destination: Destination
    kind: str
    entries: int | None
    valid_from: dt.date
    valid_to: dt.date


class ApplicationState(StrEnum):
    ACCEPTED = "accepted"
    AUTHORISED = "authorised"
    """Paid and granted; may be written into the permit once."""
    WRITTEN = "written"
    """In force."""
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Application:
    """One application (申请) for one permit: one or two endorsements, one number, one fee."""

    number: str
    """业务流水号, 15 digits."""
    state: ApplicationState
    fee_fen: int
    grants: tuple[Grant, ...] = ()
    """Empty before it is authorised."""
    write_data: bytes = field(default=b"", repr=False)
    """What the card unit writes: made and sealed by the issuing authority, never read by the kiosk."""
