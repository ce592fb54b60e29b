"""The fines the police side has booked on a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from kiosk.domain.bill import PostedRow
from kiosk.domain.errors import GatewayUnavailable
from kiosk.gateways.police import sim_postings
from kiosk.gateways.police.postings import PoliceBooks
from kiosk.gateways.police.sim_ledger import PaymentEntry

DAY = dt.date(2026, 11, 21)
BOOKED = PaymentEntry("330203260000001", "T1", 15000, 0, "", "2026-11-21T10:00:00+08:00", "k")


@pytest.fixture
async def books(hall: Any) -> AsyncIterator[PoliceBooks]:
    made = PoliceBooks(hall.client.endpoint)
    yield made
    await made.aclose()


def booked(hall: Any, *entries: PaymentEntry) -> None:
    for entry in entries:
        hall.sim.world.books.add_payment(entry)


async def test_what_was_booked_that_day(hall: Any, books: PoliceBooks) -> None:
    late = replace(BOOKED, number="330203260000002", posted_at="2026-11-21T23:59:59+08:00")
    after = replace(BOOKED, number="330203260000003", posted_at="2026-11-21T16:00:00+00:00")
    booked(hall, BOOKED, late, after)
    at = dt.datetime.fromisoformat(BOOKED.posted_at)
    first, second = await books.posted(DAY)
    assert first == PostedRow("330203260000001", 15000, "T1", at)
    assert second.decision_no == late.number
    assert [row.decision_no for row in await books.posted(DAY + dt.timedelta(days=1))] == [after.number]
    assert await books.posted(DAY - dt.timedelta(days=1)) == ()


async def test_pages(hall: Any, books: PoliceBooks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sim_postings, "PAGE_ROWS", 2)
    booked(hall, *(replace(BOOKED, number=f"33020326000000{n}") for n in range(1, 6)))
    assert len(await books.posted(DAY)) == 5


@pytest.mark.parametrize("fault", ["error_500", "drop_after", "half_answer", "wrong_types", "missing_member"])
async def test_no_usable_answer_is_no_book(hall: Any, books: PoliceBooks, fault: str) -> None:
    hall.sim.control({"do": "fault", "id": f"postings.{fault}"})
    with pytest.raises(GatewayUnavailable):
        await books.posted(DAY)
