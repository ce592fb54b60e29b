"""The printed page, measured on paper: what stands where, what it says, and that nothing leaves its cell."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import zxingcpp

from config.form_page import Cell
from config.form_tables import Field, Form, list_forms, load_form
from kiosk.domain.forms.sheet import Sheet
from kiosk.domain.identity import Photo
from tests.ui.forms.paper import MISSING, by_mm, fonts, grey, picture, portrait, told, words
from tests.ui.forms.records import QR, USUAL, longest
from ui.forms.pdf import make_pdf
from ui.forms.picture import sheet_picture

pytestmark = [pytest.mark.skipif(bool(MISSING), reason=MISSING), pytest.mark.usefixtures("qapp")]

ROWS_MM = (9.9, 10.5, 10.3, 10.5, 10.5, 6.0, 19.5, 7.7, 9.0, 18.7, 19.9, 21.1, 8.9, 30.2, 8.4, 6.6, 6.9)
"""Heights of the 17 rows of the printed template."""
GRID_TOP_MM = 40.0
DOTS = 1240
"""A page's width in pixels at 150 dpi."""


@pytest.fixture(scope="module")
def form() -> Form:
    return load_form("CRJ-2014")


def made(folder: Path, form: Form, values: Mapping[str, str]) -> tuple[Path, list[str]]:
    pdf, (warnings,) = make_pdf([Sheet(form, values, portrait(), QR)])
    path = folder / "form.pdf"
    path.write_bytes(pdf)
    return path, warnings


def value_cell(field: Field) -> Cell:
    return next(cell for cell in field.cells if cell.draws == "value")


def test_lines_are_where_the_template_has_them(form: Form, tmp_path: Path) -> None:
    pdf, warnings = made(tmp_path, form, USUAL)
    assert warnings == []
    dots = grey(picture(pdf, 254))  # ten to the millimetre
    assert (abs(dots.shape[0] - 2970) <= 10, abs(dots.shape[1] - 2100) <= 10) == (True, True)
    edge = GRID_TOP_MM
    for height in (0.0, *ROWS_MM):
        edge += height
        assert dots[round(edge * 10) - 10 : round(edge * 10) + 10, 125:140].min(axis=0).max() < 128, f"row at {edge} mm"
    for x in (12.0, 12.0 + 34 * 4.3411, 200.0):
        assert dots[525:600, round(x * 10) - 10 : round(x * 10) + 10].min(axis=1).max() < 128, f"line at {x} mm"
    assert abs(200.0 - (12.0 + 34 * 4.3411) - 40.4) < 0.1  # the picture's cell
    around = dots.copy()
    around[100:2925, 118:2003] = 255
    assert around.min() == 255, "something is printed in the margins"


def test_text_is_what_was_filled_in(form: Form, tmp_path: Path) -> None:
    pdf, _ = made(tmp_path, form, USUAL)
    found = words(pdf)
    for key in ("surname_cn", "given_cn", "surname_py", "given_py", "id_no", "hukou_addr", "phone", "emer_name", "emer_phone",
                "post_addr", "post_code", "post_name", "post_phone"):  # fmt: skip
        assert told(found, form, value_cell(form.field_of(key))) == USUAL[key], key
    assert told(found, form, value_cell(form.field_of("birth"))) == "1990年03月07日"
    assert told(found, form, value_cell(form.field_of("ethnic"))).startswith("汉")
    assert told(found, form, value_cell(form.field_of("sex"))) == "■男□女"
    for key in ("barcode_passport", "barcode_hkmo"):
        assert USUAL[key] in told(found, form, value_cell(form.field_of(key)))
    for cell in form.print:
        assert told(found, form, cell) == cell.text.replace(" ", "")
    ticked = [
        (field.key, cell.option)
        for field in form.field
        if field.kind in ("tick", "matrix")
        for cell in field.cells
        if cell.draws == "option" and "■" in told(found, form, cell)
    ]
    assert sorted(ticked) == [("endo_hk", "G"), ("endo_mo", "L"), ("want_hkmo", ""), ("want_passport", "")]


@pytest.mark.parametrize(
    ("surname", "given"),
    [
        ("阿卜杜热西提", "·阿卜杜拉·买买提艾力"),
        ("𠮷", "䶮㛃𬱖"),
        ("司马", "国" * 28),
        ("民", "人生日门龙见"),
    ],
)
def test_unusual_names(form: Form, tmp_path: Path, surname: str, given: str) -> None:
    pdf, warnings = made(tmp_path, form, {**USUAL, "surname_cn": surname, "given_cn": given})
    assert warnings == []
    found = words(pdf)
    assert told(found, form, value_cell(form.field_of("surname_cn"))) == surname
    assert told(found, form, value_cell(form.field_of("given_cn"))) == given


def test_character_without_a_glyph_is_no_empty_box(form: Form, tmp_path: Path) -> None:
    rare = chr(0x323AE)  # extension H, of 2022
    pdf, warnings = made(tmp_path, form, {**USUAL, "given_cn": f"晓{rare}"})
    assert told(words(pdf), form, value_cell(form.field_of("given_cn"))) == "晓〓"
    (warning,) = warnings
    assert warning.startswith("given_cn: 1 ")
    assert rare not in warning


def test_longest_values_stay_in_their_cells(form: Form) -> None:
    """What changes between the empty form and the full one lies inside the cells that changed, borders left out."""
    full = longest(form)
    empty, filled = (grey(sheet_picture(Sheet(form, values), DOTS)).astype(int) for values in ({}, full))
    changed = abs(filled - empty) > 40
    allowed = np.zeros_like(changed)
    per_mm = DOTS / form.page.width
    for field in form.field:
        for cell in field.cells:
            if cell.draws != "label":
                x, y, width, height = (length * per_mm for length in form.page.rect(cell))
                allowed[round(y) + 2 : round(y + height) - 1, round(x) + 2 : round(x + width) - 1] = True
    assert changed.any()
    assert not (changed & ~allowed).any()


def test_longest_values_are_all_there(form: Form, tmp_path: Path) -> None:
    full = longest(form)
    pdf, warnings = made(tmp_path, form, full)
    assert not [w for w in warnings if "too long" in w or "〓" in w]
    found = words(pdf)
    for field in form.field:
        if field.kind == "text" and field.cells:
            assert full[field.key] in told(found, form, value_cell(field)), field.key


def test_small_enough_and_fonts_embedded(form: Form, tmp_path: Path) -> None:
    pdf, _ = make_pdf([Sheet(form, {**longest(form), **USUAL}, portrait(1800, 2400, noise=True), QR)])
    assert len(pdf) <= 300_000
    path = tmp_path / "form.pdf"
    path.write_bytes(pdf)
    listed = fonts(path)
    assert listed
    assert all(line.split()[-5] == "yes" for line in listed), listed  # emb sub uni object id


def test_codes_can_be_read(form: Form, tmp_path: Path) -> None:
    pdf, _ = made(tmp_path, form, USUAL)
    dots = grey(picture(pdf, 300))
    assert {(code.format.name, code.text) for code in zxingcpp.read_barcodes(dots)} == {
        ("Code128", USUAL["barcode_passport"]),
        ("Code128", USUAL["barcode_hkmo"]),
        ("QRCode", QR),
    }


def test_preview_looks_like_the_paper(form: Form, tmp_path: Path) -> None:
    """Same painter: grey by the millimetre differs no more than two rasterisers do."""
    pdf, _ = made(tmp_path, form, USUAL)
    image, paper = grey(sheet_picture(Sheet(form, USUAL, portrait(), QR), 2100)), grey(picture(pdf, 254))
    difference = abs(by_mm(image) - by_mm(paper))
    assert difference.mean() < 2
    assert np.percentile(difference, 99.5) < 40


def test_unreadable_picture_and_too_much_for_a_code_are_told(form: Form) -> None:
    _, (warnings,) = make_pdf([Sheet(form, {**USUAL, "barcode_tw": "台湾"}, Photo(b"no picture"), "x" * 4000)])
    assert [warning.split(":")[0] for warning in warnings] == ["photo", "barcode_tw", "qr"]


def test_empty_record_is_an_empty_form(form: Form, tmp_path: Path) -> None:
    pdf, (warnings,) = make_pdf([Sheet(form, dict.fromkeys(USUAL, ""))])
    assert warnings == []
    path = tmp_path / "form.pdf"
    path.write_bytes(pdf)
    found = words(path)
    assert told(found, form, value_cell(form.field_of("photo"))) == "照片"
    assert not [word for word in found if "■" in word.text]


@pytest.mark.parametrize("form_id", list_forms())
def test_every_form_that_comes_with_the_program(form_id: str, tmp_path: Path) -> None:
    form = load_form(form_id)
    pdf, warnings = made(tmp_path, form, longest(form))
    assert not [w for w in warnings if "too long" in w]
    found = words(pdf)
    for cell in form.print:
        if not cell.vertical:
            assert told(found, form, cell) == cell.text.replace(" ", "")
