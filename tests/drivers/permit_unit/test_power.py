"""The power goes at every step, and a unit's process is killed: afterwards the driver knows where the card is and what was done."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from drivers.permit_unit.driver import PermitUnitDriver
from drivers.permit_unit.simulator import PermitUnitSimulator
from drivers.transport.memory import MemoryLine
from drivers.transport.url import open_transport
from kiosk.domain.errors import ErrorKind
from kiosk.ports.devices import Link, PrintEnd
from kiosk.ports.permit import CardPlace, WriteEnd
from tests.drivers.permit_unit.conftest import FACE, FAST, LINE, NUMBERS, SPEED, permit, put_in, until, write_job

WRITE_PHASES = {
    "to_writer": WriteEnd.NOT_WRITTEN,
    "opening_chip": WriteEnd.NOT_WRITTEN,
    "writing": WriteEnd.NOT_WRITTEN,
    "verifying": WriteEnd.WRITTEN,
    "from_writer": WriteEnd.WRITTEN,
}
PRINT_PHASES = {
    "to_printer": PrintEnd.FAILED,
    "erasing": PrintEnd.FAILED,
    "printing": PrintEnd.FAILED,
    "checking": PrintEnd.DONE,
    "from_printer": PrintEnd.DONE,
}


def cut(simulator: PermitUnitSimulator, phase: str, seconds: float | None = 0.05) -> None:
    simulator.control({"do": "fault", "id": "POWER.PHASE", "at": phase, "seconds": seconds})


async def comes_out(unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    await unit.eject()
    assert await unit.place() is CardPlace.MOUTH
    simulator.control({"do": "take"})
    assert await unit.wait_taken(1)


@pytest.mark.parametrize("phase", WRITE_PHASES)
async def test_writing_and_the_power_comes_back(
    unit: PermitUnitDriver, simulator: PermitUnitSimulator, phase: str
) -> None:
    await put_in(unit, simulator)
    cut(simulator, phase)
    outcome = await unit.write(write_job())
    assert outcome.end is WRITE_PHASES[phase]
    assert bool(outcome.kind) == (outcome.end is not WriteEnd.WRITTEN)
    assert await unit.place() in (CardPlace.READER, CardPlace.WRITER)
    written = outcome.end is WriteEnd.WRITTEN
    assert tuple(await unit.written()) == (NUMBERS if written else ())
    assert (await unit.write(write_job())).end is WriteEnd.WRITTEN
    assert simulator.card is not None
    assert simulator.card.chip_writes == 1
    await comes_out(unit, simulator)


@pytest.mark.parametrize(
    ("fault", "end"),
    [
        ("POWER.BEFORE_WRITE", WriteEnd.NOT_WRITTEN),
        ("POWER.DURING_WRITE", WriteEnd.NOT_WRITTEN),
        ("POWER.AFTER_WRITE", WriteEnd.WRITTEN),
    ],
)
async def test_named_power_faults(
    near_unit: PermitUnitDriver, simulator: PermitUnitSimulator, fault: str, end: WriteEnd
) -> None:
    await put_in(near_unit, simulator)
    simulator.control({"do": "fault", "id": fault, "seconds": 0.02})
    assert (await near_unit.write(write_job())).end is end


@pytest.mark.parametrize("phase", PRINT_PHASES)
async def test_printing_and_the_power_comes_back(
    unit: PermitUnitDriver, simulator: PermitUnitSimulator, phase: str
) -> None:
    await put_in(unit, simulator)
    cut(simulator, phase)
    outcome = await unit.print_back(FACE, "P1")
    assert outcome.end is PRINT_PHASES[phase]
    assert await unit.place() in (CardPlace.READER, CardPlace.PRINTER)
    assert (await unit.print_back(FACE, "P1")).end is PrintEnd.DONE
    assert simulator.card is not None
    assert simulator.card.print_count == 1
    await comes_out(unit, simulator)


@pytest.mark.parametrize("way", ["eject", "retain"])
async def test_moving_out_and_the_power_comes_back(
    unit: PermitUnitDriver, simulator: PermitUnitSimulator, way: str
) -> None:
    await put_in(unit, simulator)
    cut(simulator, "to_mouth" if way == "eject" else "to_bin")
    await getattr(unit, way)()
    assert await unit.place() is (CardPlace.MOUTH if way == "eject" else CardPlace.NONE)
    assert await unit.bin_count() == (way == "retain")


async def test_power_that_stays_away_while_writing(near_unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    await put_in(near_unit, simulator)
    cut(simulator, "verifying", seconds=None)
    outcome = await near_unit.write(write_job())
    assert (outcome.end, outcome.kind) == (WriteEnd.UNCERTAIN, ErrorKind.TIMEOUT)
    assert near_unit.status().link is Link.OFFLINE
    simulator.control({"do": "power", "on": True})
    assert tuple(await near_unit.written()) == NUMBERS
    assert (await near_unit.write(write_job())).end is WriteEnd.WRITTEN


async def test_a_card_that_cannot_be_found_after_a_restart_is_a_fault_and_is_looked_for_again(
    unit: PermitUnitDriver, simulator: PermitUnitSimulator
) -> None:
    await put_in(unit, simulator)
    cut(simulator, "to_writer", seconds=None)
    writing = asyncio.create_task(unit.write(write_job()))
    await until(lambda: not simulator.powered)
    simulator.control({"do": "fault", "id": "MOTOR.STUCK", "count": None})
    simulator.control({"do": "power", "on": True})
    assert (await writing).end is WriteEnd.NOT_WRITTEN
    for _ in range(2):  # asking alone changes nothing
        status = await unit.check()
        assert (status.link, status.parts["media"]) == (Link.FAULT, "unknown")
    assert "cannot find out" in status.detail
    simulator.control({"do": "clear"})
    await unit.open()  # what the watch does with a device that is gone
    assert unit.status().link is Link.READY
    assert await unit.place() is CardPlace.READER
    await comes_out(unit, simulator)


async def test_power_lost_while_the_card_comes_in(unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    """The card that lies somewhere inside is looked for, and is the citizen's."""
    cut(simulator, "entering")
    await put_in(unit, simulator)
    assert await unit.place() is CardPlace.READER
    await comes_out(unit, simulator)


async def test_power_lost_with_the_card_at_the_mouth(unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    await put_in(unit, simulator)
    await unit.eject()
    simulator.control({"do": "power", "on": False})
    simulator.control({"do": "take"})
    simulator.control({"do": "power", "on": True})
    assert await unit.wait_taken(1)


async def test_power_lost_twice(near_unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    """Once while it writes, once more while it looks for the card."""
    await put_in(near_unit, simulator)
    cut(simulator, "from_writer")
    simulator.listen(lambda: _again(simulator))
    assert (await near_unit.write(write_job())).end is WriteEnd.WRITTEN
    assert simulator.state()["power_ons"] == 3
    assert await near_unit.place() is CardPlace.READER


def _again(simulator: PermitUnitSimulator) -> None:
    state = simulator.state()
    if not state["powered"] and state["power_ons"] == 1 and not simulator.faults.active("POWER.PHASE"):
        cut(simulator, "locating")


async def test_chip_that_died_with_the_power(near_unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    """The unit looks into the chip to learn what became of the job; where it cannot, nobody knows."""
    await put_in(near_unit, simulator)
    cut(simulator, "writing")
    card = simulator.card
    assert card is not None

    def die() -> None:
        if not simulator.powered and card is not None:
            card.chip = "dead"

    simulator.listen(die)
    outcome = await near_unit.write(write_job())
    assert outcome.end is WriteEnd.UNCERTAIN
    assert simulator.state()["write_job"] == {"id": "W1", "state": "started"}


# --- another process with the same card inside ------------------------------------------------------------------------


@pytest.fixture
async def restarted(tmp_path: Path) -> AsyncIterator[tuple[PermitUnitDriver, MemoryLine, Path]]:
    nvram = tmp_path / "unit.json"
    line = MemoryLine(PermitUnitSimulator(nvram=nvram, speed=SPEED))
    unit = PermitUnitDriver(line, patience=FAST)
    await unit.open()
    yield unit, line, nvram
    await unit.close()


@pytest.mark.parametrize("phase", [*WRITE_PHASES, *PRINT_PHASES, "to_mouth", "to_bin"])
async def test_a_unit_restarted_from_its_memory(
    restarted: tuple[PermitUnitDriver, MemoryLine, Path], phase: str
) -> None:
    unit, line, nvram = restarted
    first = line.simulator
    assert isinstance(first, PermitUnitSimulator)
    await put_in(unit, first)
    cut(first, phase, seconds=None)

    def another() -> None:
        if not first.powered and line.simulator is first:
            line.simulator = PermitUnitSimulator(nvram=nvram, speed=SPEED)
            asyncio.get_running_loop().call_soon(first.unplug)

    first.listen(another)
    if phase in WRITE_PHASES:
        assert (await unit.write(write_job())).end is WRITE_PHASES[phase]
        assert tuple(await unit.written()) == (NUMBERS if WRITE_PHASES[phase] is WriteEnd.WRITTEN else ())
    elif phase in PRINT_PHASES:
        assert (await unit.print_back(FACE, "P1")).end is PRINT_PHASES[phase]
    elif phase == "to_mouth":
        await unit.eject()
    else:
        await unit.retain()
        assert await unit.bin_count() == 1
        assert await unit.place() is CardPlace.NONE
        return
    second = line.simulator
    assert isinstance(second, PermitUnitSimulator)
    assert second is not first
    if phase != "to_mouth":
        assert await unit.read_line() == LINE
    await comes_out(unit, second)


CHILD = """
import asyncio, sys
from pathlib import Path
from drivers.control import serve_control
from drivers.permit_unit.simulator import PermitUnitSimulator
from drivers.transport.host import serve_tcp

async def main():
    simulator = PermitUnitSimulator(nvram=Path(sys.argv[1]), speed=float(sys.argv[3]))
    async with serve_tcp(simulator, port=int(sys.argv[2])) as port, serve_control(simulator) as control:
        print(port, control, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


class Process:
    """A unit in a process of its own, which can be killed."""

    def __init__(self, nvram: Path) -> None:
        self._nvram = nvram
        self.port = 0

    async def start(self, speed: float) -> None:
        arguments = ("-c", CHILD, str(self._nvram), str(self.port), str(speed))
        self.child = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.PIPE)
        assert self.child.stdout is not None
        self.port, control = map(int, (await self.child.stdout.readline()).split())
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", control)

    async def do(self, **command: object) -> dict[str, object]:
        self._writer.write(json.dumps(command).encode() + b"\n")
        reply: dict[str, object] = json.loads(await self._reader.readline())
        assert "error" not in reply, reply
        return reply

    async def kill(self) -> None:
        self._writer.close()
        self.child.kill()
        await self.child.wait()


@pytest.mark.slow
@pytest.mark.parametrize(("phase", "end"), [("writing", WriteEnd.NOT_WRITTEN), ("verifying", WriteEnd.WRITTEN)])
async def test_a_killed_unit(tmp_path: Path, phase: str, end: WriteEnd) -> None:
    process = Process(tmp_path / "unit.json")
    await process.start(speed=SPEED)
    patience = replace(FAST, silence=1.0, quick=15, settle=30)  # a process takes its time to start on a busy machine
    unit = PermitUnitDriver(open_transport(f"tcp://127.0.0.1:{process.port}"), patience=patience)
    try:
        await unit.open()
        await process.do(do="insert", card=permit())
        await unit.accept(5)
        await process.do(do="speed", factor=4)
        writing = asyncio.create_task(unit.write(write_job()))
        while (await process.do(do="state"))["phase"] != phase:
            await asyncio.sleep(0.01)
        await process.kill()
        await process.start(speed=SPEED)
        assert (await writing).end is end
        assert tuple(await unit.written()) == (NUMBERS if end is WriteEnd.WRITTEN else ())
        await unit.eject()
        assert await unit.place() is CardPlace.MOUTH
    finally:
        await unit.close()
        await process.kill()


async def test_a_card_is_there_after_a_restart_and_is_seen_by_the_chip_reader(tmp_path: Path) -> None:
    seen: list[str] = []
    for _ in range(2):
        simulator = PermitUnitSimulator(
            nvram=tmp_path / "unit.json",
            speed=SPEED,
            on_chip=lambda card: seen.append("" if card is None else card.line),
        )
        unit = PermitUnitDriver(MemoryLine(simulator), patience=FAST)
        await unit.open()
        if await unit.place() is CardPlace.NONE:
            await put_in(unit, simulator)
        assert await unit.place() is CardPlace.READER
        await unit.close()
    assert seen == ["", LINE, LINE]
