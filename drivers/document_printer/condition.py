"""What a queue says of itself, in the words of XFS.

IPP gives each reason a severity by its suffix (-report, -warning, -error; none means error), RFC 8011, 5.4.12. cupsd passes on
what the backend reported *during the last job*: on an idle queue a reason may long be out of date, and its absence proves
nothing. Only a printer that is asked itself (no `device-uri` among its attributes) is believed while idle.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from drivers.document_printer import ipp
from drivers.document_printer.ipp import Attributes
from kiosk.domain.errors import ErrorKind
from kiosk.ports.devices import DeviceStatus, Link

IDLE, PROCESSING, STOPPED = 3, 4, 5
_SUFFIXES = ("-report", "-warning", "-error")

_OUT = ("media-empty", "media-needed", "input-tray-missing")
_JAMMED = ("media-jam", "output-area-full", "output-tray-missing")
_OPEN = ("cover-open", "door-open", "interlock-open")
_TONER_OUT = (
    "toner-empty",
    "marker-supply-empty",
    "opc-life-over",
    "developer-empty",
    "marker-waste-full",
    "cartridge-missing",
)
_TONER_LOW = ("toner-low", "marker-supply-low", "opc-near-eol", "developer-low", "marker-waste-almost-full")
_GONE = ("offline", "shutdown", "timed-out", "connecting-to-device")
_BROKEN = (
    "fuser-over-temp",
    "fuser-under-temp",
    "interpreter-resource-unavailable",
    "cups-missing-filter",
    "cups-insecure-filter",
)
_PAUSED = ("paused", "hold-new-jobs", "moving-to-paused", "stopping", "stopped-partly")
_TONER_TYPES = ("toner", "toner-cartridge", "ink", "ink-cartridge")
_LOW_PERCENT = 10

UNKNOWN: Mapping[str, str] = {"paper": "unknown", "cover": "unknown", "toner": "unknown", "queue": "unknown"}


@dataclass(frozen=True, slots=True)
class Condition:
    """One look at a queue. `fresh`: the printer itself spoke, now."""

    parts: Mapping[str, str] = field(default_factory=lambda: UNKNOWN)
    trouble: tuple[ErrorKind, str] | None = None
    """Why nothing comes out, the most helpful reason first."""
    closed: tuple[ErrorKind, str] | None = None
    """Why the queue itself would not let a job through."""
    fresh: bool = False

    def status(self) -> DeviceStatus:
        if self.closed is not None:
            return DeviceStatus(Link.FAULT, self.parts, self.closed[1], self.closed[0])
        if self.trouble is not None:
            kind, hint = self.trouble
            if self.fresh:
                return DeviceStatus(Link.FAULT, self.parts, hint, kind)
            return DeviceStatus(Link.DEGRADED, self.parts, f"At the last job: {hint}", kind)
        if self.parts["paper"] == "low" or self.parts["toner"] == "low":
            return DeviceStatus(Link.DEGRADED, self.parts, "Paper or toner is nearly used up.", ErrorKind.SUPPLY_LOW)
        if self.parts["paper"] == "unknown":
            return DeviceStatus(Link.DEGRADED, self.parts, "The queue tells of the printer only while it prints.")
        return DeviceStatus(Link.READY, self.parts)


def read(attributes: Attributes, *, printed: bool = False) -> Condition:
    """`printed`: a job of ours has come through, so that what the queue does not complain of is in order."""
    state = ipp.number(attributes, "printer-state")
    reasons = frozenset(_bare(word) for word in ipp.words(attributes, "printer-state-reasons"))
    fresh = "device-uri" not in attributes or state == PROCESSING
    paper, cover = _paper(reasons), "open" if _any(reasons, _OPEN) else "closed"
    if not fresh and not printed:
        paper = "unknown" if paper == "full" else paper
        cover = "unknown" if cover == "closed" else cover
    queue, closed = _queue(attributes, state, reasons)
    parts = {"paper": paper, "cover": cover, "toner": _toner(attributes, reasons), "queue": queue}
    trouble = _trouble(parts, reasons)
    if trouble is not None and "device-uri" not in attributes and reasons.isdisjoint(_PAUSED) and queue == "paused":
        # RFC 8011, 5.4.11: a printer without paper is itself "stopped". Nobody has paused it, and it goes on by itself.
        closed = None
    return Condition(parts, trouble, closed, fresh)


def _bare(word: str) -> str:
    return next((word.removesuffix(end) for end in _SUFFIXES if word.endswith(end)), word)


def _any(reasons: frozenset[str], words: tuple[str, ...]) -> bool:
    return not reasons.isdisjoint(words)


def _paper(reasons: frozenset[str]) -> str:
    if _any(reasons, _JAMMED):
        return "jammed"
    if _any(reasons, _OUT):
        return "out"
    return "low" if "media-low" in reasons else "full"


def _toner(attributes: Attributes, reasons: frozenset[str]) -> str:
    """Reasons first, then `marker-levels` (percent; -1 unknown, -2 unlimited, -3 something left: PWG 5100.9)."""
    if _any(reasons, _TONER_OUT):
        return "out"
    if _any(reasons, _TONER_LOW):
        return "low"
    kinds = ipp.words(attributes, "marker-types")
    levels = [value for value in attributes.get("marker-levels", []) if isinstance(value, int)]
    lows = [value for value in attributes.get("marker-low-levels", []) if isinstance(value, int)]
    known = [
        (level, lows[i] if i < len(lows) and lows[i] > 0 else _LOW_PERCENT)
        for i, level in enumerate(levels)
        if level != -1 and (i >= len(kinds) or kinds[i] in _TONER_TYPES)
    ]
    if not known:
        return "unknown"
    if any(level == 0 for level, _ in known):
        return "out"
    return "low" if any(0 < level <= low for level, low in known) else "ok"


def _queue(
    attributes: Attributes, state: int | None, reasons: frozenset[str]
) -> tuple[str, tuple[ErrorKind, str] | None]:
    if "spool-area-full" in reasons:
        return "full", (ErrorKind.BUSY, "The print service has no disk space for jobs.")
    if state == STOPPED or _any(reasons, _PAUSED):
        return "paused", (ErrorKind.OFFLINE, "The queue is paused.")
    if ipp.first(attributes, "printer-is-accepting-jobs") is False:
        return "closed", (ErrorKind.OFFLINE, "The queue takes no jobs.")
    if state is None:
        return "unknown", None
    return "busy" if state == PROCESSING else "ready", None


def _trouble(parts: Mapping[str, str], reasons: frozenset[str]) -> tuple[ErrorKind, str] | None:
    if parts["paper"] == "jammed":
        return ErrorKind.MEDIA_JAMMED, "Paper is jammed or the output tray is full."
    if parts["cover"] == "open":
        return ErrorKind.COVER_OPEN, "A cover is open."
    if parts["paper"] == "out":
        return ErrorKind.SUPPLY_OUT, "The paper is out."
    if parts["toner"] == "out":
        return ErrorKind.SUPPLY_OUT, "The toner is used up, or a cartridge is missing."
    if _any(reasons, _GONE):
        return ErrorKind.OFFLINE, "The printer does not answer the print service."
    if _any(reasons, _BROKEN):
        return ErrorKind.HARDWARE, "The printer reports a fault."
    return None


def abilities(attributes: Attributes) -> Mapping[str, object]:
    """`spooler`: a print service, which knows of its printer only what it saw at the last job."""
    sides = ipp.words(attributes, "sides-supported")
    return {
        "sides": sides or ("one-sided",),
        "duplex": any(word.startswith("two-sided") for word in sides),
        "pages_per_min": ipp.number(attributes, "pages-per-minute"),
        "model": str(ipp.first(attributes, "printer-make-and-model") or ""),
        "spooler": "device-uri" in attributes,
    }
