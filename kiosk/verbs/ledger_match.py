"""`kiosk ledger reconcile`: fetch the other sides' books of a day, match, and tell."""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from config.sections import Remote
from config.settings import Settings, SettingsError
from kiosk.domain.bill import BillFile, BillFormatError, BillRow, PostedRow
from kiosk.domain.bill_files import read_bill, rows_of_kiosk
from kiosk.ledger.cashier import Cashier
from kiosk.ledger.orders import fines_covered
from kiosk.ledger.reconcile_day import CannotMatch, match_day
from kiosk.ledger.reconcile_lock import MatchUnderWay, only_match
from kiosk.ledger.reconcile_page import as_html
from kiosk.ledger.reconcile_report import as_json, as_text
from kiosk.ledger.reconcile_run import Outcome, Settler
from kiosk.ledger.store import Store
from kiosk.ports.clock import Clock, SystemClock
from kiosk.ports.wallet import Wallet
from kiosk.verbs.device_words import WrongUsage
from kiosk.verbs.ledger_file import opened, refused
from kiosk.verbs.report import Report

if TYPE_CHECKING:
    from kiosk.gateways.day_books import FrontBooks


async def reconcile(settings: Settings, arguments: argparse.Namespace, clock: Clock | None = None) -> Report:
    """Raises WrongUsage, SettingsError. Not good: there are breaks, or the books could not be had."""
    clock = clock or SystemClock()
    today = clock.now().date()
    day: dt.date = getattr(arguments, "date", None) or today - dt.timedelta(days=1)
    if day >= today:
        raise WrongUsage(f"--date: {day} has not ended; a day is matched from the next day on.")
    html: Path | None = getattr(arguments, "html", None)
    files: Sequence[Path] = getattr(arguments, "bill", None) or ()
    try:
        bills = [await asyncio.to_thread(_file, file) for file in files]
        outcome = await _match(settings, clock, day, bills, look=bool(getattr(arguments, "look", False)))
    except CannotMatch as error:
        return refused(str(error))
    except MatchUnderWay:
        return refused("The kiosk, or another command, matches right now; try again in a minute.")
    if html is not None:
        await _write(html, as_html(outcome, settings.kiosk.id))
    return Report(as_json(outcome), as_text(outcome), outcome.good)


async def _match(settings: Settings, clock: Clock, day: dt.date, bills: Sequence[BillFile], *, look: bool) -> Outcome:
    parts = [(bill.wallet, _of_day(bill, day, settings.kiosk.id)) for bill in bills]
    from kiosk.remotes import day_books, wallet_front

    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(opened(settings, clock))
        stack.enter_context(only_match(settings.ledger.url))
        wallet = await wallet_front(settings, clock, (), {}, stack) if _reached(settings.wallet) else None
        fronts = day_books(settings, wallet, stack)
        settler = None if look else await _settler(settings, clock, store, wallet, stack)
        books = _Files(parts, fronts) if parts else fronts
        by_platform = settings.police.bill == "platform"
        return await match_day(store, clock, day, books, settler, mark=not look, platform_bills=by_platform)


class _Files:
    """The wallets' bills as staff have fetched them, beside the police side's books."""

    def __init__(self, parts: Sequence[tuple[str, Sequence[BillRow]]], fronts: FrontBooks) -> None:
        self._parts = parts
        self._fronts = fronts

    async def bill(self, day: dt.date) -> Mapping[str, Sequence[BillRow]]:
        """Several files of one wallet are one bill."""
        return {
            wallet: [row for other, rows in self._parts if other == wallet for row in rows] for wallet, _ in self._parts
        }

    async def posted(self, day: dt.date) -> Sequence[PostedRow] | None:
        return await self._fronts.posted(day)


async def _settler(
    settings: Settings, clock: Clock, store: Store, wallet: Wallet | None, stack: AsyncExitStack
) -> Settler | None:
    """None where a remote side is simulated inside the kiosk: then the kiosk's own sweeper does what is to be done."""
    if wallet is None or not _reached(settings.police):
        return None
    from kiosk.remotes import platform_bills, police_platform

    platform = await police_platform(settings, clock, (), {}, stack)
    if settings.police.bill == "platform":
        wallet = platform_bills(platform, wallet, lambda payment: fines_covered(store, payment), stack)
    wanted = settings.wallet
    cashier = Cashier(store, wallet, platform, clock, expires_in=wanted.code_s, late=wanted.late_s)
    return Settler(store, cashier, platform)


def _reached(remote: Remote) -> bool:
    """Not simulated inside the kiosk's own process, where nobody else can ask it."""
    return not remote.url.startswith("sim:")


def _file(path: Path) -> BillFile:
    try:
        return read_bill(path.read_bytes())
    except OSError as error:
        raise CannotMatch(f"{path}: {error.strerror}.") from None
    except BillFormatError as error:
        raise CannotMatch(f"{path} cannot be taken as a bill: {error}.") from None


def _of_day(bill: BillFile, day: dt.date, kiosk_id: str) -> list[BillRow]:
    """This machine's rows of the day; the file has all machines of the merchant. Raises CannotMatch for another day's file."""
    days = {row.at.date() for row in bill.rows}
    if days and day not in days:
        raise CannotMatch(f"The bill of {bill.wallet} is not of {day}: its rows are of {min(days)} to {max(days)}.")
    return [row for row in rows_of_kiosk(bill.rows, kiosk_id) if row.at.date() == day]


async def _write(path: Path, text: str) -> None:
    def write() -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    try:
        await asyncio.to_thread(write)
    except OSError as error:
        raise SettingsError(f"{path} cannot be written: {error.strerror}.") from None
