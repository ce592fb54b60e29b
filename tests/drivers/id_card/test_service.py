"""What technicians may ask of the reader, on every line: how well it is, what it counted, a fresh start, when it is back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from itertools import pairwise
from typing import Any

import pytest

from drivers.id_card import exam
from drivers.id_card.photo import SimDecoder
from drivers.id_card.reader import SamvReader
from drivers.id_card.simulator import SamvSimulator
from drivers.transport.memory import MemoryLine
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.devices import DeviceStatus, Link
from kiosk.ports.health import COUNTERS, Ask, Finding, Level, Resettable, Returning, Serviced, Verdict
from tests.drivers.id_card.conftest import FAST, PEOPLE

NAMES = {
    Level.INTERNAL: ["link", "answer_ms", "sam", "sam_id"],
    Level.EXTERNAL: ["reset", "line_errors", "field"],
    Level.INTERACTIVE: ["card_read", "read_ms", "photo", "card_removed"],
}


class Somebody:
    """Does what is asked, or does not."""

    def __init__(self, simulator: SamvSimulator, *, there: bool | None = True, who: str = "resident") -> None:
        self._simulator = simulator
        self._there = there
        self._who = who
        self.asked: list[Ask] = []

    async def ask(self, what: Ask) -> bool | None:
        self.asked.append(what)
        if self._there and what is Ask.PLACE_CARD:
            self._simulator.place(self._who)
        elif self._there and what is Ask.REMOVE_CARD:
            self._simulator.remove()
        return self._there


def verdicts(findings: tuple[Finding, ...]) -> dict[str, Verdict]:
    return {finding.name: finding.verdict for finding in findings}


@pytest.fixture
def hear(reader: SamvReader) -> Callable[[], list[DeviceStatus]]:
    heard: list[DeviceStatus] = []
    reader.listen(lambda: heard.append(reader.status()))
    return lambda: heard


async def test_the_protocols_are_kept(reader: SamvReader) -> None:
    assert isinstance(reader, Serviced)
    assert isinstance(reader, Resettable)
    assert isinstance(reader, Returning)


@pytest.mark.parametrize("level", list(Level))
async def test_a_reader_that_is_well_passes(reader: SamvReader, simulator: SamvSimulator, level: Level) -> None:
    findings = await reader.examine(level, Somebody(simulator))
    assert [finding.name for finding in findings] == NAMES[level]
    expected = dict.fromkeys(NAMES[level], Verdict.PASSED) | (
        {"photo": Verdict.SKIPPED} if level is level.INTERACTIVE else {}
    )
    assert verdicts(findings) == expected
    assert set(reader.counters()) <= set(COUNTERS)


async def test_nothing_of_the_card_is_told(reader: SamvReader, simulator: SamvSimulator) -> None:
    findings = await reader.examine(Level.INTERACTIVE, Somebody(simulator))
    told = repr(findings)
    person = PEOPLE["resident"]
    assert findings[0].value == "resident"
    for field in ("name", "number", "birth", "address"):
        assert person[field] not in told


async def test_the_photo_is_told_to_be_decoded(simulator: SamvSimulator) -> None:
    reader = SamvReader(MemoryLine(simulator), SimDecoder(), **FAST)
    await reader.open()
    findings = await reader.examine(Level.INTERACTIVE, Somebody(simulator))
    assert verdicts(findings)["photo"] is Verdict.PASSED
    await reader.close()


@pytest.mark.parametrize("there", [False, None])
async def test_without_a_person_nothing_is_passed(
    near_reader: SamvReader, simulator: SamvSimulator, there: bool | None
) -> None:
    findings = await near_reader.examine(Level.INTERACTIVE, Somebody(simulator, there=there))
    assert Verdict.PASSED not in verdicts(findings).values()
    assert verdicts(findings)["card_read"] is Verdict.UNKNOWN


async def test_a_card_that_is_not_seen_is_a_failure(near_reader: SamvReader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exam, "PLACE_WITHIN", 0.1)

    class Idle:
        async def ask(self, what: Ask) -> bool | None:
            return True

    findings = await near_reader.examine(Level.INTERACTIVE, Idle())
    assert (findings[0].verdict, findings[0].value) == (Verdict.FAILED, "no_media")
    assert "antenna" in findings[0].detail


@pytest.mark.parametrize(
    ("fault", "name", "value"),
    [("SAM.33", "card_read", "SW3=33"), ("SAM.40", "card_read", "SW3=40"), ("SAM.TEXTLEN", "card_read", "TEXT")],
)
async def test_a_card_that_is_refused_is_a_finding(
    reader: SamvReader, simulator: SamvSimulator, fault: str, name: str, value: str
) -> None:
    simulator.control({"do": "fault", "id": fault, "count": None})
    findings = await reader.examine(Level.INTERACTIVE, Somebody(simulator))
    assert (findings[0].name, findings[0].verdict, findings[0].value) == (name, Verdict.FAILED, value)
    assert findings[0].detail


@pytest.mark.parametrize(
    ("fault", "failing"),
    [
        ({"id": "SAM.60", "count": None}, {"link", "sam"}),
        ({"id": "SAM.66", "count": None}, {"link", "sam"}),
        ({"id": "LINE.MUTE", "count": None}, {"link"}),
        ({"id": "LINE.GARBLE", "count": None}, {"link"}),
    ],
    ids=lambda value: value["id"] if isinstance(value, dict) else "",
)
async def test_a_reader_that_is_ill_is_found_out(
    reader: SamvReader, simulator: SamvSimulator, fault: dict[str, Any], failing: set[str]
) -> None:
    simulator.control({"do": "fault", **fault})
    found = verdicts(await reader.examine(Level.INTERNAL, Somebody(simulator)))
    assert {name for name, verdict in found.items() if verdict is Verdict.FAILED} == failing
    assert found["answer_ms"] is Verdict.SKIPPED
    assert verdicts(await reader.examine(Level.EXTERNAL, Somebody(simulator)))["reset"] is Verdict.FAILED


async def test_a_line_that_spoils_bytes_is_found_out(reader: SamvReader, simulator: SamvSimulator) -> None:
    simulator.control({"do": "fault", "id": "LINE.FLIP", "count": 3, "after_calls": 9})
    found = {each.name: each for each in await reader.examine(Level.EXTERNAL, Somebody(simulator))}
    assert found["reset"].verdict is Verdict.PASSED
    assert found["line_errors"].verdict is Verdict.FAILED


async def test_an_unplugged_or_closed_reader_is_a_finding(reader: SamvReader, simulator: SamvSimulator) -> None:
    simulator.unplug()
    for level in Level:
        found = await reader.examine(level, Somebody(simulator))
        assert found[0].verdict in (Verdict.FAILED, Verdict.UNKNOWN)
        assert Verdict.PASSED not in verdicts(found[:1]).values()
    await reader.close()
    for level in Level:
        assert (await reader.examine(level, Somebody(simulator)))[0].verdict in (Verdict.FAILED, Verdict.UNKNOWN)


async def test_a_slow_answer_passes_the_limit(
    near_reader: SamvReader, simulator: SamvSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exam, "ANSWER_MS", 20.0)
    simulator._latency = {"status": 0.05}
    found = {each.name: each for each in await near_reader.examine(Level.INTERNAL, Somebody(simulator))}
    assert found["answer_ms"].verdict is Verdict.FAILED
    assert found["answer_ms"].limit == "≤ 20 ms"


# --- counters


async def test_counters_tell_what_happened(reader: SamvReader, simulator: SamvSimulator) -> None:
    before = reader.counters()
    assert before["opens"] == 1
    simulator.place("resident")
    await reader.wait_card(5)
    assert reader.counters()["reads"] == 1
    simulator.remove()
    await reader.wait_removed(5)
    simulator.control({"do": "fault", "id": "SAM.33"})
    simulator.place("resident")
    with pytest.raises(DeviceError):
        await reader.wait_card(5)
    assert reader.counters()["failed_reads"] == 1
    simulator.control({"do": "fault", "id": "SAM.10"})
    await reader.check()
    assert reader.counters()["retries"] == 1
    simulator.control({"do": "fault", "id": "LINE.MUTE"})
    await reader.check()
    counted = reader.counters()
    assert (counted["timeouts"], counted["losses"]) == (1, 1)
    simulator.unplug()
    await reader.check()
    await reader.check()
    simulator.plug()
    while (await reader.check()).link is not Link.READY:
        await asyncio.sleep(0.01)
    after = reader.counters()
    assert after["losses"] == 1  # it was lost already, and stayed so
    assert after["opens"] == 2
    assert all(after[name] >= count for name, count in before.items())
    assert after["commands"] > before["commands"]


# --- listeners and trouble


async def test_listeners_hear_every_change_once(
    reader: SamvReader, simulator: SamvSimulator, hear: Callable[[], list[DeviceStatus]]
) -> None:
    simulator.place("resident")
    await reader.wait_card(5)
    for _ in range(3):
        await reader.check()
    heard = hear()
    assert [status.link for status in heard] == [Link.BUSY, Link.READY]
    assert heard[-1].parts["field"] == "present"
    simulator.unplug()
    for _ in range(3):
        await reader.check()
    assert {(status.link, status.trouble) for status in heard[2:]} == {(Link.OFFLINE, ErrorKind.OFFLINE)}
    assert all(before != after for before, after in pairwise(heard))
    await reader.close()
    assert heard[-1].link is Link.CLOSED


async def test_a_loss_while_idle_is_heard_at_once(reader: SamvReader, simulator: SamvSimulator) -> None:
    """Nobody asks the reader anything: the line itself tells."""
    lost = asyncio.Event()
    reader.listen(lost.set)
    simulator.unplug()
    async with asyncio.timeout(10):
        await lost.wait()
    status = reader.status()
    assert (status.link, status.trouble, status.parts["sam"]) == (Link.OFFLINE, ErrorKind.OFFLINE, "unknown")
    assert reader.counters()["losses"] == 1


async def test_who_stops_listening_hears_nothing(near_reader: SamvReader) -> None:
    heard: list[int] = []
    stop = near_reader.listen(lambda: heard.append(1))
    stop()
    await near_reader.close()
    assert not heard


@pytest.mark.parametrize(
    ("fault", "link", "trouble"),
    [
        ({"id": "SAM.60", "count": None}, Link.FAULT, ErrorKind.HARDWARE),
        ({"id": "SAM.66", "count": None}, Link.FAULT, ErrorKind.CONFIG),
        ({"id": "LINE.MUTE", "count": None}, Link.OFFLINE, ErrorKind.TIMEOUT),
        ({"id": "LINE.HANGUP", "count": None}, Link.OFFLINE, ErrorKind.OFFLINE),
        ({"id": "LINE.FLIP", "count": None}, Link.DEGRADED, ErrorKind.PROTOCOL),
    ],
    ids=lambda value: value["id"] if isinstance(value, dict) else "",
)
async def test_the_status_says_why(
    reader: SamvReader, simulator: SamvSimulator, fault: dict[str, Any], link: Link, trouble: ErrorKind
) -> None:
    simulator.control({"do": "fault", **fault})
    status = await reader.check()
    assert (status.link, status.trouble) == (link, trouble)
    assert status.detail
    simulator.control({"do": "clear"})
    while (await reader.check()).link is not Link.READY:
        await asyncio.sleep(0.01)
    assert reader.status().trouble is None


@pytest.mark.parametrize(
    ("fault", "trouble"),
    [("LINE.REFUSE", ErrorKind.OFFLINE), ("LINE.PERMISSION", ErrorKind.PERMISSION), ("LINE.BUSY", ErrorKind.BUSY)],
)
async def test_the_status_says_why_it_does_not_open(simulator: SamvSimulator, fault: str, trouble: ErrorKind) -> None:
    reader = SamvReader(MemoryLine(simulator), SimDecoder(), **FAST)
    simulator.control({"do": "fault", "id": fault})
    with pytest.raises(DeviceError):
        await reader.open()
    assert reader.status().trouble is trouble
    await reader.close()
    assert reader.status().trouble is None


# --- reset, return


async def test_opening_a_mute_reader_does_not_call_it_ready(reader: SamvReader, simulator: SamvSimulator) -> None:
    """The watch opens what is offline: a line that stands is not enough."""
    simulator.control({"do": "fault", "id": "LINE.MUTE", "count": None})
    assert (await reader.check()).link is Link.OFFLINE
    heard: list[Link] = []
    reader.listen(lambda: heard.append(reader.status().link))
    with pytest.raises(DeviceError) as caught:
        await reader.open()
    assert caught.value.kind is ErrorKind.TIMEOUT
    assert Link.READY not in heard


async def test_reset_brings_a_card_into_the_field_again(reader: SamvReader, simulator: SamvSimulator) -> None:
    simulator.place("resident")
    await reader.wait_card(5)
    await reader.reset()
    assert reader.status().parts == {"field": "unknown", "sam": "ok"}
    await reader.wait_card(5)
    assert simulator.reads == 2


async def test_reset_finds_a_new_module(reader: SamvReader, simulator: SamvSimulator) -> None:
    simulator.control({"do": "fault", "id": "SAM.ID"})
    await reader.reset()
    assert str(reader.capabilities["sam_id"]).startswith("05.03-20190603")


async def test_reset_of_a_dead_reader_is_an_error(reader: SamvReader, simulator: SamvSimulator) -> None:
    simulator.control({"do": "fault", "id": "SAM.60", "count": None})
    with pytest.raises(DeviceError) as caught:
        await reader.reset()
    assert caught.value.kind is ErrorKind.HARDWARE
    await reader.close()
    with pytest.raises(DeviceError) as caught:
        await reader.reset()
    assert caught.value.kind is ErrorKind.NOT_OPEN


async def test_the_reader_says_when_it_is_back(reader: SamvReader, simulator: SamvSimulator) -> None:
    simulator.unplug()
    await reader.check()
    waiting = asyncio.ensure_future(reader.wait_return())
    done, _ = await asyncio.wait((waiting,), timeout=0.1)
    assert not done
    simulator.plug()
    async with asyncio.timeout(10):
        await waiting
    await reader.open()
    assert reader.status().link is Link.READY


@pytest.fixture
async def flapping(reader: SamvReader, simulator: SamvSimulator) -> AsyncIterator[SamvReader]:
    simulator.control({"do": "fault", "id": "LINE.FLAP", "count": 3, "period": 0.2})
    yield reader
    simulator.control({"do": "clear"})


async def test_a_loose_plug_ends_well(flapping: SamvReader, simulator: SamvSimulator) -> None:
    async with asyncio.timeout(30):
        while simulator.faults.peek("LINE.FLAP") is not None or not simulator.plugged:
            await flapping.check()
            await asyncio.sleep(0.02)
        while (await flapping.check()).link is not Link.READY:
            await asyncio.sleep(0.02)
    assert flapping.counters()["losses"] >= 1
    simulator.place("resident")
    assert (await flapping.wait_card(5)).name == "测试甲"
