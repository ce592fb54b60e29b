"""The signed text: known answer, round trips, and one clear error for everything that can be wrong with it."""

from __future__ import annotations

import datetime as dt
import json
import zlib
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from config.form_tables import CodeLists, Form
from kiosk.domain.forms import base45
from kiosk.domain.forms.answers import answer, confirm
from kiosk.domain.forms.brought import NotTheSame, adopt
from kiosk.domain.forms.conditions import only_valid
from kiosk.domain.forms.payload import (
    CONTEXT,
    DICTIONARY,
    END,
    MAX_TEXT,
    PREFIX,
    PayloadError,
    TrustedKey,
    decode_payload,
    decode_record,
    encode_record,
    key_id,
)
from kiosk.domain.forms.record import Record, Value
from tests.domain.forms.conftest import answered, filled

DOC = (Path(__file__).parents[3] / "docs" / "form-payload.md").read_text("utf-8")
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
KIOSK = TrustedKey(KEY.public_key().public_bytes_raw(), "kiosk")
PHONE = TrustedKey(KEY.public_key().public_bytes_raw(), "phone")
MADE = dt.datetime.fromtimestamp(1773792000, dt.UTC)
SMALL = Record("CRJ-2014", 1, {"surname_cn": Value("张", "id"), "phone": Value("13900000000", "user")})


def signed(body: bytes, key: Ed25519PrivateKey = KEY) -> str:
    signer = key_id(key.public_key().public_bytes_raw())
    return PREFIX + base45.encode(signer + key.sign(CONTEXT + signer + body) + body) + END


def document(value: Any) -> str:
    return signed(zlib.compress(json.dumps(value).encode()))


def why(text: str, *keys: TrustedKey) -> str:
    with pytest.raises(PayloadError) as caught:
        decode_record(text, keys or (KIOSK,))
    assert str(caught.value)
    assert caught.value.citizen
    return caught.value.why


def test_known_answer_of_the_document() -> None:
    known = DOC.split("## 8.")[1].split("\n    ")[1].strip("\n")
    assert decode_record(known, [KIOSK]) == SMALL
    # Other builds of zlib may pack the same document differently, so only reading is compared.
    assert decode_payload(known, [KIOSK]).made == MADE
    assert KIOSK.public.hex().upper() in DOC
    assert KIOSK.key_id.hex().upper() in DOC


def test_dictionary_is_as_documented() -> None:
    assert f"{len(DICTIONARY)} bytes, Adler-32 {zlib.adler32(DICTIONARY):08X}" in DOC


@pytest.mark.parametrize(
    ("plain", "coded"),
    [(b"AB", "BB8"), (b"Hello!!", "%69 VD92EX0"), (b"base-45", "UJCLQE7W581"), (b"ietf!", "QED8WEX0"), (b"", "")],
)
def test_base45_vectors_of_the_rfc(plain: bytes, coded: str) -> None:
    assert base45.encode(plain) == coded
    assert base45.decode(coded) == plain


@pytest.mark.parametrize("text", ["A", "GGW", "::", ":::", "ab8", "BB8A", "BB8\u0661\u0661\u0661"])
def test_base45_refuses(text: str) -> None:
    with pytest.raises(ValueError, match="base45"):
        base45.decode(text)


@given(st.binary(max_size=200))
def test_base45_round_trip(data: bytes) -> None:
    assert base45.decode(base45.encode(data)) == data


def test_round_trip_of_a_whole_form(form: Form, complete: Record) -> None:
    record = only_valid(form, answered(form, complete, delivery="post", post_code="315100"))
    text = encode_record(record, KEY, MADE)
    found = decode_payload(f"\r\n {text} \n", [KIOSK])
    assert found.record == record
    assert (found.made, found.role) == (MADE, "kiosk")
    # 600 characters fit version 15-M of ISO/IEC 18004, 77 modules: readable at 35 mm on paper.
    assert len(text) <= 600
    assert "张" not in repr(found)


def test_a_phone_is_the_citizens_word() -> None:
    record = decode_record(encode_record(SMALL, KEY, MADE), [PHONE])
    assert {value.source for value in record.values()} == {"user"}


def test_it_works_without_the_dictionary() -> None:
    text = document(["CRJ-2014", 1, 1773792000, {"i": {"surname_cn": "张"}, "u": {"phone": "13900000000"}}])
    assert decode_record(text, [KIOSK]) == SMALL


def test_wrong_from_outside_in() -> None:
    text = encode_record(SMALL, KEY, MADE)
    assert why("") == "not_ours"
    assert why("https://example.cn/") == "not_ours"
    assert why("\ud800\x00") == "not_ours"
    assert why("OTF2:" + text[5:]) == "version"
    assert why(text[:-1]) == "cut_off"
    assert why("OTF1:") == "cut_off"
    assert why("OTF1::") == "cut_off"
    assert why(text[:80] + END) in ("cut_off", "base45")
    assert why(text[:40] + "a" + text[41:]) == "base45"
    assert why("OTF1:" + "A" * MAX_TEXT) == "too_long"
    assert why("A" * 10**6) == "too_long"
    assert why(encode_record(SMALL, OTHER, MADE)) == "unknown_key"
    with pytest.raises(PayloadError, match="not trusted"):
        decode_record(text, ())


def test_every_changed_character_is_found() -> None:
    text = encode_record(SMALL, KEY, MADE)
    for n in range(len(PREFIX), len(text) - 1, 7):
        changed = text[:n] + ("1" if text[n] == "0" else "0") + text[n + 1 :]
        assert why(changed) in ("signature", "unknown_key", "base45")


def test_a_signature_for_something_else_is_worth_nothing() -> None:
    signer, body = KIOSK.key_id, zlib.compress(b"[]")
    assert why(PREFIX + base45.encode(signer + KEY.sign(body) + body) + END) == "signature"


def test_signed_rubbish() -> None:
    good = zlib.compress(b'["CRJ-2014",1,0,{}]')
    assert len(decode_record(signed(good), [KIOSK])) == 0
    assert why(signed(b"\x00")) == "compression"
    assert why(signed(good + b"\x00")) == "compression"
    assert why(signed(good[:-3])) == "compression"
    assert why(signed(zlib.compress(b"[" * 10**6))) == "too_big"
    assert why(signed(zlib.compress(b"[" * 16_000))) == "json"
    assert why(signed(zlib.compress(b"\xff"))) == "json"
    assert why(signed(zlib.compress(b'["CRJ-2014",1,0,{"u":{"a":"1","a":"2"}}]'))) == "json"
    assert why(signed(zlib.compress(b'["CRJ-2014",1,' + b"9" * 5000 + b",{}]"))) == "json"


@pytest.mark.parametrize(
    "value",
    [
        {},
        [],
        None,
        ["CRJ-2014", 1, 0],
        ["crj", 1, 0, {}],
        ["A" * 25, 1, 0, {}],
        ["CRJ-2014", True, 0, {}],
        ["CRJ-2014", 0, 0, {}],
        ["CRJ-2014", 1000, 0, {}],
        ["CRJ-2014", 1, -1, {}],
        ["CRJ-2014", 1, 2**34, {}],
        ["CRJ-2014", 1, 1.5, {}],
        ["CRJ-2014", 1, 0, []],
        ["CRJ-2014", 1, 0, {"x": {}}],
        ["CRJ-2014", 1, 0, {"u": []}],
        ["CRJ-2014", 1, 0, {"u": {"Phone": "1"}}],
        ["CRJ-2014", 1, 0, {"u": {"phone\n": "1"}}],
        ["CRJ-2014", 1, 0, {"u": {"phone": 1}}],
        ["CRJ-2014", 1, 0, {"u": {"phone": ""}}],
        ["CRJ-2014", 1, 0, {"u": {"phone": "1" * 401}}],
        ["CRJ-2014", 1, 0, {"u": {"phone": "1"}, "i": {"phone": "1"}}],
        ["CRJ-2014", 1, 0, {"u": {f"k{n}": "1" for n in range(129)}}],
    ],
)
def test_signed_but_not_as_the_format_says(value: Any) -> None:
    assert why(document(value)) == "content"


def test_records_that_cannot_be_written() -> None:
    def refused(record: Record) -> str:
        with pytest.raises(PayloadError) as caught:
            encode_record(record, KEY, MADE)
        return caught.value.why

    assert refused(SMALL.put("emer_name", "\ud800", "user")) == "characters"
    assert refused(SMALL.put("emer_name", "x" * 401, "user")) == "content"
    words = {f"k{n}": Value(chr(0x4E00 + 97 * n) * 100, "user") for n in range(100)}
    assert refused(Record("CRJ-2014", 1, words)) == "too_big"
    noise = {
        f"k{n}": Value("".join(chr(0x4E00 + (k * k * 31 + n * 7919) % 20000) for k in range(50)), "user")
        for n in range(100)
    }
    assert refused(Record("CRJ-2014", 1, noise)) in ("too_big", "too_long")
    with pytest.raises(ValueError, match="zone"):
        encode_record(SMALL, KEY, MADE.replace(tzinfo=None))


@settings(max_examples=200, deadline=None)
@given(
    text=st.one_of(
        st.text(max_size=60), st.text(st.sampled_from(base45.ALPHABET), max_size=200).map(lambda t: f"OTF1:{t}:")
    )
)
def test_no_text_breaks_the_reader(text: str) -> None:
    with pytest.raises(PayloadError):
        decode_record(text, [KIOSK, PHONE])


@settings(max_examples=100, deadline=None)
@given(body=st.binary(max_size=120), packed=st.booleans())
def test_no_signed_body_breaks_the_reader(body: bytes, packed: bool) -> None:
    with pytest.raises(PayloadError):
        decode_record(signed(zlib.compress(body) if packed else body), [KIOSK])


def test_brought_answers_go_under_the_card(form: Form, codes: CodeLists, tapped: Record, complete: Record) -> None:
    at_home = confirm(form, complete).put("surname_py", "CHANG", "user").put("barcode_passport", "HZ12345678", "user")
    brought = decode_record(encode_record(only_valid(form, at_home), KEY, MADE), [PHONE])
    found = adopt(form, tapped, brought)
    assert found.text("phone") == "13900000000"
    assert found.source("id_no") == "id"
    assert (found.text("surname_py"), found.source("surname_py")) == ("CHANG", "user")
    assert not found.text("barcode_passport")
    other_card = filled(form, codes, name="王某某")
    assert adopt(form, other_card, brought.put("id_no", "", "user")).text("name") == "王某某"
    with pytest.raises(NotTheSame, match="person"):
        adopt(form, answer(form, tapped, "phone", "").put("id_no", "330212199001010002", "id"), brought)
    with pytest.raises(NotTheSame, match="form"):
        adopt(form, tapped, Record("CRJ-2030", 1, dict(brought)))
