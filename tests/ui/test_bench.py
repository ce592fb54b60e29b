"""The bench window over the real simulators: its buttons do to them what they say, and it shows what they became."""

from __future__ import annotations

import datetime as dt
import os
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSlider,
    QSpinBox,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from config.diagnostics_tables import load_diagnostics
from config.scenarios import Scenario, load_scenario
from drivers.camera.simulator import CameraSimulator
from drivers.id_card.simulator import SamvSimulator
from drivers.qr_scanner.simulator import ScanEngineSimulator
from drivers.receipt_printer.simulator import EscposSimulator
from kiosk.cabinet import card_of
from kiosk.gateways.police.simulated import SimulatedPolice
from kiosk.gateways.wallet.fake import FakeFront
from kiosk.ports.clock import SHANGHAI
from ui.bench.paper import PaperDialog, PaperThumb
from ui.bench.texts import REMOTE_FAULTS, fault_text
from ui.bench.window import TITLE, BenchWindow
from ui.theme import Theme, ThemeSource, dress

NAMES = ("happy_two_records", "minor", "points_full", "wallet_late", "posting_down", "hmt_resident", "new_energy_elder")
DAY = dt.date(2026, 3, 18)
W = TypeVar("W", bound=QWidget)


class StillClock:
    def now(self) -> dt.datetime:
        return dt.datetime(2026, 3, 18, 14, 32, tzinfo=SHANGHAI)


@dataclass
class Bench:
    window: BenchWindow
    card: SamvSimulator
    camera: CameraSimulator
    scanner: ScanEngineSimulator
    printer: EscposSimulator
    police: SimulatedPolice
    wallet: FakeFront
    scenarios: list[Scenario]

    def one(self, kind: type[W], name: str) -> W:
        found = self.window.findChildren(kind, f"bench.{name}")
        assert len(found) == 1, f"{name}: {len(found)}"
        return found[0]

    def press(self, name: str) -> None:
        QTest.mouseClick(self.one(QAbstractButton, name), Qt.MouseButton.LeftButton)
        settle()

    def text(self, name: str) -> str:
        return self.one(QLabel, name).text()

    @property
    def status(self) -> str:
        return self.one(QLabel, "status").accessibleName()

    def row(self, fault_id: str) -> QTreeWidgetItem:
        rows = self.one(QTreeWidget, "faults.list").findItems(fault_id, Qt.MatchFlag.MatchExactly, 1)
        assert len(rows) == 1, fault_id
        return rows[0]

    def tick(self, fault_id: str) -> None:
        """Click the row's box."""
        tree = self.one(QTreeWidget, "faults.list")
        item = self.row(fault_id)
        tree.scrollToItem(item)
        box = tree.visualItemRect(item)
        QTest.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(box.left() + 14, box.center().y()))
        settle()

    def order(self, number: str, fen: int = 15_000) -> None:
        self.wallet.ledger.create(number, fen, "罚款", 180, "K1", "http://127.0.0.1:1")
        self.wallet._changed()
        settle()


def quiet() -> bool:
    """No refresh or slider of any bench is waiting for its turn."""
    windows = [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, BenchWindow)]
    return not any(
        timer.isSingleShot() and timer.isActive() for window in windows for timer in window.findChildren(QTimer)
    )


def settle() -> None:
    """Let queued notices and the coalescing timers pass."""
    for _ in range(3):
        QCoreApplication.processEvents()
        while not quiet():
            QTest.qWait(1)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes at once is told once whatever the pace is; only waiting for it takes less long."""
    monkeypatch.setattr("ui.bench.link.PACE_MS", 2)
    monkeypatch.setattr("ui.bench.camera.PACE_MS", 2)


def print_on(printer: EscposSimulator, text: str) -> None:
    """As bytes from a line: GBK characters, feed, cut."""
    printer._receive(b"\x1b@\x1c&" + text.encode("gb18030") + b"\n\n\n\x1dV\x42\x00")
    printer._print_all()


@pytest.fixture(scope="module")
def theme(qapp: QApplication) -> Theme:
    made = ThemeSource(motion=False).theme
    dress(qapp, made)
    return made


def make() -> Bench:
    scenarios = [load_scenario(name, DAY) for name in NAMES]
    clock = StillClock()
    card = SamvSimulator({scenario.name: card_of(scenario) for scenario in scenarios})
    camera, scanner, printer = CameraSimulator(), ScanEngineSimulator(), EscposSimulator()
    police, wallet = SimulatedPolice(scenarios, clock=clock), FakeFront(clock)
    virtual = {
        "police_platform": police,
        "wallet": wallet,
        "id_card": card,
        "camera": camera,
        "receipt_printer": printer,
        "qr_scanner": scanner,
    }
    people = [(scenario.name, scenario.title, scenario.person.face_seed) for scenario in scenarios]
    window = BenchWindow(virtual, people)
    return Bench(window, card, camera, scanner, printer, police, wallet, scenarios)


@pytest.fixture
async def bench(theme: Theme) -> AsyncIterator[Bench]:
    made = make()
    made.window.show()
    settle()
    yield made
    made.window.close()
    made.window.deleteLater()
    settle()


async def test_title_and_names(bench: Bench) -> None:
    assert bench.window.windowTitle() == TITLE
    controls = [
        control
        for kind in (QPushButton, QComboBox, QSlider, QSpinBox, QLineEdit, QTreeWidget)
        for control in bench.window.findChildren(kind)
        if not control.objectName().startswith("qt_")
    ]
    assert len(controls) > 50
    for control in controls:
        assert control.objectName().startswith("bench."), control
        assert control.accessibleName(), control.objectName()
    names = [control.objectName() for control in controls]
    assert len(names) == len(set(names))


async def test_the_first_person_stands_there_and_another_takes_the_place(bench: Bench) -> None:
    assert bench.camera.state()["scene"]["seed"] == bench.scenarios[0].person.face_seed
    bench.press("person.place")
    assert bench.card.state()["person"] == NAMES[0]
    assert bench.text("person.card") == "卡已放上"
    people = bench.one(QTreeWidget, "person.list")
    third = people.topLevelItem(2)
    assert third is not None
    QTest.mouseClick(people.viewport(), Qt.MouseButton.LeftButton, pos=people.visualItemRect(third).center())
    settle()
    assert bench.card.state()["card"] == "no_card"
    assert bench.camera.state()["scene"]["seed"] == bench.scenarios[2].person.face_seed
    bench.press("person.place")
    assert bench.card.state()["person"] == NAMES[2]
    bench.press("person.remove")
    assert bench.card.state()["card"] == "no_card"
    assert not bench.one(QPushButton, "person.remove").isEnabled()
    bench.press("person.leave")
    assert bench.camera.state()["scene"]["faces"] == 0


async def test_somebody_elses_card_is_told(bench: Bench) -> None:
    bench.card.control({"do": "place", "person": "minor"})
    settle()
    assert bench.text("person.card") == "卡已放上：未满18周岁"
    assert bench.one(QPushButton, "person.place").isEnabled()


async def test_a_script_sets_the_stage_for_the_person(theme: Theme) -> None:
    wallet, printer = FakeFront(StillClock()), EscposSimulator()
    script = [
        ("wallet", {"do": "script", "preset": "late"}),
        ("qr_scanner", {"do": "hide"}),  # not simulated here
        ("receipt_printer", {"do": "paper", "state": "low"}),
    ]
    virtual = {"wallet": wallet, "receipt_printer": printer, "camera": CameraSimulator()}
    window = BenchWindow(virtual, [("a", "甲", 7)], {"a": script})
    window.show()
    window.findChildren(QPushButton, "bench.person.stage")[0].click()
    assert wallet.state()["default_script"]["payer"] == "late"
    assert printer.state()["paper"] == "low"
    window.close()
    window.deleteLater()
    settle()


async def test_camera_scene(bench: Bench) -> None:
    for name in ("camera.faces.2", "camera.eyes.closed", "camera.blinking.no", "camera.covered"):
        bench.press(name)
    bench.one(QSlider, "camera.distance").setValue(20)
    bench.one(QSlider, "camera.yaw").setValue(-30)
    bench.one(QSlider, "camera.light").setValue(3)
    bench.one(QSlider, "camera.blur").setValue(8)
    settle()
    state = bench.camera.state()
    wanted = {"faces": 2, "eyes": "closed", "covered": True, "distance": 2.0, "yaw": -30.0, "light": 0.3, "blur": 8.0}
    assert {key: state["scene"][key] for key in wanted} == wanted
    assert state["blinking"] is False
    before = bench.camera._blink_at
    bench.press("camera.blink")
    assert bench.camera._blink_at > before
    bench.press("camera.reset")
    scene = bench.camera.state()["scene"]
    assert scene["seed"] == bench.scenarios[0].person.face_seed
    assert scene["distance"] == 1.0
    assert "covered" not in scene
    assert bench.one(QSlider, "camera.light").value() == 10


async def test_camera_follows_others_and_slider_turns_are_paced(bench: Bench) -> None:
    bench.camera.control({"do": "scene", "distance": 3.0})
    settle()
    assert bench.one(QSlider, "camera.distance").value() == 30
    heard: list[int] = []
    stop = bench.camera.listen(lambda: heard.append(1))
    for value in range(-60, 60):
        bench.one(QSlider, "camera.yaw").setValue(value)
    settle()
    stop()
    assert bench.camera.state()["scene"]["yaw"] == 59
    assert len(heard) == 1


async def test_camera_faults(bench: Bench) -> None:
    for fault in ("CAM.STALL", "CAM.FROZEN", "CAM.UNPLUG"):
        bench.press(f"camera.fault.{fault}")
    assert bench.camera.state()["faults"] == ["CAM.FROZEN", "CAM.STALL", "CAM.UNPLUG"]
    bench.press("camera.fault.CAM.UNPLUG")
    assert bench.camera.state()["faults"] == ["CAM.FROZEN", "CAM.STALL"]


async def test_the_phone_pays_the_newest_order(bench: Bench) -> None:
    assert not bench.one(QPushButton, "phone.pay").isEnabled()
    bench.order("A" * 24, 15_000)
    bench.order("B" * 24, 20_000)
    assert bench.text("phone.amount") == "￥200.00"
    bench.press("phone.pay")
    states = {order["order_no"][0]: order["state"] for order in bench.wallet.state()["orders"]}
    assert states == {"A": "waiting", "B": "paid"}
    assert bench.text("phone.amount") == "￥150.00"
    assert "已付款" in bench.text("phone.earlier")


@pytest.mark.parametrize("preset", sorted(FakeFront(StillClock()).state()["presets"]))
async def test_wallet_presets(bench: Bench, preset: str) -> None:
    choice = bench.one(QComboBox, "phone.preset")
    index = choice.findData(preset)
    assert index >= 0
    choice.setCurrentIndex(index)
    choice.activated.emit(index)
    settle()
    from kiosk.gateways.wallet.scripts import PRESETS

    assert bench.wallet.state()["default_script"] == PRESETS[preset].as_dict()
    assert choice.currentData() == preset


async def test_wallet_script_details(bench: Bench) -> None:
    for name, value in (("preset", "pays"), ("fault", "drop_after"), ("on", "query"), ("times", "3")):
        choice = bench.one(QComboBox, f"phone.{name}")
        choice.setCurrentIndex(choice.findData(value))
        choice.activated.emit(choice.currentIndex())
    bench.one(QSpinBox, "phone.seconds").setValue(9)
    settle()
    script = bench.wallet.state()["default_script"]
    assert {key: script[key] for key in ("payer", "fault", "on", "times", "seconds")} == {
        "payer": "after",
        "fault": "drop_after",
        "on": ["query"],
        "times": 3,
        "seconds": 9.0,
    }


async def test_paper_comes_out_newest_first_and_is_saved(bench: Bench, tmp_path: Path) -> None:
    print_on(bench.printer, "第一张")
    print_on(bench.printer, "第二张")
    settle()
    thumbs = bench.window.findChildren(PaperThumb)
    assert [thumb.piece.text for thumb in sorted(thumbs, key=lambda thumb: thumb.pos().y())] == ["第二张", "第一张"]
    bench.press("printer.paper.2")
    (dialog,) = bench.window.findChildren(PaperDialog)
    assert dialog.piece.png == bench.printer.papers[1].png
    dialog.save_to(str(tmp_path / "paper.png"))
    assert QImage(str(tmp_path / "paper.png")).width() == 640
    assert "凭条已保存" in bench.status
    dialog.save_to(str(tmp_path / "no" / "paper.png"))
    assert "不能保存" in bench.status
    dialog.close()
    bench.press("printer.take")
    assert bench.printer.papers == []
    assert bench.window.findChildren(PaperThumb) == []
    print_on(bench.printer, "第三张")
    settle()
    assert [thumb.piece.text for thumb in bench.window.findChildren(PaperThumb)] == ["第三张"]


async def test_printer_roll_and_lid(bench: Bench) -> None:
    state = bench.printer.state
    bench.press("printer.out")
    assert state()["paper"] == "out"
    assert bench.text("printer.paper") == "缺纸"
    bench.press("printer.low")
    assert state()["paper"] == "low"
    bench.press("printer.refill")
    assert state()["paper"] == "full"
    bench.press("printer.cover")
    assert state()["cover"] == "open"
    assert bench.one(QPushButton, "printer.cover").text() == "合上上盖"
    bench.press("printer.cover")
    assert state()["cover"] == "closed"
    bench.press("printer.mute")
    assert state()["faults"] == {"PRN.MUTE_STATUS": None}
    bench.press("printer.mute")
    assert state()["faults"] == {}
    bench.press("printer.out_after")
    print_on(bench.printer, "\n".join("一二三四五六七八"))
    settle()
    assert bench.text("printer.paper") == "缺纸"
    bench.press("printer.refill")
    bench.press("printer.tear")
    assert len(bench.printer.papers) >= 1


async def test_scanner(bench: Bench) -> None:
    bench.press("scanner.press")
    assert "no code is held" in bench.status
    QTest.keyClicks(bench.one(QLineEdit, "scanner.text"), "ABC123")
    bench.press("scanner.show")
    assert bench.scanner.state()["showing"]
    assert bench.scanner.state()["size"] == 6
    bench.press("scanner.hide")
    assert not bench.scanner.state()["showing"]


async def test_police_troubles_and_books(bench: Bench) -> None:
    bench.press("police.down")
    bench.press("police.lost")
    assert bench.police.state()["faults"] == {"any.error_503": None, "decide.drop_after": 1}
    bench.press("police.down")
    assert bench.police.state()["faults"] == {"decide.drop_after": 1}
    bench.press("police.clear")
    assert bench.police.state()["faults"] == {}
    assert bench.text("police.counts") == "决定 0　缴款 0　异议 0"
    people = bench.one(QTreeWidget, "person.list")
    people.setCurrentItem(people.topLevelItem(NAMES.index("posting_down")))
    bench.press("person.stage")
    bench.press("person.stage")  # twice is the same as once
    assert list(bench.police.state()["faults"]) == [
        f"{fault.operation}.{fault.kind}" for fault in bench.scenarios[NAMES.index("posting_down")].platform.faults
    ]


async def test_faults_once_and_until_cleared(bench: Bench) -> None:
    bench.tick("SAM.41")
    assert bench.card.state()["faults"] == {"SAM.41": 1}
    assert bench.row("SAM.41").text(2) == "还有1次"
    bench.press("faults.span.until")
    bench.tick("SAM.80")
    assert bench.card.state()["faults"] == {"SAM.41": 1, "SAM.80": None}
    assert "读卡失败（还有1次）" in bench.text("faults.armed")
    bench.card.faults.take("SAM.41")
    bench.card.changed()
    settle()
    assert bench.row("SAM.41").checkState(0) is Qt.CheckState.Unchecked
    bench.tick("SAM.80")
    assert bench.card.state()["faults"] == {}


async def test_faults_of_every_device_and_clear_all(bench: Bench) -> None:
    wanted = {"receipt_printer": "PRN.CUTTER", "qr_scanner": "QR.NAK", "camera": "CAM.STALL", "id_card": "LINE.FLIP"}
    for device, fault in wanted.items():
        bench.press(f"faults.device.{device}")
        bench.tick(fault)
    bench.press("faults.device.police_platform")
    operation = bench.one(QComboBox, "faults.operation")
    operation.setCurrentIndex(operation.findData("decide"))
    operation.activated.emit(operation.currentIndex())
    bench.tick("decide.half_answer")
    assert bench.police.state()["faults"] == {"decide.half_answer": 1}
    assert bench.printer.state()["faults"] == {"PRN.CUTTER": 1}
    assert bench.camera.state()["faults"] == ["CAM.STALL"]
    assert bench.text("faults.total") == "5 个已布置"
    bench.press("faults.clear_all")
    for device in (bench.card, bench.camera, bench.scanner, bench.printer, bench.police):
        assert not device.state()["faults"]
    assert not bench.one(QPushButton, "faults.clear_all").isEnabled()


async def test_unplug(bench: Bench) -> None:
    bench.press("faults.plug")
    assert not bench.card.plugged
    assert bench.one(QPushButton, "faults.plug").text() == "插上"
    bench.press("faults.plug")
    assert bench.card.plugged
    bench.press("faults.device.camera")
    assert bench.one(QPushButton, "faults.plug").isVisible()
    bench.press("faults.plug")
    assert bench.camera.state()["plugged"] is False
    bench.press("faults.plug")
    assert bench.camera.state()["plugged"] is True
    bench.press("faults.device.police_platform")
    assert not bench.one(QPushButton, "faults.plug").isVisible()


async def test_filter(bench: Bench) -> None:
    bench.one(QLineEdit, "faults.filter").setText("指纹")
    tree = bench.one(QTreeWidget, "faults.list")
    rows = [tree.topLevelItem(index) for index in range(tree.topLevelItemCount())]
    assert [row.text(1) for row in rows if row is not None and not row.isHidden()] == ["SAM.FP512", "SAM.FP0"]


async def test_a_name_in_the_row_below_the_header_leads_to_its_panel(bench: Bench) -> None:
    bench.press("jump.faults")
    panel, area = bench.one(QWidget, "faults"), bench.one(QScrollArea, "scroll")
    top = panel.mapTo(area.viewport(), QPoint(0, 0)).y()
    assert 0 <= top < area.viewport().height()


async def test_a_refusal_is_a_sentence_and_no_traceback(bench: Bench) -> None:
    bench.card.persons.clear()
    bench.press("person.place")
    assert bench.status == "身份证读卡器：no such person; known are none"
    assert bench.one(QLabel, "status").property("tone") == "bad"
    bench.press("camera.blink")
    assert bench.one(QLabel, "status").property("tone") == "plain"


async def test_changes_from_another_thread_are_shown_and_coalesced(bench: Bench) -> None:
    shown: list[int] = []
    bench.window.links["receipt_printer"].changed.connect(lambda: shown.append(1))

    def storm() -> None:
        for _ in range(500):
            bench.printer.changed()

    bench.printer._sensors.cover_open = True
    thread = threading.Thread(target=storm)
    thread.start()
    thread.join()
    settle()
    assert bench.one(QPushButton, "printer.cover").isChecked()
    assert 1 <= len(shown) <= 3


async def test_changes_wait_for_their_turn(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[int] = []
    link = bench.window.links["receipt_printer"]
    link.changed.connect(lambda: shown.append(1))
    monkeypatch.setattr("ui.bench.link.PACE_MS", 3_600_000)
    link.refresh()
    for _ in range(20):
        bench.printer.changed()
        QCoreApplication.processEvents()
    assert shown == [1]
    assert not quiet()
    link.refresh()
    assert shown == [1, 1]
    assert quiet()


async def test_closing_stops_listening_and_nothing_else(bench: Bench) -> None:
    bench.window.close()
    for device in (bench.card, bench.camera, bench.printer, bench.police, bench.wallet):
        assert device._listeners == []
    bench.printer.control({"do": "cover", "open": True})
    bench.window.show()
    settle()
    assert bench.one(QPushButton, "printer.cover").isChecked()


async def test_deleting_without_closing_stops_listening(theme: Theme) -> None:
    made = make()
    made.window.show()
    settle()
    made.window.deleteLater()
    settle()
    made.printer.control({"do": "cover", "open": True})
    assert made.printer._listeners == []


@pytest.mark.parametrize("keys", [(), ("wallet",), ("camera",), ("receipt_printer", "id_card")])
async def test_real_devices_are_not_shown(theme: Theme, keys: tuple[str, ...]) -> None:
    all_parts: dict[str, Any] = {
        "wallet": FakeFront(StillClock()),
        "camera": CameraSimulator(),
        "id_card": SamvSimulator({"a": card_of(load_scenario("minor", DAY))}),
        "receipt_printer": EscposSimulator(),
    }
    window = BenchWindow({key: all_parts[key] for key in keys}, [("a", "甲", 7)])
    window.show()
    settle()
    panels = {"wallet": "phone", "camera": "camera", "receipt_printer": "printer", "id_card": "person.card"}
    found = {key: window.findChildren(QWidget, f"bench.{name}") for key, name in panels.items()}
    shown = {key for key, widgets in found.items() if any(widget.isVisible() for widget in widgets)}
    assert shown == set(keys)
    window.close()
    window.deleteLater()
    settle()


async def test_wheel_scrolls_and_changes_no_control(bench: Bench) -> None:
    slider = bench.one(QSlider, "camera.distance")
    before = slider.value()
    wheel = QWheelEvent(
        QPointF(5, 5),
        QPointF(slider.mapToGlobal(QPoint(5, 5))),
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QCoreApplication.sendEvent(slider, wheel)
    assert slider.value() == before


async def test_every_fault_has_a_chinese_sentence(bench: Bench) -> None:
    for link in bench.window.links.values():
        for fault in link.known_faults:
            assert any("\u4e00" <= letter <= "\u9fff" for letter in fault_text(fault)), fault
            assert "！" not in fault_text(fault)
    from drivers.camera import simulator

    assert set(bench.window.links["camera"].known_faults) == set(simulator.FAULTS)
    table = load_diagnostics()
    captions = [text for device in table.device.values() for text in device.fault.values()]
    assert len(captions) > 50
    assert all("！" not in text for text in (*captions, *table.line_fault.values(), *REMOTE_FAULTS.values()))


async def test_looks(bench: Bench) -> None:
    """Nothing sticks out sideways at the usual width; with ONETRIP_SHOTS=DIR the window is saved for people to look at."""
    bench.order("A" * 24)
    print_on(bench.printer, "宁波市公安局\n交通违法处理凭证\n金额 150.00")
    bench.press("person.place")
    bench.tick("SAM.41")
    column = bench.one(QWidget, "column")
    for panel in column.findChildren(QWidget):
        if panel.isVisible() and panel.parentWidget() is column:
            assert panel.width() >= panel.minimumSizeHint().width(), panel.objectName()
            assert panel.geometry().right() <= column.width()
    for made in bench.window.findChildren(QPushButton):
        if made.isVisible():
            assert made.width() >= made.fontMetrics().horizontalAdvance(made.text()), made.objectName()
    if folder := os.environ.get("ONETRIP_SHOTS"):
        bench.window.grab().save(f"{folder}/bench.png")
        column.grab().save(f"{folder}/bench_column.png")
