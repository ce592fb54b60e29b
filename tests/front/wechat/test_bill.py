"""The trade bill: fetched from the fake over the wire, and files laid out as WeChat Pay publishes them."""

from __future__ import annotations

import dataclasses
import datetime as dt
import gzip
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.errors import GatewayUnavailable, Refused
from kiosk.front.channel import Refund
from kiosk.front.wechat import bill
from kiosk.ports.bills import BillKind, BillRow
from kiosk.ports.clock import SHANGHAI
from tests.front.wechat.conftest import START, Hall

DAY = START.date()
MORNING = dt.datetime(2026, 11, 21, 10, 5, tzinfo=SHANGHAI)

HEAD = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,"
    "微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
)
PAID = (
    "`2022-03-21 13:51:31,`wxfd0000000000000,`1800230000,`0,`,`4200001234202203212306132206,`2022ORDER1647840687637,"
    "`oZWa0000000000000000000000Tsk,`JSAPI,`SUCCESS,`OTHERS,`CNY,`0.01,`0.00,`0,`0,`0.00,`0.00,`,`,`托管,支付测试,`,"
    "`0.00000,`0.90%,`0.01,`0.00,`"
)
REFUNDED = (
    "`2022-03-21 14:00:00,`wxfd0000000000000,`1800230000,`0,`,`4200001234202203212306132206,`2022ORDER1647840687637,"
    "`oZWa0000000000000000000000Tsk,`JSAPI,`REFUND,`OTHERS,`CNY,`0.00,`0.00,`50302030148218522032126281690,`R2022ORDER,"
    "`0.01,`0.00,`ORIGINAL,`PROCESSING,`托管支付测试,`,`-0.01000,`0.90%,`0.00,`0.01,`"
)
REVOKED = REFUNDED.replace("`REFUND,", "`REVOKED,").replace("`R2022ORDER,", "`0,")
SUMMARY = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
TOTALS = "`12,`0.06,`0.06,`0.00,`0.00000,`0.06,`0.06"


def _file(*lines: str, end: str = "\r\n") -> bytes:
    return "".join(line + end for line in (HEAD, *lines, SUMMARY, TOTALS)).encode()


def test_a_published_file_is_read() -> None:
    at = dt.datetime(2022, 3, 21, 13, 51, 31, tzinfo=SHANGHAI)
    later = dt.datetime(2022, 3, 21, 14, 0, tzinfo=SHANGHAI)
    order, trade = "2022ORDER1647840687637", "4200001234202203212306132206"
    assert bill.rows(_file(PAID, REFUNDED, REVOKED), "wechat") == [
        BillRow(BillKind.PAID, order, trade, 1, at, "wechat"),
        BillRow(BillKind.REFUND, order, trade, 1, later, "wechat", "R2022ORDER", 1),
        BillRow(BillKind.REFUND, order, trade, 1, later, "wechat", "", 1),
    ]
    assert bill.rows(b"\xef\xbb\xbf" + _file(PAID, end="\n"), "wechat")[0].fen == 1


def test_older_contracts_have_other_columns() -> None:
    head = (
        "交易时间,公众账号ID,商户号,子商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
    )
    head += "总金额,企业红包金额,"
    head += "微信退款单号,商户退款单号,退款金额,企业红包退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率"
    row = "`2014-11-10 16:33:45,`wx,`10000100,`0,`1000,`1001690740201411100005734289,`1415640626,`085e,`MICROPAY,`{},`CFT,`CNY,`{},`0.0,"
    row += "`0,`0,`{},`0,`,`,`被扫,`,`0.00120,`0.60%"
    lines = [head, row.format("SUCCESS", "12.30", "0"), row.format("REVOKED", "0.0", "12.3"), SUMMARY, TOTALS]
    found = bill.rows("\n".join(lines).encode(), "wechat")
    assert [(row.kind, row.fen, row.fee_fen) for row in found] == [(BillKind.PAID, 1230, 0), (BillKind.REFUND, 1230, 0)]


def test_a_file_that_is_something_else_is_never_half_read() -> None:
    for file in (
        b"",
        b"<html>",
        HEAD.encode(),
        HEAD.encode() + b"\r\n" + PAID.encode() + b"\r\n",
        "交易时间".encode("gbk"),
        _file(PAID.replace("`CNY,", "")),
        _file(PAID.replace("SUCCESS", "PERHAPS")),
        _file(PAID.replace("2022-03-21 13:51:31", "21.03.2022")),
        _file(PAID.replace("`0.90%,`0.01", "`0.90%,`1e9")),
        _file(PAID.replace("`0.90%,`0.01", "`0.90%,`0,01")),
        _file(PAID.replace("`0.01", "`0.00")),
        _file(PAID.replace("`2022ORDER1647840687637", "`")),
    ):
        with pytest.raises(ValueError) as refused:
            bill.rows(file, "wechat")
        assert "2022ORDER" not in str(refused.value)


@given(st.integers(1, 10**11), st.sampled_from(["", "0", "00", "000"]))
def test_yuan_are_fen_again(fen: int, zeros: str) -> None:
    yuan = f"{fen // 100}.{fen % 100:02d}{zeros}"
    file = _file(PAID.replace("`0.90%,`0.01", f"`0.90%,`{yuan}"))
    assert bill.rows(file, "wechat")[0].fen == fen


def test_a_file_is_taken_only_with_its_own_digest_and_whole() -> None:
    plain = _file(PAID)
    sha1 = hashlib.sha1(plain, usedforsecurity=False).hexdigest()
    packed = gzip.compress(plain)
    assert bill.unpack(packed, sha1) == bill.unpack(packed, sha1.upper()) == bill.unpack(plain, sha1) == plain
    for wrong, digest in ((packed[:-9], sha1), (packed, "0" * 40), (plain + b"\n", sha1), (b"\x1f\x8b\x08junk", sha1)):
        with pytest.raises(ValueError):
            bill.unpack(wrong, digest)


def test_a_file_that_grows_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bill, "UNPACKED_LIMIT", 10_000)
    with pytest.raises(ValueError, match="too large"):
        bill.unpack(gzip.compress(bytes(100_000)), "0" * 40)


# --- over the wire


async def test_a_day_is_told_with_its_refunds_and_reversals(hall: Hall) -> None:
    """Every movement the wallet booked is in the bill once, whatever the front was told; what was never paid is not."""
    await hall.channel.charge(hall.order("PAID1", 12_345, subject="罚款,`第一件"), "130000000000000001")
    await hall.channel.charge(hall.order("REVERSED1"), "130000000000000002")
    await hall.channel.show(hall.order("CLOSED1"))
    await hall.channel.show(hall.order("SHOWN1", 100))
    hall.wallet.control({"do": "pay", "order_no": "SHOWN1"})
    await hall.channel.close("CLOSED1")
    hall.clock.forward(20)
    await hall.channel.undo("REVERSED1")
    await hall.channel.refund(Refund("SHOWN1", "RSHOWN1", 100, 100))
    hall.clock.set(MORNING)
    with pytest.raises(GatewayUnavailable, match="another number of fields"):
        await hall.channel.bill(DAY)
    hall.wallet.ledger.orders()[0].subject = "罚款,第一件"
    rows = await hall.channel.bill(DAY)
    assert {(row.kind.value, row.order_no, row.fen, row.refund_no) for row in rows} == {
        ("paid", "PAID1", 12_345, ""),
        ("paid", "REVERSED1", 20_000, ""),
        ("refund", "REVERSED1", 20_000, ""),
        ("paid", "SHOWN1", 100, ""),
        ("refund", "SHOWN1", 100, "RSHOWN1"),
    }
    assert len(rows) == 5
    assert {row.wallet for row in rows} == {"wechat"}
    assert next(row for row in rows if row.order_no == "PAID1").fee_fen == 74
    net = {number: book["paid"] - book["refunded"] for number, book in hall.wallet.books().items()}
    for number, fen in net.items():
        signed = [row.fen if row.kind is BillKind.PAID else -row.fen for row in rows if row.order_no == number]
        assert sum(signed) == fen


async def test_a_bill_that_is_not_made_yet_is_refused_by_name(hall: Hall) -> None:
    await hall.channel.charge(hall.order(), "130000000000000001")
    for now in (START, MORNING.replace(hour=9, minute=59)):
        hall.clock.set(now)
        with pytest.raises(Refused) as refused:
            await hall.channel.bill(DAY)
        assert refused.value.code == "bill_not_ready"
    hall.clock.set(MORNING)
    assert len(await hall.channel.bill(DAY)) == 1


async def test_a_day_without_movements_has_no_rows_and_a_day_long_ago_is_refused(hall: Hall) -> None:
    hall.clock.set(MORNING)
    assert list(await hall.channel.bill(DAY)) == []
    with pytest.raises(Refused) as refused:
        await hall.channel.bill(DAY - dt.timedelta(days=120))
    assert refused.value.code == "bad_request"


async def test_a_bill_that_came_to_harm_is_not_taken(hall: Hall) -> None:
    await hall.channel.charge(hall.order(), "130000000000000001")
    hall.clock.set(MORNING)
    for fields in (
        {"fault": "unsigned", "on": ["bill"]},
        {"fault": "malformed", "on": ["bill_file"]},
        {"fault": "half_answer", "on": ["bill_file"]},
        {"fault": "http_502_page", "on": ["bill_file"]},
    ):
        hall.script(**fields)
        with pytest.raises(GatewayUnavailable):
            await hall.channel.bill(DAY)
    hall.script()
    order = hall.wallet.ledger.orders()[0]
    assert [row.order_no for row in await hall.channel.bill(DAY)] == [order.number]
    assert dataclasses.asdict(order)["paid_fen"] == 20_000
