"""C07: two fingers enlarge the picture about what lies between them, and a picture that cannot be shown is told to the journey."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication

from kiosk.domain.identity import Photo
from ui.errand import finish_all
from ui.samples.violation_a import road_photo
from ui.theme import ThemeSource
from ui.widgets.evidence_viewer import ZOOMS, EvidenceViewer


@pytest.fixture
def viewer(qapp: QApplication) -> Iterator[EvidenceViewer]:
    made = EvidenceViewer(ThemeSource(motion=False).theme)
    made.resize(984, 738)
    made.set_photos((road_photo(0),))
    finish_all()
    yield made
    made.clear()
    made.deleteLater()


def under(viewer: EvidenceViewer, at: QPointF) -> tuple[float, float]:
    """The place of the picture at a place of the widget, in parts."""
    area, _ = viewer._view()
    return (at.x() - area.x()) / area.width(), (at.y() - area.y()) / area.height()


def test_what_lies_between_two_fingers_stays_between_them(viewer: EvidenceViewer) -> None:
    middle = QPointF(600, 300)
    before = under(viewer, middle)
    viewer._spread(QPointF(550, 300), QPointF(650, 300))
    viewer._spread(QPointF(500, 300), QPointF(700, 300))
    assert viewer._factor == pytest.approx(2.0)
    assert under(viewer, middle) == pytest.approx(before, abs=0.01)
    assert viewer.can_reduce


def test_two_fingers_go_no_further_than_the_buttons(viewer: EvidenceViewer) -> None:
    viewer._spread(QPointF(490, 300), QPointF(500, 300))
    viewer._spread(QPointF(0, 300), QPointF(984, 300))
    assert viewer._factor == ZOOMS[-1]
    assert not viewer.can_enlarge
    viewer._spread(QPointF(490, 300), QPointF(491, 300))
    assert viewer._factor == 1.0


@pytest.mark.parametrize("torn", [b"no picture at all", road_photo(0).data[:-2000], b"\xff\xd8\xff\xe0 torn"])
def test_a_picture_that_cannot_be_shown_whole_is_told(viewer: EvidenceViewer, torn: bytes) -> None:
    told: list[bool] = []
    viewer.broken.connect(lambda: told.append(True))
    viewer.set_photos((road_photo(0), Photo(torn)))
    finish_all()
    assert told == [True]
