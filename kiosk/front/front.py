"""A whole payment front: its parts put together from settings, opened and closed in order."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

import structlog
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from config.hours import Hours
from config.settings import SettingsError
from kiosk.front.app import FrontApp
from kiosk.front.bills import DayBills
from kiosk.front.channel import Channel
from kiosk.front.counter import Counter
from kiosk.front.door import Door, Seal
from kiosk.front.engine import Engine
from kiosk.front.notices import Notices
from kiosk.front.room import Room
from kiosk.front.settings import FrontSettings
from kiosk.front.store import CommitHook, Store
from kiosk.front.till import Till
from kiosk.ports.clock import Clock

log = structlog.get_logger(__name__)


class Front:
    """`app` is the ASGI application; it works between `open` and `close`."""

    def __init__(
        self,
        settings: FrontSettings,
        channels: Sequence[Channel],
        devices: Mapping[str, bytes],
        key: Ed25519PrivateKey,
        clock: Clock,
        *,
        on_commit: CommitHook | None = None,
    ) -> None:
        self.channels = channels
        self.public_key = key.public_key().public_bytes_raw()
        self._grace = settings.server.grace_s
        self.store = Store(settings.ledger.url, clock, on_commit=on_commit)
        self.room = Room(settings.ledger.url, settings.ledger.least_free_mb)
        self.till = Till(self.store, {channel.name: channel for channel in channels}, clock)
        self.engine = Engine(self.store, self.till, clock, settings.pace())
        self.bills = DayBills(self.store, channels, clock)
        self.counter = Counter(
            self.store,
            self.till,
            self.engine,
            clock,
            channels=channels,
            shown=settings.shown_by,
            secret=hashlib.sha256(b"onetrip front content\n" + key.private_bytes_raw()).digest(),
            open_now=Hours.parse(settings.hours).cover,
            room=self.room.enough,
        )
        notices = Notices(self.store, self.till, self.engine, channels)
        door, seal = Door(self.store, clock, devices), Seal(key, clock)
        self.app = FrontApp(self.store, self.counter, self.bills, notices, door, seal, self.room).app

    async def open(self) -> int:
        """Open the ledger and take up what is not final; how much that is. Raises LedgerError."""
        try:
            await self.store.open()
        except BaseException:
            await self._hang_up()
            raise
        try:
            return await self.engine.start()
        except BaseException:
            await self._hang_up()
            await self.store.close()
            raise

    async def close(self) -> None:
        """What talks to a wallet may end first."""
        await self.engine.aclose(self._grace)
        await self.bills.aclose()
        await self._hang_up()
        await self.store.close()

    async def _hang_up(self) -> None:
        for channel in self.channels:
            await channel.aclose()


@contextlib.asynccontextmanager
async def opened(front: Front) -> AsyncIterator[Front]:
    """Raises LedgerError."""
    await front.open()
    try:
        yield front
    finally:
        await front.close()


def build(settings: FrontSettings, clock: Clock, *, on_commit: CommitHook | None = None) -> Front:
    """The front that settings describe; nothing is opened yet. Raises SettingsError for a key or an address that cannot be used."""
    key = signing_key(settings.signing_key_file)
    devices = {device.id: device_key(device.key_file) for device in settings.device}
    return Front(settings, open_channels(settings, clock), devices, key, clock, on_commit=on_commit)


def open_channels(settings: FrontSettings, clock: Clock) -> list[Channel]:
    """One per wallet with a section, in the order in which payer codes are offered. Raises SettingsError."""
    found: list[Channel] = []
    try:
        if settings.alipay is not None:
            from kiosk.front.alipay.channel import open_channel as open_alipay

            found.append(open_alipay(settings.alipay, clock))
        if settings.wechat is not None:
            from kiosk.front.wechat.channel import open_channel as open_wechat

            found.append(open_wechat(settings.wechat, clock))
        if settings.acquirer is not None:
            from kiosk.front.acquirer.contract import acquirer_channel

            found.append(acquirer_channel(settings.acquirer, clock))
    except ValueError as error:
        raise SettingsError(f"{error}.") from None
    return found


def device_key(file: Path) -> bytes:
    """Raises SettingsError."""
    try:
        key = bytes.fromhex(file.read_text(encoding="ascii").strip())
    except OSError as error:
        raise SettingsError(f"{file}: the device key cannot be read: {error.strerror}.") from None
    except ValueError:
        raise SettingsError(f"{file}: not a device key; it must hold hex digits.") from None
    if len(key) < 16:
        raise SettingsError(f"{file}: the device key has fewer than 16 bytes.")
    return key


def signing_key(file: Path) -> Ed25519PrivateKey:
    """Raises SettingsError."""
    try:
        key = serialization.load_pem_private_key(file.read_bytes(), None)
    except OSError as error:
        raise SettingsError(f"{file}: the signing key cannot be read: {error.strerror}.") from None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise SettingsError(f"{file}: not a private key in PEM; make one with `kiosk front keys`.") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise SettingsError(f"{file}: not an Ed25519 key; make one with `kiosk front keys`.")
    return key
