"""Supplies on every line: upsd on TCP as in a hall, in process, and on a pseudo terminal for what lines may do."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from drivers.transport.host import serve_pty, serve_tcp
from drivers.transport.url import open_transport
from drivers.ups import connect
from drivers.ups.driver import NutUps
from drivers.ups.simulator import UpsdSimulator
from kiosk.ports.devices import DeviceStatus
from kiosk.ports.health import Ask

USER, PASSWORD = "kiosk", 'se cr"et\\'


@dataclass
class Rig:
    ups: NutUps
    upsd: UpsdSimulator
    told: list[DeviceStatus] = field(default_factory=list)
    """Every status the driver told who listens."""

    def do(self, verb: str, **fields: Any) -> dict[str, Any]:
        return self.upsd.control({"do": verb, **fields})

    @property
    def powers(self) -> list[str]:
        """The states of the power in the order in which they were told, without repetition."""
        found: list[str] = []
        for status in self.told:
            if not found or found[-1] != status.parts["power"]:
                found.append(status.parts["power"])
        return found


@contextlib.asynccontextmanager
async def rig(
    line: str, *, opened: bool = True, user: str = "", password: str = "", **patience: float
) -> AsyncIterator[Rig]:
    upsd = UpsdSimulator("hall", user=USER, password=PASSWORD)
    quick = {"every": 0.05, "answer": 0.5, **patience}
    async with contextlib.AsyncExitStack() as stack:
        match line:
            case "tcp":
                port = await stack.enter_async_context(serve_tcp(upsd))
                made = connect(f"nut://127.0.0.1:{port}/hall")
                ups = NutUps(made._line, "hall", user=user, password=password, **quick)
            case "pty":
                path = await stack.enter_async_context(serve_pty(upsd))
                ups = NutUps(open_transport(f"serial://{path}"), "hall", user=user, password=password, **quick)
            case _:
                made = connect("nut+sim:/hall", simulator=upsd)
                ups = NutUps(made._line, "hall", driver=made.driver, user=user, password=password, **quick)
        found = Rig(ups, upsd)
        ups.listen(lambda: found.told.append(ups.status()))
        stack.push_async_callback(ups.close)
        if opened:
            await ups.open()
        yield found


async def until(true: Callable[[], object]) -> None:
    while not true():
        await asyncio.sleep(0.005)


class Nobody:
    async def ask(self, what: Ask) -> bool | None:
        raise AssertionError(f"nobody is to be asked {what}")


@pytest.fixture(params=["memory", "tcp", "pty"])
def line(request: pytest.FixtureRequest) -> str:
    return str(request.param)
