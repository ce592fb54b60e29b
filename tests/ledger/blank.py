"""A new machine's ledger for tests of something else: the migrations, which make it, run once in each process."""

from __future__ import annotations

import asyncio
import tempfile
from functools import cache
from pathlib import Path

from kiosk.ledger.store import Store
from kiosk.ports.clock import SystemClock


async def blank_ledger(file: Path) -> None:
    """`file` is the ledger of a machine on its first day. What is there already stays as it is."""
    if not file.exists():
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(await asyncio.to_thread(_blank))


@cache
def _blank() -> bytes:
    async def make(file: Path) -> bytes:
        store = Store(f"sqlite:///{file}", SystemClock())
        await store.open()
        await store.close()
        return file.read_bytes()

    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(make(Path(folder) / "blank.db"))
