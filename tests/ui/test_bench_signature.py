"""The bench's signature pad: what is written with the mouse is written on the simulated pad, and its key can be pressed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel

from drivers.signature_pad import connect
from drivers.signature_pad.pad import InkPad
from drivers.signature_pad.simulator import StuSimulator
from kiosk.ports.devices import Link
from ui.bench.signature import PadScreen
from ui.bench.window import BenchWindow

BLACK = 60


@dataclass
class Bench:
    window: BenchWindow
    pad: InkPad
    simulator: StuSimulator

    @property
    def screen(self) -> PadScreen:
        (found,) = self.window.findChildren(PadScreen)
        return found

    def press(self, name: str) -> None:
        (found,) = self.window.findChildren(QAbstractButton, f"bench.signature.{name}")
        QTest.mouseClick(found, Qt.MouseButton.LeftButton)

    def pill(self, name: str) -> str:
        (found,) = self.window.findChildren(QLabel, f"bench.signature.{name}")
        return found.text()

    def write(self, *points: tuple[float, float]) -> None:
        """Points are shares of the pad's screen."""
        screen = self.screen
        at = [QPoint(round(x * screen.width()), round(y * screen.height())) for x, y in points]
        QTest.mousePress(screen, Qt.MouseButton.LeftButton, pos=at[0])
        for each in at[1:]:
            QTest.mouseMove(screen, each)
        QTest.mouseRelease(screen, Qt.MouseButton.LeftButton, pos=at[-1])

    def dark(self) -> int:
        picture = self.screen.grab().toImage()
        return sum(
            picture.pixelColor(x, y).lightness() < BLACK
            for x in range(4, picture.width() - 4, 2)
            for y in range(4, picture.height() - 4, 2)
        )

    async def until(self, true: object) -> None:
        async with asyncio.timeout(10):
            while not true():  # type: ignore[operator]
                QApplication.processEvents()
                await asyncio.sleep(0.01)


@pytest.fixture
async def bench(qapp: QApplication) -> AsyncIterator[Bench]:
    simulator = StuSimulator()
    pad = connect("stu+sim:", simulator=simulator)
    await pad.open()
    window = BenchWindow({"signature_pad": simulator})
    window.show()
    yield Bench(window, pad, simulator)
    window.close()
    window.deleteLater()
    await pad.close()
    QApplication.processEvents()


async def test_writing_with_the_mouse(bench: Bench) -> None:
    await bench.pad.start()
    bench.write((0.2, 0.2), (0.4, 0.4), (0.6, 0.2))
    await bench.until(lambda: bench.pad.ink() and bench.pad.status().parts["surface"] == "ready")
    (stroke,) = bench.pad.ink()
    assert stroke[0].x == pytest.approx(0.2 * 96, abs=0.5)
    assert stroke[-1].y == pytest.approx(0.2 * 60, abs=0.5)
    await bench.until(lambda: bench.pill("pen") == "笔已抬起" and bench.pill("shown") == "请签名")


async def test_the_key_on_the_screen(bench: Bench) -> None:
    await bench.pad.start()
    await bench.until(lambda: bench.pill("shown") == "请签名")
    with_key = bench.dark()
    assert with_key > 50, "the key is to be seen"
    bench.press("sign")
    await bench.until(lambda: len(bench.pad.ink()) == 3)
    await bench.until(lambda: bench.dark() > with_key + 100)
    bench.write((0.5, 0.9))
    await bench.until(lambda: not bench.pad.ink())
    await bench.until(lambda: bench.dark() == with_key)
    await bench.pad.cancel()
    await bench.until(lambda: bench.pill("shown") == "空闲" and bench.dark() == 0)


async def test_pulling_the_plug_and_a_pen_that_is_not_heard(bench: Bench) -> None:
    bench.press("mute")
    await bench.pad.start()
    bench.press("dot")
    await bench.until(lambda: bench.simulator.points == 1)
    assert bench.pad.ink() == ()
    bench.press("mute")
    bench.press("sign")
    await bench.until(lambda: len(bench.pad.ink()) == 3)
    bench.press("out")
    await bench.until(lambda: bench.pad.status().link is Link.OFFLINE)
    bench.press("out")
    await bench.pad.reset()
    assert bench.pad.status().link is Link.READY
