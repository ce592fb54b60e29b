"""Units by URL, writers of others, and a package that loads nothing it does not need."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

import pytest

from drivers.permit_unit import connect
from drivers.permit_unit.driver import PermitUnitDriver
from drivers.permit_unit.simulator import PermitUnitSimulator
from drivers.transport.memory import MemoryLine
from kiosk.domain.errors import ErrorKind
from kiosk.ports.devices import Link
from kiosk.ports.permit import CardPlace, WriteEnd, WriteJob, WriteOutcome
from tests.drivers.permit_unit.conftest import FAST, put_in, write_job


@pytest.mark.parametrize(
    ("url", "driver", "line", "simulated"),
    [
        ("cardunit+serial:///dev/ttyS3", "cardunit+serial", "/dev/ttyS3@115200", False),
        ("cardunit+serial:///dev/ttyS3?baud=9600", "cardunit+serial", "/dev/ttyS3@9600", False),
        ("CARDUNIT+TCP://10.0.0.8:7100", "cardunit+tcp", "10.0.0.8:7100", False),
        ("cardunit+sim:", "cardunit+sim", "simulated", True),
    ],
)
def test_urls(url: str, driver: str, line: str, simulated: bool) -> None:
    unit = connect(url)
    assert (unit.device_id, unit.driver, unit.simulated) == ("permit_unit", driver, simulated)
    assert unit.capabilities["line"] == line
    assert unit.status().link is Link.CLOSED


@pytest.mark.parametrize(
    "url",
    [
        "",
        "cardunit",
        "cardunit:",
        "samv+sim:",
        "cardunit+tcp://10.0.0.8",
        "cardunit+file:///dev/usb/lp0",
        "cardunit+serial:",
        "cardunit+serial:///dev/ttyS3?colour=blue",
        "cardunit+serial:///dev/ttyS3?baud=1",
    ],
)
def test_wrong_urls(url: str) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        connect(url)


async def test_a_simulator_of_its_own() -> None:
    unit = connect("cardunit+sim:")
    await unit.open()
    assert await unit.place() is CardPlace.NONE
    await unit.close()


def test_the_package_is_light() -> None:
    code = (
        "import sys, drivers.permit_unit, drivers.permit_unit.simulator, drivers.permit_unit.driver;"
        "print([name for name in ('PIL', 'numpy', 'cv2', 'segno', 'PySide6', 'serial') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


class AuthorityWriter:
    """Stands for a writer module of the issuing authority beside the unit."""

    name = "authority"

    def __init__(self, simulator: PermitUnitSimulator) -> None:
        self._simulator = simulator
        self.positions: list[str] = []

    async def write(self, job: WriteJob) -> WriteOutcome:
        self.positions.append(self._simulator.state()["position"])
        return WriteOutcome(job.job_id, WriteEnd.WRITTEN)

    async def written(self) -> Sequence[str]:
        return ("A1",)


async def test_a_writer_of_the_authority(simulator: PermitUnitSimulator) -> None:
    writer = AuthorityWriter(simulator)
    unit = PermitUnitDriver(MemoryLine(simulator), writer=writer, patience=FAST)
    await unit.open()
    assert unit.capabilities["writer"] == "authority"
    missing = await unit.write(write_job())
    assert (missing.end, missing.kind, writer.positions) == (WriteEnd.NOT_WRITTEN, ErrorKind.NO_MEDIA, [])
    await put_in(unit, simulator)
    assert (await unit.write(write_job())).end is WriteEnd.WRITTEN
    assert writer.positions == ["writer"]
    assert await unit.place() is CardPlace.READER
    assert await unit.written() == ("A1",)
    simulator.control({"do": "fault", "id": "JAM.WRITER", "on": "back"})
    assert (await unit.write(write_job())).end is WriteEnd.WRITTEN
    assert await unit.place() is CardPlace.JAMMED
    await unit.close()


async def test_nothing_personal_is_shown(simulator: PermitUnitSimulator) -> None:
    unit = PermitUnitDriver(MemoryLine(simulator), patience=FAST)
    await unit.open()
    await put_in(unit, simulator)
    assert simulator.card is not None
    assert "CA0000001" not in repr(simulator.card) + str(simulator.state()) + repr(unit.status())
    assert "HK2611210001" not in repr(write_job())[:40] + repr(simulator._nvram.jobs)
    await unit.close()
