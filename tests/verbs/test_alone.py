"""Two programs never talk to one real device."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from config.sections import Devices
from kiosk.verbs import alone
from tests.forked import python

HOLD = """
import sys
from kiosk.verbs.alone import alone_with
with alone_with({"id_card": sys.argv[1]}):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def line(tmp_path: Path) -> str:
    return f"samv+serial://{tmp_path}/reader"


def test_second_program_is_told_who_has_it(line: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, line], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as first:
        assert first.stdout is not None
        assert first.stdin is not None
        assert first.stdout.readline() == "held\n"
        taken = pytest.raises(alone.DeviceTaken, match=rf"id_card: another program .*process {first.pid}\)")
        with taken, alone.alone_with({"id_card": f"{line}?baud=9600"}):
            pass
        with alone.alone_with({"id_card": f"{line}-2", "camera": "v4l2:///dev/video9"}):
            pass  # other devices are free
        first.stdin.close()
    with alone.alone_with({"id_card": line}):
        pass


def test_killed_program_holds_nothing(line: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, line], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"
        first.kill()
    with alone.alone_with({"id_card": line}):
        pass


def test_all_or_none(line: str) -> None:
    with alone.alone_with({"receipt_printer": line}):
        with pytest.raises(alone.DeviceTaken), alone.alone_with({"id_card": line, "receipt_printer": line}):
            pass
        with alone.alone_with({"id_card": line}):
            pass


def test_only_real_devices_count() -> None:
    assert alone.real_urls(Devices()) == {}
    mixed = Devices(id_card="samv+serial:///dev/ttyS1", camera="v4l2:///dev/video0")
    assert alone.real_urls(mixed) == {"id_card": "samv+serial:///dev/ttyS1", "camera": "v4l2:///dev/video0"}
    assert alone.real_urls(mixed, ["camera"]) == {"camera": "v4l2:///dev/video0"}


def test_device_command_beside_a_program_that_has_it(line: str) -> None:
    command = [*python(), "-m", "kiosk", "device", "id_card", "status", "--url", line, "--json"]
    with alone.alone_with({"id_card": line}):
        beside = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)
    assert beside.returncode == 1
    assert "another program has this device" in beside.stdout
    assert "Traceback" not in beside.stderr
    alone_now = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)
    assert "another program" not in alone_now.stdout
