"""A day as the three sides tell it, and the ways it can go wrong, each with what a match must find of it. Shares no code with the match."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import Any

from kiosk.domain.bill import BillKind, BillRow, PostedRow
from kiosk.ledger.reconcile import Break, Fine, OpenOrder, Paid, Sides
from kiosk.ports.clock import SHANGHAI

DAY = dt.date(2026, 3, 18)
NEXT = DAY + dt.timedelta(days=1)
Expected = set[tuple[Break, str]]


def at(clock: str, day: dt.date = DAY) -> dt.datetime:
    return dt.datetime.combine(day, dt.time.fromisoformat(clock), SHANGHAI)


@dataclass
class Day:
    """All three sides, still to be spoilt. `expected` is what a match of DAY must find, and nothing else."""

    payments: list[Paid] = field(default_factory=list)
    open_orders: list[OpenOrder] = field(default_factory=list)
    bill: list[BillRow] = field(default_factory=list)
    posted: list[PostedRow] = field(default_factory=list)
    expected: Expected = field(default_factory=set)
    known: tuple[dt.date, ...] = (DAY,)
    serial: int = 0

    def sides(self) -> Sides:
        return Sides(
            payments=self.payments,
            open_orders=self.open_orders,
            bill=self.bill,
            posted=self.posted,
            bill_days={day: frozenset({"*"}) for day in self.known},
            posted_days=frozenset(self.known),
        )

    def expect(self, what: Break, subject: str) -> None:
        self.expected.add((what, subject))

    # What a good day consists of.

    def paid(self, fines: int, fen: int = 10000, moment: dt.datetime | None = None, **changes: Any) -> Paid:
        """An order that was paid and posted: nothing to find. No fines: a fee."""
        self.serial += 1
        moment = moment or at("10:00") + dt.timedelta(seconds=self.serial)
        order = f"NB01{DAY:%Y%m%d}{self.serial:06d}X"
        total = fen * max(1, fines)
        payment = Paid(
            id=f"{order}P1",
            order_id=order,
            state="paid",
            asked_fen=total,
            moved_at=moment,
            paid_fen=total,
            paid_at=moment,
            trade_no=f"T{self.serial:06d}",
            wallet="alipay" if self.serial % 2 else "wechat",
            fines=tuple(
                Fine(f"{order}D{n}S", f"33020326{self.serial:05d}{n:02d}", fen, "posted", moment)
                for n in range(1, fines + 1)
            ),
        )
        payment = replace(payment, **changes)
        self.payments.append(payment)
        self.bill.append(self.bill_row(payment))
        self.posted += [PostedRow(fine.decision_no, fine.fen, payment.trade_no, moment) for fine in payment.fines]
        return payment

    def twice(self, first: Paid, state: str = "refunded") -> Paid:
        """A second payment of the order, which went back."""
        second = replace(
            first, id=f"{first.order_id}P2", state=state, trade_no=f"{first.trade_no}B", fines=(), wallet="alipay"
        )
        self.payments.append(second)
        self.bill.append(self.bill_row(second))
        if state == "refunded":
            self.bill.append(self.refund_row(second))
        return second

    def bill_row(self, payment: Paid) -> BillRow:
        moment = payment.paid_at or at("10:00")
        return BillRow(BillKind.PAID, payment.id, payment.trade_no, payment.paid_fen, moment, payment.wallet)

    def refund_row(self, payment: Paid, fen: int | None = None, refund_no: str | None = None) -> BillRow:
        number = f"{payment.id}R1" if refund_no is None else refund_no
        moment = payment.paid_at or at("10:00")
        fen = payment.paid_fen if fen is None else fen
        return BillRow(BillKind.REFUND, payment.id, payment.trade_no, fen, moment, payment.wallet, number)

    def replaced(self, payment: Paid, **changes: Any) -> Paid:
        changed = replace(payment, **changes)
        self.payments[self.payments.index(payment)] = changed
        return changed

    def without_bill(self, payment: Paid) -> None:
        self.bill = [row for row in self.bill if row.order_no != payment.id]

    def without_posting(self, fine: Fine) -> None:
        self.posted = [row for row in self.posted if row.decision_no != fine.decision_no]


# What goes wrong. Each takes a day and spoils one more order of it.


def paid_not_posted(day: Day) -> None:
    payment = day.paid(2)
    day.without_posting(payment.fines[1])
    day.expect(Break.PAID_NOT_POSTED, payment.fines[1].id)


def ledger_itself_not_posted(day: Day) -> None:
    payment = day.paid(1)
    fine = replace(payment.fines[0], state="unknown")
    day.replaced(payment, fines=(fine,))
    day.without_posting(fine)
    day.expect(Break.PAID_NOT_POSTED, fine.id)


def posted_by_another_trade(day: Day) -> None:
    payment = day.paid(1)
    fine = payment.fines[0]
    day.without_posting(fine)
    day.posted.append(PostedRow(fine.decision_no, fine.fen, "ELSEWHERE", at("09:00")))
    day.expect(Break.PAID_NOT_POSTED, fine.id)


def one_decision_by_two_orders(day: Day) -> None:
    first, second = day.paid(1), day.paid(1)
    fine = replace(second.fines[0], decision_no=first.fines[0].decision_no, state="manual")
    day.without_posting(second.fines[0])
    day.replaced(second, fines=(fine,))
    day.expect(Break.PAID_TWICE, fine.id)


def duplicate_not_back(day: Day) -> None:
    second = day.twice(day.paid(1), "refund_intent")
    day.expect(Break.PAID_TWICE, second.id)


def said_back_and_is_not(day: Day) -> None:
    second = day.twice(day.paid(1))
    day.bill.remove(day.refund_row(second))
    day.expect(Break.REFUND_MISSING, second.id)


def only_part_went_back(day: Day) -> None:
    second = day.twice(day.paid(1))
    day.bill.remove(day.refund_row(second))
    day.bill.append(day.refund_row(second, fen=1))
    day.expect(Break.REFUND_MISSING, second.id)


def fee_for_nothing(day: Day) -> None:
    payment = day.paid(0)
    day.replaced(payment, state="refund_due")
    day.expect(Break.REFUND_MISSING, payment.id)


def refund_refused(day: Day) -> None:
    payment = day.paid(0)
    day.replaced(payment, state="manual")
    day.expect(Break.REFUND_MISSING, payment.id)


def posted_and_nobody_paid(day: Day) -> None:
    day.serial += 1
    number = f"33020399{day.serial:07d}"
    day.posted.append(PostedRow(number, 5000, f"T{day.serial}X", at("11:00")))
    day.expect(Break.POSTED_NOT_PAID, number)


def posted_and_not_in_the_bill(day: Day) -> None:
    payment = day.paid(1)
    day.without_bill(payment)
    day.expect(Break.POSTED_NOT_PAID, payment.id)


def posted_and_reversed(day: Day) -> None:
    payment = day.paid(1)
    day.bill.append(day.refund_row(payment, refund_no=""))
    day.expect(Break.POSTED_NOT_PAID, payment.id)


def posted_and_refunded_here(day: Day) -> None:
    payment = day.paid(1)
    day.replaced(payment, state="refunded")
    day.bill.append(day.refund_row(payment))
    day.expect(Break.POSTED_NOT_PAID, payment.fines[0].decision_no)


def orphan(day: Day) -> None:
    payment = day.paid(0)
    day.payments.remove(payment)
    day.expect(Break.BILL_ONLY, payment.id)


def refund_of_nothing(day: Day) -> None:
    payment = day.paid(0)
    day.payments.remove(payment)
    day.bill.remove(day.bill_row(payment))
    day.bill.append(day.refund_row(payment))
    day.expect(Break.BILL_ONLY, payment.id)


def closed_and_paid(day: Day) -> None:
    payment = day.paid(0)
    day.replaced(payment, state="closed", paid_fen=0, paid_at=None)
    day.expect(Break.BILL_ONLY, payment.id)


def not_in_the_bill(day: Day) -> None:
    payment = day.paid(0)
    day.without_bill(payment)
    day.expect(Break.JOURNAL_ONLY, payment.id)


def bill_says_less(day: Day) -> None:
    payment = day.paid(1)
    day.bill.remove(day.bill_row(payment))
    day.bill.append(replace(day.bill_row(payment), fen=payment.paid_fen - 1))
    day.expect(Break.AMOUNT_DIFFERS, payment.id)


def posted_less(day: Day) -> None:
    payment = day.paid(1)
    fine = payment.fines[0]
    day.without_posting(fine)
    day.posted.append(PostedRow(fine.decision_no, fine.fen - 100, payment.trade_no, at("10:00")))
    day.expect(Break.AMOUNT_DIFFERS, fine.id)


def paid_another_amount(day: Day) -> None:
    payment = day.paid(0)
    day.bill.remove(day.bill_row(payment))
    changed = day.replaced(payment, state="manual", paid_fen=payment.paid_fen - 1)
    day.bill.append(day.bill_row(changed))
    day.expect(Break.AMOUNT_DIFFERS, payment.id)


def fee_partly_given_back(day: Day) -> None:
    payment = day.paid(0)
    day.bill.append(day.refund_row(payment, fen=100))
    day.expect(Break.AMOUNT_DIFFERS, payment.id)


def paid_around_midnight(day: Day) -> None:
    payment = day.paid(1, moment=at("23:59:58"))
    day.without_bill(payment)
    day.expect(Break.CROSS_MIDNIGHT, payment.id)


def posted_after_midnight(day: Day) -> None:
    payment = day.paid(1, moment=at("23:59:58"))
    fine = replace(payment.fines[0], moved_at=at("00:00:03", NEXT))
    day.replaced(payment, fines=(fine,))
    day.without_posting(fine)
    day.expect(Break.CROSS_MIDNIGHT, fine.id)


def refunded_around_midnight(day: Day) -> None:
    second = day.twice(day.paid(1))
    day.bill.remove(day.refund_row(second))
    day.replaced(second, moved_at=at("23:55"))
    day.expect(Break.CROSS_MIDNIGHT, second.id)


def platform_bill_not_booked(day: Day) -> None:
    """Paid by the police side's own bill, which means booked; its books do not have it."""
    payment = day.paid(1, wallet="platform")
    day.without_bill(payment)
    day.without_posting(payment.fines[0])
    day.expect(Break.PAID_NOT_POSTED, payment.fines[0].id)


def platform_bill_due_back(day: Day) -> None:
    payment = day.paid(1, wallet="platform")
    day.without_bill(payment)
    second = day.replaced(payment, state="manual", fines=())
    day.without_posting(payment.fines[0])
    day.expect(Break.REFUND_MISSING, second.id)


def left_open(day: Day) -> None:
    day.serial += 1
    order = f"NB01{DAY:%Y%m%d}{day.serial:06d}X"
    day.payments.append(Paid(f"{order}P1", order, "unknown", 100, at("12:00")))
    day.open_orders.append(OpenOrder(order, 100, at("12:00"), {f"{order}P1": "unknown"}))
    day.expect(Break.STILL_OPEN, order)


# What looks odd and is right.


def unpaid(day: Day) -> None:
    payment = day.paid(0)
    day.without_bill(payment)
    day.replaced(payment, state="closed", paid_fen=0, paid_at=None, trade_no="", wallet="")


def undone(day: Day) -> None:
    """Paid in the moment of closing, and reversed by the wallet: the ledger took it for closed."""
    payment = day.paid(0)
    day.replaced(payment, state="closed", paid_fen=0, paid_at=None)
    day.bill.append(day.refund_row(payment, refund_no=""))


def paid_and_back_the_same_day(day: Day) -> None:
    """Some bills leave only the row of the refund."""
    second = day.twice(day.paid(1))
    day.bill.remove(day.bill_row(second))


def by_staff_at_the_portal(day: Day) -> None:
    payment = day.paid(0)
    day.replaced(payment, state="manual")
    day.bill.append(day.refund_row(payment, refund_no="BYHAND"))


def posted_the_next_morning(day: Day) -> None:
    payment = day.paid(1)
    fine = replace(payment.fines[0], moved_at=at("09:00", NEXT))
    day.replaced(payment, fines=(fine,))
    day.without_posting(fine)


def paid_the_day_after(day: Day) -> None:
    """A citizen stands there now, and the posting is under way: not this day's matter."""
    payment = day.paid(1, moment=at("11:00", NEXT))
    fine = replace(payment.fines[0], state="intent")
    day.replaced(payment, fines=(fine,))
    day.without_bill(payment)
    day.without_posting(fine)
    day.open_orders.append(OpenOrder(payment.order_id, 100, at("10:58", NEXT), {fine.id: "intent"}))


def platform_bill(day: Day) -> None:
    """The money went to the treasury: no wallet's bill has it."""
    day.without_bill(day.paid(2, wallet="platform"))


def midnight_that_both_days_know(day: Day) -> None:
    day.paid(2, moment=at("00:02"))


FAULTS = (
    paid_not_posted,
    ledger_itself_not_posted,
    posted_by_another_trade,
    one_decision_by_two_orders,
    duplicate_not_back,
    said_back_and_is_not,
    only_part_went_back,
    fee_for_nothing,
    refund_refused,
    posted_and_nobody_paid,
    posted_and_not_in_the_bill,
    posted_and_reversed,
    posted_and_refunded_here,
    orphan,
    refund_of_nothing,
    closed_and_paid,
    not_in_the_bill,
    bill_says_less,
    posted_less,
    paid_another_amount,
    fee_partly_given_back,
    paid_around_midnight,
    posted_after_midnight,
    refunded_around_midnight,
    platform_bill_not_booked,
    platform_bill_due_back,
    left_open,
)
ODD = (
    unpaid,
    undone,
    paid_and_back_the_same_day,
    by_staff_at_the_portal,
    posted_the_next_morning,
    paid_the_day_after,
    platform_bill,
    midnight_that_both_days_know,
)
