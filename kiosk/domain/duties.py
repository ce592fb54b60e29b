"""What the law wants done before, with and after a decision, and where the citizen meets it: the table behind the rule book's page of
duties. Data only; each row names the test that would fail."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Duty:
    id: str
    """D1 to D11: the rows of a decision; R1 …: rights and forms that go with them."""
    title: str
    """In the hall's language."""
    title_en: str
    articles: str
    where: str
    """Page, slip or rule at which the citizen meets it; whose duty it is where it is not the machine's."""
    where_en: str
    test: str
    """File and name of the test; empty: not the machine's to do."""


DUTIES: tuple[Duty, ...] = (
    Duty(
        "D1",
        "采集后五个工作日内审核，录入当日可以查询，五个工作日内告知车主",
        "a record is audited within 5 working days, can be queried the same day, and its owner is told",
        "公安部令105 第19条、第20条",
        "由公安交管部门完成；审核中的记录在列表中置灰（W06）",
        "done by the authority; a record still being audited stands greyed on the list (W06)",
        "tests/domain/test_rules_record_set.py",
    ),
    Duty(
        "D2",
        "可以提出异议；异议转违法行为发生地，五个工作日内审查",
        "the party may object; the place of the offence answers within 5 working days",
        "公安部令105 第5条、第21条、第22条",
        "证据页“有异议”，选理由、可补充说明，打印异议单（有编号）；这条记录保持未处理",
        "有异议 on the evidence page: reason, own words, slip with number; the record stays open",
        "tests/journeys/test_rights.py::test_an_objection_is_filed_with_words_and_its_slip_has_the_number",
    ),
    Duty(
        "D3",
        "作出决定前告知拟处罚内容、事实、理由、依据、记分和陈述申辩的权利",
        "before deciding: the intended penalty, facts, reasons, basis, points, and the right to be heard",
        "行政处罚法 第44条、第45条；公安部令105 第44条；公安部令163 第13条",
        "处罚告知页（每条一页）和“查看全文”；“我要申辩”与“确认”同样醒目；申辩后不加重",
        "the notice, one for each record, with its full text; 我要申辩 has the weight of the confirmation",
        "tests/journeys/test_rights.py::test_the_notice_tells_all_that_article_44_wants",
    ),
    Duty(
        "D4",
        "未告知、未听取陈述申辩不得作出决定，明确放弃的除外",
        "no decision without it, unless expressly waived",
        "行政处罚法 第62条",
        "告知页的勾选框，不预先勾选；每条记录各有放弃的时刻，随决定上报",
        "the box on the notice, never ticked beforehand; each record has the moment of its own waiver",
        "tests/journeys/test_signing.py::test_the_waiver_has_the_moment_of_its_tick",
    ),
    Duty(
        "D5",
        "决定书当场交付，当事人签名；拒绝签名的注明，视为送达",
        "handed over at once and signed; a refusal to sign is noted and counts as delivered",
        "公安部令105 第44条",
        "签名页、打印决定书；“我不签名”：由民警注明，或到窗口",
        "the signature, the printed decision; 我不签名: an officer notes it, or the window",
        "tests/journeys/test_signing.py::test_an_officer_notes_the_refusal_and_the_decision_stands",
    ),
    Duty(
        "D6",
        "简易程序决定两个工作日内报所属机关备案",
        "filed with the unit within 2 working days",
        "公安部令105 第44条",
        "由业务平台完成：决定在作出时即写入平台",
        "by the platform, which holds the decision from the moment it is made",
        "",
    ),
    Duty(
        "D7",
        "自助处理平台与窗口同效",
        "self-service has the effect of the window",
        "公安部令105 第58条",
        "办理须知页",
        "the terms on the first page",
        "tests/journeys/test_rights.py::test_the_terms_say_that_the_machine_counts_as_the_window",
    ),
    Duty(
        "D8",
        "一人有两种以上违法的，分别决定",
        "several offences are decided separately",
        "公安部令105 第50条",
        "每条违法一份告知、一份决定书",
        "one notice and one decision for each record",
        "tests/journeys/test_signing.py::test_each_record_has_a_waiver_of_its_own",
    ),
    Duty(
        "D9",
        "逾期未处理的告知、公告、缺席决定",
        "overdue records: notice, public notice, decision without the party",
        "公安部令105 第53条至第55条",
        "由公安交管部门完成",
        "done by the authority",
        "",
    ),
    Duty(
        "D10",
        "监控照片能看清车型、号牌、外观和时间、地点、事实",
        "pictures must show type, plate, look of the vehicle, time, place and fact",
        "公安部令105 第18条；行政处罚法 第41条",
        "证据页：照片放大、拖动，测量值与标准值对照，通俗说明和法律原文；看不全的不能在本机处理（W07）",
        "the evidence page; what cannot be looked at whole cannot be accepted here (W07)",
        "tests/journeys/test_rights.py::test_a_record_whose_picture_cannot_be_shown_is_locked",
    ),
    Duty(
        "D11",
        "人脸等敏感个人信息单独同意、明显告知",
        "biometrics: separate consent, visible notice",
        "个人信息保护法 第26条、第28条至第30条",
        "办理须知页的单独同意，可以不同意（改人工核验）",
        "a consent of its own on the first page, which may be refused",
        "tests/journeys/test_violation_steps.py::TestPerson::test_without_consent_the_camera_is_never_asked",
    ),
    Duty(
        "R1",
        "电子签名同步录音录像",
        "an electronic signature is taken under sound and picture",
        "公安机关办理行政案件程序规定 第263条",
        "签名页“正在录音录像”与时长；没有麦克风或摄像头，首页不能办理",
        "正在录音录像 with its time on the signature page; without the devices the service is greyed",
        "tests/journeys/test_signing.py::test_the_signature_comes_with_the_hash_of_its_recording",
    ),
    Duty(
        "R2",
        "陈述、申辩应当听取，不得因此加重处罚",
        "a statement is heard and makes nothing heavier",
        "行政处罚法 第45条",
        "“我要申辩”：写理由或选一句，打印陈述申辩单（有编号）",
        "我要申辩: own words or a ready sentence; a slip with its number",
        "tests/journeys/test_rights.py::test_a_statement_is_filed_heard_and_makes_nothing_heavier",
    ),
    Duty(
        "R3",
        "告知救济途径；2024-01-01 起先行政复议",
        "remedies; since 2024-01-01 review comes first",
        "行政复议法（2023年修订）第20条、第22条至第24条、第32条；行政诉讼法 第45条",
        "处罚告知全文和决定书，按决定之日的法律",
        "the notice's full text and the decision, as the law stands on the day",
        "tests/journeys/test_rights.py::test_remedies_change_on_the_first_day_of_2024",
    ),
)
"""In the order of the procedure."""


def duty(duty_id: str) -> Duty:
    """Raises KeyError."""
    for row in DUTIES:
        if row.id == duty_id:
            return row
    raise KeyError(duty_id)
