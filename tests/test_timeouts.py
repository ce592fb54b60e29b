"""A time limit holds in the cleaning up of a task that was cancelled, on every Python that kiosks have."""

from __future__ import annotations

import asyncio

import pytest

import kiosk.old_timeouts  # noqa: F401  # Python 3.11.2 is mended by it


async def cleaned_up(limit: float, ends: list[str], again: asyncio.Event | None = None) -> None:
    try:
        await asyncio.sleep(60)
    finally:
        try:
            async with asyncio.timeout(limit):
                if again is not None:
                    again.set()
                await asyncio.sleep(60)
        except TimeoutError:
            ends.append("timeout")
        except asyncio.CancelledError:
            ends.append("cancelled")
            raise


async def cancelled(work: asyncio.Task[None]) -> None:
    await asyncio.sleep(0)
    work.cancel()


async def test_it_ends_in_a_timeout() -> None:
    ends: list[str] = []
    work = asyncio.create_task(cleaned_up(0.01, ends))
    await cancelled(work)
    with pytest.raises(asyncio.CancelledError):
        await work
    assert ends == ["timeout"]


async def test_another_cancelling_is_no_timeout() -> None:
    ends: list[str] = []
    inside = asyncio.Event()
    work = asyncio.create_task(cleaned_up(60, ends, inside))
    await cancelled(work)
    await inside.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert ends == ["cancelled"]


async def sleeps(limit: float, inner: float = 60.0) -> None:
    async with asyncio.timeout(limit), asyncio.timeout(inner):
        await asyncio.sleep(60)


async def test_one_within_another() -> None:
    with pytest.raises(TimeoutError):
        await sleeps(0.01)
    with pytest.raises(TimeoutError):
        await sleeps(60, inner=0.01)
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0
