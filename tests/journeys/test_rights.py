"""Rights of the party, each with its article: objection (公安部令105 第22条), statement and defence (行政处罚法 第45条), evidence
(第41条), what a notice must tell (第44条), and the remedies on either side of 2024-01-01. Each duty's row names a test that exists."""

from __future__ import annotations

import ast
import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from config.law_tables import citations
from config.tables import load_tables
from config.zone import SHANGHAI
from kiosk.domain.duties import DUTIES
from kiosk.domain.texts import penalty_notice
from kiosk.domain.violation import ViolationRecord
from kiosk.journeys.violation.defend import MISSING, NOT_MOBILE
from kiosk.journeys.violation.evidence import measured
from kiosk.journeys.violation.visit import DEFENDED, UNSEEN
from kiosk.screens import common, violation
from kiosk.screens.base import Back
from tests.journeys.stage import staged
from tests.journeys.test_violation_steps import FIRST, SECOND, happy

ROOT = Path(__file__).resolve().parents[2]
TABLES = load_tables()
RECORD = ViolationRecord(
    record_id="3302031001000003",
    plate="浙B8K23A",
    plate_type="02",
    at=dt.datetime(2026, 3, 9, 22, 47, tzinfo=SHANGHAI),
    place="某路",
    code="1352",
    act="超过规定时速10%以上未达20%",
    fine_fen=5000,
    points=0,
    authority="某大队",
    authority_code="330203000000",
    region="local",
    provisions="《中华人民共和国道路交通安全法》第四十二条第一款",
    basis="《中华人民共和国道路交通安全法》第九十条、第一百一十四条",
    measured="69公里/小时",
    limit="60公里/小时",
)


# --- statement and defence ------------------------------------------------------------------------------------------------


async def test_a_statement_is_filed_heard_and_makes_nothing_heavier(tmp_path: Path) -> None:
    """行政处罚法 第45条. The record stays open and undecided; the other one is handled as it would have been."""
    own = {"statement": "前面的车挡住了标志", "phone": "13800000000"}
    async with staged(tmp_path, happy()) as stage:
        waits = {violation.PenaltyNotice: [violation.Defend()], violation.StateDefence: [own]}
        assert (await stage.visit(waits)).outcome == "paid"
        (entry,) = stage.police.world.books.defences.values()
        assert (entry.record_id, entry.statement, entry.phone) == (FIRST, own["statement"], own["phone"])
        assert set(stage.decided()) == {SECOND}
        assert not stage.police.world.books.objections
        (slip,) = stage.paper("陈述申辩单")
        assert entry.defence_no in slip
        assert own["statement"] in slip
        assert "不会因为您陈述、申辩而加重处罚" in slip.replace("\n", "")
        assert own["phone"] not in slip, "slips are left lying about"
        assert "不会因为您申辩而加重处罚" in stage.desk.words()


async def test_a_ready_sentence_is_filed_in_its_words(tmp_path: Path) -> None:
    sentence = TABLES.plain.statement[0]
    async with staged(tmp_path, happy()) as stage:
        answer = {"statement": sentence.id, "phone": ""}
        await stage.visit({violation.PenaltyNotice: [violation.Defend()], violation.StateDefence: [answer]})
        assert [each.statement for each in stage.police.world.books.defences.values()] == [sentence.text]


async def test_what_is_missing_is_said_and_the_words_stay(tmp_path: Path) -> None:
    async with staged(tmp_path, happy()) as stage:
        answers = [
            {"statement": " ", "phone": ""},
            {"statement": "有理由", "phone": "123"},
            {"statement": "有理由", "phone": ""},
        ]
        await stage.visit({violation.PenaltyNotice: [violation.Defend()], violation.StateDefence: answers})
        pages = stage.desk.of(violation.StateDefence)
        assert [[field.trouble for field in page.fields] for page in pages] == [
            ["", ""],
            [MISSING, ""],
            ["", NOT_MOBILE],
        ]
        assert pages[2].fields[0].value == "有理由"
        assert len(stage.police.world.books.defences) == 1


async def test_what_was_stated_about_is_greyed_on_the_list(tmp_path: Path) -> None:
    async with staged(tmp_path, happy()) as stage:
        waits = {
            violation.PenaltyNotice: [violation.Defend(), Back()],
            violation.ReviewSelection: [None, Back()],
        }
        await stage.visit(waits)
        lists = [screen for screen in stage.desk.shown if isinstance(screen, violation.ChooseViolations)]
        assert {row.record_id: row.locked for row in lists[-1].rows}[FIRST] == DEFENDED.message


# --- objection ------------------------------------------------------------------------------------------------------------


async def test_an_objection_is_filed_with_words_and_its_slip_has_the_number(tmp_path: Path) -> None:
    """公安部令105 第22条. Both the words and the telephone may stay empty."""
    async with staged(tmp_path, happy(looks_at_evidence=True)) as stage:
        waits = {
            violation.Evidence: ["object"],
            violation.ChooseObjection: ["picture_unclear"],
            violation.ExplainObjection: [Back(), {"text": "号牌看不清", "phone": "13800000000"}],
        }
        waits[violation.ChooseObjection].append("picture_unclear")
        assert (await stage.visit(waits)).outcome == "paid"
        (entry,) = stage.police.world.books.objections.values()
        assert (entry.record_id, entry.text, entry.phone) == (FIRST, "号牌看不清", "13800000000")
        (slip,) = stage.paper("违法记录异议单")
        assert entry.objection_no in slip


# --- evidence -------------------------------------------------------------------------------------------------------------


async def test_a_record_whose_picture_cannot_be_shown_is_locked(tmp_path: Path) -> None:
    """行政处罚法 第41条, 公安部令105 第18条: nobody is to accept what cannot be looked at (W07)."""
    async with staged(tmp_path, happy(looks_at_evidence=True)) as stage:
        waits = {violation.Evidence: [violation.PhotoBroken(), "close"]}
        assert (await stage.visit(waits)).outcome == "paid"
        lists = [*stage.desk.of(violation.ChooseViolations)]
        locked = {row.record_id: (row.code, row.locked) for row in lists[-1].rows}
        assert locked[FIRST] == ("W07", UNSEEN.message)
        assert set(stage.decided()) == {SECOND}
        assert stage.desk.of(violation.Evidence)[-1].locked == UNSEEN.message


def test_the_law_stands_in_plain_words_by_article() -> None:
    found = TABLES.plain.find(RECORD.provisions, RECORD.basis)
    assert [row.article for row in found] == ["第四十二条第一款", "第九十条", "第一百一十四条"]
    assert citations("《中华人民共和国道路交通安全法实施条例》第六十二条第(三)项；《某办法》第一条") == (
        ("道路交通安全法实施条例", "第六十二条", "第（三）项"),
        ("某办法", "第一条", ""),
    )
    assert TABLES.plain.find("没有引用任何法律", "《某办法》第一条") == ()


def test_every_shipped_code_has_its_law_in_plain_words() -> None:
    import tomllib

    codes = tomllib.loads((ROOT / "config/scenarios/_codes.toml").read_text("utf-8"))
    rows = [row for row in codes.values() if isinstance(row, dict)]
    cited = [row["provisions"] for row in rows if citations(row.get("provisions", ""))]
    assert cited, "what names no article has no plain words"
    assert [text for text in cited if not TABLES.plain.find(text)] == []


@pytest.mark.parametrize(
    ("value", "limit", "over", "drawn"),
    [
        ("69公里/小时", "60公里/小时", "超过 15%", True),
        ("72", "60", "超过 20%", True),
        ("71.9 km/h", "60 km/h", "超过 19.8%", True),
        ("60公里/小时", "60公里/小时", "", True),
        ("20分钟", "禁止停放", "", False),
        ("69公里/小时", "60分钟", "", False),
        ("69", "0", "", False),
        ("1e9999", "60", "", False),
    ],
)
def test_what_was_measured_is_drawn_only_where_both_are_figures(value: str, limit: str, over: str, drawn: bool) -> None:
    found = measured(replace(RECORD, measured=value, limit=limit))
    assert found is not None
    assert (found.over, found.limit_n > 0) == (over, drawn)
    assert measured(replace(RECORD, measured="", limit="60")) is None


# --- what is told ---------------------------------------------------------------------------------------------------------


def test_the_notice_tells_all_that_article_44_wants() -> None:
    """行政处罚法 第44条, 公安部令163 第13条: penalty, facts, reasons, basis, points, and the rights of 第45条."""
    told = penalty_notice(replace(RECORD, points=3), TABLES.legal, dt.date(2026, 3, 18), dt.date(2026, 4, 2))
    text = "".join((*told.full_text, *(value for _, value in told.rows)))
    for words in (
        RECORD.act,
        RECORD.place,
        RECORD.provisions,
        "第九十条",
        "50 元",
        "记 3 分",
        "陈述",
        "申辩",
        "不会因为",
    ):
        assert words in text, words
    labels = [label for label, _ in told.rows]
    assert {"违法行为", "时间地点", "违反规定", "处罚依据", "拟作处罚", "拟记分", "您的权利"} <= set(labels)


def test_remedies_change_on_the_first_day_of_2024() -> None:
    """行政复议法（2023）第23条: since then review comes first."""
    before = "".join(penalty_notice(RECORD, TABLES.legal, dt.date(2023, 12, 31), None).full_text)
    since = "".join(penalty_notice(RECORD, TABLES.legal, dt.date(2024, 1, 1), None).full_text)
    assert "直接向" in before
    assert "先申请行政复议" in since
    assert "直接向" not in since


def test_the_terms_say_that_the_machine_counts_as_the_window() -> None:
    assert "同等法律效力" in "".join(TABLES.legal.in_force("self_service_terms", dt.date(2026, 3, 18)).paragraphs)


async def test_who_left_the_slip_in_the_printer_has_the_number_on_the_screen(tmp_path: Path) -> None:
    async with staged(tmp_path, happy()) as stage:
        stage.machine.virtual["receipt_printer"].control({"do": "cover", "open": True})
        await stage.visit({violation.PenaltyNotice: [violation.Defend()]})
        (entry,) = stage.police.world.books.defences.values()
        messages = [screen.body for screen in stage.desk.of(common.Message)]
        assert any(entry.defence_no in body and "没有打印出来" in body for body in messages)


@pytest.mark.parametrize("row", DUTIES, ids=lambda row: row.id)
def test_each_duty_names_a_test_that_exists(row: object) -> None:
    named = row.test  # type: ignore[attr-defined]
    if not named:
        return
    file, *names = named.split("::")
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    found = {
        node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }
    assert set(names) <= found
