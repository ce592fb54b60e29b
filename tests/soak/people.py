"""Fictional people by the hundred, each in a scenario file of their own, for simulated platforms that are processes of their own."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from config.scenarios import Scenario, load_scenario
from kiosk.ports.clock import SystemClock

_PERSON = """
service = "{service}"
name = "soak_{service}_{n}"
title = "试验"
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
face_consent = {camera}
kind = "L"
places = ["HKG"]
"""
_OWN = {
    "violation": """
[licence]
first_issued = "today-9y"
valid_to = "today+1y"
file_no = "33020002{n:04d}"
[[vehicle]]
plate = "浙BS{n:04d}"
vin = "LTEST00AXR002{n:04d}"
engine = "MN02{n:04d}"
[[record]]
id = "330203910001{n:04d}"
at = "today-9d 17:42"
place = "宁波市海曙区环城西路与丽园南路交叉口"
code = "1345"
photos = 1
[[record]]
id = "330203910002{n:04d}"
at = "today-8d 17:42"
place = "宁波市海曙区环城西路与丽园南路交叉口"
code = "1039"
""",
    "endorsement": """
entries = ["HKG-L-3M1"]
[permit]
number = "C1300{n:04d}"
expiry = "today+6y"
surname = "XIE"
given = "YANLIAN"
""",
    "form": """
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
""",
}
OUTCOMES = {"violation": "paid", "endorsement": "endorsed", "form": "printed"}
FIRST = dt.date(1970, 1, 1)


def person(folder: Path, service: str, n: int, *, camera: bool = False) -> tuple[Path, Scenario]:
    """Citizen number `n` (0 to 9999, over all services) with something of their own to do; they look into the camera where wanted."""
    told = {"service": service, "n": n, "outcome": OUTCOMES[service], "camera": str(camera).lower()}
    told |= {"birth": FIRST + dt.timedelta(days=n), "photo": "camera" if camera else "later"}
    file = folder / f"soak_{service}_{n}.toml"
    file.write_text((_PERSON + _OWN[service]).format(**told))
    return file, load_scenario(file, SystemClock().now().date())
