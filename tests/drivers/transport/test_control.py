"""The control socket: commands from outside, sensible and not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from drivers.control import serve_control
from drivers.id_card.simulator import SamvSimulator


class Session:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def send(self, line: bytes) -> Any:
        self.writer.write(line + b"\n")
        return json.loads(await asyncio.wait_for(self.reader.readline(), 5))


@pytest.fixture
async def session() -> AsyncIterator[Session]:
    person = {"name": "样例", "birth": "19900101", "number": "330203199001010006", "from": "20200101"}
    async with serve_control(SamvSimulator({"A": person})) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        yield Session(reader, writer)
        writer.close()
        await writer.wait_closed()


async def test_commands(session: Session) -> None:
    assert (await session.send(b'{"do": "place", "person": "A"}'))["card"] == "in_field"
    assert (await session.send(b'{"do": "state"}'))["plugged"] is True
    assert (await session.send(b'{"do": "fault", "id": "SAM.41", "count": 2}'))["faults"] == {"SAM.41": 2}
    assert "LINE.MUTE" in (await session.send(b'{"do": "faults"}'))["faults"]
    assert (await session.send(b'{"do": "unplug"}'))["ok"]
    assert (await session.send(b'{"do": "state"}'))["plugged"] is False


@pytest.mark.parametrize(
    "line",
    [
        b"hello",
        b"[1]",
        b"\xff\xfe",
        b"{}",
        b'{"do": "place", "person": "B"}',
        b'{"do": "place", "person": ["A"]}',
        b'{"do": "place", "person": {"name": "\xe6\xb5\x8b", "from": [1]}}',
        b"[" * 5000,
    ],
)
async def test_bad_commands_are_answered_and_the_line_stays(session: Session, line: bytes) -> None:
    assert (await session.send(line))["error"]
    assert (await session.send(b'{"do": "state"}'))["ok"]


async def test_too_long_line(session: Session) -> None:
    assert "too long" in (await session.send(b"x" * 2_000_000))["error"]
