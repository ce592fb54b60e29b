"""Scripted faults on what only this platform has: what the kiosk concludes, and what the platform really did."""

from __future__ import annotations

import json

import httpx
import pytest

from kiosk.domain.errors import GatewayUnavailable


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
