"""C20 on real widgets: answers by a finger, pages turned, nothing kept behind."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QAbstractButton

from kiosk.screens.form import AnswerRow, AnswerSection, ReviewForm
from tests.ui.hall import Hall
from ui.errand import finish_all
from ui.samples.form_review import SAMPLES, portrait
from ui.theme import THEMES, Mode
from ui.widgets.form_answer_row import FormAnswerRow, FormPhotoRow

FULL = SAMPLES["c20_review_longest"].screen
SHORT = SAMPLES["c20_review_missing"].screen
assert isinstance(FULL, ReviewForm)
assert isinstance(SHORT, ReviewForm)


def long_form(rows: int, *, empty: int | None = None) -> ReviewForm:
    """Rows of a section, one of them without the answer it must have."""
    made = [AnswerRow(f"第{i}项", "" if i == empty else f"值{i}", "citizen", f"q{i}") for i in range(rows)]
    missing = () if empty is None else (f"第{empty}项",)
    return ReviewForm((AnswerSection("全部", tuple(made)),), missing=missing)


def rows_shown(hall: Hall) -> list[str]:
    return [row._row.label for row in hall.page.findChildren(FormAnswerRow) if row.isVisible()]


def next_caption(hall: Hall) -> str:
    action = hall.page.next_action()
    assert action is not None
    return action.caption


def test_what_is_missing_is_said_first_and_gone_to(hall: Hall) -> None:
    hall.show(SHORT)
    said = hall.said()
    assert "还有 1 项没有填写：紧急联系人" in said
    assert "未填写" in said
    assert next_caption(hall) == "去填写缺少的 1 项"
    hall.stage.frame.next_tapped.emit()
    assert hall.answers == ["next"]


def test_summary_names_the_first_few(hall: Hall) -> None:
    hall.show(SAMPLES["c20_review_nothing"].screen)
    assert any(
        "还有 6 项没有填写：联系电话、紧急联系人姓名、紧急联系人电话、申请证件种类等" in text for text in hall.said()
    )


def test_nothing_missing_goes_on_in_one_tap(hall: Hall) -> None:
    hall.show(SAMPLES["c20_review_done"].screen)
    assert next_caption(hall) == "信息无误，预览申请表"
    assert not any("没有填写" in text for text in hall.said())
    hall.stage.frame.next_tapped.emit()
    assert hall.answers == ["next"]


def test_link_answers_with_its_question(hall: Hall) -> None:
    hall.show(SHORT)
    hall.touch("c20.row.0.1.act")
    hall.touch("c20.row.2.0.act")
    hall.touch("c20.photo.act")
    assert hall.answers == ["pinyin", "emergency", "photo"]


def test_chip_is_locked_and_says_where_values_come_from(hall: Hall) -> None:
    hall.show(SHORT)
    acts = [w.objectName() for w in hall.page.findChildren(QAbstractButton) if w.objectName().endswith(".act")]
    assert "c20.row.0.0.act" not in acts
    assert {"读卡", "请核对", "您填写"} <= hall.said()
    assert hall.find("c20.row.0.0").accessibleName() == "姓名，吕*明，读卡"
    assert hall.find("c20.row.0.1.act").accessibleName() == "修改：拼音姓名"


def test_value_to_be_confirmed_is_so_whoever_gave_it(hall: Hall) -> None:
    row = AnswerRow("邮寄地址", "幸福小区", "citizen", "post", confirm=True)
    hall.show(ReviewForm((AnswerSection("取证方式", (row,)),)))
    assert "请核对" in hall.said()
    assert "您填写" not in hall.said()


def test_optional_thing_left_out_is_no_alarm(hall: Hall) -> None:
    hall.show(ReviewForm((AnswerSection("联系方式", (AnswerRow("工作单位", "", None, "work"),)),)))
    assert not hall.page._wanted(hall.page.data.sections[0].rows[0])  # type: ignore[attr-defined]
    assert next_caption(hall) == "信息无误，预览申请表"
    hall.touch("c20.row.0.0.act")
    assert hall.answers == ["work"]


@pytest.mark.parametrize("theme", THEMES)
def test_every_row_is_on_one_page(open_hall: Callable[..., Hall], theme: str) -> None:
    hall = open_hall(theme)
    hall.show(FULL)
    page = hall.page
    seen = [spot for spots in page._pages for spot in spots]  # type: ignore[attr-defined]
    rows = sum(len(section.rows) for section in FULL.sections)
    assert len(seen) == len(set(seen)) == rows + 1
    shown: list[str] = []
    for number in range(len(page._pages)):  # type: ignore[attr-defined]
        page._turn(number)  # type: ignore[attr-defined]
        hall.settle()
        shown += rows_shown(hall)
    assert shown == [row.label for section in FULL.sections for row in section.rows]


@pytest.mark.parametrize("theme", ["standard", "elder"])
def test_photo_alone_makes_no_page(open_hall: Callable[..., Hall], theme: str) -> None:
    hall = open_hall(theme)
    moved = 0
    for cards in ((3, 2, 4), (4, 3, 1), (5, 5, 5), (5, 6), (6, 6), (5, 3, 2)):
        sections = tuple(AnswerSection(f"第{i}部分", long_form(n).sections[0].rows) for i, n in enumerate(cards))
        hall.show(ReviewForm(sections, None, "到窗口交照片"))
        pages = hall.page._pages  # type: ignore[attr-defined]
        flat = [spot for page in pages for spot in page]
        rows = [spot for spot in flat if spot.section < len(cards)]
        assert rows == sorted(rows)
        assert len(flat) == sum(cards) + 1
        assert len(pages) == 1 or len(pages[-1]) > 1
        moved += flat[-1].section != len(cards)
    assert moved if theme == "elder" else not moved  # where there is room it stands last


def test_missing_photo_opens_its_page_wherever_it_stands(open_hall: Callable[..., Hall]) -> None:
    hall = open_hall("elder")
    for rows in range(1, 16):
        hall.show(replace(long_form(rows), missing=("照片",)))
        assert hall.find("c20.photo").isVisible()


@pytest.mark.parametrize("theme", THEMES)
def test_heights_told_beforehand_are_those_of_the_rows(open_hall: Callable[..., Hall], theme: str) -> None:
    hall = open_hall(theme)
    for screen in (FULL, SHORT):
        hall.show(screen)
        for row in hall.page.findChildren(FormAnswerRow):
            told = FormAnswerRow.height_of(row.theme, row._row, row.width())
            assert told == row.heightForWidth(row.width()) == row.height(), row._row.label


def test_all_pages_are_seen_before_going_on(hall: Hall) -> None:
    hall.show(long_form(35))
    pages = len(hall.page._pages)  # type: ignore[attr-defined]
    assert pages > 2
    for _ in range(pages - 1):
        assert next_caption(hall) == "继续核对"
        hall.stage.frame.next_tapped.emit()
        hall.settle()
    assert hall.answers == []
    assert next_caption(hall) == "信息无误，预览申请表"
    hall.touch("c20.pager.previous")
    assert next_caption(hall) == "信息无误，预览申请表"
    hall.stage.frame.next_tapped.emit()
    assert hall.answers == ["next"]


def test_page_with_the_first_problem_comes_first(hall: Hall) -> None:
    hall.show(long_form(35, empty=30))
    assert "第30项" in rows_shown(hall)
    hall.stage.frame.next_tapped.emit()
    assert hall.answers == ["next"]  # what is missing needs no reading of the rest


def test_trouble_far_down_does_not_hide_the_pages_before_it(hall: Hall) -> None:
    screen = long_form(35)
    section = screen.sections[0]
    rows = [*section.rows[:30], replace(section.rows[30], trouble="号码不对，请核对"), *section.rows[31:]]
    hall.show(replace(screen, sections=(AnswerSection("全部", tuple(rows)),)))
    assert "第30项" in rows_shown(hall)
    assert "号码不对，请核对" in hall.said()
    seen = set(rows_shown(hall))
    while next_caption(hall) == "继续核对":
        hall.stage.frame.next_tapped.emit()
        hall.settle()
        seen |= set(rows_shown(hall))
    assert len(seen) == 35


def test_missing_photo_is_shown(hall: Hall) -> None:
    hall.show(replace(long_form(30), missing=("照片",)))
    assert hall.find("c20.photo")
    assert hall.find("c20.photo.act").accessibleName() == "去填写：照片"


def test_form_without_a_photo_has_no_row_for_it(hall: Hall) -> None:
    hall.show(long_form(3))
    assert not hall.page.findChildren(FormPhotoRow)


def test_changed_answer_stays_on_its_page(hall: Hall) -> None:
    screen = long_form(35)
    hall.show(screen)
    hall.touch("c20.pager.next")
    before = rows_shown(hall)
    rows = tuple(replace(row, value="新值") for row in screen.sections[0].rows)
    hall.update(replace(screen, sections=(AnswerSection("全部", rows),)))
    assert rows_shown(hall) == before
    assert "新值" in hall.said()


def test_large_type_keeps_the_row_in_sight(hall: Hall) -> None:
    hall.show(long_form(35))
    hall.touch("c20.pager.next")
    top = rows_shown(hall)[0]
    kept = hall.page.keep()
    hall.stage.themes.set_mode(Mode(large=True))
    hall.show(long_form(35))
    hall.page.restore(kept)
    hall.settle()
    assert top in rows_shown(hall)
    assert next_caption(hall) == "继续核对"


def test_second_half_of_a_double_tap_turns_no_second_page(hall: Hall) -> None:
    hall.show(long_form(35))
    hall.touch("c20.pager.next", guard=True)
    first = rows_shown(hall)
    hall.touch("c20.pager.next", guard=True)
    assert rows_shown(hall) == first


def test_nothing_stays_behind(hall: Hall) -> None:
    hall.show(replace(FULL, photo=portrait()))
    hall.page._turn(len(hall.page._pages) - 1)  # type: ignore[attr-defined]
    finish_all()
    hall.settle()
    photo = hall.page.findChildren(FormPhotoRow)[0]
    assert not photo._fitted.isNull()
    row = hall.page.findChildren(FormAnswerRow)[0]
    page = weakref.ref(hall.page)
    hall.stage.frame.drop_page()
    assert photo._fitted.isNull()
    assert photo._photo is None
    assert row._row.value == ""
    del row, photo
    hall.settle()
    gc.collect()
    assert page() is None
