"""The demo's citizen on the real pages of paying by number: what was decided is what the page answers, by touch alone."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from kiosk.screens.base import Screen
from kiosk.screens.fine import SCAN
from kiosk.verbs import demo_fine
from kiosk.verbs.demo_hands import Hands
from kiosk.verbs.fingers import Fingers, NotThere
from tests.verbs import touching
from tests.verbs.touching import GUARD_S, opened, sample
from ui.desk import QtDesk

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
pytestmark = pytest.mark.timeout(60)
NUMBER = "3302031910000013"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.verbs.fingers.KEY_S", 0.01)


@pytest.fixture(params=["standard", "large"])
async def desk(request: pytest.FixtureRequest, qapp: QApplication) -> AsyncIterator[QtDesk]:
    async with opened(request.param == "large") as desk:
        yield desk


standard = pytest.mark.parametrize("desk", ["standard"], indirect=True)


async def answered(desk: QtDesk, screen: Screen[Any], wanted: Any) -> Any:
    return (await touching.answered(desk, demo_fine.touch, screen, wanted))[0]


async def test_a_number_over_a_wrong_one(desk: QtDesk) -> None:
    assert await answered(desk, sample("fine_number_trouble"), NUMBER) == NUMBER


@standard
async def test_a_number_that_is_too_short_is_given_all_the_same(desk: QtDesk) -> None:
    assert await answered(desk, sample("fine_number_full"), "3302") == "3302", "the journey judges it, not the page"


@standard
async def test_scanning_where_it_is_offered(desk: QtDesk) -> None:
    assert await answered(desk, sample("fine_number"), SCAN) == SCAN
    with pytest.raises(NotThere):
        await answered(desk, replace(sample("fine_number"), can_scan=False), SCAN)  # type: ignore[type-var]


@standard
async def test_rather_typing(desk: QtDesk) -> None:
    assert await answered(desk, sample("fine_scan_wrong"), "type") == "type"


@standard
async def test_agreeing_to_what_is_owed(desk: QtDesk) -> None:
    assert await answered(desk, sample("fine_review_overdue"), None) is None


@standard
@pytest.mark.parametrize("way", ["card", "number"])
async def test_how_to_reprint(desk: QtDesk, way: str) -> None:
    assert await answered(desk, sample("reprint_way"), way) == way


@standard
async def test_pages_of_other_services_are_left_alone(desk: QtDesk) -> None:
    page = desk.open(sample("c14_insert"))
    hands = Hands(Fingers(desk.frame), GUARD_S, lambda *_: asyncio.sleep(0), lambda _: True)
    assert not await demo_fine.touch(hands, page, sample("c14_insert"), None)
