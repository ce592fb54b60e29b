"""Fictional people, one for each visit of the matrix: with their own vehicle and record, permit, or wish for a form."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from config.scenario_values import fictional_number
from config.scenarios import Scenario, Service, load_scenario
from kiosk.ports.clock import SystemClock

T = TypeVar("T")
_PERSON = """
service = "{service}"
name = "{name}"
title = "{title}"
description = "Everything of theirs is in order."
outcome = "{outcome}"
[person]
name = "谢演练"
birth = {birth}
sex = "2"
face_seed = 1
valid_from = "today-6y"
valid_to = "today+14y"
[wallet]
preset = "pays"
seconds = 0
[citizen]
face_consent = {face}
kind = "L"
places = ["HKG"]
"""
_VIOLATION = """
[licence]
first_issued = "today-9y"
valid_to = "today+1y"
file_no = "{file_no}"
[[vehicle]]
plate = "{plate}"
vin = "{vin}"
engine = "{engine}"
"""
_RECORD = """
[[record]]
id = "{id}"
at = "today-{days}d 17:42"
place = "宁波市海曙区环城西路与丽园南路交叉口"
code = "{code}"
photos = 1
"""
_ENDORSEMENT = """
entries = ["HKG-L-3M1"]
[permit]
number = "{permit}"
expiry = "today+6y"
surname = "XIE"
given = "YANLIAN"
"""
_FORM = """
[form]
photo = "{photo}"
sees_paper = false
[form.answers]
phone = "13000000000"
emer_name = "王建国"
emer_phone = "13000000001"
want_passport = "1"
passport_kind = "first"
delivery = "window"
"""
_BRINGS = """
[form.brings]
phone = "13000000000"
emer_name = "王建国"
emer_phone = "13000000001"
want_passport = "1"
passport_kind = "first"
delivery = "window"
"""
OUTCOMES = {"violation": "paid", "endorsement": "endorsed", "form": "printed"}
CODES = ("1345", "1039")
_FIRST = {"violation": 0, "endorsement": 3000, "form": 6000}
FIRST = dt.date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Series:
    """Whose numbers are whose: people of two series never have anything in common. `records`: one each."""

    digit: int
    letter: str
    records: tuple[int, ...]

    def of(self, n: int) -> dict[str, str]:
        """The numbers of citizen `n` (0 to 9999)."""
        return {
            "file_no": f"3302000{self.digit}{n:04d}",
            "plate": f"浙B{self.letter}{n:04d}",
            "vin": f"LTEST00AXR00{self.digit}{n:04d}",
            "engine": f"MN0{self.digit}{n:04d}",
            "permit": f"C1{self.digit + 1}00{n:04d}",
        }

    def record_ids(self, n: int) -> list[str]:
        return [f"33020391000{each}{n:04d}" for each in self.records]


MATRIX = Series(1, "M", (0,))


def wish(service: str, name: str, title: str, series: Series, n: int, *, camera: bool, phone: bool = False) -> str:
    """The scenario of a citizen with something of their own to do, as TOML."""
    told = {"service": service, "name": name, "title": title, "outcome": OUTCOMES[service], "face": str(camera).lower()}
    text = _PERSON.format(**told, birth=FIRST + dt.timedelta(days=n))
    if service == "violation":
        rows = [
            _RECORD.format(id=number, days=9 - at, code=CODES[at]) for at, number in enumerate(series.record_ids(n))
        ]
        return text + _VIOLATION.format(**series.of(n)) + "".join(rows)
    if service == "endorsement":
        return text + _ENDORSEMENT.format(**series.of(n))
    return text + _FORM.format(photo="camera" if camera else "later") + (_BRINGS if phone else "")


def people(
    folder: Path, service: Service, count: int, *, camera: bool = False, phone: bool = False
) -> Iterator[Scenario]:
    """`camera`: they look into it, instead of being compared by staff or bringing their photo later. `phone`: they bring a code."""
    first = _FIRST[service] + 1000 * camera + 2000 * phone
    file = folder / f"matrix_{service}_{first}.toml"
    file.write_text(wish(service, file.stem, "故障表", MATRIX, 0, camera=camera, phone=phone))
    somebody = load_scenario(file, SystemClock().now().date())
    return (_another(somebody, n) for n in range(first, first + count))


def _another(somebody: Scenario, n: int) -> Scenario:
    """The same wish of somebody else."""
    birth, own = FIRST + dt.timedelta(days=n), MATRIX.of(n)
    number = fictional_number("330203", birth)
    # Before the camera all are twins: a picture of the one before, some tenths of a second old, is no mistake of the machine's here.
    seed = 1 if somebody.citizen.face_consent else n
    changes: dict[str, Any] = {
        "name": f"{somebody.name}_{n}",
        "person": _altered(somebody.person, birth=birth, number=number, face_seed=seed),
    }
    if somebody.licence is not None:
        plate = own["plate"]
        vehicle, record = somebody.vehicles[0], somebody.records[0]
        changes["licence"] = _altered(somebody.licence, file_no=own["file_no"])
        changes["vehicles"] = (_altered(vehicle, plate=plate, vin=own["vin"], engine=own["engine"]),)
        changes["records"] = (_altered(record, id=MATRIX.record_ids(n)[0], plate=plate),)
    if somebody.permit is not None:
        changes["permit"] = _altered(somebody.permit, number=own["permit"])
    if somebody.form is not None and somebody.form.brings:
        # The same code shown twice within a moment counts as one.
        changes["form"] = _altered(somebody.form, brings={**somebody.form.brings, "phone": f"1300000{n:04d}"})
    return _altered(somebody, **changes)


def _altered(thing: T, **changes: Any) -> T:
    """A copy, not judged anew: hundreds of people are made, all after a pattern that was."""
    other = copy.copy(thing)
    for key, value in changes.items():
        object.__setattr__(other, key, value)
    return other
