"""What the diagnostics mode may touch, handed in by the composition root. No ledger rows: it never sees a citizen's data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from config.diagnostics_tables import DiagnosticsTable
from kiosk.care.counting import Counting
from kiosk.care.forecast import Usage
from kiosk.care.supervisor import Supervisor
from kiosk.diagnostics.late import LatePayments
from kiosk.diagnostics.logring import LogRing
from kiosk.diagnostics.stand_ins import StandIns
from kiosk.ledger.reconcile_desk import DayEndDesk
from kiosk.ports.bench import VirtualDevice
from kiosk.ports.clock import Clock
from kiosk.ports.devices import FaceCapturer
from kiosk.ports.panel import Knob
from kiosk.screens.base import Desk
from kiosk.screens.diagnostics import Setting


class Entrance(Protocol):
    """`kiosk.diagnostics.access.Access`."""

    @property
    def configured(self) -> bool: ...
    @property
    def asks_totp(self) -> bool: ...
    async def locked_s(self) -> int: ...
    async def enter(self, code: str, pin: str, totp: str = "") -> Any:
        """`Entered` with `code`, or `Denied` with `reason`, `left` and `locked_s`."""
        ...


class Written(Protocol):
    """A row of the audit chain, as people read it."""

    @property
    def seq(self) -> int: ...
    @property
    def at(self) -> str: ...
    @property
    def who(self) -> str: ...
    @property
    def what(self) -> str: ...
    @property
    def detail(self) -> Mapping[str, Any]: ...


class Chronicle(Protocol):
    """`kiosk.ledger.audit.Audit`."""

    async def write(self, who: str, what: str, /, **detail: Any) -> int: ...
    async def rows(self, before: int | None = None, limit: int = 50) -> Sequence[Any]: ...
    async def verify(self, anchor: str = "") -> Any: ...
    async def anchor(self) -> str: ...


class Logbook(Usage, Protocol):
    """`kiosk.ledger.logbook.Logbook`."""

    async def totals(self) -> Mapping[str, Mapping[str, int]]: ...
    async def last_checkup(self) -> Any:
        """With `result`, a readiness report; None where none was kept."""
        ...

    async def keep(self, level: int, verdict: str, result: Mapping[str, Any]) -> None: ...


@dataclass(frozen=True, slots=True)
class Tools:
    desk: Desk
    clock: Clock
    table: DiagnosticsTable
    access: Entrance
    audit: Chronicle
    logbook: Logbook
    supervisor: Supervisor
    counting: Counting
    ring: LogRing
    stand_ins: StandIns
    kiosk_id: str
    version: str
    needs: Mapping[str, tuple[str, ...]]
    """This machine's services and the devices each cannot do without."""
    titles: Mapping[str, str]
    """The services' names."""
    settings: Sequence[tuple[str, tuple[Setting, ...]]]
    """As they are in force, with their sources (`effective.groups`)."""
    virtual: Mapping[str, VirtualDevice]
    """Everything simulated from the start, by kind."""
    faces: FaceCapturer | None = None
    """Watches the camera of the overview."""
    export_folders: Mapping[str, Path] = field(default_factory=dict)
    """Besides the volumes that are mounted under /media: id and directory."""
    media: Path = Path("/media")
    simulated: bool = False
    """Anything on this machine is simulated by its settings."""
    knobs: Mapping[str, Knob] = field(default_factory=dict)
    """volume, brightness."""
    day_end: DayEndDesk | None = None
    """Orders and sums only. None: this machine takes no money."""
    late: LatePayments | None = None
    """Numbers that are masked, days and sums only."""
    must_pay: frozenset[str] = frozenset()
    """Services that are nothing without taking money."""
