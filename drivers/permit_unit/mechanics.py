"""The mechanics of a simulated permit unit: rollers, slot, shutter, bin, sensors, and where the card is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from drivers.permit_unit.codes import BinState, Event, JobKind, JobState, Position, Shutter, Trouble
from drivers.permit_unit.faults import JAMS, PHASES, POWER_IN_PHASE, REJECTIONS
from drivers.permit_unit.messages import StatusBlock
from drivers.permit_unit.nvram import LastJob, Nvram
from drivers.simulator import Fault, FaultBook
from drivers.virtual_permit import VirtualPermit

BIN_CAPACITY = 50
_BIN_HIGH = 40


MUTE_CHIPS = ("dead", "mute", "no_application")
"""Other faults of the travel document application do not trouble the writer, which has its own files and keys."""


class Failed(Exception):
    """The command is answered with this trouble."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.name)
        self.trouble = trouble


class PowerCut(Exception):
    """A fault takes the power away in this phase."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.id)
        self.fault = fault


class Mechanics:
    """One movement at a time; whoever starts one sees to that. `tell` sends an event, `changed` tells what a person could see."""

    def __init__(
        self,
        nvram: Nvram,
        faults: FaultBook,
        on_chip: Callable[[VirtualPermit | None], None],
        tell: Callable[[Event], None],
        changed: Callable[[], None],
    ) -> None:
        self.nvram = nvram
        self.speed = 1.0
        self.phase = ""
        """The phase under way; empty at rest."""
        self.entry = False
        self.shutter = Shutter.CLOSED
        self.reason = Trouble.NONE
        self.waiting: VirtualPermit | None = None
        """Pushed against the slot from outside."""
        self.hand: VirtualPermit | None = None
        """Taken last: in the person's hand."""
        self.binned: list[VirtualPermit] = []
        self._jam = ""
        self._faults = faults
        self._on_chip = on_chip
        self._tell = tell
        self._changed = changed

    # --- what the sensors say -------------------------------------------------------------------------------------

    @property
    def bin(self) -> BinState:
        if self._faults.active("BIN.MISSING"):
            return BinState.MISSING
        if self._faults.active("BIN.FULL") or self.nvram.bin_level >= BIN_CAPACITY:
            return BinState.FULL
        return BinState.HIGH if self.nvram.bin_level >= _BIN_HIGH else BinState.OK

    @property
    def position(self) -> Position:
        position = self.nvram.position
        if position is not Position.NONE and self._faults.active("SENSOR.DEAD"):
            return Position.UNKNOWN
        if position is Position.MOVING and not self.phase:
            return Position.UNKNOWN  # between two sensors, and nothing moves it
        return position

    def status(self) -> StatusBlock:
        return StatusBlock(
            self.position,
            self.shutter,
            self.bin,
            bool(self.phase),
            self.entry,
            self.waiting is not None,
            self.reason,
            self.nvram.power_ons,
            self.nvram.bin_count,
        )

    # --- power ----------------------------------------------------------------------------------------------------

    def power_off(self) -> None:
        self.phase, self.entry = "", False
        self.shutter = Shutter.OPEN if self.nvram.position is Position.MOUTH else Shutter.CLOSED
        self._changed()

    def power_on(self) -> None:
        """Find out what became of jobs that were under way, as far as it can be found out."""
        nvram = self.nvram
        nvram.power_ons += 1
        self.reason = Trouble.NONE
        written = nvram.jobs[JobKind.WRITE]
        open_job = written.state is JobState.STARTED and written.reason is Trouble.NONE
        if open_job and nvram.card is not None and nvram.card.chip not in MUTE_CHIPS:
            there = set(written.numbers) <= set(nvram.card.endorsements)
            written.state, written.reason = (
                (JobState.DONE, Trouble.NONE) if there else (JobState.NOT_DONE, Trouble.POWER)
            )
        printed = nvram.jobs[JobKind.PRINT]
        if printed.state is JobState.STARTED:
            printed.state, printed.reason = (
                (JobState.DONE, Trouble.NONE) if printed.finished else (JobState.NOT_DONE, Trouble.POWER)
            )
        nvram.save()
        self._on_chip(nvram.card if nvram.position is Position.READER else None)
        self._changed()

    # --- movements ------------------------------------------------------------------------------------------------

    def set_entry(self, on: bool) -> None:
        """Raises Failed SHUTTER. With a card inside: no effect."""
        if on and self.nvram.position in (Position.NONE, Position.MOUTH):
            self._open_shutter()
            self.entry, self.reason = True, Trouble.NONE
        elif not on:
            self.entry = False
            if self.nvram.position is Position.NONE:
                self._set_shutter(Shutter.CLOSED)
        self._changed()

    async def draw_in(self, card: VirtualPermit) -> None:
        self.waiting, self.nvram.card, self.reason = None, card, Trouble.NONE
        self._at(Position.MOVING)
        try:
            await self._pass("entering")
            rejection = next((why for fault, why in REJECTIONS.items() if self._faults.take(fault)), None)
            if rejection is None and card.wrong_way:
                rejection = Trouble.WRONG_WAY
            if rejection is not None:
                self.entry, self.reason = False, rejection
                self._at(Position.MOUTH)
                self._rest(Event.GIVEN_BACK)
                return
            await self._pass("seating")
        except Failed as failed:
            self.entry, self.reason = False, failed.trouble
            self._rest(Event.JAM)
            return
        self.entry = False
        self._set_shutter(Shutter.CLOSED)
        self._at(Position.READER)
        self._rest(Event.INSERTED)

    def pulled(self) -> None:
        """The card was pulled out again while it came in; the movement has been stopped already."""
        self.hand, self.nvram.card = self.nvram.card, None
        self.entry, self.reason = False, Trouble.PULLED_OUT
        self._at(Position.NONE)
        self._set_shutter(Shutter.CLOSED)
        self._rest(Event.GIVEN_BACK)

    def taken(self) -> None:
        self.hand, self.nvram.card = self.nvram.card, None
        self._at(Position.NONE)
        if not self.entry:
            self._set_shutter(Shutter.CLOSED)
        self._tell(Event.TAKEN)
        self._changed()

    def cleared_by_hand(self) -> None:
        """A technician opens the unit and takes the card out, jammed or not."""
        self.hand, self.nvram.card = self.nvram.card, None
        self.reason, self._jam = Trouble.NONE, ""
        self._at(Position.NONE)
        self._set_shutter(Shutter.CLOSED)
        self._tell(Event.TAKEN)
        self._changed()

    async def locate(self) -> None:
        if self._faults.active("SENSOR.DEAD"):
            raise Failed(Trouble.SENSOR)
        if self.position in (Position.UNKNOWN, Position.JAMMED):
            await self.leg("locating", Position.READER)

    async def move(self, to: Position) -> None:
        """To the reader or the writer position."""
        self.inside()
        here = self.nvram.position
        if here is to:
            return
        if to is Position.WRITER:
            await self.leg("to_writer", to)
        else:
            await self.leg("from_writer" if here is Position.WRITER else "locating", Position.READER)

    async def out(self) -> None:
        if self.nvram.card is None:
            raise Failed(Trouble.NO_CARD)
        if self.nvram.position is Position.MOUTH:
            return
        self._open_shutter()
        await self.leg("to_mouth", Position.MOUTH)

    async def keep(self) -> None:
        if self.nvram.card is None:
            raise Failed(Trouble.NO_CARD)
        if self.bin in (BinState.FULL, BinState.MISSING):
            raise Failed(Trouble.BIN_FULL if self.bin is BinState.FULL else Trouble.BIN_MISSING)
        was = self.bin
        await self.leg("to_bin", None)
        card, self.nvram.card = self.nvram.card, None
        assert card is not None
        self.binned.append(card)
        self.nvram.bin_level += 1
        self.nvram.bin_count += 1
        self._at(Position.NONE)
        self._set_shutter(Shutter.CLOSED)
        if self.bin is not was:
            self._tell(Event.BIN)

    # --- inside ---------------------------------------------------------------------------------------------------

    def inside(self) -> VirtualPermit:
        """The card within. Raises Failed where there is none, or where it cannot be handled."""
        if self.position is Position.JAMMED:
            raise Failed(self.reason if self.reason is not Trouble.NONE else Trouble.JAM_READER)
        if self.nvram.card is None or self.position is Position.MOUTH:
            raise Failed(Trouble.NO_CARD)
        if self.position is Position.UNKNOWN:
            raise Failed(Trouble.SENSOR if self._faults.active("SENSOR.DEAD") else Trouble.NOT_NOW)
        return self.nvram.card

    async def leg(self, phase: str, to: Position | None) -> None:
        """Move the card to a position (None: out of the rollers). Raises Failed for a jam or a dead motor."""
        if self._faults.take("MOTOR.STUCK"):
            raise Failed(Trouble.MOTOR)
        if self.nvram.position is Position.JAMMED and self._faults.take(self._jam):
            raise Failed(self.reason)
        self.reason, self._jam = Trouble.NONE, ""
        self._at(Position.MOVING)
        await self._pass(phase)
        if to is not None:
            self._at(to)

    async def _pass(self, phase: str) -> None:
        await self.step(phase)
        fault_id, trouble = JAMS[phase]
        fault = self._faults.active(fault_id)
        way_back = phase.startswith("from_")
        if fault is not None and (fault.args.get("on") == "back") == way_back:
            self._faults.take(fault_id)
            self.reason, self._jam = trouble, fault_id
            self._at(Position.JAMMED)
            raise Failed(trouble)

    async def step(self, phase: str) -> None:
        self.phase = phase
        self._changed()
        cut = self._faults.active("POWER.PHASE")
        if cut is not None and cut.args.get("at") == phase:
            self._faults.take("POWER.PHASE")
            raise PowerCut(cut)
        named = POWER_IN_PHASE.get(phase)
        if named is not None and (fault := self._faults.take(named)) is not None:
            raise PowerCut(fault)
        await asyncio.sleep(PHASES[phase] / self.speed)

    def _open_shutter(self) -> None:
        if self.shutter is not Shutter.OPEN and self._faults.take("SHUTTER.STUCK"):
            raise Failed(Trouble.SHUTTER)
        self._set_shutter(Shutter.OPEN)

    def _set_shutter(self, shutter: Shutter) -> None:
        if shutter is Shutter.CLOSED and self._faults.active("SHUTTER.OPEN"):
            return
        if shutter is not self.shutter:
            self.shutter = shutter
            self._tell(Event.SHUTTER)

    def _at(self, position: Position) -> None:
        was, self.nvram.position = self.nvram.position, position
        self.nvram.save()
        if (was is Position.READER) != (position is Position.READER):
            self._on_chip(self.nvram.card if position is Position.READER else None)
        self._changed()

    def _rest(self, event: Event) -> None:
        self.phase = ""
        self._tell(event)
        self._changed()

    def note_job(self, kind: JobKind, job: LastJob) -> None:
        self.nvram.jobs[kind] = job
        self.nvram.save()
