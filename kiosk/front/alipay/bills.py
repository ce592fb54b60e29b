"""The day's bill (bill_type `trade`): a zip of two CSV files in GBK, of which the one with the single movements counts.

    #支付宝业务明细查询
    #账号：[20880000000000000156]
    #起始日期：[2026年11月20日 00:00:00]   终止日期：[2026年11月21日 00:00:00]
    #-----------------------------------------业务明细列表----------------------------------------
    支付宝交易号,商户订单号,业务类型,…,完成时间,…,商家实收（元）,…,退款批次号/请求号,服务费（元）,…
    2026112022001…<tab>,NB01A…<tab>,交易<tab>,…,200.00,…
    #-----------------------------------------业务明细列表结束------------------------------------
    #交易合计：1笔，商家实收共200.00元，商家优惠共0.00元

Columns are found by their names, which Alipay has added to more than once. A refund is a row of its own with negative amounts. A row
that cannot be read spoils the whole bill: half a bill would look like money that is missing.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator, Mapping

from kiosk.front.alipay import amounts
from kiosk.front.alipay.answers import AnswerError, time
from kiosk.ports.bills import BillKind, BillRow

UNPACKED_LIMIT = 256 * 1024 * 1024
_TITLE = "#支付宝业务明细查询"
_FROM = re.compile(r"起始日期[：:]\s*\[(\d{4})年(\d{2})月(\d{2})日")
_COUNTS = re.compile(r"^#(交易|退款)合计[：:]\s*(\d+)\s*笔")
_KINDS = {"退款": BillKind.REFUND, "撤销": BillKind.REFUND, "冲正": BillKind.REFUND, "交易": BillKind.PAID}
"""By a word that its name holds; the first that fits (交易退款 is a refund)."""
_TRADE_NO, _ORDER_NO, _KIND, _AT, _AMOUNT = "支付宝交易号", "商户订单号", "业务类型", "完成时间", "订单金额（元）"
_REFUND_NO, _FEE = "退款批次号/请求号", "服务费（元）"


def read_bill(zipped: bytes, day: dt.date, wallet: str) -> tuple[BillRow, ...]:
    """All movements of the day. Raises AnswerError for a file that is not that day's whole bill."""
    try:
        with zipfile.ZipFile(io.BytesIO(zipped)) as archive:
            if sum(item.file_size for item in archive.infolist()) > UNPACKED_LIMIT:
                raise AnswerError("the bill is larger than any bill")
            texts = [archive.read(item).decode("gb18030") for item in archive.infolist() if not item.is_dir()]
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, UnicodeDecodeError, OSError):
        raise AnswerError("the bill is not a zip of GBK text") from None
    details = [text for text in texts if text.lstrip("\ufeff").startswith(_TITLE)]
    if not details:
        raise AnswerError("the bill holds no list of movements")
    return tuple(row for text in details for row in _rows(text, day, wallet))


def _rows(text: str, day: dt.date, wallet: str) -> Iterator[BillRow]:
    lines = text.splitlines()
    _check_day(lines, day)
    body = [line for line in lines if line.strip() and not line.startswith("#")]
    if not body:
        return
    columns = {name.strip().replace("(", "（").replace(")", "）"): at for at, name in enumerate(_cells(body[0]))}
    missing = {_TRADE_NO, _ORDER_NO, _KIND, _AT, _AMOUNT, _REFUND_NO} - columns.keys()
    if missing:
        raise AnswerError("the bill lacks a column")
    found = dict.fromkeys(BillKind, 0)
    for line in body[1:]:
        row = _row(_cells(line), columns, wallet)
        found[row.kind] += 1
        yield row
    for line in lines:
        if told := _COUNTS.match(line):
            kind, count = _KINDS[told.group(1)], int(told.group(2))
            if found[kind] != count:
                raise AnswerError("the bill's own count differs from its rows")


def _check_day(lines: list[str], day: dt.date) -> None:
    for line in lines[:4]:
        if told := _FROM.search(line):
            if tuple(int(part) for part in told.groups()) != (day.year, day.month, day.day):
                raise AnswerError("the bill of another day")
            return
    raise AnswerError("a bill that does not say of which day it is")


def _row(cells: list[str], columns: Mapping[str, int], wallet: str) -> BillRow:
    def cell(name: str) -> str:
        at = columns.get(name)
        return cells[at] if at is not None and at < len(cells) else ""

    kind = next((kind for word, kind in _KINDS.items() if word in cell(_KIND)), None)
    if kind is None:
        raise AnswerError("a movement of an unknown kind")
    try:
        amount = amounts.signed_fen(cell(_AMOUNT))
        fee = amounts.signed_fen(cell(_FEE) or "0")
    except ValueError:
        raise AnswerError("a movement without amount") from None
    if not cell(_ORDER_NO) or (amount < 0) is not (kind is BillKind.REFUND):
        raise AnswerError("a movement whose sign or order number is wrong")
    return BillRow(
        kind,
        cell(_ORDER_NO),
        cell(_TRADE_NO),
        abs(amount),
        time(cell(_AT)),
        wallet,
        cell(_REFUND_NO) if kind is BillKind.REFUND else "",
        abs(fee),
    )


def _cells(line: str) -> list[str]:
    """Long numbers end in a tab, so that spreadsheets leave them alone."""
    return [cell.strip() for cell in next(csv.reader([line]))]
