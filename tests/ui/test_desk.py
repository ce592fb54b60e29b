"""QtDesk as journeys meet it: asyncio on one side, real clicks and touches on the other."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from kiosk.ports.devices import FaceHint, Frame
from kiosk.ports.photo import PhotoHint
from kiosk.screens.base import Back, Button, Cancelled, Progress
from kiosk.screens.common import (
    FaceCheck,
    Finish,
    FinishAnswer,
    Home,
    Message,
    PlaceIdCard,
    ServiceCard,
    ServiceStart,
    StaffCheck,
    StartAnswer,
)
from kiosk.screens.form import TakePhoto
from ui.desk import QtDesk
from ui.frame import KioskFrame
from ui.gallery import BRAND, FixedClock
from ui.speech import SilentSpeech
from ui.theme import ThemeSource

HOME = Home((ServiceCard("violation", "交通违法处理", "查询并缴纳", 3, "身份证", "car"),))
START = ServiceStart("交通违法处理", "身份证", "约 3 分钟", "不收手续费", ("须知第一段。",))
STAFF = StaffCheck("张*明", "3302**********1234")


@dataclass
class Kiosk:
    themes: ThemeSource
    frame: KioskFrame
    desk: QtDesk
    speech: SilentSpeech
    touches: list[int] = field(default_factory=list)

    def find(self, name: str) -> QAbstractButton:
        found = [w for w in self.frame.findChildren(QAbstractButton, name) if w.isVisible()]
        assert len(found) == 1, f"{name}: {len(found)} visible"
        return found[0]

    def shown(self, name: str) -> bool:
        return any(w.isVisible() for w in self.frame.findChildren(QWidget, name))

    def spot(self, name: str) -> QPoint:
        settle()
        button = self.find(name)
        return button.mapTo(self.frame, button.rect().center())

    def tap(self, name: str) -> None:
        """A click through the window, as the platform would deliver it."""
        QTest.mouseClick(self.frame.windowHandle(), Qt.MouseButton.LeftButton, pos=self.spot(name))

    def touch(self, name: str) -> None:
        at = self.spot(name)
        device = touch_screen()
        QTest.touchEvent(self.frame.windowHandle(), device).press(0, at).commit()
        QTest.touchEvent(self.frame.windowHandle(), device).release(0, at).commit()


_devices: list[object] = []


def touch_screen() -> object:
    """One for the whole run: Qt keeps registered input devices for ever."""
    if not _devices:
        _devices.append(QTest.createTouchDevice())
    return _devices[0]


def settle() -> None:
    for _ in range(2):
        QCoreApplication.sendPostedEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def make(guard_page_ms: int = 0) -> Kiosk:
    themes = ThemeSource(motion=False)
    frame = KioskFrame(themes, FixedClock(), BRAND, guard_page_ms=guard_page_ms)
    frame.set_closable(True)
    speech = SilentSpeech()
    desk = QtDesk(frame, themes, speech)
    frame.resize(1080, 1920)
    frame.show()
    made = Kiosk(themes, frame, desk, speech)
    desk.on_touch(lambda: made.touches.append(1))
    return made


@pytest.fixture
def kiosk(qapp: QApplication) -> Iterator[Kiosk]:
    made = make()
    yield made
    made.desk.wipe()
    made.frame.close()
    made.frame.deleteLater()
    settle()


@pytest.mark.parametrize("way", ["tap", "touch"])
async def test_home_answers_by_mouse_and_touch(kiosk: Kiosk, way: str) -> None:
    page = kiosk.desk.open(HOME)
    getattr(kiosk, way)("c01.card.violation")
    assert await page.answer() == "violation"
    assert kiosk.touches  # a touch may be told twice, as touch and as the mouse press made from it


async def test_finger_may_roll_a_little_but_not_away(kiosk: Kiosk) -> None:
    page = kiosk.desk.open(HOME)
    at = kiosk.spot("c01.card.violation")
    card = kiosk.find("c01.card.violation")
    below = QPoint(at.x(), card.mapTo(kiosk.frame, QPoint(0, card.height())).y())
    window, device = kiosk.frame.windowHandle(), touch_screen()
    for distance, counts in ((200, False), (20, True)):
        waiting = asyncio.ensure_future(page.answer())
        lifted = below + QPoint(0, distance)
        QTest.touchEvent(window, device).press(0, at).commit()
        QTest.touchEvent(window, device).move(0, lifted).commit()
        QTest.touchEvent(window, device).release(0, lifted).commit()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert waiting.done() is counts
        waiting.cancel()


async def test_second_tap_at_once_is_ignored(kiosk: Kiosk) -> None:
    page = kiosk.desk.open(HOME)
    kiosk.tap("c01.card.violation")
    kiosk.tap("c01.card.violation")
    assert await page.answer() == "violation"
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(page.answer(), 0.05)


async def test_fresh_page_ignores_presses(qapp: QApplication) -> None:
    kiosk = make(guard_page_ms=60_000)
    page = kiosk.desk.open(HOME)
    kiosk.tap("c01.card.violation")
    kiosk.touch("c01.card.violation")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(page.answer(), 0.05)
    assert kiosk.touches == []
    kiosk.frame.close()


async def test_start_explains_what_is_missing_then_answers(kiosk: Kiosk) -> None:
    page = kiosk.desk.open(START)
    kiosk.tap("action.next")
    assert kiosk.shown("page.complaint")
    kiosk.tap("c03.terms_box")
    assert not kiosk.shown("page.complaint")
    kiosk.find("action.next").tapped.emit()  # type: ignore[attr-defined]  # within the tap guard of the first tap
    assert await page.answer() == StartAnswer(face_consent=False)


async def test_consent_to_the_camera_is_its_own_tick(kiosk: Kiosk) -> None:
    page = kiosk.desk.open(START)
    kiosk.tap("c03.terms_box")
    kiosk.tap("c03.face_box")
    kiosk.tap("action.next")
    assert await page.answer() == StartAnswer(face_consent=True)


async def test_back_raises_and_is_swallowed_when_not_allowed(kiosk: Kiosk) -> None:
    kiosk.desk.allow(back=True, cancel=True)
    page = kiosk.desk.open(PlaceIdCard())
    kiosk.tap("action.back")
    with pytest.raises(Back):
        await page.answer()
    late = kiosk.find("action.back")
    kiosk.desk.allow(back=False, cancel=True)
    late.tapped.emit()  # type: ignore[attr-defined]
    settle()
    assert not kiosk.shown("action.back")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(page.answer(), 0.05)


async def test_queued_back_is_dropped_when_the_way_closes(kiosk: Kiosk) -> None:
    kiosk.desk.allow(back=True, cancel=True)
    page = kiosk.desk.open(PlaceIdCard())
    kiosk.tap("action.back")
    kiosk.desk.allow(back=False, cancel=False)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(page.answer(), 0.05)


async def test_exit_asks_covers_and_cancels(kiosk: Kiosk) -> None:
    kiosk.desk.allow(back=True, cancel=True)
    page = kiosk.desk.open(STAFF)
    kiosk.tap("utility.exit")
    kiosk.tap("leave.stay")
    settle()
    assert kiosk.frame.leave is None
    kiosk.find("utility.exit").tapped.emit()  # type: ignore[attr-defined]  # within the tap guard of the first tap
    kiosk.tap("leave.leave")
    assert kiosk.shown("cover")
    with pytest.raises(Cancelled) as caught:
        await page.answer()
    assert caught.value.why == "exit"


async def test_exit_while_the_journey_is_busy_is_not_lost(kiosk: Kiosk) -> None:
    kiosk.desk.allow(back=True, cancel=True)
    kiosk.desk.open(STAFF)
    kiosk.tap("utility.exit")
    kiosk.tap("leave.leave")
    following = kiosk.desk.open(PlaceIdCard())
    assert kiosk.shown("cover")
    with pytest.raises(Cancelled):
        await following.answer()


async def test_exit_is_immediate_where_nothing_was_entered(kiosk: Kiosk) -> None:
    kiosk.desk.allow(back=True, cancel=True)
    page = kiosk.desk.open(START)
    kiosk.tap("utility.exit")
    with pytest.raises(Cancelled):
        await page.answer()


async def test_no_exit_behind_a_barrier(kiosk: Kiosk) -> None:
    kiosk.desk.open(STAFF)
    kiosk.desk.allow(back=False, cancel=False)
    assert not kiosk.shown("utility.exit")
    kiosk.frame.ask_exit()
    assert kiosk.frame.leave is None


async def test_message_answers_the_id_of_the_button(kiosk: Kiosk) -> None:
    kiosk.desk.allow(back=True, cancel=True)
    screen = Message(
        "没有读到身份证", "请再放一次。", (Button("retry", "再试一次"), Button("help", "人工帮助")), "warn"
    )
    page = kiosk.desk.open(screen)
    kiosk.tap("action.back")
    assert await page.answer() == "help"
    kiosk.tap("action.next")
    assert await page.answer() == "retry"


async def test_finish_carries_the_rating(kiosk: Kiosk) -> None:
    kiosk.desk.allow(back=False, cancel=False)
    page = kiosk.desk.open(Finish("办好了", "流水号 1", ()))
    kiosk.tap("c13.rating.2")
    kiosk.tap("c13.reason.1")
    kiosk.tap("action.next")
    assert await page.answer() == FinishAnswer("exit", 2, ("步骤太多",))


async def test_theme_switch_keeps_what_was_ticked(kiosk: Kiosk) -> None:
    page = kiosk.desk.open(START)
    kiosk.tap("c03.face_box")
    kiosk.tap("utility.large")
    settle()
    assert kiosk.themes.theme.large
    assert kiosk.find("c03.face_box").isChecked()
    assert not kiosk.find("c03.terms_box").isChecked()
    kiosk.tap("utility.contrast")
    assert kiosk.themes.theme.name == "elder_high_contrast"
    kiosk.tap("c03.terms_box")
    kiosk.tap("action.next")
    assert await page.answer() == StartAnswer(face_consent=True)


async def test_updates_show_and_wrong_type_is_refused(kiosk: Kiosk) -> None:
    page = kiosk.desk.open(PlaceIdCard())
    page.update(PlaceIdCard("reading"))
    assert kiosk.frame.page is not None
    assert kiosk.frame.page.title() == "正在读取身份证"
    with pytest.raises(TypeError):
        page.update(STAFF)  # type: ignore[arg-type]
    kiosk.desk.close()
    page.update(PlaceIdCard("done"))  # late: nothing is shown, nothing breaks


async def test_idle_warning_only_its_buttons_count(kiosk: Kiosk) -> None:
    kiosk.desk.allow(back=True, cancel=True)
    page = kiosk.desk.open(STAFF)
    kiosk.desk.idle_warning(30)
    kiosk.desk.idle_warning(29)
    before = len(kiosk.touches)
    kiosk.tap("idle.stay")
    assert len(kiosk.touches) == before + 1
    kiosk.tap("idle.leave")
    assert len(kiosk.touches) == before + 1
    with pytest.raises(Cancelled):
        await page.answer()


async def test_voice_tells_each_hint_before_the_camera_once(kiosk: Kiosk) -> None:
    kiosk.desk.open(HOME)
    kiosk.tap("utility.voice")
    page = kiosk.desk.open(TakePhoto())
    frame = Frame(4, 4, bytes(48), 0.0, 0)
    opened = len(kiosk.speech.transcript)
    page.update(TakePhoto(PhotoHint.TOO_FAR, 0.0, frame))
    page.update(TakePhoto(PhotoHint.TOO_FAR, 0.0, frame))
    page.update(TakePhoto(PhotoHint.TOO_DARK, 0.0, frame))
    told = kiosk.speech.transcript[opened:]
    assert len(told) == len(set(told)) == 2


async def test_voice_speaks_pages_and_stops(kiosk: Kiosk) -> None:
    kiosk.desk.open(HOME)
    assert kiosk.speech.transcript == []
    assert kiosk.desk.patience == 1.0
    kiosk.tap("utility.voice")
    assert kiosk.desk.patience == 2.0
    kiosk.desk.open(PlaceIdCard())
    assert kiosk.speech.transcript[0].startswith("欢迎使用")
    assert kiosk.speech.transcript[1].startswith("请把身份证平放在感应区")
    kiosk.desk.wipe()
    assert kiosk.speech.transcript == []
    assert kiosk.desk.voice is False


async def test_wipe_forgets_theme_page_and_clipboard(kiosk: Kiosk) -> None:
    kiosk.desk.open(STAFF)
    kiosk.desk.progress(Progress(("刷身份证", "核验"), 1))
    kiosk.tap("utility.large")
    QGuiApplication.clipboard().setText("浙B·00000")
    kiosk.desk.wipe()
    settle()
    assert kiosk.frame.page is None
    assert not kiosk.themes.theme.large
    assert QGuiApplication.clipboard().text() == ""
    texts = [w.accessibleName() for w in kiosk.frame.findChildren(QWidget)]
    assert not [text for text in texts if "张*明" in text or "3302" in text]


async def test_staff_pin_is_typed_and_forgotten(kiosk: Kiosk) -> None:
    page = kiosk.desk.open(STAFF)
    for key in "112233":
        kiosk.tap(f"staff.pad.{key}")
    kiosk.tap("action.next")
    assert await page.answer() == "112233"
    widget = kiosk.frame.page
    assert widget is not None
    assert not [value for value in vars(widget).values() if value == "112233"]


async def test_keyboard_reaches_and_presses(kiosk: Kiosk) -> None:
    page = kiosk.desk.open(HOME)
    settle()
    kiosk.find("c01.card.violation").setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(kiosk.find("c01.card.violation"), Qt.Key.Key_Return)
    assert await page.answer() == "violation"


def test_camera_picture_is_a_mirror(kiosk: Kiosk) -> None:
    """Who leans to the left sees the picture lean to the left: a camera's left half is shown on the right."""
    row = bytes((255, 255, 255)) * 320 + bytes((0, 0, 0)) * 320
    kiosk.desk.open(FaceCheck(FaceHint.OK, 0.5, "holding", Frame(640, 480, row * 480, 0.0, 1)))
    settle()
    ring = kiosk.frame.findChild(QWidget, "c05.mirror")
    assert ring is not None
    image = ring.grab().toImage()
    y = image.height() // 2
    left, right = (image.pixelColor(image.width() * part // 8, y).lightness() for part in (3, 5))
    assert left < 30
    assert right > 225
