from __future__ import annotations

import asyncio

import pytest

from drivers.receipt_printer.answers import AnswerParser, Kind
from drivers.receipt_printer.status import UNKNOWN, Readings, StatusReader, merge
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.devices import Link

FINE = Readings(0x12, 0x12, 0x12, 0x12)


class Line:
    """A line whose answers are written down: request -> what comes back, once each; then silence."""

    name = "scripted"
    simulated = True

    def __init__(self, *answers: tuple[bytes, bytes], waiting: bytes = b"") -> None:
        self.answers = list(answers)
        self.incoming = waiting
        self.sent: list[bytes] = []

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def write(self, data: bytes, deadline: float) -> None:
        self.sent.append(data)
        for index, (request, answer) in enumerate(self.answers):
            if request == data:
                self.incoming += answer
                del self.answers[index]
                return

    async def read(self, limit: int, deadline: float) -> bytes:
        if not self.incoming:
            await asyncio.sleep(0)
            raise DeviceError(ErrorKind.TIMEOUT, self.name, "silence")
        data, self.incoming = self.incoming[:limit], self.incoming[limit:]
        return data

    def drain(self) -> bytes:
        data, self.incoming = self.incoming, b""
        return data


def reader(line: Line, method: str = "realtime") -> StatusReader:
    return StatusReader(line, method, 0.01)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("readings", "part", "value", "trouble"),
    [
        (Readings(0x12, 0x12, 0x12, 0x12), "paper", "full", None),
        (Readings(0x16, 0x12, 0x12, 0x12), "paper", "full", None),  # drawer pin
        (Readings(0x1A, 0x12, 0x12, 0x12), "paper", "full", ErrorKind.OFFLINE),
        (Readings(0x1A, 0x16, 0x12, 0x12), "cover", "open", ErrorKind.COVER_OPEN),
        (Readings(0x5A, 0x1A, 0x12, 0x12), "cover", "closed", ErrorKind.OFFLINE),  # feed button
        (Readings(0x1A, 0x32, 0x12, 0x12), "paper", "out", ErrorKind.SUPPLY_OUT),
        (Readings(0x1A, 0x52, 0x16, 0x12), "cutter", "ok", ErrorKind.HARDWARE),
        (Readings(0x1A, 0x52, 0x1A, 0x12), "cutter", "jammed", ErrorKind.CONSUMABLE_MECH),
        (Readings(0x1A, 0x52, 0x32, 0x12), "head", "ok", ErrorKind.HARDWARE),
        (Readings(0x1A, 0x52, 0x52, 0x12), "head", "hot", ErrorKind.CONSUMABLE_MECH),
        (Readings(0x12, 0x12, 0x12, 0x1E), "paper", "low", None),
        (Readings(0x12, 0x12, 0x12, 0x72), "paper", "out", ErrorKind.SUPPLY_OUT),
        (Readings(0x12, 0x12, 0x12, 0x7E), "paper", "out", ErrorKind.SUPPLY_OUT),
        (Readings(0x12, None, None, 0x12), "cover", "unknown", None),
    ],
)
def test_every_status_bit(readings: Readings, part: str, value: str, trouble: ErrorKind | None) -> None:
    assert readings.parts[part] == value
    found = readings.trouble()
    assert (found and found[0]) == trouble


@pytest.mark.parametrize(
    ("readings", "misses", "link"),
    [
        (FINE, 0, Link.READY),
        (Readings(0x12, 0x12, 0x12, 0x1E), 0, Link.DEGRADED),
        (Readings(0x12, None, 0x12, 0x12), 0, Link.DEGRADED),
        (Readings(0x1A, 0x12, 0x52, 0x12), 0, Link.DEGRADED),
        (Readings(0x1A, 0x16, 0x12, 0x12), 0, Link.FAULT),
        (UNKNOWN, 1, Link.DEGRADED),
        (UNKNOWN, 2, Link.OFFLINE),
    ],
)
def test_link_of_the_merged_status(readings: Readings, misses: int, link: Link) -> None:
    status = merge(readings, misses)
    assert status.link is link
    assert bool(status.detail) is (link is not Link.READY)


def test_unknown_is_never_ok() -> None:
    assert set(merge(UNKNOWN, 1).parts.values()) == {"unknown"}
    assert not UNKNOWN.heard


def test_answers_are_told_apart_by_their_fixed_bits() -> None:
    for byte in range(256):
        kinds = [answer.kind for answer in AnswerParser().feed(bytes([byte]))]
        realtime = byte & 0b10010011 == 0b00010010
        queued = byte & 0b10010000 == 0
        expected = [Kind.REALTIME] if realtime else [Kind.QUEUED] if queued and byte not in (0x11, 0x13) else []
        if byte == 0x5F:  # also the head of a GS I block: bit 4 is set, so it is no queued byte
            expected = []
        assert kinds == expected, hex(byte)


def test_groups_blocks_and_flow_control_in_one_stream() -> None:
    parser = AnswerParser()
    answers = parser.feed(b"\x13\x10\x00\x11\x03\x00\x12\x37\x220001\x00\x00\x13")
    assert [(answer.kind, answer.data) for answer in answers] == [
        (Kind.ASB, b"\x10\x00\x03\x00"),
        (Kind.REALTIME, b"\x12"),
        (Kind.BLOCK, b"\x37\x220001"),
        (Kind.QUEUED, b"\x00"),
    ]
    assert parser.paused


@pytest.mark.parametrize(
    "junk", [b"", b"\x18\x00\x0c\x00", b"\x18", b"\x11", b"\x13\x11", b"\x18\x00", b"\x00", b"\xff"]
)
async def test_what_stands_before_the_answer_does_not_matter(junk: bytes) -> None:
    line = Line((b"\x10\x04\x04", junk + b"\x12"))
    assert await reader(line).query(4) == 0x12


async def test_old_bytes_are_thrown_away_before_asking() -> None:
    line = Line((b"\x10\x04\x04", b"\x12"), waiting=b"\x72\x72")
    assert await reader(line).query(4) == 0x12


async def test_two_different_answers_are_asked_again() -> None:
    line = Line((b"\x10\x04\x04", b"\x12\x72"), (b"\x10\x04\x04", b"\x72"))
    assert await reader(line).query(4) == 0x72
    assert line.sent == [b"\x10\x04\x04"] * 2


async def test_late_answer_of_an_earlier_question_is_not_believed() -> None:
    line = Line(
        (b"\x10\x04\x01", b""), (b"\x10\x04\x01", b""), (b"\x10\x04\x04", b"\x12\x72"), (b"\x10\x04\x04", b"\x72")
    )
    asking = reader(line)
    assert await asking.query(1) is None
    assert await asking.query(4) == 0x72


async def test_silence_is_unknown() -> None:
    assert await reader(Line()).read() == UNKNOWN
    assert await reader(Line(), "none").read() == UNKNOWN


@pytest.mark.parametrize(("byte", "paper"), [(0x00, "full"), (0x0F, "out"), (0x03, "low"), (0x0C, "out")])
async def test_esc_v(byte: int, paper: str) -> None:
    readings = await reader(Line((b"\x1bv", bytes([byte]))), "esc_v").read()
    assert readings.paper == paper
    assert readings.cover == readings.cutter == readings.head == "unknown"


async def test_one_unanswered_question_leaves_only_its_part_unknown() -> None:
    line = Line((b"\x10\x04\x01", b"\x12"), (b"\x10\x04\x02", b"\x12"), (b"\x10\x04\x04", b"\x12"))
    readings = await reader(line).read()
    assert readings == Readings(0x12, 0x12, None, 0x12)
    assert readings.heard
