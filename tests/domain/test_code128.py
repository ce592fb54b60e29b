"""Code sets of ISO/IEC 15417, annex E: where digits stand in pairs. Bars are compared and read back in tests/ui/forms."""

from __future__ import annotations

import pytest

from kiosk.domain.code128 import symbols, widths

B, C, TO_B, TO_C, STOP = 104, 105, 100, 99, 106


def values_of(text: str) -> list[int]:
    return [ord(char) - 32 for char in text]


@pytest.mark.parametrize(
    ("data", "values"),
    [
        pytest.param("1", [B, *values_of("1")], id="one digit"),
        pytest.param("12", [C, 12], id="two digits are all"),
        pytest.param("123", [C, 12, TO_B, *values_of("3")], id="three digits are all"),
        pytest.param("~ A", [B, *values_of("~ A")], id="first and last of ASCII"),
        pytest.param("123A", [B, *values_of("123A")], id="three digits at the beginning"),
        pytest.param("1234A", [C, 12, 34, TO_B, *values_of("A")], id="four digits at the beginning"),
        pytest.param("12345A", [C, 12, 34, TO_B, *values_of("5A")], id="five at the beginning: the last one alone"),
        pytest.param("A123", [B, *values_of("A123")], id="three digits at the end"),
        pytest.param("A1234", [B, *values_of("A"), TO_C, 12, 34], id="four digits at the end"),
        pytest.param("A12345", [B, *values_of("A1"), TO_C, 23, 45], id="five at the end: the first one alone"),
        pytest.param("A12345B", [B, *values_of("A12345B")], id="five digits inside"),
        pytest.param("A123456B", [B, *values_of("A"), TO_C, 12, 34, 56, TO_B, *values_of("B")], id="six inside"),
        pytest.param("A1234567B", [B, *values_of("A1"), TO_C, 23, 45, 67, TO_B, *values_of("B")], id="seven inside"),
        pytest.param("A12B", [B, *values_of("A12B")], id="two digits inside"),
    ],
)
def test_digits_in_pairs(data: str, values: list[int]) -> None:
    check = (values[0] + sum(place * value for place, value in enumerate(values))) % 103
    assert symbols(data) == (*values, check, STOP)


def test_bars_of_one_digit() -> None:
    """Start B, 1, check 18 + 103 · n, stop: widths of the standard's table."""
    assert symbols("1") == (104, 17, 18, 106)
    assert "".join(map(str, widths("1"))) == "211214" + "123221" + "223211" + "2331112"


@pytest.mark.parametrize("data", ["", "中", "a\n", "\x7f", "\x1f"])
def test_what_has_no_bars(data: str) -> None:
    with pytest.raises(ValueError, match="printable ASCII"):
        symbols(data)
