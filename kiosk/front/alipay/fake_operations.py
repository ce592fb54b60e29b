"""What each method of the fake gateway does, and the members of its honest answer."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from kiosk.front.alipay.fake_ledger import Entry, FakeLedger, No, shanghai
from kiosk.front.alipay.fake_requests import Asked, GateNo, amount, moment, text
from kiosk.front.alipay.fake_scripts import Operation

BILL_READY_HOUR = 10
LINK_SECONDS = 30.0
Members = dict[str, Any]


class Operations:
    """Each raises No (the matter's own no) or GateNo (a request that makes no sense)."""

    def __init__(self, ledger: FakeLedger) -> None:
        self.ledger = ledger
        self.links: dict[str, tuple[float, dt.date]] = {}
        """The addresses of bills: until when, of which day."""
        self._doing: Mapping[Operation, Callable[[Asked], Members]] = {
            Operation.SHOW: self._show,
            Operation.CHARGE: self._charge,
            Operation.QUERY: self._query,
            Operation.UNDO: self._cancel,
            Operation.CLOSE: self._close,
            Operation.REFUND: self._refund,
            Operation.REFUND_QUERY: self._refund_query,
            Operation.BILL: self._bill,
        }

    def carry_out(self, operation: Operation, asked: Asked) -> Members:
        return {"code": "10000", "msg": "Success", **self._doing[operation](asked)}

    def _order(self, asked: Asked) -> Entry:
        content = asked.content
        digest = json.dumps([asked.method, content], ensure_ascii=False, sort_keys=True)
        expires = moment(text(content, "time_expire")) if "time_expire" in content else self.ledger.now() + 7200
        return Entry(
            text(content, "out_trade_no"),
            hashlib.sha256(digest.encode()).hexdigest(),
            amount(content, "total_amount"),
            text(content, "subject"),
            expires,
            self.ledger.now(),
            str(content.get("terminal_id", "")),
            asked.notify_url,
        )

    def _show(self, asked: Asked) -> Members:
        entry = self.ledger.show(self._order(asked))
        return {"out_trade_no": entry.number, "qr_code": entry.payload}

    def _charge(self, asked: Asked) -> Members:
        if asked.content.get("scene") != "bar_code":
            raise GateNo("40004", "ACQ.INVALID_PARAMETER", "参数无效：scene")
        entry = self.ledger.charge(self._order(asked), text(asked.content, "auth_code"))
        if entry.paid_at is None:
            told = {"out_trade_no": entry.number, "trade_no": entry.trade_no, "buyer_logon_id": "138****0000"}
            return {"code": "10003", "msg": " order success pay inprocess", **told}
        return {**_trade(entry), "gmt_payment": f"{shanghai(entry.paid_at):%Y-%m-%d %H:%M:%S}"}

    def _query(self, asked: Asked) -> Members:
        entry = self.ledger.query(text(asked.content, "out_trade_no"))
        members = {**_trade(entry), "trade_status": entry.status}
        if entry.paid_at is not None:
            members["send_pay_date"] = f"{shanghai(entry.paid_at):%Y-%m-%d %H:%M:%S}"
        return members

    def _cancel(self, asked: Asked) -> Members:
        number = text(asked.content, "out_trade_no")
        entry, action = self.ledger.cancel(number)
        known = {} if entry is None else {"trade_no": entry.trade_no}
        return {"out_trade_no": number, **known, "retry_flag": "N", **({"action": action} if action else {})}

    def _close(self, asked: Asked) -> Members:
        entry = self.ledger.close(text(asked.content, "out_trade_no"))
        return {"out_trade_no": entry.number, "trade_no": entry.trade_no}

    def _refund(self, asked: Asked) -> Members:
        number = text(asked.content, "out_trade_no")
        refund_no = asked.content.get("out_request_no") or number
        entry, moved = self.ledger.refund(number, str(refund_no), amount(asked.content, "refund_amount"))
        back = _yuan(entry.refunded_fen)
        told = {"out_trade_no": number, "trade_no": entry.trade_no, "buyer_logon_id": "138****0000"}
        return {**told, "fund_change": "Y" if moved else "N", "refund_fee": back, "send_back_fee": back}

    def _refund_query(self, asked: Asked) -> Members:
        number, refund_no = text(asked.content, "out_trade_no"), text(asked.content, "out_request_no")
        entry, returned = self.ledger.returned(number, refund_no)
        told = {"out_trade_no": number, "trade_no": entry.trade_no}
        if returned is None:
            return told
        amounts = {"total_amount": _yuan(entry.paid_fen), "refund_amount": _yuan(returned.fen)}
        return {**told, "out_request_no": refund_no, **amounts, "refund_status": "REFUND_SUCCESS"}

    def _bill(self, asked: Asked) -> Members:
        try:
            day = dt.date.fromisoformat(text(asked.content, "bill_date"))
        except ValueError:
            raise GateNo("40004", "invalid_arguments", "账单日期格式错误") from None
        if text(asked.content, "bill_type") != "trade":
            raise GateNo("40004", "invalid_arguments", "不支持的账单类型")
        now = shanghai(self.ledger.now())
        ready = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(BILL_READY_HOUR), now.tzinfo)
        if now < ready or not any(True for _ in self.ledger.movements(day)):
            raise No("isp.bill_not_exist")
        token = secrets.token_urlsafe(16)
        self.links[token] = (self.ledger.now() + LINK_SECONDS, day)
        return {"bill_download_url": f"{asked.base}/downloadBillFile.resource?bizType=trade&fileId={token}"}


def _trade(entry: Entry) -> Members:
    """As query tells it: amounts of a payment are zero while there is none."""
    paid = _yuan(entry.paid_fen)
    return {
        "out_trade_no": entry.number,
        "trade_no": entry.trade_no,
        "buyer_logon_id": "138****0000",
        "total_amount": _yuan(entry.paid_fen or entry.asked_fen),
        "buyer_pay_amount": paid,
        "receipt_amount": paid,
        "invoice_amount": paid,
        "point_amount": "0.00",
    }


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"
