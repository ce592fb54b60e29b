"""Client and simulated server over real sockets: what is asked is what is stored, and what the platform refuses."""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import hashlib
import hmac
import json

import httpx
import pytest

from config.scenario_values import fictional_number
from kiosk.domain.endorsement import ApplicationState, Destination
from kiosk.domain.errors import GatewayUnavailable, Refused
from kiosk.domain.identity import Photo
from kiosk.gateways.exit_entry.client import ExitEntryClient
from kiosk.gateways.exit_entry.sim_rules import sold
from kiosk.gateways.exit_entry.sim_world import ISSUING_KEY
from kiosk.gateways.exit_entry.simulated import SimulatedExitEntry
from kiosk.gateways.http import Endpoint
from kiosk.ports.devices import MatchVerdict
from tests.gateways.halls import PAID_AT

TODAY = dt.date(2026, 11, 21)


async def refused(call, code):
    with pytest.raises(Refused) as no:
        await call
    assert no.value.code == code


async def test_the_registry_knows_holder_permit_and_what_they_hold(hall):
    record = await hall.client.registry(hall.number, hall.permit)
    person, permit = hall.scenario.person, hall.scenario.permit
    assert (record.id_number, record.name, record.birth) == (person.number, person.name, person.birth)
    assert (record.permit_number, record.permit_valid_to) == (permit.number, permit.expiry)
    assert record.hukou_area == person.area
    assert (record.permit_state, record.review, record.exit_barred) == ("valid", False, False)
    (held,) = record.endorsements
    assert (held.number, held.destination, held.kind) == ("H25092100017", Destination.HONG_KONG, "L")
    assert (held.entries, held.entries_left) == (1, 0)
    assert (held.issued_on, held.valid_to) == (dt.date(2025, 9, 21), dt.date(2025, 12, 21))


async def test_facts_of_a_scenario_reach_the_kiosk(open_hall):
    for name, fact, value in (
        ("endorse_residence_permit", "residence_area", "330212"),
        ("endorse_residence_permit", "hukou_area", "360482"),
        ("endorse_business_filed", "business_filed", True),
        ("endorse_ee05_booklet", "booklet", True),
        ("endorse_ee06_lost", "permit_state", "lost"),
        ("endorse_ee09_official", "registered_official", True),
        ("endorse_ee10_military", "military", True),
        ("endorse_ee11_barred", "exit_barred", True),
        ("endorse_ee12_false_statement", "false_statement", True),
        ("endorse_ee14_first_here", "first_here", True),
        ("endorse_ee17_review", "review", True),
        ("endorse_ee18_name_changed", "data_changed", True),
        ("endorse_ee19_worn", "chip_writes", 255),
        ("endorse_ee22_photo_missing", "face_on_file", "missing"),
    ):
        async with open_hall(name) as hall:
            assert getattr(await hall.client.registry(hall.number, hall.permit), fact) == value, name


async def test_a_permit_of_somebody_else_names_its_own_holder(open_hall):
    async with open_hall("endorse_ee02_other_holder") as hall:
        record = await hall.client.registry(hall.number, hall.permit)
        assert record.id_number == fictional_number("330203", dt.date(1988, 8, 17))
        assert record.id_number != hall.number
        await refused(hall.apply(), "holder_mismatch")


async def test_what_there_is_not(open_hall, hall):
    assert await hall.client.registry(hall.number, "C99999999") is None
    assert await hall.client.photo_on_file("C99999999") is None
    assert await hall.client.find_application("never-sent") is None
    async with open_hall("endorse_ee17_unknown_permit") as other:
        assert await other.client.registry(other.number, other.permit) is None
    async with open_hall("endorse_ee22_photo_missing") as other:
        assert await other.client.photo_on_file(other.permit) is None


async def test_photo_and_face(hall):
    photo = await hall.client.photo_on_file(hall.permit)
    assert photo.data[:3] == b"\xff\xd8\xff"
    match = await hall.client.match_face(hall.number, photo)
    assert (match.verdict, match.score, match.method) == (MatchVerdict.SAME, 0.87, "platform")
    assert (await hall.client.match_face("330203199001010006", photo)).verdict is MatchVerdict.UNDECIDED
    await refused(hall.client.match_face(hall.number, Photo(b"no picture at all")), "bad_picture")


async def test_the_photo_is_drawn_by_who_is_told_to(clock):
    from config.scenarios import load_scenario
    from kiosk.gateways.embedded import serve

    seeds = []

    def portrait(seed: int) -> bytes:
        seeds.append(seed)
        return b"\x89PNG\r\n\x1a\n" + bytes(100)

    scenario = load_scenario("endorse_happy_hk", TODAY)
    sim = SimulatedExitEntry([scenario], clock=clock, portrait=portrait)
    async with serve(sim.app) as served:
        client = ExitEntryClient(Endpoint(served.url))
        assert (await client.photo_on_file(scenario.permit.number)).media_type == "image/png"
        await client.aclose()
    assert seeds == [scenario.person.face_seed]


async def test_two_endorsements_from_application_to_force(open_hall):
    async with open_hall("endorse_happy_both") as hall:
        options = ("HKG-G-1Y2", "MAC-G-1Y1")
        accepted = await hall.apply(*options, fee=4500)
        assert (accepted.number, accepted.state, accepted.fee_fen) == ("330200260000001", "accepted", 4500)
        assert (accepted.grants, accepted.write_data) == ((), b"")
        assert await hall.client.find_application("key-1") == accepted
        assert (await hall.client.registry(hall.number, hall.permit)).review

        granted = await hall.authorise(accepted.number, 4500)
        assert granted.state is ApplicationState.AUTHORISED
        hongkong, macao = granted.grants
        assert (hongkong.option_id, hongkong.entries) == ("HKG-G-1Y2", 2)
        assert (macao.destination, macao.entries) == (Destination.MACAO, 1)
        assert (macao.valid_from, macao.valid_to) == (TODAY, dt.date(2027, 11, 21))
        assert hongkong.number.startswith("H261121")
        assert macao.number.startswith("M261121")
        assert await hall.client.find_application("key-1") == granted
        assert (await hall.client.registry(hall.number, hall.permit)).endorsements == ()

        written = await hall.client.confirm(accepted.number, printed=True)
        assert (written.state, written.grants, written.write_data) == ("written", granted.grants, b"")
        record = await hall.client.registry(hall.number, hall.permit)
        assert not record.review
        assert [(e.number, e.entries_left, e.valid_to) for e in record.endorsements] == [
            (hongkong.number, 2, hongkong.valid_to),
            (macao.number, 1, macao.valid_to),
        ]
        await refused(hall.apply(key="another"), "in_force")


async def test_what_is_written_is_sealed(hall):
    granted = await hall.authorise((await hall.apply()).number)
    sealed = json.loads(granted.write_data.decode("utf-8"))
    mac = sealed.pop("mac")
    text = json.dumps(sealed, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert hmac.new(ISSUING_KEY, text, hashlib.sha256).hexdigest() == mac
    (grant,) = granted.grants
    assert sealed == {
        "application": granted.number,
        "grants": [
            {
                "number": grant.number,
                "destination": "HKG",
                "kind": "L",
                "entries": 1,
                "valid_from": "2026-11-21",
                "valid_to": "2027-02-21",
            }
        ],
    }


async def test_any_number_of_entries_is_null_on_the_wire(open_hall):
    async with open_hall("endorse_business_filed") as hall:
        application = await hall.apply("HKG-S-1YM", "MAC-S-1YM", fee=16000)
        granted = await hall.authorise(application.number, 16000)
        assert [grant.entries for grant in granted.grants] == [None, None]
        await hall.client.confirm(application.number, printed=False)
        held = (await hall.client.registry(hall.number, hall.permit)).endorsements
        assert [(e.entries, e.entries_left) for e in held] == [(None, None)] * 2


async def test_the_same_application_again_and_another_one_by_the_same_key(hall):
    first = await hall.apply()
    assert await hall.apply() == first
    assert len(hall.sim.world.books.applications) == 1
    for change in ({"fee": 3000}, {"phone": "13000000001"}, {"person": "330203199001010006"}):
        await refused(hall.apply(**change), "key_reused")
    await refused(hall.apply("HKG-L-1Y1"), "key_reused")
    await refused(hall.apply(key="another"), "pending_application")
    granted = await hall.authorise(first.number)
    assert await hall.apply() == granted
    await refused(hall.apply(key="another"), "pending_application")
    await hall.client.cancel(first.number, "test")
    assert (await hall.apply(key="another")).number != first.number


async def test_many_at_once_make_one_application(hall):
    made = await asyncio.gather(*(hall.apply() for _ in range(8)))
    assert len({application.number for application in made}) == 1


async def test_authorisation_is_told_again_and_takes_the_whole_fee_once(hall):
    number = (await hall.apply()).number
    await refused(hall.authorise(number, 1499), "amount_differs")
    await refused(hall.client.confirm(number, printed=True), "not_authorised")
    granted = await hall.authorise(number)
    hall.clock.time += dt.timedelta(days=1)
    assert await hall.authorise(number) == granted
    await refused(hall.authorise(number, trade="T2"), "already_paid")
    await hall.client.confirm(number, printed=True)
    await refused(hall.authorise(number), "written")


async def test_the_validity_begins_with_the_grant(hall):
    application = await hall.apply()
    hall.clock.time = dt.datetime(2026, 11, 30, 0, 1, tzinfo=hall.clock.time.tzinfo)
    (grant,) = (await hall.authorise(application.number)).grants
    assert (grant.valid_from, grant.valid_to) == (dt.date(2026, 11, 30), dt.date(2027, 2, 28))


async def test_confirmation_is_idempotent_and_final(hall):
    number = (await hall.apply()).number
    await hall.authorise(number)
    first = await hall.client.confirm(number, printed=False)
    assert not hall.sim.world.books.applications[number].printed
    assert await hall.client.confirm(number, printed=True) == first
    assert await hall.client.confirm(number, printed=False) == first
    assert hall.sim.world.books.applications[number].printed
    await refused(hall.client.cancel(number, "too late"), "written")
    held = (await hall.client.registry(hall.number, hall.permit)).endorsements
    assert [e.number for e in held] == ["H25092100017", first.grants[0].number]


async def test_cancellation_revokes_and_is_final(hall):
    number = (await hall.apply()).number
    granted = await hall.authorise(number)
    cancelled = await hall.client.cancel(number, "write_failed")
    assert (cancelled.state, cancelled.grants, cancelled.write_data) == ("cancelled", (), b"")
    assert await hall.client.cancel(number, "again") == cancelled
    assert hall.sim.world.books.applications[number].reason == "write_failed"
    await refused(hall.authorise(number), "cancelled")
    await refused(hall.client.confirm(number, printed=True), "cancelled")
    assert await hall.client.find_application("key-1") == cancelled
    again = await hall.authorise((await hall.apply(key="another")).number, trade="T2")
    assert again.grants[0].number != granted.grants[0].number


async def test_what_was_never_paid_lapses(hall):
    number = (await hall.apply()).number
    hall.sim.control({"do": "lapse"})
    await refused(hall.authorise(number), "cancelled")
    kept = (await hall.apply(key="another")).number
    await hall.authorise(kept)
    assert hall.sim.control({"do": "lapse"})["ok"]
    assert hall.sim.state()["states"] == {"cancelled": 1, "authorised": 1}


@pytest.mark.parametrize(
    ("scenario", "options", "fee", "code"),
    [
        ("endorse_happy_hk", ("HKG-L-3M1",), 1400, "fee_differs"),
        ("endorse_happy_hk", ("HKG-L-3M1", "MAC-L-3M1"), 1500, "fee_differs"),
        ("endorse_happy_hk", ("HKG-L-3M1", "HKG-L-1Y1"), 3000, "same_destination"),
        ("endorse_happy_hk", ("HKG-L-3M9",), 1500, "unknown_option"),
        ("endorse_happy_hk", ("LON-L-3M1",), 1500, "unknown_option"),
        ("endorse_happy_hk", ("HKG-S-1YM",), 8000, "papers_needed"),
        ("endorse_happy_hk", ("HKG-T-3M1",), 1500, "papers_needed"),
        ("endorse_fee_differs", ("HKG-L-3M1",), 1500, "fee_differs"),
        ("endorse_platform_refuses", ("HKG-L-3M1",), 1500, "not_eligible"),
        ("endorse_ee04_minor", ("HKG-L-3M1",), 1500, "not_eligible"),
        ("endorse_ee05_booklet", ("HKG-L-3M1",), 1500, "not_eligible"),
        ("endorse_ee06_lost", ("HKG-L-3M1",), 1500, "not_eligible"),
        ("endorse_ee06_expired", ("HKG-L-3M1",), 1500, "not_eligible"),
        ("endorse_ee07_all", ("HKG-L-3M1",), 1500, "permit_ends_first"),
        ("endorse_ee07_long_options", ("HKG-L-1Y1",), 1500, "permit_ends_first"),
        ("endorse_ee08_both_in_force", ("MAC-L-3M1",), 1500, "in_force"),
        ("endorse_one_left_other_place", ("HKG-G-1Y2",), 3000, "in_force"),
        ("endorse_ee09_official", ("HKG-L-3M1",), 1500, "not_eligible"),
        ("endorse_ee10_military", ("HKG-L-3M1",), 1500, "not_eligible"),
        ("endorse_ee11_barred", ("HKG-L-3M1",), 1500, "not_eligible"),
        ("endorse_ee12_false_statement", ("HKG-L-3M1",), 1500, "not_eligible"),
        ("endorse_ee17_review", ("HKG-L-3M1",), 1500, "not_eligible"),
        ("endorse_ee17_unknown_permit", ("HKG-L-3M1",), 1500, "no_permit"),
        ("endorse_ee18_name_changed", ("HKG-L-3M1",), 1500, "not_eligible"),
    ],
)
async def test_the_platform_refuses_what_a_kiosk_should_not_have_sent(open_hall, scenario, options, fee, code):
    async with open_hall(scenario) as hall:
        await refused(hall.apply(*options, fee=fee), code)
        assert hall.sim.world.books.applications == {}


@pytest.mark.parametrize(
    ("option", "fen", "end"),
    [
        ("HKG-G-3M1", 15_00, dt.date(2027, 2, 28)),
        ("HKG-G-1Y1", 15_00, dt.date(2027, 11, 30)),
        ("HKG-G-1Y2", 30_00, dt.date(2027, 11, 30)),
        ("HKG-S-3MM", 80_00, dt.date(2027, 2, 28)),
        ("HKG-G-1YM", 80_00, dt.date(2027, 11, 30)),
        ("MAC-G-1YW", 80_00, dt.date(2027, 11, 30)),
        ("MAC-R-3YM", 240_00, dt.date(2029, 11, 30)),
        ("MAC-R-5YM", 240_00, dt.date(2031, 11, 30)),
        ("TWN-T-3YM", 80_00, dt.date(2029, 11, 30)),
    ],
)
def test_tariff_and_validity_of_the_platform(option, fen, end):
    """发改价格[2017]1186: 15, 30, 80, 120, 160, 240 yuan; 80 for Taiwan whatever the length."""
    assert sold(option).fee_fen == fen
    assert sold(option).valid_to(dt.date(2026, 11, 30)) == end


async def test_unknown_numbers_are_refused_not_none(hall):
    for call in (
        hall.authorise("9" * 15),
        hall.client.confirm("9" * 15, printed=True),
        hall.client.cancel("9" * 15, "x"),
    ):
        await refused(call, "unknown_application")


@pytest.mark.parametrize("number", ["", "../../etc", "330203199001010006", "33020026000000１", "330200260000001/x"])
async def test_nothing_but_a_number_goes_into_a_path(hall, number):
    with pytest.raises(ValueError, match="digits"):
        await hall.client.confirm(number, printed=True)


@pytest.mark.parametrize("key", ["", "a/b", "a b", "x" * 65, "张", "..%2f"])
async def test_nothing_but_a_key_goes_into_a_path(hall, key):
    with pytest.raises(ValueError, match="key"):
        await hall.client.find_application(key)
    with pytest.raises(ValueError, match="key"):
        await hall.apply(key=key)


async def test_a_moment_without_zone_is_not_sent(hall):
    with pytest.raises(ValueError, match="aware"):
        await hall.client.authorise("3" * 15, 1500, "T1", dt.datetime(2026, 11, 21, 10, 0))


async def test_a_wrong_device_key_is_a_technical_trouble_not_a_refusal(hall):
    client = ExitEntryClient(Endpoint(hall.url, "another key"))
    with pytest.raises(GatewayUnavailable, match="device key"):
        await client.authorise("3" * 15, 1500, "T1", PAID_AT)
    await client.aclose()
    assert await hall.client.health()


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"permit_number": 1}', b'{"permit_number": "x"}', b"\xff\xfe{}"])
async def test_the_server_tells_bad_requests_from_bugs(hall, body):
    headers = {"Authorization": "Bearer device-key-of-a-test", "Content-Type": "application/json"}
    async with httpx.AsyncClient(base_url=hall.url, headers=headers, trust_env=False) as raw:
        answer = await raw.post("/v1/permits/photo", content=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "bad_request")
        assert (await raw.get("/v1/nothing")).json()["code"] == "no_such_operation"
        assert (await raw.delete("/v1/health")).json()["code"] == "method_not_allowed"
        full = {
            "id_number": hall.number,
            "permit_number": hall.permit,
            "options": ["HKG-L-3M1"],
            "fee_fen": 1500,
            "phone": "13000000000",
        }
        assert (await raw.post("/v1/applications", json=full)).json()["code"] == "bad_request"
        wrong = {**full, "phone": "12"}
        sent = await raw.post("/v1/applications", json=wrong, headers={"Idempotency-Key": "k"})
        assert "phone" in sent.json()["message"]
        assert "12" not in sent.json()["message"]


async def test_no_url_carries_what_is_personal(hall):
    seen = []

    async def watch(request: httpx.Request) -> None:
        seen.append(str(request.url))

    hall.client._http._client.event_hooks["request"].append(watch)
    application = await hall.apply()
    await hall.client.registry(hall.number, hall.permit)
    await hall.client.photo_on_file(hall.permit)
    await hall.client.match_face(hall.number, Photo(base64.b64decode("/9j/4AAQSkZJRgABAQEASABIAAD/2w=="), "image/jpeg"))
    await hall.client.find_application("key-1")
    await hall.client.cancel(application.number, "x")
    assert len(seen) == 6
    assert not [url for url in seen for word in (hall.number, hall.permit, "1300000") if word in url]
