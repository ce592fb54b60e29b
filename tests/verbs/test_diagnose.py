"""`kiosk diagnose`: levels, one device, the document, the paper, the person at the terminal."""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from config.sections import Ledger
from config.settings import Settings, SettingsError, load
from config.tables import load_tables
from drivers.receipt_printer.simulator import EscposSimulator
from drivers.transport.host import serve_tcp
from kiosk.ledger.audit import Audit
from kiosk.ledger.audit_head import head_file
from kiosk.ledger.logbook import Logbook
from kiosk.ledger.store import Store
from kiosk.ports.clock import SystemClock
from kiosk.ports.health import Ask
from kiosk.verbs.alone import DeviceTaken, alone_with, real_urls
from kiosk.verbs.device_words import WrongUsage
from kiosk.verbs.diagnose import Terminal, diagnose


def only(**devices: str) -> Settings:
    """The demo's machine without its permit devices."""
    base = load()
    wanted = {**base.devices.model_dump(), "permit_unit": "", "permit_reader": "", **devices}
    return base.model_copy(update={"devices": type(base.devices)(**wanted)})


def words(**given: Any) -> argparse.Namespace:
    return argparse.Namespace(**{"level": 1, "device": "", "out": None, "print": False, "json": True, **given})


async def test_without_words_every_device_is_asked() -> None:
    report = await diagnose(only())
    assert report.good, report.text
    assert (report.data["version"], report.data["verdict"], report.data["level"]) == (1, "ready", 1)
    assert [row["device"] for row in report.data["devices"]][:3] == ["id_card", "camera", "qr_scanner"]
    assert report.text.endswith("verdict: ready")
    assert report.data["services"] == dict.fromkeys(("violation", "fine", "form", "reprint"), "offered")


async def test_texts_that_nobody_reviewed_are_a_remark_and_no_failure() -> None:
    report = await diagnose(only())
    codes = load_tables().plain.not_reviewed()
    assert report.good
    (plain,) = [remark for remark in report.data["remarks"] if "law_plain.toml" in remark]
    assert plain.startswith(f"{len(codes)} plain-language law texts")
    assert all(code in plain for code in codes)
    assert f"remark: {plain}" in report.text.splitlines()
    one = await diagnose(only(), words(device="id-card"))
    assert one.data["remarks"] == [], "who asks about a reader is told of the reader"


async def test_what_is_missing_closes_its_services() -> None:
    report = await diagnose(only(id_card="samv+serial:///dev/none"))
    row = report.data["devices"][0]
    assert (report.good, report.data["verdict"], row["good"], row["error"]) == (False, "limited", False, "offline")
    closed = {name for name, standing in report.data["services"].items() if standing == "closed"}
    assert closed == {"violation", "form"}, (
        "a fine is paid, and a voucher printed again, by the decision's number alone"
    )
    assert {"hint", "todo", "capabilities"} <= set(row)
    assert "id_card: offline" in report.text
    assert report.text.endswith("verdict: limited")


async def test_without_any_printer_nothing_can_be_offered() -> None:
    report = await diagnose(
        only(receipt_printer="escpos+serial:///dev/none", document_printer="cups://127.0.0.1:1/none")
    )
    assert (report.good, report.data["verdict"]) == (False, "not_ready")
    assert report.data["services"] == dict.fromkeys(("violation", "fine", "form", "reprint"), "closed")
    assert report.text.endswith("verdict: not ready")


async def test_one_device_alone_in_either_spelling(tmp_path: Path) -> None:
    out = tmp_path / "report.json"
    report = await diagnose(only(), words(device="receipt-printer", level=2, out=out))
    assert report.good, report.text
    assert [row["device"] for row in report.data["devices"]] == ["receipt_printer"]
    assert [level["level"] for level in report.data["devices"][0]["levels"]] == [1, 2]
    assert json.loads(out.read_text()) == report.data


async def test_wrong_words() -> None:
    with pytest.raises(WrongUsage, match="has no permit_unit; it has id_card"):
        await diagnose(only(), words(device="permit_unit"))
    with pytest.raises(SettingsError, match=r"--out: .* no directory"):
        await diagnose(only(), words(out="/nowhere/report.json"))


async def test_the_report_on_a_real_lines_paper() -> None:
    paper = EscposSimulator()
    async with serve_tcp(paper) as port:
        settings = only(receipt_printer=f"escpos+tcp://127.0.0.1:{port}")
        report = await diagnose(settings, words(print=True))
        assert (report.data["printed"], report.good) == ("done", True), report.text
        text = paper.papers[-1].text
        assert "设备就绪报告" in text
        assert settings.kiosk.id in text
        report = await diagnose(settings, words(print=True, device="id_card"))
        assert (report.data["printed"], len(paper.papers)) == ("done", 2), report.text
        with alone_with(real_urls(settings.devices)), pytest.raises(DeviceTaken, match="another program"):
            await diagnose(settings, words())
        paper.control({"do": "paper", "state": "out"})
        report = await diagnose(settings, words(print=True))
        assert (report.data["printed"], report.good) == ("failed", False)
        assert "not printed" in report.text or "printed: failed" in report.text


async def test_the_person_at_the_terminal_answers_in_turn() -> None:
    said = io.StringIO()
    person = Terminal(said, io.StringIO("y\nno\nperhaps\n"))
    assert await person.ask(Ask.PLACE_CARD) is True
    assert [await person.ask(Ask.SAW_SLIP) for _ in range(5)] == [True, False, None, None, None]
    assert said.getvalue().startswith("Lay an ID card or a test card on the reader.\nDid a slip come out")


async def test_a_question_that_nobody_answers_can_be_broken_off() -> None:
    read, write = os.pipe()
    with os.fdopen(read) as terminal, os.fdopen(write, "w") as hand:
        person = Terminal(io.StringIO(), terminal)
        asking = asyncio.ensure_future(person.ask(Ask.SAW_SLIP))
        await asyncio.sleep(0)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        assert asking.cancelled()
        hand.write("y\n")
        hand.flush()
        assert await person.ask(Ask.SAW_PAGE) is True  # piped answers are kept; a terminal's are not
        hand.close()
        for thread in threading.enumerate():
            if thread.name == "terminal":
                await asyncio.to_thread(thread.join)


async def test_a_machine_with_a_ledger_keeps_the_report_and_anchors_its_chain(tmp_path: Path) -> None:
    base = only()
    settings = base.model_copy(
        update={"ledger": Ledger(url=f"sqlite:///{tmp_path}/ledger.db", key_file=tmp_path / "ledger.key")}
    )
    report = await diagnose(settings, words(device="id_card"))
    assert report.data["audit"] == ""
    assert not (tmp_path / "ledger.db").exists()
    store = Store(settings.ledger.url, SystemClock())
    await store.open()
    head = head_file(settings.ledger.url, settings.ledger.key_file)
    await Audit(store, SystemClock(), bytes(32), head).write("T0271", "technician_left", why="exit")
    report = await diagnose(settings, words(device="id_card"))
    assert report.data["audit"].startswith("1-")
    kept = await Logbook(store, SystemClock()).last_checkup()
    assert kept is not None
    assert (kept.verdict, kept.result["only"]) == ("ready", "id_card")
    await store.close()
