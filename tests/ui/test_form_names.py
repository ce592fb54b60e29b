"""The form's pages of the name: where it divides, how it is spelt. Touched by a finger, answers read from the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QAbstractButton

from config.name_tables import load_names
from kiosk.domain.names import choose, clean_name, retype, romanise, split_at
from kiosk.screens.form import PinyinAnswer, SpellName, SplitName
from tests.ui import structure
from tests.ui.hall import Hall
from ui.pages import page_class
from ui.pages.base import Allowed
from ui.samples.form_names import LONGEST, RARE, SAMPLES, WITHOUT_DOTS, spell
from ui.theme import THEMES, Mode
from ui.widgets.name_border import boxes_before, boxes_of, words_of

TABLES = load_names()


def checked(hall: Hall) -> list[str]:
    return sorted(b.objectName() for b in hall.page.findChildren(QAbstractButton) if b.isVisible() and b.isChecked())


def next_caption(hall: Hall) -> str:
    action = hall.page.next_action()
    assert action is not None
    return action.caption


def complaints(hall: Hall) -> list[str]:
    hall.stage.frame.grab()
    return [text for check in structure.CHECKS for text in check(hall.stage.frame)]


# -- boxes ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["吕明", "买买提·吐尔逊", LONGEST, WITHOUT_DOTS, RARE, "JOHN SMITH", "明", "买买提•吐尔逊"]
)
def test_every_border_gives_the_parts_that_the_boxes_show(name: str) -> None:
    """What the page counts is what `split_at` divides by, dots, blanks and characters beyond the BMP included."""
    boxes = boxes_of(name)
    for count in range(1, len(boxes) + 1):
        parts = split_at(name, boxes[count - 1].end)
        assert (parts.surname, parts.given) == (words_of(boxes[:count]), words_of(boxes[count:]))
        assert boxes_before(boxes, boxes[count - 1].end) == count


def test_the_place_before_and_behind_a_dot_is_the_same_border() -> None:
    boxes = boxes_of("买买提·吐尔逊")
    assert boxes_before(boxes, 3) == boxes_before(boxes, 4) == 3


def test_a_variant_stays_on_its_character() -> None:
    boxes = boxes_of("吕\U000e0100明")
    assert [box.text for box in boxes] == ["吕\U000e0100", "明"]
    assert boxes[0].end == 2


# -- where it divides ----------------------------------------------------------------------------------------------------


def test_the_proposal_is_answered_as_it_stands(hall: Hall) -> None:
    hall.show(SplitName("欧阳娜娜", 2, True))
    assert checked(hall) == ["split.way.2"]
    hall.touch("action.next")
    assert hall.answers == [2]


def test_a_tap_between_two_characters_moves_the_border(hall: Hall) -> None:
    hall.show(SplitName("欧阳娜娜", 2, False))
    hall.touch("split.name.at.3")
    assert checked(hall) == []  # an unusual place: no card shows it
    hall.touch("split.name.at.1")
    assert checked(hall) == ["split.way.1"]
    hall.touch("action.next")
    assert hall.answers == [1]


def test_a_card_moves_the_border_and_back(hall: Hall) -> None:
    hall.show(SplitName("欧阳娜娜", 2, False))
    hall.touch("split.way.1")
    hall.touch("split.way.4")
    assert checked(hall) == ["split.way.4"]
    assert "不分姓和名" in hall.said()
    hall.touch("action.next")
    assert hall.answers == [4]


def test_a_finger_on_a_character_means_the_nearest_border(hall: Hall) -> None:
    page = hall.show(SplitName("欧阳娜娜", 1, False))
    name = hall.find("split.name")
    slot = hall.find("split.name.at.2").geometry()
    hall.touch("split.name", QPoint(slot.left() - 20, slot.center().y()))
    assert page.keep() == 2
    hall.touch("split.name", QPoint(name.width() // 2, name.height() - 4))  # below the characters: nothing
    assert page.keep() == 2


def test_a_name_with_dots_divides_at_a_dot(hall: Hall) -> None:
    hall.show(SplitName(LONGEST, 6, False))
    slots = [b.objectName() for b in hall.page.findChildren(QAbstractButton) if ".at." in b.objectName()]
    assert slots == ["split.name.at.6", "split.name.at.10", "split.name.at.13", "split.name.at.18"]
    hall.touch("split.name.at.10")
    hall.touch("action.next")
    assert hall.answers == [11]
    parts = split_at(LONGEST, hall.answers[0])
    assert (parts.surname, parts.given) == ("阿布都热依木·买买提明", "吾斯曼·艾合买提江·吐尔逊江")


def test_a_long_name_without_dots_is_tapped_on_its_characters(hall: Hall) -> None:
    hall.show(SplitName(WITHOUT_DOTS, 1, False))
    assert "点姓的最后一个字，或者点下面的分法。" in hall.said()
    hall.touch("split.name.at.4")
    hall.touch("action.next")
    assert hall.answers == [4]


def test_a_name_of_one_character_is_a_whole(hall: Hall) -> None:
    hall.show(SplitName("明", 1, False))
    assert "机器分不清这个名字的姓，请您看一看。" not in hall.said()
    hall.touch("action.next")
    assert hall.answers == [1]


def test_the_whole_name_with_dots_counts_all_of_it(hall: Hall) -> None:
    name = "买买提·吐尔逊"
    hall.show(SplitName(name, 3, False))
    hall.touch("split.way.6")
    hall.touch("action.next")
    assert hall.answers == [len(clean_name(name))]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", [LONGEST, WITHOUT_DOTS, "买买提·吐尔逊", "欧阳娜娜", "明"])
def test_not_to_divide_can_be_chosen_in_every_theme(open_hall: Callable[..., Hall], theme: str, name: str) -> None:
    hall = open_hall(theme)
    hall.show(SplitName(name, 1, False))
    hall.touch(f"split.way.{len(boxes_of(name))}")
    hall.touch("action.next")
    assert hall.answers == [len(name)]


def test_unusual_border_is_kept_in_another_theme(hall: Hall) -> None:
    screen = SplitName("欧阳娜娜", 2, False)
    page = hall.show(screen)
    hall.touch("split.name.at.3")
    kept = page.keep()
    hall.stage.themes.set_mode(Mode(large=True))
    rebuilt = page_class(SplitName)(screen, hall.stage.themes.theme, Allowed())
    rebuilt.restore(kept)
    rebuilt.answered.connect(hall.answers.append)
    rebuilt.on_next()
    assert hall.answers == [3]
    rebuilt.clear()
    rebuilt.deleteLater()


# -- how it is spelt -----------------------------------------------------------------------------------------------------


def test_letters_stand_under_the_characters(hall: Hall) -> None:
    hall.show(spell("吕小明", 1))
    assert {"吕", "LYU", "小", "XIAO", "明", "MING", "LYU<<XIAOMING", "请核对"} <= hall.said()
    hall.touch("action.next")
    assert hall.answers == [PinyinAnswer("ok")]


def test_a_reading_is_answered_at_once_and_the_update_shows_it(hall: Hall) -> None:
    screen = spell("乐重", 1)
    page = hall.show(screen)
    assert {"？", "请选一个", "选好读音后显示"} <= hall.said()
    assert checked(hall) == ["pinyin.given.0.CHONG"]
    button = hall.find("pinyin.surname.0.LE")
    button.setFocus()
    hall.touch("pinyin.surname.0.LE")
    assert hall.answers == [PinyinAnswer("reading", "surname", 0, "LE")]
    assert checked(hall) == ["pinyin.given.0.CHONG"]  # not before the journey has taken it
    hall.update(SpellName("乐", "重", choose(screen.spelt, "surname", 0, "LE")))
    assert hall.find("pinyin.surname.0.LE") is button
    assert page.focusWidget() is button
    assert checked(hall) == ["pinyin.given.0.CHONG", "pinyin.surname.0.LE"]
    assert "LE<<CHONG" in hall.said()
    assert "请选一个" not in hall.said()


def test_a_complaint_shows_the_row_that_is_open(open_hall: Callable[..., Hall]) -> None:
    hall = open_hall("elder")
    screen = spell("乐行曾重乐长", 1)
    page = hall.show(screen)
    while next_caption(hall).startswith("还有"):
        hall.touch("action.next")
    page._turn(len(page._pages) - 1)  # type: ignore[attr-defined]
    hall.touch("action.next")
    assert hall.answers == [PinyinAnswer("ok")]
    hall.update(SpellName("乐", "行曾重乐长", screen.spelt, "有的字有几种读音，请先选一种。"))
    hall.find("pinyin.surname.0.YUE")
    assert "有的字有几种读音，请先选一种。" in hall.said()
    assert complaints(hall) == []


def test_the_page_of_the_readings_stays_after_an_update(hall: Hall) -> None:
    screen = spell("单行曾重乐长", 1)
    page = hall.show(screen)
    hall.touch("pinyin.pager.next")
    assert page.keep().page == 1  # type: ignore[attr-defined]
    hall.touch("pinyin.given.3.YUE")
    assert hall.answers == [PinyinAnswer("reading", "given", 3, "YUE")]
    hall.update(SpellName("单", "行曾重乐长", choose(screen.spelt, "given", 3, "YUE")))
    assert page.keep().page == 1  # type: ignore[attr-defined]
    assert "pinyin.given.3.YUE" in checked(hall)


def test_every_caution_is_seen_before_the_name_is_confirmed(open_hall: Callable[..., Hall]) -> None:
    hall = open_hall("elder")
    screen = spell(LONGEST, 6)
    hall.show(screen)
    read: set[str] = set()
    for _ in range(10):
        hall.said()
        read |= {w.accessibleName() for w in structure.painted(hall.stage.frame) if "caution" in w.objectName()}
        assert complaints(hall) == []
        hall.touch("action.next")
        if hall.answers:
            break
    assert hall.answers == [PinyinAnswer("ok")]
    assert read == set(screen.spelt.warnings)
    assert len(read) == 2


def test_letters_of_a_document_are_not_put_under_characters_they_do_not_fit(hall: Hall) -> None:
    hall.show(spell("吕小明", 1, "LUI<<SIOMING"))
    said = hall.said()
    assert {"LUI", "SIOMING", "原证件上的拼音"} <= said
    assert "XIAO" not in said


def test_letters_typed_by_hand(hall: Hall) -> None:
    screen = spell("吕小明", 1)
    hall.show(screen)
    hall.touch("pinyin.edit")
    assert next_caption(hall) == "填好了"
    hall.touch("pinyin.pad.tray.delete")
    hall.touch("pinyin.pad.tray.delete")
    hall.type("pinyin.pad.tray", "U")
    hall.touch("pinyin.field.given")
    hall.touch("pinyin.pad.tray.clear")
    hall.type("pinyin.pad.tray", "SIO")
    hall.touch("action.next")
    assert hall.answers == [PinyinAnswer("typed", surname="LU", given="SIO")]
    hall.update(SpellName("吕", "小明", retype(screen.spelt, "LU", "SIO")))
    assert {"您填写的拼音", "LU", "SIO", "LU<<SIO"} <= hall.said()
    assert next_caption(hall) == "拼音对，继续"


def test_back_leaves_the_keys_and_changes_nothing(hall: Hall) -> None:
    hall.show(spell("吕小明", 1))
    hall.touch("pinyin.edit")
    hall.type("pinyin.pad.tray", "XX")
    hall.touch("action.back")
    assert (hall.answers, hall.backs) == ([], 0)
    assert "LYU<<XIAOMING" in hall.said()
    hall.touch("pinyin.edit")
    assert "LYU" in hall.said()
    hall.touch("action.next")  # nothing changed: nothing is answered
    assert hall.answers == []
    hall.touch("action.back")
    assert hall.backs == 1


def test_an_empty_part_is_asked_for(hall: Hall) -> None:
    hall.show(spell("吕小明", 1))
    hall.touch("pinyin.edit")
    hall.touch("pinyin.field.given")
    hall.touch("pinyin.pad.tray.clear")
    hall.touch("pinyin.field.surname")
    hall.touch("action.next")
    assert hall.answers == []
    assert "还没有填名的拼音。" in hall.said()
    hall.type("pinyin.pad.tray", "A")
    assert "还没有填名的拼音。" not in hall.said()
    hall.touch("action.next")
    assert hall.answers == [PinyinAnswer("typed", surname="LYU", given="A")]


def test_no_more_letters_than_there_is_room_for(hall: Hall) -> None:
    hall.show(SpellName("吕", "明", retype(spell("吕明", 1).spelt, "A" * 40, "B")))
    hall.touch("pinyin.edit")
    hall.type("pinyin.pad.tray", "Z")
    assert "写不下了，最多 40 个字母。" in hall.said()


def test_a_name_that_does_not_divide_has_one_field(hall: Hall) -> None:
    hall.show(spell("扎西", 2))
    hall.touch("pinyin.edit")
    assert not [w for w in hall.page.findChildren(QAbstractButton, "pinyin.field.given") if w.isVisible()]
    hall.type("pinyin.pad.tray", "I")
    hall.touch("action.next")
    assert hall.answers == [PinyinAnswer("typed", surname="ZHAXII", given="")]


def test_a_reading_offered_after_typing_brings_the_letters_back(hall: Hall) -> None:
    screen = spell("乐重", 1)
    typed = retype(screen.spelt, "YO", "CH")
    hall.show(SpellName("乐", "重", typed))
    assert checked(hall) == []
    hall.touch("pinyin.surname.0.YUE")
    hall.update(SpellName("乐", "重", choose(typed, "surname", 0, "YUE")))
    assert checked(hall) == ["pinyin.surname.0.YUE"]


def test_a_second_tap_in_a_row_answers_once(hall: Hall) -> None:
    hall.show(spell("乐重", 1))
    hall.touch("pinyin.surname.0.LE")
    hall.touch("pinyin.surname.0.LE", guard=True)
    assert len(hall.answers) == 1


def test_typed_letters_are_kept_in_another_theme(hall: Hall) -> None:
    screen = spell("吕小明", 1)
    page = hall.show(screen)
    hall.touch("pinyin.edit")
    hall.touch("pinyin.field.given")
    hall.type("pinyin.pad.tray", "X")
    kept = page.keep()
    hall.stage.themes.set_mode(Mode(large=True))
    rebuilt = page_class(SpellName)(screen, hall.stage.themes.theme, Allowed())
    rebuilt.restore(kept)
    rebuilt.answered.connect(hall.answers.append)
    rebuilt.on_next()
    assert hall.answers == [PinyinAnswer("typed", surname="LYU", given="XIAOMINGX")]
    rebuilt.clear()
    rebuilt.deleteLater()


def test_nothing_of_the_name_is_left_after_the_page(hall: Hall) -> None:
    for name in ("c19_spell_longest", "c19_split_longest"):
        page = hall.show(SAMPLES[name].screen)
        page.clear()
        texts = [w.accessibleName() for w in page.findChildren(QAbstractButton)]
        texts += [w.accessibleName() for w in page.children() if hasattr(w, "accessibleName")]
        assert not [text for text in texts if "阿" in text or "ABU" in text]


@pytest.mark.parametrize("theme", THEMES)
def test_every_page_of_every_sample_is_well_formed(open_hall: Callable[..., Hall], theme: str) -> None:
    """Beyond the first page, which all samples are checked on anyway."""
    hall = open_hall(theme)
    for name, sample in SAMPLES.items():
        if not isinstance(sample.screen, SpellName) or sample.act is not None:
            continue
        page: Any = hall.show(sample.screen)
        for number in range(1, len(page._pages)):
            page._turn(number)
            hall.settle()
            assert complaints(hall) == [], name


def test_spelling_of_the_samples_is_that_of_the_tables() -> None:
    assert romanise(split_at("吕小明", 1), TABLES).dg1_preview == "LYU<<XIAOMING"
