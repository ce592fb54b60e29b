"""`kiosk ledger reconcile`: fetch the other sides' books of a day, match, and tell."""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from config.settings import Settings, SettingsError
from kiosk.domain.bill import BillFile, BillFormatError, BillRow, PostedRow
from kiosk.domain.bill_files import read_bill, rows_of_kiosk
from kiosk.domain.errors import GatewayUnavailable, Refused
from kiosk.ledger.cashier import Cashier
from kiosk.ledger.orders import fines_covered
from kiosk.ledger.reconcile_books import keep_bill, keep_posted
from kiosk.ledger.reconcile_page import as_html
from kiosk.ledger.reconcile_report import as_json, as_text
from kiosk.ledger.reconcile_run import Outcome, Settler, run
from kiosk.ledger.store import Store
from kiosk.ports.clock import Clock, SystemClock
from kiosk.verbs.device_words import WrongUsage
from kiosk.verbs.ledger_file import opened, refused
from kiosk.verbs.report import Report


class CannotMatch(Exception):
    """The books of a side cannot be had; the sentence says why and what to do."""


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
    if html is not None:
        await _write(html, as_html(outcome, settings.kiosk.id))
    return Report(as_json(outcome), as_text(outcome), outcome.good)


async def _match(settings: Settings, clock: Clock, day: dt.date, bills: Sequence[BillFile], *, look: bool) -> Outcome:
    async with AsyncExitStack() as stack:
        sides = _Remote(settings, clock, stack)
        # Everything is fetched before anything is written: half the books of a day are none.
        told = None if bills else await sides.bill(day)
        posted = await sides.posted(day)
        parts = [(bill.wallet, _of_day(bill, day, settings.kiosk.id)) for bill in bills]
        store = await stack.enter_async_context(opened(settings, clock))
        for wallet, rows in parts:
            same = [row for name, others in parts if name == wallet for row in others]
            await keep_bill(store, day, same if len(parts) > 1 else rows, clock.now(), wallet)
        if told is not None:
            await keep_bill(store, day, told, clock.now())
        if posted is not None:
            await keep_posted(store, day, posted, clock.now())
        settler = None if look else await sides.settler(store)
        return await run(store, clock, day, settler, platform_bills=settings.police.bill == "platform")


class _Remote:
    """The payment front and the police front, as far as they are not simulated inside the kiosk's own process: the books of those nobody
    else can read."""

    def __init__(self, settings: Settings, clock: Clock, stack: AsyncExitStack) -> None:
        self._settings = settings
        self._clock = clock
        self._stack = stack

    async def bill(self, day: dt.date) -> Sequence[BillRow]:
        """Raises CannotMatch."""
        from kiosk.gateways.wallet.bills import WalletBills
        from kiosk.remotes import wallet_front

        if self._simulated(self._settings.wallet.url):
            raise CannotMatch("The payment front is simulated inside the kiosk; name the wallets' files with --bill.")
        client = await wallet_front(self._settings, self._clock, (), {}, self._stack, WalletBills)
        assert isinstance(client, WalletBills)
        try:
            return await client.bill(day)
        except Refused as no:
            if no.code == "bill_not_ready":
                raise CannotMatch(
                    f"The wallets have not made their bills of {day} yet; they do so from 10:00 of the next day."
                ) from None
            raise CannotMatch(f"The payment front refuses the bill of {day} ({no.code}).") from None
        except GatewayUnavailable as trouble:
            raise CannotMatch(f"The payment front does not give the bill of {day}: {trouble.hint}.") from None

    async def posted(self, day: dt.date) -> Sequence[PostedRow] | None:
        """None where nobody can be asked. Raises CannotMatch."""
        from kiosk.gateways.http import endpoint
        from kiosk.gateways.police.postings import PoliceBooks

        if self._simulated(self._settings.police.url):
            return None
        try:
            books = PoliceBooks(endpoint(self._settings.police))
        except ValueError as error:
            raise SettingsError(f"{error}.") from None
        self._stack.push_async_callback(books.aclose)
        try:
            return await books.posted(day)
        except Refused as no:
            raise CannotMatch(f"The police front refuses its books of {day} ({no.code}).") from None
        except GatewayUnavailable as trouble:
            raise CannotMatch(f"The police front does not give its books of {day}: {trouble.hint}.") from None

    async def settler(self, store: Store) -> Settler | None:
        """None where a remote side is simulated inside the kiosk: then the kiosk's own sweeper does what is to be done."""
        from kiosk.remotes import platform_bills, police_platform, wallet_front

        if self._simulated(self._settings.wallet.url) or self._simulated(self._settings.police.url):
            return None
        wallet = await wallet_front(self._settings, self._clock, (), {}, self._stack)
        platform = await police_platform(self._settings, self._clock, (), {}, self._stack)
        if self._settings.police.bill == "platform":
            wallet = platform_bills(platform, wallet, lambda payment: fines_covered(store, payment), self._stack)
        wanted = self._settings.wallet
        cashier = Cashier(store, wallet, platform, self._clock, expires_in=wanted.code_s, late=wanted.late_s)
        return Settler(store, cashier, platform)

    @staticmethod
    def _simulated(url: str) -> bool:
        return url.startswith("sim:")


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
