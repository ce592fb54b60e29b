"""The fake acquirer's own books: which orders exist, what was paid, what went back. Tests compare them with the front's ledger.

Shares no code with the front's side. Whether somebody has paid is decided when somebody asks, from the injected clock.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kiosk.front.acquirer.scripts import Payer, Script, read_script
from kiosk.gateways.sim_books import BooksOnFile
from kiosk.ports.clock import SHANGHAI, Clock


class No(Exception):
    """The acquirer's refusal."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        self.status, self.code, self.message = status, code, message


@dataclass(slots=True)
class Entry:
    """One order. Times are unix seconds, amounts fen. `charged` orders came with a payer code, which is not kept."""

    order_no: str
    asked_fen: int
    subject: str
    expires: float
    terminal_id: str
    notify_url: str
    payload: str
    created: float
    charged: bool = False
    state: str = "waiting"
    paid_fen: int = 0
    trade_no: str = ""
    paid_at: float = 0.0
    refunded_fen: int = 0
    pays_in_spite: bool = False
    charges: int = 0
    """How often money was taken: more than once is what must never happen."""


@dataclass(slots=True)
class Back:
    refund_no: str
    order_no: str
    fen: int
    asked: float
    state: str = "processing"
    at: float = 0.0


class Books(BooksOnFile):
    def __init__(self, clock: Clock, file: Path | None = None) -> None:
        self._clock = clock
        self.orders: dict[str, Entry] = {}
        self.refunds: dict[str, Back] = {}
        self.default = Script()
        self.scripts: dict[str, Script] = {}
        super().__init__(file)

    def tables(self) -> Mapping[str, dict[str, Any]]:
        return {"orders": self.orders, "refunds": self.refunds}

    def take_over(self, saved: Mapping[str, Any]) -> None:
        self.orders = {entry["order_no"]: Entry(**entry) for entry in saved["orders"]}
        self.refunds = {back["refund_no"]: Back(**back) for back in saved["refunds"]}

    def now(self) -> float:
        return self._clock.now().timestamp()

    def script(self, order_no: str) -> Script:
        return self.scripts.get(order_no, self.default)

    def set_script(self, fields: Mapping[str, Any], order_no: str | None = None) -> Script:
        """For one order, which need not exist yet, or for all without one of their own. Raises ValueError."""
        script = read_script(fields)
        if order_no is None:
            self.default = script
        else:
            self.scripts[order_no] = script
        return script

    # --- what the front asks

    def show(self, asked: Mapping[str, Any]) -> Entry:
        return self._opened(asked, charged=False)

    def charge(self, asked: Mapping[str, Any]) -> Entry:
        known = asked["order_no"] in self.orders
        entry = self._opened(asked, charged=True)
        script = self.script(entry.order_no)
        if known:
            return entry
        if script.refuses:
            entry.state = "waiting" if script.keeps_open else "closed"
            self.save()
            raise No(409, script.refuses, "付款未成功")
        if entry.state == "waiting":
            if script.payer is Payer.HUMAN:
                self._book(entry, self.now())
            else:
                entry.state = "paying"
        self.save()
        return entry

    def query(self, order_no: str) -> Entry:
        entry = self.orders.get(order_no)
        if entry is None:
            raise No(404, "order_not_found", "没有这个订单")
        self._settle(entry)
        return entry

    def close(self, order_no: str) -> Entry:
        entry = self._known_or_closed(order_no)
        if entry.state in ("waiting", "paying"):
            script = self.script(order_no)
            if script.payer is Payer.AT_CLOSE:
                self._book(entry, self.now())
            else:
                entry.state = "closed"
                entry.pays_in_spite = script.payer is Payer.AFTER_CLOSE
        self.save()
        return entry

    def undo(self, order_no: str) -> Entry:
        entry = self._known_or_closed(order_no)
        script = self.script(order_no)
        if self.now() < entry.created + script.undo_after:
            raise No(425, "not_yet", "还不能撤销")
        if script.payer is Payer.AT_CLOSE and entry.state in ("waiting", "paying"):
            self._book(entry, self.now())
        if entry.state == "paid":
            entry.state, entry.refunded_fen = "refunded", entry.paid_fen
            self.refunds[f"undo:{order_no}"] = Back("", order_no, entry.paid_fen, self.now(), "done", self.now())
        elif entry.state != "refunded":
            entry.state = "closed"
            # Nobody pays an order that never came.
            entry.pays_in_spite = script.payer is Payer.AFTER_CLOSE and entry.asked_fen > 0
        self.save()
        return entry

    def refund(self, order_no: str, refund_no: str, fen: int) -> Back:
        entry = self.query(order_no)
        back = self.refunds.get(refund_no)
        if back is not None:
            if (back.order_no, back.fen) != (order_no, fen):
                raise No(409, "content_inconsistent", "同一退款单号的内容前后不一致")
            return self._settled(back)
        if entry.state != "paid":
            raise No(409, "order_not_paid", "订单未付款")
        if not 0 < fen <= entry.paid_fen - entry.refunded_fen:
            raise No(422, "refund_amount", "退款金额不符")
        back = self.refunds[refund_no] = Back(refund_no, order_no, fen, self.now())
        self._settled(back)
        self.save()
        return back

    def refund_query(self, order_no: str, refund_no: str) -> Back:
        back = self.refunds.get(refund_no)
        if back is None or back.order_no != order_no:
            raise No(404, "refund_not_found", "没有这笔退款")
        return self._settled(back)

    def bill(self, day: dt.date) -> list[dict[str, Any]]:
        """Rows of that day. Raises No before 10:00 of the next."""
        ready = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(10), SHANGHAI)
        if self._clock.now() < ready:
            raise No(409, "bill_not_ready", "账单次日十点后生成")
        rows = []
        for entry in self.orders.values():
            self._settle(entry)
            if entry.paid_at:
                rows.append(self._row("paid", entry, "", entry.paid_fen, entry.paid_at))
        for back in self.refunds.values():
            if self._settled(back).state == "done":
                rows.append(self._row("refund", self.orders[back.order_no], back.refund_no, back.fen, back.at))
        return [row for row in rows if dt.datetime.fromisoformat(row["at"]).date() == day]

    # --- what a payer and a tester ask

    def pay(self, order_no: str | None = None) -> Entry:
        """Somebody pays now: this order, or the newest that waits. Raises No where a wallet would not."""
        waiting = [e for e in self.orders.values() if e.state in ("waiting", "paying")]
        if order_no is None and not waiting:
            raise No(404, "order_not_found", "没有待付款的订单")
        entry = self.query(order_no or waiting[-1].order_no)
        if entry.state not in ("waiting", "paying") or self.now() >= entry.expires:
            raise No(409, "order_closed", "二维码已失效")
        self._book(entry, self.now())
        self.save()
        return entry

    def totals(self) -> dict[str, int]:
        """Paid less refunded, per order."""
        back = Counter[str]()
        for each in self.refunds.values():
            if self._settled(each).state == "done":
                back[each.order_no] += each.fen
        for entry in self.orders.values():
            self._settle(entry)
        return {e.order_no: (e.paid_fen if e.paid_at else 0) - back[e.order_no] for e in self.orders.values()}

    # --- inside

    def _opened(self, asked: Mapping[str, Any], *, charged: bool) -> Entry:
        number, expires = asked["order_no"], dt.datetime.fromisoformat(asked["expires_at"]).timestamp()
        content = (asked["amount_fen"], asked["subject"], expires, asked["terminal_id"], charged)
        entry = self.orders.get(number)
        if entry is not None:
            if entry.state == "closed":
                raise No(409, "order_closed", "订单已关闭")
            if (entry.asked_fen, entry.subject, entry.expires, entry.terminal_id, entry.charged) != content:
                raise No(409, "content_inconsistent", "同一订单号的内容前后不一致")
            self._settle(entry)
            return entry
        payload = "" if charged else f"https://acquirer.example/pay/{self.next_serial():08d}"
        entry = Entry(number, *content[:4], asked.get("notify_url", ""), payload, self.now(), charged)
        self.orders[number] = entry
        self.save()
        return entry

    def _known_or_closed(self, order_no: str) -> Entry:
        try:
            return self.query(order_no)
        except No:
            entry = self.orders[order_no] = Entry(order_no, 0, "", 0.0, "", "", "", self.now(), state="closed")
            return entry

    def _settle(self, entry: Entry) -> None:
        """Let happen what the script says has happened by now."""
        now, script = self.now(), self.script(entry.order_no)
        if entry.pays_in_spite and entry.state == "closed":
            entry.pays_in_spite = False
            self._book(entry, now)
        elif entry.state in ("waiting", "paying"):
            due = entry.created + script.seconds
            if script.payer is Payer.AFTER and due <= min(now, entry.expires):
                self._book(entry, due)
            elif script.payer is Payer.LATE and now >= entry.expires + script.seconds:
                self._book(entry, entry.expires + script.seconds)
            elif script.payer is Payer.SAYS_NO and now >= due:
                entry.state = "closed"
            else:
                return
        else:
            return
        self.save()

    def _settled(self, back: Back) -> Back:
        script = self.script(back.order_no)
        if back.state == "processing" and self.now() >= back.asked + script.refund_s:
            back.state, back.at = ("abnormal" if script.refund_fails else "done"), self.now()
            if back.state == "done":
                entry = self.orders[back.order_no]
                entry.refunded_fen += back.fen
                entry.state = "refunded" if entry.refunded_fen == entry.paid_fen else entry.state
            self.save()
        return back

    def _book(self, entry: Entry, at: float) -> None:
        entry.state = "paid"
        entry.charges += 1
        entry.paid_fen = max(1, entry.asked_fen + self.script(entry.order_no).amount_off)
        day = dt.datetime.fromtimestamp(at, SHANGHAI).strftime("%Y%m%d")
        entry.trade_no = f"A{day}{self.next_serial():010d}"
        entry.paid_at = at

    def _row(self, kind: str, entry: Entry, refund_no: str, fen: int, at: float) -> dict[str, Any]:
        return {
            "kind": kind,
            "order_no": entry.order_no,
            "trade_no": entry.trade_no,
            "refund_no": refund_no,
            "amount_fen": fen,
            "fee_fen": 0,
            "at": dt.datetime.fromtimestamp(at, SHANGHAI).isoformat(timespec="seconds"),
        }


def entry_told(entry: Entry) -> dict[str, Any]:
    """An order as the contract tells it."""
    answer: dict[str, Any] = {"order_no": entry.order_no, "state": entry.state}
    if entry.payload:
        answer["payload"] = entry.payload
    if entry.paid_at:
        paid_at = dt.datetime.fromtimestamp(entry.paid_at, SHANGHAI).isoformat(timespec="seconds")
        answer |= {"paid_fen": entry.paid_fen, "trade_no": entry.trade_no, "paid_at": paid_at}
        answer["refunded_fen"] = entry.refunded_fen
    return answer
