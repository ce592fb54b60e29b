"""The settings of the merchant's contract: mistakes are told in a sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from kiosk.front.alipay.settings import PRODUCTION, AlipaySettings

KEYS: dict[str, Any] = {
    "app_id": "2021000000000001",
    "seller_id": "2088000000000001",
    "private_key_file": Path("app.pem"),
    "alipay_key_file": Path("alipay.pem"),
}
CERTIFICATES = {f"{name}_certificate_file": Path(f"{name}.crt") for name in ("app", "alipay", "root")}


def test_the_least_that_is_needed() -> None:
    settings = AlipaySettings(**KEYS)
    assert (settings.url, settings.backup_url, settings.notify_url) == (PRODUCTION, "", "")
    assert (settings.connect_s, settings.read_s) == (3.0, 8.0)


def test_certificates_instead_of_a_key() -> None:
    assert AlipaySettings(**{**KEYS, "alipay_key_file": None}, **CERTIFICATES).root_certificate_file


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"alipay_key_file": None}, "are needed to believe"),
        ({**CERTIFICATES}, "not with both"),
        ({**CERTIFICATES, "alipay_key_file": None, "root_certificate_file": None}, "go together"),
        ({"seller_id": "1234"}, "seller_id"),
        ({"app_id": "x"}, "app_id"),
        ({"url": "openapi.alipay.com"}, "must look like"),
        ({"backup_url": "https://u:p@host/gateway.do"}, "must look like"),
        ({"notify_url": "https://host/notify#x"}, "must look like"),
        ({"private_key": "MIIE"}, "private_key"),
        ({"read_s": 0}, "read_s"),
    ],
)
def test_mistakes(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        AlipaySettings(**{**KEYS, **changes})


def test_a_key_pasted_into_the_settings_is_not_told_again() -> None:
    with pytest.raises(ValidationError) as error:
        AlipaySettings(**KEYS, private_key="MIIEvQIBADANBgkqhkiG9w0")
    assert "MIIE" not in str(error.value)
