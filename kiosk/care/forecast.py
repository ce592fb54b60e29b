"""How long supplies last: what was in there after the last refill, less what has been used since.

Only as good as the figures in `diagnostics.toml`; the device's own sensor comes first: what it says is out is out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from config.diagnostics_tables import DiagnosticsTable, SupplyTable
from kiosk.ports.devices import Device


class Usage(Protocol):
    """The logbook."""

    async def since_refill(self, device: str, counter: str, supply: str) -> int | None:
        """How much of a counter has been counted since the supply was last filled up; None where no refill is on record."""
        ...


@dataclass(frozen=True, slots=True)
class Supply:
    """One supply now. `left` and `full` in shown units; `left` None: no refill is on record, so nobody can say."""

    device: str
    id: str
    caption: str
    unit: str
    full: float
    left: float | None
    low: bool
    """Time to do something: below the limit, or the device says so."""
    told: bool = False
    """The device's own sensor says that it is low: nearer to the truth than any figure."""

    @property
    def percent(self) -> float | None:
        return None if self.left is None else 100 * self.left / self.full

    def words(self) -> str:
        """约 12 米（15%）"""
        if self.left is None:
            return "未登记换装"
        shown = f"{self.left:.1f}".rstrip("0").rstrip(".") if self.left < 10 else f"{self.left:.0f}"
        figure = f"约 {shown} {self.unit}（{self.percent:.0f}%）"
        return f"{figure}，设备报不足" if self.told and self.left else figure


async def forecast(devices: Mapping[str, Device], usage: Usage, table: DiagnosticsTable) -> tuple[Supply, ...]:
    """Every supply of the devices that are there, by what is in the logbook: `Counting.settle` first."""
    found = []
    for item in table.supplies.item:
        device = devices.get(item.device)
        if device is None:
            continue
        used = await usage.since_refill(item.device, item.counter, item.id)
        found.append(_supply(item, used, device.status().parts.get(item.part, "unknown"), table.supplies.alert_percent))
    return tuple(found)


def _supply(item: SupplyTable, used: int | None, part: str, alert_percent: float) -> Supply:
    full = item.full / item.unit_size
    left = None if used is None else max(0.0, (item.full - used) / item.unit_size)
    if part in item.empty and part != "high":
        left = 0.0
    told = part in (*item.empty, "low")
    low = told or (left is not None and 100 * left / full < alert_percent)
    return Supply(item.device, item.id, item.caption, item.unit, full, left, low, told)
