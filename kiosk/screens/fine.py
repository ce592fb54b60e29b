"""Screens of paying a decision by its number, and of getting a voucher once more."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from kiosk.screens.base import Row, Screen

SCAN: Literal["scan"] = "scan"


@dataclass(frozen=True, slots=True)
class EnterDecisionNumber(Screen[str]):
    """C19 for one number. The answer is what was typed, in digits (not judged by the page), or "scan" where that is offered."""

    value: str = field(default="", repr=False)
    trouble: str = ""
    can_scan: bool = False
    purpose: Literal["pay", "copy"] = "pay"


@dataclass(frozen=True, slots=True)
class ScanDecision(Screen[Literal["type"]]):
    """The citizen holds the decision before the scanner. `trouble`: why the last code was not taken. The only answer is to type."""

    trouble: str = ""
    position: str = "扫码口在屏幕下方"
    arrow: Literal["left", "right", "down", "up"] = "down"


@dataclass(frozen=True, slots=True)
class ReviewFine(Screen[None]):
    """C08 of a decision made elsewhere: what, when, how much, until when. The only answer is "go on to pay"."""

    number: str
    """With a blank after the unit's six digits."""
    act: str
    rows: tuple[Row, ...] = field(repr=False)
    """Party and plate are masked."""
    principal_fen: int
    surcharge_fen: int
    pay_by: str
    """Last day without surcharge, spelled out; empty where none is known."""
    note: str = ""
    """What to know before paying: how the surcharge came about, and that there is no part payment."""

    @property
    def total_fen(self) -> int:
        return self.principal_fen + self.surcharge_fen


@dataclass(frozen=True, slots=True)
class ChooseReprintWay(Screen[Literal["card", "number"]]):
    """Which papers are wanted once more: all of the latest visit, with the identity card, or the voucher of one decision."""
