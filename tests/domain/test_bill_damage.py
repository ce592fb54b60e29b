"""Bill files row by row: which figures a row may have, and the sentence for each thing that is wrong with a file."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kiosk.domain.bill import BillFormatError, BillKind, BillRow, fee_of
from kiosk.domain.bill_files import read_bill
from tests.domain.bill_writer import AlipayBill, WechatBill
from tests.domain.test_bill_files import AT, ORDER, TRADE, WX

AMOUNT, RECEIVED, REFUND_NO = "订单金额（元）", "商家实收（元）", "退款批次号/请求号"
ANOTHER_NUMBER = "a row has another number of columns than the first line"
COUNT = "the number of rows is not the one in its totals"
SUMS = "the amounts do not add up to its totals"
CUT = "its totals are missing: it was cut off"
DAMAGED = "its totals are damaged"


def alipay(kind: str = "交易", amount: str = "200.00", **cells: str) -> AlipayBill:
    bill = AlipayBill()
    bill.add(kind, ORDER, TRADE, amount, AT, **cells)
    return bill


def wechat(state: str = "SUCCESS", amount: str = "200.00", **cells: str) -> WechatBill:
    bill = WechatBill()
    (bill.paid if state == "SUCCESS" else bill.back)(ORDER, WX, amount, AT, **{"交易状态": state, **cells})
    return bill


def without(bill: AlipayBill | WechatBill, *names: str) -> bytes:
    bill.names = [name for name in bill.names if name not in names]
    return bill.csv()


def with_lines(bill: AlipayBill | WechatBill, change: Callable[[list[str]], list[str]]) -> bytes:
    encoding = "gbk" if isinstance(bill, AlipayBill) else "utf-8-sig"
    return "\r\n".join(change(bill.csv().decode(encoding).splitlines())).encode(encoding)


def swapped(bill: WechatBill, old: str, new: str) -> bytes:
    return bill.csv().decode("utf-8-sig").replace(old, new).encode("utf-8-sig")


def one(data: bytes) -> BillRow:
    (row,) = read_bill(data).rows
    return row


DAMAGE: list[tuple[str, Callable[[], bytes], str]] = [
    ("only notes", lambda: "#支付宝交易号 业务类型".encode(), "no column names in it"),
    (
        "columns",
        lambda: "支付宝交易号,业务类型\n".encode(),
        "columns are missing: 商户订单号、完成时间、订单金额、商家实收",
    ),
    ("short by one", lambda: with_lines(alipay(), lambda x: [*x[:5], x[5].rpartition(",")[0], *x[6:]]), ANOTHER_NUMBER),
    ("short by many", lambda: with_lines(alipay(), lambda x: [*x[:5], x[5].split(",")[0], *x[6:]]), ANOTHER_NUMBER),
    ("long by one", lambda: with_lines(alipay(), lambda x: [*x[:5], f"{x[5]},x", *x[6:]]), ANOTHER_NUMBER),
    ("kind", lambda: alipay("转账").csv(), "a row is neither 交易 nor 退款"),
    ("paid below zero", lambda: alipay(**{AMOUNT: "-0.01"}).csv(), "a payment has a negative amount"),
    ("received below zero", lambda: alipay(**{RECEIVED: "-0.01"}).csv(), "a payment has a negative amount"),
    ("refund above zero", lambda: alipay("退款", **{AMOUNT: "0.01"}).csv(), "a refund has an amount above zero"),
    ("given back above zero", lambda: alipay("退款", **{RECEIVED: "0.01"}).csv(), "a refund has an amount above zero"),
    ("no order", lambda: alipay(商户订单号="").csv(), "a row has no number"),
    ("no trade", lambda: alipay(支付宝交易号="").csv(), "a row has no number"),
    ("totals cut off", lambda: with_lines(alipay(), lambda x: x[:-3]), CUT),
    ("one total cut off", lambda: with_lines(alipay(), lambda x: x[:-2]), CUT),
    ("count", lambda: with_lines(alipay(), lambda x: [*x[:-3], x[-3].replace("1笔", "2笔"), *x[-2:]]), COUNT),
    ("sum", lambda: with_lines(alipay(), lambda x: [*x[:-3], x[-3].replace("200.00", "200.01"), *x[-2:]]), SUMS),
    ("wechat, columns", lambda: "微信订单号\n".encode(), "columns are missing: 交易时间、商户订单号、交易状态"),
    ("wechat, short", lambda: with_lines(wechat(), lambda x: [x[0], x[1].rpartition(",")[0], *x[2:]]), ANOTHER_NUMBER),
    ("wechat, state", lambda: wechat(交易状态="PAID").csv(), "a row is neither SUCCESS nor REFUND nor REVOKED"),
    ("wechat, no order", lambda: wechat(商户订单号="").csv(), "a row has no number"),
    ("wechat, no trade", lambda: wechat(微信订单号="").csv(), "a row has no number"),
    ("wechat, negative", lambda: wechat(amount="-0.01").csv(), "an amount is negative"),
    (
        "wechat, no amount",
        lambda: without(wechat(), "订单金额", "应结订单金额", "总金额"),
        "columns are missing: 订单金额",
    ),
    (
        "wechat, no amount of a refund",
        lambda: without(wechat("REFUND"), "申请退款金额", "退款金额"),
        "columns are missing: 申请退款金额",
    ),
    ("wechat, cut off", lambda: with_lines(wechat(), lambda x: x[:-2]), CUT),
    ("wechat, totals cut off", lambda: with_lines(wechat(), lambda x: x[:-1]), CUT),
    ("wechat, no figure", lambda: swapped(wechat(), "`1,`200.00", "`x,`200.00"), DAMAGED),
    ("wechat, no sums", lambda: swapped(wechat(), "总金额", "合计").replace("总交易额".encode(), b"x"), DAMAGED),
    ("wechat, count", lambda: swapped(wechat(), "`1,`200.00", "`2,`200.00"), COUNT),
    ("wechat, sum", lambda: swapped(wechat(), "`1,`200.00", "`1,`200.01"), SUMS),
]


@pytest.mark.parametrize(("make", "said"), [row[1:] for row in DAMAGE], ids=[row[0] for row in DAMAGE])
def test_what_is_wrong_with_a_file(make: Callable[[], bytes], said: str) -> None:
    with pytest.raises(BillFormatError) as caught:
        read_bill(make())
    assert str(caught.value) == said


@pytest.mark.parametrize("amount", ["0.00", "0.01", "200.00"])
def test_amounts_a_row_may_have(amount: str) -> None:
    fen = round(float(amount) * 100)
    assert (one(alipay("交易", amount).csv()).fen, one(alipay("交易", amount).csv()).kind) == (fen, BillKind.PAID)
    assert (one(alipay("退款", amount).csv()).fen, one(alipay("退款", amount).csv()).kind) == (fen, BillKind.REFUND)
    assert (one(wechat("SUCCESS", amount).csv()).fen, one(wechat("REFUND", amount).csv()).fen) == (fen, fen)


def test_a_row_of_alipay_with_what_others_lack() -> None:
    row = one(alipay(**{REFUND_NO: "R1", "服务费（元）": "-1.20"}).csv())
    assert (row.refund_no, row.fee_fen) == ("", 120), "a payment has no number of a refund"
    assert one(alipay("退款", **{REFUND_NO: "R1"}).csv()).refund_no == "R1"
    bare = one(without(alipay("退款"), REFUND_NO, "服务费（元）"))
    assert (bare.refund_no, bare.fee_fen) == ("", 0)


@pytest.mark.parametrize("kind", ["撤销", "冲正", "交易退款"])
def test_what_alipay_calls_money_that_goes_back(kind: str) -> None:
    said = ("0笔，商家实收退款共0.00元", "1笔，商家实收退款共-200.00元")
    row = one(with_lines(alipay(kind), lambda x: [*x[:-2], x[-2].replace(*said), x[-1]]))
    assert (row.kind, row.fen) == (BillKind.REFUND, 20000)


def test_empty_lines_and_empty_cells_part_nothing() -> None:
    bill = alipay()
    bill.add("交易", ORDER, TRADE, "0.50", AT)
    bill.add("退款", ORDER, TRADE, "0.25", AT)
    spaced = with_lines(bill, lambda x: [*x[:5], "", x[5], ",,", f"{x[6]},,", *x[7:]])
    assert [row.fen for row in read_bill(spaced).rows] == [20000, 50, 25]


def test_a_payment_counts_whatever_its_column_of_refunds_says() -> None:
    bill = wechat(退款状态="无")
    bill.back("OTHERP1", WX, "7.00", AT, 退款状态="CHANGE")
    bill.back("OTHERP2", WX, "8.00", AT, 退款状态="PROCESSING")
    bill.failed_in_totals = False
    said = read_bill(bill.csv())
    assert ([row.fen for row in said.rows], said.skipped) == ([20000, 800], 1)


def test_empty_amounts_add_nothing() -> None:
    bill = wechat(退款金额="", 申请退款金额="")
    assert one(bill.csv()).fen == 20000


def test_halves_of_a_fen_in_fees() -> None:
    assert [fee_of(text) for text in ("0.005", "0.015", "0.0149", "-0.005", "1.2")] == [1, 2, 1, -1, 120]
