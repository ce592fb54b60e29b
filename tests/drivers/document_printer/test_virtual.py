"""The simulated A4 printer as the bench, the demo and other people's clients meet it: its state, its tray, what it forgets."""

from __future__ import annotations

import asyncio
import gc
import json
import re
import shutil
import subprocess
import zlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from drivers.control import serve_control
from drivers.document_printer import connect
from drivers.document_printer.condition import read
from drivers.document_printer.paper import Paper, PrintJob, count_pages
from drivers.document_printer.printer import CupsPrinter
from drivers.document_printer.simulator import IppSimulator
from drivers.document_printer.testpage import page
from drivers.transport.host import serve_tcp
from kiosk.domain.errors import ErrorKind
from kiosk.ports.devices import Link, PrintEnd
from kiosk.ports.documents import DocumentOptions, Sides
from tests.drivers.document_printer.pdf import PDF


@pytest.fixture
def simulator() -> IppSimulator:
    return IppSimulator()


@pytest.fixture
async def printer(simulator: IppSimulator) -> AsyncIterator[CupsPrinter]:
    made = connect("cups+sim:?poll=0.02&trouble=0.2&answer=2", simulator=simulator)
    await made.open()
    yield made
    await made.close()


def pages(count: int) -> bytes:
    kids = b"".join(b"%d 0 obj<</Type /Page/Parent 2 0 R>>endobj\n" % (number + 3) for number in range(count))
    return b"%PDF-1.4\n2 0 obj<</Type/Pages/Count 9>>endobj\n" + kids + b"trailer<<>>\n%%EOF\n"


async def changed(simulator: IppSimulator, **wanted: object) -> None:
    """Wait until the simulator's state is so."""
    news = asyncio.Event()
    stop = simulator.listen(news.set)
    try:
        async with asyncio.timeout(10):
            while any(simulator.state()[key] != value for key, value in wanted.items()):
                news.clear()
                await news.wait()
    finally:
        stop()


async def test_state_has_the_last_document_and_counts_pages(printer: CupsPrinter, simulator: IppSimulator) -> None:
    assert simulator.state()["last_pdf"] is None
    assert (await printer.print_pdf(pages(3), "J1")).end is PrintEnd.DONE
    assert (await printer.print_pdf(pages(2), "J2", DocumentOptions(2, Sides.LONG_EDGE))).end is PrintEnd.DONE
    state = simulator.state()
    assert (state["last_pdf"], state["last_pages"]) == (pages(2), 2)
    assert (state["papers"], state["pages"], state["waiting"], state["printing"]) == (2, 3 + 4, 0, False)
    behind = simulator.control({"do": "papers", "since": 1})["papers"]
    assert [(paper["number"], paper["pages"], paper["copies"]) for paper in behind] == [(2, 2, 2)]


async def test_state_over_the_control_socket_is_json_without_the_document(simulator: IppSimulator) -> None:
    simulator.papers.append(Paper(1, "J1", PDF, 1))
    async with serve_control(simulator) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b'{"do": "state"}\n')
        told = json.loads(await reader.readline())
        writer.close()
        await writer.wait_closed()
    assert (told["kind"], told["papers"], told["plugged"]) == ("document_printer", 1, True)
    assert "last_pdf" not in told
    assert simulator.state()["last_pdf"] == PDF


@pytest.mark.parametrize("verb", ["take", "wipe"])
async def test_nothing_is_left_of_a_document(simulator: IppSimulator, verb: str) -> None:
    """Neither in the tray nor in a job nor anywhere else in the simulator; the counter stays."""
    mark = b"%SECRET-MARK"
    secret = pages(1)[:-6] + mark + b"\n%%EOF\n"
    printer = connect("cups+sim:?poll=0.02", simulator=simulator)
    await printer.open()
    assert (await printer.print_pdf(secret, "J1")).end is PrintEnd.DONE
    assert _holding(mark)
    simulator.control({"do": verb})
    await printer.close()
    assert simulator.state()["last_pdf"] is None
    assert simulator.control({"do": "papers"})["papers"] == []
    assert simulator.state()["pages"] == 1
    gc.collect()
    assert not _holding(mark)


def _holding(mark: bytes) -> list[object]:
    kept = (one for one in gc.get_objects() if isinstance(one, Paper | PrintJob))
    return [one for one in kept if mark in one.pdf]


async def test_what_is_printing_when_the_session_is_wiped_comes_out_and_is_not_kept(
    printer: CupsPrinter, simulator: IppSimulator
) -> None:
    simulator.control({"do": "fault", "id": "A4.STUCK", "count": None})
    printing = asyncio.create_task(printer.print_pdf(PDF, "J1"))
    await changed(simulator, printing=True)
    simulator.control({"do": "wipe"})
    simulator.control({"do": "clear"})
    assert (await printing).end is PrintEnd.DONE
    state = simulator.state()
    assert (state["papers"], state["last_pdf"], state["pages"]) == (0, None, 1)
    assert (await printer.print_pdf(PDF, "J2")).end is PrintEnd.DONE
    assert simulator.state()["papers"] == 1


async def test_a_document_nobody_takes_is_forgotten_by_itself() -> None:
    simulator = IppSimulator(keep_s=0.05)
    printer = connect("cups+sim:?poll=0.02", simulator=simulator)
    await printer.open()
    assert (await printer.print_pdf(PDF, "J1")).end is PrintEnd.DONE
    await changed(simulator, papers=0, pages=1)
    await printer.close()


async def test_the_oldest_document_leaves_a_full_tray() -> None:
    simulator = IppSimulator(tray=2)
    printer = connect("cups+sim:?poll=0.01", simulator=simulator)
    await printer.open()
    for number in range(3):
        assert (await printer.print_pdf(PDF, f"J{number}")).end is PrintEnd.DONE
    await printer.close()
    assert [paper.number for paper in simulator.papers] == [2, 3]


@pytest.mark.parametrize("ending", ["cancel", "A4.ABORT", "A4.REFUSE"])
async def test_a_document_that_is_not_printed_is_forgotten_at_once(
    printer: CupsPrinter, simulator: IppSimulator, ending: str
) -> None:
    simulator.control({"do": "fault", "id": "A4.STUCK" if ending == "cancel" else ending, "count": None})
    printing = asyncio.create_task(printer.print_pdf(PDF, "J1"))
    if ending == "cancel":
        await changed(simulator, printing=True)
        assert await printer.cancel("J1")
    assert (await printing).end is not PrintEnd.DONE
    assert all(not one.pdf for one in gc.get_objects() if isinstance(one, PrintJob))
    assert (simulator.state()["papers"], simulator.state()["pages"]) == (0, 0)


@pytest.mark.parametrize(
    ("fault", "kind", "part"),
    [
        ("A4.OFFLINE", ErrorKind.OFFLINE, ("paper", "full")),
        ("A4.CLOSED", ErrorKind.OFFLINE, ("queue", "closed")),
    ],
)
async def test_faults_of_the_queue(
    printer: CupsPrinter, simulator: IppSimulator, fault: str, kind: ErrorKind, part: tuple[str, str]
) -> None:
    simulator.control({"do": "fault", "id": fault, "count": None})
    status = await printer.check()
    assert status.link is Link.FAULT
    assert status.parts[part[0]] == part[1]
    outcome = await printer.print_pdf(PDF, "J1")
    assert (outcome.end, outcome.kind) == (PrintEnd.FAILED, kind)
    simulator.control({"do": "clear"})
    assert (await printer.print_pdf(PDF, "J1")).end is PrintEnd.DONE


async def test_paper_low_still_prints(printer: CupsPrinter, simulator: IppSimulator) -> None:
    simulator.control({"do": "fault", "id": "A4.PAPER_LOW", "count": None})
    status = await printer.check()
    assert (status.link, status.parts["paper"]) == (Link.DEGRADED, "low")
    assert (await printer.print_pdf(PDF, "J1")).end is PrintEnd.DONE


def test_a_stopped_printer_says_why() -> None:
    """RFC 8011, 5.4.11: a printer that needs paper is stopped by itself; a queue somebody stopped is paused."""
    itself = read({"printer-state": [5], "printer-state-reasons": ["media-empty-error"]})
    assert itself.closed is None
    assert itself.status().link is Link.FAULT
    assert itself.trouble is not None
    assert itself.trouble[0] is ErrorKind.SUPPLY_OUT
    queue = read({"printer-state": [5], "printer-state-reasons": ["media-empty-error", "paused"]})
    assert queue.closed is not None
    spooled = read({"printer-state": [5], "printer-state-reasons": ["media-empty"], "device-uri": ["usb://x"]})
    assert spooled.closed is not None
    nothing = read({"printer-state": [5], "printer-state-reasons": ["none"]})
    assert nothing.closed is not None


def test_counting_pages() -> None:
    assert count_pages(page("a4")) == 1
    assert count_pages(pages(7)) == 7
    inside = b"4 0 5 60 <</Type/Page/Parent 3 0 R>> <</Type /Page\n/Parent 3 0 R>> <</Type/Pages/Count 2>>"
    squeezed = zlib.compress(inside)
    stream = b"1 0 obj<</Type/ObjStm/N 2/First 8/Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream endobj"
    assert count_pages(b"%PDF-1.5\n" + stream % (len(squeezed), squeezed) + b"\n%%EOF") == 2
    assert count_pages(b"%PDF-1.5\n" + stream % (9, b"encrypted") + b"\n%%EOF") == 0


@pytest.mark.skipif(shutil.which("gs") is None, reason="ghostscript is not installed")
async def test_counting_the_pages_of_a_foreign_pdf(tmp_path: Path) -> None:
    """Ghostscript writes page objects into object streams."""
    out = tmp_path / "three.pdf"
    words = ["-q", "-dNOPAUSE", "-dBATCH", "-sDEVICE=pdfwrite", "-dCompatibilityLevel=1.7", f"-sOutputFile={out}"]
    process = await asyncio.create_subprocess_exec("gs", *words, "-c", "showpage showpage showpage")
    assert await process.wait() == 0
    assert count_pages(out.read_bytes()) == 3


def test_sheets() -> None:
    paper = Paper(1, "J1", PDF, 3, "two-sided-long-edge", 2)
    assert (paper.impressions, paper.sheets) == (6, 4)
    assert Paper(1, "J1", PDF, 3).sheets == 3
    assert "PDF" not in repr(paper)


@pytest.mark.skipif(shutil.which("lp") is None, reason="lp is not installed (Debian: cups-client)")
async def test_a_real_lp_prints_on_it(simulator: IppSimulator, tmp_path: Path) -> None:
    pdf = tmp_path / "page.pdf"
    pdf.write_bytes(pages(2))
    async with serve_tcp(simulator) as port:
        process = await asyncio.create_subprocess_exec(
            *("lp", "-h", f"127.0.0.1:{port}", "-d", "onetrip-a4", "-t", "J1", "-n", "2", str(pdf)),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        told, _ = await process.communicate()
        assert process.returncode == 0, told.decode()
        assert re.search(rb"onetrip-a4-\d+", told)
        await changed(simulator, papers=1)
    (paper,) = simulator.papers
    assert (paper.name, paper.pdf, paper.pages, paper.copies) == ("J1", pages(2), 2, 2)


@pytest.mark.skipif(shutil.which("ipptool") is None, reason="ipptool is not installed (Debian: cups-ipp-utils)")
async def test_it_keeps_the_conformance_script_of_ipp_1_1(simulator: IppSimulator, tmp_path: Path) -> None:
    """All that RFC 8011 asks of a printer: refused requests, attributes asked for by name, jobs of one user, times."""
    pdf = tmp_path / "page.pdf"
    pdf.write_bytes(PDF)
    async with serve_tcp(simulator) as port:
        for script in ("ipp-1.1.test", "get-printer-attributes.test"):
            process = await asyncio.create_subprocess_exec(
                *("ipptool", "-t", "-f", str(pdf), f"ipp://127.0.0.1:{port}/ipp/print", script),
                stdout=subprocess.PIPE,
            )
            told, _ = await process.communicate()
            assert process.returncode == 0, told.decode()[-3000:]
