"""After a citizen's visit nothing of them is anywhere in the diagnostics mode: no page, file, slip, log line or audit row."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import structlog

from config.sections import Technician
from kiosk.care.counting import Counting
from kiosk.diagnostics.access import Access
from kiosk.diagnostics.effective import groups
from kiosk.diagnostics.logring import LogRing
from kiosk.diagnostics.session import diagnostics
from kiosk.diagnostics.stand_ins import StandIns
from kiosk.diagnostics.tools import Tools
from kiosk.journeys.services import SERVICES
from kiosk.ledger.audit import Audit
from kiosk.ledger.audit_head import head_file
from kiosk.ledger.logbook import Logbook
from kiosk.logs import keep_allowed, without_words
from kiosk.screens.day_end import DayEndView
from kiosk.screens.diagnostics import (
    AuditView,
    DeviceDetail,
    FaultBoard,
    Logs,
    Order,
    Overview,
    Section,
    SelfTest,
    SettingsView,
    Verb,
)
from tests.diagnostics.bay import CODE, HASH, KEY, LEAVE, Hands, go, login, on, table
from tests.journeys.stage import Stage, staged


@pytest.fixture
def ring() -> Iterator[LogRing]:
    """Where `kiosk.logs` has it: behind the allow-list."""
    made = LogRing(5000)
    structlog.configure(
        processors=[structlog.processors.add_log_level, without_words, keep_allowed, made, lambda *_: ""],
        wrapper_class=structlog.make_filtering_bound_logger(10),
        logger_factory=structlog.ReturnLoggerFactory(),
    )
    yield made
    structlog.reset_defaults()


def tools_of(stage: Stage, ring: LogRing, folder: Path) -> Tools:
    machine = stage.machine
    store = machine.books.store
    audit = Audit(store, machine.clock, KEY, head_file(machine.settings.ledger.url, folder / "key"))
    found = table()
    logbook = Logbook(store, machine.clock)
    supervisor = machine.supervisor
    (folder / "out").mkdir()
    return Tools(
        Hands(()),
        machine.clock,
        found,
        Access(store, machine.clock, audit, [Technician(code=CODE, pin_hash=HASH)]),
        audit,
        logbook,
        supervisor,
        Counting(supervisor, logbook, found),
        ring,
        StandIns(supervisor, _none, (), stay=False),
        "CI01",
        "0.0.0",
        {name: service.needs for name, service in SERVICES.items()},
        {name: service.card.title for name, service in SERVICES.items()},
        groups(machine.settings),
        machine.virtual,
        None,
        {"out": folder / "out"},
        folder / "media",
        simulated=True,
        day_end=machine.day_end,
        late=machine.technicians.late,
    )


def _none(_: str) -> Any:
    raise AssertionError("nothing is exchanged here")


@pytest.mark.parametrize("scenario", ["happy_two_records", "endorse_happy_hk", "pay_capped"])
async def test_nothing_of_the_citizen_is_left_for_the_technician(tmp_path: Path, ring: LogRing, scenario: str) -> None:
    async with staged(tmp_path, scenario) as stage:
        await stage.visit()
        before = len(stage.papers)
        secrets = _secrets(stage)
        if scenario == "happy_two_records":  # a decision says everything, so what is looked for was there
            assert {stage.scenario.person.name, stage.scenario.person.number} <= set(secrets)
            assert all(secret in "".join(stage.papers) for secret in secrets[:2])
        tools = tools_of(stage, ring, tmp_path)
        names = list(tools.supervisor.devices)
        pages = [on(Overview, go(Section.DEVICE, names[0]))]
        pages += [on(DeviceDetail, go(Section.DEVICE, name), _of(shown)) for shown, name in pairwise(names)]
        pages += [on(DeviceDetail, Order(Verb.CHECK, "receipt_printer", "2"), _of(names[-1]))]
        pages += [on(SelfTest, Order(Verb.PRINT), lambda s: s.verdict), on(SelfTest, EXPORTS[0], _note("已打印"))]
        today = stage.machine.clock.now().date().isoformat()
        pages += [
            on(SelfTest, go(Section.DAY_END), _note("已保存")),
            on(DayEndView, Order(Verb.PAGE, "", "newer")),
            on(DayEndView, Order(Verb.PRINT, "day_end", today), lambda screen: screen.day == today),
            on(DayEndView, go(Section.LOGS), _note("已打印")),
            on(Logs, EXPORTS[1]),
            on(Logs, go(Section.FAULTS), _note("已保存")),
        ]
        pages += [on(FaultBoard, go(Section.SETTINGS)), on(SettingsView, go(Section.AUDIT)), on(AuditView, EXPORTS[2])]
        pages += [on(AuditView, LEAVE, _note("已保存"))]
        hands = Hands((login(), *pages))
        async with asyncio.timeout(60):
            assert await diagnostics(dataclasses.replace(tools, desk=hands)) == "exit"
        assert hands.steps == []
        shown = "\n".join(_texts([*hands.shown, *hands.updates]))
        files = "\n".join(path.read_text() for path in (tmp_path / "out").iterdir())
        slips = "\n".join(stage.papers[before:])
        rows = repr(await tools.audit.rows(limit=500))
        assert "设备就绪报告" in slips
        assert "session_started" in files or "print_job_ended" in files
        for secret in secrets:
            for place, text in (("pages", shown), ("files", files), ("slips", slips), ("audit", rows)):
                assert secret not in text, (place, secret)


EXPORTS = [Order(Verb.EXPORT, what, "folder:out") for what in ("readiness", "log", "audit")]


def _of(name: str) -> Any:
    return lambda screen: screen.tile.key == name


def _note(words: str) -> Any:
    return lambda screen: words in screen.head.note


def _secrets(stage: Stage) -> list[str]:
    scenario = stage.scenario
    person = scenario.person
    found = [person.name, person.number, person.number[6:14], person.address, f"{person.birth:%Y-%m-%d}"]
    found += [vehicle.plate for vehicle in scenario.vehicles] if hasattr(scenario, "vehicles") else []
    permit = getattr(scenario, "permit", None)
    found += [decision.number for decision in scenario.decisions]
    found += [permit.number] if permit is not None and getattr(permit, "number", "") else []
    return [str(each) for each in found if each]


def _texts(value: Any) -> Iterator[str]:
    """Every text in what was shown, also in fields that `repr` leaves out; pictures are looked at by nobody here: none may be there."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from _texts(getattr(value, field.name))
    elif isinstance(value, (list, tuple, set, frozenset)):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _texts(key)
            yield from _texts(each)
    else:
        assert not isinstance(value, (bytes, bytearray))
        yield str(value)
