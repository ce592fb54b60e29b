"""Scripted faults on what only this platform has: what the kiosk concludes, and what the platform really did."""

from __future__ import annotations

import json

import httpx
import pytest

from kiosk.domain.errors import GatewayUnavailable
from kiosk.gateways.sim_faults import KINDS
from tests.gateways.halls import QUICK


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


async def test_no_personal_data_in_what_is_shown(hall):
    granted = await hall.authorise((await hall.apply()).number)
    record = await hall.client.registry(hall.number, hall.permit)
    text = repr(hall.sim.world.books.applications) + repr(record)
    assert not [secret for secret in hall.secrets if secret in text]
    assert b"mac" in granted.write_data
    assert "mac" not in repr(granted)
