"""Every scripted fault: what the kiosk concludes, and what the platform really did."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest
import structlog

from kiosk.domain.errors import GatewayUnavailable
from kiosk.gateways.http import Deadlines, Endpoint
from kiosk.gateways.police.client import PoliceClient
from kiosk.gateways.police.simulated import SimulatedPolice
from kiosk.gateways.sim_faults import KINDS

KEY = "device-key-of-a-test"
PATIENT = Deadlines(connect=5.0, read=10.0, total=20.0)
QUICK = sorted(set(KINDS) - {"silence", "delay", "late", "drip"})


@pytest.mark.parametrize("kind", QUICK)
async def test_after_a_fault_the_effect_is_unknown_and_can_be_found(hall, kind):
    hall.arm(f"decide.{kind}")
    with pytest.raises(GatewayUnavailable) as trouble:
        await hall.decide()
    effect = KINDS[kind][0]
    assert hall.number not in str(trouble.value)
    found = await hall.client.find_decision(hall.record)
    assert (found is not None) is effect
    again = await hall.decide()
    assert found is None or again == found
    assert len(hall.sim.world.books.decisions) == 1


@pytest.mark.parametrize(("kind", "effect"), [("silence", False), ("delay", True), ("drip", True)])
async def test_faults_that_run_into_the_deadline(hasty, kind, effect):
    hasty.arm(f"decide.{kind}", seconds=0.05 if kind == "drip" else 30)
    with pytest.raises(GatewayUnavailable, match=r"decide: (no answer|the answer was not complete)"):
        await hasty.decide()
    assert (hasty.record in hasty.sim.world.books.decisions) is effect


async def test_a_late_effect_takes_place_after_the_kiosk_gave_up(hasty):
    """The nastiest case: asked right after the timeout the platform says "no decision", and makes one afterwards."""
    hasty.arm("decide.late", seconds=0.5)
    with pytest.raises(GatewayUnavailable):
        await hasty.decide()
    assert hasty.record not in hasty.sim.world.books.decisions
    decided = asyncio.Event()
    hasty.sim.listen(decided.set)
    await decided.wait()
    assert hasty.record in hasty.sim.world.books.decisions
    patient = PoliceClient(Endpoint(hasty.url, KEY, deadlines=PATIENT))
    again = await patient.decide(hasty.record, hasty.number, "0" * 64, "2026-11-21T10:00:00+08:00", hasty.record)
    await patient.aclose()
    assert again.number == hasty.sim.world.books.decisions[hasty.record].decision.number


async def test_a_delay_within_the_deadline_is_no_fault(hall):
    hall.arm("decide.delay", seconds=0.05)
    assert (await hall.decide()).fine_fen == 15000


@pytest.mark.parametrize("operation", ["identify", "police_photo", "vehicles", "verify_vehicle", "open_records"])
@pytest.mark.parametrize("kind", ["error_500", "drop_after", "half_answer", "html_200", "wrong_types", "redirect"])
async def test_questions_fail_the_same_way(hall, operation, kind):
    calls = {
        "identify": (hall.number, hall.scenario.person.name),
        "police_photo": (hall.number,),
        "vehicles": (hall.number,),
        "verify_vehicle": ("浙BB01M1", "02", "001010"),
        "open_records": ("浙BB01M1", "02"),
    }
    hall.arm(f"{operation}.{kind}")
    with pytest.raises(GatewayUnavailable, match=operation):
        await getattr(hall.client, operation)(*calls[operation])
    assert await getattr(hall.client, operation)(*calls[operation])


@pytest.mark.parametrize("kind", ["half_answer", "html_200", "malformed_json", "wrong_types", "huge"])
async def test_a_spoilt_picture_is_no_picture(hall, kind):
    hall.arm(f"evidence_picture.{kind}")
    with pytest.raises(GatewayUnavailable, match="evidence_picture"):
        await hall.client.evidence(hall.record)
    assert len(await hall.client.evidence(hall.record)) == 2


@pytest.mark.parametrize("kind", ["error_503", "drop_before", "drop_after", "half_answer", "missing_member"])
async def test_a_payment_is_posted_once_whatever_the_wire_does(hall, kind):
    decision = await hall.decide()
    hall.arm(f"post_payment.{kind}", count=2)
    call = (decision.number, 15000, "T1", "2026-11-21T10:01:00+08:00", decision.number)
    for _ in range(2):
        with pytest.raises(GatewayUnavailable):
            await hall.client.post_payment(*call)
    await hall.client.post_payment(*call)
    assert len(hall.sim.world.books.payments) == 1
    assert (await hall.client.fine_status(decision.number)).paid


async def test_fault_book_counts_waits_and_clears(hall):
    hall.arm("fine_status.error_500", after=1)
    hall.arm("any.error_503", count=None)
    assert hall.sim.state()["faults"] == {"fine_status.error_500": 1, "any.error_503": None}
    with pytest.raises(GatewayUnavailable):
        await hall.client.health()
    hall.sim.control({"do": "clear", "id": "any.error_503"})
    assert await hall.client.health()
    decision = await hall.decide()
    await hall.client.fine_status(decision.number)
    with pytest.raises(GatewayUnavailable, match="500"):
        await hall.client.fine_status(decision.number)
    assert hall.sim.state()["faults"] == {}


@pytest.mark.parametrize(
    "command",
    [
        {},
        {"do": "dance"},
        {"do": "fault"},
        {"do": "fault", "id": "decide"},
        {"do": "fault", "id": "decide.explode"},
        {"do": "fault", "id": "dance.error_500"},
        {"do": "fault", "id": "decide.error_500", "count": 0},
        {"do": "fault", "id": "decide.error_500", "count": "two"},
        {"do": "fault", "id": "decide.delay", "seconds": "long"},
        {"do": "scenario", "name": "nobody"},
    ],
)
def test_commands_without_sense_are_told_so(command):
    with pytest.raises(ValueError, match=r"\w+ .*"):
        SimulatedPolice().control(command)


async def test_control_over_http(hall):
    async with httpx.AsyncClient(base_url=hall.url, trust_env=False) as raw:
        said = await raw.post("/_sim/control", content=json.dumps({"do": "fault", "id": "health.drop_before"}))
        assert said.json() == {"ok": True, "faults": {"health.drop_before": 1}}
        with pytest.raises(GatewayUnavailable):
            await hall.client.health()
        await hall.decide()
        ledger = (await raw.get("/_sim/ledger")).json()
        assert ledger["decisions"][0]["decision"]["number"] == "330203260000001"
        assert (await raw.get("/_sim/state")).json()["decisions"] == 1
        assert (await raw.post("/_sim/control", content=b"[]")).status_code == 400
        await raw.post("/_sim/control", content=json.dumps({"do": "reset"}))
        assert (await raw.get("/_sim/ledger")).json()["decisions"] == []


async def test_no_personal_data_in_errors_and_logs(hall):
    """Whatever goes wrong, number, name and plate of the citizen stay out of exceptions and log records."""
    secrets = (hall.number, hall.scenario.person.name, "浙BB01M1", "001010")
    with structlog.testing.capture_logs() as logs:
        errors = []
        for kind in QUICK:
            for operation, call in (
                ("identify", hall.client.identify(hall.number, hall.scenario.person.name)),
                ("vehicles", hall.client.vehicles(hall.number)),
                ("verify_vehicle", hall.client.verify_vehicle("浙BB01M1", "02", "001010")),
            ):
                hall.arm(f"{operation}.{kind}")
                with pytest.raises(GatewayUnavailable) as trouble:
                    await call
                error = trouble.value
                assert error.__cause__ is None
                assert error.__suppress_context__ or error.__context__ is None
                errors.append(f"{error} {error!r} {error.hint}")
    text = " ".join(errors) + repr(logs)
    assert not [secret for secret in secrets if secret in text]
