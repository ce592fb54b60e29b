"""A simulated pad: sends input events as the kernel would hand them out.

{"do": "press", "key": "up", "hold": 0.0}    press and release after `hold` seconds (0: at once)
{"do": "hold", "key": "up"} {"do": "release", "key": "up"}
{"do": "headphones", "in": true}
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import ClassVar

from config.nav_pad import KEYS, PadTable, load_pad_tables
from drivers.nav_pad.events import (
    PRESSED,
    RELEASED,
    REPEATED,
    SW_HEADPHONE_INSERT,
    SYN_DROPPED,
    SYN_REPORT,
    Event,
    Type,
)
from drivers.simulator import Command, Reply, Simulator
from drivers.transport.base import Wire

_REPEAT_AFTER, _REPEAT_EVERY = 0.25, 0.033
"""Seconds; what the kernel's soft repeat does."""
_STRANGE_CODE = 30
_MSC_SCAN = 4


class PadSimulator(Simulator):
    kind = "nav_pad"
    fault_ids: ClassVar[Mapping[str, str]] = {
        "PAD.STUCK": "a key that is pressed is never released and repeats without end, until cleared",
        "PAD.BOUNCE": "a key bounces: `times` (3) presses within milliseconds",
        "PAD.HALF": "half an event comes, and no more",
        "PAD.UNKNOWN": "a key with a code that no table knows (`code`, 30) is struck instead",
        "PAD.NO_RELEASE": "the release of a key is lost",
        "PAD.DROPPED": "the kernel says that it had to drop events instead of handing them out (SYN_DROPPED)",
        "PAD.JACK_MUTE": "the jack's contact says nothing",
        "PAD.JACK_FLUTTER": "the jack's contact makes and breaks `times` (4) times before it rests",
    }

    def __init__(self, table: PadTable | None = None) -> None:
        super().__init__()
        self.table = table or load_pad_tables()["arrows"]
        self._outboxes: list[asyncio.Queue[bytes]] = []
        self._held: set[int] = set()
        self._stuck: set[int] = set()
        self._repeating: dict[int, asyncio.Task[None]] = {}
        self._later: set[asyncio.Task[None]] = set()
        self.headphones = False
        self.presses = 0

    # --- what a person does

    def control(self, command: Command) -> Reply:
        common = self.control_common(command)
        if common is not None:
            if self.faults.peek("PAD.STUCK") is None:
                self._let_go()
            return common
        match command.get("do"):
            case "press":
                self.press(self._code(command), float(command.get("hold", 0.0)))
            case "hold":
                self._down(self._code(command))
            case "release":
                self._up(self._code(command))
            case "headphones":
                self.plug_headphones(bool(command.get("in", True)))
            case other:
                raise ValueError(f"a pad cannot do {other!r}; it can press, hold, release and headphones")
        return {"ok": True, **self.state()}

    def state(self) -> Reply:
        return {
            "headphones": self.headphones,
            "held": sorted(self._held),
            "presses": self.presses,
            "faults": self.faults.as_reply(),
        }

    def press(self, code: int, hold: float = 0.0) -> None:
        """Only from the event loop's thread."""
        self.presses += 1
        if fault := self.faults.take("PAD.UNKNOWN"):
            code = int(fault.number("code", _STRANGE_CODE))
        if fault := self.faults.take("PAD.BOUNCE"):
            for _ in range(int(fault.number("times", 3))):
                self._down(code)
                self._up(code)
            return
        self._down(code)
        if self.faults.active("PAD.STUCK"):
            self._stuck.add(code)
            return
        if hold > 0:
            self._keep(self._release_later(code, hold))
        else:
            self._up(code)

    def plug_headphones(self, there: bool) -> None:
        self.headphones = there
        if self.faults.take("PAD.JACK_MUTE"):
            self.changed()
            return
        if fault := self.faults.take("PAD.JACK_FLUTTER"):
            for _ in range(int(fault.number("times", 4))):
                self._jack(there)
                self._jack(not there)
        self._jack(there)
        self.changed()

    def _code(self, command: Command) -> int:
        key = str(command.get("key", ""))
        codes: tuple[int, ...] = getattr(self.table, key) if key in KEYS else ()
        if not codes:
            raise ValueError(
                f"this pad has no key {key!r}; it has {', '.join(k for k in KEYS if getattr(self.table, k))}"
            )
        return codes[0]

    # --- what the pad does

    def _down(self, code: int) -> None:
        self._held.add(code)
        self._strike(code, PRESSED)
        if code not in self._repeating:
            self._repeating[code] = asyncio.get_running_loop().create_task(self._repeat(code))
        self.changed()

    def _up(self, code: int) -> None:
        self._held.discard(code)
        if (repeating := self._repeating.pop(code, None)) is not None:
            repeating.cancel()
        if not self.faults.take("PAD.NO_RELEASE"):
            self._strike(code, RELEASED)
        self.changed()

    def _let_go(self) -> None:
        """The fault is mended: what hung is released."""
        while self._stuck:
            self._up(self._stuck.pop())

    async def _repeat(self, code: int) -> None:
        await asyncio.sleep(_REPEAT_AFTER)
        while code in self._held and self._outboxes:
            self._strike(code, REPEATED)
            await asyncio.sleep(_REPEAT_EVERY)

    async def _release_later(self, code: int, hold: float) -> None:
        await asyncio.sleep(hold)
        self._up(code)

    def _keep(self, work: object) -> None:
        task = asyncio.get_running_loop().create_task(work)  # type: ignore[arg-type, var-annotated]
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    def _jack(self, there: bool) -> None:
        if self.table.jack_in:
            code = (self.table.jack_in if there else self.table.jack_out)[0]
            self._strike(code, PRESSED)
            self._strike(code, RELEASED)
        else:
            self._send(Event(Type.SW, SW_HEADPHONE_INSERT, int(there), time.monotonic()))

    def _strike(self, code: int, value: int) -> None:
        now = time.monotonic()
        scan = (Event(Type.MSC, _MSC_SCAN, 0x70000 + code, now),) if value != REPEATED else ()
        self._send(*scan, Event(Type.KEY, code, value, now))

    def _send(self, *events: Event) -> None:
        """One report: its events and SYN_REPORT."""
        if self.faults.take("PAD.DROPPED"):
            events = (Event(Type.SYN, SYN_DROPPED, 0, time.monotonic()),)
        packed = b"".join(each.pack() for each in (*events, Event(Type.SYN, SYN_REPORT, 0, time.monotonic())))
        if self.faults.take("PAD.HALF"):
            packed = packed[: len(events[0].pack()) // 2]
        for outbox in self._outboxes:
            outbox.put_nowait(packed)

    async def serve(self, wire: Wire) -> None:
        outbox: asyncio.Queue[bytes] = asyncio.Queue()
        self._outboxes.append(outbox)
        if not self.table.jack_in:  # a line cannot be asked as a device file can: it is told at the beginning
            outbox.put_nowait(Event(Type.SW, SW_HEADPHONE_INSERT, int(self.headphones), time.monotonic()).pack())
        hearing = asyncio.ensure_future(_hear(wire))
        sending = asyncio.ensure_future(_send_all(wire, outbox))
        try:
            await asyncio.wait((hearing, sending), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._outboxes.remove(outbox)
            if not self._outboxes:
                await self._rest()
            for task in (hearing, sending):
                task.cancel()
            await asyncio.gather(hearing, sending, return_exceptions=True)

    async def _rest(self) -> None:
        """Nobody listens: nothing goes on by itself."""
        running = (*self._repeating.values(), *self._later)
        self._repeating.clear()
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def _hear(wire: Wire) -> None:
    while await wire.read():
        continue  # a pad takes no commands


async def _send_all(wire: Wire, outbox: asyncio.Queue[bytes]) -> None:
    while True:
        await wire.write(await outbox.get())
