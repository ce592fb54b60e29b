"""What every figure hands back: rows of a measured value, its bar, and a peer measured in the same run."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `value` is a median, percentile, ratio or share, as `what` and `stat` say; never a single time.

    Without a `bar` the row is there for comparison only.
    """

    figure: str
    what: str
    value: float
    unit: str
    stat: str
    bar: float | None = None
    sense: Literal["<=", ">=", "<"] = "<="
    peer: str = ""
    """The peer of the same run, in words with its own value."""
    ratio: float | None = None
    """Value over the peer's value."""
    note: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def met(self) -> bool | None:
        if self.bar is None:
            return None
        return {"<=": self.value <= self.bar, "<": self.value < self.bar, ">=": self.value >= self.bar}[self.sense]

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "data": dict(self.data), "met": self.met}


@dataclass(frozen=True, slots=True)
class Effort:
    """How much to measure: `of(30, 8)` is 30 repetitions, or 8 with --quick."""

    quick: bool
    journeys: int | None = None
    """For the soak: how many, where the caller says so."""

    def of(self, full: int, quick: int) -> int:
        return quick if self.quick else full


def progress(text: str) -> None:
    print(f"  … {text}", file=sys.stderr, flush=True)


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least `percent` of all values do not exceed (nearest rank, no interpolation)."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100).__int__() - 1)]


def interleave(times: int, **sides: Callable[[], float]) -> dict[str, list[float]]:
    """A B A B …, the order turned each round, so that what else the machine does falls on both alike."""
    found: dict[str, list[float]] = {name: [] for name in sides}
    for turn in range(times):
        for name in list(sides) if turn % 2 == 0 else list(reversed(sides)):
            found[name].append(sides[name]())
    return found


def paired(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Median of the ratios of neighbours: steadier on a noisy machine than the ratio of two medians."""
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))


def spread(values: Sequence[float]) -> dict[str, float]:
    return {
        "n": len(values),
        "min": min(values),
        "median": median(values),
        "p90": percentile(values, 90),
        "p99": percentile(values, 99),
        "max": max(values),
    }
