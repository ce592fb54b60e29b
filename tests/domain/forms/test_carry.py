"""The merged form's record on the three older forms: only what the merge removed stays blank."""

from __future__ import annotations

import pytest

from config.form_tables import Form, load_form
from kiosk.domain.forms.answers import confirm
from kiosk.domain.forms.carry import carry, gaps
from kiosk.domain.forms.record import Record
from tests.domain.forms.conftest import ADDRESS, answered

OLDER = ("LEGACY-PASSPORT", "LEGACY-HKMO", "LEGACY-TW")
IDENTITY = {
    "name": "张伟明",
    "sex": "2",
    "surname_py": "ZHANG",
    "given_py": "WEIMING",
    "id_no": "330203199001010006",
    "ethnic": "01",
    "birth": "1990-01-01",
    "birth_place": "33",
    "phone": "13900000000",
    "hukou_addr": ADDRESS,
}
GAPS = {
    "LEGACY-PASSPORT": {
        *("marital", "politics", "education", "trips", "police_station", "employer", "job", "standing", "countries"),
        *("reason", "cv", "family", "remarks", "opinion"),
    },
    "LEGACY-HKMO": {"permit_valid_to", "entries", "rel_addr", "employer", "job", "standing", "cv", "family"},
    "LEGACY-TW": {
        *("approval_no", "stay_days", "rel_name", "rel_relation", "rel_addr", "employer", "job", "standing", "family"),
        "opinion",
    },
}
"""What the merged form never asks. Taiwan's relatives are not those of Hong Kong and Macao."""


@pytest.fixture
def everything(form: Form, complete: Record) -> Record:
    """All three documents, endorsements of both kinds, by post."""
    return confirm(
        form,
        answered(
            form,
            complete,
            **{
                "want_hkmo": "1",
                "hkmo_scope": "endorsement",
                "hkmo_permit_no": "C12345678",
                "endo_hk": "T",
                "endo_mo": "G",
            },
            **{"rel_name": "陈某某", "rel_sex": "1", "rel_relation": "SPOUSE", "rel_id_no": "A123456(3)"},
            **{"want_tw": "1", "tw_scope": "endorsement", "tw_permit_no": "L12345678", "tw_reason": "TM"},
            **{"delivery": "post", "post_code": "315100"},
        ),
    )


@pytest.mark.parametrize("form_id", OLDER)
def test_only_the_listed_gaps_stay_blank(form: Form, everything: Record, form_id: str) -> None:
    older = load_form(form_id)
    found = carry(form, everything, older)
    assert {key: found.text(key) for key in IDENTITY} == IDENTITY
    assert {field.key for field in gaps(older, found)} == GAPS[form_id]
    assert {field.key for field in older.field if not field.carry} == GAPS[form_id]
    assert found.source("id_no") == "id"
    assert found.source("phone") == "user"


def test_what_the_passport_form_takes(form: Form, everything: Record) -> None:
    found = carry(form, everything, load_form("LEGACY-PASSPORT"))
    assert (found.text("kind"), found.text("home_addr"), found.text("home_code")) == ("首次申领", ADDRESS, "315100")


def test_what_the_hong_kong_form_takes(form: Form, everything: Record, complete: Record) -> None:
    older = load_form("LEGACY-HKMO")
    found = carry(form, everything, older)
    assert found.text("destination") == "香港、澳门"
    assert (found.text("category"), found.text("permit_no")) == ("仅申请签注", "C12345678")
    assert older.option_text(older.field_of("endo_hk"), found.text("endo_hk")) == "探亲"
    assert (found.text("rel_doc_no"), found.text("rel_relation")) == ("A123456(3)", "配偶")
    assert not carry(form, complete, older).text("destination")


def test_what_the_taiwan_form_takes(form: Form, everything: Record) -> None:
    found = carry(form, everything, load_form("LEGACY-TW"))
    assert (found.text("category"), found.text("permit_no"), found.text("reason")) == (
        "仅签注",
        "L12345678",
        "探亲（多次）",
    )


def test_answers_that_do_not_count_are_not_carried(form: Form, everything: Record) -> None:
    found = carry(form, answered(form, everything, want_tw=""), load_form("LEGACY-TW"))
    assert not found.text("reason")
    assert found.text("phone")


def test_forms_that_have_nothing_to_do_with_each_other(form: Form, everything: Record) -> None:
    with pytest.raises(ValueError, match="not filled from"):
        carry(form, everything, form)
