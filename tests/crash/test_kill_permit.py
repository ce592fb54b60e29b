"""kill -9 at every commit of the endorsement journey, in a real process; platform, wallet and card unit live on outside, with the
permit in the unit's hands wherever it was.

After a restart the permit is with the citizen or on record, nothing was written twice, no fee is kept without its endorsements, and
none is in force that the chip does not carry.
"""

from __future__ import annotations

import json
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from config.scenarios import Scenario, load_scenario
from drivers.permit_unit.simulator import PermitUnitSimulator
from drivers.transport.host import serve_tcp
from kiosk.gateways.embedded import serve
from kiosk.gateways.exit_entry.simulated import SimulatedExitEntry
from kiosk.gateways.police.simulated import SimulatedPolice
from kiosk.gateways.wallet.fake import FakeFront
from kiosk.ports.clock import SystemClock
from tests.crash.conftest import Zygote

WARM = "endorse_happy_both"
pytestmark = [pytest.mark.slow, pytest.mark.timeout(280)]
KEY = b"device key of the crash test"


@dataclass
class World:
    exits: SimulatedExitEntry
    wallet: FakeFront
    unit: PermitUnitSimulator
    config: Path
    scenario: Scenario

    def hand(self) -> None:
        """A citizen who takes the permit as soon as it lies at the slot, and does not put it in again."""
        state = self.unit.state()
        if state["position"] == "mouth" and not state["accepting"]:
            self.unit.control({"do": "take"})

    def power_cut(self) -> None:
        self.unit.control({"do": "power", "on": False})
        self.unit.control({"do": "power", "on": True})


@asynccontextmanager
async def world(folder: Path, scenario_file: Path, template: Path | None) -> AsyncIterator[World]:
    assert template is not None
    folder.mkdir(parents=True)
    shutil.copy(template, folder / "ledger.db")
    clock = SystemClock()
    scenario = load_scenario(scenario_file, clock.now().date())
    assert scenario.permit is not None
    exits, police, wallet = SimulatedExitEntry([scenario]), SimulatedPolice([scenario]), FakeFront(clock)
    wallet.register("CI01", KEY)
    wallet.control({"do": "script", "preset": "pays", "seconds": 0})
    unit = PermitUnitSimulator(nvram=folder / "unit.json", speed=100_000)
    async with (
        serve(exits.app) as front,
        serve(police.app) as traffic,
        serve(wallet.app) as till,
        serve_tcp(unit) as port,
    ):
        (folder / "device.key").write_text(KEY.hex())
        (folder / "front.pub").write_text(wallet.public_key)
        config = folder / "kiosk.toml"
        config.write_text(
            f'profile = "ci"\n[devices]\npermit_unit = "cardunit+tcp://127.0.0.1:{port}"\npermit_reader = "icao+sim:"\n'
            f'[exit_entry]\nurl = "{front.url}"\n[endorsement]\ntake_s = 5\n[police]\nurl = "{traffic.url}"\n'
            f'[wallet]\nurl = "{till.url}"\npoll_s = 0.05\ncode_s = 10\nlate_s = 1\n'
            f'device_key_file = "{folder}/device.key"\npublic_key_file = "{folder}/front.pub"\n'
            f'[ledger]\nurl = "sqlite:///{folder}/ledger.db"\nkey_file = "{folder}/ledger.key"\n'
        )
        made = World(exits, wallet, unit, config, scenario)
        stop = unit.listen(made.hand)
        unit.control({"do": "insert", "card": scenario.permit.card(scenario.person)})
        yield made
        stop()


@pytest.fixture
def scenario_file(tmp_path: Path) -> Path:
    """Two places at once, staff check instead of the camera, pays at once."""
    text = (Path(__file__).parents[2] / "config/scenarios/endorse_happy_both.toml").read_text()
    text = text.replace("[citizen]", "[citizen]\nface_consent = false")
    file = tmp_path / "endorse_happy_both.toml"
    file.write_text(text)
    return file


def judge(remote: World, found: dict[str, Any]) -> None:
    """The kiosk's ledger against platform, wallet, unit and chip."""
    assert found["breaches"] == []
    assert found["clean"], found
    books = remote.exits.world.books
    in_force = [entry for entry in books.applications.values() if entry.state == "written"]
    assert not [entry for entry in books.applications.values() if entry.open], "an application was left open"
    assert sum(remote.wallet.ledger.totals().values()) == sum(entry.fee_fen for entry in in_force)
    numbers = [grant.number for entry in in_force for grant in entry.grants]
    state = remote.unit.state()
    assert state["position"] == "none", "the permit is still in the unit"
    assert set(found["custodies"]) <= {"returned", "none", "retained"}, found
    assert state["bin_count"] == found["custodies"].count("retained")
    card = remote.unit.mechanics.hand or remote.unit.mechanics.nvram.card
    if card is not None:
        assert list(card.endorsements) == numbers, "chip and registry disagree, or something was written twice"
    assert found["issuances"].count("confirmed") == len(in_force)
    assert "manual" not in found["issuances"], "the chip could have been asked"


async def test_an_undisturbed_visit_is_the_yardstick(tmp_path: Path, scenario_file: Path, zygote: Zygote) -> None:
    async with world(tmp_path / "w", scenario_file, zygote.template) as remote:
        order = {"config": str(remote.config), "scenario": str(scenario_file)}
        answer = await zygote.ask(do="visit", at=0, moment="", **order)
        said = json.loads(answer["said"])
        assert (answer["exit"], said["outcome"]) == (0, "endorsed")
        assert said["commits"] >= 15
        judge(remote, json.loads((await zygote.ask(do="recover", **order))["said"]))


PARTS = [0, *(pytest.param(part, marks=pytest.mark.chaos) for part in (1, 2, 3))]
"""Each fourth commit, from a different one on; three of the four only by `make chaos`."""


@pytest.mark.parametrize("moment", [pytest.param("before", marks=pytest.mark.chaos), "after"])
@pytest.mark.parametrize("part", PARTS)
async def test_kill_at_every_commit(
    tmp_path: Path, scenario_file: Path, zygote: Zygote, moment: str, part: int
) -> None:
    at = part + 1
    while True:
        async with world(tmp_path / f"{at}", scenario_file, zygote.template) as remote:
            order = {"config": str(remote.config), "scenario": str(scenario_file)}
            answer = await zygote.ask(do="visit", at=at, moment=moment, **order)
            if answer["exit"] == 0:
                assert at > 15, "the visit ended before every commit was tried"
                return
            assert answer["exit"] == -signal.SIGKILL, answer
            if part % 2:  # the whole hall is dark: unit and kiosk go down together
                remote.power_cut()
            found = await zygote.ask(do="recover", **order)
            assert found["exit"] == 0, f"recovery failed after a kill {moment} commit {at}"
            try:
                judge(remote, json.loads(found["said"]))
            except AssertionError as error:
                raise AssertionError(f"after a kill {moment} commit {at}: {error}") from error
        at += len(PARTS)
