"""Logs for technicians: one line an event on stderr, and only fields that are on the list.

The list is the point: a field that nobody allowed is dropped, so that no name, number, code or key can slip into a log.
"""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog

ALLOWED = frozenset(
    {
        "event", "level", "timestamp", "exc_info", "exception", "action", "amount_fen", "attempt", "baud", "bytes", "code",
        "command", "count", "decision", "detail", "device", "dropped", "driver", "elapsed", "end", "error", "expected",
        "fault", "field", "found", "frames", "gateway", "hint", "host", "id", "invariant", "job", "journey", "kind", "left",
        "length", "limit", "line", "listening", "model", "name_of", "native", "now", "operation", "order", "outcome", "page",
        "part", "parts", "path", "payment", "pid", "port", "posting", "rating", "reason", "reasons", "record_state",
        "scenario", "screen", "seconds", "sha256", "simulated", "slip", "state", "status", "step", "sw3", "symbology",
        "trouble", "url", "version", "what", "why",
    }
)  # fmt: skip


def keep_allowed(_: object, __: str, event: Any) -> Any:
    """structlog processor: drop every field that is not on the list, and say how many were dropped."""
    dropped = [key for key in event if key not in ALLOWED]
    for key in dropped:
        del event[key]
    if dropped:
        event["dropped"] = len(dropped)
    return event


def configure(*, verbose: bool = False) -> None:
    """Once per process, before anything is logged."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=False),
            structlog.processors.format_exc_info,
            keep_allowed,
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG if verbose else logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
