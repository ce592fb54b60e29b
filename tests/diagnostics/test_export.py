"""Where files are saved, and that they are there whole or not at all."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from kiosk.diagnostics import export
from kiosk.diagnostics.export import ExportFailed, caption, places, save


def test_a_file_is_there_under_its_name_and_nothing_else(tmp_path: Path) -> None:
    saved = save(tmp_path, "log.txt", b"abc")
    assert saved.path == tmp_path / "log.txt"
    assert saved.sha256 == hashlib.sha256(b"abc").hexdigest()
    again = save(tmp_path, "log.txt", b"def")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"log.txt": b"abc", "log-2.txt": b"def"}
    assert again.path.name == "log-2.txt"


def test_what_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "rename", full)
    with pytest.raises(ExportFailed, match="空间不够"):
        save(tmp_path, "log.txt", b"abc")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_gone_is_said(tmp_path: Path) -> None:
    with pytest.raises(ExportFailed, match="不见了"):
        save(tmp_path / "gone", "log.txt", b"")


def test_mounted_volumes_and_folders_that_exist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mounting needs a privilege, so the kernel's word is replaced here."""
    media = tmp_path / "media"
    for name in ("STICK", "kiosk/BLUE", "kiosk/not_mounted", "empty"):
        (media / name).mkdir(parents=True)
    (media / "link").symlink_to(media / "STICK")
    mounted = {media / "STICK", media / "kiosk/BLUE"}
    monkeypatch.setattr(Path, "is_mount", lambda self: self in mounted)
    (tmp_path / "out").mkdir()
    found = places({"out": tmp_path / "out", "none": tmp_path / "none"}, media)
    assert found == {
        "usb:STICK": media / "STICK",
        "usb:kiosk/BLUE": media / "kiosk/BLUE",
        "folder:out": tmp_path / "out",
    }
    assert [caption(place) for place in found] == ["U 盘 STICK", "U 盘 kiosk/BLUE", "out"]
    assert places({}, tmp_path / "nowhere") == {}
    assert export.caption("folder:out") == "out"
