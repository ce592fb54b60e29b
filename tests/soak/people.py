"""Fictional people by the hundred, each in a scenario file of their own, for simulated platforms that are processes of their own."""

from __future__ import annotations

from pathlib import Path

from config.scenarios import Scenario, load_scenario
from kiosk.ports.clock import SystemClock
from tests.faults.people import OUTCOMES, Series, wish

__all__ = ["OUTCOMES", "person"]
SOAK = Series(2, "S", (1, 2))


def person(folder: Path, service: str, n: int, *, camera: bool = False) -> tuple[Path, Scenario]:
    """Citizen number `n` (0 to 9999, over all services) with something of their own to do; they look into the camera where wanted."""
    name = f"soak_{service}_{n}"
    file = folder / f"{name}.toml"
    file.write_text(wish(service, name, "试验", SOAK, n, camera=camera))
    return file, load_scenario(file, SystemClock().now().date())
