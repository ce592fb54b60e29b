"""The remote sides: clients as the settings name them, and the simulated servers where they name none."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from config.sections import Remote
from config.settings import Settings, SettingsError
from kiosk.ports.bench import VirtualDevice
from kiosk.ports.clock import Clock
from kiosk.ports.exit_entry import ExitEntryPlatform
from kiosk.ports.forms import DraftDesk
from kiosk.ports.platform import PolicePlatform
from kiosk.ports.wallet import Wallet

if TYPE_CHECKING:
    from config.scenarios import Scenario
    from kiosk.domain.forms.payload import TrustedKey
    from kiosk.gateways.day_books import FrontBooks

FAKE_DEVICE_KEY = b"onetrip simulated device key"


async def police_platform(
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


@dataclass(frozen=True, slots=True)
class ExitEntryFront:
    """The exit-entry front and its two counters."""

    platform: ExitEntryPlatform
    drafts: DraftDesk
    phone_keys: tuple[TrustedKey, ...] = ()
    """Of whoever signs what citizens fill on their phones, where that is simulated. For a real front the settings name them."""


async def exit_entry_front(
    settings: Settings,
    clock: Clock,
    scenarios: Sequence[Scenario],
    virtual: dict[str, VirtualDevice],
    stack: AsyncExitStack,
) -> ExitEntryFront:
    from kiosk.gateways.exit_entry.client import ExitEntryClient
    from kiosk.gateways.exit_entry.drafts import DraftClient
    from kiosk.gateways.http import Endpoint

    remote = settings.exit_entry
    url, key = remote.url, _secret(remote.device_key_file)
    phone_keys: tuple[TrustedKey, ...] = ()
    if url.startswith("sim:"):
        from kiosk.gateways.embedded import serve
        from kiosk.gateways.exit_entry.simulated import SimulatedExitEntry

        simulated = SimulatedExitEntry(scenarios, clock=clock, portrait=_portrait)
        virtual["exit_entry_platform"] = simulated
        phone_keys = (simulated.phone_key,)
        url = (await stack.enter_async_context(serve(simulated.app))).url
    try:
        endpoint = Endpoint(url, key, remote.ca_file, _deadlines(remote))
        client, drafts = ExitEntryClient(endpoint), DraftClient(endpoint)
    except ValueError as error:
        raise SettingsError(f"{error}.") from None
    stack.push_async_callback(client.aclose)
    stack.push_async_callback(drafts.aclose)
    return ExitEntryFront(client, drafts, phone_keys)


async def wallet_front(
    settings: Settings,
    clock: Clock,
    scenarios: Sequence[Scenario],
    virtual: dict[str, VirtualDevice],
    stack: AsyncExitStack,
) -> Wallet:
    from kiosk.gateways.wallet.bills import WalletBills

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
    elif url.startswith("embedded:"):
        from kiosk.front.embedded import embedded_front

        inside = await embedded_front(Path(url.removeprefix("embedded:")), device_id, clock, stack)
        url, device_key, front_keys = inside.url, inside.device_key, [inside.public_key]
    else:
        try:
            device_key = bytes.fromhex(_secret(wanted.device_key_file))
        except ValueError:
            raise SettingsError(f"{wanted.device_key_file}: not a key; it must hold hex digits.") from None
        front_keys = [_secret(wanted.public_key_file)]
    try:
        client = WalletBills(
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


def day_books(settings: Settings, wallet: Wallet | None, stack: AsyncExitStack) -> FrontBooks:
    """What the end-of-day match asks, by way of this client of `wallet_front`. A side that is simulated in a process is not asked: its
    books begin anew with that. Raises SettingsError."""
    from kiosk.gateways.day_books import FrontBooks
    from kiosk.gateways.http import endpoint
    from kiosk.gateways.police.postings import PoliceBooks
    from kiosk.gateways.wallet.bills import WalletBills

    simulated = settings.wallet.url.startswith("sim:")
    bills = wallet if isinstance(wallet, WalletBills) and not simulated else None
    if settings.police.url.startswith("sim:"):
        return FrontBooks(bills, None)
    try:
        fines = PoliceBooks(endpoint(settings.police))
    except ValueError as error:
        raise SettingsError(f"{error}.") from None
    stack.push_async_callback(fines.aclose)
    return FrontBooks(bills, fines)


def platform_bills(
    police: PolicePlatform,
    wallet: Wallet,
    lines_of: Callable[[str], Awaitable[Sequence[tuple[str, int]]]],
    stack: AsyncExitStack,
) -> Wallet:
    """The wallet of a hall whose platform bills fines itself. Raises SettingsError where the police side is none that could."""
    from kiosk.gateways.police.bills import BillDesk, FineWallet
    from kiosk.gateways.police.client import PoliceClient

    if not isinstance(police, PoliceClient):
        raise SettingsError('police.bill: "platform" needs a police front-end.')
    fines = FineWallet(wallet, BillDesk(police.endpoint), lines_of)
    stack.push_async_callback(fines.aclose)
    return fines


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
