"""Processes of the kiosk at the price of a fork: what a process has to import is imported once, in a server that forks it for all.

A process made so is a process: its own pid, its own working directory and environment, the very pipes the test made for it, Python's
usual way out and the exit status of it; `subprocess` and `asyncio` start it, signal it and wait for it. What it does not show is how the
interpreter starts and what is imported when: tests of that use `sys.executable`, and so does everything with a terminal, another
`PYTHONPATH` or Qt.
"""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
STUB = Path(__file__).with_name("stub.py")


def python() -> tuple[str, ...]:
    """Stands where `sys.executable` would: `-m MODULE WORDS…` and `-c PROGRAM WORDS…` follow."""
    return (sys.executable, "-I", "-S", str(STUB), _server())


@cache
def _server() -> str:
    """The socket of the server of this process; it ends with it."""
    folder = tempfile.TemporaryDirectory(prefix="forked-", ignore_cleanup_errors=True)
    address = f"{folder.name}/socket"
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.forked.server", address],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},  # a process of one thread can be forked
    )

    def end() -> None:
        server.communicate()
        folder.cleanup()

    atexit.register(end)
    assert server.stdout is not None
    assert server.stdout.readline() == b"ready\n"
    return address
