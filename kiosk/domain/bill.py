"""What a wallet's bill (对账单) says, row by row, and how its amounts and times are read. The files themselves: `bill_files`.

Amounts are read strictly: a figure that is nearly one stops the whole file, as money is not guessed.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from config.zone import SHANGHAI

_YUAN = re.compile(r"-?[0-9]{1,10}(?:\.[0-9]{1,8})?")
_STAMP = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})\s+(\d{1,2}):(\d{2}):(\d{2})")


class BillKind(StrEnum):
    PAID = "paid"
    REFUND = "refund"
    """Money that went back, in a row of its own; also a reversal of a payment that had been made."""


@dataclass(frozen=True, slots=True)
class BillRow:
    """One movement of money as the wallet (or acquirer) books it. Amounts are integer fen and never negative."""

    kind: BillKind
    order_no: str
    """The merchant's number of the payment (out_trade_no)."""
    trade_no: str
    """The wallet's own."""
    fen: int
    at: dt.datetime
    """Aware, Asia/Shanghai."""
    wallet: str
    refund_no: str = ""
    """The merchant's number of the refund; empty for payments, and where a wallet reversed without one."""
    fee_fen: int = 0
    """What the wallet keeps for a payment; of a refund, what it gives back of that."""


@dataclass(frozen=True, slots=True)
class PostedRow:
    """One fine as the police side has it on its books."""

    decision_no: str
    fen: int
    trade_no: str
    """The wallet's number it was posted with."""
    at: dt.datetime


class BillFormatError(ValueError):
    """Not a bill, cut off, damaged, or its totals do not fit its rows. The sentence holds no value taken from a row."""


@dataclass(frozen=True, slots=True)
class BillFile:
    """A whole bill, its totals checked."""

    wallet: str
    rows: tuple[BillRow, ...]
    skipped: int = 0
    """Rows that move no money: a refund that failed."""


def fen_of(text: str) -> int:
    """Fen of an amount in yuan (12, 12.5, -12.50, 0.00000). Raises BillFormatError for anything else, and for parts of a fen."""
    if not _YUAN.fullmatch(text):
        raise BillFormatError("an amount is no amount in yuan")
    fen = Decimal(text) * 100
    if fen != int(fen):
        raise BillFormatError("an amount has parts of a fen")
    return int(fen)


def fee_of(text: str) -> int:
    """Fen of a fee, which wallets book in smaller parts: rounded half up. Empty is none."""
    if not text:
        return 0
    if not _YUAN.fullmatch(text):
        raise BillFormatError("a fee is no amount in yuan")
    return int((Decimal(text) * 100).quantize(Decimal(1), ROUND_HALF_UP))


def stamp_of(text: str) -> dt.datetime:
    """A bill's time, which is always Beijing's. WeChat's own sample writes full-width colons."""
    found = _STAMP.fullmatch(text.replace("：", ":"))
    if found is None:
        raise BillFormatError("a time is no time")
    try:
        return dt.datetime(*(int(part) for part in found.groups()), tzinfo=SHANGHAI)  # type: ignore[arg-type, misc]
    except ValueError:
        raise BillFormatError("a time does not exist") from None
