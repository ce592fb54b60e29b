from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.receipt_printer.layout import TextLine, cells, lay_out, wrap
from kiosk.domain.slip import Block, Pair, QrCode, Rule, Slip, Text
from tests.drivers.receipt_printer.slips import decision


def texts(*blocks: Block, columns: int = 32) -> list[str]:
    return [line.text for line in lay_out(Slip("t", blocks), columns) if isinstance(line, TextLine)]


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("abc", 3),
        ("宁波", 4),
        ("（Ａ）", 6),
        ("￥1", 3),
        ("—", 2),
        ("·", 2),
        ("𠮷", 2),
        ("e\u0301", 1),
        ("葛\U000e0100", 2),
    ],
)
def test_cells(text: str, width: int) -> None:
    assert cells(text) == width


@pytest.mark.parametrize("columns", [32, 48])
def test_no_line_is_wider_than_the_paper(columns: int) -> None:
    for line in lay_out(decision(), columns):
        if isinstance(line, TextLine):
            assert cells(line.text) * line.size <= columns


@given(st.text(max_size=120), st.integers(8, 48))
def test_wrapping_keeps_every_character_and_the_width(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert all(cells(line) <= width for line in lines)
    kept = "".join(lines).replace(" ", "").replace("\n", "")
    assert kept == text.replace(" ", "").replace("\n", "")


def test_closing_punctuation_never_starts_a_line() -> None:
    assert wrap("一二三四，五六", 8) == ["一二三", "四，五六"]
    assert wrap("一二三（四五）", 8) == ["一二三", "（四五）"]
    assert wrap("他说“好的”。", 8) == ["他说“好", "的”。"]
    assert wrap("一二三——四", 8) == ["一二三", "——四"]
    assert wrap("罚款￥200", 8) == ["罚款", "￥200"]


def test_words_and_numbers_stay_whole_while_they_fit() -> None:
    assert wrap("编号 330201-17 完", 12) == ["编号", "330201-17 完"]
    assert wrap("12345678901234", 8) == ["12345678", "901234"]
    assert wrap("", 8) == [""]
    assert wrap("甲\n\n乙", 8) == ["甲", "", "乙"]


def test_pairs_in_a_row_share_their_value_column_and_hang() -> None:
    assert texts(Pair("车牌：", "浙B·12345"), Pair("违法地点：", "中山东路与江厦街交叉口东侧")) == [
        "车牌：    浙B·12345",
        "违法地点：中山东路与江厦街交叉口",
        "          东侧",
    ]


def test_an_overlong_label_keeps_its_own_column() -> None:
    assert texts(Pair("这是一个非常非常长的标签：", "短"), Pair("甲：", "乙")) == [
        "这是一个非常非常长的标签：短",
        "甲：乙",
    ]


def test_label_wider_than_the_paper_puts_the_value_below() -> None:
    lines = texts(Pair("一二三四五六七八九十一二三四五：", "值"))
    assert lines == ["一二三四五六七八九十一二三四五：", "  值"]


def test_flush_right() -> None:
    assert texts(Pair("罚款", "￥200.00", right=True)) == ["罚款" + " " * 20 + "￥200.00"]
    long = texts(Pair("一二三四五六七八九十", "ABCDEFGHIJKLMNOP", right=True))
    assert long == ["一二三四五六七八九十", " " * 16 + "ABCDEFGHIJKLMNOP"]


def test_double_size_wraps_at_half_the_columns() -> None:
    assert texts(Text("一二三四五六七八九", size=2)) == ["一二三四五六七八", "九"]


def test_headings_leave_no_single_character_over() -> None:
    assert texts(Text("简易程序处罚决定书", "center", size=2)) == ["简易程序处", "罚决定书"]
    assert texts(Text("凭条", "center")) == ["凭条"]
    assert texts(Text("甲\n乙", "center")) == ["甲", "乙"]


def test_caption_stands_below_its_code() -> None:
    kinds = [type(line) for line in lay_out(Slip("t", (QrCode("x", "扫码"), Rule())), 32)]
    assert kinds == [QrCode, TextLine, Rule]


def test_too_narrow() -> None:
    with pytest.raises(ValueError, match="too narrow"):
        lay_out(Slip("t", ()), 8)
