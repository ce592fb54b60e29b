"""Machines that are not ours: a few lines on a raw socket, knowing nothing but what the command reference says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from drivers.receipt_printer import connect
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.domain.slip import Text
from kiosk.ports.devices import Link, PrintEnd
from tests.drivers.receipt_printer.slips import decision, slip


class Foreign:
    """Answers DLE EOT n with `state[n]`; keeps everything else it is sent. GS r is unknown to it."""

    def __init__(self) -> None:
        self.state = {1: 0x12, 2: 0x12, 3: 0x12, 4: 0x12}
        self.printed = b""
        self.connections = 0
        self.before_answer = b""
        self.after_cut: Callable[[], None] = lambda: None
        self.writers: list[asyncio.StreamWriter] = []

    async def attend(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.writers.append(writer)
        try:
            while byte := await reader.read(1):
                if byte == b"\x10":
                    request = byte + await reader.readexactly(2)
                    assert request[1] == 0x04, "nothing but DLE EOT may start with a DLE"
                    writer.write(self.before_answer + bytes([self.state[request[2]]]))
                    continue
                self.printed += byte
                if self.printed.endswith(b"\x1dV\x00"):
                    self.after_cut()
        finally:
            writer.close()


@asynccontextmanager
async def foreign() -> AsyncIterator[tuple[Foreign, str]]:
    machine = Foreign()
    server = await asyncio.start_server(machine.attend, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield machine, f"escpos+tcp://127.0.0.1:{port}?speed=3000&answer=0.1&settle=0.05&job=4"
    finally:
        for writer in machine.writers:
            writer.close()
        server.close()
        await server.wait_closed()
        await asyncio.sleep(0.01)


async def test_prints_on_a_machine_that_knows_only_real_time_status() -> None:
    async with foreign() as (machine, url):
        device = connect(url)
        await device.open()
        assert device.status().link is Link.READY
        assert device.capabilities["end_mark"] == "none"
        assert (await device.print_slip(decision(), "a")).end is PrintEnd.DONE
        await device.close()
    ticket = machine.printed.removeprefix(b"\x1da\x0e" + b"\x1dr\x01" * 2)
    assert ticket.startswith(b"\x1b@")
    assert ticket.endswith(b"\x1dV\x00")
    assert "简易程序处罚决定书".encode("gbk") in ticket


async def test_stale_automatic_status_before_every_answer() -> None:
    async with foreign() as (machine, url):
        machine.before_answer = b"\x18\x00\x0c\x00"
        device = connect(url)
        await device.open()
        assert device.status().parts["paper"] == "full"
        await device.close()


@pytest.mark.parametrize(("number", "byte", "kind"), [(4, 0x72, ErrorKind.SUPPLY_OUT), (2, 0x16, ErrorKind.COVER_OPEN)])
async def test_trouble_before_and_during_the_job(number: int, byte: int, kind: ErrorKind) -> None:
    async with foreign() as (machine, url):
        device = connect(url)
        await device.open()
        machine.state[number] = byte
        sent = machine.printed
        outcome = await device.print_slip(slip(Text("甲")), "a")
        assert (outcome.end, outcome.kind) == (PrintEnd.FAILED, kind)
        assert machine.printed == sent  # not one byte of the slip
        machine.state[number] = 0x12
        machine.after_cut = lambda: machine.state.update({number: byte})
        outcome = await device.print_slip(slip(Text("甲")), "b")
        assert (outcome.end, outcome.kind) == (PrintEnd.UNCERTAIN, kind)
        await device.close()


async def test_connection_that_was_dropped_while_idle_is_made_again() -> None:
    async with foreign() as (machine, url):
        device = connect(url)
        await device.open()
        machine.writers[0].close()
        await asyncio.sleep(0.05)
        assert (await device.check()).link is Link.READY, "a dropped idle connection is no lost printer"
        assert (await device.print_slip(slip(Text("甲")), "a")).end is PrintEnd.DONE
        assert machine.connections == 2
        await device.close()


async def test_hang_up_in_the_job_is_uncertain() -> None:
    async with foreign() as (machine, url):
        device = connect(url)
        await device.open()
        machine.after_cut = lambda: machine.writers[0].transport.abort()
        outcome = await device.print_slip(slip(Text("甲")), "a")
        assert (outcome.end, outcome.kind) == (PrintEnd.UNCERTAIN, ErrorKind.OFFLINE)
        await device.close()


async def test_nobody_listens() -> None:
    async with foreign() as (_, url):
        pass
    device = connect(url)
    with pytest.raises(DeviceError) as caught:
        await device.open()
    assert caught.value.kind is ErrorKind.OFFLINE
    await device.close()
