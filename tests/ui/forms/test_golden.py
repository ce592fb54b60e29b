"""Every form with answers that ask much of its page: the paper says them, where they belong, and the preview is the paper."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from config.form_tables import Field, Form, list_forms, load_form
from kiosk.domain.forms.carry import carry
from kiosk.domain.forms.conditions import valid_texts
from kiosk.domain.forms.record import Record, Value
from kiosk.domain.forms.sheet import Sheet
from kiosk.domain.forms.validate import validate
from tests.ui.forms.paper import MISSING, by_mm, grey, pages, picture, portrait, told, words
from tests.ui.forms.records import ANSWERS, QR, longest
from ui.forms.pdf import make_pdf
from ui.forms.picture import sheet_picture

pytestmark = [pytest.mark.skipif(bool(MISSING), reason=MISSING), pytest.mark.usefixtures("qapp")]

MERGED = "CRJ-2014"
NAMES = ("longest", *ANSWERS)
PER_MM = 5


@dataclass(frozen=True)
class Printed:
    form: Form
    sheets: dict[str, Sheet]
    warnings: dict[str, list[str]]
    pdf: Path
    empty: npt.NDArray[np.uint8]

    def page(self, name: str) -> int:
        return list(self.sheets).index(name) + 1


def texts(form: Form, name: str) -> Mapping[str, str]:
    """What stands on this form: on an older one what it takes over from the merged one."""
    if name == "longest":
        return longest(form)
    merged = load_form(MERGED)
    record = Record(MERGED, merged.version, {key: Value(text, "user") for key, text in ANSWERS[name].items()})
    return valid_texts(form, record if form.id == MERGED else carry(merged, record, form))


@pytest.fixture(scope="module", params=list_forms())
def printed(request: pytest.FixtureRequest, qapp: object, tmp_path_factory: pytest.TempPathFactory) -> Printed:
    """All answers on one form, as one document."""
    form = load_form(request.param)
    sheets = {name: Sheet(form, texts(form, name), portrait(), QR if form.id == MERGED else "") for name in NAMES}
    pdf, warnings = make_pdf(list(sheets.values()))
    path = tmp_path_factory.mktemp("golden") / f"{form.id}.pdf"
    path.write_bytes(pdf)
    empty = grey(sheet_picture(Sheet(form, {}, None, sheets["usual"].qr), round(form.page.width * PER_MM)))
    return Printed(form, sheets, dict(zip(NAMES, warnings, strict=True)), path, empty)


def expected(form: Form, field: Field, value: str) -> str:
    if field.kind == "date":
        year, month, day = value.split("-")
        return f"{year}年{month}月{day}日"
    if field.kind in ("choice", "matrix"):
        return f"■{form.option_text(field, value)}".replace(" ", "")
    return form.option_text(field, value).replace(" ", "")


@pytest.mark.parametrize("name", ANSWERS)
def test_answers_are_such_as_a_citizen_may_give(name: str) -> None:
    form = load_form(MERGED)
    record = Record(MERGED, form.version, {key: Value(text, "user") for key, text in ANSWERS[name].items()})
    told = [p for p in validate(form, record, dt.date(2026, 11, 21)) if p.level == "error" and record.text(p.key)]
    assert told == []


def test_a_page_for_each(printed: Printed) -> None:
    assert pages(printed.pdf) == len(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_says_what_was_answered(printed: Printed, name: str) -> None:
    form, sheet = printed.form, printed.sheets[name]
    found = words(printed.pdf, printed.page(name))
    seen = 0
    for field in form.field:
        value = sheet.values.get(field.key, "")
        if not value:
            continue
        for cell in field.cells:
            said = told(found, form, cell)
            if cell.draws == "option" and (cell.option == value or (field.kind == "tick" and value == "1")):
                assert said.startswith("■"), field.key
                seen += 1
            elif cell.draws == "option":
                assert "■" not in said, field.key
            elif cell.draws == "value" and field.kind not in ("photo", "tick", "matrix"):
                assert expected(form, field, value) in said, field.key
                seen += 1
    assert seen > 8
    for cell in form.print:
        if not cell.vertical:
            assert told(found, form, cell) == cell.text.replace(" ", "")


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_cut_or_left_out(printed: Printed, name: str) -> None:
    cut = [warning for warning in printed.warnings[name] if "small" not in warning]
    assert cut == []
    if name != "longest":
        assert printed.warnings[name] == []


@pytest.mark.parametrize("name", NAMES)
def test_ink_stays_in_its_cells(printed: Printed, name: str) -> None:
    """What differs from the empty form lies inside cells of fields that are answered, borders left out."""
    form, sheet = printed.form, printed.sheets[name]
    filled = grey(sheet_picture(replace(sheet, photo=None), printed.empty.shape[1]))
    changed = abs(filled.astype(int) - printed.empty) > 40
    allowed = np.zeros_like(changed)
    for field in form.field:
        for cell in field.cells:
            if cell.draws != "label" and sheet.values.get(field.key):
                x, y, wide, high = (length * PER_MM for length in form.page.rect(cell))
                allowed[round(y) + 2 : round(y + high) - 1, round(x) + 2 : round(x + wide) - 1] = True
    assert changed.any()
    assert not (changed & ~allowed).any()


@pytest.mark.parametrize("name", ["longest", "dotted", "rare", "family"])
def test_preview_is_the_paper(printed: Printed, name: str) -> None:
    """Same painter: grey by the millimetre differs no more than two rasterisers do."""
    preview = grey(sheet_picture(printed.sheets[name], 2100))
    paper = grey(picture(printed.pdf, 254, printed.page(name)))
    one, other = by_mm(preview), by_mm(paper)
    assert np.percentile(abs(one - other), 99.5) < 40
    assert np.corrcoef(one.ravel(), other.ravel())[0, 1] > 0.98  # moved by one millimetre it is 0.7
