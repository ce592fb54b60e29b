"""The payment front's settings: one TOML file of its own, as it holds keys that no kiosk may know. Every key is a file, never text.

A wrong value never starts the front: `SettingsError` says in one sentence which file and key, and what is allowed.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from pydantic import ValidationError, field_validator, model_validator

from config.front import Acquirer, Device, FrontLedger, Polling, Server
from config.hours import Hours
from config.sections import Section
from config.settings import SettingsError
from kiosk.front.alipay.settings import AlipaySettings
from kiosk.front.pace import Pace
from kiosk.front.wechat.settings import WeChatPay


class FrontSettings(Section):
    shown: str = ""
    """Which wallet's code is shown: alipay, wechat or acquirer. One shown code belongs to one wallet; only an acquirer's takes all.
    May be left out where there is one wallet."""
    signing_key_file: Path
    """PEM with the Ed25519 key that signs answers to kiosks. `kiosk front keys` makes it."""
    server: Server = Server()
    ledger: FrontLedger = FrontLedger()
    device: tuple[Device, ...]
    hours: str = ""
    """When a payment may be begun, Beijing time, as "03:00-21:00" (else `closed_hours`); empty: at any time. The rest is always done."""
    polling: Polling = Polling()
    alipay: AlipaySettings | None = None
    wechat: WeChatPay | None = None
    acquirer: Acquirer | None = None

    @field_validator("hours")
    @classmethod
    def _hours(cls, value: str) -> str:
        Hours.parse(value)
        return value

    @property
    def wallets(self) -> tuple[str, ...]:
        """In the order in which payer codes are offered to them."""
        return tuple(name for name in ("alipay", "wechat", "acquirer") if getattr(self, name) is not None)

    @property
    def shown_by(self) -> str:
        return self.shown or self.wallets[0]

    @model_validator(mode="after")
    def _a_wallet(self) -> FrontSettings:
        if not self.wallets:
            raise ValueError("there is no wallet; give a section [alipay], [wechat] or [acquirer]")
        if self.shown and self.shown not in self.wallets:
            raise ValueError(f"shown: {self.shown!r} has no section here; use {' or '.join(self.wallets)}")
        if not self.shown and len(self.wallets) > 1:
            raise ValueError(f"shown must say whose code kiosks show: {' or '.join(self.wallets)}")
        return self

    @model_validator(mode="after")
    def _each_device_once(self) -> FrontSettings:
        ids = [device.id for device in self.device]
        if not ids:
            raise ValueError("there is no [[device]]: no kiosk could ask anything")
        if twice := sorted({each for each in ids if ids.count(each) > 1}):
            raise ValueError(f"device {', '.join(twice)} stands there twice; each kiosk has one [[device]]")
        return self

    def pace(self) -> Pace:
        said = self.polling
        return Pace(
            first=said.first_s,
            every=said.every_s,
            fresh=said.fresh_s,
            charge_window=said.charge_window_s,
            answer=said.answer_s,
            later=said.later_s,
            late=said.late_s,
            refund=said.refund_s,
            cap=said.cap,
        )


def load(path: Path) -> FrontSettings:
    """Raises SettingsError."""
    try:
        with path.open("rb") as file:
            found = tomllib.load(file)
    except FileNotFoundError:
        raise SettingsError(f"{path}: there is no such file; docs/payment-front.md shows one.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read: {error}.") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: not valid TOML: {error}.") from None
    try:
        return FrontSettings.model_validate(found)
    except ValidationError as error:
        raise SettingsError(_sentence(error, path)) from None


def _sentence(error: ValidationError, path: Path) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    key = ".".join(str(part) for part in first["loc"])
    said = first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        said = "there is no such key"
    elif first["type"] == "missing":
        said = "this key is needed"
    return f"{path}: {key + ': ' if key else ''}{said[0].lower()}{said[1:]}."
