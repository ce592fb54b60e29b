"""What the client asks and the server answers, operation by operation, follows `openapi.yaml`."""

from __future__ import annotations

from typing import Any

import pytest

from kiosk.domain.errors import Refused
from kiosk.domain.violation import Consent
from kiosk.gateways.police.bills import BillDesk
from kiosk.gateways.police.postings import PoliceBooks
from tests.gateways.contract import Recorder, contract_of
from tests.gateways.halls import SIGNATURE, WAIVED
from tests.gateways.scenario_files import asks_owner

CONTRACT = contract_of("kiosk.gateways.police")
LATER = {"filing_standing", "request_filing", "filing", "confirm_filing", "withdraw_filing"}
"""Operations that need an owner to ask."""


@pytest.fixture
async def recorder(hall):
    recorder = Recorder(CONTRACT, "[0-9A-Z]+")
    await recorder.listen_to(hall.client)
    return recorder


@pytest.fixture
async def desk(hall, recorder):
    desk = BillDesk(hall.client.endpoint)
    await recorder.listen_to(desk)
    yield desk
    await desk.aclose()


@pytest.fixture
async def books(hall, recorder):
    books = PoliceBooks(hall.client.endpoint)
    await recorder.listen_to(books)
    yield books
    await books.aclose()


async def test_requests_and_answers_of_all_operations_follow_the_contract(hall, recorder, desk, books):
    client, number, plate = hall.client, hall.number, "浙BB01M1"
    refused = []

    async def no(call: Any) -> None:
        with pytest.raises(Refused) as said:
            await call
        refused.append(said.value.code)

    await client.health()
    await client.holidays(2026)
    await no(client.holidays(2031))
    await client.identify(number, hall.scenario.person.name)
    await no(client.identify(number, "王五"))
    await client.identify("330203199001010006", "王五")
    photo = await client.police_photo(number)
    await client.police_photo("330203199001010006")
    await client.match_face(number, photo)
    await client.vehicles(number)
    await client.verify_vehicle(plate, "02", "001010")
    await client.verify_vehicle(plate, "02", "000000")
    await client.open_records(plate, "02")
    await no(client.open_records("浙B99999", "02"))
    await client.evidence(hall.record)
    await client.find_decision(hall.record)
    await no(client.find_decision("9" * 16))
    await no(client.fine_status("9" * 15))
    decision = await hall.decide()
    await hall.decide()
    await no(hall.decide(key="another"))
    await client.find_decision(hall.record)
    await client.fine_status(decision.number)
    await client.payable_fine(decision.number, decision.check_char)
    await no(client.payable_fine(decision.number, "9"))
    await no(client.payable_fine("9" * 15))
    assert await client.find_payment(decision.number) is None
    await desk.make("CI01P1", [(decision.number, 15000)], 120.0)
    await desk.make("CI01P1", [(decision.number, 15000)], 120.0)
    await no(desk.make("CI01P2", [(decision.number, 15000)], 120.0))
    await desk.find("CI01P1")
    await desk.close("CI01P1")
    assert await desk.find("CI01P9") is None
    await no(client.post_payment(decision.number, 1, "T1", "2026-11-21T10:01:00+08:00", "k"))
    await client.post_payment(decision.number, 15000, "T1", "2026-11-21T10:01:00+08:00", "k")
    await no(client.post_payment(decision.number, 15000, "T2", "2026-11-21T10:01:00+08:00", "k"))
    await client.find_payment(decision.number)
    await books.posted(hall.clock.now().date())
    assert await client.ebill(decision.number) is not None
    await no(client.ebill("9" * 15))
    assert [record.record_id for record in await client.handled(number)] == [hall.record]
    second = hall.scenario.records[1].id
    assert await client.hold([second], number, "V-1") == ()
    assert await client.hold([second], number, "V-2") == (second,)
    await client.release("V-1")
    assert await client.reserve_number(second, "n") is None
    await no(client.commit_number("9" * 15, second))
    await no(client.roll_back_number("9" * 15, second))
    await client.object_to(second, number, "图片看不清", "o", "看不清号牌", "13000000000")
    await no(client.defend(second, number, "当时在让行", "", "d"))
    assert {name for name, _ in recorder.seen} == set(CONTRACT.operations) - LATER
    assert {status for _, status in recorder.seen} == {200, 201, 404, 409, 422}
    assert "already_paid" in refused


async def test_numbers_filings_and_statements_follow_the_contract(open_hall, tmp_path):
    async with open_hall(asks_owner(tmp_path)) as hall:
        await Recorder(CONTRACT, "[0-9A-Z]+").listen_to(hall.client)
        client, number, plate = hall.client, hall.number, "浙BZ02M2"
        reserved = await client.reserve_number(hall.record, "n1")
        assert reserved == await client.reserve_number(hall.record, "n1")
        await client.hold([hall.record], number, "V-1")
        decision = await client.decide(hall.record, number, Consent(WAIVED, SIGNATURE), hall.record, reserved.number)
        assert decision.number == reserved.number
        assert await client.ebill(decision.number) is None
        await client.commit_number(decision.number, hall.record)
        with pytest.raises(Refused):
            await client.roll_back_number(decision.number, hall.record)
        await client.defend(hall.scenario.records[1].id, number, "当时在让行", "13000000000", "d1")
        await client.filing_standing(number, plate, "02")
        by_code = await client.request_filing(number, plate, "02", "sms", "f1")
        with pytest.raises(Refused):
            await client.confirm_filing(by_code.filing_id, "000000")
        await client.withdraw_filing(by_code.filing_id)
        with pytest.raises(Refused):
            await client.confirm_filing(by_code.filing_id, "482913")
        by_qr = await client.request_filing(number, plate, "02", "qr", "f2")
        await client.filing(by_qr.filing_id)
        assert (await client.filing(by_qr.filing_id)).state == "filed"
        with pytest.raises(Refused):
            await client.request_filing(number, plate, "02", "qr", "f3")
        seen = {name for name, _ in hall.client._http._client._transport.seen}
        assert seen >= LATER
