"""Bill files as staff download them from a wallet's merchant pages: which wallet's it is, tells what stands in it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from kiosk.domain import bills_alipay, bills_wechat
from kiosk.domain.bill import BillFile, BillFormatError, BillRow
from kiosk.domain.ids import OrderNumberError, verify_order_no


def read_bill(data: bytes) -> BillFile:
    """Alipay's (zip or CSV) or WeChat Pay's (gzip or CSV). Raises BillFormatError."""
    if data.startswith(b"PK"):
        return bills_alipay.read(data)
    if data.startswith(b"\x1f\x8b") or "微信订单号".encode() in data[:4096]:
        return bills_wechat.read(data)
    if "支付宝交易号".encode() in data[:4096] or "支付宝交易号".encode("gb18030") in data[:4096]:
        return bills_alipay.read(data)
    raise BillFormatError("neither a bill of Alipay nor one of WeChat Pay")


def rows_of_kiosk(rows: Iterable[BillRow], kiosk_id: str) -> list[BillRow]:
    """The rows of this machine's orders: a file has those of all the merchant's machines. Rows whose number only looks like one of this
    machine's (a damaged one) are kept: better a question too many than money nobody asks about."""
    kiosk = re.sub(r"[-_]", "", kiosk_id).upper()
    return [row for row in rows if _kiosk_of(row.order_no, kiosk) == kiosk]


def _kiosk_of(number: str, kiosk: str) -> str:
    order, _, attempt = number.rpartition("P")
    try:
        return verify_order_no(order if attempt.isdigit() else number).kiosk_id
    except OrderNumberError:
        # The day stands behind the kiosk's name, so that NB1 does not take what is NB12's.
        return kiosk if re.match(rf"{re.escape(kiosk)}20[0-9]{{2}}[01][0-9][0-3][0-9]", number) else ""
