"""The common faults that are no wire's matter: the clock jumps, the machine sleeps, a device that comes and goes for minutes."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import structlog

from drivers.id_card.photo import make_decoder
from drivers.id_card.reader import SamvReader
from drivers.id_card.simulator import SamvSimulator
from drivers.transport.url import open_transport
from kiosk.care.supervisor import Patience, Supervisor
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.clock import SystemClock
from kiosk.ports.devices import Link
from kiosk.screens import pay
from tests.hostile.hall import hall

ROOT = Path(__file__).parents[2]
PERSON = {"name": "样例", "birth": "19900101", "number": "330203199001010006", "from": "20200101"}


class JumpingClock:
    """The wall clock of a machine whose time is set while somebody stands there."""

    def __init__(self) -> None:
        self.off = dt.timedelta()

    def now(self) -> dt.datetime:
        return SystemClock().now() + self.off


@pytest.mark.parametrize(
    "jump", [dt.timedelta(hours=3), dt.timedelta(hours=-3), dt.timedelta(days=400), dt.timedelta(minutes=-1)]
)
async def test_the_clock_is_set_while_a_citizen_pays(
    tmp_path: Path, jump: dt.timedelta, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T15: nothing that waits looks at the wall clock; the payment ends as ever, and it is booked once."""
    clock = JumpingClock()
    import tests.hostile.hall as stage

    whole = stage.assemble

    @asynccontextmanager
    async def assembled(*args: Any, **how: Any) -> AsyncIterator[Any]:
        async with whole(*args, **how, clock=clock) as machine:
            yield machine

    monkeypatch.setattr(stage, "assemble", assembled)
    async with hall(tmp_path) as place:
        from kiosk.rehearsal import Citizen

        citizen = Citizen(place.people[0], place.machine.virtual)
        asked = citizen.replies[pay.PayByQr]

        def pays(screen: Any) -> Any:
            clock.off = jump
            return asked(screen)

        citizen.replies[pay.PayByQr] = pays
        visit = await place.visit(citizen=citizen)
        assert visit.ended.outcome in ("paid", "posted_later", "unpaid", "payment_unknown")
        clock.off = dt.timedelta()
        for _ in range(4):
            if (await place.machine.sweeper.sweep()).clean:
                break
        await place.in_order()
        await place.served()


def test_no_driver_measures_by_the_wall_clock() -> None:
    """T15: deadlines and pauses are the loop's own time, which no setting of the clock moves."""
    wall = re.compile(r"\btime\.time\(|datetime\.now\(\)|\.utcnow\(")
    found = [
        f"{file.relative_to(ROOT)}:{number}"
        for file in (ROOT / "drivers").rglob("*.py")
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if wall.search(line)
    ]
    assert not found


def quick(line: Any) -> SamvReader:
    return SamvReader(
        line,
        make_decoder("sim"),
        header_timeout=0.3,
        body_timeout=0.3,
        watchdog=1.5,
        find_interval=0.02,
        settle=0.01,
    )


@asynccontextmanager
async def process() -> AsyncIterator[tuple[asyncio.subprocess.Process, int, int]]:
    """`kiosk simulate id-card` as its own process; its port and that of its control socket."""
    made = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "kiosk", "simulate", "id-card", "--listen", "tcp://127.0.0.1:0", "--control",
        "tcp://127.0.0.1:0", cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert made.stdout is not None
    ports: list[int] = []
    try:
        async with asyncio.timeout(30):
            while len(ports) < 2:
                line = (await made.stdout.readline()).decode()
                assert line, "the simulator ended"
                ports += [int(port) for port in re.findall(r"127\.0\.0\.1:(\d+)", line)]
        yield made, ports[0], ports[1]
    finally:
        if made.returncode is None:
            made.send_signal(signal.SIGCONT)
            made.terminate()
        await made.wait()


@pytest.mark.slow
async def test_the_device_slept_and_woke_up() -> None:
    """T15: a device whose side stood still answers late, after the question was given up; then it is as good as ever."""
    async with process() as (device, port, control):
        reader = quick(open_transport(f"tcp://127.0.0.1:{port}"))
        await reader.open()
        to, out = await asyncio.open_connection("127.0.0.1", control)

        async def put_down() -> None:
            for command in ({"do": "remove"}, {"do": "place", "person": PERSON}):
                out.write(json.dumps(command).encode() + b"\n")
                assert b"error" not in await to.readline()

        await put_down()
        device.send_signal(signal.SIGSTOP)
        with pytest.raises(DeviceError) as caught:
            await reader.wait_card(2.0)
        assert caught.value.kind in (ErrorKind.TIMEOUT, ErrorKind.NO_MEDIA)
        device.send_signal(signal.SIGCONT)
        async with asyncio.timeout(20):
            while (await reader.check()).link is not Link.READY:
                await asyncio.sleep(0.05)
        assert await read(reader, put_down) == PERSON["name"]
        await reader.close()
        out.close()
        await out.wait_closed()


async def read(reader: SamvReader, put_down: Callable[[], Awaitable[None]]) -> str:
    """As the journey does: an answer that came too late may spoil the next question, and the card is asked for again."""
    for left in (2, 1, 0):
        await put_down()
        try:
            return (await reader.wait_card(5.0)).name
        except DeviceError:
            if not left:
                raise
    raise AssertionError


async def test_a_device_that_comes_and_goes_is_logged_by_its_losses_only() -> None:
    """T19: opened again each time; what is said of it is a line for each loss and each return, never one for each try."""
    simulator = SamvSimulator({"A": PERSON})
    reader = quick(open_transport("sim:", simulator))
    patience = dataclasses.replace(Patience(), every=0.02, first=0.02, last=0.1)
    supervisor = Supervisor({"id_card": reader}, SystemClock(), patience=patience)
    with structlog.testing.capture_logs() as log:
        watching = asyncio.ensure_future(supervisor.run())
        try:
            async with asyncio.timeout(20):
                while reader.status().link is not Link.READY:
                    await asyncio.sleep(0.01)
                simulator.control({"do": "fault", "id": "LINE.FLAP", "count": 3, "period": 0.5})
                while simulator.faults.peek("LINE.FLAP") is not None or not simulator.plugged:
                    await asyncio.sleep(0.01)
                while reader.status().link is not Link.READY:
                    await asyncio.sleep(0.01)
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
            await reader.close()
    said = [entry["event"] for entry in log if entry["event"] in ("device_lost", "device_found")]
    assert 1 <= said.count("device_lost") <= 3
    assert said == ["device_lost", "device_found"] * said.count("device_lost")
