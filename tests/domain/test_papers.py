"""Every slip of the house, whole: each block in its order, with what makes it stand out. `papers.txt` is what a reader would hold.

The legal texts are placeholders with two wordings, so that only the place, the day and the words filled in are looked at: what the
law's own sentences say is asked in test_texts_slips.py. Moments are given in UTC, late in the evening: in China it is the next day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from config.tables import BLANKS_OF_TEXT, Legal, LegalText, ObjectionReason, OrganArea, Organs, Rules
from kiosk.domain.day_end_slip import MOST_LINES, DayEndData, WalletSum, WorkLine, day_end_slip
from kiosk.domain.decision_slip import DecisionSlipData, decision_slip
from kiosk.domain.errors import Refusal
from kiosk.domain.permit_slips import (
    FeeItem,
    FeeVoucherData,
    ProblemSlipData,
    RetainedSlipData,
    fee_voucher,
    problem_slip,
    retained_slip,
)
from kiosk.domain.rights_slips import StatementSlipData, statement_slip
from kiosk.domain.slip import Barcode, Block, Feed, Pair, Picture, QrCode, Rule, Slip, Text
from kiosk.domain.slips import (
    IncidentSlipData,
    ObjectionSlipData,
    PaymentLine,
    PaymentVoucherData,
    WindowSlipData,
    incident_slip,
    objection_slip,
    payment_voucher,
    reprint,
    window_slip,
)
from kiosk.domain.texts import NoticeText, penalty_notice
from kiosk.domain.violation import EBill
from tests.domain.conftest import make_decision, make_driver, make_record

AT = dt.datetime(2026, 3, 17, 22, 5, 9, tzinfo=dt.UTC)
HAPPENED = dt.datetime(2026, 3, 1, 16, 7, tzinfo=dt.UTC)
NEW_WORDING = dt.date(2026, 3, 18)
NAME, NUMBER, PLATE = "张伟明", "330203199001010006", "浙B8K23A"


def placeholder(text_id: str, version: str, valid_from: dt.date) -> LegalText:
    blanks = "".join(f" {name}=[{{{name}}}]" for name in sorted(BLANKS_OF_TEXT[text_id]))
    paragraphs = (f"<{text_id} {version}, 1>{blanks}", f"<{text_id} {version}, 2>")
    return LegalText(
        id=text_id, version=version, valid_from=valid_from, reviewed_by="", source="x", paragraphs=paragraphs
    )


LEGAL = Legal(
    text=tuple(
        placeholder(text_id, version, valid_from)
        for text_id in BLANKS_OF_TEXT
        for version, valid_from in (("old", dt.date(2000, 1, 1)), ("new", NEW_WORDING))
    ),
    objection=(ObjectionReason(id="rescue", label="救助危难", bring="证明"),),
    organs=Organs(
        review_organ="某省人民政府",
        court="某省法院",
        areas=(OrganArea(prefix="3302", review_organ="某市人民政府", court="某区人民法院"),),
    ),
    camera_basis="《某法》第一百一十四条",
)
ISSUED = EBill("issued", "33020126", "0000012345", "a1b2c3", "https://ebill.example/1")
DECISION = DecisionSlipData(
    decision=make_decision(decided_at=AT, points_total=11, officer="警号 027000"),
    record=make_record(at=HAPPENED, measured="73", limit="60"),
    name=NAME,
    id_number=NUMBER,
    driver=make_driver(licence_no="330203198505050007"),
    place="海曙服务大厅",
    kiosk_id="NBHS03",
    vehicle_kind="小型轿车",
    phone="13800000000",
    signature_png=b"\x89PNG",
    signed_at=AT,
    remark="本人自述",
)
VOUCHER = PaymentVoucherData(
    order_no="NBHS0320260318000042X",
    trade_no="2026031822001",
    channel="支付宝",
    paid_at=AT,
    lines=(
        PaymentLine("3302122600000017", "违反禁止标线指示", 100_00, 4_50, ISSUED),
        PaymentLine("3302122600000025", "其他", 50_00, 0, EBill("issuing")),
    ),
    payer=NAME,
    id_number=NUMBER,
    plate=PLATE,
    collected_for="宁波市公安局交通警察局",
    kiosk_id="NBHS03",
    session_id="S1",
    vehicle_kind="小型轿车",
)
INCIDENT = IncidentSlipData("payment_unknown", "NBHS0320260318000042X", AT, "NBHS03", 150_00, ("A1", "A2"), "T1")
OBJECTION = ObjectionSlipData(
    NAME, PLATE, "3302030000000001", "逆行", HAPPENED, "某路口", LEGAL.objection[0], AT, "NBHS03", "YY1"
)
WINDOW = WindowSlipData((Refusal("E13", "请先换证。"), Refusal("W05", "请到窗口。")), AT, "NBHS03", PLATE)
STATEMENT = StatementSlipData("SB1", NAME, make_record(at=HAPPENED), "送人就医。", AT, "NBHS03", phone="13812345678")
DAY_END = DayEndData(
    day=dt.date(2026, 3, 17),
    at=AT,
    kiosk_id="NBHS03",
    hall="海曙服务大厅",
    wallets=(WalletSum("支付宝", 2, 150_00), WalletSum("微信支付", 3, 30_50)),
    posted_count=4,
    posted_fen=160_00,
    refund_open=1,
    refund_open_fen=5_00,
    refunded_count=6,
    refunded_fen=15_50,
    unknown=7,
    matched=False,
    work=tuple(WorkLine(f"NO{n:02d}", "重复付款", n * 100) for n in range(MOST_LINES + 2)),
)
FEES = FeeVoucherData(
    application_no="330212260000001",
    trade_no="2026031822001",
    channel="支付宝",
    paid_at=AT,
    items=(FeeItem("香港 个人旅游 二次 1 年", 30_00), FeeItem("澳门 个人旅游 一次 1 年", 15_00)),
    name=NAME,
    permit_number="C12345678",
    collected_for="出入境管理支队",
    kiosk_id="NBHS03",
    session_id="S1",
    bill_no="E-1",
    refund_fen=45_00,
    refunded_fen=15_00,
    refund_nos=("R1", "R2"),
)
PROBLEM = ProblemSlipData(
    "not_written",
    "330212260000001",
    "in_machine",
    AT,
    "NBHS03",
    paid_fen=90_00,
    refund_fen=45_00,
    refunded_fen=15_00,
    refund_nos=("R1", "R2"),
    by_hand_fen=10_00,
    trade_no="T1",
    permit_number="C12345678",
    place="3 号窗口",
    phone="0574-12345678",
)
RETAINED = RetainedSlipData("R0318001", AT, "NBHS03", "3 号窗口", "0574-12345678", "9:00 至 17:00", "C12345678", NAME)

warning = make_decision(decided_at=AT, fine_fen=0, points=0, points_total=0, deadline=None)
without_driver = DecisionSlipData(
    warning, make_record(at=HAPPENED, penalty="warning"), NAME, NUMBER, None, "大厅", "NBHS03", agency="某市公安局"
)
PAPERS: dict[str, Callable[[Rules], Slip]] = {
    "decision": lambda rules: decision_slip(DECISION, LEGAL, rules),
    "decision, warning, no licence, nothing signed": lambda rules: decision_slip(without_driver, LEGAL, rules),
    "decision, not signed, window's note": lambda rules: decision_slip(
        replace(without_driver, signature_note="见纸质签名。", copy="存根"), LEGAL, rules
    ),
    "decision, refused to sign, no deadline told": lambda rules: decision_slip(
        replace(
            DECISION,
            decision=make_decision(decided_at=AT, deadline=None, refused_to_sign=True),
            refusal_noted_by="027111",
            driver=make_driver(licence_no=""),
        ),
        LEGAL,
        rules,
    ),
    "voucher": lambda _: payment_voucher(VOUCHER, LEGAL),
    "voucher, one decision, no surcharge, no bill": lambda _: payment_voucher(
        replace(
            VOUCHER,
            lines=(PaymentLine("3302122600000017", "逆行", 50_00),),
            vehicle_kind="",
            session_id="",
            order_no="",
        ),
        LEGAL,
    ),
    "voucher, by the decision's number": lambda _: payment_voucher(
        replace(
            VOUCHER,
            lines=(replace(VOUCHER.lines[0], bill=replace(ISSUED, url="")),),
            party="张**",
            plate="浙B·***3A",
            channel="",
        ),
        LEGAL,
    ),
    "voucher, by the decision's number, no plate": lambda _: payment_voucher(
        replace(VOUCHER, lines=VOUCHER.lines[1:], party="张**", plate=""), LEGAL
    ),
    "incident": lambda _: incident_slip(INCIDENT, LEGAL),
    **{
        f"incident, {what}": lambda _, what=what: incident_slip(IncidentSlipData(what, "N1", AT, "NBHS03"), LEGAL)  # type: ignore[misc]
        for what in ("paid_not_booked", "decision_unknown", "surplus", "surplus_by_staff", "undone")
    },
    "objection": lambda _: objection_slip(OBJECTION, LEGAL),
    "objection, not filed, nothing to bring": lambda _: objection_slip(
        replace(OBJECTION, objection_no="", reason=ObjectionReason(id="other", label="其他", bring="")), LEGAL
    ),
    "window": lambda _: window_slip(WINDOW),
    "window, no car, nothing to bring": lambda _: window_slip(replace(WINDOW, subject="", bring=())),
    "copy": lambda _: reprint(Slip("x", (Text("本文"),)), AT, 1),
    "copy by an officer": lambda _: reprint(Slip("x", (Text("本文"),)), AT, 12, officer="王警官"),
    "statement": lambda _: statement_slip(STATEMENT, LEGAL),
    "statement, no telephone": lambda _: statement_slip(replace(STATEMENT, phone=""), LEGAL),
    "day end": lambda _: day_end_slip(DAY_END),
    "day end, as many entries as are printed": lambda _: day_end_slip(
        replace(DAY_END, matched=True, work=DAY_END.work[:MOST_LINES])
    ),
    "day end, nothing": lambda _: day_end_slip(replace(DAY_END, wallets=(), matched=None, work=())),
    "fees": lambda _: fee_voucher(FEES),
    "fees, nothing back": lambda _: fee_voucher(
        replace(FEES, session_id="", bill_no="", refund_fen=0, refunded_fen=0, refund_nos=())
    ),
    "problem": lambda _: problem_slip(PROBLEM),
    "problem, permit inside": lambda _: problem_slip(
        ProblemSlipData("not_granted", "330212260000001", "in_machine", AT, "NBHS03")
    ),
    "problem, nothing paid": lambda _: problem_slip(
        ProblemSlipData("payment_unknown", "330212260000001", "returned", AT, "NBHS03")
    ),
    "retained": lambda _: retained_slip(RETAINED),
    "retained, in trouble": lambda _: retained_slip(
        replace(RETAINED, phone="", hours="", permit_number="", name="", why="trouble")
    ),
}


def line(block: Block) -> str:
    """One block as one line: what it is and what makes it stand out, then what is on the paper."""
    match block:
        case Text(text, align, bold, size):
            return f"text {align}{' bold' if bold else ''} x{size} | {text}"
        case Pair(label, value, right, bold):
            return f"pair{' right' if right else ''}{' bold' if bold else ''} | {label} | {value}"
        case Rule(style):
            return f"rule {style}"
        case QrCode(data, caption):
            return " | ".join(filter(None, ("qr", data, caption)))
        case Barcode(data):
            return f"bars | {data}"
        case Picture(png, width_mm, align):
            return f"picture {align} {width_mm:g} mm | {png.hex()}"
        case Feed(lines):
            return f"feed {lines}"


def drawn(slip: Slip) -> list[str]:
    return [f"slip {slip.kind}", *map(line, slip.blocks)]


@cache
def kept() -> dict[str, list[str]]:
    """Name of the paper and its lines."""
    papers = (Path(__file__).parent / "papers.txt").read_text("utf-8").removeprefix("== ").split("\n== ")
    return {name: lines for name, *lines in (paper.strip("\n").split("\n") for paper in papers)}


@pytest.mark.parametrize("name", PAPERS)
def test_the_whole_paper(name: str, rules: Rules) -> None:
    """公安部令105 第45条, 行政处罚法 第52条: what stands on the decision. 行政处罚法 第70条: what a voucher is not."""
    assert drawn(PAPERS[name](rules)) == kept()[name]


def test_no_paper_is_kept_that_is_not_made() -> None:
    assert set(kept()) == set(PAPERS)


def test_the_whole_notice() -> None:
    """行政处罚法 第44条, 公安部令163 第13条: facts, reasons, basis, penalty, points, rights and remedies, in this order."""
    facts = "2026年3月2日0时07分，在鄞州区宁穿路福庆路口，驾驶浙B·8K23A小型汽车，驾驶时拨打接听手持电话（代码 1223）。"
    provisions = "《中华人民共和国道路交通安全法实施条例》第六十二条第三项"
    basis = "《中华人民共和国道路交通安全法》第九十条、《某法》第一百一十四条"
    fine = "罚款 50 元（人民币伍拾元整）"
    organs = "court=[某区人民法院] review_organ=[某市人民政府]"
    told = f"basis=[{basis}] facts=[{facts}] penalty=[{fine}] points=[本次违法行为记 3 分。] provisions=[{provisions}]"
    assert penalty_notice(make_record(at=HAPPENED), LEGAL, NEW_WORDING, dt.date(2026, 4, 2)) == NoticeText(
        headline="行政处罚告知",
        rows=(
            ("违法行为", "驾驶时拨打接听手持电话（代码 1223）"),
            ("时间地点", "2026年3月2日0时07分，鄞州区宁穿路福庆路口"),
            ("违反规定", provisions),
            ("处罚依据", basis),
            ("拟作处罚", fine),
            ("拟记分", "3 分"),
            ("您的权利", "<notice_rights new, 1>"),
            ("后续救济", f"<remedies new, 1> {organs}"),
        ),
        full_text=(
            f"<penalty_notice new, 1> {told}",
            "<penalty_notice new, 2>",
            "<notice_rights new, 1>",
            "<notice_rights new, 2>",
            "<payment_terms new, 1> deadline=[2026年4月2日]",
            "<payment_terms new, 2>",
            f"<remedies new, 1> {organs}",
            "<remedies new, 2>",
        ),
        waiver="<waiver new, 1><waiver new, 2>",
        signing="<signing new, 1><signing new, 2>",
    )


def test_the_whole_notice_of_a_warning() -> None:
    """公安部令163 第28条: no points; nothing to pay, so no terms of payment."""
    record = make_record(at=HAPPENED, penalty="warning", fine_fen=50_00, points=0)
    notice = penalty_notice(record, LEGAL, NEW_WORDING, None, 2, 3)
    assert notice.headline == "行政处罚告知（第 2 条，共 3 条）"
    assert penalty_notice(record, LEGAL, NEW_WORDING, None, count=3).headline == "行政处罚告知（第 1 条，共 3 条）"
    assert dict(notice.rows)["拟作处罚"] == "警告"
    assert dict(notice.rows)["拟记分"] == "不记分"
    assert "penalty=[警告] points=[本次违法行为不记分。]" in notice.full_text[0]
    assert not any("payment_terms" in paragraph for paragraph in notice.full_text)


@pytest.mark.parametrize(
    ("authority", "lines"),
    [
        ("某市公安局交通大队", ["某市公安局", "交通大队"]),
        ("甲公安局乙公安局丙", ["甲公安局", "乙公安局丙"]),
        ("某市公安局", ["某市公安局"]),
        ("交通大队", ["交通大队"]),
    ],
)
def test_the_agency_in_one_line_or_two(rules: Rules, authority: str, lines: list[str]) -> None:
    slip = decision_slip(replace(DECISION, decision=make_decision(decided_at=AT, authority=authority)), LEGAL, rules)
    assert list(slip.blocks[: len(lines)]) == [Text(text, align="center") for text in lines]
    assert slip.blocks[len(lines)] == Text("公安交通管理", align="center", bold=True)
