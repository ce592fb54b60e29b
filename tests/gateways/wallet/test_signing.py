"""Known answers: RFC 4231 and RFC 8032 for the primitives, the contract's worked example (made with openssl) for the wire."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kiosk.gateways.wallet import signing

KEY = bytes(range(32))
NONCE = "q2w3e4r5t6y7u8i9o0p1a2s3"
REQUEST = (
    '{"order_no":"NB0120261121000017","amount_fen":20000,"subject":"交通违法罚款",'
    '"expires_in_s":150,"terminal_id":"NB01"}'
).encode()
ANSWER = (
    b'{"order_no":"NB0120261121000017","state":"waiting","amount_fen":20000,'
    b'"code_payload":"https://pay.example/c/8sPq","expires_at":"2026-11-21T08:02:30+08:00"}'
)
SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
PUBLIC = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
SIGNATURE = "qfhJL+5nJ5cnagiNf6dOk02BGwCkJqocbzY589tZ2AE9zq7LzFOlex6kXb+uz2VaUsucE1lvzd1yXdnEKXrRDA=="


def test_request_mac_is_the_worked_example() -> None:
    mac = signing.request_mac(KEY, "POST", "/v1/trades", "kiosk-1", 1795219200, NONCE, REQUEST)
    assert base64.b64encode(mac) == b"nsTg3Vr/t36KIs+3hKJYNNpAcDK1eJQ64F5jici6VLg="


def test_answer_signature_is_the_worked_example() -> None:
    private = Ed25519PrivateKey.from_private_bytes(SEED)
    assert private.public_key().public_bytes_raw() == PUBLIC
    assert signing.sign_answer(private, "1795219201", NONCE, ANSWER) == SIGNATURE
    assert signing.verify_answer((signing.public_key(PUBLIC),), "1795219201", NONCE, ANSWER, SIGNATURE)


@pytest.mark.parametrize(
    ("timestamp", "nonce", "body", "signature"),
    [
        ("1795219202", NONCE, ANSWER, SIGNATURE),
        ("1795219201", NONCE[:-1] + "4", ANSWER, SIGNATURE),
        ("1795219201", NONCE, ANSWER.replace(b"20000", b"20001"), SIGNATURE),
        ("1795219201", NONCE, ANSWER + b" ", SIGNATURE),
        ("1795219201", NONCE, ANSWER, base64.b64encode(bytes(64)).decode()),
        ("1795219201", NONCE, ANSWER, SIGNATURE[:-4]),
        ("1795219201", NONCE, ANSWER, "not base64 at all"),
        ("1795219201", NONCE, ANSWER, "é"),
        ("1795219201", NONCE, ANSWER, ""),
    ],
)
def test_a_changed_answer_does_not_verify(timestamp: str, nonce: str, body: bytes, signature: str) -> None:
    assert not signing.verify_answer((signing.public_key(PUBLIC),), timestamp, nonce, body, signature)


def test_either_of_two_keys_verifies_while_keys_are_changed() -> None:
    keys = (Ed25519PrivateKey.generate().public_key(), signing.public_key(PUBLIC))
    assert signing.verify_answer(keys, "1795219201", NONCE, ANSWER, SIGNATURE)


def test_public_key_forms_name_the_same_key() -> None:
    pem = signing.public_key(PUBLIC).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for form in (PUBLIC, PUBLIC.hex(), base64.b64encode(PUBLIC).decode(), pem, pem.decode()):
        assert signing.public_key(form).public_bytes_raw() == PUBLIC


@pytest.mark.parametrize("text", ["", "abc", "00" * 31, "zz" * 32, base64.b64encode(bytes(31)).decode()])
def test_an_unusable_public_key_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):
        signing.public_key(text)


def test_authorization_header_reads_back() -> None:
    given = signing.Credentials("kiosk-1", 1795219200, NONCE, b"\x00\xff" * 16)
    assert signing.Credentials.parse(given.header()) == given
    loose = (
        f"onetrip-hmac-sha256 nonce={NONCE}, sig={base64.b64encode(given.sig).decode()}, ts=1795219200, device=kiosk-1"
    )
    assert signing.Credentials.parse(loose) == given
    assert "sig" not in repr(given)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer abc",
        "OneTrip-HMAC-SHA256",
        f"OneTrip-HMAC-SHA256 device=k,ts=1,nonce={NONCE}",
        f"OneTrip-HMAC-SHA256 device=k,ts=-1,nonce={NONCE},sig=AA==",
        f"OneTrip-HMAC-SHA256 device=k,ts=1,nonce={NONCE},sig=*",
        f"OneTrip-HMAC-SHA256 device=k,device=k,ts=1,nonce={NONCE},sig=AA==",
        "OneTrip-HMAC-SHA256 device=k,ts=1,nonce=short,sig=AA==",
        f"OneTrip-HMAC-SHA256 device=k\nx,ts=1,nonce={NONCE},sig=AA==",
    ],
)
def test_a_header_of_another_form_is_refused(header: str) -> None:
    with pytest.raises(signing.CredentialsError):
        signing.Credentials.parse(header)


@pytest.mark.parametrize(
    ("timestamp", "fresh"),
    [("1000", True), ("1300", True), ("700", True), ("1301", False), ("699", False), ("", False), ("1e3", False)],
)
def test_freshness(timestamp: str, fresh: bool) -> None:
    assert signing.is_fresh(timestamp, 1000.0) is fresh
