"""The board's driver: lights that burn and flash, doors and sensors that are looked at five times a second, over any line.

It goes on while a citizen is served, and connects again by itself: a door is opened when it is opened.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress

from config.io_board import LIGHTS_PART, IoTable
from drivers.io_board.lamps import Lamps
from drivers.io_board.link import DEVICE, BoardRefusal, ModbusLink
from drivers.io_board.rtu import MOST_WRITTEN, Function, read_bits, spans, unpack_bits, write_coil, write_coils
from drivers.io_board.senses import TAMPER, Senses
from drivers.link_state import LinkState
from drivers.service import Service
from drivers.transport.arrival import wait_return_or
from drivers.transport.base import ByteTransport
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.controls import Flash
from kiosk.ports.devices import DeviceStatus, Link
from kiosk.ports.health import Finding, Level, Person

POLL = 0.2
SETTLE = 0.03
"""Seconds after which an input that has changed is read again: contacts bounce for some milliseconds."""
REST = 1.0
"""Between two tries with a board that is gone."""
_NO_FUNCTION = 0x01
_FAULTS = (ErrorKind.CONFIG, ErrorKind.UNSUPPORTED, ErrorKind.HARDWARE, ErrorKind.PERMISSION)


class ModbusBoard:
    """Implements `kiosk.ports.controls.IoBoard`, and `Serviced`, `Resettable`, `Returning`. Seconds are parameters, for tests."""

    device_id = DEVICE

    def __init__(
        self,
        line: ByteTransport,
        table: IoTable,
        *,
        unit: int = 1,
        driver: str = "modbus",
        answer: float = 0.3,
        poll: float = POLL,
        settle: float = SETTLE,
        rest: float = REST,
    ) -> None:
        self.driver = driver
        self.simulated = line.simulated
        self.table = table
        self._line = line
        self._poll_every, self._settle, self._rest = poll, settle, rest
        self._service = Service(self.status)
        self._state = LinkState(DEVICE, line, self._service.tell)
        self._link = ModbusLink(line, unit, self._service.count, answer=answer)
        self._lamps, self._senses = Lamps(table.lights), Senses(table)
        self._input_spans = spans(point.at for point in table.inputs.values())
        self._coil_spans = spans(point.at for point in table.lights.values())
        self._reads_back = True
        self._writes_many = True
        self._lock = asyncio.Lock()
        self._news = asyncio.Event()
        self._work: asyncio.Task[None] | None = None

    @property
    def capabilities(self) -> Mapping[str, object]:
        return {
            "line": self._line.name,
            "unit": self._link.unit,
            "lights": self.lights,
            "inputs": tuple(self.table.inputs),
            "reads_back": self._reads_back,
        }

    @property
    def lights(self) -> tuple[str, ...]:
        return tuple(self.table.lights)

    # --- life

    async def open(self) -> None:
        """Connect, read the inputs, set the lights. Raises DeviceError OFFLINE, TIMEOUT, CONFIG (no such number on the board) …"""
        self._state.wanted = True
        if self._state.link is Link.CLOSED:
            self._state.note(Link.OPENING)
        async with self._turn():
            await self._look()
            await self._set_lights()
            await self._look_at_lights()
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._keep_at_it(), name="io-board")

    async def close(self) -> None:
        work, self._work = self._work, None
        if work is not None:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
        self._lamps.all_off()
        if self._state.wanted and self._state.connected:
            with suppress(DeviceError):  # a board that is gone shows what it shows
                async with self._turn():
                    await self._set_lights()
        self._state.wanted = self._state.connected = False
        await self._line.close()
        self._senses.forget()
        self._state.note(Link.CLOSED)

    async def reset(self) -> None:
        """Connect anew, set every light again, and take it that a technician has looked into what was tampered with."""
        async with self._turn(anew=True):
            self._senses.unlatch()
            await self._look()
            await self._set_lights()
            await self._look_at_lights()

    def status(self) -> DeviceStatus:
        state, stuck = self._state, self._lamps.stuck
        parts = self._senses.words()
        if self.table.lights:
            parts[LIGHTS_PART] = "stuck" if stuck else "ok" if state.connected and self._lamps.checked else "unknown"
        if state.link is not Link.READY:
            return DeviceStatus(state.link, parts, state.detail, state.trouble)
        if self._senses.is_on(TAMPER):
            return DeviceStatus(Link.READY, parts, "Somebody has tampered with the cabinet.", ErrorKind.FRAUD_SUSPECT)
        if stuck:
            hint = f"An output does not do what it is told: {', '.join(stuck)}."
            return DeviceStatus(Link.DEGRADED, parts, hint, ErrorKind.HARDWARE)
        if self._senses.is_on("door"):
            return DeviceStatus(Link.READY, parts, "The cabinet's door is open.", ErrorKind.COVER_OPEN)
        return DeviceStatus(Link.READY, parts)

    async def check(self) -> DeviceStatus:
        if self._state.wanted:
            with suppress(DeviceError):  # it is in the status
                async with self._turn():
                    await self._look()
        return self.status()

    async def wait_return(self) -> None:
        await wait_return_or(self._line, lambda: self._state.link is Link.READY, self._service.listen)

    def counters(self) -> Mapping[str, int]:
        return self._service.counters()

    def listen(self, changed: Callable[[], None]) -> Callable[[], None]:
        return self._service.listen(changed)

    async def examine(self, level: Level, person: Person) -> tuple[Finding, ...]:
        from drivers.io_board.exam import examine

        return await examine(self, level, person)

    # --- lights and inputs

    async def light(self, name: str, how: Flash) -> None:
        """Returns when it was set. What was wanted stays wanted: a board that comes back is told again."""
        if name not in self.table.lights:
            raise DeviceError(ErrorKind.INVALID_ARGUMENT, DEVICE, f"This board has no light {name!r}.")
        self._require_open()
        self._lamps.want(name, how)
        self._news.set()
        async with self._turn():
            await self._set_lights()

    def burning(self, name: str) -> Flash:
        """How a light was told to burn. Raises KeyError."""
        return self._lamps.wanted(name)

    async def read(self) -> Mapping[str, str]:
        self._require_open()
        async with self._turn():
            await self._look()
        return self._senses.words()

    async def read_back(self, name: str) -> bool | None:
        """Whether an output is lit, from the board itself; None where it cannot be asked. Raises DeviceError."""
        output = self.table.lights[name]
        self._require_open()
        async with self._turn():
            coils = await self._coils()
        return None if coils is None else coils[output.at] is not output.inverted

    # --- inside a turn

    async def _look(self) -> None:
        """Read the inputs; what has changed is read once more before it counts."""
        self._senses.seen(await self._read(Function.READ_INPUTS, self._input_spans))
        if self._senses.doubtful:
            await asyncio.sleep(self._settle)
            self._senses.seen(await self._read(Function.READ_INPUTS, self._input_spans))
        if self._state.link is Link.READY:
            self._service.tell()  # at once: the lights can wait

    async def _set_lights(self) -> None:
        due = self._lamps.due(asyncio.get_running_loop().time())
        for start, count in spans(due, gap=0, most=MOST_WRITTEN):
            run = {at: due[at] for at in range(start, start + count)}
            if count > 1 and self._writes_many:
                try:
                    await self._link.ask(write_coils(start, list(run.values())))
                except BoardRefusal as refusal:
                    if refusal.code != _NO_FUNCTION:
                        raise
                    self._writes_many = False
            if count == 1 or not self._writes_many:
                for at, on in run.items():
                    await self._link.ask(write_coil(at, on))
            self._lamps.wrote(run)

    async def _look_at_lights(self) -> None:
        coils = await self._coils()
        if coils is not None:
            self._lamps.seen(coils)

    async def _coils(self) -> Mapping[int, bool] | None:
        if not self._reads_back:
            return None
        try:
            return await self._read(Function.READ_COILS, self._coil_spans)
        except BoardRefusal as refusal:
            if refusal.code != _NO_FUNCTION:
                raise
            self._reads_back = False
            return None

    async def _read(self, function: Function, runs: Iterable[tuple[int, int]]) -> dict[int, bool]:
        found: dict[int, bool] = {}
        for start, count in runs:
            data = await self._link.ask(read_bits(function, start, count))
            found.update(enumerate(unpack_bits(data[1:], count), start))
        return found

    async def _keep_at_it(self) -> None:
        """Look at everything five times a second, and in between when a flashing light changes."""
        loop = asyncio.get_running_loop()
        looked_at = loop.time()
        while True:
            well = self._state.link is Link.READY
            next_look = looked_at + (self._poll_every if well else self._rest)
            change = self._lamps.next_change(loop.time()) if well else None
            await self._pause(min(next_look, change) if change is not None else next_look)
            with suppress(DeviceError):  # it is in the status, and tried again
                async with self._turn():
                    if loop.time() >= next_look:
                        looked_at = loop.time()
                        await self._look()
                        await self._look_at_lights()
                    await self._set_lights()
            self._service.tell()

    async def _pause(self, until: float) -> None:
        """Until the time has come, or another light is wanted."""
        self._news.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout_at(until):
                await self._news.wait()

    def _require_open(self) -> None:
        if not self._state.wanted:
            raise DeviceError(ErrorKind.NOT_OPEN, DEVICE, "The board is not open.")

    @asynccontextmanager
    async def _turn(self, *, anew: bool = False) -> AsyncIterator[None]:
        """One question at a time, on a line that is up (connected again where it was lost, or `anew`)."""
        async with self._lock:
            self._require_open()
            try:
                if anew or not self._state.connected:
                    await self._connect()
                yield
            except DeviceError as error:
                self._lose(error)
                raise DeviceError(error.kind, DEVICE, error.hint, error.native) from error
            except BaseException:
                self._state.broken_off()
                raise
            self._state.note(Link.READY)

    async def _connect(self) -> None:
        self._state.connected = False
        await self._line.close()
        await self._line.open()
        self._lamps.forget()
        self._reads_back = self._writes_many = True
        self._state.connected = True
        self._service.count("opens")

    def _lose(self, error: DeviceError) -> None:
        if self._state.link is Link.READY:
            self._service.count("losses")
        if error.kind not in (ErrorKind.TIMEOUT, ErrorKind.PROTOCOL) and not isinstance(error, BoardRefusal):
            self._state.connected = False  # the line itself; a board that is silent on a good one needs no new line
        self._senses.forget()
        self._lamps.forget()
        self._state.note(Link.FAULT if error.kind in _FAULTS else Link.OFFLINE, error.hint, error.kind)
