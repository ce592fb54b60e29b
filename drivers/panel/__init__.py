"""Loudness and brightness of this machine. Importing this package loads nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kiosk.ports.panel import Knob


def knobs(*, simulated: bool) -> dict[str, Knob]:
    """`volume` and `brightness`. What cannot be turned says so when it is asked."""
    if simulated:
        from drivers.panel.simulated import SimulatedKnob

        return {"volume": SimulatedKnob(60), "brightness": SimulatedKnob(80)}
    from drivers.panel.backlight import Backlight
    from drivers.panel.volume import Volume

    return {"volume": Volume(), "brightness": Backlight()}
