"""Numbers and names as the forms' guides give them, right and wrong."""

from __future__ import annotations

import pytest

from config.form_tables import Format
from kiosk.domain.forms.formats import good
from kiosk.domain.identity import id_check_character
from tests.domain.forms.conftest import TODAY

RIGHT: list[tuple[Format, str]] = [
    *(("mobile", f"1{second}900000000") for second in "3456789"),
    ("any_phone", "13900000000"),
    ("any_phone", "057487654321"),
    ("any_phone", "01087654321"),
    ("any_phone", "0085251234567"),
    ("any_phone", "0085361234567"),
    ("postcode", "315100"),
    ("pinyin", "A"),
    ("pinyin", "LYU"),
    ("citizen_id", "330203199001010006"),
    ("citizen_id", "650102197011130005"),
    ("hkid", "A123456(3)"),
    ("hkid", "AB987654(3)"),
    ("hkid", "G123456(A)"),
    *(("macao_id", f"{first}234567(8)") for first in "157"),
    ("hkmo_id", "A123456(3)"),
    ("hkmo_id", "5123456(7)"),
    ("name", "买买提·吐尔逊"),
    ("name", "王\U0003106c"),
    ("name", "王\ue123"),
    ("name", "O'Neil-Smith"),
    ("past_date", "2026-03-18"),
    ("past_date", "1900-01-01"),
    ("future_date", "2026-03-19"),
]
WRONG: list[tuple[Format, str]] = [
    *(("mobile", f"1{second}900000000") for second in "012"),
    ("mobile", "1390000000"),
    ("mobile", "139000000000"),
    ("mobile", "１３９００００００００"),
    ("any_phone", "87654321"),
    ("any_phone", "00057487654321"),
    ("postcode", "31510"),
    ("postcode", "3151000"),
    ("postcode", "31510a"),
    ("pinyin", ""),
    ("pinyin", "LÜ"),
    ("pinyin", "lyu"),
    ("pinyin", "LI XIAO"),
    ("pinyin", "LI-XIAO"),
    ("pinyin", "XI'AN"),
    ("citizen_id", "33020319900101000x"),
    ("citizen_id", "330203900101000"),
    ("citizen_id", "810000199001010005"),
    ("citizen_id", "932682198501010017"),
    ("hkid", "A123456(4)"),
    ("hkid", "A123456"),
    ("hkid", "a123456(3)"),
    ("hkid", "ABC12345(6)"),
    ("macao_id", "2234567(8)"),
    ("macao_id", "1234567(A)"),
    ("macao_id", "12345678"),
    ("name", ""),
    ("name", " "),
    ("name", "王5"),
    ("name", "王，"),
    ("past_date", "2026-03-19"),
    ("past_date", "1849-12-31"),
    ("future_date", "2026-03-18"),
    ("future_date", "2026-02-30"),
]


@pytest.mark.parametrize(("format", "text"), RIGHT)
def test_right(format: Format, text: str) -> None:
    assert good(format, text, TODAY)


@pytest.mark.parametrize(("format", "text"), WRONG)
def test_wrong(format: Format, text: str) -> None:
    assert not good(format, text, TODAY)


def test_one_check_character_fits_an_identity_number() -> None:
    """GB 11643: weights 7 9 10 5 8 4 2 1 6 3 7 9 10 5 8 4 2, modulo 11, 10X98765432."""
    first = "33020319900101000"
    fitting = [last for last in "0123456789X" if good("citizen_id", first + last, TODAY)]
    assert fitting == [id_check_character(first)] == ["6"]
