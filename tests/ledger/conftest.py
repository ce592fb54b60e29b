"""A migrated ledger file is made once; every test gets a copy of its own."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kiosk.ledger.cipher import FieldCipher
from kiosk.ledger.store import Store
from tests.ledger.parts import KEY, Counter, HandClock, open_counter
from tests.ledger.permit_parts import Office, open_office


@pytest.fixture(scope="session")
def empty_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("ledger") / "empty.db"

    async def make() -> None:
        store = Store(f"sqlite:///{file}", HandClock())
        await store.open()
        await store.close()

    asyncio.run(make())
    return file


@pytest.fixture
def ledger_file(empty_ledger: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(empty_ledger, tmp_path / "ledger.db"))


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def cipher() -> FieldCipher:
    return FieldCipher(KEY)


@pytest.fixture
async def store(ledger_file: Path, clock: HandClock) -> AsyncIterator[Store]:
    opened = Store(f"sqlite:///{ledger_file}", clock)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def counter(ledger_file: Path) -> AsyncIterator[Counter]:
    async with open_counter(ledger_file) as made:
        yield made


@pytest.fixture
async def office(ledger_file: Path) -> AsyncIterator[Office]:
    async with open_office(ledger_file) as made:
        yield made
