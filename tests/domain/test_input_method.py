"""The pinyin keypad: what letters are offered, page by page, and that nothing is remembered."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.keypad_tables import KeypadTables, Word, load_keypad
from kiosk.domain.input_method import MOST_LETTERS, Candidate, Composition, InputMethod

METHOD = InputMethod()


def typed(keys: str, method: InputMethod = METHOD) -> Composition:
    composition = Composition()
    for key in keys:
        composition = method.press(composition, key)
    return composition


def texts(keys: str, count: int = 6) -> list[str]:
    return [candidate.text for candidate in METHOD.candidates(keys)[:count]]


@pytest.mark.parametrize(
    ("letters", "first"),
    [
        pytest.param("wo", "我", id="everyday"),
        pytest.param("ni", "你", id="everyday, begun by others"),
        pytest.param("wang", "王", id="surname"),
        pytest.param("zhang", "张", id="surname before"),
        pytest.param("lu", "路", id="address"),
        pytest.param("lv", "吕", id="v for ü"),
        pytest.param("lü", "吕", id="ü itself"),
        pytest.param("lyu", "吕", id="as in a passport"),
        pytest.param("nv", "女", id="v after n"),
        pytest.param("lue", "略", id="üe as ue"),
        pytest.param("nve", "虐", id="üe as ve"),
        pytest.param("qv", "去", id="v where only u can be"),
        pytest.param("NI", "你", id="capitals"),
        pytest.param("shan", "山", id="the commoner reading"),
    ],
)
def test_whole_syllables(letters: str, first: str) -> None:
    assert METHOD.candidates(letters)[0] == Candidate(first, len(letters))


def test_surname_readings_are_found_under_their_syllable() -> None:
    for syllable, surname in (
        ("shan", "单"),
        ("xie", "解"),
        ("qiu", "仇"),
        ("zha", "查"),
        ("zeng", "曾"),
        ("ou", "区"),
        ("piao", "朴"),
    ):
        assert surname in load_keypad().syllables[syllable][:6]


@pytest.mark.parametrize(
    ("letters", "word"),
    [
        pytest.param("ningbo", "宁波", id="whole"),
        pytest.param("nb", "宁波", id="initials"),
        pytest.param("ningb", "宁波", id="last syllable begun"),
        pytest.param("nbo", "宁波", id="first syllable begun"),
        pytest.param("yxgs", "有限公司", id="four initials"),
        pytest.param("zhgdong", "中国", id="too much is not guessed"),
        pytest.param("youxiangongsi", "有限公司", id="longer"),
        pytest.param("ouyang", "欧阳", id="surname"),
        pytest.param("yuchi", "尉迟", id="surname with its own reading"),
        pytest.param("lvqiu", "闾丘", id="surname with ü"),
        pytest.param("zhongshandonglu", "中山东路", id="street"),
        pytest.param("haishu", "海曙", id="district"),
        pytest.param("taizhou", "台州", id="city"),
        pytest.param("muqin", "母亲", id="relation"),
    ],
)
def test_words(letters: str, word: str) -> None:
    assert (texts(letters, 1) == [word]) is (letters != "zhgdong")


def test_one_syllable_gives_characters_before_words() -> None:
    found = texts("ning", 8)
    assert found[:2] == ["宁", "凝"]
    assert "宁波" in found


def test_an_ambiguous_row_of_letters() -> None:
    assert {"先", "现", "西安"} <= set(texts("xian"))
    assert texts("xi'an", 1) == ["西安"]
    assert "先" not in texts("xi'an", 200)
    lengths = {c.text: c.letters for c in METHOD.candidates("fangan")}
    assert (lengths["方"], lengths["反"]) == (4, 3)
    assert all(c.letters != 4 or c.text != "方" for c in METHOD.candidates("fan'gan"))


def test_begun_syllables_offer_the_commonest() -> None:
    found = texts("zh", 12)
    assert {"中", "这"} & set(found)
    assert {c.letters for c in METHOD.candidates("zh")} == {2}


@pytest.mark.parametrize("letters", ["", "'", "i", "u", "v", "中", "1", "a1", "ni hao", "''"])
def test_nothing_fits(letters: str) -> None:
    assert METHOD.candidates(letters) == ()


def test_choosing_character_by_character() -> None:
    composition = typed("wangxiaoming")
    said = ""
    for _ in range(3):
        text, composition = METHOD.choose(composition, METHOD.page(composition).candidates[0])
        said += text
    assert (said, composition) == ("王小明", Composition())


def test_choosing_a_word_leaves_what_follows() -> None:
    composition = typed("ningboshi'li")
    text, rest = METHOD.choose(composition, next(c for c in METHOD.candidates(composition.letters) if c.text == "宁波"))
    assert (text, rest) == ("宁波", Composition("shi'li"))
    text, rest = METHOD.choose(rest, Candidate("市", 3))
    assert rest == Composition("li")


def test_pages() -> None:
    composition = typed("shi")
    whole = METHOD.candidates("shi")
    seen: list[Candidate] = []
    for number in range(METHOD.page(composition).pages):
        page = METHOD.page(composition)
        assert page.number == number
        seen += page.candidates
        composition = METHOD.turn(composition, 1)
    assert tuple(seen) == whole
    assert METHOD.turn(composition, 1) == composition
    assert METHOD.turn(composition, -99).page == 0
    assert METHOD.page(Composition("shi", 999)).number == page.number
    assert METHOD.press(composition, "'").page == 0
    assert METHOD.page(Composition()) == METHOD.page(Composition("i"))
    assert METHOD.page(Composition()).pages == 0
    assert METHOD.turn(Composition(), 1) == Composition()
    with pytest.raises(ValueError, match="at least one"):
        InputMethod(page_size=0)


def test_keys() -> None:
    assert typed("Lü'") == Composition("lv'")
    assert typed("''ni''") == Composition("ni'")
    assert len(typed("a" * (MOST_LETTERS + 5)).letters) == MOST_LETTERS
    assert METHOD.erase(typed("ni")) == Composition("n")
    assert METHOD.erase(Composition()) == Composition()
    for key in ("1", "中", "", "ab", " "):
        with pytest.raises(ValueError, match="not a key"):
            METHOD.press(Composition(), key)


def test_nothing_is_remembered() -> None:
    method = InputMethod()
    before = {letters: method.candidates(letters) for letters in ("shi", "zh", "ningbo")}
    for _ in range(30):
        composition = typed("shi", method)
        method.choose(composition, method.candidates("shi")[-1])
    assert {letters: method.candidates(letters) for letters in before} == before


def test_nothing_typed_is_shown_by_repr() -> None:
    composition = typed("ningbo")
    assert not re.search(r"ningbo|宁", repr(composition) + repr(METHOD.page(composition)))


def test_tables_of_a_halls_own() -> None:
    tables = KeypadTables({"a": "阿啊", "ba": "八"}, {"阿": 0, "八": 1, "啊": 2}, (Word("阿八", ("a", "ba")),))
    own = InputMethod(tables, page_size=2)
    assert [c.text for c in own.candidates("ab")] == ["阿八", "阿", "啊"]
    assert own.page(Composition("ab")).pages == 2


@given(letters=st.text("abcdefghijklmnopqrstuvwxyz'", max_size=MOST_LETTERS + 6))
def test_any_row_of_letters(letters: str) -> None:
    found = METHOD.candidates(letters)
    assert len({candidate.text for candidate in found}) == len(found)
    assert all(0 < candidate.letters <= len(letters) for candidate in found)
    stripped = letters.strip("'")
    if stripped[:1] and stripped[0] not in "iuv":
        assert found


@settings(deadline=None)
@given(st.lists(st.sampled_from(sorted(load_keypad().syllables)), min_size=1, max_size=4))
def test_every_divided_row_can_be_written(syllables: list[str]) -> None:
    composition = Composition("'".join(syllables))
    for syllable in syllables:
        wanted = load_keypad().syllables[syllable][0]
        candidate = next(
            c for c in METHOD.candidates(composition.letters) if c.text == wanted and c.letters <= len(syllable)
        )
        _, composition = METHOD.choose(composition, candidate)
        if candidate.letters < len(syllable):
            return  # the same character under a shorter syllable: what is left is typed on
    assert composition == Composition()


@given(st.sampled_from(load_keypad().words))
def test_every_word_is_offered(word: Word) -> None:
    letters = "".join(word.syllables)[:MOST_LETTERS]
    assert word.text in [candidate.text for candidate in METHOD.candidates(letters)]
