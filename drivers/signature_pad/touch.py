"""The window's own sheet as a signature pad: the finger writes on the touch screen, the window tells what it wrote."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from drivers.service import skipped
from drivers.signature_pad.pad import InkPad
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.controls import InkFeed
from kiosk.ports.devices import DeviceStatus, Link
from kiosk.ports.health import Finding, Level, Person, Verdict


class _Screen:
    name = "touch"


class TouchPad(InkPad):
    """Implements `kiosk.ports.controls.SignaturePad`. The sheet need not be shown all the time: without one nothing is written."""

    driver = "touch"
    simulated = False

    def __init__(self, feed: InkFeed) -> None:
        super().__init__(_Screen())
        self._feed = feed
        self._detach: Callable[[], None] | None = None

    @property
    def capabilities(self) -> Mapping[str, object]:
        return {"width_mm": self._ink.width, "height_mm": self._ink.height, "pressure_levels": 0, "line": _Screen.name}

    async def open(self) -> None:
        self._state.wanted = True
        if self._detach is None:
            self._detach = self._feed.attach(self._ink)
            self._service.count("opens")
        self._state.connected = True
        self._state.note(Link.READY)

    async def close(self) -> None:
        await self.cancel()
        detach, self._detach = self._detach, None
        if detach is not None:
            detach()
        self._state.wanted = self._state.connected = False
        self._state.note(Link.CLOSED)

    async def check(self) -> DeviceStatus:
        return self.status()

    async def reset(self) -> None:
        if not self._state.wanted:
            raise DeviceError(ErrorKind.NOT_OPEN, self.device_id, "The signature pad is not open.")
        await self.cancel()
        if self._detach is not None:
            self._detach()
        self._detach = None
        await self.open()

    async def wait_return(self) -> None:
        await asyncio.get_running_loop().create_future()  # a window does not go and come back

    async def examine(self, level: Level, person: Person) -> tuple[Finding, ...]:
        del person
        if level is not Level.INTERNAL:
            return (skipped("ink", "Write on the sheet of any page that asks for a signature."),)
        up = self._state.link is Link.READY
        shown = self._ink.width > 0
        size = f"{self._ink.width:g} x {self._ink.height:g} mm"
        return (
            Finding("link", Verdict.PASSED if up else Verdict.FAILED, self._state.link.value, "ready"),
            Finding("size", Verdict.PASSED, size) if shown else skipped("size", "No sheet is shown at the moment."),
        )

    async def _wipe(self, *, ready: bool) -> None:
        del ready  # the page says itself that one can write
        self._feed.wipe()
