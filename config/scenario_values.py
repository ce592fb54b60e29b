"""How scenario files write dates and numbers, and how their mistakes are told."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any

from pydantic import BeforeValidator, ValidationError, ValidationInfo

from config.zone import SHANGHAI

LONG_TERM = "长期"
_RELATIVE = re.compile(r"today((?:[+-][0-9]{1,5}[dmy])*)")
_STEP = re.compile(r"([+-])([0-9]+)([dmy])")
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9]))?")
_DATE_HELP = 'write a date as 2026-03-01 or "today-12d", "today+2m", "today-31y"'


def read_date(value: object, today: dt.date) -> dt.date:
    """A date of a scenario file. Months and years keep the day where it exists and take the month's last day otherwise."""
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    if isinstance(value, str):
        if found := _RELATIVE.fullmatch(value):
            return _walk(today, found[1])
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            raise ValueError(_DATE_HELP) from None
    raise ValueError(_DATE_HELP)


def read_moment(value: object, today: dt.date) -> dt.datetime:
    """A moment of a scenario file: an aware datetime, or a date and a time of day in Asia/Shanghai."""
    if isinstance(value, dt.datetime):
        return value if value.tzinfo else value.replace(tzinfo=SHANGHAI)
    day, _, clock = str(value).partition(" ")
    found = _TIME.fullmatch(clock)
    if not found:
        raise ValueError('write a moment as "today-12d 08:14" or "2026-03-01 08:14"')
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    return dt.datetime.combine(read_date(day, today), dt.time(hour, minute, second), SHANGHAI)


def _walk(day: dt.date, steps: str) -> dt.date:
    try:
        for sign, number, unit in _STEP.findall(steps):
            count = int(sign + number)
            day = (
                day + dt.timedelta(days=count) if unit == "d" else _add_months(day, count * (12 if unit == "y" else 1))
            )
    except (OverflowError, ValueError):
        raise ValueError("the date lies outside the calendar") from None
    return day


def _add_months(day: dt.date, months: int) -> dt.date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = (dt.date(year + (month == 11), (month + 1) % 12 + 1, 1) - dt.timedelta(days=1)).day
    return dt.date(year, month + 1, min(day.day, last))


def _today(info: ValidationInfo) -> dt.date:
    day = (info.context or {}).get("today")
    if not isinstance(day, dt.date):
        raise ValueError("relative dates need to know which day is today")
    return day


def _date(value: object, info: ValidationInfo) -> object:
    return read_date(value, _today(info))


def _open_date(value: object, info: ValidationInfo) -> object:
    return None if value == LONG_TERM or value is None else read_date(value, _today(info))


def _moment(value: object, info: ValidationInfo) -> object:
    return read_moment(value, _today(info))


Date = Annotated[dt.date, BeforeValidator(_date)]
OpenDate = Annotated[dt.date | None, BeforeValidator(_open_date)]
Moment = Annotated[dt.datetime, BeforeValidator(_moment)]


def check_character(first17: str) -> str:
    """The 18th character of a citizen identity number (GB 11643, ISO 7064 MOD 11-2)."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return "10X98765432"[sum(int(digit) * weight for digit, weight in zip(first17, weights, strict=True)) % 11]


def fictional_number(area: str, birth: dt.date) -> str:
    """A valid number that nobody has: order number 000 is never assigned."""
    first17 = f"{area}{birth:%Y%m%d}000"
    return first17 + check_character(first17)


def check_number(number: str, birth: dt.date, kind: str) -> None:
    """Raises ValueError where the number could be somebody's, or is not one. Numbers of foreigners' cards have other rules."""
    if kind.startswith("foreigner"):
        return
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        raise ValueError("number: 17 digits and a check character")
    if number[14:17] != "000":
        raise ValueError("number: the order number (digits 15 to 17) must be 000, so that nobody can have it")
    if number[6:14] != f"{birth:%Y%m%d}":
        raise ValueError("number: digits 7 to 14 must be the day of birth")
    if number[17] != check_character(number[:17]):
        raise ValueError(f"number: the check character must be {check_character(number[:17])}")


def mrz_check(text: str) -> str:
    """The check digit of ICAO 9303-3 (weights 7, 3, 1, modulo 10): digits are themselves, A to Z are 10 to 35, < is 0."""
    values = (0 if letter == "<" else int(letter, 36) for letter in text)
    return str(sum(value * (7, 3, 1)[place % 3] for place, value in enumerate(values)) % 10)


def permit_line(kind: str, number: str, expiry: dt.date, birth: dt.date) -> str:
    """The 30 characters on the face of a permit. The last digit covers number, expiry and birth with their own check digits;
    neither the document code nor the fillers. (Made out from the specimens of both cards.)"""
    parts = [text + mrz_check(text) for text in (number, f"{expiry:%y%m%d}", f"{birth:%y%m%d}")]
    return f"{kind}{'<'.join(parts)}<{mrz_check(''.join(parts))}"


def spoil(line: str, places: tuple[int, ...]) -> str:
    """The line with another character in these places: the next digit, or the next letter."""
    turned = str.maketrans("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ<", "1234567890BCDEFGHIJKLMNOPQRSTUVWXYZA0")
    return "".join(letter.translate(turned) if place in places else letter for place, letter in enumerate(line))


def endorsement_number(destination: str, issued_on: dt.date, serial: int) -> str:
    """The fictional number of an endorsement: the place's letter (H, M, T), day of issue YYMMDD, five digits. The real format
    is not public."""
    return f"{destination[0]}{issued_on:%y%m%d}{serial % 100_000:05d}"


def sentence(error: ValidationError, root: Any) -> str:
    """The first mistake: the key, and what is allowed there. No value of the file is repeated."""
    first = error.errors(include_url=False, include_input=False)[0]
    loc = [part for part in first["loc"] if not (isinstance(part, str) and ("[" in part or part in _TAGS))]
    kind, said = first["type"], first["msg"].removeprefix("Value error, ")
    if kind in ("unexpected_keyword_argument", "extra_forbidden"):
        said = f"there is no such key; allowed here: {', '.join(sorted(_keys(root, loc[:-1])))}"
    elif kind in ("missing", "missing_argument"):
        said = "this key is missing"
    elif kind == "string_pattern_mismatch" and (told := _told(root, loc)):
        said = f"it must be {told}"
    key = ".".join(str(part) for part in loc)
    return f"{key + ': ' if key else ''}{said[:1].lower() + said[1:]}."


_TAGS = frozenset({"str", "int", "tuple"})


def _fields(root: Any, loc: list[Any]) -> dict[str, Any]:
    """Fields (by the key of the file) of the table that `loc` leads to."""
    table = root
    for part in loc:
        if isinstance(part, int):
            continue
        field = _by_key(table).get(str(part))
        table = _table(field.annotation) if field else None
        if table is None:
            return {}
    return _by_key(table)


def _by_key(table: Any) -> dict[str, Any]:
    found = getattr(table, "__pydantic_fields__", {})
    return {field.alias or name: field for name, field in found.items()}


def _table(annotation: Any) -> Any:
    if hasattr(annotation, "__pydantic_fields__"):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        if (found := _table(inner)) is not None:
            return found
    return None


def _keys(root: Any, loc: list[Any]) -> list[str]:
    return list(_fields(root, loc))


def _told(root: Any, loc: list[Any]) -> str:
    field = _fields(root, loc[:-1]).get(str(loc[-1])) if loc else None
    return (field.description or "") if field else ""
