"""The soak of killed services, short; ten minutes of it with `make soak-kills`."""

from __future__ import annotations

import pytest

from tests.soak.hall import missing
from tests.soak.kills import run

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(280), pytest.mark.xdist_group("pcscd")]


@pytest.mark.skipif(bool(missing()), reason=missing())
async def test_half_a_minute_of_killed_services() -> None:
    report = await run(30.0, seed=7, every=2.5)
    assert report.troubles == []
    assert report.kills.total() >= 3
