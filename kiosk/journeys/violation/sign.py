"""Signing where a pad with a pen lies beside the screen: its ink is shown on the page as it is written.

The screen takes a finger all the time, so whatever happens to the pad nobody is stuck: without one, with one that does not answer,
or when it is pulled out in mid-signature, the page goes on by touch. Half a name on a pad that is gone is no part of a signature.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

import structlog

from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.journeys.kit import Kit
from kiosk.ports.controls import SignaturePad, Stroke
from kiosk.ports.devices import Link
from kiosk.screens.base import Page
from kiosk.screens.violation import Defend, Pen, PenaltyNotice, Rewrite, Signed

log = structlog.get_logger(__name__)
LOST = "签名板断开了，请用手指写在框内。"
LOOK_S = 0.04
"""Between two looks at the ink while there is some: 25 pictures a second."""
WAIT_S = 3600.0
"""The pen is waited for as long as the page is shown, an hour at a time."""


async def ask_to_sign(kit: Kit, screen: PenaltyNotice) -> Signed | Defend:
    """Show the page and wait for its answer. Raises Back and Cancelled."""
    pad = kit.signature_pad
    if not screen.sign or pad is None or pad.status().link is not Link.READY:
        return _only(await kit.desk.open(screen).answer())
    screen = replace(screen, pen=Pen())
    page = kit.desk.open(screen)
    following = asyncio.ensure_future(_follow(kit, pad, page, screen))
    try:
        while isinstance(answer := await page.answer(), Rewrite):
            await _wipe(pad)
        if isinstance(answer, Signed):
            await _finish(pad)
        return _only(answer)
    finally:
        following.cancel()
        done, _ = await asyncio.wait((following,))
        await pad.cancel()
        for task in done:
            if not task.cancelled():
                task.result()  # a fault of this program is not to be lost


def _only(answer: Signed | Defend | Rewrite) -> Signed | Defend:
    if isinstance(answer, Rewrite):
        raise RuntimeError("a page without a pad asked for it to be wiped")
    return answer


async def _follow(kit: Kit, pad: SignaturePad, page: Page[Signed | Defend | Rewrite], screen: PenaltyNotice) -> None:
    """Show what is written until the pad is lost or somebody cancels this."""
    try:
        await pad.cancel()
        await pad.start()
    except DeviceError as error:
        log.warning("signature_pad_not_used", error=error.kind.value, native=error.native)
        page.update(replace(screen, pen=None))
        return
    width, height = _millimetres(pad, "width_mm"), _millimetres(pad, "height_mm")
    shown: tuple[Stroke, ...] | None = None
    try:
        while True:
            ink = pad.ink()
            if ink != shown:
                kit.guard.touch()
                strokes = tuple(tuple((point.x, point.y, point.t) for point in stroke) for stroke in ink)
                page.update(replace(screen, pen=Pen(True, strokes, width, height)))
                shown = ink
            if ink:
                await asyncio.sleep(LOOK_S)
                _still_there(pad)
            else:
                await _pen_comes(pad)
    except DeviceError as error:
        log.warning("signature_pad_lost", error=error.kind.value, native=error.native)
        page.update(replace(screen, pen=None, trouble=LOST))


def _millimetres(pad: SignaturePad, name: str) -> float:
    told = pad.capabilities.get(name)
    return float(told) if isinstance(told, int | float) else 0.0


async def _pen_comes(pad: SignaturePad) -> None:
    """Raises DeviceError where the pad is lost."""
    try:
        await pad.wait_ink(WAIT_S)
    except DeviceError as error:
        if error.kind is not ErrorKind.TIMEOUT:
            raise


def _still_there(pad: SignaturePad) -> None:
    status = pad.status()
    if status.link is not Link.READY:
        raise DeviceError(status.trouble or ErrorKind.OFFLINE, pad.device_id, "The pad was lost in mid-signature.")


async def _wipe(pad: SignaturePad) -> None:
    try:
        await pad.clear()
    except DeviceError as error:  # whoever follows the ink finds out as well, and says so
        log.info("signature_pad_not_wiped", error=error.kind.value)


async def _finish(pad: SignaturePad) -> None:
    """The picture is the page's, made of all that was written; the pad counts what was written on it."""
    if not pad.ink():
        return
    try:
        await pad.finish()
    except DeviceError as error:
        log.info("signature_pad_not_finished", error=error.kind.value)
