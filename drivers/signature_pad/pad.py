"""What all signature pads do alike: begin, wait for ink, wipe, end. Where the ink comes from is the business of each kind."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import ClassVar

from drivers.link_state import Line, LinkState
from drivers.service import Service
from drivers.signature_pad.ink import Ink
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.controls import Signature, Stroke
from kiosk.ports.devices import DeviceStatus, Link
from kiosk.ports.health import Finding, Level, Person

DEVICE = "signature_pad"


class InkPad(ABC):
    """Base of `kiosk.ports.controls.SignaturePad`, with `Serviced`, `Resettable`, `Returning`."""

    device_id: ClassVar[str] = DEVICE
    driver: str
    simulated: bool

    def __init__(self, line: Line) -> None:
        self._service = Service(self.status)
        self._state = LinkState(DEVICE, line, self._service.tell)
        self._news = asyncio.Event()
        self._ink = Ink(self._on_ink)
        self._cancelled = False
        self._prepared = False
        """The surface shows that one can write, or is about to."""

    @property
    @abstractmethod
    def capabilities(self) -> Mapping[str, object]: ...

    @abstractmethod
    async def open(self) -> None: ...

    @abstractmethod
    async def close(self) -> None: ...

    @abstractmethod
    async def check(self) -> DeviceStatus: ...

    @abstractmethod
    async def reset(self) -> None: ...

    @abstractmethod
    async def wait_return(self) -> None: ...

    @abstractmethod
    async def examine(self, level: Level, person: Person) -> tuple[Finding, ...]: ...

    @abstractmethod
    async def _wipe(self, *, ready: bool) -> None:
        """Take the ink off the surface, which is then to be written on (`ready`) or left alone. Raises DeviceError."""

    # --- life

    def status(self) -> DeviceStatus:
        state = self._state
        surface = "unknown"
        if state.connected:
            surface = "writing" if self._ink.down and self._ink.taking else "ready" if self._ink.taking else "idle"
        return DeviceStatus(state.link, {"surface": surface}, state.detail, state.trouble)

    def counters(self) -> Mapping[str, int]:
        return self._service.counters()

    def listen(self, changed: Callable[[], None]) -> Callable[[], None]:
        return self._service.listen(changed)

    # --- signing

    async def start(self) -> None:
        self._require_up()
        if self._ink.taking:
            raise DeviceError(ErrorKind.BUSY, DEVICE, "A signature is being taken already.")
        self._ink.clear()
        self._prepared = True
        await self._wipe(ready=True)
        self._cancelled = False
        self._ink.taking = True
        self._service.tell()

    def ink(self) -> tuple[Stroke, ...]:
        return self._ink.strokes

    async def wait_ink(self, deadline: float) -> None:
        self._require_taking()
        try:
            async with asyncio.timeout(max(deadline, 0.0)):
                while self._ink.empty:
                    self._news.clear()
                    await self._news.wait()
                    if self._cancelled:
                        raise DeviceError(ErrorKind.CANCELLED, DEVICE, "The signature was cancelled.")
                    self._require_taking()
        except TimeoutError:
            raise DeviceError(ErrorKind.TIMEOUT, DEVICE, f"Nothing was written within {deadline:g} s.") from None

    async def clear(self) -> None:
        self._require_taking()
        self._ink.clear()
        await self._wipe(ready=True)

    async def finish(self) -> Signature:
        self._require_taking()
        self._ink.lift()
        if self._ink.empty:
            raise DeviceError(ErrorKind.NO_MEDIA, DEVICE, "Nothing was written.")
        if not self._ink.signed:
            self._service.count("failed_reads")
            raise DeviceError(ErrorKind.MEDIA_BAD, DEVICE, "Only a dot or a tick was written.")
        signature = Signature(self._ink.strokes, self._ink.width, self._ink.height, self._ink.cut)
        self._service.count("reads")
        await self._end()
        return signature

    async def cancel(self) -> None:
        if self._ink.taking or self._prepared:
            self._cancelled = True
            self._news.set()
            await self._end()

    async def _end(self) -> None:
        """Nothing of what was written stays."""
        self._ink.taking = self._prepared = False
        self._ink.clear()
        if self._state.connected:
            with suppress(DeviceError):  # a surface that is lost shows nothing to anybody, and the status tells it
                await self._wipe(ready=False)

    # --- inside

    def _on_ink(self) -> None:
        self._news.set()
        self._service.tell()

    def _lost(self, error: DeviceError) -> None:
        """The surface is gone, and with it what was written: half a name is none."""
        if self._state.connected:
            self._service.count("losses")
        self._state.connected = False
        self._ink.taking = self._prepared = False
        self._ink.clear()
        unheard = error.kind not in (ErrorKind.CONFIG, ErrorKind.PERMISSION, ErrorKind.HARDWARE, ErrorKind.UNSUPPORTED)
        self._state.note(Link.OFFLINE if unheard else Link.FAULT, error.hint, error.kind)
        self._news.set()

    def _require_up(self) -> None:
        if not self._state.wanted:
            raise DeviceError(ErrorKind.NOT_OPEN, DEVICE, "The signature pad is not open.")
        if not self._state.connected:
            raise DeviceError(ErrorKind.OFFLINE, DEVICE, self._state.detail or "The signature pad is gone.")

    def _require_taking(self) -> None:
        self._require_up()
        if not self._ink.taking:
            raise DeviceError(ErrorKind.CANCELLED, DEVICE, "No signature is being taken.")
