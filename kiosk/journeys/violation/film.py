"""Sound and picture while somebody signs (公安机关办理行政案件程序规定 第263条): begun before the pen may write, ended with the signature.

A recording that breaks takes the signature with it: what was written is wiped, the citizen is told in one sentence and signs again
under a new recording. One that cannot be had at all ends the signing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any, NoReturn

import structlog

from kiosk.domain.errors import DeviceError
from kiosk.journeys.kit import EXIT, RETRY, Kit, tell
from kiosk.journeys.walker import Ended
from kiosk.ports.recorder import Recorder, Recording
from kiosk.screens.base import Page
from kiosk.screens.violation import Filming, PenaltyNotice

log = structlog.get_logger(__name__)
BROKE = "录音录像中断了，刚才的签名不算。请再签一次。"
TRIES = 3
"""Recordings that may break on one page before the citizen is asked whether to go on."""
_NUMBERS = count(1)


class CannotFilm(Exception):
    """There is no recording, and so no signature."""

    def __init__(self, error: DeviceError) -> None:
        super().__init__(error.kind.value)
        self.error = error


class Sheet:
    """The page and what it shows now: several look after it, each after its own part."""

    def __init__(self, page: Page[Any], screen: PenaltyNotice) -> None:
        self.page = page
        self.screen = screen

    def show(self, **changes: Any) -> None:
        now = replace(self.screen, **changes)
        if now != self.screen:
            self.screen = now
            self.page.update(now)


def filmed(kit: Kit) -> bool:
    return kit.settings.signing.recording == "required"


def recorder_of(kit: Kit) -> Recorder:
    """Where signings are recorded the service is greyed without one."""
    if kit.recorder is None:
        raise RuntimeError("this machine has no microphone, and signings are to be recorded")
    return kit.recorder


class Film:
    """One page's recordings, one after the other until a signature stands under one."""

    def __init__(self, kit: Kit, sheet: Sheet, wipe: Callable[[], Any]) -> None:
        """`wipe`: what else is to be wiped when a signature does not count; awaited."""
        self._kit, self._sheet, self._wipe = kit, sheet, wipe
        self._recorder = recorder_of(kit)
        self._broken = 0
        self._ending: asyncio.Future[DeviceError | None] | None = None
        """Somebody ends the recording: what became of it."""

    @property
    def on(self) -> bool:
        filming = self._sheet.screen.filming
        return filming is not None and filming.state == "on"

    async def run(self) -> None:
        """Until the recording was stopped as it should be. Raises CannotFilm."""
        while True:
            try:
                await self._once()
                return
            except DeviceError as error:
                self._ending = None
                log.warning("signing_not_recorded", kind=error.kind.value, native=error.native, device=error.device)
                self._broken += 1
                if not self.on or self._broken >= TRIES:
                    raise CannotFilm(error) from error
                await self.again()

    async def _once(self) -> None:
        await self._recorder.discard()
        await self._recorder.start(self._label())
        await self._wipe()  # what a pen beside the screen wrote before
        self._show()
        while True:
            try:
                async with asyncio.timeout(1.0):
                    await self._recorder.until_broken()
                break
            except TimeoutError:
                self._show()
        if self._ending is not None and (error := await self._ending) is not None:
            raise error

    def _show(self) -> None:
        self._sheet.show(filming=Filming("on", int(self._recorder.seconds())))

    def _label(self) -> str:
        """Date, time, machine and a number of this run: no second recording gets the same."""
        now = self._kit.clock.now()
        return f"{now:%Y%m%dT%H%M%S}-{self._kit.settings.kiosk.id}-{next(_NUMBERS)}"

    async def again(self) -> None:
        """What was signed does not count."""
        await self._wipe()
        screen = self._sheet.screen
        self._sheet.show(filming=Filming("starting"), trouble=BROKE, attempt=screen.attempt + 1)

    async def end(self) -> Recording:
        """The signature stands: the recording with it. Raises DeviceError where it broke at the last moment."""
        ending = self._ending = asyncio.get_running_loop().create_future()
        try:
            async with self._kit.guard.hold():
                recording = await self._recorder.stop()
        except DeviceError as error:
            ending.set_result(error)
            raise
        ending.set_result(None)
        return recording


async def ask_or_leave(kit: Kit, trouble: CannotFilm) -> None:
    """Try once more, or leave. Raises Ended."""
    log.warning("signing_given_up", kind=trouble.error.kind.value, device=trouble.error.device)
    body = "签名时要同步录音录像。没有作出处罚，没有记分，也没有扣款。请再试一次，或到旁边的机器、人工窗口办理。"
    code = f"D-REC-{trouble.error.kind}"
    if await tell(kit, "录音录像设备暂时不能用", body, RETRY, EXIT, tone="warn", code=code) != RETRY.id:
        _leave()


def _leave() -> NoReturn:
    raise Ended("device:recorder")
