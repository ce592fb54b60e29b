"""Every problem, in form order and in plain words; and nothing that anybody types makes it fail."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.form_tables import Form, Format, Operator, Source, load_form
from kiosk.domain.forms.answers import answer, confirm
from kiosk.domain.forms.conditions import only_valid, valid_texts, visible
from kiosk.domain.forms.formats import _TESTS, good, is_hkid, is_macao_id
from kiosk.domain.forms.questions import next_open, progress, questions
from kiosk.domain.forms.record import Record, Value
from kiosk.domain.forms.validate import _AGREES, Problem, blocking, validate
from tests.domain.forms.conftest import TODAY, answered


def told(form: Form, record: Record) -> list[tuple[str, str, str]]:
    return [(p.key, p.code, p.level) for p in validate(form, confirm(form, record), TODAY)]


def test_an_empty_record_tells_everything_in_form_order(form: Form) -> None:
    problems = validate(form, Record(form.id, form.version), TODAY)
    keys = [p.key for p in problems]
    order = [f.key for f in form.field]
    assert keys == sorted(keys, key=order.index)
    assert [p.message for p in problems if p.key in ("phone", "delivery", "want_passport")] == [
        "本人联系电话还没有填",
        "请至少选一种要办的证件",
        "取证方式还没有选",
    ]
    assert len(problems) == len(set(problems))


@pytest.mark.parametrize(
    ("key", "typed", "kept"),
    [
        ("phone", " 139-0000 0000", "13900000000"),
        ("phone", "+86 １３９００００００００", "13900000000"),
        ("emer_phone", "(0574) 8765-4321", "057487654321"),
        ("emer_phone", "+852 5123 4567", "0085251234567"),
        ("emer_phone", "+86 574 87654321", "057487654321"),
        ("emer_name", " 王 某某 ", "王某某"),
        ("emer_name", "买买提•吐尔逊", "买买提·吐尔逊"),
        ("emer_name", "John  Smith", "John Smith"),
        ("surname_py", "ou yang", "OUYANG"),
        ("given_py", "xi'an", "XIAN"),
    ],
)
def test_typed_text_is_put_right(form: Form, complete: Record, key: str, typed: str, kept: str) -> None:
    record = answer(form, complete, key, typed)
    assert record.text(key) == kept
    assert told(form, record) == []


@pytest.mark.parametrize(
    ("key", "typed", "code"),
    [
        ("phone", "12800000000", "format"),
        ("phone", "1390000000", "format"),
        ("phone", "139000000000", "long"),
        ("phone", "057487654321", "long"),
        ("emer_phone", "87654321", "format"),
        ("emer_name", "王", "short"),
        ("emer_name", "王" * 31, "long"),
        ("emer_name", "王五5", "format"),
        ("emer_name", "王\u0007五", "characters"),
        ("emer_name", "王\ud800五", "characters"),
        ("surname_py", "LÜ", "format"),
        ("surname_py", "王", "format"),
        ("birth_place", "33x\u0000", "characters"),
        ("hukou_addr", "某路", "short"),
        ("hukou_addr", "某" * 71, "long"),
        ("delivery", "pigeon", "option"),
        ("want_passport", "yes", "option"),
        ("passport_kind", "33", "option"),
    ],
)
def test_wrong_answers(form: Form, complete: Record, key: str, typed: str, code: str) -> None:
    problems = blocking(validate(form, answer(form, complete, key, typed), TODAY))
    assert (key, code) in {(p.key, p.code) for p in problems}
    assert all(p.message for p in problems)


def test_rare_characters_are_kept_and_told(form: Form, complete: Record) -> None:
    record = answer(form, complete, "emer_name", "王𬭎")
    assert told(form, record) == [("emer_name", "rare", "warning")]


def test_own_phone_for_emergencies_is_a_warning(form: Form, complete: Record) -> None:
    record = answer(form, complete, "emer_phone", complete.text("phone"))
    assert told(form, record) == [("emer_phone", "F06", "warning")]
    assert not blocking(validate(form, record, TODAY))


@pytest.mark.parametrize(
    "number", ["330203199001010007", "33020319900101000", "810000199001010005", "932682198501010017", ""]
)
def test_identity_number(form: Form, complete: Record, number: str) -> None:
    record = complete.put("id_no", number, "id")
    assert ("id_no", "error") in {(p.key, p.level) for p in validate(form, record, TODAY)}


def test_card_must_agree_with_its_number(form: Form, complete: Record) -> None:
    assert told(form, complete.put("birth", "1990-01-02", "id")) == [("birth", "F07", "error")]
    assert told(form, complete.put("sex", "1", "id")) == [("sex", "F08", "warning")]
    assert told(form, complete.put("birth", "2026-03-19", "id")) == [("birth", "format", "error")]
    assert told(form, complete.put("birth", "20260230", "id")) == [("birth", "format", "error")]


def test_one_of_three_blocks(form: Form, complete: Record) -> None:
    assert told(form, answer(form, complete, "want_passport", "")) == [("want_passport", "F01", "error")]
    for key in ("want_hkmo", "want_tw"):
        record = answered(form, complete, want_passport="", **{key: "1"})
        assert "F01" not in {code for _, code, _ in told(form, record)}


def test_every_kind_of_annotation_asks_for_its_text(form: Form, complete: Record) -> None:
    record = answered(form, complete, passport_kind="annotate")
    assert told(form, record) == [("annot_kind", "missing", "error")]
    for kind in ("former_name", "name", "old_passport"):
        chosen = answer(form, record, "annot_kind", kind)
        assert told(form, chosen) == [(f"annot_{kind}", "missing", "error")]
    done = answered(form, record, annot_kind="old_passport", annot_old_passport="g 1234567 8")
    assert done.text("annot_old_passport") == "G12345678"
    assert told(form, done) == []


def test_endorsement_kinds(form: Form, complete: Record) -> None:
    record = answered(form, complete, want_hkmo="1", hkmo_scope="both")
    assert told(form, record) == [("endo_hk", "F02", "error")]
    assert told(form, answer(form, record, "endo_mo", "G")) == []
    # One destination has one endorsement: two letters are no option.
    assert told(form, answer(form, record, "endo_hk", "GL")) == [("endo_hk", "option", "error")]
    assert told(form, answer(form, record, "hkmo_scope", "permit")) == []


def test_family_visit_asks_for_the_relative(form: Form, complete: Record) -> None:
    record = answered(form, complete, want_hkmo="1", hkmo_scope="endorsement", endo_hk="T")
    assert [key for key, _, _ in told(form, record)] == ["rel_name", "rel_sex", "rel_relation", "rel_id_no"]
    record = answered(form, record, rel_name="陈某某", rel_sex="男", rel_relation="配偶")
    assert record.text("rel_relation") == "SPOUSE"
    assert told(form, record) == [("rel_id_no", "F03", "error")]
    assert told(form, answer(form, record, "rel_doc_no", "H12345678")) == []
    good_number = answer(form, record, "rel_id_no", "a123456 3")
    assert good_number.text("rel_id_no") == "A123456(3)"
    assert told(form, good_number) == []
    assert told(form, answer(form, record, "rel_id_no", "A123456(4)")) == [("rel_id_no", "format", "error")]
    assert told(form, answer(form, record, "rel_id_no", "1234567(8)")) == [("rel_id_no", "F04", "warning")]
    macao = answered(form, record, endo_hk="", endo_mo="T", rel_id_no="5123456/7")
    assert macao.text("rel_id_no") == "5123456(7)"
    assert told(form, macao) == []
    assert told(form, answer(form, macao, "rel_id_no", "A123456(3)")) == [("rel_id_no", "F05", "warning")]


@pytest.mark.parametrize("number", ["A123456(3)", "AB987654(3)", "G123456(A)", "C123456(9)"])
def test_hong_kong_numbers(number: str) -> None:
    assert is_hkid(number)
    for wrong in "0123456789A":
        if wrong != number[-2]:
            assert not is_hkid(f"{number[:-2]}{wrong})")


def test_macao_numbers() -> None:
    assert is_macao_id("1234567(8)")
    assert not is_macao_id("2234567(8)")
    assert not is_macao_id("12345678")


def test_taiwan(form: Form, complete: Record) -> None:
    record = answered(form, complete, want_tw="1", tw_scope="both")
    assert told(form, record) == [("tw_reason", "missing", "error")]
    record = answered(form, record, tw_scope="annotate")
    assert told(form, record) == [("tw_permit_no", "missing", "error")]
    assert told(form, answer(form, record, "tw_permit_no", "C12345678")) == [("tw_permit_no", "pattern", "error")]
    assert told(form, answer(form, record, "tw_permit_no", "l12345678")) == []


def test_post(form: Form, complete: Record) -> None:
    record = answered(form, complete, delivery="post", post_code="31510")
    assert told(form, record) == [("post_code", "format", "error")]
    assert told(form, answer(form, record, "post_code", "３１５１００")) == []


def test_age_and_class_agree(form: Form, complete: Record) -> None:
    child = complete.put("birth", "2010-03-19", "id").put("id_no", "330203201003190004", "id")
    problems = [p for p in validate(form, confirm(form, child), TODAY) if p.key == "applicant_class"]
    assert [(p.code, p.level) for p in problems] == [("F10", "error")]
    assert ("applicant_class", "F11", "error") in told(form, answer(form, complete, "applicant_class", "minor"))
    grown = answer(form, complete, "applicant_class", "official")
    assert told(form, grown) == []


@pytest.mark.parametrize("typed", ["20300102", "2030-01-02", "2030/1/2", "2030.1.2", "２０３０年1月2日", " 2030 0102 "])
def test_dates_as_they_are_typed(form: Form, complete: Record, typed: str) -> None:
    record = answered(form, complete, passport_kind="replace", passport_lost="no", passport_old_valid_to=typed)
    assert record.text("passport_old_valid_to") == "2030-01-02"
    assert told(form, record) == []


@pytest.mark.parametrize("typed", ["20300230", "2030", "2030-13-01", "明年", "0000-00-00"])
def test_dates_that_are_none(form: Form, complete: Record, typed: str) -> None:
    record = answered(form, complete, passport_kind="replace", passport_lost="no", passport_old_valid_to=typed)
    assert [(key, level) for key, _, level in told(form, record)] == [("passport_old_valid_to", "error")]


def test_guardian(form: Form, complete: Record) -> None:
    child = complete.put("birth", "2010-03-19", "id").put("id_no", "330203201003190004", "id")
    record = answered(form, child, applicant_class="minor")
    assert [key for key, _, _ in told(form, record)] == [
        "guardian_name",
        "guardian_id_no",
        "guardian_relation",
        "guardian_phone",
    ]
    same = answer(form, record, "guardian_id_no", child.text("id_no"))
    assert ("guardian_id_no", "F09", "error") in told(form, same)


def test_nothing_of_what_was_typed_is_repeated(form: Form, complete: Record) -> None:
    for key in ("phone", "emer_name", "hukou_addr", "surname_py"):
        record = answer(form, complete, key, "秘密42\u0007")
        assert not [p for p in validate(form, record, TODAY) if "秘密" in p.message]


def test_every_word_of_the_language_is_built() -> None:
    assert set(_TESTS) == set(get_args(Format))
    assert set(_AGREES) == set(get_args(Operator))


KEYS = [field.key for field in load_form().field]
ANY_TEXT = st.one_of(
    st.text(st.characters(), max_size=40),
    st.text(st.sampled_from("\ud800\udfff\x00\x1f 0123456789AX()/+-·王Ü\u202e\U0010ffff"), max_size=24),
    st.sampled_from(
        ["1", "T", "both", "post", "minor", "annotate", "former_name", "endorsement", "0000-00-00", "9999-12-31"]
    ),
)


@settings(max_examples=150, deadline=None)
@given(
    values=st.dictionaries(
        st.sampled_from([*KEYS, "unknown", ""]),
        st.builds(Value, ANY_TEXT, st.sampled_from(get_args(Source))),
        max_size=30,
    )
)
def test_no_record_breaks_it(form: Form, values: dict[str, Value]) -> None:
    record = Record("ANY", 7, values)
    problems = validate(form, record, TODAY)
    assert all(isinstance(p, Problem) and p.message and p.message.isprintable() for p in problems)
    shown = {f.key for f in visible(form, record)}
    assert {p.key for p in problems} <= shown
    assert set(valid_texts(form, record)) <= shown
    assert {f.key for a in questions(form, record, TODAY) for f in a.fields} <= shown
    done = progress(form, record, TODAY)
    assert 0 <= done.done <= done.total
    assert next_open(form, record, TODAY) is not None or not blocking(problems) or _not_asked(form, problems)
    kept = only_valid(form, record)
    assert validate(form, kept, TODAY) == problems


def _not_asked(form: Form, problems: tuple[Problem, ...]) -> bool:
    """Problems of the hall's systems belong to no question."""
    asked = {key for q in form.question for key in q.fields}
    return {p.key for p in blocking(problems)}.isdisjoint(asked)


@settings(max_examples=200, deadline=None)
@given(text=ANY_TEXT, key=st.sampled_from(KEYS))
def test_no_text_breaks_an_answer(form: Form, text: str, key: str) -> None:
    record = answer(form, Record(form.id, form.version), key, text)
    # What is kept is tidy: answering with it again changes nothing.
    assert answer(form, record, key, record.text(key)).text(key) == record.text(key)
    validate(form, record, TODAY)


@settings(max_examples=100, deadline=None)
@given(text=ANY_TEXT)
def test_no_text_breaks_a_format(text: str) -> None:
    for format in get_args(Format):
        assert good(format, text, TODAY) in (True, False)


def test_what_the_hall_gives_keeps_no_paper_back(form: Form, complete: Record) -> None:
    record = complete.put("barcode_passport", "條碼", "system").put("appointment", "?", "system")
    assert [(key, level) for key, _, level in told(form, record)] == [
        ("appointment", "warning"),
        ("barcode_passport", "warning"),
    ]
