"""Whole runs of the match: a real ledger, the fake payment front and the simulated police over loopback, one morning after another."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from kiosk.domain.errors import GatewayUnavailable, Refused
from kiosk.gateways.police.postings import PoliceBooks
from kiosk.gateways.wallet.bills import WalletBills
from kiosk.ledger.check import check
from kiosk.ledger.reconcile import Break
from kiosk.ledger.reconcile_books import keep_bill, keep_posted
from kiosk.ledger.reconcile_list import clean_reason, entry_id, settled_by_staff
from kiosk.ledger.reconcile_page import as_html
from kiosk.ledger.reconcile_report import as_json, as_text, work_text
from kiosk.ledger.reconcile_run import Outcome, Settler, run
from kiosk.ledger.states import IllegalMove, Kind, OrderState, PaymentState, PostingState, WorkState
from kiosk.ports.clock import SHANGHAI
from tests.ledger.parts import IMPATIENT, MORNING, Counter, charges
from tests.ledger.permit_parts import FEE, Office

DAY = MORNING.date()
P, S = PaymentState, PostingState


class Accounts:
    """The office of the morning after: fetches the books of a day and matches."""

    def __init__(self, counter: Counter, stack: AsyncExitStack) -> None:
        self.counter = counter
        self.bills = WalletBills(
            counter.wallet._http.endpoint.base_url,
            device_id="TEST01",
            device_key=counter.front.register("TEST01"),
            front_keys=[counter.front.public_key],
            terminal_id="TEST01",
            clock=counter.clock,
            deadlines=IMPATIENT,
        )
        self.books = PoliceBooks(counter.platform._http.endpoint)
        stack.push_async_callback(self.bills.aclose)
        stack.push_async_callback(self.books.aclose)

    async def match(self, day: dt.date = DAY, *, look: bool = False) -> Outcome:
        """At eleven in the morning after `day`."""
        at = self.counter
        at.leave()
        at.clock.set(dt.datetime.combine(day + dt.timedelta(days=1), dt.time(11), SHANGHAI))
        await keep_bill(at.store, day, await self.bills.bill(day), at.clock.now())
        await keep_posted(at.store, day, await self.books.posted(day), at.clock.now())
        return await run(at.store, at.clock, day, None if look else Settler(at.store, at.cashier, at.platform))

    async def open_entries(self) -> list[str]:
        return [row.id for row in await self.counter.store.find(Kind.WORK, [WorkState.OPEN])]


@pytest.fixture
async def accounts(counter: Counter) -> AsyncIterator[Accounts]:
    async with AsyncExitStack() as stack:
        yield Accounts(counter, stack)


def found(outcome: Outcome) -> list[tuple[Break, str]]:
    return [(finding.what, finding.subject) for finding in (*outcome.breaks, *outcome.held)]


async def paid(counter: Counter) -> str:
    """Two fines of 150 yuan, decided, paid and posted."""
    order_id, _, _ = await counter.shown()
    counter.pays()
    counter.leave()
    await counter.sweeper.sweep()
    assert await counter.state(Kind.ORDER, order_id) == OrderState.SETTLED
    return order_id


async def test_a_good_day(counter: Counter, accounts: Accounts) -> None:
    await paid(counter)
    outcome = await accounts.match()
    assert (found(outcome), outcome.good, outcome.listed) == ([], True, ())
    sums, fen = outcome.sums, counter.kept_fen()
    assert fen > 0
    assert (sums.ledger_count, sums.ledger_fen, sums.bill_count, sums.bill_fen) == (1, fen, 1, fen)
    assert (sums.posted_count, sums.posted_fen) == (2, fen)
    assert await accounts.open_entries() == []


async def test_a_run_may_be_repeated(counter: Counter, accounts: Accounts) -> None:
    await paid(counter)
    counter.front.bills.added.append(orphan_row())
    first, second = await accounts.match(), await accounts.match()
    assert found(first) == found(second) == [(Break.BILL_ONLY, "TEST0120260318000099XP1")]
    assert first.sums == second.sums
    (entry,) = await counter.store.find(Kind.WORK)
    assert (entry.version, entry["day"], entry["fen"], entry.order_id) == (1, "2026-03-18", 100, "")


def orphan_row(order_no: str = "TEST0120260318000099XP1") -> dict[str, object]:
    at = "2026-03-18T12:00:00+08:00"
    trade = {"order_no": order_no, "trade_no": "STRANGE1", "wallet": "wechat"}
    return {"kind": "paid", **trade, "fen": 100, "at": at, "refund_no": "", "fee_fen": 0}


async def test_paid_and_lost_by_the_police_side_is_posted_again(counter: Counter, accounts: Accounts) -> None:
    await paid(counter)
    books = counter.police.world.books
    number, lost = books.payments.popitem()
    (posting,) = [
        row
        for row in await counter.store.find(Kind.POSTING)
        if (await counter.store.get(Kind.DECISION, row["decision_id"]))["number"] == number
    ]
    outcome = await accounts.match(look=True)
    assert found(outcome) == [(Break.PAID_NOT_POSTED, posting.id)]
    assert number not in books.payments

    # It is posted again at once; that it was booked, the next day's books say.
    assert found(await accounts.match()) == found(outcome)
    assert (books.payments[number].trade_no, books.payments[number].amount_fen) == (lost.trade_no, lost.amount_fen)
    later = await accounts.match(DAY + dt.timedelta(days=1))
    assert [row.id for row in later.explained] == [entry_id(Break.PAID_NOT_POSTED, posting.id)]
    assert later.good
    assert await accounts.open_entries() == []
    assert await counter.breaches() == []


async def test_a_bill_row_is_evidence_for_a_payment_nobody_knows_of(counter: Counter, accounts: Accounts) -> None:
    order_id, payment, _ = await counter.shown()
    counter.script(order_no=payment.id, payer="human", fault="http_500", on=["query", "close"])
    counter.pays(payment.id)
    counter.clock.forward(minutes=10)
    counter.leave()
    await counter.sweeper.sweep()
    assert await counter.state(Kind.PAYMENT, payment.id) == P.UNKNOWN

    outcome = await accounts.match()
    assert await counter.state(Kind.PAYMENT, payment.id) == P.PAID
    assert await counter.states(Kind.POSTING) == [S.POSTED, S.POSTED]
    assert await counter.state(Kind.ORDER, order_id) == OrderState.SETTLED
    assert counter.posted_fen() == counter.kept_fen() > 0
    # It was on the list for a moment, and says so for good.
    assert [row.id for row in outcome.explained] == [entry_id(Break.BILL_ONLY, payment.id)]
    assert outcome.good
    assert await counter.breaches() == []


async def test_looking_moves_nothing(counter: Counter, accounts: Accounts) -> None:
    _, payment, _ = await counter.shown()
    counter.script(order_no=payment.id, payer="human", fault="http_500", on=["query", "close"])
    counter.pays(payment.id)
    counter.leave()
    before = await counter.store.get(Kind.PAYMENT, payment.id)
    outcome = await accounts.match(look=True)
    assert found(outcome) == [(Break.BILL_ONLY, payment.id)]
    assert await counter.store.get(Kind.PAYMENT, payment.id) == before


async def test_money_that_came_to_a_closed_code_goes_back_as_paid_twice(counter: Counter, accounts: Accounts) -> None:
    order_id, first, _ = await counter.shown()
    first = await counter.cashier.close(first)
    assert first.state == P.CLOSED
    rows = await counter.decisions(order_id)
    second, code = await counter.cashier.begin(order_id, charges(rows), "交通违法罚款")
    assert code is not None
    counter.pays(second.id)
    counter.leave()
    await counter.sweeper.sweep()
    assert await counter.states(Kind.PAYMENT) == [P.CLOSED, P.PAID]
    # A day later nobody asks about the first code any more; only its bill can tell.
    entry = next(entry for entry in counter.front.ledger.entries() if entry.order_no == first.id)
    counter.front.ledger._book(entry, counter.clock.now().timestamp())

    outcome = await accounts.match()
    assert [row.id for row in outcome.explained] == [entry_id(Break.BILL_ONLY, first.id)]
    assert await counter.states(Kind.PAYMENT) == [P.REFUNDED, P.PAID]
    assert counter.kept_fen() == counter.posted_fen()
    # The refund is of this morning; tomorrow's bill has it.
    later = await accounts.match(DAY + dt.timedelta(days=1))
    assert later.good
    assert later.sums.bill_back_fen == first["amount_fen"]
    assert await counter.breaches() == []


async def test_a_refund_that_the_wallet_owes_stays_on_the_list_until_its_bill_has_it(
    counter: Counter, accounts: Accounts
) -> None:
    await paid(counter)
    (payment,) = await counter.store.find(Kind.PAYMENT)
    counter.front.bills.added.append({**orphan_row(f"{payment.order_id}P2"), "at": "2026-03-18T09:40:00+08:00"})
    outcome = await accounts.match()
    assert found(outcome) == [(Break.BILL_ONLY, f"{payment.order_id}P2")]
    back = {**orphan_row(f"{payment.order_id}P2"), "kind": "refund", "refund_no": "HAND1"}
    counter.front.bills.added.append({**back, "at": "2026-03-19T15:00:00+08:00"})
    later = await accounts.match(DAY + dt.timedelta(days=1))
    assert later.good
    assert [row["settled_by"] for row in later.explained] == ["match"]


async def test_what_staff_gave_back_at_the_portal_the_bill_settles(counter: Counter, accounts: Accounts) -> None:
    """The wallet took another amount; staff refunded it there, and nobody told the machine."""
    order_id, payment, _ = await counter.shown()
    counter.script(order_no=payment.id, payer="human", amount_off=-1)
    counter.pays(payment.id)
    counter.leave()
    await counter.sweeper.sweep()
    assert await counter.state(Kind.PAYMENT, payment.id) == P.MANUAL
    outcome = await accounts.match()
    assert found(outcome) == [(Break.AMOUNT_DIFFERS, payment.id)]
    taken = await counter.store.get(Kind.PAYMENT, payment.id)
    back = {**orphan_row(payment.id), "kind": "refund", "refund_no": "PORTAL1", "fen": taken["paid_fen"]}
    counter.front.bills.added.append({**back, "trade_no": taken["trade_no"], "at": "2026-03-19T15:00:00+08:00"})
    later = await accounts.match(DAY + dt.timedelta(days=1))
    assert later.good
    assert await counter.state(Kind.PAYMENT, payment.id) == P.REFUNDED
    assert await counter.state(Kind.ORDER, order_id) != OrderState.SETTLED
    assert await counter.breaches() == []


async def test_alarms(counter: Counter, accounts: Accounts) -> None:
    await paid(counter)
    (payment,) = await counter.store.find(Kind.PAYMENT)
    counter.front.bills.off_fen[payment.id] = 1
    outcome = await accounts.match()
    assert found(outcome) == [(Break.AMOUNT_DIFFERS, payment.id)]
    assert outcome.alarms == outcome.breaks
    counter.front.bills.off_fen.clear()
    counter.front.bills.left_out.add(payment.id)
    outcome = await accounts.match()
    assert found(outcome) == [(Break.POSTED_NOT_PAID, payment.id)]
    assert [row.id for row in outcome.explained] == [entry_id(Break.AMOUNT_DIFFERS, payment.id)]
    assert "ALARM" in as_text(outcome)


async def test_midnight(counter: Counter, accounts: Accounts) -> None:
    """Paid in the last minute of one day by the kiosk's clock; the wallet books it on the next."""
    counter.clock.set(dt.datetime(2026, 3, 18, 23, 59, 30, tzinfo=SHANGHAI))
    await paid(counter)
    (payment,) = await counter.store.find(Kind.PAYMENT)
    counter.front.bills.left_out.add(payment.id)
    moved = {**orphan_row(payment.id), "fen": payment["paid_fen"], "at": "2026-03-19T00:00:01+08:00"}
    counter.front.bills.added.append({**moved, "trade_no": payment["trade_no"]})
    # Left out of the day it happened on by the bill, told on the next: both rows come from `added`.
    counter.front.bills.left_out.clear()
    entry = counter.front.ledger.entries()[0]
    entry.paid_at = None

    first = await accounts.match()
    assert found(first) == [(Break.CROSS_MIDNIGHT, payment.id)]
    assert first.good
    assert await accounts.open_entries() == [entry_id(Break.CROSS_MIDNIGHT, payment.id)]
    second = await accounts.match(DAY + dt.timedelta(days=1))
    assert found(second) == []
    assert await accounts.open_entries() == []


async def test_what_staff_have_settled_stays_settled(counter: Counter, accounts: Accounts) -> None:
    counter.front.bills.added.append(orphan_row())
    await accounts.match()
    (entry,) = await counter.store.find(Kind.WORK)
    with pytest.raises(ValueError):
        await settled_by_staff(counter.store, entry, "  \n ")
    entry = await settled_by_staff(counter.store, entry, "客户 13800000000 的测试付款，\n已在商户平台退回")
    assert (entry.state, entry["settled_by"], entry["reason"]) == (
        WorkState.SETTLED,
        "staff",
        "客户 … 的测试付款， 已在商户平台退回",
    )
    with pytest.raises(IllegalMove):
        await settled_by_staff(counter.store, entry, "again")
    outcome = await accounts.match()
    assert (found(outcome), outcome.good) == ([], True)
    assert [finding.subject for finding in outcome.by_staff] == [entry["subject"]]
    assert await accounts.open_entries() == []


async def test_found_again_after_it_was_explained(counter: Counter, accounts: Accounts) -> None:
    counter.front.bills.added.append(orphan_row())
    await accounts.match()
    counter.front.bills.added.clear()
    assert (await accounts.match()).good
    counter.front.bills.added.append(orphan_row())
    assert not (await accounts.match()).good
    (entry,) = await counter.store.find(Kind.WORK)
    assert (entry.state, entry.version, entry["settled_by"]) == (WorkState.OPEN, 3, None)
    assert await counter.breaches() == []


async def test_an_open_order_gets_an_entry_before_two_days_have_gone_by(counter: Counter, accounts: Accounts) -> None:
    order_id, payment, _ = await counter.shown()
    counter.script(order_no=payment.id, payer="human", fault="http_500", on=["query", "close"])
    outcome = await accounts.match()
    assert found(outcome) == [(Break.STILL_OPEN, order_id)]
    counter.clock.forward(days=3)
    assert await check(counter.store, counter.clock.now()) == []
    # Without the entry it is a breach.
    (entry,) = await counter.store.find(Kind.WORK)
    assert "3 days old" in work_text([entry], counter.clock.now())
    await counter.store.commit(
        *[_settled_by_the_match(row) for row in await counter.store.find(Kind.WORK, [WorkState.OPEN])]
    )
    assert {breach.invariant for breach in await check(counter.store, counter.clock.now())} == {"I4"}


def _settled_by_the_match(row):  # type: ignore[no-untyped-def]
    from kiosk.ledger.store import Move

    return Move(row, WorkState.SETTLED, "explained", {"settled_by": "match"})


async def test_a_fee_is_matched_with_the_bill_and_nothing_else(office: Office) -> None:
    await office.visit()
    async with AsyncExitStack() as stack:
        accounts = Accounts(office, stack)
        outcome = await accounts.match()
        assert outcome.good
        assert (outcome.sums.ledger_fen, outcome.sums.bill_fen, outcome.sums.posted_fen) == (FEE, FEE, 0)
        (payment,) = await office.store.find(Kind.PAYMENT)
        office.front.bills.left_out.add(payment.id)
        assert found(await accounts.match()) == [(Break.JOURNAL_ONLY, payment.id)]


async def test_the_books_of_the_other_sides_must_be_whole(counter: Counter, accounts: Accounts) -> None:
    await paid(counter)
    with pytest.raises(Refused) as refused:
        await accounts.bills.bill(DAY)
    assert refused.value.code == "bill_not_ready"
    counter.clock.forward(days=1, hours=1)
    counter.front.bills.added += [orphan_row(f"TEST01202603180001{n:02d}XP1") for n in range(5)]
    counter.front.bills.page_rows = 2
    assert len(await accounts.bills.bill(DAY)) == 6
    counter.front.bills.added.append(counter.front.bills.added[0])
    with pytest.raises(GatewayUnavailable, match="twice"):
        await accounts.bills.bill(DAY)


async def test_a_report_names_no_person_and_is_whole(counter: Counter, accounts: Accounts) -> None:
    await paid(counter)
    counter.front.bills.added.append(orphan_row("TEST0120260318000099XP1"))
    outcome = await accounts.match()
    data, text, page = as_json(outcome), as_text(outcome), as_html(outcome, "TEST01")
    assert data["counts"]["bill_only"] == 1
    assert data["breaks"][0]["id"] in text
    assert data["breaks"][0]["id"] in page
    for secret in (counter.scenario.person.name, counter.scenario.person.number, "浙BB01M1"):
        for told in (repr(data), text, page):
            assert secret not in told


def test_a_reason_is_one_line_without_long_figures() -> None:
    assert clean_reason(" 已退\t款 330203199001010006X \x1b[0m") == "已退 款 … [0m"
    assert len(clean_reason("长" * 999)) == 160


def test_numbers_of_entries_fit_their_column() -> None:
    assert entry_id(Break.PAID_TWICE, "NB0120261121000017XP2") == "PT-NB0120261121000017XP2"
    long = entry_id(Break.BILL_ONLY, "X" * 64)
    assert len(long) <= 40
    assert long != entry_id(Break.BILL_ONLY, "X" * 63)
