"""Codes for the phone: what the simulated front signs, and what a kiosk makes of it."""

from __future__ import annotations

import httpx
import pytest

from config.form_tables import load_form
from kiosk.domain.forms.payload import PayloadError, TrustedKey, decode_payload
from kiosk.domain.forms.record import Record, Value
from kiosk.gateways.exit_entry.sim_phone import prefilled, trusted
from kiosk.gateways.exit_entry.simulated import SimulatedExitEntry

UNUSED = TrustedKey(bytes(32), "phone")


def test_a_code_for_the_phone_is_signed_by_the_simulated_front(clock):
    sim = SimulatedExitEntry(clock=clock)
    said = sim.control({"do": "prefill", "values": {"phone": "13000000000", "emer_name": "测试乙"}})
    payload = decode_payload(said["text"], [UNUSED, sim.phone_key])
    assert (payload.role, payload.made) == ("phone", clock.now())
    assert payload.record == Record(
        "CRJ-2014", load_form().version, {"phone": Value("13000000000", "user"), "emer_name": Value("测试乙", "user")}
    )
    assert sim.phone_key == SimulatedExitEntry().phone_key == trusted()
    older = sim.control({"do": "prefill", "values": {"name": "甲"}, "form": "LEGACY-TW"})
    assert decode_payload(older["text"], [trusted()]).record.form_id == "LEGACY-TW"


def test_a_forged_code_is_signed_by_nobody_known(clock):
    command = {"do": "prefill", "values": {"phone": "13000000000"}, "forged": True}
    texts = {prefilled(command, clock.now()) for _ in range(2)}
    assert len(texts) == 2
    for text in texts:
        with pytest.raises(PayloadError) as no:
            decode_payload(text, [trusted()])
        assert no.value.why == "unknown_key"


@pytest.mark.parametrize(
    "command",
    [
        {},
        {"values": ["phone"]},
        {"values": {"phone": 13000000000}},
        {"values": {5: "x"}},
        {"values": {"Phone": "13000000000"}},
        {"values": {"phone": ""}, "forged": "yes"},
        {"values": {"phone": "13000000000"}, "form": "CRJ-1999"},
        {"values": {"phone": "13000000000"}, "form": "../CRJ-2014"},
        {"values": {"phone": "13000000000"}, "form": ["CRJ-2014"]},
        {"values": {"phone": "1" * 401}},
        {"values": {"phone": "\ud800"}},
    ],
)
def test_a_code_that_cannot_be_made(clock, command):
    with pytest.raises(ValueError, match=r"\w+ .*") as no:
        SimulatedExitEntry(clock=clock).control({"do": "prefill", **command})
    assert "13000000000" not in str(no.value)


async def test_a_code_over_http(window):
    async with httpx.AsyncClient(base_url=window.url, trust_env=False) as raw:
        said = await raw.post("/_sim/control", json={"do": "prefill", "values": {"phone": "13000000000"}})
    assert decode_payload(said.json()["text"], [trusted()]).record.text("phone") == "13000000000"
