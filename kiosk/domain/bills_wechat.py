"""WeChat Pay's trade bill (`/v3/bill/tradebill`, `bill_type` ALL or SUCCESS): CSV in UTF-8, plain or in gzip, each value behind a
back-tick.

Columns are found by their names: their order is not fixed, and names changed in November 2018 (总金额 became 应结订单金额). The last two
lines are names and values of the totals, which must fit the rows. 交易状态 SUCCESS is a payment; REFUND, and REVOKED for a payment that
was made and then reversed (撤销), is money that went back, in a row of its own under the payment's 商户订单号. Orders that were never
paid do not occur. Who paid is not read.
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Mapping, Sequence

from kiosk.domain.bill import BillFile, BillFormatError, BillKind, BillRow, fee_of, fen_of, stamp_of

WALLET = "wechat"
SIZE_LIMIT = 128 * 1024 * 1024
_AT, _TRADE, _ORDER, _STATE = "交易时间", "微信订单号", "商户订单号", "交易状态"
_PAID_FEN = ("订单金额", "应结订单金额", "总金额")
"""What the payer owed; what the merchant is credited (less coupons) only where the file has nothing better."""
_BACK_FEN = ("申请退款金额", "退款金额")
_REFUND_NO, _REFUND_STATE, _FEE = "商户退款单号", "退款状态", "手续费"
_COUNT = "总交易单数"
_TOTALS = {
    "应结订单总金额": "应结订单金额",
    "总交易额": "总金额",
    "退款总金额": "退款金额",
    "总退款金额": "退款金额",
    "订单总金额": "订单金额",
    "申请退款总金额": "申请退款金额",
}
_GONE = frozenset({"SUCCESS", "PROCESSING", ""})
"""States of a refund whose money has left the merchant: WeChat takes it when it accepts the refund."""
_DONE = frozenset({"SUCCESS", ""})

Row = Mapping[str, str]


def read(data: bytes) -> BillFile:
    """The bill as it is downloaded. Raises BillFormatError."""
    # Not splitlines: a name of goods may hold what Unicode takes for the end of a line.
    lines = [line for line in (line.strip() for line in _text(data).split("\n")) if line]
    names = _cells(lines[0]) if lines else []
    if missing := [name for name in (_AT, _TRADE, _ORDER, _STATE) if name not in names]:
        raise BillFormatError(f"columns are missing: {'、'.join(missing)}")
    end = next((n for n, line in enumerate(lines) if _COUNT in _cells(line)), None)
    if end is None or end + 1 >= len(lines):
        raise BillFormatError("its totals are missing: it was cut off")
    table = [_named(names, line) for line in lines[1:end]]
    _check_totals(_named(_cells(lines[end]), lines[end + 1]), table)
    rows = [row for row in map(_row, table) if row is not None]
    return BillFile(WALLET, tuple(rows), len(table) - len(rows))


def unpacked(data: bytes) -> bytes:
    """The CSV's bytes, of which WeChat Pay tells a digest; plain ones as they are. Raises BillFormatError."""
    if data.startswith(b"\x1f\x8b"):
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
                data = packed.read(SIZE_LIMIT + 1)
        except (OSError, EOFError, zlib.error):
            raise BillFormatError("a damaged gzip") from None
    if len(data) > SIZE_LIMIT:
        raise BillFormatError("too large")
    return data


def _text(data: bytes) -> str:
    try:
        return unpacked(data).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BillFormatError("not in UTF-8") from None


def _cells(line: str) -> list[str]:
    """Values begin with a back-tick, so that a comma inside a name of goods parts nothing."""
    parts = line[1:].split(",`") if line.startswith("`") else line.split(",")
    return [part.strip().strip("`").strip() for part in parts]


def _named(names: Sequence[str], line: str) -> Row:
    cells = _cells(line)
    if len(cells) != len(names):
        raise BillFormatError("a row has another number of columns than the first line")
    return dict(zip(names, cells, strict=True))


def _row(row: Row) -> BillRow | None:
    """None for a refund that gave nothing back."""
    state = row[_STATE]
    if state not in ("SUCCESS", "REFUND", "REVOKED"):
        raise BillFormatError("a row is neither SUCCESS nor REFUND nor REVOKED")
    if not row[_ORDER] or not row[_TRADE]:
        raise BillFormatError("a row has no number")
    kind, refund_no = BillKind.PAID, ""
    if state != "SUCCESS":
        if row.get(_REFUND_STATE, "") not in _GONE:
            return None
        kind, refund_no = BillKind.REFUND, _no_zero(row.get(_REFUND_NO, ""))
    fen = _first(row, _PAID_FEN) if kind is BillKind.PAID else _first(row, _BACK_FEN)
    if state == "REVOKED" and not fen:
        fen = _first(row, _PAID_FEN)  # a reversal gives back the whole
    if fen < 0:
        raise BillFormatError("an amount is negative")
    return BillRow(
        kind, row[_ORDER], row[_TRADE], fen, stamp_of(row[_AT]), WALLET, refund_no, abs(fee_of(row.get(_FEE, "")))
    )


def _first(row: Row, names: Sequence[str]) -> int:
    for name in names:
        if row.get(name):
            return fen_of(row[name])
    raise BillFormatError(f"columns are missing: {names[0]}")


def _no_zero(number: str) -> str:
    """A payment's row has 0 for what only refunds have."""
    return "" if number == "0" else number


def _check_totals(totals: Row, table: Sequence[Row]) -> None:
    try:
        count = float(totals[_COUNT])
    except ValueError:
        raise BillFormatError("its totals are damaged") from None
    if count != len(table):
        raise BillFormatError("the number of rows is not the one in its totals")
    if not _TOTALS.keys() & totals.keys():
        raise BillFormatError("its totals are damaged")
    for total, column in _TOTALS.items():
        if total not in totals or (table and column not in table[0]):
            continue
        # What a refund that failed, or is on its way, was to give back is added up in some bills and left out in others.
        sums = {_sum(table, column, states) for states in (None, _GONE, _DONE)}
        if fen_of(totals[total]) not in sums:
            raise BillFormatError("the amounts do not add up to its totals")


def _sum(table: Sequence[Row], column: str, states: frozenset[str] | None) -> int:
    """Of the payments, and of the refunds in these states; None: of all."""
    return sum(
        fen_of(row[column] or "0")
        for row in table
        if states is None or row[_STATE] == "SUCCESS" or row.get(_REFUND_STATE, "") in states
    )
