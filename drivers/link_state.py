"""What a driver knows of the link to its device. Nothing is logged above debug here: the supervisor tells a loss and a return once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import structlog

from kiosk.domain.errors import ErrorKind
from kiosk.ports.devices import Link

log = structlog.get_logger(__name__)


class Line(Protocol):
    @property
    def name(self) -> str: ...


def _nobody() -> None:
    """No listener."""


class LinkState:
    """`wanted`: opened and not closed since; as long as it is not, `link` is CLOSED, whatever is noted.
    `connected`: the line is up and the device has answered on it. `trouble`: the kind of error that led here, where one did.
    `changed` is called after every note, real change or not (`Service.tell` sorts that out)."""

    def __init__(self, device: str, line: Line, changed: Callable[[], None] = _nobody) -> None:
        self._device = device
        self._line = line
        self._changed = changed
        self.wanted = False
        self.connected = False
        self.link = Link.CLOSED
        self.detail = ""
        self.trouble: ErrorKind | None = None

    def note(self, state: Link, detail: str = "", trouble: ErrorKind | None = None) -> None:
        if not self.wanted:
            state, detail, trouble = Link.CLOSED, "", None
        if state is not self.link:
            log.debug("device_link", device=self._device, line=self._line.name, state=state.value, detail=detail)
        self.link, self.detail, self.trouble = state, detail, trouble
        self._changed()

    def broken_off(self) -> None:
        """Something was cancelled or ran out of time: nothing new is known about the device."""
        if self.link in (Link.BUSY, Link.OPENING):
            self.note(Link.READY if self.connected else Link.OFFLINE, self.detail, self.trouble)
