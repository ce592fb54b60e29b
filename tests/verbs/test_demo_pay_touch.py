"""The demo's citizen on the real pages of paying: what was decided is what the page answers, by touch alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from kiosk.screens.base import Page, Screen
from kiosk.verbs.demo_hands import Hands, touch_common
from tests.verbs import touching
from ui.desk import QtDesk

pytestmark = pytest.mark.timeout(60)


@pytest.fixture(params=["standard", "large"])
async def desk(request: pytest.FixtureRequest, qapp: QApplication) -> AsyncIterator[QtDesk]:
    async with touching.opened(request.param == "large") as desk:
        yield desk


async def touch(hands: Hands, page: Page[Any], screen: Screen[Any], answer: Any) -> bool:
    await touch_common(hands, page, screen, answer)
    return True


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("c10_pay_scan", "scan"),
        ("c10_pay_scan", "cancel"),
        ("c10_pay_scan_expired", "scan"),
        ("c10_pay_scan_expired", "renew"),
        ("c11_scan", "show_qr"),
        ("c11_scan_trouble", "cancel"),
        ("c11_scan_scanned", "cancel"),
    ],
)
async def test_each_answer(desk: QtDesk, name: str, wanted: str) -> None:
    screen: Any = touching.sample(name)
    assert (await touching.answered(desk, touch, screen, wanted))[0] == wanted
