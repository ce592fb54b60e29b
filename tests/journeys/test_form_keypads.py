"""Which keys a field of the shipped form is asked with."""

from __future__ import annotations

import pytest

from config.form_tables import load_form
from kiosk.journeys.form.ask import keypad_of
from kiosk.screens.form import Keypad

FORM = load_form()


@pytest.mark.parametrize(
    ("key", "keypad"),
    [
        ("surname_cn", "name"),
        ("emer_name", "name"),
        ("guardian_name", "name"),
        ("post_name", "name"),
        pytest.param("given_cn", "hanzi", id="no surname stands before it"),
        pytest.param("ethnic", "hanzi", id="a list, and what is not on it"),
        pytest.param("birth_place", "hanzi", id="a list, and what is not on it: a country"),
        pytest.param("post_addr", "hanzi", id="an address"),
        ("phone", "digits"),
        ("passport_old_valid_to", "date"),
        ("id_no", "document"),
    ],
)
def test_names_of_people_are_asked_with_names(key: str, keypad: Keypad) -> None:
    assert keypad_of(FORM, FORM.field_of(key)) == keypad
