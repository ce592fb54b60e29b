"""Code 128 against a second implementation's table, and read back by a decoder."""

from __future__ import annotations

import numpy as np
import pytest
import zxingcpp
from barcode.charsets import code128 as table

from kiosk.domain import code128

VALUES = (
    "E33020020261121001",
    "123456",
    "12345",
    "1",
    "12",
    "AB12CD",
    "A1234567B",
    "A12345",
    "~ {}",
    "00" * 12 + "X",
    "X123",
)


@pytest.mark.parametrize("data", VALUES)
def test_bars_are_those_of_the_standard(data: str) -> None:
    bars = "".join("10"[i % 2] * width for i, width in enumerate(code128.widths(data)))
    values = code128.symbols(data)
    assert bars == "".join(table.CODES[value] for value in values[:-1]) + "1100011101011"


@pytest.mark.parametrize("data", VALUES)
def test_a_reader_reads_it(data: str) -> None:
    row = [1] * 20 + [v for i, w in enumerate(code128.widths(data)) for v in [i % 2] * (2 * w)] + [1] * 20
    found = zxingcpp.read_barcodes(np.tile(np.array(row, np.uint8) * 255, (60, 1)))
    assert [code.text for code in found] == [data]


def test_known_symbol() -> None:
    """The common worked example: begun in code set A its check character is 54; in B, whose start is one higher, 55."""
    assert code128.symbols("PJJ123C") == (104, 48, 42, 42, 17, 18, 19, 35, 55, 106)


def test_pairs_save_room() -> None:
    assert code128.symbols("123456")[:4] == (105, 12, 34, 56)
    assert len(code128.symbols("E33020020261121001")) < len("E33020020261121001")


@pytest.mark.parametrize("data", ["", "中", "a\n", "\x7f"])
def test_what_has_no_bars(data: str) -> None:
    with pytest.raises(ValueError):
        code128.symbols(data)
