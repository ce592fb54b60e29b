"""Signing on the pad beside the screen, by touch on the real page: pad and screen show the same, and either is enough."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from config.settings import load
from drivers.signature_pad import connect
from drivers.signature_pad.pad import InkPad
from drivers.signature_pad.simulator import StuSimulator
from kiosk.journeys.kit import Kit
from kiosk.journeys.violation.sign import LOST, ask_to_sign
from kiosk.ports.clock import SystemClock
from kiosk.screens.violation import Defend, PenaltyNotice, Signed
from ui.desk import QtDesk
from ui.frame import KioskFrame
from ui.gallery import BRAND, FixedClock
from ui.pages.notice import ASK, ASK_PEN, NO_INK
from ui.samples.violation_b import SAMPLES
from ui.theme import Mode, ThemeSource
from ui.widgets.signature_pad import SignaturePad

LAST: PenaltyNotice = SAMPLES["c09_sign"].screen  # type: ignore[assignment]
AGAIN_S = 0.6
"""The same button is not taken twice sooner: a finger that bounces counts once."""
_devices: list[Any] = []


def settle() -> None:
    for _ in range(3):
        QCoreApplication.sendPostedEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@dataclass
class Hall:
    frame: KioskFrame
    desk: QtDesk
    themes: ThemeSource
    pad: InkPad
    simulator: StuSimulator
    answer: asyncio.Future[Signed | Defend]

    @property
    def sheet(self) -> SignaturePad:
        return self.find("c09.pad")  # type: ignore[return-value]

    def find(self, name: str) -> QWidget:
        settle()
        (found,) = [each for each in self.frame.findChildren(QWidget, name) if each.isVisible()]
        return found

    def shown(self, name: str) -> bool:
        return any(each.isVisible() for each in self.frame.findChildren(QWidget, name))

    def touch(self, name: str) -> None:
        widget = self.find(name)
        self.draw(widget.mapTo(self.frame, widget.rect().center()))

    def draw(self, *spots: QPoint) -> None:
        if not _devices:
            _devices.append(QTest.createTouchDevice())
        window, device = self.frame.windowHandle(), _devices[0]
        QTest.touchEvent(window, device).press(0, spots[0]).commit()
        for spot in spots[1:]:
            QTest.touchEvent(window, device).move(0, spot).commit()
        QTest.touchEvent(window, device).release(0, spots[-1]).commit()
        settle()

    def write_by_finger(self) -> None:
        at = [self.sheet.mapTo(self.frame, QPoint(100 + 20 * step, 80 + 40 * (step % 3))) for step in range(30)]
        self.draw(*at)

    @property
    def head(self) -> str:
        return self.find("c09.sign").accessibleName()

    async def until(self, true: Callable[[], object]) -> None:
        async with asyncio.timeout(10):
            while not true():
                settle()
                await asyncio.sleep(0.005)

    async def result(self) -> Signed:
        await self.until(self.answer.done)
        signed = self.answer.result().answer
        assert isinstance(signed, Signed)
        return signed


@pytest.fixture(params=["standard", "elder"])
async def hall(request: pytest.FixtureRequest, qapp: QApplication) -> AsyncIterator[Hall]:
    themes = ThemeSource(motion=False)
    themes.set_mode(Mode(large=request.param == "elder"))
    frame = KioskFrame(themes, FixedClock(), BRAND, guard_page_ms=0)
    frame.set_closable(True)
    desk = QtDesk(frame, themes)
    frame.resize(1080, 1920)
    frame.show()
    simulator = StuSimulator()
    pad = connect("stu+sim:", simulator=simulator)
    await pad.open()
    guard = SimpleNamespace(touch=lambda: None)
    settings = load(None, "ci")
    kit = SimpleNamespace(desk=desk, guard=guard, signature_pad=pad, settings=settings, clock=SystemClock())
    answer = asyncio.ensure_future(ask_to_sign(cast(Kit, kit), LAST))
    made = Hall(frame, desk, themes, pad, simulator, answer)
    await made.until(lambda: desk.current is not None and desk.current.screen.pen.ready)  # type: ignore[union-attr]
    yield made
    answer.cancel()
    await asyncio.gather(answer, return_exceptions=True)
    await pad.close()
    desk.close()
    frame.close()
    frame.deleteLater()
    settle()


async def test_the_sheet_shows_what_the_pen_writes(hall: Hall) -> None:
    if hall.shown("c09.pad"):
        assert hall.head == ASK_PEN
    hall.simulator.control({"do": "sign"})
    await hall.until(lambda: hall.shown("c09.pad") and len(hall.sheet.strokes) == 3)
    assert hall.head == ASK_PEN
    sheet = hall.sheet
    for stroke in sheet.strokes:
        assert all(0 < x < sheet.width() and 0 < y < sheet.height() for x, y, _ in stroke)
    first, last = sheet.strokes[0][0], sheet.strokes[-1][-1]
    scale = min(sheet.width() / 96, sheet.height() / 48)
    assert last[0] - first[0] == pytest.approx((0.88 - 0.10) * 96 * scale, rel=0.06), "as large as it fits"
    hall.touch("c09.agree")
    hall.touch("c09.confirm")
    signed = await hall.result()
    assert len(signed.strokes) == 3
    picture = QImage.fromData(signed.png)
    assert picture.width() > picture.height() > 50
    assert hall.pad.ink() == ()


async def test_the_pages_button_wipes_pad_and_sheet(hall: Hall) -> None:
    hall.simulator.control({"do": "sign"})
    await hall.until(lambda: hall.shown("c09.pad") and len(hall.sheet.strokes) == 3)
    hall.write_by_finger()
    assert len(hall.sheet.strokes) == 4
    wiped = hall.simulator.wiped
    hall.touch("c09.clear")
    await hall.until(lambda: hall.simulator.wiped > wiped and not hall.pad.ink())
    assert hall.sheet.empty
    hall.touch("c09.agree")
    hall.touch("c09.confirm")
    assert hall.head == NO_INK
    hall.simulator.control({"do": "sign"})
    await hall.until(lambda: len(hall.sheet.strokes) == 3)
    assert hall.head == ASK_PEN
    await asyncio.sleep(AGAIN_S)
    hall.touch("c09.confirm")
    assert len((await hall.result()).strokes) == 3


async def test_the_pads_own_key_wipes_the_sheet(hall: Hall) -> None:
    hall.simulator.control({"do": "sign"})
    await hall.until(lambda: hall.shown("c09.pad") and len(hall.sheet.strokes) == 3)
    hall.simulator.control({"do": "stroke", "points": [[48, 54]]})
    await hall.until(lambda: hall.sheet.empty)


async def test_pulled_out_in_mid_signature_it_goes_on_by_touch(hall: Hall) -> None:
    hall.simulator.control({"do": "down", "x": 10, "y": 10})
    hall.simulator.control({"do": "move", "x": 60, "y": 20})
    await hall.until(lambda: hall.shown("c09.pad") and not hall.sheet.empty)
    hall.simulator.control({"do": "unplug"})
    await hall.until(lambda: hall.head == LOST)
    assert hall.sheet.empty, "half a name on a pad that is gone is none"
    assert hall.frame.page is not None
    assert hall.frame.page.news() == LOST
    hall.write_by_finger()
    assert hall.head == ASK
    hall.touch("c09.agree")
    hall.touch("c09.confirm")
    assert len((await hall.result()).strokes) == 1


async def test_pulled_out_before_the_sheet_is_shown(hall: Hall) -> None:
    hall.simulator.control({"do": "unplug"})
    await hall.until(lambda: hall.desk.current.screen.trouble)  # type: ignore[union-attr]
    if not hall.shown("c09.pad"):
        hall.touch("c09.agree")
        hall.touch("c09.confirm")
    assert hall.head == LOST


async def test_the_finger_is_enough(hall: Hall) -> None:
    hall.touch("c09.agree")
    if not hall.shown("c09.pad"):
        hall.touch("c09.confirm")
        await asyncio.sleep(AGAIN_S)
    hall.write_by_finger()
    hall.touch("c09.confirm")
    assert len((await hall.result()).strokes) == 1
    assert not hall.simulator.picture


async def test_another_theme_keeps_what_the_pen_wrote(hall: Hall) -> None:
    hall.simulator.control({"do": "sign"})
    await hall.until(lambda: hall.shown("c09.pad") and len(hall.sheet.strokes) == 3)
    hall.touch("c09.agree")
    hall.themes.set_mode(Mode(large=not hall.themes.theme.mode.large, high_contrast=True))
    await hall.until(lambda: hall.shown("c09.pad") and len(hall.sheet.strokes) == 3)
    sheet = hall.sheet
    sheet.grab()
    assert all(0 < x < sheet.width() and 0 < y < sheet.height() for stroke in sheet.strokes for x, y, _ in stroke)
    hall.simulator.control({"do": "stroke", "points": [[10, 40], [80, 42]]})
    await hall.until(lambda: len(hall.sheet.strokes) == 4)
    hall.touch("c09.confirm")
    assert len((await hall.result()).strokes) == 4


async def test_lines_that_are_ended_are_drawn_as_those_under_way(hall: Hall) -> None:
    """Ended lines come from a picture, the last one is drawn anew: nothing of it is to be seen."""
    for line in ([[10, 10], [40, 12], [80, 20]], [[10, 25], [40, 22], [80, 35]], [[20, 40], [60, 41]]):
        hall.simulator.control({"do": "stroke", "points": line})
        await hall.until(lambda: hall.shown("c09.pad") and not hall.sheet.empty)
        await hall.until(lambda: len(hall.pad.ink()) == len(hall.sheet.strokes))
        live = hall.sheet.grab().toImage()
    hall.sheet._pen_ink.lay(hall.sheet._sheet(), hall.sheet.size())
    assert hall.sheet.grab().toImage() == live


async def test_nothing_of_the_pen_stays_behind(hall: Hall) -> None:
    hall.simulator.control({"do": "sign"})
    await hall.until(lambda: hall.shown("c09.pad") and len(hall.sheet.strokes) == 3)
    pen = hall.sheet._pen_ink
    hall.desk.wipe()
    settle()
    assert pen.strokes == ()
    assert pen._done.isNull()
