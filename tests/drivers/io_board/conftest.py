"""Boards on every line: a serial one (pseudo terminal), the same frames over TCP, and in process."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from config.io_board import EXAMPLE, IoTable
from drivers.io_board.board import ModbusBoard
from drivers.io_board.simulator import BoardSimulator
from drivers.transport.host import serve_pty, serve_tcp
from drivers.transport.url import open_transport
from kiosk.ports.devices import DeviceStatus
from kiosk.ports.health import Ask


@dataclass
class Rig:
    board: ModbusBoard
    simulator: BoardSimulator
    told: list[DeviceStatus] = field(default_factory=list)
    """Every status the board told who listens."""

    def do(self, verb: str, **fields: Any) -> dict[str, Any]:
        return self.simulator.control({"do": verb, **fields})

    def part(self, name: str) -> str:
        return self.board.status().parts[name]


@contextlib.asynccontextmanager
async def rig(
    line: str, table: IoTable = EXAMPLE, *, opened: bool = True, unit: int = 1, size: int = 32, **patience: float
) -> AsyncIterator[Rig]:
    """A board with a simulated one at the other end of a `memory`, `tcp` or `pty` line. It looks 30 times a second."""
    simulator = BoardSimulator(table, unit=unit, size=size)
    quick = {"poll": 0.03, "settle": 0.01, "rest": 0.05, "answer": 0.1, **patience}
    async with contextlib.AsyncExitStack() as stack:
        match line:
            case "tcp":
                url = f"tcp://127.0.0.1:{await stack.enter_async_context(serve_tcp(simulator))}"
            case "pty":
                url = f"serial://{await stack.enter_async_context(serve_pty(simulator))}?baud=115200"
            case _:
                url = "sim:"
        board = ModbusBoard(open_transport(url, simulator), table, unit=unit, **quick)
        found = Rig(board, simulator)
        board.listen(lambda: found.told.append(board.status()))
        stack.push_async_callback(board.close)
        if opened:
            await board.open()
        yield found


async def until(true: Callable[[], object]) -> None:
    while not true():
        await asyncio.sleep(0.003)


class Answers:
    """A person who answers with what `does` returns; None for nobody."""

    def __init__(self, does: Callable[[Ask], bool | None]) -> None:
        self._does = does
        self.asked: list[Ask] = []

    async def ask(self, what: Ask) -> bool | None:
        self.asked.append(what)
        return self._does(what)


@pytest.fixture(params=["memory", "tcp", "pty"])
def line(request: pytest.FixtureRequest) -> str:
    return str(request.param)
