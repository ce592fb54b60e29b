"""The end-of-day match (T+1): what the ledger says of a day beside the wallets' bills and beside the fines the police side has booked.

Pure: three sides in, findings out. Every payment, fine and movement of the day is either explained by all sides that know of it, or is
one finding, of the class that says what is to be done. A side that has not told of a day yet is no witness against anybody: what it
could still say is not judged, and what may stand in the neighbouring day's books (paid or posted around midnight) is held one day.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from kiosk.domain.bill import BillKind, BillRow, PostedRow
from kiosk.ledger.cashier import PAID_ONCE
from kiosk.ledger.reconcile_breaks import ALARMS as ALARMS
from kiosk.ledger.reconcile_breaks import HELD as HELD
from kiosk.ledger.reconcile_breaks import Break as Break
from kiosk.ledger.states import PaymentState, PostingState

EDGE = dt.timedelta(minutes=10)
"""How far two clocks, or a payment and its booking, may lie apart around midnight."""
ALL_WALLETS = "*"
PLATFORM = "platform"
"""What took the money where the police side's own bills did: no wallet's bill has it, and it is paid when it is booked."""
Said = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Fine:
    """One posting as the ledger has it."""

    id: str
    decision_no: str
    fen: int
    state: str
    moved_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Paid:
    """One payment as the ledger has it, with the fines it covers. A fee's payment covers none: nothing is posted for it."""

    id: str
    order_id: str
    state: str
    asked_fen: int
    moved_at: dt.datetime
    paid_fen: int = 0
    paid_at: dt.datetime | None = None
    trade_no: str = ""
    wallet: str = ""
    fines: tuple[Fine, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """An order with parts that are not final. `parts` are their ids and states."""

    id: str
    fen: int
    created_at: dt.datetime
    parts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sides:
    """All that is known of the orders which a day concerns; bill rows and postings of these may be of other days."""

    payments: Sequence[Paid]
    open_orders: Sequence[OpenOrder] = ()
    bill: Sequence[BillRow] = ()
    posted: Sequence[PostedRow] = ()
    bill_days: Mapping[dt.date, frozenset[str]] = field(default_factory=dict)
    """Days whose bills are known, and of which wallets."""
    posted_days: frozenset[dt.date] = frozenset()
    platform_bills: bool = False
    """This machine's fines are paid by the police side's own bills, whatever wallet these name."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing the sides do not agree on. `subject` is the number of a payment, a posting, an order or a decision."""

    what: Break
    subject: str
    fen: int
    order_id: str = ""
    said: Said = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Moved:
    """What the bill says of one payment, all its rows together."""

    paid_fen: int = 0
    back_fen: int = 0

    @property
    def kept_fen(self) -> int:
        return self.paid_fen - self.back_fen


def match(day: dt.date, sides: Sides) -> list[Finding]:
    """Every finding, in a stable order. The day's own books need not be among the known ones: then they judge nobody."""
    return _Match(day, sides).findings()


def moved_of(rows: Iterable[BillRow]) -> dict[str, Moved]:
    """The bill by payment."""
    paid: defaultdict[str, int] = defaultdict(int)
    back: defaultdict[str, int] = defaultdict(int)
    for row in rows:
        (paid if row.kind is BillKind.PAID else back)[row.order_no] += row.fen
    return {number: Moved(paid[number], back[number]) for number in {*paid, *back}}


def by_platform(payment: Paid, sides: Sides) -> bool:
    """Whether the police side's own bill took the money."""
    return payment.wallet == PLATFORM or (sides.platform_bills and bool(payment.fines))


class _Match:
    def __init__(self, day: dt.date, sides: Sides) -> None:
        self._day = day
        self._sides = sides
        self._bill = moved_of(sides.bill)
        self._posted = {row.decision_no: row for row in sides.posted}
        self._payments = {payment.id: payment for payment in sides.payments}
        self._of_order: defaultdict[str, list[Paid]] = defaultdict(list)
        self._of_decision: defaultdict[str, list[tuple[Paid, Fine]]] = defaultdict(list)
        for payment in sides.payments:
            self._of_order[payment.order_id].append(payment)
            for fine in payment.fines:
                self._of_decision[fine.decision_no].append((payment, fine))

    def findings(self) -> list[Finding]:
        found: list[Finding] = []
        for payment in self._sides.payments:
            # What was paid after this day is another day's matter, and may be at work right now.
            if payment.paid_at is None or (payment.paid_at - EDGE).date() <= self._day:
                found += self._payment(payment)
        for number, moved in self._bill.items():
            if number not in self._payments and moved.kept_fen:
                said: Said = {"bill_fen": moved.paid_fen, "bill_back_fen": moved.back_fen, "ledger": "none"}
                found.append(Finding(Break.BILL_ONLY, number, abs(moved.kept_fen), said=said))
        for row in self._posted.values():
            found += self._booked(row)
        explained = {finding.order_id for finding in found}
        for order in self._sides.open_orders:
            if order.created_at.date() <= self._day and order.id not in explained:
                found.append(Finding(Break.STILL_OPEN, order.id, order.fen, order.id, dict(order.parts)))
        return sorted(found, key=lambda finding: (finding.what, finding.subject))

    # Ledger and bill

    def _payment(self, payment: Paid) -> list[Finding]:
        moved = self._bill.get(payment.id)
        if payment.state in PAID_ONCE:
            return self._unseen(payment) if moved is None else self._taken(payment, moved)
        if moved is None:
            return self._unseen(payment) if payment.state == PaymentState.MANUAL and payment.paid_fen else []
        if moved.kept_fen <= 0:
            return []  # paid, and reversed or given back: nobody has lost anything
        if payment.state != PaymentState.MANUAL:
            return [self._about(Break.BILL_ONLY, payment, moved, moved.kept_fen)]
        differs = moved.paid_fen != payment.asked_fen
        return [self._about(Break.AMOUNT_DIFFERS if differs else Break.REFUND_MISSING, payment, moved, moved.kept_fen)]

    def _unseen(self, payment: Paid) -> list[Finding]:
        """The bill does not know it."""
        if by_platform(payment, self._sides):
            return self._by_platform(payment)
        paid_at = payment.paid_at or payment.moved_at
        known = [self._bill_known(day, payment.wallet) for day in _days(paid_at)]
        if not any(known):
            return []
        if not all(known):
            return [self._about(Break.CROSS_MIDNIGHT, payment, Moved(), payment.paid_fen)]
        booked = any(self._is_booked(payment, fine) for fine in payment.fines)
        kept = payment.state == PaymentState.PAID
        what = Break.POSTED_NOT_PAID if booked and kept else Break.JOURNAL_ONLY
        return [self._about(what, payment, Moved(), payment.paid_fen)]

    def _by_platform(self, payment: Paid) -> list[Finding]:
        """Money that went to the treasury at once comes back from there only, by hand."""
        if payment.state == PaymentState.PAID:
            return [finding for fine in payment.fines for finding in self._fine(payment, fine)]
        back = payment.state == PaymentState.REFUNDED
        return [] if back else [self._about(Break.REFUND_MISSING, payment, Moved(), payment.paid_fen)]

    def _taken(self, payment: Paid, moved: Moved) -> list[Finding]:
        # A wallet may leave only the refund's row, where both fell on one day.
        paid_fen = moved.paid_fen or payment.paid_fen
        if paid_fen != payment.paid_fen or moved.back_fen > paid_fen:
            return [self._about(Break.AMOUNT_DIFFERS, payment, moved, abs(moved.kept_fen - payment.paid_fen))]
        if payment.state == PaymentState.PAID:
            return self._kept(payment, moved)
        if moved.back_fen == paid_fen:
            return []
        if payment.state == PaymentState.REFUNDED:
            return self._not_back(payment, moved)
        twice = any(other.state == PaymentState.PAID for other in self._of_order[payment.order_id])
        return [
            self._about(Break.PAID_TWICE if twice else Break.REFUND_MISSING, payment, moved, paid_fen - moved.back_fen)
        ]

    def _not_back(self, payment: Paid, moved: Moved) -> list[Finding]:
        """The wallet said that it is refunded; its bill has no such row (yet)."""
        known = [self._bill_known(day, payment.wallet) for day in _days(payment.moved_at)]
        if not any(known):
            return []
        missing = payment.paid_fen - moved.back_fen
        return [self._about(Break.REFUND_MISSING if all(known) else Break.CROSS_MIDNIGHT, payment, moved, missing)]

    def _kept(self, payment: Paid, moved: Moved) -> list[Finding]:
        if moved.back_fen:
            booked = any(self._is_booked(payment, fine) for fine in payment.fines)
            what = Break.POSTED_NOT_PAID if booked else Break.AMOUNT_DIFFERS
            return [self._about(what, payment, moved, moved.back_fen)]
        return [finding for fine in payment.fines for finding in self._fine(payment, fine)]

    # Ledger and police side

    def _fine(self, payment: Paid, fine: Fine) -> list[Finding]:
        row = self._posted.get(fine.decision_no)
        if row is not None and row.trade_no == payment.trade_no:
            if row.fen != fine.fen:
                return [self._of_fine(Break.AMOUNT_DIFFERS, payment, fine, abs(row.fen - fine.fen), row)]
            return []
        if row is not None:
            # Booked by another trade: ours is a second payment, or one that nobody at the police side knows.
            ours = any(row.trade_no == other.trade_no for other, _ in self._of_decision[fine.decision_no])
            return [
                self._of_fine(Break.PAID_TWICE if ours else Break.PAID_NOT_POSTED, payment, fine, fine.fen, row),
            ]
        if fine.state != PostingState.POSTED:
            return [self._of_fine(Break.PAID_NOT_POSTED, payment, fine, fine.fen)]
        known = [day in self._sides.posted_days for day in _days(fine.moved_at)]
        if not any(known):
            return []
        return [
            self._of_fine(Break.PAID_NOT_POSTED if all(known) else Break.CROSS_MIDNIGHT, payment, fine, fine.fen),
        ]

    def _booked(self, row: PostedRow) -> list[Finding]:
        """What the police side has booked must be known here as paid and kept."""
        known = self._of_decision.get(row.decision_no, [])
        if any(payment.state == PaymentState.PAID for payment, _ in known):
            return []  # looked at from the payment's side
        said: dict[str, str | int] = {"posted_fen": row.fen, "posted_trade": row.trade_no, "ledger": "none"}
        order_id = ""
        for payment, fine in known:
            order_id = payment.order_id
            said |= {"ledger": payment.state, "payment": payment.id, "posting": fine.id}
        return [Finding(Break.POSTED_NOT_PAID, row.decision_no, row.fen, order_id, said)]

    def _is_booked(self, payment: Paid, fine: Fine) -> bool:
        row = self._posted.get(fine.decision_no)
        return row is not None and row.trade_no == payment.trade_no

    # How it is told

    def _bill_known(self, day: dt.date, wallet: str) -> bool:
        known = self._sides.bill_days.get(day, frozenset())
        return ALL_WALLETS in known or (bool(wallet) and wallet in known)

    def _about(self, what: Break, payment: Paid, moved: Moved, fen: int) -> Finding:
        said: Said = {
            "ledger": payment.state,
            "ledger_fen": payment.paid_fen or payment.asked_fen,
            "bill_fen": moved.paid_fen,
            "bill_back_fen": moved.back_fen,
            **({"wallet": payment.wallet} if payment.wallet else {}),
        }
        return Finding(what, payment.id, fen, payment.order_id, said)

    def _of_fine(self, what: Break, payment: Paid, fine: Fine, fen: int, row: PostedRow | None = None) -> Finding:
        said: dict[str, str | int] = {"ledger": fine.state, "ledger_fen": fine.fen, "decision": fine.decision_no}
        if row is not None:
            said |= {"posted_fen": row.fen, "posted_trade": row.trade_no, "paid_trade": payment.trade_no}
        return Finding(what, fine.id, fen, payment.order_id, said)


def _days(moment: dt.datetime) -> set[dt.date]:
    """The days in whose books something of this moment may stand."""
    return {(moment - EDGE).date(), (moment + EDGE).date()}
