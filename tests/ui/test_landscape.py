"""The violation journey in landscape, where a page has little more than a third of the height: the checks of portrait, and that Tab
reaches every control. The samples with the most to show, in the smallest and the largest type; all others in `make chaos`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication

from tests.ui import structure
from ui.gallery import PORTRAIT, Stage
from ui.samples import all_samples
from ui.theme import THEMES, ThemeName
from ui.widgets.field_box import FieldBox

LANDSCAPE = QSize(1920, 1080)
JOURNEY = (
    "c06",
    "c07",
    "c08",
    "c09",
    "c10",
    "c11",
    "c22",
    "filing",
    "fine",
    "objection",
    "plate",
    "proof",
    "refusal",
    "reprint",
)
JOURNEY += ("staff_check", "statement", "vehicles")
SAMPLES = {name: sample for name, sample in all_samples().items() if name.startswith(JOURNEY)}
FULLEST = (
    "c06_violations_locked",
    "c07_evidence_longest",
    "c08_review_cautions",
    "c09_notice_missing",
    "c09_sign_longest",
    "c10_pay_scan_not_yet",
    "c22_message_paid",
    "filing_code_wrong",
    "fine_number_trouble",
    "objection_missing",
    "plate_missing",
    "plate_type_longest",
    "proof_short",
    "refusal_officer",
    "statement_longest",
    "vehicles_longest",
)
USUAL = ("standard", "elder_high_contrast")
CHECKS = tuple(check for check in structure.CHECKS if check not in (structure.wandering_focus, structure.out_of_reach))
"""Two sides stand beside each other, so that no order of theirs is from the top to the bottom; and all of such a panel is within reach."""


@pytest.fixture(
    scope="module",
    params=[pytest.param(name, marks=[] if name in USUAL else [pytest.mark.chaos]) for name in THEMES],
)
def stage(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[Stage]:
    theme: ThemeName = request.param
    made = Stage(theme, LANDSCAPE)
    yield made
    made.close()


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in FULLEST else [pytest.mark.chaos]) for name in sorted(SAMPLES)]
)
def test_page_is_well_formed(stage: Stage, name: str) -> None:
    picture = stage.show(SAMPLES[name])
    complaints = [f"{check.__name__}: {text}" for check in CHECKS for text in check(stage.frame)]
    complaints += structure.weak_contrast(stage.frame, picture)
    stops = {w.objectName() for w in stage.frame._stops()}
    complaints += [
        f"Tab misses {b.objectName()}" for b in structure.buttons(stage.frame) if b.objectName() not in stops
    ]
    assert not complaints, "\n".join(complaints)


@pytest.mark.parametrize("name", ["c08_review_cautions", "c09_sign_longest", "plate_missing", "statement_longest"])
def test_a_window_that_turns_keeps_its_page_in_order(qapp: QApplication, name: str) -> None:
    stage = Stage("elder", LANDSCAPE)
    stage.show(SAMPLES[name])
    for size in (PORTRAIT, LANDSCAPE):
        stage.frame.resize(size)
        stage.settle()
        stage.settle()
        stage.frame.grab()
        complaints = [text for check in CHECKS for text in check(stage.frame)]
        assert not complaints, "\n".join(complaints)
    stage.close()


def test_all_of_a_long_statement_can_be_read(qapp: QApplication) -> None:
    """Its field has room for a few lines only: they follow the caret, which the keys move."""
    stage = Stage("elder", LANDSCAPE)
    stage.show(SAMPLES["statement_longest"])
    page = stage.frame.page
    assert page is not None
    (box,) = page.findChildren(FieldBox, "form.field.statement")
    value, seen = box.look.value, set[int]()
    for _ in value:
        stage.frame.grab()
        shown = box.runs[1].text
        assert len(shown) < len(value)
        at = box.look.caret
        start = next(i for i in range(len(value)) if value.startswith(shown, i) and i <= at <= i + len(shown))
        seen.update(range(start, start + len(shown)))
        page._move(-min(at, 10))  # type: ignore[attr-defined]
        if at == 0:
            break
    assert len(seen) == len(value)
    stage.close()
