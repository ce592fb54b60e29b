"""What drivers keep for technicians: counters, listeners of their status, findings with a measured time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from kiosk.domain.errors import DeviceError
from kiosk.ports.health import COUNTERS, Finding, Verdict


class Service:
    """Counters and listeners of one driver. `tell` is called after every change of the status; it only passes on real changes."""

    def __init__(self, status: Callable[[], object]) -> None:
        self._status = status
        self._counted: Counter[str] = Counter()
        self._listeners: list[Callable[[], None]] = []
        self._told: object = None

    def count(self, name: str, by: int = 1) -> None:
        """Raises KeyError for a name that is not in the catalogue."""
        if name not in COUNTERS:
            raise KeyError(name)
        self._counted[name] += by

    def counters(self) -> Mapping[str, int]:
        return dict(self._counted)

    def listen(self, changed: Callable[[], None]) -> Callable[[], None]:
        self._listeners.append(changed)
        return lambda: self._listeners.remove(changed)

    def tell(self) -> None:
        status = self._status()
        if status == self._told:
            return
        self._told = status
        for listener in tuple(self._listeners):
            listener()


def at_most(name: str, value: float, limit: float, unit: str, detail: str = "") -> Finding:
    """A measured figure and its limit."""
    verdict = Verdict.PASSED if value <= limit else Verdict.FAILED
    return Finding(name, verdict, f"{value:g} {unit}", f"≤ {limit:g} {unit}", detail)


def part_is(name: str, value: str, good: tuple[str, ...]) -> Finding:
    """A part of the status: passed in one of its good states, unknown where the device cannot tell."""
    verdict = Verdict.PASSED if value in good else Verdict.UNKNOWN if value == "unknown" else Verdict.FAILED
    return Finding(name, verdict, value, "/".join(good))


def at_least(name: str, value: float, limit: float, unit: str, detail: str = "") -> Finding:
    """A measured figure that must not be smaller than its limit."""
    verdict = Verdict.PASSED if value >= limit else Verdict.FAILED
    return Finding(name, verdict, f"{value:g} {unit}", f"≥ {limit:g} {unit}", detail)


def failed(name: str, error: DeviceError, limit: str = "") -> Finding:
    """What could not be checked because the device did not do it."""
    return Finding(name, Verdict.FAILED, error.native or error.kind.value, limit, error.hint)


def skipped(name: str, detail: str) -> Finding:
    return Finding(name, Verdict.SKIPPED, detail=detail)


def answered(name: str, answer: bool | None) -> Finding:
    """What a person has seen: yes, no, or nobody answered."""
    if answer is None:
        return Finding(name, Verdict.UNKNOWN, limit="yes", detail="Nobody answered.")
    return Finding(name, Verdict.PASSED if answer else Verdict.FAILED, "yes" if answer else "no", "yes")
