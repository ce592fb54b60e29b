"""What a merchant's contract with WeChat Pay needs to be told. The FRONT's settings put `WeChatPay` under a section of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from config.sections import Seconds, Section

PUBLIC_KEY_PREFIX = "PUB_KEY_ID_"


class WeChatPay(Section):
    """Keys are files, so that no key stands in a settings file: readable by the front's user only.

    WeChat Pay signs with its 微信支付公钥 (merchants since about October 2024), with platform certificates, or, while a merchant
    changes over, with both by turns. `public_keys`, `certificate_files` and `fetch_certificates` may all be given at once.
    """

    url: str = "https://api.mch.weixin.qq.com"
    backup_url: str = "https://api2.mch.weixin.qq.com"
    """Asked when the first host cannot be reached; empty: there is none."""
    ca_file: Path | None = None
    mchid: Annotated[str, Field(pattern=r"^[0-9]{6,32}$", description="商户号")]
    appid: Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{1,32}$", description="the AppID bound to it")]
    merchant_key_file: Path
    """PEM, the private key of the merchant's API certificate (apiclient_key.pem)."""
    merchant_serial: Annotated[str, Field(pattern=r"^[0-9A-Fa-f]{8,64}$")]
    """The serial number of that certificate, hexadecimal."""
    apiv3_key_file: Path
    """The APIv3 key: 32 ASCII characters."""
    public_keys: dict[str, Path] = Field(default_factory=dict)
    """WeChat Pay public keys: `PUB_KEY_ID_…` to a PEM file. Answers are asked to be signed with the first; two while one is replaced."""
    certificate_files: tuple[Path, ...] = ()
    """Platform certificates (PEM) that are known beforehand."""
    fetch_certificates: bool = False
    """Ask `/v3/certificates` for platform certificates, at the start, twice a day, and when an unknown serial number turns up."""
    notify_url: Annotated[str, Field(max_length=255)]
    """Where WeChat Pay reports payments: the front's public address, without a query."""
    device_ip: Annotated[str, Field(pattern=r"^[0-9A-Fa-f.:]{2,45}$")] = "127.0.0.1"
    """The address the terminals are registered with (`payer_client_ip`, `device_ip`)."""
    store_id: Annotated[str, Field(max_length=32)] = ""
    """The hall's number in the merchant's own books (商户侧门店编号); empty: the terminal's where one is needed."""
    connect_s: Seconds = 3.0
    read_s: Seconds = 8.0

    @field_validator("url", "backup_url", "notify_url")
    @classmethod
    def _address(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in ("https", "http") or not parts.hostname or parts.query or parts.fragment):
            raise ValueError("use https://host/…, without a query")
        return value

    @field_validator("url", "notify_url")
    @classmethod
    def _given(cls, value: str) -> str:
        if not value:
            raise ValueError("an address is needed")
        return value

    @field_validator("public_keys")
    @classmethod
    def _key_ids(cls, value: dict[str, Path]) -> dict[str, Path]:
        if any(not key_id.startswith(PUBLIC_KEY_PREFIX) for key_id in value):
            raise ValueError(f"a WeChat Pay public key's id begins with {PUBLIC_KEY_PREFIX}")
        return value

    @model_validator(mode="after")
    def _some_key(self) -> WeChatPay:
        if not (self.public_keys or self.certificate_files or self.fetch_certificates):
            raise ValueError("give public_keys, certificate_files or fetch_certificates: no answer could be believed")
        return self
