"""The demo's citizen before pages that change while they are looked at."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from config.scenarios import load_scenario
from kiosk.ports.clock import SystemClock
from kiosk.screens.common import PlaceIdCard
from kiosk.screens.form import FormSections
from kiosk.verbs.demo_citizen import DemoCitizen
from tests.verbs.touching import opened, sample
from ui.desk import QtDesk

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
pytestmark = pytest.mark.timeout(60)


class Reader:
    """A card reader that is only told what lies on it."""

    def __init__(self) -> None:
        self.placed = asyncio.Event()

    def control(self, command: Mapping[str, Any]) -> dict[str, Any]:
        assert command["do"] == "place"
        self.placed.set()
        return {"ok": True}


@pytest.fixture
async def desk(qapp: QApplication) -> AsyncIterator[QtDesk]:
    async with opened(large=False) as desk:
        yield desk


async def test_a_page_that_went_on_by_itself_is_not_answered_on_the_next_one(desk: QtDesk, tmp_path: Path) -> None:
    reader, scenario = Reader(), load_scenario("form_phone_code", SystemClock().now().date())
    virtual: Any = {"id_card": reader}
    citizen = DemoCitizen(scenario, virtual, desk, tmp_path, guard_ms=0)
    desk.allow(back=True, cancel=True)
    waiting = PlaceIdCard("waiting", "屏幕右下方", "right")
    card = desk.open(waiting)
    acting = asyncio.ensure_future(citizen.act())
    try:
        async with asyncio.timeout(40):
            await reader.placed.wait()
            card.update(replace(waiting, state="done"))
            await card.answer()  # the page's own, a moment later: the citizen still looks at it
            sections = sample("c18_sections")
            assert isinstance(sections, FormSections)
            assert await desk.open(sections).answer() == "phone"
    finally:
        acting.cancel()
        await asyncio.gather(acting, return_exceptions=True)
