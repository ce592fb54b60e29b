"""C19: touched by a finger on real widgets, answers read from the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QAbstractButton, QWidget

from config.form_tables import load_form
from kiosk.screens.form import FieldAsked, FormQuestion
from tests.ui.hall import Hall
from ui.errand import finish_all
from ui.pages.form_question import FormQuestionPage
from ui.samples.form_fill import LONG_ADDRESS, LONGEST_NAME, RARE_NAME, asked, question
from ui.theme import Mode
from ui.widgets.choice_list import ChoiceList
from ui.widgets.field_box import FieldBox


def settle(hall: Hall) -> None:
    """Lists that are read beside have come."""
    finish_all()
    hall.settle()


def spell(hall: Hall, letters: str, wanted: str) -> None:
    """Type pinyin and take a candidate by its text."""
    hall.type("form.hanzi.pinyin", letters.upper())
    keys = [w for w in hall.page.findChildren(QAbstractButton) if ".candidate." in w.objectName() and w.isVisible()]
    hall.touch(next(key.objectName() for key in keys if key.accessibleName() == wanted))


def box(hall: Hall, key: str) -> FieldBox:
    found = hall.find(f"form.field.{key}")
    assert isinstance(found, FieldBox)
    return found


def box_shown(hall: Hall, key: str) -> bool:
    return any(row.isVisible() for row in hall.page.findChildren(FieldBox, f"form.field.{key}"))


def rows(hall: Hall) -> list[str]:
    found = [w for w in hall.page.findChildren(QWidget) if w.objectName().startswith("form.field.")]
    return [w.objectName().removeprefix("form.field.") for w in found if w.isVisible()]


def more(hall: Hall, pager: str) -> bool:
    """Whether its next page can be turned to."""
    found = hall.page.findChild(QAbstractButton, f"{pager}.next")
    return found is not None and found.isEnabled()


def following(hall: Hall) -> str:
    return hall.find("action.next").accessibleName()


# -- one field -----------------------------------------------------------------------------------------------------------


def test_phone_is_typed_grouped_and_answered_bare(hall: Hall) -> None:
    hall.show(question("phone", asked("phone")))
    hall.type("form.digits.keys", "13800000000")
    assert "138 0000 0000" in hall.said()
    hall.touch("form.digits.keys.1")
    assert "写不下了，最多 11 个字。" in hall.said()
    hall.touch("form.digits.keys.delete")
    hall.touch("action.next")
    assert hall.answers == [{"phone": "1380000000"}]


def test_nothing_is_judged_before_next_and_an_empty_answer_goes_to_the_journey(hall: Hall) -> None:
    hall.show(question("phone", asked("phone")))
    hall.touch("form.digits.keys.9")
    assert box(hall, "phone").look.trouble == ""
    hall.touch("form.digits.keys.clear")
    hall.touch("action.next")
    assert hall.answers == [{"phone": ""}]


def test_trouble_is_shown_at_the_field_keeps_what_was_typed_and_goes_with_the_next_key(hall: Hall) -> None:
    first = question("phone", asked("phone"))
    hall.show(first)
    hall.type("form.digits.keys", "1380")
    hall.touch("action.next")
    trouble = "手机号码应是 11 位，1 开头，请核对"
    hall.update(question("phone", asked("phone", "1380", "citizen", trouble)))
    assert {"138 0", trouble} <= hall.said()
    assert hall.page.voice() == trouble
    hall.touch("form.digits.keys.0")
    assert trouble not in hall.said()
    assert "138 00" in hall.said()


def test_late_update_does_not_take_back_what_was_typed_since(hall: Hall) -> None:
    hall.show(question("phone", asked("phone")))
    hall.type("form.digits.keys", "1380")
    hall.touch("action.next")
    hall.touch("form.digits.keys.7")
    hall.update(question("phone", asked("phone", "1380", "citizen", "请核对")))
    assert "138 07" in hall.said()


def test_tidied_value_of_the_journey_is_taken_where_nothing_was_typed_since(hall: Hall) -> None:
    hall.show(question("emergency_name", asked("emer_name", "买买提 •艾力", "citizen")))
    hall.touch("action.next")
    hall.update(question("emergency_name", asked("emer_name", "买买提·艾力", "citizen", "请核对")))
    assert "买买提·艾力" in hall.said()


def test_name_is_spelt_with_candidates(hall: Hall) -> None:
    hall.show(question("emergency_name", asked("emer_name")))
    spell(hall, "wang", "王")
    spell(hall, "ming", "明")
    hall.touch("action.next")
    assert hall.answers == [{"emer_name": "王明"}]


def test_in_a_field_for_a_name_initials_are_enough(hall: Hall) -> None:
    """The keypad knows what stands before the caret: a surname comes first, a given name behind it."""
    hall.show(question("emergency_name", asked("emer_name")))
    spell(hall, "w", "王")
    spell(hall, "jg", "建国")
    hall.touch("action.next")
    assert hall.answers == [{"emer_name": "王建国"}]


def test_letters_not_chosen_yet_are_not_lost_silently(hall: Hall) -> None:
    hall.show(question("emergency_name", asked("emer_name")))
    hall.type("form.hanzi.pinyin", "WANG")
    hall.touch("action.next")
    assert hall.answers == []
    assert "拼音还没有选成字，请在键盘上面点一个字。" in hall.said()


def test_minority_name_with_dots_and_rare_characters_stay_as_they_are(hall: Hall) -> None:
    for value in (LONGEST_NAME, RARE_NAME):
        hall.show(question("emergency_name", asked("emer_name", value, "citizen")))
        assert value in hall.said()
        hall.touch("action.next")
        assert hall.answers == [{"emer_name": value}]


def test_what_was_filled_can_be_put_back(hall: Hall) -> None:
    """A character no keypad offers, deleted by mistake, is not lost."""
    hall.show(question("emergency_name", asked("emer_name", RARE_NAME, "card")))
    hall.touch("form.hanzi.pinyin.delete")
    assert "您填写" in hall.said()
    hall.touch("form.undo")
    assert {"读卡", RARE_NAME} <= hall.said()
    hall.touch("action.next")
    assert hall.answers == [{"emer_name": RARE_NAME}]


def test_day_is_answered_as_the_record_holds_it(hall: Hall) -> None:
    hall.show(question("passport_old", asked("passport_old_valid_to")))
    hall.type("form.date.keys", "203156")
    hall.touch("action.next")
    assert hall.answers == [{"passport_old_valid_to": "2031-05-06"}]


# -- the button ----------------------------------------------------------------------------------------------------------


def test_button_says_what_it_does(hall: Hall) -> None:
    hall.show(question("hkmo_permit", asked("hkmo_permit_no")))
    assert following(hall) == "不填，跳过这一题"
    assert any("（选填）" in text for text in hall.said())
    hall.touch("form.document.tray.C")
    assert following(hall) == "下一步"
    hall.show(question("hkmo_permit", asked("hkmo_permit_no"), changing=True))
    assert following(hall) == "改好了，返回核对"
    hall.show(question("what", asked("want_passport"), asked("want_hkmo")))
    assert following(hall) == "下一步"


# -- choices and ticks ---------------------------------------------------------------------------------------------------


def test_choice_is_tapped_and_changed(hall: Hall) -> None:
    hall.show(question("class", asked("applicant_class", "general", "machine")))
    assert any("请核对" in text for text in hall.said())
    hall.touch("form.choices.applicant_class.military")
    assert not any("请核对" in text for text in hall.said())
    hall.touch("form.choices.applicant_class.military")
    hall.touch("action.next")
    assert hall.answers == [{"applicant_class": "military"}]


def test_choice_nobody_has_to_make_is_taken_back_by_a_second_tap(hall: Hall) -> None:
    hall.show(question("endo_hk", asked("endo_hk")))
    hall.touch("form.choices.endo_hk.G")
    assert following(hall) == "下一步"
    hall.touch("form.choices.endo_hk.G")
    assert following(hall) == "不填，跳过这一题"
    hall.touch("action.next")
    assert hall.answers == [{"endo_hk": ""}]


def test_every_ethnic_group_is_reached_page_by_page(hall: Hall) -> None:
    field = asked("ethnic")
    hall.show(FormQuestion("ethnic", "", "您是哪个民族？", "", (field,)))
    seen: set[str] = set()
    while True:
        seen |= {choice.text for choice in field.choices if choice.text in hall.said()}
        if not more(hall, "form.choices.ethnic.pager"):
            break
        hall.touch("form.choices.ethnic.pager.next")
    assert seen == {choice.text for choice in field.choices}
    hall.touch("form.choices.ethnic.56")
    hall.touch("action.next")
    assert hall.answers == [{"ethnic": "56"}]


def test_list_opens_where_the_answer_is(hall: Hall) -> None:
    hall.show(FormQuestion("ethnic", "", "您是哪个民族？", "", (asked("ethnic", "56", "citizen"),)))
    chosen = hall.find("form.choices.ethnic.56")
    assert isinstance(chosen, QAbstractButton)
    assert chosen.isChecked()


def test_open_choice_takes_any_text_and_leads_back_to_the_list(hall: Hall) -> None:
    hall.show(question("birth_place", asked("birth_place", "33", "machine")))
    hall.touch("form.choices.birth_place.*")
    hall.type("form.hanzi.pinyin", "RI")
    hall.touch("form.lists")
    hall.touch("form.choices.birth_place.*")
    assert box(hall, "birth_place").look.typing == ""
    spell(hall, "ri", "日")
    spell(hall, "ben", "本")
    hall.touch("action.next")
    assert hall.answers == [{"birth_place": "日本"}]


def test_text_beside_the_choices_comes_back_on_the_keypad(hall: Hall) -> None:
    hall.show(question("birth_place", asked("birth_place", "新加坡", "citizen")))
    assert "新加坡" in hall.said()
    hall.touch("action.next")
    assert hall.answers == [{"birth_place": "新加坡"}]


def test_ticks_are_each_a_yes_or_no(hall: Hall) -> None:
    hall.show(question("what", asked("want_passport", "1", "citizen"), asked("want_hkmo"), asked("want_tw")))
    hall.touch("form.field.want_passport")
    hall.touch("form.field.want_tw")
    hall.touch("action.next")
    assert hall.answers == [{"want_passport": "", "want_hkmo": "", "want_tw": "1"}]


# -- several fields ------------------------------------------------------------------------------------------------------

GUARDIAN = tuple(asked(f"guardian_{part}") for part in ("name", "id_no", "relation", "phone"))


def test_next_walks_through_the_fields_and_answers_all_of_them(hall: Hall) -> None:
    hall.show(question("guardian", *GUARDIAN))
    assert following(hall) == "下一项"
    spell(hall, "wang", "王")
    hall.touch("action.next")
    assert box(hall, "guardian_id_no").look.active
    hall.type("form.document.tray", "330203198001010007")
    hall.touch("action.next")
    hall.touch("form.choices.guardian_relation.mother")
    hall.touch("action.next")
    hall.type("form.digits.keys", "13800000000")
    assert following(hall) == "下一步"
    assert hall.answers == []
    hall.touch("action.next")
    assert hall.answers == [
        {
            "guardian_name": "王",
            "guardian_id_no": "330203198001010007",
            "guardian_relation": "mother",
            "guardian_phone": "13800000000",
        }
    ]


def test_tapped_field_becomes_the_active_one_and_takes_the_keys(hall: Hall) -> None:
    hall.show(question("post_to", asked("post_name", "王明", "machine"), asked("post_phone", "13800000000", "machine")))
    assert box(hall, "post_name").look.active
    hall.touch("form.field.post_phone")
    assert [box(hall, key).look.active for key in ("post_name", "post_phone")] == [False, True]
    hall.touch("form.digits.keys.delete")
    hall.touch("form.field.post_name")
    hall.touch("form.hanzi.pinyin.delete")
    hall.touch("action.next")
    assert hall.answers == [{"post_name": "王", "post_phone": "1380000000"}]


def test_first_field_with_trouble_becomes_active_and_next_leads_to_the_other(hall: Hall) -> None:
    first = question("post_to", asked("post_name", "王", "citizen"), asked("post_phone", "138", "citizen"))
    hall.show(first)
    hall.touch("form.field.post_phone")
    hall.touch("action.next")
    assert len(hall.answers) == 1
    hall.update(replace(first, fields=tuple(replace(field, trouble=f"请核对{field.label}") for field in first.fields)))
    assert any("有 2 处要改" in text for text in hall.said())
    assert box(hall, "post_name").look.active
    spell(hall, "ming", "明")
    hall.touch("action.next")
    assert box(hall, "post_phone").look.active
    assert len(hall.answers) == 1
    hall.touch("action.next")
    assert hall.answers[1] == {"post_name": "王明", "post_phone": "138"}


def test_locked_fields_are_shown_with_a_padlock_and_not_answered(hall: Hall) -> None:
    fields = (
        asked("id_no", "330203198806120004", "card", locked=True),
        asked("sex", "1", "card", locked=True),
        asked("birth", "1988-06-12", "card", locked=True),
    )
    hall.show(question("identity", *fields))
    assert {"3302**********0004", "男", "1988 年 06 月 12 日", "读卡"} <= hall.said()
    assert not any(hall.find(f"form.field.{field.key}").isEnabled() for field in fields)
    hall.touch("action.next")
    assert hall.answers == [{}]


def test_field_that_appears_is_asked_and_nothing_is_lost(hall: Hall) -> None:
    """A field may depend on another of the same question."""
    one = question("escort", asked("escort_name"))
    hall.show(one)
    spell(hall, "wang", "王")
    hall.touch("action.next")
    trouble = "陪同人身份证号码还没有填写"
    hall.update(question("escort", asked("escort_name", "王", "citizen"), asked("escort_id_no", trouble=trouble)))
    assert {"王", trouble} <= hall.said()
    hall.type("form.document.tray", "330203198001010007")
    hall.touch("action.next")
    assert hall.answers[-1] == {"escort_name": "王", "escort_id_no": "330203198001010007"}


@pytest.mark.parametrize("theme", ["standard", "elder"])
def test_more_fields_than_there_is_room_for_are_reached(open_hall: Callable[..., Hall], theme: str) -> None:
    hall = open_hall(theme)
    fields = tuple(FieldAsked(f"own_{i}", f"第 {i} 项", "", "text", "hanzi", optional=True) for i in range(9))
    hall.show(FormQuestion("own", "", "同行的有哪些人？", "没有就不填。", fields))
    seen = set(rows(hall))
    while more(hall, "form.pager"):
        hall.touch("form.pager.next")
        seen |= set(rows(hall))
    assert seen == {field.key for field in fields}
    hall.touch("form.field.own_8")
    spell(hall, "wang", "王")
    hall.touch("action.next")
    assert hall.answers == [{field.key: "王" if field.key == "own_8" else "" for field in fields}]


# -- addresses -----------------------------------------------------------------------------------------------------------


def test_address_from_lists_then_by_keys(hall: Hall) -> None:
    hall.show(question("post_addr", asked("post_addr")))
    settle(hall)
    for code in ("33", "3302", "330203"):
        hall.touch(f"form.areas.post_addr.list.{code}")
    assert "浙江省宁波市海曙区" in hall.said()
    spell(hall, "renminlu", "人民路")
    hall.touch("form.hanzi.pinyin.sheet.signs")
    for key in ("1", "弄", "2", "-", "3", "室"):
        hall.touch(f"form.hanzi.signs.{key}")
    hall.touch("action.next")
    assert hall.answers == [{"post_addr": "浙江省宁波市海曙区人民路1弄2-3室"}]


def test_area_can_be_gone_back_in_and_typed_instead(hall: Hall) -> None:
    hall.show(question("post_addr", asked("post_addr")))
    settle(hall)
    hall.touch("form.areas.post_addr.list.33")
    hall.touch("form.areas.post_addr.up")
    hall.touch("form.areas.post_addr.list.11")
    assert "北京市" in hall.said()
    hall.touch("form.areas.post_addr.keys")
    spell(hall, "ming", "明")
    hall.touch("action.next")
    assert hall.answers == [{"post_addr": "北京市明"}]


def test_another_area_keeps_the_street(hall: Hall) -> None:
    hall.show(question("hukou", asked("hukou_addr", "浙江省宁波市海曙区解放路1号", "card")))
    hall.touch("form.lists")
    settle(hall)
    for code in ("33", "3302", "330212"):
        hall.touch(f"form.areas.hukou_addr.list.{code}")
    assert "浙江省宁波市鄞州区解放路1号" in hall.said()
    hall.touch("form.hanzi.pinyin.sheet.signs")
    hall.touch("form.hanzi.signs.村")
    hall.touch("action.next")
    assert hall.answers == [{"hukou_addr": "浙江省宁波市鄞州区村解放路1号"}]


@pytest.mark.parametrize("theme", ["standard", "elder"])
def test_longest_address_is_shown_whole_and_takes_no_more(open_hall: Callable[..., Hall], theme: str) -> None:
    hall = open_hall(theme)
    longest = load_form().field_of("hukou_addr").max_length
    assert len(LONG_ADDRESS) == longest
    hall.show(question("hukou", asked("hukou_addr", LONG_ADDRESS, "card")))
    run = next(run for run in box(hall, "hukou_addr").runs if run.text == LONG_ADDRESS)
    assert run.fits
    assert not run.elided
    spell(hall, "hao", "号")
    assert f"写不下了，最多 {longest} 个字。" in hall.said()
    hall.touch("action.next")
    assert hall.answers == [{"hukou_addr": LONG_ADDRESS}]


def test_finger_in_the_field_puts_the_caret_there(hall: Hall) -> None:
    hall.show(question("hukou", asked("hukou_addr", "浙江省宁波市海曙区解放路1号", "card")))
    field = box(hall, "hukou_addr")
    hall.touch("form.field.hukou_addr", QPoint(hall.page.theme.px(20), field.height() - hall.page.theme.px(90)))
    hall.touch("form.hanzi.pinyin.sheet.signs")
    hall.touch("form.hanzi.signs.村")
    for _ in range(3):
        hall.touch("form.hanzi.signs.right")
    hall.touch("form.hanzi.signs.delete")
    hall.touch("action.next")
    assert hall.answers == [{"hukou_addr": "村浙江宁波市海曙区解放路1号"}]


# -- life ----------------------------------------------------------------------------------------------------------------


def test_large_text_keeps_everything(hall: Hall) -> None:
    screen = question("post_to", asked("post_name", "王明", "machine"), asked("post_phone"))
    hall.show(screen)
    assert box(hall, "post_phone").look.active
    hall.type("form.digits.keys", "138")
    kept = hall.page.keep()
    hall.stage.themes.set_mode(Mode(large=True))
    fresh = FormQuestionPage(screen, hall.stage.themes.theme, hall.page.allowed)
    fresh.restore(kept)  # type: ignore[arg-type]  # what the page itself kept
    fresh.answered.connect(hall.answers.append)
    hall.stage.frame.show_page(fresh)
    hall.settle()
    assert box(hall, "post_phone").look.active
    hall.type("form.digits.keys", "0")
    hall.touch("action.next")
    assert hall.answers == [{"post_name": "王明", "post_phone": "1380"}]


def test_another_question_starts_anew(hall: Hall) -> None:
    hall.show(question("phone", asked("phone")))
    hall.type("form.digits.keys", "138")
    hall.update(question("emergency_phone", asked("emer_phone")))
    hall.touch("action.next")
    assert hall.answers == [{"emer_phone": ""}]


def test_page_forgets_what_was_typed(hall: Hall) -> None:
    hall.show(question("emergency_name", asked("emer_name", LONGEST_NAME, "citizen")))
    page = hall.page
    page.clear()
    texts = [widget.accessibleName() for widget in page.findChildren(QWidget)]
    assert not any("阿布都" in text for text in texts)
    assert page._entries == []  # type: ignore[attr-defined]


def test_every_question_of_the_shipped_form_has_a_page(hall: Hall) -> None:
    form = load_form()
    for made in form.question:
        hall.show(question(made.id, *(asked(key) for key in made.fields)))
        settle(hall)
        hall.page.on_next()
        assert hall.page.voice()


@pytest.mark.parametrize("theme", ["standard", "elder", "elder_high_contrast"])
@pytest.mark.parametrize("trouble", ["", "邮寄地址里有不能用的字符，请核对"])
def test_long_address_beside_another_field_covers_nothing(
    open_hall: Callable[..., Hall], theme: str, trouble: str
) -> None:
    hall = open_hall(theme)
    for length in (16, 30, 41, 52, 61, 69, 70):
        hall.show(
            question("post_addr", asked("post_addr", LONG_ADDRESS[:length], "citizen", trouble), asked("post_code"))
        )
        hall.touch("form.field.post_addr" if box_shown(hall, "post_addr") else "form.pager.previous")
        page = hall.page
        assert isinstance(page, FormQuestionPage)
        dock = page._docks.shown
        parts: list[QWidget] = [*page.findChildren(FieldBox), page._lists, page._undo, page._pager]
        seen = [part for part in [*parts, *([dock] if dock is not None else [])] if part.isVisible()]
        assert len(seen) >= 3
        for i, part in enumerate(seen):
            assert page.rect().contains(part.geometry())
            assert not [other for other in seen[i + 1 :] if other.geometry().intersects(part.geometry())], length
    for _ in range(8):
        hall.touch("form.hanzi.pinyin.delete")
    assert hall.find("form.lists").isVisible()
    assert box_shown(hall, "post_code") or hall.find("form.pager.next").isVisible()


@pytest.mark.parametrize("theme", ["standard", "elder_high_contrast"])
def test_answers_of_one_field_stand_apart_from_the_other_fields(open_hall: Callable[..., Hall], theme: str) -> None:
    hall = open_hall(theme)
    fields = (asked("passport_lost"), asked("passport_old_no"), asked("passport_old_valid_to"))
    hall.show(question("passport_old", *fields))
    listed = hall.find("form.choices.passport_lost")
    assert isinstance(listed, ChoiceList)
    assert "原护照是否遗失" in [run.text for run in listed.runs]
    lowest = max(row.geometry().bottom() for row in hall.page.findChildren(FieldBox) if row.isVisible())
    assert listed.geometry().top() > lowest
    assert listed.width() == hall.page.width()  # a ground of its own, from edge to edge, as keys have it
    assert listed.geometry().bottom() == hall.page.rect().bottom()
    hall.show(question("endo_hk", asked("endo_hk")))
    alone = hall.find("form.choices.endo_hk")
    assert isinstance(alone, ChoiceList)
    assert not alone.apart  # nothing else is there to be mistaken for them
