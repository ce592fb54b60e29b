"""Pads on every line, and a sheet of the window that is only a sheet."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from drivers.signature_pad import connect
from drivers.signature_pad.pad import InkPad
from drivers.signature_pad.simulator import StuSimulator
from drivers.signature_pad.stu_pad import StuPad
from drivers.transport.host import serve_pty, serve_tcp
from drivers.transport.url import open_transport
from kiosk.ports.controls import InkSink
from kiosk.ports.devices import DeviceStatus
from kiosk.ports.health import Ask


@dataclass
class Rig:
    pad: StuPad
    simulator: StuSimulator
    told: list[DeviceStatus] = field(default_factory=list)

    def do(self, verb: str, **fields: Any) -> dict[str, Any]:
        return self.simulator.control({"do": verb, **fields})


@contextlib.asynccontextmanager
async def rig(line: str, *, opened: bool = True) -> AsyncIterator[Rig]:
    simulator = StuSimulator()
    async with contextlib.AsyncExitStack() as stack:
        match line:
            case "tcp":
                transport = open_transport(f"tcp://127.0.0.1:{await stack.enter_async_context(serve_tcp(simulator))}")
            case "pty":
                transport = open_transport(f"serial://{await stack.enter_async_context(serve_pty(simulator))}")
            case _:
                transport = open_transport("sim:", simulator)
        pad = StuPad(transport, driver="stu+sim", answer=0.4)
        found = Rig(pad, simulator)
        pad.listen(lambda: found.told.append(pad.status()))
        stack.push_async_callback(pad.close)
        if opened:
            await pad.open()
        yield found


class Sheet:
    """`InkFeed` as the window would have it: it tells what a finger does, and knows when it is to be wiped."""

    def __init__(self) -> None:
        self.sinks: list[InkSink] = []
        self.wiped = 0

    def attach(self, sink: InkSink) -> Callable[[], None]:
        self.sinks.append(sink)
        return lambda: self.sinks.remove(sink)

    def wipe(self) -> None:
        self.wiped += 1

    def show(self, width_mm: float = 240.0, height_mm: float = 90.0) -> None:
        for sink in self.sinks:
            sink.resized(width_mm, height_mm)

    def stroke(self, *points: tuple[float, float], lift: bool = True) -> None:
        loop = asyncio.get_running_loop()
        for sink in self.sinks:
            for x, y in points:
                sink.point(loop.time(), x, y)
            if lift:
                sink.lift()

    def sign(self) -> None:
        self.stroke(*((10.0 + step, 40.0 + (step % 7)) for step in range(60)))


def touch_pad(sheet: Sheet) -> InkPad:
    return connect("touch:", feed=sheet)


async def until(true: Callable[[], object]) -> None:
    while not true():
        await asyncio.sleep(0.003)


class Nobody:
    async def ask(self, what: Ask) -> bool | None:
        raise AssertionError(f"nobody is to be asked {what}")


@pytest.fixture(params=["memory", "tcp", "pty"])
def line(request: pytest.FixtureRequest) -> str:
    return str(request.param)
