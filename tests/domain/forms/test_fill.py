"""One tap of the card fills the form; the citizen answers the rest."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from config.form_tables import CodeLists, Form, load_codes, load_form
from config.name_tables import load_names
from kiosk.domain.forms.answers import FieldLocked, answer, confirm, is_locked, move_split
from kiosk.domain.forms.conditions import only_valid, valid_texts, visible
from kiosk.domain.forms.fill import fill_from_card
from kiosk.domain.forms.naming import TableNames
from kiosk.domain.forms.questions import next_open, progress, questions
from kiosk.domain.forms.record import Record
from kiosk.domain.forms.validate import validate
from kiosk.domain.identity import Sex
from kiosk.domain.names import clean_name, split_at
from tests.domain.forms.conftest import ADDRESS, TODAY, answered, filled, make_card


def test_the_card_fills(tapped: Record) -> None:
    assert {key: (value.text, value.source) for key, value in tapped.items()} == {
        "name": ("张伟明", "id"),
        "surname_cn": ("张", "id"),
        "given_cn": ("伟明", "id"),
        "surname_py": ("ZHANG", "derived"),
        "given_py": ("WEIMING", "derived"),
        "id_no": ("330203199001010006", "id"),
        "sex": ("2", "id"),
        "ethnic": ("01", "id"),
        "birth": ("1990-01-01", "id"),
        "birth_place": ("33", "derived"),
        "hukou_addr": (ADDRESS, "id"),
        "hukou_code": ("330203", "derived"),
        "applicant_class": ("general", "derived"),
    }


def test_names_from_the_tables(form: Form, codes: CodeLists) -> None:
    names = TableNames(load_names())
    record = fill_from_card(form, make_card(name="欧阳吕强"), codes, names, TODAY)
    assert [record.text(k) for k in ("surname_cn", "given_cn", "surname_py", "given_py")] == [
        "欧阳",
        "吕强",
        "OUYANG",
        "LYUQIANG",
    ]
    older = fill_from_card(form, make_card(name="吕强"), codes, TableNames(load_names(), "LU<<QIANG"), TODAY)
    assert (older.text("surname_py"), older.text("given_py")) == ("LU", "QIANG")


@pytest.mark.parametrize("code", ["", "57", "96", "99", "穿青人", "0", "\ud800"])
def test_unknown_nation_is_asked(form: Form, codes: CodeLists, code: str) -> None:
    record = filled(form, codes, nation=code)
    assert "ethnic" in [p.key for p in validate(form, record, TODAY) if p.code == "missing"]
    record = answer(form, record, "ethnic", " 穿青人 ")
    assert record.text("ethnic") == "穿青人"
    assert "ethnic" not in [p.key for p in validate(form, record, TODAY)]


@pytest.mark.parametrize(
    ("code", "name"), [("01", "汉"), ("05", "维吾尔"), ("56", "基诺"), ("97", "其他"), ("98", "外国血统中国籍人士")]
)
def test_known_nations(form: Form, codes: CodeLists, code: str, name: str) -> None:
    record = filled(form, codes, nation=code)
    assert form.option_text(form.field_of("ethnic"), record.text("ethnic")) == name
    assert len(codes.list["ethnic"]) == 58
    assert len(codes.list["province"]) == 34


def test_words_become_codes(form: Form, tapped: Record) -> None:
    for text in ("江苏", "江苏省", "32"):
        assert answer(form, tapped, "birth_place", text).text("birth_place") == "32"
    assert answer(form, tapped, "birth_place", "新加坡").text("birth_place") == "新加坡"


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"name": "\ud800\x00"},
        {"number": ""},
        {"number": "J\x00", "address": "\n"},
        {"birth": dt.date.max},
        {"birth": dt.date.min},
        {"sex": Sex.UNKNOWN},
        {"sex": Sex.UNSPECIFIED, "nation": "\x00"},
        {"name": "SMITH JOHN", "number": "9" * 18},
    ],
)
def test_odd_cards_do_not_break(form: Form, codes: CodeLists, changes: dict[str, Any]) -> None:
    record = filled(form, codes, **changes)
    assert questions(form, record, TODAY)


def test_card_values_are_locked(form: Form, tapped: Record, codes: CodeLists) -> None:
    for key in ("id_no", "name", "birth", "sex", "ethnic", "surname_cn"):
        assert is_locked(form, tapped, key)
        with pytest.raises(FieldLocked):
            answer(form, tapped, key, "x")
    moved = answer(form, tapped, "hukou_addr", "宁波市江北区某某路2号")
    assert moved.source("hukou_addr") == "user"
    unknown_sex = filled(form, codes, sex=Sex.UNKNOWN)
    assert answer(form, unknown_sex, "sex", "男").text("sex") == "1"
    with pytest.raises(KeyError):
        answer(form, tapped, "no_such", "1")


def test_border_of_the_name_moves(form: Form, tapped: Record) -> None:
    moved = move_split(form, confirm(form, tapped), ("张伟", "明"), ("ZHANGWEI", "MING"))
    assert [moved.text(k) for k in ("name", "surname_cn", "given_cn", "given_py")] == ["张伟明", "张伟", "明", "MING"]
    assert moved.source("surname_cn") == "id"
    assert moved.source("surname_py") == "derived"  # to be looked at again
    for parts in (("李", "伟明"), ("", "张伟明"), ("张", "伟")):
        with pytest.raises(ValueError, match="parts"):
            move_split(form, tapped, parts, ("A", "B"))


def test_derived_values_wait_for_a_look(form: Form, tapped: Record) -> None:
    waiting = [p.key for p in validate(form, tapped, TODAY) if p.level == "confirm"]
    assert waiting == ["surname_py", "given_py", "birth_place", "applicant_class"]
    some = confirm(form, tapped, {"surname_py"})
    assert [p.key for p in validate(form, some, TODAY) if p.level == "confirm"] == waiting[1:]
    assert not [p for p in validate(form, confirm(form, tapped), TODAY) if p.level == "confirm"]


def test_copies_follow_until_answered(form: Form, complete: Record) -> None:
    posted = answer(form, complete, "delivery", "post")
    assert (posted.text("post_addr"), posted.text("post_name")) == (ADDRESS, "张伟明")
    assert posted.source("post_phone") == "derived"
    assert [p.key for p in validate(form, posted, TODAY) if p.code == "missing"] == ["post_code"]
    followed = answer(form, posted, "phone", "13800000000")
    assert followed.text("post_phone") == "13800000000"
    own = answer(form, followed, "post_phone", "057487654321")
    assert answer(form, own, "phone", "13900000000").text("post_phone") == "057487654321"
    back = answer(form, posted, "delivery", "window")
    assert "post_addr" not in valid_texts(form, back)


def test_what_is_hidden_does_not_count(form: Form, complete: Record) -> None:
    visit = answered(form, complete, want_hkmo="1", hkmo_scope="both", endo_hk="T", rel_name="陈某某")
    assert "rel_name" in {f.key for f in visible(form, visit)}
    gone = answer(form, visit, "want_hkmo", "")
    assert gone.text("endo_hk") == "T"  # kept for a change of mind
    assert not {f.key for f in visible(form, gone)} & {"hkmo_scope", "endo_hk", "rel_name"}
    assert not {"hkmo_scope", "endo_hk", "rel_name"} & set(only_valid(form, gone))


@pytest.mark.parametrize(
    ("birth", "number", "expected"),
    [(dt.date(2010, 3, 18), "", "general"), (dt.date(2010, 3, 19), "", "minor")],
)
def test_below_sixteen_a_guardian_is_asked(
    form: Form, codes: CodeLists, birth: dt.date, number: str, expected: str
) -> None:
    record = filled(form, codes, birth=birth, number=number)
    assert record.text("applicant_class") == expected
    asked = {a.question.id for a in questions(form, record, TODAY)}
    assert ("guardian" in asked) == (expected == "minor")


def test_questions_and_progress(form: Form, tapped: Record) -> None:
    asked = {a.question.id: a for a in questions(form, tapped, TODAY)}
    assert asked["identity"].from_card
    assert asked["identity"].state == "done"
    assert asked["pinyin"].state == "confirm"
    assert asked["phone"].state == "open"
    assert "relative" not in asked
    first = next_open(form, tapped, TODAY)
    assert first is not None
    assert first.question.id == "phone"
    sections = {s.id: s for s in progress(form, tapped, TODAY).sections}
    assert sections["person"].missing == ()
    assert sections["contact"].missing == ("本人联系电话", "紧急联系人", "紧急联系人电话")
    wrong = answer(form, tapped, "phone", "12345")
    assert {a.question.id: a.state for a in questions(form, wrong, TODAY)}["phone"] == "wrong"


def test_a_complete_form_asks_nothing_more(form: Form, complete: Record) -> None:
    assert next_open(form, complete, TODAY) is None
    done = progress(form, complete, TODAY)
    assert done.done == done.total == 19
    assert not validate(form, confirm(form, complete), TODAY)


def test_records_do_not_tell(tapped: Record) -> None:
    assert "张" not in repr(tapped)
    assert "3302" not in repr(tapped["id_no"])
    assert tapped == tapped.put("phone", "1", "user").put("phone", "", "user")
    assert hash(tapped) == hash(tapped.put("phone", "", "user"))


def test_what_a_card_may_hold_besides(form: Form, codes: CodeLists) -> None:
    """A small x of the number is put right; a name may have characters for private use; 长期 is no day."""
    small = filled(form, codes, number="33020319900101001x")
    assert small.text("id_no") == "33020319900101001X"
    private = fill_from_card(form, make_card(name="王\ue123明"), codes, TableNames(load_names()), TODAY)
    assert (private.text("name"), private.text("given_cn"), private.text("given_py")) == (
        "王\ue123明",
        "\ue123明",
        "MING",
    )
    assert [p.level for p in validate(form, private, TODAY) if p.key == "given_cn"] == ["warning"]
    dated = form.model_copy(
        update={
            "field": tuple(
                f.model_copy(update={"fill": "card.valid_to"}) if f.key == "birth" else f for f in form.field
            )
        }
    )
    assert filled(dated, codes, valid_to=None).text("birth") == ""
    assert filled(dated, codes).text("birth") == "2036-01-01"


@pytest.mark.parametrize("name", ["甲.乙丙", "甲．乙丙", "买买提•吐尔逊", "张　三丰", "SMITH JOHN"])
def test_the_border_moves_in_any_name(form: Form, codes: CodeLists, name: str) -> None:
    names = load_names()
    record = fill_from_card(form, make_card(name=name), codes, TableNames(names), TODAY)
    whole = clean_name(name)
    for length in range(1, len(whole) + 1):
        parts = split_at(name, length)
        moved = move_split(form, record, (parts.surname, parts.given), ("A", "B"))
        assert moved.text("surname_cn") == parts.surname
        assert moved.text("name") == record.text("name")


def test_a_halls_lists_stand_beside_the_shipped_ones(tmp_path: Path) -> None:
    (tmp_path / "lists.toml").write_text('[list.sex]\n1 = "男性"\n[list.pets]\ncat = "猫"\n')
    own = load_codes(tmp_path)
    assert (own.text("sex", "1"), own.text("sex", "2"), own.text("pets", "cat")) == ("男性", "", "猫")
    assert own.text("province", "33") == "浙江"
    assert load_form("CRJ-2014", tmp_path).lists["sex"][0].text == "男性"
