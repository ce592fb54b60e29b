"""A ledger file with an audit chain in it, and hands that change it without the program."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

from kiosk.ledger.audit import Audit
from kiosk.ledger.audit_head import head_file
from kiosk.ledger.audit_rows import Chain
from kiosk.ledger.store import Store
from tests.ledger.parts import KEY, HandClock

T = TypeVar("T")
ROWS = 12


def head_of(file: Path) -> Path:
    return head_file(f"sqlite:///{file}", file.with_name("ledger.key"))


def audit_of(store: Store, file: Path, key: bytes = KEY) -> Audit:
    return Audit(store, HandClock(), key, head_of(file))


async def with_audit(file: Path, work: Callable[[Audit], Awaitable[T]], key: bytes = KEY) -> T:
    """As a process of its own would: open, do, close."""
    store = Store(f"sqlite:///{file}", HandClock())
    await store.open()
    try:
        return await work(audit_of(store, file, key))
    finally:
        await store.close()


async def write_rows(audit: Audit, count: int = ROWS) -> None:
    for number in range(count):
        if number % 3 == 2:
            await audit.write(f"T{number:04d}", "simulator_in", device="camera", reason=f"试一试 {number}")
        else:
            await audit.write("T0271", "health_check", device="camera", level=1 + number % 3, verdict="passed")


def verified(file: Path, key: bytes = KEY, anchor: str = "") -> Chain:
    return asyncio.run(with_audit(file, lambda audit: audit.verify(anchor), key))


def written(file: Path, count: int) -> None:
    asyncio.run(with_audit(file, lambda audit: write_rows(audit, count)))


def by_hand(file: Path, *statements: str, **values: Any) -> None:
    """Plain SQLite, as whoever gets at the file has it."""
    with contextlib.closing(sqlite3.connect(file)) as hand, hand:
        for statement in statements:
            hand.execute(statement, values)


def all_rows(file: Path) -> list[tuple[Any, ...]]:
    with contextlib.closing(sqlite3.connect(file)) as hand:
        hand.text_factory = bytes
        return hand.execute("SELECT * FROM audit ORDER BY seq").fetchall()
