"""Recorders on every line, with a camera that is a pack of slides: pictures without a process."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drivers.recorder import connect
from drivers.recorder.recorder import AvRecorder
from drivers.recorder.simulator import MicrophoneSimulator
from drivers.recorder.take import Timings
from drivers.recorder.vault import DAYS_FILE, Vault
from drivers.transport.host import serve_tcp
from drivers.transport.url import open_transport
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.devices import DeviceStatus, Frame, Link

KEY = bytes(range(32))
QUICK = Timings(start=5.0, sound=0.4, picture=0.4, silent=0.4, retry=0.02, answer=0.5, listen=0.05)
WIDTH, HEIGHT = 64, 36


class Slides:
    """`kiosk.ports.devices.Camera`: one plain picture after the other, each of another brightness. `trouble` is what it ends with."""

    device_id, driver, simulated = "camera", "slides", True
    capabilities: Mapping[str, object] = {}

    def __init__(self) -> None:
        self.trouble: DeviceError | None = None
        self.shown = 0

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    def status(self) -> DeviceStatus:
        return DeviceStatus(Link.READY)

    async def check(self) -> DeviceStatus:
        return self.status()

    async def frames(self, max_fps: float = 25.0) -> AsyncIterator[Frame]:
        while True:
            yield self._frame()
            await asyncio.sleep(0.5 / max_fps)

    async def latest(self, deadline: float) -> Frame:
        del deadline
        return self._frame()

    def _frame(self) -> Frame:
        if self.trouble is not None:
            raise self.trouble
        self.shown += 1
        grey = bytes([60 + self.shown * 7 % 150])
        return Frame(WIDTH, HEIGHT, grey * (WIDTH * HEIGHT * 3), asyncio.get_running_loop().time(), self.shown)

    def fail(self, kind: ErrorKind, native: str = "") -> None:
        self.trouble = DeviceError(kind, "camera", "The camera is gone.", native)


@dataclass
class Rig:
    recorder: AvRecorder
    microphone: MicrophoneSimulator
    camera: Slides
    vault: Vault

    def do(self, verb: str, **fields: Any) -> dict[str, Any]:
        return self.microphone.control({"do": verb, **fields})

    def files(self) -> int:
        """All but the note of the days on which the machine ran."""
        folder = self.vault.folder
        return len([path for path in folder.iterdir() if path.name != DAYS_FILE]) if folder.is_dir() else 0

    def plain(self, name: str) -> bytes:
        return b"".join(self.vault.plain(name))


@contextlib.asynccontextmanager
async def rig(
    line: str = "memory",
    *,
    opened: bool = True,
    timings: Timings = QUICK,
    keep_days: int = 183,
    most: int = 1 << 40,
    today: Callable[[], dt.date] = lambda: dt.date(2026, 3, 18),
) -> AsyncIterator[Rig]:
    """Sound runs ten times as fast as it would."""
    microphone, camera = MicrophoneSimulator(), Slides()
    microphone.control({"do": "speed", "factor": 10})
    with tempfile.TemporaryDirectory() as folder:
        vault = Vault(Path(folder) / "recordings", lambda: KEY, keep_days=keep_days, most_bytes=most)
        async with contextlib.AsyncExitStack() as stack:
            if line == "tcp":
                port = await stack.enter_async_context(serve_tcp(microphone))
                url = f"tcp://127.0.0.1:{port}"
                made = connect(url, camera=camera, vault=vault)
                found = open_transport(url)
            else:
                made = connect("sim:", camera=camera, vault=vault, simulator=microphone)
                found = open_transport("sim:", microphone)
            recorder = AvRecorder(found, camera, vault, driver=made.driver, timings=timings, every=0.0, today=today)
            stack.push_async_callback(recorder.close)
            if opened:
                await recorder.open()
            yield Rig(recorder, microphone, camera, vault)


async def until(true: Callable[[], object]) -> None:
    """Wait for something another task brings about. Raises TimeoutError."""
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0.001)
