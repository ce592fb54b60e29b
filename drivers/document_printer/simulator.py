"""An A4 laser printer made of software that speaks IPP over HTTP, as network printers do (RFC 8010, RFC 8011).

It keeps what was printed in memory, for the bench window and tests; nothing is written to disk.
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, ClassVar

import structlog

from drivers.document_printer import ipp
from drivers.document_printer.ipp import Field, Message, Op, Tag
from drivers.document_printer.job import State
from drivers.document_printer.requests import Requests
from drivers.simulator import Command, Reply, Simulator
from drivers.transport.base import Wire

_TROUBLES = {
    "A4.PAPER_OUT": "media-empty-error",
    "A4.JAM": "media-jam-error",
    "A4.COVER": "cover-open-error",
    "A4.TONER_LOW": "toner-low-warning",
    "A4.TONER_OUT": "toner-empty-error",
    "A4.SPOOL_FULL": "spool-area-full-report",
}
_STOPPING = ("A4.PAPER_OUT", "A4.JAM", "A4.COVER", "A4.TONER_OUT", "A4.STUCK")
_OLDEST = 50
log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Job:
    number: int
    name: str
    state: State = State.HELD
    pdf: bytes = field(default=b"", repr=False)
    started: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)


class IppSimulator(Simulator):
    """Own verbs: {"do": "papers", "since": 2} (what came out, from the third document on: `pdf_base64`, `sides`, `copies`) ·
    {"do": "take"} (the paper in the tray) · {"do": "pause"} · {"do": "resume"}. `page_s` seconds a document."""

    kind = "document_printer"
    fault_ids: ClassVar[Mapping[str, str]] = {
        "A4.PAPER_OUT": "the tray is empty, until cleared",
        "A4.JAM": "a sheet is jammed, until cleared",
        "A4.COVER": "the cover is open, until cleared",
        "A4.TONER_LOW": "the toner is nearly used up, until cleared",
        "A4.TONER_OUT": "the toner is used up, until cleared",
        "A4.SPOOL_FULL": "the printer has no memory for jobs, until cleared",
        "A4.STUCK": "a job stays in processing, until cleared",
        "A4.ABORT": "the printer gives the next job up",
        "A4.IPP_1_1": "an old printer that knows IPP 1.1 only, until cleared",
        "A4.REFUSE": "the next document is refused as unreadable",
    }

    def __init__(self, page_s: float = 0.0) -> None:
        super().__init__()
        self.papers: list[_Job] = []
        self._jobs: dict[int, _Job] = {}
        self._numbers = count(1)
        self._paused = False
        self._page_s = page_s
        self._work: set[asyncio.Task[None]] = set()

    def control(self, command: Command) -> Reply:
        reply = self.control_common(command)
        if reply is not None:
            return reply
        match command.get("do"):
            case "papers":
                since = command.get("since", 0)
                if not isinstance(since, int) or isinstance(since, bool) or since < 0:
                    raise ValueError("since must be a whole number")
                shown = [
                    {"pdf_base64": b64encode(job.pdf).decode(), "job": job.name, **job.options}
                    for job in self.papers[since:]
                ]
                return {"ok": True, "count": len(self.papers), "papers": shown}
            case "take":
                self.papers.clear()
            case "pause" | "resume":
                self._paused = command["do"] == "pause"
            case _:
                raise ValueError("known are papers, take, pause, resume and what every simulator knows")
        self.changed()
        return {"ok": True}

    def state(self) -> Reply:
        waiting = sum(1 for job in self._jobs.values() if job.state < State.CANCELED)
        return {"papers": len(self.papers), "waiting": waiting, "paused": self._paused, "reasons": self._reasons()}

    async def serve(self, wire: Wire) -> None:
        """One HTTP request after another until the driver hangs up."""
        requests = Requests(wire)
        try:
            async for body in requests.bodies():
                try:
                    answer = self._answer(ipp.decode(body))
                except ValueError:
                    answer = b""
                await requests.answer(answer)
        except ValueError:
            log.warning("simulator_heard_nonsense", kind=self.kind)

    def _answer(self, request: Message) -> bytes:
        if request.version > 0x0101 and self.faults.active("A4.IPP_1_1") is not None:
            return self._reply(request, [], 0x0503)
        asked = request.group(Tag.OPERATION)
        uri = str(ipp.first(asked, "printer-uri") or ipp.first(asked, "job-uri") or "ipp://localhost/ipp/print")
        number = ipp.number(asked, "job-id")
        job = self._jobs.get(number) if number is not None else None
        if request.code == Op.GET_PRINTER_ATTRIBUTES:
            return self._reply(request, [(Tag.PRINTER, self._printer(uri))])
        if request.code == Op.GET_JOBS:
            ended = ipp.first(asked, "which-jobs") == "completed"
            listed = [one for one in self._jobs.values() if (one.state >= State.CANCELED) == ended]
            return self._reply(request, [(Tag.JOB, self._job(one)) for one in listed])
        if request.code == Op.VALIDATE_JOB:
            return self._reply(request, [])
        if request.code in (Op.CREATE_JOB, Op.PRINT_JOB):
            return self._create(request)
        if request.code not in (Op.SEND_DOCUMENT, Op.GET_JOB_ATTRIBUTES, Op.CANCEL_JOB):
            return self._reply(request, [], 0x0501)
        if job is None:
            return self._reply(request, [], 0x0406)
        if request.code == Op.SEND_DOCUMENT:
            return self._take_document(request, job)
        if request.code == Op.CANCEL_JOB:
            if job.state >= State.CANCELED:
                return self._reply(request, [], 0x0404)
            job.state = State.CANCELED
            self.changed()
            return self._reply(request, [])
        return self._reply(request, [(Tag.JOB, self._job(job))])

    def _create(self, request: Message) -> bytes:
        if self.faults.active("A4.SPOOL_FULL"):
            return self._reply(request, [], 0x0505)
        template = request.group(Tag.JOB)
        options = {"sides": ipp.first(template, "sides") or "one-sided", "copies": ipp.number(template, "copies") or 1}
        job = _Job(next(self._numbers), str(ipp.first(request.group(Tag.OPERATION), "job-name")), options=options)
        self._jobs[job.number] = job
        while len(self._jobs) > _OLDEST:
            self._jobs.pop(next(iter(self._jobs)))
        if request.code == Op.PRINT_JOB:
            return self._take_document(request, job)
        return self._reply(request, [(Tag.JOB, self._job(job))])

    def _take_document(self, request: Message, job: _Job) -> bytes:
        if job.state is not State.HELD:
            return self._reply(request, [], 0x0404)
        if self.faults.take("A4.REFUSE") is not None:
            job.state = State.ABORTED
            return self._reply(request, [], 0x040A)
        job.pdf, job.state = request.data, State.PENDING
        task = asyncio.get_running_loop().create_task(self._print(job))
        self._work.add(task)
        task.add_done_callback(self._work.discard)
        return self._reply(request, [(Tag.JOB, self._job(job))])

    async def _print(self, job: _Job) -> None:
        while self._paused and job.state is State.PENDING:
            await asyncio.sleep(0.02)
        if job.state is not State.PENDING:
            return
        job.state, job.started = State.PROCESSING, True
        self.changed()
        await asyncio.sleep(self._page_s)
        for fault in _STOPPING:
            if job.state is State.PROCESSING:
                await self._until_cleared(fault, job)
        if job.state is State.PROCESSING:
            aborted = self.faults.take("A4.ABORT") is not None
            job.state = State.ABORTED if aborted else State.COMPLETED
            if not aborted:
                self.papers.append(job)
        self.changed()

    async def _until_cleared(self, fault: str, job: _Job) -> None:
        while self.faults.active(fault) is not None and job.state is State.PROCESSING:
            await asyncio.sleep(0.02)

    def _reasons(self) -> list[str]:
        found = [reason for fault, reason in _TROUBLES.items() if self.faults.active(fault) is not None]
        return [*found, *(["paused"] if self._paused else [])] or ["none"]

    def _printer(self, uri: str) -> list[Field]:
        busy = any(job.state is State.PROCESSING for job in self._jobs.values())
        level = 0 if self.faults.active("A4.TONER_OUT") else 5 if self.faults.active("A4.TONER_LOW") else 80
        return [
            ("printer-state", Tag.ENUM, 5 if self._paused else 4 if busy else 3),
            ("printer-state-reasons", Tag.KEYWORD, self._reasons()),
            ("printer-is-accepting-jobs", Tag.BOOLEAN, True),
            ("queued-job-count", Tag.INTEGER, sum(1 for job in self._jobs.values() if job.state < State.CANCELED)),
            ("marker-types", Tag.KEYWORD, "toner"),
            ("marker-levels", Tag.INTEGER, level),
            ("sides-supported", Tag.KEYWORD, ["one-sided", "two-sided-long-edge", "two-sided-short-edge"]),
            ("document-format-supported", Tag.MIME, ["application/pdf", "application/octet-stream"]),
            ("document-format-default", Tag.MIME, "application/pdf"),
            ("operations-supported", Tag.ENUM, [int(op) for op in Op if op < 0x4000]),
            ("ipp-versions-supported", Tag.KEYWORD, ["1.1", "2.0"]),
            ("charset-supported", Tag.CHARSET, "utf-8"),
            ("charset-configured", Tag.CHARSET, "utf-8"),
            ("natural-language-configured", Tag.LANGUAGE, "en"),
            ("generated-natural-language-supported", Tag.LANGUAGE, "en"),
            ("compression-supported", Tag.KEYWORD, "none"),
            ("pdl-override-supported", Tag.KEYWORD, "attempted"),
            ("uri-authentication-supported", Tag.KEYWORD, "none"),
            ("uri-security-supported", Tag.KEYWORD, "none"),
            ("printer-uri-supported", Tag.URI, uri),
            ("printer-name", Tag.NAME, "onetrip-a4"),
            ("printer-info", Tag.TEXT, "OneTrip A4 simulator"),
            ("printer-location", Tag.TEXT, ""),
            ("printer-up-time", Tag.INTEGER, 1),
            ("media-default", Tag.KEYWORD, "iso_a4_210x297mm"),
            ("media-supported", Tag.KEYWORD, "iso_a4_210x297mm"),
            ("pages-per-minute", Tag.INTEGER, 30),
            ("printer-make-and-model", Tag.TEXT, "OneTrip A4 simulator"),
        ]

    def _job(self, job: _Job) -> list[Field]:
        return [
            ("job-id", Tag.INTEGER, job.number),
            ("job-uri", Tag.URI, f"ipp://localhost/jobs/{job.number}"),
            ("job-name", Tag.NAME, job.name),
            ("job-state", Tag.ENUM, int(job.state)),
            ("job-state-reasons", Tag.KEYWORD, "none"),
            ("time-at-processing", Tag.INTEGER if job.started else Tag.NO_VALUE, 1 if job.started else None),
        ]

    def _reply(self, request: Message, groups: list[tuple[Tag, list[Field]]], status: int = 0) -> bytes:
        head: list[Field] = [
            ("attributes-charset", Tag.CHARSET, "utf-8"),
            ("attributes-natural-language", Tag.LANGUAGE, "en"),
        ]
        return ipp.encode(status, request.request_id, [(Tag.OPERATION, head), *groups], version=request.version)
