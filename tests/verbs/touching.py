"""One page of the real window, and what it answers when the demo's citizen wants something of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from PySide6.QtCore import QCoreApplication

from config.settings import load
from kiosk.ports.clock import SystemClock
from kiosk.screens.base import Page, Screen
from kiosk.verbs.demo_hands import Hands
from kiosk.verbs.fingers import Fingers
from kiosk.verbs.window import build
from ui.desk import QtDesk
from ui.samples import Sample, all_samples

GUARD_S = 0.05
Touch = Callable[[Hands, Page[Any], Screen[Any], Any], Awaitable[bool]]


async def _pump() -> None:
    while True:
        QCoreApplication.processEvents()
        await asyncio.sleep(0.005)


@asynccontextmanager
async def opened(large: bool) -> AsyncIterator[QtDesk]:
    """A desk on a window of the ci profile."""
    settings = load(profile="ci")
    desk, frame = build(settings, SystemClock(), windowed=True)
    if large:
        frame.large_tapped.emit()
    pump = asyncio.ensure_future(_pump())
    await asyncio.sleep(0.1)
    try:
        yield desk
    finally:
        pump.cancel()
        await asyncio.gather(pump, return_exceptions=True)
        desk.close()
        frame.set_closable(True)
        frame.close()
        frame.deleteLater()
        QCoreApplication.processEvents()


def sample_of(name: str) -> Sample:
    return all_samples()[name]


def sample(name: str) -> Screen[Any]:
    return sample_of(name).screen


async def answered(desk: QtDesk, touch: Touch, screen: Screen[Any], wanted: Any) -> tuple[Any, list[str]]:
    """What the page answers when the citizen wants this, and the pictures they kept on the way."""
    album: list[str] = []

    async def picture(page: Page[Any] | None, state: str) -> None:
        album.append(state)

    desk.allow(back=True, cancel=True)
    desk.progress(sample_of("c19_phone").progress)  # the bar of steps takes its room
    page = desk.open(screen)
    hands = Hands(Fingers(desk.frame), GUARD_S, picture, lambda shown: desk.current is shown)
    await asyncio.sleep(0.1)
    async with asyncio.timeout(40):
        waiting = asyncio.ensure_future(page.answer())
        try:
            assert await touch(hands, page, screen, wanted)
            return await waiting, album
        finally:
            waiting.cancel()
