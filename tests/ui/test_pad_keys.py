"""The tactile pad walks the page's own controls."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication

from kiosk.ports.controls import PadKey
from kiosk.screens.form import ChoosePhotoWay
from tests.ui.hall import Hall
from ui.pad_keys import press


def pressed(hall: Hall, key: PadKey) -> str:
    press(hall.stage.frame, key)
    QApplication.processEvents()
    focus = hall.stage.frame.focusWidget()
    return focus.objectName() if focus is not None else ""


def test_every_control_is_reached_and_chosen(hall: Hall) -> None:
    hall.show(ChoosePhotoWay())
    hall.stage.frame.activateWindow()
    seen = [pressed(hall, PadKey.DOWN) for _ in range(12)]
    assert len(set(seen)) >= 4
    first, second = pressed(hall, PadKey.DOWN), pressed(hall, PadKey.RIGHT)
    assert first != second
    assert pressed(hall, PadKey.UP) == first
    while not pressed(hall, PadKey.DOWN).startswith("photo.way."):
        pass
    pressed(hall, PadKey.SELECT)
    assert len(hall.answers) == 1


def test_help_opens(hall: Hall) -> None:
    hall.show(ChoosePhotoWay())
    press(hall.stage.frame, PadKey.HELP)
    assert hall.stage.frame.help is not None
