"""Samples of the diagnostics, T08: the end of a day. Numbers are made up."""

from __future__ import annotations

from kiosk.screens.day_end import DayEndView, LateRow, LateView, RefundRow, WorkRow
from kiosk.screens.diagnostics import Fact
from ui.samples import Sample
from ui.samples.diagnostics import HEAD, NOTED, REAL, _wrap

DAY = "2026-11-20"
SUMS = (
    Fact("本机收款", "38 笔　7,350.00 元"),
    Fact("　支付宝", "21 笔　4,150.00 元"),
    Fact("　微信支付", "17 笔　3,200.00 元"),
    Fact("钱包账单", "38 笔　7,350.00 元"),
    Fact("退款、手续费", "0.00 元　44.10 元"),
    Fact("公安入账", "41 笔　7,350.00 元"),
    Fact("待退款", "0 笔　0.00 元"),
    Fact("付款结果未知", "0 笔"),
)
SPOILT = (*SUMS[:-2], Fact("待退款", "1 笔　200.00 元", "warn"), Fact("付款结果未知", "1 笔", "warn"))
REPORT = "本机已暂停缴款。请报告负责人，查清这笔罚款是谁缴的。"
COMPARE = "本机已暂停缴款。请逐项核对金额，并报告负责人。"
BACK = "本机会退回其中一笔；退款没有完成的，请在商户平台退款。"
LATE = "本机会继续核对；超过两天的，请逐笔查清。"
WORK = (
    WorkRow("PNM-330203260000017", "已入账未收款", "200.00 元", DAY, REPORT, alarm=True),
    WorkRow("AD-NB0120261120000021XP1", "金额不一致", "50.00 元", DAY, COMPARE, alarm=True),
    WorkRow("PT-NB0120261120000017XP2", "重复付款", "200.00 元", DAY, BACK),
    WorkRow("SO-NB0120261118000003K", "没有办结", "150.00 元", "2026-11-18", LATE),
)
COUNTS = (Fact("已入账未收款", "1 项", "bad"), Fact("金额不一致", "1 项", "bad"), Fact("重复付款", "1 项", "warn"))
REFUNDS = (
    RefundRow(
        "NB0120261120000017XP2", "200.00 元", "已申请，等钱包确认", "warn", "支付宝 2026112022001 · 2026-11-20 16:21 起"
    ),
    RefundRow("NB0120261119000008XP1", "80.00 元", "要人工处理", "bad", "微信支付 4200002026 · 2026-11-19 09:02 起"),
    RefundRow("NB0120261117000030XP2", "150.00 元", "已退回", "ok", "微信支付 4200002019 · 2026-11-17 11:40 起"),
)
TOLD = "2026-11-21 10:30 核对 · 全部钱包 · 公安入账"
SETTLE = "查清后，用 kiosk ledger settle 编号 --reason 写明原因。"
ALARM = f"有 2 项报警没有处理，本机暂停缴款。{SETTLE}"
PAUSED = "缴款期限同为 2026-11-02。本机按逾期 18 天、每天 3% 推算。复议、诉讼期间不计，本机不知道有没有。"
SHIFT = "缴款期限不同：平台 2026-10-03，本机 2026-10-08。本机按逾期 17 天、每天 3% 推算。"
NO_TABLE = "没有 2027 年的节假日表，本机不推算。"
LATE_ROWS = (
    LateRow("3302*******0017", "2026-11-20", "30.00 元", "54.00 元", PAUSED, "warn"),
    LateRow("3302*******0021", "2026-11-20", "100.00 元", "100.00 元"),
    LateRow("3302*******0003", "2026-11-17", "6.00 元", "6.00 元"),
    LateRow("3302*******0008", "2026-10-25", "132.00 元", "102.00 元", SHIFT, "warn"),
)
LATE = LateView(LATE_ROWS, differing=2, years=(2025, 2026))
NEW_YEAR = LateRow("3302*******0030", "2027-01-19", "12.00 元", "不推算", NO_TABLE, "muted")
MANY_LATE = LateView((NEW_YEAR, *LATE_ROWS) * 12, differing=24, years=(2025, 2026), missing_year=2027)

SAMPLES: dict[str, Sample] = {
    "t08_day_end": _wrap(
        DayEndView(REAL, DAY, "ok", "三方账目一致", told=TOLD, sums=SUMS, newer=True, late=LateView(years=(2026,)))
    ),
    "t08_day_end_alarm": _wrap(
        DayEndView(HEAD, DAY, "bad", "有 3 项不一致", ALARM, TOLD, SPOILT, COUNTS, WORK, REFUNDS, newer=True, late=LATE)
    ),
    "t08_late": _wrap(DayEndView(HEAD, DAY, "ok", "三方账目一致", told=TOLD, sums=SUMS, late=LATE), "diag.day.turn"),
    "t08_late_many": _wrap(
        DayEndView(NOTED, "2027-01-19", "muted", "还没有核对", sums=SUMS, late=MANY_LATE), "diag.day.turn"
    ),
    "t08_late_none": _wrap(
        DayEndView(REAL, DAY, "ok", "三方账目一致", told=TOLD, sums=SUMS, late=LateView(years=(2026,))), "diag.day.turn"
    ),
    "t08_day_end_many": _wrap(
        DayEndView(
            NOTED, DAY, "warn", "有 3 项不一致", "请按待办清单逐项处理。", TOLD, SPOILT, COUNTS, WORK * 12, REFUNDS * 9
        )
    ),
    "t08_day_end_not_matched": _wrap(
        DayEndView(
            HEAD,
            "2026-11-21",
            "warn",
            "还没有核对",
            "没有核对成：The payment front does not give the bill of 2026-11-21: connection refused.",
            sums=(*SUMS[:3], Fact("钱包账单", "没有账单"), SUMS[4], Fact("公安入账", "没有核对"), *SUMS[6:]),
            can_match="支付前置是模拟的，没有可以核对的账单。",
        )
    ),
}
