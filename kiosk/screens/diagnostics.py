"""Screens of the diagnostics mode (T01–T07; T08 is in `day_end`). Technicians read them, never citizens; no citizen's data is in them.

Every page lies in one shell: the sections at the side or on top, the amber edge, who is signed in, whether anything is simulated.
All pages answer with an `Order`; which orders a page can give stands at its screen.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from kiosk.ports.devices import Frame
from kiosk.screens.screen import Screen

Tone = Literal["ok", "warn", "bad", "muted"]


class Section(StrEnum):
    OVERVIEW = "overview"
    DEVICE = "device"
    CHECKS = "checks"
    DAY_END = "day_end"
    LOGS = "logs"
    FAULTS = "faults"
    SETTINGS = "settings"
    AUDIT = "audit"


class Verb(StrEnum):
    GO = "go"
    """To another section: `key` is its name; for DEVICE, `value` is the device."""
    LEAVE = "leave"
    """End diagnostics."""
    CHECK = "check"
    """Examine: `key` is a device or "" for all of them, `value` the level 1, 2 or 3."""
    STOP = "stop"
    """Break off the examination that runs."""
    SAY = "say"
    """What the person saw: `value` yes or no."""
    DO = "do"
    """An act of a device: `key` the device, `value` the act's id."""
    RESET = "reset"
    SWAP = "swap"
    """Put the simulator in the device's place, or take it away again: `key` the device, `value` the reason as typed."""
    ARM = "arm"
    """A fault: `key` device:fault, `value` once, until, or a number of times."""
    DISARM = "disarm"
    """`key` device:fault, device, or "" for everything."""
    PRESET = "preset"
    """`key` the preset's id."""
    FILTER = "filter"
    """Log: `key` level, device or text, `value` what is wanted ("" for everything)."""
    PAUSE = "pause"
    """The log stands still; `value` yes or no."""
    PAGE = "page"
    """Log, audit and day's end: `value` older or newer."""
    EXPORT = "export"
    """`key` what (log, readiness, audit), `value` the folder's id."""
    SHOW = "show"
    """How citizens' pages look: `key` a theme of LOOK_THEMES, `value` a size of LOOK_SCALES."""
    TURN = "turn"
    """A knob of the machine: `key` its name, `value` per cent."""
    PRINT = "print"
    """On paper: `key` "" the readiness report, day_end the slip of the day in `value` (2026-11-20)."""
    MATCH = "match"
    """The end-of-day match once more: `value` the day."""


@dataclass(frozen=True, slots=True)
class Order:
    verb: Verb
    key: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """What the shell shows on every page."""

    staff: str
    """Who is signed in, by the code of their pass."""
    version: str
    simulated: bool
    """Anything simulated at all: the chip 模拟模式."""
    armed: int = 0
    """Faults that are armed."""
    note: str = ""
    """A sentence about what was just done or could not be done."""
    note_tone: Tone = "ok"
    sections: tuple[Section, ...] = tuple(Section)


# -- T01 -----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StaffEntry:
    """As typed."""

    code: str = field(repr=False)
    pin: str = field(repr=False)
    totp: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class StaffLogin(Screen[StaffEntry]):
    """T01. The code of the staff pass, the PIN, and the six figures of the second factor where it is configured. Back leaves."""

    asks_totp: bool = False
    locked_s: int = 0
    """No entry is taken for so many seconds; counts down by updates."""
    trouble: str = ""
    simulated: bool = False


# -- T02 -----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tile:
    """One device on the overview."""

    key: str
    name: str
    icon: str
    tone: Tone
    state: str
    """正常, 缺纸预警, 离线 …"""
    lines: tuple[str, ...]
    """At most two: driver and line, last thing that happened."""
    latency_ms: tuple[float | None, ...] = ()
    """The last 60 checks, oldest first; None where there was no answer."""
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class LogRow:
    at: str
    """14:32:07.114"""
    level: Literal["DEBUG", "INFO", "WARN", "ERROR"]
    device: str
    text: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What the camera sees now, on this page only; kept nowhere."""

    frame: Frame | None = field(default=None, repr=False)
    box: tuple[int, int, int, int] | None = None
    """The face that was found: x, y, width, height in the frame's pixels."""
    lines: tuple[str, ...] = ()
    """人脸 1 · 正面, 25 帧/秒 · 亮度 118 · 丢帧 0"""
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Switch:
    """A fault that can be armed with one touch."""

    key: str
    """device:fault"""
    caption: str
    on: bool


@dataclass(frozen=True, slots=True)
class Overview(Screen[Order]):
    """T02. Orders: GO, CHECK "" 1, LEAVE, ARM and DISARM of the switches."""

    head: Head
    tiles: tuple[Tile, ...]
    log: tuple[LogRow, ...] = ()
    preview: Preview | None = None
    """None: no camera."""
    switches: tuple[Switch, ...] = ()


# -- T03 -----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Act:
    """Something a technician can let the device do."""

    id: str
    caption: str
    enabled: bool = True
    why: str = ""
    """Why it cannot be done now."""


@dataclass(frozen=True, slots=True)
class Fact:
    label: str
    value: str
    tone: Tone = "muted"


@dataclass(frozen=True, slots=True)
class DeviceDetail(Screen[Order]):
    """T03. Orders: GO, DO, CHECK of this device, RESET, SWAP, LEAVE."""

    head: Head
    tile: Tile
    facts: tuple[Fact, ...]
    """Driver, line, firmware, parts, since when, what mends it."""
    counters: tuple[Fact, ...]
    forecast: tuple[Fact, ...] = ()
    """余纸约 12 米 …"""
    acts: tuple[Act, ...] = ()
    events: tuple[LogRow, ...] = ()
    """Newest first."""
    can_reset: bool = False
    swap: Literal["", "to_simulator", "to_device"] = ""
    """Which exchange is offered."""
    others: tuple[tuple[str, str], ...] = ()
    """Key and name of all devices, to go on to the next."""


# -- T04 -----------------------------------------------------------------------------------------------------------------


CheckState = Literal["todo", "doing", "passed", "failed", "skipped", "unknown"]


@dataclass(frozen=True, slots=True)
class CheckRow:
    device: str
    """Its Chinese name."""
    caption: str
    state: CheckState
    value: str = ""
    limit: str = ""
    duration: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class SelfTest(Screen[Order]):
    """T04. Orders: CHECK, STOP, SAY, PRINT, EXPORT readiness, GO, LEAVE."""

    head: Head
    rows: tuple[CheckRow, ...]
    running: bool = False
    verdict: Literal["", "ready", "limited", "not_ready"] = ""
    verdict_text: str = ""
    ask: str = ""
    """What the technician is asked to do or to judge now."""
    is_question: bool = False
    """`ask` is answered with yes or no; otherwise it is only something to do."""
    level: Literal[1, 2, 3] = 1
    at: str = ""
    """When the shown result was taken."""
    folders: tuple[tuple[str, str], ...] = ()
    """Where the report can be saved, as at the log."""


# -- T05, T06, T07 -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Logs(Screen[Order]):
    """T05. Orders: FILTER, PAUSE, PAGE, EXPORT log, GO, LEAVE. What is shown was masked before it was written."""

    head: Head
    rows: tuple[LogRow, ...]
    """Newest last, as many as asked for by the journey; the page shows what fits, from the end."""
    level: str = ""
    device: str = ""
    text: str = ""
    devices: tuple[tuple[str, str], ...] = ()
    paused: bool = False
    older: bool = False
    newer: bool = False
    total: int = 0
    folders: tuple[tuple[str, str], ...] = ()
    """Where it can be saved: id and name of each USB stick or folder."""


@dataclass(frozen=True, slots=True)
class FaultRow:
    id: str
    caption: str
    armed: str = ""
    """"" not armed; otherwise how long still: 1 次, 直到清除 …"""


@dataclass(frozen=True, slots=True)
class FaultCard:
    key: str
    name: str
    rows: tuple[FaultRow, ...]


@dataclass(frozen=True, slots=True)
class FaultBoard(Screen[Order]):
    """T06, only for simulated devices. Orders: ARM, DISARM, PRESET, GO, LEAVE."""

    head: Head
    cards: tuple[FaultCard, ...]
    presets: tuple[Act, ...] = ()


@dataclass(frozen=True, slots=True)
class Setting:
    key: str
    value: str
    source: str
    """Which file or variable it came from; 默认值 where nobody said anything."""


LOOK_THEMES = ("standard", "elder", "high_contrast", "elder_high_contrast")
LOOK_SCALES = (85, 100, 115, 130)
"""Per cent of the size this panel has by its settings."""


@dataclass(frozen=True, slots=True)
class Look:
    """A look of the citizens' pages that is shown in small. Nothing of it stays when the page is left."""

    theme: str = LOOK_THEMES[0]
    percent: int = 100


@dataclass(frozen=True, slots=True)
class Dial:
    """A knob of the machine."""

    key: str
    caption: str
    percent: int | None
    """None: it cannot be turned."""
    least: int = 0
    trouble: str = ""
    """Why it cannot be turned, one sentence."""


@dataclass(frozen=True, slots=True)
class SettingsView(Screen[Order]):
    """T07. The settings are only read. Orders: SHOW, TURN, GO, LEAVE."""

    head: Head
    groups: tuple[tuple[str, tuple[Setting, ...]], ...]
    look: Look = Look()
    dials: tuple[Dial, ...] = ()


@dataclass(frozen=True, slots=True)
class AuditRow:
    seq: int
    at: str
    who: str
    what: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class AuditView(Screen[Order]):
    """T07. Orders: PAGE, EXPORT audit, GO, LEAVE."""

    head: Head
    rows: tuple[AuditRow, ...]
    whole: bool = True
    """The chain was checked and nothing is missing or changed."""
    verdict: str = ""
    older: bool = False
    newer: bool = False
    folders: tuple[tuple[str, str], ...] = ()
