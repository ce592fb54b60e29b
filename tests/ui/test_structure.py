"""Every sample of every page, in every theme, against the checks of `structure`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from tests.ui import structure
from ui.gallery import Stage
from ui.samples import all_samples
from ui.theme import THEMES, ThemeName

SAMPLES = all_samples()


USUAL = ("standard", "elder_high_contrast")
"""The smallest and the largest type, with usual and with high contrast; the two between them in `make chaos`."""


@pytest.fixture(
    scope="module",
    params=[pytest.param(name, marks=[] if name in USUAL else [pytest.mark.chaos]) for name in THEMES],
)
def stage(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[Stage]:
    theme: ThemeName = request.param
    made = Stage(theme)
    yield made
    made.close()


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_page_is_well_formed(stage: Stage, name: str) -> None:
    picture = stage.show(SAMPLES[name])
    complaints = [f"{check.__name__}: {text}" for check in structure.CHECKS for text in check(stage.frame)]
    complaints += structure.weak_contrast(stage.frame, picture)
    assert not complaints, "\n".join(complaints)


def test_checks_can_fail(stage: Stage) -> None:
    """A page put together badly is noticed: too small a target, cut text, no name."""
    from PySide6.QtCore import QRectF
    from PySide6.QtGui import QPainter

    from ui.widgets.base import Tappable

    class Bad(Tappable):
        def paint(self, p: QPainter) -> None:
            self.line_text(p, QRectF(self.rect()), "很长很长很长的字，没有地方", "body")

    stage.show(SAMPLES["c04_id_card"])
    bad = Bad(stage.frame.theme, "bad", "", stage.frame.page)
    bad.setGeometry(60, 100, 50, 50)
    bad.show()
    stage.frame.grab()
    found = {check.__name__ for check in structure.CHECKS if check(stage.frame)}
    assert {"clipped_text", "small_targets", "out_of_reach", "unnamed"} <= found
