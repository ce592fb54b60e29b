from __future__ import annotations

import pytest

from tests.gateways.halls import PoliceHall


@pytest.fixture
def hall_kind() -> type[PoliceHall]:
    return PoliceHall
