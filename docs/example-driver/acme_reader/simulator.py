"""The machine itself, on the wire: what a driver is tested against. `python -m acme_reader.simulator 7100` serves it over TCP.

{"do": "place", "card": ["name", "sex", "birth", …]}   {"do": "remove"}   and what every simulator knows (drivers.simulator)
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from typing import ClassVar

from acme_reader.protocol import build, take
from drivers.control import serve_control
from drivers.simulator import Command, Reply, Simulator
from drivers.transport.base import Wire
from drivers.transport.host import serve_tcp

SAMPLE = ("样例", "1", "19850101", "某省某市样例路1号", "110101198501010009", "某市公安局", "20200101", "20400101")
"""Nobody: the order number 000 is given to no one."""


class AcmeSimulator(Simulator):
    kind = "id_card"
    fault_ids: ClassVar[Mapping[str, str]] = {"ACME.BADCARD": "the card's number is no number"}

    def __init__(self) -> None:
        super().__init__()
        self._card: tuple[str, ...] | None = None

    def place(self, card: tuple[str, ...] = SAMPLE) -> str:
        """Returns the number on it."""
        self._card = tuple(card)
        self.changed()
        return self._card[4]

    def remove(self) -> None:
        self._card = None
        self.changed()

    def control(self, command: Command) -> Reply:
        reply = self.control_common(command)
        if reply is not None:
            return reply
        match command.get("do"):
            case "place":
                self.place(tuple(command.get("card") or SAMPLE))
            case "remove":
                self.remove()
            case verb:
                raise ValueError(f"an ACME reader cannot {verb!r}; it knows place and remove")
        return {"ok": True, **self.state()}

    def state(self) -> Reply:
        return {"card": "present" if self._card else "none"}

    async def serve(self, wire: Wire) -> None:
        buffer = bytearray()
        while data := await wire.read():
            buffer += data
            while (fields := take(buffer)) is not None:
                await wire.write(self._answer(fields[0]))

    def _answer(self, word: str) -> bytes:
        if word == "STATUS":
            return build("READY", "ACME-1.2")
        if word == "READ" and self._card is not None:
            bad = self.faults.take("ACME.BADCARD") is not None
            return build("CARD", *self._card[:4], "x" if bad else self._card[4], *self._card[5:])
        return build("NONE")


async def _main(port: int) -> None:
    simulator = AcmeSimulator()
    async with serve_tcp(simulator, port=port) as bound, serve_control(simulator) as control:
        simulator.place()
        print(f"reader: 127.0.0.1:{bound}\ncontrol: 127.0.0.1:{control}", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]) if len(sys.argv) > 1 else 7100))
