"""A parsed copy never outlives the file it was made from, and is not needed."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from config.toml_file import read_toml


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where copies go."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "copies"))
    return tmp_path / "copies"


def copies(kept: Path) -> list[Path]:
    return [path for path in kept.rglob("*") if path.is_file()]


def test_the_copy_says_what_the_file_says(tmp_path: Path, kept: Path) -> None:
    path = tmp_path / "sizes.toml"
    path.write_text('[a]\nb = [1, 2.5, "三"]\nc = true\n', encoding="utf-8")
    wanted = {"a": {"b": [1, 2.5, "三"], "c": True}}
    assert read_toml(path) == wanted
    assert len(copies(kept)) == 1
    assert read_toml(path) == wanted


def test_an_edit_of_the_same_length_counts_at_once(tmp_path: Path, kept: Path) -> None:
    path = tmp_path / "sizes.toml"
    path.write_text("gap = 24\n")
    stamp = path.stat()
    assert read_toml(path) == {"gap": 24}
    path.write_text("gap = 36\n")
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert read_toml(path) == {"gap": 36}


def test_a_torn_copy_is_made_again(tmp_path: Path, kept: Path) -> None:
    path = tmp_path / "sizes.toml"
    path.write_text("gap = 24\n")
    read_toml(path)
    (copy,) = copies(kept)
    whole = copy.read_bytes()
    for cut in (0, 4, 8, len(whole) - 1):
        copy.write_bytes(whole[:cut])
        assert read_toml(path) == {"gap": 24}
    assert copy.read_bytes() == whole


def test_where_nothing_can_be_written_it_is_parsed_each_time(tmp_path: Path, kept: Path) -> None:
    kept.write_text("a file where the folder would be")
    path = tmp_path / "sizes.toml"
    path.write_text("gap = 24\n")
    assert read_toml(path) == {"gap": 24}
    path.write_text("gap = 48\n")
    assert read_toml(path) == {"gap": 48}


def test_dates_cannot_be_kept_but_are_read(tmp_path: Path, kept: Path) -> None:
    path = tmp_path / "days.toml"
    path.write_text("day = 2026-11-21\n")
    assert str(read_toml(path)["day"]) == "2026-11-21"
    assert not copies(kept)


@pytest.mark.parametrize("text", [b"gap = \n", b"gap = '\xff'\n"])
def test_what_is_no_toml_is_refused(tmp_path: Path, kept: Path, text: bytes) -> None:
    path = tmp_path / "sizes.toml"
    path.write_bytes(text)
    with pytest.raises(ValueError):
        read_toml(path)
