"""Work beside the GUI thread: what comes back, what does not, and that no thread is left standing in something deleted."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import weakref

import pytest
from PySide6.QtWidgets import QApplication

from ui.errand import THREADS, Errand, finish_all


class Answer:
    """Something that can be watched."""


def test_result_is_handed_over_on_the_gui_thread(qapp: QApplication) -> None:
    made: list[str] = []
    came: list[tuple[str, int]] = []

    def make() -> int:
        made.append(threading.current_thread().name)
        return 7

    Errand(make, lambda result: came.append((threading.current_thread().name, result)))
    assert came == []
    finish_all()
    assert came == [(threading.main_thread().name, 7)]
    assert made[0].startswith(THREADS)


def test_abandoned_errand_delivers_nothing(qapp: QApplication) -> None:
    came: list[int] = []
    go = threading.Event()

    def make() -> int:
        assert go.wait(20)
        return 7

    errand = Errand(make, came.append)
    errand.abandon()
    assert not errand.wanted
    go.set()
    finish_all()
    assert came == []


def test_what_an_errand_begins_is_finished_too(qapp: QApplication) -> None:
    came: list[int] = []
    Errand(lambda: 1, lambda one: came.append(one) or Errand(lambda: one + 1, came.append))  # type: ignore[func-returns-value]
    finish_all()
    assert came == [1, 2]


def test_what_went_wrong_is_told_and_raised_on_the_gui_thread(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    raised: list[BaseException] = []
    came: list[object] = []
    monkeypatch.setattr("sys.excepthook", lambda kind, error, trace: raised.append(error))
    Errand(lambda: 1 // 0, came.append, lambda: came.append("failed"))
    finish_all()
    assert came == ["failed"]
    assert [type(error) for error in raised] == [ZeroDivisionError]


def test_nothing_is_kept_of_what_was_delivered(qapp: QApplication) -> None:
    """What errands carry is the citizen's: pictures, answers."""
    came: list[weakref.ref[Answer]] = []
    held = Errand(Answer, lambda answer: came.append(weakref.ref(answer)))
    dropped = Errand(Answer)
    dropped.abandon()
    finish_all()
    gc.collect()
    assert came[0]() is None
    assert [thing for thing in gc.get_objects() if isinstance(thing, Answer)] == []
    assert held.wanted


HURRY = """
import faulthandler, sys
from PySide6.QtCore import QCoreApplication, QEvent, QSize
from PySide6.QtWidgets import QApplication
faulthandler.enable()
app = QApplication([])
from ui.errand import Errand
from ui.widgets.photo_decoder import Decoding
sys.setswitchinterval(1e-6)  # threads change in the middle of everything
came = []
take = lambda *some: came.append(None)
for turn in range(150):
    for _ in range(8):
        Errand(lambda: (1, 2, 3), take)
    Decoding([b"no picture"] * 4, QSize(10, 10), take)
    while len(came) < (turn + 1) * 12:
        app.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
print(len(came))
"""

LEAVING = """
from PySide6.QtWidgets import QApplication
app = QApplication([])
from kiosk.domain.forms.sheet import Sheet
from config.form_tables import load_form
from ui.forms.picture import Pictures, Wanted
from ui.errand import Errand
Pictures([Wanted(i, Sheet(load_form("LEGACY-TW"), {}), 900) for i in range(3)], None, lambda i, picture: None)
print("left")
"""


FIRST_STROKES = """
import sys
from PySide6.QtWidgets import QApplication
app = QApplication([])
sys.setswitchinterval(1e-6)
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter
from ui.errand import Errand, finish_all
def paint():
    image = QImage(100, 100, QImage.Format.Format_RGB32)
    p = QPainter(image)
    for _ in range(20):
        p.fillRect(QRectF(0, 0, 10, 10), QColor("red"))
        p.setPen(Qt.PenStyle.NoPen)
        p.setBrush(QBrush(QColor("blue")))
        p.drawImage(QRectF(0, 0, 10, 10), image)
    p.end()
    return image.width()
widths = []
for _ in range(2):
    Errand(paint, widths.append)
paint()
finish_all()
print(widths)
"""
"""Two threads and this one name Qt's enums for the first time at once: PySide's own faults show in nearly each run (`ui.qt_types`)."""


@pytest.mark.parametrize(
    ("program", "says"),
    [(HURRY, "1800"), (LEAVING, "left"), (FIRST_STROKES, "[100, 100]")],
    ids=["hurry", "leaving", "first-strokes"],
)
def test_program_does_not_fall_over_its_threads(program: str, says: str) -> None:
    """In a process of its own, which may crash: threads that deliver without a pause, and an end while they paint."""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=50, check=False)
    assert (ended.returncode, ended.stdout.strip()) == (0, says), ended.stderr[-2000:]
