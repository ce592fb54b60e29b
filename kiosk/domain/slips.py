"""The slips of the violation service, as blocks for any receipt printer.

The penalty decision is personal to the party and shows everything; every other slip shows names, numbers and plates masked,
because slips are left lying about.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from config.tables import Legal, ObjectionReason
from config.zone import SHANGHAI
from kiosk.domain.ebill_blocks import ebill_blocks
from kiosk.domain.errors import Refusal
from kiosk.domain.identity import mask_name, mask_number
from kiosk.domain.money import format_amount, spell_out
from kiosk.domain.plate import mask_plate
from kiosk.domain.slip import Barcode, Block, Feed, Pair, QrCode, Rule, Slip, Text
from kiosk.domain.texts import paragraphs
from kiosk.domain.violation import EBill

HOTLINE = "12123"
CHARGE_ITEM = "交通违法罚款"


@dataclass(frozen=True, slots=True)
class PaymentLine:
    """One decision that was paid."""

    decision_no: str
    """As printed, with its check character."""
    act: str
    fine_fen: int
    surcharge_fen: int = 0
    bill: EBill | None = None
    """The finance office's electronic bill, where it could be asked for; what is not issued yet can be had later."""


@dataclass(frozen=True, slots=True)
class PaymentVoucherData:
    order_no: str
    trade_no: str
    """The wallet's or bank's own number (流水号)."""
    channel: str
    """支付宝, 微信支付, 云闪付 …"""
    paid_at: dt.datetime
    lines: tuple[PaymentLine, ...]
    payer: str = field(repr=False)
    id_number: str = field(repr=False)
    plate: str = field(repr=False)
    collected_for: str
    """执收单位."""
    kiosk_id: str
    session_id: str
    vehicle_kind: str = ""
    """车辆类型 in words, where known."""
    party: str = field(default="", repr=False)
    """Set where it was paid by the decision's number alone: the party as the platform masks it. Who paid is not known then, so `payer`
    and `id_number` are left out, and `plate` is masked already."""


@dataclass(frozen=True, slots=True)
class IncidentSlipData:
    """Something whose outcome is not known yet. `what`: payment unknown; paid but not booked by the police; decision unknown; or money
    that goes back: paid twice (by itself, or by staff from the treasury), or undone by the wallet."""

    what: Literal["payment_unknown", "paid_not_booked", "decision_unknown", "surplus", "surplus_by_staff", "undone"]
    reference: str
    """Order number, or record number where there is no order."""
    at: dt.datetime
    kiosk_id: str
    amount_fen: int = 0
    decision_nos: tuple[str, ...] = ()
    trade_no: str = ""


@dataclass(frozen=True, slots=True)
class ObjectionSlipData:
    name: str = field(repr=False)
    plate: str = field(repr=False)
    record_id: str
    act: str
    happened_at: dt.datetime
    place: str
    reason: ObjectionReason
    at: dt.datetime
    kiosk_id: str
    objection_no: str = ""
    """Empty where it could not be filed here and the slip only shows the way."""


@dataclass(frozen=True, slots=True)
class WindowSlipData:
    """Why the machine could not handle something. `bring` are papers to take to the window."""

    refusals: tuple[Refusal, ...]
    at: dt.datetime
    kiosk_id: str
    subject: str = field(default="", repr=False)
    """Plate, shown masked; empty where there is none."""
    bring: tuple[str, ...] = ("身份证", "驾驶证", "行驶证")


def payment_voucher(data: PaymentVoucherData, legal: Legal) -> Slip:
    """Voucher for paid fines; says that it is no finance bill (行政处罚法 第70条)."""
    fine = sum(line.fine_fen for line in data.lines)
    extra = sum(line.surcharge_fen for line in data.lines)
    blocks: list[Block] = [
        *_title("交通违法缴款凭证"),
        *([Pair("缴款流水号", data.order_no)] if data.order_no else []),
        Pair("支付交易号", data.trade_no),
        *([Pair("支付方式", data.channel)] if data.channel else []),
        Pair("缴款时间", _stamp(data.paid_at)),
        Pair("执收单位", data.collected_for),
        Pair("收费项目", CHARGE_ITEM),
        *_whose(data),
        Rule(),
    ]
    for number, line in enumerate(data.lines, 1):
        blocks += [
            Text(f"{number}. {line.act}"),
            Pair("决定书编号", line.decision_no),
            Pair("罚款", format_amount(line.fine_fen), right=True),
        ]
        if line.surcharge_fen:
            blocks.append(Pair("加处罚款", format_amount(line.surcharge_fen), right=True))
    blocks.append(Rule())
    if extra:
        blocks += [
            Pair("罚款合计", format_amount(fine), right=True),
            Pair("加处罚款合计", format_amount(extra), right=True),
        ]
    blocks += [
        Pair("实缴金额", format_amount(fine + extra), right=True, bold=True),
        Pair("大写", spell_out(fine + extra)),
        Rule(),
        *(Text(p) for p in paragraphs(legal, "voucher_note", _day(data.paid_at))),
    ]
    blocks += ebill_blocks([(line.decision_no, line.bill) for line in data.lines])
    if data.order_no:
        blocks.append(QrCode(data.order_no, "缴款流水号"))
    blocks += _foot(data.kiosk_id, data.paid_at, session=data.session_id)
    return Slip("payment_voucher", tuple(blocks))


def _whose(data: PaymentVoucherData) -> list[Block]:
    if data.party:
        plate: list[Block] = [Pair("车辆牌号", data.plate)] if data.plate else []
        return [Pair("被处罚人", data.party), *plate]
    return [
        Pair("缴款人", mask_name(data.payer)),
        Pair("证件号码", mask_number(data.id_number)),
        Pair("车辆牌号", mask_plate(data.plate)),
        *([Pair("车辆类型", data.vehicle_kind)] if data.vehicle_kind else []),
    ]


_INCIDENT_WORDS = {
    "payment_unknown": "付款结果还没有查到，本机会继续核对。",
    "paid_not_booked": "已收到付款，登记还在处理。请不要重复付款，不需要再做其他操作。",
    "surplus": "罚款已经缴清。这笔是多付的，自动退回原来付款的账户，不用再付，也不需要其他操作。",
    "surplus_by_staff": "罚款已经缴清。这笔是多付的，由人工窗口办理退回，不用再付。",
    "undone": "这次付款已经撤销，钱自动退回原来付款的账户，不需要其他操作。",
    "decision_unknown": "处罚决定是否已经作出，还没有查到。本机没有扣款，请不要在别处重复办理。",
}


def incident_slip(data: IncidentSlipData, legal: Legal) -> Slip:
    """The 核对单: what is not known yet, what is safe, and the number under which it can be asked for."""
    blocks: list[Block] = [
        *_title("业务核对单"),
        Text(_INCIDENT_WORDS[data.what], bold=True),
        Rule(),
        Pair("流水号", data.reference),
    ]
    if data.amount_fen:
        blocks.append(Pair("金额", format_amount(data.amount_fen)))
    if data.trade_no:
        blocks.append(Pair("支付交易号", data.trade_no))
    blocks += [Pair("决定书编号", number) for number in data.decision_nos]
    blocks.append(Rule())
    if data.what == "payment_unknown":
        blocks += [Text(p) for p in paragraphs(legal, "incident_note", _day(data.at))]
    else:
        blocks.append(Text(f"请保管好本单。一个工作日内可以凭流水号到窗口查询，或者拨打 {HOTLINE}。"))
    blocks += [Barcode(data.reference), QrCode(data.reference), *_foot(data.kiosk_id, data.at)]
    return Slip("incident", tuple(blocks))


def objection_slip(data: ObjectionSlipData, legal: Legal) -> Slip:
    """For the window: which record is disputed and why. The record stays open (公安部令105 第5条、第22条)."""
    blocks: list[Block] = [
        *_title("违法记录异议单"),
        Pair("姓名", mask_name(data.name)),
        Pair("车辆牌号", mask_plate(data.plate)),
        Pair("违法记录编号", data.record_id),
        Pair("违法行为", data.act),
        Pair("违法时间", _stamp(data.happened_at)),
        Pair("违法地点", data.place),
        Pair("异议理由", data.reason.label),
    ]
    if data.objection_no:
        blocks.append(Pair("异议受理号", data.objection_no, bold=True))
    if data.reason.bring:
        blocks.append(Pair("另外请准备", data.reason.bring))
    blocks += [
        Rule(),
        *(Text(p) for p in paragraphs(legal, "objection_note", _day(data.at))),
        Barcode(data.record_id),
        *_foot(data.kiosk_id, data.at),
    ]
    return Slip("objection", tuple(blocks))


def window_slip(data: WindowSlipData) -> Slip:
    """“请到窗口”: why the machine could not do it, what to bring, and the rule's code for the clerk.

    Only for what was refused before a decision: the slip says that nothing was decided and nothing charged.
    """
    blocks: list[Block] = [*_title("请到窗口办理")]
    if data.subject:
        blocks.append(Pair("车辆牌号", mask_plate(data.subject)))
    for refusal in data.refusals:
        blocks += [Text(refusal.message), Text(f"编号 {refusal.code}", align="right")]
    blocks.append(Rule())
    if data.bring:
        blocks.append(Pair("请带好", "、".join(data.bring)))
    blocks += [
        Text("本机没有作出处罚决定，也没有扣款。已经作出的决定书，仍可以在本机缴款。"),
        *_foot(data.kiosk_id, data.at),
    ]
    return Slip("window", tuple(blocks))


def reprint(slip: Slip, at: dt.datetime, copy_no: int, officer: str = "") -> Slip:
    """The same slip marked 补打 above and below, with the time and the number of the copy (1: the first reprint).

    Raises ValueError for a copy number below 1.
    """
    if copy_no < 1:
        raise ValueError("the first reprint is number 1")
    mark: list[Block] = [
        Text(f"补打　第 {copy_no} 次", align="center", bold=True, size=2),
        Pair("补打时间", _stamp(at)),
    ]
    if officer:
        mark.append(Pair("补打人", officer))
    foot = Text(f"（补打　第 {copy_no} 次　{_stamp(at)}）", align="center")
    return replace(slip, blocks=(*mark, Rule(), *slip.blocks, Rule(), foot))


def _title(title: str) -> Sequence[Block]:
    return (Text(title, align="center", bold=True, size=2), Rule())


def _foot(kiosk_id: str, at: dt.datetime, session: str = "") -> Sequence[Block]:
    blocks: list[Block] = [Rule(), Pair("自助机编号", kiosk_id), Pair("打印时间", _stamp(at))]
    if session:
        blocks.append(Pair("办理编号", session))
    return (*blocks, Pair("咨询电话", HOTLINE), Feed(2))


def _day(at: dt.datetime) -> dt.date:
    return at.astimezone(SHANGHAI).date()


def _stamp(at: dt.datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
