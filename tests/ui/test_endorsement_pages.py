"""The pages of the endorsement service: touched by a finger on real widgets, answers read from the page."""

from __future__ import annotations

import gc
import time
import weakref
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from kiosk.domain.identity import Photo
from kiosk.screens.base import Row, Screen
from kiosk.screens.common import Phase
from kiosk.screens.endorsement import (
    CheckPermit,
    ChooseDestinations,
    ChooseEndorsementKind,
    ChooseEntries,
    EnterPhone,
    EntryGroup,
    EntryOption,
    FeeLine,
    HeldRow,
    InsertPermit,
    KindRow,
    MakingPermit,
    PlaceRow,
    ReviewEndorsement,
    TakePermit,
)
from tests.ui import structure
from tests.ui.hall import Hall
from ui.errand import finish_all
from ui.gallery import Stage
from ui.pages import page_class
from ui.pages.base import Allowed
from ui.pages.permit_take import in_fours
from ui.samples.endorsement import SAMPLES, back_photo, catalogue
from ui.theme import ThemeSource
from ui.widgets.base import PaintMixin
from ui.widgets.digits_field import grouped
from ui.widgets.permit_scene import PermitScene
from ui.widgets.phone_field import PhoneField


def enabled_on_page(hall: Hall) -> list[str]:
    return [b.objectName() for b in hall.page.findChildren(QAbstractButton) if b.isVisible() and b.isEnabled()]


# -- C14 -----------------------------------------------------------------------------------------------------------------


def test_permit_that_was_read_goes_on_by_itself(hall: Hall) -> None:
    hall.show(InsertPermit())
    assert {"请插入往来港澳通行证", "有二维码的一面朝上"} <= hall.said()
    assert enabled_on_page(hall) == []
    hall.update(InsertPermit("reading"))
    assert "正在读取通行证" in hall.said()
    assert hall.answers == []
    hall.update(InsertPermit("done"))
    QTest.qWait(1)
    assert hall.answers == [None]


def test_permit_given_back_says_why_and_asks_again(hall: Hall) -> None:
    hall.show(InsertPermit("given_back", trouble="没有读到，请换一面再插。"))
    assert {"请重新插入通行证", "没有读到，请换一面再插。"} <= hall.said()
    assert hall.page.voice() == "没有读到，请换一面再插。"
    hall.update(InsertPermit("reading"))
    assert "没有读到，请换一面再插。" not in hall.said()


def sleeve_side(hall: Hall, name: str) -> str:
    """Where most of the hand's sleeve is: it comes from the side away from the slot."""
    picture = hall.find(name).grab().toImage()
    sleeve = hall.stage.frame.theme.color("primary").rgb()
    spots = [
        (x / picture.width(), y / picture.height())
        for x in range(0, picture.width(), 6)
        for y in range(0, picture.height(), 6)
        if picture.pixel(x, y) == sleeve
    ]
    across, down = (sum(spot[i] for spot in spots) / len(spots) - 0.5 for i in (0, 1))
    if abs(across) > abs(down):
        return "right" if across > 0 else "left"
    return "below" if down > 0 else "above"


@pytest.mark.parametrize(("arrow", "hand"), [("left", "right"), ("right", "left"), ("down", "above")])
def test_picture_shows_the_slot_where_the_settings_say(hall: Hall, arrow: Any, hand: str) -> None:
    hall.show(InsertPermit(arrow=arrow))
    assert sleeve_side(hall, "c14.scene") == hand


@pytest.mark.parametrize(
    ("position", "arrow", "hand"),
    [
        ("插卡口在屏幕下方左侧", "left", "right"),
        ("插卡口在屏幕下方右侧，亮绿灯的地方", "right", "left"),
        ("插卡口在屏幕正下方", "down", "above"),
        ("插卡口在左手边的台面上，屏幕右侧", "right", "left"),
        ("插卡口在读卡器右边，屏幕下方", "down", "above"),
    ],
)
def test_picture_of_taking_shows_the_slot_where_the_settings_say(
    hall: Hall, position: str, arrow: Any, hand: str
) -> None:
    hall.show(TakePermit(position=position, arrow=arrow))
    assert sleeve_side(hall, "c17c.scene") == hand
    hall.update(TakePermit("alarm", position=position, arrow=arrow))
    assert sleeve_side(hall, "c17c.scene") == hand


@pytest.mark.parametrize("motion", [True, False])
def test_hand_moves_only_where_motion_is_on(qapp: QApplication, motion: bool) -> None:
    theme = ThemeSource(motion=motion).theme
    scene = PermitScene(theme, "scene", "insert", "left", "有二维码的一面朝上")
    scene.resize(984, 700)
    scene.show()
    assert scene._loop._timer.isActive() is motion
    scene.set_state("done", "left")
    assert not scene._loop._timer.isActive()
    scene.deleteLater()


def test_hand_goes_in_and_starts_again(qapp: QApplication) -> None:
    scene = PermitScene(ThemeSource().theme, "scene", "insert", "left")
    seen = []
    for phase in (0.0, 0.5, 0.99, 0.1, 0.4, 0.99, 0.0):
        scene._move(phase)
        seen.append(round(scene._slide, 2))
    assert seen[0] == seen[-1] == 0.0
    assert seen[:3] == sorted(seen[:3])
    assert max(seen) == 1.0
    scene.deleteLater()


# -- C15a ----------------------------------------------------------------------------------------------------------------

KINDS = tuple(
    KindRow(letter, f"第 {i} 种签注", "说明这一种签注的话", "" if i % 2 else "要先交证明，请到人工窗口办理。")
    for i, letter in enumerate("GLTSQDR", 1)
)
WHO = ChooseEndorsementKind("张*明", "C12*****8", "2031年5月6日", (HeldRow("澳门", "个人旅游，还剩 1 次"),), KINDS)


def test_tap_on_a_kind_answers_its_letter(hall: Hall) -> None:
    hall.show(WHO)
    assert {"张*明", "C12*****8", "往来港澳通行证，有效期至 2031年5月6日", "澳门", "个人旅游，还剩 1 次"} <= hall.said()
    hall.touch("c15a.kind.G")
    assert hall.answers == ["G"]


def test_locked_kind_says_why_and_takes_no_tap(hall: Hall) -> None:
    hall.show(WHO)
    card = hall.find("c15a.kind.L")
    assert not card.isEnabled()
    assert "请到人工窗口办理" in card.accessibleName()
    assert "要先交证明，请到人工窗口办理。" in hall.said()
    hall.touch("c15a.kind.L")
    assert hall.answers == []


@pytest.mark.parametrize("theme", ["standard", "elder"])
def test_every_kind_is_on_one_page_of_the_list(open_hall: Callable[..., Hall], theme: str) -> None:
    hall = open_hall(theme)
    hall.show(WHO)
    seen: list[str] = []
    while True:
        shown = [w.objectName() for w in hall.page.findChildren(QWidget) if w.objectName().startswith("c15a.kind.")]
        assert len(shown) <= (3 if theme == "elder" else 5)
        seen += shown
        following = hall.find("c15a.pager.next")
        if not following.isEnabled():
            break
        hall.touch("c15a.pager.next")
    assert seen == [f"c15a.kind.{letter}" for letter in "GLTSQDR"]


def test_nothing_held_is_said(hall: Hall) -> None:
    hall.show(replace(WHO, held=()))
    assert "没有可用的签注" in hall.said()


# -- C15b ----------------------------------------------------------------------------------------------------------------

PLACES = (PlaceRow("HKG", "香港", "每次停留不超过 7 天"), PlaceRow("MAC", "澳门", "每次停留不超过 7 天"))


def test_destinations_answer_in_the_order_of_the_screen(hall: Hall) -> None:
    hall.show(ChooseDestinations("个人旅游", PLACES))
    hall.touch("action.next")
    assert hall.answers == []
    assert "请至少选 1 个地方。点卡片就能选中。" in hall.said()
    hall.touch("c15b.place.MAC")
    assert "已选：澳门" in hall.said()
    hall.touch("c15b.place.HKG")
    hall.touch("action.next")
    assert hall.answers == [("HKG", "MAC")]


def test_destination_can_be_taken_back(hall: Hall) -> None:
    hall.show(ChooseDestinations("个人旅游", PLACES, ("HKG", "MAC")))
    hall.touch("c15b.place.HKG")
    hall.touch("action.next")
    assert hall.answers == [("MAC",)]


def test_destination_that_got_locked_is_not_answered(hall: Hall) -> None:
    locked = replace(PLACES[1], locked="澳门的签注还没有用完。")
    hall.show(ChooseDestinations("个人旅游", (PLACES[0], locked), ("MAC",)))
    assert not hall.find("c15b.place.MAC").isChecked()  # type: ignore[attr-defined]
    hall.touch("action.next")
    hall.touch("c15b.place.MAC")
    assert hall.answers == []
    hall.touch("c15b.place.HKG")
    hall.touch("action.next")
    assert hall.answers == [("HKG",)]


def test_both_destinations_locked_sends_to_the_window(hall: Hall) -> None:
    hall.show(ChooseDestinations("商务", tuple(replace(row, locked="不能办。") for row in PLACES)))
    hall.touch("action.next")
    assert "这两个地方都不能在本机办理，请到人工窗口。" in hall.said()
    assert hall.answers == []


# -- C15c ----------------------------------------------------------------------------------------------------------------


def option(place: str, i: int, fen: int = 1500, locked: str = "") -> EntryOption:
    return EntryOption(f"{place}-{i}", f"{i} 次 · 1 年", "可用到 2027年3月17日", fen, locked)


TWO = ChooseEntries(
    "个人旅游",
    (
        EntryGroup("HKG", "香港", (option("HKG", 1), option("HKG", 2, 3000), option("HKG", 3, 8000, "不能选这一项。"))),
        EntryGroup("MAC", "澳门", (option("MAC", 1), option("MAC", 2, 12050))),
    ),
)


def test_every_option_has_its_price_and_the_sum_runs_along(hall: Hall) -> None:
    hall.show(TWO)
    assert {"¥15.00", "¥30.00", "¥80.00", "¥120.50", "¥0.00"} <= hall.said()
    assert "¥80.00" in hall.find("c15c.option.HKG-3").accessibleName()
    hall.touch("c15c.option.HKG-2")
    assert "已选 1 个，还差 1 个" in hall.said()
    hall.touch("c15c.option.MAC-2")
    assert {"合计", "¥150.50"} <= hall.said()
    hall.touch("c15c.option.MAC-1")
    assert {"合计", "¥45.00"} <= hall.said()
    hall.touch("action.next")
    assert hall.answers == [("HKG-2", "MAC-1")]


def test_one_choice_for_each_destination(hall: Hall) -> None:
    hall.show(TWO)
    hall.touch("c15c.option.HKG-1")
    hall.touch("c15c.option.HKG-1")  # again: stays chosen
    checked = [w.objectName() for w in hall.page._cards if w.isChecked()]  # type: ignore[attr-defined]
    assert checked == ["c15c.option.HKG-1"]
    hall.touch("c15c.option.HKG-3")  # locked
    hall.touch("action.next")
    assert hall.answers == []
    assert "澳门还没有选，请选一项。" in hall.said()


def test_option_that_got_locked_is_no_choice(hall: Hall) -> None:
    groups = (replace(TWO.groups[0], chosen="HKG-3"), replace(TWO.groups[1], chosen="MAC-1"))
    hall.show(replace(TWO, groups=groups))
    hall.touch("action.next")
    assert hall.answers == []
    assert "香港还没有选，请选一项。" in hall.said()


def test_destination_without_any_option_leads_back(hall: Hall) -> None:
    dead = replace(TWO.groups[1], options=(option("MAC", 1, locked="不能选。"),))
    hall.show(replace(TWO, groups=(TWO.groups[0], dead)))
    hall.touch("c15c.option.HKG-1")
    hall.touch("action.next")
    assert hall.answers == []
    assert "澳门没有可以选的，请返回上一步。" in hall.said()


@pytest.mark.parametrize("theme", ["standard", "elder"])
@pytest.mark.parametrize("count", [1, 4, 12, 20])
def test_every_option_is_on_exactly_one_page(open_hall: Callable[..., Hall], theme: str, count: int) -> None:
    hall = open_hall(theme)
    screen = catalogue(count)
    page: Any = hall.show(screen)
    seen: list[str] = []
    for sheet in range(len(page._sheets)):
        if sheet:
            hall.touch("c15c.pager.next")
        shown = [w.option.id for w in page._cards]
        assert len(shown) <= (3 if theme == "elder" else 12)
        assert not structure.squeezed(hall.stage.frame)
        seen += shown
    assert seen == [o.id for group in screen.groups for o in group.options]


def test_next_leads_to_the_destination_that_is_missing(open_hall: Callable[..., Hall]) -> None:
    hall = open_hall("elder")
    hall.show(catalogue(6))
    hall.touch("action.next")
    assert "香港还没有选，请选一项。" in hall.said()
    hall.touch("c15c.option.HKG-1")
    assert hall.find("action.next").accessibleName() == "接着选澳门"
    hall.touch("action.next")
    hall.touch("c15c.option.MAC-2")
    hall.touch("action.next")
    assert hall.answers == [("HKG-1", "MAC-2")]


def test_opens_at_what_was_chosen_before(open_hall: Callable[..., Hall]) -> None:
    hall = open_hall("elder")
    screen = catalogue(6)
    groups = (replace(screen.groups[0], chosen="HKG-5"), replace(screen.groups[1], chosen="MAC-0"))
    usable = tuple(replace(g, options=tuple(replace(o, locked="") for o in g.options)) for g in groups)
    hall.show(replace(screen, groups=usable))
    assert hall.find("c15c.option.HKG-5").isChecked()  # type: ignore[attr-defined]


def test_full_catalogue_is_painted_within_fifty_milliseconds(qapp: QApplication) -> None:
    """CPU time of this process, best of eight, so that a busy machine does not matter."""
    stage = Stage("standard")
    screen = catalogue(20)
    picture = QPixmap(1080, 1920)
    best = float("inf")
    for _ in range(8):
        stage.frame.drop_page()
        stage.settle()
        start = time.process_time()
        page = page_class(type(screen))(screen, stage.themes.theme, Allowed())
        stage.frame.show_page(page)
        stage.settle()
        page.render(picture)
        best = min(best, time.process_time() - start)
    stage.close()
    assert best < 0.050


# -- phone ---------------------------------------------------------------------------------------------------------------


def test_number_is_typed_grouped_and_answered(hall: Hall) -> None:
    hall.show(EnterPhone())
    hall.type("phone.pad", "139000000001")  # the twelfth digit is not taken
    assert hall.find("phone.field").accessibleName() == "手机号码，139 0000 0000，已输入 11 位，共 11 位"
    hall.touch("action.next")
    assert hall.answers == ["13900000000"]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "还没有输入手机号，共 11 位。"),
        ("1390000000", "手机号少了 1 位，共 11 位，请检查。"),
        ("139", "手机号少了 8 位，共 11 位，请检查。"),
        ("12000000000", "手机号开头是 13 到 19，请检查。"),
    ],
)
def test_what_is_wrong_with_a_number_is_said(hall: Hall, typed: str, words: str) -> None:
    hall.show(EnterPhone(typed))
    hall.touch("action.next")
    assert hall.answers == []
    assert words in hall.said()


def test_delete_clear_and_keyboard(hall: Hall) -> None:
    hall.show(EnterPhone("139"))
    hall.touch("phone.pad.delete")
    pad = hall.find("phone.pad")
    QTest.keyClicks(pad, "7")
    assert hall.page._typed == "137"  # type: ignore[attr-defined]
    QTest.keyClick(pad, Qt.Key.Key_Backspace)
    hall.touch("phone.pad.clear")
    assert hall.page._typed == ""  # type: ignore[attr-defined]


def test_trouble_of_the_journey_keeps_what_was_typed(hall: Hall) -> None:
    hall.show(EnterPhone("13900000000"))
    hall.update(EnterPhone("13900000000", "这个号码打不通。"))
    assert "这个号码打不通。" in hall.said()
    hall.touch("phone.pad.delete")
    assert "这个号码打不通。" not in hall.said()
    assert hall.page._typed == "1390000000"  # type: ignore[attr-defined]


def test_grouping_of_unfinished_numbers() -> None:
    assert [grouped(text, PhoneField.groups) for text in ("", "13", "138", "1380", "13800000000")] == [
        "",
        "13",
        "138",
        "138 0",
        "138 0000 0000",
    ]


# -- C16 -----------------------------------------------------------------------------------------------------------------

REVIEW = ReviewEndorsement(
    (
        Row("通行证", "张*明 C12*****8"),
        Row("种类", "个人旅游"),
        Row("前往地", "香港、澳门"),
        Row("香港", "两次 · 1 年，可用到 2027年3月17日，每次最多停留 7 天"),
        Row("澳门", "一次 · 3 个月，可用到 2026年6月17日，每次最多停留 7 天"),
        Row("联系电话", "138****5678"),
    ),
    ("", "kind", "places", "entries", "entries", "phone"),
    (FeeLine("香港 · 个人旅游 · 两次 · 1 年", 3000), FeeLine("澳门 · 个人旅游 · 一次 · 3 个月", 1500)),
    4500,
    "我确认以上内容属实，申请办理这些签注。",
)


def test_every_answer_leads_back_to_its_question(hall: Hall) -> None:
    hall.show(REVIEW)
    for i in range(1, 6):
        hall.touch(f"c16.row.{i}.act")
    assert hall.answers == ["kind", "places", "entries", "entries", "phone"]
    assert hall.find("c16.row.1.act").accessibleName() == "更改种类"
    assert not hall.stage.frame.findChildren(QWidget, "c16.row.0.act")


def test_review_shows_fees_sum_and_declaration_and_submits(hall: Hall) -> None:
    hall.show(REVIEW)
    assert {"¥30.00", "¥15.00", "¥45.00", "一共要缴", REVIEW.declaration} <= hall.said()
    assert hall.find("action.next").accessibleName() == "确认并缴费"
    hall.touch("action.next")
    assert hall.answers == ["submit"]


def test_nothing_is_paid_before_the_last_page_was_seen(open_hall: Callable[..., Hall]) -> None:
    hall = open_hall("elder")
    page: Any = hall.show(REVIEW)
    assert len(page._pages) > 1
    assert REVIEW.declaration not in hall.said()
    for _ in range(len(page._pages) - 1):
        assert hall.find("action.next").accessibleName() != "确认并缴费"
        assert "¥45.00" in hall.said()
        hall.touch("action.next")
        assert hall.answers == []
    assert REVIEW.declaration in hall.said()
    hall.touch("action.next")
    assert hall.answers == ["submit"]


def test_review_of_a_long_declaration_goes_on_the_next_page(hall: Hall) -> None:
    hall.show(replace(REVIEW, declaration="我确认以上内容属实，申请办理这些签注。" * 12))
    assert not structure.squeezed(hall.stage.frame)
    hall.touch("action.next")
    assert hall.answers == []
    assert not structure.squeezed(hall.stage.frame)
    hall.touch("action.next")
    assert hall.answers == ["submit"]


# -- C17a ----------------------------------------------------------------------------------------------------------------

PHASES = (Phase("写入芯片", "done"), Phase("打印背面", "doing"), Phase("检查结果", "todo"))


def test_seconds_never_run_backwards(hall: Hall) -> None:
    page: Any = hall.show(MakingPermit(PHASES, 5))
    page._second()
    page._second()
    hall.update(MakingPermit(PHASES, 6))
    assert "7 秒" in hall.said()
    hall.update(MakingPermit(PHASES, 11))
    assert "11 秒" in hall.said()


def test_making_is_slow_says_so_and_offers_no_way_out(hall: Hall) -> None:
    page: Any = hall.show(MakingPermit(PHASES, 40))
    assert enabled_on_page(hall) == []
    assert page.back_action() is None
    assert page.next_action() is None
    assert "制证中，请不要离开" in hall.said()
    page._second()
    assert "比平时慢一些，仍在制证，请再等一会儿。" in hall.said()


def test_ring_is_full_only_where_a_phase_is_done(hall: Hall) -> None:
    def share() -> float:
        ring = hall.find("c17a.ring")
        picture = ring.grab().toImage()
        colours = [picture.pixelColor(x, y) for x in range(0, ring.width(), 4) for y in range(0, ring.height(), 4)]
        theme = hall.stage.frame.theme
        full, track, doing = (sum(c == theme.color(role) for c in colours) for role in ("ok", "track", "primary"))
        return full / (full + track + doing)

    hall.show(MakingPermit(tuple(replace(phase, state="todo") for phase in PHASES), 39))
    assert share() == 0
    hall.update(MakingPermit(PHASES, 39))
    assert share() == pytest.approx(1 / 3, abs=0.06)
    hall.update(MakingPermit(tuple(replace(phase, state="done") for phase in PHASES), 39))
    assert share() == 1


# -- C17b ----------------------------------------------------------------------------------------------------------------

CHECK = CheckPermit(None, (Row("香港", "个人旅游，两次，可用到 2027年3月17日"),))


def decoded(hall: Hall) -> None:
    finish_all()
    hall.settle()


def test_picture_and_rows_are_compared_by_the_citizen(hall: Hall) -> None:
    hall.show(CHECK)
    assert {"没有拍到照片，请看下面的内容", "个人旅游，两次，可用到 2027年3月17日"} <= hall.said()
    hall.update(replace(CHECK, picture=back_photo()))
    decoded(hall)
    photo = hall.find("c17b.photo")
    assert photo.accessibleName() == "通行证背面的照片"
    assert photo.grab().toImage().pixelColor(photo.rect().center()).lightness() > 150
    hall.touch("action.back")
    assert hall.answers == ["wrong"]


def test_answer_is_given_once(hall: Hall) -> None:
    page: Any = hall.show(replace(CHECK, seconds=2))
    hall.touch("action.next")
    page._second()
    page._second()
    hall.touch("action.back")
    assert hall.answers == ["ok"]


def test_time_answers_ok_and_a_touch_starts_it_anew(hall: Hall) -> None:
    page: Any = hall.show(replace(CHECK, seconds=3))
    page._second()
    page._second()
    assert "1 秒后通行证会自动退出来" in hall.said()
    page.on_touch()
    page._second()
    page._second()
    assert hall.answers == []
    page._second()
    assert hall.answers == ["ok"]


def test_broken_picture_is_said(hall: Hall) -> None:
    hall.show(replace(CHECK, picture=Photo(b"no picture at all")))
    decoded(hall)
    assert "照片打不开，请看下面的内容" in hall.said()


def test_picture_that_comes_after_the_page_is_gone_is_dropped(hall: Hall) -> None:
    page: Any = hall.show(replace(CHECK, picture=back_photo()))
    photo = page._photo
    hall.stage.frame.drop_page()
    decoded(hall)
    assert photo._image.isNull()
    assert photo._picture is None


# -- C17c ----------------------------------------------------------------------------------------------------------------


def test_seconds_run_between_two_updates(hall: Hall) -> None:
    page: Any = hall.show(TakePermit(seconds=30))
    assert "请在 30 秒内取走" in hall.said()
    page._second()
    assert "请在 29 秒内取走" in hall.said()
    hall.update(TakePermit(seconds=28))
    assert "请在 28 秒内取走" in hall.said()


def test_alarm_differs_by_words_sign_and_edge(hall: Hall) -> None:
    hall.show(TakePermit(seconds=30))
    calm = hall.find("c17c.call").grab().toImage()
    hall.update(TakePermit("alarm", seconds=30))
    loud = hall.find("c17c.call").grab().toImage()
    assert {"请马上取走通行证", "通行证还在插卡口", "再过 30 秒，机器会把它收起来保管。"} <= hall.said()
    edge = hall.stage.frame.theme.px("stroke.selected")
    bad, warn = (hall.stage.frame.theme.color(role) for role in ("bad", "warn"))
    middle = loud.height() // 2
    assert QColor(loud.pixel(edge + 2, middle)) == bad  # twice as thick
    assert QColor(calm.pixel(2, middle)) == warn
    assert QColor(calm.pixel(edge + 2, middle)) != warn


def test_retained_permit_shows_its_number_and_where_to_go(hall: Hall) -> None:
    hall.show(TakePermit("alarm", seconds=1))
    hall.update(TakePermit("retained", reference="NB03202603180000427", note="请凭身份证到 1 号窗口领取。"))
    assert {"通行证已由机器保管", "NB03 2026 0318 0000 427", "请凭身份证到 1 号窗口领取"} <= hall.said()
    number = next(run for run in hall.find("c17c.reference").runs if run.text.startswith("NB03"))  # type: ignore[attr-defined]
    assert number.font_px >= 44
    assert not [w for w in hall.stage.frame.findChildren(QWidget, "c17c.scene") if w.isVisible()]
    assert "NB03" not in hall.page.voice()


@pytest.mark.parametrize(
    ("plain", "shown"),
    [("260318-42", "260318-42"), ("26031842", "26031842"), ("0123456789ab", "0123 4567 89ab"), ("26 03", "26 03")],
)
def test_long_numbers_are_read_in_fours(plain: str, shown: str) -> None:
    assert in_fours(plain) == shown


# -- all -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", ["standard", "elder", "high_contrast"])
def test_pages_are_well_formed_on_a_small_panel(qapp: QApplication, theme: Any) -> None:
    stage = Stage(theme, QSize(864, 1536), 0.8)
    complaints = []
    for name, sample in SAMPLES.items():
        stage.show(sample)
        complaints += [f"{name}: {text}" for check in structure.CHECKS for text in check(stage.frame)]
    stage.close()
    assert not complaints, "\n".join(complaints)


TOUCHED: dict[str, tuple[Screen[Any], Callable[[Hall], None]]] = {
    "kind": (WHO, lambda hall: None),
    "places": (ChooseDestinations("个人旅游", PLACES), lambda hall: hall.touch("c15b.place.HKG")),
    "entries": (TWO, lambda hall: hall.touch("c15c.option.HKG-1")),
    "phone": (EnterPhone(), lambda hall: hall.type("phone.pad", "1380000")),
    "review": (REVIEW, lambda hall: None),
    "making": (MakingPermit(PHASES, 3), lambda hall: None),
    "check": (replace(CHECK, picture=Photo(b"none")), decoded),
    "take": (TakePermit("retained", reference="0123456789ab"), lambda hall: None),
    "insert": (InsertPermit(), lambda hall: None),
}


@pytest.mark.parametrize("name", sorted(TOUCHED))
def test_nothing_personal_outlives_the_page(hall: Hall, name: str) -> None:
    screen, act = TOUCHED[name]
    page: Any = hall.show(screen)
    act(hall)
    gone = weakref.ref(page)
    inner = [weakref.ref(w) for w in page.findChildren(QWidget) if isinstance(w, PaintMixin)]
    page.answered.disconnect()
    page.went_back.disconnect()
    del page
    hall.stage.frame.drop_page()
    hall.settle()
    gc.collect()
    assert gone() is None
    assert [ref().objectName() for ref in inner if ref() is not None] == []  # type: ignore[union-attr]


@pytest.mark.parametrize("name", sorted(TOUCHED))
def test_cleared_page_says_nothing_personal(hall: Hall, name: str) -> None:
    screen, act = TOUCHED[name]
    page: Any = hall.show(screen)
    act(hall)
    page.clear()
    shown = [w for w in page.findChildren(QWidget) if w.isVisible() and w.objectName() != "page.title"]
    spoken = "".join(w.accessibleName() for w in shown)
    secrets = ("张*明", "C12", "138", "2027年", "还剩 1 次", "0123")
    assert not [secret for secret in secrets if secret in spoken]


@pytest.mark.parametrize("name", ["kind", "places", "entries", "phone", "review"])
def test_what_was_done_survives_another_theme(hall: Hall, name: str) -> None:
    screen, act = TOUCHED[name]
    page: Any = hall.show(screen)
    act(hall)
    kept = page.keep()
    again = hall.show(screen)
    if kept is not None:
        again.restore(kept)
    assert again.keep() == kept
