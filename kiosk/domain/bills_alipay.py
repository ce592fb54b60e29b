"""Alipay's trade bill (业务明细, `bill_type` trade): a zip of CSV files in GBK, one with the rows and one with sums a shop.

Columns are found by their names, whatever their order and whether 元 stands after them. Lines that begin with # are Alipay's own: the
list's beginning and end, and the totals, which must fit the rows. Refunds stand in rows of their own (业务类型 退款, 撤销), as negative
amounts, under the payment's 商户订单号, with the refund's number in 退款批次号/请求号. Names and accounts of payers are not read.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
import zlib
from collections.abc import Sequence

from kiosk.domain.bill import BillFile, BillFormatError, BillKind, BillRow, fee_of, fen_of, stamp_of

WALLET = "alipay"
SIZE_LIMIT = 128 * 1024 * 1024
"""Bytes, unpacked: above a million rows, and far below what a packed bomb unfolds to."""
_TRADE, _ORDER, _TYPE, _DONE = "支付宝交易号", "商户订单号", "业务类型", "完成时间"
_AMOUNT, _RECEIVED, _REFUND_NO, _FEE = "订单金额", "商家实收", "退款批次号/请求号", "服务费"
_NEEDED = (_TRADE, _ORDER, _TYPE, _DONE, _AMOUNT, _RECEIVED)
_KINDS = {"退款": BillKind.REFUND, "撤销": BillKind.REFUND, "冲正": BillKind.REFUND, "交易": BillKind.PAID}
"""By a word in its name; the first that fits (交易退款 is a refund)."""
_TOTALS = {
    BillKind.PAID: re.compile(r"交易合计[:：]\s*([0-9]+)\s*笔(?:.*?商家实收共\s*(-?[0-9.]+)\s*元)?"),
    BillKind.REFUND: re.compile(r"退款合计[:：]\s*([0-9]+)\s*笔(?:.*?商家实收退款共\s*(-?[0-9.]+)\s*元)?"),
}
_UNIT = re.compile(r"[(（][+-]?元[)）]")
_FROM = re.compile(r"起始日期[:：]\s*\[\s*(\d{4})年(\d{1,2})月(\d{1,2})日")


def read(data: bytes, day: dt.date | None = None) -> BillFile:
    """The bill in a zip as it is downloaded, or in its unpacked CSV; every list of trades in it. `day`: it must say that it is of this
    day. Raises BillFormatError."""
    lists = [text for text in _texts(data) if _TRADE in text and _TYPE in text]
    if not lists:
        raise BillFormatError("no list of trades (业务明细) in it")
    try:
        return BillFile(WALLET, tuple(row for text in lists for row in _read(text, day)))
    except csv.Error:
        raise BillFormatError("no CSV") from None


def _texts(data: bytes) -> list[str]:
    if not data.startswith(b"PK"):
        return [_decoded(data)]
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            # The names inside are in GBK without saying so: what a file holds tells what it is.
            members = [member for member in archive.infolist() if not member.is_dir()]
            if sum(member.file_size for member in members) > SIZE_LIMIT:
                raise BillFormatError("too large")
            return [_decoded(archive.read(member)) for member in members]
    except BillFormatError:
        raise
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        raise BillFormatError("a damaged zip") from None


def _decoded(data: bytes) -> str:
    """GBK as downloaded, or UTF-8 as some spreadsheet saved it."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BillFormatError("neither GBK nor UTF-8")


def _read(text: str, day: dt.date | None) -> list[BillRow]:
    columns: dict[str, int] = {}
    rows: list[BillRow] = []
    received = {BillKind.PAID: 0, BillKind.REFUND: 0}
    notes: list[str] = []
    for cells in csv.reader(io.StringIO(text, newline="")):
        cells = [cell.strip() for cell in cells]
        if not any(cells):
            continue
        if cells[0].startswith("#"):
            notes.append(",".join(cells))
        elif not columns:
            columns = _columns(cells)
        else:
            row, money = _row(columns, cells)
            rows.append(row)
            received[row.kind] += money
    if not columns:
        raise BillFormatError("no column names in it")
    if day is not None:
        _check_day(notes, day)
    _check_totals(notes, rows, received)
    return rows


def _columns(names: Sequence[str]) -> dict[str, int]:
    columns = {_UNIT.sub("", name).strip(): place for place, name in enumerate(names)}
    if missing := [name for name in _NEEDED if name not in columns]:
        raise BillFormatError(f"columns are missing: {'、'.join(missing)}")
    return columns


def _row(columns: dict[str, int], cells: Sequence[str]) -> tuple[BillRow, int]:
    if len(cells) < max(columns.values()) + 1 or any(cells[max(columns.values()) + 1 :]):
        raise BillFormatError("a row has another number of columns than the first line")

    def cell(name: str) -> str:
        return cells[columns[name]] if name in columns else ""

    kind = next((kind for word, kind in _KINDS.items() if word in cell(_TYPE)), None)
    if kind is None:
        raise BillFormatError("a row is neither 交易 nor 退款")
    fen, received = fen_of(cell(_AMOUNT)), fen_of(cell(_RECEIVED))
    if kind is BillKind.PAID and (fen < 0 or received < 0):
        raise BillFormatError("a payment has a negative amount")
    if kind is BillKind.REFUND and (fen > 0 or received > 0):
        raise BillFormatError("a refund has an amount above zero")
    if not cell(_ORDER) or not cell(_TRADE):
        raise BillFormatError("a row has no number")
    row = BillRow(
        kind=kind,
        order_no=cell(_ORDER),
        trade_no=cell(_TRADE),
        fen=abs(fen),
        at=stamp_of(cell(_DONE)),
        wallet=WALLET,
        refund_no=cell(_REFUND_NO) if kind is BillKind.REFUND else "",
        fee_fen=abs(fee_of(cell(_FEE))),
    )
    return row, abs(received)


def _check_day(notes: Sequence[str], day: dt.date) -> None:
    said = next((found for note in notes if (found := _FROM.search(note))), None)
    if said is None:
        raise BillFormatError("it does not say of which day it is")
    if tuple(map(int, said.groups())) != (day.year, day.month, day.day):
        raise BillFormatError("it is the bill of another day")


def _check_totals(notes: Sequence[str], rows: Sequence[BillRow], received: dict[BillKind, int]) -> None:
    """The last lines count and add up the rows; without them the file was cut off."""
    for kind, pattern in _TOTALS.items():
        said = next((found for note in notes if (found := pattern.search(note))), None)
        if said is None:
            raise BillFormatError("its totals are missing: it was cut off")
        if int(said[1]) != sum(row.kind is kind for row in rows):
            raise BillFormatError("the number of rows is not the one in its totals")
        if said[2] is not None and abs(fen_of(said[2])) != received[kind]:
            raise BillFormatError("the amounts do not add up to its totals")
