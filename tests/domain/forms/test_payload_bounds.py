"""How much a payload may hold, to the last character, and what is said of one that cannot be used."""

from __future__ import annotations

import datetime as dt
import json
import zlib
from typing import Any

import pytest

from kiosk.domain.forms.payload import (
    MAX_BODY,
    MAX_TEXT,
    MAX_VALUE,
    MAX_VALUES,
    PayloadError,
    decode_payload,
    decode_record,
    encode_record,
)
from kiosk.domain.forms.record import Record, Value
from tests.domain.forms.test_payload import KEY, KIOSK, MADE, PHONE, SMALL, document, signed, why


def test_the_longest_text() -> None:
    whole = f"OTF1:{'A' * (MAX_TEXT - 6)}:"
    assert why(whole) != "too_long"
    assert why(f"{whole[:-1]}A:") == "too_long"
    good = encode_record(SMALL, KEY, MADE)
    blanks = MAX_TEXT + 64 - len(good)
    assert decode_record(good + " " * blanks, [KIOSK]) == SMALL
    assert why(good + " " * (blanks + 1)) == "too_long"


def test_the_largest_body() -> None:
    def body(size: int) -> bytes:
        head = b'["CRJ-2014",1,0,{}'
        return head + b" " * (size - len(head) - 1) + b"]"

    assert len(body(MAX_BODY)) == MAX_BODY
    assert decode_record(signed(zlib.compress(body(MAX_BODY))), [KIOSK]) == Record("CRJ-2014", 1)
    assert why(signed(zlib.compress(body(MAX_BODY + 1)))) == "too_big"


def test_the_largest_record() -> None:
    values = {f"k{n:03d}": Value("一" * 100, "user") for n in range(50)}
    record = Record("CRJ-2014", 1, values)
    made = int(MADE.timestamp())
    size = len(
        json.dumps(
            ["CRJ-2014", 1, made, {"u": {k: v.text for k, v in values.items()}}],
            ensure_ascii=False,
            separators=(",", ":"),
        ).encode()
    )
    rest, last = divmod(MAX_BODY - size, 100 + len(',"p":""'))
    for n in range(rest):
        record = record.put(f"p{n}", "x" * (100 - len(str(n))), "user")
    room = record.put("q", "x" * max(1, last - len(',"q":""')), "user") if last > len(',"q":""') else record
    assert decode_record(encode_record(room, KEY, MADE), [KIOSK]) == room
    with pytest.raises(PayloadError) as caught:
        encode_record(room.put("q", room.text("q") + "x", "user"), KEY, MADE)
    assert caught.value.why == "too_big"


@pytest.mark.parametrize(
    "value",
    [
        ["A" * 24, 1, 0, {}],
        ["CRJ-2014", 999, 2**34 - 1, {}],
        ["CRJ-2014", 1, 0, {"u": {"phone": "1" * MAX_VALUE}}],
        ["CRJ-2014", 1, 0, {"u": {f"k{n}": "1" for n in range(MAX_VALUES)}}],
        ["CRJ-2014", 1, 0, {"u": {"k" * 32: "1"}, "i": {}, "d": {}, "s": {"x": "1"}}],
    ],
)
def test_as_much_as_the_format_allows(value: list[Any]) -> None:
    found = decode_payload(document(value), [KIOSK])
    assert (found.record.form_id, found.record.version) == (value[0], value[1])
    assert found.made == dt.datetime.fromtimestamp(value[2], dt.UTC)
    assert {key: item.text for key, item in found.record.items()} == {
        k: t for g in value[3].values() for k, t in g.items()
    }
    assert (found.role, found.key_id) == ("kiosk", KIOSK.key_id.hex())


def test_each_source_has_its_letter() -> None:
    value = ["CRJ-2014", 1, 0, {"i": {"a": "1"}, "d": {"b": "1"}, "u": {"c": "1"}, "s": {"d": "1"}}]
    sources = {key: item.source for key, item in decode_record(document(value), [KIOSK]).items()}
    assert sources == {"a": "id", "b": "derived", "c": "user", "d": "system"}
    assert {item.source for item in decode_record(document(value), [PHONE]).values()} == {"user"}


@pytest.mark.parametrize(
    ("word", "said", "citizen"),
    [
        ("too_long", "the text is longer than any QR code", "这不是填表用的二维码，请换一个"),
        ("not_ours", "the text is no form payload", "这不是填表用的二维码，请换一个"),
        (
            "version",
            "the payload is of a version this program does not know",
            "这个二维码不能在本厅使用，请在本机上填写",
        ),
        (
            "unknown_key",
            "the payload is signed with a key that is not trusted here",
            "这个二维码不能在本厅使用，请在本机上填写",
        ),
        ("cut_off", "the payload is cut off", "二维码不完整或已改动，请重新出示，或在本机上填写"),
    ],
)
def test_what_is_said_of_a_payload(word: Any, said: str, citizen: str) -> None:
    error = PayloadError(word)
    assert (error.why, str(error), error.citizen) == (word, said, citizen)
