"""Drafts on the simulated platform, asked by the kiosk's client: a draft's life, every fault, and what is late."""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import inspect
import json
import re

import httpx
import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.form_tables import Source, load_form
from config.scenarios import SCENARIO_DIR, list_scenarios, load_scenario
from kiosk.domain.errors import GatewayUnavailable, Refused
from kiosk.domain.forms.draft import Draft
from kiosk.domain.forms.record import Record, Value
from kiosk.gateways.exit_entry.drafts import PHOTO_BYTES, DraftClient
from kiosk.gateways.exit_entry.simulated import SimulatedExitEntry
from kiosk.gateways.sim_faults import KINDS
from kiosk.ports.clock import SHANGHAI
from kiosk.ports.forms import DraftDesk
from tests.gateways.drafts import ADDRESS, DRAFT, ID, PASSPORT, Window, open_window, record
from tests.gateways.halls import FACE, FAST, KEY, QUICK, TestClock

NUMBER = re.compile(r"D33020026[0-9]{7}")


def test_the_client_is_the_desk_of_the_port():
    for name in ("submit", "withdraw"):
        assert inspect.signature(getattr(DraftDesk, name)) == inspect.signature(getattr(DraftClient, name))


# A draft's life


async def test_what_is_submitted_lies_there(window):
    draft = await window.client.submit(DRAFT, PASSPORT, FACE)
    assert NUMBER.fullmatch(draft.number)
    assert set(draft.barcodes) == {"barcode_passport"}
    assert draft.appointment is None
    assert draft.expires == dt.date(2026, 11, 28)
    entry = window.entry()
    assert entry.values == {key: value.text for key, value in PASSPORT.items()}
    assert (entry.form_id, entry.form_version, entry.photo_bytes) == ("CRJ-2014", 1, len(FACE.data))
    assert window.counts == {"open": 1}


async def test_submitted_again_it_keeps_its_number_and_bar_codes(window):
    first = await window.client.submit(DRAFT, PASSPORT, FACE)
    window.clock.time += dt.timedelta(days=1)
    more = await window.client.submit(DRAFT, record("passport", "tw", phone="13000000000"))
    assert (more.number, more.barcodes["barcode_passport"]) == (first.number, first.barcodes["barcode_passport"])
    assert set(more.barcodes) == {"barcode_passport", "barcode_tw"}
    assert more.expires == dt.date(2026, 11, 29)
    assert (window.entry().values["phone"], window.entry().photo_bytes) == ("13000000000", 0)
    less = await window.client.submit(DRAFT, record("hkmo"))
    assert set(less.barcodes) == {"barcode_hkmo"}
    again = await window.client.submit(DRAFT, record("passport", "hkmo", "tw"))
    assert again.barcodes == {**more.barcodes, **less.barcodes}
    assert len({*again.barcodes.values(), again.number}) == 4
    assert len(window.sim.world.books.drafts) == 1


async def test_bar_codes_are_what_the_form_takes(window):
    form = load_form()
    draft = await window.client.submit(DRAFT, record("passport", "hkmo", "tw"))
    fields = {field.key: field for field in form.field if field.kind == "barcode"}
    assert set(draft.barcodes) == set(fields)
    for key, code in draft.barcodes.items():
        assert re.fullmatch(fields[key].pattern, code)


async def test_two_keys_are_two_drafts(window):
    one, other = await window.client.submit(DRAFT, PASSPORT), await window.client.submit("0" * 32, PASSPORT)
    assert one.number != other.number
    assert not set(one.barcodes.values()) & set(other.barcodes.values())


async def test_a_key_is_one_persons(window):
    await window.client.submit(DRAFT, PASSPORT)
    before = window.entry()
    with pytest.raises(Refused) as no:
        await window.client.submit(DRAFT, record("passport", number="330212199001010006"))
    assert no.value.code == "key_reused"
    assert window.entry() == before


async def test_withdrawn_means_gone_for_good(window):
    await window.client.submit(DRAFT, PASSPORT, FACE)
    for _ in range(2):
        await window.client.withdraw(DRAFT)
        assert window.counts == {"withdrawn": 1}
        with pytest.raises(Refused) as no:
            await window.client.submit(DRAFT, PASSPORT)
        assert no.value.code == "withdrawn"
    text = json.dumps(window.sim.ledger(), ensure_ascii=False)
    assert not [secret for secret in (ID, ADDRESS) if secret in text]


async def test_what_nobody_fetches_is_forgotten(window):
    first = await window.client.submit(DRAFT, PASSPORT)
    await window.client.withdraw("0" * 32)
    window.clock.time += dt.timedelta(days=7)
    window.sim.control({"do": "lapse"})
    assert window.counts == {"open": 1, "withdrawn": 1}
    window.clock.time += dt.timedelta(days=1)
    window.sim.control({"do": "lapse"})
    assert window.sim.ledger()["drafts"] == []
    assert (await window.client.submit(DRAFT, PASSPORT)).number != first.number


async def test_an_appointment_is_told_and_stays(clock, tmp_path):
    """The 21st of November 2026 is a Saturday."""
    name = "form_first_passport"
    text = (SCENARIO_DIR / f"{name}.toml").read_text(encoding="utf-8")
    file = tmp_path / f"{name}.toml"
    file.write_text(text + "\n[exit_entry]\nappointment = true\n", encoding="utf-8")
    holder = load_scenario(name, clock.now().date()).person.number
    mine = PASSPORT.put("id_no", holder, "id")
    async with open_window(clock, str(file)) as window:
        first = await window.client.submit(DRAFT, mine)
        assert first.appointment is not None
        assert first.appointment.begins == dt.datetime(2026, 11, 23, 9, 30, tzinfo=SHANGHAI)
        assert re.fullmatch(r"Y261123-[0-9]{7}", first.appointment.number)
        assert first.appointment.window
        window.clock.time += dt.timedelta(days=1)
        assert (await window.client.submit(DRAFT, record("tw", number=holder))).appointment == first.appointment
        assert (await window.client.submit("0" * 32, record("tw", number="0" * 18))).appointment is None


async def test_drafts_outlive_the_process(clock, tmp_path):
    file = tmp_path / "state.json"
    async with open_window(clock, state_file=file) as window:
        first = await window.client.submit(DRAFT, PASSPORT, FACE)
        await window.client.withdraw("0" * 32)
        before = window.sim.ledger()
    async with open_window(clock, state_file=file) as window:
        assert window.sim.ledger() == before
        assert await window.client.submit(DRAFT, PASSPORT, FACE) == first
        with pytest.raises(Refused):
            await window.client.submit("0" * 32, PASSPORT)


def test_a_state_file_from_before_there_were_drafts_is_taken(tmp_path):
    file = tmp_path / "state.json"
    file.write_text('{"version": 1, "serial": 4, "applications": []}', encoding="utf-8")
    assert SimulatedExitEntry(state_file=file).ledger()["serial"] == 4


KEYS = st.from_regex(r"[a-z][a-z0-9_]{0,31}", fullmatch=True)
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=40)
SOURCES = st.sampled_from(("id", "derived", "user", "system"))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.dictionaries(KEYS, st.tuples(TEXTS, SOURCES), max_size=30),
    empty=st.sets(KEYS, max_size=3),
    version=st.integers(1, 999),
)
def test_any_record_comes_to_lie_there_as_it_is(texts: dict[str, tuple[str, Source]], empty: set[str], version: int):
    values = {key: Value("", "user") for key in empty} | {key: Value(*said) for key, said in texts.items()}

    async def there_and_back() -> None:
        async with open_window(TestClock(dt.datetime(2026, 11, 21, 10, tzinfo=SHANGHAI))) as window:
            draft = await window.client.submit(DRAFT, Record("CRJ-2014", version, values))
            assert window.entry().values == {key: text for key, (text, _) in texts.items()}
            assert window.entry().form_version == version
            wanted = {one for one in ("passport", "hkmo", "tw") if texts.get(f"want_{one}", ("",))[0] == "1"}
            assert set(draft.barcodes) == {f"barcode_{one}" for one in wanted}

    asyncio.run(there_and_back())


# Faults


@pytest.mark.parametrize("kind", QUICK)
async def test_sent_again_after_a_fault_it_is_one_draft(window, kind):
    window.arm(f"submit_draft.{kind}")
    with structlog.testing.capture_logs() as logs, pytest.raises(GatewayUnavailable, match="submit_draft") as trouble:
        await window.client.submit(DRAFT, PASSPORT, FACE)
    assert (window.entry() is not None) is KINDS[kind][0]
    number = window.entry().number if window.entry() else ""
    draft = await window.client.submit(DRAFT, PASSPORT, FACE)
    assert number in ("", draft.number)
    assert window.counts == {"open": 1}
    told = f"{trouble.value} {trouble.value!r} {trouble.value.hint} {logs!r} {window.entry()!r}"
    assert not [secret for secret in (ID, ADDRESS) if secret in told]


@pytest.mark.parametrize("kind", ["error_500", "error_503", "html_502", "redirect", "rate_limited", "drop_before"])
async def test_not_withdrawn_where_nothing_was_done(window, kind):
    await window.client.submit(DRAFT, PASSPORT)
    window.arm(f"withdraw_draft.{kind}")
    with pytest.raises(GatewayUnavailable, match="withdraw_draft"):
        await window.client.withdraw(DRAFT)
    assert window.counts == {"open": 1}
    await window.client.withdraw(DRAFT)
    assert window.counts == {"withdrawn": 1}


@pytest.mark.parametrize("kind", ["drop_after", "html_200", "half_head", "garbage"])
async def test_withdrawn_and_not_told(window, kind):
    await window.client.submit(DRAFT, PASSPORT)
    window.arm(f"withdraw_draft.{kind}")
    with pytest.raises(GatewayUnavailable, match="withdraw_draft"):
        await window.client.withdraw(DRAFT)
    assert window.counts == {"withdrawn": 1}
    await window.client.withdraw(DRAFT)


@pytest.mark.parametrize(("kind", "effect"), [("silence", False), ("delay", True), ("drip", True)])
async def test_faults_that_run_into_the_deadline(clock, kind, effect):
    async with open_window(clock, deadlines=FAST) as window:
        window.arm(f"submit_draft.{kind}", seconds=0.05 if kind == "drip" else 30)
        with pytest.raises(GatewayUnavailable, match=r"submit_draft: (no answer|the answer was not complete)"):
            await window.client.submit(DRAFT, PASSPORT)
        assert (window.entry() is not None) is effect
        if kind != "drip":
            window.arm(f"withdraw_draft.{kind}", seconds=30)
            with pytest.raises(GatewayUnavailable, match="withdraw_draft"):
                await window.client.withdraw(DRAFT)
            assert window.counts == ({"withdrawn": 1} if effect else {})


async def late(window: Window, sent: Record) -> asyncio.Task[Draft]:
    """A sending that the server has begun to read and answers later."""
    window.arm("submit_draft.late", seconds=1.0)
    begun = asyncio.Event()
    stop = window.sim.listen(begun.set)
    job = asyncio.ensure_future(window.client.submit(DRAFT, sent))
    await begun.wait()
    stop()
    return job


async def test_what_is_late_does_not_bring_a_withdrawn_draft_back(window):
    job = await late(window, PASSPORT)
    await window.client.withdraw(DRAFT)
    with pytest.raises(Refused) as no:
        await job
    assert no.value.code == "withdrawn"
    assert window.counts == {"withdrawn": 1}


async def test_what_is_late_does_not_replace_newer_answers(window):
    job = await late(window, record("passport", phone="13000000001"))
    newer = await window.client.submit(DRAFT, record("passport", phone="13000000002"))
    assert (await job) == newer
    assert window.entry().values["phone"] == "13000000002"


async def test_whoever_names_no_revision_replaces(window):
    body = {"form_id": "CRJ-2014", "form_version": 1, "values": {"id_no": ID, "phone": "1"}}
    async with httpx.AsyncClient(
        base_url=window.url, trust_env=False, headers={"Authorization": f"Bearer {KEY}"}
    ) as raw:
        path = f"/v1/application-drafts/{DRAFT}"
        assert (await raw.put(path, json=body)).status_code == 201
        again = await raw.put(path, json={**body, "values": {"id_no": ID, "phone": "2"}})
        assert (again.status_code, again.json()["barcodes"], again.json()["appointment"]) == (200, {}, None)
        assert window.entry().values["phone"] == "2"


@pytest.mark.parametrize("name", [name for name in list_scenarios("form") if name.startswith("form_submit_")])
async def test_the_scenarios_faults_are_armed(clock, name):
    async with open_window(clock, name) as window:
        for _ in range(2):
            with pytest.raises(GatewayUnavailable):
                await window.client.submit(DRAFT, PASSPORT)
        assert len(window.sim.world.books.drafts) == (name == "form_submit_answer_lost")
        await window.client.withdraw(DRAFT)
        assert window.counts == {"withdrawn": 1}


# What the server refuses


@pytest.mark.parametrize(
    "changes",
    [
        {"form_id": "crj"},
        {"form_version": 0},
        {"form_version": "1"},
        {"values": None},
        {"values": ["id_no"]},
        {"values": {"Id": "x"}},
        {"values": {"id_no": ""}},
        {"values": {"id_no": 5}},
        {"values": {"id_no": "x" * 401}},
        {"values": {f"k{number}": "x" for number in range(129)}},
        {"revision": -1},
        {"photo": {"media_type": "image/bmp", "data": base64.b64encode(FACE.data).decode()}},
        {"photo": {"media_type": "image/png", "data": base64.b64encode(FACE.data).decode()}},
        {"photo": {"media_type": "image/jpeg", "data": "no base64 at all"}},
        {"photo": {"media_type": "image/jpeg", "data": base64.b64encode(FACE.data + bytes(PHOTO_BYTES)).decode()}},
    ],
)
async def test_a_body_that_is_none(window, changes):
    body = {"form_id": "CRJ-2014", "form_version": 1, "values": {"id_no": ID}, **changes}
    async with httpx.AsyncClient(
        base_url=window.url, trust_env=False, headers={"Authorization": f"Bearer {KEY}"}
    ) as raw:
        said = await raw.put(f"/v1/application-drafts/{DRAFT}", json=body)
        assert said.status_code == 422
        assert ID not in said.text
        for key in ("0" * 31, "0" * 33, "A" * 32, "g" * 32, ID):
            assert (await raw.put(f"/v1/application-drafts/{key}", json=body)).status_code == 422
            assert (await raw.delete(f"/v1/application-drafts/{key}")).status_code == 422
    assert window.counts == {}
