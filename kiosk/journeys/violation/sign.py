"""Signing: the tick that waives, the pen beside the screen, the recording, and the answer that counts.

Where a pad with a pen lies beside the screen its ink is shown on the page as it is written. The screen takes a finger all the time, so
whatever happens to the pad nobody is stuck: without one, with one that does not answer, or when it is pulled out in mid-signature, the
page goes on by touch. Half a name on a pad that is gone is no part of a signature.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import structlog

from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.journeys.kit import Kit
from kiosk.journeys.violation.film import CannotFilm, Film, Sheet, ask_or_leave, filmed, recorder_of
from kiosk.ports.controls import SignaturePad, Stroke
from kiosk.ports.devices import Link
from kiosk.screens.violation import Defend, Filming, Pen, PenaltyNotice, RefuseToSign, Rewrite, Signed, Waived

log = structlog.get_logger(__name__)
LOST = "签名板断开了，请用手指写在框内。"
LOOK_S = 0.04
"""Between two looks at the ink while there is some: 25 pictures a second."""
WAIT_S = 3600.0
"""The pen is waited for as long as the page is shown, an hour at a time."""
Final = Signed | Defend | RefuseToSign


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one notice was answered. `waived_at`: when the box was ticked that was still ticked at the end."""

    answer: Final
    waived_at: dt.datetime | None = None
    recording_sha256: str = ""


async def ask_to_sign(kit: Kit, screen: PenaltyNotice) -> Outcome:
    """Show the page and wait for its answer. Raises Back, Cancelled, and Ended where signings cannot be recorded now."""
    while True:
        try:
            return await _ask(kit, screen)
        except CannotFilm as trouble:
            await ask_or_leave(kit, trouble)


async def _ask(kit: Kit, screen: PenaltyNotice) -> Outcome:
    pad = kit.signature_pad if screen.sign else None
    if pad is not None and pad.status().link is not Link.READY:
        pad = None
    filming = Filming("starting") if screen.sign and filmed(kit) else None
    screen = replace(screen, pen=Pen() if pad is not None else None, filming=filming)
    sheet = Sheet(kit.desk.open(screen), screen)
    async with _pen_beside(kit, pad, sheet):
        if filming is None:
            return await _answered(kit, pad, sheet, None)
        film = Film(kit, sheet, lambda: _wipe(pad))
        try:
            return await _filmed(kit, pad, sheet, film)
        finally:
            await recorder_of(kit).discard()


async def _filmed(kit: Kit, pad: SignaturePad | None, sheet: Sheet, film: Film) -> Outcome:
    """The page's answer while the recording runs, or what becomes of the recording."""
    running = asyncio.ensure_future(film.run())
    answering = asyncio.ensure_future(_answered(kit, pad, sheet, film))
    try:
        await asyncio.wait((running, answering), return_when=asyncio.FIRST_COMPLETED)
        if not answering.done() and running.exception() is None:
            await asyncio.wait((answering,))  # the recording has ended because the signature stands
        return answering.result() if answering.done() else _raise(running)
    finally:
        for task in (running, answering):
            task.cancel()
        await asyncio.gather(running, answering, return_exceptions=True)


def _raise(task: asyncio.Future[None]) -> Outcome:
    task.result()
    raise RuntimeError("a recording ended, and nobody had signed")


async def _answered(kit: Kit, pad: SignaturePad | None, sheet: Sheet, film: Film | None) -> Outcome:
    """The first answer that counts. What is signed without a recording does not."""
    waived_at: dt.datetime | None = None
    while True:
        answer = await sheet.page.answer()
        match answer:
            case Waived():
                waived_at = kit.clock.now() if answer.ticked else None
            case Rewrite():
                await _wipe(pad)
            case Signed():
                waived_at = (
                    waived_at or kit.clock.now()
                )  # a page that tells no moment lets nobody sign without the tick
                if film is None:
                    await _finish(pad)
                    return Outcome(answer, waived_at)
                found = await _under(film)
                if found:
                    await _finish(pad)
                    return Outcome(answer, waived_at, found)
            case RefuseToSign():
                return Outcome(answer, (waived_at or kit.clock.now()) if answer.waived else None)
            case Defend():
                return Outcome(answer)


async def _under(film: Film) -> str:
    """The hash of the recording under which was signed; empty where there is none: the film tells the citizen and begins anew."""
    if not film.on:
        await film.again()
        return ""
    try:
        return (await film.end()).sha256
    except DeviceError as error:
        log.info("signature_without_recording", error=error.kind.value)
        return ""


@asynccontextmanager
async def _pen_beside(kit: Kit, pad: SignaturePad | None, sheet: Sheet) -> AsyncIterator[None]:
    if pad is None:
        yield
        return
    following = asyncio.ensure_future(_follow(kit, pad, sheet))
    try:
        yield
    finally:
        following.cancel()
        done, _ = await asyncio.wait((following,))
        await pad.cancel()
        for task in done:
            if not task.cancelled():
                task.result()  # a fault of this program is not to be lost


async def _follow(kit: Kit, pad: SignaturePad, sheet: Sheet) -> None:
    """Show what is written until the pad is lost or somebody cancels this."""
    try:
        await pad.cancel()
        await pad.start()
    except DeviceError as error:
        log.warning("signature_pad_not_used", error=error.kind.value, native=error.native)
        sheet.show(pen=None)
        return
    width, height = _millimetres(pad, "width_mm"), _millimetres(pad, "height_mm")
    shown: tuple[Stroke, ...] | None = None
    try:
        while True:
            ink = pad.ink()
            if ink != shown:
                kit.guard.touch()
                strokes = tuple(tuple((point.x, point.y, point.t) for point in stroke) for stroke in ink)
                sheet.show(pen=Pen(True, strokes, width, height))
                shown = ink
            if ink:
                await asyncio.sleep(LOOK_S)
                _still_there(pad)
            else:
                await _pen_comes(pad)
    except DeviceError as error:
        log.warning("signature_pad_lost", error=error.kind.value, native=error.native)
        sheet.show(pen=None, trouble=LOST)


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


async def _wipe(pad: SignaturePad | None) -> None:
    if pad is None:
        return
    try:
        await pad.clear()
    except DeviceError as error:  # whoever follows the ink finds out as well, and says so
        log.info("signature_pad_not_wiped", error=error.kind.value)


async def _finish(pad: SignaturePad | None) -> None:
    """The picture is the page's, made of all that was written; the pad counts what was written on it."""
    if pad is None or not pad.ink():
        return
    try:
        await pad.finish()
    except DeviceError as error:
        log.info("signature_pad_not_finished", error=error.kind.value)
