"""How long a fault of a simulator lives. The same words in scenario files, on a control socket and in the fault matrix.

    count = 2            happens the next two times; null (in a scenario file "always"): until cleared
    after_calls = 3      the first three times nothing happens
    after_bytes = 120    only once so many bytes have crossed the line, whichever way they went
    probability = 0.3    each time only with this chance; the dice begin with `seed`, so that a run can be had again
    seconds = 5          over after so many seconds; counted from when it wakes up, where it is told to wait for calls or bytes

All of them go together except the two that say when it wakes up. Without `count` a fault happens once, and until cleared
where a chance or a time is told. Some faults have a measure of their own called `seconds` (an answer that comes so much
late): for these the time is `for_seconds`, which every fault understands.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

ALWAYS: Final = "always"
"""`count` in files that have no null."""
_MOST_CALLS, _MOST_BYTES, _MOST_SECONDS, _MOST_SEED = 1_000_000, 1_000_000_000, 86_400.0, 2**31 - 1
_LIFE = ("count", "after_calls", "after_bytes", "probability", "seed", "for_seconds")


@dataclass(frozen=True, slots=True)
class Life:
    """When and how often one fault happens. `count` None: until cleared; `seconds` None: as long as it takes."""

    count: int | None = 1
    after_calls: int = 0
    after_bytes: int = 0
    probability: float = 1.0
    seed: int | None = None
    """None: the dice are thrown anew in every run, and what they began with is told by `state`."""
    seconds: float | None = None


ONCE: Final = Life()


def read_life(told: Mapping[str, Any], own: Collection[str] = ()) -> tuple[Life, dict[str, Any]]:
    """The life told with a fault, and what is left: the fault's own measures. `own` are their names.

    Raises ValueError, one sentence, for what cannot be.
    """
    values = dict(told)
    if "seconds" in values and "seconds" not in own:
        if "for_seconds" in values:
            raise ValueError("seconds and for_seconds are the same for this fault: tell one of them.")
        values["for_seconds"] = values.pop("seconds")
    life = {name: values.pop(name) for name in _LIFE if name in values}
    if life.get("after_calls") and life.get("after_bytes"):
        raise ValueError("after_calls and after_bytes both say when the fault wakes up: tell one of them.")
    if "seed" in life and "probability" not in life:
        raise ValueError("seed belongs to a probability, and none is told.")
    lasting = "probability" in life or "for_seconds" in life
    seed = life.get("seed")
    return Life(
        count=_count(life["count"]) if "count" in life else None if lasting else 1,
        after_calls=_whole("after_calls", life.get("after_calls", 0), _MOST_CALLS),
        after_bytes=_whole("after_bytes", life.get("after_bytes", 0), _MOST_BYTES),
        probability=_chance(life.get("probability", 1.0)),
        seed=None if seed is None else _whole("seed", seed, _MOST_SEED),
        seconds=_seconds(life["for_seconds"]) if "for_seconds" in life else None,
    ), values


def _count(value: object) -> int | None:
    if value is None or value == ALWAYS:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= _MOST_CALLS:
        raise ValueError(f"count must be a whole number from 1 to {_MOST_CALLS}, or null for 'until cleared'.")
    return value


def _whole(name: str, value: object, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise ValueError(f"{name} must be a whole number from 0 to {most}.")
    return value


def _chance(value: object) -> float:
    if not is_number(value) or not 0 < float(value) <= 1:  # type: ignore[arg-type]
        raise ValueError("probability must be a number above 0 and at most 1.")
    return float(value)  # type: ignore[arg-type]


def _seconds(value: object) -> float | None:
    if value is None:
        return None
    if not is_number(value) or not 0 < float(value) <= _MOST_SECONDS:  # type: ignore[arg-type]
        raise ValueError(f"the seconds a fault lives must be a number above 0 and at most {_MOST_SECONDS:g}.")
    return float(value)  # type: ignore[arg-type]


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
