"""Issuances: intent before every byte, unknown instead of failed, one write, and no money kept for nothing."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from kiosk.domain.endorsement import ApplicationState
from kiosk.ledger.cashier import Charge
from kiosk.ledger.issuance import OPEN_ISSUANCES, grants_of
from kiosk.ledger.states import MOVES, IllegalMove, IssuanceState, Kind, OrderState, PaymentState, Stale
from kiosk.ledger.store import New, Record
from kiosk.ports.permit import WriteEnd, WriteOutcome
from tests.ledger.permit_parts import DETAIL, FEE, OPTIONS, Office, issuance_in

S = IssuanceState


async def events(office: Office, row: Record) -> list[str]:
    return [said["new"] for said in await office.store.events(row.id)]


async def test_the_straight_way(office: Office) -> None:
    await office.visit()
    row = await office.issuance()
    assert await events(office, row) == [
        "intent",
        "applied",
        "authorising",
        "authorised",
        "writing",
        "written",
        "confirmed",
    ]
    assert await office.state(Kind.ORDER, row.order_id) == OrderState.SETTLED
    assert office.registry.all_states() == ["written"]
    assert office.registry.paid == {row["application_no"]: FEE}
    assert office.registry.printed == {row["application_no"]: True}
    assert office.unit.card is not None
    assert office.unit.card.chip == [grant.number for grant in grants_of(row)]
    assert await office.settled_breaches() == []


async def test_the_detail_is_sealed_and_the_write_data_not_kept(office: Office) -> None:
    await office.took_in()
    row = await office.authorised()
    assert office.issuer.detail(row)["write_data"]
    job = office.issuer.write_job(row)
    assert job.data == office.registry.applications[row.id].write_data
    assert job.numbers == tuple(grant.number for grant in grants_of(row))
    for secret in (*DETAIL.values(), "sealed"):
        assert secret not in repr(row)
        for file in office.file.parent.glob(f"{office.file.name}*"):
            assert secret.encode() not in file.read_bytes()
    row = await office.write(row)
    assert office.issuer.detail(row) == DETAIL
    row = await office.issuer.remember(row, {"rows": [["个人旅游"]]})
    assert row.state == S.WRITTEN
    assert office.issuer.detail(row) == {**DETAIL, "rows": [["个人旅游"]]}


async def test_a_second_issuance_of_an_order_cannot_be_written_down(office: Office) -> None:
    row = await office.signed()
    with pytest.raises(Exception, match="UNIQUE"):
        await office.store.commit(office.issuer.intent(row.order_id, OPTIONS, FEE, DETAIL))


# Applying.


@pytest.mark.parametrize("lost", ["before", "after"])
async def test_no_answer_is_asked_about_before_it_is_sent_again(office: Office, lost: str) -> None:
    office.registry.trouble("apply", lost)
    row = await office.issuer.apply(await office.signed())
    assert row.state == S.APPLIED
    assert await events(office, row) == ["intent", "unknown", "applied"]
    assert len(office.registry.applications) == 1


async def test_nothing_is_sent_again_while_the_platform_cannot_say(office: Office) -> None:
    office.registry.trouble("apply", "after")
    office.registry.trouble("find_application", "before")
    row = await office.issuer.apply(await office.signed())
    assert row.state == S.UNKNOWN
    row = await office.issuer.apply(row)
    assert row.state == S.APPLIED


async def test_refused_at_first_is_the_end(office: Office) -> None:
    office.registry.trouble("apply", "pending_application")
    row = await office.issuer.apply(await office.signed())
    assert (row.state, row["trouble"]) == (S.REJECTED, "pending_application")


async def test_refused_when_repeated_may_mean_it_is_there(office: Office) -> None:
    """The first one was still on its way when the platform was asked about it."""
    office.registry.trouble("apply", "after", "pending_application")
    office.registry.trouble("find_application", "absent")
    row = await office.issuer.apply(await office.signed())
    assert row.state == S.APPLIED


async def test_refused_when_repeated_and_not_there(office: Office) -> None:
    office.registry.trouble("apply", "before", "not_eligible")
    row = await office.issuer.apply(await office.signed())
    assert await events(office, row) == ["intent", "unknown", "rejected"]


async def test_another_fee_than_the_citizen_was_told_is_not_charged(office: Office) -> None:
    row = await office.signed()
    await office.registry.apply("", "", OPTIONS, FEE * 2, "", row.id)
    row = await office.issuer.apply(row)
    assert (row.state, row["trouble"]) == (S.VOIDING, "fee_differs")
    with pytest.raises(IllegalMove):
        await office.cashier.begin(row.order_id, [Charge(row.id, FEE)], "s")
    assert (await office.issuer.cancel(row)).state == S.VOIDED


async def test_cancelled_there_already(office: Office) -> None:
    row = await office.signed()
    made = await office.registry.apply("", "", OPTIONS, FEE, "", row.id)
    await office.registry.cancel(made.number, "x")
    row = await office.issuer.apply(row)
    assert await events(office, row) == ["intent", "unknown", "voided"]


async def test_withdrawn_before_it_was_sent(office: Office) -> None:
    row = await office.issuer.withdraw(await office.signed(), "rule")
    assert row.state == S.REJECTED
    assert office.registry.applications == {}


# Paying.


async def test_only_what_is_applied_for_can_be_paid_and_only_its_fee(office: Office) -> None:
    row = await office.signed()
    with pytest.raises(IllegalMove):
        await office.bill(row)
    row = await office.issuer.apply(row)
    for charges in ([Charge(row.id, FEE - 1)], [], [Charge("other", FEE)]):
        with pytest.raises(IllegalMove):
            await office.cashier.begin(row.order_id, charges, "s")
    assert (await office.bill(row))["amount_fen"] == FEE


async def test_nothing_is_authorised_unpaid(office: Office) -> None:
    row = await office.applied()
    payment = await office.bill(row)
    with pytest.raises(IllegalMove):
        await office.issuer.authorise(row, payment)
    assert office.registry.paid == {}


@pytest.mark.parametrize("state", [S.VOIDING, S.VOIDED])
async def test_money_that_comes_too_late_goes_back_in_the_same_commit(office: Office, state: str) -> None:
    row = await office.applied()
    payment = await office.bill(row)
    row = await office.issuer.void(row, "citizen_left")
    if state == S.VOIDED:
        row = await office.issuer.cancel(row)
    office.pays()
    payment = await office.cashier.ask(payment)
    assert payment.state == PaymentState.REFUND_DUE
    assert "paid" not in [said["new"] for said in await office.store.events(payment.id)]
    assert (await office.cashier.refund(payment)).state == PaymentState.REFUNDED
    assert office.kept_fen() == 0
    office.leave()
    await office.sweeper.sweep()
    assert await office.state(Kind.ORDER, row.order_id) == OrderState.MANUAL


async def test_money_that_comes_when_the_cancellation_was_refused(office: Office) -> None:
    row = await office.applied()
    payment = await office.bill(row)
    row = await office.issuer.void(row, "citizen_left")
    office.registry.trouble("cancel", "is_written")
    row = await office.issuer.cancel(row)
    assert row.state == S.MANUAL
    office.pays()
    assert (await office.cashier.ask(payment)).state == PaymentState.REFUND_DUE
    assert await office.breaches() == []


async def test_of_two_payments_the_second_is_a_duplicate(office: Office) -> None:
    row = await office.applied()
    first = await office.cashier.close(await office.bill(row))
    assert first.state == PaymentState.CLOSED
    second = await office.bill(row)
    office.pays(second.id)
    second = await office.cashier.ask(second)
    office.front.ledger._entries[first.id].pays_in_spite = True
    first = await office.cashier.ask(first)
    assert (first.state, second.state) == (PaymentState.REFUND_DUE, PaymentState.PAID)


async def test_voided_while_the_wallet_says_paid(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two hands at once: whoever is second sees what the first did. Never paid and void at the same time."""
    for first in ("void", "paid"):
        row = await office.applied()
        payment = await office.bill(row)
        office.pays(payment.id)
        find = office.store.find
        gate = asyncio.Event()

        async def slow(
            kind: Kind, *args: Any, find: Any = find, gate: asyncio.Event = gate, first: str = first, **equal: Any
        ) -> Any:
            """The second has read before the first commits."""
            found = await find(kind, *args, **equal)
            held_up = Kind.ISSUANCE if first == "void" else Kind.PAYMENT
            if kind is held_up and not gate.is_set() and "order_id" in equal:
                await gate.wait()
            return found

        if first == "void":
            monkeypatch.setattr(office.store, "find", slow)
            paying = asyncio.ensure_future(office.cashier.ask(payment))
            await asyncio.sleep(0.2)
            monkeypatch.setattr(office.store, "find", find)
            await office.issuer.void(row, "citizen_left")
            gate.set()
            payment = await paying
        else:
            monkeypatch.setattr(office.store, "find", slow)
            voiding = asyncio.ensure_future(office.issuer.void(row, "citizen_left"))
            await asyncio.sleep(0.1)
            monkeypatch.setattr(office.store, "find", find)
            assert (await office.cashier.ask(payment)).state == PaymentState.PAID
            gate.set()
            await voiding
        assert await office.state(Kind.PAYMENT, payment.id) == PaymentState.REFUND_DUE
        assert await office.state(Kind.ISSUANCE, row.id) == S.VOIDING


# Authorising.


@pytest.mark.parametrize("lost", ["before", "after"])
async def test_authorising_is_repeated_with_the_same_number(office: Office, lost: str) -> None:
    row, payment = await office.paid()
    office.registry.trouble("authorise", lost, lost)
    row = await office.issuer.authorise(row, payment)
    assert row.state == S.AUTHORISING
    row = await office.issuer.authorise(row, payment)
    assert row.state == S.AUTHORISED
    assert office.registry.paid == {row["application_no"]: FEE}


async def test_authorisation_refused_gives_the_money_back(office: Office) -> None:
    row, payment = await office.paid()
    office.registry.trouble("authorise", "not_eligible")
    row = await office.issuer.authorise(row, payment)
    assert (row.state, row["trouble"]) == (S.VOIDING, "refused:not_eligible")
    assert await office.payment_states() == [PaymentState.REFUND_DUE]


@pytest.mark.parametrize("what", ["other_option", "no_data", "same_number", "none"])
async def test_grants_that_are_not_what_was_asked_for_are_not_written(office: Office, what: str) -> None:
    row, payment = await office.paid()
    key, found = row.id, office.registry.applications[row.id]
    grant = found.grants[0]
    wrong = {
        "other_option": replace(found, grants=(replace(grant, option_id="MAC-G-3M1"),)),
        "no_data": replace(found, write_data=b""),
        "same_number": replace(found, grants=(grant, grant)),
        "none": replace(found, grants=()),
    }
    office.registry.applications[key] = wrong[what]
    row = await office.issuer.authorise(row, payment)
    assert (row.state, row["trouble"]) == (S.VOIDING, "grants_differ")
    with pytest.raises(IllegalMove):
        office.issuer.write_job(row)


# Writing.


@pytest.mark.parametrize("state", [state for state in IssuanceState if state is not S.AUTHORISED])
async def test_only_an_authorised_one_is_written(office: Office, state: str) -> None:
    row = await issuance_in(office, state)
    assert row.state == state
    with pytest.raises(IllegalMove):
        await office.issuer.begin_write(row, "J2")
    with pytest.raises(IllegalMove):
        office.issuer.write_job(row)


async def test_of_two_hands_one_writes(office: Office) -> None:
    row = await office.authorised()
    done = await asyncio.gather(*(office.issuer.begin_write(row, "J1") for _ in range(5)), return_exceptions=True)
    assert sum(isinstance(one, Record) for one in done) == 1
    assert all(isinstance(one, (Record, Stale)) for one in done)


@pytest.mark.parametrize(
    ("ends", "state", "payments"),
    [
        ("written", S.WRITTEN, "paid"),
        ("not_written", S.VOIDING, "refund_due"),
        ("lost_written", S.WRITE_UNKNOWN, "paid"),
        ("lost_not", S.WRITE_UNKNOWN, "paid"),
    ],
)
async def test_what_the_unit_says(office: Office, ends: str, state: str, payments: str) -> None:
    await office.took_in()
    office.unit.write_ends = ends
    row = await office.write(await office.authorised())
    assert row.state == state
    assert await office.payment_states() == [payments]
    assert await office.breaches() == []


async def test_the_outcome_of_another_job_says_nothing(office: Office) -> None:
    row = await issuance_in(office, S.WRITING)
    with pytest.raises(ValueError, match="another job"):
        await office.issuer.wrote(row, WriteOutcome("J0", WriteEnd.WRITTEN))


@pytest.mark.parametrize("begun", [S.WRITING, S.WRITE_UNKNOWN])
@pytest.mark.parametrize(
    ("written", "state", "payments"),
    [(True, S.WRITTEN, "paid"), (False, S.VOIDING, "refund_due"), (None, S.MANUAL, "paid")],
)
async def test_after_the_chip_was_asked(
    office: Office, begun: str, written: bool | None, state: str, payments: str
) -> None:
    row = await office.issuer.settle_unknown(await issuance_in(office, begun), written)
    assert row.state == state
    assert "write_data" not in office.issuer.detail(row)
    assert await office.payment_states() == [payments]
    assert await office.breaches() == []


@pytest.mark.parametrize("state", [S.WRITING, S.WRITE_UNKNOWN, S.WRITTEN, S.CONFIRMED, S.MANUAL])
async def test_nobody_gives_up_what_may_be_written(office: Office, state: str) -> None:
    row = await issuance_in(office, state)
    with pytest.raises(IllegalMove):
        await office.issuer.void(row, "citizen_left")


# Confirming and cancelling.


async def test_confirmed_once_it_is_answered(office: Office) -> None:
    row = await issuance_in(office, S.WRITTEN)
    office.registry.trouble("confirm", "before", "after")
    for _ in range(2):
        row = await office.issuer.confirm(row, True)
        assert row.state == S.WRITTEN
    assert (await office.issuer.confirm(row, True)).state == S.CONFIRMED


@pytest.mark.parametrize("answer", ["refused", "cancelled"])
async def test_a_confirmation_that_does_not_fit_needs_staff(office: Office, answer: str) -> None:
    row = await issuance_in(office, S.WRITTEN)
    if answer == "refused":
        office.registry.trouble("confirm", "not_authorised")
    else:
        found = office.registry.applications[row.id]
        office.registry.applications[row.id] = replace(found, state=ApplicationState.CANCELLED)
    row = await office.issuer.confirm(row, True)
    assert row.state == S.MANUAL
    assert await office.payment_states() == [PaymentState.PAID]
    assert await office.breaches() == []


async def test_the_print_job_says_whether_the_back_was_printed(office: Office) -> None:
    row = await issuance_in(office, S.WRITTEN)
    row = await office.issuer.confirm(row)
    assert office.registry.printed == {row["application_no"]: False}


async def test_cancelled_once_it_is_answered(office: Office) -> None:
    row = await issuance_in(office, S.VOIDING)
    office.registry.trouble("cancel", "before", "after")
    for _ in range(2):
        row = await office.issuer.cancel(row)
        assert row.state == S.VOIDING
    assert (await office.issuer.cancel(row)).state == S.VOIDED


@pytest.mark.parametrize("landed", [True, False])
async def test_given_up_without_knowing_whether_it_landed(office: Office, landed: bool) -> None:
    office.registry.trouble("apply", "after" if landed else "before")
    office.registry.trouble("find_application", "before")
    row = await office.issuer.apply(await office.signed())
    row = await office.issuer.cancel(await office.issuer.void(row, "citizen_left"))
    assert row.state == (S.VOIDED if landed else S.VOIDING)
    office.clock.forward(minutes=11)
    assert (await office.issuer.cancel(row)).state == S.VOIDED
    assert office.registry.all_states() == (["cancelled"] if landed else [])


@pytest.mark.parametrize("in_force", [True, False])
async def test_staff_decide(office: Office, in_force: bool) -> None:
    row = await issuance_in(office, S.MANUAL)
    office.leave()
    await office.orders.conclude(row.order_id, citizen_present=False)
    assert await office.state(Kind.ORDER, row.order_id) == OrderState.MANUAL
    row = await office.issuer.decided_by_staff(row, in_force=in_force)
    assert row.state == (S.CONFIRMED if in_force else S.VOIDED)
    assert await office.payment_states() == ["paid" if in_force else "refund_due"]
    await office.orders.conclude(row.order_id, citizen_present=False)
    assert await office.state(Kind.ORDER, row.order_id) == ("settled" if in_force else "manual")
    assert await office.breaches() == []


async def test_staff_find_that_nothing_was_issued_nor_paid(office: Office) -> None:
    row = await office.issuer.void(await office.applied(), "citizen_left")
    office.registry.trouble("cancel", "is_written")
    row = await office.issuer.cancel(row)
    await office.orders.conclude(row.order_id, citizen_present=False)
    assert await office.state(Kind.ORDER, row.order_id) == OrderState.MANUAL
    await office.issuer.decided_by_staff(row, in_force=False)
    await office.orders.conclude(row.order_id, citizen_present=False)
    assert await office.state(Kind.ORDER, row.order_id) == OrderState.VOID


# The order.


@pytest.mark.parametrize("state", list(IssuanceState))
async def test_the_order_follows(office: Office, state: str) -> None:
    row = await issuance_in(office, state)
    assert row.state == state
    order = await office.orders.conclude(row.order_id, citizen_present=False)
    wanted = {
        S.CONFIRMED: OrderState.SETTLED,
        S.REJECTED: OrderState.VOID,
        S.VOIDED: OrderState.MANUAL,  # it was paid
        S.MANUAL: OrderState.MANUAL,
    }
    assert order.state == wanted.get(S(state), OrderState.OPEN)
    assert (state in OPEN_ISSUANCES) == (order.state == OrderState.OPEN)


async def test_void_without_money_waits_for_the_code_to_be_closed(office: Office) -> None:
    row = await office.applied()
    payment = await office.bill(row)
    await office.issuer.cancel(await office.issuer.void(row, "citizen_left"))
    assert (await office.orders.conclude(row.order_id, citizen_present=False)).state == OrderState.OPEN
    await office.cashier.close(payment)
    assert (await office.orders.conclude(row.order_id, citizen_present=False)).state == OrderState.VOID


async def test_no_other_road_to_a_write() -> None:
    """The one rule everything rests on, said of the table itself."""
    roads = {old for old, news in MOVES[Kind.ISSUANCE].items() if S.WRITING in news}
    assert roads == {S.AUTHORISED}
    back = {old for old, news in MOVES[Kind.ISSUANCE].items() if S.AUTHORISED in news}
    assert back == {S.AUTHORISING}
    seen, frontier = set(), {S.WRITING}
    while frontier:
        seen |= frontier
        frontier = {new for old in frontier for new in MOVES[Kind.ISSUANCE].get(old, ())} - seen
    assert S.AUTHORISED not in seen
    assert all(S.WRITING not in MOVES[Kind.ISSUANCE].get(state, ()) for state in seen)


async def test_a_record_needs_its_order(office: Office) -> None:
    with pytest.raises(Exception, match="FOREIGN"):
        await office.store.commit(New(Kind.ISSUANCE, "X", "O9", "x", {"options": [], "fee_fen": 1, "detail_enc": b""}))
