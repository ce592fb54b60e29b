"""The driver against a real cupsd whose backend is a script that prints, jams, hangs and fails as told."""

from __future__ import annotations

import asyncio
import base64
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from drivers.document_printer import connect, ipp
from drivers.document_printer.client import IppClient, Place, queues
from drivers.document_printer.ipp import Op, Tag
from drivers.document_printer.job import Job, Pace
from drivers.document_printer.printer import CupsPrinter
from drivers.document_printer.simulator import IppSimulator
from drivers.transport.host import serve_tcp
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.devices import Link, PrintEnd
from kiosk.ports.documents import DocumentOptions
from tests.drivers.document_printer.pdf import PDF
from tests.drivers.document_printer.spooler import MISSING, Spooler

pytestmark = [pytest.mark.skipif(bool(MISSING), reason=MISSING), pytest.mark.xdist_group("cupsd")]


@pytest.fixture
async def printer(spooler: Spooler) -> AsyncIterator[CupsPrinter]:
    made = connect(spooler.url(poll=0.05, answer=3, trouble=0.3))
    await made.open()
    yield made
    await made.close()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.02)


def papers(spooler: Spooler) -> list[Path]:
    return sorted(spooler.papers.glob("*.pdf"))


async def test_document_arrives_byte_for_byte_and_leaves_nothing_in_the_spool(
    spooler: Spooler, printer: CupsPrinter
) -> None:
    assert printer.status().parts["paper"] == "unknown"  # nothing was printed yet: cupsd cannot know
    outcome = await printer.print_pdf(PDF, "form-1")
    assert outcome.end is PrintEnd.DONE
    assert [paper.read_bytes() for paper in papers(spooler)] == [PDF]
    assert printer.status().link is Link.READY
    assert printer.status().parts == {"paper": "full", "cover": "closed", "toner": "unknown", "queue": "ready"}
    assert not spooler.documents()


async def test_test_page_is_a_pdf_others_can_read(spooler: Spooler, printer: CupsPrinter) -> None:
    assert (await printer.print_test()).end is PrintEnd.DONE
    assert (await printer.print_test()).end is PrintEnd.DONE
    first, _ = papers(spooler)
    if (pdftotext := shutil.which("pdftotext")) is not None:
        process = await asyncio.create_subprocess_exec(
            pdftotext, str(first), "-", stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        told, complaints = await process.communicate()
        assert (told.strip(), complaints) == (b"OneTrip test page: a4", b"")


async def test_over_tcp(spooler: Spooler) -> None:
    printer = connect(f"cups://127.0.0.1:{spooler.port}/a4?poll=0.05")
    await printer.open()
    assert (await printer.print_pdf(PDF, "form-1")).end is PrintEnd.DONE
    await printer.close()
    assert len(papers(spooler)) == 1


async def test_same_job_twice_is_one_paper(spooler: Spooler, printer: CupsPrinter) -> None:
    assert (await printer.print_pdf(PDF, "form-1")).end is PrintEnd.DONE
    assert (await printer.print_pdf(PDF, "form-1")).end is PrintEnd.DONE
    assert len(papers(spooler)) == 1


async def broken_off(spooler: Spooler, printer: CupsPrinter) -> None:
    """A session that ends while its form is at the printer."""
    spooler.mode("hang")
    task = asyncio.create_task(printer.print_pdf(PDF, "form-1"))
    await until(lambda: bool(spooler.documents()))
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_job_of_an_earlier_run_is_taken_off_and_not_sent_again(spooler: Spooler, printer: CupsPrinter) -> None:
    await broken_off(spooler, printer)  # the program is gone; its job stays
    assert spooler.documents()
    again = connect(spooler.url(poll=0.05))
    await again.open()
    assert not spooler.documents()
    assert await spooler.titles() == []
    refused = await again.print_pdf(PDF, "form-1")
    assert (refused.end, refused.kind) == (PrintEnd.UNCERTAIN, ErrorKind.INVALID_ARGUMENT)
    spooler.mode("print")
    assert (await again.print_pdf(PDF, "form-2")).end is PrintEnd.DONE
    await again.close()
    assert len(papers(spooler)) == 1


@pytest.mark.parametrize("chance", ["check", "print", "close"])
async def test_job_that_nobody_follows_any_more_is_taken_off(
    spooler: Spooler, printer: CupsPrinter, chance: str
) -> None:
    await broken_off(spooler, printer)
    if chance == "check":
        await printer.check()
    elif chance == "close":
        await printer.close()
    else:
        task = asyncio.create_task(printer.print_pdf(PDF, "form-2"))
        async with asyncio.timeout(5):
            while [title.partition("@")[0] for title in await spooler.titles()] != ["form-2"]:
                await asyncio.sleep(0.02)
        spooler.mode("print")
        assert (await task).end is PrintEnd.DONE
    assert not spooler.documents()
    assert await spooler.titles() == []
    assert len(papers(spooler)) == int(chance == "print")


async def test_document_that_came_out_unseen_leaves_the_spool(spooler: Spooler, printer: CupsPrinter) -> None:
    await broken_off(spooler, printer)
    spooler.mode("print")
    await until(lambda: len(papers(spooler)) == 1)
    again = connect(spooler.url(poll=0.05))
    await again.open()
    assert not spooler.documents()
    assert (await again.print_pdf(PDF, "form-1")).end is PrintEnd.DONE  # known, and not printed a second time
    await again.close()
    assert len(papers(spooler)) == 1


async def test_created_job_without_its_document_is_taken_off(spooler: Spooler) -> None:
    """The program died between Create-Job and Send-Document."""
    client = IppClient(Place("/printers/a4", socket=str(spooler.socket)), "document_printer")
    await client.ask(Op.CREATE_JOB, [("job-name", Tag.NAME, client.title("form-1"))], 3)
    assert len(await spooler.titles()) == 1
    printer = connect(spooler.url(poll=0.05))
    await printer.open()
    assert await spooler.titles() == []
    assert (await printer.print_pdf(PDF, "form-1")).end is PrintEnd.DONE  # nothing had come out
    await printer.close()


async def test_jobs_of_others_are_left_alone(spooler: Spooler, printer: CupsPrinter) -> None:
    """Of another kiosk that shares the queue and the login, and of somebody who prints by hand."""
    spooler.mode("hang")
    client = IppClient(Place("/printers/a4", socket=str(spooler.socket)), "document_printer")
    for title in ("form-9@another-kiosk", "notice"):
        answer = await client.ask(Op.CREATE_JOB, [("job-name", Tag.NAME, title)], 3)
        fields = [("job-id", Tag.INTEGER, ipp.number(answer.group(Tag.JOB), "job-id")),
                  ("last-document", Tag.BOOLEAN, True)]  # fmt: skip
        await client.ask(Op.SEND_DOCUMENT, fields, 3, data=PDF)
    await printer.close()
    await printer.open()
    assert len(await spooler.titles()) == 2
    spooler.mode("print")
    await until(lambda: len(papers(spooler)) == 2)


async def test_paused_queue_takes_nothing(spooler: Spooler, printer: CupsPrinter) -> None:
    await spooler.admin("cupsdisable", "a4")
    outcome = await printer.print_pdf(PDF, "form-1")
    assert (outcome.end, outcome.kind) == (PrintEnd.FAILED, ErrorKind.OFFLINE)
    assert (printer.status().link, printer.status().parts["queue"]) == (Link.FAULT, "paused")
    await spooler.admin("cupsenable", "a4")
    assert (await printer.print_pdf(PDF, "form-1")).end is PrintEnd.DONE
    assert len(papers(spooler)) == 1


@pytest.mark.parametrize(
    ("mode", "kind", "paper"), [("empty", ErrorKind.SUPPLY_OUT, "out"), ("jam", ErrorKind.MEDIA_JAMMED, "jammed")]
)
async def test_trouble_that_stays_ends_uncertain(
    spooler: Spooler, printer: CupsPrinter, mode: str, kind: ErrorKind, paper: str
) -> None:
    spooler.mode(mode)
    outcome = await printer.print_pdf(PDF, "form-1")
    assert (outcome.end, outcome.kind) == (PrintEnd.UNCERTAIN, kind)
    assert printer.status().parts["paper"] == paper
    assert not papers(spooler)
    assert not spooler.documents(), "nobody waits for it any more"
    assert await spooler.titles() == []
    assert (await printer.print_pdf(PDF, "form-1")).end is PrintEnd.UNCERTAIN, "what was handed over is not sent again"
    spooler.mode("print")  # an idle queue's complaint is out of date: the next job must not be refused for it
    assert (await printer.print_pdf(PDF, "form-2")).end is PrintEnd.DONE
    assert printer.status().parts["paper"] == "full"


async def test_trouble_that_passes_does_not_matter(spooler: Spooler) -> None:
    printer = connect(spooler.url(poll=0.05, trouble=20))
    await printer.open()
    spooler.mode("empty")
    task = asyncio.create_task(printer.print_pdf(PDF, "form-1"))
    await until(lambda: bool(spooler.documents()))
    spooler.mode("print")
    assert (await task).end is PrintEnd.DONE
    await printer.close()


async def test_low_toner_is_told(spooler: Spooler, printer: CupsPrinter) -> None:
    spooler.mode("low")
    assert (await printer.print_pdf(PDF, "form-1")).end is PrintEnd.DONE
    assert (printer.status().link, printer.status().parts["toner"]) == (Link.DEGRADED, "low")


async def test_stuck_job_is_taken_off_the_queue(spooler: Spooler, printer: CupsPrinter) -> None:
    spooler.mode("hang")
    outcome = await printer.print_pdf(PDF, "form-1", deadline=0.6)
    assert (outcome.end, outcome.kind) == (PrintEnd.UNCERTAIN, ErrorKind.TIMEOUT)
    spooler.mode("print")
    assert (await printer.print_pdf(PDF, "form-2")).end is PrintEnd.DONE
    assert len(papers(spooler)) == 1


async def test_job_can_be_cancelled(spooler: Spooler, printer: CupsPrinter) -> None:
    spooler.mode("hang")
    task = asyncio.create_task(printer.print_pdf(PDF, "form-1"))
    await until(lambda: bool(spooler.documents()))
    async with asyncio.timeout(5):
        while not await printer.cancel("form-1"):
            await asyncio.sleep(0.02)
    outcome = await task
    assert outcome.kind == ErrorKind.CANCELLED
    assert outcome.end is not PrintEnd.DONE
    assert not await printer.cancel("form-1")
    assert not await printer.cancel("never-sent")


async def test_broken_printer_stops_the_queue(spooler: Spooler) -> None:
    await spooler.add_queue("strict", "stop-printer")
    printer = connect(spooler.url("strict", poll=0.05, trouble=0.2))
    await printer.open()
    spooler.mode("fail")
    outcome = await printer.print_pdf(PDF, "form-1")
    assert (outcome.end, outcome.kind) == (PrintEnd.UNCERTAIN, ErrorKind.OFFLINE)
    assert (await printer.check()).parts["queue"] == "paused"
    await printer.close()


async def test_cupsd_restarted_in_mid_job(spooler: Spooler, printer: CupsPrinter) -> None:
    spooler.mode("hang")
    task = asyncio.create_task(printer.print_pdf(PDF, "form-1", deadline=20))
    await until(lambda: bool(spooler.documents()))
    await asyncio.sleep(0.2)
    await spooler.stop()
    spooler.mode("print")
    await spooler.start()
    assert (await task).end is PrintEnd.DONE
    assert len(papers(spooler)) == 1


async def test_cupsd_killed_in_mid_job_forgets_it(spooler: Spooler, printer: CupsPrinter) -> None:
    """cupsd writes its list of jobs down only now and then: what became of the paper nobody knows."""
    spooler.mode("hang")
    task = asyncio.create_task(printer.print_pdf(PDF, "form-1", deadline=20))
    await until(lambda: bool(spooler.documents()))
    await spooler.stop(signal.SIGKILL)
    await spooler.start()
    assert (await task).end is PrintEnd.UNCERTAIN
    spooler.mode("print")


async def test_cupsd_down(spooler: Spooler, printer: CupsPrinter) -> None:
    await spooler.stop()
    outcome = await printer.print_pdf(PDF, "form-1")
    assert (outcome.end, outcome.kind) == (PrintEnd.FAILED, ErrorKind.OFFLINE)
    assert printer.status().link is Link.OFFLINE
    with pytest.raises(DeviceError) as raised:
        await connect(spooler.url()).open()
    assert raised.value.kind is ErrorKind.OFFLINE
    await spooler.start()
    assert (await printer.check()).link is not Link.OFFLINE
    assert (await printer.print_pdf(PDF, "form-1")).end is PrintEnd.DONE


async def test_queue_removed(spooler: Spooler, printer: CupsPrinter) -> None:
    assert await queues(Place("/", socket=str(spooler.socket)), 3) == ("a4",)
    await spooler.admin("lpadmin", "-x", "a4")
    outcome = await printer.print_pdf(PDF, "form-1")
    assert (outcome.end, outcome.kind) == (PrintEnd.FAILED, ErrorKind.CONFIG)
    assert printer.status().link is Link.OFFLINE
    assert await queues(Place("/", socket=str(spooler.socket)), 3) == ()


async def test_through_cups_to_a_network_printer(spooler: Spooler) -> None:
    """The whole way of a hall: driver, cupsd, its ipp backend, a printer that speaks IPP."""
    simulator = IppSimulator()
    async with serve_tcp(simulator) as port:
        await spooler.admin("lpadmin", "-p", "laser", "-v", f"ipp://127.0.0.1:{port}/ipp/print", "-E")
        printer = connect(spooler.url("laser", poll=0.1))
        await printer.open()
        assert (await printer.print_pdf(PDF, "form-1", deadline=20)).end is PrintEnd.DONE
        (paper,) = simulator.control({"do": "papers"})["papers"]
        assert base64.b64decode(paper["pdf_base64"]) == PDF
        simulator.control({"do": "fault", "id": "A4.PAPER_OUT", "count": None})
        task = asyncio.create_task(printer.print_pdf(PDF, "form-2", deadline=30))
        async with asyncio.timeout(20):
            while (await printer.recall("form-2")) is None:
                await asyncio.sleep(0.1)
            await asyncio.sleep(1)
            simulator.control({"do": "clear"})
            assert (await task).end is PrintEnd.DONE
        await printer.close()
    assert len(simulator.papers) == 2


async def test_job_that_never_began_failed_for_sure(spooler: Spooler) -> None:
    """The queue is paused between the look at it and the hand-over."""
    await spooler.admin("cupsdisable", "a4")
    client = IppClient(Place("/printers/a4", socket=str(spooler.socket)), "document_printer")
    job = Job(client, "form-1", Pace(poll_s=0.05, trouble_s=0.2), "document_printer")
    until = asyncio.get_running_loop().time() + 10
    assert await job.hand_over(PDF, DocumentOptions(), until) is None
    outcome = await job.follow(until)
    assert (outcome.end, outcome.kind) == (PrintEnd.FAILED, ErrorKind.OFFLINE)
    await spooler.admin("cupsenable", "a4")
    printer = connect(spooler.url(poll=0.05))
    await printer.open()
    assert (await printer.print_pdf(PDF, "form-1")).end is PrintEnd.DONE  # nothing came out: it may go again
    await printer.close()
    assert len(papers(spooler)) == 1


async def test_held_queue_counts_as_paused(spooler: Spooler, printer: CupsPrinter) -> None:
    await spooler.admin("cupsdisable", "--hold", "a4")
    assert (await printer.print_pdf(PDF, "form-1")).end is PrintEnd.FAILED
    assert printer.status().parts["queue"] == "paused"
