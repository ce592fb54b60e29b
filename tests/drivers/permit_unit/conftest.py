"""A fictional permit, a unit on each kind of line, and the words to play with them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from drivers.permit_unit.driver import PermitUnitDriver
from drivers.permit_unit.link import Patience
from drivers.permit_unit.simulator import PermitUnitSimulator
from drivers.transport.base import ByteTransport
from drivers.transport.host import serve_pty, serve_tcp
from drivers.transport.memory import MemoryLine
from drivers.transport.url import open_transport
from kiosk.ports.permit import BackFace, WriteJob

LINE = "CSCA00000015<3301155<9003071<0"
NUMBERS = ("HK2611210001", "MO2611210001")
FACE = BackFace(
    "CA0000001",
    (("个人旅游", "香港", "2027-11-21", "一次"), ("个人旅游", "澳门", "2027-02-21", "一次")),
)
FAST = Patience(silence=0.1, tries=3, quick=3, move=5, write=5, print=5, settle=4, shut=1, poll=0.02)
SPEED = 2000.0


def sealed(numbers: tuple[str, ...] = NUMBERS) -> bytes:
    return json.dumps(
        {"application": "330000000000001", "grants": [{"number": each} for each in numbers], "mac": ""}
    ).encode()


def write_job(job_id: str = "W1", numbers: tuple[str, ...] = NUMBERS) -> WriteJob:
    return WriteJob(job_id, sealed(numbers), numbers)


def permit(**changes: Any) -> dict[str, Any]:
    return {"line": LINE, **changes}


async def until(true: Callable[[], object]) -> None:
    """Wait for something another task brings about; a test's own time limit ends it."""
    while not true():
        await asyncio.sleep(0.001)


async def put_in(unit: PermitUnitDriver, simulator: PermitUnitSimulator, **changes: Any) -> None:
    """A citizen's card comes to the reader position."""
    accepting = asyncio.create_task(unit.accept(5))
    await until(lambda: simulator.state()["accepting"] or accepting.done())
    simulator.control({"do": "insert", "card": permit(**changes)})
    await accepting


@pytest.fixture
def simulator() -> PermitUnitSimulator:
    return PermitUnitSimulator(speed=SPEED)


@pytest.fixture(params=["memory", "tcp", "pty"])
async def unit(request: pytest.FixtureRequest, simulator: PermitUnitSimulator) -> AsyncIterator[PermitUnitDriver]:
    """An open unit before `simulator`, once on each kind of line."""
    async with AsyncExitStack() as stack:
        line: ByteTransport
        match request.param:
            case "tcp":
                port = await stack.enter_async_context(serve_tcp(simulator))
                line = open_transport(f"tcp://127.0.0.1:{port}")
            case "pty":
                line = open_transport(f"serial://{await stack.enter_async_context(serve_pty(simulator))}")
            case _:
                line = MemoryLine(simulator)
        device = PermitUnitDriver(line, patience=FAST)
        stack.push_async_callback(device.close)
        await device.open()
        yield device


@pytest.fixture
async def near_unit(simulator: PermitUnitSimulator) -> AsyncIterator[PermitUnitDriver]:
    """An open unit on the in-process line, for what does not depend on the line."""
    device = PermitUnitDriver(MemoryLine(simulator), patience=FAST)
    await device.open()
    yield device
    await device.close()
