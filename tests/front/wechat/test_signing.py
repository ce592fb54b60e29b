"""The signatures against vectors made by OpenSSL, and against an independent implementation, both ways."""

from __future__ import annotations

import base64
import json
import time

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from wechatpayv3 import utils as oracle
from wechatpayv3.core import Core

from kiosk.front.wechat import signing
from kiosk.front.wechat.fake_keys import FakeKeys
from kiosk.front.wechat.fake_notices import sealed, signed
from tests.front.wechat import known

NONCE = "593BEC0C930BF1AFEB40B4A08C8FB242"
TIMESTAMP = "1795219200"
TARGET = "/v3/pay/transactions/out-trade-no/NB0120261121000017?mchid=1900000109"


@pytest.fixture(scope="module")
def key() -> RSAPrivateKey:
    loaded = load_pem_private_key(known.KEY.encode(), None)
    assert isinstance(loaded, RSAPrivateKey)
    return loaded


def test_a_request_is_signed_over_its_five_lines(key: RSAPrivateKey) -> None:
    body = known.POST_BODY.encode()
    header = signing.authorization(
        "1900000109", "AB12", key, "POST", "/v3/pay/transactions/native", TIMESTAMP, NONCE, body
    )
    assert header == (
        f'WECHATPAY2-SHA256-RSA2048 mchid="1900000109",nonce_str="{NONCE}",signature="{known.POST_SIGNATURE}",'
        f'timestamp="{TIMESTAMP}",serial_no="AB12"'
    )


def test_a_request_without_body_has_an_empty_fifth_line_and_its_query_in_the_second(key: RSAPrivateKey) -> None:
    message = signing.request_bytes("GET", TARGET, TIMESTAMP, NONCE, b"")
    assert message.count(b"\n") == 5
    assert signing.sign(key, message) == known.GET_SIGNATURE


@pytest.mark.parametrize(
    ("body", "signature"),
    [(known.ANSWER_BODY.encode(), known.ANSWER_SIGNATURE), (b"", known.EMPTY_SIGNATURE)],
    ids=["body", "204"],
)
def test_an_answer_is_signed_over_its_three_lines(key: RSAPrivateKey, body: bytes, signature: str) -> None:
    lines = signing.answer_bytes("1795219201", "c5ac7061fccab6bf3e254dcf98995b8c", body)
    assert signing.verify(key.public_key(), lines, signature)
    assert not signing.verify(key.public_key(), lines + b" ", signature)
    assert not signing.verify(key.public_key(), lines, "WECHATPAY/SIGNTEST/" + signature)
    assert not signing.verify(key.public_key(), lines, "")
    assert not signing.verify(key.public_key(), lines, "é")


@pytest.mark.parametrize(("shift", "fresh"), [(0, True), (300, True), (-300, True), (301, False), (-301, False)])
def test_five_minutes_either_way_are_fresh(shift: int, fresh: bool) -> None:
    assert signing.is_fresh(str(1_795_219_200 + shift), 1_795_219_200.0) is fresh


@pytest.mark.parametrize("text", ["", "-1795219200", "1795219200.0", "١٧٩٥٢١٩٢٠٠", "1" * 40])
def test_what_is_not_unix_seconds_is_never_fresh(text: str) -> None:
    assert not signing.is_fresh(text, 1_795_219_200.0)


def test_the_oracle_makes_the_same_header(key: RSAPrivateKey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: float(TIMESTAMP))
    theirs = oracle.build_authorization(
        "/v3/pay/transactions/native", "POST", "1900000109", "AB12", key, data=known.POST_BODY, nonce_str=NONCE
    )
    monkeypatch.undo()
    ours = signing.authorization(
        "1900000109",
        "AB12",
        key,
        "POST",
        "/v3/pay/transactions/native",
        TIMESTAMP,
        NONCE,
        known.POST_BODY.encode(),
    )
    assert ours == theirs


def test_the_oracle_verifies_our_signature_and_we_verify_its(key: RSAPrivateKey) -> None:
    ours = signing.sign(key, signing.answer_bytes("1795219201", "nonce", "付款".encode()))
    assert oracle.rsa_verify("1795219201", "nonce", "付款", ours, key.public_key())
    theirs = oracle.rsa_sign(key, "1795219201\nnonce\n付款\n")
    assert signing.verify(key.public_key(), signing.answer_bytes("1795219201", "nonce", "付款".encode()), theirs)


def test_an_envelope_opens_with_its_key_only() -> None:
    apiv3_key = "0123456789abcdef0123456789abcdef"
    envelope = sealed(apiv3_key, b'{"trade_state":"SUCCESS"}', "transaction")
    opened = signing.unseal(apiv3_key.encode(), **envelope)
    assert opened.decode() == oracle.aes_decrypt(
        envelope["nonce"], envelope["ciphertext"], envelope["associated_data"], apiv3_key
    )
    for change in ({"associated_data": "refund"}, {"nonce": "0" * 12}, {"algorithm": "AES"}, {"ciphertext": "AAAA"}):
        with pytest.raises(ValueError):
            signing.unseal(apiv3_key.encode(), **{**envelope, **change})
    with pytest.raises(ValueError):
        signing.unseal(b"f" * 32, **envelope)


def test_the_published_gcm_vector_opens() -> None:
    """NIST's GCM test case 16 has a 12-byte nonce that is not text; case 14 (zeros) is, and is laid out as WeChat Pay does it."""
    sealed_zeros = bytes.fromhex("cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919")
    assert AESGCM(bytes(32)).decrypt(bytes(12), sealed_zeros, b"") == bytes(16)
    opened = signing.unseal(
        bytes(32), "AEAD_AES_256_GCM", "\0" * 12, "", base64.b64encode(sealed_zeros).decode("ascii")
    )
    assert opened == bytes(16)


def test_the_oracle_decrypts_the_fakes_notification(keys: FakeKeys) -> None:
    """So the fake speaks what another implementation understands, not only what ours does."""
    core = Core(
        keys.mchid,
        keys.merchant_serial,
        keys.merchant.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        keys.apiv3_key,
        public_key=keys.public_key.public_pem.decode(),
        public_key_id=keys.public_key.serial,
    )
    resource = sealed(keys.apiv3_key, json.dumps({"out_trade_no": "N1"}).encode(), "transaction")
    body = json.dumps({"resource_type": "encrypt-resource", "resource": resource}).encode()
    headers = signed(keys.public_key, body, time.time())
    assert json.loads(core.decrypt_callback(headers, body)) == {"out_trade_no": "N1"}
    assert core.decrypt_callback(signed(keys.public_key, body, time.time(), by_nobody=True), body) is None
