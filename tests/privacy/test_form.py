"""One whole visit of an applicant in a process of its own; then nothing of them is left on the disk, in the logs or in the process."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from config.scenarios import Scenario
from tests.crash.form_world import form_remotes
from tests.privacy.person import DOCUMENT, NAME, PINYIN, applicant, files_below, needles, traces

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
ROOT = Path(__file__).parents[2]
SHARED = (Path("/tmp"), Path("/dev/shm"), Path("/var/tmp"), Path("/run"))
OURS = ("pytest-of-", "onetrip-cups-")
"""Folders of tests, which hold made-up people on purpose."""


@dataclass
class Left:
    """What was found when the citizen had gone, and again when the process had."""

    said: dict[str, Any]
    scenario: Scenario
    drafts: dict[str, int]
    draft_values: dict[str, str]
    photo_bytes: int
    papers: list[bytes]
    written: list[Path]
    while_it_runs: list[str]
    afterwards: list[str]
    elsewhere: list[str]
    log: str
    exit: int


def shared_files() -> set[str]:
    """Where programs leave things although they were given folders of their own."""
    found: set[str] = set()
    for root in SHARED:
        for folder, inner, names in os.walk(root):
            inner[:] = [name for name in inner if not name.startswith(OURS)]
            found |= {f"{folder}/{name}" for name in names}
    return found


async def visit(folder: Path) -> Left:
    before = shared_files()
    async with form_remotes(folder) as world:
        cwd = world.home / "cwd"
        cwd.mkdir()
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.privacy.form_session", str(world.config), str(world.scenario_file)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=cwd,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", **world.env},
        )
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdin is not None
        reading = asyncio.ensure_future(process.stderr.read())
        line = await process.stdout.readline()
        if not line:
            raise AssertionError((await reading).decode()[-3000:])
        said = json.loads(line)
        named = needles(world.scenario)
        # Also files that have no name any more, and memory that is shared with the camera's process.
        opened = [path for pid in said["pids"] for path in Path(f"/proc/{pid}/fd").iterdir() if path.is_file()]
        held = traces([*files_below(world.home), *opened], named)
        process.stdin.close()
        more = await process.stdout.read()
        log = (await reading).decode()
        code = await process.wait()
        written = files_below(world.home)
        (draft,) = world.exits.world.books.drafts.values()
        fresh = [path for path in map(Path, shared_files() - before) if path.is_file() and not path.is_symlink()]
        return Left(
            said,
            world.scenario,
            world.drafts(),
            dict(draft.values),
            draft.photo_bytes,
            [paper.pdf for paper in world.printer.papers],
            written,
            held,
            traces(written, named),
            traces(fresh, named, documents=False),
            log + more.decode(),
            code,
        )


def the_visit_was_a_whole_one(left: Left) -> None:
    """Photo, draft and paper were there; what is looked for below was at hand."""
    assert left.said["outcome"] == "printed"
    assert left.drafts == {"open": 1}
    assert left.photo_bytes > 1000
    assert left.draft_values["surname_py"] == PINYIN[0]
    assert left.draft_values["id_no"] == left.scenario.person.number
    (paper,) = left.papers
    assert paper.startswith(DOCUMENT)
    assert left.exit == 0
    assert "session_ended" in left.log
    assert "form_printed" in left.log
    assert any(file.name == "ledger.db" for file in left.written)


def no_file_names_them(left: Left) -> None:
    assert left.while_it_runs == []
    assert left.afterwards == []


def no_file_elsewhere_names_them(left: Left) -> None:
    assert left.elsewhere == []


def only_the_ledger_and_the_caches_of_fonts_were_written(left: Left) -> None:
    names = {file.name for file in left.written if "fontconfig" not in file.parts}
    assert {name for name in names if not name.startswith("ledger.")} == set()


def the_log_names_nobody(left: Left) -> None:
    person = left.scenario.person
    masked = {"masked name": f"{person.name[0]}*", "masked number": f"{person.number[:4]}*"}
    for what, secret in {**needles(left.scenario), **masked}.items():
        assert secret not in left.log, what
    assert not [mark for mark in DOCUMENT if mark in left.log.encode()]
    assert "JFIF" not in left.log


def no_object_is_alive(left: Left) -> None:
    assert left.said["objects"] == []


def no_document_is_in_memory(left: Left) -> None:
    assert left.said["documents"] == []


async def test_nothing_of_an_applicant_is_left(tmp_path: Path) -> None:
    """One visit for all the looks: a process with a window takes its time to start."""
    left = await visit(tmp_path)
    the_visit_was_a_whole_one(left)
    no_file_names_them(left)
    no_file_elsewhere_names_them(left)
    only_the_ledger_and_the_caches_of_fonts_were_written(left)
    the_log_names_nobody(left)
    no_object_is_alive(left)
    no_document_is_in_memory(left)


def test_the_measures_measure(tmp_path: Path) -> None:
    """Each of the looks above finds what it looks for."""
    _, scenario = applicant(tmp_path)
    named = needles(scenario)
    assert {"name", "number", "address", "phone", "emer_name", "emer_phone", "surname in letters"} <= set(named)
    folder = tmp_path / "left"
    (folder / "inner").mkdir(parents=True)
    for name, content in {
        "gbk": NAME.encode("gbk"),
        "json": json.dumps({"name": NAME}).encode(),
        "inner/wide": f"x{scenario.person.number}".encode("utf-16-le"),
        "photo": b"head\xff\xd8\xff\xe0\x00\x10JFIF",
        "spool": b"%PDF-1.4\n",
        scenario.form.answers["phone"] if scenario.form else "": b"its name is enough",
    }.items():
        (folder / name).write_bytes(content)
    assert {found.partition(":")[0] for found in traces(files_below(folder), named)} == {
        str(path) for path in files_below(folder)
    }
