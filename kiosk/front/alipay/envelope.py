"""Find what Alipay signed in the body of a synchronous answer.

    {"alipay_trade_query_response":{"code":"10000", …},"alipay_cert_sn":"…","sign":"…"}

Signed are the exact bytes of the first member's value, so nothing may be parsed and written anew: `spans` walks over the text with
a tokenizer that knows strings, where braces mean nothing and a backslash hides the character after it. Counting braces alone takes
a right answer for a forged one as soon as a message holds a lone `}`, and that is after money has moved.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kiosk.front.alipay.answers import AnswerError

_SPACE = " \t\n\r"
_ERROR = "error_response"


@dataclass(frozen=True, slots=True)
class Sealed:
    """The signed part of an answer, not verified yet."""

    signed: bytes = field(repr=False)
    sign: str
    """Empty when the answer is not signed."""
    members: Mapping[str, Any] = field(repr=False)
    """Numbers are kept as the text they came in, so that no amount passes through a float."""


def open_answer(body: bytes, method: str) -> Sealed:
    """The answer to `method` (alipay.trade.query). Raises AnswerError for anything that is not one JSON object with that member."""
    try:
        text = body.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError:
        raise AnswerError("the body is not UTF-8") from None
    found = spans(text)
    name = method.replace(".", "_") + "_response"
    if name in found and _ERROR in found:
        raise AnswerError("an answer and an error in one body")
    if name not in found:
        name = _ERROR
    if name not in found:
        raise AnswerError("the answer to another method")
    part = _cut(text, found[name])
    members = _parsed(part)
    if not isinstance(members, dict):
        raise AnswerError("the answer is not a JSON object")
    sign = _parsed(_cut(text, found["sign"])) if "sign" in found else ""
    if not isinstance(sign, str):
        raise AnswerError("a signature that is not text")
    return Sealed(part.encode(), sign, members)


def spans(text: str) -> dict[str, tuple[int, int]]:
    """Where each member's value of the one object in `text` begins and ends. Raises AnswerError."""
    found: dict[str, tuple[int, int]] = {}
    at = _expect(text, _skip(text, 0), "{")
    at = _skip(text, at)
    if text[at : at + 1] == "}":
        at += 1
    else:
        while True:
            start = _skip(text, at)
            end = _string_end(text, start)
            name = _parsed(text[start:end])
            begin = _skip(text, _expect(text, _skip(text, end), ":"))
            stop = _value_end(text, begin)
            if name in found:
                raise AnswerError("a member twice")
            found[name] = (begin, stop)
            at = _skip(text, stop)
            if text[at : at + 1] != ",":
                break
            at += 1
        at = _expect(text, at, "}")
    if _skip(text, at) != len(text):
        raise AnswerError("more than one JSON document")
    return found


def _value_end(text: str, at: int) -> int:
    first = text[at : at + 1]
    if first == '"':
        return _string_end(text, at)
    if first not in ("{", "["):
        end = at
        while end < len(text) and text[end] not in ",}]" + _SPACE:
            end += 1
        if end == at:
            raise AnswerError("a member without value")
        return end
    open_brackets: list[str] = []
    while at < len(text):
        letter = text[at]
        if letter == '"':
            at = _string_end(text, at)
            continue
        if letter in "{[":
            open_brackets.append("}" if letter == "{" else "]")
        elif letter in "}]":
            if open_brackets.pop() != letter:
                raise AnswerError("brackets that do not match")
            if not open_brackets:
                return at + 1
        at += 1
    raise AnswerError("the body ends too early")


def _string_end(text: str, at: int) -> int:
    at = _expect(text, at, '"')
    while at < len(text):
        if text[at] == "\\":
            at += 2
        elif text[at] == '"':
            return at + 1
        else:
            at += 1
    raise AnswerError("the body ends too early")


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at


def _expect(text: str, at: int, letter: str) -> int:
    if text[at : at + 1] != letter:
        raise AnswerError("the body is not one JSON object")
    return at + 1


def _cut(text: str, span: tuple[int, int]) -> str:
    return text[span[0] : span[1]]


def _parsed(text: str) -> Any:
    try:
        return json.loads(
            text, object_pairs_hook=_no_key_twice, parse_float=str, parse_int=str, parse_constant=_no_constant
        )
    except AnswerError:
        raise
    except (ValueError, RecursionError):
        raise AnswerError("the body is not one JSON document") from None


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise AnswerError("a member twice")
    return value


def _no_constant(_: str) -> Any:
    raise AnswerError("a number that is none")
