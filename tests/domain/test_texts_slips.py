"""Legal texts and slips: what must stand there, and what must not."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import pytest

from config.tables import Legal, LegalText, OrganArea, Rules
from config.zone import SHANGHAI
from kiosk.domain.decision_slip import DecisionSlipData, decision_slip
from kiosk.domain.errors import Refusal
from kiosk.domain.slip import Barcode, Pair, Picture, QrCode, Slip, Text
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
from kiosk.domain.texts import (
    BlankMissing,
    fact_sentence,
    fill,
    objection_reason,
    paragraphs,
    penalty_notice,
    penalty_words,
    punishment_basis,
    remedies,
    written_time,
)
from kiosk.domain.vehicle_types import vehicle_kind
from kiosk.domain.violation import EBill
from tests.domain.conftest import TODAY, make_decision, make_driver, make_record

NAME, NUMBER, PLATE = "张伟明", "330203199001010006", "浙B8K23A"
AT = dt.datetime(2026, 3, 18, 14, 40, 5, tzinfo=SHANGHAI)
DEADLINE = dt.date(2026, 4, 2)


def words(slip: Slip) -> str:
    """Everything a reader of the paper sees."""
    lines: list[str] = []
    for block in slip.blocks:
        if isinstance(block, Text):
            lines.append(block.text)
        elif isinstance(block, Pair):
            lines.append(f"{block.label}：{block.value}")
        elif isinstance(block, QrCode):
            lines.append(block.data + block.caption)
        elif isinstance(block, Barcode):
            lines.append(block.data)
    return "\n".join(lines)


def decision_data(**changes: object) -> DecisionSlipData:
    data = DecisionSlipData(
        decision=make_decision(),
        record=make_record(),
        name=NAME,
        id_number=NUMBER,
        driver=make_driver(),
        place="宁波市公安局海曙分局服务大厅",
        kiosk_id="NBHS03",
        signature_png=b"\x89PNG",
        signed_at=AT,
    )
    return replace(data, **changes)  # type: ignore[arg-type]


# --- texts ------------------------------------------------------------------------------------------------------------


def test_review_comes_first_since_2024(legal: Legal) -> None:
    """行政复议法 2023 第23条第1款, 行政诉讼法 第45条"""
    text = "".join(remedies("330212000000", legal, dt.date(2024, 1, 1)))
    assert "应当先申请行政复议" in text
    assert "十五日内" in text
    assert "六个月" not in text
    assert "上一级公安机关" not in text


def test_before_2024_review_or_lawsuit(legal: Legal) -> None:
    text = "".join(remedies("330212000000", legal, dt.date(2023, 12, 31)))
    assert "六个月" in text
    assert "先申请行政复议" not in text


def test_organs_of_the_deciding_authority(legal: Legal) -> None:
    """公安部令105 第5条: the place of offence decides; the longest prefix wins."""
    areas = (
        OrganArea(prefix="3302", review_organ="甲市人民政府", court="甲市法院"),
        OrganArea(prefix="330212", review_organ="乙区人民政府", court="乙区法院"),
    )
    hall = legal.model_copy(update={"organs": legal.organs.model_copy(update={"areas": areas})})
    assert "乙区人民政府" in "".join(remedies("330212000000", hall, TODAY))
    assert "甲市人民政府" in "".join(remedies("330203000000", hall, TODAY))
    assert "本级人民政府" in "".join(remedies("310000000000", hall, TODAY))


def test_payment_terms_name_days_rate_and_cap(legal: Legal) -> None:
    """道路交通安全法 第108条、第109条; 公安机关办理行政案件程序规定 第175条"""
    text = "".join(paragraphs(legal, "payment_terms", TODAY, deadline="2026年4月2日"))
    assert all(part in text for part in ("十五日内", "2026年4月2日", "百分之三", "不超过罚款数额", "加处罚款"))
    assert "滞纳金" not in text


def test_self_service_terms(legal: Legal) -> None:
    """公安部令105 第58条, 公安部令163 第8条第7项"""
    text = "".join(paragraphs(legal, "self_service_terms", TODAY))
    assert "同等法律效力" in text
    assert "代替" in text


def test_face_consent_is_free(legal: Legal) -> None:
    """个人信息保护法 第29条: separate consent, and a way without it"""
    text = "".join(paragraphs(legal, "face_consent", TODAY))
    assert "可以不同意" in text
    assert "不保存" in text


@pytest.mark.parametrize(
    "text_id", ["notice_rights", "waiver", "signing", "where_to_pay", "voucher_note", "incident_note"]
)
def test_texts_without_blanks(legal: Legal, text_id: str) -> None:
    assert all("{" not in p and "！" not in p for p in paragraphs(legal, text_id, TODAY))


def test_no_text_before_it_was_in_force(legal: Legal) -> None:
    with pytest.raises(KeyError):
        legal.in_force("face_consent", dt.date(2021, 10, 31))


def test_a_missing_word_is_no_hole_in_the_text() -> None:
    text = LegalText(
        id="payment_terms",
        version="1",
        valid_from=TODAY,
        reviewed_by="",
        source="x",
        paragraphs=("到{deadline}为止。",),
    )
    with pytest.raises(BlankMissing):
        fill(text)
    assert fill(text, deadline="{court}") == ("到{court}为止。",)


def test_notice_tells_all_that_must_be_told(legal: Legal) -> None:
    """行政处罚法 第44条; points: 公安部令163 第13条"""
    notice = penalty_notice(make_record(), legal, TODAY, DEADLINE, 1, 2)
    rows = dict(notice.rows)
    assert notice.headline == "行政处罚告知（第 1 条，共 2 条）"
    assert rows["拟作处罚"] == "罚款 50 元（人民币伍拾元整）"
    assert rows["拟记分"] == "3 分"
    assert "第六十二条第三项" in rows["违反规定"]
    assert "第九十条" in rows["处罚依据"]
    assert "陈述和申辩" in rows["您的权利"]
    assert "行政复议" in rows["后续救济"]
    full = "".join(notice.full_text)
    assert "您于2026年3月2日17时46分，在鄞州区宁穿路福庆路口，驾驶浙B·8K23A小型汽车，驾驶时拨打接听手持电话" in full
    assert "记 3 分" in full
    assert "2026年4月2日" in full
    assert "放弃陈述和申辩" in notice.waiver
    assert "录音录像" in notice.signing
    assert NAME not in repr(notice)


def test_notice_of_a_warning(legal: Legal) -> None:
    """公安部令163 第28条: a warning has no points; nothing to pay"""
    record = make_record(penalty="warning", fine_fen=0, points=0)
    notice = penalty_notice(record, legal, TODAY, None)
    assert notice.headline == "行政处罚告知"
    assert dict(notice.rows)["拟作处罚"] == "警告"
    assert "十五日内缴纳罚款" not in "".join(notice.full_text)


def test_facts_hold_measured_and_limit() -> None:
    assert fact_sentence(make_record(measured="73", limit="60")).endswith("（代码 1223），标准值 60，实测值 73。")
    assert fact_sentence(make_record(measured="73")).endswith("，实测值 73。")
    assert fact_sentence(make_record(limit="60")).endswith("（代码 1223）。")


@pytest.mark.parametrize(
    ("penalty", "fen", "words"),
    [
        ("fine", 1, "罚款 0.01 元（人民币壹分）"),
        ("fine", 50_00, "罚款 50 元（人民币伍拾元整）"),
        ("fine", 0, "警告"),
        ("warning", 50_00, "警告"),
    ],
)
def test_the_penalty_in_words(penalty: str, fen: int, words: str) -> None:
    assert penalty_words(penalty, fen) == words


def test_camera_article_is_added_once(legal: Legal) -> None:
    assert punishment_basis(make_record(), legal).endswith("第一百一十四条")
    named = make_record(basis="《道路交通安全法》第一百一十四条、第九十条")
    assert punishment_basis(named, legal) == named.basis
    figures = make_record(basis="道交法第114 条")
    assert punishment_basis(figures, legal) == figures.basis
    assert punishment_basis(make_record(basis=""), legal) == legal.camera_basis
    own = legal.model_copy(update={"camera_basis": ""})
    assert punishment_basis(make_record(), own) == make_record().basis


def test_times_are_told_in_china() -> None:
    assert written_time(dt.datetime(2026, 3, 17, 16, 5, tzinfo=dt.UTC)) == "2026年3月18日0时05分"
    with pytest.raises(ValueError):
        written_time(dt.datetime(2026, 3, 17, 16, 5))


def test_objection_reasons_follow_the_article(legal: Legal) -> None:
    """公安部令105 第22条"""
    ids = [reason.id for reason in legal.objection]
    assert ids[:7] == [
        *("emergency", "stolen_or_cloned", "rescue", "handled_on_spot"),
        *("signal_conflict", "picture_unclear", "plate_misread"),
    ]
    assert set(ids[7:]) == {"not_driving", "other"}
    assert objection_reason(legal, "stolen_or_cloned").bring == "报案记录"
    with pytest.raises(KeyError):
        objection_reason(legal, "nothing")


# --- slips ------------------------------------------------------------------------------------------------------------


def test_decision_holds_what_the_law_asks_for(legal: Legal, rules: Rules) -> None:
    """公安部令105 第45条, 行政处罚法 第52条, 程序规定 第175条, 公安部令163 第13条"""
    slip = decision_slip(decision_data(), legal, rules)
    text = words(slip)
    wanted = [
        "宁波市公安局交通警察局鄞州大队",
        "简易程序处罚决定书",
        "330212 2600000017",
        f"被处罚人：{NAME}",
        f"驾驶证号码：{NUMBER}",
        "档案编号：330200000000",
        "发证机关：浙B",
        "准驾车型：C1",
        "车辆牌号：浙B·8K23A",
        "号牌种类：小型汽车",
        "2026年3月2日17时46分，在鄞州区宁穿路福庆路口",
        "第六十二条第三项",
        "第九十条",
        "罚款 50 元（人民币伍拾元整）",
        "记 3 分",
        "2026年4月2日",
        "百分之三",
        "不超过罚款数额",
        "先申请行政复议",
        "处罚地点：宁波市公安局海曙分局服务大厅",
        "（印章）",
        "被处罚人签名",
        "2026年3月18日",
    ]
    places = [text.find(part) for part in wanted]
    assert -1 not in places, wanted[places.index(-1)]
    facts, decided, pay, review = (text.index(p) for p in ("被处罚人于", "罚款 50 元", "十五日内缴纳", "行政复议申请"))
    assert facts < decided < pay < review
    assert Barcode("3302122600000017") in slip.blocks
    assert any(isinstance(b, QrCode) and b.data == "3302122600000017" for b in slip.blocks)
    assert any(isinstance(b, Picture) for b in slip.blocks)
    assert "提醒" not in text
    assert NAME not in repr(slip)
    assert NAME not in repr(decision_data())


def test_decision_prints_the_platforms_figures(legal: Legal, rules: Rules) -> None:
    """What was decided stands there, even where the record said something else."""
    slip = decision_slip(decision_data(decision=make_decision(fine_fen=100_00, points=1)), legal, rules)
    assert "罚款 100 元" in words(slip)
    assert "记 1 分" in words(slip)


@pytest.mark.parametrize(("total", "reminded"), [(8, False), (9, True), (11, True)])
def test_reminder_near_full_points(legal: Legal, rules: Rules, total: int, reminded: bool) -> None:
    text = words(decision_slip(decision_data(decision=make_decision(points_total=total)), legal, rules))
    assert (f"已累积记 {total} 分" in text) is reminded


def test_decision_of_a_warning(legal: Legal, rules: Rules) -> None:
    data = decision_data(
        decision=make_decision(fine_fen=0, points=0, points_total=0, deadline=None),
        record=make_record(penalty="warning", fine_fen=0, points=0),
    )
    text = words(decision_slip(data, legal, rules))
    assert "警告" in text
    assert "缴款方式" not in text
    assert "不记分" in text


def test_decision_without_a_date_from_the_platform(legal: Legal, rules: Rules) -> None:
    text = words(decision_slip(decision_data(decision=make_decision(deadline=None)), legal, rules))
    assert "2026年4月2日" in text


def test_decision_without_licence_and_signature(legal: Legal, rules: Rules) -> None:
    data = decision_data(
        driver=None, signature_png=None, signed_at=None, signature_note="被处罚人拒绝签名。", phone="13800000000"
    )
    text = words(decision_slip(data, legal, rules))
    assert f"身份证号码：{NUMBER}" in text
    assert "拒绝签名" in text
    assert "驾驶证号码" not in text
    assert "联系电话：13800000000" in text


def test_the_form_is_complete(legal: Legal, rules: Rules) -> None:
    """What stands on the form besides: two lines of the agency, kind of vehicle, telephone, officer, remark (公安部令105 第45条)."""
    data = decision_data(decision=make_decision(officer="警号 027000"), vehicle_kind="小型轿车", phone="13800000000")
    slip = decision_slip(data, legal, rules)
    assert [b.text for b in slip.blocks if isinstance(b, Text)][:2] == ["宁波市公安局", "交通警察局鄞州大队"]
    for told in ("车辆类型：小型轿车", "联系电话：13800000000", "交通警察：警号 027000", "备注：无"):
        assert told in words(slip)
    assert "联系电话：未提供" in words(decision_slip(decision_data(), legal, rules))
    named = decision_slip(replace(data, agency="宁波市公安局"), legal, rules)
    assert [b.text for b in named.blocks if isinstance(b, Text)][:2] == ["宁波市公安局", data.decision.authority]


@pytest.mark.parametrize(
    ("code", "kind"), [("K33", "小型轿车"), ("k33 ", "小型轿车"), ("K39", "小型客车"), ("", ""), ("X99", "")]
)
def test_kind_of_vehicle_in_words(code: str, kind: str) -> None:
    """GA/T 16.4; nothing is guessed"""
    assert vehicle_kind(code) == kind


@pytest.mark.parametrize("officer", ["027111", ""])
def test_a_refusal_to_sign_is_noted(legal: Legal, rules: Rules, officer: str) -> None:
    """公安部令105 第44条: noted, and with that delivered. Nobody's signature stands there, whatever was drawn before."""
    data = decision_data(decision=make_decision(refused_to_sign=True), refusal_noted_by=officer)
    slip = decision_slip(data, legal, rules)
    note = f"被处罚人拒绝签名，已由交通警察{'（警号 027111）' if officer else ''}注明，本决定书视为送达。"
    assert note in words(slip)
    assert not any(isinstance(block, Picture) for block in slip.blocks)
    assert "拒绝签名" not in words(decision_slip(decision_data(), legal, rules))


def test_reprints_keep_the_remedies_of_their_day(legal: Legal, rules: Rules) -> None:
    """行政复议法 2023 第23条 since 2024-01-01, whenever it is printed again"""
    for at, old in (
        (dt.datetime(2023, 12, 31, 23, 59, 59, tzinfo=SHANGHAI), True),
        (dt.datetime(2024, 1, 1, 0, 0, tzinfo=SHANGHAI), False),
    ):
        slip = decision_slip(decision_data(decision=make_decision(decided_at=at)), legal, rules)
        text = words(reprint(slip, AT, 1))
        assert ("六个月内" in text, "应当先申请行政复议" in text) == (old, not old)


def test_old_decision_keeps_the_old_remedies(legal: Legal, rules: Rules) -> None:
    old = make_decision(decided_at=dt.datetime(2023, 12, 31, 23, 59, tzinfo=SHANGHAI))
    assert "六个月" in words(decision_slip(decision_data(decision=old), legal, rules))
    new = make_decision(decided_at=dt.datetime(2023, 12, 31, 16, 0, tzinfo=dt.UTC))
    assert "先申请行政复议" in words(decision_slip(decision_data(decision=new), legal, rules))


def voucher() -> PaymentVoucherData:
    return PaymentVoucherData(
        order_no="NBHS0320260318000042X",
        trade_no="2026031822001400000000000001",
        channel="支付宝",
        paid_at=AT,
        lines=(
            PaymentLine("3302122600000017", "违反禁止标线指示", 100_00, 4_50),
            PaymentLine("3302122600000025", "其他", 50_00),
        ),
        payer=NAME,
        id_number=NUMBER,
        plate=PLATE,
        collected_for="宁波市公安局交通警察局",
        kiosk_id="NBHS03",
        session_id="S1",
    )


def other_slips(legal: Legal) -> list[Slip]:
    return [
        payment_voucher(voucher(), legal),
        incident_slip(IncidentSlipData("payment_unknown", "NBHS0320260318000042X", AT, "NBHS03", 150_00), legal),
        objection_slip(
            ObjectionSlipData(
                NAME,
                PLATE,
                "3302030000000001",
                "违反禁止标线指示",
                AT,
                "某路口",
                objection_reason(legal, "rescue"),
                AT,
                "NBHS03",
                "YY1",
            ),
            legal,
        ),
        window_slip(
            WindowSlipData((Refusal("E13", "驾驶证已过有效期。请先换领驾驶证，再来办理。"),), AT, "NBHS03", PLATE)
        ),
    ]


def test_other_slips_are_masked_and_plain(legal: Legal) -> None:
    """Everything but the decision: no whole name, number or plate (个人信息保护法 第6条)."""
    for slip in other_slips(legal):
        text = words(slip)
        assert NAME not in text
        assert not re.search(r"(?<![0-9])[0-9]{17}[0-9X](?![0-9])", text), slip.kind
        assert PLATE not in text.replace("·", "")
        assert "！" not in text
        assert "自助机编号：NBHS03" in text
        assert "12123" in text


BILL = EBill("issued", "33020126", "0000012345", "a1b2c3", "https://ebill.example/33020126/0000012345/a1b2c3")


def test_voucher_with_the_electronic_bill(legal: Legal) -> None:
    """行政处罚法 第70条: the finance office's bill by its codes and a QR symbol; where it is still made, how to have it"""
    data = voucher()
    one, other = data.lines
    slip = payment_voucher(replace(data, lines=(replace(one, bill=BILL), replace(other, bill=EBill("issuing")))), legal)
    text = words(slip)
    for told in ("票据代码：33020126", "票据号码：0000012345", "校验码：a1b2c3", "收费项目：交通违法罚款"):
        assert told in text
    assert [b.data for b in slip.blocks if isinstance(b, QrCode)] == [BILL.url, data.order_no]
    waiting = text[text.index("还没有开出") :]
    assert "补打凭证" in waiting
    assert f"决定书编号：{other.decision_no}" in waiting
    assert one.decision_no not in waiting


def test_voucher_when_all_bills_are_issued_or_none_is_known(legal: Legal) -> None:
    data = voucher()
    whole = replace(data, lines=tuple(replace(line, bill=BILL) for line in data.lines), vehicle_kind="小型轿车")
    text = words(payment_voucher(whole, legal))
    assert "还没有开出" not in text
    assert text.count("校验码：a1b2c3") == 2
    assert "车辆类型：小型轿车" in text
    unknown = words(payment_voucher(data, legal))
    assert "票据代码" not in unknown
    assert "还没有开出，或者暂时查不到" in unknown


def test_voucher_adds_up(legal: Legal) -> None:
    """行政处罚法 第70条: a voucher is no finance bill, and says so"""
    text = words(payment_voucher(voucher(), legal))
    assert "实缴金额：154.50 元" in text
    assert "大写：人民币壹佰伍拾肆元伍角整" in text
    assert "加处罚款合计：4.50 元" in text
    assert "不是财政票据" in text
    assert "3302122600000017" in text
    assert "缴款人：张*明" in text
    assert "证件号码：3302**********0006" in text
    assert "滞纳金" not in text


@pytest.mark.parametrize(
    ("what", "said"),
    [("payment_unknown", "请不要重复付款"), ("paid_not_booked", "已收到付款"), ("decision_unknown", "本机没有扣款")],
)
def test_incident_slip(legal: Legal, what: str, said: str) -> None:
    assert what in ("payment_unknown", "paid_not_booked", "decision_unknown")
    data = IncidentSlipData(what, "NBHS0320260318000042X", AT, "NBHS03", decision_nos=("3302122600000017",))  # type: ignore[arg-type]
    slip = incident_slip(data, legal)
    assert said in words(slip)
    assert Barcode("NBHS0320260318000042X") in slip.blocks
    assert "决定书编号：3302122600000017" in words(slip)


def test_objection_slip(legal: Legal) -> None:
    text = words(other_slips(legal)[2])
    assert "没有作出处罚决定" in text
    assert "五个工作日" in text
    assert "异议理由：因救助危难或者紧急避险" in text
    assert "异议受理号：YY1" in text


def test_window_slip_shows_reason_and_code(legal: Legal) -> None:
    text = words(other_slips(legal)[3])
    assert "驾驶证已过有效期" in text
    assert "编号 E13" in text
    assert "身份证、驾驶证、行驶证" in text


def test_barcodes_are_ascii(legal: Legal, rules: Rules) -> None:
    for slip in (*other_slips(legal), decision_slip(decision_data(), legal, rules)):
        for block in slip.blocks:
            if isinstance(block, Barcode):
                assert re.fullmatch(r"[0-9A-Z]+", block.data)


def test_reprint_is_marked_with_time_and_number(legal: Legal) -> None:
    slip = payment_voucher(voucher(), legal)
    copy = reprint(slip, dt.datetime(2026, 3, 19, 9, 0, tzinfo=SHANGHAI), 2, officer="王警官")
    text = words(copy)
    assert text.startswith("补打　第 2 次")
    assert "补打时间：2026-03-19 09:00:00" in text
    assert "补打人：王警官" in text
    assert text.endswith("（补打　第 2 次　2026-03-19 09:00:00）")
    assert words(slip) in text
    assert copy.kind == slip.kind
    with pytest.raises(ValueError):
        reprint(slip, AT, 0)


def test_everything_can_be_printed_in_gbk(legal: Legal, rules: Rules) -> None:
    for slip in (*other_slips(legal), decision_slip(decision_data(), legal, rules)):
        words(reprint(slip, AT, 1)).encode("gbk")
