"""Paying by number: what counts as a number, and each refusal with its sentence, its reason and what is offered next."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from config.tables import Rules, load_tables
from config.zone import SHANGHAI
from kiosk.domain.errors import Refusal
from kiosk.domain.fine import FineState, PayableFine
from kiosk.domain.ids import order_no
from kiosk.domain.numbers import NumberError, decision_number_in
from kiosk.domain.rule import AppliesTo
from kiosk.domain.rules_fine import (
    FINE_RULES,
    KNOWN,
    NEXT,
    NUMBER_RULES,
    SAID,
    fine_refusal,
    number_refusal,
    refusal_of,
)

RULES = load_tables().rules
NUMBER = "330203191000001"
FINE = PayableFine(
    number=NUMBER,
    check_char="3",
    decided_at=dt.datetime(2026, 10, 1, 9, 12, tzinfo=SHANGHAI),
    party="张*明",
    act="机动车逆向行驶",
    authority="宁波市公安局交通警察局海曙大队",
    authority_code="330203005400",
    principal_fen=20000,
    surcharge_fen=600,
    deadline=dt.date(2026, 10, 16),
)


def why(fine: PayableFine | None = FINE, said: str = "", rules: Rules = RULES, **more: Any) -> str:
    refusal = fine_refusal(fine, said, NUMBER, rules, **more)
    return refusal.code if refusal is not None else ""


def of_hall(**fine: Any) -> Rules:
    return RULES.model_copy(update={"fine": RULES.fine.model_copy(update=fine)})


@pytest.mark.parametrize(
    ("text", "number", "check"),
    [
        (NUMBER, NUMBER, ""),
        (NUMBER + "3", NUMBER, "3"),
        ("330203 191000001", NUMBER, ""),  # a template's blank after six
        ("33020-3191000001", NUMBER, ""),  # another's hyphen after five
        (" 330203-1910000013 ", NUMBER, "3"),
        ("３３０２０３１９１０００００１", NUMBER, ""),  # full width
        (NUMBER + "x", NUMBER, "X"),
        (f"https://example.invalid/j?jdsbh={NUMBER}3&v=1", NUMBER, "3"),
        ("决定书编号：330203 1910000013\n宁波", NUMBER, "3"),
    ],
)
def test_numbers_as_they_are_typed_and_scanned(text: str, number: str, check: str) -> None:
    found = decision_number_in(text)
    assert (found.number, found.check_char) == (number, check)
    assert number_refusal(text, scanned=True) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "33020319100000",
        "33020319100000123",
        "33020319100000A",
        "3302031910000013A",
        f"{NUMBER} {NUMBER}",
        f"a{NUMBER}b330203191000002c",
    ],
)
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(NumberError):
        decision_number_in(text)


@pytest.mark.parametrize(
    ("text", "scanned", "code"),
    [
        ("33020319100000", False, "F01"),
        ("33020319100000123", False, "F01"),
        ("33020319100000A", False, "F02"),
        ("2855123456789012", True, "F03"),  # 16 digits of Alipay: no province has 28
        ("285512345678901234567890", True, "F03"),
        ("134512345678901234", True, "F03"),
        ("6212345678901234567", True, "F03"),
        ("wxp://f2f0abcdef", True, "F04"),
        ("HTTPS://QR.ALIPAY.COM/fkx0001", True, "F04"),
        ("330203199001010006", False, "F05"),
        ("110101199001010007", True, "F05"),  # eighteen digits that begin as a code of WeChat Pay do
        ("33020619800118000x", False, "F05"),
        (order_no("DEMO01", dt.date(2026, 11, 21), 1) + "P1", True, "F06"),
        ("hello", True, "F07"),
        ("", True, "F07"),
    ],
)
def test_other_codes_are_called_by_their_names(text: str, scanned: bool, code: str) -> None:
    refusal = number_refusal(text, scanned=scanned)
    assert refusal is not None
    assert refusal.code == code
    assert not text or text not in refusal.message + refusal.reason


def test_a_number_of_another_length_is_counted() -> None:
    refusal = number_refusal("33020-3 19100000", scanned=False)
    assert refusal is not None
    assert refusal.message == "编号是 15 位，带校验码的是 16 位，现在有 14 位。请对照决定书检查。"


@pytest.mark.parametrize(
    ("first", "length", "code"),
    [
        *[(first, 18, "F03") for first in ("10", "15")],
        *[(first, 18, "F01") for first in ("09", "16")],
        *[(first, length, "F03") for first in ("25", "30") for length in (16, 24)],
        *[(first, 24, "F01") for first in ("24", "31")],
        ("25", 25, "F01"),
        ("25", 15, None),
        ("31", 16, None),
        ("62", 19, "F03"),
        *[(first, 19, "F01") for first in ("61", "63")],
        *[("62", length, "F01") for length in (18, 20)],
    ],
)
def test_payers_codes_by_first_digits_and_length(first: str, length: int, code: str | None) -> None:
    refusal = number_refusal(first.ljust(length, "7"), scanned=False)
    assert (refusal.code if refusal else None) == code


def test_a_decision_that_can_be_paid() -> None:
    assert why() == ""
    assert why(replace(FINE, surcharge_fen=0, deadline=None)) == ""
    assert why(replace(FINE, surcharge_fen=20000)) == "", "the cap itself is the law's"


@pytest.mark.parametrize("code", sorted(SAID))
def test_every_result_code_leads_to_its_rule(code: str) -> None:
    for said in SAID[code]:
        assert why(None, said) == code


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"state": FineState.PAID}, "F30"),
        ({"state": FineState.PAYING}, "F15"),
        ({"state": FineState.REVOKED}, "F32"),
        ({"state": FineState.ENFORCEMENT}, "F33"),
        ({"principal_fen": 0, "surcharge_fen": 0}, "F31"),
        ({"surcharge_fen": None}, "F34"),
        ({"surcharge_fen": 20001}, "F35"),
        ({"state": FineState.REVOKED, "surcharge_fen": None}, "F32"),  # what ends the matter comes first
    ],
)
def test_what_the_decision_itself_says(changed: dict[str, Any], code: str) -> None:
    assert why(replace(FINE, **changed)) == code


def test_what_the_hall_decides() -> None:
    assert why(rules=of_hall(max_fen=20599)) == "F36"
    assert why(rules=of_hall(max_fen=20600)) == ""
    assert why(rules=of_hall(areas=("3302",))) == ""
    assert why(rules=of_hall(areas=("3301", "330299"))) == "F23"
    assert why(open_now=False) == "F13"


def test_a_code_nobody_knows_is_still_a_no() -> None:
    assert "B9999" not in KNOWN
    assert why(None, "B9999") == "F39"


def test_sentences_can_be_shown() -> None:
    codes = [rule.code for rule in (*NUMBER_RULES, *FINE_RULES)]
    assert len(set(codes)) == len(codes)
    assert set(NEXT) <= set(codes)
    assert set(SAID) <= {rule.code for rule in FINE_RULES}
    assert len([said for codes in SAID.values() for said in codes]) == len(KNOWN), "a result code stands in two rows"
    for rule in (*NUMBER_RULES, *FINE_RULES):
        assert "！" not in rule.what + rule.todo
        assert not rule.what.endswith("。")
        assert rule.reason
        assert rule.source
    assert {rule.applies_to for rule in NUMBER_RULES} == {AppliesTo.NUMBER}
    assert {rule.applies_to for rule in FINE_RULES} == {AppliesTo.FINE}
    assert {rule.code: rule.reads for rule in FINE_RULES if rule.reads} == {
        "F23": ("fine.areas",),
        "F36": ("fine.max_fen",),
    }
    assert all(isinstance(rule.reads, tuple) for rule in FINE_RULES)
    for rule in FINE_RULES:
        assert len(rule.what) <= 18, rule.code
        told = Refusal(rule.code, f"{rule.what}。{rule.todo}。", rule.source, rule.reason)
        assert refusal_of(rule.code) == told
    with pytest.raises(KeyError, match="F99"):
        refusal_of("F99")


def test_names_and_plates_are_not_in_a_repr() -> None:
    told = repr(replace(FINE, plate="浙B·***45", place="某路"))
    assert not [part for part in ("张*明", "浙B·***45", "某路") if part in told]
    with pytest.raises(ValueError, match="surcharge"):
        replace(FINE, surcharge_fen=None).total_fen  # noqa: B018
