"""What technicians ask of an A4 printer: examination, counters, news, a fresh start; behind a real cupsd and without one."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import pytest

from drivers.document_printer import connect
from drivers.document_printer.printer import CupsPrinter
from drivers.document_printer.simulator import IppSimulator
from drivers.transport.host import serve_tcp
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.devices import DeviceStatus, Link, PrintEnd
from kiosk.ports.documents import DocumentOptions
from kiosk.ports.health import COUNTERS, Ask, Finding, Level, Resettable, Returning, Serviced, Verdict
from tests.drivers.document_printer.pdf import PDF
from tests.drivers.document_printer.spooler import MISSING, Spooler, running_spooler

real = [pytest.mark.skipif(bool(MISSING), reason=MISSING), pytest.mark.xdist_group("cupsd")]


class Technician:
    """Answers every question the same way, and remembers what was asked."""

    def __init__(self, answer: bool | None = True) -> None:
        self.asked: list[Ask] = []
        self._answer = answer

    async def ask(self, what: Ask) -> bool | None:
        self.asked.append(what)
        return self._answer


class News:
    """Every status a listener was told of."""

    def __init__(self, printer: CupsPrinter) -> None:
        self.told: list[DeviceStatus] = []
        self._printer = printer
        self._more = asyncio.Event()
        printer.listen(self._heard)

    def _heard(self) -> None:
        self.told.append(self._printer.status())
        self._more.set()

    async def until(self, true: Callable[[DeviceStatus], bool]) -> DeviceStatus:
        """The first status told from now on that is so, or the present one."""
        async with asyncio.timeout(10):
            while not true(self._printer.status()):
                self._more.clear()
                await self._more.wait()
        return self._printer.status()


def verdicts(findings: tuple[Finding, ...]) -> dict[str, Verdict]:
    return {finding.name: finding.verdict for finding in findings}


@pytest.fixture
def simulator() -> IppSimulator:
    return IppSimulator()


@pytest.fixture
async def near(simulator: IppSimulator) -> AsyncIterator[CupsPrinter]:
    made = connect("cups+sim:?poll=0.02&trouble=0.2&answer=2&watch=0.05", simulator=simulator)
    await made.open()
    yield made
    await made.close()


@pytest.fixture
async def spooled(spooler: Spooler) -> AsyncIterator[CupsPrinter]:
    made = connect(spooler.url(poll=0.05, answer=3, trouble=0.3, watch=0.1))
    await made.open()
    yield made
    await made.close()


@pytest.fixture(params=["simulated", "ipp", pytest.param("cupsd", marks=real)])
async def printer(request: pytest.FixtureRequest, simulator: IppSimulator) -> AsyncIterator[CupsPrinter]:
    """A healthy one, in each of the ways a printer is reached."""
    async with AsyncExitStack() as stack:
        match request.param:
            case "cupsd":
                url = (await stack.enter_async_context(running_spooler())).url(poll=0.05, answer=3, watch=0.05)
            case "ipp":
                url = f"cups://127.0.0.1:{await stack.enter_async_context(serve_tcp(simulator))}/ipp/print"
                url += "?poll=0.02&watch=0.05"
            case _:
                url = "cups+sim:?poll=0.02&watch=0.05"
        made = connect(url, simulator=simulator)
        stack.push_async_callback(made.close)
        await made.open()
        yield made


# -- every way ---------------------------------------------------------------------------------------------------------


async def test_a_healthy_printer_passes_all_levels(printer: CupsPrinter) -> None:
    assert isinstance(printer, Serviced)
    assert isinstance(printer, Resettable)
    assert isinstance(printer, Returning)
    technician = Technician()
    inside = verdicts(await printer.examine(Level.INTERNAL, technician))
    assert list(inside) == ["link", "answer_ms", "queue", "paper", "cover", "toner"]
    assert (inside["link"], inside["answer_ms"], inside["queue"]) == (Verdict.PASSED,) * 3
    assert set(inside.values()) <= {Verdict.PASSED, Verdict.SKIPPED}
    outside = verdicts(await printer.examine(Level.EXTERNAL, technician))
    assert (outside["test_page"], outside["test_page_s"], outside["paper"]) == (Verdict.PASSED,) * 3
    assert not technician.asked
    (seen,) = await printer.examine(Level.INTERACTIVE, technician)
    assert (seen.name, seen.verdict, technician.asked) == ("saw_page", Verdict.PASSED, [Ask.SAW_PAGE])
    assert (printer.counters()["jobs"], printer.counters()["pages"]) == (1, 1)


async def test_counts_jobs_and_pages(printer: CupsPrinter) -> None:
    assert (await printer.print_pdf(PDF, "J1", DocumentOptions(copies=2))).end is PrintEnd.DONE
    assert (await printer.print_pdf(PDF, "J1")).end is PrintEnd.DONE, "known: not printed again, not counted again"
    assert (await printer.print_pdf(b"no pdf", "J2")).end is PrintEnd.FAILED
    counted = printer.counters()
    assert (counted["opens"], counted["jobs"], counted["failed_jobs"]) == (1, 1, 1)
    assert counted["pages"] in (1, 2), "cupsd's backend of the test tells one page whatever the copies"
    assert set(counted) <= set(COUNTERS)


async def test_a_reset_printer_prints(printer: CupsPrinter) -> None:
    await printer.reset()
    assert (await printer.print_pdf(PDF, "J1")).end is PrintEnd.DONE


async def test_a_closed_printer_fails_its_examination(printer: CupsPrinter) -> None:
    await printer.close()
    found = verdicts(await printer.examine(Level.INTERNAL, Technician()))
    assert found.pop("link") is Verdict.FAILED
    assert set(found.values()) == {Verdict.SKIPPED}
    assert verdicts(await printer.examine(Level.EXTERNAL, Technician()))["test_page"] is Verdict.FAILED
    with pytest.raises(DeviceError):
        await printer.reset()


async def test_looking_is_no_news(printer: CupsPrinter) -> None:
    news = News(printer)
    for _ in range(3):
        await printer.check()
    assert not news.told
    await printer.print_pdf(PDF, "J1")
    assert news.told[0].link is Link.BUSY
    assert news.told[-1].link is not Link.BUSY


# -- the simulated printer: every fault and what the driver says -------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "link", "trouble", "part"),
    [
        ("A4.PAPER_OUT", Link.FAULT, ErrorKind.SUPPLY_OUT, ("paper", "out")),
        ("A4.PAPER_LOW", Link.DEGRADED, ErrorKind.SUPPLY_LOW, ("paper", "low")),
        ("A4.JAM", Link.FAULT, ErrorKind.MEDIA_JAMMED, ("paper", "jammed")),
        ("A4.COVER", Link.FAULT, ErrorKind.COVER_OPEN, ("cover", "open")),
        ("A4.TONER_LOW", Link.DEGRADED, ErrorKind.SUPPLY_LOW, ("toner", "low")),
        ("A4.TONER_OUT", Link.FAULT, ErrorKind.SUPPLY_OUT, ("toner", "out")),
        ("A4.OFFLINE", Link.FAULT, ErrorKind.OFFLINE, ("queue", "ready")),
        ("A4.CLOSED", Link.FAULT, ErrorKind.OFFLINE, ("queue", "closed")),
        ("A4.PAUSED", Link.FAULT, ErrorKind.OFFLINE, ("queue", "paused")),
        ("A4.SPOOL_FULL", Link.FAULT, ErrorKind.BUSY, ("queue", "full")),
        ("A4.REMOVED", Link.OFFLINE, ErrorKind.CONFIG, ("queue", "unknown")),
    ],
)
async def test_faults_are_told_by_themselves(
    near: CupsPrinter, simulator: IppSimulator, fault: str, link: Link, trouble: ErrorKind, part: tuple[str, str]
) -> None:
    news = News(near)
    simulator.control({"do": "fault", "id": fault, "count": None})
    status = await news.until(lambda now: now.link is not Link.READY)
    assert (status.link, status.trouble, status.parts[part[0]]) == (link, trouble, part[1])
    assert status.detail
    found = verdicts(await near.examine(Level.INTERNAL, Technician()))
    assert (Verdict.FAILED in found.values()) == (link is not Link.DEGRADED)
    simulator.control({"do": "clear"})
    assert (await news.until(lambda now: now.link is Link.READY)).trouble is None


async def test_unplugged_and_back(near: CupsPrinter, simulator: IppSimulator) -> None:
    news = News(near)
    simulator.control({"do": "unplug"})
    status = await news.until(lambda now: now.link is Link.OFFLINE)
    assert status.trouble is ErrorKind.OFFLINE
    waiting = asyncio.create_task(near.wait_return())
    await asyncio.sleep(0.05)
    assert not waiting.done()
    simulator.control({"do": "plug"})
    await waiting
    await news.until(lambda now: now.link is Link.READY)
    assert near.counters()["losses"] == 1


async def test_a_lost_answer_to_the_hand_over_prints_once(near: CupsPrinter, simulator: IppSimulator) -> None:
    simulator.control({"do": "fault", "id": "A4.ANSWER_LOST"})
    assert (await near.print_pdf(PDF, "J1")).end is PrintEnd.DONE
    assert (await near.print_pdf(PDF, "J1")).end is PrintEnd.DONE
    assert simulator.state()["pages"] == 1


async def test_a_job_stuck_in_processing_shows_its_state(near: CupsPrinter, simulator: IppSimulator) -> None:
    news = News(near)
    simulator.control({"do": "fault", "id": "A4.STUCK", "count": None})
    printing = asyncio.create_task(near.print_pdf(PDF, "J1", deadline=3))
    status = await news.until(lambda now: now.parts.get("job") == "processing")
    assert status.link is Link.BUSY
    simulator.control({"do": "fault", "id": "A4.JAM", "count": None})
    assert (await news.until(lambda now: now.parts["paper"] == "jammed")).trouble is ErrorKind.MEDIA_JAMMED
    outcome = await printing
    assert (outcome.end, outcome.kind) == (PrintEnd.UNCERTAIN, ErrorKind.MEDIA_JAMMED)
    assert (near.counters()["uncertain_jobs"], near.counters()["jams"]) == (1, 1)
    assert "job" not in near.status().parts


async def test_a_number_that_was_given_away_again_is_not_taken_for_the_old_job(
    near: CupsPrinter, simulator: IppSimulator
) -> None:
    """A print service that was killed may count its jobs anew: the next one under the number is not the one that is followed."""
    simulator.control({"do": "fault", "id": "A4.STUCK", "count": None})
    news = News(near)
    printing = asyncio.create_task(near.print_pdf(PDF, "J1", deadline=20))
    await news.until(lambda now: now.parts.get("job") == "processing")
    (job,) = simulator._jobs.values()
    job.name = job.name.replace("J1", "J2")
    simulator.control({"do": "clear"})
    outcome = await printing
    assert (outcome.end, outcome.kind) == (PrintEnd.UNCERTAIN, ErrorKind.CANCELLED)


async def test_reset_resumes_and_says_what_is_still_wrong(near: CupsPrinter, simulator: IppSimulator) -> None:
    simulator.control({"do": "pause"})
    await near.reset()
    assert near.status().link is Link.READY
    assert not simulator.state()["paused"]
    simulator.control({"do": "fault", "id": "A4.JAM", "count": None})
    with pytest.raises(DeviceError) as caught:
        await near.reset()
    assert caught.value.kind is ErrorKind.MEDIA_JAMMED


async def test_a_kiosk_that_may_not_resume_says_so_and_the_queue_stays_paused(
    near: CupsPrinter, simulator: IppSimulator
) -> None:
    simulator.control({"do": "fault", "id": "A4.PAUSED", "count": None})
    simulator.control({"do": "fault", "id": "A4.NO_ADMIN", "count": None})
    with pytest.raises(DeviceError) as caught:
        await near.reset()
    assert (caught.value.kind, caught.value.native) == (ErrorKind.PERMISSION, "ipp 0x0403")
    assert (near.status().link, near.status().parts["queue"]) == (Link.FAULT, "paused")


@pytest.mark.parametrize(
    ("fault", "page"), [("A4.PAPER_OUT", Verdict.FAILED), ("A4.ABORT", Verdict.UNKNOWN), ("A4.REFUSE", Verdict.FAILED)]
)
async def test_a_test_page_that_did_not_come(
    near: CupsPrinter, simulator: IppSimulator, fault: str, page: Verdict
) -> None:
    technician = Technician(False)
    simulator.control({"do": "fault", "id": fault})
    outside = await near.examine(Level.EXTERNAL, technician)
    assert verdicts(outside)["test_page"] is page
    (seen,) = await near.examine(Level.INTERACTIVE, technician)
    assert seen.verdict is (Verdict.SKIPPED if page is Verdict.FAILED else Verdict.FAILED)


# -- a real cupsd ------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(bool(MISSING), reason=MISSING)
@pytest.mark.xdist_group("cupsd")
class TestCupsd:
    async def test_a_paused_queue_is_told_and_resumed(self, spooler: Spooler, spooled: CupsPrinter) -> None:
        news = News(spooled)
        await spooler.admin("cupsdisable", "a4")
        status = await news.until(lambda now: now.parts["queue"] == "paused")
        assert (status.link, status.trouble) == (Link.FAULT, ErrorKind.OFFLINE)
        assert verdicts(await spooled.examine(Level.INTERNAL, Technician()))["queue"] is Verdict.FAILED
        await spooled.reset()
        assert spooled.status().parts["queue"] == "ready"
        await spooler.admin("cupsreject", "a4")
        await news.until(lambda now: now.parts["queue"] == "closed")
        await spooled.reset()
        assert (await spooled.print_pdf(PDF, "form-1")).end is PrintEnd.DONE

    @pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
    async def test_cupsd_goes_and_comes_back(self, spooler: Spooler, spooled: CupsPrinter, how: signal.Signals) -> None:
        news = News(spooled)
        await spooler.stop(how)
        status = await news.until(lambda now: now.link is Link.OFFLINE)
        assert status.trouble is ErrorKind.OFFLINE
        waiting = asyncio.create_task(spooled.wait_return())
        await asyncio.sleep(0.7)
        assert not waiting.done()
        await spooler.start()
        if how is signal.SIGKILL:
            await spooler.add_queue()  # cupsd writes its list of queues down only now and then
        async with asyncio.timeout(10):
            await waiting
        await news.until(lambda now: now.link is not Link.OFFLINE)
        assert (await spooled.print_pdf(PDF, "form-1")).end is PrintEnd.DONE
        assert spooled.counters()["losses"] == 1

    async def test_a_cupsd_that_hangs(self, spooler: Spooler) -> None:
        printer = connect(spooler.url(poll=0.05, answer=0.3, watch=0.1))
        await printer.open()
        news = News(printer)
        spooler.tell(signal.SIGSTOP)
        try:
            status = await news.until(lambda now: now.link is Link.OFFLINE)
            assert status.trouble is ErrorKind.TIMEOUT
            outcome = await printer.print_pdf(PDF, "form-1", deadline=2)
            assert (outcome.end, outcome.kind) == (PrintEnd.FAILED, ErrorKind.TIMEOUT)
        finally:
            spooler.tell(signal.SIGCONT)
        await news.until(lambda now: now.link is not Link.OFFLINE)
        assert printer.counters()["timeouts"] >= 2
        await printer.close()

    async def test_a_queue_that_is_taken_away_and_made_again(self, spooler: Spooler, spooled: CupsPrinter) -> None:
        news = News(spooled)
        await spooler.admin("lpadmin", "-x", "a4")
        assert (await news.until(lambda now: now.link is Link.OFFLINE)).trouble is ErrorKind.CONFIG
        waiting = asyncio.create_task(spooled.wait_return())
        await asyncio.sleep(0.7)
        assert not waiting.done(), "cupsd answers, but does not know the queue"
        await spooler.add_queue()
        async with asyncio.timeout(10):
            await waiting
        await news.until(lambda now: now.link is not Link.OFFLINE)

    @pytest.mark.parametrize(
        ("mode", "kind", "part"),
        [
            ("empty", ErrorKind.SUPPLY_OUT, ("paper", "out")),
            ("jam", ErrorKind.MEDIA_JAMMED, ("paper", "jammed")),
            ("gone", ErrorKind.OFFLINE, ("queue", "busy")),
        ],
    )
    async def test_trouble_in_a_job_is_told_while_it_lasts(
        self, spooler: Spooler, mode: str, kind: ErrorKind, part: tuple[str, str]
    ) -> None:
        printer = connect(spooler.url(poll=0.05, answer=3, trouble=20, watch=0.1))
        await printer.open()
        news = News(printer)
        spooler.mode(mode)
        printing = asyncio.create_task(printer.print_pdf(PDF, "form-1"))
        status = await news.until(lambda now: now.trouble is kind)
        assert (status.link, status.parts[part[0]]) == (Link.BUSY, part[1])
        assert status.parts["job"] == "processing"
        spooler.mode("print")
        assert (await printing).end is PrintEnd.DONE
        await printer.close()

    async def test_a_job_stuck_in_processing(self, spooler: Spooler, spooled: CupsPrinter) -> None:
        news = News(spooled)
        spooler.mode("hang")
        printing = asyncio.create_task(spooled.print_pdf(PDF, "form-1", deadline=1.5))
        await news.until(lambda now: now.parts.get("job") == "processing")
        outcome = await printing
        assert (outcome.end, outcome.kind) == (PrintEnd.UNCERTAIN, ErrorKind.TIMEOUT)
        assert spooled.counters()["uncertain_jobs"] == 1
        assert await spooler.titles() == []
        spooler.mode("print")

    async def test_low_toner_is_known_from_the_test_page_on(self, spooler: Spooler, spooled: CupsPrinter) -> None:
        assert verdicts(await spooled.examine(Level.INTERNAL, Technician()))["toner"] is Verdict.SKIPPED
        spooler.mode("low")
        assert verdicts(await spooled.examine(Level.EXTERNAL, Technician()))["toner"] is Verdict.PASSED
        assert (spooled.status().parts["toner"], spooled.status().trouble) == ("low", ErrorKind.SUPPLY_LOW)

    async def test_jobs_that_nobody_follows_are_gone_after_a_reset(
        self, spooler: Spooler, spooled: CupsPrinter
    ) -> None:
        spooler.mode("hang")
        printing = asyncio.create_task(spooled.print_pdf(PDF, "form-1"))
        async with asyncio.timeout(10):
            while not spooler.documents():
                await asyncio.sleep(0.02)
        printing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await printing
        await spooled.reset()
        assert await spooler.titles() == []
        assert not spooler.documents()
        spooler.mode("print")
