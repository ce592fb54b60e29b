"""DG1 and its names. The vectors of names are GBK's bytes, half by half."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kiosk.domain.chip_text import ChipTextError, decode_name, encode_name, parse_dg1, plain_name, same_name
from kiosk.domain.permit import ChipHolder

TODAY = dt.date(2026, 3, 18)
LINE = "CSC123456788<2906302<8501019<2"


def dg1(name: str = "MAOONAKBMDPH", pinyin: str = "LI<<XIAOMING", sex: str = "M", line: str = LINE) -> str:
    return (line + name + pinyin.ljust(18, "<") + sex).ljust(90, "<")


def holder(name: str) -> ChipHolder:
    return parse_dg1(dg1(encode_name(name)), TODAY)


@pytest.mark.parametrize(
    ("name", "letters", "stored"),
    [
        ("张三", "NFMFMIPN<<<<", "张三"),
        ("李小明", "MAOONAKBMDPH", "李小明"),
        ("吕强", "MCMAMHLP<<<<", "吕强"),
        ("欧阳小明", "MFLHNBPENAKB", "欧阳小"),
        ("证件样", "NGKELMPONBPJ", "证件样"),
    ],
)
def test_names(name: str, letters: str, stored: str) -> None:
    assert encode_name(name) == letters
    assert decode_name(letters) == stored


@pytest.mark.parametrize(
    ("letters", "name"),
    [
        pytest.param("EBECED", "ABC", id="capital letters"),
        pytest.param("HK", "z", id="last letter of ASCII"),
        pytest.param("IBEA", "丂", id="first character of GBK"),
        pytest.param("IBE", "丯", id="completed with O"),
        pytest.param("EBEC<", "AB", id="letters are not completed"),
    ],
)
def test_letters_and_characters(letters: str, name: str) -> None:
    assert decode_name(letters) == name


@pytest.mark.parametrize(
    "letters", ["", "<<<<<<<<<<<<", "NFMQ<<<<<<<<", "NFMFX", "MAOONAKBMDPHA", "MAOO" * 4, "PPPPPPPP<<<<", "张三"]
)
def test_letters_that_are_no_name(letters: str) -> None:
    with pytest.raises(ChipTextError) as caught:
        decode_name(letters)
    assert caught.value.why == "name"


def test_o_read_as_filler() -> None:
    """李 is MAOO: inside and at the end of a character a filler can only be an O."""
    assert decode_name("MA<ONAKBMDPH") == "李小明"
    assert decode_name("MA<<NAKBMDPH") == "李小明"
    assert decode_name(encode_name("王李").replace("O", "<")) == "王李"


@pytest.mark.parametrize("name", ["", "  ", "𬀩", "张𬀩"])
def test_names_that_cannot_be_stored(name: str) -> None:
    with pytest.raises(ChipTextError):
        encode_name(name)


def test_only_what_fits_must_be_storable() -> None:
    assert encode_name("欧阳小𬀩") == "MFLHNBPENAKB"


HAN = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5)


@given(st.text(HAN, min_size=1, max_size=6))
def test_every_name_of_common_characters_comes_back(name: str) -> None:
    assert decode_name(encode_name(name)) == name[:3]
    assert same_name(holder(name), name) is True


@given(st.text(HAN, min_size=1, max_size=3), st.text(HAN, min_size=1, max_size=3))
def test_different_names_differ(one: str, other: str) -> None:
    assume(one != other)
    assert same_name(holder(one), other) is False


def test_parse() -> None:
    found = parse_dg1(dg1(), TODAY)
    assert found.line.number == "C12345678"
    assert found.line.birth == "850101"
    assert (found.name, found.name_truncated, found.pinyin, found.sex) == ("李小明", True, "LI<<XIAOMING", "M")
    assert not parse_dg1(dg1(encode_name("张三")), TODAY).name_truncated
    assert "李小明" not in repr(found)
    assert "C12345678" not in repr(found)


def test_parts_of_dg1_end_where_they_end() -> None:
    found = parse_dg1(dg1(pinyin="LI<<MAX", line="CDT123456787<2906302<8501019<4"), TODAY)
    assert (found.pinyin, found.line.number) == ("LI<<MAX", "T12345678")
    assert parse_dg1(dg1(pinyin="A" * 18, sex="F"), TODAY).pinyin == "A" * 18


def test_sex_that_is_neither() -> None:
    assert parse_dg1(dg1(sex="<"), TODAY).sex == "<"
    assert parse_dg1(dg1(sex="X"), TODAY).sex == "<"


@pytest.mark.parametrize("name", ["<<<<<<<<<<<<", "PPPPPPPPPPPP", "Q<<<<<<<<<<<"])
def test_a_name_that_cannot_be_read_is_not_compared(name: str) -> None:
    found = parse_dg1(dg1(name), TODAY)
    assert found.name == ""
    assert same_name(found, "李小明") is None


@pytest.mark.parametrize("text", ["", dg1()[:-1], dg1() + "<"])
def test_length(text: str) -> None:
    with pytest.raises(ChipTextError, match="length"):
        parse_dg1(text, TODAY)


def test_characters() -> None:
    with pytest.raises(ChipTextError, match="characters"):
        parse_dg1(dg1()[:-1] + "张", TODAY)


def test_the_line_of_a_chip_is_never_repaired() -> None:
    with pytest.raises(ChipTextError, match="layout"):
        parse_dg1(dg1(line=LINE.replace("<", "K")), TODAY)


@pytest.mark.parametrize(
    ("stored", "name", "same"),
    [
        ("张三", "张三", True),
        ("张三", " 张 三 ", True),
        ("张三", "张三丰", False),
        ("张三", "张", False),
        ("张三", "李三", False),
        ("欧阳小明", "欧阳小明", True),
        ("欧阳小明", "欧阳小刚", True),
        ("欧阳小明", "欧阳大明", False),
        pytest.param("阿不都·热合曼", "阿不都•热合曼", True, id="only three fit"),
        pytest.param("买·买提", "买•买提", True, id="another dot"),
        pytest.param("张三", "张𬀩", None, id="outside GBK"),
        pytest.param("张三", "李𬀩", False, id="differs before it"),
        pytest.param("张三", "", None, id="nothing to compare"),
    ],
)
def test_same_name(stored: str, name: str, same: bool | None) -> None:
    assert same_name(holder(stored), name) is same


def test_plain_name() -> None:
    assert plain_name("买・买提 ") == plain_name("买·买提") == "买·买提"
    assert plain_name(" smith Ｊohn ") == "SMITHJOHN"
