"""The driver against the real upsd of Network UPS Tools with its dummy-ups driver, where both are installed (Debian: nut-server)."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from drivers.ups import connect
from drivers.ups.driver import NutUps
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.controls import Power
from kiosk.ports.devices import Link
from kiosk.ports.health import Level, Verdict
from tests.drivers.ups.conftest import Nobody, until

_FOLDERS = ("/lib/nut", "/usr/lib/nut", "/usr/libexec/nut")
"""Debian's /sbin/upsd is a script that does nothing as long as the machine's own NUT is not configured; the programs are here."""
_PATH = os.pathsep.join(
    (os.environ.get("NUT_PROGRAMS", ""), *_FOLDERS, os.environ.get("PATH", ""), "/sbin", "/usr/sbin")
)
UPSD, DUMMY = shutil.which("upsd", path=_PATH), shutil.which("dummy-ups", path=_PATH)
pytestmark = pytest.mark.skipif(not (UPSD and DUMMY), reason="upsd and dummy-ups are not installed (nut-server)")

STATE = """ups.mfr: OneTrip
ups.model: "Dummy"
ups.status: {status}
battery.charge: {charge}
battery.runtime: {runtime}
"""


class Upsd:
    """A server of its own in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        (folder / "ups.conf").write_text(
            '[hall]\ndriver = dummy-ups\nport = hall.dev\ndesc = "A test"\nmode = dummy-loop\n'
        )
        (folder / "upsd.conf").write_text(f"LISTEN 127.0.0.1 {self.port}\nMAXAGE 15\n")
        (folder / "upsd.users").write_text("[kiosk]\npassword = secret\ninstcmds = ALL\n")
        for name in ("ups.conf", "upsd.conf", "upsd.users"):
            (folder / name).chmod(0o640)
        self.says("OL", 100, 1800)
        self._running: list[subprocess.Popen[bytes]] = []

    def says(self, status: str, charge: int, runtime: int) -> None:
        part = self.folder / "hall.part"
        part.write_text(STATE.format(status=status, charge=charge, runtime=runtime))
        part.replace(self.folder / "hall.dev")

    def start(self) -> None:
        assert UPSD
        assert DUMMY
        folder = str(self.folder)
        environment = {**os.environ, "NUT_CONFPATH": folder, "NUT_STATEPATH": folder, "NUT_ALTPIDPATH": folder}
        user = ["-u", "root"] if os.geteuid() == 0 else []
        for command in ([DUMMY, "-D", "-a", "hall", *user], [UPSD, "-D", *user]):
            log = (self.folder / f"{Path(command[0]).name}.log").open("wb")
            self._running.append(
                subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
            )
            log.close()

    def stop(self) -> None:
        for process in self._running:
            process.terminate()
        for process in self._running:
            process.wait(10)
        self._running.clear()


@pytest.fixture
async def upsd(tmp_path: Path) -> AsyncIterator[Upsd]:
    server = Upsd(tmp_path)
    server.start()
    try:
        yield server
    finally:
        server.stop()


async def opened(upsd: Upsd, name: str = "hall") -> NutUps:
    """The driver's first good answer: upsd needs a moment, and refuses meanwhile."""
    ups = connect(f"nut://kiosk:secret@127.0.0.1:{upsd.port}/{name}?poll=0.5")
    while True:
        with suppress(DeviceError):
            await ups.open()
            await until(
                lambda: ups.power() is Power.MAINS and ups.capabilities.get("model")
            )  # its driver has read the file
            return ups
        await asyncio.sleep(0.1)


async def test_against_the_real_server(upsd: Upsd) -> None:
    ups = await opened(upsd)
    try:
        assert (ups.power(), ups.runtime_s(), ups.charge()) == (Power.MAINS, 1800, 100)
        assert (ups.capabilities["maker"], ups.capabilities["model"]) == ("OneTrip", "Dummy")
        found = {each.name: each.verdict for each in await ups.examine(Level.INTERNAL, Nobody())}
        assert {found[name] for name in ("link", "answer_ms", "power", "battery", "charge", "runtime")} == {
            Verdict.PASSED
        }
        (test,) = await ups.examine(Level.EXTERNAL, Nobody())
        assert test.verdict is not Verdict.FAILED
        upsd.says("OB DISCHRG", 60, 400)
        await until(lambda: ups.power() is Power.BATTERY)
        await until(lambda: ups.runtime_s() == 400)
        upsd.says("OB LB", 9, 60)
        await until(lambda: ups.power() is Power.LOW)
        upsd.says("OL CHRG", 20, 300)
        await until(lambda: ups.power() is Power.MAINS)
        upsd.stop()
        await until(lambda: ups.status().link is Link.OFFLINE)
        upsd.start()
        await until(lambda: ups.power() is Power.MAINS)
        assert ups.status().link is Link.READY
    finally:
        await ups.close()


async def test_a_name_it_does_not_know(upsd: Upsd) -> None:
    known = await opened(upsd)
    await known.close()
    ups = connect(f"nut://127.0.0.1:{upsd.port}/nowhere")
    with pytest.raises(DeviceError) as error:
        await ups.open()
    assert (error.value.kind, error.value.native, ups.status().link) == (ErrorKind.CONFIG, "UNKNOWN-UPS", Link.FAULT)
    await ups.close()
