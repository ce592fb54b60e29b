"""An A4 laser printer made of software that speaks IPP over HTTP, as network printers do (RFC 8010, RFC 8011).

What was printed lies in its tray, in memory; nothing is written to disk. A document is kept no longer than somebody may want to look
at it: until it is taken or wiped away, `keep_s` seconds at the most, and no more than the last `tray`. One that was not printed is
forgotten as soon as that is certain.
"""

from __future__ import annotations

import asyncio
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from itertools import count
from typing import ClassVar

import structlog

from drivers.document_printer import answers, ipp
from drivers.document_printer.answers import reply, wanted
from drivers.document_printer.ipp import Field, Message, Op, Tag
from drivers.document_printer.job import State
from drivers.document_printer.paper import Paper, PrintJob, count_pages
from drivers.document_printer.requests import Requests
from drivers.simulator import Command, Reply, Simulator
from drivers.transport.base import Wire

_TROUBLES = {
    "A4.PAPER_OUT": "media-empty-error",
    "A4.PAPER_LOW": "media-low-warning",
    "A4.JAM": "media-jam-error",
    "A4.COVER": "cover-open-error",
    "A4.TONER_LOW": "toner-low-warning",
    "A4.TONER_OUT": "toner-empty-error",
    "A4.OFFLINE": "offline-report",
    "A4.SPOOL_FULL": "spool-area-full-report",
}
_STOPPING = ("A4.PAPER_OUT", "A4.JAM", "A4.COVER", "A4.TONER_OUT", "A4.OFFLINE", "A4.STUCK")
_OLDEST = 50
log = structlog.get_logger(__name__)


class IppSimulator(Simulator):
    """Own verbs: {"do": "papers", "since": 2} (what lies in the tray, of those behind document number 2: `number`, `pdf_base64`, `pages`,
    `sides`, `copies`, `job`) · {"do": "take"} (the paper in the tray) · {"do": "wipe"} (the same, and what is printing now is not kept
    either) · {"do": "pause"} · {"do": "resume"}.

    `state()` has `last_pdf` (bytes, None without one), `last_pages`, `papers` (in the tray), `pages` (printed since it was made),
    `waiting`, `printing`, `paused`, `reasons`, `faults`; asked for by {"do": "state"} it leaves the bytes out.
    `page_s` seconds a document, `keep_s` seconds until one is forgotten, `tray` documents at the most.
    """

    kind = "document_printer"
    fault_ids: ClassVar[Mapping[str, str]] = {
        "A4.PAPER_OUT": "the tray is empty, until cleared",
        "A4.PAPER_LOW": "the paper is nearly used up, until cleared",
        "A4.JAM": "a sheet is jammed, until cleared",
        "A4.COVER": "the cover is open, until cleared",
        "A4.TONER_LOW": "the toner is nearly used up, until cleared",
        "A4.TONER_OUT": "the toner is used up, until cleared",
        "A4.OFFLINE": "the print service answers, the printer behind it does not, until cleared",
        "A4.PAUSED": "the queue is paused, until cleared",
        "A4.REMOVED": "the printer was taken out of the print service, which knows no such queue, until cleared",
        "A4.CLOSED": "the queue takes no jobs, until cleared",
        "A4.SPOOL_FULL": "the printer has no memory for jobs, until cleared",
        "A4.STUCK": "a job stays in processing, until cleared",
        "A4.ABORT": "the printer gives the next job up",
        "A4.NO_ADMIN": "the kiosk's user may print, but not resume a paused queue, until cleared",
        "A4.IPP_1_1": "an old printer that knows IPP 1.1 only, until cleared",
        "A4.REFUSE": "the next document is refused as unreadable",
        "A4.ANSWER_LOST": "a document is taken and printed, but the answer to its hand-over never comes",
    }

    def __init__(self, page_s: float = 0.0, keep_s: float = 300.0, tray: int = 20) -> None:
        super().__init__()
        self.papers: list[Paper] = []
        self.pages = 0
        self._jobs: dict[int, PrintJob] = {}
        self._numbers = count(1)
        self._documents = count(1)
        self._paused = False
        self._page_s = page_s
        self._keep_s = keep_s
        self._tray = tray
        self._since = time.monotonic()
        self._work: set[asyncio.Task[None]] = set()
        self._swallow = False

    def control(self, command: Command) -> Reply:
        common = self.control_common(command)
        if common is not None:
            common.pop("last_pdf", None)  # an answer is JSON
            return common
        match command.get("do"):
            case "papers":
                return self._show(command.get("since", 0))
            case "take":
                self.papers.clear()
            case "wipe":
                self.papers.clear()
                for job in self._jobs.values():
                    job.wiped = True
            case "pause":
                self._paused = True
            case "resume":
                self._resume()
            case _:
                raise ValueError("known are papers, take, wipe, pause, resume and what every simulator knows")
        self.changed()
        return {"ok": True}

    def state(self) -> Reply:
        last = self.papers[-1] if self.papers else None
        return {
            "plugged": self.plugged,
            "papers": len(self.papers),
            "pages": self.pages,
            "last_pages": last.pages if last is not None else 0,
            "last_pdf": last.pdf if last is not None else None,
            "waiting": self._waiting(),
            "printing": self._printing(),
            "paused": self.paused,
            "reasons": self._reasons(),
            "faults": self.faults.as_reply(),
        }

    async def serve(self, wire: Wire) -> None:
        """One HTTP request after another until the driver hangs up."""
        requests = Requests(wire)
        try:
            async for body in requests.bodies():
                try:
                    answer = self._answer(ipp.decode(body))
                except ValueError:
                    answer = answers.unreadable(body)
                if self._swallow:
                    self._swallow = False
                    await wire.hang_up()
                    return
                await requests.answer(answer)
        except ValueError:
            log.warning("simulator_heard_nonsense", kind=self.kind)

    def _show(self, since: object) -> Reply:
        if not isinstance(since, int) or isinstance(since, bool) or since < 0:
            raise ValueError("since must be a whole number")
        shown = [
            {
                "number": paper.number,
                "pdf_base64": b64encode(paper.pdf).decode(),
                "job": paper.name,
                "pages": paper.pages,
                "sides": paper.sides,
                "copies": paper.copies,
            }
            for paper in self.papers
            if paper.number > since
        ]
        return {"ok": True, "count": len(self.papers), "papers": shown}

    def _answer(self, request: Message) -> bytes:
        if request.version > 0x0101 and self.faults.active("A4.IPP_1_1") is not None:
            return reply(request, [], 0x0503)
        asked = request.group(Tag.OPERATION)
        uri = str(ipp.first(asked, "printer-uri") or ipp.first(asked, "job-uri") or "ipp://localhost/ipp/print")
        number = ipp.number(asked, "job-id")
        if number is None and (tail := str(ipp.first(asked, "job-uri") or "").rpartition("/")[2]).isdecimal():
            number = int(tail)
        job = self._jobs.get(number) if number is not None else None
        if (status := answers.refusal(request)) is not None:
            return reply(request, [], status)
        if self.faults.active("A4.REMOVED"):
            return reply(request, [], 0x0406)
        if request.code == Op.GET_PRINTER_ATTRIBUTES:
            return reply(request, [(Tag.PRINTER, wanted(request, self._printer(uri)))])
        if request.code == Op.GET_JOBS:
            ended = ipp.first(asked, "which-jobs") == "completed"
            user = str(ipp.first(asked, "requesting-user-name") or "") if ipp.first(asked, "my-jobs") else None
            listed = [
                one
                for one in self._jobs.values()
                if (one.state >= State.CANCELED) == ended and user in (None, one.user)
            ]
            return reply(
                request, [(Tag.JOB, wanted(request, self._told(one), ("job-id", "job-uri"))) for one in listed]
            )
        if request.code == Op.RESUME_PRINTER:
            if self.faults.active("A4.NO_ADMIN"):
                return reply(request, [], 0x0403)
            self._resume()
            return reply(request, [])
        if request.code == Op.VALIDATE_JOB:
            return reply(request, [])
        if request.code in (Op.CREATE_JOB, Op.PRINT_JOB):
            return self._create(request)
        if job is None:
            return reply(request, [], 0x0406)
        if request.code == Op.SEND_DOCUMENT:
            return self._take_document(request, job)
        if request.code == Op.CANCEL_JOB:
            if job.state >= State.CANCELED:
                return reply(request, [], 0x0404)
            job.end(State.CANCELED, self._now())
            self.changed()
            return reply(request, [])
        return reply(request, [(Tag.JOB, wanted(request, self._told(job)))])

    def _create(self, request: Message) -> bytes:
        if self.faults.active("A4.SPOOL_FULL"):
            return reply(request, [], 0x0505)
        if self.faults.active("A4.CLOSED"):
            return reply(request, [], 0x0506)
        template = request.group(Tag.JOB)
        asked = request.group(Tag.OPERATION)
        name, user = (str(ipp.first(asked, key) or "anonymous") for key in ("job-name", "requesting-user-name"))
        sides = str(ipp.first(template, "sides") or "one-sided")
        job = PrintJob(next(self._numbers), name, user, sides, ipp.number(template, "copies") or 1, self._now())
        self._jobs[job.number] = job
        while len(self._jobs) > _OLDEST:
            self._jobs.pop(next(iter(self._jobs)))
        if request.code == Op.PRINT_JOB:
            return self._take_document(request, job)
        return reply(request, [(Tag.JOB, self._told(job))])

    def _take_document(self, request: Message, job: PrintJob) -> bytes:
        if job.state is not State.HELD:
            return reply(request, [], 0x0404)
        if self.faults.take("A4.REFUSE") is not None:
            job.end(State.ABORTED, self._now())
            return reply(request, [], 0x040A)
        job.pdf, job.state = request.data, State.PENDING
        self._swallow = self.faults.take("A4.ANSWER_LOST") is not None
        task = asyncio.get_running_loop().create_task(self._print(job))
        self._work.add(task)
        task.add_done_callback(self._work.discard)
        return reply(request, [(Tag.JOB, self._told(job))])

    async def _print(self, job: PrintJob) -> None:
        await self._while(lambda: self.paused and job.state is State.PENDING)
        if job.state is not State.PENDING:
            return
        job.state, job.processed = State.PROCESSING, self._now()
        self.changed()
        await asyncio.sleep(self._page_s)
        await self._while(
            lambda: job.state is State.PROCESSING and any(self.faults.active(fault) is not None for fault in _STOPPING)
        )
        if job.state is not State.PROCESSING:
            return
        if self.faults.take("A4.ABORT") is not None:
            job.end(State.ABORTED, self._now())
        else:
            self._put_out(job)
            job.end(State.COMPLETED, self._now())
        self.changed()

    def _put_out(self, job: PrintJob) -> None:
        pages = count_pages(job.pdf)
        paper = Paper(next(self._documents), job.name, job.pdf, pages, job.sides, job.copies)
        job.impressions, job.sheets = paper.impressions, paper.sheets
        self.pages += paper.impressions
        if job.wiped:
            return
        self.papers.append(paper)
        del self.papers[: -self._tray]
        asyncio.get_running_loop().call_later(self._keep_s, self._forget, paper.number)

    def _forget(self, number: int) -> None:
        """By its number: whoever waits to forget a document must not be the one who keeps it."""
        kept = [paper for paper in self.papers if paper.number != number]
        if len(kept) != len(self.papers):
            self.papers[:] = kept
            self.changed()

    async def _while(self, true: Callable[[], bool]) -> None:
        """Wait until a change makes it false."""
        while true():
            news = asyncio.Event()
            stop = self.listen(news.set)
            try:
                await news.wait()
            finally:
                stop()

    def _resume(self) -> None:
        self._paused = False
        self.faults.clear("A4.PAUSED")
        self.changed()

    @property
    def paused(self) -> bool:
        return self._paused or self.faults.active("A4.PAUSED") is not None

    def _waiting(self) -> int:
        return sum(1 for job in self._jobs.values() if job.state < State.CANCELED)

    def _printing(self) -> bool:
        return any(job.state is State.PROCESSING for job in self._jobs.values())

    def _reasons(self) -> list[str]:
        found = [reason for fault, reason in _TROUBLES.items() if self.faults.active(fault) is not None]
        return [*found, *(["paused"] if self.paused else [])] or ["none"]

    def _printer(self, uri: str) -> list[Field]:
        return answers.printer(
            uri,
            state=5 if self.paused else 4 if self._printing() else 3,
            reasons=self._reasons(),
            accepting=self.faults.active("A4.CLOSED") is None,
            waiting=self._waiting(),
            toner=0 if self.faults.active("A4.TONER_OUT") else 5 if self.faults.active("A4.TONER_LOW") else 80,
            up_s=self._now(),
        )

    def _told(self, job: PrintJob) -> list[Field]:
        return answers.job(job, self._now())

    def _now(self) -> int:
        """`printer-up-time`, 1 at the least (RFC 8011, 5.4.29)."""
        return 1 + int(time.monotonic() - self._since)
