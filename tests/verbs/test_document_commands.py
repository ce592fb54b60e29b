"""`kiosk device document-printer` and `kiosk simulate document-printer`: two processes that speak IPP over a real socket."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from argparse import Namespace
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from config.settings import Settings, SettingsError, load
from drivers.document_printer.paper import count_pages
from kiosk.verbs.command_words import KINDS, SIMULATORS
from kiosk.verbs.device import drive
from kiosk.verbs.diagnose import diagnose
from tests.forked import python

ROOT = Path(__file__).parents[2]


@asynccontextmanager
async def simulator(out: Path) -> AsyncIterator[tuple[str, str]]:
    """The simulator's process; gives where it listens and where it takes commands."""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    words = [
        "simulate",
        "document_printer",
        "--listen",
        "tcp://127.0.0.1:0",
        "--control",
        "tcp://127.0.0.1:0",
        "--out",
        str(out),
    ]
    process = await asyncio.create_subprocess_exec(
        *python(), "-m", "kiosk", *words, cwd=ROOT, env=env, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(40):
            wire, control = [(await process.stdout.readline()).decode().strip().partition(": ")[2] for _ in range(2)]
        yield wire, control
    finally:
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0


async def command(address: str, **fields: object) -> dict[str, object]:
    host, port = address.rsplit(":", 1)
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(json.dumps(fields).encode() + b"\n")
    answer = json.loads(await reader.readline())
    writer.close()
    await writer.wait_closed()
    assert isinstance(answer, dict)
    return answer


def words(action: str, url: str = "") -> Namespace:
    return Namespace(
        kind="document_printer", action=action, url=url, timeout=5.0, show=False, out=None, line="", json=True
    )


async def test_a_test_page_goes_over_the_wire_and_becomes_a_file(tmp_path: Path) -> None:
    out = tmp_path / "paper"
    async with simulator(out) as (wire, control):
        url = f"cups://{wire}/ipp/print?poll=0.05&trouble=0.2"
        report = await drive(load(), words("status", url))
        assert report.good
        assert (report.data["link"], report.data["simulated"]) == ("ready", False)
        assert report.data["parts"] == {"paper": "full", "cover": "closed", "toner": "ok", "queue": "ready"}
        assert report.data["capabilities"]["duplex"] is True
        report = await drive(load(), words("print-test", url))
        assert (report.good, report.data["end"]) == (True, "done")
        (file,) = out.glob("*.pdf")
        assert count_pages(file.read_bytes()) == 1
        told = await command(control, do="state")
        assert (told["papers"], told["pages"]) == (0, 1)  # the file has it now
        await command(control, do="fault", id="A4.PAPER_OUT", count=None)
        report = await drive(load(), words("print-test", url))
        assert (report.good, report.data["end"], report.data["trouble"]) == (False, "failed", "supply_out")
        assert report.data["parts"]["paper"] == "out"
        report = await drive(load(), words("status", url))
        assert not report.good
        assert "paper out" in report.text
        await command(control, do="unplug")
        report = await drive(load(), words("status", url))
        assert (report.good, report.data["error"]) == (False, "offline")


async def test_what_it_cannot_do_is_one_sentence() -> None:
    with pytest.raises(SettingsError, match="document_printer cannot scan; it can: status, health, print-test"):
        await drive(load(), words("scan"))
    with pytest.raises(SettingsError, match="'usb:x' is not a document_printer: use one of cups:…, cups"):
        await drive(load(), words("status", "usb:x"))
    with pytest.raises(SettingsError, match="names no queue"):
        await drive(load(), words("status", "cups:"))
    with pytest.raises(SettingsError, match="this machine has no document_printer"):
        await drive(load(profile="hall"), words("status"))


async def test_diagnose_asks_it_as_well() -> None:
    report = await diagnose(_only(document_printer="cups+sim:"))
    rows = {row["device"]: row for row in report.data["devices"]}
    assert rows["document_printer"]["good"]
    assert report.good
    report = await diagnose(_only(document_printer="cups://127.0.0.1:1/a4"))
    rows = {row["device"]: row for row in report.data["devices"]}
    assert (rows["document_printer"]["good"], rows["document_printer"]["error"]) == (False, "offline")
    assert not report.good


def _only(**devices: str) -> Settings:
    """The demo's machine without its permit devices, which need no asking here."""
    base = load()
    wanted = {**base.devices.model_dump(), "permit_unit": "", "permit_reader": "", **devices}
    return base.model_copy(update={"devices": type(base.devices)(**wanted)})


@pytest.mark.skipif("document_printer" not in KINDS, reason="the command line does not name the kind yet")
async def test_the_command_line_knows_it() -> None:
    assert "document_printer" in SIMULATORS
    process = await asyncio.create_subprocess_exec(
        *(*python(), "-m", "kiosk", "device", "document-printer", "print-test", "--json"),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0
    assert json.loads(said)["end"] == "done"
