"""The technicians' words: every fault, question and counter of the program has one, and a hall may have its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from config.diagnostics_tables import FILE, load_diagnostics
from config.settings import load
from config.tables import TablesError
from drivers.io_board.simulator import BoardSimulator
from drivers.nav_pad.simulator import PadSimulator
from drivers.recorder.simulator import MicrophoneSimulator
from drivers.signature_pad.simulator import StuSimulator
from drivers.ups.simulator import UpsdSimulator
from kiosk.cabinet import build_devices
from kiosk.ports.health import COUNTERS, Ask

TABLE = load_diagnostics()


def test_every_question_and_counter_has_its_words() -> None:
    assert {str(ask) for ask in Ask} <= set(TABLE.asks)
    assert set(TABLE.counters) == set(COUNTERS)
    assert set(TABLE.by_people) <= {str(ask) for ask in Ask}


def test_every_fault_of_a_simulator_has_a_chinese_caption() -> None:
    missing: list[str] = []
    virtual: dict[str, Any] = dict(build_devices(load(None, "ci")).virtual)
    assert set(virtual) >= {"id_card", "camera", "receipt_printer", "document_printer", "permit_unit", "permit_reader"}
    others = (PadSimulator(), BoardSimulator(), UpsdSimulator(), StuSimulator(), MicrophoneSimulator())
    virtual |= {each.kind: each for each in others}
    for name, simulator in virtual.items():
        known = simulator.control({"do": "faults"})["faults"]
        missing += [f"{name} {fault}" for fault in known if TABLE.fault(name, fault, "").isascii()]
    assert missing == []


def test_presets_and_switches_are_faults_that_exist() -> None:
    virtual: dict[str, Any] = dict(build_devices(load(None, "ci")).virtual)
    steps = [(step.device, step.id) for preset in TABLE.preset for step in preset.arm if step.do == "fault"]
    steps += [(key.partition(":")[0], key.partition(":")[2]) for key in TABLE.session.switches]
    for device, fault in steps:
        assert fault in virtual[device].control({"do": "faults"})["faults"], (device, fault)


def test_supplies_are_counters_of_the_catalogue() -> None:
    assert {item.counter for item in TABLE.supplies.item} <= set(COUNTERS)
    told = {f"refilled_{item.id}" for item in TABLE.supplies.item}
    offered = {act for device in TABLE.device.values() for act in device.acts if act.startswith("refilled_")}
    assert offered == told


def test_second_devices_and_strangers_have_names() -> None:
    assert TABLE.name("receipt_printer.2") == "凭证打印机 2"
    assert TABLE.icon("receipt_printer.2") == "receipt"
    assert (TABLE.name("acme"), TABLE.icon("acme")) == ("acme", "info")
    assert (TABLE.finding("acme_probe"), TABLE.value("12 ms")) == ("acme_probe", "12 ms")


def test_a_hall_brings_its_own(tmp_path: Path) -> None:
    shipped = (Path(__file__).parents[2] / "config" / FILE).read_text()
    (tmp_path / FILE).write_text(shipped.replace("full = 80000", "full = 50000"))
    assert load_diagnostics(tmp_path).supplies.item[0].full == 50000
    (tmp_path / FILE).write_text(shipped.replace("alert_percent = 15", "alert_percent = 120"))
    with pytest.raises(TablesError, match="alert_percent"):
        load_diagnostics(tmp_path)
    (tmp_path / FILE).write_text("[checkup\n")
    with pytest.raises(TablesError, match=FILE):
        load_diagnostics(tmp_path)
