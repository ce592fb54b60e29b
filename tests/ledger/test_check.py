"""Each money invariant finds the breach that was planted."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from kiosk.ledger.check import check
from kiosk.ledger.states import IssuanceState, Kind
from kiosk.verbs.ledger import _list
from tests.ledger.parts import Counter
from tests.ledger.permit_parts import DETAIL, Office, issuance_in


@pytest.fixture
async def settled(counter: Counter) -> str:
    """A good ledger: two fines decided, paid, posted, and one slip printed."""
    from kiosk.ledger.store import Move, New

    order_id, payment, _ = await counter.shown()
    counter.pays()
    counter.leave()
    await counter.sweeper.sweep()
    data = {"slip": "payment_voucher", "subject_id": payment.id, "copy": 1}
    (job,) = await counter.store.commit(New(Kind.PRINT, "J1", order_id, "asked", data))
    (job,) = await counter.store.commit(Move(job, "printing", "test"))
    await counter.store.commit(Move(job, "done", "test"))
    assert await counter.breaches() == []
    return order_id


def by_hand(file: Path, *statements: str) -> None:
    hand = sqlite3.connect(file)
    with hand:
        for statement in statements:
            hand.execute(statement)
    hand.close()


PLANTED = {
    "I1 posted more than paid": ("I1", "UPDATE payment SET paid_fen = 100"),
    "I1 paid more than posted": ("I1", "UPDATE payment SET paid_fen = 99999"),
    "I1 paid and not posted": ("I1", "DELETE FROM posting WHERE id LIKE '%D1S'"),
    "I1 posted by a payment that was refunded": ("I1", "UPDATE payment SET state = 'refunded'"),
    "I2 settled without a posting": ("I2", "UPDATE posting SET state = 'intent' WHERE id LIKE '%D1S'"),
    "I3 paid without the wallet's number": ("I3", "UPDATE payment SET trade_no = NULL"),
    "I4 open for three days": (
        "I4",
        "UPDATE payment SET state = 'pending', moved_at = '2026-03-15T00:00:00.000+08:00'",
    ),
    "I5 a row that no event moved": ("I5", "UPDATE decision SET state = 'rejected' WHERE id LIKE '%D1'"),
    "I5 an event that was altered": ("I5", "UPDATE event SET at = '2026-01-01' WHERE seq = 3"),
    "I5 an order that disappeared": ("I5", "DELETE FROM print"),
}


@pytest.mark.parametrize("what", list(PLANTED))
async def test_found(counter: Counter, settled: str, what: str) -> None:
    invariant, statement = PLANTED[what]
    by_hand(counter.file, statement)
    found = await check(counter.store, counter.clock.now())
    assert invariant in {breach.invariant for breach in found}, found
    for breach in found:
        assert counter.scenario.person.name not in repr(breach)


async def test_two_payments_kept(counter: Counter, settled: str) -> None:
    columns = "order_id, state, version, created_at, moved_at, amount_fen, covers, paid_fen, trade_no"
    by_hand(counter.file, f"INSERT INTO payment (id, {columns}) SELECT 'X', {columns} FROM payment")
    found = await check(counter.store, counter.clock.now())
    assert ("I1", settled, "2 payments kept") in {(b.invariant, b.record, b.what) for b in found}


async def test_a_copy_number_used_twice(counter: Counter, settled: str) -> None:
    """The table forbids it; a ledger without that constraint (mended by hand) is still found out."""
    by_hand(
        counter.file,
        "CREATE TABLE other AS SELECT * FROM print",
        "INSERT INTO other SELECT * FROM print",
        "DROP TABLE print",
        "ALTER TABLE other RENAME TO print",
    )
    found = await check(counter.store, counter.clock.now())
    assert "I6" in {breach.invariant for breach in found}


async def test_the_table_itself_forbids_a_copy_number_twice(counter: Counter, settled: str) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        by_hand(counter.file, "INSERT INTO print SELECT 'J2', order_id, state, version, created_at, moved_at, slip,"
                " subject_id, copy, trouble FROM print")  # fmt: skip


async def test_two_days_are_allowed(counter: Counter) -> None:
    await counter.shown()
    counter.clock.forward(hours=47)
    assert await counter.breaches() == []
    counter.clock.forward(hours=2)
    assert {line.split()[0] for line in await counter.breaches()} == {"I4"}


# Endorsements.

FEES = {
    "I1 a fee kept for what was given up": ("I1", "UPDATE issuance SET state = 'voided'"),
    "I1 a fee kept for what is being given up": ("I1", "UPDATE issuance SET state = 'voiding'"),
    "I1 a fee kept for what was refused": ("I1", "UPDATE issuance SET state = 'rejected'"),
    "I1 a fee kept for what was never applied for": ("I1", "UPDATE issuance SET state = 'unknown'"),
    "I1 issued for nothing": ("I1", "UPDATE payment SET state = 'refunded'"),
    "I1 another fee": ("I1", "UPDATE payment SET paid_fen = 1"),
    "I2 settled and not in force": ("I2", "UPDATE issuance SET state = 'written'"),
    "I4 open for three days": (
        "I4",
        "UPDATE issuance SET state = 'voiding', moved_at = '2026-03-15T00:00:00.000+08:00'",
    ),
    "I5 a row that no event moved": ("I5", "UPDATE custody SET state = 'retained'"),
    "I7 written twice": (
        "I7",
        "INSERT INTO event (kind, record, old, new, version, at, why, hash) SELECT kind, record, old, new, 99, at, why, hash"
        " FROM event WHERE kind = 'issuance' AND new = 'written'",
    ),
    "I8 a permit in the machine for three days": (
        "I8",
        "UPDATE custody SET state = 'stuck', created_at = '2026-03-15T00:00:00.000+08:00'",
    ),
}


@pytest.mark.parametrize("what", list(FEES))
async def test_found_in_endorsements(office: Office, what: str) -> None:
    await office.visit()
    assert await office.breaches() == []
    invariant, statement = FEES[what]
    by_hand(office.file, statement)
    found = await check(office.store, office.clock.now())
    assert invariant in {breach.invariant for breach in found}, found


async def test_every_state_of_a_real_issuance_is_sound(office: Office) -> None:
    """The check does not cry wolf, whatever a machine is doing while it is asked."""
    for state in IssuanceState:
        await issuance_in(office, state)
        assert await office.breaches() == []


async def test_notes_are_no_second_write(office: Office) -> None:
    row = await issuance_in(office, IssuanceState.WRITTEN)
    for _ in range(3):
        row = await office.issuer.remember(row, {"x": 1})
    assert await office.breaches() == []


async def test_a_permit_may_stay_for_two_days(office: Office) -> None:
    row = await office.took_in()
    office.clock.forward(hours=47)
    row = await office.keeper.describe(row, {})
    assert await office.breaches() == []
    office.clock.forward(hours=2)
    assert [line.split()[0] for line in await office.breaches()] == ["I8"]


async def test_the_work_list_for_staff(office: Office) -> None:
    """Orders for staff and permits that are not with their holders; without a word about whose they are."""
    kept = await office.keeper.retain(await office.took_in(), "not_taken")
    row = await issuance_in(office, IssuanceState.MANUAL)
    await office.orders.conclude(row.order_id, citizen_present=False)
    await issuance_in(office, IssuanceState.CONFIRMED)
    report = await _list(office.store)
    told = {(each["kind"], each["id"], each["state"], each["staff"]) for each in report.data["open"]}
    assert {
        ("custody", kept.id, "retained", True),
        ("order", row.order_id, "manual", True),
        ("issuance", row.id, "manual", True),
    } <= told
    assert "confirmed" not in report.text
    for secret in (*DETAIL.values(), "C9999"):
        assert secret not in report.text
        assert secret not in repr(report.data)
