"""What the checks of both services' scenario files share."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Hashable, Iterable
from pathlib import Path

import pytest

from config.scenarios import SCENARIO_DIR, ScenarioError, load_scenario

TODAY = dt.date(2026, 11, 21)
DAYS = [TODAY, dt.date(2027, 1, 1), dt.date(2028, 2, 29), dt.date(2035, 6, 30)]


def twice(values: Iterable[Hashable]) -> list[Hashable]:
    return [value for value, count in Counter(values).items() if count > 1]


ASKS_OWNER = """
[[vehicle]]
plate = "浙BZ02M2"
vin = "LTEST00A8R0009020"
engine = "MN00902"
relation = "other"

[filing]

[platform]
number_pool = 2
ebill = "late"
"""


def asks_owner(folder: Path, *, filing: str = "", platform: str = "") -> str:
    """The file of two ordinary records with a pool of two numbers, and somebody else's car whose owner can be asked. `filing` and
    `platform` are further lines of these tables."""
    text = (
        (SCENARIO_DIR / "happy_two_records.toml").read_text(encoding="utf-8").replace("happy_two_records", "asks_owner")
    )
    more = ASKS_OWNER.replace("[filing]", f"[filing]\n{filing}").replace("[platform]", f"[platform]\n{platform}")
    file = folder / "asks_owner.toml"
    file.write_text(text + more, encoding="utf-8")
    return str(file)


def mistake(folder: Path, name: str, old: str, new: str, said: str) -> None:
    """A scenario file with this mistake is refused in one sentence that names the file and matches `said`."""
    text = (SCENARIO_DIR / f"{name}.toml").read_text(encoding="utf-8")
    assert old in text
    file = folder / f"{name}.toml"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ScenarioError, match=said) as error:
        load_scenario(file, TODAY)
    assert str(file) in str(error.value)
    assert str(error.value).endswith(".")
    assert "\n" not in str(error.value)
