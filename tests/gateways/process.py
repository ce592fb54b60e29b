"""A simulated platform started as its own process."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def start(package: str, *arguments: str) -> tuple[subprocess.Popen[str], str]:
    """The process, and the address that it says it has."""
    process = subprocess.Popen(
        [sys.executable, "-m", package, "--port", "0", *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    found = re.search(r"http://\S+", line)
    assert found, line
    return process, found[0]


def stop(process: subprocess.Popen[str], how: signal.Signals) -> int:
    process.send_signal(how)
    code = process.wait(timeout=20)
    assert process.stdout is not None
    process.stdout.close()
    return code
