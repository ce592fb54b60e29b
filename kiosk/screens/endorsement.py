"""Screens of the endorsement journey (C14–C17)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from kiosk.domain.identity import Photo
from kiosk.screens.base import Row, Screen
from kiosk.screens.common import Phase


@dataclass(frozen=True, slots=True)
class InsertPermit(Screen[None]):
    """C14. There is no answer: the card is the answer. `trouble` is the sentence after a card that was given back."""

    state: Literal["waiting", "taking", "reading", "given_back", "done"] = "waiting"
    position: str = "插卡口在屏幕下方左侧，有绿灯的地方"
    arrow: Literal["left", "right", "down"] = "left"
    side: str = "有二维码的一面朝上"
    """Which way round; differs between units, so the hall's settings say it."""
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class HeldRow:
    """An endorsement in force, as text."""

    place: str
    text: str


@dataclass(frozen=True, slots=True)
class KindRow:
    id: str
    """The form's letter."""
    title: str
    detail: str
    locked: str = ""
    """Why it cannot be chosen, one sentence; empty when it can."""


@dataclass(frozen=True, slots=True)
class ChooseEndorsementKind(Screen[str]):
    """C15a. Who was recognised (masked), what they hold, and the kinds. The answer is a kind's id."""

    name: str
    permit: str
    """Number masked."""
    valid_to: str
    held: tuple[HeldRow, ...]
    kinds: tuple[KindRow, ...]


@dataclass(frozen=True, slots=True)
class PlaceRow:
    id: str
    """HKG | MAC"""
    title: str
    detail: str
    locked: str = ""


@dataclass(frozen=True, slots=True)
class ChooseDestinations(Screen[tuple[str, ...]]):
    """C15b. One or both; the answer is their ids, at least one, in the order of `places`."""

    kind: str
    places: tuple[PlaceRow, ...]
    chosen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EntryOption:
    id: str
    title: str
    """一次 · 3 个月"""
    detail: str
    """可用到 2027年2月20日，每次停留不超过 7 天"""
    fee_fen: int
    locked: str = ""


@dataclass(frozen=True, slots=True)
class EntryGroup:
    """The options for one destination; `chosen` is one option's id or empty."""

    place_id: str
    place: str
    options: tuple[EntryOption, ...]
    chosen: str = ""


@dataclass(frozen=True, slots=True)
class ChooseEntries(Screen[tuple[str, ...]]):
    """C15c. One option per destination, price on every card. The answer is one option id per group, in their order."""

    kind: str
    groups: tuple[EntryGroup, ...]


@dataclass(frozen=True, slots=True)
class EnterPhone(Screen[str]):
    """The number the hall may call: 11 digits, checked by the page while typing (identity.is_mobile decides)."""

    value: str = ""
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class FeeLine:
    title: str
    """香港 · 个人旅游 · 一次"""
    fee_fen: int


@dataclass(frozen=True, slots=True)
class ReviewEndorsement(Screen[Literal["submit", "kind", "places", "entries", "phone"]]):
    """C16. Everything once more; each row with 更改 answers the step it changes. `rows` and `changes` go together; "" has no
    change button."""

    rows: tuple[Row, ...]
    changes: tuple[Literal["kind", "places", "entries", "phone", ""], ...]
    fees: tuple[FeeLine, ...]
    total_fen: int
    declaration: str = ""


@dataclass(frozen=True, slots=True)
class MakingPermit(Screen[None]):
    """C17a. The unit's real phases; `elapsed` and `expected` in seconds for the ring, which never shows more than is done."""

    phases: tuple[Phase, ...]
    elapsed: int = 0
    expected: int = 40
    note: str = "制证中，请不要离开"


@dataclass(frozen=True, slots=True)
class CheckPermit(Screen[Literal["ok", "wrong"]]):
    """C17b. The back as the unit's camera sees it, beside what was applied for. "wrong": staff must look."""

    picture: Photo | None = field(repr=False)
    rows: tuple[Row, ...]
    seconds: int = 60
    """After this many seconds without a touch the page answers ok by itself: the card must not stay inside."""


@dataclass(frozen=True, slots=True)
class TakePermit(Screen[None]):
    """C17c. No answer: the hand that takes the card is the answer. `alarm` after the first wait; `retained` when it went into
    the bin (with the number to fetch it by)."""

    state: Literal["waiting", "alarm", "taken", "retained"] = "waiting"
    position: str = "插卡口在屏幕下方左侧"
    arrow: Literal["left", "right", "down"] = "left"
    """Where the slot is, seen from the screen, as for InsertPermit."""
    seconds: int = 30
    reference: str = ""
    note: str = ""
