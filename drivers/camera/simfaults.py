"""What may go wrong with the simulated camera, and when. The kiosk's side arms, the worker's side plays; JSON goes between them.

A fault lasts until it is cleared, or `seconds`. Of the other words of a fault's life (config/scenario_faults.py) `after_calls` and
`probability` with `seed` count frames; `count` is for what strikes single things: workers (crash, hang) and frames (corrupt).
"""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from config.scenario_faults import is_number, read_life

FAULTS: Mapping[str, str] = {
    "CAM.STALL": "open, but no frames come",
    "CAM.FROZEN": "the same frame for ever",
    "CAM.COVERED": "the lens is covered",
    "CAM.UNPLUG": "unplugged; clear plugs it in again",
    "CAM.FLAP": "the plug is loose: out and in again, `period` (3.0) seconds each",
    "CAM.BUSY": "in use by another program (seen when it is opened)",
    "CAM.PERMISSION": "opening it is forbidden (seen when it is opened)",
    "CAM.CRASH": "the capture worker dies",
    "CAM.HANG": "the capture worker never answers again",
    "CAM.CORRUPT": "the frame's JPEG is damaged: its lower part is nonsense",
    "CAM.FORMAT": "an old format whatever is asked for: 640×480, 5 frames a second (seen when it is opened)",
    "CAM.LATE": "frames come `delay` (1.0) seconds after they were taken",
    "CAM.OVEREXPOSED": "the exposure is far too long: nearly everything is white",
    "CAM.UPSIDE_DOWN": "the camera is mounted upside down",
    "CAM.PHOTO": "a printed photo is held before the lens instead of a face: it never blinks",
}
WORKERS = frozenset({"CAM.CRASH", "CAM.HANG"})
"""Over with the worker they hit; `count` n hits the next n workers, null each one until cleared."""
FRAMES = frozenset({"CAM.CORRUPT"})
"""`count` n spoils the next n frames; without it until cleared."""
_OWN = {"CAM.FLAP": "period", "CAM.LATE": "delay"}
_LONGEST = 60.0


@dataclass(frozen=True, slots=True)
class Armed:
    """One armed fault as both sides know it. Times are monotonic seconds, the same for all processes of a machine."""

    number: int
    """Of this arming: the same fault armed again starts over."""
    since: float
    until: float | None = None
    count: int | None = None
    after: int = 0
    chance: float = 1.0
    seed: int = 0
    measure: float | None = None
    """The fault's own figure: `period`, `delay`."""

    def lasts(self, now: float) -> bool:
        return self.until is None or now < self.until


def arm(command: Mapping[str, Any], number: int) -> tuple[str, Armed]:
    """From {"do": "fault", "id": …}. Raises ValueError with a sentence for what cannot be."""
    name = command.get("id")
    if not isinstance(name, str) or name not in FAULTS:
        raise ValueError(f"no camera fault {name!r}; known: {', '.join(FAULTS)}")
    own = _OWN.get(name, "")
    life, left = read_life({key: value for key, value in command.items() if key not in ("do", "id")}, [own])
    measure = left.pop(own, None)
    if left:
        raise ValueError(f"{name} takes no {', '.join(sorted(left))}")
    if measure is not None and not (is_number(measure) and 0 < measure <= _LONGEST):
        raise ValueError(f"{own} is a number above 0 and at most {_LONGEST:g}")
    if life.after_bytes:
        raise ValueError("a camera counts frames, not bytes: tell after_calls")
    count = life.count if "count" in command else 1 if name in WORKERS else None
    now = time.monotonic()
    return name, Armed(
        number,
        now,
        until=None if life.seconds is None else now + life.seconds,
        count=count,
        after=life.after_calls,
        chance=life.probability,
        seed=random.randrange(2**31) if life.seed is None else life.seed,
        measure=measure,
    )


def out_of_plug(armed: Mapping[str, Armed], now: float) -> bool:
    """Whether the camera is unplugged at this moment."""
    pulled, loose = armed.get("CAM.UNPLUG"), armed.get("CAM.FLAP")
    return (pulled is not None and pulled.lasts(now)) or (
        loose is not None and loose.lasts(now) and _is_out(loose, now)
    )


def next_change(armed: Mapping[str, Armed], now: float) -> float | None:
    """When the plug moves by itself the next time, at the earliest; None: never."""
    times = [one.until for one in (armed.get("CAM.UNPLUG"), armed.get("CAM.FLAP")) if one is not None and one.until]
    if (loose := armed.get("CAM.FLAP")) is not None:
        period = loose.measure or 3.0
        times.append(loose.since + ((now - loose.since) // period + 1) * period)
    return min(times, default=None)


def _is_out(loose: Armed, now: float) -> bool:
    return (now - loose.since) // (loose.measure or 3.0) % 2 == 0


def dump(armed: Mapping[str, Armed]) -> dict[str, dict[str, Any]]:
    return {name: asdict(one) for name, one in armed.items()}


def load(faults: Mapping[str, Mapping[str, Any]]) -> dict[str, Armed]:
    return {name: Armed(**one) for name, one in faults.items()}


class Player:
    """The worker's side: which faults strike this frame."""

    def __init__(self) -> None:
        self._begun: dict[str, Armed] = {}
        self._dice: dict[str, random.Random] = {}

    def now(self, armed: Mapping[str, Armed]) -> dict[str, Armed]:
        """Those that are there at this moment, no chance used up: for opening, and for the plug."""
        now = time.monotonic()
        here = {name: one for name, one in armed.items() if name != "CAM.FLAP" and one.lasts(now)}
        if out_of_plug(armed, now):
            here["CAM.UNPLUG"] = armed.get("CAM.UNPLUG") or armed["CAM.FLAP"]
        return here

    def strike(self, armed: Mapping[str, Armed]) -> dict[str, Armed]:
        """Those that strike the next frame."""
        return {name: one for name, one in self.now(armed).items() if self._chance(name, one)}

    def _chance(self, name: str, one: Armed) -> bool:
        left = self._begun.get(name)
        if left is None or left.number != one.number:
            left, self._dice[name] = one, random.Random(one.seed)
        if left.after:
            self._begun[name] = replace(left, after=left.after - 1)
            return False
        self._begun[name] = left
        if left.chance < 1 and self._dice[name].random() >= left.chance:
            return False
        if name in FRAMES and left.count is not None:
            if left.count < 1:
                return False
            self._begun[name] = replace(left, count=left.count - 1)
        return True
