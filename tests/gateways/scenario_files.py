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
