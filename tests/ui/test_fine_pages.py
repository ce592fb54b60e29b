"""The pages of paying by number and of 补打: what a touch or a key does, what is spoken, what stays after a redraw, what is forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from kiosk.screens.fine import EnterDecisionNumber, ScanDecision
from ui.gallery import Stage
from ui.pages.decision_number import NOTE, NOTHING
from ui.samples import Sample
from ui.samples.fine import OVERDUE, REVIEW, SAMPLES
from ui.widgets.decision_field import DecisionField
from ui.widgets.digits_field import grouped

NUMBER = "3302031910000013"


@pytest.fixture(scope="module")
def stage(qapp: QApplication) -> Iterator[Stage]:
    made = Stage("standard")
    yield made
    made.close()


def shown(stage: Stage, sample: Sample) -> tuple[Any, list[Any]]:
    stage.show(sample)
    page: Any = stage.frame.page
    given: list[Any] = []
    page.answered.connect(given.append)
    return page, given


def tap(stage: Stage, name: str) -> None:
    found = [each for each in stage.frame.findChildren(QWidget, name) if each.isVisible()]
    assert found, name
    found[-1].tap()  # type: ignore[attr-defined]
    stage.settle()


def says(stage: Stage, name: str) -> str:
    return next(each for each in stage.frame.findChildren(QWidget, name)).accessibleName()


def test_numbers_are_grouped_as_they_are_printed() -> None:
    assert grouped(NUMBER, DecisionField.groups) == "330203 191000001 3"
    assert grouped("3302", DecisionField.groups) == "3302"
    assert grouped("", DecisionField.groups) == ""


def test_typing_and_going_on(stage: Stage) -> None:
    page, given = shown(stage, SAMPLES["fine_number"])
    page.on_next()
    assert given == []
    assert says(stage, "decision.note") == NOTHING
    for digit in NUMBER + "9":
        tap(stage, f"decision.pad.{digit}")
    assert "已输入 16 位" in says(stage, "decision.field"), "a seventeenth is not taken"
    assert says(stage, "decision.note") == NOTE
    tap(stage, "decision.pad.delete")
    page.on_next()
    assert given == [NUMBER[:15]]
    tap(stage, "decision.pad.clear")
    assert "没有填" in says(stage, "decision.field")


def test_the_keys_stay_where_they_are(stage: Stage) -> None:
    """A sentence that comes and goes above them must not move the next key from under the finger."""
    page, _ = shown(stage, SAMPLES["fine_number_trouble"])
    pad = next(each for each in stage.frame.findChildren(QWidget, "decision.pad"))
    before = pad.geometry()
    tap(stage, "decision.pad.1")
    assert not page.data.value.endswith("1")
    assert pad.geometry() == before


def test_hardware_keys_type_too(stage: Stage) -> None:
    page, given = shown(stage, SAMPLES["fine_number"])
    pad = next(each for each in stage.frame.findChildren(QWidget, "decision.pad"))
    QTest.keyClicks(pad, "330")
    QTest.keyClick(pad, Qt.Key.Key_Backspace)
    page.on_next()
    assert given == ["33"]


def test_what_the_journey_says_is_shown_and_what_was_typed_stays(stage: Stage) -> None:
    page, _ = shown(stage, SAMPLES["fine_number"])
    page.update_screen(EnterDecisionNumber("330203", "编号太短。", can_scan=True))
    assert says(stage, "decision.note") == "编号太短。"
    assert page.keep() == "330203"
    page.restore("33020")
    assert page.keep() == "33020"
    page.clear()
    assert page.keep() == ""


def test_scanning_is_offered_only_where_there_is_a_scanner(stage: Stage) -> None:
    _, given = shown(stage, SAMPLES["fine_number"])
    tap(stage, "decision.scan")
    assert given == ["scan"]
    shown(stage, SAMPLES["fine_number_plain"])
    assert not stage.frame.findChildren(QWidget, "decision.scan")


def test_no_number_and_no_name_is_spoken(stage: Stage) -> None:
    page, _ = shown(stage, SAMPLES["fine_number_full"])
    assert "330203" not in page.voice()
    page, _ = shown(stage, SAMPLES["fine_review"])
    assert not {"330203", "张"} & set(page.voice())
    assert "¥100.00" in page.voice()


def test_why_a_code_was_not_taken(stage: Stage) -> None:
    page, given = shown(stage, SAMPLES["fine_scan"])
    page.update_screen(ScanDecision("这是付款码，不是决定书编号。"))
    assert says(stage, "scan.banner") == page.voice() == "这是付款码，不是决定书编号。"
    page.on_next()
    assert given == ["type"]


def test_both_parts_of_the_sum_are_told_where_there_are_two(stage: Stage) -> None:
    page, given = shown(stage, SAMPLES["fine_review"])
    assert "加处罚款" not in says(stage, "fine.rows")
    assert "最晚 2026年3月17日 缴" in says(stage, "fine.total")
    page.update_screen(OVERDUE)
    told = says(stage, "fine.rows")
    assert "罚款，¥150.00" in told
    assert "加处罚款，¥150.00" in told
    assert "¥300.00" in says(stage, "fine.total")
    assert OVERDUE.total_fen == 30000
    page.update_screen(REVIEW)
    assert "加处罚款" not in says(stage, "fine.rows")
    page.on_next()
    assert given == [None]


@pytest.mark.parametrize("way", ["card", "number"])
def test_a_tap_on_a_way_answers(stage: Stage, way: str) -> None:
    _, given = shown(stage, SAMPLES["reprint_way"])
    tap(stage, f"reprint.way.{way}")
    assert given == [way]
