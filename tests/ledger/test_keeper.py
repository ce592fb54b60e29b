"""Permits: never lost sight of, always given back or kept with a record, and found again after any stop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from kiosk.domain.errors import DeviceError
from kiosk.ledger.custody import OPEN_CUSTODIES, route, where_now
from kiosk.ledger.states import MOVES, CustodyState, IssuanceState, Kind
from kiosk.ledger.store import LedgerError, New, Record
from kiosk.ports.permit import CardPlace
from tests.ledger.permit_parts import Card, Office, issuance_in

C, P = CustodyState, CardPlace


async def path(office: Office, row: Record) -> list[str]:
    """The states it went through, without the notes in between."""
    said = await office.store.events(row.id)
    return [each["new"] for each in said if each["old"] != each["new"]]


async def taken_in(office: Office, state: str) -> Record:
    """A permit that is where the row in this state says."""
    if state == C.ASKED:
        return await office.keeper.ask()
    row = await office.took_in()
    if state == C.OFFERED:
        return await office.keeper.offer(row)
    if state == C.RETAINING:
        office.unit.fail("retain", "timeout")
        office.unit.fail("place", "timeout")
        return await office.keeper.retain(row, "not_taken")
    if state == C.STUCK:
        office.unit.fail("eject", "jam")
        return await office.keeper.offer(row)
    return row


async def test_in_and_out(office: Office) -> None:
    row = await office.keeper.ask()
    assert (row.state, row.order_id, row["bin_before"]) == (C.ASKED, "", 0)
    row = await office.keeper.accept(row, 1.0)
    row = await office.keeper.came_in(row, {"number": "C9999****", "name": "张*"})
    assert (row.state, row["place"]) == (C.INSIDE, P.READER)
    assert office.keeper.permit(row) == {"number": "C9999****", "name": "张*"}
    assert "C9999" not in repr(row)
    row = await office.keeper.offer(row)
    assert (row.state, row["place"], row["trouble"]) == (C.OFFERED, P.MOUTH, None)
    row = await office.keeper.wait_taken(row, 1.0)
    assert row.state == C.RETURNED
    assert office.keeper.permit(row) is None
    assert office.keeper.in_hands == set()
    assert await path(office, row) == ["asked", "inside", "offered", "returned"]
    assert await office.breaches() == []


async def test_it_belongs_to_an_order_once(office: Office) -> None:
    row = await office.took_in()
    first, second = await office.signed(), await office.signed()
    row = await office.keeper.belongs_to(row, first.order_id)
    assert (row.state, row.order_id) == (C.INSIDE, first.order_id)
    assert (await office.keeper.of_order(first.order_id)) == row
    assert await office.keeper.of_order(second.order_id) is None
    with pytest.raises(ValueError, match="order_id"):
        await office.keeper.belongs_to(row, second.order_id)
    assert await office.breaches() == []


async def test_numbers_are_never_used_twice(office: Office) -> None:
    numbers = []
    for days in (0, 0, -1, 0, 1, 1):
        office.clock.forward(days=days)
        row = await office.keeper.ask()
        numbers.append(row.id)
        await office.keeper.nothing_came(row)
    assert len(set(numbers)) == len(numbers)


async def test_a_unit_that_does_not_answer_is_not_asked_to_open(office: Office) -> None:
    office.unit.off = True
    with pytest.raises(DeviceError):
        await office.keeper.ask()
    assert await office.store.find(Kind.CUSTODY) == []
    office.unit.off = False
    office.unit.fail("bin_count", "unsupported")
    assert (await office.keeper.ask())["bin_before"] is None


@pytest.mark.parametrize(
    ("error", "state"),
    [
        ("no_media", C.NONE),
        ("media_bad", C.NONE),
        ("media_removed", C.NONE),
        ("jam", C.STUCK),
        ("timeout", C.ASKED),
        ("protocol", C.ASKED),
    ],
)
async def test_what_did_not_come_in(office: Office, error: str, state: str) -> None:
    row = await office.keeper.ask()
    office.unit.fail("accept", error)
    with pytest.raises(DeviceError):
        await office.keeper.accept(row, 1.0)
    assert (await office.keeper.latest(row)).state == state


@pytest.mark.parametrize(
    ("came", "place_says", "state"),
    [(False, "", C.NONE), (True, "", C.INSIDE), (True, "offline", C.ASKED), (True, "jammed", C.STUCK)],
)
async def test_broken_off_while_waiting(office: Office, came: bool, place_says: str, state: str) -> None:
    row = await office.keeper.ask()
    if came:
        await office.unit.accept(1.0)
    if place_says == "jammed":
        office.unit.at = P.JAMMED
    elif place_says:
        office.unit.fail("place", place_says)
    row = await office.keeper.close_slot(row)
    assert row.state == state
    assert (await office.keeper.close_slot(row)).state == (C.INSIDE if place_says == "offline" else state)


async def test_intent_is_on_record_before_the_motor_moves(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, str]] = []
    for op in ("accept", "eject", "retain"):
        do = getattr(office.unit, op)

        async def watched(*args: Any, op: str = op, do: Any = do) -> Any:
            seen.append((op, (await office.custody()).state))
            return await do(*args)

        monkeypatch.setattr(office.unit, op, watched)
    office.unit.takes = False
    row = await office.keeper.offer(await office.took_in())
    row = await office.keeper.wait_taken(row, 1.0)
    assert (await office.keeper.retain(row, "not_taken")).state == C.RETAINED
    assert seen == [("accept", "asked"), ("eject", "offered"), ("retain", "retaining")]


@pytest.mark.parametrize("op", ["offer", "retain"])
async def test_nothing_moves_that_could_not_be_written_down(
    office: Office, op: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = await office.took_in()

    async def full(*_: Any) -> Any:
        raise LedgerError("disk full")

    monkeypatch.setattr(office.store, "commit", full)
    with pytest.raises(LedgerError):
        await (office.keeper.offer(row) if op == "offer" else office.keeper.retain(row, "not_taken"))
    assert office.unit.at is P.READER


async def test_not_taken_goes_into_the_bin_and_staff_know_whose_it_is(office: Office) -> None:
    row = await office.keeper.offer(await office.took_in())
    office.unit.takes = False
    row = await office.keeper.wait_taken(row, 1.0)
    assert row.state == C.OFFERED
    row = await office.keeper.retain(row, "not_taken")
    assert (row.state, row["trouble"]) == (C.RETAINED, "not_taken")
    assert office.keeper.permit(row) == {"number": "C9999****"}
    assert len(office.unit.bin) == 1
    row = await office.keeper.given_back(row)
    assert (row.state, office.keeper.permit(row)) == (C.RETURNED, None)


@pytest.mark.parametrize(
    ("trouble", "state", "said"),
    [
        (("eject", "jam"), C.STUCK, "media_jammed"),
        (("eject", "lost"), C.OFFERED, None),
        (("eject", "hardware"), C.INSIDE, "hardware"),
        (("eject", "timeout", "place", "timeout"), C.OFFERED, "timeout"),
    ],
)
async def test_the_motor_does_not_bring_it_out(
    office: Office, trouble: tuple[str, ...], state: str, said: str | None
) -> None:
    row = await office.took_in()
    for op, what in zip(trouble[::2], trouble[1::2], strict=True):
        office.unit.fail(op, what)
    row = await office.keeper.offer(row)
    assert (row.state, row["trouble"]) == (state, said)
    if state != C.STUCK:  # and it can be tried again
        row = await office.keeper.offer(row)
        assert (row.state, row["trouble"]) == (C.OFFERED, None)


@pytest.mark.parametrize("was", [C.INSIDE, C.STUCK])
async def test_gone_before_it_lay_at_the_slot_is_missing(office: Office, was: str) -> None:
    """Nobody has seen a citizen take it: that it is not there any more is for staff."""
    row = await taken_in(office, was)
    office.unit.held, office.unit.at = None, P.NONE
    row = await office.keeper.offer(row)
    assert row.state == C.MISSING


@pytest.mark.parametrize("was", [C.ASKED, C.INSIDE, C.OFFERED])
async def test_brought_out_while_nothing_could_be_written_down(office: Office, was: str) -> None:
    row = await taken_in(office, was)
    office.unit.held, office.unit.at = None, P.NONE
    office.keeper.seen_taken(row)
    office.leave()
    (found,) = await office.keeper.recover()
    assert found.custody.state == C.RETURNED


async def test_a_full_bin_leaves_it_at_the_slot(office: Office) -> None:
    row = await office.keeper.offer(await office.took_in())
    office.unit.bin_full = True
    row = await office.keeper.retain(row, "not_taken")
    assert (row.state, row["trouble"]) == (C.OFFERED, "supply_out")
    assert (await office.keeper.wait_taken(row, 1.0)).state == C.RETURNED


async def test_a_full_bin_leaves_it_inside(office: Office) -> None:
    office.unit.bin_full = True
    row = await office.keeper.retain(await office.took_in(), "staff")
    assert (row.state, row["trouble"]) == (C.INSIDE, "supply_out")


async def test_taken_in_the_last_moment(office: Office) -> None:
    row = await office.keeper.offer(await office.took_in())
    office.unit.take()
    row = await office.keeper.retain(row, "not_taken")
    assert row.state == C.RETURNED
    assert await path(office, row) == ["asked", "inside", "offered", "retaining", "offered", "returned"]


async def test_retained_although_the_answer_was_lost(office: Office) -> None:
    office.unit.fail("retain", "lost")
    assert (await office.keeper.retain(await office.took_in(), "staff")).state == C.RETAINED


# After a stop.

OPEN = [str(state) for state in OPEN_CUSTODIES]
PLACES = ["reader", "mouth", "jammed", "gone", "binned"]


def put(office: Office, where: str) -> None:
    """Where the permit is when the machine looks again, whatever happened before."""
    unit = office.unit
    card = unit.held or unit.card or Card()
    unit.held, unit.card = card, None
    if where in ("gone", "binned"):
        unit.held, unit.at = None, P.NONE
        if where == "binned":
            unit.bin.append(card)
            unit.put_in += 1
        else:
            unit.card = card
    else:
        unit.at = P(where)


@pytest.mark.parametrize("takes", [True, False])
@pytest.mark.parametrize("where", PLACES)
@pytest.mark.parametrize("state", OPEN)
async def test_found_again(office: Office, state: str, where: str, takes: bool) -> None:
    row = await taken_in(office, state)
    assert row.state == state
    put(office, where)
    office.unit.takes = takes
    await office.crash()
    (found,) = await office.keeper.recover()
    assert found.was == state
    gone = {C.ASKED: C.NONE, C.OFFERED: C.RETURNED}.get(C(state), C.MISSING)
    wanted = {
        "reader": C.RETURNED if takes else C.RETAINED,
        "mouth": C.RETURNED if takes else C.RETAINED,
        "jammed": C.STUCK,
        "gone": gone,
        "binned": C.RETAINED,
    }
    assert found.custody.state == wanted[where]
    assert found.custody == await office.custody()
    assert (office.unit.held is None) == (where != "jammed")
    assert await office.breaches() == []
    if where != "jammed":
        assert await office.keeper.recover() == []


async def test_retained_from_the_slot_and_taken_meanwhile(office: Office) -> None:
    row = await office.keeper.offer(await office.took_in())
    office.unit.fail("retain", "timeout")
    office.unit.fail("place", "timeout")
    row = await office.keeper.retain(row, "not_taken")
    assert (row.state, row["trouble"]) == (C.RETAINING, "timeout")
    office.unit.take()
    await office.crash()
    (found,) = await office.keeper.recover()
    assert found.custody.state == C.RETURNED


@pytest.mark.parametrize("where", ["reader", "mouth", "jammed"])
async def test_a_card_nobody_knows_of(office: Office, where: str) -> None:
    put(office, where)
    office.unit.takes = False
    (found,) = await office.keeper.recover()
    assert found.custody.state == (C.STUCK if where == "jammed" else C.RETAINED)
    assert found.custody.order_id == ""
    assert await office.breaches() == []


async def test_nothing_open_and_nothing_inside(office: Office) -> None:
    assert await office.keeper.recover() == []
    assert await office.store.find(Kind.CUSTODY) == []
    office.unit.off = True
    assert await office.keeper.recover() == []


@pytest.mark.parametrize("silent", ["place", "bin_count", "off", "unknown"])
async def test_what_the_unit_does_not_tell_stays_open_until_it_does(office: Office, silent: str) -> None:
    await office.took_in()
    await office.crash()
    if silent == "off":
        office.unit.off = True
    elif silent == "unknown":
        office.unit.at = P.UNKNOWN
    else:
        office.unit.fail(silent, "timeout")
    found = await office.keeper.recover()
    assert [each.custody.state for each in found] == ([C.INSIDE] if silent == "unknown" else [])
    assert [row.state for row in await office.keeper.open_rows()] == [C.INSIDE]
    office.unit.off, office.unit.at = False, P.READER
    (found,) = await office.keeper.recover()
    assert found.custody.state == C.RETURNED


async def test_a_session_is_left_alone(office: Office) -> None:
    row = await office.took_in()
    assert await office.keeper.recover() == []
    assert office.unit.at is P.READER
    office.leave()
    (found,) = await office.keeper.recover()
    assert found.custody.id == row.id


async def test_two_recoveries_at_once_are_one(office: Office) -> None:
    await office.took_in()
    office.leave()
    both = await asyncio.gather(office.keeper.recover(), office.keeper.recover())
    assert sorted(len(found) for found in both) == [0, 1]


async def test_staff_open_a_jammed_unit(office: Office) -> None:
    office.unit.fail("eject", "jam")
    row = await office.keeper.offer(await office.took_in())
    assert row.state == C.STUCK
    office.leave()
    assert [found.custody.state for found in await office.keeper.recover()] == [C.STUCK]
    office.unit.staff_open()
    (found,) = await office.keeper.recover()
    assert found.custody.state == C.MISSING
    assert (await office.keeper.given_back(found.custody)).state == C.RETURNED


async def test_only_the_newest_can_be_the_card_inside(office: Office) -> None:
    """As a ledger mended by hand may say: the first permit went into the bin before the second came."""
    first = await office.took_in()
    office.unit.held, office.unit.put_in = None, 1
    office.unit.card = Card()
    office.clock.forward(seconds=1)
    (second,) = await office.store.commit(New(Kind.CUSTODY, "C2", "", "slot_opens", {"bin_before": 1}))
    second = await office.keeper.accept(second, 1.0)
    office.leave()
    found = await office.keeper.recover()
    assert [(each.custody.id, each.custody.state) for each in found] == [
        (first.id, C.RETAINED),
        (second.id, C.RETURNED),
    ]


async def test_one_permit_at_a_time(office: Office) -> None:
    await office.took_in()
    with pytest.raises(DeviceError) as caught:
        await office.keeper.ask()
    assert caught.value.kind == "busy"
    office.leave()
    _, asked = await asyncio.gather(office.keeper.recover(), office.keeper.ask())
    assert asked.state == C.ASKED


# All day.


@pytest.fixture
async def attended(office: Office) -> AsyncIterator[Office]:
    watching = asyncio.ensure_future(office.keeper.attend(0.01))
    yield office
    assert not watching.done()
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)


async def until_state(office: Office, state: str) -> Record:
    while not (rows := await office.store.find(Kind.CUSTODY, [state])):
        await asyncio.sleep(0.005)
    return rows[-1]


async def test_attended_an_abandoned_permit_goes_home(attended: Office) -> None:
    row = await attended.took_in()
    await asyncio.sleep(0.1)
    assert (await attended.custody()).state == C.INSIDE
    attended.leave()
    assert (await until_state(attended, C.RETURNED)).id == row.id


async def test_attended_the_unit_comes_back(attended: Office) -> None:
    await attended.took_in()
    attended.unit.off = True
    attended.leave()
    await asyncio.sleep(0.1)
    assert (await attended.custody()).state == C.INSIDE
    attended.unit.off = False
    await until_state(attended, C.RETURNED)


async def test_attended_a_unit_that_comes_back_with_a_card_nobody_knows_of(office: Office) -> None:
    office.unit.off, office.unit.takes = True, False
    put(office, "reader")
    watching = asyncio.ensure_future(office.keeper.attend(0.01))
    await asyncio.sleep(0.05)
    office.unit.off = False
    await until_state(office, C.RETAINED)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)


async def test_attended_a_card_given_back_in_a_session_is_not_binned(attended: Office) -> None:
    """It lies at the slot, refused, and the citizen is about to take it."""
    await asyncio.sleep(0.05)
    row = await attended.keeper.ask()
    attended.unit.fail("accept", "media_bad")
    with pytest.raises(DeviceError):
        await attended.keeper.accept(row, 1.0)
    put(attended, "mouth")
    await asyncio.sleep(0.1)
    assert attended.unit.at is P.MOUTH
    assert len(await attended.store.find(Kind.CUSTODY)) == 1


async def test_attended_a_refused_card_that_is_left_there_goes_on_record(attended: Office) -> None:
    """A permit put in the wrong way round, and its holder has gone: the next one at the slot must not be able to take it."""
    await asyncio.sleep(0.05)
    attended.unit.takes = False
    put(attended, "mouth")
    row = await until_state(attended, C.RETAINED)
    assert [event["why"] for event in await attended.store.events(row.id)][:2] == ["found_in_unit", "found"]
    assert len(attended.unit.bin) == 1


async def test_attended_what_does_not_move_fills_no_book(attended: Office) -> None:
    row = await attended.keeper.stuck(await attended.took_in(), "jam")
    attended.unit.at = P.JAMMED
    attended.leave()
    await asyncio.sleep(0.05)
    before = len(await attended.store.events(row.id))
    await asyncio.sleep(0.2)
    assert len(await attended.store.events(row.id)) == before
    attended.unit.staff_open()
    await until_state(attended, C.MISSING)


async def test_attending_survives_a_pass_that_breaks(attended: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    await attended.took_in()
    recover, passes = attended.keeper.recover, 0

    async def broken() -> Any:
        nonlocal passes
        passes += 1
        if passes < 3:
            raise LedgerError("disk full") if passes == 1 else RuntimeError("a bug")
        return await recover()

    monkeypatch.setattr(attended.keeper, "recover", broken)
    attended.leave()
    await until_state(attended, C.RETURNED)
    assert passes >= 3


async def test_a_unit_that_does_not_count(office: Office) -> None:
    office.unit.fail("bin_count", *["unsupported"] * 5)
    row = await office.took_in()
    office.unit.fail("retain", "timeout")
    office.unit.fail("place", "timeout")
    row = await office.keeper.retain(row, "staff")
    put(office, "binned")
    office.leave()
    (found,) = await office.keeper.recover()
    assert found.custody.state == C.RETAINED


async def test_the_motor_jams_while_recovering(office: Office) -> None:
    await office.took_in()
    office.leave()
    office.unit.fail("eject", "jam")
    (found,) = await office.keeper.recover()
    assert found.custody.state == C.STUCK


async def test_a_full_bin_while_recovering_is_tried_again(office: Office) -> None:
    await office.took_in()
    office.leave()
    office.unit.takes, office.unit.bin_full = False, True
    (found,) = await office.keeper.recover()
    assert (found.custody.state, found.custody["trouble"]) == (C.OFFERED, "supply_out")
    office.unit.bin_full = False
    (found,) = await office.keeper.recover()
    assert found.custody.state == C.RETAINED


# What was being written.


async def interrupted(office: Office, state: str, on_chip: str) -> tuple[Record, Record]:
    """The machine stopped while writing, with the permit inside."""
    custody = await office.took_in()
    row = await issuance_in(office, state)
    custody = await office.keeper.belongs_to(custody, row.order_id)
    numbers = [grant["number"] for grant in row["grants"]]
    assert office.unit.held is not None
    office.unit.held.chip = {"all": ["OLD1", *numbers], "none": ["OLD1"], "empty": []}[on_chip]
    await office.crash()
    return row, custody


@pytest.mark.parametrize("state", [IssuanceState.WRITING, IssuanceState.WRITE_UNKNOWN])
@pytest.mark.parametrize(
    ("on_chip", "wanted", "payments", "end"),
    [
        ("all", "written", "paid", "confirmed"),
        ("none", "voiding", "refund_due", "voided"),
        ("empty", "voiding", "refund_due", "voided"),
    ],
)
async def test_the_chip_says_what_became_of_it(
    office: Office, state: str, on_chip: str, wanted: str, payments: str, end: str
) -> None:
    row, _ = await interrupted(office, state, on_chip)
    (found,) = await office.keeper.recover()
    assert found.issuance is not None
    assert found.issuance.state == wanted
    assert await office.payment_states() == [payments]
    assert found.custody.state == C.RETURNED
    assert office.unit.writes == {}
    await office.sweeper.sweep()
    assert await office.state(Kind.ISSUANCE, row.id) == end
    assert await office.breaches() == []


async def test_the_sweeper_waits_for_the_chip(office: Office) -> None:
    """Swept before the unit was asked, as at boot: nothing is given up that could still be looked at."""
    row, _ = await interrupted(office, IssuanceState.WRITING, "all")
    office.unit.off = True
    await office.keeper.recover()
    await office.sweeper.sweep()
    assert await office.state(Kind.ISSUANCE, row.id) == IssuanceState.WRITING
    office.unit.off = False
    await office.keeper.recover()
    await office.sweeper.sweep()
    assert await office.state(Kind.ISSUANCE, row.id) == IssuanceState.CONFIRMED


@pytest.mark.parametrize("kind", ["offline", "timeout", "busy"])
async def test_a_chip_that_can_be_asked_later_keeps_the_permit_inside(office: Office, kind: str) -> None:
    row, _ = await interrupted(office, IssuanceState.WRITING, "all")
    office.unit.fail("written", kind)
    (found,) = await office.keeper.recover()
    assert (found.custody.state, office.unit.at) == (C.INSIDE, P.READER)
    (found,) = await office.keeper.recover()
    assert (found.custody.state, found.custody["trouble"]) == (C.RETURNED, None)
    assert await office.state(Kind.ISSUANCE, row.id) == IssuanceState.WRITTEN


async def test_a_chip_that_cannot_be_read_is_no_reason_to_keep_the_permit(office: Office) -> None:
    row, _ = await interrupted(office, IssuanceState.WRITING, "all")
    office.unit.fail("written", "hardware")
    (found,) = await office.keeper.recover()
    assert found.custody.state == C.RETURNED
    await office.sweeper.sweep()
    assert await office.state(Kind.ISSUANCE, row.id) == IssuanceState.MANUAL
    assert await office.state(Kind.ORDER, row.order_id) == "manual"
    assert await office.payment_states() == ["paid"]


async def test_a_chip_with_a_part_of_the_set_needs_staff(office: Office) -> None:
    row = await office.signed(("HKG-G-3M1", "MAC-G-3M1"))
    custody = await office.keeper.belongs_to(await office.took_in(), row.order_id)
    row = await office.issuer.apply(row)
    payment = await office.bill(row)
    office.pays()
    row = await office.issuer.authorise(row, await office.cashier.ask(payment))
    row = await office.issuer.begin_write(row, "J1")
    assert office.unit.held is not None
    office.unit.held.chip = [row["grants"][0]["number"]]
    await office.crash()
    (found,) = await office.keeper.recover()
    assert found.custody.id == custody.id
    assert found.issuance is not None
    assert found.issuance.state == IssuanceState.MANUAL


# The rules themselves.


def test_every_way_the_keeper_goes_is_allowed() -> None:
    for old in OPEN_CUSTODIES:
        for place in CardPlace:
            for bin_now in (None, 0, 1):
                row = Record(Kind.CUSTODY, "C", "", old, 1, "", "", {"bin_before": 0, "place": "mouth"})
                new = where_now(row, place, bin_now)
                at: str = old
                for step in route(old, new) if new is not None else ():
                    assert step in MOVES[Kind.CUSTODY][at], f"{at} -> {step} ({place}, {bin_now})"
                    at = step
                assert new in (None, at)
