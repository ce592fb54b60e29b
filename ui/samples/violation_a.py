"""Samples of the violation journey up to the objection: fictional people, plates and places."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPolygonF

from config.tables import load_tables
from kiosk.domain.identity import Photo
from kiosk.domain.plate import PLATE_TYPES
from kiosk.screens.base import Progress, Row
from kiosk.screens.vehicle import ChoosePlateType, EnterOwnerCode, OfferFiling, OwnerScans, PlateTypeRow
from kiosk.screens.violation import (
    ChooseObjection,
    ChooseVehicle,
    ChooseViolations,
    EnterPlate,
    EnterVehicleProof,
    Evidence,
    Measured,
    VehicleRow,
    ViolationRow,
)
from ui.errand import finish_all
from ui.pages.base import PageWidget
from ui.samples import Sample

_STEPS = ("刷身份证", "人脸核验", "选违法", "确认", "缴款")
_CHOOSING = Progress(_STEPS, 2)

_PROXY = "请由实际驾驶人本人处理。代他人处理违法、收钱买分卖分，都是违法行为，会被记分和罚款。"
_FILING_CODE = "https://filing.example/b/9F2C6A10D4E87B35"
_TYPES = (
    PlateTypeRow("02", "小型汽车", "blue"),
    PlateTypeRow("01", "大型汽车", "yellow"),
    PlateTypeRow("07", "普通摩托车", "yellow"),
    PlateTypeRow("08", "轻便摩托车", "blue"),
    PlateTypeRow("13", "低速车", "yellow"),
    PlateTypeRow("14", "拖拉机", "green"),
    PlateTypeRow("05", "境外汽车", "black"),
    PlateTypeRow("06", "外籍汽车", "black"),
)
_SCHOOL = (PlateTypeRow("16", "教练汽车", "yellow"), PlateTypeRow("17", "教练摩托车", "yellow"))

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
    "宁波市江北区环城北路与大闸南路交叉口东向西 300 米处（电子警察 3302-0512）",
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

_VEHICLES = (
    VehicleRow("浙B·8K23A", "02", "小型汽车", "本人车辆", 3),
    VehicleRow("浙B·D12345", "52", "小型新能源汽车", "本人车辆", 0),
    VehicleRow("浙B·9T07挂", "15", "挂车", "本人车辆", 1, "营运挂车的违法要到人工窗口处理。"),
    VehicleRow("浙B·66X21", "02", "小型汽车", "已备案车辆", None),
    VehicleRow("浙A·3M512", "02", "小型汽车", "已备案车辆", 12),
    VehicleRow("浙B·Q4417", "07", "普通摩托车", "已备案车辆", 2),
)
_FILED = "请由实际驾驶人本人处理。代他人处理违法记分是违法行为。"
_FACTS = (
    Row("时间", "2026年3月9日 21:05"),
    Row("地点", "G15 沈海高速 K1478 宁波北往杭州方向"),
    Row("车牌", "浙B·8K23A"),
    Row("采集机关", "宁波市公安局交通警察局高速公路支队"),
)
_LAW = (
    "违反规定：《道路交通安全法》第四十二条第一款\n"
    "处罚依据：《道路交通安全法》第九十条、《浙江省实施〈道路交通安全法〉办法》第七十二条第一项"
)
_MEASURED = Measured("98公里/小时", "80公里/小时", 98, 80, "超过 22.5%")
_TOLD = Measured("20分钟", "禁止停放")
_PLAIN = tuple(row.text for row in load_tables().plain.find(_LAW))
_LONGEST_PLAIN = tuple(sorted((row.text for row in load_tables().plain.plain), key=len)[-4:])
_LONG_FACTS = (
    _FACTS[0],
    Row("地点", _LONG.place),
    Row("车牌", "浙B·D12345"),
    Row("采集机关", "宁波市公安局交通警察局高速公路支队杭州湾跨海大桥大队"),
)
_NINE = (*(replace(_LONG, record_id=f"L{i}") for i in range(8)), _LONG_LOCKED)
_LONGEST_NAMES = tuple(
    PlateTypeRow(plate_type, name, "yellow_green")
    for plate_type, name in sorted(PLATE_TYPES.items(), key=lambda each: -len(each[1]))[:5]
)
_UNSEEN = "证据照片看不全，本机不能处理这条违法。请到窗口查看。"
_REASONS = (
    Row("emergency", "执行紧急任务的特种车辆"),
    Row("stolen_or_cloned", "车辆被盗抢，或者号牌被冒用"),
    Row("rescue", "因救助危难或者紧急避险"),
    Row("handled_on_spot", "已在现场被交警处理"),
    Row("signal_conflict", "交通信号指示不一致"),
    Row("picture_unclear", "照片不清楚，看不出违法事实"),
    Row("plate_misread", "号牌识别错误，不是我的车"),
    Row("not_driving", "当时不是我驾驶"),
)


def road_photo(step: int = 0, width: int = 1600, height: int = 1200) -> Photo:
    """A drawn road with a drawn car, as a PNG: nobody's evidence."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(96, 112, 128))
    p = QPainter(image)
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    p.setPen(Qt.PenStyle.NoPen)
    p.setBrush(QColor(58, 62, 68))
    w, h = float(width), float(height)
    p.drawPolygon(
        QPolygonF([QPointF(w * 0.38, h * 0.3), QPointF(w * 0.62, h * 0.3), QPointF(w * 1.1, h), QPointF(-w * 0.1, h)])
    )
    p.setBrush(QColor(230, 230, 224))
    for x in (0.12, 0.5, 0.88):
        foot = w * (0.5 + (x - 0.5) * 2.2)
        head = w * (0.5 + (x - 0.5) * 0.3)
        p.drawPolygon(
            QPolygonF(
                [QPointF(head - 2, h * 0.3), QPointF(head + 2, h * 0.3), QPointF(foot + 12, h), QPointF(foot - 12, h)]
            )
        )
    car = QRectF(w * (0.3 + 0.08 * step), h * (0.5 + 0.06 * step), w * 0.24, h * 0.22)
    p.setBrush(QColor(168, 40, 36))
    p.drawRoundedRect(car, 40, 40)
    p.setBrush(QColor(30, 34, 40))
    p.drawRoundedRect(car.adjusted(w * 0.03, h * 0.015, -w * 0.03, -h * 0.12), 20, 20)
    p.setBrush(QColor(26, 78, 184))
    p.drawRect(QRectF(car.center().x() - w * 0.03, car.bottom() - h * 0.05, w * 0.06, h * 0.02))
    p.end()
    out = QByteArray()
    buffer = QBuffer(out)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return Photo(bytes(out.data()))


def settle() -> None:
    """Wait until the pictures are decoded and handed over."""
    finish_all()


def _photos(page: PageWidget[Evidence]) -> None:
    """The pictures arrive, as the journey's update brings them."""
    page.update_screen(replace(page.data, photos=(road_photo(0), road_photo(1), road_photo(2))))
    settle()


def _zoomed(page: PageWidget[Evidence]) -> None:
    _photos(page)
    page.viewer.zoom(2)  # type: ignore[attr-defined]


def _broken(page: PageWidget[Evidence]) -> None:
    page.update_screen(replace(page.data, photos=(Photo(b"no picture at all"),)))
    settle()


def _short_proof(page: PageWidget[Any]) -> None:
    page.restore("4K23A")
    page.on_next()


SAMPLES: dict[str, Sample] = {
    "c06_violations": Sample(ChooseViolations("张*明", (_MARKING, _PHONE, _SPEED), ("V1", "V2")), _CHOOSING),
    "c06_violations_none": Sample(
        ChooseViolations("张*明", (_MARKING, _SPEED)), _CHOOSING, act=lambda page: page.on_next()
    ),
    "c06_violations_many": Sample(ChooseViolations("欧阳*", _MANY, ("V1",)), _CHOOSING),
    "c06_violations_long": Sample(ChooseViolations("欧阳*", _MANY, ("V4",), page=1), _CHOOSING),
    "c06_violations_locked": Sample(ChooseViolations("欧阳*", _MANY, ("V4",), page=2), _CHOOSING),
    "c06_violations_last": Sample(ChooseViolations("欧阳*", _MANY, ("V4",), page=9), _CHOOSING),
    "c06_violations_nine": Sample(ChooseViolations("欧阳*", _NINE, ("L0", "L3"), page=1), _CHOOSING),
    "plate_type": Sample(ChoosePlateType("浙B·8K23A", _TYPES, "02"), _CHOOSING),
    "plate_type_longest": Sample(ChoosePlateType("浙B·D12345", _LONGEST_NAMES, "52"), _CHOOSING),
    "plate_type_school": Sample(ChoosePlateType("浙B·1234学", _SCHOOL, "16"), _CHOOSING),
    "filing_offer": Sample(OfferFiling("浙B·8K23A", _PROXY), _CHOOSING),
    "filing_scan": Sample(OwnerScans("浙B·8K23A", _FILING_CODE, "waiting", 272), _CHOOSING),
    "filing_scan_done": Sample(OwnerScans("浙B·8K23A", _FILING_CODE, "filed"), _CHOOSING),
    "filing_scan_refused": Sample(OwnerScans("浙B·8K23A", _FILING_CODE, "refused"), _CHOOSING),
    "filing_scan_expired": Sample(OwnerScans("浙B·8K23A", _FILING_CODE, "expired"), _CHOOSING),
    "filing_code": Sample(EnterOwnerCode("浙B·8K23A", "5678"), _CHOOSING),
    "filing_code_typed": Sample(EnterOwnerCode("浙B·8K23A", "5678", "4821"), _CHOOSING),
    "filing_code_short": Sample(EnterOwnerCode("浙B·8K23A", "", "4821"), _CHOOSING, act=lambda page: page.on_next()),
    "filing_code_wrong": Sample(EnterOwnerCode("浙B·8K23A", "5678", "", "验证码不对，还可以输 2 次。"), _CHOOSING),
    "plate": Sample(EnterPlate(value="浙B8K2"), _CHOOSING),
    "plate_province": Sample(
        EnterPlate(site="浙B"),
        _CHOOSING,
        act=lambda page: page._move(0),  # type: ignore[attr-defined]
    ),
    "plate_last": Sample(EnterPlate(value="浙B8K23"), _CHOOSING),
    "plate_energy": Sample(EnterPlate(value="浙BD12345"), _CHOOSING),
    "plate_missing": Sample(EnterPlate(value="浙B8"), _CHOOSING, act=lambda page: page.on_next()),
    "plate_trouble": Sample(EnterPlate(value="浙B8K23A", trouble="车牌号码不完整或有误，请核对后再输入。"), _CHOOSING),
    "proof": Sample(EnterVehicleProof("浙B·8K23A"), _CHOOSING, act=lambda page: page.restore("1Z9")),
    "proof_trouble": Sample(EnterVehicleProof("浙B·8K23A", "请输入后 6 位，字母和数字都可以。"), _CHOOSING),
    "proof_short": Sample(EnterVehicleProof("浙B·8K23A"), _CHOOSING, act=_short_proof),
    "c06_violations_empty": Sample(ChooseViolations("张*明", ()), _CHOOSING),
    "vehicles": Sample(ChooseVehicle("张*明", _VEHICLES[:3]), _CHOOSING),
    "vehicles_many": Sample(ChooseVehicle("张*明", _VEHICLES, _FILED), _CHOOSING),
    "vehicles_longest": Sample(
        ChooseVehicle(
            "欧阳*", tuple(replace(row, kind="临时入境摩托车", open_records=128) for row in _VEHICLES), _PROXY
        ),
        _CHOOSING,
    ),
    "vehicles_none": Sample(ChooseVehicle("张*明", ()), _CHOOSING),
    "c07_evidence": Sample(
        Evidence("在高速公路超速 20%以上未达 50%", _FACTS, _LAW, plain=_PLAIN, measured=_MEASURED),
        _CHOOSING,
        act=_photos,
    ),
    "c07_evidence_zoomed": Sample(
        Evidence("机动车违反禁止标线指示", _FACTS[:3], _LAW, plain=_PLAIN), _CHOOSING, act=_zoomed
    ),
    "c07_evidence_loading": Sample(Evidence("机动车违反禁止标线指示", _FACTS[:3], _LAW), _CHOOSING),
    "c07_evidence_none": Sample(
        Evidence("机动车违反禁止标线指示", _FACTS[:3], _LAW, (), plain=_PLAIN, locked=_UNSEEN), _CHOOSING
    ),
    "c07_evidence_longest": Sample(
        Evidence(_LONG.act, _LONG_FACTS, "\n".join((_LAW, _LAW)), plain=_LONGEST_PLAIN, measured=_MEASURED),
        _CHOOSING,
    ),
    "c07_evidence_told": Sample(
        Evidence("违反规定停放机动车", _FACTS, _LAW, plain=_PLAIN, measured=_TOLD), _CHOOSING, act=_photos
    ),
    "c07_evidence_broken": Sample(
        Evidence(_LONG.act, _FACTS, _LAW, plain=_PLAIN, measured=_MEASURED, locked=_UNSEEN), _CHOOSING, act=_broken
    ),
    "c07_law": Sample(
        Evidence("机动车违反禁止标线指示", _FACTS, "\n".join((_LAW, _LAW, _LAW)), (), plain=_PLAIN),
        _CHOOSING,
        act=lambda page: page.open_law(),  # type: ignore[attr-defined]
    ),
    "objection": Sample(
        ChooseObjection("机动车违反禁止标线指示", _REASONS), _CHOOSING, act=lambda page: page.restore(("rescue", 0))
    ),
    "objection_missing": Sample(
        ChooseObjection("机动车违反禁止标线指示", (*_REASONS, Row("other", "其他情况"))),
        _CHOOSING,
        act=lambda page: page.on_next(),
    ),
}
