"""The light beside the part a citizen is to use flashes as long as the page about it is shown."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import structlog

from kiosk.domain.errors import DeviceError
from kiosk.ports.controls import Flash, IoBoard
from kiosk.screens.base import Desk, Page, Progress
from kiosk.screens.common import FaceCheck, PlaceIdCard
from kiosk.screens.endorsement import InsertPermit, TakePermit
from kiosk.screens.form import BringForm, TakePhoto
from kiosk.screens.pay import ScanPayerCode
from kiosk.screens.screen import Screen

log = structlog.get_logger(__name__)
A = TypeVar("A")
LIGHTS: Mapping[type[Screen[Any]], str] = {
    PlaceIdCard: "id_card",
    FaceCheck: "camera",
    TakePhoto: "camera",
    InsertPermit: "slot",
    TakePermit: "slot",
    BringForm: "scanner",
    ScanPayerCode: "scanner",
}
"""The page and the light it belongs to, by its name under `[io_board]`; a hall without that light has none."""


class LitDesk:
    """`Desk` with a board of lights beside it. A light that cannot be set changes nothing else."""

    def __init__(self, desk: Desk, board: IoBoard) -> None:
        self._desk = desk
        self._board = board
        self._wanted = ""
        self._burning = ""
        self._setting: asyncio.Task[None] | None = None

    def open(self, screen: Screen[A]) -> Page[A]:
        self._light(LIGHTS.get(type(screen), ""))
        return self._desk.open(screen)

    def close(self) -> None:
        self._light("")
        self._desk.close()

    def wipe(self) -> None:
        self._light("")
        self._desk.wipe()

    def allow(self, *, back: bool, cancel: bool) -> None:
        self._desk.allow(back=back, cancel=cancel)

    def progress(self, progress: Progress | None) -> None:
        self._desk.progress(progress)

    def on_touch(self, callback: Callable[[], None] | None) -> None:
        self._desk.on_touch(callback)

    def on_service(self, callback: Callable[[], None] | None) -> None:
        self._desk.on_service(callback)

    @property
    def patience(self) -> float:
        return self._desk.patience

    def idle_warning(self, seconds_left: int | None) -> None:
        self._desk.idle_warning(seconds_left)

    def _light(self, name: str) -> None:
        self._wanted = name if name in self._board.lights else ""
        if self._wanted != self._burning and (self._setting is None or self._setting.done()):
            self._setting = asyncio.ensure_future(self._follow())

    async def _follow(self) -> None:
        """Until the light that burns is the one wanted: pages may change while the board is told."""
        while self._wanted != self._burning:
            before, self._burning = self._burning, self._wanted
            try:
                if before:
                    await self._board.light(before, Flash.OFF)
                if self._burning:
                    await self._board.light(self._burning, Flash.MEDIUM)
            except DeviceError as error:
                log.info("light_not_set", part=self._burning or before, error=error.kind.value)
