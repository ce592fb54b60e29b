"""IPP over HTTP to a spooler or a printer: one exchange, one deadline, and every failure as a `DeviceError`.

Each exchange has a connection of its own: cupsd closes idle ones when it likes, and a document must not be lost to that.
Nothing here blocks or runs a program; enumeration is an exchange like any other.
"""

from __future__ import annotations

import asyncio
import os
import platform
import pwd
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

import httpx

from drivers.document_printer import ipp
from drivers.document_printer.ipp import Attributes, Field, Message, Op, Tag
from drivers.service import Service
from kiosk.domain.errors import DeviceError, ErrorKind

SOCKET = "/run/cups/cups.sock"
PORT = 631
_VERSION_NOT_SUPPORTED = 0x0503
_OLD = 0x0101
_LARGEST_ANSWER = 4 * 1024 * 1024
_LONGEST_NAME = 64
"""Of a machine, in the titles of its jobs."""

_STATUS: dict[int, tuple[ErrorKind, str]] = {
    0x0401: (ErrorKind.PERMISSION, "The print service refuses this kiosk's user."),
    0x0402: (ErrorKind.PERMISSION, "The print service asks for a password."),
    0x0403: (ErrorKind.PERMISSION, "The print service refuses this kiosk's user."),
    0x0404: (ErrorKind.INVALID_ARGUMENT, "The job is not in a state for that."),
    0x0406: (ErrorKind.CONFIG, "The print service knows no such queue or job."),
    0x0408: (ErrorKind.INVALID_ARGUMENT, "The document is too large for the print service."),
    0x040A: (ErrorKind.UNSUPPORTED, "The queue does not take PDF."),
    0x040B: (ErrorKind.UNSUPPORTED, "The printer cannot print in the way asked for."),
    0x0501: (ErrorKind.UNSUPPORTED, "The print service does not know this operation."),
    0x0502: (ErrorKind.BUSY, "The print service has no room for another job."),
    0x0503: (ErrorKind.UNSUPPORTED, "The print service speaks another version of IPP."),
    0x0505: (
        ErrorKind.BUSY,
        "The print service is out of something for the moment (disk space of its spool, for example).",
    ),
    0x0506: (ErrorKind.OFFLINE, "The queue takes no jobs at the moment."),
    0x0507: (ErrorKind.BUSY, "The print service is busy."),
}
_HTTP: dict[int, tuple[ErrorKind, str]] = {
    400: (ErrorKind.CONFIG, "The print service does not accept the host name it was addressed by."),
    401: (ErrorKind.PERMISSION, "The print service asks for a password."),
    403: (ErrorKind.PERMISSION, "The print service does not let this kiosk in."),
    404: (ErrorKind.CONFIG, "There is no such printer at this address."),
    413: (ErrorKind.INVALID_ARGUMENT, "The document is too large for the print service."),
    426: (ErrorKind.CONFIG, "The print service wants an encrypted connection."),
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a queue is. `socket` names a Unix socket and goes before host and port. `resource` is the path of the HTTP request."""

    resource: str
    host: str = "localhost"
    port: int = PORT
    socket: str = ""

    @property
    def uri(self) -> str:
        return f"ipp://{self.authority}{self.resource}"

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def name(self) -> str:
        return self.resource.rsplit("/", 1)[-1]


class IppClient:
    """Exchanges with one queue. `user` owns the jobs; on a Unix socket the kernel vouches for it (PeerCred)."""

    def __init__(
        self,
        place: Place,
        device: str,
        transport: httpx.AsyncBaseTransport | None = None,
        service: Service | None = None,
    ) -> None:
        self.place = place
        self.user = _login()
        self._mark = f"@{platform.node()[:_LONGEST_NAME] or 'kiosk'}"
        self._device = device
        self._transport = transport
        self._service = service or Service(lambda: None)
        self._numbers = count(1)
        self._version = 0x0200

    async def ask(self, op: Op, fields: Sequence[Field], deadline: float, *, job: Sequence[Field] = (), data: bytes = b"",
                  resource: str | None = None) -> Message:  # fmt: skip
        """One exchange about this queue: `fields` go into the operation group behind the usual ones, `job` into the job group.

        Raises DeviceError: OFFLINE (nobody there, or gone before answering), TIMEOUT, PROTOCOL (no IPP), or what the status means.
        """
        request_id = next(self._numbers) & 0x7FFFFFFF
        head: list[Field] = [
            ("attributes-charset", Tag.CHARSET, "utf-8"),
            ("attributes-natural-language", Tag.LANGUAGE, "en"),
        ]
        if resource is None:
            head.append(("printer-uri", Tag.URI, self.place.uri))
        # RFC 8011, 4.1.5: charset, language, target - the job's number belongs to the target
        target = [field for field in fields if field[0] == "job-id"]
        rest = [field for field in fields if field[0] != "job-id"]
        head += [*target, ("requesting-user-name", Tag.NAME, self.user), *rest]
        groups: list[tuple[Tag, Sequence[Field]]] = [(Tag.OPERATION, head)]
        if job:
            groups.append((Tag.JOB, job))
        answer = await self._post(resource or self.place.resource, op, request_id, groups, data, deadline)
        if answer.code == _VERSION_NOT_SUPPORTED and self._version != _OLD:
            self._version = _OLD
            answer = await self._post(resource or self.place.resource, op, request_id, groups, data, deadline)
        if answer.code >= 0x0400:
            kind, hint = _STATUS.get(
                answer.code,
                (ErrorKind.HARDWARE if answer.code >= 0x0500 else ErrorKind.PROTOCOL, "The request was refused."),
            )
            raise DeviceError(kind, self._device, hint, f"ipp {answer.code:#06x}")
        return answer

    async def _post(
        self,
        resource: str,
        op: Op,
        request_id: int,
        groups: Sequence[tuple[Tag, Sequence[Field]]],
        data: bytes,
        deadline: float,
    ) -> Message:
        body = ipp.encode(op, request_id, groups, data, self._version)
        self._service.count("commands")
        headers = {"Content-Type": "application/ipp"}
        transport = self._transport
        if transport is None:
            # Plain HTTP: without this, the certificates of the public authorities are read for every request.
            transport = httpx.AsyncHTTPTransport(uds=self.place.socket or None, retries=0, verify=False)
        if self.place.socket:
            headers["Authorization"] = f"PeerCred {self.user}"
        try:
            async with asyncio.timeout(deadline):
                async with httpx.AsyncClient(transport=transport, timeout=None, trust_env=False) as http:
                    response = await http.post(
                        f"http://{self.place.authority}{resource}", content=body, headers=headers
                    )
        except TimeoutError as error:
            self._service.count("timeouts")
            raise DeviceError(ErrorKind.TIMEOUT, self._device, "The print service did not answer in time.") from error
        except httpx.HTTPError as error:
            hint = (
                "The print service cannot be reached."
                if isinstance(error, httpx.ConnectError)
                else "The print service hung up."
            )
            raise DeviceError(ErrorKind.OFFLINE, self._device, hint) from error
        if response.status_code != 200:
            kind, hint = _HTTP.get(
                response.status_code, (ErrorKind.PROTOCOL, "The answer is not one of a print service.")
            )
            raise DeviceError(kind, self._device, hint, f"http {response.status_code}")
        try:
            if len(response.content) > _LARGEST_ANSWER:
                raise ValueError("too long")
            return ipp.decode(response.content)
        except ValueError as error:
            self._service.count("bad_answers")
            raise DeviceError(
                ErrorKind.PROTOCOL, self._device, "The answer of the print service is not IPP."
            ) from error

    async def printer(self, deadline: float) -> Attributes:
        """The queue's state and abilities."""
        wanted = ("requested-attributes", Tag.KEYWORD, _PRINTER_ATTRIBUTES)
        return (await self.ask(Op.GET_PRINTER_ATTRIBUTES, [wanted], deadline)).group(Tag.PRINTER)

    async def job(self, number: int, deadline: float) -> Attributes:
        wanted = ("requested-attributes", Tag.KEYWORD, _JOB_ATTRIBUTES)
        answer = await self.ask(Op.GET_JOB_ATTRIBUTES, [("job-id", Tag.INTEGER, number), wanted], deadline)
        return answer.group(Tag.JOB)

    def title(self, job_id: str) -> str:
        """`job-name` on the queue: also says which machine it came from, because several may share a queue and a login."""
        return f"{job_id}{self._mark}"

    def job_id(self, job: Attributes) -> str:
        """From the title of a job of this machine; empty for one of somebody else."""
        name = ipp.first(job, "job-name")
        return name.removesuffix(self._mark) if isinstance(name, str) and name.endswith(self._mark) else ""

    async def jobs(self, which: str, deadline: float) -> list[Attributes]:
        """This machine's own jobs on this queue: `which` is completed or not-completed."""
        fields: list[Field] = [
            ("which-jobs", Tag.KEYWORD, which),
            ("my-jobs", Tag.BOOLEAN, True),
            ("requested-attributes", Tag.KEYWORD, _JOB_ATTRIBUTES),
        ]
        found = (await self.ask(Op.GET_JOBS, fields, deadline)).all(Tag.JOB)
        return [job for job in found if self.job_id(job)]

    async def cancel(self, number: int, deadline: float, *, purge: bool = False) -> None:
        """Take the job off the queue; `purge` also removes its document and its record from the spool (CUPS)."""
        fields: list[Field] = [("job-id", Tag.INTEGER, number)]
        if purge:
            fields.append(("purge-job", Tag.BOOLEAN, True))
        await self.ask(Op.CANCEL_JOB, fields, deadline)

    async def resume(self, deadline: float) -> None:
        """Let a paused queue go on, and take jobs again where it had been told not to. Raises PERMISSION for a user who may not."""
        await self.ask(Op.RESUME_PRINTER, [], deadline)
        try:
            await self.ask(Op.CUPS_ACCEPT_JOBS, [], deadline)
        except DeviceError as error:
            if error.native != "ipp 0x0501":  # a printer that is no spooler takes jobs or does not, nobody tells it to
                raise


async def reachable(place: Place, deadline: float) -> bool:
    """Whether somebody listens there."""
    try:
        async with asyncio.timeout(deadline):
            if place.socket:
                _, writer = await asyncio.open_unix_connection(place.socket)
            else:
                _, writer = await asyncio.open_connection(place.host, place.port)
    except OSError:  # TimeoutError is one
        return False
    writer.close()
    return True


async def queues(place: Place, deadline: float, device: str = "document_printer") -> tuple[str, ...]:
    """Names of the queues this cupsd has. Raises DeviceError as `IppClient.ask` does."""
    wanted = ("requested-attributes", Tag.KEYWORD, "printer-name")
    try:
        answer = await IppClient(place, device).ask(Op.CUPS_GET_PRINTERS, [wanted], deadline, resource="/")
    except DeviceError as error:
        if error.native == "ipp 0x0406":  # cupsd's way to say: none yet
            return ()
        raise
    return tuple(name for group in answer.all(Tag.PRINTER) for name in ipp.words(group, "printer-name"))


class within:  # noqa: N801  a context manager, named for how it reads
    """A deadline whose passing is a DeviceError."""

    def __init__(self, seconds: float, device: str) -> None:
        self._timeout = asyncio.timeout(seconds)
        self._device = device

    async def __aenter__(self) -> None:
        await self._timeout.__aenter__()

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        try:
            await self._timeout.__aexit__(kind, error, None)
        except TimeoutError as late:
            raise DeviceError(ErrorKind.TIMEOUT, self._device, "The print service did not answer in time.") from late


def _login() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return "onetrip"


_PRINTER_ATTRIBUTES = (
    "printer-state", "printer-state-reasons", "printer-is-accepting-jobs", "queued-job-count", "marker-types", "marker-levels",
    "marker-low-levels", "sides-supported", "copies-supported", "document-format-supported", "pages-per-minute", "device-uri",
    "printer-make-and-model", "operations-supported", "multiple-document-handling-supported",
)  # fmt: skip
_JOB_ATTRIBUTES = (
    "job-id", "job-name", "job-state", "job-state-reasons", "time-at-processing", "time-at-completed", "job-printer-state-reasons",
    "job-impressions-completed", "job-media-sheets-completed",
)  # fmt: skip
