from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.gateways.drafts import Window, open_window
from tests.gateways.halls import ExitEntryHall, TestClock


@pytest.fixture
def hall_kind() -> type[ExitEntryHall]:
    return ExitEntryHall


@pytest.fixture
async def window(clock: TestClock) -> AsyncIterator[Window]:
    async with open_window(clock) as window:
        yield window
