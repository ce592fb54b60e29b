"""A scan engine on a line (USB-COM, TTL-232, TCP): triggered where it can be, listened to where it cannot."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

import structlog

from drivers.qr_scanner.debounce import GONE_AFTER, SeenOnLine
from drivers.qr_scanner.dialects import Dialect, Verdict, language
from drivers.qr_scanner.engine_line import IDLE_GAP, LOST_END, Arrival, EngineLine
from drivers.qr_scanner.splitter import Suffix
from drivers.qr_scanner.symbology import Symbology, split_identifier
from drivers.qr_scanner.text import text_of
from drivers.service import Service
from drivers.transport.arrival import wait_return
from drivers.transport.base import ByteTransport
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.clock import Clock, SystemClock
from kiosk.ports.devices import DeviceStatus, Link, Scan
from kiosk.ports.health import Finding, Level, Person

EARLY = 1.0
"""A code that came this many seconds before it was asked for still counts: citizens are quick. Older ones do not."""
RETRIGGER = 3.0
"""Engines stop by themselves after a while without a code, so the trigger is repeated this often (seconds)."""
_AFTER_REPEAT = 0.4
_CHECK_WITHIN = 2.0
_STOP_WITHIN = 0.5
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """How an engine is set up. Times are seconds."""

    dialect: Dialect = Dialect.PLAIN
    suffix: Suffix = Suffix.AUTO
    idle_ends: bool = False
    """A silence of `idle_gap` ends a code too, for engines that send no suffix. A stall in mid-code then cuts it."""
    idle_gap: float = IDLE_GAP
    """After such a silence, too, bytes that wait for their suffix when a code is asked for are not taken for its beginning."""
    lost_end: float = LOST_END
    aim: bool = False
    """The engine sends the AIM identifier (]Q1) before each code."""
    early: float = EARLY
    gone_after: float = GONE_AFTER
    retrigger: float = RETRIGGER
    check_within: float = _CHECK_WITHIN


class SerialScanner:
    """Implements `kiosk.ports.devices.QrScanner` over any `ByteTransport`.

    The same payload again within `gone_after` seconds of its last arrival is the same showing and is given once.
    """

    device_id = "qr_scanner"

    def __init__(
        self,
        line: ByteTransport,
        options: EngineOptions = EngineOptions(),
        *,
        driver: str = "serial",
        clock: Clock | None = None,
    ) -> None:
        self.driver = driver
        self.simulated = line.simulated
        self._language = language(options.dialect)
        self.capabilities: Mapping[str, object] = {
            "binary_safe": options.suffix not in (Suffix.AUTO, Suffix.CR, Suffix.LF, Suffix.ETX),
            "dialect": options.dialect.value,
            "trigger": bool(self._language.start),
        }
        self._options = options
        self._clock = clock or SystemClock()
        self._line = line
        self._service = Service(self.status)
        self._engine = EngineLine(
            line,
            self._language,
            device_id=self.device_id,
            suffix=options.suffix,
            idle_ends=options.idle_ends,
            idle_gap=options.idle_gap,
            lost_end=options.lost_end,
            count=self._service.count,
            lost=self._on_loss,
        )
        self._seen = SeenOnLine(options.gone_after)
        self._wanted_open = False
        self._scanning = False
        self._answers = "unknown"
        self._trouble: DeviceError | None = None
        self._refusal: DeviceError | None = None
        """The engine answers, and will not scan."""

    # --- life

    async def open(self) -> None:
        """Open the line; an engine that can be asked must answer. Raises DeviceError as the line does, or TIMEOUT."""
        self._wanted_open = True
        self._answers = "unknown"
        try:
            await self._engine.open()
            if self._language.ping:
                await self._ask_ping()
            for command in self._language.setup:
                await self._set(command)
        except DeviceError as error:
            await self._engine.close()
            self._ill(error)
            raise
        self._service.count("opens")
        self._well()

    async def close(self) -> None:
        self._wanted_open = False
        self._answers, self._trouble, self._refusal = "unknown", None, None
        self._seen.clear()
        await self._engine.close()
        self._service.tell()

    def status(self) -> DeviceStatus:
        parts = {"engine": self._answers}
        if not self._wanted_open:
            return DeviceStatus(Link.CLOSED, parts)
        if not self._engine.is_up:
            loss = self._engine.loss or self._trouble
            if loss is None:
                return DeviceStatus(Link.OPENING, {"engine": "unknown"})
            return DeviceStatus(Link.OFFLINE, {"engine": "unknown"}, loss.hint, loss.kind)
        if self._trouble is not None:
            return DeviceStatus(Link.OFFLINE, parts, self._trouble.hint, self._trouble.kind)
        if self._refusal is not None:
            return DeviceStatus(Link.DEGRADED, parts, self._refusal.hint, self._refusal.kind)
        return DeviceStatus(Link.BUSY if self._scanning else Link.READY, parts)

    async def check(self) -> DeviceStatus:
        if self._wanted_open and not self._scanning:
            with suppress(DeviceError):  # what went wrong is in the status
                if not self._engine.is_up:
                    await self.open()
                elif self._language.ping:
                    await self._ping()
        return self.status()

    async def reset(self) -> None:
        """The line and the engine's settings anew, the trigger off. Factory settings are left alone: its suffix may be the hall's own.

        Raises DeviceError as `open` does, NOT_OPEN, or BUSY while a code is awaited.
        """
        if not self._wanted_open:
            raise DeviceError(ErrorKind.NOT_OPEN, self.device_id, "The scanner is not open.")
        if self._scanning:
            raise DeviceError(ErrorKind.BUSY, self.device_id, "The scanner is being read.")
        await self.open()
        if self._language.stop:
            await self._engine.tell(self._language.stop, _STOP_WITHIN)

    async def wait_return(self) -> None:
        await wait_return(self._line)

    # --- service

    async def examine(self, level: Level, person: Person) -> tuple[Finding, ...]:
        from drivers.qr_scanner.exam import examine_engine

        return await examine_engine(self, level, person)

    def counters(self) -> Mapping[str, int]:
        return self._service.counters()

    def listen(self, changed: Callable[[], None]) -> Callable[[], None]:
        return self._service.listen(changed)

    async def look_once(self) -> Verdict | None:
        """Start a scan and end it at once: what the engine says to both, None where its language has no answer to that.

        Raises DeviceError: UNSUPPORTED for an engine that takes no commands, TIMEOUT, OFFLINE.
        """
        if not self._language.start:
            raise DeviceError(ErrorKind.UNSUPPORTED, self.device_id, "This engine takes no commands.")
        if not self._language.trigger_answers:
            await self._engine.tell(self._language.start, self._options.check_within)
            await self._engine.tell(self._language.stop, self._options.check_within)
            return None
        verdicts = [
            (await self._engine.ask(command, self._options.check_within)).verdict
            for command in (self._language.start, self._language.stop)
        ]
        return next((verdict for verdict in verdicts if verdict is not Verdict.ACK), Verdict.ACK)

    # --- what is known

    def _on_loss(self) -> None:
        """The line broke, used or idle."""
        self._service.count("losses")
        self._service.tell()

    def _well(self) -> None:
        self._trouble = None
        if self._language.ping:
            self._answers = "ok"
        self._service.tell()

    def _ill(self, error: DeviceError) -> None:
        if self._trouble is None and self._engine.is_up:
            self._service.count("losses")
        self._answers, self._trouble = "unknown", error
        self._service.tell()

    async def _set(self, command: bytes) -> None:
        try:
            verdict = (await self._engine.ask(command, self._options.check_within)).verdict.value
        except DeviceError as error:
            if error.kind is not ErrorKind.TIMEOUT:
                raise
            verdict = "none"
        if verdict != Verdict.ACK.value:
            _log.warning("scan_engine_setting_refused", verdict=verdict)

    async def _ping(self) -> None:
        try:
            await self._ask_ping()
        except DeviceError as error:
            self._ill(error)
            raise
        self._well()

    async def _ask_ping(self) -> None:
        await self._engine.ask(self._language.ping, self._options.check_within)

    # --- codes

    async def scan(self, deadline: float) -> Scan:
        if not self._wanted_open:
            raise DeviceError(ErrorKind.NOT_OPEN, self.device_id, "The scanner is not open.")
        if self._scanning:
            raise DeviceError(ErrorKind.BUSY, self.device_id, "The scanner is being read already.")
        self._scanning = True
        self._service.tell()
        try:
            async with asyncio.timeout(max(deadline, 0.0)):
                if not self._engine.is_up:
                    await self.open()
                now = asyncio.get_running_loop().time()
                self._engine.end_begun_before(now - self._options.idle_gap)
                dropped = self._engine.drop_codes_before(now - self._options.early)
                if dropped:
                    _log.info("scan_unasked_dropped", count=dropped)
                return await self._first_new()
        except TimeoutError:
            raise DeviceError(ErrorKind.TIMEOUT, self.device_id, f"No code was shown within {deadline:g} s.") from None
        finally:
            self._scanning = False
            self._service.tell()
            await self._stop()

    async def _first_new(self) -> Scan:
        pause = self._options.retrigger
        while True:
            await self._trigger()
            try:
                async with asyncio.timeout(pause if self._language.start else None):
                    arrival = await self._engine.next_code()
            except TimeoutError:
                pause = self._options.retrigger
                continue
            symbology, raw = split_identifier(arrival.raw) if self._options.aim else (Symbology.UNKNOWN, arrival.raw)
            if raw and not self._seen.is_repeat(raw, arrival.at):
                return self._give(Arrival(raw, arrival.at), symbology)
            if self._language.start:
                await asyncio.sleep(min(_AFTER_REPEAT, pause))  # the same code is still held there: look again soon

    def _give(self, arrival: Arrival, symbology: Symbology) -> Scan:
        self._seen.give(arrival.raw, arrival.at)
        self._service.count("reads")
        _log.info("code_scanned", symbology=symbology.value, size=len(arrival.raw), source=self.driver)
        return Scan(arrival.raw, text_of(arrival.raw), symbology.value, self._clock.now())

    async def _trigger(self) -> None:
        """Let the engine look. Raises PROTOCOL when it says no twice; an engine that says nothing may scan all the same."""
        command = self._language.start
        if not command:
            return
        if not self._language.trigger_answers:
            await self._engine.tell(command, self._options.check_within)
            return
        verdict = Verdict.ACK
        for attempt in range(2):
            if attempt:
                self._service.count("retries")
            try:
                verdict = (await self._engine.ask(command, self._options.check_within)).verdict
            except DeviceError as error:
                if error.kind is not ErrorKind.TIMEOUT:
                    raise
                self._ill(error)
                return
            if verdict is Verdict.ACK:
                self._refusal = None
                self._well()
                return
        self._refusal = DeviceError(ErrorKind.PROTOCOL, self.device_id, "The engine refuses to scan.", verdict.value)
        self._service.tell()
        raise self._refusal

    async def _stop(self) -> None:
        if self._language.stop and self._engine.is_up:
            with suppress(DeviceError):  # an engine that was not stopped stops by itself
                await self._engine.tell(self._language.stop, _STOP_WITHIN)
