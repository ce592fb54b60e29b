"""The composition root: the only module that knows every part. Settings go in, a machine that can serve comes out.

Everything heavy (device libraries, the database, HTTP) is imported inside `assemble`, after the first screen was painted.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from config.settings import Remote, Settings, SettingsError
from config.tables import Tables, load_tables
from kiosk.journeys.kit import Books, Kit
from kiosk.journeys.lobby import Ended, Service, apologise, serve_one
from kiosk.journeys.walker import IdleGuard
from kiosk.journeys.watch import DeviceWatch
from kiosk.ports.bench import VirtualDevice
from kiosk.ports.clock import Clock, SystemClock
from kiosk.ports.devices import Device, FaceCapturer, FaceMatcher, IdCardReader, ReceiptPrinter
from kiosk.ports.platform import PolicePlatform
from kiosk.ports.wallet import Wallet
from kiosk.screens.base import Desk

if TYPE_CHECKING:
    from config.scenarios import Scenario
    from kiosk.ledger.store import CommitHook
    from kiosk.ledger.sweeper import Sweeper

log = structlog.get_logger(__name__)
FAKE_DEVICE_KEY = b"onetrip simulated device key"


@dataclass(frozen=True, slots=True)
class Devices:
    """The opened drivers, and the simulators behind those that are simulated."""

    id_card: IdCardReader
    faces: FaceCapturer
    matcher: FaceMatcher | None
    printer: ReceiptPrinter
    by_name: Mapping[str, Device]
    virtual: Mapping[str, VirtualDevice]


@dataclass(frozen=True, slots=True)
class Machine:
    settings: Settings
    tables: Tables
    clock: Clock
    devices: Devices
    police: PolicePlatform
    books: Books
    sweeper: Sweeper
    watch: DeviceWatch
    virtual: Mapping[str, VirtualDevice]
    """Everything simulated, by kind, for the bench window and the demo."""

    def kit(self, desk: Desk) -> Kit:
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
        )


@asynccontextmanager
async def assemble(
    settings: Settings,
    *,
    clock: Clock | None = None,
    scenarios: Sequence[Scenario] = (),
    on_commit: CommitHook | None = None,
    attend: bool = True,
) -> AsyncIterator[Machine]:
    """Build, open and at the end close everything. Open orders are swept before the machine is handed over.

    Without `attend` nobody looks after the devices and sweeps by the clock: for programs that do so themselves.

    Raises LedgerError, KeyFileError, SettingsError, TablesError. A device that cannot be opened is no error: the watch keeps
    trying and the home screen says so.
    """
    clock = clock or SystemClock()
    tables = await asyncio.to_thread(load_tables)
    await asyncio.to_thread(_import_heavy)
    async with AsyncExitStack() as stack:
        virtual: dict[str, VirtualDevice] = {}
        police = await _police(settings, clock, scenarios, virtual, stack)
        wallet = await _wallet(settings, clock, scenarios, virtual, stack)
        devices = build_devices(settings, police, scenarios)
        virtual.update(devices.virtual)
        for device in devices.by_name.values():
            stack.push_async_callback(device.close)
        books, sweeper = await _ledger(settings, clock, police, wallet, devices.printer, on_commit, stack)
        await books.press.recover()
        await sweeper.sweep()
        watch = DeviceWatch(devices.by_name, resting=("camera", "qr_scanner"))
        for work in (sweeper.run(settings.ledger.sweep_s), watch.run()) if attend else ():
            task = asyncio.ensure_future(work)
            stack.push_async_callback(_stop, task)
        yield Machine(settings, tables, clock, devices, police, books, sweeper, watch, virtual)


async def _stop(task: asyncio.Future[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def _import_heavy() -> None:
    """Load what takes long in a thread, so that the first screen stays alive meanwhile."""
    import kiosk.gateways.police.client
    import kiosk.gateways.wallet.client
    import kiosk.ledger.store  # noqa: F401


def build_devices(
    settings: Settings, police: PolicePlatform | None = None, scenarios: Sequence[Scenario] = ()
) -> Devices:
    """The drivers the settings name, not opened yet. Raises SettingsError for an URL that makes no sense."""
    from drivers import camera as cameras
    from drivers import id_card, qr_scanner, receipt_printer
    from drivers.camera.capture import CaptureSettings
    from drivers.camera.simulator import CameraSimulator
    from drivers.id_card.simulator import SamvSimulator
    from drivers.qr_scanner.simulator import ScanEngineSimulator
    from drivers.receipt_printer.simulator import EscposSimulator

    wanted = settings.devices
    virtual: dict[str, Any] = {}
    if wanted.id_card.startswith("samv+sim:"):
        virtual["id_card"] = SamvSimulator({scenario.name: card_of(scenario) for scenario in scenarios})
    if wanted.camera.startswith("sim:"):
        virtual["camera"] = CameraSimulator()
    if wanted.receipt_printer.startswith("escpos+sim:"):
        virtual["receipt_printer"] = EscposSimulator(columns=wanted.printer_columns)
    if wanted.qr_scanner.startswith("sim:"):
        virtual["qr_scanner"] = ScanEngineSimulator()
    try:
        reader = id_card.connect(wanted.id_card, decoder=wanted.photo_decoder, simulator=virtual.get("id_card"))
        camera = cameras.connect(wanted.camera, simulator=virtual.get("camera"))
        printer = receipt_printer.connect(
            wanted.receipt_printer, simulator=virtual.get("receipt_printer"), columns=wanted.printer_columns
        )
        scanner = qr_scanner.connect(wanted.qr_scanner, camera=camera, simulator=virtual.get("qr_scanner"))
    except ValueError as error:
        raise SettingsError(f"devices: {error}") from None
    faces = cameras.make_capturer(
        camera, CaptureSettings(blink=settings.face.blink), yunet_model=settings.face.yunet_model
    )
    by_name: dict[str, Device] = {
        "id_card": reader,
        "camera": camera,
        "qr_scanner": scanner,
        "receipt_printer": printer,
    }
    return Devices(reader, faces, _matcher(settings, police), printer, by_name, virtual)


def _matcher(settings: Settings, police: PolicePlatform | None) -> FaceMatcher | None:
    from kiosk.journeys.identify import PlatformMatcher

    match settings.face.matcher:
        case "platform":
            return PlatformMatcher(police) if police is not None else None
        case "sface":
            from drivers.camera.match import SfaceMatcher

            if settings.face.sface_model is None or settings.face.yunet_model is None:
                raise SettingsError(
                    "face: matcher = 'sface' needs sface_model and yunet_model, the paths of both files."
                )
            return SfaceMatcher(settings.face.sface_model, settings.face.yunet_model, settings.face.threshold)
        case "simulated":
            from drivers.camera.match import SimulatedMatcher

            return SimulatedMatcher()
        case "staff":
            return None


def card_of(scenario: Scenario) -> dict[str, Any]:
    """A scenario's person as the simulated card holds it."""
    person = scenario.person
    return {
        "name": person.name,
        "sex": person.sex,
        "nation": person.nation,
        "birth": f"{person.birth:%Y%m%d}",
        "address": person.address,
        "number": person.number,
        "issuer": person.issuer,
        "from": f"{person.valid_from:%Y%m%d}",
        "to": f"{person.valid_to:%Y%m%d}" if person.valid_to else "长期",
        "kind": person.kind,
        "face_seed": person.face_seed,
        "pass_number": person.pass_number,
        "issue_count": person.issue_count,
        "name_latin": person.name_latin,
        "nationality": person.nationality,
    }


async def _police(
    settings: Settings,
    clock: Clock,
    scenarios: Sequence[Scenario],
    virtual: dict[str, VirtualDevice],
    stack: AsyncExitStack,
) -> PolicePlatform:
    from kiosk.gateways.http import Endpoint
    from kiosk.gateways.police.client import PoliceClient

    url, key = settings.police.url, _secret(settings.police.device_key_file)
    if url.startswith("sim:"):
        from kiosk.gateways.embedded import serve
        from kiosk.gateways.police.simulated import SimulatedPolice

        simulated = SimulatedPolice(scenarios, clock=clock, portrait=_portrait)
        virtual["police_platform"] = simulated
        url = (await stack.enter_async_context(serve(simulated.app))).url
    try:
        client = PoliceClient(Endpoint(url, key, settings.police.ca_file, _deadlines(settings.police)))
    except ValueError as error:
        raise SettingsError(f"{error}.") from None
    stack.push_async_callback(client.aclose)
    return client


async def _wallet(
    settings: Settings,
    clock: Clock,
    scenarios: Sequence[Scenario],
    virtual: dict[str, VirtualDevice],
    stack: AsyncExitStack,
) -> Wallet:
    from kiosk.gateways.wallet.client import WalletClient

    wanted = settings.wallet
    device_id = wanted.device_id or settings.kiosk.id
    url = wanted.url
    if url.startswith("sim:"):
        from kiosk.gateways.embedded import serve
        from kiosk.gateways.wallet.fake import FakeFront

        front = FakeFront(clock)
        if scenarios:
            front.control({"do": "script", **scenarios[0].wallet})
        virtual["wallet"] = front
        device_key, front_keys = front.register(device_id, FAKE_DEVICE_KEY), [front.public_key]
        url = (await stack.enter_async_context(serve(front.app))).url
    else:
        try:
            device_key = bytes.fromhex(_secret(wanted.device_key_file))
        except ValueError:
            raise SettingsError(f"{wanted.device_key_file}: not a key; it must hold hex digits.") from None
        front_keys = [_secret(wanted.public_key_file)]
    try:
        client = WalletClient(
            url,
            device_id=device_id,
            device_key=device_key,
            front_keys=front_keys,
            terminal_id=settings.kiosk.id,
            clock=clock,
            deadlines=_deadlines(wanted),
            ca_file=wanted.ca_file,
        )
    except ValueError as error:
        raise SettingsError(f"wallet: {error}.") from None
    stack.push_async_callback(client.aclose)
    return client


def _deadlines(remote: Remote) -> Any:
    from kiosk.gateways.http import Deadlines

    return Deadlines(remote.connect_s, remote.read_s, remote.connect_s + remote.read_s + 1.0)


def _secret(path: Path | None) -> str:
    """A key file's text; empty where none is named. Raises SettingsError."""
    if path is None:
        return ""
    try:
        return path.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: the key cannot be read: {error}.") from None


def _portrait(seed: int) -> bytes:
    """The police photo of a simulated person: the same face as before the simulated camera."""
    import cv2

    from drivers.camera.faces import draw_portrait

    return bytes(cv2.imencode(".jpg", draw_portrait(seed, 358, 441))[1].tobytes())


async def _ledger(
    settings: Settings,
    clock: Clock,
    police: PolicePlatform,
    wallet: Wallet,
    printer: ReceiptPrinter,
    on_commit: CommitHook | None,
    stack: AsyncExitStack,
) -> tuple[Books, Sweeper]:
    from kiosk.ledger.cashier import Cashier
    from kiosk.ledger.cipher import FieldCipher, KeyFileError, load_key
    from kiosk.ledger.orders import Orders
    from kiosk.ledger.press import Press
    from kiosk.ledger.registrar import Registrar
    from kiosk.ledger.store import Store
    from kiosk.ledger.sweeper import Sweeper

    store = Store(settings.ledger.url, clock, on_commit)
    await store.open()
    stack.push_async_callback(store.close)
    fresh = not await store.events()
    cipher = FieldCipher(load_key(settings.ledger.key_file, create=fresh))
    orders = Orders(store, cipher, clock, settings.kiosk.id)
    try:
        await orders.check_key()
    except ValueError:
        raise KeyFileError(
            f"{settings.ledger.key_file}: this key does not fit the ledger; restore the one from the backup."
        ) from None
    registrar = Registrar(store, police, cipher, clock)
    till = settings.wallet
    cashier = Cashier(store, wallet, police, clock, expires_in=till.code_s, late=till.late_s)
    books = Books(store, orders, registrar, cashier, Press(store, printer))
    return books, Sweeper(store, orders, registrar, cashier, clock)


async def serve_citizens(
    machine: Machine, desk: Desk, services: Mapping[str, Service], ended: Callable[[Ended], None] | None = None
) -> None:
    """One citizen after the other, for ever. What breaks a session is logged, told, and ends that session only."""
    from kiosk.ledger.store import LedgerError

    while True:
        kit = machine.kit(desk)
        try:
            session = await serve_one(kit, services, machine.devices.by_name, machine.watch)
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
