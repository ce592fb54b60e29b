"""The bench window beside a kiosk: who can come, what they hold, and how their scenarios are set up on the virtual hardware."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from config.scenarios import Scenario
from kiosk.ports.bench import VirtualDevice

if TYPE_CHECKING:
    from ui.bench.window import BenchWindow


def open_bench(virtual: Mapping[str, VirtualDevice], scenarios: Sequence[Scenario]) -> BenchWindow:
    """The window, shown. Whoever opens it closes it."""
    from ui.bench.window import BenchWindow

    people = [(scenario.name, scenario.title, scenario.person.face_seed) for scenario in scenarios]
    scripts = {scenario.name: script_of(scenario) for scenario in scenarios}
    permits = {each.name: each.permit.card(each.person) for each in scenarios if each.permit is not None}
    window = BenchWindow(virtual, people, scripts, permits=permits)
    window.show()
    return window


def script_of(scenario: Scenario) -> list[tuple[str, Mapping[str, Any]]]:
    """Commands, by device, that set the stage for this citizen. What an earlier one left behind on the platforms is cleared."""
    platform = "exit_entry_platform" if scenario.service == "endorsement" else "police_platform"
    return [
        ("wallet", {"do": "script", **scenario.wallet}),
        ("police_platform", {"do": "clear"}),
        ("exit_entry_platform", {"do": "clear"}),
        (platform, {"do": "scenario", "name": scenario.name}),
        # What a later phase foresees is left to the person at the bench.
        *((planned.device, planned.command) for planned in scenario.devices if planned.at == "start"),
    ]
