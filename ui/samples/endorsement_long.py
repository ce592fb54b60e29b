"""Endorsement pages with the longest of everything: names with an interpunct, titles in full, reasons of two sentences."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.identity import mask_name
from kiosk.screens.base import Progress, Row
from kiosk.screens.common import Phase
from kiosk.screens.endorsement import (
    CheckPermit,
    ChooseDestinations,
    ChooseEndorsementKind,
    ChooseEntries,
    EntryGroup,
    EntryOption,
    FeeLine,
    HeldRow,
    InsertPermit,
    KindRow,
    MakingPermit,
    PlaceRow,
    ReviewEndorsement,
)
from ui.samples import Sample

_STEPS = ("刷身份证", "插通行证", "选签注", "缴费", "制证取证")
_NAME = "阿卜杜热西提·买买提吐尔逊江"
"""Nobody's: as many characters as an identity card has room for."""
_PERMIT = "C12*****8"


def _step(current: int) -> Progress:
    return Progress(_STEPS, current)


_HELD = (
    HeldRow("香港", "个人旅游（一周一行），还能去 12 次，2026年12月31日 前有效"),
    HeldRow("澳门", "个人旅游，还能去 1 次，2026年12月22日 前有效"),
)
_REASON = "签注有效期不能超过通行证有效期（2026年9月30日），请先到人工窗口换发通行证。"
_KINDS = (
    KindRow("Q", "其他（治病、奔丧、探望病人、诉讼、处理产业）", "治病、奔丧、探望生病的亲人、打官司、处理房产"),
    KindRow("S", "商务（单位已在出入境管理部门备案）", "单位已备案的商务往来", "您的单位没有备案。" + _REASON),
    KindRow("T", "探亲", "看望在香港或者澳门定居、工作、读书的亲人", "要先交亲属关系证明，请到人工窗口办理。"),
)
_OPTIONS = (
    EntryOption(
        "L-1", "多次 · 5 年（北部都会区、横琴、前海人才）", "可用到 2031年3月17日，每次停留不超过 30 天", 24000
    ),
    EntryOption("L-2", "三个月内多次 · 每次最多停留 14 天", "可用到 2026年6月17日，每次停留不超过 14 天", 108000),
    EntryOption("L-3", "一次 · 3 个月", "可用到 2026年6月17日，每次停留不超过 7 天", 1500, _REASON),
)
_REVIEW = ReviewEndorsement(
    (
        Row("通行证", f"{mask_name(_NAME)} {_PERMIT}"),
        Row("种类", _KINDS[0].title),
        Row("前往地", "香港、澳门"),
        Row("香港", f"{_OPTIONS[0].title}，{_OPTIONS[0].detail}"),
        Row("澳门", f"{_OPTIONS[1].title}，{_OPTIONS[1].detail}"),
        Row("联系电话", "138****5678"),
    ),
    ("", "kind", "places", "entries", "entries", "phone"),
    (
        FeeLine(f"香港 · {_KINDS[0].title} · {_OPTIONS[0].title}", 24000),
        FeeLine(f"澳门 · {_KINDS[0].title} · {_OPTIONS[1].title}", 108000),
    ),
    132000,
    "我确认以上内容属实，申请办理这些签注。",
)

SAMPLES: dict[str, Sample] = {
    "c14_insert_long": Sample(
        InsertPermit(
            "given_back",
            "插卡口在屏幕下方右侧，紧挨着小票出口，有绿灯的地方",
            "right",
            "有芯片的一面朝上，照片的一头先插",
            "没有读到，请换一面，有芯片的一面朝上再插。",
        ),
        _step(1),
    ),
    "c15a_kind_long": Sample(
        ChooseEndorsementKind(mask_name(_NAME), _PERMIT, "2031年12月26日", _HELD, _KINDS), _step(2)
    ),
    "c15a_kind_wide": Sample(
        ChooseEndorsementKind("某" * 15, _PERMIT, "2031年12月26日", _HELD[:1], _KINDS),
        _step(2),
        act=lambda page: page.restore(2),
    ),
    "c15b_places_long": Sample(
        ChooseDestinations(
            "其他",
            (
                PlaceRow("HKG", "香港特别行政区", "每次停留不超过 14 天，可以去北部都会区", _REASON),
                PlaceRow("MAC", "澳门特别行政区", "每次停留不超过 14 天，可以往返横琴"),
            ),
        ),
        _step(2),
    ),
    "c15c_entries_long": Sample(
        ChooseEntries(
            "其他",
            (
                EntryGroup("HKG", "香港", _OPTIONS, "L-1"),
                EntryGroup("MAC", "澳门", tuple(replace(o, id=f"M{o.id}") for o in _OPTIONS[1:])),
            ),
        ),
        _step(2),
    ),
    "c16_review_long": Sample(_REVIEW, _step(3)),
    "c16_review_long_last": Sample(
        _REVIEW,
        _step(3),
        act=lambda page: page._turn(len(page._pages) - 1),  # type: ignore[attr-defined]
    ),
    "c17a_making_long": Sample(
        MakingPermit(
            (
                Phase("写入芯片", "done"),
                Phase("打印香港、澳门的签注", "unknown"),
                Phase("检查打印质量和芯片内容", "todo"),
            ),
            128,
            note="制证中，请不要离开。通行证在机器里是安全的，钱不用再付。",
        ),
        _step(4),
        back=False,
        cancel=False,
    ),
    "c17b_check_long": Sample(
        CheckPermit(
            None,
            tuple(
                replace(row, value=f"{_KINDS[0].title}，{row.value}")
                for row in (Row("香港", "多次，2031年3月17日 前有效"), Row("澳门", "二次，2026年6月17日 前有效"))
            ),
        ),
        _step(4),
        back=False,
        cancel=False,
    ),
}
