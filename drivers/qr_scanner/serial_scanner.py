"""A scan engine on a line (USB-COM, TTL-232, TCP): triggered where it can be, listened to where it cannot."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

import structlog

from drivers.qr_scanner.debounce import GONE_AFTER, SeenOnLine
from drivers.qr_scanner.dialects import Dialect, Verdict, language
from drivers.qr_scanner.engine_line import IDLE_GAP, LOST_END, Arrival, EngineLine
from drivers.qr_scanner.splitter import Suffix
from drivers.qr_scanner.symbology import Symbology, split_identifier
from drivers.qr_scanner.text import text_of
from drivers.transport.base import ByteTransport
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.clock import Clock, SystemClock
from kiosk.ports.devices import DeviceStatus, Link, Scan

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
    lost_end: float = LOST_END
    aim: bool = False
    """The engine sends the AIM identifier (]Q1) before each code."""
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
        self._engine = EngineLine(
            line,
            self._language,
            device_id=self.device_id,
            suffix=options.suffix,
            idle_ends=options.idle_ends,
            idle_gap=options.idle_gap,
            lost_end=options.lost_end,
        )
        self._seen = SeenOnLine(options.gone_after)
        self._wanted_open = False
        self._scanning = False
        self._answers = "unknown"
        self._trouble = ""

    # --- life

    async def open(self) -> None:
        """Open the line; an engine that can be asked must answer. Raises DeviceError as the line does, or TIMEOUT."""
        self._wanted_open = True
        self._answers, self._trouble = "unknown", ""
        try:
            await self._engine.open()
            if self._language.ping:
                await self._ping()
            for command in self._language.setup:
                await self._set(command)
        except DeviceError as error:
            self._trouble = error.hint
            await self._engine.close()
            raise

    async def close(self) -> None:
        self._wanted_open = False
        self._answers, self._trouble = "unknown", ""
        self._seen.clear()
        await self._engine.close()

    def status(self) -> DeviceStatus:
        parts = {"engine": self._answers}
        if not self._wanted_open:
            return DeviceStatus(Link.CLOSED, parts)
        if not self._engine.is_up:
            loss = self._engine.loss
            return DeviceStatus(Link.OFFLINE, {"engine": "unknown"}, loss.hint if loss else self._trouble)
        if self._trouble:
            return DeviceStatus(Link.OFFLINE, parts, self._trouble)
        return DeviceStatus(Link.BUSY if self._scanning else Link.READY, parts)

    async def check(self) -> DeviceStatus:
        if self._wanted_open and not self._scanning:
            with suppress(DeviceError):  # what went wrong is in the status
                if not self._engine.is_up:
                    await self.open()
                elif self._language.ping:
                    await self._ping()
        return self.status()

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
            await self._engine.ask(self._language.ping, self._options.check_within)
        except DeviceError as error:
            self._answers, self._trouble = "unknown", error.hint
            raise
        self._answers, self._trouble = "ok", ""

    # --- codes

    async def scan(self, deadline: float) -> Scan:
        if not self._wanted_open:
            raise DeviceError(ErrorKind.NOT_OPEN, self.device_id, "The scanner is not open.")
        if self._scanning:
            raise DeviceError(ErrorKind.BUSY, self.device_id, "The scanner is being read already.")
        self._scanning = True
        try:
            async with asyncio.timeout(max(deadline, 0.0)):
                if not self._engine.is_up:
                    await self.open()
                dropped = self._engine.drop_codes_before(asyncio.get_running_loop().time() - EARLY)
                if dropped:
                    _log.info("scan_unasked_dropped", count=dropped)
                return await self._first_new()
        except TimeoutError:
            raise DeviceError(ErrorKind.TIMEOUT, self.device_id, f"No code was shown within {deadline:g} s.") from None
        finally:
            self._scanning = False
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
        for _ in range(2):
            try:
                verdict = (await self._engine.ask(command, self._options.check_within)).verdict
            except DeviceError as error:
                if error.kind is not ErrorKind.TIMEOUT:
                    raise
                self._answers, self._trouble = "unknown", error.hint
                return
            self._answers, self._trouble = "ok", ""
            if verdict is Verdict.ACK:
                return
        raise DeviceError(ErrorKind.PROTOCOL, self.device_id, "The engine refuses to scan.", verdict.value)

    async def _stop(self) -> None:
        if self._language.stop and self._engine.is_up:
            with suppress(DeviceError):  # an engine that was not stopped stops by itself
                await self._engine.tell(self._language.stop, _STOP_WITHIN)
