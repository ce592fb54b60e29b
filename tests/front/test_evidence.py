"""What a wallet's word may do to a trade, for every state and any order of words; and when the next question is due."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.front import evidence
from kiosk.front.channel import Standing, State
from kiosk.front.pace import Pace
from kiosk.front.states import Kind, TradeAt, Way, check_move
from kiosk.front.store import Move, Record
from kiosk.ports.clock import SHANGHAI

NOW = dt.datetime(2026, 11, 21, 9, tzinfo=SHANGHAI)
STATES = st.sampled_from(list(TradeAt))
STANDINGS = st.builds(
    Standing,
    st.just("A1"),
    st.sampled_from(list(State)),
    st.sampled_from([0, 1, 20000]),
    st.sampled_from(["", "T1", "T2"]),
    st.sampled_from([None, NOW]),
    st.sampled_from([0, 20000]),
    st.sampled_from(["", "ACQ.X", "a b\n"]),
)


def row(state: str, **data: Any) -> Record:
    paid = {"paid_fen": 20000, "trade_no": "T1", "paid_at": NOW.isoformat(), "wallet": "w"}
    known = paid if state in (TradeAt.PAID, TradeAt.REFUNDED) else dict.fromkeys(paid)
    columns = {"amount_fen": 20000, "channel": "acquirer", "staff": None, "reason": None, "way": Way.SHOWN}
    columns |= {**known, **data}
    return Record(Kind.TRADE, "A1", "NB01", state, 1, "", "", columns)


def after(record: Record, standing: Standing, over: bool) -> Record:
    change = evidence.change(record, standing, "query", NOW, over=over)
    if change is None:
        return record
    state = record.state
    if isinstance(change, Move):
        check_move(Kind.TRADE, record.state, change.state)
        state = change.state
    return row(state, **{**record.data, **change.data})


@given(STATES, st.sampled_from([Way.SHOWN, Way.CHARGED]), st.lists(st.tuples(STANDINGS, st.booleans()), max_size=8))
def test_no_order_of_words_takes_money_back_or_makes_it(
    state: str, way: Way, words: list[tuple[Standing, bool]]
) -> None:
    record = row(state, way=way)
    for standing, over in words:
        new = after(record, standing, over)
        if new.state != record.state:
            assert new.state != TradeAt.PAID or standing.state is State.PAID
            assert record.state != TradeAt.PAID or new.state == TradeAt.REFUNDED
            assert record.state != TradeAt.REFUNDED
        if new.state == TradeAt.PAID and record.state != TradeAt.PAID:
            assert (new["staff"] == evidence.AMOUNT) == (standing.fen != 20000)
            assert new["trade_no"]
            assert new["paid_at"]
        record = new


@pytest.mark.parametrize(
    ("state", "said", "over", "then"),
    [
        ("intent", "waiting", False, "waiting"),
        ("unknown", "waiting", False, "waiting"),
        ("unknown", "waiting", True, "unknown"),
        ("intent", "not_found", False, "intent"),
        ("closing", "not_found", False, "closing"),
        ("closing", "not_found", True, "closed"),
        ("waiting", "closed", False, "closed"),
        ("closed", "waiting", False, "closed"),
        ("closed", "paid", False, "paid"),
        ("refused", "paid", False, "paid"),
        ("refunded", "paid", False, "refunded"),
        ("paid", "closed", False, "paid"),
        ("paid", "refunded", False, "refunded"),
        ("closing", "refunded", True, "refunded"),
    ],
)
def test_one_word(state: str, said: str, over: bool, then: str) -> None:
    standing = Standing("A1", State(said), 20000 if said in ("paid", "refunded") else 0, "T1", NOW)
    assert after(row(state), standing, over).state == then


def test_a_word_about_another_order_is_a_bug() -> None:
    with pytest.raises(ValueError, match="another order"):
        evidence.change(row("waiting"), Standing("B1", State.PAID, 20000, "T", NOW), "query", NOW)


def test_a_second_payment_for_a_paid_order_is_for_staff() -> None:
    assert after(row("paid"), Standing("A1", State.PAID, 20000, "T2", NOW), False)["staff"] == evidence.ANOTHER
    assert after(row("paid"), Standing("A1", State.PAID, 20000, "T1", NOW), False)["staff"] is None


def test_questions_come_after_2_5_8_seconds_a_fifth_more_or_less() -> None:
    pace = Pace()
    assert [pace.poll(n, lambda: 0.5) for n in range(3)] == [2.0, 3.0, 3.0]
    assert (pace.poll(0, lambda: 0.0), pace.poll(0, lambda: 1.0)) == (pytest.approx(1.6), pytest.approx(2.4))


def test_background_tries_grow_to_hourly_then_daily_and_end() -> None:
    pace = Pace()
    waits = [pace.background(n, lambda: 0.5) for n in range(1, 21)]
    assert waits[:7] == [30.0, 60.0, 120.0, 300.0, 900.0, 3600.0, 3600.0]
    assert waits[10:19] == [3600.0, *[86_400.0] * 8]
    assert waits[19] is None
