"""The signed part of an answer is found byte for byte, whatever stands in its texts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.front.alipay.answers import AnswerError
from kiosk.front.alipay.envelope import open_answer, spans

METHOD, MEMBER = "alipay.trade.query", "alipay_trade_query_response"
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.sampled_from('{}[]"\\,:/ a罚\n\u2028'), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=80, deadline=None)
@given(st.dictionaries(st.text(max_size=4), VALUES, max_size=4), st.booleans(), st.sampled_from(["", " ", "\n\t"]))
def test_exactly_the_bytes_of_the_value_are_found(content: dict[str, Any], ascii_only: bool, space: str) -> None:
    inner = json.dumps(content, ensure_ascii=ascii_only).replace("/", "\\/")
    before = json.dumps({"other": {"sign": "}{", MEMBER: "}"}}, ensure_ascii=ascii_only)[1:-1]
    body = f'{{{before},{space}"{MEMBER}"{space}:{space}{inner}{space},"sign":"AB\\/C="}}{space}'
    sealed = open_answer(body.encode(), METHOD)
    assert sealed.signed == inner.encode()
    assert sealed.sign == "AB/C="
    assert set(sealed.members) == set(content)


@settings(max_examples=60, deadline=None)
@given(VALUES, st.data())
def test_a_body_cut_anywhere_is_no_answer(value: Any, data: st.DataObject) -> None:
    body = json.dumps({MEMBER: {"v": value}, "sign": "x"}).encode()
    cut = data.draw(st.integers(0, len(body) - 1))
    with pytest.raises(AnswerError):
        open_answer(body[:cut], METHOD)


@settings(max_examples=60, deadline=None)
@given(st.text(st.sampled_from('{}[]":,\\ax1 \n'), max_size=30))
def test_what_is_accepted_is_json_and_nothing_crashes(text: str) -> None:
    try:
        found = spans(text)
    except AnswerError:
        return
    for begin, end in found.values():
        assert 0 < begin < end < len(text)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"{}",
        b"<html>502</html>",
        b'{"other_response":{}}',
        b'{"alipay_trade_query_response":{},"alipay_trade_query_response":{}}',
        b'{"alipay_trade_query_response":{},"error_response":{},"sign":"x"}',
        b'{"alipay_trade_query_response":{"code":"1","code":"2"},"sign":"x"}',
        b'{"alipay_trade_query_response":"encrypted","sign":"x"}',
        b'{"alipay_trade_query_response":{},"sign":{"a":1}}',
        b'{"alipay_trade_query_response":{},"sign":"x"}{}',
        b'{"alipay_trade_query_response":{]},"sign":"x"}',
        b'{"alipay_trade_query_response":{"a":NaN},"sign":"x"}',
        b'{"alipay_trade_query_response":' + b"[" * 100_000 + b"]" * 100_000 + b',"sign":"x"}',
        b'{"alipay_trade_query_response":{"a":"\xd6\xd0"},"sign":"x"}',
    ],
)
def test_bodies_that_are_no_answer(body: bytes) -> None:
    with pytest.raises(AnswerError):
        open_answer(body, METHOD)


def test_numbers_stay_the_text_they_came_as() -> None:
    sealed = open_answer(b'{"alipay_trade_query_response":{"code":10000,"total_amount":0.10}}', METHOD)
    assert sealed.members == {"code": "10000", "total_amount": "0.10"}


def test_an_error_answer_and_a_byte_order_mark_are_understood() -> None:
    assert open_answer(b'\xef\xbb\xbf{"error_response":{"code":"40002"},"sign":"x"}', METHOD).members["code"] == "40002"
