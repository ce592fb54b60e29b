"""Every scripted fault on every operation: what the kiosk concludes, and what the platform really did."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest
import structlog

from kiosk.domain.errors import GatewayUnavailable
from kiosk.domain.identity import Photo
from kiosk.gateways.exit_entry.client import ExitEntryClient
from kiosk.gateways.exit_entry.simulated import SimulatedExitEntry
from kiosk.gateways.http import Endpoint
from kiosk.gateways.sim_faults import KINDS
from tests.gateways.exit_entry.conftest import KEY, PATIENT

QUICK = sorted(set(KINDS) - {"silence", "delay", "late", "drip"})
FACE = Photo(b"\xff\xd8\xff" + bytes(200), "image/jpeg")


@pytest.mark.parametrize("kind", QUICK)
async def test_after_a_fault_the_effect_is_unknown_and_can_be_found(hall, kind):
    hall.arm(f"apply.{kind}")
    with pytest.raises(GatewayUnavailable) as trouble:
        await hall.apply()
    assert hall.number not in str(trouble.value)
    effect = KINDS[kind][0]
    found = await hall.client.find_application("key-1")
    assert (found is not None) is effect
    again = await hall.apply()
    assert found is None or again == found
    assert len(hall.sim.world.books.applications) == 1


@pytest.mark.parametrize("operation", ["authorise", "confirm", "cancel"])
@pytest.mark.parametrize("kind", QUICK)
async def test_orders_are_repeated_without_a_second_effect(hall, operation, kind):
    number = (await hall.apply()).number
    if operation == "confirm":
        await hall.authorise(number)
    calls = {
        "authorise": lambda: hall.authorise(number),
        "confirm": lambda: hall.client.confirm(number, printed=True),
        "cancel": lambda: hall.client.cancel(number, "test"),
    }
    before = hall.sim.world.books.applications[number].state
    hall.arm(f"{operation}.{kind}")
    with pytest.raises(GatewayUnavailable, match=operation):
        await calls[operation]()
    entry = hall.sim.world.books.applications[number]
    assert (entry.state != before) is KINDS[kind][0]
    said = await calls[operation]()
    after = hall.sim.world.books.applications[number]
    assert said.state == after.state != before
    assert entry.state == before or entry == after


@pytest.mark.parametrize("operation", ["registry", "photo_on_file", "match_face", "find_application", "health"])
@pytest.mark.parametrize("kind", ["error_500", "drop_before", "drop_after", "half_answer", "html_200", "garbage"])
async def test_questions_fail_the_same_way(hall, operation, kind):
    await hall.apply()
    calls = {
        "registry": (hall.number, hall.permit),
        "photo_on_file": (hall.permit,),
        "match_face": (hall.number, FACE),
        "find_application": ("key-1",),
        "health": (),
    }
    hall.arm(f"{operation}.{kind}")
    with pytest.raises(GatewayUnavailable, match=operation):
        await getattr(hall.client, operation)(*calls[operation])
    assert await getattr(hall.client, operation)(*calls[operation])


@pytest.mark.parametrize(("kind", "effect"), [("silence", False), ("delay", True), ("drip", True)])
async def test_faults_that_run_into_the_deadline(hasty, kind, effect):
    hasty.arm(f"apply.{kind}", seconds=0.05 if kind == "drip" else 30)
    with pytest.raises(GatewayUnavailable, match=r"apply: (no answer|the answer was not complete)"):
        await hasty.apply()
    assert bool(hasty.sim.world.books.applications) is effect


async def test_a_late_effect_takes_place_after_the_kiosk_gave_up(hasty):
    """The nastiest case: asked right after the timeout the platform says "no application", and takes it afterwards."""
    hasty.arm("apply.late", seconds=0.5)
    with pytest.raises(GatewayUnavailable):
        await hasty.apply()
    assert hasty.sim.world.books.applications == {}
    taken = asyncio.Event()
    hasty.sim.listen(taken.set)
    await taken.wait()
    patient = ExitEntryClient(Endpoint(hasty.url, KEY, deadlines=PATIENT))
    found = await patient.find_application("key-1")
    await patient.aclose()
    assert found is not None
    assert [found.number] == list(hasty.sim.world.books.applications)


async def test_a_delay_within_the_deadline_is_no_fault(hall):
    hall.arm("apply.delay", seconds=0.05)
    assert (await hall.apply()).fee_fen == 1500


@pytest.mark.parametrize("kind", ["half_answer", "html_200", "malformed_json", "wrong_types", "huge"])
async def test_a_spoilt_picture_is_no_picture(hall, kind):
    hall.arm(f"photo_on_file.{kind}")
    with pytest.raises(GatewayUnavailable, match="photo_on_file"):
        await hall.client.photo_on_file(hall.permit)


async def test_a_scenarios_faults_are_armed_and_counted(open_hall):
    async with open_hall("endorse_confirm_down") as hall:
        assert hall.sim.state()["faults"] == {"confirm.error_503": 3}
        number = (await hall.apply()).number
        await hall.authorise(number)
        for _ in range(3):
            with pytest.raises(GatewayUnavailable):
                await hall.client.confirm(number, printed=True)
        assert (await hall.client.confirm(number, printed=True)).state == "written"
    async with open_hall("endorse_registry_down") as hall:
        for _ in range(4):
            with pytest.raises(GatewayUnavailable):
                await hall.client.registry(hall.number, hall.permit)
        hall.sim.control({"do": "clear"})
        assert await hall.client.registry(hall.number, hall.permit)


@pytest.mark.parametrize(
    "command",
    [
        {},
        {"do": "dance"},
        {"do": "fault"},
        {"do": "fault", "id": "apply"},
        {"do": "fault", "id": "apply.explode"},
        {"do": "fault", "id": "dance.error_500"},
        {"do": "fault", "id": "apply.error_500", "count": 0},
        {"do": "fault", "id": "apply.error_500", "count": "two"},
        {"do": "fault", "id": "apply.delay", "seconds": "long"},
        {"do": "scenario", "name": "nobody"},
    ],
)
def test_commands_without_sense_are_told_so(command):
    with pytest.raises(ValueError, match=r"\w+ .*"):
        SimulatedExitEntry().control(command)


async def test_control_over_http(hall):
    async with httpx.AsyncClient(base_url=hall.url, trust_env=False) as raw:
        said = await raw.post("/_sim/control", content=json.dumps({"do": "fault", "id": "health.drop_before"}))
        assert said.json() == {"ok": True, "faults": {"health.drop_before": 1}}
        with pytest.raises(GatewayUnavailable):
            await hall.client.health()
        await hall.apply()
        (entry,) = (await raw.get("/_sim/ledger")).json()["applications"]
        assert (entry["number"], entry["state"], entry["key"]) == ("330200260000001", "accepted", "key-1")
        assert (await raw.get("/_sim/state")).json()["states"] == {"accepted": 1}
        assert (await raw.post("/_sim/control", content=b"[]")).status_code == 400
        await raw.post("/_sim/control", content=json.dumps({"do": "scenario", "name": "endorse_happy_both"}))
        assert hall.sim.state()["scenarios"] == ["endorse_happy_hk", "endorse_happy_both"]
        await raw.post("/_sim/control", content=json.dumps({"do": "reset"}))
        assert (await raw.get("/_sim/ledger")).json()["applications"] == []


async def test_no_personal_data_in_errors_and_logs(hall):
    """Whatever goes wrong, the citizen's numbers, name and phone stay out of exceptions and log records."""
    secrets = (hall.number, hall.permit, hall.scenario.person.name, "13000000000")
    with structlog.testing.capture_logs() as logs:
        errors = []
        for kind in QUICK:
            for operation, call in (
                ("registry", hall.client.registry(hall.number, hall.permit)),
                ("apply", hall.apply()),
            ):
                hall.arm(f"{operation}.{kind}")
                with pytest.raises(GatewayUnavailable) as trouble:
                    await call
                error = trouble.value
                assert error.__cause__ is None
                assert error.__suppress_context__ or error.__context__ is None
                errors.append(f"{error} {error!r} {error.hint}")
    text = " ".join(errors) + repr(logs) + repr(hall.sim.world.books.applications)
    assert not [secret for secret in secrets if secret in text]
    granted = await hall.authorise((await hall.apply()).number)
    assert b"mac" in granted.write_data
    assert "mac" not in repr(granted)
    record = await hall.client.registry(hall.number, hall.permit)
    assert not [secret for secret in secrets if secret in repr(record)]
