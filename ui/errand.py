"""Work beside the GUI thread, its result handed over on the GUI thread.

Python threads and one object that receives for all of them and is never deleted. An object for each piece of work, deleted when its
result had come, was deleted while the thread still stood in its signal; and Qt's own pool outlives the interpreter at the program's end.
Python waits for these threads before it takes anything down.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import lru_cache
from queue import Empty, SimpleQueue
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal, Slot

from ui.qt_types import make_all

T = TypeVar("T")
THREADS = "errand"
"""How the names of the threads begin."""
_AT_ONCE = 2
_running: set[Future[Any]] = set()


class Errand(Generic[T]):
    """Runs `make` on a thread and gives its result to `deliver` on the GUI thread.

    What `make` raises is raised on the GUI thread, after `failed` was called there. Made on the GUI thread, whose event loop brings the
    result. The result of an abandoned errand is dropped; work that takes long looks at `wanted` by itself.
    """

    def __init__(
        self,
        make: Callable[[], T],
        deliver: Callable[[T], None] | None = None,
        failed: Callable[[], None] | None = None,
    ) -> None:
        self._deliver, self._failed = deliver, failed
        self._wanted = True
        post = _post()
        doing = _threads().submit(make)
        _running.add(doing)
        doing.add_done_callback(lambda done: post.put(lambda: self._arrived(done)))

    @property
    def wanted(self) -> bool:
        return self._wanted

    def abandon(self) -> None:
        """Nobody waits for it any more."""
        self._wanted, self._deliver, self._failed = False, None, None

    def _arrived(self, done: Future[T]) -> None:
        _running.discard(done)
        deliver, failed = self._deliver, self._failed
        self._deliver = self._failed = None
        if not self._wanted:
            return
        error = done.exception()
        if error is not None:
            if failed is not None:
                failed()
            raise error
        if deliver is not None:
            deliver(done.result())


def finish_all() -> None:
    """Wait for the threads and hand everything over, also what that begins. On the GUI thread."""
    while _running:
        wait(tuple(_running))
        QCoreApplication.sendPostedEvents(_post())


class _Post(QObject):
    """Lives in the GUI thread for as long as the program does."""

    _rung = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._arrived: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._rung.connect(self.hand_over, Qt.ConnectionType.QueuedConnection)

    def put(self, parcel: Callable[[], None]) -> None:
        """From any thread."""
        self._arrived.put(parcel)
        self._rung.emit()

    @Slot()
    def hand_over(self) -> None:
        while True:
            try:
                parcel = self._arrived.get_nowait()
            except Empty:
                return
            parcel()


@lru_cache(maxsize=1)
def _post() -> _Post:
    return _Post()


@lru_cache(maxsize=1)
def _threads() -> ThreadPoolExecutor:
    make_all()
    return ThreadPoolExecutor(_AT_ONCE, thread_name_prefix=THREADS)
