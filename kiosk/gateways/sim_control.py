"""A simulated platform: its server, and the handle on it. The commands of the bench, of scenario files and of tests.

    {"do": "fault", "id": "decide.drop_after"}                   once; "count": 3 three times, null until cleared;
                                                                 "after": 2 lets two calls pass; "seconds": 0.5 its measure
    {"do": "clear"}  {"do": "clear", "id": "decide.drop_after"}  disarm all faults, or one
    {"do": "reset"}                                              forget everything that requests changed, disarm
    {"do": "scenario", "name": "posting_down"}                   add that scenario's people and arm its faults
    {"do": "state"}  {"do": "ledger"}  {"do": "faults"}          look

and a platform's own verbs. Operations are the contract's operationIds; "any" stands for each of them.
"""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from config.scenarios import PlatformFault, Scenario, ScenarioError, load_scenario
from kiosk.gateways.sim_faults import KINDS, Fault, FaultPlan, read_fault
from kiosk.gateways.sim_server import Row, application, bearer_fits, json_answer

VERSION = "simulated 1"


class Books(Protocol):
    def clear(self) -> None: ...

    def as_dict(self) -> dict[str, Any]: ...


class World(Protocol):
    @property
    def books(self) -> Books: ...

    @property
    def scenarios(self) -> tuple[str, ...]: ...

    def add(self, scenario: Scenario) -> None: ...

    def now(self) -> dt.datetime: ...

    def today(self) -> dt.date: ...


W = TypeVar("W", bound=World)


class PlatformControl(ABC, Generic[W]):
    """A `VirtualDevice` (kiosk.ports.bench) whose wire is HTTP: the server is `app`, an ASGI application.

    `rows` are the operations of its contract; a health row may be answered by `_health`. `device_key`: the bearer key it asks
    for, empty takes any. Of several scenarios the first one's faults are armed.
    """

    kind: str

    def __init__(
        self, world: W, rows: Sequence[Row], *, device_key: str = "", scenarios: Iterable[Scenario] = ()
    ) -> None:
        self.world = world
        self.faults = FaultPlan(tuple(name for _, _, name, _ in rows))
        self.app = application(self, rows)
        self._key = device_key
        self._verbs: dict[str, Callable[[], None]] = {"reset": self._reset}
        """What takes no arguments. A platform may add its own."""
        self._listeners: list[Callable[[], None]] = []
        for number, scenario in enumerate(scenarios):
            self.add(scenario, with_faults=number == 0)

    @abstractmethod
    def planned(self, scenario: Scenario) -> Iterable[PlatformFault]:
        """The faults that a scenario plans for this platform."""

    @abstractmethod
    def counts(self) -> Mapping[str, Any]:
        """What the books hold, in numbers, for `state`."""

    def authorised(self, request: Request) -> bool:
        return bearer_fits(request, self._key)

    def add(self, scenario: Scenario, with_faults: bool = True) -> None:
        """Let the scenario's people and things exist; a scenario added again replaces itself, what was done stays.

        Raises ValueError for an unknown operation or kind of fault, or for what another scenario has.
        """
        self.world.add(scenario)
        for fault in self.planned(scenario) if with_faults else ():
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
        armed = self.faults.as_dict()
        return {"kind": self.kind, "scenarios": list(self.world.scenarios), "faults": armed, **self.counts()}

    def control(self, command: Mapping[str, Any]) -> dict[str, Any]:
        """Carry out one command. Raises ValueError with a sentence when it makes no sense."""
        match command.get("do"):
            case "fault":
                self.faults.arm(read_fault(command))
            case "clear":
                named = command.get("id")
                self.faults.clear(None if named is None else str(named))
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
            case str(verb) if verb in self._verbs:
                self._verbs[verb]()
            case other:
                verbs = ", ".join(("fault", "clear", *self._verbs, "scenario", "state", "ledger", "faults"))
                raise ValueError(f"unknown command {other!r}; known are {verbs}")
        self.changed()
        return {"ok": True, "faults": self.faults.as_dict()}

    async def _health(self, request: Request) -> Response:
        return json_answer({"status": "ok", "version": VERSION, "time": self.world.now()})

    def _reset(self) -> None:
        self.world.books.clear()
        self.faults.clear()
