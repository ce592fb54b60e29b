"""Process start to home painted; run by `tests.bench.start` as a script: `python child_home.py FD`.

What `kiosk run --windowed` does until then: the look, the clock, the window, the home page. The byte on FD is written when
Qt's event loop turns for the first time after the home page was painted. (`kiosk run` loads its settings after that.)
"""

from __future__ import annotations

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))

from PySide6.QtWidgets import QApplication

from kiosk.ports.clock import SystemClock
from kiosk.verbs.look import Look, glance
from kiosk.verbs.window import FirstPaint, build


def tell() -> None:
    """Peak resident memory in KiB."""
    import resource

    os.write(int(sys.argv[1]), f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}\n".encode())
    os._exit(0)


def main() -> None:
    look = glance(None, "ci")
    assert isinstance(look, Look)
    _, frame = build(look, SystemClock(), windowed=True)
    FirstPaint(frame, tell)
    app = QApplication.instance()
    assert app is not None
    app.exec()


if __name__ == "__main__":
    main()
