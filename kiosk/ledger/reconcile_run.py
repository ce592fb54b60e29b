"""One run of the end-of-day match: what is found goes on the work list, what the ledger can do about it is done, and what is then
explained comes off the list again.

Money moves only by the cashier's own moves: a bill row is evidence for a payment that was unknown, a fine is posted again under its own
number, money that is due back is asked for again under the same refund number. Nothing here decides that money goes back.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Sequence
from dataclasses import dataclass, field, replace

import structlog

from kiosk.domain.bill import BillKind, BillRow
from kiosk.domain.errors import GatewayUnavailable, Refused
from kiosk.ledger.cashier import OPEN, Cashier
from kiosk.ledger.orders import conclude
from kiosk.ledger.posting import book
from kiosk.ledger.reconcile import (
    ALARMS,
    ALL_WALLETS,
    HELD,
    Break,
    Finding,
    Moved,
    Sides,
    by_platform,
    match,
    moved_of,
)
from kiosk.ledger.reconcile_books import bill_of, posted_of, sides_of
from kiosk.ledger.reconcile_list import BY_STAFF, entry_id, explained, put_down
from kiosk.ledger.states import Kind, PaymentState, PostingState, Stale, WorkState
from kiosk.ledger.store import Record, Store
from kiosk.ports.clock import Clock
from kiosk.ports.platform import PolicePlatform
from kiosk.ports.wallet import UNDONE, Trade, TradeState

log = structlog.get_logger(__name__)
_MAY_BE_TOLD = (
    *OPEN,
    PaymentState.CLOSED,
    PaymentState.MANUAL,
    PaymentState.REFUND_DUE,
    PaymentState.REFUND_INTENT,
)


@dataclass(frozen=True, slots=True)
class Sums:
    """The day in figures, integer fen."""

    ledger_count: int = 0
    """Payments of that day in the ledger: taken, whatever became of them."""
    ledger_fen: int = 0
    bill_count: int = 0
    bill_fen: int = 0
    bill_back_fen: int = 0
    fee_fen: int = 0
    posted_count: int = 0
    posted_fen: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run ends with. `breaks` and `held` are on the work list; so is whatever else of it is open, older days included."""

    day: dt.date
    at: dt.datetime
    sums: Sums
    breaks: tuple[Finding, ...]
    held: tuple[Finding, ...]
    by_staff: tuple[Finding, ...]
    """Found, and settled by staff before."""
    explained: tuple[Record, ...] = field(repr=False)
    """Entries that came off the list."""
    listed: tuple[Record, ...] = field(repr=False)
    """All open entries."""
    wallets: frozenset[str] = frozenset()
    """Whose bills of this day are known."""
    without_bill: tuple[str, ...] = ()
    """Wallets that took money on this day and whose bill is not known."""
    posted_known: bool = False

    @property
    def good(self) -> bool:
        return not self.breaks and not self.without_bill

    @property
    def alarms(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.breaks if finding.what in ALARMS)


class Settler:
    """What a run may do about its findings. Every method may find that another hand was faster, or that nobody answers: then the entry
    stays. Orders `in_session` are a citizen's at this moment and are left alone."""

    def __init__(
        self, store: Store, cashier: Cashier, platform: PolicePlatform, in_session: Container[str] = frozenset()
    ) -> None:
        self._store = store
        self._cashier = cashier
        self._platform = platform
        self._in_session = in_session

    async def settle(self, findings: Sequence[Finding], sides: Sides) -> None:
        touched = await self._evidence(sides)
        for finding in findings:
            if finding.order_id and finding.what not in HELD:
                touched.add(finding.order_id)
        for order_id in sorted(touched):
            if order_id in self._in_session:
                continue
            try:
                await self._order(order_id, findings)
            except Stale:
                log.info("match_found_it_moved", record=order_id)

    async def _evidence(self, sides: Sides) -> set[str]:
        """Tell payments that are not settled what the bill says of them."""
        moved, touched = moved_of(sides.bill), set()
        for payment in sides.payments:
            if payment.state in _MAY_BE_TOLD and payment.id in moved and payment.order_id not in self._in_session:
                touched.add(payment.order_id)
                rows = [row for row in sides.bill if row.order_no == payment.id]
                record = await self._store.get(Kind.PAYMENT, payment.id)
                trade = trade_of(payment.id, rows, moved[payment.id])
                if trade is not None:
                    try:
                        await self._cashier.told(record, trade)
                    except Stale:
                        log.info("match_found_it_moved", record=payment.id)
        return touched

    async def _order(self, order_id: str, findings: Sequence[Finding]) -> None:
        for payment in await self._cashier.attempts(order_id):
            if payment.state in OPEN:
                await self._ask(payment)
            elif payment.state in (PaymentState.REFUND_DUE, PaymentState.REFUND_INTENT):
                await self._cashier.refund(payment)
        await self._cashier.post(order_id)
        missing = {finding.subject for finding in findings if finding.what is Break.PAID_NOT_POSTED}
        for posting in await self._store.find(Kind.POSTING, order_id=order_id):
            if posting.id in missing and posting.state == PostingState.POSTED:
                await self._post_again(posting)
        await conclude(self._store, order_id, citizen_present=False)

    async def _ask(self, payment: Record) -> None:
        try:
            payment = await self._cashier.ask(payment)
        except GatewayUnavailable as trouble:
            log.warning("match_wallet_silent", payment=payment.id, hint=trouble.hint)
            return
        if payment.state in OPEN and self._cashier.expired(payment):
            await self._cashier.close(payment)

    async def _post_again(self, posting: Record) -> None:
        """The ledger has it as posted, the police side has not: the same posting once more, which cannot book it twice."""
        decision = await self._store.get(Kind.DECISION, posting["decision_id"])
        payment = await self._store.get(Kind.PAYMENT, posting["payment_id"])
        if payment.state != PaymentState.PAID:
            return
        try:
            await book(self._platform, posting, decision["number"], payment)
        except GatewayUnavailable as trouble:
            log.warning("posting_again_unknown", posting=posting.id, hint=trouble.hint)
        except Refused as refused:
            log.error("posting_again_refused", posting=posting.id, code=refused.code)


def trade_of(order_no: str, rows: Sequence[BillRow], moved: Moved) -> Trade | None:
    """What a bill's rows prove of one payment; None where they prove nothing whole (a part went back)."""
    paid = next((row for row in rows if row.kind is BillKind.PAID), None)
    if paid is None:
        return None
    known = (paid.trade_no, paid.at, paid.wallet)
    if moved.back_fen == moved.paid_fen:
        return Trade(order_no, TradeState.REFUNDED, moved.paid_fen, *known, moved.back_fen, UNDONE)
    return None if moved.back_fen else Trade(order_no, TradeState.PAID, moved.paid_fen, *known)


async def run(
    store: Store, clock: Clock, day: dt.date, settler: Settler | None = None, *, platform_bills: bool = False
) -> Outcome:
    """Match one day with the books that are in the ledger's file. Without a settler it only looks and lists. Raises LedgerError."""
    sides = replace(await sides_of(store, day), platform_bills=platform_bills)
    findings = match(day, sides)
    await put_down(store, day, findings)
    if settler is not None:
        await settler.settle(findings, sides)
        sides = replace(await sides_of(store, day), platform_bills=platform_bills)
        findings = match(day, sides)
        await put_down(store, day, findings)
    gone = await explained(store, day, findings)
    staff = {row.id for row in await store.find(Kind.WORK, [WorkState.SETTLED]) if row["settled_by"] == BY_STAFF}

    def chosen(held: bool, by_staff: bool) -> tuple[Finding, ...]:
        return tuple(
            finding
            for finding in findings
            if (entry_id(finding.what, finding.subject) in staff) is by_staff
            and (by_staff or (finding.what in HELD) is held)
        )

    wallets = sides.bill_days.get(day, frozenset())
    taken = {
        payment.wallet
        for payment in sides.payments
        if payment.paid_at and payment.paid_at.date() == day and not by_platform(payment, sides)
    }
    outcome = Outcome(
        day=day,
        at=clock.now(),
        sums=await sums_of(store, day, sides),
        breaks=chosen(held=False, by_staff=False),
        held=chosen(held=True, by_staff=False),
        by_staff=chosen(held=False, by_staff=True),
        explained=tuple(gone),
        listed=tuple(await store.find(Kind.WORK, [WorkState.OPEN])),
        wallets=wallets,
        without_bill=() if ALL_WALLETS in wallets else tuple(sorted(taken - wallets)),
        posted_known=day in sides.posted_days,
    )
    for finding in outcome.alarms:
        log.critical("match_alarm", record=finding.subject, what=str(finding.what))
    return outcome


async def sums_of(store: Store, day: dt.date, sides: Sides) -> Sums:
    """The three sides' sums of one day. Raises LedgerError."""
    taken = [payment for payment in sides.payments if payment.paid_at and payment.paid_at.date() == day]
    rows, posted = await bill_of(store, day), await posted_of(store, day)
    paid = [row for row in rows if row.kind is BillKind.PAID]
    return Sums(
        ledger_count=len(taken),
        ledger_fen=sum(payment.paid_fen for payment in taken),
        bill_count=len(paid),
        bill_fen=sum(row.fen for row in paid),
        bill_back_fen=sum(row.fen for row in rows if row.kind is BillKind.REFUND),
        fee_fen=sum(row.fee_fen if row.kind is BillKind.PAID else -row.fee_fen for row in rows),
        posted_count=len(posted),
        posted_fen=sum(row.fen for row in posted),
    )
