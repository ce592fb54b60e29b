"""kill -9 between rows, and between a row and the head file: the chain is whole afterwards, and holds what was acknowledged."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path

import pytest

from tests.ledger.audit_parts import head_of, verified

ROOT = Path(__file__).parents[2]


async def run(file: Path, *words: str, rows: int = 0) -> tuple[int, int]:
    """Kill it after it has said `rows` rows, or let it end by itself. Exit status, and the last row it said."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.ledger.audit_writer", str(file), *words, stdout=asyncio.subprocess.PIPE, cwd=ROOT
    )
    assert process.stdout is not None
    said = 0
    first: int | None = None
    async for line in process.stdout:
        said = int(line)
        first = said if first is None else first
        if rows and said - first + 1 == rows:
            process.send_signal(signal.SIGKILL)
    return await process.wait(), said


@pytest.mark.slow
async def test_killed_while_writing(ledger_file: Path) -> None:
    last = 0
    for rows in (1, 2, 5, 17, 40):
        status, said = await run(ledger_file, rows=rows)
        assert status == -signal.SIGKILL
        assert said >= last + rows
        chain = await asyncio.to_thread(verified, ledger_file)
        assert chain.whole, chain.trouble
        assert chain.rows >= said, "what was acknowledged is there"
        last = chain.rows


@pytest.mark.slow
async def test_killed_between_row_and_head_again_and_again(ledger_file: Path) -> None:
    """Each time the file stays one row behind, and the next process brings it on before it writes its own row."""
    status, said = await run(ledger_file, "die-before-head", "3")
    assert (status, said) == (-signal.SIGKILL, 2), "the first rename is that of the file for a chain without rows"
    for rows in (3, 4, 5):
        chain = await asyncio.to_thread(verified, ledger_file)
        assert (chain.whole, chain.rows) == (True, rows), chain.trouble
        assert json.loads(head_of(ledger_file).read_text())["seq"] == rows - 1
        status, said = await run(ledger_file, "die-before-head", "1")
        assert (status, said) == (-signal.SIGKILL, 0)


@pytest.mark.slow
async def test_killed_before_the_first_row_has_a_head(ledger_file: Path) -> None:
    for renames, rows in (("0", 0), ("1", 1)):
        status, _ = await run(ledger_file, "die-before-head", renames)
        assert status == -signal.SIGKILL
        chain = await asyncio.to_thread(verified, ledger_file)
        assert (chain.whole, chain.rows) == (True, rows), chain.trouble
