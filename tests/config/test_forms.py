"""The forms as shipped, and what somebody is told whose own form is wrong."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest

from config.form_tables import Form, list_forms, load_codes, load_form
from config.tables import TablesError

SHIPPED = resources.files("config").joinpath("forms", "crj_2014.toml").read_text("utf-8")
TINY = """
id = "HALL-1"
version = 3
title = "测试表"
issued_by = ""
footer = ""

[page]
width = 210
height = 297
top = 10
right = 10
bottom = 10
left = 10
columns = [{ count = 10, mm = 19 }]
rows = [10, 10]

[[section]]
id = "all"
title = "全部"

[[question]]
id = "pet"
section = "all"
title = "您养什么？"
fields = ["pet", "name"]

[[field]]
key = "pet"
label = "宠物"
source = "user"
kind = "choice"
section = "all"
options = [{ code = "cat", text = "猫" }, { code = "none", text = "没有" }]
cells = [{ row = 0, column = 0, columns = 10 }]

[[field]]
key = "name"
label = "名字"
source = "user"
kind = "text"
section = "all"
when = { field = "pet", equals = "cat" }
cells = [{ row = 1, column = 0, columns = 10 }]
"""


@pytest.fixture(scope="module")
def form() -> Form:
    return load_form()


def refused(tmp_path: Path, text: str) -> str:
    file = tmp_path / "hall_1.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(TablesError) as caught:
        load_form("HALL-1", file)
    assert caught.value.file == str(file)
    return "; ".join(caught.value.problems)


def test_the_shipped_forms_load() -> None:
    assert list_forms() == ("CRJ-2014", "LEGACY-HKMO", "LEGACY-PASSPORT", "LEGACY-TW")
    for form_id in list_forms():
        assert load_form(form_id).id == form_id


def test_the_page_is_that_of_the_template(form: Form) -> None:
    page = form.page
    assert (page.width, page.height, page.top, page.right, page.bottom, page.left) == (210, 297, 10, 10, 5, 12)
    assert len(page.column_mm) == 44
    assert sum(page.column_mm) == pytest.approx(188, abs=0.05)
    assert page.rows[2:19] == (
        9.9,
        10.5,
        10.3,
        10.5,
        10.5,
        6.0,
        19.5,
        7.7,
        9.0,
        18.7,
        19.9,
        21.1,
        8.9,
        30.2,
        8.4,
        6.6,
        6.9,
    )
    photo = page.rect(form.field_of("photo").cells[0])
    assert (photo.width, photo.height) == (pytest.approx(40.4), pytest.approx(47.8))
    assert photo.x + photo.width == pytest.approx(200, abs=0.05)


def test_the_grid_has_no_holes(form: Form) -> None:
    """Every square of the 17 rows belongs to a cell, so that the lines of the page close."""
    cells = [*form.print, *(cell for field in form.field for cell in field.cells)]
    taken = {square for cell in cells for square in cell.squares}
    holes = [(row, column) for row in range(2, 19) for column in range(44) if (row, column) not in taken]
    assert holes == []


def test_every_field_of_the_template_is_there(form: Form) -> None:
    on_paper = {field.key for field in form.field if field.cells}
    assert on_paper == {
        *(
            "barcode_passport",
            "barcode_hkmo",
            "barcode_tw",
            "surname_cn",
            "given_cn",
            "surname_py",
            "given_py",
            "id_no",
        ),
        *("sex", "ethnic", "birth", "birth_place", "hukou_addr", "photo", "phone", "emer_name", "emer_phone"),
        *("want_passport", "passport_kind", "annot_kind", "annot_former_name", "annot_name", "annot_old_passport"),
        *(
            "want_hkmo",
            "hkmo_scope",
            "endo_hk",
            "endo_mo",
            "rel_name",
            "rel_sex",
            "rel_id_no",
            "rel_doc_no",
            "rel_relation",
        ),
        *(
            "want_tw",
            "tw_scope",
            "tw_permit_no",
            "tw_reason",
            "delivery",
            "post_addr",
            "post_code",
            "post_name",
            "post_phone",
        ),
    }


def test_what_the_merge_removed_is_not_asked(form: Form) -> None:
    labels = "".join(field.label for field in form.field)
    for word in ("职业", "单位", "政治面貌", "婚姻", "家庭成员", "简历", "前往国家", "学历"):
        assert word not in labels


def test_code_lists() -> None:
    codes = load_codes()
    assert codes.text("province", "33") == "浙江"
    assert codes.text("ethnic", "29") == "柯尔克孜"
    assert codes.text("ethnic", "穿青人") == ""
    with pytest.raises(KeyError):
        codes.text("no_such", "1")


def test_a_hall_adds_a_form_without_python(tmp_path: Path) -> None:
    (tmp_path / "hall_1.toml").write_text(TINY, "utf-8-sig")
    assert "HALL-1" in list_forms(tmp_path)
    assert "CRJ-2014" in list_forms(tmp_path)
    form = load_form("HALL-1", tmp_path)
    assert [field.key for field in form.field] == ["pet", "name"]
    assert load_form("CRJ-2014", tmp_path).id == "CRJ-2014"
    assert load_form("HALL-1", tmp_path / "hall_1.toml") == form


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('id = "HALL-1"', 'id = "HALL-2"', "HALL-2, not HALL-1"),
        ('equals = "cat"', 'is = "cat"', "Extra inputs"),
        ('equals = "cat"', 'equals = "cat", present = true', "one of equals, in, present"),
        ('{ field = "pet", equals = "cat" }', "{ all_of = [] }", "at least 1"),
        ('field = "pet"', 'field = "wish"', "'wish', which is not above it"),
        ('field = "pet"', 'field = "name"', "'name', which is not above it"),
        ("row = 1, column = 0", "row = 0, column = 9", "leaves the grid"),
        ("row = 1, column = 0", "row = 0, column = 0", "lies on one of pet"),
        ("rows = [10, 10]", "rows = [200, 100]", "higher than the margins"),
        ("mm = 19", "mm = 20", "wider than the margins"),
        ('fields = ["pet", "name"]', 'fields = ["pet"]', "name: no question asks for it"),
        ('fields = ["pet", "name"]', 'fields = ["pet", "name", "dog"]', "no field 'dog'"),
        ('kind = "text"', 'kind = "text"\npattern = "("', "missing )"),
        ('kind = "text"', 'kind = "text"\npattern = "x"', "needs the citizen's sentence"),
        ('kind = "text"', 'kind = "text"\nlist = "animals"', "no list 'animals'"),
        ('kind = "text"', 'kind = "choice"', "needs `options` or `list`"),
        ('code = "none"', 'code = "cat"', "given twice: cat"),
        ('key = "name"', 'key = "pet"', "given twice"),
        ("version = 3", 'version = "3"', "valid integer"),
        ('source = "user"', 'source = "guess"', "Input should be"),
        ("[page]", "[page", "Expected"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in TINY
    assert told in refused(tmp_path, TINY.replace(old, new, 1))


@pytest.mark.parametrize(
    ("check", "told"),
    [
        ('operator = "differs_from"\nfields = ["pet"]', "does not take 1 fields"),
        ('operator = "differs_from"\nfields = ["pet", "dog"]', "no field 'dog'"),
        ('operator = "eval"\nfields = ["pet"]', "Input should be"),
        ('operator = "has_format"\nfields = ["pet"]', "`format` goes with has_format"),
        ('operator = "requires_one_of"\nfields = ["pet"]\nwhen = { field = "dog", present = true }', "no field 'dog'"),
    ],
)
def test_wrong_checks_are_told(tmp_path: Path, check: str, told: str) -> None:
    assert told in refused(tmp_path, f'{TINY}\n[[check]]\ncode = "F01"\nmessage = "x"\n{check}\n')


def test_ids_that_are_no_file_names() -> None:
    for form_id in ("", "../tables", "a/b", "NONE-1", "x\x00"):
        with pytest.raises(TablesError):
            load_form(form_id)


def test_sentences_are_plain() -> None:
    for form_id in list_forms():
        form = load_form(form_id)
        sentences = [q.title for q in form.question] + [q.hint for q in form.question]
        sentences += [f.message for f in form.field] + [c.message for c in form.check] + [f.label for f in form.field]
        for text in sentences:
            assert not set(text) & set("!！,;"), text
