"""Fen and yuan, both ways, without loss."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.front.alipay import amounts

FEN = st.integers(amounts.LEAST_FEN, amounts.MOST_FEN)


@given(FEN)
def test_fen_to_yuan_and_back(fen: int) -> None:
    text = amounts.yuan(fen)
    assert amounts.fen(text) == fen
    assert Decimal(text) * 100 == fen


@given(st.integers(0, 10**9), st.text("0123456789", max_size=2))
def test_yuan_to_fen_and_back(whole: int, part: str) -> None:
    text = f"{whole}.{part}" if part else str(whole)
    fen = amounts.fen(text)
    assert Decimal(text) * 100 == fen
    if amounts.LEAST_FEN <= fen <= amounts.MOST_FEN:
        assert Decimal(amounts.yuan(fen)) == Decimal(text)


@pytest.mark.parametrize(
    "text",
    ["", " 1", "1 ", "+1", "-1.00", "1,000.00", "1e2", "0x1", "1.", ".5", "1.001", "NaN", "１.00", "1.0０", "1\n"],
)
def test_texts_that_are_no_amount(text: str) -> None:
    with pytest.raises(ValueError):
        amounts.fen(text)


@pytest.mark.parametrize("fen", [0, -1, amounts.MOST_FEN + 1])
def test_amounts_that_alipay_does_not_take(fen: int) -> None:
    with pytest.raises(ValueError):
        amounts.yuan(fen)
