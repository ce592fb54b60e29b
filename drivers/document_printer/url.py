"""A4 printers named by URL, as the settings name them.

    cups:QUEUE                     the queue of this machine's cupsd, over its Unix socket
    cups://host:631/QUEUE          a queue of another one
    cups://printer/ipp/print       a printer that speaks IPP itself
    cups+sim:                      a simulated one

Options in the query: socket=/run/cups/cups.sock, keep=purge|spooler, and the seconds answer, poll (while a job is
printed), trouble and watch (while none is).
"""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from drivers.document_printer.client import PORT, SOCKET, Place
from drivers.document_printer.job import Pace
from drivers.document_printer.printer import CupsPrinter, Keep

if TYPE_CHECKING:
    from drivers.document_printer.simulator import IppSimulator

_TIMES = {"answer": "answer_s", "poll": "poll_s", "trouble": "trouble_s", "watch": "watch_s"}


def connect(url: str, *, simulator: IppSimulator | None = None, **options: object) -> CupsPrinter:
    """The printer `url` names, not opened yet. `options` are as in the query and give way to it.

    `cups+sim:` makes its own simulator where none is given. Raises ValueError with one sentence for a wrong URL.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("cups", "cups+sim"):
        raise ValueError(f"{url!r} is not an A4 printer; it should look like cups:QUEUE or cups://host:631/QUEUE.")
    wanted = {name: str(value) for name, value in options.items()} | dict(
        parse_qsl(parts.query, keep_blank_values=True)
    )
    try:
        keep = Keep(wanted.pop("keep", Keep.PURGE))
    except ValueError as error:
        raise ValueError(f"{url!r} has no usable keep; it must be purge or spooler.") from error
    socket = wanted.pop("socket", "")
    pace = Pace(**{_TIMES[name]: _seconds(url, name, text) for name, text in wanted.items() if name in _TIMES})
    if unknown := sorted(set(wanted) - set(_TIMES)):
        raise ValueError(f"{unknown[0]!r} is not an option of an A4 printer.")
    if parts.scheme == "cups+sim":
        return _simulated(pace, keep, simulator)
    return CupsPrinter(_place(url, socket), pace, keep=keep)


def _place(url: str, socket: str) -> Place:
    parts = urlsplit(url)
    path = unquote(parts.path).strip("/")
    if not path:
        raise ValueError(f"{url!r} names no queue; it should look like cups:QUEUE or cups://host:631/QUEUE.")
    resource = "/" + quote(path if "/" in path else f"printers/{path}")
    if not parts.netloc:
        return Place(resource, socket=socket or SOCKET)
    try:
        port = parts.port or PORT
    except ValueError as error:
        raise ValueError(f"{url!r} has no usable port.") from error
    return Place(resource, parts.hostname or "localhost", port, socket)


def _simulated(pace: Pace, keep: Keep, simulator: IppSimulator | None) -> CupsPrinter:
    from drivers.document_printer.simulator import IppSimulator
    from drivers.transport.arrival import Replug
    from drivers.transport.host import serve_tcp

    device = simulator or IppSimulator()

    def host() -> AbstractAsyncContextManager[int]:
        return serve_tcp(device)

    return CupsPrinter(Place("/ipp/print"), pace, keep=keep, driver="cups+sim", host=host, plug=Replug(device))


def _seconds(url: str, name: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError as error:
        raise ValueError(f"{url!r} has no usable {name}; it must be a number.") from error
    if not 0 < number <= 3600:
        raise ValueError(f"{url!r} has no usable {name}; it must lie between 0 and 3600 seconds.")
    return number
