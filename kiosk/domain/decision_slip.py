"""The simple-procedure penalty decision (简易程序处罚决定书) as a slip.

Contents: 公安部令105 第45条, 行政处罚法 第52条, 公安机关办理行政案件程序规定 第175条; points: 公安部令163 第13条.
The officer's signature and the seal belong to it (公安部令105 第44条); room is left for the stamp.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from config.tables import Legal, Rules
from config.zone import SHANGHAI
from kiosk.domain.calendar import DAYS_TO_PAY
from kiosk.domain.numbers import DecisionNumber
from kiosk.domain.plate import display_plate, plate_type_name
from kiosk.domain.points import is_near_full
from kiosk.domain.slip import Barcode, Block, Feed, Pair, Picture, QrCode, Rule, Slip, Text
from kiosk.domain.texts import (
    fact_sentence,
    paragraphs,
    payment_terms,
    penalty_words,
    points_words,
    punishment_basis,
    remedies,
    written_date,
    written_time,
)
from kiosk.domain.violation import Decision, Driver, ViolationRecord


@dataclass(frozen=True, slots=True)
class DecisionSlipData:
    decision: Decision
    record: ViolationRecord
    name: str = field(repr=False)
    id_number: str = field(repr=False)
    driver: Driver | None = field(repr=False)
    """None only where somebody without a licence may handle records without points."""
    place: str
    """处罚地点: the hall where the decision is handed over."""
    kiosk_id: str
    agency: str = ""
    """First line above the title, e.g. the city's 公安局; empty: taken from the authority's own name."""
    vehicle_kind: str = ""
    """车辆类型 in words, where known; 号牌种类 is printed in any case."""
    phone: str = field(default="", repr=False)
    signature_png: bytes | None = field(default=None, repr=False)
    signed_at: dt.datetime | None = None
    refusal_noted_by: str = ""
    """The officer who noted that the party refused to sign, which counts as delivery (公安部令105 第44条)."""
    signature_note: str = ""
    """Printed where there is no signature picture, for any other reason than a refusal."""
    remark: str = ""
    copy: str = "当事人联"


def decision_slip(data: DecisionSlipData, legal: Legal, rules: Rules) -> Slip:
    """The party's copy. Its texts are those in force on the day of the decision, so a reprint does not change them."""
    decision, record = data.decision, data.record
    day = decision.decided_at.astimezone(SHANGHAI).date()
    number = DecisionNumber(decision.number, decision.check_char)
    blocks: list[Block] = [
        *(Text(line, align="center") for line in _agency(data.agency, decision.authority)),
        Text("公安交通管理", align="center", bold=True),
        Text("简易程序处罚决定书", align="center", bold=True, size=2),
        Text(data.copy, align="center"),
        Pair("编号", number.spaced, bold=True),
        Barcode(number.printed),
        Rule(),
        *_party(data),
        Pair("车辆牌号", display_plate(record.plate)),
        Pair("号牌种类", plate_type_name(record.plate_type)),
    ]
    if data.vehicle_kind:
        blocks.append(Pair("车辆类型", data.vehicle_kind))
    blocks += [
        Rule(),
        Text(f"被处罚人于{fact_sentence(record)}"),
        Text(f"违反了{record.provisions}。"),
        Text(f"依照{punishment_basis(record, legal)}，决定给予以下处罚："),
        Text(f"{penalty_words(record.penalty, decision.fine_fen)}。", bold=True),
        Text(f"依照《道路交通安全违法行为记分管理办法》，{points_words(decision.points)}"),
    ]
    if data.driver is not None:
        blocks.append(Pair("本周期累积记分", f"{decision.points_total} 分"))
    if is_near_full(decision.points_total, rules.set):
        blocks += [Text(p, bold=True) for p in _reminder(decision.points_total, legal, day)]
    if decision.fine_fen:
        blocks += [Rule(), Text("缴款方式和期限", bold=True)]
        # Without a date from the platform the 15th day is printed unshifted: never later than the true deadline.
        deadline = decision.deadline or day + dt.timedelta(days=DAYS_TO_PAY)
        blocks += [Text(p) for p in payment_terms(legal, day, deadline)]
        blocks += [Text(p) for p in paragraphs(legal, "where_to_pay", day)]
    blocks += [Rule(), Text("不服本决定的救济途径", bold=True)]
    blocks += [Text(p) for p in remedies(record.authority_code, legal, day)]
    blocks += [
        Rule(),
        Pair("处罚时间", written_time(decision.decided_at)),
        Pair("处罚地点", data.place),
        Pair("交通警察", decision.officer or "（签名或盖章）"),
        Pair("处罚机关", f"{decision.authority}（印章）"),
        Feed(3),
        Text(written_date(day), align="right"),
        Rule(),
        *_signature(data),
    ]
    blocks += [
        Pair("备注", data.remark or "无"),
        QrCode(number.printed, "决定书编号"),
        Pair("自助机编号", data.kiosk_id),
        Feed(2),
    ]
    return Slip("penalty_decision", tuple(blocks))


def _party(data: DecisionSlipData) -> list[Block]:
    blocks: list[Block] = [Pair("被处罚人", data.name)]
    if data.driver is None:
        blocks.append(Pair("身份证号码", data.id_number))
    else:
        blocks += [
            Pair("驾驶证号码", data.driver.licence_no or data.id_number),
            Pair("档案编号", data.driver.file_no),
            Pair("发证机关", data.driver.issued_by),
            Pair("准驾车型", data.driver.licence_class),
        ]
    blocks.append(Pair("联系电话", data.phone or "未提供"))
    return blocks


def _agency(agency: str, authority: str) -> tuple[str, ...]:
    """The 公安局 in one line and its unit in the next, as the form has them; one line where the name does not show them."""
    if agency:
        return (agency, authority)
    bureau, word, unit = authority.partition("公安局")
    return (bureau + word, unit) if word and unit else (authority,)


def _signature(data: DecisionSlipData) -> list[Block]:
    blocks: list[Block] = [Text("被处罚人签名：")]
    if data.decision.refused_to_sign or data.refusal_noted_by:
        blocks.append(Text(_refusal_note(data)))
    elif data.signature_png is not None:
        blocks.append(Picture(data.signature_png))
    else:
        blocks += [Text(data.signature_note)] if data.signature_note else [Feed(3)]
    if data.signed_at is not None:
        blocks.append(Text(written_date(data.signed_at.astimezone(SHANGHAI).date()), align="right"))
    return blocks


def _refusal_note(data: DecisionSlipData) -> str:
    by = f"（警号 {data.refusal_noted_by}）" if data.refusal_noted_by else ""
    return f"被处罚人拒绝签名，已由交通警察{by}注明，本决定书视为送达。"


def _reminder(points_total: int, legal: Legal, day: dt.date) -> tuple[str, ...]:
    return paragraphs(legal, "points_near_full", day, points_total=str(points_total))
