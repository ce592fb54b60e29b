"""The home screen between citizens: shows what this machine can do now, and starts what is chosen."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import structlog

from kiosk.care.supervisor import Holder, Supervisor
from kiosk.journeys.cards import MOST_CARDS
from kiosk.journeys.kit import Kit, tell
from kiosk.journeys.paying_hours import too_late
from kiosk.ports.devices import DeviceStatus, Link
from kiosk.screens.base import Cancelled
from kiosk.screens.common import Home, Notice, ServiceCard

log = structlog.get_logger(__name__)
STARTING = (Link.CLOSED, Link.OPENING)
UNUSABLE = (Link.OFFLINE, Link.FAULT)
CLOCK_S = 15.0
"""So often the home screen looks at the clock, where the hours of payment grey a service."""
HELD = ("mouth", "reader", "writer", "printer", "jammed")
"""Where a permit of somebody before may lie in the card unit."""
PAYING_STOPPED = "本机暂停缴款，请到旁边的机器或人工窗口办理。"
PAY_ELSEWHERE = "本机暂停缴款。可以在本机处理违法，罚款请到旁边的机器或用 12123 App 缴。"


@dataclass(frozen=True, slots=True)
class Ended:
    """How one session ended, without personal data."""

    journey: str
    outcome: str
    order_no: str = ""
    amount_fen: int = 0
    decision_nos: tuple[str, ...] = ()
    again: bool = False


Run = Callable[[Kit], Awaitable[Ended]]


@dataclass(frozen=True, slots=True)
class Service:
    """A journey on the home screen and the devices it cannot do without."""

    card: ServiceCard
    run: Run
    needs: tuple[str, ...]
    tile: bool = False
    yields: bool = False
    """A card only where there is room for one; a tile beside three others."""
    optional: bool = False
    """Not shown at machines that were built without one of its devices."""
    pays: Literal["", "later", "must"] = ""
    """It takes money. `later`: what is owed can also be paid elsewhere, so that it can be done while this machine takes none."""
    pays_within: dt.timedelta | None = None
    """It is begun only where its fee can be paid so much later, within the hours of payment. None: what it makes can be paid elsewhere."""

    signs: bool = False
    """What is decided here is signed: where signings are recorded it cannot do without `RECORDED` either."""

    def wants(self, *, recorded: bool) -> tuple[str, ...]:
        """Every device it cannot do without."""
        return (*self.needs, *RECORDED) if self.signs and recorded else self.needs


RECORDED = ("camera", "recorder")
"""公安机关办理行政案件程序规定 第263条: sound and picture of the signing, at the same time."""
WORDS = {
    "id_card": "身份证读卡器",
    "receipt_printer": "凭证打印机",
    "camera": "摄像头",
    "qr_scanner": "扫码器",
    "permit_unit": "签注设备",
    "permit_reader": "通行证读卡器",
    "document_printer": "A4 打印机",
    "recorder": "录音录像设备",
}


def home(
    services: Mapping[str, Service],
    devices: Mapping[str, DeviceStatus],
    hours: Callable[[dt.timedelta], str] = lambda _: "",
    *,
    paying_stopped: bool = False,
    recorded: bool = False,
) -> Home:
    """C01: a service whose device is down stays visible, greyed, with the reason and where to go. `hours` says why nothing can be begun
    now that is to be paid so much later; with `paying_stopped` nothing is that must be paid at all;
    `recorded`: signings are."""
    cards: list[ServiceCard] = []
    tiles: list[ServiceCard] = []
    offered = [each for each in services.values() if not each.optional or all(name in devices for name in each.needs)]
    crowded = sum(not service.tile for service in offered) > MOST_CARDS
    without = ""
    for service in offered:
        stopped = PAYING_STOPPED if paying_stopped and service.pays == "must" else ""
        troubles = (_trouble(name, devices.get(name)) for name in service.wants(recorded=recorded))
        reason = _closed(devices) or stopped or next(filter(None, troubles), "")
        if paying_stopped and service.pays == "later" and not reason:
            without = PAY_ELSEWHERE
        if not reason and service.pays_within is not None:
            reason = hours(service.pays_within)
        card = service.card
        card = ServiceCard(card.id, card.title, card.summary, card.minutes, card.needs, card.icon, reason)
        (tiles if service.tile or (crowded and service.yields) else cards).append(card)
    notice = Notice("warn", without) if without else next(_low(devices), None)
    return Home(tuple(cards), tuple(tiles), notice)


def _low(devices: Mapping[str, DeviceStatus]) -> Iterator[Notice]:
    """Paper that will soon be used up."""
    for name, words in (("receipt_printer", "凭证纸"), ("document_printer", " A4 纸")):
        printer = devices.get(name)
        if printer is not None and printer.parts.get("paper") == "low":
            yield Notice("warn", f"本机{words}快用完了，打印如有问题可到旁边的机器办理。")


def _closed(devices: Mapping[str, DeviceStatus]) -> str:
    """Why nothing at all can be begun now, whatever the service needs: what was begun could not be ended."""
    ups, board = devices.get("ups"), devices.get("io_board")
    if ups is not None and ups.parts.get("power") in ("battery", "low"):
        return "市电断了，本机暂停办理，请到旁边的机器或人工窗口办理。"
    if board is not None and board.parts.get("tamper") == "tampered":
        return "本机正在等工作人员处理，请到旁边的机器或人工窗口办理。"
    return ""


def _trouble(name: str, status: DeviceStatus | None) -> str:
    if status is None:
        return f"本机没有{WORDS[name]}，请到人工窗口办理。"
    if name == "document_printer" and status.link not in (*STARTING, Link.OFFLINE):
        return _document_trouble(status.parts) if status.link is Link.FAULT else ""
    if status.parts.get("media") in HELD or status.parts.get("bin") in ("full", "missing"):
        return f"{_ours(name)}正在等工作人员处理，请到旁边的机器或人工窗口办理。"
    if status.parts.get("paper") == "out":
        return "本机凭证打印机缺纸，请到旁边的机器或人工窗口办理。"
    if status.parts.get("cover") == "open":
        return "本机正在换纸，请稍等，或到旁边的机器办理。"
    if status.link in STARTING:
        return "正在启动，请稍等。"
    if status.link in UNUSABLE:
        return f"{_ours(name)}暂时不能用，请到旁边的机器或人工窗口办理。"
    return ""


def _document_trouble(parts: Mapping[str, str]) -> str:
    """Why the A4 printer prints nothing now. What an idle queue remembers of its last job is no fault: the paper may long be in."""
    match parts:
        case {"paper": "out"}:
            return "本机 A4 纸用完了，请到旁边的机器或人工窗口办理。"
        case {"paper": "jammed"}:
            return "本机 A4 打印机卡纸，正在等工作人员处理，请到旁边的机器或人工窗口办理。"
        case {"cover": "open"}:
            return "本机 A4 打印机的盖子开着，请稍等，或到旁边的机器办理。"
        case {"toner": "out"}:
            return "本机 A4 打印机的墨粉用完了，请到旁边的机器或人工窗口办理。"
        case {"queue": "paused" | "closed"}:
            return "本机 A4 打印机已暂停使用，请到旁边的机器或人工窗口办理。"
        case {"queue": "full"}:
            return "本机 A4 打印机正忙，请稍等，或到旁边的机器办理。"
    return f"{_ours('document_printer')}暂时不能用，请到旁边的机器或人工窗口办理。"


def _ours(name: str) -> str:
    word = WORDS[name]
    return f"本机 {word}" if word[0].isascii() else f"本机{word}"


def _shown(devices: Supervisor) -> dict[str, DeviceStatus]:
    return {name: state.shown for name, state in devices.states().items()}


def _alarms(kit: Kit) -> tuple[str, ...]:
    return kit.paying.alarms if kit.paying is not None else ()


async def serve_one(
    kit: Kit, services: Mapping[str, Service], devices: Supervisor, called_away: asyncio.Event | None = None
) -> Ended | None:
    """Show the home screen until somebody chooses, and run that journey. None where the choice could not be served, or where
    `called_away` is set first: a technician stands before the machine.

    While a session runs nobody else has the devices.
    """
    kit.desk.allow(back=False, cancel=True)
    kit.desk.progress(None)
    revision, alarms = devices.revision, _alarms(kit)
    hours = partial(too_late, kit)
    recorded = kit.settings.signing.recording == "required"
    timed = bool(kit.settings.wallet.hours) and any(each.pays_within is not None for each in services.values())
    shown = home(services, _shown(devices), hours, paying_stopped=bool(alarms), recorded=recorded)
    page = kit.desk.open(shown)
    choice: asyncio.Future[str] = asyncio.ensure_future(page.answer())
    away = asyncio.ensure_future((called_away or asyncio.Event()).wait())
    try:
        while not choice.done():
            news: list[asyncio.Future[Any]] = [asyncio.ensure_future(devices.changed(revision))]
            news += [asyncio.ensure_future(kit.paying.changed(alarms))] if kit.paying is not None else []
            try:
                waiting = (choice, *news, away)
                await asyncio.wait(waiting, timeout=CLOCK_S if timed else None, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for told in news:
                    told.cancel()
                await asyncio.gather(*news, return_exceptions=True)
            if away.done() and not choice.done():
                return None
            revision, alarms = devices.revision, _alarms(kit)
            now = home(services, _shown(devices), hours, paying_stopped=bool(alarms), recorded=recorded)
            if now != shown and not choice.done():
                page.update(now)
                shown = now
        service = services.get(choice.result())
    except Cancelled:
        kit.desk.wipe()
        return None
    finally:
        for one in (choice, away):
            one.cancel()
        await asyncio.gather(choice, away, return_exceptions=True)
    if service is None:
        return None
    log.info("session_started", journey=service.card.id)
    async with devices.lease(Holder.CITIZEN):
        ended = await service.run(kit)
    log.info("session_ended", journey=ended.journey, outcome=ended.outcome, order=ended.order_no)
    return ended


async def apologise(kit: Kit, code: str) -> None:
    """After a session that broke off: nobody is left before a page that just vanished. Goes away by itself.

    The sentence holds whatever happened: everything is on record before it is done, and the sweeper goes on from there.
    """
    kit.desk.allow(back=False, cancel=False)
    body = f"已经办好的都有记录，不会重复扣款。请到{kit.settings.kiosk.window}核对，或请工作人员帮忙。"
    try:
        async with asyncio.timeout(kit.settings.session.finish_s):
            await tell(kit, "本机出了问题，这次办理停下了", body, code=code)
    except TimeoutError:
        log.info("apology_left_unread", code=code)
    finally:
        kit.desk.wipe()
