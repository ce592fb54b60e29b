"""A cupsd of the test's own."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.drivers.document_printer.spooler import Spooler


@pytest.fixture
async def spooler() -> AsyncIterator[Spooler]:
    with tempfile.TemporaryDirectory(prefix="onetrip-cups-") as folder:  # a socket's path must be short
        made = Spooler(Path(folder))
        try:
            await made.start()
            await made.add_queue()
            yield made
        finally:
            await made.stop()
