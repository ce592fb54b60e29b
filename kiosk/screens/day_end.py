"""T08, the end of a day, for technicians: sums, breaks, what is to be done. Orders and amounts only, nobody is named."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.screens.diagnostics import Fact, Head, Order, Tone
from kiosk.screens.screen import Screen


@dataclass(frozen=True, slots=True)
class WorkRow:
    """One entry of the work list."""

    number: str
    what: str
    """已入账未收款 …"""
    amount: str
    day: str
    todo: str
    alarm: bool = False


@dataclass(frozen=True, slots=True)
class RefundRow:
    number: str
    """The payment's."""
    amount: str
    state: str
    """待退款 …"""
    tone: Tone
    detail: str
    """Wallet and since when."""


@dataclass(frozen=True, slots=True)
class LateRow:
    """One decision that was paid late by its number, or was going to be."""

    number: str
    """Masked."""
    day: str
    """2026-11-20, when the platform said so."""
    platform: str
    """18.00 元, as the citizen was told."""
    own: str
    """12.00 元, or that it was not reckoned."""
    why: str = ""
    """Why the two differ, or why there is no figure of ours; "" where they are the same."""
    tone: Tone = "ok"


@dataclass(frozen=True, slots=True)
class LateView:
    """Late payment (加处罚款) of the last days: the platform's figures, which count, and our own beside them."""

    rows: tuple[LateRow, ...] = ()
    """Newest first."""
    days: int = 31
    """So far back."""
    differing: int = 0
    """Also among those that are too old for `rows`."""
    years: tuple[int, ...] = ()
    """Years whose holidays are known."""
    missing_year: int = 0
    """A decision of today would fall due in this year, and its holidays are not known. 0: they are."""


@dataclass(frozen=True, slots=True)
class DayEndView(Screen[Order]):
    """T08. Orders: PAGE a day older or newer, MATCH, PRINT day_end, GO, LEAVE."""

    head: Head
    day: str
    """2026-11-20"""
    tone: Tone = "muted"
    verdict: str = ""
    """In a few words."""
    text: str = ""
    told: str = ""
    """When it was matched, and with whose books."""
    sums: tuple[Fact, ...] = ()
    counts: tuple[Fact, ...] = ()
    """Breaks of this day by class."""
    work: tuple[WorkRow, ...] = ()
    """All open entries, alarms first."""
    refunds: tuple[RefundRow, ...] = ()
    older: bool = True
    newer: bool = False
    can_match: str = ""
    """Why the match cannot be repeated now; "" where it can."""
    late: LateView | None = None
    """None: nobody can say."""
