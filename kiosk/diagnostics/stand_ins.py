"""Simulators in the place of real devices, for as long as a technician wants to try something without the device."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

import structlog

from kiosk.care.socket import Socket
from kiosk.care.supervisor import Supervisor
from kiosk.ports.bench import VirtualDevice
from kiosk.ports.devices import Device

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class StandIn:
    """The driver on a simulator's line, and the simulator."""

    device: Device
    virtual: VirtualDevice


class StandIns:
    """Lives as long as the machine. `make` builds the stand-in of one of `kinds`.

    `stay` says whether they may serve citizens: false in a hall, where a simulated reader would believe in cards that nobody has.
    """

    def __init__(
        self, supervisor: Supervisor, make: Callable[[str], StandIn], kinds: Collection[str], *, stay: bool
    ) -> None:
        self._supervisor = supervisor
        self._make = make
        self._kinds = frozenset(kinds)
        self._real: dict[str, Device] = {}
        self._in: dict[str, StandIn] = {}
        self.stay = stay

    @property
    def virtual(self) -> dict[str, VirtualDevice]:
        return {name: stand_in.virtual for name, stand_in in self._in.items()}

    def __contains__(self, name: str) -> bool:
        return name in self._in

    def __bool__(self) -> bool:
        return bool(self._in)

    def possible(self, name: str) -> bool:
        """Whether the device can be exchanged for a simulator. Raises KeyError for a device that is not there."""
        device = self._supervisor.devices[name]
        return isinstance(device, Socket) and not device.device.simulated and name in self._kinds

    async def put(self, name: str) -> None:
        """Raises KeyError for a device that is not there, ValueError (one sentence) where it cannot be exchanged."""
        if not self.possible(name):
            raise ValueError(f"{name} cannot be exchanged for a simulator")
        stand_in = self._make(name)
        self._real[name] = await self._supervisor.swap(name, stand_in.device)
        self._in[name] = stand_in
        log.warning("simulator_put_in", device=name, driver=stand_in.device.driver)

    async def take_away(self, name: str) -> None:
        """Raises KeyError where the device is itself."""
        await self._supervisor.swap(name, self._real[name])
        del self._real[name], self._in[name]
        log.warning("simulator_taken_away", device=name)

    def names(self) -> tuple[str, ...]:
        return tuple(self._in)
