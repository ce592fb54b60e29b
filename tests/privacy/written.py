"""Everything a kiosk process writes to its log, at its most talkative."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import structlog

from kiosk.logs import configure


@contextmanager
def configured(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """As `kiosk --verbose` sets it up; put back afterwards."""
    before = structlog.get_config()
    root, hook = logging.getLogger(), sys.excepthook
    handlers, level = list(root.handlers), root.level
    written = io.StringIO()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", written)
        configure(verbose=True)
    try:
        yield written
    finally:
        structlog.configure(**before)
        root.handlers, sys.excepthook = handlers, hook
        root.setLevel(level)
