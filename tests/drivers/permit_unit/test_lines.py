"""Repetition, damage, late answers; a driver before a unit that is not ours, and our unit before a host that is not ours."""

from __future__ import annotations

import asyncio
import zlib
from typing import Any

import pytest

from drivers.permit_unit.codes import Code, Trouble
from drivers.permit_unit.driver import PermitUnitDriver
from drivers.permit_unit.frames import Frame, FrameParser, Kind
from drivers.permit_unit.simulator import PermitUnitSimulator
from drivers.transport.host import serve_tcp
from drivers.transport.memory import MemoryLine
from drivers.transport.url import open_transport
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.devices import Link, PrintEnd
from kiosk.ports.permit import CardPlace, WriteEnd
from tests.drivers.permit_unit.conftest import FACE, FAST, LINE, NUMBERS, put_in, sealed, until, write_job

LINE_FAULTS = [
    {"id": "LINE.MUTE"},
    {"id": "LINE.DRIP", "size": 8, "pause": 0},
    {"id": "LINE.STALL", "seconds": 0.02},
    {"id": "LINE.TRUNCATE"},
    {"id": "LINE.FLIP"},
    {"id": "LINE.FLIP", "at": 1},
    {"id": "LINE.NOISE_BEFORE"},
    {"id": "LINE.NOISE_AFTER"},
    {"id": "LINE.LOST_FIRST"},
    {"id": "LINE.DOUBLE"},
    {"id": "LINE.JOIN"},
    {"id": "LINE.GARBLE"},
    {"id": "LINE.LATE", "seconds": 0.2},
]


def arm_in(simulator: PermitUnitSimulator, phase: str, fault: dict[str, Any]) -> None:
    """The fault strikes the first answer after `phase` has begun."""
    armed: list[bool] = []

    def watch() -> None:
        if simulator.state()["phase"] == phase and not armed:
            armed.append(True)
            simulator.faults.arm(fault["id"], 1, {key: value for key, value in fault.items() if key != "id"})

    simulator.listen(watch)


@pytest.mark.parametrize("fault", LINE_FAULTS, ids=lambda fault: "-".join(str(value) for value in fault.values()))
@pytest.mark.parametrize("answer", ["status", "write", "print", "out", "keep"])
async def test_one_line_fault_does_no_harm(
    unit: PermitUnitDriver, simulator: PermitUnitSimulator, fault: dict[str, Any], answer: str
) -> None:
    await put_in(unit, simulator)
    card = simulator.card
    assert card is not None
    match answer:
        case "status":
            simulator.control({"do": "fault", **fault})
            assert await unit.place() is CardPlace.READER
        case "write":
            arm_in(simulator, "from_writer", fault)
            assert (await unit.write(write_job())).end is WriteEnd.WRITTEN
            assert (card.chip_writes, card.endorsements) == (1, list(NUMBERS))
        case "print":
            arm_in(simulator, "from_printer", fault)
            assert (await unit.print_back(FACE, "P1")).end is PrintEnd.DONE
            assert card.print_count == 1
        case "out":
            arm_in(simulator, "to_mouth", fault)
            await unit.eject()
            assert await unit.place() is CardPlace.MOUTH
        case "keep":
            arm_in(simulator, "to_bin", fault)
            await unit.retain()
            assert await unit.bin_count() == 1
    assert unit.status().link in (Link.READY, Link.FAULT)


@pytest.mark.parametrize("fault", LINE_FAULTS, ids=lambda fault: "-".join(str(value) for value in fault.values()))
async def test_one_line_fault_does_not_lose_the_card_that_comes(
    unit: PermitUnitDriver, simulator: PermitUnitSimulator, fault: dict[str, Any]
) -> None:
    """The event that the card has come is struck: the driver asks by itself."""
    accepting = asyncio.create_task(unit.accept(5))
    await until(lambda: simulator.state()["accepting"])
    arm_in(simulator, "seating", fault)
    simulator.control({"do": "insert", "card": {"line": LINE}})
    await accepting
    assert await unit.place() is CardPlace.READER


async def test_silence_ends(unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    await put_in(unit, simulator)
    simulator.control({"do": "fault", "id": "LINE.MUTE", "count": None})
    async with asyncio.timeout(20):  # a hang would show here
        with pytest.raises(DeviceError) as caught:
            await unit.place()
        assert caught.value.kind is ErrorKind.TIMEOUT
        assert unit.status().link is Link.OFFLINE
        assert unit.status().parts["media"] == "unknown"
    simulator.control({"do": "clear"})
    assert (await unit.check()).link is Link.READY
    assert await unit.place() is CardPlace.READER


async def test_silence_from_the_order_to_write_on(near_unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    """The unit hears and writes, and no answer comes until patience ends: uncertain, and later it can be asked again."""
    await put_in(near_unit, simulator)
    arm_in(simulator, "to_writer", {"id": "LINE.MUTE", "count": None})
    simulator.listen(lambda: _mute_on(simulator))
    outcome = await near_unit.write(write_job())
    assert (outcome.end, outcome.kind) == (WriteEnd.UNCERTAIN, ErrorKind.TIMEOUT)
    simulator._listeners.clear()
    simulator.control({"do": "clear"})
    assert (await near_unit.write(write_job())).end is WriteEnd.WRITTEN
    assert simulator.card is not None
    assert simulator.card.chip_writes == 1


def _mute_on(simulator: PermitUnitSimulator) -> None:
    if simulator.state()["phase"] == "to_writer":
        simulator.faults.arm("LINE.MUTE", None)


async def test_a_line_that_takes_no_more_bytes(near_unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    simulator.control({"do": "fault", "id": "LINE.BLOCK", "count": None})
    await near_unit.place()  # the unit was listening already
    with pytest.raises(DeviceError) as caught:
        await near_unit.place()
    assert caught.value.kind is ErrorKind.TIMEOUT
    simulator.control({"do": "clear"})
    while (await near_unit.check()).link is not Link.READY:
        await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("LINE.REFUSE", ErrorKind.OFFLINE),
        ("LINE.PERMISSION", ErrorKind.PERMISSION),
        ("LINE.BUSY", ErrorKind.BUSY),
    ],
)
async def test_a_line_that_cannot_be_opened(simulator: PermitUnitSimulator, fault: str, kind: ErrorKind) -> None:
    unit = PermitUnitDriver(MemoryLine(simulator), patience=FAST)
    simulator.control({"do": "fault", "id": fault})
    with pytest.raises(DeviceError) as caught:
        await unit.open()
    assert (caught.value.kind, caught.value.device) == (kind, "permit_unit")
    assert unit.status().link is Link.OFFLINE
    await unit.open()
    assert unit.status().link is Link.READY
    await unit.close()


async def test_a_unit_that_works_longer_than_patience_for_silence(
    near_unit: PermitUnitDriver, simulator: PermitUnitSimulator
) -> None:
    """As long as it says that it is at work, nobody gives it up, and nothing is done twice."""
    await put_in(near_unit, simulator)
    simulator.control({"do": "speed", "factor": 12})  # about 2.4 s
    assert (await near_unit.print_back(FACE, "P1")).end is PrintEnd.DONE
    assert near_unit.counters()["retries"] > FAST.tries
    assert simulator.card is not None
    assert simulator.card.print_count == 1


# --- a host that is not ours ------------------------------------------------------------------------------------------


class Host:
    """Speaks to a unit over TCP with frames it makes itself."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer, self._parser = reader, writer, FrameParser()
        self._frames: list[Frame] = []

    async def send(self, seq: int, code: int, payload: bytes = b"") -> Frame:
        self._writer.write(Frame(Kind.COMMAND, seq, code, payload).pack())
        while True:
            frame = await self.next()
            if frame.kind not in (Kind.EVENT, Kind.WORKING):
                return frame

    async def next(self) -> Frame:
        while not self._frames:
            self._frames += self._parser.feed(await self._reader.read(4096))
        return self._frames.pop(0)

    async def put_in(self, simulator: PermitUnitSimulator, seq: int) -> None:
        assert (await self.send(seq, Code.ENTRY, b"\x01\x00\x1e")).kind is Kind.DONE
        simulator.control({"do": "insert", "card": {"line": LINE}})
        while (await self.next()).code != ord("I"):
            pass

    async def load(self, seq: int) -> bytes:
        data = sealed()
        assert (await self.send(seq, Code.DATA, bytes(4) + data)).kind is Kind.DONE
        return b"\x02W1" + len(data).to_bytes(4, "big") + zlib.crc32(data).to_bytes(4, "big")

    def close(self) -> None:
        self._writer.close()


@pytest.fixture
async def port(simulator: PermitUnitSimulator) -> Any:
    async with serve_tcp(simulator) as bound:
        yield bound


async def connect(port: int) -> Host:
    return Host(*await asyncio.open_connection("127.0.0.1", port))


async def test_a_repetition_is_not_executed_again(simulator: PermitUnitSimulator, port: int) -> None:
    host = await connect(port)
    await host.send(0, Code.HELLO, b"\x01")
    await host.put_in(simulator, 1)
    order = await host.load(2)
    first = await host.send(3, Code.WRITE, order)
    assert first.kind is Kind.DONE
    assert simulator.card is not None
    simulator.card.endorsements.clear()
    for _ in range(3):
        assert await host.send(3, Code.WRITE, order) == first
    assert simulator.card.chip_writes == 1
    kept = await host.send(4, Code.KEEP)
    assert await host.send(4, Code.KEEP) == kept
    assert simulator.state()["bin_count"] == 1
    host.close()


async def test_a_repetition_while_it_works(simulator: PermitUnitSimulator, port: int) -> None:
    host = await connect(port)
    await host.send(0, Code.HELLO, b"\x01")
    await host.put_in(simulator, 1)
    order = await host.load(2)
    simulator.control({"do": "speed", "factor": 40})
    packed = Frame(Kind.COMMAND, 3, Code.WRITE, order).pack()
    host._writer.write(packed + packed)
    frames = [await host.next() for _ in range(2)]
    assert [(frame.kind, frame.seq) for frame in frames] == [(Kind.WORKING, 3), (Kind.DONE, 3)]
    assert simulator.card is not None
    assert simulator.card.chip_writes == 1
    host.close()


async def test_what_a_unit_refuses(simulator: PermitUnitSimulator, port: int) -> None:
    host = await connect(port)
    assert (await host.send(1, Code.STATUS)).payload[0] == Trouble.NO_HELLO
    await host.send(0, Code.HELLO, b"\x01")
    assert (await host.send(1, 0x7A)).payload[0] == Trouble.UNKNOWN_COMMAND
    assert (await host.send(2, Code.STATUS)).kind is Kind.DONE
    assert (await host.send(2, Code.JOB, b"W")).payload[0] == Trouble.SEQ_REUSED
    assert (await host.send(3, Code.JOB, b"Q")).payload[0] == Trouble.BAD_PAYLOAD
    assert (await host.send(4, Code.ENTRY, b"")).payload[0] == Trouble.BAD_PAYLOAD
    assert (await host.send(5, Code.DATA, b"\x00\x00\x00\x05abc")).payload[0] == Trouble.BAD_DATA
    assert (await host.send(6, Code.WRITE, b"")).payload[0] == Trouble.BAD_PAYLOAD
    assert (await host.send(7, Code.MOVE, b"9")).payload[0] == Trouble.BAD_PAYLOAD
    await host.put_in(simulator, 8)
    order = await host.load(9)
    assert (await host.send(10, Code.WRITE, order[:-1] + b"\x00")).payload[0] == Trouble.BAD_DATA
    assert (await host.send(11, Code.WRITE, b"\x02W1" + bytes(8))).payload[0] == Trouble.BAD_DATA
    host.close()


async def test_one_command_at_a_time(simulator: PermitUnitSimulator, port: int) -> None:
    host = await connect(port)
    await host.send(0, Code.HELLO, b"\x01")
    await host.put_in(simulator, 1)
    simulator.control({"do": "speed", "factor": 20})
    host._writer.write(Frame(Kind.COMMAND, 2, Code.OUT, b"\x00\x00").pack())
    await until(lambda: simulator.state()["phase"] == "to_mouth")
    assert (await host.send(3, Code.KEEP)).payload[0] == Trouble.BUSY
    status = await host.send(4, Code.STATUS)
    assert (status.payload[0:1], status.payload[3] & 1) == (b"6", 1)
    host.close()


async def test_a_greeting_ends_what_was_awaited(simulator: PermitUnitSimulator, port: int) -> None:
    """The movement goes on; its answer, which nobody awaits any more, does not come."""
    host = await connect(port)
    await host.send(0, Code.HELLO, b"\x01")
    await host.put_in(simulator, 1)
    simulator.control({"do": "speed", "factor": 20})
    host._writer.write(Frame(Kind.COMMAND, 2, Code.OUT, b"\x00\x00").pack())
    await until(lambda: simulator.state()["phase"] == "to_mouth")
    hello = await host.send(0, Code.HELLO, b"\x01")
    assert hello.payload[-12:-11] == b"6"
    await until(lambda: simulator.state()["position"] == "mouth")
    status = await host.send(2, Code.STATUS)
    assert (status.kind, status.code, status.payload[:1]) == (Kind.DONE, Code.STATUS, b"1")
    host.close()


async def test_a_busy_answer_is_kept_too(simulator: PermitUnitSimulator, port: int) -> None:
    host = await connect(port)
    await host.send(0, Code.HELLO, b"\x01")
    await host.put_in(simulator, 1)
    simulator.control({"do": "speed", "factor": 20})
    host._writer.write(Frame(Kind.COMMAND, 2, Code.OUT, b"\x00\x00").pack())
    await until(lambda: simulator.state()["phase"] == "to_mouth")
    assert (await host.send(3, Code.KEEP)).payload[0] == Trouble.BUSY
    await until(lambda: simulator.state()["position"] == "mouth" and not simulator.busy)
    while (again := await host.send(3, Code.KEEP)).code != Code.KEEP:
        pass
    assert again.payload[0] == Trouble.BUSY
    assert simulator.state()["bin_count"] == 0
    host.close()


async def test_the_newest_line_is_served(simulator: PermitUnitSimulator, port: int) -> None:
    first, second = await connect(port), await connect(port)
    await first.send(0, Code.HELLO, b"\x01")
    await second.send(0, Code.HELLO, b"\x01")
    assert (await first.send(1, Code.STATUS)).payload[0] == Trouble.NO_HELLO
    assert (await second.send(1, Code.STATUS)).kind is Kind.DONE
    first.close()
    second.close()


# --- a unit that is not ours ------------------------------------------------------------------------------------------


class ForeignUnit:
    """Just enough of a unit for a card to be read and given back, written from the document with bytes of its own."""

    def __init__(self, hello: bytes, position: bytes = b"2") -> None:
        self.hello, self.position, self.asked = hello, position, bytearray()

    def status(self) -> bytes:
        return self.position + b"CO\x000\x00\x00\x09\x00\x00\x00\x05" + b"extra"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.read(3):
            body = await reader.readexactly(int.from_bytes(head[1:], "big") + 2)
            seq, code = body[1], body[2]
            self.asked.append(code)
            kind, payload = b"P", b""
            match chr(code):
                case "H":
                    payload = self.hello
                case "S":
                    payload = self.status()
                case "O":
                    self.position, payload = b"1", b""
                    payload = self.status()
                case "T":
                    payload = LINE.encode()
                case _:
                    kind, payload = b"N", b"\x08and a text"
            answer = (3 + len(payload)).to_bytes(2, "big") + kind + bytes((seq, code)) + payload
            writer.write(b"\x02" + answer + self.crc(answer).to_bytes(2, "big"))
        writer.close()

    @staticmethod
    def crc(data: bytes) -> int:
        value = 0xFFFF
        for bit in (byte >> shift & 1 for byte in data for shift in range(7, -1, -1)):
            value = (value << 1 ^ (0x1021 if (value >> 15) ^ bit else 0)) & 0xFFFF
        return value


def foreign_hello(version: int = 1) -> bytes:
    return bytes((version,)) + b"\x00\x0c\x01\x00\x00\x00\x03ABC\x02S92CO\x000\x00\x00\x09\x00\x00\x00\x05"


async def test_a_unit_of_another_maker() -> None:
    from drivers.permit_unit import connect as by_url

    foreign = ForeignUnit(foreign_hello())
    server = await asyncio.start_server(foreign.serve, "127.0.0.1", 0)
    unit = by_url(f"cardunit+tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    await unit.open()
    assert unit.capabilities["model"] == "ABC"
    assert unit.capabilities["features"] == ("camera", "line")
    assert "issuing authority" in str(unit.capabilities["chip_keys"])
    assert await unit.place() is CardPlace.READER
    assert await unit.read_line() == LINE
    outcome = await unit.write(write_job())
    assert (outcome.end, outcome.kind) == (WriteEnd.NOT_WRITTEN, ErrorKind.UNSUPPORTED)
    await unit.eject()
    assert await unit.place() is CardPlace.MOUTH
    assert await unit.bin_count() == 5
    await unit.close()
    server.close()


@pytest.mark.parametrize(
    ("answer", "told"), [(b"HTTP/1.1 400 Bad Request\r\n\r\n", "bytes that are none of this protocol"), (b"", "HELLO.")]
)
async def test_what_speaks_something_else_is_told_from_what_is_silent(answer: bytes, told: str) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(100):
            writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    line = open_transport(f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    unit = PermitUnitDriver(line, patience=FAST)
    with pytest.raises(DeviceError) as caught:
        await unit.open()
    assert (caught.value.kind, told in caught.value.hint) == (ErrorKind.TIMEOUT, True), caught.value.hint
    assert unit.status().link is Link.OFFLINE
    await unit.close()
    server.close()


async def test_a_unit_of_another_version() -> None:
    from drivers.permit_unit import connect as by_url

    server = await asyncio.start_server(ForeignUnit(foreign_hello(2)).serve, "127.0.0.1", 0)
    unit = by_url(f"cardunit+tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    with pytest.raises(DeviceError) as caught:
        await unit.open()
    assert (caught.value.kind, caught.value.native) == (ErrorKind.UNSUPPORTED, "V2")
    assert unit.status().link is Link.FAULT
    await unit.close()
    server.close()
