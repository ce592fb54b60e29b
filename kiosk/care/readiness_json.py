"""The readiness report for programs: written, kept in the logbook, and read back from there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from kiosk.care.checkup import Checkup, DeviceReport, Examined, Judged, Readiness, Standing
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.devices import DeviceStatus, Link
from kiosk.ports.health import Finding, Level, Verdict

VERSION = 1
"""Members may be added within a version; none changes its meaning."""


def as_json(found: Checkup, kiosk_id: str, audit: str = "") -> dict[str, Any]:
    """`audit` is the newest row of the audit chain at the time, as `Audit.anchor` gives it."""
    return {
        "version": VERSION,
        "good": found.verdict is Readiness.READY,
        "verdict": str(found.verdict),
        "kiosk": kiosk_id,
        "at": found.at.isoformat(timespec="seconds"),
        "level": int(found.level),
        "only": found.only,
        "whole": found.whole,
        "seconds": round(found.seconds, 1),
        "audit": audit,
        "services": {name: str(standing) for name, standing in found.services.items()},
        "alarms": list(found.alarms),
        "devices": [_device(report) for report in found.devices],
    }


def _device(report: DeviceReport) -> dict[str, Any]:
    data: dict[str, Any] = {
        "device": report.device,
        "driver": report.driver,
        "simulated": report.simulated,
        "link": str(report.status.link),
        "parts": dict(report.status.parts),
        "detail": report.status.detail,
        "good": report.verdict is Verdict.PASSED,
        "verdict": str(report.verdict),
        "levels": [_level(level) for level in report.levels],
    }
    if report.trouble is not None:
        data |= {"error": str(report.trouble.kind), "hint": report.trouble.hint}
    return data


def _level(level: Examined) -> dict[str, Any]:
    return {
        "level": int(level.level),
        "verdict": str(level.verdict),
        "seconds": round(level.seconds, 2),
        "findings": [
            {
                "name": judged.finding.name,
                "verdict": str(judged.finding.verdict),
                "by": judged.by,
                "value": judged.finding.value,
                "limit": judged.finding.limit,
                "detail": judged.finding.detail,
            }
            for judged in level.findings
        ],
    }


def from_json(data: Mapping[str, Any]) -> Checkup:
    """An earlier report. Raises ValueError for one that is none, or of another version."""
    if data.get("version") != VERSION:
        raise ValueError(f"a readiness report of version {data.get('version')!r} cannot be read")
    try:
        return Checkup(
            dt.datetime.fromisoformat(data["at"]),
            Level(data["level"]),
            tuple(_device_of(row) for row in data["devices"]),
            {name: Standing(standing) for name, standing in data["services"].items()},
            bool(data["whole"]),
            float(data["seconds"]),
            str(data["only"]),
            tuple(map(str, data.get("alarms", ()))),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"this is no readiness report ({type(error).__name__})") from None


def _device_of(row: Mapping[str, Any]) -> DeviceReport:
    trouble = DeviceError(ErrorKind(row["error"]), row["device"], row["hint"]) if "error" in row else None
    status = DeviceStatus(Link(row["link"]), dict(row["parts"]), row["detail"])
    levels = tuple(
        Examined(
            Level(level["level"]),
            tuple(
                Judged(
                    Finding(each["name"], Verdict(each["verdict"]), each["value"], each["limit"], each["detail"]),
                    each["by"],
                )
                for each in level["findings"]
            ),
            level["seconds"],
        )
        for level in row["levels"]
    )
    return DeviceReport(row["device"], row["driver"], row["simulated"], status, levels, trouble)
