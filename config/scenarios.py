"""Scenarios: one fictional citizen each, what the simulated world holds about them, and how it misbehaves.

A scenario is data for the simulators, the robot citizen and the demo; nothing in a real hall reads it. Files live in
`config/scenarios/`, one scenario each; `_codes.toml` there says what a violation code means where a record does not.

Dates may stand relative to the day of the run ("today-12d 08:14", "today-31y", "today-6y-40d"), so that a scenario keeps its
meaning. People are fictional by construction: an ID number has order number 000, which is never assigned.

Amounts are integer fen, times aware (Asia/Shanghai), `None` as end of a validity means 长期. Errors: `ScenarioError`, one
sentence with file, key and what is allowed.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic.dataclasses import dataclass

from config.scenario_devices import DeviceCommand as DeviceCommand
from config.scenario_fine import DecisionData, PayerData
from config.scenario_form import ApplicantData
from config.scenario_outcomes import SERVICE_ENDS as SERVICE_ENDS
from config.scenario_outcomes import Outcome as Outcome
from config.scenario_permit import KindLetter, PermitData
from config.scenario_values import Date, OpenDate, check_number, fictional_number, sentence
from config.scenario_violation import Fen, FilingData, HandledData, LicenceData, RecordId, Text
from config.scenario_violation import RecordData as RecordData
from config.scenario_violation import VehicleData as VehicleData

Service = Literal["violation", "endorsement", "form", "fine"]
PREFIXES: Mapping[Service, str] = {"endorsement": "endorse_", "form": "form_", "fine": "pay_"}
"""How the names of a service's scenarios begin; those of the violation service have no common beginning."""
SCENARIO_DIR = Path(__file__).parent / "scenarios"
_DOTTED = re.compile(r"[a-z_]+(\.[a-z_]+)+")
_STRICT = ConfigDict(extra="forbid", hide_input_in_errors=True)

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", description="lower-case letters, digits and _")]
Seconds = Annotated[float, Field(ge=0, le=600)]


class ScenarioError(Exception):
    """One sentence: which file, which key, what is allowed."""


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class PersonData:
    """What the chip of the card says. `number` may be left out: it is made from `area`, `birth` and order number 000."""

    name: Text = Field(repr=False)
    birth: Date = Field(repr=False)
    face_seed: Annotated[int, Field(ge=0, le=99_999)]
    kind: Literal["resident", "hmt_resident", "foreigner_2017", "foreigner_2023"] = "resident"
    sex: Literal["0", "1", "2", "9"] = Field(default="1", repr=False)
    nation: Annotated[str, Field(pattern=r"^([0-9]{2})?$", description="two digits of GB/T 3304, or empty")] = "01"
    address: str = Field(default="浙江省宁波市海曙区模拟路1号", repr=False)
    area: Annotated[str, Field(pattern=r"^[0-9]{6}$", description="six digits")] = "330203"
    number: str = Field(default="", repr=False)
    issuer: str = "宁波市公安局海曙分局"
    valid_from: Date
    valid_to: OpenDate
    issue_count: str = ""
    pass_number: str = ""
    name_latin: str = Field(default="", repr=False)
    nationality: str = ""

    def __post_init__(self) -> None:
        if not self.number:
            object.__setattr__(self, "number", fictional_number(self.area, self.birth))
        check_number(self.number, self.birth, self.kind)


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class PlatformFault:
    """From the `after`-th call of `operation` on, `kind` happens `count` times (0: until cleared). `seconds` is its measure."""

    operation: Name
    kind: Name
    count: Annotated[int, Field(ge=0, le=10_000)] = 1
    after: Annotated[int, Field(ge=0, le=10_000)] = 0
    seconds: Seconds | None = None


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class PlatformData:
    face: Literal["same", "different", "undecided"] = "same"
    """What the platform's own 1:1 service says of the person before the camera."""
    photo: bool = True
    holiday_shift: bool = True
    """False: a cashier that does not move a deadline over holidays. The kiosk shows the platform's date all the same."""
    number_pool: Annotated[int, Field(ge=0, le=1000)] | None = None
    """How many decision numbers the authority's pool has left; None: the platform numbers by itself, and a kiosk reserves none."""
    wants_recording: bool = False
    """Whether it refuses an electronic signature that was not recorded (公安机关办理行政案件程序规定 第263条)."""
    ebill: Literal["issued", "late", "never"] = "issued"
    """late: still being made the first two times it is asked for."""
    faults: tuple[PlatformFault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class ExitEntryData:
    """How the exit-entry platform treats the person, beyond what `[permit]` says it knows."""

    face: Literal["same", "different", "undecided"] = "same"
    photo: bool = True
    refuses: Annotated[str, Field(pattern=r"^([a-z_]{1,40})?$", description="lower-case letters and _, or empty")] = ""
    """A code with which it refuses the application although the registry's record shows nothing."""
    dearer_fen: Fen = 0
    """Its tariff lies this much above the published one, for each endorsement: the kiosk's is out of date."""
    appointment: bool = False
    """The person has an appointment at the window, which a draft's answer names."""
    faults: tuple[PlatformFault, ...] = ()


CancelAt = Literal[
    "", "start", "card", "face", "list", "review", "notice", "pay",
    "permit", "kind", "places", "entries", "phone", "endorsement_review",
    "sections", "question", "photo", "form_review", "preview", "number", "filing", "sign",
]  # fmt: skip
"""The page on which the citizen turns away."""


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class CitizenData:
    """What the simulated citizen does where the kiosk asks."""

    large_text: bool = False
    """Turns on 大字版 first (the demo's citizen; a robot without screen has no use for it)."""
    high_contrast: bool = False
    face_consent: bool = True
    face_seed: int | None = None
    """Who stands before the camera; None is the person on the card."""
    staff: Literal["approves", "refuses", "absent"] = "approves"
    """What staff do when they are asked to look at face and card."""
    vehicle: str = ""
    """The plate chosen from the list; empty takes the first that can be chosen."""
    types_plate: bool = False
    """The plate in `vehicle` is typed on the keypad instead, with `proof`."""
    proof: str = ""
    choose: Literal["all"] | tuple[RecordId, ...] = "all"
    """Which records: all that can be chosen, or these."""
    looks_at_evidence: bool = False
    objects: bool = False
    """Objects to the first record chosen, for `objection`, in the words of `statement`."""
    objection: Annotated[
        str, Field(pattern=r"^[a-z_]{0,40}$", description="the id of a reason, such as picture_unclear")
    ] = ""
    """Id of the reason; empty takes the first offered."""
    defend: bool = False
    """States and defends before the decision, in the words of `statement`."""
    statement: Annotated[str, Field(max_length=500)] = ""
    refuses_to_sign: bool = False
    """Has it noted by staff that they do not sign."""
    files_by: Literal["", "qr", "sms"] = ""
    """How the owner of the vehicle in `vehicle` is asked for the filing (备案); empty: no filing is asked for."""
    sms_codes: tuple[Annotated[str, Field(pattern=r"^[0-9]{4,8}$", description="4 to 8 digits")], ...] = ()
    """Typed one after the other as the code from the owner's telephone."""
    kind: KindLetter = "L"
    """Which kind of endorsement is applied for."""
    places: tuple[Literal["HKG", "MAC", "TWN"], ...] = ("HKG",)
    entries: tuple[
        Annotated[str, Field(pattern=r"^[A-Z]{3}-[A-Z]-[A-Z0-9-]{2,12}$", description="as HKG-L-3M1")], ...
    ] = ()
    """Option ids, one per place; empty takes the first that can be chosen for each."""
    phone: Annotated[str, Field(pattern=r"^[0-9]{0,20}$", description="digits")] = "13000000000"
    says_wrong: bool = False
    """Finds the picture of the finished back wrong."""
    takes_permit: bool = True
    """False: walks away and leaves the permit in the slot."""
    payer_codes: tuple[Annotated[str, Field(min_length=1, max_length=200)], ...] = ()
    """Held before the scanner, one after the other until one is taken, instead of scanning the code on the screen."""
    cancel_at: CancelAt = ""
    rating: Annotated[int, Field(ge=1, le=5)] | None = 5

    @field_validator("choose", mode="before")
    @classmethod
    def _all_or_records(cls, value: object) -> object:
        if value != "all" and not (isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value)):
            raise ValueError('write "all" or a list of record ids')
        return value


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class Scenario:
    name: Name
    title: Text
    """For people, Chinese."""
    description: Text
    """What it is for, English."""
    outcome: Outcome
    service: Service = "violation"
    code: Annotated[
        str, Field(pattern=r"^([A-Z]{1,2}[0-9]{2}|S[1-5])?$", description="a rule such as E02, or empty")
    ] = ""
    """The rule expected to say no (person, vehicle) or to lock a record."""
    about: Annotated[str, Field(max_length=40)] = ""
    """What it shows where no rule says no: the rule that warns, or the article of the citizen's right."""
    person: PersonData
    licence: LicenceData | None = None
    vehicles: tuple[VehicleData, ...] = Field(default=(), alias="vehicle")
    records: tuple[RecordData, ...] = Field(default=(), alias="record")
    handled: tuple[HandledData, ...] = ()
    """What this person took before in the present points cycle."""
    filing: FilingData | None = None
    """How the owner of a vehicle answers when asked whether this person may have it filed."""
    platform: PlatformData = PlatformData()
    permit: PermitData | None = None
    form: ApplicantData | None = None
    decisions: tuple[DecisionData, ...] = Field(default=(), alias="decision")
    """Made before this visit, elsewhere."""
    payer: PayerData | None = None
    exit_entry: ExitEntryData = ExitEntryData()
    settings: Mapping[str, Any] = Field(default_factory=dict)
    """What this hall has set differently, by dotted name ("endorsement.min_interval_days" = 30; "rules.record.regions" = ["local"] in
    rules.toml)."""
    wallet: Mapping[str, Any] = Field(default_factory=lambda: {"preset": "pays", "seconds": 2.0})
    """A script of the fake wallet, as its own reader takes it."""
    devices: tuple[DeviceCommand, ...] = Field(default=(), alias="device")
    citizen: CitizenData = CitizenData()

    @model_validator(mode="before")
    @classmethod
    def _fill_records(cls, data: Any, info: ValidationInfo) -> Any:
        """Give records what their code says and, where they name no vehicle, the first one's plate."""
        if not isinstance(data, Mapping):
            return data
        codes: Mapping[str, Mapping[str, Any]] = (info.context or {}).get("codes", {})
        vehicles, records = data.get("vehicle"), data.get("record")
        decisions = data.get("decision")
        if isinstance(decisions, list) and all(isinstance(made, dict) for made in decisions):
            data = {**data, "decision": [{**codes.get(str(made.get("code")), {}), **made} for made in decisions]}
        if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
            return data
        own: dict[str, Any] = {}
        if isinstance(vehicles, list) and vehicles and isinstance(vehicles[0], dict) and "plate" in vehicles[0]:
            own = {"plate": vehicles[0]["plate"], "plate_type": vehicles[0].get("plate_type", "02")}
        for number, record in enumerate(records):
            if "act" not in record and isinstance(record.get("code"), str) and record["code"] not in codes:
                raise ValueError(
                    f"record.{number}.code: _codes.toml does not have it; allowed: {', '.join(sorted(codes))}"
                )
        return {**data, "record": [{**own, **codes.get(str(r.get("code")), {}), **r} for r in records]}

    def __post_init__(self) -> None:
        if (self.permit is not None) != (self.service == "endorsement"):
            raise ValueError("permit: a scenario of the endorsement service has a [permit], no other has one")
        if (self.form is not None) != (self.service == "form"):
            raise ValueError("form: a scenario of the form service has a [form], no other has one")
        if (self.payer is not None) != (self.service == "fine"):
            raise ValueError("payer: a scenario of the fine service has a [payer], no other has one")
        if misnamed := [name for name in self.settings if not _DOTTED.fullmatch(name)]:
            raise ValueError(f"settings: {', '.join(misnamed)} is no name of a setting, as endorsement.closed is one")
        wanted = [f"{place}-{self.citizen.kind}" for place in self.citizen.places]
        if self.citizen.entries and [option.rpartition("-")[0] for option in self.citizen.entries] != wanted:
            raise ValueError("citizen.entries: one option for each of citizen.places, in their order, of citizen.kind")
        known = {(vehicle.plate, vehicle.plate_type) for vehicle in self.vehicles}
        for record in self.records:
            if (record.plate, record.plate_type) not in known:
                raise ValueError(f"record {record.id} is of a vehicle that the file does not name in [[vehicle]]")
        if self.citizen.files_by == "sms" and not self.citizen.sms_codes:
            raise ValueError("citizen.sms_codes: who files by sms types at least one code")
        if self.citizen.files_by and self.filing is None:
            raise ValueError("filing: who asks the owner (citizen.files_by) needs an owner who answers or does not")
        ids = [record.id for record in self.records]
        if {each.record_id for each in self.handled} & set(ids):
            raise ValueError("a [[handled]] table has the id of an open [[record]]")
        if len(set(ids)) != len(ids):
            raise ValueError("two [[record]] tables have the same id")
        if len({made.number for made in self.decisions}) != len(self.decisions):
            raise ValueError("two [[decision]] tables have the same number")
        if self.citizen.choose != "all" and (unknown := set(self.citizen.choose) - set(ids)):
            raise ValueError(f"citizen.choose names {', '.join(sorted(unknown))}, which no [[record]] has")


_SCENARIO = TypeAdapter(Scenario)


def list_scenarios(service: Service | Literal["all"] = "violation") -> tuple[str, ...]:
    """Names of the scenarios that come with the kiosk for one of its services, sorted."""
    names = sorted(path.stem for path in SCENARIO_DIR.glob("*.toml") if not path.stem.startswith("_"))
    return tuple(name for name in names if service in ("all", service_of(name)))


def service_of(name: str) -> Service:
    """The service that a shipped scenario's name belongs to."""
    return next((service for service, prefix in PREFIXES.items() if name.startswith(prefix)), "violation")


def load_scenario(name_or_path: str | Path, today: dt.date) -> Scenario:
    """The scenario of that name, or in that file (anything with a slash or ending in .toml). Raises ScenarioError."""
    path = Path(name_or_path)
    if path.suffix != ".toml" and len(path.parts) == 1:
        path = SCENARIO_DIR / f"{name_or_path}.toml"
        if not path.is_file():
            raise ScenarioError(f"there is no scenario {name_or_path}; there are {', '.join(list_scenarios('all'))}.")
    tables = _read(path)
    if path.parent == SCENARIO_DIR and tables.get("service", "violation") != service_of(path.stem):
        said = ", those of the ".join(f"{service} service begin with {prefix}" for service, prefix in PREFIXES.items())
        raise ScenarioError(f"{path}: service: names of the {said}, and no others do.")
    if tables.get("name", path.stem) != path.stem:
        raise ScenarioError(f"{path}: name: it must be the file's own name, {path.stem}.")
    codes = _read(SCENARIO_DIR / "_codes.toml")
    try:
        return _SCENARIO.validate_python(tables, context={"today": today, "codes": codes})
    except ValidationError as error:
        raise ScenarioError(f"{path}: {sentence(error, Scenario)}") from None


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except FileNotFoundError:
        raise ScenarioError(f"{path}: there is no such file.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError(f"{path}: cannot be read: {error}.") from None
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(f"{path}: not valid TOML: {error}.") from None
