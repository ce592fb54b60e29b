"""One thread that does one thing after another for an event loop.

As an executor of one thread does; but what is asked for goes there by one queue and comes back by one call, because an executor's own
book-keeping takes a good part of what a durable commit may take.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, TypeVar

T = TypeVar("T")
_Job = tuple[asyncio.AbstractEventLoop, "asyncio.Future[Any]", Callable[[], Any]]


class Worker:
    """Begins with the first job. `stop` waits for the last one; the thread never keeps a process from ending."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._stopped = False

    async def do(self, work: Callable[[], T]) -> T:
        """What `work` returns or raises. Cancelled before its turn, it is not begun; cancelled later, it is done all the same."""
        if self._stopped:
            raise RuntimeError(f"{self._name} has stopped")
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._jobs.put((loop, future, work))
        return await future

    def stop(self) -> None:
        """Idempotent. Not from the thread itself."""
        self._stopped = True
        if self._thread is not None:
            self._jobs.put(None)
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            loop, future, work = job
            if not future.cancelled():
                _answer(loop, future, work)
            del job, loop, future, work  # what was asked must not outlive its answer here


def _answer(loop: asyncio.AbstractEventLoop, future: asyncio.Future[Any], work: Callable[[], Any]) -> None:
    result, error = None, None
    try:
        result = work()
    except BaseException as raised:  # noqa: BLE001  # it belongs to whoever asked
        error = raised
    try:
        loop.call_soon_threadsafe(_settle, future, result, error)
    except RuntimeError:
        if not loop.is_closed():  # otherwise nobody waits any more
            raise
    finally:
        error = None


def _settle(future: asyncio.Future[Any], result: Any, error: BaseException | None) -> None:
    if future.cancelled():
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)
