"""The technician's knock on the header, and what becomes of the citizen who stands there."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from kiosk.screens.base import Cancelled
from kiosk.screens.common import OutOfService
from kiosk.screens.diagnostics import StaffLogin
from tests.ui.test_desk import HOME, STAFF, START, Kiosk, make, settle, touch_screen
from ui.samples import all_samples
from ui.service_gesture import ServiceGesture

CORNER = QPoint(60, 60)


@dataclass
class Hall:
    kiosk: Kiosk
    calls: list[int] = field(default_factory=list)

    def knock(self, way: str = "touch", times: int = 5, at: QPoint = CORNER) -> None:
        window = self.kiosk.frame.windowHandle()
        for _ in range(times):
            if way == "touch":
                QTest.touchEvent(window, touch_screen()).press(0, at).commit()
                QTest.touchEvent(window, touch_screen()).release(0, at).commit()
            else:
                QTest.mouseClick(window, Qt.MouseButton.LeftButton, pos=at)
        settle()


@pytest.fixture
def hall(qapp: QApplication) -> Iterator[Hall]:
    made = Hall(make())
    made.kiosk.desk.on_service(lambda: made.calls.append(1))
    made.kiosk.desk.allow(back=False, cancel=True)
    yield made
    made.kiosk.desk.on_service(None)
    made.kiosk.desk.wipe()
    made.kiosk.frame.close()
    made.kiosk.frame.deleteLater()
    settle()


# -- the gesture ---------------------------------------------------------------------------------------------------------


def test_five_within_three_seconds() -> None:
    gesture = ServiceGesture()
    assert [gesture.touch(at) for at in (0.0, 0.7, 1.4, 2.1, 3.0)] == [False, False, False, False, True]
    assert not gesture.touch(3.1)  # counting begins anew


def test_five_in_more_than_three_seconds_do_not_count() -> None:
    gesture = ServiceGesture()
    assert not any(gesture.touch(i * 0.76) for i in range(40))


def test_whoever_touches_elsewhere_meanwhile_does_not_knock() -> None:
    gesture = ServiceGesture()
    for at in (0.0, 0.1, 0.2, 0.3):
        gesture.touch(at)
    gesture.elsewhere()
    assert not gesture.touch(0.4)


@pytest.mark.parametrize("way", ["touch", "mouse"])
def test_between_citizens_the_call_comes_at_once_and_once(hall: Hall, way: str) -> None:
    hall.kiosk.desk.open(HOME)
    hall.knock(way, times=4)
    assert hall.calls == []
    hall.knock(way, times=1)
    assert hall.calls == [1]
    assert hall.kiosk.frame.service is None


def test_out_of_service_is_where_a_technician_is_needed_most(hall: Hall) -> None:
    hall.kiosk.desk.open(OutOfService("正在维护", elsewhere="请到 2 号机办理。"))
    hall.knock()
    assert hall.calls == [1]


@pytest.mark.parametrize("at", [QPoint(401, 60), QPoint(60, 129), QPoint(1040, 60)])
def test_nowhere_but_at_the_left_end_of_the_header(hall: Hall, at: QPoint) -> None:
    hall.kiosk.desk.open(HOME)
    hall.knock(at=at, times=10)
    assert hall.calls == []


def test_nothing_on_the_header_can_be_seen_or_pressed(hall: Hall) -> None:
    hall.kiosk.desk.open(HOME)
    settle()
    before = hall.kiosk.frame.grab().toImage()
    hall.knock(times=4)
    assert hall.kiosk.frame.grab().toImage() == before
    under = hall.kiosk.frame.childAt(CORNER)
    assert under is hall.kiosk.frame.top_bar


def test_with_nobody_to_answer_nothing_happens(hall: Hall) -> None:
    hall.kiosk.desk.on_service(None)
    hall.kiosk.desk.open(START)
    hall.knock()
    assert hall.kiosk.frame.service is None
    hall.kiosk.desk.wipe()
    assert hall.calls == []


# -- while a citizen is served -------------------------------------------------------------------------------------------


def test_a_sixth_knock_does_not_answer_the_question(hall: Hall) -> None:
    hall.kiosk.desk.open(STAFF)
    hall.knock(times=9)
    assert hall.kiosk.frame.service is not None


async def test_end_leaves_the_visit_and_calls_when_it_is_over(hall: Hall) -> None:
    page = hall.kiosk.desk.open(STAFF)
    waiting = asyncio.ensure_future(page.answer())
    await asyncio.sleep(0)
    hall.knock()
    assert hall.calls == []
    hall.kiosk.touch("service.end")
    with pytest.raises(Cancelled):
        await waiting
    assert hall.kiosk.frame.cover is not None  # what was entered is covered at once
    assert hall.calls == []
    hall.kiosk.desk.wipe()
    assert hall.calls == [1]
    hall.kiosk.desk.wipe()
    assert hall.calls == [1]


async def test_wait_lets_the_visit_go_on_and_calls_at_its_end(hall: Hall) -> None:
    page = hall.kiosk.desk.open(STAFF)
    hall.knock()
    hall.kiosk.touch("service.wait")
    settle()
    assert hall.kiosk.frame.service is None
    waiting = asyncio.ensure_future(page.answer())
    await asyncio.sleep(0)
    assert not waiting.done()
    hall.kiosk.desk.open(START)  # the visit goes on
    assert hall.calls == []
    hall.kiosk.desk.wipe()
    assert hall.calls == [1]
    waiting.cancel()


async def test_a_visit_that_ends_without_a_wipe_ends_with_the_home_screen(hall: Hall) -> None:
    hall.kiosk.desk.open(START)
    hall.knock()
    hall.kiosk.touch("service.wait")
    hall.kiosk.desk.open(HOME)
    assert hall.calls == [1]


def test_what_may_not_be_broken_off_is_not_offered_to_be(hall: Hall) -> None:
    hall.kiosk.desk.open(STAFF)
    hall.kiosk.desk.allow(back=False, cancel=False)
    hall.knock()
    assert hall.kiosk.shown("service.wait")
    assert not hall.kiosk.shown("service.end")


async def test_a_step_that_is_sealed_meanwhile_takes_the_offer_back(hall: Hall) -> None:
    page = hall.kiosk.desk.open(STAFF)
    hall.knock()
    assert hall.kiosk.shown("service.end")
    hall.kiosk.desk.allow(back=False, cancel=False)
    settle()
    assert not hall.kiosk.shown("service.end")
    service = hall.kiosk.frame.service
    assert service is not None
    service.end.emit()  # a finger that was quicker than the paint
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await page.answer()


def test_a_citizen_who_knocked_goes_back_to_the_visit(hall: Hall) -> None:
    hall.kiosk.desk.open(STAFF)
    hall.knock()
    hall.kiosk.touch("service.close")
    settle()
    assert hall.kiosk.frame.service is None
    hall.kiosk.desk.wipe()
    assert hall.calls == []


def test_the_visit_that_ends_by_itself_takes_the_question_with_it(hall: Hall) -> None:
    hall.kiosk.desk.open(STAFF)
    hall.knock()
    hall.kiosk.desk.wipe()
    settle()
    assert not hall.kiosk.shown("service")
    assert hall.calls == []


def test_between_two_pages_nobody_can_be_asked(hall: Hall) -> None:
    hall.kiosk.desk.open(STAFF)
    hall.kiosk.desk.close()
    hall.kiosk.desk.ask_service()
    assert hall.calls == []
    hall.kiosk.desk.wipe()
    assert hall.calls == [1]


def test_question_hides_the_citizens_page(hall: Hall) -> None:
    hall.kiosk.desk.open(STAFF)
    hall.knock()
    scrim = hall.kiosk.themes.theme.color("scrim_personal")
    assert scrim.alphaF() > 0.97
    image = hall.kiosk.frame.grab().toImage()
    assert image.pixelColor(20, 300).lightness() < 60


# -- in diagnostics ------------------------------------------------------------------------------------------------------


def test_diagnostics_are_not_called_from_within(hall: Hall) -> None:
    hall.kiosk.desk.open(StaffLogin())
    settle()
    hall.knock()
    hall.kiosk.desk.ask_service()  # the service key
    assert hall.calls == []
    assert hall.kiosk.frame.service is None


def test_bars_go_with_diagnostics_and_come_back_after_it(hall: Hall) -> None:
    frame, desk = hall.kiosk.frame, hall.kiosk.desk
    desk.open(all_samples()["t02_overview"].screen)
    settle()
    bars = (frame.top_bar, frame.step_bar, frame.action_bar, frame.utility_bar)
    assert not any(bar.isVisible() for bar in bars)
    assert frame.page is not None
    assert frame.page.size() == frame.size()
    assert hall.kiosk.shown("diag.edge")
    desk.wipe()
    assert frame.top_bar.isVisible()
    assert frame.utility_bar.isVisible()
    settle()
    assert not hall.kiosk.shown("diag.edge")
    desk.open(START)
    settle()
    assert frame.action_bar.isVisible()


def test_the_rim_stays_above_what_opens_later(hall: Hall) -> None:
    frame = hall.kiosk.frame
    hall.kiosk.desk.open(all_samples()["t02_overview"].screen)
    hall.kiosk.desk.idle_warning(30)
    settle()
    amber = hall.kiosk.themes.theme.color("diagnostic")
    image = frame.grab().toImage()
    assert image.pixelColor(3, 900) == amber
    assert image.pixelColor(540, 1917) == amber
