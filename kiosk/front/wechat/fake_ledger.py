"""The fake WeChat Pay's own books: which orders exist, what was paid, what went back.

It plays the wallet's side and shares no code with the client. All questions of time are answered when asked, from the injected clock.
Payer codes are kept as digests only, as in a real one.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import secrets
from dataclasses import dataclass, field
from typing import Any

from kiosk.front.wechat.fake_scripts import Payer, Script
from kiosk.ports.clock import SHANGHAI, Clock

GIVES_UP_AFTER = 45.0
"""Seconds until WeChat Pay ends a payment by code that the payer does not confirm."""
NO_REVERSAL_BEFORE = 15.0
_PAYER_CODE = re.compile(r"1[0-5][0-9]{16}")


class WalletRefusal(Exception):
    """The wallet's no: HTTP status, code, sentence."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        self.status, self.code, self.message = status, code, message


@dataclass(slots=True)
class FakeRefund:
    """Times are unix seconds, amounts fen."""

    refund_no: str
    refund_id: str
    fen: int
    created: float
    ends: str
    ends_at: float
    reversal: bool = False

    def state(self, now: float) -> str:
        return self.ends if now >= self.ends_at else "PROCESSING"

    def went_back(self, now: float) -> bool:
        return self.state(now) in ("SUCCESS", "PROCESSING")


@dataclass(slots=True)
class FakeOrder:
    number: str
    kind: str
    """NATIVE or MICROPAY, as `trade_type` says it."""
    asked_fen: int
    content: str
    """Digest of the order as it was asked: the same number with other content is refused."""
    subject: str = field(repr=False)
    notify_url: str
    device: str
    created: float
    expires: float
    code_url: str = ""
    state: str = "NOTPAY"
    paid_fen: int = 0
    trade_no: str = ""
    paid_at: float | None = None
    pays_in_spite: bool = False
    refused_reversals: int = 0
    refunds: dict[str, FakeRefund] = field(default_factory=dict)


class FakeLedger:
    def __init__(self, clock: Clock, public_url: str | None = None) -> None:
        self._clock = clock
        self._codes = f"{public_url.rstrip('/')}/pay/" if public_url else "weixin://wxpay/bizpayurl?pr="
        self.default = Script()
        self._scripts: dict[str, Script] = {}
        self._orders: dict[str, FakeOrder] = {}
        self._used_codes: set[str] = set()
        self._serial = 0
        self.unannounced: list[FakeOrder] = []
        """Paid native orders that nobody has been told of yet."""

    def now(self) -> float:
        return self._clock.now().timestamp()

    # --- what the merchant asks

    def native(self, fields: dict[str, Any]) -> FakeOrder:
        number = fields["out_trade_no"]
        content = _digest(fields)
        order = self.query(number)
        if order is None:
            order = self._open(fields, "NATIVE", content)
            order.code_url = self._codes + secrets.token_urlsafe(9)
        elif order.state in ("SUCCESS", "REFUND"):
            raise WalletRefusal(400, "ORDERPAID", "该订单已支付")
        elif order.state == "CLOSED":
            raise WalletRefusal(400, "ORDER_CLOSED", "该订单已关闭，请重新下单")
        elif order.kind != "NATIVE":
            raise WalletRefusal(403, "OUT_TRADE_NO_USED", "商户订单号重复")
        elif order.content != content:
            raise WalletRefusal(400, "INVALID_REQUEST", "请求重入时，参数与首次请求时不一致")
        return order

    def codepay(self, fields: dict[str, Any]) -> FakeOrder:
        """A payer code is good for one attempt; the same number again never charges again."""
        number = fields["out_trade_no"]
        code = hashlib.sha256(fields["payer"]["auth_code"].encode()).hexdigest()
        script = self.script(number)
        order = self.query(number)
        if order is not None and order.state in ("SUCCESS", "REFUND"):
            raise WalletRefusal(400, "ORDERPAID", "该订单已支付")
        if order is not None and order.state != "USERPAYING":
            raise WalletRefusal(400, "ORDER_CLOSED", "该订单已关闭，请重新下单")
        if code in self._used_codes:
            raise WalletRefusal(400, "AUTH_CODE_INVALID", "101 每个二维码仅限使用一次，请刷新再试")
        if order is not None:
            raise WalletRefusal(403, "OUT_TRADE_NO_USED", "商户订单号重复")
        if not _PAYER_CODE.fullmatch(fields["payer"]["auth_code"]):
            raise WalletRefusal(400, "AUTH_CODE_INVALID", "付款码无效，请重新扫码")
        self._used_codes.add(code)
        if script.refuse:
            raise WalletRefusal(403 if script.refuse == "NOTENOUGH" else 400, script.refuse, "付款未成功")
        order = self._open(fields, "MICROPAY", _digest({**fields, "payer": code}))
        order.state = "USERPAYING"
        if script.payer in (Payer.HUMAN, Payer.LATE):
            self._book(order, order.created)
        else:
            self._settle(order)
        return order

    def query(self, number: str) -> FakeOrder | None:
        order = self._orders.get(number)
        if order is not None:
            self._settle(order)
        return order

    def close(self, number: str) -> None:
        """Closing what nobody knows, or what is closed, is answered as done: so does WeChat Pay."""
        order = self.query(number)
        if order is None:
            return
        if order.state == "NOTPAY" and self.script(number).payer is Payer.AT_CLOSE:
            self._book(order, self.now())
        if order.state in ("SUCCESS", "REFUND"):
            raise WalletRefusal(400, "ORDERPAID", "该订单已支付")
        if order.state == "USERPAYING":
            raise WalletRefusal(202, "USERPAYING", "用户支付中，需要输入密码")
        if order.state == "NOTPAY":
            order.state = "CLOSED"
            order.pays_in_spite = self.script(number).payer is Payer.AFTER_CLOSE

    def reverse(self, number: str) -> FakeOrder:
        order = self.query(number)
        if order is None:
            raise WalletRefusal(404, "ORDERNOTEXIST", "订单不存在")
        if order.kind != "MICROPAY":
            raise WalletRefusal(400, "INVALID_REQUEST", "该订单的支付场景不支持撤销")
        if self.now() - order.created < NO_REVERSAL_BEFORE:
            raise WalletRefusal(400, "INVALID_REQUEST", "请勿在付款后立即撤销")
        script = self.script(number)
        if order.state == "USERPAYING" and script.payer is Payer.AT_CLOSE:
            self._book(order, self.now())
        if order.state == "USERPAYING" and order.refused_reversals < script.busy_reversals:
            order.refused_reversals += 1
            raise WalletRefusal(202, "USERPAYING", "用户支付中，需要输入密码")
        if order.state == "SUCCESS":
            self._give_back(order, "", order.paid_fen, "SUCCESS", 0, reversal=True)
        if order.state in ("USERPAYING", "PAYERROR", "SUCCESS"):
            order.state = "REVOKED"
        return order

    def refund(self, number: str, refund_no: str, fen: int, total: int) -> FakeRefund:
        order = self.query(number)
        if order is None or order.paid_at is None:
            raise WalletRefusal(404, "RESOURCE_NOT_EXISTS", "订单不存在")
        script = self.script(number)
        if script.refuse_refund:
            raise WalletRefusal(403, script.refuse_refund, "退款未成功")
        if refund_no in order.refunds:
            known = order.refunds[refund_no]
            if known.fen != fen:
                raise WalletRefusal(400, "INVALID_REQUEST", "订单金额或退款金额与之前请求不一致，请核实后再试")
            if known.state(self.now()) in ("ABNORMAL", "SUCCESS", "PROCESSING"):
                return known
        if self.refund_of(refund_no) is not None:
            raise WalletRefusal(400, "INVALID_REQUEST", "退款单号重复")
        if total != order.paid_fen or fen > order.paid_fen - self._back(order):
            raise WalletRefusal(400, "INVALID_REQUEST", "申请退款金额大于订单可退金额")
        made = self._give_back(order, refund_no, fen, script.refund, script.refund_seconds)
        order.state = "REFUND"
        return made

    def refund_of(self, refund_no: str) -> tuple[FakeOrder, FakeRefund] | None:
        for order in self._orders.values():
            if refund_no in order.refunds and not order.refunds[refund_no].reversal:
                return order, order.refunds[refund_no]
        return None

    # --- what a payer and a tester ask

    def pay(self, number: str | None = None) -> FakeOrder:
        """Somebody pays now: this order, or the newest that waits. Raises WalletRefusal when a wallet would not."""
        if number is None:
            waiting = [order for order in self.orders() if order.state in ("NOTPAY", "USERPAYING")]
            if not waiting:
                raise WalletRefusal(404, "ORDERNOTEXIST", "没有待付款的订单")
            number = waiting[-1].number
        order = self.query(number)
        if order is None:
            raise WalletRefusal(404, "ORDERNOTEXIST", "订单不存在")
        if order.state == "SUCCESS":
            return order
        if order.state not in ("NOTPAY", "USERPAYING") or self.script(number).payer is Payer.ABANDON:
            raise WalletRefusal(400, "ORDER_CLOSED", "该订单不能付款")
        self._book(order, self.now())
        return order

    def script(self, number: str) -> Script:
        return self._scripts.get(number, self.default)

    def set_script(self, script: Script, number: str | None = None) -> None:
        """For one order, which need not exist yet, or for all that have none of their own."""
        if number is None:
            self.default = script
        else:
            self._scripts[number] = script

    def orders(self) -> list[FakeOrder]:
        """All orders, oldest first, as they stand now."""
        for order in self._orders.values():
            self._settle(order)
        return list(self._orders.values())

    def books(self) -> dict[str, dict[str, int]]:
        """What the wallet holds per order: what was paid, what went back (or is going), in fen."""
        return {o.number: {"paid": o.paid_fen, "refunded": self._back(o)} for o in self.orders()}

    def reset(self) -> None:
        self._orders.clear()
        self._scripts.clear()
        self._used_codes.clear()
        self.unannounced.clear()
        self.default = Script()

    # --- inside

    def _open(self, fields: dict[str, Any], kind: str, content: str) -> FakeOrder:
        now = self.now()
        expires = fields.get("time_expire")
        order = FakeOrder(
            fields["out_trade_no"],
            kind,
            fields["amount"]["total"],
            content,
            fields["description"],
            fields.get("notify_url", ""),
            fields.get("scene_info", {}).get("device_id", ""),
            now,
            dt.datetime.fromisoformat(expires).timestamp() if expires else now + 7 * 86_400,
        )
        self._orders[order.number] = order
        return order

    def _settle(self, order: FakeOrder) -> None:
        """Let happen what the script says has happened by now."""
        now = self.now()
        script = self.script(order.number)
        if order.pays_in_spite and order.state == "CLOSED":
            order.pays_in_spite = False
            self._book(order, now)
        due = order.created + script.seconds
        if order.state == "USERPAYING":
            if script.payer in (Payer.AFTER, Payer.AFTER_CLOSE) and now >= due <= order.created + GIVES_UP_AFTER:
                self._book(order, due)
            elif now >= order.created + GIVES_UP_AFTER:
                order.state = "PAYERROR"
        elif order.state == "NOTPAY":
            if script.payer is Payer.AFTER and now >= due <= order.expires:
                self._book(order, due)
            elif script.payer is Payer.LATE:
                if now >= order.expires + script.seconds:
                    self._book(order, order.expires + script.seconds)
            elif now >= order.expires:
                order.state = "CLOSED"

    def _book(self, order: FakeOrder, at: float) -> None:
        self._serial += 1
        day = dt.datetime.fromtimestamp(at, SHANGHAI)
        order.state = "SUCCESS"
        order.paid_fen = max(1, order.asked_fen + self.script(order.number).amount_off)
        order.trade_no = f"4200{day:%Y%m%d}{self._serial:016d}"
        order.paid_at = at
        if order.kind == "NATIVE":
            self.unannounced.append(order)

    def _give_back(
        self, order: FakeOrder, refund_no: str, fen: int, ends: str, seconds: float, *, reversal: bool = False
    ) -> FakeRefund:
        self._serial += 1
        now = self.now()
        made = FakeRefund(
            refund_no,
            f"5030{dt.datetime.fromtimestamp(now, SHANGHAI):%Y%m%d}{self._serial:017d}",
            fen,
            now,
            ends,
            now + seconds,
            reversal,
        )
        order.refunds[refund_no or f"reversal:{order.number}"] = made
        return made

    def _back(self, order: FakeOrder) -> int:
        now = self.now()
        return sum(refund.fen for refund in order.refunds.values() if refund.went_back(now))


def _digest(fields: dict[str, Any]) -> str:
    return hashlib.sha256(repr(sorted(fields.items())).encode()).hexdigest()
