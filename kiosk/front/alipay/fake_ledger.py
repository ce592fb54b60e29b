"""The fake Alipay's own books: which orders and trades exist, what was paid, what went back.

It plays the wallet's side and shares no code with the client. Times are unix seconds, amounts fen; all questions of time are
answered when asked, from the injected clock. Payer codes are kept as digests only.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from kiosk.front.alipay.fake_scripts import Payer, Script
from kiosk.ports.clock import SHANGHAI, Clock

CANCEL_WITHIN = 24 * 3600.0


class Stage(StrEnum):
    UNSCANNED = "unscanned"
    """A code is shown, no trade exists."""
    WAITING = "waiting"
    PAID = "paid"
    CLOSED = "closed"


class No(Exception):
    """A business failure: its sub_code."""

    def __init__(self, sub_code: str) -> None:
        super().__init__(sub_code)
        self.sub_code = sub_code


@dataclass(slots=True)
class Returned:
    fen: int
    at: float


@dataclass(slots=True)
class Entry:
    number: str
    content: str
    """Digest of everything that may not differ when the order is asked for again."""
    asked_fen: int
    subject: str
    expires: float
    opened: float
    terminal_id: str
    notify_url: str
    payload: str = ""
    stage: Stage = Stage.UNSCANNED
    trade_no: str = ""
    paid_fen: int = 0
    paid_at: float | None = None
    cancelled: bool = False
    pays_in_spite: bool = False
    refunds: dict[str, Returned] = field(default_factory=dict)
    """By out_request_no; "" is a cancel's."""

    @property
    def refunded_fen(self) -> int:
        return sum(refund.fen for refund in self.refunds.values())

    @property
    def status(self) -> str:
        if self.stage is Stage.PAID:
            return "TRADE_CLOSED" if self.refunded_fen >= self.paid_fen else "TRADE_SUCCESS"
        return "WAIT_BUYER_PAY" if self.stage is Stage.WAITING else "TRADE_CLOSED"


class FakeLedger:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.skew = 0.0
        """Seconds by which Alipay's clock is ahead of the world's."""
        self.default = Script()
        self._scripts: dict[str, Script] = {}
        self._entries: dict[str, Entry] = {}
        self._codes: dict[str, str] = {}
        self._number = 0

    def now(self) -> float:
        return self._clock.now().timestamp() + self.skew

    # --- what the gateway asks. Each raises No.

    def show(self, entry: Entry) -> Entry:
        known = self._known(entry)
        if known is None:
            entry.payload = "https://qr.alipay.com/bax" + secrets.token_hex(9)
            self._entries[entry.number] = known = entry
        if known.cancelled:
            raise No("ACQ.TRADE_HAS_CLOSE")
        return known

    def charge(self, entry: Entry, payer_code: str) -> Entry:
        known = self._known(entry)
        if known is not None:
            return known
        code = hashlib.sha256(payer_code.encode()).hexdigest()
        if not (16 <= len(payer_code) <= 24 and payer_code.isdigit() and 25 <= int(payer_code[:2]) <= 30):
            raise No("ACQ.PAYMENT_AUTH_CODE_INVALID")
        if code in self._codes:
            raise No("ACQ.PAYMENT_AUTH_CODE_INVALID")
        self._codes[code] = entry.number
        self._entries[entry.number] = entry
        self._open_trade(entry, entry.opened)
        script = self.script(entry.number)
        if script.payer in (Payer.HUMAN,) or (script.payer is Payer.AFTER and script.seconds <= 0):
            self._book(entry, entry.opened)
        return entry

    def query(self, number: str) -> Entry:
        entry = self.find(number)
        if entry is None or entry.stage is Stage.UNSCANNED:
            raise No("ACQ.TRADE_NOT_EXIST")
        return entry

    def close(self, number: str) -> Entry:
        entry = self.query(number)
        if entry.stage is Stage.WAITING and self.script(number).payer is Payer.AT_END:
            self._book(entry, self.now())
        if entry.stage is not Stage.WAITING:
            raise No("ACQ.TRADE_STATUS_ERROR")
        entry.stage = Stage.CLOSED
        entry.pays_in_spite = self.script(number).payer is Payer.AFTER_END
        return entry

    def cancel(self, number: str) -> tuple[Entry | None, str]:
        """The entry where a trade exists, and `action`: close, refund, or nothing where there was nothing to do."""
        entry = self.find(number)
        if entry is None:
            return None, ""
        if self.now() > entry.opened + CANCEL_WITHIN:
            raise No("ACQ.TRADE_CANCEL_TIME_OUT")
        payer = self.script(number).payer
        if payer is Payer.AT_END and entry.stage in (Stage.UNSCANNED, Stage.WAITING) and not entry.cancelled:
            self._book(entry, self.now())
        if not entry.cancelled and entry.stage in (Stage.UNSCANNED, Stage.WAITING):
            entry.pays_in_spite = payer is Payer.AFTER_END
        entry.cancelled = True
        if entry.stage is Stage.UNSCANNED:
            return None, ""
        if entry.stage is Stage.WAITING:
            entry.stage = Stage.CLOSED
            return entry, "close"
        if entry.stage is Stage.PAID and entry.refunded_fen < entry.paid_fen:
            if entry.refunds:
                raise No("ACQ.REASON_TRADE_REFUND_FEE_ERR")
            entry.refunds[""] = Returned(entry.paid_fen, self.now())
            return entry, "refund"
        return entry, ""

    def refund(self, number: str, refund_no: str, fen: int) -> tuple[Entry, bool]:
        """Whether money moved by this very request."""
        entry = self.query(number)
        if refund_no in entry.refunds:
            if entry.refunds[refund_no].fen != fen:
                raise No("ACQ.DISCORDANT_REPEAT_REQUEST")
            return entry, False
        if entry.stage is not Stage.PAID:
            raise No("ACQ.TRADE_STATUS_ERROR")
        if entry.refunded_fen >= entry.paid_fen:
            raise No("ACQ.TRADE_HAS_CLOSE")
        if fen > entry.paid_fen - entry.refunded_fen:
            raise No("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL")
        entry.refunds[refund_no] = Returned(fen, self.now())
        return entry, True

    def returned(self, number: str, refund_no: str) -> tuple[Entry, Returned | None]:
        """A refund made without a number is known by the order's."""
        entry = self.query(number)
        return entry, entry.refunds.get(refund_no) or (entry.refunds.get("") if refund_no == number else None)

    # --- what a payer and a tester ask

    def scan(self, number: str | None = None) -> Entry:
        """Somebody scans the code now: this order's, or the newest unpaid one's. Raises No."""
        entry = self._open_one(number)
        if entry.stage is Stage.UNSCANNED:
            self._open_trade(entry, self.now())
        return entry

    def pay(self, number: str | None = None) -> Entry:
        entry = self._open_one(number)
        if entry.stage is not Stage.PAID:
            self._book(entry, self.now())
        return entry

    def find(self, number: str) -> Entry | None:
        entry = self._entries.get(number)
        if entry is not None:
            self._settle(entry)
        return entry

    def entries(self) -> list[Entry]:
        """All orders, oldest first, as they stand now."""
        for entry in self._entries.values():
            self._settle(entry)
        return list(self._entries.values())

    def books(self) -> dict[str, dict[str, int]]:
        """What was paid and what went back, per order, in fen: what a journal must agree with."""
        return {entry.number: {"paid": entry.paid_fen, "refunded": entry.refunded_fen} for entry in self.entries()}

    def movements(self, day: dt.date) -> Iterator[tuple[float, Entry, str | None]]:
        """The day's movements in order of time; None is the payment, else the number of the refund."""
        found: list[tuple[float, Entry, str | None]] = []
        for entry in self.entries():
            if entry.paid_at is not None:
                found.append((entry.paid_at, entry, None))
            found += [(refund.at, entry, refund_no) for refund_no, refund in entry.refunds.items()]
        return (each for each in sorted(found, key=lambda each: each[0]) if shanghai(each[0]).date() == day)

    def script(self, number: str) -> Script:
        return self._scripts.get(number, self.default)

    def set_script(self, script: Script, number: str | None = None) -> None:
        """For one order, which need not exist yet, or for all that have none of their own."""
        if number is None:
            self.default = script
        else:
            self._scripts[number] = script

    def reset(self) -> None:
        self._entries.clear()
        self._scripts.clear()
        self._codes.clear()
        self.default = Script()

    # --- inside

    def _known(self, entry: Entry) -> Entry | None:
        """The order of that number, when it can still go on."""
        known = self.find(entry.number)
        if known is None:
            return None
        if known.content != entry.content:
            raise No("ACQ.CONTEXT_INCONSISTENT")
        if known.stage is Stage.PAID:
            raise No("ACQ.TRADE_HAS_SUCCESS")
        if known.stage is Stage.CLOSED:
            raise No("ACQ.TRADE_HAS_CLOSE")
        return known

    def _open_one(self, number: str | None) -> Entry:
        if number is None:
            waiting = [each for each in self.entries() if each.stage in (Stage.UNSCANNED, Stage.WAITING)]
            if not waiting:
                raise No("nothing to pay")
            number = waiting[-1].number
        entry = self.find(number)
        if entry is None:
            raise No("ACQ.TRADE_NOT_EXIST")
        dead = entry.cancelled or entry.stage is Stage.CLOSED or self.now() >= entry.expires
        if entry.stage is not Stage.PAID and (dead or self.script(number).payer is Payer.NEVER):
            raise No("ACQ.TRADE_HAS_CLOSE")
        return entry

    def _settle(self, entry: Entry) -> None:
        """Let happen what the script says has happened by now."""
        now, script = self.now(), self.script(entry.number)
        if entry.pays_in_spite:
            entry.pays_in_spite = False
            self._book(entry, now)
        if entry.stage not in (Stage.UNSCANNED, Stage.WAITING):
            return
        due = entry.opened + script.seconds
        if script.payer is Payer.LATE and not entry.cancelled and now >= entry.expires + script.seconds:
            self._book(entry, entry.expires + script.seconds)
        elif script.payer is Payer.AFTER and not entry.cancelled and now >= due <= entry.expires:
            self._book(entry, due)
        else:
            if script.payer is Payer.ABANDONS and entry.stage is Stage.UNSCANNED and now >= due <= entry.expires:
                self._open_trade(entry, due)
            if entry.stage is Stage.WAITING and now >= entry.expires and script.payer is not Payer.LATE:
                entry.stage = Stage.CLOSED

    def _open_trade(self, entry: Entry, at: float) -> None:
        self._number += 1
        entry.stage = Stage.WAITING
        entry.trade_no = f"{shanghai(at):%Y%m%d}22001400000{self._number:09d}"

    def _book(self, entry: Entry, at: float) -> None:
        if not entry.trade_no:
            self._open_trade(entry, at)
        entry.stage = Stage.PAID
        entry.paid_fen = max(1, entry.asked_fen + self.script(entry.number).amount_off)
        entry.paid_at = at


def shanghai(at: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(at, SHANGHAI)
