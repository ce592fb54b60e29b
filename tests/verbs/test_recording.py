"""`kiosk recording`: list, verify, export, and what each says when something is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from drivers.recorder.sealed import SealedWriter
from kiosk.cli import main

KEY = bytes(range(32))
NAME = "20260318T100000-DEMO01-1.otrec"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A machine with one recording and no ledger yet."""
    folder = tmp_path / "recordings"
    folder.mkdir()
    writer = SealedWriter(folder / NAME, KEY, b"head")
    writer.write(b"film")
    writer.finish(b"HEAD")
    key = tmp_path / "ledger.key"
    key.write_text(KEY.hex() + "\n")
    key.chmod(0o600)
    (tmp_path / "kiosk.toml").write_text(
        f'profile = "ci"\n[signing]\nfolder = "{folder}"\n[ledger]\nurl = "sqlite:///{tmp_path}/ledger.db"\nkey_file = "{key}"\n'
    )
    return tmp_path


def told(place: Path, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any], str]:
    try:
        status = main(["recording", *words, "--config", str(place / "kiosk.toml"), "--json"])
    except SystemExit as left:
        status = int(left.code or 0)
    out, err = capsys.readouterr()
    return status, json.loads(out), err


def test_list_names_what_is_kept_without_a_key(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "ledger.key").unlink()
    status, data, _ = told(place, capsys, "list")
    assert status == 0
    assert [row["file"] for row in data["recordings"]] == [NAME]
    assert data["keep_days"] == 183


def test_verify_reads_one(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, data, _ = told(place, capsys, "verify", NAME)
    assert status == 0
    assert [row["file"] for row in data["whole"]] == [NAME]


def test_verify_says_which_is_broken(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = place / "recordings" / NAME
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    status, told_so, _ = told(place, capsys, "verify", NAME)
    assert status == 1
    assert told_so["broken"] == [NAME]
    assert "altered" in told_so["hint"]


def test_export_writes_what_a_player_opens_and_only_with_the_key(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = place / "case.avi"
    key = str(place / "ledger.key")
    status, _, _ = told(place, capsys, "export", NAME, "--key", key, "--out", str(out))
    assert status == 0
    assert out.read_bytes() == b"HEADfilm"
    assert out.stat().st_mode & 0o077 == 0
    assert told(place, capsys, "export", NAME, "--key", key, "--out", str(out))[0] == 2, (
        "it does not write over anything"
    )
    wrong = place / "wrong.key"
    wrong.write_text(bytes(32).hex())
    wrong.chmod(0o600)
    other = place / "other.avi"
    status, data, _ = told(place, capsys, "export", NAME, "--key", str(wrong), "--out", str(other))
    assert status == 1
    assert "another key" in data["hint"]
    assert not other.exists()


@pytest.mark.parametrize("words", [("verify", "no.otrec"), ("export", "../ledger.key", "--key", "k", "--out", "o")])
def test_a_file_that_is_not_there_is_wrong_usage(
    place: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    status, data, _ = told(place, capsys, *words)
    assert status == 2
    assert "no recording" in data["hint"]
