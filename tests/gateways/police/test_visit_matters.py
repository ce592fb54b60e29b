"""What a visit keeps, reserves and asks of others: holds, decision numbers, filings, statements, electronic bills."""

from __future__ import annotations

import datetime as dt

import pytest

from kiosk.domain.errors import GatewayUnavailable, Refused
from kiosk.domain.violation import Consent, FilingStanding
from tests.gateways.halls import SIGNATURE, WAIVED
from tests.gateways.scenario_files import asks_owner

OTHERS = "浙BZ02M2"
STRANGER = "330203199001010006"


async def refused(call) -> str:
    with pytest.raises(Refused) as no:
        await call
    return no.value.code


def decide(hall, number: str, record: str = ""):
    record = record or hall.record
    return hall.client.decide(record, hall.number, Consent(WAIVED, SIGNATURE), record, number)


# Holds (W11)


async def test_a_held_record_is_somebody_elses_for_ten_minutes(hall):
    first, second = (record.id for record in hall.scenario.records)
    assert await hall.client.hold([first, second], STRANGER, "V-1") == ()
    assert await hall.client.hold([second, first], hall.number, "V-2") == (second, first)
    assert await refused(hall.decide()) == "record_held"
    hall.clock.time += dt.timedelta(minutes=9, seconds=59)
    assert await hall.client.hold([first], STRANGER, "V-1") == ()
    hall.clock.time += dt.timedelta(seconds=1)
    assert await hall.client.hold([first, second], hall.number, "V-2") == (first,)
    hall.clock.time += dt.timedelta(minutes=10)
    await hall.decide()
    assert set(hall.sim.world.books.holds) == {second}


async def test_what_is_given_back_is_free_at_once(hall):
    await hall.client.hold([hall.record], STRANGER, "V-1")
    await hall.client.release("V-2")
    assert await refused(hall.decide()) == "record_held"
    await hall.client.release("V-1")
    await hall.client.release("V-1")
    await hall.decide()


async def test_an_unknown_record_cannot_be_held(hall):
    assert await refused(hall.client.hold([hall.record, "9" * 16], hall.number, "V-1")) == "unknown_record"
    assert await hall.client.hold([hall.record], STRANGER, "V-2") == ()


# Numbers


async def test_a_number_is_reserved_used_and_committed(open_hall, tmp_path):
    async with open_hall(asks_owner(tmp_path)) as hall:
        reserved = await hall.client.reserve_number(hall.record, "k")
        assert (reserved.number[:8], len(reserved.number), reserved.record_id) == ("33020326", 15, hall.record)
        assert await refused(hall.client.commit_number(reserved.number, hall.record)) == "number_unused"
        assert await refused(decide(hall, "")) == "number_missing"
        assert (await decide(hall, reserved.number)).number == reserved.number
        assert await refused(hall.client.roll_back_number(reserved.number, hall.record)) == "number_used"
        for _ in range(2):
            await hall.client.commit_number(reserved.number, hall.record)
        assert await hall.client.reserve_number(hall.record, "k") == reserved
        assert await refused(hall.client.reserve_number(hall.record, "k2")) == "already_decided"


async def test_a_number_that_is_given_back_is_taken_by_the_next(open_hall, tmp_path):
    async with open_hall(asks_owner(tmp_path)) as hall:
        first, second = (record.id for record in hall.scenario.records)
        numbers = [(await hall.client.reserve_number(record, record)).number for record in (first, second)]
        assert await refused(hall.client.reserve_number(first, "another")) == "pool_exhausted"
        assert await refused(hall.client.reserve_number(second, first)) == "key_reused"
        assert await refused(decide(hall, numbers[1])) == "number_not_reserved"
        for _ in range(2):
            await hall.client.roll_back_number(numbers[0], first)
        assert await refused(decide(hall, numbers[0])) == "number_not_reserved"
        assert (await hall.client.reserve_number(first, "another")).number == numbers[0]


async def test_a_number_nobody_uses_goes_back_after_half_an_hour(open_hall, tmp_path):
    async with open_hall(asks_owner(tmp_path)) as hall:
        reserved = await hall.client.reserve_number(hall.record, "k")
        hall.clock.time = reserved.expires_at
        assert await refused(decide(hall, reserved.number)) == "number_not_reserved"
        again = await hall.client.reserve_number(hall.scenario.records[1].id, "k2")
        assert again.number == reserved.number


@pytest.mark.parametrize("fault", ["drop_after", "drop_before", "half_answer", "error_503", "missing_member"])
async def test_a_lost_reservation_takes_one_number(open_hall, tmp_path, fault):
    async with open_hall(asks_owner(tmp_path)) as hall:
        hall.arm(f"reserve_number.{fault}")
        with pytest.raises(GatewayUnavailable):
            await hall.client.reserve_number(hall.record, "k")
        await hall.client.reserve_number(hall.record, "k")
        assert len(hall.sim.world.books.numbers) == 1


async def test_a_platform_that_numbers_by_itself_takes_no_number(hall):
    assert await hall.client.reserve_number(hall.record, "k") is None
    assert await refused(decide(hall, "330203260000009")) == "number_not_reserved"


# Filings (V04)


async def test_the_owner_scans_and_the_vehicle_is_filed_from_today(open_hall, tmp_path):
    async with open_hall(asks_owner(tmp_path)) as hall:
        asked = await hall.client.request_filing(hall.number, OTHERS, "02", "qr", "k")
        assert (asked.state, asked.way, asked.phone_tail) == ("waiting", "qr", "")
        assert asked.qr_text.startswith("https://")
        assert (await hall.client.request_filing(hall.number, OTHERS, "02", "qr", "k")).filing_id == asked.filing_id
        assert (await hall.client.filing(asked.filing_id)).state == "waiting"
        assert (await hall.client.filing(asked.filing_id)).state == "filed"
        listed = {vehicle.plate: vehicle for vehicle in await hall.client.vehicles(hall.number)}
        assert (listed[OTHERS].relation, listed[OTHERS].filed_on) == ("filed", dt.date(2026, 11, 21))
        assert await hall.client.filing_standing(hall.number, OTHERS, "02") == FilingStanding(1, 1, 1, 1)
        assert await refused(hall.client.request_filing(hall.number, OTHERS, "02", "qr", "k2")) == "already_filed"
        for _ in range(2):
            await hall.client.withdraw_filing(asked.filing_id)
        assert OTHERS not in {vehicle.plate for vehicle in await hall.client.vehicles(hall.number)}


async def test_three_different_wrong_codes_end_a_request(open_hall, tmp_path):
    async with open_hall(asks_owner(tmp_path)) as hall:
        asked = await hall.client.request_filing(hall.number, OTHERS, "02", "sms", "k")
        assert (asked.phone_tail, asked.qr_text) == ("0000", "")
        for code in ("111111", "111111", "222222", "111111"):
            assert await refused(hall.client.confirm_filing(asked.filing_id, code)) == "wrong_code"
        assert (await hall.client.filing(asked.filing_id)).state == "waiting"
        assert await refused(hall.client.confirm_filing(asked.filing_id, "333333")) == "wrong_code"
        assert (await hall.client.filing(asked.filing_id)).state == "expired"
        assert await refused(hall.client.confirm_filing(asked.filing_id, "482913")) == "filing_closed"


async def test_the_right_code_files_it_once(open_hall, tmp_path):
    async with open_hall(asks_owner(tmp_path)) as hall:
        asked = await hall.client.request_filing(hall.number, OTHERS, "02", "sms", "k")
        hall.arm("confirm_filing.drop_after")
        with pytest.raises(GatewayUnavailable):
            await hall.client.confirm_filing(asked.filing_id, "482913")
        assert (await hall.client.confirm_filing(asked.filing_id, "482913")).state == "filed"


async def test_the_owner_may_refuse_or_never_answer(open_hall, tmp_path):
    async with open_hall(asks_owner(tmp_path)) as hall:
        asked = await hall.client.request_filing(hall.number, OTHERS, "02", "qr", "k")
        hall.sim.control({"do": "owner_refuses"})
        assert (await hall.client.filing(asked.filing_id)).state == "refused"
        with pytest.raises(ValueError, match="no filing waits"):
            hall.sim.control({"do": "owner_confirms"})
        asked = await hall.client.request_filing(hall.number, OTHERS, "02", "qr", "k2")
        hall.clock.time = asked.expires_at
        assert (await hall.client.filing(asked.filing_id)).state == "expired"


@pytest.mark.parametrize(
    ("scenario", "code"),
    [
        ("v_v04_three_vehicles", "filing_limit"),
        ("v_v04_three_users", "filing_limit"),
        ("v_v04_one_a_day", "filing_limit"),
        ("v_v04_five_a_year", "filing_limit"),
        ("v_v04_kind", "filing_not_allowed"),
        ("v_v04_rented", "filing_not_allowed"),
        ("happy_two_records", "own_vehicle"),
        ("filed_vehicle_before", "already_filed"),
    ],
)
async def test_bounds_on_filings(open_hall, scenario, code):
    async with open_hall(scenario) as hall:
        vehicle = hall.scenario.vehicles[0]
        asked = hall.client.request_filing(hall.number, vehicle.plate, vehicle.plate_type, "qr", "k")
        assert await refused(asked) == code
        assert hall.sim.world.books.filings == {}


async def test_no_code_without_a_telephone(open_hall, tmp_path):
    async with open_hall(asks_owner(tmp_path, filing='phone_tail = ""')) as hall:
        assert await refused(hall.client.request_filing(hall.number, OTHERS, "02", "sms", "k")) == "no_phone"


# Statements


async def test_a_statement_keeps_the_record_undecided(hall):
    call = (hall.record, hall.number, "当时为救护车让行", "13000000000", "d1")
    number = await hall.client.defend(*call)
    assert await hall.client.defend(*call) == number
    assert (await hall.client.open_records("浙BB01M1", "02"))[0].state == "auditing"
    assert await refused(hall.decide()) == "record_not_open"
    (entry,) = hall.sim.world.books.defences.values()
    assert (entry.statement, entry.phone) == ("当时为救护车让行", "13000000000")
    assert "救护车" not in repr(entry)


async def test_an_objection_with_words_of_ones_own(hall):
    await hall.client.object_to(hall.record, hall.number, "plate_misread", "o1", "末位是8", "13000000000")
    (entry,) = hall.sim.world.books.objections.values()
    assert (entry.reason, entry.text, entry.phone) == ("plate_misread", "末位是8", "13000000000")


# Electronic bills


async def test_an_electronic_bill_is_there_some_time_after_the_payment(open_hall, tmp_path):
    async with open_hall(asks_owner(tmp_path)) as hall:
        reserved = await hall.client.reserve_number(hall.record, "k")
        decision = await decide(hall, reserved.number)
        assert await hall.client.ebill(decision.number) is None
        await hall.client.post_payment(decision.number, 15000, "T1", "2026-11-21T10:01:00+08:00", "k")
        assert [(await hall.client.ebill(decision.number)).state for _ in range(3)] == ["issuing", "issuing", "issued"]
        bill = await hall.client.ebill(decision.number)
        assert (len(bill.code), len(bill.number), len(bill.check)) == (8, 10, 6)
        assert bill.url.startswith("https://")
        assert await refused(hall.client.ebill("9" * 15)) == "unknown_decision"


async def test_books_of_all_kinds_outlive_the_process(open_hall, tmp_path):
    books = tmp_path / "police.json"
    file = asks_owner(tmp_path)
    async with open_hall(file, state_file=books) as hall:
        reserved = await hall.client.reserve_number(hall.record, "k")
        decision = await decide(hall, reserved.number)
        await hall.client.hold([hall.scenario.records[1].id], STRANGER, "V-1")
        asked = await hall.client.request_filing(hall.number, OTHERS, "02", "sms", "k")
        assert await refused(hall.client.confirm_filing(asked.filing_id, "111111")) == "wrong_code"
        await hall.client.defend(hall.scenario.records[1].id, hall.number, "当时在让行", "", "d1")
        told = hall.sim.ledger()
    async with open_hall(file, state_file=books) as hall:
        assert hall.sim.ledger() == told
        assert await hall.client.find_decision(hall.record) == decision
        assert await hall.client.hold([hall.scenario.records[1].id], hall.number, "V-2") != ()
