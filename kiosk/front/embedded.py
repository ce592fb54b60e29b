"""The front inside the kiosk's own process, for a site with one machine: the same front on a loopback port that nobody else is told.

The merchant keys are then on the kiosk, so such a machine must be guarded as the front's computer would be. Wallets cannot reach it with
notifications; polling does it alone.
"""

from __future__ import annotations

import base64
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from config.settings import SettingsError
from kiosk.front.front import build, device_key, opened
from kiosk.front.settings import load
from kiosk.gateways.embedded import serve
from kiosk.ledger.store import LedgerError
from kiosk.ports.clock import Clock


@dataclass(frozen=True, slots=True)
class Embedded:
    """What the kiosk's wallet client needs."""

    url: str
    device_key: bytes = field(repr=False)
    public_key: str
    """Base64 of the front's public key."""


async def embedded_front(config: Path, device_id: str, clock: Clock, stack: AsyncExitStack) -> Embedded:
    """Start the front that `config` (its own settings file) describes; it ends with `stack`.

    Raises SettingsError: a wrong setting, a ledger that cannot be used, a file that does not know this machine.
    """
    settings = load(config)
    own = next((device for device in settings.device if device.id == device_id), None)
    if own is None:
        raise SettingsError(f"{config}: there is no [[device]] with id = {device_id!r}, which is this machine.")
    front = build(settings, clock)
    try:
        await stack.enter_async_context(opened(front))
    except LedgerError as error:
        raise SettingsError(f"{config}: {error}") from None
    served = await stack.enter_async_context(serve(front.app))
    return Embedded(served.url, device_key(own.key_file), base64.b64encode(front.public_key).decode("ascii"))
