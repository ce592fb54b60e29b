"""A place in the cabinet into which a driver is plugged: everybody else keeps hold of the place while the driver is exchanged."""

from __future__ import annotations

from typing import Any

from kiosk.ports.devices import Device


class Socket:
    """Passes everything on to the driver that is plugged in now. What runs on the old driver at the moment of an exchange ends there."""

    def __init__(self, device: Device) -> None:
        self._device = device

    @property
    def device(self) -> Device:
        return self._device

    def plug(self, device: Device) -> Device:
        """Returns the driver that was there."""
        before, self._device = self._device, device
        return before

    def __getattr__(self, name: str) -> Any:
        return getattr(self._device, name)


def plugged(device: Device) -> Device:
    """The driver itself."""
    return device.device if isinstance(device, Socket) else device
