"""What the diagnostics mode is put together from: the audit chain, the logbook, who may come in, simulators in a device's place."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from config.settings import Settings
from kiosk import VERSION
from kiosk.cabinet import Devices, stand_in_for
from kiosk.care.counting import Counting
from kiosk.care.supervisor import Supervisor
from kiosk.diagnostics.access import Access
from kiosk.diagnostics.effective import groups
from kiosk.diagnostics.late import LatePayments
from kiosk.diagnostics.logring import LogRing
from kiosk.diagnostics.reviews import review_groups, review_summary
from kiosk.diagnostics.session import diagnostics
from kiosk.diagnostics.stand_ins import StandIn, StandIns
from kiosk.diagnostics.tools import Tools
from kiosk.domain.calendar import work_calendar
from kiosk.journeys.services import SERVICES
from kiosk.ledger.audit import MACHINE, Audit
from kiosk.ledger.audit_head import head_file
from kiosk.ledger.logbook import Logbook
from kiosk.ports.bench import VirtualDevice
from kiosk.ports.clock import Clock
from kiosk.ports.panel import Knob
from kiosk.screens.base import Desk

if TYPE_CHECKING:
    from config.diagnostics_tables import DiagnosticsTable
    from config.tables import Tables
    from kiosk.ledger.reconcile_desk import DayEndDesk
    from kiosk.ledger.store import Store

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Technicians:
    settings: Settings
    tables: Tables
    table: DiagnosticsTable
    clock: Clock
    access: Access
    audit: Audit
    logbook: Logbook
    counting: Counting
    supervisor: Supervisor
    stand_ins: StandIns
    devices: Devices
    virtual: Mapping[str, VirtualDevice]
    ring: LogRing
    knobs: Mapping[str, Knob]
    late: LatePayments
    config: Path | None = None
    """The settings' file, where one was named."""
    day_end: DayEndDesk | None = None

    async def attend(self, desk: Desk) -> str:
        """One technician, from the sign-in to the end. Returns why it ended."""
        offered = {
            name: service
            for name, service in SERVICES.items()
            if not service.optional or set(service.needs) <= set(self.supervisor.devices)
        }
        why = await diagnostics(
            Tools(
                desk=desk,
                clock=self.clock,
                table=self.table,
                access=self.access,
                audit=self.audit,
                logbook=self.logbook,
                supervisor=self.supervisor,
                counting=self.counting,
                ring=self.ring,
                stand_ins=self.stand_ins,
                kiosk_id=self.settings.kiosk.id,
                version=VERSION,
                needs={name: service.needs for name, service in offered.items()},
                titles={name: service.card.title for name, service in offered.items()},
                settings=(
                    review_summary(self.tables),
                    *await asyncio.to_thread(groups, self.settings, self.config),
                    *review_groups(self.tables),
                ),
                virtual=self.virtual,
                faces=self.devices.faces,
                export_folders=self.settings.diagnostics.export_folders,
                simulated=bool(self.virtual),
                knobs=self.knobs,
                day_end=self.day_end,
                late=self.late,
                must_pay=frozenset(name for name, service in offered.items() if service.pays == "must"),
            )
        )
        log.info("diagnostics_ended", why=why)
        return why


async def build_technicians(
    settings: Settings,
    tables: Tables,
    store: Store,
    key: bytes,
    clock: Clock,
    supervisor: Supervisor,
    devices: Devices,
    virtual: Mapping[str, VirtualDevice],
    ring: LogRing,
    config: Path | None = None,
    day_end: DayEndDesk | None = None,
) -> Technicians:
    """Raises TablesError, LedgerError."""
    from config.diagnostics_tables import load_diagnostics
    from drivers.panel import knobs

    table = await asyncio.to_thread(load_diagnostics)
    logbook = Logbook(store, clock)
    audit = Audit(store, clock, key, head_file(settings.ledger.url, settings.ledger.key_file))
    access = Access(store, clock, audit, settings.technician)
    for trouble in await access.troubles():
        log.error("technician_cannot_enter", detail=trouble)
    await audit.write(MACHINE, "kiosk_started", version=VERSION, simulated=len(virtual))

    def make(kind: str) -> StandIn:
        device, simulator = stand_in_for(settings, kind)
        return StandIn(device, simulator)

    return Technicians(
        settings=settings,
        tables=tables,
        table=table,
        clock=clock,
        access=access,
        audit=audit,
        logbook=logbook,
        counting=Counting(supervisor, logbook, table),
        supervisor=supervisor,
        stand_ins=StandIns(supervisor, make, tuple(devices.by_name), stay=settings.allow_simulated),
        devices=devices,
        virtual=virtual,
        ring=ring,
        knobs=knobs(simulated=bool(virtual)),
        late=LatePayments(store, clock, work_calendar(tables.holidays, tables.rules.deadline)),
        config=config,
        day_end=day_end,
    )
