"""The handle on the simulated platform: the commands of the bench, of scenario files and of tests.

    {"do": "fault", "id": "apply.drop_after"}                    once; "count": 3 three times, null until cleared;
                                                                 "after": 2 lets two calls pass; "seconds": 0.5 its measure
    {"do": "clear"}  {"do": "clear", "id": "apply.drop_after"}   disarm all faults, or one
    {"do": "reset"}                                              forget all applications, disarm
    {"do": "lapse"}                                              cancel what was applied for and never paid, as at night
    {"do": "scenario", "name": "endorse_happy_hk"}               add that scenario's permit and arm its faults
    {"do": "state"}  {"do": "ledger"}  {"do": "faults"}          look

Operations are the contract's operationIds; "any" stands for each of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from config.scenarios import Scenario, ScenarioError, load_scenario
from kiosk.gateways.exit_entry.sim_world import World
from kiosk.gateways.sim_faults import KINDS, Fault, FaultPlan, read_fault


class SimulatedControl:
    """A `VirtualDevice` (kiosk.ports.bench) whose wire is HTTP."""

    kind: str

    def __init__(self, world: World, faults: FaultPlan) -> None:
        self.world = world
        self.faults = faults
        self._listeners: list[Callable[[], None]] = []

    def add(self, scenario: Scenario, with_faults: bool = True) -> None:
        """Let the scenario's permit exist; a scenario added again replaces itself, its applications stay.

        Raises ValueError for an unknown operation or kind of fault, or a permit that another scenario has.
        """
        self.world.add(scenario)
        for fault in scenario.exit_entry.faults if with_faults else ():
            # 0 is "until cleared".
            self.faults.arm(Fault(fault.operation, fault.kind, fault.count or None, fault.after, fault.seconds))
        self.changed()

    def listen(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call `callback` after every change; returns a function that stops it."""
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback)

    def changed(self) -> None:
        for callback in tuple(self._listeners):
            callback()

    def ledger(self) -> dict[str, Any]:
        return self.world.books.as_dict()

    def state(self) -> dict[str, Any]:
        entries = self.world.books.applications.values()
        return {
            "kind": self.kind,
            "scenarios": list(self.world.scenarios),
            "faults": self.faults.as_dict(),
            "applications": len(entries),
            "states": dict(Counter(entry.state for entry in entries)),
        }

    def control(self, command: Mapping[str, Any]) -> dict[str, Any]:
        """Carry out one command. Raises ValueError with a sentence when it makes no sense."""
        match command.get("do"):
            case "fault":
                self.faults.arm(read_fault(command))
            case "clear":
                named = command.get("id")
                self.faults.clear(None if named is None else str(named))
            case "reset":
                self.world.books.clear()
                self.faults.clear()
            case "lapse":
                for entry in tuple(self.world.books.applications.values()):
                    if entry.state == "accepted":
                        self.world.cancel(entry.number, "lapsed")
            case "scenario":
                try:
                    self.add(load_scenario(str(command.get("name", "")), self.world.today()))
                except ScenarioError as error:
                    raise ValueError(str(error)) from None
            case "state":
                return {"ok": True, **self.state()}
            case "ledger":
                return {"ok": True, **self.ledger()}
            case "faults":
                known = {name: sentence for name, (_, sentence) in KINDS.items()}
                return {"ok": True, "operations": list(self.faults.operations), "faults": known}
            case other:
                verbs = "fault, clear, reset, lapse, scenario, state, ledger, faults"
                raise ValueError(f"unknown command {other!r}; known are {verbs}")
        self.changed()
        return {"ok": True, "faults": self.faults.as_dict()}
