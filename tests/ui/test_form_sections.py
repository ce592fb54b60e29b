"""C18: touched by a finger on real widgets, answers read from the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from kiosk.screens.form import FormSections
from tests.ui.hall import Hall
from ui.samples.form_fill import SAMPLES


def screen(name: str) -> FormSections:
    found = SAMPLES[name].screen
    assert isinstance(found, FormSections)
    return found


def test_next_asks_for_what_is_missing(hall: Hall) -> None:
    hall.show(screen("c18_sections"))
    assert {"已填 18 / 21", "还差 3 项", "缺 1 项", "已自动填好", "未填"} <= hall.said()
    assert hall.find("action.next").accessibleName() == "填写下一项"
    hall.touch("action.next")
    assert hall.answers == ["next"]


def test_complete_form_goes_to_be_checked(hall: Hall) -> None:
    hall.show(screen("c18_sections_done"))
    assert "都填好了" in hall.said()
    assert hall.find("action.next").accessibleName() == "填好了，去核对"
    hall.touch("action.next")
    assert hall.answers == ["next"]


@pytest.mark.parametrize("section", ["person", "contact", "apply", "delivery"])
def test_each_part_can_be_opened(hall: Hall, section: str) -> None:
    hall.show(screen("c18_sections"))
    hall.touch(f"c18.section.{section}")
    assert hall.answers == [section]


def test_answers_are_brought_by_phone_only_where_that_is_possible(hall: Hall) -> None:
    hall.show(screen("c18_sections"))
    hall.touch("c18.bring")
    assert hall.answers == ["phone"]
    hall.show(screen("c18_sections_no_phone"))
    assert "扫手机二维码带入" not in hall.said()


def test_update_shows_what_was_brought(hall: Hall) -> None:
    first = screen("c18_sections")
    hall.show(first)
    done = tuple(replace(row, text="已填好", done=True) for row in first.sections)
    hall.update(replace(first, sections=done, done=21, note="从手机带入了 3 项。"))
    said = hall.said()
    assert {"已填 21 / 21", "从手机带入了 3 项。", "已填好"} <= said
    assert "缺 1 项" not in said
    assert hall.find("action.next").accessibleName() == "填好了，去核对"


@pytest.mark.parametrize("theme", ["standard", "elder"])
def test_all_parts_of_a_long_form_are_reached(open_hall: Callable[..., Hall], theme: str) -> None:
    hall = open_hall(theme)
    many = screen("c18_sections_many")
    hall.show(many)
    seen: set[str] = set()
    while True:
        seen |= {row.id for row in many.sections if row.title in hall.said()}
        following = hall.page._pager.following  # type: ignore[attr-defined]
        if not following.isEnabled():
            break
        hall.touch("c18.pager.next")
    assert seen == {row.id for row in many.sections}
    hall.touch(f"c18.section.{many.sections[-1].id}")
    assert hall.answers == [many.sections[-1].id]


def test_voice_says_how_much_is_left_and_no_name(hall: Hall) -> None:
    hall.show(screen("c18_sections"))
    assert hall.page.voice() == "填写申请信息。还差 3 项，请点填写下一项。"
