"""The trade bill: fetched from the fake over the wire, and taken only with its own digest, whole and adding up. The layout of the file
is tested beside its reader."""

from __future__ import annotations

import dataclasses
import datetime as dt
import gzip
import hashlib

import pytest

from kiosk.domain.bill import BillFormatError
from kiosk.domain.errors import GatewayUnavailable, Refused
from kiosk.front.channel import BillSpoilt, Refund
from kiosk.front.wechat.channel import bill_rows
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


def _file(*lines: str, end: str = "\r\n", paid: str = "0.01", back: str = "0.02") -> bytes:
    totals = f"`{len(lines)},`{paid},`{back},`0.00,`-0.02000,`{paid},`{back}"
    return "".join(line + end for line in (HEAD, *lines, SUMMARY, totals)).encode()


def _read(plain: bytes) -> list[BillRow]:
    return list(bill_rows(plain, hashlib.sha1(plain, usedforsecurity=False).hexdigest()))


def test_a_published_file_is_read() -> None:
    at = dt.datetime(2022, 3, 21, 13, 51, 31, tzinfo=SHANGHAI)
    later = dt.datetime(2022, 3, 21, 14, 0, tzinfo=SHANGHAI)
    order, trade = "2022ORDER1647840687637", "4200001234202203212306132206"
    expected = [
        BillRow(BillKind.PAID, order, trade, 1, at, "wechat"),
        BillRow(BillKind.REFUND, order, trade, 1, later, "wechat", "R2022ORDER", 1),
        BillRow(BillKind.REFUND, order, trade, 1, later, "wechat", "", 1),
    ]
    assert _read(_file(PAID, REFUNDED, REVOKED)) == expected
    assert _read(b"\xef\xbb\xbf" + _file(PAID, end="\n", back="0.00"))[0].fen == 1
    strange = PAID.replace("托管,支付测试", "罚款\u2028第1条\x0b甲\x85")
    assert _read(_file(strange, REFUNDED, REVOKED)) == expected


@pytest.mark.parametrize(
    "file",
    [
        b"",
        b"<html>",
        HEAD.encode(),
        HEAD.encode() + b"\r\n" + PAID.encode() + b"\r\n",
        "交易时间".encode("gbk"),
        _file(PAID.replace("`CNY,", ""), back="0.00"),
        _file(PAID.replace("SUCCESS", "PERHAPS"), back="0.00"),
        _file(PAID.replace("2022-03-21 13:51:31", "21.03.2022"), back="0.00"),
        _file(PAID.replace("`0.90%,`0.01", "`0.90%,`1e9"), back="0.00"),
        _file(PAID.replace("`0.90%,`0.01", "`0.90%,`0,01"), back="0.00"),
        _file(PAID.replace("`0.90%,`0.01", "`0.90%,`0.02"), back="0.00"),
        _file(PAID.replace("`2022ORDER1647840687637", "`"), back="0.00"),
        _file(PAID, paid="0.02", back="0.00"),
        _file(PAID, REFUNDED, back="0.02"),
        _file(PAID, back="0.00").replace("总金额".encode(), "甲".encode()),
        _file(PAID, back="0.00").replace(SUMMARY.encode(), "总交易单数".encode()),
        _file(PAID, back="0.00").replace(b"`1,`0.01", b"`2,`0.01"),
    ],
    ids=[f"file{n}" for n in range(17)],
)
def test_a_file_that_is_not_a_whole_bill_is_never_half_read(file: bytes) -> None:
    with pytest.raises(BillFormatError) as refused:
        _read(file)
    assert "2022ORDER" not in str(refused.value)


def test_a_file_is_taken_only_with_its_own_digest_and_whole() -> None:
    plain = _file(PAID, back="0.00")
    sha1 = hashlib.sha1(plain, usedforsecurity=False).hexdigest()
    packed = gzip.compress(plain)
    assert bill_rows(packed, sha1) == bill_rows(packed, sha1.upper()) == bill_rows(plain, sha1)
    for wrong, digest in ((packed[:-9], sha1), (packed, "0" * 40), (plain + b"\n", sha1), (b"\x1f\x8b\x08junk", sha1)):
        with pytest.raises(BillFormatError):
            bill_rows(wrong, digest)


def test_a_file_that_grows_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.domain.bills_wechat.SIZE_LIMIT", 10_000)
    with pytest.raises(BillFormatError, match="too large"):
        bill_rows(gzip.compress(bytes(100_000)), "0" * 40)


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
    with pytest.raises(GatewayUnavailable, match="another number of columns"):
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


async def test_a_bill_whose_totals_do_not_fit_is_named_so(hall: Hall) -> None:
    await hall.channel.charge(hall.order(), "130000000000000001")
    hall.clock.set(MORNING)
    for off in (1, -1):
        hall.script(bill_off=off)
        with pytest.raises(BillSpoilt, match="do not add up"):
            await hall.channel.bill(DAY)
    hall.script()
    assert len(await hall.channel.bill(DAY)) == 1
