"""The sweeper on issuances: nobody applies, pays or writes behind a citizen's back, and no fee stays for nothing."""

from __future__ import annotations

import pytest

from kiosk.ledger.states import FINAL, IssuanceState, Kind, OrderState, PaymentState
from kiosk.ledger.sweeper import Sweeper
from tests.ledger.parts import CODE_S, LATE_S
from tests.ledger.permit_parts import Office, issuance_in

S = IssuanceState
WRITTEN_OR_NOT = (S.WRITING, S.WRITE_UNKNOWN)


@pytest.mark.parametrize(
    ("state", "wanted", "payments", "order"),
    [
        (S.APPLIED, S.VOIDED, [], OrderState.VOID),
        (S.AUTHORISING, S.VOIDED, ["refunded"], OrderState.MANUAL),
        (S.AUTHORISED, S.VOIDED, ["refunded"], OrderState.MANUAL),
        (S.WRITING, S.MANUAL, ["paid"], OrderState.MANUAL),
        (S.WRITE_UNKNOWN, S.MANUAL, ["paid"], OrderState.MANUAL),
        (S.WRITTEN, S.CONFIRMED, ["paid"], OrderState.SETTLED),
        (S.CONFIRMED, S.CONFIRMED, ["paid"], OrderState.SETTLED),
        (S.VOIDING, S.VOIDED, ["refunded"], OrderState.MANUAL),
        (S.VOIDED, S.VOIDED, ["refunded"], OrderState.MANUAL),
        (S.MANUAL, S.MANUAL, ["paid"], OrderState.MANUAL),
        (S.REJECTED, S.REJECTED, [], OrderState.VOID),
    ],
)
async def test_the_citizen_has_gone(office: Office, state: str, wanted: str, payments: list[str], order: str) -> None:
    row = await issuance_in(office, state)
    assert row.state == state
    await office.sweeper.sweep()
    assert await office.state(Kind.ISSUANCE, row.id) == state, "the citizen is still there"
    office.leave()
    assert (await office.sweeper.sweep()).clean
    assert await office.state(Kind.ISSUANCE, row.id) == wanted
    assert await office.payment_states() == payments
    assert await office.state(Kind.ORDER, row.order_id) == order
    assert await office.breaches() == []
    before = await office.store.events()
    await office.sweeper.sweep()
    assert await office.store.events() == before


@pytest.mark.parametrize("state", [S.INTENT, S.UNKNOWN])
@pytest.mark.parametrize("landed", [True, False])
async def test_what_may_have_been_sent(office: Office, state: str, landed: bool) -> None:
    row = await issuance_in(office, state)
    if landed:
        await office.registry.apply("", "", row["options"], row["fee_fen"], "", row.id)
    office.leave()
    left = await office.sweeper.sweep()
    assert await office.state(Kind.ISSUANCE, row.id) == (S.VOIDED if landed else S.UNKNOWN)
    assert left.clean == landed
    office.clock.forward(minutes=11)
    assert (await office.sweeper.sweep()).clean
    assert await office.state(Kind.ISSUANCE, row.id) == S.VOIDED
    assert office.registry.all_states() == (["cancelled"] if landed else [])
    assert await office.state(Kind.ORDER, row.order_id) == OrderState.VOID


async def test_an_application_that_lands_after_it_was_given_up_is_cancelled(office: Office) -> None:
    """Or it would keep the citizen from applying anywhere else."""
    row = await issuance_in(office, S.UNKNOWN)
    office.leave()
    office.clock.forward(minutes=11)
    await office.sweeper.sweep()
    assert await office.state(Kind.ISSUANCE, row.id) == S.VOIDED
    await office.registry.apply("", "", row["options"], row["fee_fen"], "", row.id)
    office.clock.forward(minutes=3)
    await office.sweeper.sweep()
    assert office.registry.all_states() == ["cancelled"]
    assert (await office.issuance())["application_no"]
    office.registry.applications.clear()
    office.clock.forward(minutes=20)
    await office.sweeper.sweep()
    assert await office.breaches() == []


async def test_with_the_platform_down_nothing_is_lost(office: Office) -> None:
    row = await issuance_in(office, S.AUTHORISED)
    office.leave()
    office.registry.down = True
    left = await office.sweeper.sweep()
    assert (left.issuances, left.payments) == (1, 0)
    assert await office.state(Kind.ISSUANCE, row.id) == S.VOIDING
    assert await office.payment_states() == [PaymentState.REFUNDED]
    assert await office.state(Kind.ORDER, row.order_id) == OrderState.OPEN
    office.registry.calm()
    assert (await office.sweeper.sweep()).clean
    assert await office.state(Kind.ORDER, row.order_id) == OrderState.MANUAL


@pytest.mark.parametrize("when", ["before the sweep", "after the sweep"])
async def test_paid_after_the_citizen_was_gone(office: Office, when: str) -> None:
    """Nothing is made any more for whoever pays on the way out."""
    row = await office.applied()
    await office.bill(row)
    office.leave()
    if when == "before the sweep":
        office.pays()
        await office.sweeper.sweep()
    else:
        await office.sweeper.sweep()
        assert await office.payment_states() == [PaymentState.PENDING]
        assert await office.state(Kind.ORDER, row.order_id) == OrderState.OPEN
        office.pays()
    office.clock.forward(seconds=CODE_S + LATE_S + 1)
    await office.sweeper.sweep()
    assert await office.payment_states() == [PaymentState.REFUNDED]
    assert await office.state(Kind.ISSUANCE, row.id) == S.VOIDED
    assert await office.state(Kind.ORDER, row.order_id) == OrderState.MANUAL
    assert office.kept_fen() == 0
    assert await office.breaches() == []


async def test_a_wallet_takes_late_money_for_a_void_order(office: Office) -> None:
    row = await office.applied()
    payment = await office.cashier.close(await office.bill(row))
    office.leave()
    await office.sweeper.sweep()
    assert await office.state(Kind.ORDER, row.order_id) == OrderState.VOID
    office.front.ledger._entries[payment.id].pays_in_spite = True
    office.clock.forward(minutes=3)
    await office.sweeper.sweep()
    assert await office.payment_states() == [PaymentState.REFUNDED]
    assert await office.state(Kind.ORDER, row.order_id) == OrderState.MANUAL


async def test_killed_between_refunded_and_concluded(office: Office) -> None:
    """The order is on the work list after the next start, although nothing of it is open any more."""
    row = await office.applied()
    payment = await office.cashier.close(await office.bill(row))
    office.leave()
    await office.sweeper.sweep()
    assert await office.state(Kind.ORDER, row.order_id) == OrderState.VOID
    office.front.ledger._entries[payment.id].pays_in_spite = True
    await office.cashier.refund(await office.cashier.ask(payment))
    await office.crash()
    await office.sweeper.sweep()
    assert await office.state(Kind.ORDER, row.order_id) == OrderState.MANUAL


@pytest.mark.parametrize("state", WRITTEN_OR_NOT)
@pytest.mark.parametrize("custody", ["inside", "offered", "stuck", "returned", "retained", "missing"])
async def test_what_was_being_written_waits_for_its_permit(office: Office, state: str, custody: str) -> None:
    permit = await office.took_in()
    row = await issuance_in(office, state)
    permit = await office.keeper.belongs_to(permit, row.order_id)
    if custody == "stuck":
        permit = await office.keeper.stuck(permit, "jam")
    elif custody == "missing":
        office.unit.held = None
        office.leave()
        office.unit.at = type(office.unit.at).NONE
        permit = (await office.keeper.recover())[0].custody
    elif custody == "retained":
        permit = await office.keeper.retain(permit, "staff")
    elif custody != "inside":
        permit = await office.keeper.offer(permit)
        if custody == "returned":
            permit = await office.keeper.wait_taken(permit, 1.0)
    assert permit.state == custody
    office.leave()
    await office.sweeper.sweep()
    waits = custody in ("inside", "offered", "stuck")
    assert await office.state(Kind.ISSUANCE, row.id) == (state if waits else S.MANUAL)
    assert await office.payment_states() == [PaymentState.PAID]
    assert await office.breaches() == []


async def test_one_issuance_that_makes_trouble_does_not_keep_the_others_waiting(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = await office.applied(), await office.applied()
    office.leave()
    cancel = office.issuer.cancel

    async def stumble(row: object) -> object:
        if getattr(row, "id", "") == bad.id:
            raise RuntimeError("a bug with this one record")
        return await cancel(row)  # type: ignore[arg-type]

    monkeypatch.setattr(office.issuer, "cancel", stumble)
    await office.sweeper.sweep()
    assert await office.state(Kind.ISSUANCE, good.id) == S.VOIDED
    assert await office.state(Kind.ISSUANCE, bad.id) == S.VOIDING


async def test_a_machine_without_the_service_leaves_them_alone(office: Office) -> None:
    row = await office.applied()
    office.leave()
    without = Sweeper(office.store, office.orders, office.registrar, office.cashier, office.clock)
    left = await without.sweep()
    assert left.issuances == 1
    assert await office.state(Kind.ISSUANCE, row.id) == S.APPLIED


async def test_all_of_it_at_once_ends(office: Office) -> None:
    for state in IssuanceState:
        await issuance_in(office, state)
    office.leave()
    office.clock.forward(seconds=CODE_S + LATE_S + 700)
    await office.sweeper.sweep()
    assert (await office.sweeper.sweep()).clean
    for kind in (Kind.ORDER, Kind.ISSUANCE, Kind.PAYMENT):
        assert set(await office.states(kind)) <= FINAL[kind]
    assert await office.breaches() == []
