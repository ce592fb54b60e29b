"""Reading an ID card at 115200 baud over a pseudo terminal, against the time its bytes take on the wire."""

from __future__ import annotations

import asyncio
import os
import tty
from typing import Any

from drivers.id_card.photo import NoDecoder
from drivers.id_card.reader import SamvReader
from drivers.id_card.samv import Command
from drivers.id_card.simulator import SamvSimulator
from drivers.transport.host import serve_pty
from drivers.transport.url import open_transport
from tests.bench.rows import Effort, Row, median, paired, progress

BAUD = 115200
BITS = 10
PERSON = {
    "name": "测试甲",
    "sex": "2",
    "nation": "01",
    "birth": "19900101",
    "address": "浙江省宁波市测试区样例路1号",
    "number": "330299199001011220",
    "issuer": "宁波市公安局测试分局",
    "from": "20200101",
    "to": "20400101",
}


class Counted:
    """A `ByteTransport` that counts what passes."""

    def __init__(self, line: Any) -> None:
        self._line = line
        self.count = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._line, name)

    async def write(self, data: bytes, deadline: float) -> None:
        self.count += len(data)
        await self._line.write(data, deadline)

    async def read(self, limit: int, deadline: float) -> bytes:
        data: bytes = await self._line.read(limit, deadline)
        self.count += len(data)
        return data


def plain_exchange(path: str, expected: int) -> None:
    """The least a program can do: three commands, blocking reads, no check of anything. Runs in a thread."""
    fd = os.open(path, os.O_RDWR | os.O_NOCTTY)
    try:
        tty.setraw(fd)
        commands = (Command.FIND, Command.SELECT, Command.READ_BASE)
        left = expected - sum(len(command.frame()) for command in commands)
        for command in commands:
            os.write(fd, command.frame())
            got = os.read(fd, 7)
            while len(got) < 7:
                got += os.read(fd, 7 - len(got))
            size = int.from_bytes(got[5:7], "big")
            while len(got) < 7 + size:
                got += os.read(fd, 7 + size - len(got))
            left -= len(got)
        if left:
            raise RuntimeError(f"{left} bytes fewer than the driver exchanged")
    finally:
        os.close(fd)


async def _measure(effort: Effort) -> list[Row]:
    loop = asyncio.get_running_loop()
    simulator = SamvSimulator({"one": PERSON}, baud=BAUD)
    took: list[float] = []
    plain: list[float] = []
    over_wire: list[float] = []
    sizes: set[int] = set()
    times = effort.of(25, 8)
    progress(f"card: {times} readings of {PERSON['name']} by the driver and by bare reads, in turns")
    async with serve_pty(simulator) as path:
        for number in range(times + 1):
            line = Counted(open_transport(f"serial://{path}?baud={BAUD}"))
            reader = SamvReader(line, NoDecoder())
            await reader.open()
            simulator.remove()
            simulator.place("one")
            line.count = 0
            started = loop.time()
            card = await reader.wait_card(10.0)
            elapsed = loop.time() - started
            await reader.close()
            if card.number != PERSON["number"]:
                raise RuntimeError("the card was read wrongly")
            simulator.remove()
            simulator.place("one")
            started = loop.time()
            await asyncio.to_thread(plain_exchange, path, line.count)
            if number:  # the first round warms up
                plain.append(loop.time() - started)
                took.append(elapsed)
                over_wire.append(elapsed / (line.count * BITS / BAUD))
                sizes.add(line.count)
    (size,) = sizes
    wire_ms = size * BITS / BAUD * 1000
    return [
        Row(
            "card",
            "ID card read at 115200 baud, over the wire time of its bytes",
            median(over_wire),
            "x",
            f"median of {times}",
            1.10,
            peer=f"bare reads without checks {median(plain) * 1000:.1f} ms, driver {median(took) * 1000:.1f} ms",
            ratio=paired(took, plain),
            note=f"{size} bytes are {wire_ms:.1f} ms on the wire; the simulator answers without delay",
            data={"driver_ms": [t * 1000 for t in took], "bare_ms": [t * 1000 for t in plain], "bytes": size},
        )
    ]


def measure(effort: Effort) -> list[Row]:
    return asyncio.run(_measure(effort))
