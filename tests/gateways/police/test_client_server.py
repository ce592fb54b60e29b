"""Every operation of the client against the simulated server over a real socket."""

from __future__ import annotations

import asyncio
import datetime as dt
import io

import httpx
import pytest
from PIL import Image

from config.scenarios import SCENARIO_DIR
from kiosk.domain.errors import GatewayUnavailable, Refused
from kiosk.domain.identity import Photo
from kiosk.domain.violation import Consent, Decision, FineStatus
from kiosk.gateways.http import Endpoint
from kiosk.gateways.police.client import PoliceClient
from kiosk.ports.clock import SHANGHAI
from kiosk.ports.devices import MatchVerdict
from kiosk.ports.platform import PolicePlatform

PAID_AT = "2026-11-21T10:01:00+08:00"


async def test_the_client_is_a_police_platform(hall):
    platform: PolicePlatform = hall.client
    assert await platform.find_decision(hall.record) is None


async def test_identify_gives_the_licence_file(hall):
    driver = await hall.client.identify(hall.number, hall.scenario.person.name)
    assert driver is not None
    assert (driver.licence_no, driver.status, driver.points) == (hall.number, "A", 3)
    assert driver.valid_to == dt.date(2027, 11, 21)


async def test_identify_gives_none_without_a_licence(open_hall):
    async with open_hall("no_licence") as hall:
        assert await hall.client.identify(hall.number, hall.scenario.person.name) is None


async def test_identify_is_refused_for_another_name(hall):
    with pytest.raises(Refused) as no:
        await hall.client.identify(hall.number, "王五")
    assert no.value.code == "name_mismatch"


async def test_vehicles_lists_own_and_filed_only(open_hall):
    async with open_hall("filed_vehicle_before") as hall:
        (vehicle,) = await hall.client.vehicles(hall.number)
        assert (vehicle.relation, vehicle.filed_on) == ("filed", dt.date(2026, 10, 22))
    async with open_hall("typed_right_proof") as hall:
        assert await hall.client.vehicles(hall.number) == ()


@pytest.mark.parametrize("proof", ["001010", "MN00010"[-6:], "00-10 10"])
async def test_verify_vehicle_takes_the_tail_of_vin_or_engine(hall, proof):
    vehicle = await hall.client.verify_vehicle("浙BB01M1", "02", proof)
    assert vehicle is not None
    assert vehicle.relation == "typed"


@pytest.mark.parametrize(("plate", "proof"), [("浙BB01M1", "000000"), ("浙B99999", "001010"), ("浙BB01M1", "1010")])
async def test_verify_vehicle_gives_none_for_a_wrong_proof(hall, plate, proof):
    assert await hall.client.verify_vehicle(plate, "02", proof) is None


async def test_open_records_come_oldest_first_in_shanghai_time(hall):
    first, second = await hall.client.open_records("浙BB01M1", "02")
    assert (first.code, first.fine_fen, first.points) == ("1039", 15000, 0)
    assert first.at == dt.datetime(2026, 11, 9, 8, 14, tzinfo=SHANGHAI)
    assert first.at.tzinfo == SHANGHAI
    assert (second.code, second.photos, second.state) == ("1345", 3, "open")


async def test_evidence_is_pictures_marked_by_their_bytes(hall):
    photos = await hall.client.evidence(hall.scenario.records[1].id)
    assert len(photos) == 3
    assert len({photo.data for photo in photos}) == 3
    for photo in photos:
        assert Image.open(io.BytesIO(photo.data)).size == (1280, 720)
    assert await hall.client.evidence(hall.scenario.records[1].id) == photos


async def test_police_photo_and_face_match(hall):
    photo = await hall.client.police_photo(hall.number)
    assert photo is not None
    assert Image.open(io.BytesIO(photo.data)).format == "JPEG"
    match = await hall.client.match_face(hall.number, photo)
    assert (match.verdict, match.method) == (MatchVerdict.SAME, "platform")
    assert await hall.client.police_photo("330203199001010006") is None
    with pytest.raises(Refused) as no:
        await hall.client.match_face(hall.number, Photo(b"not a picture at all", "image/jpeg"))
    assert no.value.code == "bad_picture"


async def test_decide_find_status_post(hall):
    decision = await hall.decide()
    assert decision == Decision(
        number="330203260000001",
        check_char="2",  # 260000001 modulo 7
        record_id=hall.record,
        decided_at=dt.datetime(2026, 11, 21, 10, 0, 30, tzinfo=SHANGHAI),
        fine_fen=15000,
        points=0,
        points_total=3,
        deadline=dt.date(2026, 12, 7),  # 6 December is a Sunday
        authority="宁波市公安局交通警察局海曙大队",
        officer="警号 027000",
    )
    assert await hall.client.find_decision(hall.record) == decision
    assert [record.record_id for record in await hall.client.open_records("浙BB01M1", "02")] == [
        hall.scenario.records[1].id
    ]
    due = FineStatus(decision.number, 15000, 0, decision.deadline, paid=False)
    assert await hall.client.fine_status(decision.number) == due
    await hall.client.post_payment(decision.number, 15000, "T1", PAID_AT, decision.number)
    assert (await hall.client.fine_status(decision.number)).paid


async def test_a_warning_has_no_deadline_and_nothing_to_pay(open_hall):
    async with open_hall("warning_only") as hall:
        decision = await hall.decide()
        assert (decision.fine_fen, decision.points, decision.deadline) == (0, 0, None)
        with pytest.raises(Refused) as no:
            await hall.client.post_payment(decision.number, 1, "T1", PAID_AT, "k")
        assert no.value.code == "nothing_to_pay"


async def test_the_same_key_gives_the_same_decision_and_one_entry(hall):
    first, second = await asyncio.gather(hall.decide(), hall.decide())
    assert first == second == await hall.decide()
    assert len(hall.sim.world.books.decisions) == 1


async def test_another_key_or_person_is_refused(hall):
    await hall.decide()
    for more in ({"key": "another"}, {"person": "330203199001010006"}):
        with pytest.raises(Refused) as no:
            await hall.decide(**more)
        assert no.value.code == "already_decided"
    with pytest.raises(Refused) as no:
        await hall.decide(record=hall.scenario.records[1].id, key=hall.record)
    assert no.value.code == "key_reused"
    assert len(hall.sim.world.books.decisions) == 1


async def test_two_kiosks_and_one_record_make_one_decision(hall):
    other = PoliceClient(Endpoint(hall.url, "device-key-of-a-test"))
    call = (hall.record, hall.number, Consent(PAID_AT, "0" * 64))
    ends = await asyncio.gather(
        hall.client.decide(*call, "kiosk-1"), other.decide(*call, "kiosk-2"), return_exceptions=True
    )
    await other.aclose()
    assert sorted(type(end) for end in ends if not isinstance(end, Decision)) == [Refused]
    assert len(hall.sim.world.books.decisions) == 1


async def test_payment_is_idempotent_by_decision_and_trade(hall):
    decision = await hall.decide()
    for key in ("a", "a", "b"):
        await hall.client.post_payment(decision.number, 15000, "T1", PAID_AT, key)
    with pytest.raises(Refused) as no:
        await hall.client.post_payment(decision.number, 15000, "T2", PAID_AT, "c")
    assert no.value.code == "already_paid"
    with pytest.raises(Refused) as no:
        await hall.client.post_payment(decision.number, 14999, "T1", PAID_AT, "a")
    assert no.value.code == "amount_mismatch"
    (payment,) = hall.sim.world.books.payments.values()
    assert (payment.trade_no, payment.amount_fen) == ("T1", 15000)


async def test_the_platform_counts_the_day_of_payment_not_of_posting(hall):
    decision = await hall.decide()
    hall.clock.time = dt.datetime(2026, 12, 17, 9, 0, tzinfo=SHANGHAI)  # ten days late
    assert (await hall.client.fine_status(decision.number)).surcharge_fen == 4500
    with pytest.raises(Refused):
        await hall.client.post_payment(decision.number, 15000, "T1", "2026-12-17T09:00:00+08:00", "k")
    # One second before the deadline ends in Shanghai, told in another zone, posted ten days later.
    await hall.client.post_payment(decision.number, 15000, "T1", "2026-12-07T15:59:59Z", "k")
    assert await hall.client.fine_status(decision.number) == FineStatus(
        decision.number, 15000, 0, dt.date(2026, 12, 7), paid=True
    )


async def test_a_cashier_that_does_not_shift_deadlines(open_hall, tmp_path):
    naive = tmp_path / "naive.toml"
    text = (SCENARIO_DIR / "happy_two_records.toml").read_text(encoding="utf-8").replace("happy_two_records", "naive")
    naive.write_text(text + "\n[platform]\nholiday_shift = false\n", encoding="utf-8")
    async with open_hall(str(naive)) as hall:
        assert (await hall.decide()).deadline == dt.date(2026, 12, 6)


async def test_an_objection_keeps_the_record_open_but_undecidable(hall):
    number = await hall.client.object_to(hall.record, hall.number, "图片看不清", "objection-1")
    assert await hall.client.object_to(hall.record, hall.number, "图片看不清", "objection-1") == number
    assert len(hall.sim.world.books.objections) == 1
    assert (await hall.client.open_records("浙BB01M1", "02"))[0].state == "objected"
    with pytest.raises(Refused) as no:
        await hall.decide()
    assert no.value.code == "record_not_open"


@pytest.mark.parametrize(
    ("scenario", "index", "code"),
    [
        ("fine_over_200", 0, "general_procedure"),
        ("points_over_6", 0, "too_many_points"),
        ("points_reach_12", 0, "points_limit"),
        ("points_full", 0, "licence_blocked"),
        ("licence_expired", 0, "licence_expired"),
        ("licence_status_hm", 0, "licence_blocked"),
        ("no_licence", 0, "no_licence"),
        ("filed_vehicle_before", 0, "not_filed_in_time"),
    ],
)
async def test_the_platform_refuses_what_a_kiosk_should_not_have_asked(open_hall, scenario, index, code):
    async with open_hall(scenario) as hall:
        with pytest.raises(Refused) as no:
            await hall.decide(record=hall.scenario.records[index].id)
        assert no.value.code == code
        assert hall.sim.world.books.decisions == {}


async def test_points_add_up_over_decisions(open_hall):
    async with open_hall("points_add_up") as hall:
        assert (await hall.decide()).points_total == 9
        driver = await hall.client.identify(hall.number, hall.scenario.person.name)
        assert driver is not None
        assert driver.points == 9
        with pytest.raises(Refused) as no:
            await hall.decide(record=hall.scenario.records[1].id)
        assert no.value.code == "points_limit"


async def test_licence_status_that_does_not_block(open_hall):
    async with open_hall("licence_status_ah") as hall:
        assert (await hall.decide()).fine_fen == 15000


async def test_unknown_numbers_are_refused_not_none(hall):
    with pytest.raises(Refused) as no:
        await hall.client.find_decision("9" * 16)
    assert no.value.code == "unknown_record"
    with pytest.raises(Refused) as no:
        await hall.client.fine_status("9" * 15)
    assert no.value.code == "unknown_decision"


@pytest.mark.parametrize(
    "number", ["", "../../etc", "330203199001010006", "3302031001000001/x", "３３０２０３１００１０００００１"]
)
async def test_nothing_but_a_number_goes_into_a_path(hall, number):
    with pytest.raises(ValueError, match="digits"):
        await hall.client.find_decision(number)


async def test_a_wrong_device_key_is_a_technical_trouble_not_a_refusal(hall):
    client = PoliceClient(Endpoint(hall.url, "another key"))
    with pytest.raises(GatewayUnavailable, match="device key"):
        await client.fine_status("3" * 15)
    await client.aclose()


async def test_holidays_and_health(hall):
    year = await hall.client.holidays(2026)
    assert dt.date(2026, 10, 1) in year.holidays
    assert dt.date(2026, 10, 10) in year.workdays
    with pytest.raises(Refused) as no:
        await hall.client.holidays(2031)
    assert no.value.code == "year_unknown"
    assert await hall.client.health()


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'{"id_number": 1}', b'{"id_number": "x"}', b"\xff\xfe{}"],
)
async def test_the_server_tells_bad_requests_from_bugs(hall, body):
    headers = {"Authorization": "Bearer device-key-of-a-test", "Content-Type": "application/json"}
    async with httpx.AsyncClient(base_url=hall.url, headers=headers, trust_env=False) as raw:
        answer = await raw.post("/v1/persons/vehicles", content=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "bad_request")
        assert (await raw.get("/v1/nothing")).json()["code"] == "no_such_operation"
        assert (await raw.delete("/v1/health")).json()["code"] == "method_not_allowed"
        assert (await raw.post(f"/v1/records/{hall.record}/decision", json={})).status_code == 422
