"""The slip of a statement or defence: its number, and what becomes of it. Names and plates masked as on every slip that lies about."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from config.tables import Legal
from config.zone import SHANGHAI
from kiosk.domain.identity import mask_name
from kiosk.domain.plate import mask_plate
from kiosk.domain.slip import Barcode, Block, Feed, Pair, Rule, Slip, Text
from kiosk.domain.slips import HOTLINE
from kiosk.domain.texts import paragraphs
from kiosk.domain.violation import ViolationRecord


@dataclass(frozen=True, slots=True)
class StatementSlipData:
    number: str
    """The platform's, for whoever asks after it."""
    name: str = field(repr=False)
    record: ViolationRecord
    statement: str = field(repr=False)
    at: dt.datetime
    kiosk_id: str
    phone: str = field(default="", repr=False)


def statement_slip(data: StatementSlipData, legal: Legal) -> Slip:
    """行政处罚法 第44条、第45条: it is heard, and makes nothing heavier."""
    record = data.record
    blocks: list[Block] = [
        Text("陈述申辩单", align="center", bold=True, size=2),
        Rule(),
        Pair("受理号", data.number, bold=True),
        Pair("姓名", mask_name(data.name)),
        Pair("车辆牌号", mask_plate(record.plate)),
        Pair("违法记录编号", record.record_id),
        Pair("违法行为", record.act),
        Pair("违法时间", _stamp(record.at)),
        Pair("违法地点", record.place),
        Rule(),
        Text(f"您的陈述、申辩：{data.statement}"),
    ]
    if data.phone:
        blocks.append(Pair("联系电话", f"{data.phone[:3]}****{data.phone[-4:]}"))
    blocks += [
        Rule(),
        *(Text(paragraph) for paragraph in paragraphs(legal, "defence_note", data.at.astimezone(SHANGHAI).date())),
        Barcode(record.record_id),
        Rule(),
        Pair("自助机编号", data.kiosk_id),
        Pair("打印时间", _stamp(data.at)),
        Pair("咨询电话", HOTLINE),
        Feed(2),
    ]
    return Slip("statement", tuple(blocks))


def _stamp(at: dt.datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
