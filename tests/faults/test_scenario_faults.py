"""What a scenario file foresees for the devices: lives of faults, and their moments."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from config.scenarios import Scenario, ScenarioError, list_scenarios, load_scenario
from drivers.faults import FaultBook
from kiosk.rehearsal import Citizen
from kiosk.screens import common, pay
from kiosk.verbs.faults import known_faults

TODAY = dt.date(2026, 11, 21)
FILE = """
name = "{name}"
title = "试验"
description = "A fault."
outcome = "cancelled"
[person]
name = "谢演练"
birth = 1990-01-01
face_seed = 1
valid_from = "today-6y"
valid_to = "today+14y"
[[device]]
device = "receipt_printer"
{device}
"""


class Printer:
    """Notes what it is told."""

    kind = "receipt_printer"

    def __init__(self) -> None:
        self.told: list[Any] = []

    def control(self, command: Any) -> dict[str, Any]:
        self.told.append(dict(command))
        return {}

    def state(self) -> dict[str, Any]:
        return {}

    def listen(self, callback: Any) -> Any:
        return lambda: None


def scenario(folder: Path, device: str) -> Scenario:
    file = folder / "told.toml"
    file.write_text(FILE.format(name="told", device=device))
    return load_scenario(file, TODAY)


def citizen(folder: Path, device: str) -> tuple[Citizen, list[Any]]:
    printer = Printer()
    return Citizen(scenario(folder, device), {"receipt_printer": printer}), printer.told


CUT = 'command = { do = "fault", id = "LINE.CUT", after_bytes = 700, probability = 0.5, seed = 7, count = "always" }'
TOLD = {"do": "fault", "id": "LINE.CUT", "after_bytes": 700, "probability": 0.5, "seed": 7, "count": "always"}


def test_at_the_start(tmp_path: Path) -> None:
    someone, told = citizen(tmp_path, CUT)
    someone.arrive()
    assert TOLD in told


def test_at_a_step_and_only_once(tmp_path: Path) -> None:
    someone, told = citizen(tmp_path, f'at = "pay"\n{CUT}')
    someone.see(common.PlaceIdCard())
    assert told == []
    for _ in range(2):
        someone.see(pay.PayByQr(100, "", "", dt.datetime.now(dt.UTC)))
    assert told == [TOLD]


def test_after_so_many_screens(tmp_path: Path) -> None:
    someone, told = citizen(tmp_path, f"after_screens = 3\n{CUT}")
    someone.arrive()
    for seen in range(1, 6):
        someone.see(common.PlaceIdCard())
        assert (TOLD in told) == (seen >= 3)
    assert told.count(TOLD) == 1


@pytest.mark.parametrize(
    ("device", "said"),
    [
        (f'at = "lunch"\n{CUT}', "at"),
        (f'at = "pay"\nafter_screens = 2\n{CUT}', "after_screens"),
        ('command = { do = "fault" }', "named"),
        ('command = { do = "fault", id = "LINE.MUTE", count = 0 }', "count"),
        ('command = { do = "fault", id = "LINE.MUTE", probability = 2 }', "probability"),
        ('command = { do = "fault", id = "LINE.MUTE", after_bytes = 1, after_calls = 1 }', "after_calls"),
        ('command = { id = "LINE.MUTE" }', "verb"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(tmp_path: Path, device: str, said: str) -> None:
    with pytest.raises(ScenarioError, match=said) as caught:
        scenario(tmp_path, device)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", list_scenarios("all"))
def test_every_shipped_fault_is_one_its_device_can_play(name: str) -> None:
    known = known_faults()
    for planned in load_scenario(name, TODAY).devices:
        if planned.command["do"] == "fault" and planned.device != "camera":
            FaultBook({**known["line"], **known[planned.device]}).command(planned.command)
