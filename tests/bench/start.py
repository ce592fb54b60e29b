"""Process start to home painted, against a bare PySide6 window of the same size with one label; and the memory at home."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.rows import Effort, Row, interleave, median, paired, percentile, progress

HERE = Path(__file__).parent
TIMEOUT_S = 60.0


class Child:
    """Starts one child after the other; `peaks` collects each one's peak resident memory in MB."""

    def __init__(self, script: str, environment: dict[str, str]) -> None:
        self._command = [sys.executable, str(HERE / script)]
        self._environment = environment
        self.peaks: list[float] = []

    def run(self) -> float:
        """Milliseconds from spawn to the byte that says painted."""
        read, write = os.pipe()
        started = time.perf_counter()
        process = subprocess.Popen(
            [*self._command, str(write)], pass_fds=[write], env=self._environment, stderr=subprocess.PIPE
        )
        os.close(write)
        try:
            ready, _, _ = select.select([read], [], [], TIMEOUT_S)
            said = os.read(read, 100) if ready else b""
            took = (time.perf_counter() - started) * 1000
        finally:
            os.close(read)
            if not ready:
                process.kill()
            _, complaint = process.communicate()
        if not said:
            raise RuntimeError(f"{self._command[-1]} painted nothing: {complaint.decode(errors='replace')[-800:]}")
        self.peaks.append(int(said) / 1024)
        return took


def measure(effort: Effort) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="onetrip-bench-") as folder:
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPYCACHEPREFIX": folder}
        for name in ("PYTHONDONTWRITEBYTECODE", "ONETRIP_CONFIG", "ONETRIP_PROFILE", "PYTHONPROFILEIMPORTTIME"):
            environment.pop(name, None)
        home, bare = Child("child_home.py", environment), Child("child_bare.py", environment)
        progress("start: two runs of each, which compile the bytecode and warm the file cache")
        for _ in range(2):
            home.run()
            bare.run()
        home.peaks.clear()
        bare.peaks.clear()
        times = effort.of(21, 7)
        progress(f"start: {times} starts of each, in turns")
        took = interleave(times, home=home.run, bare=bare.run)
    ours, theirs = took["home"], took["bare"]
    stat = f"median of {times}"
    return [
        Row(
            "start",
            "process start to home painted, over a bare PySide6 window",
            paired(ours, theirs),
            "x",
            stat,
            1.3,
            peer=f"bare window {median(theirs):.0f} ms, home {median(ours):.0f} ms",
            ratio=paired(ours, theirs),
            note="bytecode compiled; offscreen, 1080x1920",
            data={"home_ms": ours, "bare_ms": theirs, "home_p90_ms": percentile(ours, 90)},
        ),
        Row(
            "start",
            "peak resident memory at home",
            median(home.peaks),
            "MB",
            stat,
            150.0,
            peer=f"bare window {median(bare.peaks):.0f} MB",
            ratio=median(home.peaks) / median(bare.peaks),
        ),
    ]
