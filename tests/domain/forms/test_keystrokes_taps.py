"""The counter of taps behind the figure of the bench: known answers, worked out by hand on the keypads."""

from __future__ import annotations

import pytest

from config.form_tables import Form
from kiosk.screens.form import Choice, FieldAsked, FormQuestion
from tests.bench.taps import PlainTypist, Taps, Typist, question, ways, whole


@pytest.fixture(scope="module")
def typist() -> Typist:
    return Typist()


def asked(key: str, value: str = "", **more: object) -> FieldAsked:
    fields = {"key": key, "label": key, "value": value, "ask": "text", "keypad": "digits", **more}
    return FieldAsked(**fields)  # type: ignore[arg-type]


def ask(*fields: FieldAsked) -> FormQuestion:
    return FormQuestion("question", "section", "title", "", fields)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("我", 1 + 1),  # w, on the first page of what it may become
        ("王", 1 + 1 + 1),  # w, on the second page of what it may become
        ("宁波", 2 + 1),  # the initials of a word that the keypad offers
        ("301", 1 + 3),  # to the other sheet, three digits
        ("8号", 1 + 2),  # 号 has a key beside the digits
        ("8 号", 1 + 2),
        ("我8", 2 + 1 + 1),
        ("8我8", 1 + 1 + 1 + 2 + 1 + 1),
        ("宁波8号", 3 + 1 + 2),
    ],
)
def test_chinese_takes_letters_and_a_choice(typist: Typist, text: str, keys: int) -> None:
    assert typist.chinese(text) == keys


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("王", 1 + 1),
        ("王建国", 2 + 2 + 1),  # w, jg
        ("欧阳建国", 2 + 1 + 2 + 1),  # oy, jg
        ("王芳", 2 + 1 + 1),  # w, f
    ],
)
def test_names_are_offered_in_fields_for_names(typist: Typist, name: str, keys: int) -> None:
    assert typist.typed(name, "name") == keys
    assert typist.typed(name, "hanzi") > keys


def test_no_way_of_typing_is_longer_than_character_by_character(typist: Typist) -> None:
    for text in ("浙江省", "示例路", "有限公司"):
        assert typist.chinese(text) <= sum(typist.piece(character) for character in text)


def test_a_character_behind_others_takes_turns_of_the_row(typist: Typist) -> None:
    assert typist.piece("乙") > len("yi") + 1


def test_beginnings_of_readings() -> None:
    assert set(ways(("ning", "bo"), 2)) == {"ni", "nb"}
    assert set(ways(("ning", "bo"), 6)) == {"ningbo"}
    assert not set(ways(("ning", "bo"), 7))


def test_what_the_keypad_lacks_stands_for_a_letter(typist: Typist) -> None:
    assert typist.chinese("𠮷") == 1


def test_digits_and_days(typist: Typist) -> None:
    assert typist.typed("13900000000", "digits") == 11
    assert typist.typed("2026-11-18", "date") == 8
    assert typist.typed("2026-03-08", "date") == 6  # 3 and 8 can only be 03 and 08
    assert typist.typed("2026-01-02", "date") == 8
    assert typist.typed("E12345678", "document") == 9


def test_an_address_has_its_area_in_lists(typist: Typist) -> None:
    assert typist.address("浙江省宁波市鄞州区301") == Taps(1 + 3, 3)
    assert typist.address("北京市朝阳区301") == Taps(1 + 3, 2)


def test_what_stands_there_costs_the_way_on_only(typist: Typist) -> None:
    screen = ask(asked("phone", "13900000000"))
    assert question(screen, {"phone": "13900000000"}, typist) == Taps(0, 1)
    assert question(ask(asked("phone")), {"phone": "13900000000"}, typist) == Taps(11, 1)


def test_what_is_changed_is_emptied_first(typist: Typist) -> None:
    assert question(ask(asked("code", "315100")), {"code": "315200"}, typist) == Taps(1 + 6, 1)


def test_fields_of_one_page_are_gone_to(typist: Typist) -> None:
    """Missing ones come by themselves with a tap on the button; an optional one is tapped."""
    must, may = asked("phone"), asked("other", optional=True)
    assert question(ask(must, asked("second")), {"phone": "12", "second": "3"}, typist) == Taps(3, 2)
    assert question(ask(must, may), {"phone": "12", "other": "3"}, typist) == Taps(3, 2)
    assert question(ask(must, may), {"phone": "12", "other": ""}, typist) == Taps(2, 1)


def test_choices_and_ticks_are_a_tap(typist: Typist) -> None:
    choice = asked("kind", ask="choice", choices=(Choice("first", "首次申请"),))
    tick = asked("want", ask="ticks")
    assert question(ask(choice), {"kind": "first"}, typist) == Taps(0, 2)
    assert question(ask(tick, asked("more", ask="ticks")), {"want": "1", "more": ""}, typist) == Taps(0, 2)


def test_the_whole_form_is_typed_once_field_by_field(form: Form, typist: Typist) -> None:
    """Names in fields of their own are as quick for this side: w, jg."""
    texts = {"name": "王建国", "surname_cn": "王", "given_cn": "建国", "id_no": "330203199001010006", "sex": "2"}
    assert whole(form, texts, typist) == Taps(2 + 3 + 18, 4 + 1)


def test_help_spares_what_the_machine_knows_without_a_card(form: Form, typist: Typist) -> None:
    texts = {"surname_cn": "王", "surname_py": "WANG", "hukou_addr": "浙江省宁波市鄞州区301"}
    texts["post_addr"] = texts["hukou_addr"]
    alone, helped = whole(form, texts, typist), whole(form, texts, typist, helped=True)
    assert helped == Taps(2 + 4, 4 + 3)
    assert alone.keys - helped.keys == 4 + 2 * typist.chinese(texts["hukou_addr"]) - 4


def test_whom_nothing_helps_types_every_reading_in_full() -> None:
    plain = PlainTypist()
    assert plain.typed("张建国", "name") == (5 + 1) + (4 + 1) + (3 + 1)
    assert plain.typed("0574", "digits") == 4
