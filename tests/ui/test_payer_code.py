"""C11: what the page says in each state, which buttons there are, which side the arrow points to; and the row of C10 that leads there."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QApplication

from kiosk.screens.pay import PayByQr, ScanPayerCode
from tests.ui import structure
from tests.ui.test_desk import Kiosk, make, settle
from ui.pages.pay import LEAST_SYMBOL, PayCode
from ui.samples.violation_b import SAMPLES
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
        ("paid", "钱已收到，不用再付。请稍等。", set()),
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


@pytest.mark.parametrize(("arrow", "side"), [("left", "左侧"), ("right", "右侧"), ("down", "下方"), ("up", "上方")])
def test_phone_goes_where_the_window_is(kiosk: Kiosk, arrow: str, side: str) -> None:
    kiosk.desk.open(replace(SCAN, arrow=arrow))  # type: ignore[type-var]
    assert f"对准{side}扫码口" in texts(kiosk)
    scene = kiosk.frame.findChild(ScanScene)
    assert scene is not None
    phone, tip, window = scene._places()
    way = window.center() - phone.center()
    assert {"left": way.x() < 0, "right": way.x() > 0, "down": way.y() > 0, "up": way.y() < 0}[arrow]
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


# -- the way there from C10 ----------------------------------------------------------------------------------------------

QR = SAMPLES["c10_pay"].screen
assert isinstance(QR, PayByQr)


async def test_the_row_leads_to_the_scanner(kiosk: Kiosk) -> None:
    page = kiosk.desk.open(replace(QR, can_scan=True))
    assert "改为出示付款码给机器扫" in texts(kiosk)
    kiosk.touch("c10.scan")
    assert await page.answer() == "scan"


@pytest.mark.parametrize("theme", THEMES)
def test_the_row_is_there_only_where_it_leads_somewhere(kiosk: Kiosk, theme: ThemeName) -> None:
    kiosk.themes.set_mode(Mode.named(theme))
    page = kiosk.desk.open(replace(QR, can_scan=True))
    for state, offered in (
        ("waiting", True),
        ("expired", True),
        ("paid", False),
        ("unknown", False),
        ("waiting", True),
    ):
        page.update(replace(QR, can_scan=True, state=state))  # type: ignore[arg-type]
        settle()
        assert kiosk.shown("c10.scan") is offered
        assert not structure.squeezed(kiosk.frame)
    page.update(replace(QR, can_scan=False))
    settle()
    assert not kiosk.shown("c10.scan")


async def test_a_tap_while_the_wallet_is_asked_is_no_answer(kiosk: Kiosk) -> None:
    page = kiosk.desk.open(replace(QR, can_scan=True))
    row = kiosk.find("c10.scan")
    page.update(replace(QR, can_scan=True, state="checking"))
    settle()
    row.click()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await page.answer()


def test_why_there_is_no_other_way_is_told(kiosk: Kiosk) -> None:
    page = kiosk.desk.open(QR)
    page.update(replace(QR, trouble="扫码器暂时不能用，请用手机扫屏幕上的码。"))
    assert "扫码器暂时不能用" in texts(kiosk)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("state", ["waiting", "checking"])
def test_the_code_stays_as_large_beside_the_row(kiosk: Kiosk, theme: ThemeName, state: str) -> None:
    kiosk.themes.set_mode(Mode.named(theme))
    kiosk.desk.open(replace(QR, can_scan=True, state=state))  # type: ignore[type-var]
    settle()
    code = kiosk.frame.findChild(PayCode)
    assert code is not None
    assert code.module_px * code._symbol.width() >= LEAST_SYMBOL
