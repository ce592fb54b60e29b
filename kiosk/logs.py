"""Logs for technicians: one line an event on stderr, and only fields that are on the list.

The list is the point: a field that nobody allowed is dropped, so that no name, number, code or key can slip into a log. For the
same reason an exception is told by its type and its places in the code, not by its text (only errors whose text is made for
technicians keep it), and of what a library logs only the fixed part is kept.
"""

from __future__ import annotations

import logging
import sys
import traceback
from types import TracebackType
from typing import Any

import structlog

from kiosk.domain.errors import DeviceError, GatewayUnavailable

ALLOWED = frozenset(
    {
        "event", "level", "timestamp", "exc_info", "exception", "action", "amount_fen", "attempt", "baud", "bytes", "code",
        "command", "count", "decision", "decoder", "detail", "device", "dots", "dropped", "driver", "elapsed", "end", "error",
        "expected", "fault", "field", "found", "frames", "gateway", "hint", "host", "id", "invariant", "job", "journey",
        "kind", "left", "length", "limit", "line", "listening", "model", "modules", "ms", "name_of", "native", "now",
        "operation", "order", "outcome", "page", "part", "parts", "path", "payment", "pid", "port", "posting", "rating",
        "reaction", "reason", "reasons", "record", "record_state", "rejected", "scenario", "screen", "seconds", "sha256",
        "simulated", "size", "slip", "source", "state", "status", "step", "sw3", "symbology", "trouble", "unknown", "url",
        "verdict", "version", "what", "why",
    }
)  # fmt: skip
"""`record` is a row of the ledger, never a name."""
TELLING = (DeviceError, GatewayUnavailable)
"""Their texts hold no personal data by contract (`kiosk.domain.errors`)."""
TALKATIVE = ("httpx", "httpcore", "asyncio", "qasync", "sqlalchemy", "alembic", "uvicorn", "PIL")
"""Below WARNING these quote addresses, headers, statements and values."""
_FRAMES = 12
_TEXT = 120


def keep_allowed(_: object, __: str, event: Any) -> Any:
    """structlog processor: drop every field that is not on the list, and say how many were dropped."""
    dropped = [key for key in event if key not in ALLOWED]
    for key in dropped:
        del event[key]
    if dropped:
        event["dropped"] = len(dropped)
    return event


def without_words(_: object, __: str, event: Any) -> Any:
    """structlog processor: the exception under `exc_info` becomes `exception`, types and places only."""
    given = event.pop("exc_info", None)
    if given:
        error = (
            given if isinstance(given, BaseException) else given[1] if isinstance(given, tuple) else sys.exc_info()[1]
        )
        if error is not None:
            event["exception"] = places(error)
    return event


def places(error: BaseException) -> str:
    """`ValueError at pay.py:88 watch < journey.py:40 run; from KeyError at …`: the newest place first."""
    told: list[str] = []
    following: BaseException | None = error
    while following is not None and len(told) < 5:
        name = type(following).__qualname__
        text = f"{name} ({following})" if isinstance(following, TELLING) else name
        frames = traceback.extract_tb(following.__traceback__)[-_FRAMES:]
        where = " < ".join(f"{'/'.join(f.filename.split('/')[-2:])}:{f.lineno} {f.name}" for f in reversed(frames))
        told.append(f"{text} at {where}" if where else text)
        hidden = following.__suppress_context__
        following = following.__cause__ or (None if hidden else following.__context__)
    return "; from ".join(told)


class LibraryHandler(logging.Handler):
    """What libraries log, as our own events: the logger's name and the first line of the unfilled message."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        what = str(record.msg).split("\n", 1)[0][:_TEXT] if record.args or error else record.name
        structlog.get_logger(record.name).log(record.levelno, "library", part=record.name, what=what, exc_info=error)


def tell_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """`sys.excepthook`: what nobody caught, also in Qt's slots, without its text."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    structlog.get_logger(__name__).critical("uncaught", exc_info=error)


def configure(*, verbose: bool = False, keep: structlog.typing.Processor | None = None) -> None:
    """Once per process, before anything is logged. `keep` sees what is left of each event, last before it is written."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=False),
            without_words,
            keep_allowed,
            *([keep] if keep is not None else []),
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG if verbose else logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers = [each for each in root.handlers if not isinstance(each, LibraryHandler)] + [LibraryHandler()]
    root.setLevel(logging.WARNING)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    sys.excepthook = tell_uncaught
