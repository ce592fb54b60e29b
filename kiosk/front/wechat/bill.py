"""WeChat Pay's trade bill (交易账单, type ALL): lines of fields, each with a back-tick before it, amounts in yuan, then a summary.

A product's name may hold commas and is not quoted, so fields are parted at comma and back-tick together. Columns are found by their
headings: older contracts have other ones. A payment that was reversed later has two rows, SUCCESS and REVOKED.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import zlib
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from config.zone import SHANGHAI
from kiosk.ports.bills import BillKind, BillRow

UNPACKED_LIMIT = 256 * 1024 * 1024
"""Bytes. About 600,000 rows."""
_SUMMARY = "总交易单数"
_YUAN = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,8})?")
_NEVER_HAPPENED = frozenset({"FAIL", "FAILED"})


def unpack(packed: bytes, sha1: str) -> bytes:
    """The bill file in what was downloaded, once its digest is right. Plain text is taken too. Raises ValueError."""
    plain = packed
    if packed.startswith(b"\x1f\x8b"):
        unpacking = zlib.decompressobj(wbits=31)
        try:
            plain = unpacking.decompress(packed, UNPACKED_LIMIT)
        except zlib.error:
            raise ValueError("the bill is not a gzip file") from None
        if not unpacking.eof:
            raise ValueError("the bill is cut off, or too large")
    if hashlib.sha1(plain, usedforsecurity=False).hexdigest() != sha1.lower():
        raise ValueError("the bill is not the one its digest was made of")
    return plain


def rows(file: bytes, wallet: str) -> list[BillRow]:
    """Raises ValueError that names the line at fault, never its content."""
    try:
        text = file.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("the bill is not in UTF-8") from None
    # Not splitlines: a product's name may hold what Unicode takes for the end of a line.
    lines = text.replace("\r\n", "\n").split("\n")
    columns = {name.strip().lstrip("`"): place for place, name in enumerate(lines[0].split(","))}
    if "商户订单号" not in columns or "交易状态" not in columns:
        raise ValueError("the bill has other columns than a trade bill")
    found: list[BillRow] = []
    for number, line in enumerate(lines[1:], 2):
        if line.lstrip("`").startswith(_SUMMARY):
            break
        if not line.strip():
            continue
        fields = line.strip().removeprefix("`").split(",`")
        if len(fields) != len(columns):
            raise ValueError(f"line {number} of the bill has another number of fields than its head")
        try:
            row = _row({name: fields[place].strip() for name, place in columns.items()}, wallet)
        except (ValueError, KeyError) as error:
            what = f"no column {error}" if isinstance(error, KeyError) else str(error)
            raise ValueError(f"line {number} of the bill: {what}") from None
        if row is not None:
            found.append(row)
    else:
        raise ValueError("the bill ends before its summary")
    return found


def _row(line: dict[str, str], wallet: str) -> BillRow | None:
    state = line["交易状态"]
    at = _shanghai(line["交易时间"])
    fee = abs(_fen(line.get("手续费", "0")))
    order_no, trade_no = line["商户订单号"], line["微信订单号"]
    if not order_no or not trade_no:
        raise ValueError("an order without a number")
    if state == "SUCCESS":
        fen = _first(line, "订单金额", "应结订单金额", "总金额")
        return BillRow(BillKind.PAID, order_no, trade_no, fen, at, wallet, fee_fen=fee)
    if state not in ("REFUND", "REVOKED"):
        raise ValueError("a state that nobody knows")
    if line.get("退款状态", "") in _NEVER_HAPPENED:
        return None
    refund_no = line.get("商户退款单号", "")
    fen = _first(line, "申请退款金额", "退款金额", "订单金额")
    return BillRow(
        BillKind.REFUND, order_no, trade_no, fen, at, wallet, "" if refund_no == "0" else refund_no, fee_fen=fee
    )


def _first(line: dict[str, str], *names: str) -> int:
    """The first amount that is there and is not nothing, in fen."""
    for name in names:
        fen = abs(_fen(line.get(name) or "0"))
        if fen:
            return fen
    raise ValueError("a movement without an amount")


def _fen(yuan: str) -> int:
    """Integer fen of an amount in yuan; fees have five decimals and are rounded half up."""
    if not _YUAN.fullmatch(yuan):
        raise ValueError("an amount that is not in yuan")
    try:
        return int((Decimal(yuan) * 100).quantize(Decimal(1), ROUND_HALF_UP))
    except InvalidOperation:
        raise ValueError("an amount that is not in yuan") from None


def _shanghai(text: str) -> dt.datetime:
    try:
        return dt.datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=SHANGHAI)
    except ValueError:
        raise ValueError("a time that is not written as usual") from None
