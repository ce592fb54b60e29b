"""Something slow made off the GUI thread: tables a keypad needs are read while the citizen looks at the page, not before."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Generic, TypeVar

from PySide6.QtCore import QCoreApplication, QObject, QRunnable, Qt, QThreadPool, Signal, Slot

from config.area_tables import AreaTables, load_areas
from config.tables import TablesError
from kiosk.domain.input_method import InputMethod

T = TypeVar("T")


@lru_cache(maxsize=1)
def input_method() -> InputMethod:
    """The shipped tables: the same for every citizen, nothing is learnt."""
    return InputMethod()


@lru_cache(maxsize=1)
def _warm() -> bool:
    input_method().warm_up()
    return True


def warm_input_method() -> None:
    """Have its tables read on a pool thread, where nobody has done so yet."""
    if not _warm.cache_info().currsize:
        Errand(_warm)


@lru_cache(maxsize=1)
def areas() -> AreaTables:
    """Raises TablesError."""
    return load_areas()


class Errand(QObject, Generic[T]):
    """Runs `make` on a pool thread and hands its result to `deliver` on the GUI thread; a TablesError of it is raised there.

    Lives until it is done and deletes itself then; `abandon` when nobody waits for it any more.
    """

    _done = Signal(object, object)

    def __init__(self, make: Callable[[], T], deliver: Callable[[T], None] | None = None) -> None:
        super().__init__(QCoreApplication.instance())
        self._deliver = deliver
        self._done.connect(self._hand_over, Qt.ConnectionType.QueuedConnection)
        QThreadPool.globalInstance().start(_Run(self, make))

    def abandon(self) -> None:
        self._deliver = None

    def send(self, made: object, error: Exception | None) -> None:
        """Called on the pool thread."""
        self._done.emit(made, error)

    @Slot(object, object)
    def _hand_over(self, made: T, error: Exception | None) -> None:
        deliver, self._deliver = self._deliver, None
        self.deleteLater()
        if error is not None:
            raise error
        if deliver is not None:
            deliver(made)


class _Run(QRunnable):
    def __init__(self, errand: Errand[T], make: Callable[[], T]) -> None:
        super().__init__()
        self._errand, self._make = errand, make

    def run(self) -> None:
        try:
            made = self._make()
        except TablesError as error:
            self._errand.send(None, error)
        else:
            self._errand.send(made, None)
