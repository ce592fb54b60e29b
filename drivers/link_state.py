"""What a driver knows of the link to its device. The log is told once when the device is lost and once when it is back."""

from __future__ import annotations

from typing import Protocol

import structlog

from kiosk.ports.devices import Link

log = structlog.get_logger(__name__)
_LOST = (Link.OFFLINE, Link.FAULT)


class Line(Protocol):
    @property
    def name(self) -> str: ...


class LinkState:
    """`wanted`: opened and not closed since; as long as it is not, `link` is CLOSED, whatever is noted.
    `connected`: the line is up and the device has answered on it."""

    def __init__(self, device: str, line: Line) -> None:
        self._device = device
        self._line = line
        self.wanted = False
        self.connected = False
        self.link = Link.CLOSED
        self.detail = ""

    def note(self, state: Link, detail: str = "") -> None:
        if not self.wanted:
            state, detail = Link.CLOSED, ""
        was_lost, is_lost = self.link in _LOST, state in _LOST
        if is_lost and not was_lost:
            log.warning("device_lost", device=self._device, line=self._line.name, state=state.value, detail=detail)
        elif was_lost and state is Link.READY:
            log.info("device_back", device=self._device, line=self._line.name)
        self.link, self.detail = state, detail

    def broken_off(self) -> None:
        """Something was cancelled or ran out of time: nothing new is known about the device."""
        if self.link in (Link.BUSY, Link.OPENING):
            self.note(Link.READY if self.connected else Link.OFFLINE, self.detail)
