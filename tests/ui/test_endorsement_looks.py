"""What was once seen wrong on the pages of the endorsement service, and must not come back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QWidget

from kiosk.screens.common import Phase
from kiosk.screens.endorsement import ChooseEndorsementKind, HeldRow, InsertPermit
from tests.ui.hall import Hall
from ui.paint.text import TextShape, glued, text_width
from ui.samples.endorsement import SAMPLES
from ui.samples.endorsement_long import SAMPLES as LONG
from ui.theme import THEMES, Theme, ThemeSource
from ui.widgets.choice_cards import KindCard
from ui.widgets.moving import Moving
from ui.widgets.progress_steps import ProgressSteps
from ui.widgets.rings import Spinner


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return ThemeSource(motion=True).theme


# -- lines ---------------------------------------------------------------------------------------------------------------


def lines(text: str, theme: Theme, hanzi: float, *, balance: bool = True) -> list[str]:
    """The paragraph as it is broken at a width of so many hanzi of body text."""
    shape = TextShape(text, theme.font("body"), hanzi * theme.font_px("body"), theme.line("body"), balance=balance)
    whole = shape._layout.text()
    parts = [shape._layout.lineAt(i) for i in range(shape.lines)]
    cut = [whole[part.textStart() : part.textStart() + part.textLength()] for part in parts]
    return [line.replace("\u2060", "").replace("\u00a0", " ").rstrip("\u2028 ") for line in cut]


def test_lines_end_where_the_voice_would_pause(theme: Theme) -> None:
    assert lines("二次 · 1 年，可用到 2027年3月17日，每次停留不超过 7 天", theme, 12) == [
        "二次 · 1 年，",
        "可用到 2027年3月17日，",
        "每次停留不超过 7 天",
    ]
    assert lines("没有读到，请换一面，有二维码的一面朝上再插。", theme, 19) == [
        "没有读到，请换一面，",
        "有二维码的一面朝上再插。",
    ]


@pytest.mark.parametrize("balance", [True, False])
@pytest.mark.parametrize("hanzi", [9, 10, 11, 12, 13, 14])
def test_date_and_number_with_its_unit_stay_together(theme: Theme, hanzi: int, balance: bool) -> None:
    text = "这个签注可以用到 2027年12月31日为止每次最多停留 14 天 · 一共能去 12 次"
    shown = lines(text, theme, hanzi, balance=balance)
    assert all(any(whole in line for line in shown) for whole in ("2027年12月31日", "14 天", "12 次"))
    assert not [line for line in shown if line.startswith("·")]


def test_glue_takes_no_room(theme: Theme) -> None:
    text = "可用到 2027年3月17日，每次 7 天 · 多次"
    assert text_width(glued(text), theme.font("body")) == text_width(text, theme.font("body"))


# -- C14 -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "done"), [("waiting", 0), ("taking", 1), ("reading", 2), ("done", 2), ("given_back", 0)]
)
def test_what_was_done_is_not_asked_for_again(open_hall: Callable[..., Hall], state: Any, done: int) -> None:
    hall = open_hall()
    hall.show(InsertPermit("reading"))
    hall.update(InsertPermit(state))
    said = [hall.find(f"c14.line.{i}").accessibleName() for i in (1, 2, 3)]
    assert [name.endswith("，已完成") for name in said] == [True] * done + [False] * (3 - done)
    hall.stage.frame.grab()
    numbers = {run.text for i in (1, 2, 3) for run in hall.find(f"c14.line.{i}").runs}  # type: ignore[attr-defined]
    assert numbers & {"1", "2", "3"} == {str(i) for i in range(done + 1, 4)}


# -- C15 -----------------------------------------------------------------------------------------------------------------


def test_two_endorsements_in_force_leave_room_for_three_kinds(open_hall: Callable[..., Hall]) -> None:
    """In large text: who holds both destinations would turn four pages otherwise."""
    hall = open_hall("elder")
    screen = SAMPLES["c15a_kind_open"].screen
    assert isinstance(screen, ChooseEndorsementKind)
    assert len(screen.held) == 2
    hall.show(screen)
    assert len(hall.page.findChildren(KindCard)) == 3
    hall.show(replace(screen, held=(HeldRow("澳门", "个人旅游"),)))
    assert {card.height() for card in hall.page.findChildren(KindCard)} == {196}  # room to spare is used


def test_hint_of_kinds_says_what_to_do_before_what_is_locked(open_hall: Callable[..., Hall]) -> None:
    hall = open_hall()
    page: Any = hall.show(SAMPLES["c15a_kind"].screen)
    assert page.hint() == "点一下卡片就选中。带锁的不能在本机办理。"


@pytest.mark.parametrize("theme_name", THEMES)
@pytest.mark.parametrize(
    ("sample", "caption"),
    [("c15b_places_both", "下一步：选次数"), ("c15c_entries", "下一步：填手机号"), ("c16_review_last", "确认并缴费")],
)
def test_button_names_its_act(open_hall: Callable[..., Hall], theme_name: str, sample: str, caption: str) -> None:
    hall = open_hall(theme_name)
    hall.stage.show(SAMPLES[sample])
    assert hall.find("action.next").caption == caption  # type: ignore[attr-defined]


def test_title_is_broken_rather_than_made_small(open_hall: Callable[..., Hall]) -> None:
    hall = open_hall()
    hall.stage.show(LONG["c15c_entries_long"])
    theme = hall.stage.frame.theme
    cards = [w for w in hall.page.findChildren(QWidget) if w.objectName().startswith("c15c.option.")]
    for card in cards:
        title = next(run for run in card.runs if run.text == card.option.title)  # type: ignore[attr-defined]
        assert title.font_px == theme.font_px("h3")


# -- C16 -----------------------------------------------------------------------------------------------------------------


def test_hint_of_the_review_names_what_is_on_the_page(open_hall: Callable[..., Hall]) -> None:
    hall = open_hall("elder")
    page: Any = hall.show(LONG["c16_review_long"].screen)
    assert "还没有缴费。有不对的，点“更改”。" in hall.said()
    while page._page < len(page._pages) - 1:
        hall.touch("action.next")
    assert "还没有缴费。要更改，请点“上一页”。" in hall.said()
    hall.touch("c16.pager.previous")
    hall.touch("c16.pager.previous")
    assert "还没有缴费。有不对的，点“更改”。" in hall.said()


# -- C17 -----------------------------------------------------------------------------------------------------------------


def test_seconds_stay_clear_of_the_ring(open_hall: Callable[..., Hall]) -> None:
    hall = open_hall("elder")
    hall.stage.show(LONG["c17a_making_long"])
    ring = hall.find("c17a.ring")
    digits = next(run for run in ring.runs if run.text == "128 秒")  # type: ignore[attr-defined]
    inner = min(ring.width(), ring.height()) - 2 * hall.stage.frame.theme.px(22)
    assert inner - digits.rect.width() >= 2 * hall.stage.frame.theme.px(20)


@pytest.mark.parametrize("theme_name", THEMES)
def test_panel_of_rows_is_no_higher_than_they_are(open_hall: Callable[..., Hall], theme_name: str) -> None:
    hall = open_hall(theme_name)
    hall.stage.show(SAMPLES["c17b_check"])
    panel: Any = hall.find("c17b.rows")
    assert panel.height() == panel.natural_height(panel.width())


# -- what turns ----------------------------------------------------------------------------------------------------------


def turns(widget: Moving) -> bool:
    return widget._loop._timer.isActive()


def test_what_turns_stands_still_while_nobody_sees_it(theme: Theme) -> None:
    spinner = Spinner(theme, "spinner")
    assert not turns(spinner)
    spinner.show()
    assert turns(spinner)
    spinner.hide()
    assert not turns(spinner)
    spinner.deleteLater()


def test_steps_turn_only_while_one_is_being_done(theme: Theme) -> None:
    steps = ProgressSteps(theme, "steps", (Phase("写入芯片", "doing"),))
    steps.show()
    assert turns(steps)
    steps.set_phases((Phase("写入芯片", "done"),))
    assert not turns(steps)
    steps.deleteLater()
