"""The faults a simulator can play, and when they happen: armed by id, with a life (config/scenario_faults.py).

A simulator asks at each place where a fault could show: `take` where it happens (a frame is sent, a knife falls), `active`
where it is a condition that is only looked at (the paper is out). Each such question is one *chance*: it is what `after_calls`
passes over and what `probability` is thrown for. A condition with a probability therefore flickers, as a bouncing sensor does.
`active` that said yes and a `take` right after it are one chance.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from config.scenario_faults import ONCE, Life, is_number, read_life

LINE_FAULTS: Mapping[str, str] = {
    "LINE.MUTE": "the answer is swallowed",
    "LINE.LATE": "the answer comes `seconds` (2.0) late, when the driver may have asked the next thing",
    "LINE.DRIP": "the answer comes in pieces of `size` (1) bytes, `pause` (0.002) seconds apart",
    "LINE.STALL": "the answer stops in the middle for `seconds` (0.2), then goes on",
    "LINE.TRUNCATE": "only the first `keep` bytes (half) of the answer come",
    "LINE.FLIP": "one bit of the byte `at` (the middle) of the answer is turned",
    "LINE.NOISE_BEFORE": "a few wrong bytes come before the answer",
    "LINE.NOISE_AFTER": "a few wrong bytes come after the answer",
    "LINE.LOST_FIRST": "the first byte of the answer is lost",
    "LINE.DOUBLE": "the answer comes twice",
    "LINE.JOIN": "the answer is held back and comes joined to the next one",
    "LINE.GARBLE": "the answer is nonsense of the same length, as at a wrong baud rate",
    "LINE.HANGUP": "the line is cut instead of an answer",
    "LINE.HANGUP_MID": "the line is cut after half of the answer",
    "LINE.CUT": "the line is cut at the next byte, whichever way it goes; with after_bytes exactly behind that byte",
    "LINE.UNPLUG": "as LINE.CUT, and the device is away for `seconds` (1.0; null: until plugged in), on a pty under a new name then",
    "LINE.FLAP": "the plug is loose: out and in again, `period` (3.0) seconds each, `count` times or until cleared",
    "LINE.BLOCK": "the device takes no more bytes (flow control) until the fault is cleared",
    "LINE.REFUSE": "the next attempt to connect fails (not on a pty, which cannot refuse: unplug it)",
    "LINE.PERMISSION": "the next attempt to connect is forbidden (in-process line; elsewhere like LINE.REFUSE)",
    "LINE.BUSY": "the next attempt to connect finds the port taken (in-process line; elsewhere like LINE.REFUSE)",
}
"""Faults of the line itself, common to all devices. They strike one answer each: one `Wire.write` of the simulator."""

_MEASURES = frozenset({"seconds", "pause", "size", "keep", "period", "bytes", "delay", "after", "baud", "lines"})
"""Own arguments of faults that are numbers from 0; `at` is a place on a line and a phase elsewhere."""
_NAMED = re.compile(r"`([a-z_]+)`")
_SEEDS = random.SystemRandom()


@dataclass(frozen=True, slots=True)
class Fault:
    """One armed fault. `left` None means until cleared."""

    id: str
    left: int | None
    args: Mapping[str, Any] = field(default_factory=dict)

    def number(self, name: str, default: float) -> float:
        """A numeric argument of the command. Raises ValueError when it is not a number."""
        return float(self.args.get(name, default))


class _Armed:
    """A fault and what is left of its life."""

    def __init__(self, fault: Fault, life: Life) -> None:
        self.fault = fault
        self.life = life
        self.calls_to_go = life.after_calls
        self.bytes_to_go = life.after_bytes
        self.seed = life.seed
        self.dice: random.Random | None = None
        if life.probability < 1:
            self.seed = _SEEDS.randrange(2**31) if life.seed is None else life.seed
            self.dice = random.Random(self.seed)
        self.timer: asyncio.TimerHandle | None = None
        self.hit = False
        """`active` has said yes: a `take` that follows is the same chance."""

    def chance(self) -> bool:
        if self.bytes_to_go:
            return False
        if self.calls_to_go:
            self.calls_to_go -= 1
            return False
        return self.dice is None or self.dice.random() < self.life.probability

    @property
    def awake(self) -> bool:
        return not (self.bytes_to_go or self.calls_to_go)

    def told(self) -> dict[str, Any]:
        told: dict[str, Any] = {"count": self.fault.left}
        if self.life.after_calls:
            told["calls_to_go"] = self.calls_to_go
        if self.life.after_bytes:
            told["bytes_to_go"] = self.bytes_to_go
        if self.dice is not None:
            told |= {"probability": self.life.probability, "seed": self.seed}
        if self.life.seconds is not None:
            left = self.life.seconds if self.timer is None else self.timer.when() - asyncio.get_running_loop().time()
            told["seconds_left"] = round(max(left, 0.0), 2)
        return told


class FaultBook:
    """Armed faults by id. `take` uses one up, `active` only looks."""

    def __init__(self, known: Mapping[str, str], expired: Callable[[str], None] | None = None) -> None:
        """`expired` is called when a fault's time is over, and clears it; without it the book clears it by itself."""
        self.known: Mapping[str, str] = dict(known)
        self._expired = expired or self.clear
        self._armed: dict[str, _Armed] = {}
        self._waiters: set[asyncio.Future[None]] = set()

    def own(self, fault_id: str) -> frozenset[str]:
        """The names of a fault's own arguments: those its sentence has in `backticks`, less the words of lives."""
        return frozenset(_NAMED.findall(self.known.get(fault_id, ""))) - {"count", "state", "take"}

    def command(self, command: Mapping[str, Any]) -> None:
        """Arm what {"do": "fault", …} tells. Raises ValueError with a sentence for what makes no sense."""
        fault_id = str(command.get("id", ""))
        self._check(fault_id)
        own = self.own(fault_id)
        life, args = read_life({k: v for k, v in command.items() if k not in ("do", "id")}, own)
        for name, value in args.items():
            if name not in own:
                takes = ", ".join((*sorted(own), "count, after_calls, after_bytes, probability, seed, for_seconds"))
                raise ValueError(f"{fault_id} takes no {name}; it takes {takes}.")
            number = is_number(value) and value >= 0
            if (
                (name in _MEASURES or fault_id.startswith("LINE."))
                and not number
                and not (name == "seconds" and value is None)
            ):
                raise ValueError(f"{name} of {fault_id} must be a number from 0.")
        self.arm(fault_id, life.count, args, life)

    def arm(
        self, fault_id: str, count: int | None = 1, args: Mapping[str, Any] | None = None, life: Life = ONCE
    ) -> None:
        """Let the fault happen `count` times (None: until cleared), as `life` says besides.

        Raises ValueError for an unknown id or count < 1."""
        self._check(fault_id)
        if count is not None and count < 1:
            raise ValueError(f"count of {fault_id} must be 1 or more, or null for 'until cleared'")
        self._forget(fault_id)
        armed = self._armed[fault_id] = _Armed(Fault(fault_id, count, dict(args or {})), life)
        if armed.awake:
            self._begin(armed)
        self._wake()

    def take(self, fault_id: str) -> Fault | None:
        """The fault if it is to happen now; counts down."""
        armed = self._look(fault_id, taking=True)
        if armed is None:
            return None
        fault = armed.fault
        if fault.left is None:
            return fault
        if fault.left == 1:
            self._forget(fault_id)
        else:
            armed.fault = replace(fault, left=fault.left - 1)
        self._wake()
        return fault

    def active(self, fault_id: str) -> Fault | None:
        if fault_id not in self._armed:  # devices look often
            return None
        armed = self._look(fault_id, taking=False)
        return None if armed is None else armed.fault

    def peek(self, fault_id: str) -> Fault | None:
        """The fault if it may still happen, now or later; no chance is used up."""
        armed = self._armed.get(fault_id)
        return None if armed is None else armed.fault

    def passed(self, count: int) -> None:
        """So many bytes have crossed the line; some faults wait for that."""
        for armed in tuple(self._armed.values()):
            if armed.bytes_to_go:
                armed.bytes_to_go = max(armed.bytes_to_go - count, 0)
                if not armed.bytes_to_go:
                    self._begin(armed)

    def bytes_to_go(self, fault_id: str) -> int | None:
        """How many bytes may still cross the line before the fault wakes up; None when it is not armed."""
        armed = self._armed.get(fault_id)
        return None if armed is None else armed.bytes_to_go

    def clear(self, fault_id: str | None = None) -> None:
        """Disarm one fault, or all."""
        for name in tuple(self._armed) if fault_id is None else (fault_id,):
            self._forget(name)
        self._wake()

    async def wait_cleared(self, fault_id: str) -> None:
        while fault_id in self._armed:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiters.add(waiter)
            try:
                await waiter
            finally:
                self._waiters.discard(waiter)

    def as_reply(self) -> dict[str, int | None]:
        """Armed fault ids and how often each is still to happen, for `state`."""
        return {name: armed.fault.left for name, armed in self._armed.items()}

    def lives(self) -> dict[str, dict[str, Any]]:
        """What is left of each armed fault's life, the seed of its dice told, for `state`."""
        return {name: armed.told() for name, armed in self._armed.items()}

    def _check(self, fault_id: str) -> None:
        if fault_id not in self.known:
            raise ValueError(f"unknown fault {fault_id!r}; known are {', '.join(sorted(self.known))}")

    def _look(self, fault_id: str, *, taking: bool) -> _Armed | None:
        armed = self._armed.get(fault_id)
        if armed is None:
            return None
        slept = not armed.awake
        hit = (taking and armed.hit) or armed.chance()
        armed.hit = hit and not taking
        if slept and armed.awake:
            self._begin(armed)
        return armed if hit else None

    def _begin(self, armed: _Armed) -> None:
        """Its time runs from here."""
        if armed.life.seconds is not None and armed.timer is None:
            loop = asyncio.get_running_loop()
            armed.timer = loop.call_later(armed.life.seconds, self._over, armed)

    def _over(self, armed: _Armed) -> None:
        if self._armed.get(armed.fault.id) is armed:
            self._expired(armed.fault.id)

    def _forget(self, fault_id: str) -> None:
        armed = self._armed.pop(fault_id, None)
        if armed is not None and armed.timer is not None:
            armed.timer.cancel()

    def _wake(self) -> None:
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)
