"""The simulated platform as its own process: its books outlive it, so that crash tests can trust them."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from config.scenarios import load_scenario
from kiosk.domain.errors import GatewayUnavailable
from kiosk.gateways.exit_entry.client import ExitEntryClient
from kiosk.gateways.exit_entry.simulated import SimulatedExitEntry
from kiosk.gateways.http import Endpoint
from kiosk.ports.clock import SystemClock
from tests.gateways.exit_entry.conftest import PAID_AT

ROOT = Path(__file__).parents[3]
NAME = "endorse_apply_answer_lost"


def start(*arguments: str) -> tuple[subprocess.Popen[str], str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "kiosk.gateways.exit_entry", "--port", "0", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
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


async def test_an_application_outlives_a_killed_process(tmp_path):
    """The answer is lost, then the platform dies; the next process knows the application and tells the same grant."""
    books = tmp_path / "exit_entry.json"
    scenario = load_scenario(NAME, SystemClock().now().date())
    assert scenario.permit is not None
    call = (scenario.person.number, scenario.permit.number, ("HKG-L-3M1",), 1500, "13000000000", "E1")
    process, url = start("--scenario", NAME, "--state-file", str(books))
    client = ExitEntryClient(Endpoint(url))
    with pytest.raises(GatewayUnavailable):
        await client.apply(*call)
    found = await client.find_application("E1")
    granted = await client.authorise(found.number, 1500, "T1", PAID_AT)
    await client.aclose()
    stop(process, signal.SIGKILL)
    (entry,) = json.loads(books.read_text(encoding="utf-8"))["applications"]
    assert (entry["state"], entry["trade_no"]) == ("authorised", "T1")
    assert books.stat().st_mode & 0o077 == 0

    process, url = start("--scenario", NAME, "--state-file", str(books))
    client = ExitEntryClient(Endpoint(url))
    assert await client.find_application("E1") == granted
    assert await client.authorise(granted.number, 1500, "T1", PAID_AT) == granted
    await client.confirm(granted.number, printed=True)
    record = await client.registry(*call[:2])
    assert [held.number for held in record.endorsements] == [granted.grants[0].number]
    await client.aclose()
    assert stop(process, signal.SIGTERM) == 0
    (entry,) = json.loads(books.read_text(encoding="utf-8"))["applications"]
    assert (entry["state"], entry["printed"]) == ("written", True)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": 9}', '{"version": 1, "serial": 1, "applications": [1]}'])
def test_a_foreign_state_file_is_refused(tmp_path, text):
    file = tmp_path / "state.json"
    file.write_text(text)
    with pytest.raises(ValueError, match="not a state file"):
        SimulatedExitEntry(state_file=file)


def test_help_names_what_can_be_done(capsys):
    from kiosk.gateways.exit_entry.__main__ import main

    with pytest.raises(SystemExit) as end:
        main(["--help"])
    assert end.value.code == 0
    said = capsys.readouterr().out
    assert "--state-file" in said
    assert NAME in said
    assert "happy_two_records" not in said
    with pytest.raises(SystemExit) as end:
        main(["--scenario", "nobody"])
    assert end.value.code == 2
    assert "there is no scenario nobody" in capsys.readouterr().err
