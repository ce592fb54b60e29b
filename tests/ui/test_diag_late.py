"""T08: from the day's books to late payment and back, by touch; what is said of a difference and of a year without a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

from kiosk.screens.day_end import DayEndView, LateView
from kiosk.screens.diagnostics import Order, Verb
from tests.ui.hall import Hall
from ui.pages.diag_late import LateList
from ui.samples import all_samples
from ui.samples.diagnostics_money import LATE, MANY_LATE, NEW_YEAR, SHIFT

DAY_PARTS = ("sums", "counts", "work", "refunds", "older", "newer", "match", "print")


def screen(late: LateView | None = LATE) -> DayEndView:
    shown: Any = all_samples()["t08_day_end"].screen
    return replace(shown, late=late)


def seen(hall: Hall, part: str) -> bool:
    return any(w.isVisible() for w in hall.stage.frame.findChildren(QWidget, f"diag.day.{part}"))


def band(hall: Hall) -> str:
    return hall.find("diag.day.verdict").accessibleName()


def test_there_and_back_by_touch(hall: Hall) -> None:
    hall.show(screen())
    assert not seen(hall, "late")
    hall.touch("diag.day.turn")
    assert seen(hall, "late")
    assert not [part for part in DAY_PARTS if seen(hall, part)]
    assert "有 2 笔与本机推算不同" in band(hall)
    assert "办理以平台的金额为准" in band(hall)
    assert "2025、2026 年" in band(hall)
    texts = hall.said()
    assert {"平台 132.00 元　本机 102.00 元", "3302*******0008 · 2026-10-25"} <= texts
    assert SHIFT in "".join(texts)
    hall.touch("diag.day.turn")
    assert not seen(hall, "late")
    assert all(seen(hall, part) for part in DAY_PARTS)
    assert hall.answers == [], "looking is no order"
    hall.touch("diag.day.older")
    assert hall.answers == [Order(Verb.PAGE, "", "older")]


def test_the_button_says_how_many_differ(hall: Hall) -> None:
    hall.show(screen())
    assert hall.find("diag.day.turn").accessibleName() == "加处罚款，2 笔与本机推算不同"
    hall.update(screen(LateView(years=(2026,))))
    assert hall.find("diag.day.turn").accessibleName() == "加处罚款"


def test_a_year_without_a_table_comes_before_everything(hall: Hall) -> None:
    hall.show(screen(MANY_LATE))
    hall.touch("diag.day.turn")
    assert "没有 2027 年的节假日表" in band(hall)
    assert "本机不推算" in band(hall)
    assert "平台 12.00 元　本机 不推算" in hall.said()


def test_nothing_late_is_said_too(hall: Hall) -> None:
    hall.show(screen(LateView(years=(2025, 2026))))
    hall.touch("diag.day.turn")
    assert "没有不同" in band(hall)
    assert "没有" in hall.said()


def test_what_was_not_reckoned_is_not_called_the_same(hall: Hall) -> None:
    hall.show(screen(LateView((NEW_YEAR,), years=(2025, 2026))))
    hall.touch("diag.day.turn")
    assert "没有不同，有 1 笔没有推算" in band(hall)


def test_news_while_one_looks(hall: Hall) -> None:
    hall.show(screen())
    hall.touch("diag.day.turn")
    hall.update(replace(screen(replace(LATE, rows=LATE.rows[:1], differing=1)), day="2026-11-19"))
    assert seen(hall, "late")
    assert "有 1 笔与本机推算不同" in band(hall)
    hall.update(screen(None))
    assert not seen(hall, "late")
    assert not seen(hall, "turn")
    assert seen(hall, "work")


def test_many_are_turned_like_pages_and_gone_with_the_page(open_hall: Callable[..., Hall]) -> None:
    hall = open_hall()
    hall.stage.frame.resize(QSize(1920, 1080))
    hall.show(screen(MANY_LATE))
    hall.touch("diag.day.turn")
    first = hall.said()
    hall.touch("diag.day.late.next")
    assert hall.said() != first
    page = hall.page
    late = page.findChild(LateList)
    assert late is not None
    assert late.rows
    page.clear()
    assert late.rows == ()
