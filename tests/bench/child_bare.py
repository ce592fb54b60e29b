"""The least a PySide6 program can do: one window of 1080x1920 with one label; `python child_bare.py FD`."""

from __future__ import annotations

import os
import resource
import sys

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QLabel


class FirstPaint(QObject):
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Paint:
            QTimer.singleShot(0, tell)
        return False


def tell() -> None:
    os.write(int(sys.argv[1]), f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}\n".encode())
    os._exit(0)


def main() -> None:
    app = QApplication(sys.argv[:1])
    label = QLabel("请选择要办理的业务")
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    label.resize(1080, 1920)
    watch = FirstPaint()
    label.installEventFilter(watch)
    label.show()
    app.exec()


if __name__ == "__main__":
    main()
