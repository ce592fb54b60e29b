"""Slips of the endorsement service: what must stand there, and what must not."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any, get_args

import pytest

from config.zone import SHANGHAI
from kiosk.domain.permit_slips import (
    HOTLINE,
    FeeItem,
    FeeVoucherData,
    ProblemSlipData,
    RetainedSlipData,
    Trouble,
    fee_voucher,
    problem_slip,
    retained_slip,
)
from kiosk.domain.slip import Barcode, Pair, QrCode, Slip, Text

NAME, PERMIT, APPLICATION = "张伟明", "C12345678", "330212260000001"
AT = dt.datetime(2026, 3, 18, 14, 40, 5, tzinfo=SHANGHAI)
VOUCHER = FeeVoucherData(
    application_no=APPLICATION,
    trade_no="2026031822001",
    channel="支付宝",
    paid_at=AT,
    items=(FeeItem("香港 个人旅游 二次 1 年", 30_00), FeeItem("澳门 个人旅游 一次 1 年", 15_00)),
    name=NAME,
    permit_number=PERMIT,
    collected_for="宁波市公安局出入境管理支队",
    kiosk_id="NBHS03",
    session_id="S1",
)
PROBLEM = ProblemSlipData("not_written", APPLICATION, "returned", AT, "NBHS03", permit_number=PERMIT)
RETAINED = RetainedSlipData(
    reference="R0318001",
    at=AT,
    where="二楼出入境 3 号窗口",
    hours="工作日 9:00 至 17:00",
    kiosk_id="NBHS03",
    permit_number=PERMIT,
    name=NAME,
)
TROUBLES = get_args(Trouble)


def words(slip: Slip) -> str:
    """Everything a reader of the paper sees."""
    lines: list[str] = []
    for block in slip.blocks:
        if isinstance(block, Text):
            lines.append(block.text)
        elif isinstance(block, Pair):
            lines.append(f"{block.label}：{block.value}")
        elif isinstance(block, QrCode):
            lines.append(block.data + block.caption)
        elif isinstance(block, Barcode):
            lines.append(block.data)
    return "\n".join(lines)


ALL = [
    pytest.param(fee_voucher(VOUCHER), "fee_voucher", id="voucher"),
    *(pytest.param(problem_slip(replace(PROBLEM, what=what)), "permit_problem", id=what) for what in TROUBLES),
    pytest.param(retained_slip(RETAINED), "permit_retained", id="retained"),
]


@pytest.mark.parametrize(("slip", "kind"), ALL)
def test_every_slip(slip: Slip, kind: str) -> None:
    text = words(slip)
    assert slip.kind == kind
    assert NAME not in text
    assert PERMIT not in text
    assert all(part in text for part in ("NBHS03", HOTLINE, "2026-03-18 14:40:05"))
    assert not set(text) & set("！!？¥")
    text.encode("gbk")
    assert NAME not in repr(slip)


def test_voucher() -> None:
    text = words(fee_voucher(VOUCHER))
    assert all(part in text for part in (APPLICATION, "2026031822001", "支付宝", "30.00 元", "15.00 元", "45.00 元"))
    assert "人民币肆拾伍元整" in text
    assert "不是财政票据" in text
    assert "电子票据" in text
    assert "张*明" in text
    assert "E-1" in words(fee_voucher(replace(VOUCHER, bill_no="E-1")))


def test_a_voucher_for_nothing() -> None:
    with pytest.raises(ValueError, match="nothing"):
        fee_voucher(replace(VOUCHER, items=()))


def test_times_are_chinas() -> None:
    utc = replace(VOUCHER, paid_at=dt.datetime(2026, 3, 18, 6, 40, 5, tzinfo=dt.UTC))
    assert fee_voucher(utc) == fee_voucher(VOUCHER)
    with pytest.raises(ValueError, match="zone"):
        fee_voucher(replace(VOUCHER, paid_at=dt.datetime(2026, 3, 18)))


@pytest.mark.parametrize("what", TROUBLES)
def test_a_refund_is_promised_only_where_it_was_asked_for(what: Any) -> None:
    without = words(problem_slip(replace(PROBLEM, what=what, paid_fen=45_00)))
    assert "申请退款" not in without
    assert "退款申请已经提交" not in without
    asked = words(problem_slip(replace(PROBLEM, what=what, paid_fen=45_00, refund_fen=45_00, trade_no="T1")))
    assert all(part in asked for part in ("申请退款：45.00 元", "原路退回", "T1"))


@pytest.mark.parametrize("what", TROUBLES)
def test_what_went_back_is_said_and_not_promised_again(what: Any) -> None:
    back = words(problem_slip(replace(PROBLEM, what=what, paid_fen=45_00, refunded_fen=45_00)))
    assert all(part in back for part in ("已缴费用：45.00 元", "已经退款：45.00 元", "实收费用：0.00 元", "原路退回"))
    assert "申请退款" not in back
    assert "退款申请已经提交" not in back
    part = words(problem_slip(replace(PROBLEM, what=what, paid_fen=60_00, refunded_fen=15_00, refund_fen=30_00)))
    assert all(line in part for line in ("已经退款：15.00 元", "申请退款：30.00 元", "实收费用：15.00 元"))
    asked = words(problem_slip(replace(PROBLEM, what=what, paid_fen=44_99, by_hand_fen=44_99)))
    assert all(line in asked for line in ("已缴费用：44.99 元", "待核对：44.99 元", "实收费用：0.00 元"))
    assert "退款" not in asked
    kept = words(problem_slip(replace(PROBLEM, what=what, paid_fen=45_00)))
    assert "实收费用" not in kept


def test_a_voucher_says_that_a_second_payment_went_back() -> None:
    assert "多付" not in words(fee_voucher(VOUCHER))
    assert "多付的 45.00 元已经原路退回" in words(fee_voucher(replace(VOUCHER, refunded_fen=45_00)))
    assert "多付的 45.00 元正在原路退回" in words(fee_voucher(replace(VOUCHER, refund_fen=45_00)))


@pytest.mark.parametrize("what", TROUBLES)
def test_where_the_permit_is(what: Any) -> None:
    returned = words(problem_slip(replace(PROBLEM, what=what)))
    inside = words(problem_slip(replace(PROBLEM, what=what, permit="in_machine")))
    assert "已经退还给您" in returned
    assert "在本机内" in inside
    assert "身份证、通行证" not in inside


def test_no_second_application_where_the_first_may_count() -> None:
    for what in ("not_granted", "write_unknown"):
        assert "不要重复申请" in words(problem_slip(replace(PROBLEM, what=what)))  # type: ignore[arg-type]
    assert "不需要再次申请或缴费" in words(problem_slip(replace(PROBLEM, what="not_printed")))


def test_window_and_phone() -> None:
    text = words(problem_slip(replace(PROBLEM, place="3 号窗口", phone="0574-12345678")))
    assert "3 号窗口" in text
    assert "0574-12345678" in text


def test_retained() -> None:
    text = words(retained_slip(RETAINED))
    assert all(
        part in text for part in ("R0318001", "二楼出入境 3 号窗口", "工作日 9:00 至 17:00", "没有及时取走", "张*明")
    )
    assert "没有能够退出" in words(retained_slip(replace(RETAINED, why="trouble")))
    assert "持证人" not in words(retained_slip(replace(RETAINED, name="")))
