"""T07 by touch: looks in small, loudness and brightness."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QSize
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from kiosk.screens.diagnostics import LOOK_SCALES, LOOK_THEMES, Dial, Look, Order, SettingsView, Verb
from tests.ui.hall import Hall
from ui.gallery import Stage
from ui.pages.look_picture import look_picture
from ui.samples.diagnostics_lists import SAMPLES
from ui.widgets.diag_look import LookPanel

SHOWN: SettingsView = SAMPLES["t07_settings"].screen  # type: ignore[assignment]
NONE: SettingsView = SAMPLES["t07_settings_no_card"].screen  # type: ignore[assignment]


@pytest.fixture(params=[(1080, 1920), (1920, 1080)], ids=["portrait", "landscape"])
def hall(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[Hall]:
    stage = Stage(size=QSize(*request.param))
    yield Hall(stage)
    stage.close()


def panel(hall: Hall) -> LookPanel:
    (found,) = hall.page.findChildren(LookPanel)
    return found


def painted(hall: Hall) -> QImage:
    for _ in range(50):
        QApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    return panel(hall)._picture


@pytest.mark.parametrize("name", LOOK_THEMES)
def test_every_theme_is_an_order(hall: Hall, name: str) -> None:
    hall.show(SHOWN)
    hall.touch(f"diag.settings.theme.{name}")
    assert hall.answers == [Order(Verb.SHOW, name, "100")]


@pytest.mark.parametrize("percent", LOOK_SCALES)
def test_every_size_is_an_order(hall: Hall, percent: int) -> None:
    hall.show(replace(SHOWN, look=Look("elder")))
    hall.touch(f"diag.settings.scale.{percent}")
    assert hall.answers == [Order(Verb.SHOW, "elder", str(percent))]


def test_the_picture_is_of_the_look_that_is_shown(hall: Hall) -> None:
    hall.show(SHOWN)
    first = painted(hall).copy()
    assert first.height() > first.width() > 0, "citizens' pages stand upright"
    hall.update(replace(SHOWN, look=Look("high_contrast")))
    second = painted(hall).copy()
    assert second != first
    assert second.pixelColor(second.width() // 2, second.height() // 2).lightness() < 60
    hall.update(SHOWN)
    assert painted(hall) == first
    assert [w for w in QApplication.topLevelWidgets() if w.isVisible() and w is not hall.stage.frame] == []


def test_larger_is_larger() -> None:
    size = QSize(1080, 1920)
    pictures = [look_picture("standard", scale, size) for scale in (0.85, 1.0, 1.3)]
    assert {picture.size() for picture in pictures} == {size}
    assert pictures[0] != pictures[1] != pictures[2]


def test_knobs_are_turned_by_tens(hall: Hall) -> None:
    hall.show(SHOWN)
    hall.touch("diag.settings.volume.more")
    hall.touch("diag.settings.volume.less")
    hall.touch("diag.settings.brightness.less")
    assert hall.answers == [
        Order(Verb.TURN, "volume", "70"),
        Order(Verb.TURN, "volume", "50"),
        Order(Verb.TURN, "brightness", "90"),
    ]
    assert not hall.find("diag.settings.brightness.more").isEnabled()


def test_a_level_between_tens_goes_to_the_next_one(hall: Hall) -> None:
    hall.show(replace(SHOWN, dials=(Dial("volume", "音量", 67), Dial("brightness", "亮度", 24, 20))))
    hall.touch("diag.settings.volume.more")
    hall.touch("diag.settings.volume.less")
    hall.touch("diag.settings.brightness.less")
    assert [order.value for order in hall.answers] == ["70", "60", "20"]


def test_what_cannot_be_turned_says_why(hall: Hall) -> None:
    hall.show(NONE)
    assert {"本机没有声卡。"} <= hall.said()
    assert not [w for w in hall.page.findChildren(object) if "more" in w.objectName() and w.isVisible()]


def test_a_new_level_is_shown(hall: Hall) -> None:
    hall.show(SHOWN)
    assert "60%" in hall.said()
    hall.update(replace(SHOWN, dials=(Dial("volume", "音量", 70), SHOWN.dials[1])))
    assert "70%" in hall.said()
    hall.update(replace(SHOWN, dials=()))
    assert "70%" not in hall.said()
