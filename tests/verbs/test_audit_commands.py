"""`kiosk audit` and `kiosk technician`: real processes, exit status, sentences, and nothing made by looking."""

from __future__ import annotations

import base64
import json
import os
import pty
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from config.settings import load
from kiosk.diagnostics.pin import pin_matches
from kiosk.diagnostics.totp import read_secret
from tests.ledger.audit_parts import by_hand, head_of, written
from tests.ledger.parts import KEY
from tests.verbs.test_cli import kiosk

PIN = "482915"


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """Settings, a key, and a ledger with twelve rows in the chain."""
    written(tmp_path / "ledger.db", 12)
    (tmp_path / "ledger.key").write_text(KEY.hex())
    (tmp_path / "ledger.key").chmod(0o600)
    (tmp_path / "kiosk.toml").write_text(
        f'profile = "ci"\n[ledger]\nurl = "sqlite:///{tmp_path}/ledger.db"\nkey_file = "{tmp_path}/ledger.key"\n'
    )
    return tmp_path


def audit(machine: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return kiosk("audit", *words, "--config", "kiosk.toml", cwd=machine)


def document(said: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(said.stdout)
    return found


@pytest.mark.slow
def test_a_whole_chain(machine: Path) -> None:
    said = audit(machine, "verify")
    assert said.returncode == 0, said.stderr
    found = re.fullmatch(r"the audit chain is whole: 12 rows, the newest is (12-[0-9a-f]{16})\n", said.stdout)
    assert found is not None, said.stdout
    again = audit(machine, "verify", "--anchor", found[1], "--json")
    assert again.returncode == 0
    told = document(again)
    assert (told["good"], told["rows"], told["anchor"], told["trouble"], told["row"]) == (
        True,
        12,
        found[1],
        None,
        None,
    )
    assert told["head"].startswith(found[1].removeprefix("12-"))


@pytest.mark.slow
def test_a_broken_chain(machine: Path) -> None:
    by_hand(machine / "ledger.db", "UPDATE audit SET who = 'T9999' WHERE seq = 4")
    said = audit(machine, "verify")
    assert (said.returncode, said.stdout) == (
        1,
        "the audit chain is broken: row 4 was altered or exchanged, or the key is another.\n",
    )
    told = document(audit(machine, "verify", "--json"))
    assert (told["good"], told["error"], told["row"]) == (False, "broken", 4)
    assert told["hint"].endswith(".")


@pytest.mark.slow
def test_rows_cut_off(machine: Path) -> None:
    by_hand(machine / "ledger.db", "DELETE FROM audit WHERE seq > 10")
    said = audit(machine, "verify")
    assert said.returncode == 1
    assert "the table ends at row 10, the head file names row 12" in said.stdout


@pytest.mark.slow
def test_a_list_of_the_newest_rows(machine: Path) -> None:
    by_hand(machine / "ledger.db", "UPDATE audit SET who = 'T1' || char(27) || '[2J' WHERE seq = 11")
    said = audit(machine, "list", "--limit", "3")
    lines = said.stdout.splitlines()
    assert said.returncode == 0
    assert [line.split()[0] for line in lines] == ["10", "11", "12"]
    assert lines[0].endswith("T0271       checked camera at level 1: passed")
    assert "\x1b" not in said.stdout, "an altered row does not command the terminal"
    rows = document(audit(machine, "list", "--limit", "1", "--json"))["rows"]
    assert [(row["seq"], row["what"], row["detail"]["reason"]) for row in rows] == [(12, "simulator_in", "试一试 11")]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (["audit"], 2, "required: ACTION"),
        (["audit", "forget"], 2, "invalid choice"),
        (["audit", "list", "--limit", "0"], 2, "'0' is no number from 1 to"),
        (["audit", "list", "--limit", "9" * 40], 2, "is no number from 1 to"),
        (["audit", "verify", "--anchor", "12"], 2, "--anchor: an anchor is a row's number"),
        (["audit", "verify", "--config", "none.toml"], 1, "none.toml: there is no such file"),
        (["technician", "new"], 2, "required: --code"),
        (["technician", "new", "--code", "x y"], 2, "--code is the staff pass's code"),
        (["technician", "new", "--code", "T0271"], 1, "a technician's PIN has 6 to 12 digits"),
    ],
)
def test_what_goes_wrong_is_one_sentence(tmp_path: Path, words: list[str], status: int, sentence: str) -> None:
    said = kiosk(*words, cwd=tmp_path)
    assert (said.returncode, "Traceback" in said.stderr) == (status, False), said.stderr
    assert sentence in said.stdout + said.stderr
    assert not list(tmp_path.iterdir()), "nothing was made"


@pytest.mark.slow
@pytest.mark.parametrize("action", ["verify", "list"])
def test_a_ledger_that_is_not_there_is_not_made(machine: Path, action: str) -> None:
    """A mistyped address must not be answered with the soundness of an empty chain."""
    for file in machine.glob("ledger.db*"):
        file.unlink()
    said = audit(machine, action, "--json")
    assert said.returncode == 1
    assert "There is no ledger at" in document(said)["hint"]
    assert not list(machine.glob("ledger.db*"))


@pytest.mark.slow
def test_without_the_key_there_is_no_verdict(machine: Path) -> None:
    (machine / "ledger.key").unlink()
    said = audit(machine, "verify")
    assert (said.returncode, "the ledger's key is missing" in said.stderr) == (1, True)
    assert audit(machine, "list").returncode == 0
    by_hand(machine / "ledger.db", "DELETE FROM audit")
    assert audit(machine, "verify").returncode == 1, "the head file still tells of rows"
    assert not (machine / "ledger.key").exists(), "no key is made by looking"


@pytest.mark.slow
def test_a_new_machine_has_nothing_recorded(machine: Path) -> None:
    by_hand(machine / "ledger.db", "DELETE FROM audit")
    head_of(machine / "ledger.db").unlink()
    (machine / "ledger.key").unlink()
    said = audit(machine, "verify")
    assert (said.returncode, said.stdout) == (0, "nothing is recorded yet\n")


@pytest.mark.slow
@pytest.mark.parametrize("words", [("audit",), ("technician",), ("technician", "new")])
def test_help_has_examples(tmp_path: Path, words: tuple[str, ...]) -> None:
    said = kiosk(*words, "--help", cwd=tmp_path)
    assert (said.returncode, f"examples:\n  kiosk {words[0]}" in said.stdout) == (0, True)


# -- technician ---------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_printed_lines_are_settings(tmp_path: Path) -> None:
    said = kiosk("technician", "new", "--code", "t0271", cwd=tmp_path, stdin=f"{PIN}\n{PIN}\n")
    assert said.returncode == 0, said.stderr
    (tmp_path / "kiosk.toml").write_text('profile = "ci"\n' + said.stdout)
    (found,) = load(tmp_path / "kiosk.toml").technician
    assert (found.code, found.totp_file, pin_matches(PIN, found.pin_hash)) == ("T0271", None, True)
    assert PIN not in said.stdout + said.stderr


@pytest.mark.slow
def test_a_secret_is_made_and_shown_once(tmp_path: Path) -> None:
    folder = tmp_path / 'a "b" \\ 密'
    folder.mkdir()
    words = ("technician", "new", "--code", "T0271", "--totp", "T0271.totp")
    said = kiosk(*words, cwd=folder, stdin=f"{PIN}\n{PIN}\n")
    assert said.returncode == 0, said.stderr
    secret = read_secret(folder / "T0271.totp")
    address = f"otpauth://totp/OneTrip:T0271?secret={secret}&issuer=OneTrip"
    settings, _, rest = said.stdout.partition("\n\n")
    assert address in rest.splitlines()
    assert tomllib.loads(settings)["technician"][0]["totp_file"] == str(folder / "T0271.totp")
    assert decoded(rest[rest.index(address) + len(address) :]) == address
    again = kiosk(*words, cwd=folder, stdin=f"{PIN}\n{PIN}\n")
    assert (again.returncode, "there is such a file already" in again.stderr) == (1, True)
    assert read_secret(folder / "T0271.totp") == secret


def decoded(picture: str) -> str:
    """What a telephone reads in the block characters: two modules above each other in each, dark where nothing is drawn."""
    import numpy as np
    import zxingcpp

    halves = {"█": (255, 255), "▀": (255, 0), "▄": (0, 255), " ": (0, 0)}
    lines = [line for line in picture.splitlines() if line.strip()]
    width = max(map(len, lines))
    rows = [[halves[letter][half] for letter in line.ljust(width)] for line in lines for half in (0, 1)]
    image = np.kron(np.array(rows, dtype=np.uint8), np.ones((6, 6), dtype=np.uint8))
    (found,) = zxingcpp.read_barcodes(image)
    return str(found.text)


@pytest.mark.slow
def test_as_a_document(tmp_path: Path) -> None:
    said = kiosk(
        "technician", "new", "--code", "T0271", "--totp", "s", "--json", cwd=tmp_path, stdin=f"{PIN}\r\n{PIN}\r\n"
    )
    told = document(said)
    assert (told["good"], told["code"], told["totp_file"]) == (True, "T0271", str(tmp_path / "s"))
    assert told["otpauth"].startswith("otpauth://totp/OneTrip:T0271?secret=")
    assert len(base64.b32decode(read_secret(tmp_path / "s"))) == 20


@pytest.mark.slow
@pytest.mark.parametrize(
    ("stdin", "sentence"),
    [
        (f"{PIN}\n{PIN}1\n", "the two PINs are not the same"),
        (f"{PIN}\n", "the two PINs are not the same"),
        ("123456\n123456\n", "one of those that are tried first"),
        ("000000\n000000\n", "one of those that are tried first"),
        ("12345\n12345\n", "6 to 12 digits"),
    ],
)
def test_a_pin_that_is_refused_makes_nothing(tmp_path: Path, stdin: str, sentence: str) -> None:
    said = kiosk("technician", "new", "--code", "T0271", "--totp", "s", cwd=tmp_path, stdin=stdin)
    assert (said.returncode, sentence in said.stderr, said.stdout) == (1, True, "")
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
@pytest.mark.pty
def test_on_a_terminal_the_pin_is_not_shown(tmp_path: Path) -> None:
    pid, terminal = pty.fork()
    if pid == 0:  # a process with a terminal of its own, as a technician has it
        os.chdir(tmp_path)
        os.environ["PYTHONPATH"] = str(Path(__file__).parents[2])
        os.execv(sys.executable, [sys.executable, "-m", "kiosk", "technician", "new", "--code", "T0271"])
    shown = b""
    for prompt in (b"PIN (6 to 12 digits): ", b"the same again: "):
        while not shown.endswith(prompt):
            shown += os.read(terminal, 1024)
        os.write(terminal, PIN.encode() + b"\n")
    try:
        while more := os.read(terminal, 4096):
            shown += more
    except OSError:
        more = b""  # the other end is closed: it has ended
    os.close(terminal)
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert b'code = "T0271"' in shown
    assert PIN.encode() not in shown
