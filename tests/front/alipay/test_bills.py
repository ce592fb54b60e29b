"""The day's bill, in the format of the real files, and everything it must not be believed for."""

from __future__ import annotations

import datetime as dt
import io
import zipfile

import pytest

from kiosk.domain.bill import BillFormatError
from kiosk.domain.bills_alipay import read
from kiosk.domain.errors import GatewayUnavailable, Refused
from kiosk.front.alipay.download import fetch
from kiosk.front.channel import BillSpoilt
from kiosk.ports.bills import BillKind, BillRow
from kiosk.ports.clock import SHANGHAI
from tests.front.alipay.conftest import PAYER, Hall

DAY = dt.date(2026, 11, 21)
COLUMNS = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,商家实收（元）,"
    "支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,"
    "退款批次号/请求号,服务费（元）,分润（元）,备注"
)
PAID = (
    "2026112122001458860515315453\t,NB01A\t,交易\t,交通违法罚款,2026-11-21 10:55:16,2026-11-21 10:55:23,\t,\t,\t,NB01T001\t,"
    "*津(138****0000)\t,200.00,199.00,1.00,0.00,0.00,0.00,0.00,,0.00\t,0.00,\t,-1.20,0.00,"
)
BACK = (
    '2026112122001458860515315453\t,NB01A\t,退款\t,"罚款, 交通",2026-11-21 10:55:16,2026-11-21 10:56:48,\t,\t,\t,NB01T001\t,'
    "*津(138****0000)\t,-200.00,-200.00,0.00,0.00,0.00,0.00,0.00,,0.00\t,0.00,NB01AR1\t,1.20,0.00,"
)


def bill(
    *rows: str,
    head: str = "2026年11月21日",
    columns: str = COLUMNS,
    paid: int = 1,
    back: int = 1,
    sums: tuple[str, str] = ("199.00", "-200.00"),
) -> str:
    sums = (sums[0] if paid else "0.00", sums[1] if back else "0.00")
    return "\r\n".join(
        [
            "#支付宝业务明细查询",
            "#账号：[20880000000000010156]",
            f"#起始日期：[{head} 00:00:00]   终止日期：[2026年11月22日 00:00:00]",
            "#-----------------------------------------业务明细列表----------------------------------------",
            columns,
            *rows,
            "#-----------------------------------------业务明细列表结束------------------------------------",
            f"#交易合计：{paid}笔，商家实收共{sums[0]}元，商家优惠共0.00元",
            f"#退款合计：{back}笔，商家实收退款共{sums[1]}元，商家优惠退款共0.00元",
            "#导出时间：[2026年11月22日 05:46:49]",
            "",
        ]
    )


def zipped(*texts: str, encoding: str = "gbk") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for at, text in enumerate(texts):
            archive.writestr(f"{at}.csv", text.encode(encoding))
    return packed.getvalue()


SUMMARY = "#支付宝业务汇总查询\r\n#账号：[20880000000000010156]\r\n门店编号,门店名称\r\n合计,\r\n"


def test_a_bill_in_the_real_format() -> None:
    rows = read(zipped(SUMMARY, bill(PAID, BACK)), DAY).rows
    at = dt.datetime(2026, 11, 21, 10, 55, 23, tzinfo=SHANGHAI)
    trade = "2026112122001458860515315453"
    assert rows == (
        BillRow(BillKind.PAID, "NB01A", trade, 20000, at, "alipay", "", 120),
        BillRow(BillKind.REFUND, "NB01A", trade, 20000, at.replace(minute=56, second=48), "alipay", "NB01AR1", 120),
    )


def test_names_of_files_in_gbk_without_a_flag_do_not_matter() -> None:
    """As the real archive has them: Python reads such names as CP437."""
    name = "20880000000000010156_20261121_业务明细.csv"
    raw = name.encode("gbk")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("x" * len(raw), bill(PAID, BACK).encode("gbk"))
    assert len(read(packed.getvalue().replace(b"x" * len(raw), raw), DAY).rows) == 2


def test_columns_are_found_by_name() -> None:
    order = list(reversed(range(len(COLUMNS.split(",")))))
    columns = ",".join(COLUMNS.split(",")[at] for at in order)
    row = ",".join(PAID.split(",")[at] for at in order)
    assert read(zipped(bill(row, columns=columns, back=0)), DAY).rows[0].order_no == "NB01A"


def test_a_reversal_is_a_refund_by_whatever_name() -> None:
    for name in ("退款", "交易退款", "交易撤销", "冲正"):
        rows = read(zipped(bill(PAID, BACK.replace("退款", name, 1))), DAY).rows
        assert [row.kind for row in rows] == [BillKind.PAID, BillKind.REFUND]


def test_a_day_with_nothing_in_the_list() -> None:
    assert read(zipped(bill(paid=0, back=0)), DAY).rows == ()


def test_every_list_in_the_file_counts() -> None:
    """A long bill may come in parts, each with its own totals."""
    second = bill(PAID.replace("NB01A", "NB01B"), back=0)
    assert [row.order_no for row in read(zipped(bill(PAID, BACK), SUMMARY, second), DAY).rows] == [
        "NB01A",
        "NB01A",
        "NB01B",
    ]
    with pytest.raises(BillFormatError):
        read(zipped(bill(PAID, BACK), bill(PAID, BACK, PAID)), DAY)


@pytest.mark.parametrize(
    "packed",
    [
        b"",
        b"not a zip",
        zipped(bill(PAID, BACK))[:-30],
        zipped(SUMMARY),
        zipped(bill(PAID, BACK, head="2026年11月20日")),
        zipped(bill(PAID)),
        zipped(bill(PAID, BACK, PAID)),
        zipped(bill(PAID, BACK, sums=("200.00", "-200.00"))),
        zipped(bill(PAID, BACK, sums=("199.00", "-199.99"))),
        zipped(bill(PAID.replace("200.00", "2e2"), BACK)),
        zipped(bill(PAID.replace("200.00", "-200.00"), BACK)),
        zipped(bill(PAID, BACK.replace("-200.00", "200.00"))),
        zipped(bill(PAID.replace("交易", "别的"), BACK)),
        zipped(bill(PAID.replace("NB01A", ""), BACK)),
        zipped(bill(PAID.replace("2026-11-21 10:55:23", "soon"), BACK)),
        zipped(bill(PAID, BACK, columns=COLUMNS.replace("商户订单号", "订单"))),
        zipped(bill(PAID, BACK).replace("#起始日期", "#日期")),
        zipped(bill(PAID[:40], BACK)),
    ],
    ids=[f"file{n}" for n in range(18)],  # bytes of a zip hold the time it was made at
)
def test_files_that_are_not_that_days_whole_bill(packed: bytes) -> None:
    with pytest.raises(BillFormatError) as error:
        read(packed, DAY)
    assert "NB01A" not in str(error.value)


# --- over the wire


async def test_the_bill_of_a_day_with_everything_in_it(hall: Hall) -> None:
    await hall.paid()
    await hall.channel.refund(hall.refund(5000))
    await hall.channel.charge(hall.order("NB01B", 100), PAYER)
    await hall.channel.undo("NB01B")
    await hall.channel.show(hall.order("NB01C"))
    hall.clock.forward(26 * 3600)
    rows = await hall.channel.bill(DAY)
    assert [(row.kind, row.order_no, row.fen, row.refund_no) for row in rows] == [
        (BillKind.PAID, "NB01A", 20000, ""),
        (BillKind.REFUND, "NB01A", 5000, "NB01AR1"),
        (BillKind.PAID, "NB01B", 100, ""),
        (BillKind.REFUND, "NB01B", 100, ""),
    ]
    books: dict[str, dict[str, int]] = {}
    for row in rows:
        book = books.setdefault(row.order_no, {"paid": 0, "refunded": 0})
        book["paid" if row.kind is BillKind.PAID else "refunded"] += row.fen
    assert books == {number: book for number, book in hall.wallet.books().items() if book["paid"]}


async def test_no_bill_before_ten_oclock_of_the_next_day(hall: Hall) -> None:
    await hall.paid()
    for hours in (0, 15.5, 9):  # nine in the morning, half past midnight, half past nine
        hall.clock.forward(hours * 3600)
        with pytest.raises(Refused) as no:
            await hall.channel.bill(DAY)
        assert no.value.code == "bill_not_ready"
    hall.clock.forward(1800)
    assert len(await hall.channel.bill(DAY)) == 1


async def test_a_day_without_trade_is_empty_once_its_bill_would_surely_be_there(hall: Hall) -> None:
    hall.clock.forward(26 * 3600)
    with pytest.raises(Refused) as no:
        await hall.channel.bill(DAY)
    assert no.value.code == "bill_not_ready"
    hall.clock.forward(13 * 3600)
    assert await hall.channel.bill(DAY) == ()


@pytest.mark.parametrize("fault", ["http_502_page", "forged_signature", "unsigned", "busy_before", "forbidden"])
async def test_a_spoilt_answer_is_no_bill(hall: Hall, fault: str) -> None:
    await hall.paid()
    hall.clock.forward(26 * 3600)
    hall.script(fault=fault, on=["bill"])
    with pytest.raises(GatewayUnavailable):
        await hall.channel.bill(DAY)


async def test_a_bill_whose_totals_do_not_fit_is_named_so(hall: Hall) -> None:
    await hall.paid()
    hall.clock.forward(26 * 3600)
    for off in (1, -1):
        hall.script(bill_off=off)
        with pytest.raises(BillSpoilt, match="do not add up"):
            await hall.channel.bill(DAY)
    hall.script()
    assert len(await hall.channel.bill(DAY)) == 1


async def test_an_address_that_has_run_out_is_no_bill(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    await hall.paid()
    hall.clock.forward(26 * 3600)
    monkeypatch.setattr("kiosk.front.alipay.fake_operations.LINK_SECONDS", -1.0)
    with pytest.raises(GatewayUnavailable, match="403"):
        await hall.channel.bill(DAY)


@pytest.mark.parametrize(
    "address", ["", "bill", "ftp://host/x", "http://", "http://[::1", "https://a:b@host/x", "http://127.0.0.1:9/\x00"]
)
async def test_addresses_that_cannot_be_used(address: str) -> None:
    with pytest.raises(GatewayUnavailable):
        await fetch("alipay", address, None)
