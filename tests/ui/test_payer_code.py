"""C11: what the page says in each state, which buttons there are, which side the arrow points to."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QApplication

from kiosk.screens.pay import ScanPayerCode
from tests.ui import structure
from tests.ui.test_desk import Kiosk, make, settle
from ui.theme import THEMES, Mode, ThemeName
from ui.widgets.scan_scene import ScanScene

SCAN = ScanPayerCode(25000, "应缴罚款 2 笔")


@pytest.fixture
def kiosk(qapp: QApplication) -> Iterator[Kiosk]:
    made = make()
    made.desk.allow(back=False, cancel=False)
    yield made
    made.desk.wipe()
    made.frame.close()
    made.frame.deleteLater()
    settle()


def texts(kiosk: Kiosk) -> str:
    settle()
    kiosk.frame.grab()
    return "\n".join(run.text for _, run in structure.runs(kiosk.frame))


async def test_both_answers(kiosk: Kiosk) -> None:
    page = kiosk.desk.open(SCAN)
    kiosk.touch("c11.show_qr")
    assert await page.answer() == "show_qr"
    kiosk.touch("c11.cancel")
    assert await page.answer() == "cancel"


@pytest.mark.parametrize("theme", THEMES)
def test_each_state_says_what_it_is(kiosk: Kiosk, theme: ThemeName) -> None:
    kiosk.themes.set_mode(Mode.named(theme))
    page = kiosk.desk.open(SCAN)
    for state, words, offered in (
        ("waiting", "请把付款码对准下方扫码口，屏幕调亮", {"c11.cancel", "c11.show_qr"}),
        ("scanned", "已扫到，等待您在手机上确认", {"c11.cancel"}),
        ("checking", "请不要重复付款。", set()),
        ("unknown", "正在核对付款结果。如果手机显示已付款，请不要重复付款。", set()),
        ("waiting", "¥250.00", {"c11.cancel", "c11.show_qr"}),
    ):
        page.update(replace(SCAN, state=state))  # type: ignore[arg-type]
        assert words in texts(kiosk)
        assert {name for name in ("c11.cancel", "c11.show_qr") if kiosk.shown(name)} == offered
        assert not structure.squeezed(kiosk.frame)


def test_wrong_kind_of_code_is_named_and_spoken(kiosk: Kiosk) -> None:
    page = kiosk.desk.open(SCAN)
    page.update(replace(SCAN, trouble="这是收款码，请打开付款码"))
    assert "这是收款码，请打开付款码" in texts(kiosk)
    assert kiosk.frame.page is not None
    assert kiosk.frame.page.voice() == "这是收款码，请打开付款码。"
    page.update(replace(SCAN, state="scanned", trouble="这是收款码，请打开付款码"))
    assert "这是收款码" not in texts(kiosk)


@pytest.mark.parametrize(("arrow", "side"), [("left", "左侧"), ("right", "右侧"), ("down", "下方")])
def test_phone_goes_where_the_window_is(kiosk: Kiosk, arrow: str, side: str) -> None:
    kiosk.desk.open(replace(SCAN, arrow=arrow))  # type: ignore[type-var]
    assert f"对准{side}扫码口" in texts(kiosk)
    scene = kiosk.frame.findChild(ScanScene)
    assert scene is not None
    phone, tip, window = scene._places()
    way = window.center() - phone.center()
    assert {"left": way.x() < 0, "right": way.x() > 0, "down": way.y() > 0}[arrow]
    inside = scene.rect().toRectF()
    assert inside.contains(phone)
    assert inside.contains(window)
    assert not phone.intersects(window)
    assert not phone.contains(tip)
    assert not window.contains(tip)


async def test_late_tap_on_the_other_way_is_not_an_answer(kiosk: Kiosk) -> None:
    """Once a code was read, a second way to pay could charge twice."""
    page = kiosk.desk.open(SCAN)
    button = kiosk.find("c11.show_qr")
    page.update(replace(SCAN, state="scanned"))
    settle()
    button.click()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(page.answer(), 0.05)
