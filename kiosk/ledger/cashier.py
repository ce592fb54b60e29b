"""Payments and their posting to the police side.

One order may have several payment attempts; at most one of them pays for it. A further PAID one is a duplicate and goes to
refund. A fine is recovered forwards: once paid, posting is repeated (idempotent by decision number) until it is posted. A fee is
not: nothing is posted for it, and money that comes when nothing will be issued for it any more is due back at once.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import structlog

from kiosk.domain.errors import GatewayUnavailable, Refused
from kiosk.ledger.age import older
from kiosk.ledger.issuance import given_up
from kiosk.ledger.posting import NOT_YET, book, paid_before
from kiosk.ledger.reconcile_alarm import PayingStopped, open_alarms
from kiosk.ledger.states import IllegalMove, IssuanceState, Kind, PaymentState, PostingState, Stale
from kiosk.ledger.store import Change, Hold, Move, New, Record, Store
from kiosk.ports.clock import Clock
from kiosk.ports.platform import PolicePlatform
from kiosk.ports.wallet import UNDONE, Code, Trade, TradeState, Wallet

log = structlog.get_logger(__name__)
LONGEST = dt.timedelta(hours=1)
"""No code is shown for so long; one whose end lies further off was dated by a clock that was wrong."""
MARGIN_S = 30.0
"""So many seconds longer the wallet takes a payment than the kiosk waits for it. The kiosk ends it, by query and close: a payer in the last
second is not turned away by the wallet's clock, and a slow machine is not told "closed" before it could ask."""
OPEN = (PaymentState.INTENT, PaymentState.PENDING, PaymentState.UNKNOWN)
PAID_ONCE = (PaymentState.PAID, PaymentState.REFUND_DUE, PaymentState.REFUND_INTENT, PaymentState.REFUNDED)
_BACK_OR_BY_HAND = (PaymentState.MANUAL, PaymentState.REFUND_DUE, PaymentState.REFUND_INTENT)
_WAY_BACK = (PaymentState.REFUND_DUE, PaymentState.REFUND_INTENT, PaymentState.REFUNDED)
NO_MONEY = (PaymentState.CLOSED, PaymentState.FAILED)
"""Nothing was taken, and after all that is known nothing will be."""


@dataclass(frozen=True, slots=True)
class Charge:
    """What a record of the order (a decision, an issuance) costs, integer fen."""

    id: str
    fen: int


class EarlierPaymentOpen(Exception):
    """Another code of this order may still be paid, so no new one may be shown."""


class Cashier:
    """`expires_in`, `late` and `confirm_in` are seconds: how long a code is shown, how long it is asked about after that, and how long
    a payer whose own code was scanned has for confirming."""

    def __init__(
        self,
        store: Store,
        wallet: Wallet,
        platform: PolicePlatform,
        clock: Clock,
        *,
        expires_in: float,
        late: float,
        confirm_in: float = 60.0,
    ) -> None:
        self._store = store
        self._wallet = wallet
        self._platform = platform
        self._clock = clock
        self._expires_in = expires_in
        self._late = late
        self._confirm_in = confirm_in
        self._one_paid = asyncio.Lock()

    async def attempts(self, order_id: str) -> list[Record]:
        """All attempts of the order, oldest first (by number: the clock may have been set back between two of them)."""
        found = await self._store.find(Kind.PAYMENT, order_id=order_id)
        return sorted(found, key=lambda payment: (len(payment.id), payment.id))

    async def begin(self, order_id: str, charges: Sequence[Charge], subject: str) -> tuple[Record, Code | None]:
        """Open a new attempt for these charges and get its code; no code when the wallet refused or did not answer.

        Raises PayingStopped while an alarm of the end-of-day match stands; EarlierPaymentOpen unless every earlier attempt of the order
        is closed for good; IllegalMove for an issuance that is not applied for (any more), and for another fee than it was applied for
        with.
        """
        payment, expires_at = await self._intend(order_id, charges, "asked", self._expires_in)
        try:
            code = await self._wallet.create(payment.id, payment["amount_fen"], subject, self._expires_in + MARGIN_S)
        except Refused as refused:
            return await self._move(payment, PaymentState.FAILED, f"refused:{refused.code}"), None
        except GatewayUnavailable as trouble:
            log.warning("payment_unknown", payment=payment.id, hint=trouble.hint)
            return await self._move(payment, PaymentState.UNKNOWN, "no_answer"), None
        # A front whose clock is wrong must not keep the machine for hours; it is asked before a code counts as closed.
        code = replace(code, expires_at=min(code.expires_at, expires_at))
        shown = {"expires_at": code.expires_at.isoformat(timespec="milliseconds")}
        return await self._move(payment, PaymentState.PENDING, "code_shown", shown), code

    async def charge(
        self, order_id: str, charges: Sequence[Charge], subject: str, payer_code: str
    ) -> tuple[Record, str]:
        """Take the money by the code on the payer's phone: a new attempt for every code, and the code goes nowhere but to the wallet.

        Returns the attempt and, where no money was taken, the name of the reason. PENDING: the payer is asked to confirm. UNKNOWN: no
        answer; it is asked about and closed, never charged again. Raises as `begin` does.
        """
        payment, _ = await self._intend(order_id, charges, "scanned", self._confirm_in)
        try:
            life = self._confirm_in + MARGIN_S
            trade = await self._wallet.charge(payment.id, payment["amount_fen"], subject, payer_code, life)
        except Refused as refused:
            return await self._move(payment, PaymentState.FAILED, f"refused:{refused.code}"), refused.code
        except GatewayUnavailable as trouble:
            log.warning("payment_unknown", payment=payment.id, hint=trouble.hint)
            return await self._move(payment, PaymentState.UNKNOWN, "no_answer"), ""
        if trade.state is TradeState.WAITING:
            return await self._move(payment, PaymentState.PENDING, "payer_asked"), ""
        return await self._take(payment, trade), trade.reason

    async def _intend(
        self, order_id: str, charges: Sequence[Charge], why: str, seconds: float
    ) -> tuple[Record, dt.datetime]:
        """The intent of a new attempt, durable, and when it ends; only once every earlier attempt is closed for good."""
        if await open_alarms(self._store):
            raise PayingStopped(order_id)
        issuances = await self._to_be_issued(order_id, charges)
        earlier = [await self._close_for_good(attempt) for attempt in await self.attempts(order_id)]
        if any(attempt.state not in NO_MONEY for attempt in earlier):
            raise EarlierPaymentOpen(order_id)
        expires_at = self._clock.now() + dt.timedelta(seconds=seconds)
        data = {
            "amount_fen": sum(charge.fen for charge in charges),
            "covers": [charge.id for charge in charges],
            "expires_at": expires_at.isoformat(timespec="milliseconds"),
        }
        new = New(Kind.PAYMENT, f"{order_id}P{len(earlier) + 1}", order_id, why, data)
        return (await self._store.commit(new, *map(Hold, issuances)))[0], expires_at

    async def _to_be_issued(self, order_id: str, charges: Sequence[Charge]) -> list[Record]:
        fees = {charge.id: charge.fen for charge in charges}
        found = await self._store.find(Kind.ISSUANCE, order_id=order_id)
        for issuance in found:
            if fees.get(issuance.id) != issuance["fee_fen"] or issuance.state != IssuanceState.APPLIED:
                raise IllegalMove(f"issuance {issuance.id}: nothing to pay while {issuance.state}, or not this fee")
        return found

    async def ask(self, payment: Record) -> Record:
        """Ask the wallet once. Raises GatewayUnavailable when it gave no usable answer; the row is then unchanged."""
        return (await self.look(payment))[0]

    async def look(self, payment: Record) -> tuple[Record, Trade | None]:
        """As `ask`, with what the wallet said beside; None where there was nothing to ask."""
        if payment.state not in (*OPEN, PaymentState.CLOSED):
            return payment, None
        trade = await self._query(payment)
        return await self._take(payment, trade), trade

    async def told(self, payment: Record, trade: Trade) -> Record:
        """Take the word of a wallet's bill: it is evidence as an answer is. What is settled already stays as it is."""
        if trade.order_no != payment.id:
            return payment
        if payment.state in (*OPEN, PaymentState.CLOSED):
            return await self._take(payment, trade)
        whole = trade.state is TradeState.REFUNDED and trade.refunded_fen == trade.amount_fen == payment["paid_fen"]
        if whole and payment.state in _BACK_OR_BY_HAND:
            for state in _WAY_BACK[_BACK_OR_BY_HAND.index(payment.state) :]:
                payment = await self._move(payment, state, "bill_says_back")
        return payment

    async def close(self, payment: Record) -> Record:
        """Close an unpaid attempt, unless the citizen was faster. Unknown when the wallet does not answer."""
        if payment.state not in OPEN:
            return payment
        try:
            trade = await self._query(payment)
            if trade.state in (TradeState.WAITING, TradeState.NOT_FOUND):
                trade = await self._wallet.close(payment.id)
        except Refused as refused:
            log.warning("payment_close_refused", payment=payment.id, code=refused.code)
            return payment
        except GatewayUnavailable as trouble:
            log.warning("payment_close_unknown", payment=payment.id, hint=trouble.hint)
            if payment.state != PaymentState.UNKNOWN:
                return await self._move(payment, PaymentState.UNKNOWN, "close_unanswered")
            return payment
        if trade.state is TradeState.NOT_FOUND:
            trade = Trade(payment.id, TradeState.CLOSED)
        return await self._take(payment, trade)

    async def _close_for_good(self, payment: Record) -> Record:
        """Close; and ask once more about what was closed before, as wallets have been seen to take late money."""
        if payment.state != PaymentState.CLOSED:
            return await self.close(payment)
        try:
            return await self.ask(payment)
        except GatewayUnavailable as trouble:
            log.warning("payment_recheck_unanswered", payment=payment.id, hint=trouble.hint)
            return payment

    def expired(self, payment: Record) -> bool:
        """No code of this attempt can be paid in time any more, late payers included."""
        now, late = self._clock.now(), dt.timedelta(seconds=self._late)
        end = dt.datetime.fromisoformat(payment["expires_at"]) + late
        # What was written in the future by a clock that was wrong would wait for that day. A code that was shown ends by the wallet's own
        # clock; one that never came to be is asked about for ever.
        if payment.state == PaymentState.UNKNOWN and older(payment.created_at, now, LONGEST + late):
            return True
        return now >= end

    async def _query(self, payment: Record) -> Trade:
        try:
            return await self._wallet.query(payment.id)
        except Refused as refused:
            raise GatewayUnavailable("wallet", f"query refused: {refused.code}") from None

    async def _take(self, payment: Record, trade: Trade) -> Record:
        """Move a payment to what the wallet says of it."""
        if trade.state in (TradeState.PAID, TradeState.REFUNDED):
            evidence = {
                "paid_fen": trade.amount_fen,
                "paid_at": (trade.paid_at or self._clock.now()).isoformat(),
                "trade_no": trade.trade_no,
                "wallet": trade.wallet,
            }
            undone = trade.state is TradeState.REFUNDED and trade.reason == UNDONE
            if undone and trade.refunded_fen == trade.amount_fen:
                return await self._undone(payment, evidence)
            if trade.state is TradeState.REFUNDED or trade.amount_fen != payment["amount_fen"]:
                log.error("payment_does_not_fit", payment=payment.id, state=str(trade.state))
                return await self._by_hand(payment, "does_not_fit", evidence)
            return await self._paid(payment, evidence)
        if trade.state is TradeState.CLOSED and payment.state != PaymentState.CLOSED:
            return await self._move(payment, PaymentState.CLOSED, "closed")
        if payment.state == PaymentState.INTENT:
            return await self._move(payment, PaymentState.UNKNOWN, "interrupted")
        return payment

    async def _undone(self, payment: Record, evidence: Mapping[str, Any]) -> Record:
        """Paid in the moment of closing, and given back by the wallet itself. A refund nobody needs to ask for any more."""
        payment = await self._move(payment, PaymentState.REFUND_DUE, UNDONE, evidence)
        payment = await self._move(payment, PaymentState.REFUND_INTENT, UNDONE)
        return await self._move(payment, PaymentState.REFUNDED, UNDONE)

    async def _by_hand(self, payment: Record, why: str, evidence: Mapping[str, Any]) -> Record:
        if payment.state == PaymentState.INTENT:
            payment = await self._move(payment, PaymentState.UNKNOWN, why)
        return await self._move(payment, PaymentState.MANUAL, why, evidence)

    async def _paid(self, payment: Record, evidence: Mapping[str, Any]) -> Record:
        """In one commit: the payment is paid, and every fine it covers is to be posted by it; or, where another attempt has paid for
        this order already or nothing will be issued for it any more, its money is due back. One at a time: of two payments for one
        thing, the second finds the first."""
        async with self._one_paid:
            return await self._first_or_late(payment, evidence)

    async def _first_or_late(self, payment: Record, evidence: Mapping[str, Any]) -> Record:
        parts = await self._store.of_order(payment.order_id, Kind.PAYMENT, Kind.ISSUANCE, Kind.DECISION)
        paid = [other for other in parts[Kind.PAYMENT] if other.id != payment.id and other.state == PaymentState.PAID]
        if paid or await paid_before(self._store, payment):
            return await self._move(payment, PaymentState.REFUND_DUE, "duplicate", evidence)
        covered = set(payment["covers"])
        for issuance in parts[Kind.ISSUANCE]:
            if issuance.id in covered:
                return await self._paid_fee(payment, issuance, evidence)
        changes: list[Change] = [Move(payment, PaymentState.PAID, "wallet_says_paid", evidence)]
        for decision in parts[Kind.DECISION]:
            if decision.id in covered:
                data = {"decision_id": decision.id, "payment_id": payment.id, "amount_fen": decision["fine_fen"]}
                changes.append(New(Kind.POSTING, f"{decision.id}S", payment.order_id, "paid", data))
        return (await self._store.commit(*changes))[0]

    async def _paid_fee(self, payment: Record, issuance: Record, evidence: Mapping[str, Any]) -> Record:
        """The issuance is held, so that it cannot be given up between the reading and the commit."""
        while True:
            late = await given_up(self._store, issuance)
            state, why = (PaymentState.REFUND_DUE, "too_late") if late else (PaymentState.PAID, "wallet_says_paid")
            try:
                return (await self._store.commit(Move(payment, state, why, evidence), Hold(issuance)))[0]
            except Stale:
                now = await self._store.get(Kind.ISSUANCE, issuance.id)
                if now.version == issuance.version:
                    raise  # it is the payment that was moved
                issuance = now

    async def post(self, order_id: str) -> list[Record]:
        """Post every paid fine of the order that is not posted yet. Returns all its postings; never raises for the remote
        side's trouble."""
        parts = await self._store.of_order(order_id, Kind.POSTING, Kind.DECISION, Kind.PAYMENT)
        decisions = {decision.id: decision for decision in parts[Kind.DECISION]}
        payments = {payment.id: payment for payment in parts[Kind.PAYMENT]}
        return [
            await self._post(posting, decisions[posting["decision_id"]], payments[posting["payment_id"]])
            for posting in parts[Kind.POSTING]
        ]

    async def _post(self, posting: Record, decision: Record, payment: Record) -> Record:
        if posting.state not in (PostingState.INTENT, PostingState.UNKNOWN):
            return posting
        try:
            await book(self._platform, posting, decision["number"], payment)
        except GatewayUnavailable as trouble:
            log.warning("posting_unknown", posting=posting.id, hint=trouble.hint)
            if posting.state == PostingState.INTENT:
                return (await self._store.commit(Move(posting, PostingState.UNKNOWN, "no_answer")))[0]
            return posting
        except Refused as refused:
            if refused.code in NOT_YET:
                log.warning("posting_too_early", posting=posting.id, code=refused.code)
                if posting.state == PostingState.INTENT:
                    return (await self._store.commit(Move(posting, PostingState.UNKNOWN, "not_there_yet")))[0]
                return posting
            log.error("posting_refused", posting=posting.id, code=refused.code)
            return (await self._store.commit(Move(posting, PostingState.MANUAL, f"refused:{refused.code}"[:64])))[0]
        return (await self._store.commit(Move(posting, PostingState.POSTED, "accepted")))[0]

    async def refund(self, payment: Record) -> Record:
        """Give back a duplicate, or a fee for nothing; repeated with the same refund number until the wallet says done."""
        if payment.state == PaymentState.REFUND_DUE:
            payment = await self._move(payment, PaymentState.REFUND_INTENT, "refund_asked")
        if payment.state != PaymentState.REFUND_INTENT:
            return payment
        try:
            trade = await self._wallet.refund(payment.id, f"{payment.id}R1", payment["paid_fen"])
        except GatewayUnavailable as trouble:
            log.warning("refund_unknown", payment=payment.id, hint=trouble.hint)
            return payment
        except Refused as refused:
            if refused.code == "already_refunded" and await self._is_back(payment):
                return await self._move(payment, PaymentState.REFUNDED, refused.code)
            return await self._move(payment, PaymentState.MANUAL, f"refund_refused:{refused.code}"[:64])
        if trade.state is TradeState.REFUNDED:
            return await self._move(payment, PaymentState.REFUNDED, "refunded")
        return payment

    async def _is_back(self, payment: Record) -> bool:
        """Whether the whole of it went back without our number: the wallet undid a charge, and we stopped before that was on record."""
        try:
            trade = await self._query(payment)
        except GatewayUnavailable as trouble:
            log.warning("refund_recheck_unanswered", payment=payment.id, hint=trouble.hint)
            return False
        return trade.state is TradeState.REFUNDED and trade.refunded_fen == payment["paid_fen"]

    async def _move(
        self, payment: Record, state: PaymentState, why: str, data: Mapping[str, Any] | None = None
    ) -> Record:
        return (await self._store.commit(Move(payment, state, why[:64], data or {})))[0]


def paying(payments: Sequence[Record]) -> Record | None:
    """The attempt that paid for the order, if any."""
    return next((payment for payment in payments if payment.state == PaymentState.PAID), None)
