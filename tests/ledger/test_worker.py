"""The ledger's thread: one thing after another, and what it does is known to whoever asked."""

from __future__ import annotations

import asyncio
import threading

import pytest

from kiosk.ledger.at_once import at_once
from kiosk.ledger.worker import Worker


@pytest.fixture
def worker() -> Worker:
    return Worker("test")


async def test_one_after_another_in_one_thread(worker: Worker) -> None:
    done: list[int] = []
    threads = await asyncio.gather(
        *(worker.do(lambda n=n: (done.append(n), threading.current_thread().name)[1]) for n in range(50))
    )
    assert done == list(range(50))
    assert set(threads) == {"test"}
    worker.stop()
    assert not [thread for thread in threading.enumerate() if thread.name == "test"]


async def test_what_is_raised_is_raised_there(worker: Worker) -> None:
    def broken() -> None:
        raise LookupError("here")

    with pytest.raises(LookupError, match="here"):
        await worker.do(broken)
    assert await worker.do(lambda: 1) == 1
    worker.stop()


async def test_cancelled_before_its_turn_it_is_not_begun_and_later_it_is_done(worker: Worker) -> None:
    begun, go, done = threading.Event(), threading.Event(), []

    def slow() -> None:
        begun.set()
        go.wait(10)
        done.append("slow")

    first = asyncio.ensure_future(worker.do(slow))
    second = asyncio.ensure_future(worker.do(lambda: done.append("second")))
    await asyncio.to_thread(begun.wait, 10)
    for task in (first, second):
        task.cancel()
    await asyncio.gather(first, second, return_exceptions=True)
    go.set()
    await worker.do(lambda: done.append("third"))
    assert done == ["slow", "third"]
    worker.stop()


async def test_after_stop_nothing_is_begun(worker: Worker) -> None:
    worker.stop()
    worker.stop()
    with pytest.raises(RuntimeError, match="stopped"):
        await worker.do(lambda: 1)


def test_a_loop_that_is_gone_does_no_harm(worker: Worker) -> None:
    go = threading.Event()

    async def leave() -> None:
        waiting = asyncio.ensure_future(worker.do(lambda: go.wait(10)))
        await asyncio.sleep(0)
        assert not waiting.done()

    asyncio.run(leave())
    go.set()
    assert asyncio.run(worker.do(lambda: "still there")) == "still there"
    worker.stop()


async def test_several_at_once_and_never_more() -> None:
    running, most, order = 0, 0, []

    def work(n: int):  # type: ignore[no-untyped-def]
        async def one() -> None:
            nonlocal running, most
            order.append(n)
            running += 1
            most = max(most, running)
            await asyncio.sleep(0)
            running -= 1

        return one

    await at_once([work(n) for n in range(20)], 3)
    assert (order, most) == (list(range(20)), 3)
    await at_once([], 3)


async def test_the_first_that_raises_ends_the_rest() -> None:
    ended = []

    async def waits() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("waits")

    async def raises() -> None:
        await asyncio.sleep(0)
        raise LookupError

    with pytest.raises(LookupError):
        await at_once([waits, raises, waits], 2)
    assert ended == ["waits"]
