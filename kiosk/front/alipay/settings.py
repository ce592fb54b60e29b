"""The merchant's contract with Alipay, as the payment front's settings hold it. Keys are files, never text in the settings."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import ConfigDict, Field, field_validator, model_validator

from config.sections import Seconds, Section

PRODUCTION = "https://openapi.alipay.com/gateway.do"


class AlipaySettings(Section):
    """Two ways to be known to Alipay: plain keys (`alipay_key_file`), or certificates (all three `*_certificate_file`)."""

    # A key pasted where a file's name belongs must not come out again in the error about it.
    model_config = ConfigDict(hide_input_in_errors=True)

    url: str = PRODUCTION
    backup_url: str = ""
    """Asked when no connection to `url` can be made (another line out of the building, a second proxy); empty: none."""
    ca_file: Path | None = None
    """PEM file with the only authorities trusted for both; empty trusts the public ones."""
    connect_s: Seconds = 3.0
    read_s: Seconds = 8.0

    app_id: Annotated[str, Field(pattern=r"^[0-9]{8,32}$", description="the application's number")]
    seller_id: Annotated[
        str, Field(pattern=r"^2088[0-9]{12}$", description="2088 and 12 digits: the merchant's number")
    ]
    """Who is paid: a notification that names another seller is not ours."""
    private_key_file: Path
    """The application's private key, PKCS#1 or PKCS#8; PEM or the key tool's bare base64."""
    alipay_key_file: Path | None = None
    """Alipay's public key (not the application's own: that is the usual mistake)."""
    alipay_key_before_file: Path | None = None
    """The one before, trusted too while Alipay's key is being changed."""
    app_certificate_file: Path | None = None
    alipay_certificate_file: Path | None = None
    root_certificate_file: Path | None = None

    notify_url: str = ""
    """The front's public address for notifications; empty: none are asked for, polling does it alone."""
    qr_product_code: str = "FACE_TO_FACE_PAYMENT"
    """Of a shown code, as contracted: FACE_TO_FACE_PAYMENT (当面付) or QR_CODE_OFFLINE (订单码支付)."""
    terminal_params: Mapping[str, str] = {}
    """Terminal id to the text agreed with Alipay for that terminal (serial number, place): 银发〔2021〕259号."""

    @field_validator("url", "backup_url", "notify_url")
    @classmethod
    def _url(cls, value: str) -> str:
        if value:
            parts = urlsplit(value)
            if (
                parts.scheme not in ("http", "https")
                or not parts.hostname
                or parts.username
                or parts.query
                or parts.fragment
            ):
                raise ValueError("the address must look like https://host/path")
        return value

    @model_validator(mode="after")
    def _one_way(self) -> AlipaySettings:
        certificates = (self.app_certificate_file, self.alipay_certificate_file, self.root_certificate_file)
        if not (any(certificates) or self.alipay_key_file):
            raise ValueError("alipay_key_file, or the three certificate files, are needed to believe Alipay's answers")
        if any(certificates) and not all(certificates):
            raise ValueError("app, alipay and root certificate files go together")
        if any(certificates) and self.alipay_key_file:
            raise ValueError("an application is registered with keys or with certificates, not with both")
        return self
