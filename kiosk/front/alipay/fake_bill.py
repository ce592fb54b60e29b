"""The bill files that the fake Alipay makes: a zip of two GBK CSV files, as the real one hands out for bill_type `trade`."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Iterable

from kiosk.front.alipay.fake_ledger import Entry, shanghai

_COLUMNS = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,商家实收（元）,"
    "支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,"
    "退款批次号/请求号,服务费（元）,分润（元）,备注"
)
_SUMMARY = (
    "门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,商家实收（元）,支付宝优惠（元）,商家优惠（元）,卡消费金额（元）,"
    "服务费（元）,分润（元）,实收净额（元）"
)
_FEE_PERMILLE = 6
Movement = tuple[float, Entry, str | None]


def zipped_bill(seller_id: str, day: dt.date, movements: Iterable[Movement], now: float, off: int = 0) -> bytes:
    """The day's movements; a payment is a row, and each refund is another, with negative amounts. `off`: fen by which the
    totals are wrong."""
    listed = list(movements)
    account = f"{seller_id}0156"
    name = f"{account}_{day:%Y%m%d}"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_member(f"{name}_业务明细.csv"), _details(account, day, listed, now, off))
        archive.writestr(_member(f"{name}_业务明细(汇总).csv"), _totals(account, day, listed, now))
    return packed.getvalue()


def _details(account: str, day: dt.date, listed: list[Movement], now: float, off: int) -> bytes:
    paid = [entry.paid_fen for _, entry, refund_no in listed if refund_no is None]
    back = [entry.refunds[refund_no].fen for _, entry, refund_no in listed if refund_no is not None]
    lines = [
        "#支付宝业务明细查询",
        *_head(account, day),
        "#-----------------------------------------业务明细列表----------------------------------------",
        _COLUMNS,
        *(_row(*movement) for movement in listed),
        "#-----------------------------------------业务明细列表结束------------------------------------",
        f"#交易合计：{len(paid)}笔，商家实收共{_yuan(sum(paid) + off)}元，商家优惠共0.00元",
        f"#退款合计：{len(back)}笔，商家实收退款共{_yuan(-sum(back))}元，商家优惠退款共0.00元",
        _exported(now),
    ]
    return _gbk(lines)


def _totals(account: str, day: dt.date, listed: list[Movement], now: float) -> bytes:
    count = sum(refund_no is None for _, _, refund_no in listed)
    total = _yuan(sum(_signed(entry, refund_no) for _, entry, refund_no in listed))
    lines = [
        "#支付宝业务汇总查询",
        *_head(account, day),
        "#-----------------------------------------业务汇总列表----------------------------------------",
        _SUMMARY,
        f"合计,\t,{count},{len(listed) - count},{total},{total},0.00,0.00,0.00,0.00,0.00,{total}",
        "#-----------------------------------------业务汇总列表结束------------------------------------",
        _exported(now),
    ]
    return _gbk(lines)


def _row(at: float, entry: Entry, refund_no: str | None) -> str:
    fen = _signed(entry, refund_no)
    fee = -(entry.paid_fen * _FEE_PERMILLE // 1000) if refund_no is None else 0
    done = f"{shanghai(at):%Y-%m-%d %H:%M:%S}"
    cells = (
        f"{entry.trade_no}\t",
        f"{entry.number}\t",
        "交易\t" if refund_no is None else "退款\t",
        entry.subject.replace(",", "，"),
        f"{shanghai(entry.opened):%Y-%m-%d %H:%M:%S}",
        done,
        *("\t", "\t", "\t"),
        f"{entry.terminal_id}\t",
        "*先生(138****0000)\t",
        _yuan(fen),
        _yuan(fen),
        *("0.00",) * 5,
        "",
        "0.00\t",
        "0.00",
        f"{refund_no or ''}\t",
        _yuan(fee),
        "0.00",
        "",
    )
    return ",".join(cells)


def _signed(entry: Entry, refund_no: str | None) -> int:
    return entry.paid_fen if refund_no is None else -entry.refunds[refund_no].fen


def _head(account: str, day: dt.date) -> tuple[str, str]:
    after = day + dt.timedelta(days=1)
    return (
        f"#账号：[{account}]",
        f"#起始日期：[{day:%Y年%m月%d日} 00:00:00]   终止日期：[{after:%Y年%m月%d日} 00:00:00]",
    )


def _exported(now: float) -> str:
    return f"#导出时间：[{shanghai(now):%Y年%m月%d日 %H:%M:%S}]"


def _gbk(lines: list[str]) -> bytes:
    return ("\r\n".join(lines) + "\r\n").encode("gbk", errors="replace")


def _member(name: str) -> zipfile.ZipInfo:
    """The real archive's names are GBK without the flag for UTF-8; Python cannot write that, and no reader may depend on them."""
    item = zipfile.ZipInfo(name, date_time=(2026, 1, 1, 0, 0, 0))
    item.compress_type = zipfile.ZIP_DEFLATED
    return item


def _yuan(fen: int) -> str:
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"
