"""A robot that answers screens, so that every journey runs without a window: in tests, in benchmarks, in crash loops."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from kiosk.screens.base import Back, Cancelled, Progress, Screen

A = TypeVar("A")
Reply = Callable[[Any], Any]
"""Given the screen, returns its answer, or WAIT (a device answers this screen), or raises Back or Cancelled."""


class _Wait:
    def __repr__(self) -> str:
        return "WAIT"


WAIT = _Wait()


class NoReply(AssertionError):
    """A screen came that the robot was not told how to answer."""


class RobotPage:
    def __init__(self, desk: RobotDesk, screen: Screen[Any]) -> None:
        self._desk = desk
        self._screen = screen
        self._changed = asyncio.Event()

    def update(self, screen: Screen[Any]) -> None:
        if type(screen) is not type(self._screen):
            raise TypeError(f"{type(self._screen).__name__} cannot become {type(screen).__name__}")
        self._screen = screen
        self._desk.updates.append(screen)
        self._changed.set()

    async def answer(self) -> Any:
        """Asks the reply again after each update, until it answers."""
        while True:
            self._changed.clear()
            reply = self._desk.reply(self._screen)
            if reply is not WAIT:
                await asyncio.sleep(0)
                return reply
            await self._changed.wait()


class RobotDesk:
    """`replies` maps a screen type to what the robot does there. `shown` records every page in order."""

    def __init__(self, replies: Mapping[type[Any], Reply], keep: bool = True) -> None:
        self._replies = dict(replies)
        self._keep = keep
        self.shown: list[Screen[Any]] = []
        self.updates: list[Screen[Any]] = []
        self.warnings: list[int | None] = []
        self.wiped = 0
        self.back = False
        self.cancel = False
        self.current: Progress | None = None
        self.touch: Callable[[], None] | None = None
        self.service: Callable[[], None] | None = None

    def reply(self, screen: Screen[Any]) -> Any:
        try:
            reply = self._replies[type(screen)]
        except KeyError:
            raise NoReply(f"no reply for {type(screen).__name__}") from None
        try:
            return reply(screen)
        except Back:
            if not self.back:
                return WAIT
            raise
        except Cancelled:
            if not self.cancel:
                return WAIT
            raise

    def open(self, screen: Screen[A]) -> RobotPage:
        if self._keep:
            self.shown.append(screen)
        else:
            self.updates.clear()
        return RobotPage(self, screen)

    def close(self) -> None:
        pass

    def allow(self, *, back: bool, cancel: bool) -> None:
        self.back, self.cancel = back, cancel

    def progress(self, progress: Progress | None) -> None:
        self.current = progress

    def on_touch(self, callback: Callable[[], None] | None) -> None:
        self.touch = callback

    def on_service(self, callback: Callable[[], None] | None) -> None:
        self.service = callback

    @property
    def patience(self) -> float:
        return 1.0

    def idle_warning(self, seconds_left: int | None) -> None:
        self.warnings.append(seconds_left)

    def wipe(self) -> None:
        self.wiped += 1
