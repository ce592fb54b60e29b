from __future__ import annotations

import pytest

from tests.gateways.halls import ExitEntryHall


@pytest.fixture
def hall_kind() -> type[ExitEntryHall]:
    return ExitEntryHall
