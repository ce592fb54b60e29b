"""A SAM that shares no line of code with this project: fixed bytes over a plain socket, in pieces, with noise and delays."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from drivers.id_card import connect
from kiosk.domain.errors import DeviceError, ErrorKind

FIND, SELECT, READ = bytes.fromhex("2001"), bytes.fromhex("2002"), bytes.fromhex("3001")
OK = bytes.fromhex("AAAAAA9669000400009094")


def card_answer() -> bytes:
    text = "样例".ljust(15) + "1" + "01" + "19850615" + "样例路1号".ljust(35) + "330212198506150006"
    text += "测试分局".ljust(15) + "20150101" + "长期".ljust(8) + " " * 18
    body = bytes.fromhex("05080000900100 0400".replace(" ", "")) + text.encode("utf-16-le") + bytes(1024)
    check = 0
    for byte in body:
        check ^= byte
    return bytes.fromhex("AAAAAA9669") + body + bytes([check])


class ForeignSam(threading.Thread):
    """Answers each command it knows by its fixed bytes; the script says how a round goes wrong."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.seen: list[bytes] = []
        self.spoil: dict[bytes, list[object]] = {}

    def run(self) -> None:
        known = {
            FIND: bytes.fromhex("AAAAAA9669000800009F0000000097"),
            SELECT: bytes.fromhex("AAAAAA9669000C00009000000000000000009C"),
            READ: card_answer(),
            bytes.fromhex("12FF"): bytes.fromhex("AAAAAA9669001400009005000100C602330139300000010000007E"),
        }
        while True:
            try:
                line, _ = self.listener.accept()
            except OSError:
                return
            with line:
                while frame := line.recv(10):
                    assert frame[:5] == bytes.fromhex("AAAAAA9669")
                    command = frame[7:9]
                    self.seen.append(command)
                    answer = known.get(command, OK)
                    trouble = self.spoil.get(command, [])
                    match trouble.pop(0) if trouble else None:
                        case bytes(instead):
                            answer = instead
                        case float(pause):
                            time.sleep(pause)
                        case "close":
                            break
                    for at in range(0, len(answer), 97):
                        line.sendall(answer[at : at + 97])


@pytest.fixture
def sam() -> Iterator[ForeignSam]:
    sam = ForeignSam()
    sam.start()
    yield sam
    sam.listener.shutdown(socket.SHUT_RDWR)
    sam.listener.close()
    sam.join(5)
    assert not sam.is_alive()


async def read(sam: ForeignSam, deadline: float = 5.0) -> tuple[str, str]:
    reader = connect(f"samv+tcp://127.0.0.1:{sam.port}")
    try:
        await reader.open()
        card = await reader.wait_card(deadline)
    finally:
        await reader.close()
    assert card.valid_to is None
    return card.name, card.number


async def test_plain_reading(sam: ForeignSam) -> None:
    assert await read(sam) == ("样例", "330212198506150006")
    assert sam.seen[-3:] == [FIND, SELECT, READ]


async def test_a_module_that_does_not_tell_its_number(sam: ForeignSam) -> None:
    sam.spoil[bytes.fromhex("12FF")] = [bytes.fromhex("AAAAAA96690003000090AA")]
    assert await read(sam) == ("样例", "330212198506150006")


@pytest.mark.parametrize(
    ("command", "trouble"),
    [
        (FIND, bytes.fromhex("AAAAAA966900040000 8084".replace(" ", ""))),
        (SELECT, bytes.fromhex("AAAAAA9669000400008185")),
        (READ, bytes.fromhex("AAAAAA9669000400004145")),
        (READ, bytes.fromhex("AAAAAA9669000400001014")),
        (READ, b"\x00\xff\xaa\xaa\x96" + card_answer()),
        (READ, card_answer()[1:]),
        (READ, b"\xaa" + card_answer() + b"\x00"),
        (READ, OK + card_answer()),
        (READ, card_answer()[:700] + b"\x55" + card_answer()[701:]),
        (SELECT, 0.3),
    ],
)
async def test_reading_in_spite_of(sam: ForeignSam, command: bytes, trouble: object) -> None:
    sam.spoil[command] = [trouble]
    assert await read(sam) == ("样例", "330212198506150006")


async def test_it_goes_away_and_comes_back(sam: ForeignSam) -> None:
    reader = connect(f"samv+tcp://127.0.0.1:{sam.port}")
    await reader.open()
    sam.spoil[READ] = ["close"]
    with pytest.raises(DeviceError) as caught:
        await reader.wait_card(5)
    assert caught.value.kind is ErrorKind.OFFLINE
    assert (await reader.wait_card(5)).name == "样例"
    await reader.close()
