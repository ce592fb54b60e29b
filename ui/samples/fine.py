"""Samples of paying a decision by its number, and of 补打. People and numbers are fictional."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.rules_fine import number_refusal, refusal_of
from kiosk.screens.base import Button, Progress, Row
from kiosk.screens.common import Message
from kiosk.screens.fine import ChooseReprintWay, EnterDecisionNumber, ReviewFine, ScanDecision
from ui.samples import Sample

STEPS = ("输入编号", "核对", "缴款", "取凭证")
COPY_STEPS = ("选方式", "查凭证", "核对", "打印")
NUMBER = "3302031910000013"
_PAYING, _COPYING = Progress(STEPS, 0), Progress(COPY_STEPS, 1)
_SHORT = number_refusal("33020319100000", scanned=False)
_WALLET = number_refusal("285512345678901234", scanned=True)
assert _SHORT
assert _WALLET

REVIEW = ReviewFine(
    number="330203 1910000013",
    act="驾车时有拨打、接听手持电话的行为",
    rows=(
        Row("被处罚人", "张*明"),
        Row("车牌", "浙B·***3A"),
        Row("违法时间", "2026年3月2日 17:46"),
        Row("违法地点", "宁波市海曙区环城西路与丽园南路交叉口"),
        Row("处理机关", "宁波市公安局交通警察局海曙大队"),
        Row("决定日期", "2026年3月2日"),
    ),
    principal_fen=10000,
    surcharge_fen=0,
    pay_by="2026年3月17日",
)
OVERDUE = replace(
    REVIEW,
    act="违反规定停放机动车，驾驶人不在现场，妨碍其他车辆、行人通行",
    principal_fen=15000,
    surcharge_fen=15000,
    note="已超过缴款期限 68 天，每日加处罚款 3%，不超过罚款本身，已到上限。要一次缴清。",
)


def _told(code: str, *buttons: Button, rows: tuple[Row, ...] = ()) -> Message:
    refusal = refusal_of(code)
    what, _, todo = refusal.message.partition("。")
    return Message(what, todo, (*buttons, Button("exit", "返回首页")), "ok" if code == "F30" else "warn", code, rows)


SAMPLES: dict[str, Sample] = {
    "fine_number": Sample(EnterDecisionNumber(can_scan=True), _PAYING),
    "fine_number_plain": Sample(EnterDecisionNumber(), _PAYING),
    "fine_number_typed": Sample(EnterDecisionNumber("33020319", can_scan=True), _PAYING),
    "fine_number_full": Sample(EnterDecisionNumber(NUMBER, can_scan=True), _PAYING),
    "fine_number_trouble": Sample(EnterDecisionNumber("33020319100000", _SHORT.message, can_scan=True), _PAYING),
    "fine_number_nothing": Sample(EnterDecisionNumber(can_scan=True), _PAYING, act=lambda page: page.on_next()),
    "fine_number_copy": Sample(EnterDecisionNumber(can_scan=True, purpose="copy"), _COPYING),
    "fine_scan": Sample(ScanDecision(), _PAYING),
    "fine_scan_up": Sample(ScanDecision(position="摄像头在屏幕上方", arrow="up"), _PAYING),
    "fine_scan_wrong": Sample(ScanDecision(_WALLET.message, arrow="right", position="扫码口在屏幕右侧"), _PAYING),
    "fine_review": Sample(REVIEW, Progress(STEPS, 1)),
    "fine_review_overdue": Sample(OVERDUE, Progress(STEPS, 1)),
    "fine_review_last": Sample(
        OVERDUE,
        Progress(STEPS, 1),
        act=lambda page: page._panel.turn_to(9),  # type: ignore[attr-defined]
    ),
    "fine_told_not_found": Sample(_told("F10", Button("retype", "重新输入编号")), back=False),
    "fine_told_paid": Sample(
        _told("F30", Button("copy", "补打缴款凭证"), rows=(Row("流水号", "DEMO01202603180000421P1"),)), back=False
    ),
    "reprint_way": Sample(ChooseReprintWay(), Progress(COPY_STEPS, 0)),
}
