"""Hurried fingers: two taps are one answer, and what is under a changed page was not meant."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication

from kiosk.screens.base import Button
from kiosk.screens.common import Message, PlaceIdCard
from kiosk.screens.violation import Toggled
from tests.ui.test_desk import HOME, STAFF, START, Kiosk, make, settle, touch_screen
from ui.samples import all_samples
from ui.theme import THEMES, Mode, ThemeName

SAMPLES = {name: s for name, s in all_samples().items() if s.overlay is None}
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def kiosk(qapp: QApplication) -> Iterator[Kiosk]:
    """With the guard of a real kiosk, but long, so that a slow machine does not outlive it."""
    made = make(guard_page_ms=60_000)
    yield made
    made.desk.wipe()
    made.frame.close()
    made.frame.deleteLater()
    settle()


def awake(kiosk: Kiosk) -> None:
    """The page has been looked at for a while: it takes presses."""
    settle()
    kiosk.frame._fresh_until = float("-inf")


def taps(kiosk: Kiosk, at: QPoint, way: str, count: int = 3) -> None:
    window = kiosk.frame.windowHandle()
    for i in range(count):
        if way == "mouse" and i % 2:
            QTest.mouseDClick(window, LEFT, pos=at)
        elif way == "mouse":
            QTest.mouseClick(window, LEFT, pos=at)
        else:
            QTest.touchEvent(window, touch_screen()).press(0, at).commit()
            QTest.touchEvent(window, touch_screen()).release(0, at).commit()
        settle()


def answers(kiosk: Kiosk) -> list[object]:
    page = kiosk.desk.current
    return list(page._queue) if page is not None else []


FIRST = {type(SAMPLES[name].screen): name for name in sorted(SAMPLES, reverse=True)}
WAYS = [
    pytest.param(name, way, every, id=f"{name}-{way}{'-every' * every}", marks=[pytest.mark.chaos] if every else [])
    for name in sorted(SAMPLES)
    for way in ("mouse", "touch")
    for every in ((False, True) if name in FIRST.values() else (True,))
]
"""One state of each page, with the outer keys of a keypad and the one in its middle; every key of every state in `make chaos`."""


def some(spots: dict[str, QPoint]) -> dict[str, QPoint]:
    """Of many controls of one kind three."""
    kinds: dict[str, list[str]] = {}
    for name in spots:
        kinds.setdefault(name.rpartition(".")[0], []).append(name)
    kept = [each if len(each) <= 4 else [each[0], each[len(each) // 2], each[-1]] for each in kinds.values()]
    return {name: spots[name] for each in kept for name in each}


@pytest.mark.parametrize(("name", "way", "every"), WAYS)
def test_quick_taps_on_any_button_are_one_answer(kiosk: Kiosk, name: str, way: str, every: bool) -> None:
    kiosk.desk.allow(back=SAMPLES[name].back, cancel=SAMPLES[name].cancel)
    kiosk.desk.open(SAMPLES[name].screen)
    settle()
    page = kiosk.frame.page
    assert page is not None
    controls = [b for b in kiosk.frame.findChildren(QAbstractButton) if b.isVisible() and b.isEnabled()]
    spots = {
        b.objectName(): b.mapTo(kiosk.frame, b.rect().center())
        for b in controls
        if not b.objectName().startswith("utility.")
    }
    for control, at in (spots if every else some(spots)).items():
        kiosk.desk.open(SAMPLES[name].screen)
        awake(kiosk)
        taps(kiosk, at, way)
        assert len(answers(kiosk)) <= 1, f"{control}: {answers(kiosk)}"


@pytest.mark.parametrize("theme", THEMES)
def test_second_tap_of_two_does_not_shut_what_the_first_opened(kiosk: Kiosk, theme: ThemeName) -> None:
    kiosk.themes.set_mode(Mode.named(theme))
    kiosk.desk.allow(back=True, cancel=True)
    kiosk.desk.open(STAFF)
    awake(kiosk)
    taps(kiosk, kiosk.spot("utility.help"), "touch")
    assert kiosk.frame.help is not None
    awake(kiosk)
    taps(kiosk, kiosk.spot("help.close"), "touch")
    assert kiosk.frame.help is None
    awake(kiosk)
    taps(kiosk, kiosk.spot("utility.exit"), "mouse")
    assert kiosk.frame.leave is not None
    assert kiosk.frame.cover is None


def test_closing_an_overlay_does_not_press_what_lies_under_it(kiosk: Kiosk) -> None:
    kiosk.desk.allow(back=True, cancel=True)
    kiosk.desk.open(START)
    awake(kiosk)
    taps(kiosk, kiosk.spot("utility.help"), "touch", 1)
    awake(kiosk)
    under = kiosk.find("help.close")
    box = kiosk.find("c03.terms_box")
    taps(kiosk, under.mapTo(kiosk.frame, under.rect().center()), "touch", 4)
    assert kiosk.frame.help is None
    assert not box.isChecked()
    assert not kiosk.find("c03.face_box").isChecked()
    assert answers(kiosk) == []


def test_more_services_does_not_choose_one_of_them(kiosk: Kiosk) -> None:
    kiosk.themes.set_mode(Mode(large=True))
    kiosk.desk.open(SAMPLES["c01_home"].screen)
    awake(kiosk)
    taps(kiosk, kiosk.spot("c01.more"), "touch", 4)
    assert answers(kiosk) == []
    assert kiosk.shown("c01.tile.progress")


@pytest.mark.parametrize("way", ["mouse", "touch"])
def test_finger_lifted_on_the_page_that_came_meanwhile_is_no_tap(kiosk: Kiosk, way: str) -> None:
    """The press was meant for a page a device has replaced; the same button stands at the same place on the next one."""
    kiosk.desk.allow(back=True, cancel=True)
    window = kiosk.frame.windowHandle()
    choice = Message("标题", "正文。", (Button("yes", "去办理"), Button("no", "返回首页")))
    for before, name in ((choice, "action.next"), (choice, "action.back"), (PlaceIdCard(), "action.back")):
        kiosk.desk.open(before)
        awake(kiosk)
        at = kiosk.spot(name)
        if way == "mouse":
            QTest.mousePress(window, LEFT, pos=at)
        else:
            QTest.touchEvent(window, touch_screen()).press(0, at).commit()
        kiosk.desk.open(choice)
        awake(kiosk)
        if way == "mouse":
            QTest.mouseRelease(window, LEFT, pos=at)
        else:
            QTest.touchEvent(window, touch_screen()).release(0, at).commit()
        settle()
        assert answers(kiosk) == []
        taps(kiosk, at, way, 1)  # and the button is not stuck
        assert len(answers(kiosk)) == 1


def test_press_on_a_button_whose_caption_changes_still_counts(kiosk: Kiosk) -> None:
    """The page re-describes its actions while a finger rests on one: the finger keeps its button."""
    kiosk.desk.open(START)
    awake(kiosk)
    kiosk.tap("c03.terms_box")
    button = kiosk.find("action.next")
    window, at = kiosk.frame.windowHandle(), kiosk.spot("action.next")
    QTest.touchEvent(window, touch_screen()).press(0, at).commit()
    kiosk.find("c03.face_box").click()
    settle()
    assert kiosk.find("action.next") is button
    QTest.touchEvent(window, touch_screen()).release(0, at).commit()
    assert len(answers(kiosk)) == 1


def test_swallowed_taps_do_not_restart_the_idle_guard(kiosk: Kiosk) -> None:
    kiosk.desk.open(HOME)
    taps(kiosk, kiosk.spot("c01.card.violation"), "touch")
    assert kiosk.touches == []
    assert answers(kiosk) == []


def test_two_quick_taps_on_a_card_tick_it_once(kiosk: Kiosk) -> None:
    kiosk.desk.open(SAMPLES["c06_violations_none"].screen)
    awake(kiosk)
    card = next(
        b
        for b in kiosk.frame.findChildren(QAbstractButton)
        if b.isVisible() and b.isEnabled() and b.isCheckable() and b.objectName().startswith("c06.")
    )
    taps(kiosk, card.mapTo(kiosk.frame, QPoint(card.width() // 2, 60)), "touch")
    assert answers(kiosk) == [Toggled(("V1",))]
    assert card.isChecked()
