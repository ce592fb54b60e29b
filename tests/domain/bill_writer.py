"""Writes bill files as the two wallets do. Knows nothing of the program that reads them: amounts are decimal yuan, rows are lists."""

from __future__ import annotations

import gzip
import io
import zipfile
from dataclasses import dataclass, field
from decimal import Decimal

_ALIPAY_NAMES = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,商家实收（元）,"
    "支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,"
    "退款批次号/请求号,服务费（元）,分润（元）,备注"
)
ALIPAY_NAMES = _ALIPAY_NAMES.split(",")
_WECHAT_NAMES = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,"
    "代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,"
    "申请退款金额,费率备注"
)
WECHAT_NAMES = _WECHAT_NAMES.split(",")
_WECHAT_OLD_NAMES = (
    "交易时间,公众账号ID,商户号,子商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,总金额,"
    "企业红包金额,微信退款单号,商户退款单号,退款金额,企业红包退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率"
)
WECHAT_OLD_NAMES = _WECHAT_OLD_NAMES.split(",")
DASHES = "-" * 41


@dataclass
class AlipayBill:
    day: str = "2026年03月18日"
    rows: list[dict[str, str]] = field(default_factory=list)
    names: list[str] = field(default_factory=lambda: list(ALIPAY_NAMES))
    newline: str = "\r\n"
    say_count: int | None = None
    say_sum: str | None = None
    cut: bool = False

    def add(self, kind: str, order: str, trade: str, amount: str, at: str, **more: str) -> None:
        yuan = amount if kind == "交易" else f"-{amount}"
        row = {"支付宝交易号": f"{trade}\t", "商户订单号": f"{order}\t", "业务类型": kind, "商品名称": "交通违法罚款"}
        row |= {
            "创建时间": at,
            "完成时间": at,
            "对方账户": "张*(137****00)",
            "订单金额（元）": yuan,
            "商家实收（元）": yuan,
        }
        self.rows.append({**row, **more})

    def csv(self) -> bytes:
        def total(kind: str) -> tuple[int, Decimal]:
            found = [Decimal(row["商家实收（元）"]) for row in self.rows if row["业务类型"] == kind]
            return len(found), sum(found, Decimal("0.00"))

        (paid, paid_sum), (back, back_sum) = total("交易"), total("退款")
        lines = [
            "#支付宝业务明细查询",
            "#账号：[20880000000000000156]",
            f"#起始日期：[{self.day} 00:00:00]   终止日期：[2026年03月19日 00:00:00]",
            f"#{DASHES}业务明细列表{DASHES}",
            ",".join(self.names),
            *(",".join(row.get(name, "0.00" if "元" in name else "") for name in self.names) for row in self.rows),
            f"#{DASHES}业务明细列表结束{DASHES}",
            f"#交易合计：{paid if self.say_count is None else self.say_count}笔，"
            f"商家实收共{self.say_sum or paid_sum}元，商家优惠共0.00元",
            f"#退款合计：{back}笔，商家实收退款共{back_sum}元，商家优惠退款共0.00元",
            "#导出时间：[2026年03月19日 06:27:10]",
        ]
        if self.cut:
            lines = lines[:-4]
        return (self.newline.join(lines) + self.newline).encode("gbk")

    def zip(self) -> bytes:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            sums = f"#支付宝业务汇总查询\r\n#{DASHES}业务汇总列表{DASHES}\r\n门店编号,门店名称,交易订单总笔数\r\n\t,\t,1\r\n"
            archive.writestr("20880000000000000156_20260318_业务明细(汇总).csv", sums.encode("gbk"))
            archive.writestr("20880000000000000156_20260318_业务明细.csv", self.csv())
        return packed.getvalue()


@dataclass
class WechatBill:
    rows: list[dict[str, str]] = field(default_factory=list)
    names: list[str] = field(default_factory=lambda: list(WECHAT_NAMES))
    bom: bool = True
    ticked_names: bool = False
    say_count: str | None = None
    say_orders: str | None = None
    failed_in_totals: bool = True

    def paid(self, order: str, trade: str, amount: str, at: str, **more: str) -> None:
        row = {"交易状态": "SUCCESS", "应结订单金额": amount, "订单金额": amount, "总金额": amount, "手续费": "0.00000"}
        self._add(order, trade, at, row | {"微信退款单号": "0", "商户退款单号": "0"} | more)

    def back(self, order: str, trade: str, amount: str, at: str, **more: str) -> None:
        row = {
            "交易状态": "REFUND",
            "退款金额": amount,
            "申请退款金额": amount,
            "退款类型": "ORIGINAL",
            "退款状态": "SUCCESS",
            "手续费": "0.00000",
        }
        self._add(order, trade, at, row | {"微信退款单号": f"5{trade}"} | more)

    def _add(self, order: str, trade: str, at: str, row: dict[str, str]) -> None:
        common = {"交易时间": at, "微信订单号": trade, "商户订单号": order, "用户标识": "oUser", "交易类型": "NATIVE"}
        self.rows.append({**common, "货币种类": "CNY", "商品名称": "交通违法罚款", "费率": "0.60%", **row})

    def csv(self) -> bytes:
        money = ("应结订单金额", "退款金额", "充值券退款金额", "手续费", "订单金额", "申请退款金额")

        def cell(row: dict[str, str], name: str) -> str:
            return row.get(name, "0.00" if "金额" in name else "")

        def total(name: str) -> str:
            rows = [row for row in self.rows if self.failed_in_totals or row.get("退款状态", "SUCCESS") != "CHANGE"]
            return str(sum((Decimal(cell(row, name) or "0") for row in rows), Decimal("0.00")))

        names = [f"`{name}" for name in self.names] if self.ticked_names else self.names
        sums = ["应结订单总金额", "退款总金额", "充值券退款总金额", "手续费总金额", "订单总金额", "申请退款总金额"]
        values = [self.say_count or str(len(self.rows)), *map(total, money)]
        if self.say_orders:
            values[5] = self.say_orders
        lines = [
            ",".join(names),
            *(",".join(f"`{cell(row, name)}" for name in self.names) for row in self.rows),
            ",".join(["总交易单数", *sums]),
            ",".join(f"`{value}" for value in values),
        ]
        return (b"\xef\xbb\xbf" if self.bom else b"") + ("\r\n".join(lines) + "\r\n").encode()

    def gzip(self) -> bytes:
        return gzip.compress(self.csv())
