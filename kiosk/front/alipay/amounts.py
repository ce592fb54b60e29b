"""Alipay tells money in yuan with two decimals, as text; this house counts integer fen. No float comes near either."""

from __future__ import annotations

import re

LEAST_FEN = 1
MOST_FEN = 10_000_000_000
"""total_amount is 0.01 to 100000000."""

_YUAN = re.compile(r"([0-9]{1,10})(?:\.([0-9]{1,2}))?", re.ASCII)


def yuan(fen: int) -> str:
    """20000 → "200.00". Raises ValueError outside of what Alipay takes."""
    if not LEAST_FEN <= fen <= MOST_FEN:
        raise ValueError("an amount that Alipay does not take")
    return f"{fen // 100}.{fen % 100:02d}"


def fen(text: str) -> int:
    """ "200.00", "200", "200.5" → 20000, 20000, 20050. Raises ValueError for a sign, an exponent, a third decimal."""
    found = _YUAN.fullmatch(text)
    if found is None:
        raise ValueError("not an amount in yuan")
    whole, part = found.groups()
    return int(whole) * 100 + int((part or "").ljust(2, "0"))
