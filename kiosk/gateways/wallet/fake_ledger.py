"""The fake wallet's own books: which trades exist, what was paid, what went back.

It plays the wallet's side and shares no code with the client. All questions of time are answered when asked, from the
injected clock. Books may be kept in a JSON file (written anew and renamed over, mode 0600) so that they survive a restart.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kiosk.gateways.sim_books import write_state
from kiosk.gateways.wallet.scripts import Payer, Script, read_script
from kiosk.ports.clock import Clock
from kiosk.ports.wallet import TradeState


def wallet_of(payer_code: str) -> str:
    """Whose customer shows this code; "" where no wallet knows it."""
    first, length = int(payer_code[:2]), len(payer_code)
    if 25 <= first <= 30 and 16 <= length <= 24:
        return "alipay"
    if 10 <= first <= 15 and length == 18:
        return "wechat"
    return "unionpay" if first == 62 and length == 19 else ""


class LedgerRefusal(Exception):
    """The wallet's no: HTTP status, code, sentence."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        self.status, self.code, self.message = status, code, message


@dataclass(slots=True)
class Entry:
    """One trade in the wallet's books. Times are unix seconds, amounts fen."""

    order_no: str
    asked_fen: int
    subject: str
    expires_in_s: int
    terminal_id: str
    token: str
    payload: str
    created: float
    state: TradeState = TradeState.WAITING
    paid_fen: int = 0
    trade_no: str = ""
    paid_at: float | None = None
    wallet: str = ""
    pays_in_spite: bool = False
    refunds: dict[str, int] = field(default_factory=dict)
    refund_times: dict[str, float] = field(default_factory=dict)
    payer: str = ""
    """Digest of the payer's code; empty where the kiosk showed a code."""
    reason: str = ""

    @property
    def expires(self) -> float:
        return self.created + self.expires_in_s


class FakeLedger:
    def __init__(self, clock: Clock, state_file: Path | None = None) -> None:
        self._clock = clock
        self._file = state_file
        self.default = Script()
        self._scripts: dict[str, Script] = {}
        self._payer_scripts: dict[str, Script] = {}
        self._entries: dict[str, Entry] = {}
        self._number = 0
        self.keys: dict[str, str] = {}
        """Kept for the front: hex of its seed and its device keys; this is a fake, and its secrets guard nothing."""
        if state_file is not None and state_file.exists():
            self._load(json.loads(state_file.read_text("utf-8")))

    def now(self) -> float:
        return self._clock.now().timestamp()

    # --- what the front asks

    def create(
        self, order_no: str, amount_fen: int, subject: str, expires_in_s: int, terminal_id: str, pay_base: str
    ) -> Entry:
        entry = self._not_given_up(order_no)
        if entry is None:
            token = secrets.token_urlsafe(12)
            entry = Entry(
                order_no, amount_fen, subject, expires_in_s, terminal_id, token, f"{pay_base}/pay/{token}", self.now()
            )
            self._entries[order_no] = entry
        elif (entry.asked_fen, entry.subject, entry.expires_in_s, entry.terminal_id) != (
            amount_fen,
            subject,
            expires_in_s,
            terminal_id,
        ):
            raise LedgerRefusal(409, "content_inconsistent", "同一订单号的内容前后不一致")
        self._settle(entry)
        if entry.state is TradeState.CLOSED:
            raise LedgerRefusal(409, "trade_closed", "订单已关闭，请重新下单")
        self.save()
        return entry

    def charge(
        self, order_no: str, amount_fen: int, subject: str, payer_code: str, expires_in_s: int, terminal_id: str
    ) -> Entry:
        payer = self._digest(payer_code)
        entry = self._not_given_up(order_no)
        if entry is not None:
            asked = (entry.asked_fen, entry.subject, entry.expires_in_s, entry.terminal_id, entry.payer)
            if asked != (amount_fen, subject, expires_in_s, terminal_id, payer):
                raise LedgerRefusal(409, "content_inconsistent", "同一订单号的内容前后不一致")
            self._settle(entry)
            if entry.state is TradeState.CLOSED:
                raise LedgerRefusal(409, "trade_closed", "订单已关闭，请重新下单")
            return entry
        if payer in self._payer_scripts and order_no not in self._scripts:
            self._scripts[order_no] = self._payer_scripts[payer]
        script = self.script(order_no)
        used = any(other.payer == payer and other.state is not TradeState.CLOSED for other in self.entries())
        entry = Entry(order_no, amount_fen, subject, expires_in_s, terminal_id, "", "", self.now(), payer=payer)
        entry.wallet = wallet_of(payer_code)
        entry.reason = "payer_code_expired" if used else script.refuses if entry.wallet else "payer_code_invalid"
        self._entries[order_no] = entry
        if entry.reason:
            entry.state = TradeState.CLOSED
        elif script.payer is Payer.HUMAN:
            self._book(entry, self.now())
        else:
            self._settle(entry)
        self.save()
        if entry.reason and entry.state is TradeState.CLOSED:
            raise LedgerRefusal(409, entry.reason, "付款未成功")
        return entry

    def query(self, order_no: str) -> Entry | None:
        entry = self._entries.get(order_no)
        if entry is not None and self._settle(entry):
            self.save()
        return entry

    def close(self, order_no: str) -> Entry:
        entry = self.query(order_no)
        if entry is None:  # remembered, so that its opening, still on the way, finds it closed
            entry = Entry(order_no, 0, "", 0, "", "", "", self.now(), TradeState.CLOSED)
            self._entries[order_no] = entry
            self.save()
        elif entry.state is TradeState.WAITING:
            script = self.script(order_no)
            payer = script.payer
            if entry.payer and self.now() < entry.created + script.undo_after:
                raise LedgerRefusal(503, "not_yet", "还不能撤销")
            if payer is Payer.AT_CLOSE:
                self._book(entry, self.now())
            elif payer is Payer.UNDONE_AT_CLOSE and entry.payer:
                self._book(entry, self.now())
                entry.state, entry.reason = TradeState.REFUNDED, "undone"
                entry.refunds["undone"] = entry.paid_fen
            else:
                entry.state = TradeState.CLOSED
                entry.pays_in_spite = payer is Payer.AFTER_CLOSE
            self.save()
        return entry

    def refund(self, order_no: str, refund_no: str, amount_fen: int) -> Entry:
        entry = self.query(order_no)
        if entry is None:
            raise LedgerRefusal(404, "trade_not_found", "订单不存在")
        if refund_no in entry.refunds:
            if entry.refunds[refund_no] != amount_fen:
                raise LedgerRefusal(409, "content_inconsistent", "同一退款单号的内容前后不一致")
            return entry
        if entry.state is TradeState.REFUNDED:
            raise LedgerRefusal(409, "already_refunded", "订单已退款")
        if entry.state is not TradeState.PAID:
            raise LedgerRefusal(409, "trade_not_paid", "订单未付款，不能退款")
        if amount_fen != entry.paid_fen:
            raise LedgerRefusal(422, "refund_amount", "只能全额退款")
        entry.refunds[refund_no] = amount_fen
        entry.refund_times[refund_no] = self.now()
        entry.state = TradeState.REFUNDED
        self.save()
        return entry

    # --- what a payer and a tester ask

    def pay(self, order_no: str | None = None) -> Entry:
        """Somebody pays now: this order, or the newest that waits. Raises LedgerRefusal when a wallet would not."""
        if order_no is None:
            waiting = [entry for entry in self.entries() if entry.state is TradeState.WAITING]
            if not waiting:
                raise LedgerRefusal(404, "nothing_to_pay", "没有待付款的订单")
            order_no = waiting[-1].order_no
        entry = self.query(order_no)
        if entry is None:
            raise LedgerRefusal(404, "trade_not_found", "订单不存在")
        if entry.state is TradeState.PAID:
            return entry
        if entry.state is not TradeState.WAITING or self.now() >= entry.expires:
            raise LedgerRefusal(409, "trade_closed", "二维码已失效")
        if self.script(order_no).payer is Payer.NEVER:
            raise LedgerRefusal(409, "payment_refused", "付款未成功")
        self._book(entry, self.now())
        self.save()
        return entry

    def by_token(self, token: str) -> Entry | None:
        for entry in self._entries.values():
            if secrets.compare_digest(entry.token.encode(), token.encode()):
                self._settle(entry)
                return entry
        return None

    def script(self, order_no: str) -> Script:
        return self._scripts.get(order_no, self.default)

    def set_script(self, script: Script, order_no: str | None = None, payer_code: str | None = None) -> None:
        """For one order, which need not exist yet; for the charge by one payer code; or for all that have none of their own."""
        if payer_code is not None:
            self._payer_scripts[self._digest(payer_code)] = script
        elif order_no is None:
            self.default = script
        else:
            self._scripts[order_no] = script
        self.save()

    def entries(self) -> list[Entry]:
        """All trades, oldest first, as they stand now."""
        for entry in self._entries.values():
            self._settle(entry)
        return list(self._entries.values())

    def totals(self) -> dict[str, int]:
        """Paid less refunded, per order: what the kiosk's journal must agree with."""
        return {e.order_no: e.paid_fen - sum(e.refunds.values()) for e in self.entries()}

    def reset(self) -> None:
        """Forget every trade and script; the keys stay."""
        self._entries.clear()
        self._scripts.clear()
        self._payer_scripts.clear()
        self.default = Script()
        self.save()

    # --- inside

    def _not_given_up(self, order_no: str) -> Entry | None:
        """The trade of this number. Raises LedgerRefusal for one that was closed before it was opened."""
        entry = self._entries.get(order_no)
        if entry is not None and not entry.asked_fen:
            raise LedgerRefusal(409, "trade_closed", "订单已关闭，请重新下单")
        return entry

    def _digest(self, payer_code: str) -> str:
        """Tells one payer code from another; the code itself is kept nowhere."""
        return hmac.new(
            self.keys.setdefault("payers", secrets.token_hex(16)).encode(), payer_code.encode(), "sha256"
        ).hexdigest()

    def _settle(self, entry: Entry) -> bool:
        """Let happen what the script says has happened by now; True when the trade's state changed."""
        now = self.now()
        script = self.script(entry.order_no)
        if entry.pays_in_spite and entry.state is TradeState.CLOSED:
            entry.pays_in_spite = False
            return self._book(entry, now)
        if entry.state is not TradeState.WAITING:
            return False
        if script.payer is Payer.AFTER and now >= entry.created + script.seconds <= entry.expires:
            return self._book(entry, entry.created + script.seconds)
        if script.payer is Payer.LATE:
            due = entry.expires + script.seconds
            return self._book(entry, due) if now >= due else False
        if script.payer is Payer.SAYS_NO and entry.payer and now >= entry.created + script.seconds:
            entry.state, entry.reason = TradeState.CLOSED, "payer_cancelled"
            return True
        if now >= entry.expires:
            entry.state = TradeState.CLOSED
            entry.reason = "abandoned" if entry.payer else ""
            return True
        return False

    def _book(self, entry: Entry, at: float) -> bool:
        script = self.script(entry.order_no)
        self._number += 1
        day = dt.datetime.fromtimestamp(at, self._clock.now().tzinfo).strftime("%Y%m%d")
        entry.state = TradeState.PAID
        entry.paid_fen = max(1, entry.asked_fen + script.amount_off)
        entry.trade_no = f"SIM{day}{self._number:012d}"
        entry.paid_at = at
        entry.wallet = entry.wallet or script.wallet
        return True

    def save(self) -> None:
        if self._file is None:
            return
        state = {
            "keys": self.keys,
            "number": self._number,
            "default": self.default.as_dict(),
            "scripts": {order: script.as_dict() for order, script in self._scripts.items()},
            "payer_scripts": {payer: script.as_dict() for payer, script in self._payer_scripts.items()},
            "trades": [dataclasses.asdict(entry) for entry in self._entries.values()],
        }
        write_state(self._file, state)

    def _load(self, saved: Mapping[str, Any]) -> None:
        self.keys = dict(saved["keys"])
        self._number = int(saved["number"])
        self.default = read_script(saved["default"])
        self._scripts = {order: read_script(fields) for order, fields in saved["scripts"].items()}
        self._payer_scripts = {payer: read_script(fields) for payer, fields in saved.get("payer_scripts", {}).items()}
        for fields in saved["trades"]:
            entry = Entry(**{**fields, "state": TradeState(fields["state"])})
            self._entries[entry.order_no] = entry
