"""A payment front on a real socket between the kiosk's own client and a fake acquirer on another."""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import secrets
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.front.acquirer.fake import FakeAcquirer
from kiosk.front.acquirer.signing import HmacSigner
from kiosk.front.database import Database
from kiosk.front.front import Front, build
from kiosk.front.settings import FrontSettings
from kiosk.gateways.embedded import serve
from kiosk.gateways.http import Deadlines
from kiosk.gateways.wallet.client import WalletClient
from kiosk.ports.clock import SHANGHAI, Clock, SystemClock

SECRET = bytes(range(32))
DEVICES = {"NB01": b"the key of NB01 in the tests", "NB02": b"the key of NB02 in the tests"}
FAST: Mapping[str, Any] = {
    "first_s": 0.03,
    "every_s": 0.1,
    "fresh_s": 0.0,
    "later_s": [0.03],
    "late_s": [0.03, 0.03, 0.03],
    "refund_s": [0.03],
}
SUBJECT = "交通违法罚款"
PAYER_CODE = "280000000000000000"


class Watch:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self._now = dt.datetime(2026, 11, 21, 9, 0, tzinfo=SHANGHAI)

    def now(self) -> dt.datetime:
        return self._now

    def forward(self, seconds: float) -> None:
        self._now += dt.timedelta(seconds=seconds)


@functools.cache
def empty_ledger() -> bytes:
    """A ledger as the migrations make it: to run them for every test takes longer than most tests."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "front.db"
        database = Database(f"sqlite:///{file}")
        database.open()
        database.close()
        return file.read_bytes()


@dataclass
class Files:
    """Keys and settings of a front, as files."""

    folder: Path
    ledger: str = ""
    _key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    def __post_init__(self) -> None:
        if not self.ledger:
            self.ledger = f"sqlite:///{self.folder}/front.db"
            (self.folder / "front.db").write_bytes(empty_ledger())
        pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        (self.folder / "front.pem").write_bytes(self._key.private_bytes(pem, pkcs8, serialization.NoEncryption()))
        (self.folder / "acquirer.secret").write_text(SECRET.hex())
        for name, key in DEVICES.items():
            (self.folder / f"{name}.key").write_text(key.hex())
        for file in (*self.folder.glob("*.key"), *self.folder.glob("*.pem"), *self.folder.glob("*.secret")):
            file.chmod(0o600)

    @property
    def public_key(self) -> bytes:
        return self._key.public_key().public_bytes_raw()

    def settings(self, acquirer_url: str, **changes: Any) -> dict[str, Any]:
        """Sections in `changes` go over the usual ones."""
        found: dict[str, Any] = {
            "signing_key_file": str(self.folder / "front.pem"),
            "ledger": {"url": self.ledger},
            "server": {"grace_s": 2.0},
            "device": [{"id": name, "key_file": str(self.folder / f"{name}.key")} for name in DEVICES],
            "acquirer": {
                "url": acquirer_url,
                "merchant": "M1",
                "secret_file": str(self.folder / "acquirer.secret"),
                "read_s": 0.5,
            },
            "polling": dict(FAST),
        }
        for name, value in changes.items():
            found[name] = {**found[name], **value} if isinstance(found.get(name), dict) else value
        return found


def client(url: str, front_key: bytes, clock: Clock, device: str = "NB01", **changes: Any) -> WalletClient:
    """The kiosk's own client."""
    return WalletClient(
        url,
        device_id=device,
        device_key=changes.pop("device_key", DEVICES.get(device, secrets.token_bytes(32))),
        front_keys=[front_key],
        terminal_id=device,
        clock=clock,
        deadlines=Deadlines(connect=2, read=8, total=10),
        **changes,
    )


@dataclass
class Hall:
    """`kiosk` is NB01's client, `other` NB02's."""

    files: Files
    acquirer: FakeAcquirer
    acquirer_url: str
    front: Front
    url: str
    clock: Clock
    kiosk: WalletClient
    other: WalletClient

    def script(self, order_no: str | None = None, **fields: Any) -> None:
        self.acquirer.books.set_script(fields, order_no)

    def fault(self, fault_id: str, count: int | None = 1, **fields: Any) -> None:
        self.acquirer.control({"do": "fault", "id": fault_id, "count": count, **fields})

    def asked(self, operation: str) -> int:
        """How often the acquirer was asked this."""
        return sum(1 for name, _ in self.acquirer.calls if name == operation)

    async def show(self, order_no: str = "NB01A", fen: int = 20000, expires_in: float = 120) -> Any:
        return await self.kiosk.create(order_no, fen, SUBJECT, expires_in)

    async def charge(self, order_no: str = "NB01A", fen: int = 20000, expires_in: float = 60) -> Any:
        return await self.kiosk.charge(order_no, fen, SUBJECT, PAYER_CODE, expires_in)

    async def row(self, order_no: str = "NB01A") -> Any:
        return await self.front.till.trade(order_no)


@contextlib.asynccontextmanager
async def hall(folder: Path, ledger: str = "", clock: Clock | None = None, **changes: Any) -> AsyncIterator[Hall]:
    clock = clock or SystemClock()
    acquirer = FakeAcquirer(HmacSigner(SECRET), clock)
    async with (
        serve(acquirer.app) as remote,
        front(Files(folder, ledger), acquirer, remote.url, clock, **changes) as made,
    ):
        yield made


@contextlib.asynccontextmanager
async def front(
    files: Files, acquirer: FakeAcquirer, acquirer_url: str, clock: Clock, /, **changes: Any
) -> AsyncIterator[Hall]:
    """A front of these files before an acquirer that may outlive it."""
    port = changes.pop("port", 0)
    made = build(FrontSettings.model_validate(files.settings(acquirer_url, **changes)), clock)
    await made.open()
    try:
        async with serve(made.app, port=port) as served:
            kiosk, other = (client(served.url, files.public_key, clock, name) for name in DEVICES)
            try:
                yield Hall(files, acquirer, acquirer_url, made, served.url, clock, kiosk, other)
            finally:
                await kiosk.aclose()
                await other.aclose()
    finally:
        await made.close()


def rows(records: Sequence[Any]) -> dict[str, str]:
    return {record.id: record.state for record in records}
