"""The fake against an independent client: what it speaks is APIv3, and not merely what our own client expects."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from wechatpayv3 import WeChatPay as Sdk
from wechatpayv3 import WeChatPayType

from kiosk.front.wechat.fake import FakeWeChatPay
from kiosk.front.wechat.fake_keys import FakeKeys
from kiosk.gateways.embedded import serve
from kiosk.ports.clock import SystemClock
from tests.front.wechat.conftest import CODE, Watch


def _sdk(keys: FakeKeys, url: str, *, certificates: bool = False) -> Any:
    sdk = Sdk(
        wechatpay_type=WeChatPayType.NATIVE,
        mchid=keys.mchid,
        private_key=keys.merchant.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        cert_serial_no=keys.merchant_serial,
        apiv3_key=keys.apiv3_key,
        appid=keys.appid,
        notify_url="http://127.0.0.1:9/notify",
        timeout=(2, 2),
        public_key=keys.public_key.public_pem.decode(),
        public_key_id=keys.public_key.serial,
    )
    sdk._core._gate_way = url
    if certificates:
        sdk._core._public_key_id = None
        sdk._core._update_certificates()
    return sdk


@pytest.mark.parametrize("certificates", [False, True])
async def test_another_client_shows_charges_queries_refunds_and_reverses(
    keys: FakeKeys, certificates: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    wallet = FakeWeChatPay(SystemClock(), keys)
    scene = {"payer_client_ip": "127.0.0.1", "device_id": "NB01"}

    def visit(url: str) -> list[tuple[int, Any]]:
        sdk = _sdk(keys, url, certificates=certificates)
        amount = {"total": 100, "currency": "CNY"}
        return [
            sdk.pay("罚款", "SHOWN1", amount, scene_info=scene),
            sdk.pay("罚款", "CHARGED1", amount, {"auth_code": CODE}, scene_info=scene, pay_type=WeChatPayType.CODEPAY),
            sdk.query(out_trade_no="CHARGED1"),
            sdk.query(out_trade_no="NOBODY1"),
            sdk.close("SHOWN1"),
            sdk.refund("R1", {"refund": 100, "total": 100, "currency": "CNY"}, out_trade_no="CHARGED1"),
            sdk.query_refund("R1"),
            sdk.codepay_reverse("CHARGED1"),
        ]

    async with serve(wallet.app) as served:
        answers = await asyncio.to_thread(visit, served.url)
    told = [(status, json.loads(body) if body else {}) for status, body in answers]
    assert [status for status, _ in told] == [200, 200, 200, 404, 204, 200, 200, 400]
    assert told[0][1]["code_url"].startswith("weixin://wxpay/bizpayurl")
    assert [told[1][1]["trade_state"], told[2][1]["trade_state"]] == ["SUCCESS", "SUCCESS"]
    assert [told[5][1]["status"], told[6][1]["status"]] == ["SUCCESS", "SUCCESS"]
    assert wallet.books() == {"SHOWN1": {"paid": 0, "refunded": 0}, "CHARGED1": {"paid": 100, "refunded": 100}}
    await wallet.aclose()


async def test_another_client_fetches_the_bill(keys: FakeKeys, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client signs with the machine's clock, so the fake's books are set a day back instead."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    clock = Watch()
    clock.set(SystemClock().now())
    wallet = FakeWeChatPay(clock, keys)
    fields = {"out_trade_no": "N1", "amount": {"total": 100}, "description": "罚款", "payer": {"auth_code": CODE}}
    order = wallet.ledger.codepay(fields)
    assert order.paid_at is not None
    order.paid_at -= 2 * 86_400
    day = SystemClock().now().date().fromordinal(SystemClock().now().date().toordinal() - 2)

    def fetch(url: str) -> tuple[dict[str, str], bytes]:
        sdk = _sdk(keys, url)
        status, body = sdk.trade_bill(str(day))
        assert status == 200, body
        link = json.loads(body)
        status, packed = sdk.download_bill(link["download_url"].removeprefix("https://api.mch.weixin.qq.com"))
        assert status == 200
        return link, packed

    async with serve(wallet.app) as served:
        link, packed = await asyncio.to_thread(fetch, served.url)
    assert hashlib.sha1(gzip.decompress(packed), usedforsecurity=False).hexdigest() == link["hash_value"]
    await wallet.aclose()
