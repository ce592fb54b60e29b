"""The demo's citizen on the real pages of the application form: what was decided is what the page answers, by touch alone."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from config.keypad_tables import load_keypad
from kiosk.screens.base import Screen
from kiosk.screens.form import (
    FieldAsked,
    FormQuestion,
    FormSections,
    PinyinAnswer,
    PreviewForm,
    ReviewForm,
    SpellName,
    SplitName,
)
from kiosk.verbs import demo_form, demo_pinyin
from kiosk.verbs.demo_hands import Hands, Stuck
from kiosk.verbs.demo_pinyin import Piece
from kiosk.verbs.fingers import Fingers
from tests.verbs import touching
from tests.verbs.touching import GUARD_S, opened, sample
from ui.desk import QtDesk

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
pytestmark = pytest.mark.timeout(60)


def more(*values: Any) -> Any:
    """Goes with `make chaos`: a page of the same kind, or the same page with something else on it."""
    return pytest.param(*values, marks=pytest.mark.chaos)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.verbs.fingers.KEY_S", 0.0)


@pytest.fixture(params=["standard", more("large")])
async def desk(request: pytest.FixtureRequest, qapp: QApplication) -> AsyncIterator[QtDesk]:
    async with opened(request.param == "large") as desk:
        yield desk


async def answered(desk: QtDesk, screen: Screen[Any], wanted: Any) -> tuple[Any, list[str]]:
    return await touching.answered(desk, demo_form.touch, screen, wanted)


def hanzi(value: str = "", **more: Any) -> FormQuestion:
    asked = FieldAsked("emer_name", "紧急联系人", value, "text", "name", **more)
    return FormQuestion("emergency_name", "联系方式", "有急事时联系谁？", "填一位家人或朋友的姓名。", (asked,))


@pytest.mark.parametrize(
    ("there", "wanted"),
    [
        more("", "测试乙"),
        ("", "王建国"),
        ("", "欧阳小明"),
        ("测试甲", "陈虚构"),
        ("", "阿卜杜热合曼·买买提"),
        more("", "吕W"),
        more("测试乙", "测试乙"),
        more("测试乙", ""),
    ],
)
async def test_a_name_by_its_sounds(desk: QtDesk, there: str, wanted: str) -> None:
    given, album = await answered(desk, hanzi(there), {"emer_name": wanted})
    assert given == {"emer_name": wanted}
    assert ("emergency_name-emer_name-typing" in album) == (there != wanted and bool(wanted))


async def test_a_character_without_sound_is_said_and_the_rest_is_written(desk: QtDesk) -> None:
    screen, album = hanzi(), []

    async def picture(_: object, state: str) -> None:
        album.append(state)

    page = desk.open(screen)
    hands = Hands(Fingers(desk.frame), GUARD_S, picture, lambda _: True)
    await asyncio.sleep(0.1)
    with pytest.raises(Stuck, match=r"U\+20BB7"):
        await demo_form.touch(hands, page, screen, {"emer_name": "𠮷林"})
    assert album[-1] == "emergency_name-ready"
    assert demo_form._shown(hands, "form.field.emer_name") == "林"


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("c19_address", "浙江省杭州市西湖区样例街道演示路6号2单元301室"),
        more("c19_address_longest", "重庆市渝中区模拟路8弄2号"),
    ],
)
async def test_an_address_from_lists_and_keys(desk: QtDesk, name: str, wanted: str) -> None:
    screen: Any = sample(name)
    key = screen.fields[0].key
    assert (await answered(desk, screen, {key: wanted}))[0][key] == wanted


@pytest.mark.parametrize("name", [more("c19_phone"), more("c19_phone_trouble"), "c19_phone_full"])
async def test_digits(desk: QtDesk, name: str) -> None:
    screen: Any = sample(name)
    wanted = {screen.fields[0].key: "13000000009"}
    assert (await answered(desk, screen, wanted))[0] == wanted


@pytest.mark.parametrize("there", ["", more("浙江省宁波市鄞州区模拟街道示例路 8 弄 2 号 301 室" * 2)])
async def test_an_address_beside_another_field(desk: QtDesk, there: str) -> None:
    """In large type there is hardly room for it, its buttons and the pager above the keys."""
    screen = sample("c19_post")
    assert isinstance(screen, FormQuestion)
    first = replace(screen.fields[0], value=there[:60])
    wanted = {"post_addr": "上海市黄浦区模拟路6号", "post_code": "200000"}
    assert (await answered(desk, replace(screen, fields=(first, *screen.fields[1:])), wanted))[0] == wanted


async def test_a_choice_a_document_and_a_day_in_one_question(desk: QtDesk) -> None:
    wanted = {"passport_lost": "yes", "passport_old_no": "E12345678", "passport_old_valid_to": "2027-01-11"}
    given, _ = await answered(desk, sample("c19_passport_old"), wanted)
    assert {key: given[key] for key in wanted} == wanted


@pytest.mark.parametrize("name", ["c19_ethnic", *map(more, ("c19_birth_place", "c19_tw_reason", "c19_endorsement"))])
@pytest.mark.parametrize("last", [more(False), True])
async def test_a_choice_on_whatever_page_it_is(desk: QtDesk, name: str, last: bool) -> None:
    screen: Any = sample(name)
    asked = next(field for field in screen.fields if field.choices)
    wanted = {asked.key: asked.choices[-1 if last else 0].code}
    assert (await answered(desk, screen, wanted))[0] == wanted


async def test_ticks_are_set_and_taken_away(desk: QtDesk) -> None:
    screen: Any = sample("c19_what")
    for on in ("1", ""):
        wanted = {field.key: on for field in screen.fields}
        wanted[screen.fields[-1].key] = "1"
        assert (await answered(desk, screen, wanted))[0] == wanted


@pytest.mark.parametrize("wanted", [1, more(2), more(3)])
async def test_where_the_name_divides(desk: QtDesk, wanted: int) -> None:
    screen = sample("c19_split")
    assert isinstance(screen, SplitName)
    assert (await answered(desk, screen, wanted))[0] == wanted


async def test_a_reading_is_chosen(desk: QtDesk) -> None:
    screen = sample("c19_spell_readings")
    assert isinstance(screen, SpellName)
    for place in screen.spelt.ambiguous:
        wanted = PinyinAnswer("reading", place.part, place.index, place.options[-1])
        assert (await answered(desk, screen, wanted))[0] == wanted


@pytest.mark.parametrize("name", [more("c19_spell"), "c19_spell_many", more("c19_spell_longest")])
async def test_letters_are_read_to_the_end(desk: QtDesk, name: str) -> None:
    given, _ = await answered(desk, sample(name), PinyinAnswer("ok"))
    assert given == PinyinAnswer("ok")


async def test_letters_by_hand(desk: QtDesk) -> None:
    wanted = PinyinAnswer("typed", surname="LYU", given="XIAOMIN")
    assert (await answered(desk, sample("c19_spell"), wanted))[0] == wanted


@pytest.mark.parametrize("name", [more("photo_receipt"), more("photo_receipt_full"), "photo_receipt_trouble"])
async def test_the_number_of_a_receipt(desk: QtDesk, name: str) -> None:
    assert (await answered(desk, sample(name), "NB2026 0001 2345"))[0] == "NB202600012345"


@pytest.mark.parametrize("name", ["c20_review_done", more("c20_review_longest"), more("c20_review_missing")])
async def test_every_page_of_the_answers_is_read(desk: QtDesk, name: str) -> None:
    given, album = await answered(desk, sample(name), "next")
    assert given == "next"
    assert album == [f"part-{n}" for n in range(2, len(album) + 2)]


@pytest.mark.chaos
async def test_every_answer_can_be_opened_again(desk: QtDesk) -> None:
    screen = sample("c20_review_longest")
    assert isinstance(screen, ReviewForm)
    offered = list(dict.fromkeys(row.question for section in screen.sections for row in section.rows if row.question))
    for wanted in (offered[0], offered[-1], "photo"):
        assert (await answered(desk, screen, wanted))[0] == wanted


@pytest.mark.parametrize("wanted", ["print", "change"])
async def test_the_paper_is_looked_at_closely_before_it_is_printed(desk: QtDesk, wanted: str) -> None:
    screen = sample("c21_preview_four")
    assert isinstance(screen, PreviewForm)
    given, album = await answered(desk, screen, wanted)
    assert given == wanted
    assert album == (["enlarged"] if wanted == "print" else [])


@pytest.mark.parametrize("wanted", [more("next"), "phone", more("delivery")])
async def test_sections(desk: QtDesk, wanted: str) -> None:
    screen = sample("c18_sections")
    assert isinstance(screen, FormSections)
    assert (await answered(desk, replace(screen, can_bring=True), wanted))[0] == wanted


async def test_pages_of_other_services_are_left_alone(desk: QtDesk) -> None:
    page = desk.open(sample("c14_insert"))
    hands = Hands(Fingers(desk.frame), GUARD_S, lambda *_: asyncio.sleep(0), lambda _: True)
    assert not await demo_form.touch(hands, page, sample("c14_insert"), None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("街道8弄", [Piece("街道", "jiedao"), Piece("8"), Piece("弄")]),
        ("路 8 弄", [Piece("路"), Piece("8"), Piece("弄")]),
        ("A B", [Piece("A"), Piece(" "), Piece("B")]),
        ("吕", [Piece("吕", "lv")]),
        ("𠮷", [Piece("𠮷")]),
        ("", []),
    ],
)
def test_what_is_typed_at_a_time(text: str, expected: list[Piece]) -> None:
    assert demo_pinyin.pieces(text) == expected


def test_every_character_of_the_keypad_is_known() -> None:
    """And with a syllable the keypad offers it for."""
    tables, known = load_keypad(), demo_pinyin.knowledge()
    assert set(known.characters) == set("".join(tables.syllables.values()))
    assert all(character in tables.syllables[syllable] for character, syllable in known.characters.items())
