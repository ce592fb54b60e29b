"""The match finds exactly what was spoilt, whatever else the day held."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.ledger.reconcile import Break, Finding, match
from kiosk.ledger.reconcile_words import WORDS
from tests.ledger import reconcile_parts as parts
from tests.ledger.reconcile_parts import DAY, FAULTS, NEXT, ODD, Day, Expected, at

Spoil = Callable[[Day], None]


def found(day: Day, of: dt.date = DAY) -> Expected:
    return {(finding.what, finding.subject) for finding in match(of, day.sides())}


def good(day: Day) -> None:
    day.paid(1)
    day.paid(0, fen=1500)
    day.twice(day.paid(3))


def test_a_good_day_has_nothing_to_find() -> None:
    day = Day()
    good(day)
    assert found(day) == set()


@pytest.mark.parametrize("spoil", FAULTS, ids=lambda spoil: spoil.__name__)
def test_one_fault_is_one_finding(spoil: Spoil) -> None:
    day = Day()
    good(day)
    spoil(day)
    assert len(day.expected) == 1
    assert found(day) == day.expected


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: odd.__name__)
def test_what_looks_odd_and_is_right(odd: Spoil) -> None:
    day = Day()
    odd(day)
    assert found(day) == set() == day.expected


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.sampled_from([good, *FAULTS, *ODD]), max_size=14),
    st.randoms(use_true_random=False),
)
def test_a_day_of_any_orders_and_any_faults(spoils: list[Spoil], luck: random.Random) -> None:
    day = Day()
    for spoil in spoils:
        spoil(day)
    for side in (day.payments, day.bill, day.posted, day.open_orders):
        luck.shuffle(side)
    assert found(day) == day.expected


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from([good, *FAULTS, *ODD]), max_size=8))
def test_sides_that_have_not_told_accuse_nobody(spoils: list[Spoil]) -> None:
    """Without the day's books only what the ledger or a row itself proves is found: no absence counts."""
    day = Day(known=())
    for spoil in spoils:
        spoil(day)
    by_absence = {Break.JOURNAL_ONLY, Break.CROSS_MIDNIGHT}
    assert not {what for what, _ in found(day)} & by_absence
    assert found(day) <= day.expected


def test_every_class_is_injected_and_has_words() -> None:
    day = Day()
    for spoil in FAULTS:
        spoil(day)
    assert {what for what, _ in day.expected} == set(Break) == set(WORDS)


HELD = (parts.paid_around_midnight, parts.posted_after_midnight, parts.refunded_around_midnight)


@pytest.mark.parametrize("spoil", HELD, ids=lambda spoil: spoil.__name__)
def test_what_was_held_becomes_a_break_when_the_next_day_does_not_have_it_either(spoil: Spoil) -> None:
    day = Day(known=(DAY, NEXT))
    spoil(day)
    ((_, subject),) = day.expected
    ((what, again),) = found(day, NEXT)
    assert (what, again) == (
        {
            "paid_around_midnight": (Break.POSTED_NOT_PAID, subject),
            "posted_after_midnight": (Break.PAID_NOT_POSTED, subject),
            "refunded_around_midnight": (Break.REFUND_MISSING, subject),
        }[spoil.__name__]
    )


def test_what_was_held_is_explained_by_the_next_days_books() -> None:
    day = Day(known=(DAY, NEXT))
    payment = day.paid(1, moment=at("23:59:58"))
    day.without_bill(payment)
    assert found(day, NEXT)
    day.bill.append(day.bill_row(payment))
    assert found(day, NEXT) == set()


def test_an_order_that_is_explained_by_another_finding_is_not_told_twice() -> None:
    day = Day()
    parts.duplicate_not_back(day)
    second = day.payments[-1]
    day.open_orders.append(parts.OpenOrder(second.order_id, 1, at("10:00"), {second.id: "refund_intent"}))
    assert found(day) == day.expected


def test_a_bill_of_one_wallet_judges_only_that_wallet() -> None:
    day = Day()
    alipay, wechat = day.paid(0), day.paid(0)
    assert (alipay.wallet, wechat.wallet) == ("alipay", "wechat")
    day.bill.clear()
    sides = day.sides()
    only = parts.Sides(sides.payments, bill_days={DAY: frozenset({"alipay"})})
    assert match(DAY, only) == [
        Finding(
            Break.JOURNAL_ONLY,
            alipay.id,
            10000,
            alipay.order_id,
            {"ledger": "paid", "ledger_fen": 10000, "bill_fen": 0, "bill_back_fen": 0, "wallet": "alipay"},
        )
    ]
