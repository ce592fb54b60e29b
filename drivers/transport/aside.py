"""Work that may hang for good, on threads of its own that nobody waits for at the end.

The loop's own executor has a handful of threads, and the interpreter waits for them when it ends: one call into a half-dead device's
driver could take a thread from everybody, and the end from the kiosk. A thread cannot be killed; it can be left behind.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, TypeVar

T = TypeVar("T")
_Order = tuple[Callable[[], Any], "asyncio.Future[Any]", asyncio.AbstractEventLoop]


def aside(work: Callable[[], T], name: str) -> asyncio.Future[T]:
    """Begin `work` on a new daemon thread; its result or exception comes to this loop. Cancelling the future does not stop it."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()
    threading.Thread(target=_carry_out, args=(work, future, loop), name=name, daemon=True).start()
    return future


class OneThread:
    """Does one thing after another on one daemon thread: for libraries whose objects belong to one thread at a time.

    Begun with the first work, left behind when something does not end in time; the next work then gets a new thread.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._orders: SimpleQueue[_Order | None] | None = None

    async def do(self, work: Callable[[], T], within: float) -> T:
        """The result of `work`, or what it raised. Raises TimeoutError when it has not ended after `within` seconds."""
        if self._orders is None:
            self._orders = SimpleQueue()
            threading.Thread(target=_work_off, args=(self._orders,), name=self._name, daemon=True).start()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        future.add_done_callback(_look_at)
        self._orders.put((work, future, loop))
        try:
            done, _ = await asyncio.wait((future,), timeout=within)
        except BaseException:
            future.cancel()  # where it has not begun yet it need not begin
            raise
        if not done:
            future.cancel()
            self.end()
            raise TimeoutError(f"{self._name}: not done within {within:g} s")
        return future.result()

    def end(self) -> None:
        """The thread ends with the work it has; nobody waits for it."""
        if self._orders is not None:
            self._orders.put(None)
            self._orders = None


def _work_off(orders: SimpleQueue[_Order | None]) -> None:
    while (order := orders.get()) is not None:
        if not order[1].cancelled():
            _carry_out(*order)
        del order  # a picture must not stay until the next one


def _carry_out(work: Callable[[], Any], future: asyncio.Future[Any], loop: asyncio.AbstractEventLoop) -> None:
    result, failure = None, None
    try:
        result = work()
    except BaseException as caught:  # noqa: BLE001  # handed over: the loop's side raises it
        failure = caught
    try:
        loop.call_soon_threadsafe(_tell, future, result, failure)
    except RuntimeError:  # the loop has ended meanwhile: nobody is left to be told
        return


def _tell(future: asyncio.Future[Any], result: Any, failure: BaseException | None) -> None:
    if future.done():
        return
    if failure is not None:
        future.set_exception(failure)
    else:
        future.set_result(result)


def _look_at(future: asyncio.Future[Any]) -> None:
    """Whoever asked may have gone; what was raised is his affair and no news for the log."""
    if not future.cancelled():
        future.exception()
