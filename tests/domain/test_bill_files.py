"""The wallets' bill files: real layouts in, rows out; and whatever is not whole is refused."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.domain import bills_alipay, bills_wechat
from kiosk.domain.bill import BillFile, BillFormatError, BillKind, BillRow, fee_of, fen_of, stamp_of
from kiosk.domain.bill_files import read_bill, rows_of_kiosk
from kiosk.domain.ids import order_no
from kiosk.ports.clock import SHANGHAI
from tests.domain.bill_writer import WECHAT_OLD_NAMES, AlipayBill, WechatBill

ORDER = order_no("NB01", dt.date(2026, 3, 18), 17) + "P1"
TRADE = "2026031822001400001000000001"
WX = "4200000000202603180000000001"
AT = "2026-03-18 10:16:31"
WHEN = dt.datetime(2026, 3, 18, 10, 16, 31, tzinfo=SHANGHAI)


def alipay() -> AlipayBill:
    bill = AlipayBill()
    bill.add("交易", ORDER, TRADE, "200.00", AT, **{"服务费（元）": "-1.20", "备注": "无"})
    bill.add("退款", ORDER, TRADE, "50.00", "2026-03-18 11:00:00", **{"退款批次号/请求号": f"{ORDER}R1\t"})
    return bill


def wechat() -> WechatBill:
    bill = WechatBill()
    bill.paid(ORDER, WX, "200.00", AT, 手续费="1.20000")
    bill.back(ORDER, WX, "50.00", "2026-03-18 11:00:00", 商户退款单号=f"{ORDER}R1", 手续费="-0.30")
    return bill


def test_alipay_as_downloaded() -> None:
    expected = (
        BillRow(BillKind.PAID, ORDER, TRADE, 20000, WHEN, "alipay", "", 120),
        BillRow(BillKind.REFUND, ORDER, TRADE, 5000, WHEN.replace(hour=11, minute=0, second=0), "alipay", f"{ORDER}R1"),
    )
    assert bills_alipay.read(alipay().zip()) == BillFile("alipay", expected)
    assert read_bill(alipay().csv()) == read_bill(alipay().zip()) == BillFile("alipay", expected)
    # Opened and saved by a spreadsheet.
    saved = alipay().csv().decode("gbk").encode("utf-8-sig")
    assert read_bill(saved).rows == expected


def test_wechat_as_downloaded() -> None:
    eleven = WHEN.replace(hour=11, minute=0, second=0)
    expected = (
        BillRow(BillKind.PAID, ORDER, WX, 20000, WHEN, "wechat", "", 120),
        BillRow(BillKind.REFUND, ORDER, WX, 5000, eleven, "wechat", f"{ORDER}R1", 30),
    )
    assert bills_wechat.read(wechat().csv()) == BillFile("wechat", expected)
    assert read_bill(wechat().gzip()) == read_bill(wechat().csv()) == BillFile("wechat", expected)
    plain = wechat()
    plain.bom, plain.ticked_names = False, True
    assert read_bill(plain.csv()).rows == expected


def test_columns_are_found_by_name() -> None:
    turned, straight = alipay(), alipay()
    turned.names.reverse()
    assert read_bill(turned.zip()) == read_bill(straight.zip())
    short = alipay()
    short.names = [name.replace("（元）", "") for name in short.names]
    short.rows = [{name.replace("（元）", ""): value for name, value in row.items()} for row in short.rows]
    with pytest.raises(KeyError):
        short.csv()  # the writer adds up by the full name
    mixed = wechat()
    mixed.names.sort()
    assert read_bill(mixed.csv()) == read_bill(wechat().csv())


def test_wechat_before_november_2018() -> None:
    bill = WechatBill(names=list(WECHAT_OLD_NAMES))
    bill.paid(ORDER, WX, "0.12", "2018-01-04 17：43：52")
    data = bill.csv().decode("utf-8-sig").replace("应结订单总金额", "总交易额").replace("退款总金额", "总退款金额", 1)
    data = data.replace(",订单总金额,申请退款总金额", "").replace("`0.00,`0.00\r\n", "`0.00\r\n", 1)
    lines = data.splitlines()
    lines[-2] = "总交易单数,总交易额,总退款金额,总企业红包退款金额,手续费总金额"
    lines[-1] = "`1,`0.12,`0.00,`0.00,`0.00000"
    (row,) = read_bill("\n".join(lines).encode()).rows
    assert (row.fen, row.at) == (12, dt.datetime(2018, 1, 4, 17, 43, 52, tzinfo=SHANGHAI))


def test_alipays_bill_says_of_which_day_it_is() -> None:
    day = dt.date(2026, 3, 18)
    assert bills_alipay.read(alipay().zip(), day) == bills_alipay.read(alipay().zip())
    for another in (dt.date(2026, 3, 19), dt.date(2026, 4, 18), dt.date(2025, 3, 18)):
        with pytest.raises(BillFormatError, match=r"^it is the bill of another day$"):
            bills_alipay.read(alipay().zip(), another)
    bare = alipay().csv().replace("起始日期".encode("gbk"), "日期".encode("gbk"))
    assert bills_alipay.read(bare).rows
    with pytest.raises(BillFormatError, match=r"^it does not say of which day it is$"):
        bills_alipay.read(bare, day)


def test_a_bill_of_wechat_with_fewer_columns() -> None:
    """Neither fees nor states of refunds: no fee, and each refund has gone."""
    bill = wechat()
    bill.names = [name for name in bill.names if name not in ("手续费", "费率", "退款状态", "商户退款单号")]
    paid, back = read_bill(bill.csv()).rows
    assert (paid.fee_fen, back.fee_fen, back.kind, back.fen, back.refund_no) == (0, 0, "refund", 5000, "")


def test_paid_then_reversed() -> None:
    bill = WechatBill()
    bill.paid(ORDER, WX, "200.00", AT)
    bill.back(ORDER, WX, "200.00", "2026-03-18 10:17:00", 交易状态="REVOKED", 商户退款单号="0", 退款状态="SUCCESS")
    paid, back = read_bill(bill.csv()).rows
    assert (paid.kind, back.kind, paid.fen, back.fen, back.refund_no) == ("paid", "refund", 20000, 20000, "")
    bare = WechatBill()
    bare.back(ORDER, WX, "0.00", AT, 交易状态="REVOKED", 订单金额="200.00", 退款状态="")
    assert read_bill(bare.csv()).rows[0].fen == 20000


def test_a_refund_that_failed_moves_no_money() -> None:
    for in_totals in (True, False):
        bill = wechat()
        bill.failed_in_totals = in_totals
        bill.back("OTHERP1", WX, "7.00", AT, 退款状态="CHANGE")
        bill.back("OTHERP2", WX, "7.00", AT, 退款状态="PROCESSING")
        said = read_bill(bill.csv())
        assert (len(said.rows), said.skipped) == (3, 1)


def test_a_comma_in_a_name_of_goods_parts_nothing() -> None:
    bill = wechat()
    bill.rows[0]["商品名称"] = '罚款,第1条"甲"'
    assert read_bill(bill.csv()) == read_bill(wechat().csv())


def test_a_day_without_trades() -> None:
    assert read_bill(AlipayBill().zip()) == BillFile("alipay", ())
    assert read_bill(WechatBill().csv()) == BillFile("wechat", ())


def spoilt_alipay(**fields: object) -> bytes:
    bill = alipay()
    for name, value in fields.items():
        setattr(bill, name, value)
    return bill.zip()


def with_row(**cells: str) -> bytes:
    bill = alipay()
    bill.rows[0] |= cells
    return bill.zip()


def with_wechat_row(**cells: str) -> bytes:
    bill = wechat()
    bill.rows[0] |= cells
    return bill.csv()


BAD = {
    "cut off": (lambda: spoilt_alipay(cut=True), "cut off"),
    "another count": (lambda: spoilt_alipay(say_count=3), "number of rows"),
    "another sum": (lambda: spoilt_alipay(say_sum="200.01"), "do not add up"),
    "a column is gone": (
        lambda: spoilt_alipay(names=["支付宝交易号", "商户订单号", "业务类型", "商家实收（元）"]),
        "columns are missing",
    ),
    "an amount with a letter": (lambda: with_row(**{"订单金额（元）": "2OO.00"}), "no amount"),
    "thousands": (lambda: with_row(**{"订单金额（元）": '"2,000.00"'}), "no amount"),
    "parts of a fen": (lambda: with_row(**{"订单金额（元）": "200.001"}), "parts of a fen"),
    "a payment below zero": (lambda: with_row(**{"订单金额（元）": "-200.00"}), "negative"),
    "another kind of trade": (lambda: with_row(业务类型="转账"), "neither"),
    "no number": (lambda: with_row(商户订单号="\t"), "no number"),
    "a day that does not exist": (lambda: with_row(完成时间="2026-02-30 10:00:00"), "does not exist"),
    "half a zip": (lambda: alipay().zip()[:-40], "damaged zip"),
    "a zip of pictures": (lambda: zipped(b"\x89PNG\xff"), "neither GBK"),
    "a zip of something": (lambda: zipped(b"hello"), "no list of trades"),
    "half a gzip": (lambda: wechat().gzip()[:-20], "damaged gzip"),
    "wechat's count": (lambda: wechat_with(say_count="3"), "number of rows"),
    "wechat's sum": (lambda: wechat_with(say_orders="1.00"), "do not add up"),
    "wechat cut off": (lambda: b"\n".join(wechat().csv().splitlines()[:-2]), "cut off"),
    "wechat's totals cut off": (lambda: b"\n".join(wechat().csv().splitlines()[:-1]), "cut off"),
    "wechat's amount": (lambda: with_wechat_row(订单金额="1e3"), "no amount"),
    "wechat's state": (lambda: with_wechat_row(交易状态="USERPAYING"), "neither"),
    "wechat in GBK": (lambda: gbk(wechat().csv()), "neither a bill"),
    "a page of HTML": (lambda: b"<html>expired</html>", "neither a bill"),
    "nothing": (lambda: b"", "neither a bill"),
}


def zipped(data: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("bill.csv", data)
    return packed.getvalue()


def wechat_with(**fields: str) -> bytes:
    bill = wechat()
    for name, value in fields.items():
        setattr(bill, name, value)
    return bill.csv()


def gbk(data: bytes) -> bytes:
    return data.decode("utf-8-sig").encode("gbk")


@pytest.mark.parametrize("what", BAD)
def test_not_a_whole_bill(what: str) -> None:
    make, sentence = BAD[what]
    with pytest.raises(BillFormatError, match=sentence) as error:
        read_bill(make())
    assert ORDER not in str(error.value)
    assert "张" not in str(error.value)


@given(st.integers(0, 10**11), st.sampled_from(["", "0", "000"]))
@settings(max_examples=60)
def test_amounts_are_read_to_the_fen(fen: int, zeros: str) -> None:
    text = f"{fen // 100}.{fen % 100:02d}{zeros}"
    assert fen_of(text) == fen
    assert fen_of(f"-{text}") == -fen


@pytest.mark.parametrize("text", ["", ".5", "5.", "+5", "1,000.00", "1e3", "NaN", "五", "5 ", "٣", "0x1"])
def test_no_amounts(text: str) -> None:
    with pytest.raises(BillFormatError):
        fen_of(text)


def test_fees_are_rounded() -> None:
    assert [fee_of(text) for text in ("", "0.00500", "0.00499", "-1.20", "0.00000")] == [0, 1, 0, -120, 0]


@pytest.mark.parametrize(
    "text", ["", "2026-03-18", "18.03.2026 10:00:00", "2026-13-18 10:00:00", "2026-03-18 25:00:00"]
)
def test_no_times(text: str) -> None:
    with pytest.raises(BillFormatError):
        stamp_of(text)


@given(st.binary(max_size=300))
@settings(max_examples=150)
def test_any_bytes_are_a_bill_or_none(data: bytes) -> None:
    for read in (read_bill, bills_alipay.read, bills_wechat.read):
        try:
            read(data)
        except BillFormatError:
            continue


@given(st.integers(0, 3000), st.integers(1, 255))
@settings(max_examples=80, deadline=None)
def test_a_damaged_bill_never_raises_anything_else(place: int, flip: int) -> None:
    makers: tuple[Callable[[], bytes], ...] = (alipay().zip, alipay().csv, wechat().csv, wechat().gzip)
    for make in makers:
        data = bytearray(make())
        data[place % len(data)] ^= flip
        try:
            read_bill(bytes(data))
        except BillFormatError:
            continue


def test_rows_of_this_machine_only() -> None:
    day = dt.date(2026, 3, 18)
    ours = [f"{order_no('NB01', day, 1)}P1", f"{order_no('NB01', day, 2)}P12", order_no("NB01", day, 3)]
    damaged = f"{order_no('NB01', day, 4)[:-1]}#P1"
    others = [f"{order_no(kiosk, day, 1)}P1" for kiosk in ("NB012", "NB0", "NB02")] + ["SHOP-1", "P1", ""]
    rows = [BillRow(BillKind.PAID, number, "T", 1, WHEN, "alipay") for number in (*ours, damaged, *others)]
    for kiosk in ("NB01", "nb-01", "N_B-01"):
        assert [row.order_no for row in rows_of_kiosk(rows, kiosk)] == [*ours, damaged]


def test_a_machine_with_a_p_in_its_name() -> None:
    """Only the last P, with a figure behind it, parts an attempt from its order."""
    day = dt.date(2026, 3, 18)
    plain = order_no("PNP1", day, 5)
    numbers = (plain, f"{plain}P1", f"{plain}P12", f"{plain}PX", f"{plain}p1")
    rows = [BillRow(BillKind.PAID, number, "T", 1, WHEN, "alipay") for number in numbers]
    assert [row.order_no for row in rows_of_kiosk(rows, "PNP1")] == list(numbers)
    assert rows_of_kiosk(rows, "PNP") == rows_of_kiosk(rows, "P1") == rows_of_kiosk(rows, "XXXX") == []


def test_a_machine_whose_name_ends_like_a_day() -> None:
    """What its number says of itself counts before what it only looks like."""
    whole = order_no("NB20260318", dt.date(2026, 3, 18), 1)
    rows = [BillRow(BillKind.PAID, number, "T", 1, WHEN, "alipay") for number in (whole, f"{whole}P1")]
    assert rows_of_kiosk(rows, "NB") == []
    assert rows_of_kiosk(rows, "NB20260318") == rows
