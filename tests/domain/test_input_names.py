"""The pinyin keypad in a field for a person's name: names come first, and nothing is lost behind them."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.keypad_names import KeypadNames, load_keypad_names
from config.keypad_tables import Word, load_keypad
from config.tables import TablesError
from kiosk.domain.input_method import Candidate, Composition, InputMethod

METHOD = InputMethod()


def texts(letters: str, before: str | None, count: int = 6) -> list[str]:
    return [candidate.text for candidate in METHOD.candidates(letters, before=before)[:count]]


@pytest.mark.parametrize(
    ("letters", "first"),
    [
        ("w", "王"),
        ("l", "李"),
        ("z", "张"),
        ("zh", "张"),
        ("wang", "王"),
        ("li", "李"),
        ("lv", "吕"),
        ("lyu", "吕"),
        ("oy", "欧阳"),
        ("ouyang", "欧阳"),
        ("sima", "司马"),
        ("wjg", "王"),
        ("wangjianguo", "王"),
        ("shan", "单"),
        ("xie", "谢"),
        ("zeng", "曾"),
    ],
)
def test_surnames_at_the_beginning(letters: str, first: str) -> None:
    assert texts(letters, "", 1) == [first]


def test_a_letter_offers_surnames_in_the_order_of_their_bearers() -> None:
    assert texts("z", "") == ["张", "赵", "周", "朱", "郑", "曾"]
    assert texts("l", "", 4) == ["李", "刘", "林", "罗"]


def test_a_whole_syllable_is_not_cut_short() -> None:
    assert "万" not in texts("wang", "")
    assert "万" in texts("wan", "")


@pytest.mark.parametrize(
    ("before", "letters", "first"),
    [
        ("王", "jg", "建国"),
        ("王", "xm", "晓明"),
        ("王", "xy", "秀英"),
        ("王", "jianguo", "建国"),
        ("王", "jiang", "江"),
        ("欧阳", "jg", "建国"),
        ("欧", "jg", "建国"),
        ("查", "tt", "婷婷"),
        ("王", "f", "芳"),
        ("王建", "g", "刚"),
        ("欧阳建", "g", "刚"),
        ("王 ", "jg", "建国"),
    ],
)
def test_given_names_behind_a_surname(before: str, letters: str, first: str) -> None:
    assert first in texts(letters, before, 4)
    if letters != "jiang":
        assert texts(letters, before, 1) == [first]


def test_a_whole_syllable_is_a_character_then_the_names_that_begin_with_it() -> None:
    found = texts("jian", "王", 7)
    assert found[:3] == ["建", "健", "坚"]
    assert "建国" in found


def test_letters_of_a_whole_name_are_chosen_part_by_part() -> None:
    for typed in ("wangjianguo", "wjg"):
        composition, said = Composition(typed), ""
        for _ in range(2):
            candidate = METHOD.page(composition, before=said).candidates[0]
            text, composition = METHOD.choose(composition, candidate)
            said += text
        assert (said, composition.letters) == ("王建国", "")


@pytest.mark.parametrize("before", ["王建国", "欧阳建国", "买买提·", "W", "𠮷"])
def test_elsewhere_it_is_the_plain_keypad(before: str) -> None:
    for letters in ("z", "jg", "wang", "jianguo"):
        assert METHOD.candidates(letters, before=before) == METHOD.candidates(letters)


def test_nothing_is_lost_behind_the_names() -> None:
    """Every beginning of every syllable, and rows of several: what any field offers is offered, for as many letters."""
    syllables = load_keypad().syllables
    typed = {s[:n] for s in syllables for n in range(1, len(s) + 1)}
    typed |= {"jg", "wjg", "xm", "ouyang", "oy", "xian", "xi'an", "fangan", "ningbo", "nbs", "wangxiaoming", "'wang"}
    for before in ("", "王", "王建"):
        for letters in typed:
            plain = METHOD.candidates(letters)
            offered = METHOD.candidates(letters, before=before)
            assert set(plain) <= set(offered), (before, letters)
            assert len({candidate.text for candidate in offered}) == len(offered)


def test_pages_and_turning_know_the_field() -> None:
    composition = Composition("z")
    turned = METHOD.turn(composition, 99, before="")
    assert turned.page == METHOD.page(composition, before="").pages - 1
    assert METHOD.page(composition, before="").pages > METHOD.page(composition).pages


def test_nothing_is_remembered() -> None:
    before = METHOD.candidates("jg", before="王")
    METHOD.choose(Composition("jg"), before[2])
    assert METHOD.candidates("jg", before="王") == before


def test_own_lists() -> None:
    names = KeypadNames((Word("王", ("wang",)),), (Word("一一", ("yi", "yi")),), (Word("一", ("yi",)),))
    method = InputMethod(names=names)
    assert method.candidates("w", before="")[0] == Candidate("王", 1)
    assert method.candidates("yy", before="王")[0] == Candidate("一一", 2)


def test_the_shipped_lists_are_what_the_keypad_can_write() -> None:
    names, syllables = load_keypad_names(), load_keypad().syllables
    for listed in (names.surnames, names.given, names.characters):
        assert len(set(listed)) == len(listed)
        for word in listed:
            for character, syllable in zip(word.text, word.syllables, strict=True):
                assert character in syllables[syllable], (word.text, syllable)
    assert len(names.surnames) >= 200
    assert len(names.given) >= 400
    assert len(names.characters) >= 300


@pytest.mark.parametrize(
    "content",
    [
        "",
        'surnames = "王"\ngiven = ""\ncharacters = ""',
        'surnames = "王 WANG"\ngiven = ""\ncharacters = ""',
        'surnames = ""\ngiven = "建 jian"\ncharacters = ""',
        'surnames = ""\ngiven = ""\ncharacters = "建国 jian guo"',
        "surnames = [",
    ],
)
def test_lists_that_are_wrong(tmp_path: Path, content: str) -> None:
    path = tmp_path / "names.toml"
    path.write_text(content, "utf-8")
    with pytest.raises(TablesError):
        load_keypad_names(path)
