"""What a printer still holds of a slip that broke off never comes out on the next citizen's paper."""

from __future__ import annotations

import asyncio

import pytest

from drivers.receipt_printer.realtime import CLEAR, Order, Realtime, find_orders
from drivers.receipt_printer.simulator import EscposSimulator
from kiosk.domain.slip import Picture, Slip, Text
from kiosk.ports.devices import PrintEnd
from tests.drivers.receipt_printer.slips import signature, slip
from tests.drivers.receipt_printer.test_printer import printer

FIRST = "甲的处罚决定"
OWN = "乙的凭证"
LINES = 120


def long_slip() -> Slip:
    return slip(*(Text(f"{FIRST} {number}") for number in range(LINES)))


@pytest.fixture(params=["memory", "tcp", "pty"])
def line(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def broken_off(simulator: EscposSimulator, device: object, broken: Slip) -> None:
    """A visit that ends while the machine still has most of its slip in the buffer."""
    simulator.control({"do": "fault", "id": "PRN.SLOW", "delay": 0.05})
    job = asyncio.create_task(device.print_slip(broken, "a"))  # type: ignore[attr-defined]
    async with asyncio.timeout(10):
        while not (simulator.state()["waiting_bytes"] > 500 and simulator.state()["hanging_mm"] > 4):
            await asyncio.sleep(0.005)
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job


async def test_the_rest_is_thrown_away_before_the_next_slip(line: str) -> None:
    simulator = EscposSimulator(buffer=16384)
    async with printer(line, simulator, job=20, stall=5) as device:
        await broken_off(simulator, device, long_slip())
        simulator.control({"do": "clear", "id": "PRN.SLOW"})
        held = simulator.state()["waiting_bytes"]
        assert held > 0
        assert (await device.print_slip(slip(Text(OWN)), "b")).end is PrintEnd.DONE
    *before, own = simulator.papers
    assert own.text == OWN
    printed = "".join(paper.text for paper in before)
    assert FIRST in printed, "what hung out already is cut off, on a piece of its own"
    assert f"{FIRST} {LINES - 1}" not in printed, "the rest never came out"


@pytest.mark.parametrize("broken", [long_slip(), slip(*(Picture(signature(), 72.0) for _ in range(8)), Text(FIRST))])
async def test_a_model_that_cannot_throw_away_prints_it_on_a_piece_of_its_own(line: str, broken: Slip) -> None:
    simulator = EscposSimulator(buffer=16384)
    simulator.control({"do": "fault", "id": "PRN.NO_CLEAR", "count": None})
    async with printer(line, simulator, job=20) as device:
        await broken_off(simulator, device, broken)
        simulator.control({"do": "clear", "id": "PRN.SLOW"})
        assert (await device.print_slip(slip(Text(OWN)), "b")).end is PrintEnd.DONE
    assert simulator.papers[-1].text == OWN
    assert len(simulator.papers) >= 2


async def test_a_picture_is_thrown_away_in_the_middle(line: str) -> None:
    simulator = EscposSimulator(buffer=16384)
    async with printer(line, simulator, job=20) as device:
        await broken_off(simulator, device, slip(*(Picture(signature(), 72.0) for _ in range(8)), Text(FIRST)))
        own = asyncio.ensure_future(device.print_slip(slip(Text(OWN)), "b"))
        async with asyncio.timeout(10):  # fast again only then: else the rest may be out before it is cleared
            while simulator.state()["waiting_bytes"]:
                await asyncio.sleep(0.01)
        simulator.control({"do": "clear", "id": "PRN.SLOW"})
        assert (await own).end is PrintEnd.DONE
    assert simulator.papers[-1].text == OWN
    assert all(FIRST not in paper.text for paper in simulator.papers)


async def test_the_technicians_reset_throws_it_away_too() -> None:
    simulator = EscposSimulator(buffer=16384)
    async with printer("memory", simulator, job=20, stall=3) as device:
        await broken_off(simulator, device, long_slip())
        simulator.control({"do": "clear", "id": "PRN.SLOW"})
        await device.reset()
        assert simulator.state()["waiting_bytes"] == 0
        assert all(f"{FIRST} {LINES - 1}" not in paper.text for paper in simulator.papers)
        assert (await device.print_slip(slip(Text(OWN)), "b")).end is PrintEnd.DONE
    assert simulator.papers[-1].text == OWN


async def test_nothing_is_thrown_away_after_a_slip_that_came_out() -> None:
    simulator = EscposSimulator()
    async with printer("memory", simulator) as device:
        for number in range(3):
            assert (await device.print_slip(slip(Text(f"第{number}张")), str(number))).end is PrintEnd.DONE
    assert [paper.text for paper in simulator.papers] == [f"第{number}张" for number in range(3)]


# -- the command, byte by byte -----------------------------------------------------------------------------------------


def test_the_command_is_the_documented_one() -> None:
    assert bytes((0x10, 0x14, 8, 1, 3, 20, 1, 6, 2, 8)) == CLEAR


def test_orders_are_found_however_they_are_cut() -> None:
    stream = b"ab\x10\x04\x01c\x10" + CLEAR + b"\x10\x05\x02\x10\x04\x14d" + CLEAR[:5] + b"x" + CLEAR + b"ef"
    for size in range(1, len(stream) + 1):
        tail, found = b"", list[tuple[Realtime, int]]()
        for at in range(0, len(stream), size):
            orders, tail = find_orders(tail + stream[at : at + size], presents=True)
            found += [(order.what, order.number) for order in orders]
        assert found == [
            (Realtime.STATUS, 1),
            (Realtime.CLEAR, 8),
            (Realtime.RECOVER, 2),
            (Realtime.STATUS, 20),
            (Realtime.CLEAR, 8),
        ], size
    assert find_orders(b"xx" + CLEAR + b"abc", presents=False) == ([Order(Realtime.CLEAR, 8, 3)], b"")


def test_what_comes_before_is_forgotten_and_what_comes_behind_is_printed() -> None:
    simulator = EscposSimulator()
    simulator._receive(b"secret\x1dv0\x00\x08\x00\x08\x00abc" + CLEAR + b"own\n\x1bd\x06\x1dV\x00")
    simulator._happened()
    (paper,) = simulator.papers
    assert paper.text == "own"


def test_wrong_parameters_clear_nothing() -> None:
    simulator = EscposSimulator()
    simulator._receive(b"kept" + CLEAR[:-1] + b"\x09" + b"\n\x1bd\x06\x1dV\x00")
    simulator._happened()
    assert "kept" in simulator.papers[0].text
