"""Scanners on every line they may hang on, and a camera that shows drawn frames."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from drivers.qr_scanner.dialects import Dialect
from drivers.qr_scanner.serial_scanner import EngineOptions, SerialScanner
from drivers.qr_scanner.simulator import ScanEngineSimulator
from drivers.transport.host import serve_pty, serve_tcp
from drivers.transport.url import open_transport
from kiosk.domain.errors import DeviceError
from kiosk.ports.devices import DeviceStatus, Frame, Link

LINES = ("memory", "tcp", "pty")


@dataclass
class Rig:
    scanner: SerialScanner
    engine: ScanEngineSimulator

    def do(self, verb: str, **fields: Any) -> dict[str, Any]:
        return self.engine.control({"do": verb, **fields})


@contextlib.asynccontextmanager
async def rig(line: str, dialect: Dialect, **options: Any) -> AsyncIterator[Rig]:
    """An open scanner with a simulated engine at the other end of a `memory`, `tcp` or `pty` line."""
    suffix = options.pop("sends", b"\r")
    engine = ScanEngineSimulator(dialect, suffix=suffix, aim=bool(options.get("aim")))
    async with contextlib.AsyncExitStack() as stack:
        if line == "tcp":
            url = f"tcp://127.0.0.1:{await stack.enter_async_context(serve_tcp(engine))}"
        elif line == "pty":
            url = f"serial://{await stack.enter_async_context(serve_pty(engine))}"
        else:
            url = "sim:"
        quick = {"check_within": 0.5, "retrigger": 0.4, "lost_end": 0.3, **options}
        scanner = SerialScanner(open_transport(url, engine), EngineOptions(dialect=dialect, **quick))
        stack.push_async_callback(scanner.close)
        await scanner.open()
        await asyncio.sleep(0)  # let the engine get to its end of the line
        yield Rig(scanner, engine)


async def show_while_scanning(rig: Rig, deadline: float = 5.0, **code: Any) -> Any:
    """scan(), and in the meantime somebody holds a code before the engine."""
    asking = asyncio.ensure_future(rig.scanner.scan(deadline))
    try:
        await asyncio.sleep(0)
        rig.do("show", **code)
        return await asking
    finally:
        asking.cancel()


class DrawnCamera:
    """The `Camera` port over a function that draws: frame number → Frame, None for the end, or an error to raise."""

    device_id = "camera"
    driver = "drawn"
    simulated = True
    capabilities: Mapping[str, object] = {}

    def __init__(self, draw: Callable[[int], Frame | DeviceError | None]) -> None:
        self._draw = draw
        self.link = Link.CLOSED
        self.given = 0
        self.watchers = 0

    async def open(self) -> None:
        self.link = Link.READY

    async def close(self) -> None:
        self.link = Link.CLOSED

    def status(self) -> DeviceStatus:
        return DeviceStatus(self.link, {"stream": "ok"})

    async def check(self) -> DeviceStatus:
        return self.status()

    async def frames(self, max_fps: float = 25.0) -> AsyncIterator[Frame]:
        self.watchers += 1
        try:
            while True:
                frame = self._draw(self.given)
                self.given += 1
                if frame is None:
                    return
                if isinstance(frame, DeviceError):
                    raise frame
                yield frame
                await asyncio.sleep(0)
        finally:
            self.watchers -= 1

    async def latest(self, deadline: float) -> Frame:
        raise NotImplementedError


@pytest.fixture(params=LINES)
def line(request: pytest.FixtureRequest) -> str:
    return str(request.param)
