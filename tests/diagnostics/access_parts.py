"""Technicians, a boot clock set by hand, and one-time codes made as a telephone makes them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from config.sections import Technician
from kiosk.diagnostics.access import Access
from kiosk.diagnostics.pin import hash_pin
from kiosk.ledger.audit import Audit
from kiosk.ledger.audit_head import head_file
from kiosk.ledger.store import Store
from tests.ledger.parts import KEY, HandClock

PIN, OTHER_PIN = "482915", "730164"
SECRET = base64.b32encode(b"12345678901234567890").decode()
"""RFC 6238, appendix B, for SHA-1."""


class HandUptime:
    """Runs since a boot only when it is told to."""

    def __init__(self, boot: str = "a", seconds: float = 1000.0) -> None:
        self._boot, self._seconds = boot, seconds

    def boot(self) -> str:
        return self._boot

    def seconds(self) -> float:
        return self._seconds

    def forward(self, seconds: float) -> None:
        self._seconds += seconds

    def reboot(self, boot: str, seconds: float = 20.0) -> None:
        self._boot, self._seconds = boot, seconds


def one_time_code(step: int, secret: bytes = b"12345678901234567890") -> str:
    """RFC 4226, 5.3, with six digits; written from the standard, not with the library under test."""
    digest = hmac.digest(secret, struct.pack(">Q", step), hashlib.sha1)
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


@dataclass(frozen=True)
class Door:
    access: Access
    audit: Audit
    store: Store
    clock: HandClock
    uptime: HandUptime

    def code(self, off: int = 0) -> str:
        return one_time_code(int(self.clock.now().timestamp()) // 30 + off)


@asynccontextmanager
async def door(
    file: Path, technicians: tuple[Technician, ...], clock: HandClock, uptime: HandUptime
) -> AsyncIterator[Door]:
    """As a start of the program makes it, over a ledger file that stays."""
    store = Store(f"sqlite:///{file}", clock)
    await store.open()
    try:
        audit = Audit(store, clock, KEY, head_file(f"sqlite:///{file}", file.with_name("key")))
        yield Door(Access(store, clock, audit, technicians, uptime), audit, store, clock, uptime)
    finally:
        await store.close()


def technician(code: str, pin: str, totp_file: Path | None = None) -> Technician:
    return Technician(code=code, pin_hash=hash_pin(pin), totp_file=totp_file)
