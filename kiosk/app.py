"""The composition root: the only module that knows every part. Settings go in, a machine that can serve comes out.

Everything heavy (device libraries, the database, HTTP) is imported inside `assemble`, after the first screen was painted.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from config.payer_codes import FILE as PAYER_CODES
from config.payer_codes import PayerCodeTable, load_payer_codes
from config.settings import Settings, SettingsError
from config.tables import Tables, load_tables, own_table
from kiosk.applications import build_applications
from kiosk.cabinet import Devices, build_devices
from kiosk.care.supervisor import Supervisor
from kiosk.journeys.kit import Applications, Books, Kit, Permits
from kiosk.journeys.lobby import Ended, Service, apologise, serve_one
from kiosk.journeys.walker import IdleGuard
from kiosk.ports.bench import VirtualDevice
from kiosk.ports.clock import Clock, SystemClock
from kiosk.ports.devices import ReceiptPrinter
from kiosk.ports.platform import PolicePlatform
from kiosk.ports.wallet import Wallet
from kiosk.remotes import ExitEntryFront, day_books, exit_entry_front, platform_bills, police_platform, wallet_front
from kiosk.screens.base import Desk

if TYPE_CHECKING:
    from config.scenarios import Scenario
    from kiosk.diagnostics.logring import LogRing
    from kiosk.gateways.day_books import FrontBooks
    from kiosk.ledger.cipher import FieldCipher
    from kiosk.ledger.orders import Orders
    from kiosk.ledger.reconcile_desk import DayEndDesk
    from kiosk.ledger.store import CommitHook, Store
    from kiosk.ledger.sweeper import Sweeper, Swept
    from kiosk.technicians import Technicians

log = structlog.get_logger(__name__)
BOOT_SWEEP_S = 20.0


@dataclass(frozen=True, slots=True)
class Machine:
    settings: Settings
    tables: Tables
    clock: Clock
    devices: Devices
    police: PolicePlatform
    books: Books
    sweeper: Sweeper
    supervisor: Supervisor
    virtual: Mapping[str, VirtualDevice]
    """Everything simulated, by kind, for the bench window and the demo."""
    technicians: Technicians
    day_end: DayEndDesk
    permits: Permits | None = None
    applications: Applications | None = None
    payer_codes: PayerCodeTable | None = None

    def kit(self, desk: Desk) -> Kit:
        if self.devices.io_board is not None:
            from kiosk.journeys.lights import LitDesk

            desk = LitDesk(desk, self.devices.io_board)
        guard = IdleGuard(desk, self.settings.session.idle_s, self.settings.session.warn_s)
        parts = self.devices
        return Kit(
            self.settings,
            self.tables,
            self.clock,
            desk,
            guard,
            parts.id_card,
            parts.faces,
            parts.matcher,
            parts.printer,
            self.police,
            self.books,
            self.permits,
            self.applications,
            scanner=parts.scanner,
            payer_codes=self.payer_codes,
            signature_pad=parts.signature_pad,
            recorder=parts.recorder,
            paying=self.day_end.paying,
        )


@asynccontextmanager
async def assemble(
    settings: Settings,
    *,
    clock: Clock | None = None,
    scenarios: Sequence[Scenario] = (),
    on_commit: CommitHook | None = None,
    attend: bool = True,
    ring: LogRing | None = None,
    config: Path | None = None,
    tables: Tables | None = None,
) -> AsyncIterator[Machine]:
    """Build, open and at the end close everything. Open orders are swept before the machine is handed over.

    Without `attend` nobody looks after the devices and sweeps by the clock: for programs that do so themselves. `ring` keeps the
    last lines of the log and `config` names the settings' file, both for the diagnostics mode. `tables` are other ones than the hall's
    (`kiosk.tables`).

    Raises LedgerError, KeyFileError, SettingsError, TablesError. A device that cannot be opened is no error: the watch keeps
    trying and the home screen says so.
    """
    clock = clock or SystemClock()
    if tables is None:
        tables = await asyncio.to_thread(load_tables, settings.kiosk.tables)
    payer_codes = await asyncio.to_thread(load_payer_codes, own_table(settings.kiosk.tables, PAYER_CODES))
    await asyncio.to_thread(_import_heavy)
    async with AsyncExitStack() as stack:
        virtual: dict[str, VirtualDevice] = {}
        police = await police_platform(settings, clock, scenarios, virtual, stack)
        wallet = await wallet_front(settings, clock, scenarios, virtual, stack)
        exits = (
            await exit_entry_front(settings, clock, scenarios, virtual, stack) if settings.exit_entry_used() else None
        )
        accounts = day_books(settings, wallet, stack)
        devices = build_devices(settings, police, scenarios)
        virtual.update(devices.virtual)
        for device in devices.by_name.values():
            stack.push_async_callback(device.close)
        store, key, cipher, orders = await _ledger(settings, clock, on_commit, stack)
        if settings.police.bill == "platform":
            wallet = _platform_bills(police, wallet, store, stack)
        permits = await _permits(settings, store, cipher, clock, exits, devices)
        applications = await _applications(settings, exits, devices)
        books, sweeper = _books(settings, store, cipher, orders, clock, police, wallet, devices.printer, permits)
        day_end = await _end_of_day(settings, books, clock, police, accounts)
        await books.press.recover()
        # What is open is looked at before money is taken; with a remote side down that may take long, and goes on behind.
        first = asyncio.ensure_future(sweeper.sweep())
        stack.push_async_callback(_stop, first)
        await asyncio.wait((first,), timeout=BOOT_SWEEP_S)
        if first.done():
            first.result()
        supervisor = Supervisor(devices.by_name, clock, resting=("camera", "qr_scanner"))
        technicians = await _technicians(
            settings, tables, store, key, clock, supervisor, devices, virtual, ring, config, day_end
        )
        works: list[Coroutine[Any, Any, None]] = []
        if attend:
            works = [_go_on(first, sweeper, settings.ledger.sweep_s), supervisor.run(), technicians.counting.run()]
            works += [day_end.paying.run(), day_end.matcher.run()]
            works += [permits.keeper.attend()] if permits is not None else []
        for work in works:
            task = asyncio.ensure_future(work)
            stack.push_async_callback(_stop, task)
        yield Machine(
            settings,
            tables,
            clock,
            devices,
            police,
            books,
            sweeper,
            supervisor,
            virtual,
            technicians,
            day_end,
            permits,
            applications,
            payer_codes,
        )


async def _go_on(first: asyncio.Future[Swept], sweeper: Sweeper, every: float) -> None:
    await asyncio.wait((first,))
    await sweeper.run(every)


async def _stop(task: asyncio.Future[Any]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def _import_heavy() -> None:
    """Load what takes long in a thread, so that the first screen stays alive meanwhile."""
    import kiosk.gateways.police.client
    import kiosk.gateways.wallet.client
    import kiosk.ledger.store  # noqa: F401


async def _ledger(
    settings: Settings, clock: Clock, on_commit: CommitHook | None, stack: AsyncExitStack
) -> tuple[Store, bytes, FieldCipher, Orders]:
    from kiosk.ledger.cipher import FieldCipher, KeyFileError, load_key
    from kiosk.ledger.orders import Orders
    from kiosk.ledger.store import Store

    store = Store(settings.ledger.url, clock, on_commit)
    await store.open()
    stack.push_async_callback(store.close)
    fresh = not await store.events()
    key = load_key(settings.ledger.key_file, create=fresh)
    cipher = FieldCipher(key)
    orders = Orders(store, cipher, clock, settings.kiosk.id)
    try:
        await orders.check_key()
    except ValueError:
        raise KeyFileError(
            f"{settings.ledger.key_file}: this key does not fit the ledger; restore the one from the backup."
        ) from None
    return store, key, cipher, orders


def _platform_bills(police: PolicePlatform, wallet: Wallet, store: Store, stack: AsyncExitStack) -> Wallet:
    from kiosk.ledger.orders import fines_covered

    return platform_bills(police, wallet, lambda payment_id: fines_covered(store, payment_id), stack)


async def _technicians(
    settings: Settings,
    tables: Tables,
    store: Store,
    key: bytes,
    clock: Clock,
    supervisor: Supervisor,
    devices: Devices,
    virtual: Mapping[str, VirtualDevice],
    ring: LogRing | None,
    config: Path | None,
    day_end: DayEndDesk,
) -> Technicians:
    from kiosk.diagnostics.logring import LogRing
    from kiosk.technicians import build_technicians

    return await build_technicians(
        settings, tables, store, key, clock, supervisor, devices, virtual, ring or LogRing(), config, day_end
    )


async def _permits(
    settings: Settings,
    store: Store,
    cipher: FieldCipher,
    clock: Clock,
    exits: ExitEntryFront | None,
    devices: Devices,
) -> Permits | None:
    """What the endorsement service needs; None where the machine has no card unit. Raises SettingsError for a list of options that
    the catalogue does not know: with a slip of the pen the machine would silently not offer what the hall ordered."""
    if exits is None or devices.permit_unit is None or devices.permit_reader is None:
        return None
    from config.endorsement_tables import FILE, load_endorsements
    from kiosk.ledger.issuer import Issuer
    from kiosk.ledger.keeper import Keeper

    tables = await asyncio.to_thread(load_endorsements, own_table(settings.kiosk.tables, FILE))
    if unknown := [repr(one) for one in settings.endorsement.allowed if one not in tables.option_ids]:
        raise SettingsError(
            f"endorsement.allowed: the catalogue has no option {' and no '.join(unknown)}; "
            f"the ids that can be named are under `ids` in config/{FILE}."
        )
    platform = exits.platform
    issuer = Issuer(store, platform, cipher, clock)
    wait_s = settings.endorsement.take_s
    keeper = Keeper(store, devices.permit_unit, cipher, clock, issuer=issuer, wait_s=wait_s)
    return Permits(devices.permit_unit, devices.permit_reader, platform, tables, issuer, keeper)


async def _applications(settings: Settings, exits: ExitEntryFront | None, devices: Devices) -> Applications | None:
    """What the application form needs; None where the machine has no A4 printer."""
    if devices.document_printer is None:
        return None
    from ui.forms.painter import PagePainter

    drafts = exits.drafts if exits is not None and settings.form.submit else None
    return await asyncio.to_thread(
        build_applications,
        settings.form,
        devices.document_printer,
        PagePainter(),
        devices.studio,
        devices.scanner,
        drafts,
        exits.phone_keys if exits is not None else (),
    )


def _books(
    settings: Settings,
    store: Store,
    cipher: FieldCipher,
    orders: Orders,
    clock: Clock,
    police: PolicePlatform,
    wallet: Wallet,
    printer: ReceiptPrinter,
    permits: Permits | None,
) -> tuple[Books, Sweeper]:
    from kiosk.ledger.cashier import Cashier
    from kiosk.ledger.press import Press
    from kiosk.ledger.registrar import Registrar
    from kiosk.ledger.sweeper import Sweeper

    registrar = Registrar(store, police, cipher, clock)
    till = settings.wallet
    cashier = Cashier(store, wallet, police, clock, expires_in=till.code_s, late=till.late_s, confirm_in=till.confirm_s)
    books = Books(store, orders, registrar, cashier, Press(store, printer))
    issuer = permits.issuer if permits is not None else None
    return books, Sweeper(store, orders, registrar, cashier, clock, issuer)


async def _end_of_day(
    settings: Settings, books: Books, clock: Clock, police: PolicePlatform, accounts: FrontBooks
) -> DayEndDesk:
    """The alarms are read before the home screen is shown. Raises LedgerError."""
    from kiosk.ledger.reconcile_desk import DayEndDesk
    from kiosk.ledger.reconcile_run import Settler
    from kiosk.ledger.reconcile_timer import Daily, Matcher

    wanted, by_platform = settings.ledger, settings.police.bill == "platform"
    settler = Settler(books.store, books.cashier, police, books.orders.in_session)
    daily = Daily(wanted.match_at, wanted.match_days)
    source = accounts if accounts.whole else None
    matcher = Matcher(books.store, clock, wanted.url, source, settler, daily, platform_bills=by_platform)
    desk = DayEndDesk(books.store, clock, matcher, settings.kiosk.id, settings.kiosk.hall)
    await desk.paying.look()
    return desk


async def serve_citizens(
    machine: Machine, desk: Desk, services: Mapping[str, Service], ended: Callable[[Ended], None] | None = None
) -> None:
    """One citizen after the other, for ever, and a technician between two of them when one asks to come in.

    What breaks a session is logged, told, and ends that session only.
    """
    from kiosk.ledger.store import LedgerError

    called = asyncio.Event()
    desk.on_service(called.set)
    while True:
        kit = machine.kit(desk)
        try:
            if called.is_set():
                called.clear()
                await machine.technicians.attend(desk)
                continue
            session = await serve_one(kit, services, machine.supervisor, called)
        except LedgerError as error:
            log.error("ledger_failed", hint=str(error))
            code = "L-LEDGER"
        except Exception:
            log.exception("session_crashed")
            code = "X-SESSION"
        else:
            code = ""
        if code:
            desk.wipe()
            await apologise(kit, code)
            continue
        if session is not None and ended is not None:
            ended(session)
