"""Looking after the devices: back after a replug, many watched at once, the camera's frames with a face looked for in each."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import time

from drivers import camera as cameras
from drivers import id_card
from drivers.camera.detect import HaarDetector
from drivers.camera.simulator import CameraSimulator
from drivers.id_card.simulator import SamvSimulator
from drivers.transport.host import serve_pty
from kiosk.care.supervisor import Supervisor
from kiosk.ports.clock import SystemClock
from kiosk.ports.devices import Device, Link
from tests.bench.rows import Effort, Row, median, percentile, progress, spread

REPLUG_MS, WATCH_SHARE, FRAMES, AGE_MS, TILE_MS = 1000.0, 2.0, 25.0, 100.0, 200.0
WATCHED = 24
READER = "id_card"


def measure(effort: Effort) -> list[Row]:
    return [
        *asyncio.run(_replug(effort.of(9, 3))),
        *asyncio.run(_watch(effort.of(40, 10))),
        *asyncio.run(_frames(effort.of(250, 60))),
        *asyncio.run(_tile(effort.of(40, 10))),
    ]


async def _until(supervisor: Supervisor, link: Link) -> None:
    while supervisor.state(READER).status.link is not link:
        await supervisor.changed(supervisor.revision)


async def _replug(times: int) -> list[Row]:
    """A reader on a pseudo terminal whose name goes and comes back, as with an adapter that is pulled out and plugged in again."""
    progress(f"devices: a reader pulled out and plugged in {times} times")
    simulator = SamvSimulator()
    back: list[float] = []
    opening: list[float] = []
    async with serve_pty(simulator) as path:
        reader = id_card.connect(f"samv+serial://{path}", decoder="none")
        for _ in range(times):
            began = time.perf_counter()
            await reader.open()
            opening.append((time.perf_counter() - began) * 1000)
            await reader.close()
        supervisor = Supervisor({READER: reader}, SystemClock())
        task = asyncio.ensure_future(supervisor.run())
        try:
            for turn in range(times):
                await _until(supervisor, Link.READY)
                simulator.unplug()
                await _until(supervisor, Link.OFFLINE)
                while (
                    supervisor.state(READER).misses < 1 + turn % 3
                ):  # the longer it was gone, the longer the pause between two tries
                    await asyncio.sleep(0.05)
                began = time.perf_counter()
                simulator.plug()
                await _until(supervisor, Link.READY)
                back.append((time.perf_counter() - began) * 1000)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await reader.close()
    own = median(opening)
    return [
        Row(
            "devices",
            "plugged in again to ready, without the driver's own opening",
            max(0.0, median(back) - own),
            "ms",
            "median",
            REPLUG_MS,
            peer=f"opening the driver {own:.1f} ms",
            data={"back": spread(back), "opening": spread(opening)},
        )
    ]


_HOST = """
import asyncio, json, sys
from drivers.id_card.simulator import SamvSimulator
from drivers.transport.host import serve_tcp
from contextlib import AsyncExitStack
async def main():
    async with AsyncExitStack() as stack:
        ports = [await stack.enter_async_context(serve_tcp(SamvSimulator())) for _ in range(int(sys.argv[1]))]
        print(json.dumps(ports), flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
asyncio.run(main())
"""


async def _watch(seconds: int) -> list[Row]:
    """The devices are in another process; what is told is this one's own CPU time, an idle loop's taken off."""
    progress(f"devices: {WATCHED} readers over TCP watched for {seconds} s")
    host = subprocess.Popen(
        [sys.executable, "-c", _HOST, str(WATCHED)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert host.stdout is not None
    try:
        ports = json.loads(host.stdout.readline())
        devices: dict[str, Device] = {
            f"reader {n}": id_card.connect(f"samv+tcp://127.0.0.1:{port}", decoder="none")
            for n, port in enumerate(ports)
        }
        supervisor = Supervisor(devices, SystemClock())
        task = asyncio.ensure_future(supervisor.run())
        while not all(state.latency_ms for state in supervisor.states().values()):
            await asyncio.sleep(0.05)
        started, began = time.process_time(), time.perf_counter()
        await asyncio.sleep(seconds)
        share = (time.process_time() - started) / (time.perf_counter() - began) * 100
        checks = sum(len(state.latency_ms) for state in supervisor.states().values())
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await asyncio.gather(*(device.close() for device in devices.values()))
    finally:
        with contextlib.suppress(BrokenPipeError):
            host.communicate()
    return [
        Row(
            "devices",
            f"{WATCHED} devices watched, each asked every 2 s: share of one core",
            share,
            "%",
            "mean",
            WATCH_SHARE,
            data={"checks": checks},
        )
    ]


async def _frames(count: int) -> list[Row]:
    """Frames of the simulated camera (drawn in its own process), each looked through for faces on one thread of this process."""
    import cv2
    import numpy as np

    progress(f"devices: {count} frames of 1280x720 with face detection")
    cv2.setNumThreads(1)
    camera = cameras.connect("sim:", simulator=CameraSimulator({"faces": 1}))
    detector = HaarDetector()
    ages: list[float] = []
    took: list[float] = []
    found = 0
    await camera.open()
    try:
        began, started = 0.0, 0.0
        async for frame in camera.frames(30.0):
            ages.append((time.monotonic() - frame.at) * 1000)
            if len(ages) == 1:
                began, started = time.perf_counter(), time.process_time()
            before = time.thread_time()
            picture = np.frombuffer(frame.bgr, np.uint8).reshape(frame.height, frame.width, 3)
            found += len(detector.detect(picture)) > 0
            took.append((time.thread_time() - before) * 1000)
            if len(ages) > count:
                break
        lasted = time.perf_counter() - began
        core = time.process_time() - started
    finally:
        await camera.close()
    rate, possible = count / lasted, count / core
    return [
        Row(
            "devices",
            "camera with face detection: frames one core can take over and look through",
            possible,
            "/s",
            "mean of own CPU time",
            FRAMES,
            ">=",
            peer=f"by the clock {rate:.1f}/s of a source of 30/s, which draws each frame beside it",
            data={"detection_ms": spread(took), "found": found},
        ),
        Row("devices", "age of the newest frame when it is taken", percentile(ages, 95), "ms", "p95", AGE_MS),
    ]


async def _tile(times: int) -> list[Row]:
    """From the driver's knowing of a cover that was opened or closed to its tile on the painted overview, the page with the others'."""
    from dataclasses import replace

    from config.diagnostics_tables import load_diagnostics
    from drivers import receipt_printer
    from drivers.receipt_printer.simulator import EscposSimulator
    from kiosk.diagnostics.page_overview import tile
    from kiosk.screens.diagnostics import Head, Overview
    from tests.bench.painter import Painter

    progress(f"devices: {times} changes of a printer's cover until the overview is painted")
    table, simulator, painter = load_diagnostics(), EscposSimulator(), Painter()
    name = "receipt_printer"
    took: list[float] = []
    async with serve_pty(simulator) as path:
        printer = receipt_printer.connect(f"escpos+serial://{path}")
        await printer.open()
        supervisor = Supervisor({name: printer}, SystemClock())
        told = 0.0

        def heard() -> None:
            nonlocal told
            told = told or time.perf_counter()

        deaf = printer.listen(heard)
        screen = Overview(Head("T0271", "0", True), (tile(supervisor.state(name), table),))
        page = painter.desk.open(screen)
        painter.settle()
        for turn in range(times):
            simulator.control({"do": "cover", "open": turn % 2 == 0})
            told, revision = 0.0, supervisor.revision
            change = asyncio.ensure_future(supervisor.changed(revision))
            await printer.check()
            await change
            screen = replace(screen, tiles=(tile(supervisor.state(name), table),))
            page.update(screen)
            painter.frame.grab()
            took.append((time.perf_counter() - told) * 1000)
        deaf()
        await printer.close()
    return [
        Row(
            "devices",
            "a status that changed to its tile on the painted overview",
            percentile(took, 95),
            "ms",
            "p95",
            TILE_MS,
            note="from the driver's word on; how soon the driver knows is the device's matter: asked every 2 s where it does not tell",
            data=spread(took),
        )
    ]
