"""Every refusal of a decision is one plain sentence."""

from __future__ import annotations

import re
from importlib import resources

import pytest

from kiosk.domain.decision_refused import _BY_CODE, NOT_NUMBERED, NOT_SENT, UNKNOWN_CODE, sentence, summed_up
from kiosk.domain.errors import Refusal

CONTRACT = (resources.files("kiosk.gateways.police") / "openapi.yaml").read_text("utf-8")
TECHNICAL = {"bad_request", "key_reused"}
"""Mistakes of the program: the general sentence is all a citizen can use."""


def codes() -> list[str]:
    """Those the wire contract names for `decide`."""
    decide = CONTRACT[
        CONTRACT.index("/v1/records/{record_id}/decision:") : CONTRACT.index("operationId: find_decision")
    ]
    told = [part.split("content:")[0] for part in re.split(r"'4(?:09|22)':", decide)[1:]]
    return sorted(set(re.findall(r"`([a-z_]+)`", "".join(told))) - TECHNICAL)


def test_the_contract_names_them() -> None:
    assert {"points_limit", "record_held", "too_many_licences", "no_consent"} <= set(codes())
    assert len(codes()) >= 25


@pytest.mark.parametrize("code", codes())
def test_each_code_of_the_contract_has_a_sentence(code: str) -> None:
    assert sentence(f"refused:{code}", {}) == _BY_CODE[code] != UNKNOWN_CODE


def test_sentences_are_plain() -> None:
    """What is the matter and what to do, no more; the page adds the full stop."""
    for words in (*_BY_CODE.values(), UNKNOWN_CODE):
        assert not re.search(r"[A-Za-z。！!]", words)
        assert "，" in words or "只能在" in words or "请" in words
        assert len(words) <= 32, words


def test_the_machines_own_rules_speak_for_themselves() -> None:
    rules = {"W05": Refusal("W05", "处理后累积记分会达到 12 分。请到人工窗口处理。", "", "")}
    assert sentence("rule:W05", rules) == "处理后累积记分会达到 12 分。请到人工窗口处理"
    assert sentence("rule:X99", rules) == UNKNOWN_CODE
    assert sentence(NOT_SENT, {}) != UNKNOWN_CODE
    assert sentence(NOT_NUMBERED, {}) != UNKNOWN_CODE
    assert sentence("refused:brand_new", {}) == UNKNOWN_CODE
    assert sentence("refused:", {}) == UNKNOWN_CODE


def test_several_records() -> None:
    assert summed_up(["甲"]) == "甲。"
    assert summed_up(["甲", "甲"]) == "甲。"
    assert summed_up(["甲", "乙", "甲"]) == "2 条：甲。1 条：乙。"
