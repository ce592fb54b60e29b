"""Samples of the endorsement journey: fictional people and permits, the fees of the national list."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter

from kiosk.domain.identity import Photo
from kiosk.screens.base import Progress, Row
from kiosk.screens.common import Phase
from kiosk.screens.endorsement import (
    CheckPermit,
    ChooseDestinations,
    ChooseEndorsementKind,
    ChooseEntries,
    EnterPhone,
    EntryGroup,
    EntryOption,
    FeeLine,
    HeldRow,
    InsertPermit,
    KindRow,
    MakingPermit,
    PlaceRow,
    ReviewEndorsement,
    TakePermit,
)
from ui.errand import finish_all
from ui.pages.base import PageWidget
from ui.samples import Sample

_STEPS = ("刷身份证", "插通行证", "选签注", "缴费", "制证取证")


def _step(current: int) -> Progress:
    return Progress(_STEPS, current)


_KINDS = (
    KindRow("G", "个人旅游", "自己去旅游、购物，不用跟团"),
    KindRow("L", "团队旅游", "跟旅行社的团去"),
    KindRow("T", "探亲", "看望在那边的亲人", "要先交亲属关系证明，请到人工窗口办理。"),
    KindRow("S", "商务", "单位已备案的商务往来", "您的单位没有在出入境备案，请到人工窗口办理。"),
    KindRow("Q", "其他", "治病、奔丧、诉讼等", "要先交事由证明，请到人工窗口办理。"),
    KindRow("D", "逗留", "在那边读书、工作、居留", "要先交香港或澳门的批准文件，请到人工窗口办理。"),
    KindRow("R", "人才", "人才交流往来", "要先经单位推荐，请到人工窗口办理。"),
)
_HELD = (HeldRow("澳门", "个人旅游，还能去 1 次，2026年6月2日 前有效"),)
_WHO = ("张*明", "C12*****8", "2031年5月6日")

_USED_UP = "澳门的签注还没有用完，不能再办一个。"
_PLACES = (
    PlaceRow("HKG", "香港", "每次停留不超过 7 天"),
    PlaceRow("MAC", "澳门", "每次停留不超过 7 天"),
)

_HKG = (
    EntryOption("HKG-G-3M1", "一次 · 3 个月", "可用到 2026年6月17日，每次停留不超过 7 天", 1500),
    EntryOption("HKG-G-3M2", "二次 · 3 个月", "可用到 2026年6月17日，每次停留不超过 7 天", 3000),
    EntryOption("HKG-G-1Y1", "一次 · 1 年", "可用到 2027年3月17日，每次停留不超过 7 天", 1500),
    EntryOption("HKG-G-1Y2", "二次 · 1 年", "可用到 2027年3月17日，每次停留不超过 7 天", 3000),
)
_MAC = (
    EntryOption("MAC-G-3M1", "一次 · 3 个月", "可用到 2026年6月17日，每次停留不超过 7 天", 1500),
    EntryOption("MAC-G-1Y1", "一次 · 1 年", "可用到 2027年3月17日，每次停留不超过 7 天", 1500),
)
_TOO_LONG = "签注有效期不能超过通行证有效期（2026年9月30日）。"


def catalogue(count: int = 12) -> ChooseEntries:
    """Both destinations with `count` options each: more than any kind has."""
    groups = []
    for place, name in (("HKG", "香港"), ("MAC", "澳门")):
        options = []
        for i in range(count):
            times = ("一次", "二次", "多次")[i % 3]
            period = ("3 个月", "1 年", "2 年", "3 年", "5 年")[i % 5]
            fee = (1500, 3000, 8000, 12000, 16000, 24000)[i % 6]
            detail = "可用到 2027年3月17日，每次停留不超过 14 天"
            locked = _TOO_LONG if i % 5 == 4 else ""
            options.append(EntryOption(f"{place}-{i}", f"{times} · {period}", detail, fee, locked))
        groups.append(EntryGroup(place, name, tuple(options)))
    return ChooseEntries("商务", tuple(groups))


_REVIEW = ReviewEndorsement(
    (
        Row("通行证", "张*明 C12*****8"),
        Row("种类", "个人旅游"),
        Row("前往地", "香港、澳门"),
        Row("香港", "二次 · 1 年，可用到 2027年3月17日，每次停留不超过 7 天"),
        Row("澳门", "一次 · 3 个月，可用到 2026年6月17日，每次停留不超过 7 天"),
        Row("联系电话", "138****5678"),
    ),
    ("", "kind", "places", "entries", "entries", "phone"),
    (FeeLine("香港 · 个人旅游 · 二次 · 1 年", 3000), FeeLine("澳门 · 个人旅游 · 一次 · 3 个月", 1500)),
    4500,
    "我确认以上内容属实，申请办理这些签注。",
)

_PHASES = (Phase("写入芯片", "done"), Phase("打印签注", "doing"), Phase("检查质量", "todo"))
_APPLIED = (
    Row("香港", "个人旅游，二次，2027年3月17日 前有效"),
    Row("澳门", "个人旅游，一次，2026年6月17日 前有效"),
)


def back_photo(width: int = 1280, height: int = 808) -> Photo:
    """A drawn back of a permit with two endorsements, as a PNG: nobody's."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(214, 224, 236))
    p = QPainter(image)
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    p.setPen(Qt.PenStyle.NoPen)
    p.setBrush(QColor(198, 211, 228))
    for i in range(9):
        p.drawEllipse(QRectF(-120 + i * 170, 40 + (i % 3) * 180, 330, 330))
    p.setPen(QColor(24, 30, 46))
    font = QFont(["Noto Sans CJK SC"])
    font.setPixelSize(38)
    p.setFont(font)
    lines = (
        "香港  个人旅游 (G)",
        "2026.03.18 – 2027.03.17  贰次",
        "",
        "澳门  个人旅游 (G)",
        "2026.03.18 – 2026.06.17  壹次",
    )
    for i, line in enumerate(lines):
        p.drawText(QRectF(90, 90 + i * 86, width - 420, 80), Qt.AlignmentFlag.AlignVCenter, line)
    p.setPen(Qt.PenStyle.NoPen)
    p.setBrush(QColor(24, 30, 46))
    for y in range(17):
        for x in range(17):
            if (x * 7 + y * 5 + x * y) % 3 == 0:
                p.drawRect(QRectF(width - 320 + x * 13, height - 320 + y * 13, 13, 13))
    p.end()
    out = QByteArray()
    buffer = QBuffer(out)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return Photo(bytes(out.data()))


def _photo(page: PageWidget[Any]) -> None:
    """The picture arrives, as the journey's update brings it."""
    page.update_screen(replace(page.data, picture=back_photo()))
    finish_all()


_TROUBLE = "没有读到，请换一面，有二维码的一面朝上再插。"
_RIGHT = "插卡口在屏幕下方右侧，有绿灯的地方"
_BELOW = "插卡口在屏幕正下方，有绿灯的地方"
_OPEN_KINDS = tuple(replace(row, locked="") for row in _KINDS)

SAMPLES: dict[str, Sample] = {
    "c14_insert": Sample(InsertPermit(), _step(1)),
    "c14_insert_right": Sample(InsertPermit(arrow="right", position=_RIGHT), _step(1)),
    "c14_insert_down": Sample(InsertPermit(arrow="down", position=_BELOW, side="有芯片的一面朝上，照片朝前"), _step(1)),
    "c14_insert_taking": Sample(InsertPermit("taking"), _step(1), back=False, cancel=False),
    "c14_insert_reading": Sample(InsertPermit("reading"), _step(1), back=False, cancel=False),
    "c14_insert_given_back": Sample(InsertPermit("given_back", trouble=_TROUBLE), _step(1)),
    "c14_insert_trouble": Sample(InsertPermit(trouble=_TROUBLE), _step(1)),
    "c14_insert_done": Sample(InsertPermit("done"), _step(1)),
    "c15a_kind": Sample(ChooseEndorsementKind(*_WHO, _HELD, _KINDS[:4]), _step(2)),
    "c15a_kind_all": Sample(ChooseEndorsementKind(*_WHO, (), _KINDS), _step(2)),
    "c15a_kind_open": Sample(ChooseEndorsementKind(*_WHO, _HELD * 2, _OPEN_KINDS), _step(2)),
    "c15a_kind_last": Sample(
        ChooseEndorsementKind(*_WHO, (), _KINDS),
        _step(2),
        act=lambda page: page.restore(6),
    ),
    "c15b_places": Sample(ChooseDestinations("个人旅游", _PLACES), _step(2)),
    "c15b_places_both": Sample(ChooseDestinations("个人旅游", _PLACES, ("HKG", "MAC")), _step(2)),
    "c15b_places_locked": Sample(
        ChooseDestinations("个人旅游", (_PLACES[0], replace(_PLACES[1], locked=_USED_UP)), ("HKG",)), _step(2)
    ),
    "c15b_places_none": Sample(ChooseDestinations("个人旅游", _PLACES), _step(2), act=lambda page: page.on_next()),
    "c15c_entries": Sample(
        ChooseEntries(
            "个人旅游", (EntryGroup("HKG", "香港", _HKG, "HKG-G-1Y2"), EntryGroup("MAC", "澳门", _MAC, "MAC-G-3M1"))
        ),
        _step(2),
    ),
    "c15c_entries_none": Sample(
        ChooseEntries("个人旅游", (EntryGroup("HKG", "香港", _HKG), EntryGroup("MAC", "澳门", _MAC))),
        _step(2),
        act=lambda page: page.on_next(),
    ),
    "c15c_entries_locked": Sample(
        ChooseEntries(
            "个人旅游",
            (
                EntryGroup(
                    "HKG", "香港", (*_HKG[:2], replace(_HKG[2], locked=_TOO_LONG), replace(_HKG[3], locked=_TOO_LONG))
                ),
            ),
        ),
        _step(2),
    ),
    "c15c_entries_many": Sample(catalogue(), _step(2)),
    "c15c_entries_many_next": Sample(
        catalogue(),
        _step(2),
        act=lambda page: page._choose(0, "HKG-1"),  # type: ignore[attr-defined]
    ),
    "phone": Sample(EnterPhone(), _step(2)),
    "phone_typed": Sample(EnterPhone("1380000"), _step(2)),
    "phone_full": Sample(EnterPhone("13800000000"), _step(2)),
    "phone_short": Sample(EnterPhone("1380000000"), _step(2), act=lambda page: page.on_next()),
    "phone_wrong": Sample(EnterPhone("23800000000"), _step(2), act=lambda page: page.on_next()),
    "phone_trouble": Sample(EnterPhone("13800000000", "这个号码打不通，请检查后再输入。"), _step(2)),
    "c16_review": Sample(_REVIEW, _step(3)),
    "c16_review_one": Sample(
        replace(
            _REVIEW,
            rows=(*_REVIEW.rows[:4], _REVIEW.rows[5]),
            changes=(*_REVIEW.changes[:4], "phone"),
            fees=_REVIEW.fees[:1],
            total_fen=3000,
        ),
        _step(3),
    ),
    "c16_review_last": Sample(
        _REVIEW,
        _step(3),
        act=lambda page: page._turn(len(page._pages) - 1),  # type: ignore[attr-defined]
    ),
    "c17a_making": Sample(MakingPermit(_PHASES, 17), _step(4), back=False, cancel=False),
    "c17a_making_slow": Sample(MakingPermit(_PHASES, 58), _step(4), back=False, cancel=False),
    "c17a_making_done": Sample(
        MakingPermit(tuple(replace(phase, state="done") for phase in _PHASES), 41), _step(4), back=False, cancel=False
    ),
    "c17b_check": Sample(CheckPermit(None, _APPLIED), _step(4), back=False, cancel=False, act=_photo),
    "c17b_check_none": Sample(CheckPermit(None, _APPLIED), _step(4), back=False, cancel=False),
    "c17c_take": Sample(TakePermit(), _step(4), back=False, cancel=False),
    "c17c_take_right": Sample(
        TakePermit(arrow="right", position="插卡口在屏幕下方右侧"), _step(4), back=False, cancel=False
    ),
    "c17c_take_down": Sample(
        TakePermit(arrow="down", position="插卡口在屏幕正下方"), _step(4), back=False, cancel=False
    ),
    "c17c_take_alarm": Sample(TakePermit("alarm", seconds=12), _step(4), back=False, cancel=False),
    "c17c_take_taken": Sample(TakePermit("taken"), _step(4), back=False, cancel=False),
    "c17c_take_retained": Sample(
        TakePermit("retained", reference="NB03202603180000427", note="请凭身份证到 1 号人工窗口领取。"),
        _step(4),
        back=False,
        cancel=False,
    ),
}
