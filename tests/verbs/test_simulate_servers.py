"""`kiosk simulate` for the remote sides: each has its own words, and one of them is started as a program."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from kiosk.cli import main
from kiosk.verbs.command_words import SERVERS

ROOT = Path(__file__).parents[2]
OWN = {
    "police": "--state-file",
    "exit_entry": "--state-file",
    "wallet": "--device-key",
    "acquirer": "--secret",
    "alipay": "--keys",
    "wechat": "--folder",
}
"""An option only this server has, or a few of them."""


def test_every_server_is_tried_here() -> None:
    assert set(OWN) == set(SERVERS)


@pytest.mark.parametrize("kind", SERVERS)
def test_help_of_the_server(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["simulate", kind, "--help-server"])
    assert end.value.code == 0
    said = capsys.readouterr().out
    assert OWN[kind] in said
    assert "--port" in said


def test_help_names_the_servers(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["simulate", "--help"])
    said = capsys.readouterr().out
    assert all(kind in said for kind in SERVERS)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--control", "tcp://127.0.0.1:0"], "--control is nothing for acquirer"),
        (["--listen", "somewhere"], "is no address"),
        (["--listen", "tcp://127.0.0.1:0", "--secret", "abc"], "acquirer: error:"),
    ],
)
def test_words_of_the_acquirer_that_make_no_sense(
    words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        status: object = main(["simulate", "acquirer", *words])
    except SystemExit as end:
        status = end.code
    assert status == 2
    assert sentence in capsys.readouterr().err


def test_the_acquirer_as_a_program(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "kiosk", "simulate", "acquirer", "--listen", "tcp://127.0.0.1:0"]
    words = ["--merchant", "M7", "--secret", "ab" * 32, "--state-file", str(tmp_path / "books.json")]
    program = subprocess.Popen([*command, *words], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    with program:
        try:
            assert program.stdout is not None
            found = re.search(r"http://\S+", program.stdout.readline())
            assert found
            assert "M7" in program.stdout.readline()
            assert "ab" * 32 in program.stdout.readline()
            said = httpx.post(f"{found[0]}/_sim/control", json={"do": "nothing known"}, timeout=10)
            assert said.status_code == 400
            assert httpx.get(found[0], timeout=10).status_code == 404
        finally:
            program.send_signal(signal.SIGTERM)
            assert program.wait(timeout=20) == 0
