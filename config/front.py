"""The sections of the payment front's own settings file. The wallets' contracts have theirs beside their channels (`kiosk.front`)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from config.sections import Seconds, Section

DeviceId = Annotated[str, Field(pattern=r"^[0-9A-Za-z_.-]{1,64}$")]
"""What a signature's header can name, and a file can be called after."""


class Server(Section):
    host: str = "127.0.0.1"
    """Where kiosks and wallets reach the front, or the proxy before it."""
    port: Annotated[int, Field(ge=0, le=65_535)] = 8102
    certificate_file: Path | None = None
    """PEM with the certificate chain; without one the front speaks plain HTTP, for a proxy on the same machine."""
    certificate_key_file: Path | None = None
    grace_s: Annotated[float, Field(ge=0, le=60)] = 10.0
    """How long what is under way may take when the front is told to stop."""

    @model_validator(mode="after")
    def _pair(self) -> Server:
        if (self.certificate_file is None) != (self.certificate_key_file is None):
            raise ValueError("certificate_file and certificate_key_file go together")
        if self.certificate_file is None and self.host not in ("127.0.0.1", "::1", "localhost"):
            raise ValueError(
                f"{self.host} is reached from other machines: name certificate_file and certificate_key_file"
            )
        return self


class FrontLedger(Section):
    url: str = "sqlite:////var/lib/onetrip/front.db"
    """sqlite:////… or postgresql+psycopg://user@host/database; a password stands in ~/.pgpass (mode 0600), not here."""
    least_free_mb: Annotated[int, Field(ge=0, le=10_000_000)] = 200
    """New orders are refused while the disk of an SQLite ledger has less room than this; everything else goes on. 0: always taken."""


class Device(Section):
    """One kiosk."""

    id: DeviceId
    key_file: Path
    """Its key in hex; the same file as the kiosk's wallet.device_key_file. `kiosk front keys` makes it."""


class Polling(Section):
    """When wallets are asked (seconds); docs/payment-front.md says what each is for."""

    first_s: Seconds = 2.0
    every_s: Seconds = 3.0
    fresh_s: Annotated[float, Field(ge=0, le=60)] = 1.0
    charge_window_s: Annotated[float, Field(ge=0.1, le=600)] = 60.0
    answer_s: Seconds = 5.0
    later_s: Annotated[tuple[Seconds, ...], Field(min_length=1)] = (30.0, 60.0, 120.0, 300.0, 900.0, 3600.0)
    late_s: tuple[Seconds, ...] = (120.0, 900.0, 3600.0)
    refund_s: Annotated[tuple[Seconds, ...], Field(min_length=1)] = (2.0, 5.0, 30.0, 60.0, 120.0, 300.0, 900.0, 3600.0)
    cap: Annotated[int, Field(ge=1, le=1000)] = 12


class Acquirer(Section):
    """One contract for the codes of all wallets (kiosk/front/acquirer/openapi.yaml)."""

    url: str
    merchant: Annotated[
        str, Field(pattern=r"^[0-9A-Za-z_.-]{1,64}$", description="the merchant's number, 1 to 64 characters")
    ]
    algorithm: Literal["HMAC-SHA256", "RSA-SHA256"] = "HMAC-SHA256"
    secret_file: Path | None = None
    """HMAC-SHA256: the shared secret in hex, at least 32 bytes."""
    private_key_file: Path | None = None
    """RSA-SHA256: the merchant's private key, PEM."""
    public_key_file: Path | None = None
    """RSA-SHA256: the acquirer's public key, PEM."""
    notify_url: str = ""
    """The front's public address for notifications, https://…/notify/acquirer; empty: none are asked for."""
    ca_file: Path | None = None
    connect_s: Seconds = 3.0
    read_s: Seconds = 8.0

    @model_validator(mode="after")
    def _keys(self) -> Acquirer:
        if self.algorithm == "HMAC-SHA256" and self.secret_file is None:
            raise ValueError("secret_file must name the file with the shared secret")
        if self.algorithm == "RSA-SHA256" and (self.private_key_file is None or self.public_key_file is None):
            raise ValueError("private_key_file and public_key_file are needed for RSA-SHA256")
        return self
