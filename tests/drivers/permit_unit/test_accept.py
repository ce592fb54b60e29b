"""A card comes in, or does not, or is called off at any moment: the slot never stays open, and `place` tells the truth."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from drivers.permit_unit.driver import PermitUnitDriver
from drivers.permit_unit.simulator import PermitUnitSimulator
from drivers.transport.memory import MemoryLine
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.permit import CardPlace
from tests.drivers.permit_unit.conftest import FAST, LINE, permit, put_in, until


async def refused(unit: PermitUnitDriver, deadline: float = 5.0) -> DeviceError:
    with pytest.raises(DeviceError) as caught:
        await unit.accept(deadline)
    assert caught.value.device == "permit_unit"
    return caught.value


def when(simulator: PermitUnitSimulator, phase: str, do: Any) -> None:
    """Call `do` once, as soon as the unit is in `phase`."""
    done: list[bool] = []

    def watch() -> None:
        if simulator.state()["phase"] == phase and not done:
            done.append(True)
            asyncio.get_running_loop().call_soon(do)

    simulator.listen(watch)


def closed(simulator: PermitUnitSimulator) -> bool:
    return not simulator.state()["accepting"]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("CARD.LONG", ErrorKind.MEDIA_BAD),
        ("CARD.SHORT", ErrorKind.MEDIA_BAD),
        ("CARD.FOREIGN", ErrorKind.MEDIA_BAD),
        ("CARD.WRONG_WAY", ErrorKind.MEDIA_BAD),
        ("JAM.ENTRANCE", ErrorKind.MEDIA_JAMMED),
        ("JAM.READER", ErrorKind.MEDIA_JAMMED),
    ],
)
async def test_what_is_not_taken_in(
    unit: PermitUnitDriver, simulator: PermitUnitSimulator, fault: str, kind: ErrorKind
) -> None:
    simulator.control({"do": "fault", "id": fault})
    simulator.control({"do": "insert", "card": permit()})
    assert (await refused(unit)).kind is kind
    assert closed(simulator)
    jammed = kind is ErrorKind.MEDIA_JAMMED
    assert await unit.place() is (CardPlace.JAMMED if jammed else CardPlace.MOUTH)
    if jammed:
        await unit.eject()
    simulator.control({"do": "take"})
    assert await unit.wait_taken(1)
    simulator.control({"do": "insert"})
    await unit.accept(5)
    assert await unit.place() is CardPlace.READER


async def test_a_card_the_wrong_way_is_turned_round(unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    simulator.control({"do": "insert", "card": permit(wrong_way=True)})
    error = await refused(unit)
    assert (error.kind, error.native) == (ErrorKind.MEDIA_BAD, "E1C")
    accepting = asyncio.create_task(unit.accept(5))
    await until(lambda: simulator.state()["accepting"])
    with pytest.raises(ValueError, match="take it first"):
        simulator.control({"do": "insert", "card": permit()})
    simulator.control({"do": "take"})
    simulator.control({"do": "insert", "card": permit()})
    await accepting


async def test_pulled_out_again(unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    simulator.control({"do": "speed", "factor": 50})
    when(simulator, "entering", lambda: simulator.control({"do": "pull"}))
    simulator.control({"do": "insert", "card": permit()})
    assert (await refused(unit)).kind is ErrorKind.MEDIA_REMOVED
    assert await unit.place() is CardPlace.NONE
    assert closed(simulator)
    with pytest.raises(ValueError, match="no card is being drawn in"):
        simulator.control({"do": "pull"})


async def test_shutter_does_not_open(unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    simulator.control({"do": "fault", "id": "SHUTTER.STUCK"})
    error = await refused(unit)
    assert (error.kind, error.native) == (ErrorKind.HARDWARE, "E11")
    await put_in(unit, simulator)


async def test_slot_that_closes_by_itself_is_opened_again(
    near_unit: PermitUnitDriver, simulator: PermitUnitSimulator
) -> None:
    accepting = asyncio.create_task(near_unit.accept(5))
    await until(lambda: simulator.state()["accepting"])
    simulator._commands._entry_over()  # its time limit, which is seconds away
    assert closed(simulator)
    await until(lambda: simulator.state()["accepting"])
    simulator.control({"do": "insert", "card": permit()})
    await accepting


async def test_power_lost_while_nobody_comes(near_unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    accepting = asyncio.create_task(near_unit.accept(5))
    await until(lambda: simulator.state()["accepting"])
    simulator.control({"do": "power", "on": False})
    simulator.control({"do": "power", "on": True})
    await until(lambda: simulator.state()["accepting"])
    simulator.control({"do": "insert", "card": permit()})
    await accepting


async def test_card_that_comes_as_time_runs_out(near_unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    """In, although late: the card is accepted, because it is inside."""
    simulator.control({"do": "speed", "factor": 10})
    accepting = asyncio.create_task(near_unit.accept(0.2))
    await until(lambda: simulator.state()["accepting"])
    await asyncio.sleep(0.1)
    simulator.control({"do": "insert", "card": permit()})
    await accepting
    assert await near_unit.place() is CardPlace.READER


@pytest.mark.parametrize("turns", range(40))
async def test_cancelled_after_each_turn_of_the_loop(simulator: PermitUnitSimulator, turns: int) -> None:
    unit = PermitUnitDriver(MemoryLine(simulator), patience=FAST)
    await unit.open()
    accepting = asyncio.create_task(unit.accept(30))
    for _ in range(turns):
        await asyncio.sleep(0)
    accepting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await accepting
    await asyncio.sleep(0.005)  # what was on its way arrives
    assert closed(simulator)
    assert simulator.state()["slot"] == "closed"
    assert await unit.place() is CardPlace.NONE
    await put_in(unit, simulator)
    await unit.close()


@pytest.mark.parametrize("turns", range(0, 60, 2))
async def test_cancelled_while_a_card_comes(simulator: PermitUnitSimulator, turns: int) -> None:
    """Whoever cancels at that moment finds the card inside or outside, never in between and never forgotten."""
    simulator.control({"do": "speed", "factor": 1000})
    unit = PermitUnitDriver(MemoryLine(simulator), patience=FAST)
    await unit.open()
    accepting = asyncio.create_task(unit.accept(30))
    await until(lambda: simulator.state()["accepting"])
    simulator.control({"do": "insert", "card": permit()})
    for _ in range(turns):
        await asyncio.sleep(0.0002)
    accepting.cancel()
    await asyncio.gather(accepting, return_exceptions=True)
    assert closed(simulator) or simulator.state()["phase"]
    assert await unit.place() is CardPlace.READER
    assert await unit.read_line() == LINE
    await unit.eject()
    await unit.close()


@pytest.mark.parametrize("phase", ["entering", "seating"])
async def test_cancelled_in_a_phase(unit: PermitUnitDriver, simulator: PermitUnitSimulator, phase: str) -> None:
    simulator.control({"do": "speed", "factor": 50})
    accepting = asyncio.create_task(unit.accept(30))
    when(simulator, phase, accepting.cancel)
    simulator.control({"do": "insert", "card": permit()})
    with pytest.raises(asyncio.CancelledError):
        await accepting
    assert await unit.place() is CardPlace.READER
    assert closed(simulator)


async def test_cancelled_while_a_card_is_given_back(unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    simulator.control({"do": "speed", "factor": 50})
    simulator.control({"do": "fault", "id": "CARD.LONG"})
    accepting = asyncio.create_task(unit.accept(30))
    when(simulator, "entering", accepting.cancel)
    simulator.control({"do": "insert", "card": permit()})
    with pytest.raises(asyncio.CancelledError):
        await accepting
    assert await unit.place() is CardPlace.MOUTH
    simulator.control({"do": "take"})
    assert await unit.wait_taken(1)


async def test_cancelled_twice(near_unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    """The second one does not keep the slot open: it is closed by itself."""
    accepting = asyncio.create_task(near_unit.accept(30))
    await until(lambda: simulator.state()["accepting"])
    accepting.cancel()
    await asyncio.sleep(0)
    accepting.cancel()
    await asyncio.gather(accepting, return_exceptions=True)
    await until(lambda: closed(simulator))
    await put_in(near_unit, simulator)


@pytest.mark.parametrize("fault", ["LINE.MUTE", "LINE.HANGUP", "LINE.LATE"])
async def test_cancelled_on_a_bad_line(unit: PermitUnitDriver, simulator: PermitUnitSimulator, fault: str) -> None:
    accepting = asyncio.create_task(unit.accept(30))
    await until(lambda: simulator.state()["accepting"])
    simulator.control({"do": "fault", "id": fault, "seconds": 0.2})
    accepting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await accepting
    assert closed(simulator), "it was left to the unit's own time limit, half a minute"
    assert await unit.place() is CardPlace.NONE


async def test_cancelled_on_a_line_that_is_gone(near_unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    """Nobody can close the slot then but the unit itself, which was told for how long it may stay open. The caller gets free."""
    accepting = asyncio.create_task(near_unit.accept(30))
    await until(lambda: simulator.state()["accepting"])
    simulator.unplug()
    accepting.cancel()
    await asyncio.gather(accepting, return_exceptions=True)
    assert simulator._commands._entry_timer is not None
    left = simulator._commands._entry_timer.when() - asyncio.get_running_loop().time()
    assert 0 < left <= 32
