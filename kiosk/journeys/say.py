"""Pages at the end of a visit that need no answer: once money was asked for, silence leads on and not out, because what follows (the
permit, the slip, how the visit is summed up) is owed to the citizen either way."""

from __future__ import annotations

import asyncio
from typing import TypeVar

from kiosk.journeys.kit import EXIT, Kit
from kiosk.screens.base import Button, Screen, ask
from kiosk.screens.common import Message, Tone

A = TypeVar("A")


async def answered(kit: Kit, screen: Screen[A]) -> A | None:
    """The citizen's answer, or None when they have not touched it for as long as any page stands."""
    try:
        async with kit.guard.hold(), asyncio.timeout(kit.settings.session.idle_s * kit.desk.patience):
            return await ask(kit.desk, screen)
    except TimeoutError:
        return None


async def say(kit: Kit, title: str, body: str, button: Button = EXIT, *, tone: Tone = "bad", code: str = "") -> None:
    """C22: what happened, what is safe, what to do."""
    await answered(kit, Message(title, body, (button,), tone, code))
