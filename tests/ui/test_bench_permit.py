"""The bench's card unit and exit-entry platform over the real simulators: a hand at the slot, a technician at the back."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QWidget,
)

from config.scenarios import load_scenario
from drivers.id_card.simulator import SamvSimulator
from drivers.permit_reader.simulator import PermitChipSimulator
from drivers.permit_unit import connect
from drivers.permit_unit.driver import PermitUnitDriver
from drivers.permit_unit.simulator import PermitUnitSimulator
from kiosk.cabinet import card_of
from kiosk.gateways.exit_entry.simulated import SimulatedExitEntry
from kiosk.ports.clock import SHANGHAI
from kiosk.ports.permit import BackFace, CardPlace
from ui.bench.card_face import CardFace
from ui.bench.permit_texts import PLACES, UNIT_PHASES, UNIT_REASONS
from ui.bench.texts import fault_text
from ui.bench.window import BenchWindow
from ui.errand import finish_all
from ui.theme import Theme, ThemeSource, dress

NAMES = ("endorse_happy_both", "endorse_ee04_minor", "minor")
DAY = dt.date(2026, 3, 18)
W = TypeVar("W", bound=QWidget)


class StillClock:
    def now(self) -> dt.datetime:
        return dt.datetime(2026, 3, 18, 14, 32, tzinfo=SHANGHAI)


@dataclass
class Bench:
    window: BenchWindow
    unit: PermitUnitSimulator
    chip: PermitChipSimulator
    platform: SimulatedExitEntry
    driver: PermitUnitDriver

    def one(self, kind: type[W], name: str) -> W:
        found = self.window.findChildren(kind, f"bench.{name}")
        assert len(found) == 1, f"{name}: {len(found)}"
        return found[0]

    async def press(self, name: str) -> None:
        made = self.one(QAbstractButton, name)
        assert made.isEnabled(), name
        QTest.mouseClick(made, Qt.MouseButton.LeftButton)
        await self.settle()

    async def choose(self, card: str) -> None:
        choice = self.one(QComboBox, "permit.card")
        index = choice.findData(card)
        assert index >= 0
        choice.setCurrentIndex(index)
        choice.activated.emit(index)
        await self.settle()

    def enabled(self, name: str) -> bool:
        return self.one(QPushButton, f"permit.{name}").isEnabled()

    def text(self, name: str) -> str:
        return self.one(QLabel, name).text()

    @property
    def status(self) -> str:
        return self.one(QLabel, "status").accessibleName()

    async def settle(self) -> None:
        for _ in range(3):
            QCoreApplication.processEvents()
            finish_all()
            for link in self.window.links.values():
                link.refresh()
            await asyncio.sleep(0)
        QCoreApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)

    async def until(self, seen: Callable[[dict[str, Any]], bool]) -> None:
        """Wait for the unit."""
        changed = asyncio.Event()
        stop = self.unit.listen(changed.set)
        try:
            async with asyncio.timeout(20):
                while not seen(self.unit.state()):
                    changed.clear()
                    await changed.wait()
        finally:
            stop()
        await self.settle()


@pytest.fixture(scope="module")
def theme(qapp: QApplication) -> Theme:
    made = ThemeSource(motion=False).theme
    dress(qapp, made)
    return made


@pytest.fixture
async def bench(theme: Theme) -> AsyncIterator[Bench]:
    scenarios = [load_scenario(name, DAY) for name in NAMES]
    chip = PermitChipSimulator()
    unit = PermitUnitSimulator(on_chip=chip.hold, speed=500)
    platform = SimulatedExitEntry(scenarios[:2], clock=StillClock())
    virtual = {
        "id_card": SamvSimulator({scenario.name: card_of(scenario) for scenario in scenarios}),
        "permit_unit": unit,
        "permit_reader": chip,
        "exit_entry_platform": platform,
    }
    people = [(scenario.name, scenario.title, scenario.person.face_seed) for scenario in scenarios]
    permits = {each.name: each.permit.card(each.person) for each in scenarios if each.permit is not None}
    window = BenchWindow(virtual, people, permits=permits)
    driver = connect("cardunit+sim:", simulator=unit)
    await driver.open()
    made = Bench(window, unit, chip, platform, driver)
    window.show()
    await made.settle()
    yield made
    await driver.close()
    window.close()
    window.deleteLater()
    await made.settle()


async def draw_in(bench: Bench) -> None:
    accepting = asyncio.ensure_future(bench.driver.accept(20))
    await bench.until(lambda state: state["accepting"])
    await bench.press("permit.insert")
    await accepting
    await bench.settle()


async def test_a_permit_goes_in_lies_before_the_chip_reader_is_printed_and_taken(bench: Bench) -> None:
    assert bench.text("permit.place") == "里面没有卡"
    assert bench.one(CardFace, "permit.back").png == b""
    await draw_in(bench)
    assert bench.text("permit.place") == "卡在读卡位"
    assert bench.text("permit.slot") == "插卡口关"
    assert bench.chip.card is bench.unit.card
    before = bench.one(CardFace, "permit.back").png
    assert before.startswith(b"\x89PNG")
    rows = (("个人旅游", "香港", "20270318", "一次"),)
    await bench.driver.print_back(BackFace("CA1000025", rows), "J1")
    await bench.settle()
    after = bench.one(CardFace, "permit.back").png
    assert after == bench.unit.back_png() != before
    assert "打印做完" in bench.text("permit.jobs")
    assert not bench.enabled("take")
    await bench.driver.eject()
    await bench.settle()
    assert bench.text("permit.place") == "卡在插卡口"
    await bench.press("permit.take")
    assert bench.text("permit.place") == "里面没有卡"
    assert bench.one(CardFace, "permit.back").png == after  # in the hand now
    await bench.choose("hand")
    await draw_in(bench)
    assert bench.unit.card is not None
    assert bench.unit.card.back == [list(row) for row in rows]


async def test_a_card_at_a_closed_slot_waits_and_can_be_taken_back(bench: Bench) -> None:
    await bench.press("permit.insert")
    assert bench.unit.state()["waiting"]
    assert "在外面等着" in bench.status
    assert not bench.enabled("insert")
    await bench.press("permit.take")
    assert not bench.unit.state()["waiting"]


@pytest.mark.parametrize(
    ("which", "seen"),
    [
        ("bank_card", {"body": "bank_card"}),
        ("id_card", {"body": "id_card"}),
        ("blank", {"body": "blank"}),
        ("dead", {"body": "permit", "chip": "dead"}),
        ("mute", {"body": "permit", "chip": "mute"}),
        ("other_key", {"body": "permit", "chip": "other_key"}),
        ("own", {"body": "permit", "chip": "ok", "wrong_way": False}),
    ],
)
async def test_other_cards(bench: Bench, which: str, seen: dict[str, Any]) -> None:
    await bench.choose(which)
    await draw_in(bench)
    card = bench.unit.card
    assert card is not None
    assert {key: getattr(card, key) for key in seen} == seen


async def test_the_wrong_way_round_is_given_back_and_said(bench: Bench) -> None:
    await bench.choose("wrong_way")
    accepting = asyncio.ensure_future(bench.driver.accept(20))
    await bench.until(lambda state: state["accepting"])
    await bench.press("permit.insert")
    await bench.until(lambda state: state["position"] == "mouth")
    await asyncio.gather(accepting, return_exceptions=True)
    assert bench.text("permit.work") == "退回：放反了"
    await bench.press("permit.take")


async def test_pulled_out_while_being_drawn_in(bench: Bench) -> None:
    bench.unit.control({"do": "speed", "factor": 1})
    accepting = asyncio.ensure_future(bench.driver.accept(20))
    await bench.until(lambda state: state["accepting"])
    await bench.press("permit.insert")
    await bench.until(lambda state: state["phase"] == "entering")
    assert bench.text("permit.work") == "正在收卡"
    await bench.press("permit.pull")
    assert bench.unit.state()["position"] == "none"
    assert bench.text("permit.work") == "收卡时被拔出"
    assert not bench.enabled("pull")
    await asyncio.gather(accepting, return_exceptions=True)


async def test_power_bin_and_technician(bench: Bench) -> None:
    await draw_in(bench)
    await bench.press("permit.power")
    assert not bench.unit.powered
    assert bench.text("permit.place") == "没有电"
    assert bench.one(QPushButton, "permit.power").text() == "通电"
    await bench.press("permit.power")
    assert bench.unit.powered
    await bench.press("permit.remove_card")
    assert bench.unit.card is None
    await draw_in(bench)
    await bench.driver.retain()
    await bench.settle()
    assert bench.text("permit.bin") == "收卡箱 1 张"
    await bench.press("permit.empty_bin")
    assert bench.text("permit.bin") == "收卡箱 0 张"
    assert "一共收卡 1 张" in bench.text("permit.jobs")
    assert not bench.enabled("empty_bin")


async def test_speed(bench: Bench) -> None:
    await bench.press("permit.speed.1")
    assert bench.unit.state()["speed"] == 1
    await bench.press("permit.speed.20")
    assert bench.unit.state()["speed"] == 20


async def test_whoever_stands_there_has_their_own_permit_or_none(bench: Bench) -> None:
    people = bench.one(QTreeWidget, "person.list")
    people.setCurrentItem(people.topLevelItem(1))
    await draw_in(bench)
    assert bench.unit.card is not None
    assert bench.unit.card.name == load_scenario(NAMES[1], DAY).person.name
    await bench.press("permit.remove_card")
    people.setCurrentItem(people.topLevelItem(2))
    await bench.settle()
    assert bench.text("permit.work") == "此人没有通行证"
    assert not bench.enabled("insert")
    await bench.choose("bank_card")
    assert bench.enabled("insert")


async def test_many_people_can_be_sieved(theme: Theme) -> None:
    people = [
        (f"endorse_{number}" if number % 2 else f"other_{number}", f"第{number}人", number) for number in range(30)
    ]
    window = BenchWindow({"id_card": SamvSimulator()}, people)
    window.show()
    sieve = window.findChildren(QLineEdit, "bench.person.filter")[0]
    tree = window.findChildren(QTreeWidget, "bench.person.list")[0]
    assert sieve.isVisible()
    rows = [tree.topLevelItem(index) for index in range(30)]
    for text, left in (("endorse", 15), ("第29人", 1), ("", 30)):
        sieve.setText(text)
        assert sum(row is not None and not row.isHidden() for row in rows) == left
    window.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


async def test_faults_of_unit_chip_and_platform(bench: Bench) -> None:
    tree = bench.one(QTreeWidget, "faults.list")
    for device, fault in (
        ("permit_unit", "WRITE.FAILS"),
        ("permit_reader", "PCSC.SM_MAC"),
        ("exit_entry_platform", "any.drop_after"),
    ):
        await bench.press(f"faults.device.{device}")
        (item,) = tree.findItems(fault, Qt.MatchFlag.MatchExactly, 1)
        tree.scrollToItem(item)
        box = tree.visualItemRect(item)
        QTest.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(box.left() + 14, box.center().y()))
        await bench.settle()
        assert list(bench.window.links[device].armed) == [fault]
    await bench.press("faults.clear_all")
    assert not any(link.armed for link in bench.window.links.values())


async def test_platform_troubles_and_books(bench: Bench) -> None:
    await bench.press("exit_entry.down")
    await bench.press("exit_entry.lost")
    assert bench.platform.state()["faults"] == {"any.error_503": None, "apply.drop_after": 1}
    await bench.press("exit_entry.clear")
    assert bench.platform.state()["faults"] == {}
    assert bench.text("exit_entry.counts") == "申请 0"
    await bench.press("exit_entry.lapse")
    await bench.press("exit_entry.reset")


async def test_every_word_of_the_unit_has_a_sentence(bench: Bench) -> None:
    from drivers.permit_unit.codes import MEANINGS, Position
    from drivers.permit_unit.faults import PHASES
    from kiosk.domain.errors import ErrorKind

    assert set(PHASES) <= set(UNIT_PHASES)
    assert {position.name.lower() for position in Position} == set(PLACES)
    assert {str(place) for place in CardPlace} <= set(PLACES)
    told = (ErrorKind.MEDIA_BAD, ErrorKind.MEDIA_JAMMED, ErrorKind.MEDIA_REMOVED)
    card = {trouble.name.lower() for trouble, meaning in MEANINGS.items() if meaning.kind in told}
    assert card - {"chip_mute", "write_failed", "verify"} <= set(UNIT_REASONS)
    for link in bench.window.links.values():
        for fault in link.known_faults:
            assert any("\u4e00" <= letter <= "\u9fff" for letter in fault_text(fault)), fault


async def test_a_window_that_closes_while_a_picture_is_drawn(bench: Bench, theme: Theme) -> None:
    drawn: list[int] = []

    def draw() -> bytes:
        drawn.append(1)
        return b""

    face = CardFace(theme, "bench.permit.other", 100, draw)
    face.fetch()
    face.fetch()
    face.deleteLater()
    await bench.settle()
    assert drawn


async def test_looks(bench: Bench) -> None:
    """Nothing sticks out sideways at the usual width; with ONETRIP_SHOTS=DIR the window is saved for people to look at."""
    await draw_in(bench)
    await bench.driver.print_back(
        BackFace("CA1000025", (("个人旅游", "香港", "20270318", "两次"), ("个人旅游", "澳门", "20270318", "一次"))),
        "J2",
    )
    await bench.press("faults.device.permit_unit")
    column = bench.one(QWidget, "column")
    for panel in column.findChildren(QWidget):
        if panel.isVisible() and panel.parentWidget() is column:
            assert panel.width() >= panel.minimumSizeHint().width(), panel.objectName()
            assert panel.geometry().right() <= column.width()
    for made in bench.window.findChildren(QPushButton):
        if made.isVisible():
            assert made.width() >= made.fontMetrics().horizontalAdvance(made.text()), made.objectName()
    if folder := os.environ.get("ONETRIP_SHOTS"):
        bench.window.grab().save(f"{folder}/bench_permit.png")
        column.grab().save(f"{folder}/bench_permit_column.png")
