"""Examines the devices, one after the other, and says what the machine can be used for.

Levels are those of UnifiedPOS `CheckHealth`; the levels below are always done first, and a device that fails one skips the next.
Unknown is never counted as passed: a machine is ready only when every device has passed.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import Callable, Coroutine, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import structlog

from config.diagnostics_tables import DiagnosticsTable
from kiosk.care.remedy import PARTS
from kiosk.care.socket import plugged
from kiosk.care.supervisor import GONE
from kiosk.domain.errors import DeviceError
from kiosk.ports.clock import Clock
from kiosk.ports.devices import Device, DeviceStatus, Link
from kiosk.ports.health import QUESTIONS, Ask, Finding, Level, Person, Serviced, Verdict

log = structlog.get_logger(__name__)
_SITUATION = ("field", "headphones", "person")
"""Parts that tell what lies or stands there; nothing is wrong where nobody has looked yet."""
Judge = Literal["machine", "person"]


class Readiness(StrEnum):
    READY = "ready"
    LIMITED = "limited"
    """Something has failed or could not be judged; what can be offered all the same stands in `Checkup.services`."""
    NOT_READY = "not_ready"


class Standing(StrEnum):
    """Of a service."""

    OFFERED = "offered"
    UNPROVEN = "unproven"
    """No device it needs has failed, and not all have passed."""
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Judged:
    finding: Finding
    by: Judge = "machine"


@dataclass(frozen=True, slots=True)
class Examined:
    """One level of one device."""

    level: Level
    findings: tuple[Judged, ...]
    seconds: float = 0.0

    @property
    def verdict(self) -> Verdict:
        return worst(judged.finding.verdict for judged in self.findings)


@dataclass(frozen=True, slots=True)
class DeviceReport:
    device: str
    driver: str
    simulated: bool
    status: DeviceStatus
    """As it was after the examination."""
    levels: tuple[Examined, ...] = ()
    trouble: DeviceError | None = None
    """Why it could not be opened."""

    @property
    def verdict(self) -> Verdict:
        return worst(level.verdict for level in self.levels)


@dataclass(frozen=True, slots=True)
class Checkup:
    """What an examination has found."""

    at: dt.datetime
    level: Level
    devices: tuple[DeviceReport, ...]
    services: Mapping[str, Standing]
    """Of every service this machine has; empty where one device was examined."""
    whole: bool
    """Not broken off."""
    seconds: float
    only: str = ""
    """The one device that was examined; "" for all."""
    alarms: tuple[str, ...] = ()
    """Entries of the work list that keep the machine from taking money; empty where one device was examined."""

    @property
    def verdict(self) -> Readiness:
        found = [report.verdict for report in self.devices]
        if self.whole and found and all(verdict is Verdict.PASSED for verdict in found) and not self.alarms:
            return Readiness.READY
        shut = [standing is Standing.CLOSED for standing in self.services.values()]
        if (all(shut) if shut else Verdict.FAILED in found) or not found:
            return Readiness.NOT_READY
        return Readiness.LIMITED


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Failed before unknown before passed; skipped only where nothing else was found."""
    found = set(verdicts)
    for verdict in (Verdict.FAILED, Verdict.UNKNOWN, Verdict.PASSED):
        if verdict in found:
            return verdict
    return Verdict.SKIPPED


@dataclass(frozen=True, slots=True)
class Doing:
    """Where an examination stands."""

    device: str = ""
    level: Level = Level.INTERNAL
    ask: Ask | None = None
    """What a person is asked for at the moment."""


class Nobody:
    """A `Person` where none is."""

    async def ask(self, what: Ask) -> bool | None:
        return None


class _Asking:
    """Passes questions on, remembers which were answered, and shows what is asked."""

    def __init__(self, person: Person, tell: Callable[[Ask | None], None]) -> None:
        self._person = person
        self._tell = tell
        self.answered: set[Ask] = set()

    async def ask(self, what: Ask) -> bool | None:
        self._tell(what)
        answer = await self._person.ask(what)
        if what in QUESTIONS:
            self._tell(None)
            if answer is not None:
                self.answered.add(what)
        return answer


class Examiner:
    """One examination. `run` once; `so_far` at any moment, also after `run` was cancelled.

    `needs` are the services of this machine and the devices each cannot do without; `lease` keeps everybody else away from the
    devices meanwhile. While there are `alarms`, what `must_pay` cannot be offered, however the devices are.
    """

    def __init__(
        self,
        devices: Mapping[str, Device],
        clock: Clock,
        table: DiagnosticsTable,
        needs: Mapping[str, tuple[str, ...]],
        lease: Callable[[], AbstractAsyncContextManager[object]] = nullcontext,
        *,
        alarms: tuple[str, ...] = (),
        must_pay: frozenset[str] = frozenset(),
    ) -> None:
        self._devices = devices
        self._clock = clock
        self._table = table
        self._needs = needs
        self._lease = lease
        self._alarms = alarms
        self._must_pay = must_pay
        self._reports: dict[str, DeviceReport] = {}
        self._level = Level.INTERNAL
        self._only = ""
        self._at = clock.now()
        self._began = time.monotonic()
        self._seconds = 0.0
        self._whole = False
        self._changed: Callable[[], None] = lambda: None
        self.doing = Doing()

    async def run(
        self, level: Level, person: Person, only: str = "", changed: Callable[[], None] = lambda: None
    ) -> Checkup:
        """Examine all devices, or `only` one. `changed` is called after every step. Raises KeyError for a device that is not there.

        May be cancelled at any moment: what is running is broken off, devices stay usable.
        """
        names = [only] if only else sorted(self._devices, key=self._table.checkup.place)
        self._level, self._only, self._changed = level, only, changed
        self._reports = {name: _report(self._devices[name], self._devices[name].status()) for name in names}
        self._at, self._began = self._clock.now(), time.monotonic()
        log.info("checkup_started", count=len(names), what=level.name.lower())
        try:
            async with self._lease():
                for name in names:
                    await self._examine(name, self._devices[name], person)
            self._whole = True
        finally:
            self.doing = Doing()
            self._seconds = time.monotonic() - self._began
            log.info("checkup_ended", verdict=str(self.so_far().verdict), seconds=round(self._seconds, 1))
        return self.so_far()

    def so_far(self) -> Checkup:
        reports = tuple(self._reports.values())
        services = {} if self._only else {name: self._standing(name, needed) for name, needed in self._needs.items()}
        alarms = () if self._only else self._alarms
        return Checkup(self._at, self._level, reports, services, self._whole, self._seconds, self._only, alarms)

    def _standing(self, name: str, needed: tuple[str, ...]) -> Standing:
        if self._alarms and name in self._must_pay:
            return Standing.CLOSED
        found = [self._reports[name].verdict if name in self._reports else Verdict.FAILED for name in needed]
        if Verdict.FAILED in found:
            return Standing.CLOSED
        return Standing.OFFERED if all(verdict is Verdict.PASSED for verdict in found) else Standing.UNPROVEN

    async def _examine(self, name: str, device: Device, person: Person) -> None:
        levels: list[Examined] = []
        trouble: DeviceError | None = None
        for level in Level:
            if level > self._level:
                break
            if any(done.verdict is Verdict.FAILED for done in levels):
                why = Finding("level", Verdict.SKIPPED, detail="The level before has failed.")
                levels.append(Examined(level, (Judged(why),)))
                continue
            self._now(Doing(name, level))
            asking = _Asking(person, lambda what, level=level: self._now(Doing(name, level, what)))  # type: ignore[misc]
            began = time.monotonic()
            findings, error = await self._limited(name, level, _level_of(device, level, asking))
            trouble = trouble or error
            judged = tuple(Judged(finding, self._judge(finding, asking.answered)) for finding in findings)
            levels.append(Examined(level, judged, time.monotonic() - began))
            self._reports[name] = _report(device, device.status(), tuple(levels), trouble)
            self._changed()
        self._reports[name] = _report(device, device.status(), tuple(levels), trouble)
        self._changed()

    def _judge(self, finding: Finding, answered: set[Ask]) -> Judge:
        decided = any(finding.name in self._table.by_people.get(str(ask), ()) for ask in answered)
        return "person" if decided and finding.verdict in (Verdict.PASSED, Verdict.FAILED) else "machine"

    def _now(self, doing: Doing) -> None:
        self.doing = doing
        self._changed()

    async def _limited(
        self, name: str, level: Level, work: Coroutine[None, None, tuple[Finding, ...]]
    ) -> tuple[tuple[Finding, ...], DeviceError | None]:
        """What one level found, in the time it is given. A driver that does not even leave off is left to itself."""
        limit = self._table.checkup.limit_s(level)
        task = asyncio.ensure_future(work)
        try:
            await asyncio.wait((task,), timeout=limit)
            if task.done():
                return task.result(), None
        except DeviceError as error:
            found = Finding("open", Verdict.FAILED, str(error.kind), detail=error.hint)
            return (found,), error
        except Exception:  # a bug in one driver must not end the examination of the others
            log.exception("examination_crashed", device=name)
            return (Finding("driver", Verdict.FAILED, detail="The driver failed; see the log."),), None
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait((task,), timeout=self._table.checkup.grace_s)
                if not task.done():
                    log.error("device_does_not_leave_off", device=name)
                    task.add_done_callback(_forget)
        return (Finding("time", Verdict.FAILED, f"> {limit:g} s", f"≤ {limit:g} s", "It took too long."),), None


def _forget(task: asyncio.Task[object]) -> None:
    """The end of an examination that nobody waits for any more."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.warning("examination_ended_late", exc_info=error)


def _report(
    device: Device, status: DeviceStatus, levels: tuple[Examined, ...] = (), error: DeviceError | None = None
) -> DeviceReport:
    return DeviceReport(device.device_id, device.driver, device.simulated, status, levels, error)


async def _level_of(device: Device, level: Level, person: Person) -> tuple[Finding, ...]:
    """One level of one device; a device that is not open is opened first. Raises DeviceError where it cannot be."""
    device = plugged(device)
    if device.status().link in GONE:
        await device.open()
    if isinstance(device, Serviced):
        return await device.examine(level, person)
    if level is Level.INTERNAL:
        return by_status(await device.check())
    return (Finding("level", Verdict.SKIPPED, detail="The driver cannot do it."),)


def by_status(status: DeviceStatus) -> tuple[Finding, ...]:
    """Findings about a device that can only say how it is."""
    link = Verdict.FAILED if status.link in GONE else Verdict.PASSED
    if status.link is Link.OPENING:
        link = Verdict.UNKNOWN
    return (
        Finding("link", link, str(status.link), "ready", status.detail),
        *(Finding(name, _part(name, value), value) for name, value in status.parts.items()),
    )


def _part(name: str, value: str) -> Verdict:
    if value == "unknown":
        return Verdict.SKIPPED if name in _SITUATION else Verdict.UNKNOWN
    known = PARTS.get((name, value))
    return Verdict.FAILED if known is not None and known.tone == "bad" else Verdict.PASSED
