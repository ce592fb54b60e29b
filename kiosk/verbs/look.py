"""What the first screen needs of the settings, read before they are validated: loading pydantic takes longer than Qt.

Only plain cases are read here (a profile, a file, values of the expected types, nothing in the environment). For everything
else `glance` gives None and the caller loads the settings first. What is read here equals what `config.settings.load` says,
or loading fails right after the first paint and the kiosk ends with the usual sentence.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import config
from config.toml_file import read_toml

if TYPE_CHECKING:
    from config.settings import Settings

_PROFILES = Path(config.__file__).parent / "profiles"
_NO_SETTING = frozenset({"ONETRIP_CONFIG", "ONETRIP_PROFILE", "ONETRIP_VNC_PORT"})
_SIMULATED = {
    "devices.id_card": "samv+sim:",
    "devices.camera": "sim:",
    "devices.receipt_printer": "escpos+sim:",
    "police.url": "sim:",
    "wallet.url": "sim:",
    "face.matcher": "simulated",
}
"""The default of everything that may be simulated; the QR scanner is if the camera is, or by itself."""

_SIMULATED_PERMITS = {"devices.permit_unit": "", "devices.permit_reader": "", "exit_entry.url": "sim:"}


class Look(NamedTuple):
    """The defaults are those of `config.settings`."""

    brand: str = "公安自助服务"
    hall: str = "服务大厅"
    machine: str = "1 号机"
    help_phone: str = ""
    diagonal_in: float = 21.5
    motion: bool = True
    guard_ms: int = 300
    permits: bool = False
    """The machine has a card unit: it offers endorsements."""
    form: bool = False
    """The machine has an A4 printer: it offers the application form."""
    simulated: bool = True

    @classmethod
    def of(cls, settings: Settings) -> Look:
        place, ui = settings.kiosk, settings.ui
        return cls(
            place.brand,
            place.hall,
            place.machine,
            settings.staff.help_phone,
            ui.diagonal_in,
            ui.motion,
            ui.guard_ms,
            bool(settings.devices.permit_unit),
            bool(settings.devices.document_printer),
            bool(settings.simulated()),
        )


_PLACES = {
    "brand": "kiosk",
    "hall": "kiosk",
    "machine": "kiosk",
    "help_phone": "staff",
    "diagonal_in": "ui",
    "motion": "ui",
    "guard_ms": "ui",
}
_TYPES = {"diagonal_in": (int, float), "motion": (bool,), "guard_ms": (int,)}


def glance(path: Path | None = None, profile: str | None = None) -> Look | None:
    """The look of the machine whose settings these are; None where the settings must be asked."""
    if any(name.upper().startswith("ONETRIP_") and name not in _NO_SETTING for name in os.environ):
        return None
    if path is None and (named := os.environ.get("ONETRIP_CONFIG")):
        path = Path(named)
    try:
        own = _read_own(path) if path else {}
        wanted = profile or os.environ.get("ONETRIP_PROFILE") or own.get("profile") or "demo"
        base = read_toml(_PROFILES / f"{wanted}.toml")
    except (OSError, ValueError):
        return None
    found: dict[str, Any] = {}
    for name, section in _PLACES.items():
        value = _value(f"{section}.{name}", own, base)
        if value is None:
            continue
        if type(value) not in _TYPES.get(name, (str,)):
            return None
        found[name] = value
    permits = bool(_value("devices.permit_unit", own, base))
    form = bool(_value("devices.document_printer", own, base))
    return Look(**found, permits=permits, form=form, simulated=_simulated(permits, own, base))


def _read_own(path: Path) -> dict[str, Any]:
    """Read afresh: no copy is made of what a hall may have written there."""
    import tomllib

    with path.open("rb") as file:
        return tomllib.load(file)


def _value(name: str, *layers: Mapping[str, Any]) -> Any:
    section, key = name.split(".")
    for layer in layers:
        table = layer.get(section)
        if isinstance(table, dict) and key in table:
            return table[key]
    return None


def _simulated(permits: bool, *layers: Mapping[str, Any]) -> bool:
    scanner = str(_value("devices.qr_scanner", *layers) or "")
    parts = {**_SIMULATED, **(_SIMULATED_PERMITS if permits else {})}
    named = [str(_value(name, *layers) or default) for name, default in parts.items()]
    return "simulated" in named or any(_is_sim(url) for url in (*named, scanner))


def _is_sim(url: str) -> bool:
    return url.partition(":")[0].rpartition("+")[2] == "sim"
