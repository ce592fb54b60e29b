"""What technicians ask of a card unit: examination, counters, news, a fresh start."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from drivers.permit_unit.codes import Position
from drivers.permit_unit.driver import PermitUnitDriver
from drivers.permit_unit.simulator import PermitUnitSimulator
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.devices import Link
from kiosk.ports.health import COUNTERS, Ask, Finding, Level, Resettable, Returning, Serviced, Verdict
from kiosk.ports.permit import CardPlace
from tests.drivers.permit_unit.conftest import FACE, LINE, permit, put_in, until, write_job


class Technician:
    """Puts the test card in and takes it when asked to; `lazy`: does neither. `sloppy`: leaves it at the mouth."""

    def __init__(
        self, simulator: PermitUnitSimulator, card: dict[str, Any] | None = None, *, answer: bool | None = True
    ) -> None:
        self.asked: list[Ask] = []
        self._simulator = simulator
        self._card = card or permit()
        self._answer = answer
        self._hands: set[asyncio.Task[None]] = set()

    async def ask(self, what: Ask) -> bool | None:
        self.asked.append(what)
        if self._answer:
            task = asyncio.ensure_future(self._do(what))
            self._hands.add(task)
            task.add_done_callback(self._hands.discard)
        return self._answer

    async def _do(self, what: Ask) -> None:
        if what is Ask.INSERT_PERMIT:
            await until(lambda: self._simulator.state()["accepting"])
            self._simulator.control({"do": "insert", "card": self._card})
        elif what is Ask.TAKE_PERMIT:
            self._simulator.control({"do": "take"})


def verdicts(findings: tuple[Finding, ...]) -> dict[str, Verdict]:
    return {finding.name: finding.verdict for finding in findings}


def by_name(findings: tuple[Finding, ...]) -> dict[str, Finding]:
    return {finding.name: finding for finding in findings}


async def test_a_healthy_unit_passes_all_levels(unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    assert isinstance(unit, Serviced)
    assert isinstance(unit, Resettable)
    assert isinstance(unit, Returning)
    technician = Technician(simulator)
    inside = verdicts(await unit.examine(Level.INTERNAL, technician))
    assert list(inside) == ["link", "answer_ms", "sensors", "media", "shutter", "bin", "bin_count"]
    assert set(inside.values()) == {Verdict.PASSED}
    outside = verdicts(await unit.examine(Level.EXTERNAL, technician))
    assert outside == {"slot": Verdict.PASSED, "locate": Verdict.PASSED}
    assert not technician.asked
    together = await unit.examine(Level.INTERACTIVE, technician)
    assert list(verdicts(together)) == ["draw_in", "line", "picture", "give_out_s", "taken"]
    assert set(verdicts(together).values()) == {Verdict.PASSED}
    assert technician.asked == [Ask.INSERT_PERMIT, Ask.TAKE_PERMIT]
    assert await unit.place() is CardPlace.NONE
    assert LINE not in repr(together)
    counted = unit.counters()
    assert (counted["cards_in"], counted["cards_out"], counted["reads"], counted["opens"]) == (1, 1, 1, 1)
    assert set(counted) <= set(COUNTERS)


@pytest.mark.parametrize(
    ("fault", "name", "value"),
    [
        ({"id": "BIN.FULL", "count": None}, "bin", "full"),
        ({"id": "BIN.MISSING", "count": None}, "bin", "missing"),
    ],
)
async def test_parts_that_are_wrong(
    near_unit: PermitUnitDriver, simulator: PermitUnitSimulator, fault: dict[str, Any], name: str, value: str
) -> None:
    simulator.control({"do": "fault", **fault})
    found = by_name(await near_unit.examine(Level.INTERNAL, Technician(simulator)))
    assert (found[name].verdict, found[name].value) == (Verdict.FAILED, value)
    assert (near_unit.status().link, near_unit.status().trouble) == (Link.DEGRADED, ErrorKind.SUPPLY_OUT)


@pytest.mark.parametrize(("fault", "value"), [("SHUTTER.STUCK", "E11"), ("SHUTTER.OPEN", "open, open")])
async def test_a_slot_that_does_not_move(
    near_unit: PermitUnitDriver, simulator: PermitUnitSimulator, fault: str, value: str
) -> None:
    simulator.control({"do": "fault", "id": fault, "count": None})
    found = by_name(await near_unit.examine(Level.EXTERNAL, Technician(simulator)))
    assert (found["slot"].verdict, found["slot"].value) == (Verdict.FAILED, value)
    assert found["locate"].verdict is Verdict.PASSED


async def test_a_card_left_inside_is_found(near_unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    await put_in(near_unit, simulator)
    technician = Technician(simulator)
    found = by_name(await near_unit.examine(Level.INTERNAL, technician))
    assert (found["media"].verdict, found["media"].value) == (Verdict.FAILED, "reader")
    assert verdicts(await near_unit.examine(Level.EXTERNAL, technician))["slot"] is Verdict.SKIPPED
    together = verdicts(await near_unit.examine(Level.INTERACTIVE, technician))
    assert set(together.values()) == {Verdict.SKIPPED}
    assert not technician.asked
    assert await near_unit.place() is CardPlace.READER, "an examination moves nobody's permit"


async def test_a_unit_that_lost_its_card(near_unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    await put_in(near_unit, simulator)
    simulator.control({"do": "fault", "id": "SENSOR.DEAD", "count": None})
    technician = Technician(simulator)
    found = by_name(await near_unit.examine(Level.INTERNAL, technician))
    assert found["sensors"].verdict is Verdict.FAILED
    assert (near_unit.status().link, near_unit.status().trouble) == (Link.FAULT, ErrorKind.HARDWARE)
    assert verdicts(await near_unit.examine(Level.EXTERNAL, technician))["locate"] is Verdict.FAILED


@pytest.mark.parametrize(
    ("fault", "draw_in", "rest"),
    [
        ({"id": "CARD.WRONG_WAY"}, Verdict.FAILED, {Verdict.SKIPPED}),
        ({"id": "JAM.ENTRANCE"}, Verdict.FAILED, {Verdict.SKIPPED}),
        ({"id": "PICTURE.NONE"}, Verdict.PASSED, {Verdict.PASSED, Verdict.FAILED}),
        ({"id": "OCR.EMPTY"}, Verdict.PASSED, {Verdict.PASSED, Verdict.FAILED}),
    ],
    ids=lambda value: value["id"] if isinstance(value, dict) else None,
)
async def test_a_test_card_that_does_not_come_through(
    near_unit: PermitUnitDriver,
    simulator: PermitUnitSimulator,
    fault: dict[str, Any],
    draw_in: Verdict,
    rest: set[Verdict],
) -> None:
    simulator.control({"do": "fault", **fault})
    found = verdicts(await near_unit.examine(Level.INTERACTIVE, Technician(simulator)))
    assert found.pop("draw_in") is draw_in
    assert set(found.values()) == rest


async def test_nobody_puts_a_card_in(near_unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    found = verdicts(await near_unit.examine(Level.INTERACTIVE, Technician(simulator, answer=None)))
    assert found.pop("draw_in") is Verdict.UNKNOWN
    assert set(found.values()) == {Verdict.SKIPPED}


async def test_a_card_that_jams_on_its_way_out_is_not_called_given_out(
    near_unit: PermitUnitDriver, simulator: PermitUnitSimulator
) -> None:
    simulator.control({"do": "fault", "id": "JAM.EXIT", "count": None})
    found = by_name(await near_unit.examine(Level.INTERACTIVE, Technician(simulator)))
    assert found["give_out_s"].verdict is Verdict.FAILED
    assert found["taken"].verdict is Verdict.SKIPPED
    assert (near_unit.status().link, near_unit.status().trouble) == (Link.FAULT, ErrorKind.MEDIA_JAMMED)
    assert near_unit.counters()["jams"] >= 1


async def test_a_broken_off_examination_gives_the_card_out(
    near_unit: PermitUnitDriver, simulator: PermitUnitSimulator
) -> None:
    simulator.control({"do": "speed", "factor": 20})
    examining = asyncio.create_task(near_unit.examine(Level.INTERACTIVE, Technician(simulator)))
    await until(lambda: simulator.state()["phase"] == "looking")
    examining.cancel()
    with pytest.raises(asyncio.CancelledError):
        await examining
    assert simulator.state()["position"] == "mouth"


async def test_counts_what_it_did(unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    await put_in(unit, simulator)
    await unit.write(write_job())
    await unit.written()
    await unit.print_back(FACE, "P1")
    simulator.control({"do": "fault", "id": "WRITE.FAILS"})
    await unit.write(write_job("W2"))
    simulator.control({"do": "fault", "id": "PRINT.FAILS"})
    await unit.print_back(FACE, "P2")
    await unit.retain()
    counted = unit.counters()
    assert (counted["cards_in"], counted["cards_kept"], counted.get("cards_out", 0)) == (1, 1, 0)
    assert (counted["writes"], counted["jobs"], counted["failed_jobs"], counted["reads"]) == (1, 1, 1, 1)


async def test_looking_is_no_news_and_changes_are(unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    heard: list[Link] = []
    unit.listen(lambda: heard.append(unit.status().link))
    for _ in range(3):
        await unit.check()
    assert not heard
    simulator.control({"do": "fault", "id": "BIN.FULL", "count": None})
    await until(lambda: unit.status().trouble is ErrorKind.SUPPLY_OUT)
    assert heard == [Link.DEGRADED], "the unit tells it by itself"
    simulator.control({"do": "unplug"})
    await until(lambda: unit.status().link is Link.OFFLINE)
    assert heard[-1] is Link.OFFLINE
    assert unit.status().trouble is ErrorKind.OFFLINE
    assert unit.counters()["losses"] == 1
    waiting = asyncio.create_task(unit.wait_return())
    await asyncio.sleep(0.05)
    assert not waiting.done()
    simulator.control({"do": "plug"})
    async with asyncio.timeout(5):
        await waiting
    await unit.open()
    assert unit.status().link is Link.DEGRADED


async def test_a_mute_unit(near_unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    simulator.control({"do": "fault", "id": "LINE.MUTE", "count": None})
    found = verdicts(await near_unit.examine(Level.INTERNAL, Technician(simulator)))
    assert (found["link"], found["answer_ms"]) == (Verdict.FAILED, Verdict.FAILED)
    assert near_unit.status().trouble is ErrorKind.TIMEOUT
    assert near_unit.counters()["timeouts"] >= 1
    assert near_unit.counters()["retries"] >= 2


# -- a fresh start -----------------------------------------------------------------------------------------------------


async def test_reset_frees_a_jam_and_keeps_the_card(unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    await put_in(unit, simulator)
    simulator.control({"do": "fault", "id": "JAM.WRITER"})
    await unit.write(write_job())
    assert unit.status().link is Link.FAULT
    await unit.reset()
    assert unit.status().link is Link.READY
    assert await unit.place() is CardPlace.READER


async def test_reset_shuts_a_slot_that_was_left_open(
    near_unit: PermitUnitDriver, simulator: PermitUnitSimulator
) -> None:
    accepting = asyncio.create_task(near_unit.accept(5))
    await until(lambda: simulator.state()["accepting"])
    accepting.cancel()
    await asyncio.gather(accepting, return_exceptions=True)
    await near_unit.reset()
    assert simulator.state()["slot"] == "closed"
    assert near_unit.counters()["opens"] == 2


@pytest.mark.parametrize(
    ("fault", "kind"),
    [("JAM.READER", ErrorKind.MEDIA_JAMMED), ("SENSOR.DEAD", ErrorKind.HARDWARE), ("LINE.MUTE", ErrorKind.TIMEOUT)],
)
async def test_reset_says_what_is_still_wrong(
    near_unit: PermitUnitDriver, simulator: PermitUnitSimulator, fault: str, kind: ErrorKind
) -> None:
    if fault == "JAM.READER":
        simulator.control({"do": "fault", "id": fault, "count": None})
        accepting = asyncio.create_task(near_unit.accept(5))
        await until(lambda: simulator.state()["accepting"])
        simulator.control({"do": "insert", "card": permit()})
        with pytest.raises(DeviceError):
            await accepting
    else:
        await put_in(near_unit, simulator)
        simulator.control({"do": "fault", "id": fault, "count": None})
    with pytest.raises(DeviceError) as caught:
        await near_unit.reset()
    assert caught.value.kind is kind
    simulator.control({"do": "clear"})
    await near_unit.reset()
    assert near_unit.seen is not None
    assert near_unit.seen.position is Position.READER


async def test_a_closed_unit(near_unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    await near_unit.close()
    found = verdicts(await near_unit.examine(Level.INTERNAL, Technician(simulator)))
    assert (found["link"], found["answer_ms"]) == (Verdict.FAILED, Verdict.FAILED)
    with pytest.raises(DeviceError) as caught:
        await near_unit.reset()
    assert caught.value.kind is ErrorKind.NOT_OPEN
    with pytest.raises(DeviceError):
        await near_unit.locate()
