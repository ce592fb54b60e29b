"""Whoever leaves while an owner is asked leaves no page with the vehicle behind, also where the platform never answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from config.scenarios import Scenario, load_scenario
from kiosk.journeys.violation.let_go import LET_GO_S
from kiosk.ports.clock import SystemClock
from kiosk.screens import vehicle
from kiosk.screens.base import Back, Cancelled
from kiosk.screens.robot import WAIT
from tests.journeys.stage import Stage, changed, staged

Waits = dict[type[Any], list[Any]]
SILENT = "withdraw_filing.silence"


def scenario(name: str, **citizen: Any) -> Scenario:
    return changed(load_scenario(name, SystemClock().now().date()), {"preset": "pays", "seconds": 0}, **citizen)


def filings(stage: Stage) -> list[str]:
    return [entry.state for entry in stage.police.world.books.filings.values()]


@asynccontextmanager
async def looked_at(stage: Stage) -> AsyncIterator[list[str]]:
    """The platform takes the withdrawal and never answers. What stands on the screen then."""
    stage.police.control({"do": "fault", "id": SILENT, "count": 1})
    seen: list[str] = []

    async def look() -> None:
        while stage.police.control({"do": "state"})["faults"]:
            await asyncio.sleep(0.005)
        seen.append(type(stage.desk.shown[-1]).__name__)

    looking = asyncio.ensure_future(look())
    try:
        yield seen
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)


WAYS = [
    pytest.param("v_v04_by_qr", {vehicle.OwnerScans: [Cancelled()]}, "cancelled:exit", id="leaves the code"),
    pytest.param("v_v04_by_sms", {vehicle.EnterOwnerCode: [Cancelled()]}, "cancelled:exit", id="leaves the keypad"),
    pytest.param(
        "v_v04_by_sms",
        {vehicle.EnterOwnerCode: [Back()], vehicle.OfferFiling: ["sms", Cancelled()]},
        "cancelled:exit",
        id="goes back",
    ),
    pytest.param("v_v02_owner_silent", {}, "refused:V02", id="nobody scans in time"),
]


@pytest.mark.parametrize(("name", "waits", "outcome"), WAYS)
async def test_the_page_is_gone_before_the_platform_answers(
    tmp_path: Path, name: str, waits: Waits, outcome: str
) -> None:
    """It never does, and the kiosk's own bound ends the waiting, not the platform's deadline, which is four times as long."""
    async with staged(tmp_path, scenario(name), poll_s=0.05) as stage, looked_at(stage) as seen:
        with capture_logs() as logs:
            ended = await stage.visit({kind: list(answers) for kind, answers in waits.items()})
        assert ended.outcome == outcome
        assert seen == ["Working"]
        assert LET_GO_S <= 2.0 < stage.machine.settings.police.read_s
        assert [entry["error"] for entry in logs if entry["event"] == "not_given_back"] == ["TimeoutError"]
        assert filings(stage) == ["waiting"], "it ends by itself"
        assert stage.desk.wiped == 1


@pytest.mark.parametrize(("name", "waits", "outcome"), WAYS)
async def test_what_nobody_waits_for_is_taken_back(tmp_path: Path, name: str, waits: Waits, outcome: str) -> None:
    async with staged(tmp_path, scenario(name), poll_s=0.05) as stage:
        with capture_logs() as logs:
            ended = await stage.visit({kind: list(answers) for kind, answers in waits.items()})
        assert ended.outcome == outcome
        assert filings(stage) == ["expired"]
        assert [entry for entry in logs if entry["event"] == "not_given_back"] == []


async def test_the_other_way_is_offered_after_the_first_was_taken_back(tmp_path: Path) -> None:
    """The owner is somewhere else and tells the code: what was asked by the code on the screen waits for nobody."""
    borrower = scenario("v_v04_by_sms", files_by="qr")
    async with staged(tmp_path, borrower, poll_s=0.05) as stage, looked_at(stage) as seen:
        assert (await stage.visit({vehicle.OwnerScans: ["sms"]})).outcome == "paid"
        assert seen == ["Working"]


async def test_the_idle_guard_takes_the_page_at_once(tmp_path: Path) -> None:
    """Nobody types the owner's code. The page goes although the platform never says that it was told."""
    async with staged(tmp_path, scenario("v_v04_by_sms"), poll_s=0.05, idle_s=1.0) as stage:
        settings = stage.machine.settings
        session = settings.session.model_copy(update={"warn_s": 0})
        object.__setattr__(stage.machine, "settings", settings.model_copy(update={"session": session}))
        async with looked_at(stage) as seen:
            assert (await stage.visit({vehicle.EnterOwnerCode: [lambda _: WAIT]})).outcome == "cancelled:idle"
        assert seen == ["Working"]
        assert stage.desk.wiped == 1
