"""A knob of a machine that is simulated: it turns nothing but itself."""

from __future__ import annotations


class SimulatedKnob:
    """Implements `kiosk.ports.panel.Knob`."""

    simulated = True

    def __init__(self, percent: int) -> None:
        self.percent = percent

    async def level(self) -> int:
        return self.percent

    async def turn(self, percent: int) -> int:
        self.percent = max(0, min(100, percent))
        return self.percent
