"""What is known of a queue: its status, and what errors and jams make of it."""

from __future__ import annotations

from collections.abc import Mapping

from drivers.document_printer import condition
from drivers.service import Service
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.devices import DeviceStatus, Link

_MISSES = 2
_AWAY = (Link.OFFLINE, Link.OPENING, Link.CLOSED)


class Standing:
    """Keeps the status, tells of changes through `service`, counts losses and jams."""

    def __init__(self, service: Service) -> None:
        self.status = DeviceStatus(Link.CLOSED, condition.UNKNOWN)
        self._service = service
        self._misses = 0
        self._jammed = False

    def set(self, status: DeviceStatus) -> None:
        if status.link is Link.OFFLINE and self.status.link not in _AWAY:
            self._service.count("losses")
        self.status = status
        self.heard(status.parts)

    def heard(self, parts: Mapping[str, str]) -> None:
        """Parts as the job under way sees them."""
        jammed = parts.get("paper") == "jammed"
        self._service.count("jams", int(jammed and not self._jammed))
        self._jammed = jammed
        self._service.tell()

    def answered(self) -> None:
        self._misses = 0

    def opening(self) -> None:
        self._misses = 0
        self.set(DeviceStatus(Link.OPENING, condition.UNKNOWN))

    def closed(self) -> None:
        self.set(DeviceStatus(Link.CLOSED, condition.UNKNOWN))

    def not_opened(self, error: BaseException) -> None:
        told = ("Opening was broken off.", None)
        hint, kind = (error.hint, error.kind) if isinstance(error, DeviceError) else told
        self.set(DeviceStatus(Link.OFFLINE, condition.UNKNOWN, hint, kind))

    def lost(self, error: DeviceError) -> None:
        """Keep what an error says of the queue: gone at once, silent only the second time in a row."""
        if error.kind is ErrorKind.TIMEOUT:
            self._misses += 1
            link = Link.OFFLINE if self._misses >= _MISSES else Link.DEGRADED
            self.set(DeviceStatus(link, condition.UNKNOWN, error.hint, error.kind))
        elif error.kind in (ErrorKind.OFFLINE, ErrorKind.PERMISSION, ErrorKind.CONFIG):
            self.set(DeviceStatus(Link.OFFLINE, condition.UNKNOWN, error.hint, error.kind))
