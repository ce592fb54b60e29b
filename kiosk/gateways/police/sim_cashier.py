"""The simulated cashier: what is owed for any decision, wherever it was made, what is booked, and bills of its own.

Both shapes of paying are here: the kiosk posts what a wallet took (`post`), or the cashier makes a bill, takes the money by its own
code and books it at once (`make_bill`). One decision is paid once: a second trade is refused, and so is a second bill while one is open.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from config.scenario_fine import DecisionData
from config.scenarios import RecordData, Scenario
from kiosk.domain.calendar import WorkCalendar
from kiosk.domain.fine import FineState, PayableFine
from kiosk.domain.identity import mask_name
from kiosk.domain.money import surcharge
from kiosk.domain.plate import mask_plate
from kiosk.domain.violation import FineStatus
from kiosk.gateways.police.sim_ledger import BillEntry, Books, DecisionEntry, PaymentEntry
from kiosk.gateways.sim_server import SimRefusal
from kiosk.gateways.wallet.scripts import Payer, Script, read_script
from kiosk.ports.clock import SHANGHAI

WORDS = {
    "unknown_decision": "没有查到这份决定书，或者还没有同步，请稍后再试",
    "already_paid": "这份决定书已经用另一笔交易缴款",
    "nothing_to_pay": "这份决定书不用缴款",
    "revoked": "这份决定书已经撤销",
    "enforcement": "这份决定书正在由法院执行",
    "being_paid": "这份决定书正在缴款",
    "amount_mismatch": "金额和应缴的不一致",
}
PAY_PAGE = "https://pay.example.invalid/bill/"
"""Where a phone would go that scans a bill's code; nobody answers there."""


@dataclass(frozen=True, slots=True)
class Owed:
    """One decision as the cashier knows it."""

    number: str
    check_char: str
    decided_at: dt.datetime
    deadline: dt.date | None
    fine_fen: int
    authority: str
    party: str = field(repr=False)
    made: DecisionData | None
    """Set where it was made elsewhere, before the visit."""
    record: RecordData | DecisionData


class Cashier:
    """`now` is the world's clock, `record` gives a record's data by its id, `party` the name of a person by their number."""

    def __init__(
        self,
        books: Books,
        calendar: WorkCalendar,
        now: Callable[[], dt.datetime],
        record: Callable[[str], RecordData],
        party: Callable[[str], str],
    ) -> None:
        self._books = books
        self._calendar = calendar
        self._now = now
        self._record = record
        self._party = party
        self._made: dict[str, tuple[DecisionData, Scenario]] = {}
        self._asked: dict[str, int] = {}
        self.says_paid_twice = ""
        """A cashier without idempotency: with this code it answers whatever is posted for a paid fine, the same trade or not."""
        self.refuses_posting = ""
        """With this code it refuses to book anything at all, until it is empty again."""
        self.script: Script | None = None
        """How bills are paid: as the first scenario's wallet is; None: by hand."""

    def add(self, scenario: Scenario) -> None:
        """Raises ValueError where two scenarios claim the same number."""
        for made in scenario.decisions:
            known = self._made.get(made.number)
            if known is not None and known[1].name != scenario.name:
                raise ValueError(f"scenarios {known[1].name} and {scenario.name} both have decision {made.number}")
            self._made[made.number] = (made, scenario)
        if self.script is None:
            self.script = read_script(scenario.wallet)

    def forget(self) -> None:
        """How often it was asked; what it holds is in the books."""
        self._asked.clear()

    # Questions

    def scenario_of(self, number: str) -> Scenario | None:
        """Of a decision made elsewhere."""
        return self._made[number][1] if number in self._made else None

    def status(self, number: str, on: dt.date | None = None) -> FineStatus:
        """What is owed if it were paid on a day (default today)."""
        owed, payment = self._owed(number), self._payment(number)
        extra = payment.surcharge_fen if payment is not None else self._surcharge(owed, on)
        return FineStatus(number, owed.fine_fen, extra, owed.deadline, payment is not None)

    def payable(self, number: str, check_char: str) -> PayableFine:
        self._answer_otherwise(number)
        owed = self._owed(number)
        if check_char and check_char != owed.check_char:
            raise SimRefusal(422, "B2330", "决定书编号有误")
        asked = self._asked[number] = self._asked.get(number, 0) + 1
        status, data = self.status(number), owed.record
        extra: int | None = status.surcharge_fen
        if owed.made is not None:
            extra = {"unknown": None, "above_law": owed.fine_fen + 100}.get(owed.made.surcharge, extra)
            if extra is not None and asked > 1:
                extra += owed.made.grows_fen
        return PayableFine(
            number=number,
            check_char=owed.check_char,
            decided_at=owed.decided_at,
            party=mask_name(owed.party),
            act=data.act,
            authority=owed.authority,
            authority_code=data.authority_code,
            principal_fen=owed.fine_fen,
            surcharge_fen=extra,
            deadline=owed.deadline,
            state=self._state(owed),
            plate=mask_plate(data.plate) if data.plate else "",
            happened_at=data.at.astimezone(SHANGHAI),
            place=data.place,
            code=data.code,
        )

    def payment(self, number: str) -> PaymentEntry:
        self._owed(number)
        payment = self._payment(number)
        if payment is None:
            raise SimRefusal(404, "no_payment", "这份决定书还没有缴款")
        return payment

    # Effects

    def post(self, number: str, amount_fen: int, trade_no: str, paid_at: dt.datetime, key: str) -> PaymentEntry:
        """Book a payment. The amount must be what was owed on the day it was paid, however late it is posted."""
        if self.refuses_posting:
            raise SimRefusal(422, self.refuses_posting, "收款系统没有受理")
        owed = self._owed(number)
        if owed.made is not None and owed.made.other_trade and number not in self._books.payments:
            self._book(owed, self._total(owed), f"ELSEWHERE{number}", self._now(), "elsewhere")
        earlier = self._payment(number)
        if earlier is not None:
            if self.says_paid_twice:
                raise SimRefusal(409, self.says_paid_twice, "该决定书已缴款")
            if earlier.trade_no != trade_no:
                told = {"trade_no": earlier.trade_no, "amount_fen": earlier.amount_fen, "paid_at": earlier.paid_at}
                raise _no(409, "already_paid", earlier=told)
            if earlier.amount_fen != amount_fen:
                raise SimRefusal(409, "amount_mismatch", "金额和已入账的不一致")
            return earlier
        if owed.fine_fen == 0:
            raise _no(409, "nothing_to_pay")
        if amount_fen != self._total(owed, paid_at.astimezone(SHANGHAI).date()):
            raise _no(409, "amount_mismatch")
        return self._book(owed, amount_fen, trade_no, paid_at, key)

    def make_bill(self, order_no: str, lines: Sequence[tuple[str, int]], expires_in_s: int) -> tuple[BillEntry, bool]:
        """The bill, and whether it is new. Raises SimRefusal for a decision that is paid, being paid, or costs something else."""
        earlier = self._books.bills.get(order_no)
        if earlier is not None:
            if earlier.lines != tuple(lines):
                raise SimRefusal(409, "content_inconsistent", "同一订单号的内容前后不一致")
            return self.bill(order_no), False
        for number, amount_fen in lines:
            owed = self._owed(number)
            if (state := self._state(owed)) is not FineState.UNPAID:
                code = {FineState.PAID: "already_paid", FineState.PAYING: "being_paid"}.get(state, str(state))
                raise _no(409, code)
            if owed.fine_fen == 0:
                raise _no(409, "nothing_to_pay")
            if amount_fen != self._total(owed):
                raise _no(409, "amount_mismatch")
        now = self._now()
        bill = BillEntry(
            order_no, tuple(lines), now.isoformat(), (now + dt.timedelta(seconds=expires_in_s)).isoformat()
        )
        self._books.add_bill(bill)
        return self.bill(order_no), True

    def bill(self, order_no: str) -> BillEntry:
        """The bill as it stands now: whoever pays it has paid by now, or has not."""
        bill = self._books.bills.get(order_no)
        if bill is None:
            raise SimRefusal(404, "unknown_bill", "没有这张缴款单")
        if bill.state == "waiting":
            opened, expires = (dt.datetime.fromisoformat(at) for at in (bill.opened_at, bill.expires_at))
            script = self.script or Script()
            when = {Payer.AFTER: opened, Payer.LATE: expires}.get(script.payer)
            if when is not None and self._now() >= when + dt.timedelta(seconds=script.seconds):
                return self.pay_bill(order_no)
            if self._now() >= expires + dt.timedelta(hours=2):
                return self._turn(bill, "closed")
        return bill

    def close_bill(self, order_no: str) -> BillEntry:
        """Close an unpaid bill; a paid one stays what it is."""
        bill = self.bill(order_no)
        if bill.state == "waiting" and self.script is not None and self.script.payer is Payer.AT_CLOSE:
            return self.pay_bill(order_no)
        return self._turn(bill, "closed") if bill.state == "waiting" else bill

    def pay_bill(self, order_no: str = "") -> BillEntry:
        """Somebody pays a bill (the newest that waits where none is named): the money is taken and booked in one.

        Raises ValueError where nothing waits.
        """
        waiting = [bill for bill in self._books.bills.values() if bill.state == "waiting"]
        bill = next((bill for bill in reversed(waiting) if order_no in ("", bill.order_no)), None)
        if bill is None:
            raise ValueError("no bill waits for a payment")
        now = self._now()
        trade_no = f"BILL{self._books.next_serial():012d}"
        for number, amount_fen in bill.lines:
            self._book(self._owed(number), amount_fen, trade_no, now, bill.order_no)
        return self._turn(bill, "posted", trade_no=trade_no, paid_at=now.isoformat())

    # Inside

    def _turn(self, bill: BillEntry, state: str, trade_no: str = "", paid_at: str = "") -> BillEntry:
        changed = replace(bill, state=state, trade_no=trade_no, paid_at=paid_at)
        self._books.add_bill(changed)
        return changed

    def _book(self, owed: Owed, amount_fen: int, trade_no: str, paid_at: dt.datetime, key: str) -> PaymentEntry:
        payment = PaymentEntry(
            number=owed.number,
            trade_no=trade_no,
            amount_fen=amount_fen,
            surcharge_fen=amount_fen - owed.fine_fen,
            paid_at=paid_at.astimezone(SHANGHAI).isoformat(),
            posted_at=self._now().isoformat(),
            key=key,
        )
        self._books.add_payment(payment)
        return payment

    def _owed(self, number: str) -> Owed:
        entry = self._books.by_number(number)
        if entry is not None:
            return self._decided_here(entry)
        if number not in self._made:
            raise _no(404, "unknown_decision")
        made, scenario = self._made[number]
        deadline = replace(self._calendar, holiday_shift=scenario.platform.holiday_shift).deadline(
            made.decided_at.astimezone(SHANGHAI).date()
        )
        return Owed(
            number,
            str(int(number[6:]) % 7),
            made.decided_at.astimezone(SHANGHAI),
            deadline if made.fine_fen else None,
            made.fine_fen,
            made.authority,
            scenario.person.name,
            made,
            made,
        )

    def _decided_here(self, entry: DecisionEntry) -> Owed:
        decision = entry.decision
        return Owed(
            decision.number,
            decision.check_char,
            decision.decided_at,
            decision.deadline,
            decision.fine_fen,
            decision.authority,
            self._party(entry.id_number),
            None,
            self._record(decision.record_id),
        )

    def _payment(self, number: str) -> PaymentEntry | None:
        """On the books; or, of a decision that a scenario says is paid, the payment made elsewhere before."""
        booked = self._books.payments.get(number)
        if booked is not None or number not in self._made:
            return booked
        made, _ = self._made[number]
        if made.state != "paid":
            return None
        at = (made.decided_at + dt.timedelta(days=1)).astimezone(SHANGHAI).isoformat()
        return PaymentEntry(number, f"EARLIER{number}", made.fine_fen, 0, at, at, "earlier")

    def _state(self, owed: Owed) -> FineState:
        if self._payment(owed.number) is not None:
            return FineState.PAID
        for order_no, bill in list(self._books.bills.items()):
            if bill.state == "waiting" and owed.number in dict(bill.lines):
                now = self.bill(order_no)
                if now.state != "closed":
                    return FineState.PAYING if now.state == "waiting" else FineState.PAID
        return FineState(owed.made.state) if owed.made is not None else FineState.UNPAID

    def _surcharge(self, owed: Owed, on: dt.date | None = None) -> int:
        return surcharge(owed.fine_fen, owed.deadline, on or self._now().date())

    def _total(self, owed: Owed, on: dt.date | None = None) -> int:
        grown = owed.made.grows_fen if owed.made is not None and self._asked.get(owed.number, 0) > 1 else 0
        return owed.fine_fen + self._surcharge(owed, on) + grown

    def _answer_otherwise(self, number: str) -> None:
        """Raises SimRefusal with the result code a scenario wants, as often as it wants."""
        made = self._made[number][0] if number in self._made else None
        if made is None or not made.says:
            return
        asked = self._asked[number] = self._asked.get(number, 0) + 1
        if made.says_times == 0 or asked <= made.says_times:
            raise SimRefusal(422, made.says, "收款系统没有受理")


def bill_answer(bill: BillEntry) -> Mapping[str, Any]:
    """As the contract has it."""
    answer: dict[str, Any] = {
        "order_no": bill.order_no,
        "state": bill.state,
        "amount_fen": sum(amount_fen for _, amount_fen in bill.lines),
        "code_payload": f"{PAY_PAGE}{bill.order_no}",
        "expires_at": bill.expires_at,
    }
    if bill.trade_no:
        answer |= {"trade_no": bill.trade_no, "paid_at": bill.paid_at, "wallet": "platform"}
    return answer


def _no(status: int, code: str, **more: Any) -> SimRefusal:
    return SimRefusal(status, code, WORDS[code], **more)
