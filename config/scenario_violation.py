"""What a scenario says of licence, vehicles and camera records, of what was handled before, and of how an owner answers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from config.scenario_values import Date, Moment, OpenDate

_STRICT = ConfigDict(extra="forbid", hide_input_in_errors=True)
Text = Annotated[str, Field(min_length=1, max_length=300)]
Fen = Annotated[int, Field(ge=0, le=100_000_000)]
Points = Annotated[int, Field(ge=0, le=99)]
Count = Annotated[int, Field(ge=0, le=1000)]
Letters = Annotated[str, Field(pattern=r"^[A-Z]{1,12}$", description="capital letters")]
Plate = Annotated[
    str,
    Field(
        pattern=r"^([^\W\d_][A-Z][A-Z0-9]{4,5}[A-Z0-9\u4e00-\u9fa5]|[0-9]{6}使)$",
        description="a plate such as 浙B12345",
    ),
]
PlateType = Annotated[str, Field(pattern=r"^[0-9]{2}$", description="two digits")]
RecordId = Annotated[str, Field(pattern=r"^[0-9]{16}$", description="16 digits")]
AuthorityCode = Annotated[str, Field(pattern=r"^[0-9]{12}$", description="12 digits")]


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class PeriodData:
    first: Date
    last: OpenDate = None

    def __post_init__(self) -> None:
        if self.last is not None and self.last < self.first:
            raise ValueError("last: a period ends on its first day or later")


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class LicenceData:
    first_issued: Date
    valid_to: OpenDate
    status: Letters = "A"
    licence_class: Annotated[str, Field(pattern=r"^([A-D][1-6]?|[EFMNP])+$", description="准驾车型, e.g. C1")] = "C1"
    file_no: Annotated[str, Field(pattern=r"^[0-9]{12}$", description="12 digits")] = "330200000001"
    issued_by: Text = "浙B"
    points: Points = 0
    kind: Literal["civil", "temporary", "foreign", "military"] = "civil"
    full_point_courses: Count = 0
    suspected_proxy: bool = False
    not_valid: tuple[PeriodData, ...] = ()
    """When it was held, suspended or revoked."""


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class VehicleData:
    """`relation` other: known to the platform, neither owned nor filed by this person."""

    plate: Plate
    plate_type: PlateType = "02"
    relation: Literal["own", "filed", "other"] = "own"
    vin: Annotated[str, Field(pattern=r"^[A-HJ-NPR-Z0-9]{17}$", description="17 characters without I, O, Q")]
    engine: Annotated[str, Field(pattern=r"^[A-Z0-9-]{4,20}$", description="capital letters, digits and -")]
    use: Annotated[str, Field(pattern=r"^[A-Z]$", description="one letter of 使用性质")] = "A"
    vehicle_type: Annotated[str, Field(pattern=r"^[A-Z][0-9]{2}$", description="e.g. K33")] = "K33"
    status: Letters = "A"
    filed_on: Date | None = None
    inspection_to: Date | None = None
    colour: Literal["white", "black", "silver", "red", "blue", "green", "yellow"] = "white"
    owner: Literal["person", "unit"] = "person"
    insured_to: Date | None = None
    licences_used: Count = 0
    """Different licences that took points on this plate in the present cycle."""
    licence_among_them: bool = False
    """Whether this person's is one of them."""
    users: Count = 0
    """Persons other than the owner who have it filed, beside this one."""


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class RecordData:
    """One camera record. `act`, `fine_fen`, `points`, `provisions` and `basis` default to the code's in `_codes.toml`."""

    id: RecordId
    at: Moment
    place: Text
    code: Annotated[str, Field(pattern=r"^[0-9]{4}[0-9A-Z]{0,2}$", description="four digits and two local characters")]
    act: Text
    fine_fen: Fen
    points: Points
    provisions: str
    basis: str
    plate: Plate
    plate_type: PlateType
    authority: Text = "宁波市公安局交通警察局海曙大队"
    authority_code: AuthorityCode = "330203005400"
    region: Literal["local", "province", "other"] = "local"
    penalty: Literal["warning", "fine", "other"] = "fine"
    measured: str = ""
    limit: str = ""
    photos: Annotated[int, Field(ge=0, le=3)] = 2
    state: Literal["open", "objected", "auditing", "correcting", "held"] = "open"
    """held: another session has it, and the list says so."""
    held_meanwhile: bool = False
    """Another session takes it while the citizen reads the list, which still calls it open."""
    under_case: bool = False
    refuses: Annotated[str, Field(pattern=r"^[a-z_]{0,40}$", description="lower-case letters and _, or empty")] = ""
    """A code with which the platform refuses to decide it although nothing in the list shows why."""
    handled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class HandledData:
    """A record that this person took earlier in the present points cycle, wherever that was."""

    record_id: RecordId
    plate: Plate
    plate_type: PlateType = "02"
    relation: Literal["own", "filed", "other"]
    at: Moment
    authority_code: AuthorityCode = "330203005400"
    points: Points


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class FilingData:
    """The owner who is asked whether this person may have the vehicle filed (备案非本人机动车), and what was filed before."""

    owner: Literal["confirms", "refuses", "silent"] = "confirms"
    answers_after: Annotated[int, Field(ge=0, le=100)] = 1
    """How often the kiosk has asked before the owner has answered."""
    code: Annotated[str, Field(pattern=r"^[0-9]{6}$", description="6 digits")] = "482913"
    """What the owner's telephone shows for the way sms."""
    phone_tail: Annotated[str, Field(pattern=r"^([0-9]{4})?$", description="4 digits, or empty")] = "0000"
    """Empty: the owner has no telephone on file."""
    waits_s: Annotated[float, Field(gt=0, le=3600)] = 300.0
    """How long the request waits for the owner."""
    today: Count = 0
    """Filings of this person today."""
    this_year: Count = 0
    """Filings of this person in the calendar year, today's included."""

    def __post_init__(self) -> None:
        if self.today > self.this_year:
            raise ValueError("today: what was filed today was filed this year, so this_year is not less")
