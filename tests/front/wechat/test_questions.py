"""What is asked, member by member, as the documents want it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from kiosk.front.channel import Order, Refund
from kiosk.front.wechat import questions
from kiosk.front.wechat.settings import WeChatPay
from tests.front.wechat.conftest import CODE, START

SETTINGS = WeChatPay(
    mchid="1900000109",
    appid="wx0000000000000001",
    merchant_key_file=Path("/k"),
    merchant_serial="1DDE55AD98ED71D6",
    apiv3_key_file=Path("/a"),
    fetch_certificates=True,
    notify_url="https://front.example/notify/wechat",
    device_ip="10.1.2.3",
    store_id="0574001",
)
ORDER = Order("NB01", 20_000, "交通违法罚款", START.astimezone(dt.UTC) + dt.timedelta(seconds=150), "NB01-1")
COMMON = {
    "appid": "wx0000000000000001",
    "mchid": "1900000109",
    "description": "交通违法罚款",
    "out_trade_no": "NB01",
    "amount": {"total": 20_000, "currency": "CNY"},
}


def test_a_code_to_show() -> None:
    assert questions.native(ORDER, SETTINGS, START) == COMMON | {
        "time_expire": "2026-11-20T09:02:30+08:00",
        "notify_url": "https://front.example/notify/wechat",
        "scene_info": {"payer_client_ip": "10.1.2.3", "device_id": "NB01-1", "store_info": {"id": "0574001"}},
    }


@pytest.mark.parametrize(("store_id", "out_id"), [("0574001", "0574001"), ("", "NB01-1")])
def test_a_payer_code_to_charge(store_id: str, out_id: str) -> None:
    settings = SETTINGS.model_copy(update={"store_id": store_id})
    assert questions.codepay(ORDER, settings, CODE) == COMMON | {
        "payer": {"auth_code": CODE},
        "scene_info": {"device_ip": "10.1.2.3", "device_id": "NB01-1", "store_info": {"out_id": out_id}},
    }


def test_a_refund() -> None:
    assert questions.refund(Refund("NB01", "R1", 5_000, 20_000, "重复付款")) == {
        "out_trade_no": "NB01",
        "out_refund_no": "R1",
        "reason": "重复付款",
        "amount": {"refund": 5_000, "total": 20_000, "currency": "CNY"},
    }
    for fen in (0, -1, 20_001):
        with pytest.raises(ValueError):
            questions.refund(Refund("NB01", "R1", fen, 20_000))


def test_paths_hold_nothing_that_could_lead_elsewhere() -> None:
    assert questions.order_path("NB_0-1*") == "/v3/pay/transactions/out-trade-no/NB_0-1%2A"
    assert questions.refund_path("R|1@") == "/v3/refund/domestic/refunds/R%7C1%40"
    for number in ("../x", "a/b", "a?b", "a#b", "a%2F", "", " "):
        with pytest.raises(ValueError):
            questions.order_path(number)


def test_a_bills_link_is_asked_of_our_own_host() -> None:
    link = "https://api.mch.weixin.qq.com/v3/billdownload/file?token=a_b-c&tartype=gzip"
    assert questions.link_target(link) == "/v3/billdownload/file?token=a_b-c&tartype=gzip"
    for wrong in ("", "https://elsewhere.example", "https://h/a b", "https://h/a\nHost: x", "https://h/账单"):
        with pytest.raises(ValueError):
            questions.link_target(wrong)
