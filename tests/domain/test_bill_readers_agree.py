"""The same files, read twice: by the match, which takes what staff downloaded, and by the payment front's clients of the two wallets.
They were written apart; where they differ, one of them is wrong."""

from __future__ import annotations

import datetime as dt
import hashlib

from kiosk.domain.bill_files import read_bill
from kiosk.front.alipay import bills as alipay
from kiosk.front.wechat import bill as wechat
from tests.domain.bill_writer import AlipayBill, WechatBill
from tests.domain.test_bill_files import ORDER, TRADE, WX
from tests.domain.test_bill_files import alipay as alipay_bill
from tests.domain.test_bill_files import wechat as wechat_bill

DAY = dt.date(2026, 3, 18)


def many() -> tuple[AlipayBill, WechatBill]:
    ours, theirs = alipay_bill(), wechat_bill()
    for n in range(40):
        moment = f"2026-03-18 12:00:{n:02d}"
        ours.add("交易", f"{ORDER}{n}", f"{TRADE}{n}", f"{n}.0{n % 10}", moment, **{"服务费（元）": f"-0.{n:02d}"})
        theirs.paid(f"{ORDER}{n}", f"{WX}{n}", f"{n}.50", moment)
        if n % 7 == 0:
            theirs.back(f"{ORDER}{n}", f"{WX}{n}", f"{n}.50", moment, 交易状态="REVOKED", 商户退款单号="0")
    return ours, theirs


def test_alipay() -> None:
    bill, _ = many()
    for made in (bill, alipay_bill(), AlipayBill()):
        assert read_bill(made.zip()).rows == alipay.read_bill(made.zip(), DAY, "alipay")


def test_wechat() -> None:
    _, bill = many()
    for made in (bill, wechat_bill(), WechatBill()):
        packed, sha1 = made.gzip(), hashlib.sha1(made.csv()).hexdigest()
        assert list(read_bill(packed).rows) == wechat.rows(wechat.unpack(packed, sha1), "wechat")


def test_goods_with_strange_line_ends() -> None:
    bill = wechat_bill()
    bill.rows[0]["商品名称"] = "罚款\u2028第1条\x0b甲\x85"
    sha1 = hashlib.sha1(bill.csv()).hexdigest()
    assert list(read_bill(bill.csv()).rows) == wechat.rows(wechat.unpack(bill.gzip(), sha1), "wechat")
