"""Samples of the violation journey up to the objection: fictional people, plates and places."""

from __future__ import annotations

from dataclasses import replace

from kiosk.screens.base import Progress
from kiosk.screens.violation import ChooseViolations, ViolationRow
from ui.samples import Sample

_STEPS = ("刷身份证", "人脸核验", "选违法", "确认", "缴款")
_CHOOSING = Progress(_STEPS, 2)

_MARKING = ViolationRow(
    "V1", "机动车违反禁止标线指示", "2026年2月26日 08:14", "浙B·8K23A", "海曙区 中山东路/开明街口", 10000, 1
)
_PHONE = ViolationRow(
    "V2", "驾驶时拨打接听手持电话", "2026年3月2日 17:46", "浙B·8K23A", "鄞州区 宁穿路/福庆路口", 5000, 3
)
_SPEED = ViolationRow(
    "V3",
    "在高速公路超速 20%以上未达 50%",
    "2026年3月9日 21:05",
    "浙B·8K23A",
    "G15 沈海高速 K1478",
    20000,
    6,
    "罚款超过本机限额，请到人工窗口处理。",
    "W03",
)
_LONG = ViolationRow(
    "V4",
    "驾驶中型以上载客载货汽车、校车、危险物品运输车辆以外的其他机动车行驶超过规定时速 20%以上未达到 50%的",
    "2026年3月11日 06:58",
    "浙B·D12345",
    "宁波市江北区环城北路与大闸南路交叉口东向西 300 米处（电子警察 330205000000000123）",
    20000,
    6,
)
_LONG_LOCKED = replace(
    _LONG,
    record_id="V5",
    locked="选上这一条后本周期记分会达到 12 分，请先到人工窗口办理满分学习，再处理这一条记录。",
    code="W05",
)
_MANY = (
    _MARKING,
    _PHONE,
    _SPEED,
    replace(_MARKING, record_id="V6", when="2026年1月8日 09:30", place="镇海区 骆兴路/荣吉路口", fine_fen=15000),
    _LONG,
    replace(_PHONE, record_id="V7", when="2025年12月30日 19:02", points=0),
    _LONG_LOCKED,
    replace(_MARKING, record_id="V8", when="2025年12月1日 07:45", fine_fen=10050),
)

SAMPLES: dict[str, Sample] = {
    "c06_violations": Sample(ChooseViolations("张*明", (_MARKING, _PHONE, _SPEED), ("V1", "V2")), _CHOOSING),
    "c06_violations_none": Sample(
        ChooseViolations("张*明", (_MARKING, _SPEED)), _CHOOSING, act=lambda page: page.on_next()
    ),
    "c06_violations_many": Sample(ChooseViolations("欧阳*", _MANY, ("V1",)), _CHOOSING),
    "c06_violations_long": Sample(ChooseViolations("欧阳*", _MANY, ("V4",), page=1), _CHOOSING),
    "c06_violations_last": Sample(ChooseViolations("欧阳*", _MANY, ("V4",), page=9), _CHOOSING),
    "c06_violations_empty": Sample(ChooseViolations("张*明", ()), _CHOOSING),
}
