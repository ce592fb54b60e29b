"""Fixtures of the platforms' tests. A folder's own `hall_kind` says which hall its `hall` is; here it is each in turn."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial

import pytest

from kiosk.ports.clock import SHANGHAI
from tests.gateways.halls import FAST, HALLS, Hall, TestClock, name_of

OpenHall = Callable[..., AbstractAsyncContextManager[Hall]]


@pytest.fixture
def clock() -> TestClock:
    return TestClock(dt.datetime(2026, 11, 21, 10, 0, 30, tzinfo=SHANGHAI))


@pytest.fixture(params=HALLS, ids=name_of)
def hall_kind(request: pytest.FixtureRequest) -> type[Hall]:
    kind: type[Hall] = request.param
    return kind


@pytest.fixture
def open_hall(hall_kind: type[Hall], clock: TestClock) -> OpenHall:
    return partial(hall_kind.open, clock)


@pytest.fixture
async def hall(open_hall: OpenHall) -> AsyncIterator[Hall]:
    async with open_hall() as hall:
        yield hall


@pytest.fixture
async def hasty(open_hall: OpenHall) -> AsyncIterator[Hall]:
    async with open_hall(deadlines=FAST) as hall:
        yield hall
