"""The shipped tables that halls may replace: rules, holidays, legal texts, violation codes.

Read once at start; a file that is wrong stops the start with a sentence saying where. A directory given by the hall may hold
any of the four files; one that it does not hold is taken from the package.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from config.law_tables import PlainLaw
from config.rule_tables import DeadlineRules, Mark, Rules, SetRules
from config.settings import SettingsError
from config.toml_file import read_toml

__all__ = [
    "BLANK",
    "BLANKS_OF_TEXT",
    "Codes",
    "DayBlock",
    "DeadlineRules",
    "HolidayYear",
    "Holidays",
    "Legal",
    "LegalText",
    "Mark",
    "ObjectionReason",
    "OrganArea",
    "Organs",
    "Rules",
    "SetRules",
    "Tables",
    "TablesError",
    "ViolationCode",
    "load_tables",
]

BLANK = re.compile(r"\{([a-z_]+)\}")

BLANKS_OF_TEXT: Mapping[str, frozenset[str]] = {
    "penalty_notice": frozenset({"facts", "provisions", "basis", "penalty", "points"}),
    "notice_rights": frozenset(),
    "waiver": frozenset(),
    "signing": frozenset(),
    "remedies": frozenset({"review_organ", "court"}),
    "payment_terms": frozenset({"deadline"}),
    "where_to_pay": frozenset(),
    "points_near_full": frozenset({"points_total"}),
    "self_service_terms": frozenset(),
    "endorsement_terms": frozenset(),
    "endorsement_declaration": frozenset(),
    "face_consent": frozenset(),
    "form_terms": frozenset(),
    "form_photo_consent": frozenset(),
    "voucher_note": frozenset(),
    "incident_note": frozenset(),
    "objection_note": frozenset(),
    "defence_note": frozenset(),
}
"""Every legal text the product uses, and the blanks its wording may contain."""


class TablesError(SettingsError):
    """A table cannot be used. `problems` are sentences for the technician, one per fault."""

    def __init__(self, file: str, problems: list[str]) -> None:
        super().__init__(f"{file}: " + "; ".join(problems))
        self.file = file
        self.problems = problems


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DayBlock(_Table):
    first: dt.date
    last: dt.date
    name: str

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last < self.first:
            raise ValueError(f"{self.name}: last day {self.last} is before first day {self.first}")
        return self

    def days(self) -> tuple[dt.date, ...]:
        return tuple(self.first + dt.timedelta(days=n) for n in range((self.last - self.first).days + 1))


class HolidayYear(_Table):
    year: int
    confidence: Mark
    off: tuple[DayBlock, ...]
    work: tuple[dt.date, ...]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        off = {day for block in self.off for day in block.days()}
        for day in sorted(off | set(self.work)):
            if day.year != self.year:
                raise ValueError(f"{day} is not in {self.year}")
        for day in self.work:
            if day in off:
                raise ValueError(f"{day} is both off and a working day")
            if day.weekday() < 5:
                raise ValueError(f"{day} is listed as moved working day (调休) but is no weekend day")
        return self


class Holidays(_Table):
    """`holidays.toml`."""

    year: tuple[HolidayYear, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _unique(self) -> Self:
        _refuse_doubles("year", [str(y.year) for y in self.year])
        return self


class LegalText(_Table):
    """One wording of one text. `reviewed_by` stays empty until the hall's legal owner has approved it."""

    id: str
    version: str = Field(min_length=1)
    valid_from: dt.date
    reviewed_by: str
    source: str = Field(min_length=1)
    paragraphs: tuple[Annotated[str, Field(min_length=1)], ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _blanks_known(self) -> Self:
        if self.id not in BLANKS_OF_TEXT:
            raise ValueError(f"unknown text {self.id!r}")
        for paragraph in self.paragraphs:
            unknown = set(BLANK.findall(paragraph)) - BLANKS_OF_TEXT[self.id]
            if unknown:
                raise ValueError(f"{self.id}: blanks {sorted(unknown)} are not known for this text")
            if "{" in BLANK.sub("", paragraph) or "}" in BLANK.sub("", paragraph):
                raise ValueError(f"{self.id}: a brace that belongs to no blank")
        return self


class ObjectionReason(_Table):
    id: str = Field(pattern=r"^[a-z_]+$")
    label: str = Field(min_length=1)
    bring: str
    """What to bring to the window; empty where nothing special is needed."""


class OrganArea(_Table):
    prefix: str = Field(pattern=r"^[0-9]{2,12}$")
    review_organ: str = Field(min_length=1)
    court: str = Field(min_length=1)


class Organs(_Table):
    review_organ: str = Field(min_length=1)
    court: str = Field(min_length=1)
    areas: tuple[OrganArea, ...]

    def of(self, authority_code: str) -> tuple[str, str]:
        """(review organ, court) for an authority's unit code; the longest matching prefix wins."""
        for area in sorted(self.areas, key=lambda a: len(a.prefix), reverse=True):
            if authority_code.startswith(area.prefix):
                return area.review_organ, area.court
        return self.review_organ, self.court


class Legal(_Table):
    """`legal.toml`."""

    text: tuple[LegalText, ...]
    objection: tuple[ObjectionReason, ...] = Field(min_length=1)
    organs: Organs
    camera_basis: str
    """Article added to the punishment basis of a camera record; empty where the platform's text already has it."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        _refuse_doubles("text", [f"{t.id} from {t.valid_from}" for t in self.text])
        _refuse_doubles("objection", [o.id for o in self.objection])
        missing = set(BLANKS_OF_TEXT) - {t.id for t in self.text}
        if missing:
            raise ValueError(f"texts missing: {', '.join(sorted(missing))}")
        return self

    def in_force(self, text_id: str, day: dt.date) -> LegalText:
        """The wording in force on a day. Raises KeyError where none is: nothing is printed that was not yet valid."""
        valid = [t for t in self.text if t.id == text_id and t.valid_from <= day]
        if not valid:
            raise KeyError(f"no wording of {text_id!r} in force on {day}")
        return max(valid, key=lambda t: t.valid_from)

    def not_reviewed(self) -> tuple[str, ...]:
        """ "id version" of every text that nobody has approved, for diagnostics."""
        return tuple(f"{t.id} {t.version}" for t in self.text if not t.reviewed_by)


class ViolationCode(_Table):
    code: str = Field(pattern=r"^[0-9]{4}[0-9A-Z]{0,2}$")
    province: str = Field(pattern=r"^[0-9]{2}$")
    valid_from: dt.date
    act: str = Field(min_length=1)
    points: Literal[0, 1, 3, 6, 9, 12]
    item: str = Field(default="", pattern=r"^((8|9|1[0-2])-([1-9]|1[0-5]))?$")
    """Article and item of 公安部令163 that give the points; empty where there are none."""
    points_before: Literal[0, 1, 2, 3, 6, 12] | None = None
    """By the list in force until 2022-03-31; None where it is not known here."""
    fine_yuan: tuple[int, int]
    code_mark: Mark
    points_mark: Mark


class Codes(_Table):
    """`codes.toml`."""

    violation: tuple[ViolationCode, ...]

    @model_validator(mode="after")
    def _unique(self) -> Self:
        _refuse_doubles("code", [f"{v.code}/{v.province} from {v.valid_from}" for v in self.violation])
        return self

    def find(self, code: str, province: str, day: dt.date) -> ViolationCode | None:
        """The row in force on a day, a province's own before the national one; None where the table knows none."""
        rows = [v for v in self.violation if v.code == code and v.province in (province, "00") and v.valid_from <= day]
        return max(rows, key=lambda v: (v.province != "00", v.valid_from), default=None)


class Tables(_Table):
    rules: Rules
    holidays: Holidays
    legal: Legal
    codes: Codes
    plain: PlainLaw = PlainLaw()
    """The law in plain words, and ready sentences."""


T = TypeVar("T", bound=BaseModel)


OWN_TABLES = (
    *("rules.toml", "holidays.toml", "legal.toml", "codes.toml", "law_plain.toml"),
    *("endorsements.toml", "payer_codes.toml"),
)
"""What a hall's folder (`kiosk.tables`) may hold; what is not in it is as shipped."""


def own_table(directory: Path | None, name: str) -> Path | None:
    """The hall's own file of that name, where it has one."""
    own = directory / name if directory is not None else None
    return own if own is not None and own.is_file() else None


def load_tables(directory: Path | None = None) -> Tables:
    """All tables of the violation service, from `directory` where it holds a file, else as shipped. Raises TablesError, also for a folder
    that is not there and for a file in it that no table is read from: a slip of the pen would leave the shipped one in force."""
    if directory is None:
        return _shipped_tables()
    _check_folder(directory)
    return _tables(directory)


@cache
def _shipped_tables() -> Tables:
    """Nobody can change them, so that one reading does for a process."""
    return _tables(None)


def _tables(directory: Path | None) -> Tables:
    return Tables(
        rules=_load(Rules, "rules.toml", directory),
        holidays=_load(Holidays, "holidays.toml", directory),
        legal=_load(Legal, "legal.toml", directory),
        codes=_load(Codes, "codes.toml", directory),
        plain=_load(PlainLaw, "law_plain.toml", directory),
    )


def _check_folder(directory: Path) -> None:
    try:
        found = sorted(path.name for path in directory.iterdir() if path.suffix == ".toml")
    except OSError as error:
        raise TablesError(str(directory), [f"the hall's tables cannot be read ({error.strerror})"]) from None
    if unknown := [name for name in found if name not in OWN_TABLES]:
        known = ", ".join(OWN_TABLES)
        raise TablesError(str(directory), [f"no table is read from {', '.join(unknown)}; name it as one of {known}"])


def _load(model: type[T], name: str, directory: Path | None) -> T:
    own = own_table(directory, name)
    try:
        found = read_toml(Path(__file__).with_name(name)) if own is None else tomllib.loads(own.read_text("utf-8-sig"))
        return model.model_validate(found)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise TablesError(str(own or name), [str(error)]) from error
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, e['loc'])) or 'file'}: {e['msg']}" for e in error.errors()]
        raise TablesError(str(own or name), problems) from error


def _refuse_doubles(what: str, keys: list[str]) -> None:
    doubles = sorted({key for key in keys if keys.count(key) > 1})
    if doubles:
        raise ValueError(f"{what} given twice: {', '.join(doubles)}")
