"""Vehicle, plate, proof, list, evidence, objection: touched by a finger on real widgets, answers read from the page."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import (
    QBuffer,
    QByteArray,
    QIODevice,
    QPoint,
    Qt,
    QThread,
)
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QWidget

from kiosk.domain.identity import Photo
from kiosk.domain.plate import PROVINCES
from kiosk.screens.base import Progress, Row, Screen
from kiosk.screens.violation import (
    ChooseObjection,
    ChooseVehicle,
    ChooseViolations,
    Chosen,
    EnterPlate,
    EnterVehicleProof,
    Evidence,
    PlateAnswer,
    Toggled,
    VehicleRow,
    ViewEvidence,
    ViolationRow,
)
from tests.ui.hall import Hall
from ui.errand import finish_all
from ui.pages.paging import pack, page_of
from ui.samples.violation_a import road_photo
from ui.widgets import photo_decoder
from ui.widgets.base import Painted, PaintMixin
from ui.widgets.check_card import CheckCard, short_yuan
from ui.widgets.keypads.plate_keypad import DIGITS, EMBASSY, allowed_at

STEPS = Progress(("刷身份证", "人脸核验", "选违法", "确认", "缴款"), 2)


# -- vehicles ------------------------------------------------------------------------------------------------------------

VEHICLES = (
    VehicleRow("浙B·8K23A", "02", "小型汽车", "本人车辆", 3),
    VehicleRow("浙B·D12345", "52", "小型新能源汽车", "已备案车辆", None),
    VehicleRow("浙B·9T07挂", "15", "挂车", "本人车辆", 1, "挂车要到人工窗口处理。"),
)


def test_vehicle_card_answers_type_and_plate_without_dot(hall: Hall) -> None:
    hall.show(ChooseVehicle("张*明", VEHICLES))
    hall.touch("vehicle.02浙B8K23A")
    hall.touch("vehicle.52浙BD12345")
    assert hall.answers == ["02浙B8K23A", "52浙BD12345"]


def test_locked_vehicle_keeps_its_place_and_whoever_touches_it_is_told_more(hall: Hall) -> None:
    """A greyed card that does nothing is touched again and again."""
    hall.show(ChooseVehicle("张*明", VEHICLES))
    hall.touch("vehicle.15浙B9T07挂")
    assert hall.answers == ["15浙B9T07挂"]
    assert "挂车要到人工窗口处理。" in hall.said()


def test_other_plate_answers_none(hall: Hall) -> None:
    hall.show(ChooseVehicle("张*明", ()))
    hall.touch("vehicle.other")
    assert hall.answers == [None]


@pytest.mark.parametrize(("theme", "most"), [("standard", 4), ("elder", 2)])
def test_eight_vehicles_are_all_reached_by_paging(open_hall: Callable[..., Hall], theme: str, most: int) -> None:
    hall = open_hall(theme)
    rows = tuple(replace(VEHICLES[0], plate=f"浙B·8K2{i}A") for i in range(8))
    hall.show(ChooseVehicle("张*明", rows, "请由实际驾驶人本人处理。"))
    seen: list[str] = []
    for _ in range(8):
        cards = [w.objectName() for w in hall.page.findChildren(QWidget) if w.objectName().startswith("vehicle.02")]
        assert 1 <= len(cards) <= most
        seen += cards
        if not hall.find("vehicle.pager.next").isEnabled():
            break
        hall.touch("vehicle.pager.next")
    assert seen == [f"vehicle.02浙B8K2{i}A" for i in range(8)]


# -- plate ---------------------------------------------------------------------------------------------------------------


def test_plate_is_typed_with_automatic_advance(hall: Hall) -> None:
    hall.show(EnterPlate(site="浙B"))
    hall.type("plate.key", "8K23A")
    hall.touch("action.next")
    assert hall.answers == [PlateAnswer("浙B8K23A", "02")]


def test_eighth_place_makes_a_new_energy_plate(hall: Hall) -> None:
    hall.show(EnterPlate(site="浙B"))
    hall.type("plate.key", "D12345")
    hall.touch("action.next")
    assert hall.answers == [PlateAnswer("浙BD12345", "52")]


def test_large_new_energy_plate_ends_with_its_letter(hall: Hall) -> None:
    hall.show(EnterPlate(site="浙B"))
    hall.type("plate.key", "12345F")
    hall.touch("action.next")
    assert hall.answers == [PlateAnswer("浙B12345F", "51")]


@pytest.mark.parametrize("theme", ["standard", "elder"])
def test_all_31_provinces_can_be_typed_and_the_site_comes_first(open_hall: Callable[..., Hall], theme: str) -> None:
    hall = open_hall(theme)
    page = hall.show(EnterPlate(site="浙B"))
    for province in PROVINCES + EMBASSY:
        hall.touch("plate.box.1")
        hall.touch(f"plate.key.{province}")
        assert hall.find("plate.box.1").accessibleName() == f"第 1 位，{province}"
    hall.touch("plate.box.1")
    keys = [w for w in page.findChildren(QAbstractButton) if w.objectName().startswith("plate.key.") and w.isVisible()]
    assert len(keys) == 32, "and what embassies have instead"
    first = min(keys, key=lambda key: (key.y(), key.x()))
    assert first.objectName() == "plate.key.浙"
    assert all(first.width() > key.width() for key in keys if key is not first)


def test_an_embassy_s_plate_is_one_word_and_six_digits(hall: Hall) -> None:
    """GA 36 as before 2017; it is refused afterwards (V07), by its own name and not as a plate that cannot be typed."""
    hall.show(EnterPlate(site="浙B", value="浙B12345"))
    hall.touch("plate.box.1")
    hall.touch("plate.key.使")
    assert not hall.find("plate.key.A").isEnabled()
    for digit in "224578":
        hall.touch(f"plate.key.{digit}")
    hall.touch("action.next")
    assert hall.answers == [PlateAnswer("使224578", "03")]
    hall.touch("plate.box.1")
    hall.touch("plate.key.浙")
    assert hall.find("plate.box.2").accessibleName().endswith("没有填"), "no digit stands in the place of the office"
    assert [allowed_at(place, EMBASSY) for place in range(1, 8)] == [DIGITS] * 6 + [""]


@pytest.mark.parametrize("theme", ["standard", "elder"])
def test_letters_i_and_o_are_on_no_key(open_hall: Callable[..., Hall], theme: str) -> None:
    page = open_hall(theme).show(EnterPlate(site="浙B"))
    names = {w.objectName() for w in page.findChildren(QWidget)}
    assert "plate.key.A" in names
    assert not {"plate.key.I", "plate.key.O"} & names
    assert all(not set("IO") & set(allowed_at(place)) for place in range(8))


def test_keys_that_do_not_fit_a_place_are_grey_but_stay(hall: Hall) -> None:
    hall.show(EnterPlate(value="浙"))
    assert not hall.find("plate.key.8").isEnabled()
    assert not hall.find("plate.key.学").isEnabled()
    where = hall.find("plate.key.8").geometry()
    hall.type("plate.key", "B")
    assert hall.find("plate.key.8").isEnabled()
    assert hall.find("plate.key.8").geometry() == where
    hall.type("plate.key", "8K23")
    assert hall.find("plate.key.学").isEnabled()
    hall.type("plate.key", "学")
    hall.touch("action.next")
    assert hall.answers == [PlateAnswer("浙B8K23学", "16")]


def test_tapped_box_is_put_right(hall: Hall) -> None:
    hall.show(EnterPlate(value="浙B8K23A"))
    hall.touch("plate.box.4")
    hall.type("plate.key", "M")
    hall.touch("action.next")
    assert hall.answers == [PlateAnswer("浙B8M23A", "02")]


def test_delete_clears_the_place_and_then_goes_back(hall: Hall) -> None:
    hall.show(EnterPlate(value="浙B8K"))
    hall.touch("plate.key.delete")
    hall.touch("plate.key.delete")
    hall.type("plate.key", "66X21")
    hall.touch("action.next")
    assert hall.answers == [PlateAnswer("浙B66X21", "02")]


def test_next_says_what_is_missing_and_goes_there(hall: Hall) -> None:
    hall.show(EnterPlate(site="浙B"))
    hall.touch("action.next")
    assert hall.answers == []
    assert "车牌还缺 5 位，共 7 位，新能源车 8 位。" in hall.said()
    hall.type("plate.key", "8")
    assert "字母 I 和 O 不用于车牌，已从键盘去掉。" in hall.said()
    assert hall.find("plate.box.3").accessibleName() == "第 3 位，8"


def test_impossible_plate_is_not_answered(hall: Hall) -> None:
    hall.show(EnterPlate(site="浙B"))
    hall.type("plate.key", "123456")
    hall.touch("action.next")
    assert hall.answers == []
    assert "新能源车第 3 位或第 8 位是字母，其余位请核对。" in hall.said()


def test_trouble_stands_in_the_summary_and_at_the_field(hall: Hall) -> None:
    hall.show(EnterPlate(value="浙B8K23A", trouble="车牌号码有误，请核对。"))
    assert {"有 1 处需要修改：车牌号码", "车牌号码有误，请核对。"} <= hall.said()


# -- proof ---------------------------------------------------------------------------------------------------------------


def test_proof_takes_letters_and_digits(hall: Hall) -> None:
    hall.show(EnterVehicleProof("浙B·8K23A"))
    hall.type("proof.key", "1Z9OI4Q")
    hall.touch("action.next")
    assert hall.answers == ["1Z9OI4"]


def test_short_proof_is_asked_about_before_it_is_taken(hall: Hall) -> None:
    hall.show(EnterVehicleProof("浙B·8K23A"))
    hall.type("proof.key", "123")
    hall.touch("action.next")
    assert "还缺 3 位，字母和数字都可以。" in hall.said()
    hall.type("proof.key", "45")
    hall.touch("action.next")
    assert hall.answers == []
    hall.touch("action.next")
    assert hall.answers == ["12345"]


def test_proof_delete_clear_and_box(hall: Hall) -> None:
    hall.show(EnterVehicleProof("浙B·8K23A", "请输入后 6 位。"))
    assert "请输入后 6 位。" in hall.said()
    hall.type("proof.key", "ABC")
    hall.touch("proof.key.clear")
    hall.type("proof.key", "12345")
    hall.touch("proof.box.3")
    hall.type("proof.key", "XYZW")
    hall.touch("action.next")
    assert hall.answers == ["12XYZW"]


# -- violations ----------------------------------------------------------------------------------------------------------


def row(i: int, **changes: Any) -> ViolationRow:
    base = ViolationRow(f"R{i}", "机动车违反禁止标线指示", f"2026年3月{i}日 08:14", "浙B·8K23A", "中山东路", 10000, 1)
    return replace(base, **changes)


EIGHT = tuple(row(i) for i in range(1, 9))


def test_tick_tells_the_journey_and_shows_the_sum_at_once(hall: Hall) -> None:
    hall.show(ChooseViolations("张*明", (row(1), row(2, fine_fen=5000, points=3))))
    hall.touch("c06.card.R1")
    hall.touch("c06.card.R2", QPoint(900, 60))
    assert hall.answers == [Toggled(("R1",)), Toggled(("R1", "R2"))]
    assert {"已选 2 条，共记 4 分", "¥150"} <= hall.said()
    hall.touch("c06.card.R1")
    assert hall.answers[-1] == Toggled(("R2",))


def test_second_tap_within_the_guard_is_no_tap(hall: Hall) -> None:
    hall.show(ChooseViolations("张*明", (row(1),)))
    hall.touch("c06.card.R1")
    hall.touch("c06.card.R1", guard=True)
    assert hall.answers == [Toggled(("R1",))]


def test_update_locks_other_rows_on_the_same_page_of_the_list(hall: Hall) -> None:
    hall.show(ChooseViolations("张*明", EIGHT))
    hall.touch("c06.pager.next")
    card = hall.find("c06.card.R5")
    hall.touch("c06.card.R4")
    why = "选上这一条后记分达到 12 分，请到人工窗口。"
    rows = tuple(replace(r, locked=why, code="W05") if r.record_id == "R5" else r for r in EIGHT)
    hall.update(ChooseViolations("张*明", rows, ("R4",)))
    assert hall.find("c06.card.R5") is card
    assert {why, "W05", "需到窗口"} <= hall.said()
    hall.answers.clear()
    hall.touch("c06.card.R5")
    assert hall.answers == []
    hall.update(ChooseViolations("张*明", EIGHT, ()))
    hall.touch("c06.card.R5")
    assert hall.answers == [Toggled(("R5",))]


def test_what_the_journey_did_not_admit_is_unticked(hall: Hall) -> None:
    hall.show(ChooseViolations("张*明", EIGHT[:2]))
    hall.touch("c06.card.R1")
    hall.touch("c06.card.R2")
    hall.update(ChooseViolations("张*明", EIGHT[:2], ("R1",)))
    hall.touch("action.next")
    assert hall.answers[-1] == Chosen(("R1",))


def test_evidence_link_carries_what_is_ticked(hall: Hall) -> None:
    hall.show(ChooseViolations("张*明", EIGHT[:3], ("R3",)))
    hall.touch("c06.card.R1")
    hall.touch("c06.evidence.R2")
    assert hall.answers == [Toggled(("R1", "R3")), ViewEvidence("R2", ("R1", "R3"), 0)]


def test_next_without_a_tick_explains(hall: Hall) -> None:
    hall.show(ChooseViolations("张*明", EIGHT[:2]))
    hall.touch("action.next")
    assert hall.answers == []
    assert "请至少选 1 条。点卡片就能选中。" in hall.said()
    hall.touch("c06.card.R1")
    hall.touch("action.next")
    assert hall.answers == [Toggled(("R1",)), Chosen(("R1",))]


@pytest.mark.parametrize(("theme", "pages"), [("standard", 3), ("elder", 4)])
def test_eight_records_are_ticked_across_pages(open_hall: Callable[..., Hall], theme: str, pages: int) -> None:
    hall = open_hall(theme)
    hall.show(ChooseViolations("张*明", EIGHT))
    turned = 1
    for i in range(1, 9):
        if not [w for w in hall.page.findChildren(QWidget, f"c06.card.R{i}") if w.isVisible()]:
            hall.touch("c06.pager.next")
            turned += 1
        hall.touch(f"c06.card.R{i}")
    assert turned == pages
    assert not hall.find("c06.pager.next").isEnabled()
    hall.touch("action.next")
    assert hall.answers[-1] == Chosen(tuple(f"R{i}" for i in range(1, 9)))
    assert {"已选 8 条，共记 8 分", "¥800"} <= hall.said()


def test_screen_names_the_page_to_open_at(hall: Hall) -> None:
    hall.show(ChooseViolations("张*明", EIGHT, page=1))
    hall.find("c06.card.R4")
    hall.show(ChooseViolations("张*明", EIGHT, page=99))
    hall.find("c06.card.R8")


def test_ticks_and_place_survive_another_theme(open_hall: Callable[..., Hall]) -> None:
    hall = open_hall()
    page = hall.show(ChooseViolations("张*明", EIGHT))
    hall.touch("c06.pager.next")
    hall.touch("c06.card.R5")
    kept = page.keep()
    elder = open_hall("elder")
    elder.show(ChooseViolations("张*明", EIGHT))
    elder.page.restore(kept)
    elder.settle()
    elder.find("c06.card.R4")
    elder.touch("action.next")
    assert elder.answers == [Chosen(("R5",))]


async def test_theme_switch_on_the_desk_keeps_ticks_typed_text_and_answers(hall: Hall) -> None:
    from ui.desk import QtDesk

    themes = hall.stage.themes
    desk = QtDesk(hall.stage.frame, themes)
    desk.allow(back=True, cancel=True)
    desk.progress(STEPS)
    listed = desk.open(ChooseViolations("张*明", EIGHT))
    hall.settle()
    hall.touch("c06.card.R2")
    assert await listed.answer() == Toggled(("R2",))
    hall.touch("utility.large")
    assert themes.theme.large
    assert hall.find("c06.card.R2").isChecked()  # type: ignore[attr-defined]
    hall.touch("action.next")
    assert await listed.answer() == Chosen(("R2",))
    typed = desk.open(EnterPlate(site="浙B"))
    hall.settle()
    hall.type("plate.key", "8K")
    hall.touch("utility.contrast")
    hall.type("plate.key", "23A")
    hall.touch("action.next")
    assert await typed.answer() == PlateAnswer("浙B8K23A", "02")
    desk.wipe()


def test_no_records_is_drawn(hall: Hall) -> None:
    hall.show(ChooseViolations("张*明", ()))
    assert "没有未处理的违法" in hall.said()
    assert not [w for w in hall.stage.frame.findChildren(QWidget, "action.next") if w.isVisible()]
    hall.touch("action.back")
    assert hall.backs == 1


def test_long_text_makes_a_card_higher_rather_than_cut(hall: Hall) -> None:
    theme = hall.stage.themes.theme
    hall.show(ChooseViolations("张*明", EIGHT))
    measurer = hall.find("c06.total")
    assert isinstance(measurer, Painted)
    usual = CheckCard.height_of(theme, row(1), 984, measurer)
    long = CheckCard.height_of(
        theme, row(1, act="驾驶机动车行驶超过规定时速" * 6, place="宁波市江北区" * 12), 984, measurer
    )
    assert usual == 272
    assert long > usual


def test_pack_fills_pages_by_height() -> None:
    assert pack([272, 272, 272, 400, 400], 870, 24, 3) == [range(3), range(3, 5)]
    assert pack([900], 870, 24, 3) == [range(1)]
    assert pack([], 870, 24, 3) == [range(0)]
    assert page_of([range(3), range(3, 5)], 4) == 1
    assert page_of([range(3), range(3, 5)], 9) == 1


@pytest.mark.parametrize(("fen", "text"), [(10000, "¥100"), (10050, "¥100.50"), (123456700, "¥1,234,567"), (0, "¥0")])
def test_short_yuan(fen: int, text: str) -> None:
    assert short_yuan(fen) == text


# -- evidence ------------------------------------------------------------------------------------------------------------

FACTS = (Row("时间", "2026年3月9日 21:05"), Row("地点", "G15 沈海高速 K1478"))


def evidence(photos: tuple[Photo, ...] | None) -> Evidence:
    return Evidence("机动车违反禁止标线指示", FACTS, "违反规定：《道路交通安全法》第四十二条", photos)


def decoded(hall: Hall) -> None:
    finish_all()
    hall.settle()


def middle(hall: Hall) -> QColor:
    photo = hall.find("c07.photo")
    return photo.grab().toImage().pixelColor(photo.rect().center())


def plain(color: Qt.GlobalColor, width: int = 640, height: int = 480) -> Photo:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(color)
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return Photo(data.data())


def test_evidence_answers_close_and_object(hall: Hall) -> None:
    hall.show(evidence(()))
    hall.touch("c07.object")
    hall.touch("c07.close")
    assert hall.answers == ["object", "close"]


def test_photos_arrive_are_decoded_elsewhere_and_shown(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[bool] = []
    real = photo_decoder.decode

    def spy(data: bytes) -> QImage:
        threads.append(QThread.currentThread() is hall.stage.frame.thread())
        return real(data)

    monkeypatch.setattr(photo_decoder, "decode", spy)
    hall.show(evidence(None))
    assert "正在取证据照片…" in hall.said()
    hall.update(evidence((plain(Qt.GlobalColor.red), plain(Qt.GlobalColor.blue))))
    decoded(hall)
    assert threads == [False, False]
    assert middle(hall) == QColor(Qt.GlobalColor.red)
    hall.touch("c07.next")
    assert middle(hall) == QColor(Qt.GlobalColor.blue)
    assert "下一张 2/2" in hall.said()
    hall.touch("c07.next")
    assert middle(hall) == QColor(Qt.GlobalColor.red)


def test_missing_and_broken_photos_are_said(hall: Hall) -> None:
    hall.show(evidence(()))
    assert "证据照片暂时看不到" in hall.said()
    with pytest.raises(AssertionError, match="0 visible widgets"):
        hall.find("c07.zoom_in")  # there is nothing to enlarge
    hall.update(evidence((Photo(b"not a picture"), plain(Qt.GlobalColor.green))))
    decoded(hall)
    assert "这张照片打不开" in hall.said()
    hall.touch("c07.next")
    assert middle(hall) == QColor(Qt.GlobalColor.green)


def test_zoom_and_drag_stay_inside_the_picture(hall: Hall) -> None:
    half = QImage(640, 480, QImage.Format.Format_RGB32)
    half.fill(Qt.GlobalColor.red)
    for y in range(480):
        for x in range(320):
            half.setPixelColor(x, y, Qt.GlobalColor.blue)
    hall.show(evidence(None))
    viewer = hall.find("c07.photo")
    hall.update(evidence((plain(Qt.GlobalColor.red),)))
    decoded(hall)
    viewer._images[0] = viewer._fitted[0] = half  # type: ignore[attr-defined]
    for _ in range(6):
        hall.touch("c07.zoom_in")
    assert not hall.find("c07.zoom_in").isEnabled()
    centre = viewer.rect().center()
    finger = QTest.touchEvent(viewer.window(), hall.finger)
    finger.press(0, centre, viewer).commit()
    for step in range(1, 40):
        QTest.touchEvent(viewer.window(), hall.finger).move(0, centre + QPoint(40 * step, 0), viewer).commit()
    QTest.touchEvent(viewer.window(), hall.finger).release(0, centre + QPoint(1600, 0), viewer).commit()
    shown = viewer.grab().toImage()
    corners = {shown.pixelColor(x, y).name() for x in (2, viewer.width() - 3) for y in (2, viewer.height() - 3)}
    assert corners == {"#0000ff"}
    for _ in range(6):
        hall.touch("c07.zoom_out")
    assert not hall.find("c07.zoom_out").isEnabled()


def test_tap_moves_an_enlarged_picture_without_dragging(hall: Hall) -> None:
    hall.show(evidence((road_photo(0),)))
    decoded(hall)
    hall.touch("c07.zoom_in")
    before = hall.find("c07.photo").grab().toImage()
    hall.touch("c07.photo", QPoint(40, 40))
    assert hall.find("c07.photo").grab().toImage() != before


def test_page_closed_while_decoding_drops_what_arrives(hall: Hall) -> None:
    page = hall.show(evidence(tuple(road_photo(i) for i in range(3))))
    viewer = page.viewer
    hall.stage.frame.drop_page()
    decoded(hall)
    with pytest.raises(RuntimeError):
        viewer.width()


def test_law_is_behind_a_link_where_it_would_squeeze_the_picture(hall: Hall) -> None:
    long = "违反规定：" + "《道路交通安全法》第四十二条第一款、" * 30
    hall.show(replace(evidence(()), law=long))
    hall.touch("c07.law")
    hall.find("c07.law_sheet.text")
    hall.touch("c07.law_sheet.close")
    assert not hall.stage.frame.findChildren(QWidget, "c07.law_sheet")


# -- objection -----------------------------------------------------------------------------------------------------------

REASONS = tuple(Row(f"reason_{i}", f"第 {i} 个原因，写得清楚明白") for i in range(8))


def test_objection_needs_one_reason_and_answers_its_id(hall: Hall) -> None:
    hall.show(ChooseObjection("机动车违反禁止标线指示", REASONS))
    hall.touch("action.next")
    assert hall.answers == []
    assert "请选一项。" in hall.said()
    hall.touch("objection.reason_1")
    hall.touch("objection.reason_6")
    assert "请选一项。" not in hall.said()
    hall.touch("action.next")
    assert hall.answers == ["reason_6"]


def test_objection_in_large_text_shows_three_a_page(open_hall: Callable[..., Hall]) -> None:
    hall = open_hall("elder")
    hall.show(ChooseObjection("机动车违反禁止标线指示", REASONS))
    hall.touch("objection.reason_2")
    hall.touch("objection.pager.next")
    shown = [w.objectName() for w in hall.page.findChildren(QWidget) if w.objectName().startswith("objection.reason_")]
    assert shown == ["objection.reason_3", "objection.reason_4", "objection.reason_5"]
    hall.touch("objection.pager.previous")
    assert hall.find("objection.reason_2").isChecked()  # type: ignore[attr-defined]
    hall.touch("action.next")
    assert hall.answers == ["reason_2"]


# -- forgetting ----------------------------------------------------------------------------------------------------------

PERSONAL: dict[str, tuple[Screen[Any], Callable[[Hall], None]]] = {
    "vehicles": (ChooseVehicle("张*明", VEHICLES), lambda hall: None),
    "plate": (EnterPlate(site="浙B"), lambda hall: hall.type("plate.key", "8K23A")),
    "proof": (EnterVehicleProof("浙B·8K23A"), lambda hall: hall.type("proof.key", "1Z9")),
    "list": (ChooseViolations("张*明", EIGHT), lambda hall: hall.touch("c06.card.R1")),
    "evidence": (evidence((road_photo(0),)), decoded),
    "objection": (ChooseObjection("机动车违反禁止标线指示", REASONS), lambda hall: hall.touch("objection.reason_1")),
}


@pytest.mark.parametrize("name", sorted(PERSONAL))
def test_nothing_personal_outlives_the_page(hall: Hall, name: str) -> None:
    screen, act = PERSONAL[name]
    page = hall.show(screen)
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


@pytest.mark.parametrize("name", sorted(PERSONAL))
def test_cleared_page_says_nothing_personal(hall: Hall, name: str) -> None:
    screen, act = PERSONAL[name]
    page = hall.show(screen)
    act(hall)
    page.clear()
    spoken = "".join(w.accessibleName() for w in page.findChildren(QWidget) if w.objectName() != "page.title")
    assert not [secret for secret in ("8K23A", "D12345", "1Z9", "中山东路", "2026年3月") if secret in spoken]
