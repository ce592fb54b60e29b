"""Samples of C08, C09 and C10, with the texts of the shipped legal table, so that the pages are tried at their real lengths."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from config.tables import load_tables
from config.zone import SHANGHAI
from kiosk.domain.rule import Act
from kiosk.domain.rules_person import LICENCE_RULES
from kiosk.domain.rules_vehicle import VEHICLE_RULES
from kiosk.domain.texts import penalty_notice
from kiosk.domain.violation import ViolationRecord
from kiosk.screens.base import Progress, Row
from kiosk.screens.pay import PayByQr, ScanPayerCode
from kiosk.screens.violation import Filming, Pen, PenaltyNotice, ReviewSelection, SummaryLine
from ui.paint.ink import Stroke
from ui.samples import Sample

STEPS = ("刷身份证", "人脸核验", "选违法", "确认", "缴款")
_LEGAL = load_tables().legal
TODAY = dt.date(2026, 3, 18)
PAYLOAD = "http://192.0.2.10:18080/pay/ONETRIP3202603180000427?token=5f1c9d2e7ab84c60"

_PARKING = ViolationRecord(
    record_id="3302031001000001",
    plate="浙B8K23A",
    plate_type="02",
    at=dt.datetime(2026, 2, 26, 8, 14, tzinfo=SHANGHAI),
    place="宁波市海曙区中山西路与机场路交叉口东侧",
    code="1039",
    act="违反规定停放机动车，驾驶人不在现场，妨碍其他车辆、行人通行",
    fine_fen=15000,
    points=0,
    authority="宁波市公安局海曙分局交通警察大队",
    authority_code="330203000000",
    region="local",
    provisions="《中华人民共和国道路交通安全法》第五十六条",
    basis="《中华人民共和国道路交通安全法》第九十三条、第一百一十四条",
)
_PHONE = replace(
    _PARKING,
    record_id="3302031001000002",
    at=dt.datetime(2026, 3, 2, 17, 46, tzinfo=SHANGHAI),
    place="宁波市海曙区环城西路与丽园南路交叉口",
    code="1223",
    act="驾车时有拨打、接听手持电话的行为",
    fine_fen=10000,
    points=3,
    provisions="《中华人民共和国道路交通安全法实施条例》第六十二条第（三）项",
    basis="《中华人民共和国道路交通安全法》第九十条、第一百一十四条",
)
_SPEED = replace(
    _PARKING,
    record_id="3302031001000003",
    at=dt.datetime(2026, 3, 9, 22, 47, tzinfo=SHANGHAI),
    place="G1504宁波绕城高速公路外环方向31公里500米",
    code="1352",
    act="驾驶普通机动车在其他道路上行驶超过规定时速10%以上未达20%",
    fine_fen=5000,
    points=0,
    measured="69公里/小时",
    limit="60公里/小时",
)


_LONGEST = replace(
    _PARKING,
    record_id="3302031001000004",
    place="宁波市北仑区泰山路与太河路交叉口东向西方向约300米处（电子警察3302060512号点位）",
    act="驾驶中型以上载客载货汽车、校车、危险物品运输车辆以外的其他机动车行驶超过规定时速20%以上未达到50%的",
    points=1,
    fine_fen=20000,
    measured="119公里/小时",
    limit="80公里/小时",
    provisions="《中华人民共和国道路交通安全法》第四十二条第一款、《中华人民共和国道路交通安全法实施条例》第四十五条第（二）项",
    basis="《中华人民共和国道路交通安全法》第九十条、第一百一十四条、《浙江省实施〈中华人民共和国道路交通安全法〉办法》第七十二条第（一）项",
)
_STATUS = {"status": "查封、扣留、锁定"}
_CAUTIONS = "\n".join(
    [rule.sentence(_STATUS) for rule in LICENCE_RULES if rule.act is Act.WARN]
    + [rule.sentence(_STATUS) for rule in VEHICLE_RULES if rule.act is Act.WARN]
)
"""All that can be told at once, in the rules' own words."""


def _line(record: ViolationRecord) -> SummaryLine:
    at = f"{record.at.year}年{record.at.month}月{record.at.day}日 {record.at:%H:%M}"
    return SummaryLine(record.act, f"{at}　{record.place}", record.fine_fen, record.points)


def _review(*records: ViolationRecord, before: int = 3, warning: str = "") -> ReviewSelection:
    return ReviewSelection(
        lines=tuple(_line(record) for record in records),
        total_fen=sum(record.fine_fen for record in records),
        points_before=before,
        points_added=sum(record.points for record in records),
        pay_by="2026年4月2日",
        warning=warning,
    )


def _notice(record: ViolationRecord, index: int, count: int, headline: str) -> PenaltyNotice:
    deadline = dt.date(2026, 4, 2) if record.fine_fen else None
    text = penalty_notice(record, _LEGAL, TODAY, deadline, index + 1, count)
    return PenaltyNotice(
        index=index,
        count=count,
        headline=headline,
        rows=tuple(Row(label, value) for label, value in text.rows),
        full_text=text.full_text,
        waiver_text=text.waiver,
        sign=index == count - 1,
    )


def _waves(width: float, height: float) -> tuple[Stroke, ...]:
    """A line like in the specimen books: nobody's name."""
    curve = []
    for i in range(60):
        part = i / 59
        x = width * (0.22 + 0.5 * part)
        y = height * (0.42 - 0.22 * math.sin(part * 4 * math.pi) * (1 - 0.5 * part))
        curve.append((x, y, part * 1.5))
    return (tuple(curve),)


def _tick(page: Any) -> None:
    page._agree.setChecked(True)


def _sign(page: Any) -> None:
    page.restore((True, _waves(984, 372), 0, "whole"))


def _second_page(page: Any) -> None:
    page._lines.turn_to(1)


def _press_confirm(page: Any) -> None:
    page.on_next()


def _ticked_confirm(page: Any) -> None:
    _tick(page)
    page.on_next()
    page.on_next()


def _face(face: str) -> Callable[[Any], None]:
    return lambda page: page._turn(face)


def _steps(current: int) -> Progress:
    return Progress(STEPS, current)


_LAST = _notice(_PHONE, 1, 2, "共 2 条，罚款 250 元，记 3 分")
_FIRST = _notice(_PARKING, 0, 2, "共 2 条，罚款 250 元，记 3 分")
_PEN = Pen(True, _waves(96, 48), 96, 48)
_LOST = "签名板断开了，请用手指写在框内。"
_ONE = _notice(_SPEED, 0, 1, "共 1 条，罚款 50 元，不记分")
_PAY = PayByQr(
    25000,
    "应缴罚款 2 笔",
    PAYLOAD,
    dt.datetime(2026, 3, 18, 14, 37, tzinfo=SHANGHAI),
    "waiting",
    "ONETRIP3202603180000427",
    seconds_left=272,
)


_SCAN = ScanPayerCode(25000, "应缴罚款 2 笔", order_no="ONETRIP3202603180000427")


def _pay(screen: PayByQr | ScanPayerCode) -> Sample:
    return Sample(screen, _steps(4), back=False, cancel=False)


SAMPLES: dict[str, Sample] = {
    "c08_review": Sample(_review(_PARKING, _PHONE), _steps(3)),
    "c08_review_one": Sample(_review(_SPEED, before=0), _steps(3)),
    "c08_review_ten": Sample(
        _review(
            *(_PARKING, _PHONE, _SPEED, _PHONE, _PARKING, _SPEED, _PARKING, _PARKING, _SPEED, _SPEED),
            warning="处理后记分接近 12 分，请谨慎驾驶。",
        ),
        _steps(3),
    ),
    "c08_review_cautions": Sample(
        _review(
            *(_LONGEST, _SPEED, _PARKING) * 3, before=8, warning="处理后记分接近 12 分，请谨慎驾驶。\n" + _CAUTIONS
        ),
        _steps(3),
    ),
    "c08_review_cautions_last": Sample(
        _review(_LONGEST, before=8, warning="处理后记分接近 12 分，请谨慎驾驶。\n" + _CAUTIONS),
        _steps(3),
        act=_second_page,
    ),
    "c09_notice": Sample(_FIRST, _steps(3)),
    "c09_notice_missing": Sample(_FIRST, _steps(3), act=_press_confirm),
    "c09_sign": Sample(_LAST, _steps(3)),
    "c09_sign_owed": Sample(replace(_LAST, owed_fen=25000), _steps(3), act=_sign),
    "c09_sign_first": Sample(_ONE, _steps(3), back=False),
    "c09_sign_missing": Sample(_LAST, _steps(3), act=_press_confirm),
    "c09_sign_no_ink": Sample(_LAST, _steps(3), act=_ticked_confirm),
    "c09_signed": Sample(_LAST, _steps(3), act=_sign),
    "c09_pen": Sample(replace(_LAST, pen=replace(_PEN, strokes=())), _steps(3)),
    "c09_pen_signed": Sample(replace(_LAST, pen=_PEN), _steps(3), act=_tick),
    "c09_pen_lost": Sample(replace(_LAST, trouble=_LOST), _steps(3), act=_tick),
    "c09_filming_starts": Sample(replace(_LAST, filming=Filming("starting")), _steps(3)),
    "c09_filming": Sample(replace(_LAST, filming=Filming("on", 47)), _steps(3), act=_sign),
    "c09_filming_broke": Sample(
        replace(_LAST, filming=Filming("on", 3), trouble="录音录像中断了，刚才的签名不算。请再签一次。", attempt=1),
        _steps(3),
        act=_tick,
    ),
    "c09_notice_longest": Sample(_notice(_LONGEST, 0, 9, "共 9 条，罚款 1200 元，记 3 分"), _steps(3)),
    "c09_sign_longest": Sample(
        replace(_notice(_LONGEST, 8, 9, "共 9 条，罚款 1200 元，记 3 分"), owed_fen=120000), _steps(3)
    ),
    "c09_full": Sample(_LAST, _steps(3), act=_face("full")),
    "c10_pay": _pay(_PAY),
    "c10_pay_checking": _pay(replace(_PAY, state="checking")),
    "c10_pay_paid": _pay(replace(_PAY, state="paid")),
    "c10_pay_expired": _pay(replace(_PAY, state="expired", seconds_left=0)),
    "c10_pay_unknown": _pay(replace(_PAY, state="unknown", seconds_left=0)),
    "c10_pay_scan": _pay(replace(_PAY, can_scan=True)),
    "c10_pay_scan_checking": _pay(replace(_PAY, can_scan=True, state="checking")),
    "c10_pay_scan_expired": _pay(replace(_PAY, can_scan=True, state="expired", seconds_left=0)),
    "c10_pay_scan_unknown": _pay(replace(_PAY, can_scan=True, state="unknown", seconds_left=0)),
    "c10_pay_no_scanner": _pay(replace(_PAY, trouble="扫码器暂时不能用，请用手机扫屏幕上的码。")),
    "c10_pay_scan_not_yet": _pay(
        replace(_PAY, can_scan=True, trouble="现在换不了付款方式，请扫屏幕上的码，或稍后再试。")
    ),
    "c10_pay_short": _pay(replace(_PAY, payload="https://pay.invalid/1", amount_fen=15000, charge="应缴罚款 1 笔")),
    "c11_scan": _pay(_SCAN),
    "c11_scan_right": _pay(replace(_SCAN, arrow="right", position="扫码口在屏幕右侧，亮红光的地方")),
    "c11_scan_left": _pay(replace(_SCAN, arrow="left", position="扫码口在屏幕左侧，亮红光的地方")),
    "c11_scan_trouble": _pay(replace(_SCAN, trouble="这是收款码，请打开付款码。")),
    "c11_scan_up": _pay(replace(_SCAN, arrow="up", position="扫码口在屏幕上方", wallets="支付宝或微信")),
    "c11_scan_balance": _pay(replace(_SCAN, trouble="超过了您的付款限额，没有扣款。请换一种付款方式")),
    "c11_scan_checking": _pay(replace(_SCAN, state="checking")),
    "c11_scan_paid": _pay(replace(_SCAN, state="paid")),
    "c11_scan_scanned": _pay(replace(_SCAN, state="scanned")),
    "c11_scan_unknown": _pay(replace(_SCAN, state="unknown", arrow="right")),
}
