"""Letters of names: syllables, what older documents have, and which readings a spelling stands for (GB/T 28039-2011)."""

from __future__ import annotations

import pytest

from config.name_tables import NameTables, load_names
from kiosk.domain.name_document import OldSpelling, aligned, parse_old_spelling
from kiosk.domain.name_reading import Reading
from kiosk.domain.name_spelling import (
    former_spellings,
    in_gbk,
    is_ideograph,
    letters_only,
    open_dictionary,
    phrase_readings,
    readings_of,
    spelt,
)
from kiosk.domain.names import (
    CAUTION_TEXTS,
    Caution,
    NameParts,
    choose,
    clean_name,
    full_spelling,
    retype,
    romanise,
    split_at,
    split_name,
)

RARE = "\U0003106c"


@pytest.fixture(scope="module")
def names() -> NameTables:
    return load_names()


@pytest.mark.parametrize(
    "line",
    [
        "lv/LYU",
        "lve/LUE",
        "lü/LYU",
        "lüe/LUE",
        "lvan/LYUAN",
        "lvn/LYUN",
        "nv/NYU",
        "nve/NUE",
        "xv/XU",
        "xve/XUE",
        "qve/QUE",
        "jve/JUE",
        "yv/YU",
        "wv/WV",
        "zhuāng/ZHUANG",
        "LÜ/LYU",
        "1/",
    ],
)
def test_syllables_as_documents_print_them(line: str) -> None:
    syllable, letters = line.split("/")
    assert spelt(syllable) == letters


@pytest.mark.parametrize(
    ("typed", "letters"),
    [
        ("LÜ", "LYU"),
        ("lüe", "LUE"),
        ("nü", "NYU"),
        ("nüe", "NUE"),
        ("wü", "WU"),
        ("u\u0308l\u0308lu\u0308", "ULLYU"),
        ("gě", "GE"),
        ("Ｌü", "LYU"),
        ("o'b-r i<", "OBRI"),
        ("ß", "SS"),
        ("张", ""),
    ],
)
def test_only_letters_stay(typed: str, letters: str) -> None:
    assert letters_only(typed) == letters


def test_what_documents_of_before_2012_have() -> None:
    assert [former_spellings(each) for each in ("LYU", "NYU", "LUE", "NUE", "LI")] == [
        *(("LV", "LU"), ("NV", "NU"), ("LVE", "LYUE"), ("NVE", "NYUE"), ())
    ]


def test_readings_of_the_dictionary() -> None:
    assert readings_of("乐") == ("LE", "YUE")
    for nothing in ("", "A", "ab", "乐乐", RARE):
        assert readings_of(nothing) == ()
    assert phrase_readings("重阳") == ("CHONG", "YANG")
    for nothing in ("", "重", "张三丰x"):
        assert phrase_readings(nothing) == ()
    open_dictionary()


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (0xE000, 0xF8FF),
        (0xF0000, 0x10FFFD),
        (0x3007, 0x3007),
        (0x3400, 0x9FFF),
        (0xF900, 0xFAFF),
        (0x20000, 0x3FFFF),
    ],
)
def test_blocks_of_characters(first: int, last: int) -> None:
    assert is_ideograph(chr(first))
    assert is_ideograph(chr(last))
    outside = [code for code in (first - 1, last + 1) if code not in (0xDFFF, 0xF8FF, 0xF900)]
    assert not any(is_ideograph(chr(code)) for code in outside)


def test_gbk() -> None:
    assert in_gbk("龑")
    assert not in_gbk("㛃")


# --- older documents --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "one_part", "parts"),
    [
        ("WANG<<XIAO", False, ("WANG", "XIAO", False)),
        ("WANG, XIAO", False, ("WANG", "XIAO", False)),
        ("WANG，XIAO", False, ("WANG", "XIAO", False)),
        ("WANG/XIAO", False, ("WANG", "XIAO", False)),
        (" < wang<<xiao < ", False, ("WANG", "XIAO", False)),
        ("WANG<<XIAO<<MING", False, ("WANG", "XIAOMING", False)),
        ("WANG<XIAO", True, ("WANGXIAO", "", False)),
        ("WANG", True, ("WANG", "", False)),
        ("WANG", False, None),
        ("<<XIAO", False, None),
        ("1<<XIAO", False, None),
        ("WANG<<1", False, None),
        ("ABCDEFGHIJ<<ABCDEF", False, ("ABCDEFGHIJ", "ABCDEF", True)),
        ("ABCDEFGHIJ<<ABCDE", False, ("ABCDEFGHIJ", "ABCDE", False)),
        ("ABCDEFGHIJ<<ABCDE<", False, ("ABCDEFGHIJ", "ABCDE", False)),
    ],
)
def test_two_parts_of_an_old_spelling(text: str, one_part: bool, parts: tuple[str, str, bool] | None) -> None:
    """ICAO 9303-3 §4.6"""
    found = parse_old_spelling(text, 18, one_part=one_part)
    assert found == (OldSpelling(parts[0], parts[1], cut=parts[2]) if parts else None)


LE = Reading("乐", "LE", ("LE", "YUE"))
LYU = Reading("绿", "LYU", ("LYU",), forced=True)
UNKNOWN = Reading(RARE, "", ())


@pytest.mark.parametrize(
    ("readings", "letters", "cut", "spellings"),
    [
        pytest.param((), "", False, [], id="nothing"),
        pytest.param((), "A", False, None, id="letters of nobody"),
        pytest.param((LE,), "", False, None, id="no letters"),
        pytest.param((LE,), "YUE", False, ["YUE"], id="another reading"),
        pytest.param((LE,), "LEE", False, None, id="a letter too many"),
        pytest.param((LYU,), "LV", False, ["LV"], id="before 2012"),
        pytest.param((LE, LYU), "YUELU", False, ["YUE", "LU"], id="two"),
        pytest.param((UNKNOWN, LE), "ABCLE", False, ["ABC", "LE"], id="not in the dictionary"),
        pytest.param((UNKNOWN, LE), "ALE", False, ["A", "LE"], id="one letter"),
        pytest.param((UNKNOWN, LE), "ABCDEFLE", False, ["ABCDEF", "LE"], id="six letters"),
        pytest.param((UNKNOWN, LE), "ABCDEFGLE", False, None, id="seven letters are no syllable"),
        pytest.param((UNKNOWN,), "", False, None, id="no letter for it"),
        pytest.param((LE, LYU), "YUEL", True, ["YUE", "LYU"], id="cut inside"),
        pytest.param((LE, LYU), "YUEL", False, None, id="not cut"),
        pytest.param((LE, LYU), "YUE", True, ["YUE", ""], id="cut between"),
        pytest.param((LE, LYU), "LEX", True, None, id="cut, and does not fit"),
        pytest.param((LE, LYU), "Y", True, ["YUE", ""], id="cut in the first"),
        pytest.param((LE, LE), "LLE", True, None, id="not cut in the middle"),
    ],
)
def test_which_reading_each_letter_belongs_to(
    readings: tuple[Reading, ...], letters: str, cut: bool, spellings: list[str] | None
) -> None:
    found = aligned(readings, letters, cut=cut)
    if spellings is None:
        assert found is None
        return
    assert found == tuple(
        Reading(old.character, new, tuple(dict.fromkeys((*old.options, new))), old.forced, chosen=True) if new else old
        for old, new in zip(readings, spellings, strict=True)
    )


@pytest.mark.parametrize(("length", "found"), [(64, True), (65, False)])
def test_no_document_holds_so_many(length: int, found: bool) -> None:
    assert (aligned((LE,) * length, "LE" * length, cut=False) is not None) is found


# --- whole names ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("买买提· 吐尔逊 ", "买买提·吐尔逊"),
        ("SMITH  JOHN  ", "SMITH JOHN"),
        ("SMITH · JOHN", "SMITH·JOHN"),
        ("JOHN 张 三 LEE", "JOHN张三LEE"),
        ("张\x00三", "张三"),
        ("A\x00B", "A B"),
        ("甲 . 乙", "甲·乙"),
        ("·张三·", "张三"),
        ("Ａ\ue000", "A\ue000"),
        ("", ""),
    ],
)
def test_clean_names(name: str, clean: str) -> None:
    assert clean_name(name) == clean


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("甲· ·乙", NameParts("甲", "乙", certain=False)),
        ("SMITH JOHN X", NameParts("SMITH", "JOHN X", certain=False)),
        ("A·B C·D", NameParts("A", "B C·D", certain=False)),
        ("张1", NameParts("张", "1", certain=False)),
        ("欧阳1", NameParts("欧阳", "1", certain=False)),
    ],
)
def test_where_odd_names_divide(names: NameTables, name: str, parts: NameParts) -> None:
    assert split_name(name, names) == parts


@pytest.mark.parametrize(
    ("name", "length", "parts"),
    [
        ("A·B", 2, NameParts("A", "B", certain=True)),
        ("A B", 2, NameParts("A", "B", certain=True)),
        ("A B", 1, NameParts("A", "B", certain=True)),
        ("", 1, NameParts("", "", certain=False)),
    ],
)
def test_a_border_on_a_mark(name: str, length: int, parts: NameParts) -> None:
    assert split_at(name, length) == parts


@pytest.mark.parametrize(
    ("surname", "given", "whole"), [("A", "B", "A<<B"), ("A", "", "A"), ("", "B", "B"), ("", "", "")]
)
def test_full_spelling(surname: str, given: str, whole: str) -> None:
    """ICAO 9303-3 §4.6: without a second part the name is the primary one."""
    assert full_spelling(surname, given) == whole


def test_a_letter_of_a_foreign_name_stands_for_itself(names: NameTables) -> None:
    found = romanise(NameParts("É", "1", certain=True), names)
    assert found.surname == (Reading("É", "E", ("E",)),)
    assert found.given == (Reading("1", "", ()),)
    assert [caution.why for caution in found.cautions] == ["no_reading"]


@pytest.mark.parametrize(
    ("surname", "given", "transcribed"),
    [
        ("张", "三", False),
        ("张王", "三", False),
        ("欧阳", "三", False),
        ("张王李", "三", True),
        ("张甴", "三", True),
        ("买买提", "吐尔逊", True),
        ("买买提", "", False),
        ("", "吐尔逊", False),
        ("甲", "乙·丙", True),
    ],
)
def test_names_that_may_be_spelt_otherwise(names: NameTables, surname: str, given: str, transcribed: bool) -> None:
    found = romanise(NameParts(surname, given, certain=True), names)
    assert (Caution("transcribed") in found.cautions) is transcribed


@pytest.mark.parametrize(
    ("surname", "given", "old", "text", "fits"),
    [
        pytest.param("欧阳", "三", "OUYANG<<SAN", ("OUYANG", "SAN"), True, id="fits"),
        pytest.param("欧阳", "三", "OUYAN<<SAN", ("OUYAN", "SAN"), False, id="surname does not"),
        pytest.param("欧阳", "三", "OUYANG<<SI", ("OUYANG", "SI"), False, id="given name does not"),
        pytest.param("欧", "阳乐", "OU<<YANGYUELEYUELE", ("OU", "YANGYUELEYUELE"), False, id="full, and longer"),
        pytest.param("张张张张", "", "ZHANGZHANGZHANGZHA", ("ZHANGZHANGZHANGZHANG", ""), True, id="one part, cut off"),
        pytest.param(
            "欧阳欧阳欧阳", "三", "OUYANGOUYANGOU<<SA", ("OUYANGOUYANGOU", "SAN"), False, id="only the end is cut off"
        ),
    ],
)
def test_an_old_spelling_and_the_readings(
    names: NameTables, surname: str, given: str, old: str, text: tuple[str, str], fits: bool
) -> None:
    found = romanise(NameParts(surname, given, certain=True), names, old)
    assert (found.text_surname, found.text_given, found.source) == (*text, "document")
    assert (Caution("old_spelling_differs") not in found.cautions) is fits


def test_what_a_choice_leaves_of_the_cautions(names: NameTables) -> None:
    """Each stands there once after it, and only if it still holds."""
    whole = romanise(NameParts("盖", f"乐{RARE}", certain=True), names, "X<<Y<<Z")
    before = [(caution.why, caution.part, caution.position) for caution in whole.cautions]
    assert before == [("old_spelling_differs", None, None), ("rare_character", "given", 1)]
    chosen = choose(whole, "given", 0, "YUE")
    assert [caution.why for caution in chosen.cautions] == ["old_spelling_differs", "rare_character"]
    assert (chosen.given[0].spelling, chosen.given[0].chosen, chosen.text_given) == ("YUE", True, "YUE")
    for index in (-1, 2):
        with pytest.raises(ValueError, match="not offered"):
            choose(whole, "given", index, "YUE")
    alone = romanise(NameParts("盖", "", certain=True), names)
    assert [caution.why for caution in choose(alone, "surname", 0, "GAI").cautions] == ["no_given_name"]


def test_typing_keeps_what_is_said_of_the_name_itself(names: NameTables) -> None:
    found = romanise(NameParts("买买提", f"吐{RARE}", certain=True), names, "X")
    assert [c.why for c in found.cautions] == ["old_spelling_unreadable", "transcribed", "rare_character", "no_reading"]
    typed = retype(found, "a", "b")
    assert [c.why for c in typed.cautions] == ["transcribed", "rare_character"]
    assert typed.warnings == (CAUTION_TEXTS["transcribed"], CAUTION_TEXTS["rare_character"])
    plain = romanise(NameParts("张", "三", certain=True), names)
    assert retype(plain, "a", "b").cautions == ()
    assert [c.why for c in retype(plain, "abcdefghij", "abcdefg").cautions] == ["truncated"]
    assert retype(plain, "abcdefghij", "abcdef").cautions == ()
