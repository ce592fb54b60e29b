"""C01, the screen between two citizens. By itself, so that the first paint loads no other screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kiosk.screens.base import Screen

Tone = Literal["info", "ok", "warn", "bad"]


@dataclass(frozen=True, slots=True)
class ServiceCard:
    """One service on the home screen. `unavailable` is the reason and where to go; the card then stays visible, greyed."""

    id: str
    title: str
    summary: str
    minutes: int
    needs: str
    icon: str
    unavailable: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    tone: Tone
    text: str


@dataclass(frozen=True, slots=True)
class Home(Screen[str]):
    """C01. The answer is the id of a service card or of a small tile ("reprint")."""

    services: tuple[ServiceCard, ...]
    tiles: tuple[ServiceCard, ...] = ()
    notice: Notice | None = None
