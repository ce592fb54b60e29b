"""What a payer holds before the scanner, by name, before anybody is called."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.payer_codes import PayerCodeTable, load_payer_codes
from kiosk.domain.identity import id_check_character
from kiosk.domain.payer_code import NO_PAYMENT_CODE, NOT_READ, NOT_WHOLE, PayerCode, WrongCode, judge, names

TODAY = dt.date(2026, 11, 21)


@pytest.fixture(scope="module")
def table() -> PayerCodeTable:
    return load_payer_codes()


def seen(text: str | None, table: PayerCodeTable, *taken: str) -> PayerCode | WrongCode:
    return judge(text, table, table.only(taken or ("alipay", "wechat", "unionpay")), TODAY)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("digits", "wallet"),
    [
        ("25" + "0" * 14, "alipay"),
        ("280763849012345678", "alipay"),
        ("30" + "9" * 22, "alipay"),
        ("100000000000000000", "wechat"),
        ("134567890123456789", "wechat"),
        ("159999999999999999", "wechat"),
        ("6212345678901234567", "unionpay"),
        ("  280763849012345678\r\n", "alipay"),
    ],
)
def test_a_payment_code_belongs_to_its_wallet(table: PayerCodeTable, digits: str, wallet: str) -> None:
    found = seen(digits, table)
    assert found == PayerCode(digits.strip(), wallet)
    assert digits.strip() not in repr(found)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("https://qr.alipay.com/fkx0123456789", "receiving"),
        ("HTTPS://QR.ALIPAY.COM/FKX0123456789", "receiving"),
        ("wxp://f2f0abcdefg", "receiving"),
        ("weixin://wxpay/bizpayurl?pr=AbCdEf", "receiving"),
        ("https://qr.95516.com/00010000/6221234", "receiving"),
        ("00020101021126380014A000000727", "receiving"),
        ("https://u.wechat.com/kAbCdEfG", "friend"),
        ("http://192.0.2.10:18080/pay/abc", "web_page"),
        ("www.example.com", "web_page"),
        ("OTF1:6BFOXN%TSMAHN", "form"),
        ("M1DESMARAIS/LUC       EABC123 YULFRAAC 0834 226F001A0025 100", "boarding_pass"),
        ("M1GRANDMAIRE/MELANIE  EABC123 GVACDGAF 0123 339C002F0025 130", "boarding_pass"),
        ("3302031612345678", "decision"),
        ("330203161234567", "decision"),
        ("6901234567892", "goods"),
        ("4006381333931", "goods"),
        ("28076384901234", "length"),
        ("28076384901234567890123456", "length"),
        ("13456789012345678", "length"),
        ("1345678901234567890", "length"),
        ("621234567890123456", "length"),
        ("990763849012345678", "unknown"),
        ("２８０７６３８４９０１２３４５６７８", "unknown"),
        ("٢٨٠٧٦٣٨٤٩٠١٢٣٤٥٦٧٨", "unknown"),
        ("28076384901234567x", "unknown"),
        ("你好", "unknown"),
        ("", "unreadable"),
        (" \r\n", "unreadable"),
        (None, "unreadable"),
    ],
)
def test_everything_else_has_a_name(table: PayerCodeTable, text: str | None, kind: str) -> None:
    found = seen(text, table)
    assert isinstance(found, WrongCode)
    assert found.kind == kind
    assert not found.told.endswith("。")


def test_the_words(table: PayerCodeTable) -> None:
    assert seen("https://qr.alipay.com/x", table) == WrongCode("receiving", "这是收款码，请打开付款码")
    assert seen("abc", table) == WrongCode("unknown", NO_PAYMENT_CODE)
    assert seen(None, table) == WrongCode("unreadable", NOT_READ)
    assert seen("2807", table) == WrongCode("length", NOT_WHOLE)


@pytest.mark.parametrize("first_17", ["33020319900101000", "11010119900307000", "13010119491231000"])
def test_an_identity_number_is_sent_to_no_wallet(table: PayerCodeTable, first_17: str) -> None:
    """Those of Beijing and Hebei begin as a payment code of WeChat does."""
    number = first_17 + id_check_character(first_17)
    found = seen(number, table)
    assert isinstance(found, WrongCode)
    assert found.kind == "id_number"
    assert number not in repr(found)


def test_a_wallet_this_machine_does_not_take(table: PayerCodeTable) -> None:
    assert seen("6212345678901234567", table, "alipay", "wechat") == WrongCode(
        "other_wallet", "本机不收云闪付，请用支付宝或微信的付款码"
    )
    assert names(table.only(("alipay", "wechat", "unionpay"))) == "支付宝、微信或云闪付"
    assert names(table.only(("wechat",))) == "微信"


@given(st.text(max_size=80))
def test_no_text_breaks_it_and_only_ascii_digits_pass(text: str) -> None:
    found = seen(text, load_payer_codes())
    if isinstance(found, PayerCode):
        assert found.digits.isascii()
        assert found.digits.isdigit()
        assert 16 <= len(found.digits) <= 24


def id_number(birth: str, last: str = "") -> str:
    """Somebody who cannot be (order number 000), born on that day; `last`: with this check character."""
    bodies = (f"33{n:04d}{birth}000" for n in range(9999))
    return next(body + check for body in bodies if last in (check := id_check_character(body)))


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        pytest.param(id_number("19900101", "X"), "id_number", id="ends with X"),
        pytest.param(id_number("19900101", "X").lower(), "id_number", id="small x"),
        pytest.param(id_number("19000101", "7"), "id_number", id="born in 1900"),
        pytest.param(id_number("18991231", "7"), "unknown", id="born before"),
        pytest.param(id_number("20261121", "7"), "id_number", id="born today"),
        pytest.param(id_number("20261122", "7"), "unknown", id="born tomorrow"),
    ],
)
def test_an_identity_number_is_called_by_its_name(table: PayerCodeTable, number: str, kind: str) -> None:
    """GB 11643"""
    found = seen(number, table)
    assert isinstance(found, WrongCode)
    assert (found.kind, found.told) == (
        kind,
        "这是身份证号码，请打开付款码" if kind == "id_number" else NO_PAYMENT_CODE,
    )
