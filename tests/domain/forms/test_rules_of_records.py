"""Records, fills, carrying and bringing along: what each says for itself, on the shipped form bent where it never goes."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from config.form_tables import CodeLists, Field, Form, load_form
from kiosk.domain.forms import base45
from kiosk.domain.forms.answers import answer, move_split, with_copies
from kiosk.domain.forms.brought import NotTheSame, adopt
from kiosk.domain.forms.carry import carry
from kiosk.domain.forms.fill import fill_from_card
from kiosk.domain.forms.formats import good, tidy
from kiosk.domain.forms.record import Record, Value
from kiosk.domain.identity import Sex, id_check_character
from tests.domain.forms.conftest import TODAY, PlainNames, answered, make_card


def bent(form: Form, key: str, **changes: Any) -> Form:
    """The form with one field as another form could have it."""
    fields = tuple(field.model_copy(update=changes) if field.key == key else field for field in form.field)
    return form.model_copy(update={"field": fields})


# --- records ----------------------------------------------------------------------------------------------------------

A = Record("X", 1, {"a": Value("1", "id")})


@pytest.mark.parametrize(
    "other",
    [
        Record("X", 2, {"a": Value("1", "id")}),
        Record("Y", 1, {"a": Value("1", "id")}),
        Record("X", 1, {"a": Value("2", "id")}),
        Record("X", 1, {"a": Value("1", "user")}),
        Record("X", 1),
        {"a": Value("1", "id")},
        None,
    ],
)
def test_records_that_differ(other: object) -> None:
    assert other != A
    assert hash(A) != hash(Record("X", 2, {"a": Value("1", "id")}))


def test_records_that_are_the_same() -> None:
    same = Record("X", 1, dict(A))
    assert (same, hash(same), {same, A}) == (A, hash(A), {A})


def test_putting_and_taking_away() -> None:
    record = A.put("b", "2", "user").put("a", "3", "derived")
    assert dict(record) == {"a": Value("3", "derived"), "b": Value("2", "user")}
    assert (record.form_id, record.version, len(record)) == ("X", 1, 2)
    assert dict(record.put("a", "", "user")) == {"b": Value("2", "user")}
    assert dict(A.put_all({"a": Value("4", "user")})) == {"a": Value("4", "user")}
    assert (A.text("a"), A.source("a"), A.text("z"), A.source("z")) == ("1", "id", "", None)
    assert Record("X", 1, {"a": Value("", "id")}).source("a") is None


# --- filling ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fill", "text"),
    [
        ("card.name", "张伟明"),
        ("card.surname", "张"),
        ("card.given", "伟明"),
        ("card.surname_pinyin", "ZHANG"),
        ("card.given_pinyin", "WEIMING"),
        ("card.number", "330203199001010006"),
        ("card.sex", "2"),
        ("card.nation", "01"),
        ("card.birth", "1990-01-01"),
        ("card.address", "宁波市 某路1号"),
        ("card.area", "330203"),
        ("card.province", "33"),
        ("card.applicant_class", "general"),
        ("card.issuer", "宁波市 公安局"),
        ("card.valid_from", "2016-01-01"),
        ("card.valid_to", "2036-01-01"),
    ],
)
def test_everything_a_card_gives(form: Form, codes: CodeLists, fill: str, text: str) -> None:
    one = bent(form, "passport_old_no", fill=fill, source="id", when=None)
    card = make_card(address=" 宁波市  某路1号 ", issuer=" 宁波市  公安局 ")
    record = fill_from_card(one, card, codes, PlainNames(), TODAY)
    assert record["passport_old_no"] == Value(text, "id")
    own = fill_from_card(bent(one, "passport_old_no", source="user"), card, codes, PlainNames(), TODAY)
    assert own.source("passport_old_no") == "derived"


@pytest.mark.parametrize(
    ("changes", "fill", "text"),
    [
        ({"valid_to": None}, "card.valid_to", "长期"),
        ({"sex": Sex.UNKNOWN}, "card.sex", ""),
        ({"sex": Sex.UNSPECIFIED}, "card.sex", ""),
        ({"sex": Sex.MALE}, "card.sex", "1"),
        ({"birth": dt.date(2010, 3, 19)}, "card.applicant_class", "minor"),
        ({"birth": dt.date(2010, 3, 18)}, "card.applicant_class", "general"),
        ({"name": " "}, "card.name", ""),
        ({"name": " "}, "card.surname", ""),
        ({"name": " "}, "card.surname_pinyin", ""),
        ({"name": " "}, "card.given_pinyin", ""),
        ({"number": "３３０２０３19900101000x"}, "card.number", "33020319900101000X"),
    ],
)
def test_what_a_card_may_lack(form: Form, codes: CodeLists, changes: dict[str, Any], fill: str, text: str) -> None:
    one = bent(form, "passport_old_no", fill=fill, source="id", when=None)
    assert fill_from_card(one, make_card(**changes), codes, PlainNames(), TODAY).text("passport_old_no") == text


class NoNames:
    """Answers for a name only: without one it must not be asked."""

    def split_name(self, name: str, /) -> tuple[str, str]:
        assert name
        return name, ""

    def pinyin_of(self, surname: str, given: str, /) -> tuple[str, str]:
        assert surname
        return "X", ""


def test_nobody_is_asked_about_no_name(form: Form, codes: CodeLists) -> None:
    assert fill_from_card(form, make_card(name=""), codes, NoNames(), TODAY).text("surname_py") == ""
    assert fill_from_card(form, make_card(), codes, NoNames(), TODAY).text("surname_py") == "X"


def test_a_date_takes_no_end_of_validity(form: Form, codes: CodeLists) -> None:
    one = bent(form, "passport_old_valid_to", fill="card.valid_to", source="id", when=None)
    assert not fill_from_card(one, make_card(valid_to=None), codes, PlainNames(), TODAY).text("passport_old_valid_to")
    assert fill_from_card(one, make_card(), codes, PlainNames(), TODAY).text("passport_old_valid_to") == "2036-01-01"


@pytest.mark.parametrize(
    ("area", "citizen"), [("330203", True), ("810000", False), ("820000", False), ("830000", False)]
)
def test_whose_number_is_a_citizens(area: str, citizen: bool) -> None:
    """GB 11643; 港澳台居民居住证申领发放办法: 81, 82 and 83 are residence permits."""
    number = f"{area}19900101000"
    assert good("citizen_id", number + id_check_character(number), TODAY) is citizen


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        ("citizen_id", " 33020319900101000x", "33020319900101000X"),
        ("hkid", "a123456 3", "A123456(3)"),
        ("macao_id", "5123456/7", "5123456(7)"),
        ("hkmo_id", "ab987654(3)", "AB987654(3)"),
        ("postcode", "３１５ １００", "315100"),
        ("pinyin", "xi'an-", "XIAN"),
        ("name", " 王  五 ", "王五"),
        (None, " a  b ", "a b"),
    ],
)
def test_how_each_kind_is_tidied(form: Form, kind: Any, typed: str, kept: str) -> None:
    field = form.field_of("emer_name").model_copy(update={"format": kind, "keys": None})
    assert tidy(field, typed) == kept


def test_the_largest_numbers_of_base45() -> None:
    """RFC 9285 §4: two bytes are at most FFFF, one at most FF."""
    for data in (b"\xff", b"\xff\xff", b"\x00", b"\x01\x00", b"\xfe\xff\xff"):
        assert base45.decode(base45.encode(data)) == data
    for number, length in ((0x100, 2), (0x10000, 3)):
        with pytest.raises(ValueError, match="base45"):
            base45.decode("".join(base45.ALPHABET[number // 45**place % 45] for place in range(length)))


# --- the border between the names -------------------------------------------------------------------------------------


def test_the_border_moves_within_the_whole_name(form: Form, tapped: Record) -> None:
    moved = move_split(form, tapped, ("张伟", "明"), ("ZHANGWEI", "MING"))
    parts = ("surname_cn", "given_cn", "surname_py", "given_py")
    assert {key: moved[key] for key in parts} == {
        "surname_cn": Value("张伟", "id"),
        "given_cn": Value("明", "id"),
        "surname_py": Value("ZHANGWEI", "derived"),
        "given_py": Value("MING", "derived"),
    }
    lost = tapped.put("given_cn", "", "id")
    assert move_split(form, lost, ("张伟明", ""), ("", "")).text("surname_cn") == "张伟明"
    with pytest.raises(ValueError, match="make up"):
        move_split(form, tapped.put("name", "王五", "id"), ("张伟", "明"), ("", ""))
    typed = move_split(form, tapped.put("given_cn", "伟明", "user"), ("张伟", "明"), ("", ""))
    assert (typed.source("surname_cn"), typed.source("given_cn")) == ("id", "id")
    nothing_known = Record(form.id, form.version).put("name", "张三", "user")
    assert move_split(form, nothing_known, ("张", "三"), ("", "")).source("surname_cn") == "user"


def test_a_form_without_fields_for_the_parts(form: Form, tapped: Record) -> None:
    one = bent(bent(form, "given_cn", fill=None), "given_py", fill=None)
    moved = move_split(one, tapped, ("张伟", "明"), ("ZHANGWEI", "MING"))
    assert (moved.text("surname_cn"), moved.text("given_cn")) == ("张伟", "伟明")
    assert (moved.text("surname_py"), moved.text("given_py")) == ("ZHANGWEI", "WEIMING")
    assert set(moved) == set(tapped)
    without_whole = bent(form, "name", fill=None)
    assert move_split(without_whole, tapped, ("张伟", "明"), ("", "")).text("given_cn") == "明"
    with pytest.raises(ValueError, match="make up"):
        move_split(without_whole, tapped, ("王", "五"), ("", ""))


def test_copies_follow_until_they_are_answered(form: Form, complete: Record) -> None:
    posted = answered(form, complete, delivery="post")
    assert (posted.text("post_name"), posted.source("post_name")) == ("张伟明", "derived")
    assert answer(form, posted, "phone", "13800000000").text("post_phone") == "13800000000"
    own = answer(form, posted, "post_phone", "13700000001")
    assert answer(form, own, "phone", "13800000000").text("post_phone") == "13700000001"
    assert not answer(form, posted, "delivery", "window").text("post_name")
    two = bent(form, "post_name", copy_from=("surname_cn", "given_cn"))
    assert with_copies(two, posted).text("post_name") == "张伟明"


# --- bringing along and carrying --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("brought", "word"),
    [
        (Record("CRJ-2014", 2), "form"),
        (Record("CRJ-2013", 1), "form"),
        (Record("CRJ-2014", 1, {"id_no": Value("330212199001010002", "user")}), "person"),
    ],
)
def test_brought_by_somebody_else(form: Form, tapped: Record, brought: Record, word: str) -> None:
    with pytest.raises(NotTheSame) as caught:
        adopt(form, tapped, brought)
    assert caught.value.why == word


def test_only_what_a_question_asks_is_taken(form: Form, tapped: Record) -> None:
    brought = Record(form.id, form.version).put("phone", " 139 0000 0000 ", "user").put("hukou_code", "999999", "user")
    found = adopt(form, tapped, brought.put("id_no", " 33020319900101000６", "user"))
    assert found["phone"] == Value("13900000000", "user")
    assert found["hukou_code"] == tapped["hukou_code"]
    asked_of_the_hall = bent(form, "phone", source="system")
    assert adopt(asked_of_the_hall, tapped, brought).text("phone") == ""


def field_with(older: Form, key: str) -> Field:
    return next(field for field in older.field if field.key == key)


@pytest.mark.parametrize(
    ("sources", "source"),
    [
        (("id", "id"), "id"),
        (("id", "derived"), "derived"),
        (("id", "user"), "user"),
        (("derived", "user"), "user"),
        (("id", "system"), "id"),
        (("system", "system"), "system"),
    ],
)
def test_several_things_in_one_field(form: Form, sources: tuple[Any, Any], source: str) -> None:
    older = load_form("LEGACY-PASSPORT")
    rows = field_with(older, "name").carry
    both = older.model_copy(
        update={
            "field": tuple(
                field.model_copy(update={"carry": (rows[0].model_copy(update={"keys": ("surname_cn", "given_cn")}),)})
                if field.key == "name"
                else field
                for field in older.field
            )
        }
    )
    record = Record(form.id, form.version).put("surname_cn", "张", sources[0]).put("given_cn", "三", sources[1])
    assert carry(form, record, both)["name"] == Value("张三", source)
    two = both.model_copy(
        update={
            "field": tuple(
                field.model_copy(
                    update={
                        "carry": tuple(
                            rows[0].model_copy(update={"keys": (key,)}) for key in ("surname_cn", "given_cn")
                        )
                    }
                )
                if field.key == "name"
                else field
                for field in older.field
            )
        }
    )
    assert carry(form, record, two)["name"] == Value("张、三", source)
    assert "name" not in carry(form, Record(form.id, form.version), two)
    assert (carry(form, record, two).form_id, carry(form, record, two).version) == (older.id, older.version)
