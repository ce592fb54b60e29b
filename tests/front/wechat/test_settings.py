"""What a hall may write into the settings, and what stops it with a sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from kiosk.front.wechat.settings import WeChatPay

GOOD: dict[str, Any] = {
    "mchid": "1900000109",
    "appid": "wx0000000000000001",
    "merchant_key_file": Path("/etc/onetrip/wechat/apiclient_key.pem"),
    "merchant_serial": "1DDE55AD98ED71D6EDD4A4A16996DE7B47773A8C",
    "apiv3_key_file": Path("/etc/onetrip/wechat/apiv3_key"),
    "public_keys": {"PUB_KEY_ID_0119000001092024101100397200000006": Path("/etc/onetrip/wechat/pub_key.pem")},
    "notify_url": "https://front.example/notify/wechat",
}


def test_the_published_hosts_are_the_default() -> None:
    settings = WeChatPay.model_validate(GOOD)
    assert settings.url == "https://api.mch.weixin.qq.com"
    assert settings.backup_url == "https://api2.mch.weixin.qq.com"
    assert not settings.fetch_certificates


@pytest.mark.parametrize(
    "changes",
    [
        {"mchid": "19000001O9"},
        {"merchant_serial": "not hex"},
        {"public_keys": {}},
        {"public_keys": {"0119000001": Path("/k")}},
        {"notify_url": ""},
        {"notify_url": "https://front.example/notify?wallet=wechat"},
        {"notify_url": "front.example/notify"},
        {"url": "ftp://api.mch.weixin.qq.com"},
        {"merchant_key": "-----BEGIN PRIVATE KEY-----"},
        {"connect_s": 0},
    ],
)
def test_what_cannot_work_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        WeChatPay.model_validate({**GOOD, **changes})


@pytest.mark.parametrize("changes", [{"fetch_certificates": True}, {"certificate_files": (Path("/cert.pem"),)}])
def test_certificates_do_without_a_public_key(changes: dict[str, Any]) -> None:
    WeChatPay.model_validate({**GOOD, "public_keys": {}, **changes})
