"""C01, the screen between two citizens. By itself, so that the first paint loads no other screen.

Named tuples, not dataclasses: those write and compile their methods at import, which the first paint would wait for.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from kiosk.screens.screen import Screen

Tone = Literal["info", "ok", "warn", "bad"]


class ServiceCard(NamedTuple):
    """One service on the home screen. `unavailable` is the reason and where to go; the card then stays visible, greyed."""

    id: str
    title: str
    summary: str
    minutes: int
    needs: str
    icon: str
    unavailable: str = ""


class Notice(NamedTuple):
    tone: Tone
    text: str


class _Home(NamedTuple):
    services: tuple[ServiceCard, ...]
    tiles: tuple[ServiceCard, ...] = ()
    notice: Notice | None = None


class Home(_Home, Screen[str]):
    """C01. The answer is the id of a service card or of a small tile ("reprint")."""

    __slots__ = ()
