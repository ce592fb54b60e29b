"""The page of all answers."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from config.form_tables import CodeLists, Form
from config.name_tables import load_names
from kiosk.domain.forms.answers import answer
from kiosk.domain.forms.fill import fill_from_card
from kiosk.domain.forms.naming import TableNames
from kiosk.domain.forms.record import Record
from kiosk.domain.forms.review import review
from kiosk.domain.forms.validate import validate
from tests.domain.forms.conftest import TODAY, make_card

NAMES = TableNames(load_names())


def test_rows_as_a_person_reads_them(form: Form, complete: Record) -> None:
    rows = {row.key: row for section in review(form, complete, TODAY) for row in section.rows}
    assert {
        key: rows[key].text
        for key in ("sex", "ethnic", "birth", "birth_place", "want_passport", "want_tw", "passport_kind")
    } == {
        "sex": "女",
        "ethnic": "汉",
        "birth": "1990年1月1日",
        "birth_place": "浙江",
        "want_passport": "办理",
        "want_tw": "",
        "passport_kind": "首次申领",
    }
    assert (rows["id_no"].source, rows["id_no"].locked) == ("id", True)
    assert (rows["hukou_addr"].source, rows["hukou_addr"].locked) == ("id", False)
    assert [p.level for p in rows["surname_py"].problems] == ["confirm"]
    assert rows["emer_phone"].question == "emergency_phone"
    assert "hukou_code" not in rows
    assert "photo" not in rows
    assert [s.title for s in review(form, complete, TODAY)] == ["个人信息", "联系方式", "申请内容", "取证方式"]
    assert "13900000000" not in repr(rows["phone"])


def test_a_mistake_stands_at_its_row(form: Form, complete: Record) -> None:
    wrong = answer(form, complete, "phone", "123")
    found = [row.key for s in review(form, wrong, TODAY) for row in s.rows for p in row.problems if p.level == "error"]
    assert found == ["phone"]


@settings(max_examples=60, deadline=None)
@given(
    name=st.text(st.one_of(st.characters(), st.sampled_from("·•欧阳吕张 \u3000\ud800𬭎〇")), max_size=30),
    address=st.text(max_size=60),
    number=st.text(max_size=20),
    nation=st.text(max_size=3),
)
def test_no_card_breaks_it(form: Form, codes: CodeLists, name: str, address: str, number: str, nation: str) -> None:
    record = fill_from_card(
        form, make_card(name=name, address=address, number=number, nation=nation), codes, NAMES, TODAY
    )
    assert review(form, record, TODAY)
    assert validate(form, record, TODAY)
