"""`kiosk drivers`: which drivers there are, for which devices, and where each comes from."""

from __future__ import annotations

from typing import Any

from drivers.registry import Found, Registry
from kiosk.verbs.report import Report


def listed(registry: Registry) -> Report:
    """A package that was meant to be a driver and cannot be one makes the report a bad one."""
    found = registry.all()
    rows = [_row(each) for each in found]
    lines = [_text(each) for each in found]
    bad = [each for each in found if each.trouble]
    if len(found) == len([each for each in found if each.source == "built in"]):
        lines.append("no other maker's driver is installed (entry point group onetrip.drivers)")
    return Report({"version": 1, "good": not bad, "drivers": rows}, "\n".join(lines), not bad)


def _row(found: Found) -> dict[str, Any]:
    driver = found.driver
    return {
        "name": found.name,
        "source": found.source,
        "kind": driver.kind if driver is not None else None,
        "schemes": list(driver.schemes) if driver is not None else [],
        "about": driver.about if driver is not None else "",
        "can_be_recorded": driver is not None and driver.masker is not None,
        "trouble": found.trouble,
    }


def _text(found: Found) -> str:
    if found.driver is None:
        return f"BAD {found.name:<17} {found.source}\n      {found.trouble}"
    schemes = ", ".join(f"{scheme}:" for scheme in found.driver.schemes)
    about = f"\n      {found.driver.about}" if found.driver.about else ""
    return f"{found.driver.kind:<17} {schemes}  ({found.source}){about}"
