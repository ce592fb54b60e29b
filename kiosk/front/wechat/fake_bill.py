"""The fake WeChat Pay's trade bill of a day, as WeChat Pay makes it: the ALL columns, back-ticks, yuan, a summary; CRLF, UTF-8."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from kiosk.front.wechat.fake_keys import FakeKeys
from kiosk.front.wechat.fake_ledger import FakeLedger, FakeOrder, FakeRefund, WalletRefusal
from kiosk.ports.clock import SHANGHAI, Clock

HEAD = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,"
    "代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,"
    "申请退款金额,费率备注"
)
SUMMARY = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
RATE = 60
"""The fee in hundredths of a per cent."""
LINK_LIVES = 30.0
PAYER = "oFAKE0PAYER0OF0THE0FAKE0WALLE"
"""Everybody's openid."""


@dataclass(frozen=True, slots=True)
class BillFile:
    packed: bytes = field(repr=False)
    sha1: str
    rows: int


class BillDesk:
    """Bills as the merchant asks for them: from 10:00 of the day after, three months back, by a link that lives 30 s."""

    def __init__(self, ledger: FakeLedger, keys: FakeKeys, clock: Clock) -> None:
        self._ledger, self._keys, self._clock = ledger, keys, clock
        self._links: dict[str, tuple[bytes, float]] = {}

    def ask(self, bill_date: str) -> dict[str, str]:
        """Raises WalletRefusal."""
        try:
            day = dt.date.fromisoformat(bill_date)
        except ValueError:
            raise WalletRefusal(400, "PARAM_ERROR", "bill_date格式错误") from None
        now = self._clock.now()
        if now < dt.datetime.combine(day + dt.timedelta(days=1), dt.time(10), SHANGHAI):
            raise WalletRefusal(400, "STATEMENT_CREATING", "账单生成中")
        if day < now.date() - dt.timedelta(days=92):
            raise WalletRefusal(400, "INVALID_REQUEST", "仅支持三个月内的账单下载申请")
        off = self._ledger.script("").bill_off
        made = make_bill(self._ledger.orders(), day, self._keys, now.timestamp(), off)
        if made is None:
            raise WalletRefusal(400, "NO_STATEMENT_EXIST", "请求的账单文件不存在")
        token = secrets.token_urlsafe(24)
        self._links[token] = (made.packed, now.timestamp() + LINK_LIVES)
        link = f"https://api.mch.weixin.qq.com/v3/billdownload/file?token={token}&tartype=gzip"
        return {"download_url": link, "hash_type": "SHA1", "hash_value": made.sha1}

    def fetch(self, token: str) -> bytes:
        """Raises WalletRefusal."""
        packed, until = self._links.get(token, (b"", 0.0))
        if self._clock.now().timestamp() > until:
            raise WalletRefusal(400, "INVALID_REQUEST", "token已失效")
        return packed


def make_bill(orders: Sequence[FakeOrder], day: dt.date, keys: FakeKeys, now: float, off: int = 0) -> BillFile | None:
    """None for a day without movements. `off`: fen by which the totals are wrong."""
    lines: list[tuple[float, list[str]]] = []
    taken = back = fees = 0
    for order in orders:
        if order.paid_at is not None and _day(order.paid_at) == day:
            fee = _fee(order.paid_fen)
            lines.append((order.paid_at, _line(order, keys, order.paid_at, "SUCCESS", order.paid_fen, None, now)))
            taken, fees = taken + order.paid_fen, fees + fee
        for refund in order.refunds.values():
            if _day(refund.created) == day:
                state = "REVOKED" if refund.reversal else "REFUND"
                lines.append((refund.created, _line(order, keys, refund.created, state, refund.fen, refund, now)))
                back, fees = back + refund.fen, fees - _fee(refund.fen)
    if not lines:
        return None
    said = _yuan(taken + off)
    total = [str(len(lines)), said, _yuan(back), "0.00", _yuan(fees) + "000", said, _yuan(back)]
    body = [HEAD, *(_ticked(fields) for _, fields in sorted(lines, key=lambda line: line[0])), SUMMARY, _ticked(total)]
    plain = "".join(line + "\r\n" for line in body).encode("utf-8")
    digest = hashlib.sha1(plain, usedforsecurity=False).hexdigest()
    return BillFile(gzip.compress(plain, mtime=0), digest, len(lines))


def _line(
    order: FakeOrder, keys: FakeKeys, at: float, state: str, fen: int, refund: FakeRefund | None, now: float
) -> list[str]:
    paid = refund is None
    going_back = "0.00" if paid else _yuan(fen)
    return [
        f"{dt.datetime.fromtimestamp(at, SHANGHAI):%Y-%m-%d %H:%M:%S}",
        keys.appid,
        keys.mchid,
        "0",
        order.device,
        order.trade_no,
        order.number,
        PAYER,
        order.kind,
        state,
        "OTHERS",
        "CNY",
        _yuan(fen) if paid else "0.00",
        "0.00",
        refund.refund_id if refund else "0",
        refund.refund_no if refund else "0",
        going_back,
        "0.00",
        "ORIGINAL" if refund else "",
        refund.state(now) if refund else "",
        order.subject,
        "",
        ("" if paid else "-") + _yuan(_fee(fen)) + "000",
        f"{RATE / 100:.2f}%",
        _yuan(fen) if paid else "0.00",
        going_back,
        "",
    ]


def _ticked(fields: list[str]) -> str:
    return ",".join("`" + value for value in fields)


def _fee(fen: int) -> int:
    return (fen * RATE + 5_000) // 10_000


def _yuan(fen: int) -> str:
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def _day(at: float) -> dt.date:
    return dt.datetime.fromtimestamp(at, SHANGHAI).date()
