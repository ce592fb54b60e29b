"""The slips of the endorsement service, as blocks for any receipt printer. Names and numbers stand there masked.

The permit itself is what the citizen takes away; a slip only says what was paid, or how to come back to what is not finished.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from config.zone import SHANGHAI
from kiosk.domain.identity import mask_name, mask_number
from kiosk.domain.money import format_amount, spell_out
from kiosk.domain.slip import Barcode, Block, Feed, Pair, QrCode, Rule, Slip, Text

HOTLINE = "12367"
"""国家移民管理机构 12367 服务平台, day and night."""

Trouble = Literal["payment_unknown", "payment_by_hand", "not_granted", "not_written", "write_unknown", "not_printed"]
"""Paid or not is not known; paid, and only staff can say what becomes of it; paid, and the platform has not granted it; the chip is
as it was, for sure; nobody knows whether the chip was written; the chip carries the endorsement and the back does not show it."""

WhereIsPermit = Literal["returned", "in_machine"]


@dataclass(frozen=True, slots=True)
class FeeItem:
    """One endorsement of the application."""

    title: str
    """香港 个人旅游 一次 3 个月"""
    fee_fen: int


@dataclass(frozen=True, slots=True)
class FeeVoucherData:
    application_no: str
    trade_no: str
    """The wallet's or bank's own number (支付交易号)."""
    channel: str
    paid_at: dt.datetime
    items: tuple[FeeItem, ...]
    name: str = field(repr=False)
    permit_number: str = field(repr=False)
    collected_for: str
    """执收单位."""
    kiosk_id: str
    session_id: str = ""
    bill_no: str = ""
    """Number of the finance e-bill, where it is known already."""
    refund_fen: int = 0
    """Paid once more than was due, and not back yet."""
    refunded_fen: int = 0
    """Paid once more than was due, and given back."""
    refund_nos: tuple[str, ...] = ()
    """The order numbers of these payments."""


@dataclass(frozen=True, slots=True)
class ProblemSlipData:
    what: Trouble
    application_no: str
    permit: WhereIsPermit
    at: dt.datetime
    kiosk_id: str
    paid_fen: int = 0
    """All that was paid, whatever became of it."""
    refund_fen: int = 0
    """What was asked back and is not back yet; 0: nothing was, because nothing has to be or because it is not decided yet."""
    refunded_fen: int = 0
    """What has been given back."""
    refund_nos: tuple[str, ...] = ()
    """The order numbers of what was or is to be given back."""
    by_hand_fen: int = 0
    """What only staff can decide about."""
    trade_no: str = ""
    permit_number: str = field(default="", repr=False)
    place: str = ""
    """The window that goes on with it."""
    phone: str = ""
    """The hall's own; empty: the national line only."""


@dataclass(frozen=True, slots=True)
class RetainedSlipData:
    reference: str
    """The number to fetch the permit by."""
    at: dt.datetime
    """When it went into the bin."""
    kiosk_id: str
    where: str
    """室、窗口: where it is handed out."""
    phone: str = ""
    """The hall's own; empty: the national line only."""
    hours: str = ""
    """When that place is open, as text; empty: as the hall's notice says."""
    permit_number: str = field(default="", repr=False)
    name: str = field(default="", repr=False)
    why: Literal["not_taken", "trouble"] = "not_taken"


def fee_voucher(data: FeeVoucherData) -> Slip:
    """缴费凭条: what was paid for, and that the electronic receipt follows.

    It is no finance bill (财政票据管理办法). Raises ValueError without an item.
    """
    if not data.items:
        raise ValueError("a voucher for nothing")
    total = sum(item.fee_fen for item in data.items)
    blocks: list[Block] = [
        *_title("出入境证件缴费凭条"),
        Pair("业务流水号", data.application_no),
        Pair("支付交易号", data.trade_no),
        Pair("支付方式", data.channel),
        Pair("缴费时间", _stamp(data.paid_at)),
        Pair("执收单位", data.collected_for),
        Pair("申请人", mask_name(data.name)),
        Pair("通行证号码", mask_number(data.permit_number)),
        Rule(),
    ]
    blocks += [
        Pair(f"{n}. {item.title}", format_amount(item.fee_fen), right=True) for n, item in enumerate(data.items, 1)
    ]
    blocks += [
        Rule(),
        Pair("实缴金额", format_amount(total), right=True, bold=True),
        Pair("大写", spell_out(total)),
        Rule(),
        Text("本凭条只用来核对，不是财政票据。电子票据开出以后，可以凭业务流水号查询和下载。"),
    ]
    if data.refunded_fen:
        blocks.append(Text(f"多付的 {format_amount(data.refunded_fen)}已经原路退回。"))
    if data.refund_fen:
        blocks.append(Text(f"多付的 {format_amount(data.refund_fen)}正在原路退回，不需要您再操作。"))
    blocks += [Pair("退款订单号", number) for number in data.refund_nos]
    if data.bill_no:
        blocks.append(Pair("电子票据号", data.bill_no))
    blocks += [QrCode(data.application_no, "业务流水号"), *_foot(data.kiosk_id, data.paid_at, session=data.session_id)]
    return Slip("fee_voucher", tuple(blocks))


_WHAT = {
    "payment_unknown": "付款结果还没有查到，签注没有办理。",
    "payment_by_hand": "这笔付款需要工作人员核对，签注没有办理。",
    "not_granted": "费用已经收到，签注还没有办好。",
    "not_written": "签注没有写入通行证，原有签注不受影响。",
    "write_unknown": "签注是否已经写入通行证，需要工作人员核对。",
    "not_printed": "签注已经写入芯片，卡片背面没有打印好。",
}
_TODO = {
    "payment_unknown": "本机会继续核对。如果已经扣款，款项会原路退回。请不要重复付款。",
    "payment_by_hand": "请带身份证、付款记录和本单到人工窗口，工作人员会处理这笔付款。请不要重复付款。",
    "not_granted": "请不要重复申请。请带身份证、通行证和本单到人工窗口继续办理。",
    "not_written": "需要签注的，可以重新申请，或到人工窗口办理。",
    "write_unknown": "核对以前请先不要出行，也不要重复申请。请带身份证、通行证和本单到人工窗口。",
    "not_printed": "不需要再次申请或缴费。请带身份证、通行证和本单到人工窗口补打。",
}


def problem_slip(data: ProblemSlipData) -> Slip:
    """What went wrong, what is safe (permit, money), and what to do. It promises a refund only where one was asked for, and says so
    where it was made."""
    blocks: list[Block] = [
        *_title("签注业务核对单"),
        Text(_WHAT[data.what], bold=True),
        Rule(),
        Pair("业务流水号", data.application_no),
    ]
    if data.permit_number:
        blocks.append(Pair("通行证号码", mask_number(data.permit_number)))
    blocks.append(Pair("通行证", "已经退还给您" if data.permit == "returned" else "在本机内，由工作人员取出"))
    if data.paid_fen:
        blocks.append(Pair("已缴费用", format_amount(data.paid_fen)))
    if data.trade_no:
        blocks.append(Pair("支付交易号", data.trade_no))
    if data.refunded_fen:
        blocks.append(Pair("已经退款", format_amount(data.refunded_fen), bold=True))
    if data.refund_fen:
        blocks.append(Pair("申请退款", format_amount(data.refund_fen), bold=True))
    blocks += [Pair("退款订单号", number) for number in data.refund_nos]
    if data.by_hand_fen:
        blocks.append(Pair("待核对", format_amount(data.by_hand_fen), bold=True))
    gone = data.refunded_fen + data.refund_fen + data.by_hand_fen
    if gone:
        blocks.append(Pair("实收费用", format_amount(data.paid_fen - gone), bold=True))
    blocks.append(Rule())
    if data.refunded_fen:
        blocks.append(Text("退款已经原路退回付款账户。"))
    if data.refund_fen:
        blocks.append(Text("退款申请已经提交，款项会原路退回，不需要您再操作。"))
    todo = _TODO[data.what]
    if data.permit == "in_machine":
        todo = todo.replace("身份证、通行证和本单", "身份证和本单")
    blocks.append(Text(todo))
    if data.place:
        blocks.append(Pair("办理地点", data.place))
    blocks += [
        Barcode(data.application_no),
        QrCode(data.application_no, "业务流水号"),
        *_foot(data.kiosk_id, data.at, phone=data.phone),
    ]
    return Slip("permit_problem", tuple(blocks))


def retained_slip(data: RetainedSlipData) -> Slip:
    """The permit lies in the machine's bin: where, when and by which number its holder gets it back."""
    why = "通行证没有及时取走" if data.why == "not_taken" else "通行证没有能够退出"
    blocks: list[Block] = [
        *_title("通行证领取单"),
        Text(f"{why}，已经由本机收存。", bold=True),
        Rule(),
        Pair("领取编号", data.reference, bold=True),
    ]
    if data.permit_number:
        blocks.append(Pair("通行证号码", mask_number(data.permit_number)))
    if data.name:
        blocks.append(Pair("持证人", mask_name(data.name)))
    blocks += [
        Pair("收存时间", _stamp(data.at)),
        Pair("领取地点", data.where),
        Pair("领取时间", data.hours or "大厅公布的办公时间"),
        Rule(),
        Text("请本人带身份证和本单领取。没有本单的，也可以凭身份证领取。"),
        Barcode(data.reference),
        *_foot(data.kiosk_id, data.at, phone=data.phone),
    ]
    return Slip("permit_retained", tuple(blocks))


def _title(title: str) -> Sequence[Block]:
    return (Text(title, align="center", bold=True, size=2), Rule())


def _foot(kiosk_id: str, at: dt.datetime, *, session: str = "", phone: str = "") -> Sequence[Block]:
    blocks: list[Block] = [Rule(), Pair("自助机编号", kiosk_id), Pair("打印时间", _stamp(at))]
    if session:
        blocks.append(Pair("办理编号", session))
    if phone:
        blocks.append(Pair("大厅电话", phone))
    return (*blocks, Pair("咨询电话", HOTLINE), Feed(2))


def _stamp(at: dt.datetime) -> str:
    """China time. Raises ValueError for a time without zone: astimezone would take the machine's own."""
    if at.tzinfo is None:
        raise ValueError("a time without zone")
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
