"""Screens about somebody else's vehicle: what kind of plate it has, and filing it with its owner's consent (备案非本人机动车)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from kiosk.screens.base import Screen


@dataclass(frozen=True, slots=True)
class PlateTypeRow:
    plate_type: str
    """号牌种类, two digits."""
    name: str
    """小型汽车"""
    colour: str
    """Of the plate's ground: blue | yellow | green | yellow_green | white | black; empty where it is not known."""


@dataclass(frozen=True, slots=True)
class ChoosePlateType(Screen[str]):
    """One plate may be borne by several kinds of vehicle. The answer is the type's two digits."""

    plate: str = field(repr=False)
    """With the middle dot."""
    rows: tuple[PlateTypeRow, ...]
    chosen: str = ""
    """What is taken for the likeliest."""


@dataclass(frozen=True, slots=True)
class OfferFiling(Screen[Literal["qr", "sms"]]):
    """The vehicle is neither own nor filed: its owner can consent now. By QR code in the owner's app, or by a code sent to the owner."""

    plate: str = field(repr=False)
    warning: str
    """What the law says of taking points for others."""


@dataclass(frozen=True, slots=True)
class OwnerScans(Screen[Literal["sms"]]):
    """The owner scans this in the national app and confirms. The only answer is to use the code by telephone instead."""

    plate: str = field(repr=False)
    payload: str = field(repr=False)
    state: Literal["waiting", "filed", "refused", "expired"] = "waiting"
    seconds_left: int = 0


@dataclass(frozen=True, slots=True)
class EnterOwnerCode(Screen[str]):
    """Six digits from the owner's telephone."""

    plate: str = field(repr=False)
    phone_tail: str = field(default="", repr=False)
    """Last four digits of the owner's telephone."""
    value: str = field(default="", repr=False)
    trouble: str = ""
