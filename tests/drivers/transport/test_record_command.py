"""`kiosk device … --record` and `--replay`, as a technician types them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from drivers.transport.tape import What, load
from kiosk.cli import main
from tests.forked import python

ROOT = Path(__file__).resolve().parents[3]

PRINT = ("device", "receipt_printer", "print-test")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    yield
    structlog.reset_defaults()  # the command has sent its log to a stderr that is gone with the test


def test_a_print_is_recorded_and_played(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*PRINT, "--record", "a.tape", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["tape"]
    assert told["file"] == "a.tape"
    assert told["synthetic"] > 500
    assert told["trouble"] == ""
    assert main([*PRINT, "--replay", "a.tape"]) == 0
    assert "tape: all as recorded" in capsys.readouterr().out
    text = (tmp_path / "a.tape").read_text()
    (tmp_path / "a.tape").write_text(text.replace('"hex": "100403"', '"hex": "100402"', 1))
    assert main([*PRINT, "--replay", "a.tape", "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["good"] is False
    assert document["tape"]["difference"] == (
        "Byte 8 of what the driver sends is 03, and was 02 when the tape was recorded."
    )


def test_a_tape_that_was_cut(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*PRINT, "--record", "a.tape"]) == 0
    lines = (tmp_path / "a.tape").read_text().splitlines(keepends=True)
    (tmp_path / "a.tape").write_text("".join(lines[:6]))
    capsys.readouterr()
    assert main([*PRINT, "--replay", "a.tape"]) == 1
    assert "and the tape breaks off here: it was not finished." in capsys.readouterr().out
    (tmp_path / "a.tape").write_text("".join(lines[:-1]))  # only the last line is missing
    assert main([*PRINT, "--replay", "a.tape"]) == 1
    assert "the tape breaks off here" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (["device", "camera", "frame", "--record", "x"], 2, "nothing is recorded."),
        (["device", "qr_scanner", "scan", "--record", "x"], 2, "this qr_scanner has no line of bytes"),
        (
            ["device", "id_card", "read", "--record", "old.tape"],
            2,
            "old.tape exists already; a tape is never written over",
        ),
        (["device", "id_card", "read", "--record", "none/x"], 1, "--record: none/x cannot be written: No such file"),
        (["device", "id_card", "read", "--replay", "none"], 1, "The tape none cannot be read: No such file"),
        (["device", "id_card", "read", "--replay", "old.tape"], 1, "old.tape is not a tape."),
        (
            ["device", "id_card", "read", "--replay", "p.tape"],
            2,
            "p.tape is a tape of a receipt_printer, not of a id_card",
        ),
        ([*PRINT, "--replay", "p.tape", "--url", "escpos+sim:"], 2, "leave --url out"),
        ([*PRINT, "--url", "escpos+replay:///none.tape"], 1, "The tape /none.tape cannot be read"),
        ([*PRINT, "--url", "escpos+replay:///none.tape?pace=x"], 1, "has no usable pace"),
    ],
)
def test_what_goes_wrong_is_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], status: int, sentence: str
) -> None:
    (tmp_path / "old.tape").write_text("old\n")
    assert main([*PRINT, "--record", "p.tape"]) == 0
    assert main(words) == status
    assert sentence in "".join(capsys.readouterr())
    assert not (tmp_path / "x").exists()


def test_a_verb_that_does_not_exist_leaves_no_tape(tmp_path: Path) -> None:
    assert main(["device", "id_card", "scan", "--record", "x"]) == 2
    assert not (tmp_path / "x").exists()


def test_a_change_of_the_pace(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["device", "permit-unit", "status", "--url", "cardunit+sim:", "--record", "u.tape"]) == 0
    url = f"cardunit+replay://{tmp_path}/u.tape?pace=0"
    assert main(["device", "permit-unit", "status", "--url", url]) == 0
    assert "permit_unit: ready" in capsys.readouterr().out


def test_a_recording_that_is_stopped_is_whole(tmp_path: Path) -> None:
    """Ctrl-C or `kill` in the middle of waiting for a card: what went until then is there, and the tape says that it ends."""
    words = [*python(), "-m", "kiosk", "device", "id_card", "read", "--timeout", "60", "--record", "x.tape"]
    tape = tmp_path / "x.tape"
    with subprocess.Popen(
        words, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE
    ) as run:
        try:
            while run.poll() is None and not (tape.exists() and len(tape.read_text().splitlines()) > 12):
                time.sleep(0.05)
            run.send_signal(signal.SIGTERM)
            run.wait(20)
        finally:
            run.kill()
    played = load(tape)
    assert played.whole
    assert played.events[-1].what is What.CLOSED
    assert len(played.events) > 10
