"""Databases for the front's ledger."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.front import postgres


@pytest.fixture(scope="session")
def postgresql() -> Iterator[postgres.Server]:
    if postgres.binaries() is None:
        pytest.skip(postgres.WHY_NOT)
    with postgres.running() as server:
        yield server


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.xdist_group("postgresql"))],
)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty ledger."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/ledger.db"
    server: postgres.Server = request.getfixturevalue("postgresql")
    return server.new_database()
