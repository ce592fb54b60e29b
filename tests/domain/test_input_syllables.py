"""How letters divide into syllables, on tables small enough to be seen whole."""

from __future__ import annotations

import pytest

from config.keypad_names import KeypadNames
from config.keypad_tables import KeypadTables, Word
from kiosk.domain.input_method import Candidate, CandidatePage, Composition, InputMethod
from kiosk.domain.input_names import NameCandidates
from kiosk.domain.input_syllables import Fit, Syllables

WRITTEN = {
    "a": "阿啊",
    "an": "安",
    "gan": "干",
    "fan": "反",
    "fang": "方",
    "ju": "居",
    "jue": "决",
    "lu": "路",
    "lv": "吕",
    "lve": "略",
    "n": "嗯",
    "nv": "女",
    "nve": "虐",
    "qu": "去",
    "wu": "五",
    "xi": "西",
    "xian": "先",
    "xu": "许",
    "xue": "学",
    "yu": "鱼",
    "zhuang": "庄",
}
WORDS = (
    Word("方案", ("fang", "an")),
    Word("反感", ("fan", "gan")),
    Word("西安", ("xi", "an")),
    Word("学区", ("xue", "qu")),
    Word("女", ("nv",)),
)
TABLES = KeypadTables(WRITTEN, {"阿": 1, "安": 0, "啊": 2}, WORDS)


@pytest.fixture
def syllables() -> Syllables:
    return Syllables(TABLES)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("lyu", "lv"),
        ("nyu", "nv"),
        ("lv", "lv"),
        ("lue", "lve"),
        ("lyue", "lve"),
        ("lve", "lve"),
        ("nue", "nve"),
        ("nyue", "nve"),
        ("jv", "ju"),
        ("jve", "jue"),
        ("qv", "qu"),
        ("xv", "xu"),
        ("xve", "xue"),
        ("yv", "yu"),
        ("lu", "lu"),
        ("wv", None),
        ("lyv", None),
        ("yyu", None),
        ("vyu", None),
        ("eve", None),
    ],
)
def test_what_else_is_typed_for_it(syllables: Syllables, typed: str, meant: str | None) -> None:
    """GB/T 28039-2011 spells LYU and NYU; v is the keypad's ü."""
    assert syllables.whole(typed) is (meant is not None)
    found = [syllable for length, syllable in syllables.heads(typed) if length == len(typed)]
    assert found == ([meant] if meant else [])


@pytest.mark.parametrize(
    ("letters", "heads"),
    [
        ("fangan", [(4, "fang"), (3, "fan")]),
        ("fang", [(4, "fang"), (3, "fan")]),
        ("fangu", [(4, "fang"), (3, "fan")]),
        ("xian", [(4, "xian"), (2, "xi")]),
        ("xi'an", [(2, "xi")]),
        ("zhuang", [(6, "zhuang")]),
        ("zhua", []),
        ("a", [(1, "a")]),
        ("", []),
    ],
)
def test_first_syllables(syllables: Syllables, letters: str, heads: list[tuple[int, str]]) -> None:
    """Those after which the rest is made of syllables again come alone; where there are none, all."""
    assert list(syllables.heads(letters)) == heads


@pytest.mark.parametrize(
    ("letters", "at_least", "begun"),
    [
        ("zh", 1, (2, ["zhuang"])),
        ("zhq", 1, (2, ["zhuang"])),
        ("zhq", 3, None),
        ("f", 1, (1, ["fan", "fang"])),
        ("fan", 1, (3, ["fang"])),
        ("x", 1, (1, ["xi", "xian", "xu", "xue"])),
        ("x'a", 1, (1, ["xi", "xian", "xu", "xue"])),
        ("zhuang", 1, (5, ["zhuang"])),
        ("zhuangzhuang", 6, None),
        ("i", 1, None),
        ("", 1, None),
    ],
)
def test_begun_syllables(
    syllables: Syllables, letters: str, at_least: int, begun: tuple[int, list[str]] | None
) -> None:
    assert syllables.begun(letters, at_least=at_least) == begun


@pytest.mark.parametrize(
    ("word", "letters", "fit"),
    [
        (("fang", "an"), "fangan", Fit(6, 2, whole=True)),
        (("fang", "an"), "fang'an", Fit(7, 2, whole=True)),
        (("fang", "an"), "fang", Fit(4, 1, whole=True)),
        (("fang", "an"), "fanga", Fit(5, 2, whole=False)),
        (("fang", "an"), "fa", Fit(2, 2, whole=False)),
        (("fang", "an"), "fan", Fit(3, 2, whole=False)),
        (("fang", "an"), "f", None),
        (("fang", "an"), "fx", None),
        (("fang", "an"), "fanganxi", Fit(6, 2, whole=True)),
        (("fang", "an"), "fangani", None),
        (("xue", "qu"), "xveqv", Fit(5, 2, whole=True)),
        (("xue", "qu"), "xq", Fit(2, 2, whole=False)),
        (("nv",), "n", Fit(1, 1, whole=False)),
        (("nv",), "nyu", Fit(3, 1, whole=True)),
    ],
)
def test_how_a_word_goes_with_letters(
    syllables: Syllables, word: tuple[str, ...], letters: str, fit: Fit | None
) -> None:
    assert syllables.fit(word, letters) == fit


def test_words_by_their_first_letter(syllables: Syllables) -> None:
    assert [word.text for word in syllables.words_from("f")] == ["方案", "反感"]
    assert syllables.words_from("z") == []


# --- the keypad on these tables ---------------------------------------------------------------------------------------


@pytest.fixture
def method() -> InputMethod:
    return InputMethod(TABLES, names=KeypadNames((), (), ()), page_size=2)


@pytest.mark.parametrize(
    ("letters", "offered"),
    [
        ("fangan", [("方案", 6), ("反感", 6), ("方", 4), ("反", 3)]),
        ("fang", [("方", 4), ("反", 3), ("反感", 4), ("方案", 4)]),
        ("fg", [("反感", 2), ("反", 1), ("方", 1)]),
        ("a", [("阿", 1), ("啊", 1), ("安", 1)]),
        ("'a", [("阿", 2), ("啊", 2), ("安", 2)]),
        ("'xi'an", [("西安", 6), ("西", 3)]),
        ("z", [("庄", 1)]),
        ("i", []),
        ("a1", []),
        ("", []),
        ("A", [("阿", 1), ("啊", 1), ("安", 1)]),
    ],
)
def test_candidates(method: InputMethod, letters: str, offered: list[tuple[str, int]]) -> None:
    found = [(candidate.text, candidate.letters) for candidate in method.candidates(letters)]
    assert found == offered


def test_pages(method: InputMethod) -> None:
    one, two, three = (Candidate(text, 1) for text in "阿啊安")
    assert method.page(Composition("a")) == CandidatePage((one, two), 0, 2)
    assert method.page(Composition("a", 1)) == method.page(Composition("a", 9)) == CandidatePage((three,), 1, 2)
    assert method.page(Composition("a", -1)).number == 0
    assert method.page(Composition("i")) == CandidatePage((), 0, 0)
    assert method.turn(Composition("a"), 1) == Composition("a", 1)
    assert method.turn(Composition("a", 1), 1) == Composition("a", 1)
    assert method.turn(Composition("a", 1), -1) == method.turn(Composition("a"), -5) == Composition("a")
    assert method.turn(Composition("i"), 1) == Composition("i")
    assert InputMethod(TABLES, page_size=1).page(Composition("a")).pages == 3


def test_keys_and_erasing(method: InputMethod) -> None:
    assert method.press(Composition("a", 1), "z") == Composition("az")
    assert method.press(Composition(), "Z") == Composition("z")
    assert method.press(Composition("z" * 29), "a") == Composition("z" * 29 + "a")
    assert method.press(Composition("z" * 30), "a") == Composition("z" * 30)
    assert method.press(Composition("a'"), "'") == Composition("a'")
    for key in ("[", "_", "`", "{", "é"):
        with pytest.raises(ValueError, match="not a key"):
            method.press(Composition("a"), key)
        assert method.candidates(f"a{key}") == ()
    assert method.erase(Composition("xian", 1)) == Composition("xia")
    assert method.choose(Composition("xi'an", 1), Candidate("西", 2)) == ("西", Composition("an"))


@pytest.mark.parametrize(
    ("before", "place"),
    [
        ("", "surname"),
        (" ", "surname"),
        ("许", "given"),
        ("西", "given"),
        ("西安", "given"),
        ("西 安", "given"),
        ("许西", "last"),
        ("西安许", "last"),
        ("许西安", None),
        ("西安许西", None),
        ("X", None),
        ("许·", None),
        ("\u4dff", None),
        ("\u4e00", "given"),
        ("\u9fff", "given"),
        ("\ua000", None),
    ],
)
def test_what_comes_behind_the_caret(syllables: Syllables, before: str, place: str | None) -> None:
    surnames = (Word("许", ("xu",)), Word("西安", ("xi", "an")))
    assert NameCandidates(KeypadNames(surnames, (), ()), syllables).place(before) == place


def test_names_come_first(syllables: Syllables) -> None:
    """Surnames; given names of two behind their first character; the second character alone."""
    names = NameCandidates(
        KeypadNames(
            (Word("许", ("xu",)), Word("西", ("xi",)), Word("西安", ("xi", "an"))),
            (Word("学安", ("xue", "an")), Word("许安", ("xu", "an"))),
            (Word("学", ("xue",)), Word("许", ("xu",)), Word("安", ("an",))),
        ),
        syllables,
    )
    assert list(names.candidates("x", "surname")) == [("许", 1), ("西", 1)]
    assert list(names.candidates("xi", "surname")) == [("西", 2), ("西安", 2)]
    assert list(names.candidates("xian", "surname")) == [("西安", 4)]
    assert list(names.candidates("xa", "surname")) == [("西安", 2), ("许", 1), ("西", 1)]
    assert list(names.candidates("xa", "given")) == [("学安", 2), ("许安", 2), ("学", 1), ("许", 1)]
    assert list(names.candidates("xue", "given")) == [("学", 3), ("学安", 3), ("学安", 3), ("学", 3)]
    assert list(names.candidates("xue'", "given"))[:2] == [("学", 3), ("学安", 3)]
    assert list(names.candidates("xue", "last")) == [("学", 3)]
    assert list(names.candidates("xuean", "last")) == [("学", 3)]
    assert list(names.candidates("z", "last")) == []


def test_the_tables_are_read_before_the_first_key() -> None:
    method = InputMethod()
    assert not vars(method).keys() & {"_tables", "_syllables", "_names"}
    method.warm_up()
    assert vars(method).keys() >= {"_tables", "_syllables", "_names"}
