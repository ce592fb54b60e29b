"""The code brought along: what is said, what is answered, where the phone goes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QApplication

from kiosk.screens.form import BringForm
from tests.ui import structure
from tests.ui.hall import Hall
from ui.gallery import Stage
from ui.theme import THEMES
from ui.widgets.form_scene import FormScene


@pytest.fixture(params=THEMES)
def hall(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[Hall]:
    made = Hall(Stage(request.param))
    yield made
    made.stage.close()


def test_filling_here_is_the_other_answer(hall: Hall) -> None:
    hall.show(BringForm())
    assert "请出示手机上的二维码" in hall.said()
    hall.touch("action.next")
    assert hall.answers == ["skip"]


def test_trouble_is_shown_spoken_and_goes_again(hall: Hall) -> None:
    hall.show(BringForm())
    calm = hall.said()
    hall.update(BringForm("这是付款码，请打开填好信息的二维码。"))
    assert "这是付款码，请打开填好信息的二维码。" in hall.said()
    assert hall.page.voice() == "这是付款码，请打开填好信息的二维码。"
    assert not structure.squeezed(hall.stage.frame)
    hall.update(BringForm())
    assert hall.said() == calm


def test_camera_is_called_no_scanner(hall: Hall) -> None:
    hall.show(BringForm(position="摄像头在屏幕上方", arrow="up"))
    assert not any("扫码口" in text for text in (*hall.said(), *hall.page.help_lines(), hall.page.voice()))


@pytest.mark.parametrize(("arrow", "side"), [("left", "左侧"), ("right", "右侧"), ("down", "下方")])
def test_phone_goes_where_the_window_is(hall: Hall, arrow: str, side: str) -> None:
    hall.show(BringForm())
    hall.update(replace(BringForm(), arrow=arrow, position=f"扫码口在屏幕{side}"))  # type: ignore[arg-type]
    assert any(f"扫码口在屏幕{side}" in text for text in hall.said())
    scene = hall.page.findChild(FormScene)
    assert scene is not None
    phone, _, window = scene._places()
    way = window.center() - phone.center()
    assert {"left": way.x() < 0, "right": way.x() > 0, "down": way.y() > 0}[arrow]
    assert scene.rect().toRectF().contains(phone)
    assert not phone.intersects(window)


def test_no_word_of_paying(hall: Hall) -> None:
    hall.show(BringForm())
    scene = hall.find("bring.scene")
    assert "付款" not in scene.accessibleName() + "".join(hall.said())
