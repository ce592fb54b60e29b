"""A motor card unit made of software: it speaks the documented protocol, holds a card, and forgets only what a real one forgets.

Verbs besides the common ones:

    {"do": "insert", "card": {…}}     push a card into the slot (`drivers.virtual_permit`); without `card`: the one in the hand. With
                                      the slot closed it stays waiting there until it opens; the reply's `where` says which
    {"do": "take"}                    take the card from the mouth, or a waiting one back
    {"do": "pull"}                    pull the card out again while it is being drawn in
    {"do": "power", "on": false}      the power goes, whatever is under way; and comes back
    {"do": "empty_bin"}               the bin is emptied (the counter goes on)
    {"do": "remove_card"}             a technician opens the unit and takes a card out, also a jammed one
    {"do": "speed", "factor": 4}      how many times faster than a real unit it works

The sealed data it takes for WRITE are UTF-8 JSON with a list `grants`, each with a text `number`; anything else its writer refuses.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any, ClassVar

import structlog

from drivers.permit_unit.codes import Event, JobKind, Position
from drivers.permit_unit.commands import Commands
from drivers.permit_unit.faults import FAULTS
from drivers.permit_unit.frames import FrameParser
from drivers.permit_unit.mechanics import Mechanics, PowerCut
from drivers.permit_unit.nvram import Nvram
from drivers.permit_unit.stations import Stations
from drivers.simulator import Command, Fault, Reply, Simulator
from drivers.transport.base import Wire
from drivers.virtual_permit import VirtualPermit

SPEED = 20.0
_FRAME_GAP = 0.3  # seconds
_POWER_BACK_S = 1.0
log = structlog.get_logger(__name__)


class PermitUnitSimulator(Simulator):
    """`nvram`: a file that keeps card, position, counters and jobs for the next process; a file that exists is a power-on with it.

    `on_chip` is called with the card that has come to the reader position, and with None when it leaves.
    """

    kind = "permit_unit"
    fault_ids: ClassVar[Mapping[str, str]] = FAULTS

    def __init__(
        self,
        *,
        nvram: Path | None = None,
        on_chip: Callable[[VirtualPermit | None], None] | None = None,
        speed: float = SPEED,
    ) -> None:
        super().__init__()
        self.powered = True
        self._nvram = Nvram(nvram)
        self.mechanics = Mechanics(self._nvram, self.faults, on_chip or (lambda card: None), self._tell, self.changed)
        self.mechanics.speed = _speed(speed)
        self._commands = Commands(self, self.mechanics, Stations(self.mechanics, self.faults))
        self._work: asyncio.Task[None] | None = None
        self._power_timer: asyncio.TimerHandle | None = None
        self.mechanics.power_on()

    # --- what a person does and sees ------------------------------------------------------------------------------

    def control(self, command: Command) -> Reply:
        reply = self.control_common(command)
        if reply is not None:
            if command.get("do") in ("fault", "clear"):
                self._tell(Event.BIN)  # a bin that is full, missing or there again is seen at once
            return reply
        extra: Reply = {}
        match command.get("do"):
            case "insert":
                card = command.get("card")
                if card is not None and not isinstance(card, Mapping):
                    raise ValueError('card must be an object, as in {"do": "insert", "card": {"line": "…"}}')
                extra["where"] = self.insert(None if card is None else VirtualPermit.of(card))
            case "take":
                extra["taken"] = self.take() is not None
            case "pull":
                self.pull()
            case "power":
                on = command.get("on")
                if not isinstance(on, bool):
                    raise ValueError("on must be true or false")
                self.power(on)
            case "empty_bin":
                self._nvram.bin_level = 0
                self._nvram.save()
                self._tell(Event.BIN)
                self.changed()
            case "remove_card":
                self._stop_work()
                self.mechanics.cleared_by_hand()
            case "speed":
                self.mechanics.speed = _speed(command.get("factor"))
                self.changed()
            case verb:
                raise ValueError(
                    f"a permit unit cannot {verb!r}; it knows insert, take, pull, power, empty_bin, remove_card, speed, "
                    "fault, clear, unplug, plug, state"
                )
        return {"ok": True, **extra, **self.state()}

    def insert(self, card: VirtualPermit | None = None) -> str:
        """Push a card (None: the one in the hand) into the slot; `drawn in` or `waiting`. Raises ValueError."""
        card = card or self.mechanics.hand
        if card is None:
            raise ValueError("there is no card in the hand; say which card")
        if self.mechanics.waiting is not None:
            raise ValueError("another card is waiting at the slot")
        if self._nvram.position is Position.MOUTH:
            raise ValueError("another card is at the mouth; take it first")
        self.mechanics.hand = None
        self.mechanics.waiting = card
        if self.draw_in_waiting():
            return "drawn in"
        self._tell(Event.WAITING)
        self.changed()
        return "waiting"

    def take(self) -> VirtualPermit | None:
        """Take the card that is at the mouth or waits before it; None when there is none or nobody takes it."""
        mechanics = self.mechanics
        if mechanics.waiting is not None:
            mechanics.hand, mechanics.waiting = mechanics.waiting, None
            self.changed()
            return mechanics.hand
        if self._nvram.position is not Position.MOUTH or self.faults.take("CARD.NOT_TAKEN"):
            return None
        mechanics.taken()
        return mechanics.hand

    def pull(self) -> None:
        """Raises ValueError when no card is being drawn in."""
        if self.mechanics.phase != "entering":
            raise ValueError("no card is being drawn in")
        self._stop_work()
        self.mechanics.pulled()

    def power(self, on: bool) -> None:
        if self._power_timer is not None:
            self._power_timer.cancel()
            self._power_timer = None
        if on == self.powered:
            return
        self.powered = on
        if on:
            self.mechanics.power_on()
            self._commands.started()
        else:
            self._stop_work()
            self._commands.forget()
            self.mechanics.power_off()

    @property
    def card(self) -> VirtualPermit | None:
        """The card inside or at the mouth."""
        return self._nvram.card

    def back_png(self) -> bytes | None:
        """The back of the card that is inside, at the mouth or in the hand, as a picture; None without a card."""
        card = self._nvram.card or self.mechanics.hand
        if card is None:
            return None
        from drivers.permit_unit.back import draw_back

        return draw_back(tuple(tuple(row) for row in card.back))

    def state(self) -> Reply:
        mechanics, nvram = self.mechanics, self._nvram
        return {
            "powered": self.powered,
            "position": mechanics.position.name.lower(),
            "phase": mechanics.phase,
            "slot": mechanics.shutter.name.lower(),
            "accepting": mechanics.entry,
            "waiting": mechanics.waiting is not None,
            "hand": mechanics.hand is not None,
            "reason": mechanics.reason.name.lower(),
            "bin": mechanics.bin.name.lower(),
            "bin_level": nvram.bin_level,
            "bin_count": nvram.bin_count,
            "power_ons": nvram.power_ons,
            "write_job": _job(nvram, JobKind.WRITE),
            "print_job": _job(nvram, JobKind.PRINT),
            "endorsements": len(nvram.card.endorsements) if nvram.card is not None else 0,
            "back": nvram.card is not None or mechanics.hand is not None,
            "speed": mechanics.speed,
            "faults": self.faults.as_reply(),
        }

    # --- the line -------------------------------------------------------------------------------------------------

    async def serve(self, wire: Wire) -> None:
        outbox: asyncio.Queue[bytes] = asyncio.Queue()
        desk = self._commands.desk(outbox)
        parser = FrameParser()
        reading = asyncio.ensure_future(wire.read())
        posting = asyncio.ensure_future(_post(outbox, wire))
        try:
            while True:
                await asyncio.wait((reading,), timeout=_FRAME_GAP if parser.in_frame else None)
                if not reading.done():
                    frames = parser.resync()
                else:
                    data = reading.result()
                    if not data:
                        return
                    reading = asyncio.ensure_future(wire.read())
                    frames = parser.feed(data)
                if not self.powered:
                    parser.reset()
                    continue
                for frame in frames:
                    desk.receive(frame)
        finally:
            self._commands.leave(desk)
            for task in (reading, posting):
                task.cancel()
            await asyncio.gather(reading, posting, return_exceptions=True)

    def _tell(self, event: Event) -> None:
        if self.powered:
            self._commands.tell(event)

    # --- work that takes time -------------------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        return self._work is not None and not self._work.done()

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """One piece of work at a time; whoever starts one has looked at `busy`."""
        self._work = asyncio.ensure_future(self._run(work))

    def draw_in_waiting(self) -> bool:
        """Draw in the card that waits at the slot, if the slot takes cards now."""
        mechanics = self.mechanics
        free = self.powered and mechanics.entry and self._nvram.position is Position.NONE and not self.busy
        if mechanics.waiting is None or not free:
            return False
        self.start(mechanics.draw_in(mechanics.waiting))
        return True

    async def _run(self, work: Coroutine[Any, Any, None]) -> None:
        me = asyncio.current_task()
        try:
            await work
        except PowerCut as cut:
            self._work = None
            self.power(False)
            self._schedule_power(cut.fault)
        except Exception:
            # A bug of the simulator: its driver sees a unit that does not answer any more.
            log.exception("permit_unit_simulator_crashed", kind=self.kind)
        finally:
            if self._work is me:
                self.mechanics.phase = ""
                self._work = None
                self.changed()

    def _schedule_power(self, fault: Fault) -> None:
        seconds = fault.args.get("seconds", _POWER_BACK_S)
        if seconds is not None:
            self._power_timer = asyncio.get_running_loop().call_later(float(seconds), self.power, True)

    def _stop_work(self) -> None:
        work, self._work = self._work, None
        if work is not None:
            work.cancel()
            self.mechanics.phase = ""


async def _post(outbox: asyncio.Queue[bytes], wire: Wire) -> None:
    while True:
        await wire.write(await outbox.get())


def _job(nvram: Nvram, kind: JobKind) -> Reply:
    job = nvram.jobs[kind]
    return {"id": job.job_id, "state": job.state.name.lower()}


def _speed(factor: object) -> float:
    if not isinstance(factor, int | float) or isinstance(factor, bool) or not 0.1 <= factor <= 100_000:
        raise ValueError("factor must be a number from 0.1 to 100000")
    return float(factor)
