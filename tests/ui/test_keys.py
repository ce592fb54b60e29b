"""Keys and nav pad: Tab goes as the eye reads, the ring is for who uses keys, Enter and Space press once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import pairwise

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication

from kiosk.screens.base import Button
from kiosk.screens.common import Finish, Message
from tests.ui.structure import place
from tests.ui.test_desk import HOME, STAFF, START, Kiosk, make, settle
from ui.gallery import Stage
from ui.samples import all_samples

SAMPLES = all_samples()


@pytest.fixture
def kiosk(qapp: QApplication) -> Iterator[Kiosk]:
    made = make()
    made.desk.allow(back=True, cancel=True)
    made.frame.activateWindow()
    settle()
    yield made
    made.desk.wipe()
    made.frame.close()
    made.frame.deleteLater()
    settle()


def press(kiosk: Kiosk, key: Qt.Key) -> None:
    settle()
    QTest.keyClick(kiosk.frame.windowHandle(), key)
    settle()


def focused(kiosk: Kiosk) -> str:
    widget = kiosk.frame.window().focusWidget()
    return widget.objectName() if widget is not None else ""


def ring_pixels(kiosk: Kiosk, name: str) -> bool:
    """The ring's outer colour on the middle of the control's left edge."""
    button = kiosk.find(name)
    image = button.grab().toImage()
    y = button.height() // 2
    wanted = kiosk.themes.theme.color("focus_outer").rgb()
    return any(image.pixel(x, y) == wanted for x in range(8))


@pytest.mark.parametrize("name", sorted(name for name, sample in SAMPLES.items() if sample.overlay is None))
def test_tab_goes_through_the_whole_window_as_the_eye_reads(qapp: QApplication, name: str) -> None:
    stage = Stage("standard")
    stage.show(SAMPLES[name])
    spots = [(w.objectName(), place(stage.frame, w)) for w in stage.frame._stops()]
    shown = [b for b in stage.frame.findChildren(QAbstractButton) if b.isVisible() and b.isEnabled()]
    names = [name for name, _ in spots]
    assert len(names) == len(set(names)), names
    if not any(getattr(w, "modal", False) for w in stage.frame.children()):
        assert {b.objectName() for b in shown} <= set(names)
    for (one, a), (two, b) in pairwise(spots):
        above = b.bottom() < a.top()
        left = b.right() < a.left() and abs(a.center().y() - b.center().y()) < min(a.height(), b.height()) / 2
        backwards = above or left
        assert not backwards, f"Tab goes back from {one} to {two}"
    stage.close()


def test_tab_starts_with_the_page_and_comes_round(kiosk: Kiosk) -> None:
    kiosk.desk.open(START)
    expected = ["c03.terms_box", "c03.read", "c03.face_box", "action.back", "action.next"]
    expected += [f"utility.{name}" for name in ("large", "contrast", "voice", "help", "exit")]
    visited = []
    for _ in range(len(expected) + 1):
        press(kiosk, Qt.Key.Key_Tab)
        visited.append(focused(kiosk))
    assert visited == [*expected, expected[0]]
    press(kiosk, Qt.Key.Key_Backtab)
    assert focused(kiosk) == expected[-1]


def test_ring_is_seen_after_a_key_and_gone_after_a_touch(kiosk: Kiosk) -> None:
    kiosk.desk.open(START)
    press(kiosk, Qt.Key.Key_Tab)
    assert ring_pixels(kiosk, "c03.terms_box")
    kiosk.touch("c03.face_box")
    assert not kiosk.themes.theme.keys.by_keys
    assert not ring_pixels(kiosk, "c03.terms_box")
    kiosk.desk.wipe()
    kiosk.desk.open(HOME)
    assert not ring_pixels(kiosk, "c01.card.violation")


def test_focus_given_by_the_program_has_no_ring_until_keys_are_used(kiosk: Kiosk) -> None:
    kiosk.desk.open(STAFF)
    kiosk.desk.idle_warning(30)
    assert focused(kiosk) == "idle.stay"
    assert not ring_pixels(kiosk, "idle.stay")
    press(kiosk, Qt.Key.Key_Tab)
    assert focused(kiosk) == "idle.leave"
    press(kiosk, Qt.Key.Key_Tab)
    assert focused(kiosk) == "idle.stay"  # the page under the overlay is out of reach
    assert ring_pixels(kiosk, "idle.stay")


def test_tab_stays_inside_an_overlay_opened_by_touch(kiosk: Kiosk) -> None:
    kiosk.desk.open(STAFF)
    kiosk.touch("utility.help")
    settle()
    press(kiosk, Qt.Key.Key_Tab)
    assert focused(kiosk) == "help.call"
    press(kiosk, Qt.Key.Key_Tab)
    assert focused(kiosk) == "help.close"
    press(kiosk, Qt.Key.Key_Return)
    assert kiosk.frame.help is None


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
async def test_enter_and_space_press_a_button(kiosk: Kiosk, key: Qt.Key) -> None:
    page = kiosk.desk.open(Message("标题", "正文。", (Button("go", "去办理"), Button("home", "返回首页"))))
    press(kiosk, Qt.Key.Key_Tab)
    press(kiosk, Qt.Key.Key_Tab)
    assert focused(kiosk) == "action.next"
    press(kiosk, key)
    assert await page.answer() == "go"


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Space])
def test_enter_and_space_tick_a_box(kiosk: Kiosk, key: Qt.Key) -> None:
    kiosk.desk.open(START)
    press(kiosk, Qt.Key.Key_Tab)
    press(kiosk, key)
    assert kiosk.find("c03.terms_box").isChecked()


async def test_key_held_down_presses_once(kiosk: Kiosk) -> None:
    page = kiosk.desk.open(Finish("办好了", "流水号 1", ()))
    settle()
    kiosk.find("action.next").setFocus(Qt.FocusReason.TabFocusReason)
    kiosk.find("action.next").guard_ms = 0  # type: ignore[attr-defined]
    none = Qt.KeyboardModifier.NoModifier
    window = kiosk.frame.windowHandle()
    for i in range(20):
        event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Return, none, "\r", autorep=i > 0)
        QApplication.sendEvent(window, event)
    assert (await page.answer()).next == "exit"
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(page.answer(), 0.05)
