"""A Wacom STU class pad as a signature pad. Never tried on a real one: see `drivers.signature_pad.stu` for what that rests on."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress

from drivers.service import at_most, failed, skipped
from drivers.signature_pad.face import Face, draw
from drivers.signature_pad.hid_link import HidLink
from drivers.signature_pad.pad import InkPad
from drivers.signature_pad.stu import (
    CLEAR,
    Capability,
    Pen,
    Report,
    pack_picture,
    parse_capability,
    parse_model,
    parse_pen,
)
from drivers.transport.arrival import wait_return
from drivers.transport.base import ByteTransport
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.devices import DeviceStatus, Link
from kiosk.ports.health import Finding, Level, Person, Verdict

ANSWER = 1.0
ANSWER_MS = 200.0
"""For one feature report: a control transfer takes some milliseconds. Own figure."""


class StuPad(InkPad):
    """Implements `kiosk.ports.controls.SignaturePad`. `answer` in seconds, for tests.

    A pad whose screen takes a picture has a key at its lower edge that clears; the surface is what lies above.
    """

    def __init__(self, line: ByteTransport, *, driver: str = "stu", answer: float = ANSWER) -> None:
        super().__init__(line)
        self.driver = driver
        self.simulated = line.simulated
        self._line = line
        self._link = HidLink(line, self._service, self._on_report, self._lost, answer=answer)
        self._capability: Capability | None = None
        self._model = ""
        self._connecting = asyncio.Lock()
        self._face: Face | None = None
        """What is shown while somebody signs; None: the pad shows the pen's line only, and has no key."""
        self._drawing = asyncio.Lock()
        self._pressing = False
        """The pen came down on the key, and is not lifted yet."""
        self._on_key = False
        self._cleaning: asyncio.Task[None] | None = None

    @property
    def capabilities(self) -> Mapping[str, object]:
        able = self._capability
        told: dict[str, object] = {
            "width_mm": able.width_mm if able else 0.0,
            "height_mm": self._ink.height if able else 0.0,
            "pressure_levels": able.max_pressure + 1 if able else 0,
            "line": self._line.name,
            "keys": ("clear",) if self._face is not None else (),
            "tried_on_real_pad": False,
        }
        if self._model:
            told["model"] = self._model
        if able:
            told["reports_per_second"] = able.rate
        return told

    # --- life

    async def open(self) -> None:
        """Connect, ask for the size of the surface, wipe it. Raises DeviceError OFFLINE, TIMEOUT, PERMISSION, CONFIG, PROTOCOL."""
        self._state.wanted = True
        if self._state.connected:
            return
        async with self._connecting:
            if self._state.link is Link.CLOSED:
                self._state.note(Link.OPENING)
            try:
                await self._connect()
            except DeviceError as error:
                await self._link.close()
                self._lost(error)
                raise DeviceError(error.kind, self.device_id, error.hint, error.native) from error
            except BaseException:
                self._state.broken_off()
                raise

    async def close(self) -> None:
        cleaning, self._cleaning = self._cleaning, None
        if cleaning is not None:
            cleaning.cancel()
            await asyncio.gather(cleaning, return_exceptions=True)
        await self.cancel()
        self._state.wanted = self._state.connected = False
        await self._link.close()
        self._state.note(Link.CLOSED)

    async def check(self) -> DeviceStatus:
        """Ask for the capability again: reading the surface is not disturbed by it."""
        if self._state.wanted:
            with suppress(DeviceError):  # it is in the status
                if self._state.connected:
                    await self._capable()
                else:
                    await self.open()
        return self.status()

    async def reset(self) -> None:
        if not self._state.wanted:
            raise DeviceError(ErrorKind.NOT_OPEN, self.device_id, "The signature pad is not open.")
        await self.cancel()
        self._state.connected = False
        await self._link.close()
        await self.open()

    async def wait_return(self) -> None:
        await wait_return(self._line)

    async def _connect(self) -> None:
        await self._link.open()
        self._capability = await self._read_capability()
        with suppress(DeviceError):  # a name is good to know, and no more
            self._model = parse_model(await self._link.feature(Report.INFORMATION))
        await self._link.set_feature(CLEAR)
        self._have(await asyncio.to_thread(draw, self._capability))
        self._state.connected = True
        self._service.count("opens")
        self._state.note(Link.READY)

    async def _read_capability(self) -> Capability:
        try:
            return parse_capability(await self._link.feature(Report.CAPABILITY))
        except ValueError as error:
            self._service.count("bad_answers")
            raise DeviceError(ErrorKind.PROTOCOL, self.device_id, f"The pad tells nothing usable: {error}.") from None

    async def _capable(self) -> Capability:
        """A pad on a good line that does not answer is lost all the same."""
        try:
            return await self._read_capability()
        except DeviceError as error:
            self._lost(error)
            await self._link.close()
            raise

    async def _wipe(self, *, ready: bool) -> None:
        try:
            async with self._drawing:
                await self._link.set_feature(CLEAR)
                if ready and self._face is not None:
                    await self._show(self._face)
        except DeviceError as error:
            self._lost(error)
            await self._link.close()
            raise

    async def _show(self, face: Face) -> None:
        try:
            for report in pack_picture(face.rows):
                await self._link.set_feature(report)
        except DeviceError as error:
            if error.kind is not ErrorKind.UNSUPPORTED:
                raise
            self._have(None)  # a pad that takes no picture has no key, and all of it is for ink

    def _have(self, face: Face | None) -> None:
        able = self._capability
        assert able is not None
        self._face = face
        self._ink.resized(able.width_mm, able.height_mm if face is None else face.key_top_mm)

    # --- ink

    def _on_report(self, report: bytes) -> None:
        able = self._capability
        try:
            pen = parse_pen(report)
        except ValueError:
            self._service.count("bad_answers")
            return
        if pen is None:
            self._service.count("bad_answers")
        elif able is not None and pen.down(able.max_pressure):
            self._touched(pen, able)
        else:
            self._lifted()

    def _touched(self, pen: Pen, able: Capability) -> None:
        scale = 25.4 / able.resolution
        x, y = pen.x * scale, pen.y * scale
        self._on_key = self._face is not None and y >= self._face.key_top_mm
        if self._ink.taking and self._on_key and not self._ink.down:
            self._pressing = True
        if not self._pressing:
            self._ink.point(asyncio.get_running_loop().time(), x, y, pen.pressure / able.max_pressure)

    def _lifted(self) -> None:
        """A key counts when the pen is lifted on it: whoever slides off it has thought better of it."""
        pressed, self._pressing = self._pressing and self._on_key, False
        self._ink.lift()
        if pressed and self._ink.taking and (self._cleaning is None or self._cleaning.done()):
            self._ink.clear()
            self._service.count("presses")
            self._cleaning = asyncio.create_task(self._clean(), name="signature-pad-key")

    async def _clean(self) -> None:
        with suppress(DeviceError):  # the pad is lost then, and its status tells it
            await self._wipe(ready=True)

    # --- health

    async def examine(self, level: Level, person: Person) -> tuple[Finding, ...]:
        """`link`, `answer_ms`, `size`, `model` · `wipe` · `ink` (nobody can be asked to write yet)."""
        del person
        match level:
            case Level.INTERNAL:
                return await self._internal()
            case Level.EXTERNAL:
                return (await self._external(),)
            case Level.INTERACTIVE:
                return (skipped("ink", "Start a signature and write on the pad; the surface becomes writing."),)

    async def _internal(self) -> tuple[Finding, ...]:
        loop = asyncio.get_running_loop()
        began = loop.time()
        status = await self.check()
        took = (loop.time() - began) * 1000
        up = status.link is Link.READY
        link = Finding("link", Verdict.PASSED if up else Verdict.FAILED, status.link.value, "ready", status.detail)
        able = self._capability
        if not up or able is None:
            why = "The pad does not answer."
            return link, skipped("answer_ms", why), skipped("size", why), skipped("model", why)
        size = f"{able.width_mm:g} x {able.height_mm:g} mm"
        model = Finding("model", Verdict.PASSED if self._model else Verdict.UNKNOWN, self._model or "unknown")
        return link, at_most("answer_ms", round(took, 1), ANSWER_MS, "ms"), Finding("size", Verdict.PASSED, size), model

    async def _external(self) -> Finding:
        if self._ink.taking:
            return skipped("wipe", "A signature is being taken.")
        try:
            self._require_up()
            await self._wipe(ready=False)
        except DeviceError as error:
            return failed("wipe", error)
        return Finding("wipe", Verdict.PASSED, "done", "done")
