"""The process that makes kiosk processes, shared by the crash tests."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.drivers.document_printer.conftest import spooler

__all__ = ["spooler"]


ANSWER_LIMIT = 16 * 1024 * 1024


class Zygote:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.pid = process.pid
        self.template: Path | None = None
        """An empty ledger, made once; every run gets a copy."""

    async def ask(self, **order: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        await self._process.stdin.drain()
        answer: dict[str, Any] = json.loads(await self._process.stdout.readline())
        return answer


@asynccontextmanager
async def started(module: str = "tests.crash.zygote", *words: str, **env: str) -> AsyncIterator[Zygote]:
    """`module` makes the processes, started with these words; `env` goes over this process's own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *words,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=ANSWER_LIMIT,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONWARNINGS": "ignore", **env},
    )
    assert process.stdout is not None
    assert json.loads(await process.stdout.readline()) == {"ready": True}
    yield Zygote(process)
    assert process.stdin is not None
    process.stdin.close()
    await process.wait()


@asynccontextmanager
async def with_template(module: str, *words: str) -> AsyncIterator[Zygote]:
    """As `started`, with an empty ledger for its worlds."""
    with tempfile.TemporaryDirectory(prefix="onetrip-template-") as folder:
        async with started(module, *words, QT_QPA_PLATFORM="offscreen") as made:
            made.template = Path(folder) / "ledger.db"
            answer = await made.ask(do="template", file=str(made.template))
            assert answer["exit"] == 0
            yield made


@pytest.fixture
async def zygote(request: pytest.FixtureRequest) -> AsyncIterator[Zygote]:
    """A test module names in WARM the visit that its processes will make."""
    async with with_template("tests.crash.zygote", request.module.WARM) as made:
        yield made
