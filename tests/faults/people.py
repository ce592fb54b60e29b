"""Fictional people, one for each visit of the matrix: with their own vehicle and record, permit, or wish for a form."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from config.scenario_values import fictional_number
from config.scenarios import Scenario, Service, load_scenario
from kiosk.ports.clock import SystemClock

T = TypeVar("T")
_PERSON = """
service = "{service}"
name = "{name}"
title = "故障表"
description = "Everything of theirs is in order."
outcome = "{outcome}"
[person]
name = "谢演练"
birth = 1970-01-01
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
[[vehicle]]
plate = "浙BM0000"
vin = "LTEST00AXR0010000"
engine = "MN010000"
[[record]]
id = "3302039100000000"
at = "today-9d 17:42"
place = "宁波市海曙区环城西路与丽园南路交叉口"
code = "1345"
photos = 1
"""
_ENDORSEMENT = """
entries = ["HKG-L-3M1"]
[permit]
number = "C12000000"
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
_OUTCOMES = {"violation": "paid", "endorsement": "endorsed", "form": "printed"}
_FIRST = {"violation": 0, "endorsement": 3000, "form": 6000}


def people(
    folder: Path, service: Service, count: int, *, camera: bool = False, phone: bool = False
) -> Iterator[Scenario]:
    """`camera`: they look into it, instead of being compared by staff or bringing their photo later. `phone`: they bring a code."""
    first = _FIRST[service] + 1000 * camera + 2000 * phone
    somebody = _somebody(folder / f"matrix_{service}_{first}.toml", service, camera, phone)
    return (_another(somebody, n) for n in range(first, first + count))


def _somebody(file: Path, service: Service, camera: bool, phone: bool) -> Scenario:
    own = {"violation": _VIOLATION, "endorsement": _ENDORSEMENT}.get(service, "")
    if service == "form":
        own = _FORM.format(photo="camera" if camera else "later") + (_BRINGS if phone else "")
    told = {"service": service, "name": file.stem, "outcome": _OUTCOMES[service], "face": str(camera).lower()}
    file.write_text(_PERSON.format(**told) + own)
    return load_scenario(file, SystemClock().now().date())


def _another(somebody: Scenario, n: int) -> Scenario:
    """The same wish of somebody else."""
    birth = dt.date(1970, 1, 1) + dt.timedelta(days=n)
    number = fictional_number("330203", birth)
    # Before the camera all are twins: a picture of the one before, some tenths of a second old, is no mistake of the machine's here.
    seed = 1 if somebody.citizen.face_consent else n
    changes: dict[str, Any] = {
        "name": f"{somebody.name}_{n}",
        "person": _altered(somebody.person, birth=birth, number=number, face_seed=seed),
    }
    if somebody.licence is not None:
        plate = f"浙BM{n:04d}"
        vehicle, record = somebody.vehicles[0], somebody.records[0]
        changes["licence"] = _altered(somebody.licence, file_no=f"33020001{n:04d}")
        changes["vehicles"] = (_altered(vehicle, plate=plate, vin=f"LTEST00AXR001{n:04d}", engine=f"MN01{n:04d}"),)
        changes["records"] = (_altered(record, id=f"330203910000{n:04d}", plate=plate),)
    if somebody.permit is not None:
        changes["permit"] = _altered(somebody.permit, number=f"C1200{n:04d}")
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
