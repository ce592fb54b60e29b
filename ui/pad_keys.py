"""Keys of the tactile pad as keys of a keyboard: the pages' own focus order is walked, so every page can be used without the screen."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeyEvent

from kiosk.ports.controls import PadKey
from ui.frame import KioskFrame

_KEYS: Mapping[PadKey, Qt.Key] = {
    PadKey.UP: Qt.Key.Key_Backtab,
    PadKey.LEFT: Qt.Key.Key_Backtab,
    PadKey.DOWN: Qt.Key.Key_Tab,
    PadKey.RIGHT: Qt.Key.Key_Tab,
    PadKey.SELECT: Qt.Key.Key_Space,
}


def press(frame: KioskFrame, key: PadKey) -> None:
    """One key of the pad. HELP opens the help page; VOLUME turns the voice on and off."""
    if key is PadKey.HELP:
        frame.open_help()
        return
    if key is PadKey.VOLUME:
        frame.voice_tapped.emit()
        return
    target = frame.focusWidget() or frame
    shift = Qt.KeyboardModifier.ShiftModifier if _KEYS[key] is Qt.Key.Key_Backtab else Qt.KeyboardModifier.NoModifier
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        QCoreApplication.postEvent(target, QKeyEvent(kind, _KEYS[key], shift))
