"""The kiosk's own event loop (Qt's) serves all lines, and Qt has nothing to complain about."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import asyncio
import qasync
from PySide6.QtCore import QCoreApplication
from drivers.id_card import connect
from drivers.id_card.simulator import SamvSimulator
from drivers.transport.host import serve_pty, serve_tcp
from kiosk.ports.devices import Link

PERSON = {"name": "样例", "birth": "19900101", "number": "330203199001010006", "from": "20200101"}

async def use(url, simulator):
    reader = connect(url, simulator=simulator)
    await reader.open()
    for _ in range(2):
        simulator.place(PERSON)
        await reader.wait_card(5)
        simulator.unplug()
        assert (await reader.check()).link is Link.OFFLINE
        simulator.plug()
        simulator.remove()
        while (await reader.check()).link is not Link.READY:
            await asyncio.sleep(0.01)
    await reader.close()

async def main():
    simulator = SamvSimulator()
    await use("samv+sim:", simulator)
    async with serve_tcp(simulator) as port:
        await use(f"samv+tcp://127.0.0.1:{port}", simulator)
    async with serve_pty(simulator) as path:
        await use(f"samv+serial://{path}", simulator)
    await asyncio.sleep(0.05)
    assert len(asyncio.all_tasks()) == 1

app = QCoreApplication([])
with asyncio.Runner(loop_factory=qasync.QEventLoop) as runner:
    runner.run(main())
print("finished")
"""


@pytest.mark.pty
@pytest.mark.slow
def test_all_lines_under_the_qt_loop() -> None:
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-c", SCRIPT],
        cwd=root,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert (done.returncode, done.stdout.splitlines()[-1:]) == (0, ["finished"]), done.stderr
    assert "QSocketNotifier" not in done.stderr
    assert "ResourceWarning" not in done.stderr
