"""The till on the real pages, by fingers on the window: double taps, two payer codes, paying after cancelling. At most one payment is kept,
and every book says the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QPoint
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication

from kiosk.journeys.till import Bill, take_payment
from kiosk.journeys.walker import IdleGuard
from kiosk.ledger.store import Record
from kiosk.ports.clock import SystemClock
from kiosk.screens import common, pay
from kiosk.verbs.look import Look
from kiosk.verbs.window import build
from tests.journeys.paydesk import CODES, LATER, Paydesk, charges, paydesk
from tests.ui.test_desk import touch_screen

pytestmark = [pytest.mark.usefixtures("qapp"), pytest.mark.timeout(60)]
GUARD_MS = 300
"""As in a hall."""


@dataclass
class Counter:
    """One citizen before one window; `paying` is the till at work behind it."""

    place: Paydesk
    desk: Any
    frame: Any
    paying: asyncio.Future[Record | None]

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not condition():
                if self.paying.done():
                    self.paying.result()
                QCoreApplication.processEvents()
                await asyncio.sleep(0.005)

    async def sees(self, kind: type[Any], state: str = "") -> None:
        """The page has been looked at for a while: it takes presses."""

        def there() -> bool:
            screen = self.desk.current.screen if self.desk.current is not None else None
            return isinstance(screen, kind) and (not state or screen.state == state)

        await self.until(there)
        QCoreApplication.processEvents()
        self.frame._fresh_until = float("-inf")

    def spot(self, name: str) -> QPoint:
        (button,) = (b for b in self.frame.findChildren(QAbstractButton, name) if b.isVisible() and b.isEnabled())
        return button.mapTo(self.frame, button.rect().center())

    async def taps(self, at: QPoint, count: int = 2) -> None:
        """A hurried finger: on the glass, not on a button, whatever page lies there by the second time."""
        window = self.frame.windowHandle()
        for _ in range(count):
            QTest.touchEvent(window, touch_screen()).press(0, at).commit()
            QTest.touchEvent(window, touch_screen()).release(0, at).commit()
            QCoreApplication.processEvents()
            await asyncio.sleep(0)

    async def ended(self) -> str:
        await self.until(self.paying.done)
        payment = self.paying.result()
        return payment.state if payment is not None else ""

    def asked(self) -> int:
        """Payments the wallet knows of."""
        return len(self.place.front.ledger.entries())


@asynccontextmanager
async def counter(place: Paydesk) -> AsyncIterator[Counter]:
    desk, frame = build(Look(motion=False, guard_ms=GUARD_MS), SystemClock(), windowed=True)
    desk.allow(back=False, cancel=False)
    place.kit = replace(place.kit, desk=desk, guard=IdleGuard(desk, 90.0, 5))
    rows = await place.counter.decisions(place.order_id)
    bill = Bill(place.order_id, charges(rows), "交通违法罚款", "应缴罚款 2 笔", "没有扣款。", LATER, "决定不变。")
    paying = asyncio.ensure_future(take_payment(bill, place.kit))
    try:
        yield Counter(place, desk, frame, paying)
    finally:
        paying.cancel()
        await asyncio.gather(paying, return_exceptions=True)
        desk.wipe()
        frame.set_closable(True)
        frame.close()
        frame.deleteLater()
        QCoreApplication.processEvents()


@pytest.fixture
async def at(tmp_path: Path, qapp: QApplication) -> AsyncIterator[Counter]:
    async with paydesk(tmp_path) as place, counter(place) as made:
        await made.sees(pay.PayByQr, "waiting")
        yield made


async def test_two_taps_on_cancel_close_one_payment(at: Counter) -> None:
    await at.taps(at.spot("c10.cancel"), 3)
    assert await at.ended() == "closed"
    assert at.asked() == 1
    await at.place.ends("closed")


async def test_two_taps_on_the_other_way_open_it_once(at: Counter) -> None:
    """The second tap falls on the page that came meanwhile, and on whatever button lies there."""
    await at.taps(at.spot("c10.scan"))
    await at.until(lambda: isinstance(at.desk.current.screen, pay.ScanPayerCode))
    for name in ("c11.show_qr", "c11.cancel"):
        await at.taps(at.spot(name), 1)  # at once: the page is too fresh for anybody to have meant it
    await at.sees(pay.ScanPayerCode, "waiting")
    at.place.hold_up(CODES[0])
    assert await at.ended() == "paid"
    assert at.asked() == 2
    await at.place.ends("closed", "paid")


async def test_two_taps_on_a_new_code_make_one(at: Counter) -> None:
    at.place.skip(70)
    await at.sees(pay.PayByQr, "expired")
    await at.taps(at.spot("c10.renew"), 3)
    await at.sees(pay.PayByQr, "waiting")
    assert at.asked() == 2
    at.place.counter.pays()
    assert await at.ended() == "paid"
    await at.place.ends("closed", "paid")


@pytest.mark.chaos
async def test_paid_no_reaction_again_and_again(at: Counter) -> None:
    for _ in range(3):
        await at.taps(at.spot("c10.paid"), 2)
        await at.sees(pay.PayByQr, "waiting")
    at.place.counter.pays()
    await at.taps(at.spot("c10.paid"), 2)
    assert await at.ended() == "paid"
    assert at.asked() == 1
    await at.place.ends("paid")


async def test_two_payer_codes(at: Counter) -> None:
    """Two phones before the window, and fingers on both buttons while the first payer types the password."""
    at.place.script(preset="pays", seconds=0.3, payer_code=CODES[0])
    await at.taps(at.spot("c10.scan"), 1)
    await at.sees(pay.ScanPayerCode, "waiting")
    other_way = at.spot("c11.show_qr")
    at.place.hold_up(CODES[0])
    at.place.hold_up(CODES[1])
    await at.sees(pay.ScanPayerCode, "scanned")
    await at.taps(other_way, 2)  # the button is gone, the finger comes all the same
    assert await at.ended() == "paid"
    assert at.asked() == 2
    await at.place.ends("closed", "paid")


@pytest.mark.parametrize("preset", ["pays_at_close", pytest.param("pays_after_close", marks=pytest.mark.chaos)])
async def test_paid_after_cancelling_the_shown_code(at: Counter, preset: str) -> None:
    """In the moment of the tap it is paid and kept; after the wallet's word that it is closed the late checks find it, once."""
    at.place.script(preset=preset)
    await at.taps(at.spot("c10.cancel"), 2)
    assert await at.ended() == ("paid" if preset == "pays_at_close" else "closed")
    await at.place.ends("paid")


async def test_paid_after_cancelling_the_scanned_code_is_told(at: Counter) -> None:
    """The shown code's phone page was open all the while: both are paid, one goes back, and the page says so."""
    at.place.script(preset="pays_at_close", payer_code=CODES[0])
    await at.taps(at.spot("c10.scan"), 1)
    await at.sees(pay.ScanPayerCode, "waiting")
    at.place.hold_up(CODES[0])
    await at.until(lambda: at.asked() == 2)
    await at.sees(pay.ScanPayerCode, "scanned")
    at.place.front.ledger.entries()[0].pays_in_spite = True
    await at.taps(at.spot("c11.cancel"), 2)
    await at.sees(common.Message)
    message = at.desk.current.screen
    assert (message.code, message.buttons[0].caption) == ("W-SURPLUS", "继续办理")
    assert "不用您操作，也不用再付" in message.body
    await at.taps(at.spot("action.next"), 2)
    assert await at.ended() == "paid"
    await at.place.ends("refunded", "paid")
