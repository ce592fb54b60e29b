"""The technician's pages in landscape, at a finer panel's scale, and beside each other: the same checks as portrait."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication

from tests.ui import structure
from ui.gallery import PORTRAIT, Stage
from ui.samples import all_samples
from ui.theme import ThemeName

LANDSCAPE = QSize(1920, 1080)
SAMPLES = {name: sample for name, sample in all_samples().items() if name.startswith("t0")}
BESIDE = tuple(check for check in structure.CHECKS if check is not structure.wandering_focus)
"""In landscape columns stand side by side (rail, fields and keys): no order of theirs is from the top to the bottom."""
CASES: list[tuple[ThemeName, QSize, float]] = [
    ("standard", LANDSCAPE, 1.0),
    ("high_contrast", LANDSCAPE, 1.0),
    ("standard", LANDSCAPE, 0.8),
    ("standard", PORTRAIT, 0.8),
]


@pytest.fixture(
    scope="module", params=CASES, ids=lambda case: f"{case[0]}-{case[1].width()}x{case[1].height()}-{case[2]}"
)
def stage(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[Stage]:
    theme, size, scale = request.param
    made = Stage(theme, size, scale)
    yield made
    made.close()


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_page_is_well_formed(stage: Stage, name: str) -> None:
    picture = stage.show(SAMPLES[name])
    checks = structure.CHECKS if stage.frame.width() < stage.frame.height() else BESIDE
    complaints = [f"{check.__name__}: {text}" for check in checks for text in check(stage.frame)]
    complaints += structure.weak_contrast(stage.frame, picture)
    assert not complaints, "\n".join(complaints)


def test_a_window_that_turns_keeps_its_page_in_order(qapp: QApplication) -> None:
    stage = Stage("standard")
    stage.show(SAMPLES["t02_overview_twelve"])
    for size in (LANDSCAPE, PORTRAIT, LANDSCAPE):
        stage.frame.resize(size)
        stage.settle()
        stage.frame.grab()
        complaints = [text for check in BESIDE for text in check(stage.frame)]
        assert not complaints, "\n".join(complaints)
    stage.close()


@pytest.mark.parametrize("name", ["t01_login_typed", "t02_overview", "t06_faults"])
def test_tab_reaches_every_control_once_in_landscape(qapp: QApplication, name: str) -> None:
    stage = Stage("standard", LANDSCAPE)
    stage.show(SAMPLES[name])
    stops = [w.objectName() for w in stage.frame._stops()]
    assert sorted(stops) == sorted(b.objectName() for b in structure.buttons(stage.frame))
    stage.close()


def test_what_is_shortened_is_whole_for_a_screen_reader(qapp: QApplication) -> None:
    stage = Stage("standard", LANDSCAPE)
    stage.show(SAMPLES["t02_overview_twelve"])
    shortened = [(w, run.text) for w, run in structure.runs(stage.frame) if run.elided]
    assert shortened
    for widget, text in shortened:
        assert widget.objectName().startswith("diag.overview.log") or text in widget.accessibleName()
    stage.close()


def test_the_rim_check_can_fail(qapp: QApplication) -> None:
    stage = Stage("standard")
    stage.show(SAMPLES["t07_settings"])
    edge = stage.frame._edge
    assert edge is not None
    edge.lower()
    assert structure.marked(stage.frame)
    edge.hide()
    assert structure.marked(stage.frame)
    stage.close()
