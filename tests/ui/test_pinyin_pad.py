"""The pinyin keypad by itself: what is tapped, what it tells, what it offers; and the text it writes into."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QAbstractButton, QApplication

from ui.errand import finish_all
from ui.theme import Mode, ThemeSource
from ui.widgets.lookups import input_method
from ui.widgets.pinyin_pad import PinyinPad, sheet_rows
from ui.widgets.typed_text import TypedText


class Told:
    """What a pad told, in order."""

    def __init__(self, pad: PinyinPad) -> None:
        self.pad = pad
        self.typed: list[str] = []
        self.others: list[str] = []
        pad.typed.connect(self.typed.append)
        pad.deleted.connect(lambda: self.others.append("deleted"))
        pad.cleared.connect(lambda: self.others.append("cleared"))
        pad.moved.connect(lambda by: self.others.append(f"moved {by}"))
        pad.composing.connect(lambda letters: self.others.append(f"letters {letters}"))

    def tap(self, *acts: str, sheet: str = "pinyin") -> None:
        for act in acts:
            self._click(f"pad.{sheet}.{act}")

    def choose(self, place: int) -> None:
        self._click(f"pad.candidate.{place}")

    def _click(self, name: str) -> None:
        key = self.pad.findChild(QAbstractButton, name)
        assert key is not None, name
        assert key.isVisible(), name
        assert key.isEnabled(), name
        key._last_tap = float("-inf")  # type: ignore[attr-defined]
        key.click()


def shown(mode: Mode) -> PinyinPad:
    source = ThemeSource(motion=False)
    source.set_mode(mode)
    pad = PinyinPad(source.theme, "pad")
    pad.setFixedWidth(1080)
    pad.show()
    pad.grab()
    return pad


@pytest.fixture(params=[Mode(), Mode(large=True)], ids=["standard", "large"])
def told(qapp: QApplication, request: pytest.FixtureRequest) -> Iterator[Told]:
    pad = shown(request.param)
    yield Told(pad)
    finish_all()
    pad.close()
    pad.deleteLater()
    QCoreApplication.sendPostedEvents()


def test_letters_offer_characters_and_the_tapped_one_is_told(told: Told) -> None:
    told.tap(*"ZHANG")
    assert told.pad.letters == "zhang"
    offered = told.pad.row.offered
    assert offered[0] == "张"
    assert 1 < len(offered) <= 6
    told.choose(1)
    assert told.typed == ["张"]
    assert told.pad.letters == ""
    assert told.pad.row.offered == ()
    assert told.others[0] == "letters z"
    assert told.others[-1] == "letters "


def test_letters_that_a_character_does_not_stand_for_stay(told: Told) -> None:
    told.tap(*"ZHANGMING")
    told.choose(told.pad.row.offered.index("张") + 1)
    assert told.typed == ["张"]
    assert told.pad.letters == "ming"
    told.choose(told.pad.row.offered.index("明") + 1)
    assert told.typed == ["张", "明"]
    assert told.pad.letters == ""


def test_more_candidates_on_further_pages_and_back(told: Told) -> None:
    told.tap(*"SHI")
    first = told.pad.row.offered
    told.pad.row.following.click()
    second = told.pad.row.offered
    assert second
    assert not set(first) & set(second)
    told.pad.row.previous.click()
    assert told.pad.row.offered == first
    seen = list(first)
    while told.pad.row.following.isEnabled():
        told.pad.row.following.click()
        seen += told.pad.row.offered
    assert seen == [candidate.text for candidate in input_method().candidates("shi")]


def test_longest_words_are_offered_whole(told: Told) -> None:
    longest = max(input_method()._tables.words, key=lambda word: len(word.text))
    told.tap(*"".join(longest.syllables)[:30].upper())
    assert longest.text in told.pad.row.offered
    told.pad.grab()
    assert all(run.fits for key in told.pad.row._keys if key.isVisible() for run in key.runs)


def test_delete_takes_a_letter_then_a_character_of_the_field(told: Told) -> None:
    told.tap("Z", "delete", "delete")
    assert told.others == ["letters z", "letters ", "deleted"]


def test_letters_without_characters_say_so_and_type_nothing(told: Told) -> None:
    told.tap("U", "U", "V")
    assert told.pad.row.offered == ()
    assert "没有对应的字" in told.pad.row.accessibleName()
    told.tap("sheet.signs")
    assert told.typed == []
    assert told.pad.letters == ""


def test_house_numbers_and_the_dot_of_names(told: Told) -> None:
    told.tap("sheet.signs")
    told.tap("1", "弄", "2", "号", "单元", "-", "·", sheet="signs")
    assert "".join(told.typed) == "1弄2号单元-·"


def test_another_key_ends_the_letters_with_the_likeliest_character(told: Told) -> None:
    told.tap(*"NINGBO", "sheet.signs")
    told.tap("3", sheet="signs")
    assert "".join(told.typed) == "宁波3"


def test_plain_letters_are_typed_as_they_are(told: Told) -> None:
    told.tap("sheet.letters")
    told.tap("A", " ", "Z", sheet="letters")
    assert told.typed == ["A", " ", "Z"]
    assert told.pad.letters == ""


def test_clearing_takes_the_letters_first(told: Told) -> None:
    sheet = "signs" if told.pad.theme.large else "pinyin"
    if sheet == "signs":
        told.tap("sheet.signs")
    else:
        told.tap("Z", "clear")
        assert told.others[-1] == "letters "
    told.tap("clear", sheet=sheet)
    assert told.others[-1] == "cleared"


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("sheet", ["pinyin", "signs", "letters"])
def test_every_sheet_leads_to_the_others_and_can_delete(sheet: str, large: bool) -> None:
    acts = [cap.act for row in sheet_rows(sheet, large) for cap in row]  # type: ignore[arg-type]
    assert len(acts) == len(set(acts))
    assert "delete" in acts
    leads = {act for act in acts if act.startswith("sheet.")}
    assert leads
    assert f"sheet.{sheet}" not in leads
    if sheet != "signs":
        assert set("ABCDEFGHIJKLMNOPQRSTUVWXYZ") <= set(acts)
    else:
        assert set("0123456789-·号弄室") <= set(acts)


def test_nothing_is_learnt(told: Told) -> None:
    told.tap(*"SHI")
    before = told.pad.row.offered
    for _ in range(5):
        told.choose(len(told.pad.row.offered))
        told.tap(*"SHI")
    assert told.pad.row.offered == before


def test_characters_chosen_leave_no_stamp(told: Told) -> None:
    """The cache of key caps holds what is on every keypad, nothing that was typed."""
    told.tap(*"ZHANG")
    told.pad.grab()
    caps = told.pad.theme.cache._caps
    assert caps
    assert not any("张" in map(str, key) for key in caps)


# -- the text behind a field ---------------------------------------------------------------------------------------------


def typed(keypad: str, keys: str, length: int = 40, value: str = "") -> TypedText:
    text = TypedText.of(keypad, length, value)  # type: ignore[arg-type]
    for key in keys:
        text.type(key)
    return text


@pytest.mark.parametrize(
    ("keys", "shown", "value"),
    [
        ("", "", ""),
        ("2", "2___ 年 __ 月 __ 日", "2"),
        ("20315", "2031 年 05 月 __ 日", "203105"),
        ("203112", "2031 年 12 月 __ 日", "203112"),
        ("203156", "2031 年 05 月 06 日", "2031-05-06"),
        ("20311231", "2031 年 12 月 31 日", "2031-12-31"),
        ("203112319", "2031 年 12 月 31 日", "2031-12-31"),
    ],
)
def test_day_is_typed_year_first(keys: str, shown: str, value: str) -> None:
    text = typed("date", keys)
    assert (text.shown, text.value) == (shown, value)


def test_day_of_the_record_is_taken_and_mended() -> None:
    text = TypedText.of("date", 10, "2031-05-06")
    assert text.shown == "2031 年 05 月 06 日"
    text.delete()
    assert text.value == "2031050"
    text.type("7")
    assert text.value == "2031-05-07"


@pytest.mark.parametrize(
    ("keypad", "length", "value", "shown"),
    [
        ("digits", 11, "13800000000", "138 0000 0000"),
        ("digits", 11, "138", "138"),
        ("digits", 13, "057400000000", "057400000000"),
        ("digits", 6, "123456", "123456"),
        ("document", 18, "330203198806120004", "330203 19880612 0004"),
        ("document", 9, "E12345678", "E12345678"),
    ],
)
def test_numbers_are_grouped_as_they_are_read(keypad: str, length: int, value: str, shown: str) -> None:
    text = TypedText.of(keypad, length, value)  # type: ignore[arg-type]
    assert (text.shown, text.value) == (shown, value)
    for caret in range(len(value) + 1):
        assert text.typed_at(text.shown_at(caret)) == caret
        assert shown[: text.shown_at(caret)].replace(" ", "") == value[:caret]


def test_caret_puts_in_and_takes_out_in_the_middle_even_beside_rare_characters() -> None:
    text = TypedText.of("hanzi", 6, "𬎆𠮷路")
    text.place(1)
    assert text.type("·号")
    assert text.value == "𬎆·号𠮷路"
    assert text.caret == 3
    assert not text.type("一二")
    assert text.value == "𬎆·号𠮷路"
    text.move(1)
    text.delete()
    assert text.value == "𬎆·号路"
    text.place(99)
    text.move(5)
    assert text.caret == 4
    text.place(0)
    text.delete()
    assert text.value == "𬎆·号路"


# -- a field for a person's name -------------------------------------------------------------------------------------------


def test_in_a_field_for_a_name_names_come_first(told: Told) -> None:
    """What stands before the caret is asked at each key: the text just chosen counts for the letters behind it."""
    written: list[str] = []
    told.pad.typed.connect(written.append)
    told.pad.reset(lambda: "".join(written))
    told.tap(*"WJG")
    assert told.pad.row.offered[0] == "王"
    told.choose(1)
    assert told.pad.letters == "jg"
    assert told.pad.row.offered[0] == "建国"
    told.choose(1)
    assert told.typed == ["王", "建国"]


def test_another_field_has_no_names(told: Told) -> None:
    told.pad.reset(lambda: "")
    told.tap("Z")
    of_name = told.pad.row.offered
    told.pad.reset()
    told.tap("Z")
    assert of_name[0] == "张"
    assert told.pad.row.offered != of_name


def test_keys_that_end_the_letters_take_the_first_names(told: Told) -> None:
    written: list[str] = []
    told.pad.typed.connect(written.append)
    told.pad.reset(lambda: "".join(written))
    told.tap(*"ZXM", "sheet.signs")
    assert told.typed == ["张", "晓明"]


def test_commas_and_stops_are_offered_between_words_where_sentences_are_written(told: Told) -> None:
    text = [""]
    told.pad.typed.connect(lambda piece: text.__setitem__(0, text[0] + piece))
    told.pad.reset(marks=lambda: "，。、" if text[0] and text[0][-1] not in "，。、" else "")
    assert told.pad.row.offered == ()
    told.tap(*"WO")
    told.choose(told.pad.row.offered.index("我") + 1)
    assert told.pad.row.offered == ("，", "。", "、")
    told.choose(1)
    assert text == ["我，"]
    assert told.pad.row.offered == (), "no comma stands behind a comma"
    told.tap(*"WO")
    assert "，" not in told.pad.row.offered
    told.tap("sheet.signs")
    assert told.pad.row.offered == ()


def test_a_field_that_wants_no_sentences_offers_none(told: Told) -> None:
    told.tap(*"WO")
    told.choose(1)
    assert told.pad.row.offered == ()
