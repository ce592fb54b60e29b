"""How lights burn: what is wanted of each, when it changes next, and what was written."""

from __future__ import annotations

from collections.abc import Mapping

from config.io_board import Output
from kiosk.ports.controls import Flash

PERIOD: Mapping[Flash, float] = {Flash.SLOW: 2.0, Flash.MEDIUM: 1.0, Flash.QUICK: 0.5}
"""Seconds from one flash to the next, lit for the first half. XFS4IoT names the rates and gives no figures; more than three flashes a
second may cause seizures (WCAG 2.2, success criterion 2.3.1), so the quickest are two."""
_DOUBTS = 2
"""As often in a row an output must be found otherwise than it was written before it counts as stuck."""


class Lamps:
    """All that flash do so together: they follow one clock."""

    def __init__(self, outputs: Mapping[str, Output]) -> None:
        self.outputs = outputs
        self._wanted: dict[str, Flash] = dict.fromkeys(outputs, Flash.OFF)
        self._written: dict[str, bool] = {}
        self._doubts: dict[str, int] = {}

    @property
    def stuck(self) -> tuple[str, ...]:
        """Lights whose output is not as it was set, though it was set again."""
        return tuple(name for name, doubts in sorted(self._doubts.items()) if doubts >= _DOUBTS)

    @property
    def checked(self) -> bool:
        """Whether the outputs were read back since they are known."""
        return bool(self._doubts)

    def want(self, name: str, how: Flash) -> None:
        """Raises KeyError."""
        self._wanted[name]
        self._wanted[name] = how

    def wanted(self, name: str) -> Flash:
        return self._wanted[name]

    def all_off(self) -> None:
        self._wanted = dict.fromkeys(self.outputs, Flash.OFF)

    def forget(self) -> None:
        """Nothing is known of the outputs: the board is new, or has lost its power."""
        self._written.clear()
        self._doubts.clear()

    def due(self, now: float) -> dict[int, bool]:
        """Coils that must be written now, by number."""
        found = {}
        for name, output in self.outputs.items():
            level = _lit(self._wanted[name], now) is not output.inverted
            if self._written.get(name) is not level:
                found[output.at] = level
        return found

    def wrote(self, coils: Mapping[int, bool]) -> None:
        for name, output in self.outputs.items():
            if output.at in coils:
                self._written[name] = coils[output.at]

    def seen(self, coils: Mapping[int, bool]) -> None:
        """The outputs were read back: what differs is written again, and stuck when that does not help."""
        for name, output in self.outputs.items():
            if output.at not in coils or name not in self._written:
                continue
            if coils[output.at] is self._written[name]:
                self._doubts[name] = 0
            else:
                self._doubts[name] = self._doubts.get(name, 0) + 1
                del self._written[name]

    def next_change(self, now: float) -> float | None:
        """When a flashing light changes next (loop's time); None: none flashes."""
        halves = [PERIOD[how] / 2 for how in self._wanted.values() if how in PERIOD]
        return min(((now // half) + 1) * half for half in halves) if halves else None


def _lit(how: Flash, now: float) -> bool:
    period = PERIOD.get(how)
    return how is Flash.CONTINUOUS if period is None else now % period < period / 2
