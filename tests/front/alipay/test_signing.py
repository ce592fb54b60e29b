"""Known-answer vectors made by openssl, and a second implementation of the protocol as an independent oracle."""

from __future__ import annotations

import base64
import datetime as dt
from pathlib import Path
from types import ModuleType
from urllib.parse import parse_qsl, quote_plus

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.front.alipay import keys, signing
from kiosk.front.alipay.account import Account, account
from kiosk.front.alipay.envelope import open_answer
from kiosk.front.alipay.gateway import Gateway
from kiosk.front.alipay.notices import read_notice
from kiosk.front.alipay.settings import AlipaySettings
from kiosk.front.channel import State
from kiosk.gateways.http import Endpoint
from kiosk.ports.clock import SHANGHAI
from tests.front.alipay.conftest import VECTORS, Watch, stored_key

CONTENT = {
    "out_trade_no": "NB01A",
    "total_amount": "200.00",
    "subject": "交通违法罚款",
    "time_expire": "2026-11-21 09:02:00",
    "terminal_id": "NB01T001",
    "product_code": "FACE_TO_FACE_PAYMENT",
}
ANSWER = (VECTORS / "answer.json").read_bytes()
ANSWER_SIGN = (VECTORS / "answer.sig").read_text()


def make_account(**serials: str) -> Account:
    app, alipay = stored_key("app_key_pkcs8.pem"), stored_key("alipay_key.pem")
    return Account("2021000000000001", "2088000000000001", app, (alipay.public_key(),), serials)


def make_gateway(**serials: str) -> Gateway:
    endpoint = Endpoint("http://127.0.0.1:9/gateway.do")
    return Gateway(make_account(**serials), [endpoint], Watch(), "https://front.example/notify/alipay")


# --- vectors


def test_a_request_is_signed_over_the_bytes_that_openssl_signed() -> None:
    sent = make_gateway().parameters("alipay.trade.precreate", CONTENT, notified=True)
    assert signing.request_bytes(sent) == (VECTORS / "request.txt").read_bytes()
    assert sent["sign"] == (VECTORS / "request.sig").read_text()


def test_the_timestamp_is_beijings_on_a_machine_that_lives_in_utc() -> None:
    class Utc:
        def now(self) -> dt.datetime:
            return dt.datetime(2026, 11, 20, 17, 30, tzinfo=dt.UTC)

    gateway = Gateway(make_account(), [Endpoint("http://127.0.0.1:9/gateway.do")], Utc())
    assert gateway.parameters("alipay.trade.query", {})["timestamp"] == "2026-11-21 01:30:00"
    assert SHANGHAI.utcoffset(None) == dt.timedelta(hours=8)


def test_an_answer_signed_by_openssl_is_believed_and_one_changed_byte_is_not() -> None:
    body = b'{"sign":"%s" , "alipay_trade_query_response" : %s\n}' % (ANSWER_SIGN.encode(), ANSWER)
    sealed = open_answer(body, "alipay.trade.query")
    assert sealed.signed == ANSWER
    trusted = make_account().alipay_keys
    assert signing.verify(trusted, sealed.signed, sealed.sign)
    for at in range(0, len(ANSWER), 7):
        changed = ANSWER[:at] + bytes([ANSWER[at] ^ 1]) + ANSWER[at + 1 :]
        assert not signing.verify(trusted, changed, sealed.sign)


def test_a_notification_signed_by_openssl_is_believed() -> None:
    signed = (VECTORS / "notice.txt").read_text()
    body = _form(signed, (VECTORS / "notice.sig").read_text())
    notice = read_notice(make_account(), body, dt.datetime(2026, 11, 21, 9, 1, tzinfo=SHANGHAI))
    found = notice.standing
    assert (found.number, found.state, found.fen) == ("NB01A", State.PAID, 20000)


def _form(signed: str, sign: str) -> bytes:
    """URL-encoded, in another order; a plus is a space there, and a value holds both."""
    pairs = [pair.split("=", 1) for pair in signed.split("&")]
    fields = [*pairs, ["sign_type", "RSA2"], ["sign", sign]]
    return "&".join(f"{name}={quote_plus(value)}" for name, value in reversed(fields)).encode()


# --- keys in every form they are handed out in


def test_private_keys_are_read_as_pkcs1_and_pkcs8_as_pem_and_as_bare_base64() -> None:
    expected = stored_key("app_key_pkcs8.pem").private_numbers()
    for name in ("app_key_pkcs1.pem", "app_key_pkcs8.pem"):
        pem = (VECTORS / name).read_bytes()
        bare = b"".join(line for line in pem.splitlines() if not line.startswith(b"-"))
        for form in (pem, b"\n" + pem, bare, bare + b"\n"):
            assert keys.private_key(form).private_numbers() == expected


def test_public_keys_are_read_as_pem_bare_base64_and_certificate() -> None:
    pem = (VECTORS / "alipay_public.pem").read_bytes()
    bare = b"".join(line for line in pem.splitlines() if not line.startswith(b"-"))
    expected = stored_key("alipay_key.pem").public_key().public_numbers()
    for form in (pem, bare, (VECTORS / "alipay_certificate.crt").read_bytes()):
        assert keys.public_key(form).public_numbers() == expected


def test_keys_that_are_none_are_refused_without_telling_what_they_hold() -> None:
    small = rsa.generate_private_key(65537, 1024)
    curve = ec.generate_private_key(ec.SECP256R1())
    for wrong in (small, curve):
        form = wrong.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        with pytest.raises(ValueError, match="RSA private key"):
            keys.private_key(form)
        public = wrong.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        with pytest.raises(ValueError, match="RSA public key"):
            keys.public_key(public)
    for garbage in (b"", b"secret-not-a-key", b"-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE KEY-----"):
        with pytest.raises(ValueError) as error:
            keys.private_key(garbage)
        assert "secret" not in str(error.value)


def test_certificate_serials() -> None:
    """MD5 of "CN=…,OU=…,O=…,C=…" and the decimal serial number, computed by md5sum."""
    assert keys.serial((VECTORS / "app_certificate.crt").read_bytes()) == "5494f6f116c50732baa6dafd54ea5589"
    root = (VECTORS / "alipay_root.crt").read_bytes()
    assert keys.root_serial(root) == "94eab7b0c74225429babf8e5dfdb3e82_740965b6a053427da6f153eac4355fae"
    with pytest.raises(ValueError):
        keys.root_serial(b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----")


def test_an_account_with_certificates_names_them_in_each_request() -> None:
    found = account(
        AlipaySettings(
            app_id="2021000000000001",
            seller_id="2088000000000001",
            private_key_file=VECTORS / "app_key_pkcs1.pem",
            app_certificate_file=VECTORS / "app_certificate.crt",
            alipay_certificate_file=VECTORS / "alipay_certificate.crt",
            root_certificate_file=VECTORS / "alipay_root.crt",
        )
    )
    assert signing.verify(found.alipay_keys, ANSWER, ANSWER_SIGN)
    sent = make_gateway(**found.serials).parameters("alipay.trade.query", {})
    assert sent["app_cert_sn"] == "5494f6f116c50732baa6dafd54ea5589"
    assert b"alipay_root_cert_sn=94eab7b0c7" in signing.request_bytes(sent)


def test_an_account_that_cannot_be_read_names_the_file_only(tmp_path: Path) -> None:
    (tmp_path / "key.txt").write_text("c2VjcmV0")
    with pytest.raises(ValueError, match=r"key\.txt") as error:
        account(
            AlipaySettings(
                app_id="2021000000000001",
                seller_id="2088000000000001",
                private_key_file=tmp_path / "key.txt",
                alipay_key_file=VECTORS / "alipay_public.pem",
            )
        )
    assert "c2VjcmV0" not in str(error.value)


def test_nothing_secret_in_the_representation_of_an_account() -> None:
    assert "key" not in repr(make_account())


# --- the oracle: python-alipay-sdk


def _sdk(module: ModuleType, **more: str) -> object:
    app = (VECTORS / "app_key_pkcs1.pem").read_text()
    return module.AliPay(
        appid="2021000000000001",
        app_private_key_string=app,
        alipay_public_key_string=(VECTORS / "alipay_public.pem").read_text(),
        **more,
    )


def test_our_request_verifies_in_the_oracle(oracle: ModuleType) -> None:
    sdk = oracle.AliPay(
        appid="2021000000000001",
        app_private_key_string=(VECTORS / "app_key_pkcs1.pem").read_text(),
        alipay_public_key_string=(VECTORS / "app_public.pem").read_text(),  # it looks at us as we look at Alipay
    )
    sent = make_gateway().parameters("alipay.trade.pay", CONTENT, notified=True)
    sign = sent.pop("sign")
    message = "&".join(f"{name}={value}" for name, value in sorted(sent.items()))
    assert sdk._verify(message, sign)
    assert not sdk._verify(message + " ", sign)


def test_the_oracles_request_verifies_in_ours(oracle: ModuleType) -> None:
    text = _sdk(oracle).client_api("alipay.trade.pay", {"out_trade_no": "NB01A", "subject": "罚款 & more = +"})  # type: ignore[attr-defined]
    fields = dict(parse_qsl(text, strict_parsing=True))
    app = stored_key("app_key_pkcs8.pem").public_key()
    assert signing.verify((app,), signing.request_bytes(fields), fields["sign"])


def test_the_oracle_believes_an_answer_that_we_signed_and_we_one_that_it_signed(oracle: ModuleType) -> None:
    alipay = oracle.AliPay(
        appid="2021000000000001",
        app_private_key_string=(VECTORS / "alipay_key.pem").read_text(),
        alipay_public_key_string=(VECTORS / "app_public.pem").read_text(),
    )
    content = '{"code":"10000","out_trade_no":"NB01A"}'
    body = f'{{"alipay_trade_query_response":{content},"sign":"{alipay._sign(content)}"}}'
    sealed = open_answer(body.encode(), "alipay.trade.query")
    assert signing.verify(make_account().alipay_keys, sealed.signed, sealed.sign)

    ours = signing.sign(stored_key("alipay_key.pem"), content.encode())
    read = _sdk(oracle)._verify_and_return_sync_response(  # type: ignore[attr-defined]
        f'{{"alipay_trade_query_response":{content},"sign":"{ours}"}}', "alipay_trade_query_response"
    )
    assert read["out_trade_no"] == "NB01A"


def test_a_lone_brace_in_a_text_misleads_the_oracle_and_not_us(oracle: ModuleType) -> None:
    """Why no SDK is used: a good answer is taken for a forged one, after the money has moved."""
    content = '{"code":"10000","msg":"a } in a text","out_trade_no":"NB01A"}'
    sign = signing.sign(stored_key("alipay_key.pem"), content.encode())
    body = f'{{"alipay_trade_query_response":{content},"sign":"{sign}"}}'
    with pytest.raises(oracle.exceptions.AliPayValidationError):
        _sdk(oracle)._verify_and_return_sync_response(body, "alipay_trade_query_response")  # type: ignore[attr-defined]
    sealed = open_answer(body.encode(), "alipay.trade.query")
    assert signing.verify(make_account().alipay_keys, sealed.signed, sealed.sign)


@pytest.mark.filterwarnings("ignore:X509:DeprecationWarning")
def test_certificate_serials_agree_with_the_oracle(oracle: ModuleType) -> None:
    app = (VECTORS / "app_certificate.crt").read_text()
    root = (VECTORS / "alipay_root.crt").read_text()
    assert oracle.DCAliPay.get_cert_sn(app) == keys.serial(app.encode())
    assert oracle.DCAliPay.get_root_cert_sn(root) == keys.root_serial(root.encode())


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=20)


@settings(max_examples=20, deadline=None)
@given(st.dictionaries(st.from_regex(r"[a-z_]{1,12}", fullmatch=True), TEXTS, max_size=6))
def test_whatever_is_signed_verifies_and_nothing_else(fields: dict[str, str]) -> None:
    key = stored_key("app_key_pkcs8.pem")
    sign = signing.sign(key, signing.request_bytes(fields))
    trusted = (key.public_key(),)
    assert signing.verify(trusted, signing.request_bytes({**fields, "sign": sign, "empty": ""}), sign)
    assert not signing.verify(trusted, signing.request_bytes({**fields, "more": "x"}), sign)
    assert not signing.verify((stored_key("alipay_key.pem").public_key(),), signing.request_bytes(fields), sign)


def test_signatures_that_are_no_base64_are_wrong_not_errors() -> None:
    trusted = make_account().alipay_keys
    for wrong in ("", "*", "签名", "AAAA", base64.b64encode(bytes(256)).decode()):
        assert not signing.verify(trusted, b"x", wrong)
