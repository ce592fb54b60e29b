"""Provinces, cities and districts by their codes of GB/T 2260 (`areas.toml`): pick lists, and where an identity number begins.

Nothing here judges a code: one that is not listed has no name, and that is all.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from config.tables import TablesError
from config.toml_file import read_toml

FILE = "areas.toml"
_ENTRY = re.compile(r"(?P<code>[0-9]{2}|[0-9]{4})(?P<name>[^0-9\s]+)")


@dataclass(frozen=True, slots=True)
class Area:
    """One place. `code` has two digits for a province, four for a city, six for a district or a place directly under a province."""

    code: str
    name: str
    full_name: str
    """With what it belongs to: 浙江省宁波市鄞州区."""


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Province(_Table):
    code: str = Field(pattern=r"^[1-8][0-9]$")
    name: str = Field(min_length=1)
    short: str = Field(min_length=1)
    cities: str = ""
    direct: str = ""
    districts: str = ""
    """Of a municipality (直辖市), which has no cities."""
    under: dict[str, str] = Field(default_factory=dict)


class _File(_Table):
    province: list[_Province] = Field(min_length=1)
    former: dict[str, str]


@dataclass(frozen=True, slots=True)
class AreaTables:
    """`areas.toml`."""

    areas: Mapping[str, Area]
    """By code, in the order of the file."""
    children: Mapping[str, tuple[Area, ...]]
    former: Mapping[str, str]
    short: Mapping[str, str]
    beginnings: Mapping[str, str]
    """Codes by how addresses begin: with all names, without the province's, and county-level places without their city's."""

    def provinces(self) -> tuple[Area, ...]:
        """All 34, in the order of their codes."""
        return self.children[""]

    def below(self, code: str) -> tuple[Area, ...]:
        """The next pick list: cities of a province (districts of a municipality), districts of a city; empty where none are listed."""
        return self.children.get(code, ())

    def find(self, code: str) -> Area | None:
        """The smallest listed place that a code, or the beginning of an identity number, lies in; None where not even the province
        is known. An abolished area is found under the name it had."""
        digits = code[:6]
        if digits in self.former:
            return Area(digits, self.former[digits], self.former[digits])
        for length in (6, 4, 2):
            found = self.areas.get(digits[:length]) if len(digits) >= length else None
            if found is not None:
                return found
        return self.province_of(digits)

    def province_of(self, code: str) -> Area | None:
        """The province an identity number begins with: what a birth place is proposed from, never more than a proposal."""
        prefix = code[:2]
        if prefix in self.former:
            return next((area for area in self.provinces() if area.name == self.former[prefix]), None)
        return self.areas.get(prefix)

    def of_address(self, address: str) -> tuple[Area | None, str]:
        """The smallest listed place an address begins with, and the rest of it; (None, the address) where it begins with none.

        Identity cards print 浙江省慈溪市… as well as 浙江省宁波市慈溪市…, and some leave the province out.
        """
        text = "".join(address.split())
        for length in range(len(text), 1, -1):
            code = self.beginnings.get(text[:length])
            if code is not None:
                return self.areas[code], text[length:]
        return None, text

    def short_name(self, province: str) -> str:
        """浙江 for 33; empty for an unknown code."""
        return self.short.get(province[:2], "")


def load_areas(path: Path | None = None) -> AreaTables:
    """The tables from a hall's own file, else as shipped. Raises TablesError."""
    name = str(path or FILE)
    try:
        raw = read_toml(Path(__file__).with_name(FILE)) if path is None else tomllib.loads(path.read_text("utf-8-sig"))
        return _tables(_File.model_validate(raw), name)
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, e['loc'])) or 'file'}: {e['msg']}" for e in error.errors()]
        raise TablesError(name, problems) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise TablesError(name, [str(error)]) from error


def _tables(file: _File, name: str) -> AreaTables:
    problems: list[str] = []
    areas: dict[str, Area] = {}
    children: dict[str, list[Area]] = {"": []}

    def add(parent: str, code: str, own: str) -> None:
        if code in areas:
            problems.append(f"{code} is given twice")
            return
        above = areas[parent].full_name if parent else ""
        area = areas[code] = Area(code, own, above + own)
        children.setdefault(parent, []).append(area)

    for province in file.province:
        code = province.code
        add("", code, province.name)
        for tail, own in _entries(f"{code}.cities", province.cities, 2, problems):
            add(code, code + tail, own)
        for tail, own in _entries(f"{code}.direct", province.direct, 4, problems):
            add(code, code + tail, own)
        for tail, own in _entries(f"{code}.districts", province.districts, 2, problems):
            add(code, f"{code}01{tail}", own)
        for city, lines in province.under.items():
            if code + city not in areas:
                problems.append(f"{code}.under: no city {code}{city}")
                continue
            for tail, own in _entries(f"{code}{city}", lines, 2, problems):
                add(code + city, code + city + tail, own)
    for parent, found in children.items():
        if parent:
            children[parent] = sorted(found, key=lambda area: area.code.ljust(6, "0"))
    if problems:
        raise TablesError(name, problems)
    return AreaTables(
        areas=MappingProxyType(areas),
        children=MappingProxyType({parent: tuple(found) for parent, found in children.items()}),
        former=MappingProxyType(file.former),
        short=MappingProxyType({province.code: province.short for province in file.province}),
        beginnings=MappingProxyType(_beginnings(areas)),
    )


def _beginnings(areas: Mapping[str, Area]) -> dict[str, str]:
    """What addresses begin with, where only one place can be meant."""
    found: dict[str, set[str]] = {}
    for code, area in areas.items():
        province = areas[code[:2]].name
        forms = {area.full_name}
        if len(code) > 2:
            forms.add(province + area.name)
        # Districts have the same names in many cities, and not all of those are listed; cities and counties do not.
        if area.name[-1] != "区":
            forms.add(area.name)
        if len(code) == 6 and code[:4] in areas:
            forms.add(area.full_name.removeprefix(province))
        for form in forms:
            found.setdefault(form, set()).add(code)
    return {form: min(codes) for form, codes in found.items() if len(codes) == 1}


def _entries(where: str, line: str, digits: int, problems: list[str]) -> list[tuple[str, str]]:
    found = []
    for entry in line.split():
        part = _ENTRY.fullmatch(entry)
        if part is None or len(part["code"]) != digits:
            problems.append(f"{where}: {entry!r} is not {digits} digits and a name")
        else:
            found.append((part["code"], part["name"]))
    return found
