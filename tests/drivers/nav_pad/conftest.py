"""Pads on every line they may hang on: in process, TCP, and a device file (a pseudo terminal that carries the same events)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from drivers.nav_pad import connect
from drivers.nav_pad.pad import EvdevPad
from drivers.nav_pad.simulator import PadSimulator
from drivers.transport.host import serve_pty, serve_tcp
from kiosk.ports.devices import DeviceStatus
from kiosk.ports.health import Ask


@dataclass
class Rig:
    pad: EvdevPad
    simulator: PadSimulator
    told: list[DeviceStatus] = field(default_factory=list)
    """Every status the pad told who listens."""

    def do(self, verb: str, **fields: Any) -> dict[str, Any]:
        return self.simulator.control({"do": verb, **fields})


@contextlib.asynccontextmanager
async def rig(line: str, options: str = "", stuck_after: float = 10.0, *, opened: bool = True) -> AsyncIterator[Rig]:
    """An open pad with a simulated one at the other end of a `memory`, `tcp` or `pty` line."""
    from config.nav_pad import load_pad_tables

    table = load_pad_tables()["function_keys" if "function_keys" in options else "arrows"]
    simulator = PadSimulator(table)
    async with contextlib.AsyncExitStack() as stack:
        match line:
            case "tcp":
                url = f"evdev+tcp://127.0.0.1:{await stack.enter_async_context(serve_tcp(simulator))}"
            case "pty":
                url = f"evdev+file://{await stack.enter_async_context(serve_pty(simulator))}"
            case _:
                url = "evdev+sim:"
        pad = connect(url + options, simulator=simulator)
        pad._keys._stuck_after = stuck_after
        found = Rig(pad, simulator)
        pad.listen(lambda: found.told.append(pad.status()))
        stack.push_async_callback(pad.close)
        if opened:
            await pad.open()
            await until(lambda: bool(simulator._outboxes))
        yield found


async def until(true: Callable[[], object]) -> None:
    """Wait for something another task brings about; the test's own time limit ends it."""
    while not true():
        await asyncio.sleep(0.005)


class Answers:
    """A person who does what is asked, or answers None."""

    def __init__(self, does: Callable[[Ask], object] | None) -> None:
        self._does = does
        self.asked: list[Ask] = []

    async def ask(self, what: Ask) -> bool | None:
        self.asked.append(what)
        if self._does is None:
            return None
        self._does(what)
        return True


@pytest.fixture(params=["memory", "tcp", "pty"])
def line(request: pytest.FixtureRequest) -> str:
    return str(request.param)
