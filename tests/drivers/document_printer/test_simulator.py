"""The driver against a printer that speaks IPP itself: what it says while idle is true."""

from __future__ import annotations

import asyncio
import base64
import platform
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from drivers.document_printer import connect, ipp
from drivers.document_printer.condition import read
from drivers.document_printer.ipp import Op, Tag
from drivers.document_printer.printer import CupsPrinter
from drivers.document_printer.simulator import IppSimulator
from drivers.transport.host import serve_tcp
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.devices import Link, PrintEnd
from kiosk.ports.documents import DocumentOptions, Sides
from tests.drivers.document_printer.pdf import PDF


@pytest.fixture
def simulator() -> IppSimulator:
    return IppSimulator()


@pytest.fixture
async def printer(simulator: IppSimulator) -> AsyncIterator[CupsPrinter]:
    made = connect("cups+sim:?poll=0.02&trouble=0.2&answer=1", simulator=simulator)
    await made.open()
    yield made
    await made.close()


async def test_prints_both_sides(printer: CupsPrinter, simulator: IppSimulator) -> None:
    assert printer.simulated
    assert printer.status().link is Link.READY
    assert (await printer.print_pdf(PDF, "J1", DocumentOptions(2, Sides.LONG_EDGE))).end is PrintEnd.DONE
    (paper,) = simulator.control({"do": "papers"})["papers"]
    assert base64.b64decode(paper["pdf_base64"]) == PDF
    assert (paper["sides"], paper["copies"]) == ("two-sided-long-edge", 2)
    assert paper["job"] == f"J1@{platform.node()}", "the title says whose job it is, not whose form"


async def test_over_tcp(simulator: IppSimulator) -> None:
    async with serve_tcp(simulator) as port:
        printer = connect(f"cups://127.0.0.1:{port}/ipp/print?poll=0.02")
        await printer.open()
        assert (await printer.print_pdf(PDF, "J1")).end is PrintEnd.DONE
        await printer.close()


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("A4.PAPER_OUT", ErrorKind.SUPPLY_OUT),
        ("A4.JAM", ErrorKind.MEDIA_JAMMED),
        ("A4.COVER", ErrorKind.COVER_OPEN),
        ("A4.TONER_OUT", ErrorKind.SUPPLY_OUT),
        ("A4.SPOOL_FULL", ErrorKind.BUSY),
    ],
)
async def test_known_trouble_refuses_before_anything_is_sent(
    printer: CupsPrinter, simulator: IppSimulator, fault: str, kind: ErrorKind
) -> None:
    simulator.control({"do": "fault", "id": fault, "count": None})
    assert (await printer.check()).link is Link.FAULT
    outcome = await printer.print_pdf(PDF, "J1")
    assert (outcome.end, outcome.kind) == (PrintEnd.FAILED, kind)
    simulator.control({"do": "clear"})
    assert (await printer.check()).link is Link.READY
    assert (await printer.print_pdf(PDF, "J1")).end is PrintEnd.DONE  # nothing came out before: the same job may go


async def test_trouble_in_mid_job_is_uncertain(printer: CupsPrinter, simulator: IppSimulator) -> None:
    simulator.control({"do": "fault", "id": "A4.STUCK", "count": None})
    task = asyncio.create_task(printer.print_pdf(PDF, "J1"))
    async with asyncio.timeout(5):
        while simulator.state()["waiting"] == 0:
            await asyncio.sleep(0.01)
        simulator.control({"do": "fault", "id": "A4.JAM", "count": None})
        outcome = await task
    assert (outcome.end, outcome.kind) == (PrintEnd.UNCERTAIN, ErrorKind.MEDIA_JAMMED)
    again = await printer.print_pdf(PDF, "J1")
    assert (again.end, again.kind) == (PrintEnd.UNCERTAIN, ErrorKind.INVALID_ARGUMENT)


@pytest.mark.parametrize(("fault", "end"), [("A4.ABORT", PrintEnd.UNCERTAIN), ("A4.REFUSE", PrintEnd.FAILED)])
async def test_job_given_up(printer: CupsPrinter, simulator: IppSimulator, fault: str, end: PrintEnd) -> None:
    simulator.control({"do": "fault", "id": fault})
    assert (await printer.print_pdf(PDF, "J1")).end is end


async def test_lost_answers_never_print_twice(printer: CupsPrinter, simulator: IppSimulator) -> None:
    """Whatever single answer is lost, there is at most one paper, and FAILED means none."""
    for at in range(6):
        simulator.control({"do": "take"})
        task = asyncio.create_task(printer.print_pdf(PDF, f"J{at}"))
        for _ in range(at * 3):
            await asyncio.sleep(0.001)
        simulator.control({"do": "fault", "id": "LINE.HANGUP"})
        outcome = await task
        simulator.control({"do": "clear"})
        if outcome.end is not PrintEnd.DONE:
            outcome = await printer.print_pdf(PDF, f"J{at}")
        papers = simulator.control({"do": "papers"})["count"]
        assert papers <= 1
        assert papers == 1 or outcome.end is not PrintEnd.DONE


async def test_mute_printer_is_not_waited_for(printer: CupsPrinter, simulator: IppSimulator) -> None:
    simulator.control({"do": "fault", "id": "LINE.MUTE", "count": None})
    async with asyncio.timeout(10):
        outcome = await printer.print_pdf(PDF, "J1")
        status = await printer.check()
    assert (outcome.end, outcome.kind) == (PrintEnd.FAILED, ErrorKind.TIMEOUT)
    assert status.link is Link.OFFLINE


async def test_what_cannot_be_printed_is_refused(printer: CupsPrinter) -> None:
    for pdf, options in ((PDF[:-10], DocumentOptions()), (b"text", DocumentOptions()), (PDF, DocumentOptions(0))):
        outcome = await printer.print_pdf(pdf, "J1", options)
        assert (outcome.end, outcome.kind) == (PrintEnd.FAILED, ErrorKind.INVALID_ARGUMENT)
    await printer.close()
    assert (await printer.print_pdf(PDF, "J1")).kind == ErrorKind.NOT_OPEN


@pytest.mark.parametrize(
    "url",
    ["cups:", "cups://host:631/", "escpos+sim:", "cups:a4?poll=0", "cups:a4?keep=all", "cups:a4?x=1", "cups://h:x/q"],
)
def test_wrong_urls(url: str) -> None:
    with pytest.raises(ValueError):
        connect(url)


def test_ipp_request_known_answer() -> None:
    """The header and first attributes of RFC 8010, appendix A.1."""
    fields = [("attributes-charset", Tag.CHARSET, "utf-8"), ("attributes-natural-language", Tag.LANGUAGE, "en-us")]
    message = ipp.encode(Op.PRINT_JOB, 1, [(Tag.OPERATION, fields), (Tag.JOB, [("copies", Tag.INTEGER, 20)])], b"%!PDF")
    assert message.hex() == (
        "0200000200000001" "01"
        "470012617474726962757465732d6368617273657400057574662d38"
        "48001b617474726962757465732d6e61747572616c2d6c616e67756167650005656e2d7573"
        "02" "210006636f70696573000400000014" "03" "2521504446"
    )  # fmt: skip
    back = ipp.decode(message)
    assert ipp.number(back.group(Tag.JOB), "copies") == 20
    assert back.data == b"%!PDF"
    for cut in range(8, message.index(b"\x03%")):
        with pytest.raises(ValueError):
            ipp.decode(message[:cut])


def test_collections_are_read_past() -> None:
    body = (
        "0200000000000001" "04"
        "340009" + b"media-col".hex() + "0000" "4a00000001" "78" "21000000040000" "0001" "3700000000"
        "230005" + b"state".hex() + "000400000003" "03"
    )  # fmt: skip
    assert ipp.number(ipp.decode(bytes.fromhex(body)).group(Tag.PRINTER), "state") == 3


def test_reasons_in_words() -> None:
    found = read({"printer-state": [3], "printer-state-reasons": ["media-empty-warning", "cover-open-error"]})
    assert found.trouble is not None
    assert found.trouble[0] is ErrorKind.COVER_OPEN
    idle = read({"printer-state": [3], "printer-state-reasons": ["media-jam"], "device-uri": ["usb://x"]})
    assert idle.status().link is Link.DEGRADED
    levels = read({"printer-state": [3], "marker-types": ["toner", "opc"], "marker-levels": [4, 90]})
    assert levels.parts["toner"] == "low"
    assert read({"printer-state": [3], "marker-levels": [-1]}).parts["toner"] == "unknown"


async def test_recall_needs_an_open_printer() -> None:
    with pytest.raises(DeviceError) as raised:
        await connect("cups:a4").recall("J1")
    assert raised.value.kind is ErrorKind.NOT_OPEN


async def test_printer_of_ipp_1_1(simulator: IppSimulator) -> None:
    simulator.control({"do": "fault", "id": "A4.IPP_1_1", "count": None})
    printer = connect("cups+sim:?poll=0.02", simulator=simulator)
    await printer.open()
    assert (await printer.print_pdf(PDF, "J1")).end is PrintEnd.DONE
    await printer.close()
    assert len(simulator.papers) == 1


@pytest.mark.skipif(shutil.which("ipptool") is None, reason="ipptool is not installed (Debian: cups-ipp-utils)")
async def test_simulator_satisfies_ipptool(simulator: IppSimulator, tmp_path: Path) -> None:
    """CUPS' own conformance scripts, as far as a printer needs them to be printed on."""
    pdf = tmp_path / "page.pdf"
    pdf.write_bytes(PDF)
    async with serve_tcp(simulator) as port:
        for script in ("get-jobs.test", "validate-job.test", "print-job.test", "create-job.test"):
            process = await asyncio.create_subprocess_exec(
                "ipptool", "-t", "-f", str(pdf), f"ipp://127.0.0.1:{port}/ipp/print", script, stdout=subprocess.PIPE
            )
            told, _ = await process.communicate()
            assert process.returncode == 0, told.decode()
