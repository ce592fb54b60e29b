"""`kiosk device` and `kiosk simulate` for the card unit and the permit's chip: real processes that speak over real sockets."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from config.scenarios import load_scenario
from drivers.permit_reader.vicc import ATR, ON, Deframer, frame
from kiosk.ports.clock import SystemClock
from tests.forked import python

ROOT = Path(__file__).parents[2]
ENV = {**os.environ, "PYTHONPATH": str(ROOT)}
pytestmark = pytest.mark.timeout(90)


@asynccontextmanager
async def simulator(*words: str) -> AsyncIterator[list[str]]:
    """A simulator's process; gives what it says when it is ready, one line for each address."""
    lines = 2 if "--control" in words else 1
    process = await asyncio.create_subprocess_exec(
        *python(), "-m", "kiosk", "simulate", *words, cwd=ROOT, env=ENV, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(40):
            said = [(await process.stdout.readline()).decode().strip() for _ in range(lines)]
        yield [line.partition(": ")[2] for line in said]
    finally:
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0


async def device(*words: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *python(), "-m", "kiosk", "device", *words, cwd=ROOT, env=ENV, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    return await process.wait(), out.decode()


async def command(address: str, **fields: object) -> dict[str, object]:
    host, port = address.rsplit(":", 1)
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(json.dumps(fields).encode() + b"\n")
    answer = json.loads(await reader.readline())
    writer.close()
    await writer.wait_closed()
    assert isinstance(answer, dict)
    return answer


async def test_a_card_unit_is_driven_from_the_command_line(tmp_path: Path) -> None:
    words = ("permit-unit", "--listen", "tcp://127.0.0.1:0", "--control", "tcp://127.0.0.1:0", "--speed", "50")
    scenario = load_scenario("endorse_happy_hk", SystemClock().now().date())
    assert scenario.permit is not None
    number = scenario.permit.number
    async with simulator(*words, "--scenario", "endorse_happy_hk") as (wire, control):
        url = ("--url", f"cardunit+tcp://{wire}", "--timeout", "20")
        assert (await device("permit_unit", "accept", *url))[0] == 0
        assert (await command(control, do="state"))["position"] == "reader"
        status, said = await device("permit_unit", "line", *url, "--json")
        assert status == 0
        assert number not in said
        assert json.loads(said)["length"] == 30
        status, said = await device("permit_unit", "line", *url, "--show")
        assert number in said
        status, said = await device("permit_unit", "written", *url, "--json")
        assert len(json.loads(said)["endorsements"]) == len(scenario.permit.endorsements)
        assert (await device("permit_unit", "picture", *url, "--out", str(tmp_path / "back.png")))[0] == 0
        assert (tmp_path / "back.png").read_bytes().startswith(b"\x89PNG")
        status, said = await device("permit_unit", "eject", *url)
        assert (status, said.startswith("card: mouth")) == (0, True)
        assert (await device("permit_unit", "status", *url))[0] == 0  # an open slot is no fault
        assert (await device("permit_unit", "retain", *url))[0] == 0
        status, said = await device("permit_unit", "status", *url, "--json")
        assert json.loads(said)["bin_count"] == 1
        await command(control, do="fault", id="BIN.FULL", count=None)
        assert (await device("permit_unit", "status", *url))[0] == 1


@pytest.mark.chaos
async def test_what_a_unit_cannot_do_is_said_with_what_to_do(tmp_path: Path) -> None:
    words = ("permit-unit", "--listen", "tcp://127.0.0.1:0", "--control", "tcp://127.0.0.1:0", "--speed", "50")
    async with simulator(*words, "--scenario", "endorse_happy_hk") as (wire, control):
        url = ("--url", f"cardunit+tcp://{wire}", "--timeout", "20")
        status, said = await device("permit_unit", "line", *url)
        assert (status, "accept`" in said) == (1, True)
        assert (await device("permit_unit", "accept", *url))[0] == 0
        status, said = await device(
            "permit_unit", "picture", *url, "--out", str(tmp_path / "none" / "back.png"), "--json"
        )
        assert (status, "cannot be written" in json.loads(said)["hint"]) == (1, True)
        status, said = await device("permit_unit", "accept", *url)
        assert (status, "`eject`" in said) == (1, True)
        await command(control, do="fault", id="OCR.EMPTY")
        status, said = await device("permit_unit", "line", *url, "--json")
        document = json.loads(said)
        assert (status, document["good"], document["error"]) == (1, False, "media_bad")
        assert document["hint"].startswith("The unit read no line")
        await command(control, do="fault", id="SENSOR.DEAD", count=None)
        status, said = await device("permit_unit", "status", *url, "--json")
        assert (status, json.loads(said)["good"]) == (1, False), "it does not know where its card is"
        await command(control, do="clear")
        assert (await device("permit_unit", "status", *url))[0] == 0


@pytest.mark.parametrize(("how", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
async def test_a_verb_that_is_stopped_closes_the_slot(how: signal.Signals, status: int) -> None:
    words = ("permit-unit", "--listen", "tcp://127.0.0.1:0", "--control", "tcp://127.0.0.1:0")
    async with simulator(*words) as (wire, control):
        waiting = await asyncio.create_subprocess_exec(
            *(*python(), "-m", "kiosk", "device", "permit_unit", "accept", "--url", f"cardunit+tcp://{wire}"),
            cwd=ROOT,
            env=ENV,
            # A run in the background comes with the interrupt switched off, and so would this process.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        while not (await command(control, do="state"))["accepting"]:
            await asyncio.sleep(0.05)
        waiting.send_signal(how)
        assert await waiting.wait() == status
        assert (await command(control, do="state"))["slot"] == "closed"


async def test_the_plug_is_pulled_in_the_middle() -> None:
    process = await asyncio.create_subprocess_exec(
        *(*python(), "-m", "kiosk", "simulate", "permit-unit", "--listen", "tcp://127.0.0.1:0"),
        *("--control", "tcp://127.0.0.1:0"),
        cwd=ROOT,
        env=ENV,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    wire, control = [(await process.stdout.readline()).decode().split(": ")[1].strip() for _ in range(2)]
    url = f"cardunit+tcp://{wire}"
    waiting = asyncio.create_task(device("permit_unit", "accept", "--url", url, "--timeout", "60", "--json"))
    while not (await command(control, do="state"))["accepting"]:
        await asyncio.sleep(0.05)
    process.kill()
    await process.wait()
    status, said = await waiting
    assert (status, json.loads(said)["error"]) == (1, "offline")
    assert "power" in json.loads(said)["todo"]


class VirtualReader:
    """The reader's end of the virtual card protocol, as a PC/SC service's driver has it: here it only asks for the ATR."""

    def __init__(self) -> None:
        self.atrs: asyncio.Queue[bytes] = asyncio.Queue()

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(frame(bytes((ON,))) + frame(bytes((ATR,))))
        deframer = Deframer()
        while data := await reader.read(4096):
            for message in deframer.feed(data):
                self.atrs.put_nowait(message)
        writer.close()


@pytest.mark.parametrize("words", [("permit-chip",), ("permit-unit", "--listen", "tcp://127.0.0.1:0", "--speed", "50")])
async def test_the_chip_lies_in_a_virtual_reader(words: tuple[str, ...]) -> None:
    virtual = VirtualReader()
    server = await asyncio.start_server(virtual.meet, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    more = ("--vpcd", f"127.0.0.1:{port}", "--scenario", "endorse_happy_hk")
    try:
        async with simulator(*words, *more) as (where,):
            if words[0] == "permit-unit":  # the chip is there once the unit has drawn the card in
                assert virtual.atrs.empty()
                url = f"cardunit+tcp://{where}"
                assert (await device("permit_unit", "accept", "--url", url, "--timeout", "20"))[0] == 0
            async with asyncio.timeout(20):
                assert (await virtual.atrs.get()).startswith(b"\x3b")
    finally:
        server.close()
        await server.wait_closed()


async def test_a_simulated_exit_entry_platform_is_a_process_of_its_own() -> None:
    async with simulator("exit_entry", "--listen", "tcp://127.0.0.1:0") as (where,):
        assert where.startswith("http://127.0.0.1:")
