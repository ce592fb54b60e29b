"""A cupsd of the test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.drivers.document_printer.spooler import Spooler, running_spooler


@pytest.fixture
async def spooler() -> AsyncIterator[Spooler]:
    async with running_spooler() as made:
        yield made
