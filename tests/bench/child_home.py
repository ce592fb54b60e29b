"""Process start to home painted; run by `tests.bench.start` as a script: `python child_home.py FD`.

Exactly what `kiosk run --windowed` does before its event loop starts serving: settings, clock, window, home page. The byte on
FD is written from the event loop's first turn after the home page has handled its first paint event.
"""

from __future__ import annotations

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication

from config.settings import load
from kiosk.ports.clock import SystemClock
from kiosk.verbs.window import build


class FirstPaint(QObject):
    """Writes one byte once every widget that has to be painted first has been."""

    def __init__(self, fd: int) -> None:
        super().__init__()
        self._fd = fd
        self._seen = False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Paint and not self._seen:
            self._seen = True
            QTimer.singleShot(0, self._tell)
        return False

    def _tell(self) -> None:
        tell(self._fd)


def tell(fd: int) -> None:
    """Peak memory in KiB, resident memory now in KiB."""
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    os.write(fd, f"{peak}\n".encode())
    os._exit(0)


def main() -> None:
    desk, frame = build(load(None, "ci"), SystemClock(), windowed=True)
    watch = FirstPaint(int(sys.argv[1]))
    assert frame.page is not None
    frame.page.installEventFilter(watch)
    app = QApplication.instance()
    assert app is not None
    app.exec()
    del desk


if __name__ == "__main__":
    main()
