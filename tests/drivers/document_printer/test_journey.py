"""The whole visit of an applicant against a real cupsd: the form comes out, and nothing of it stays at the print service."""

from __future__ import annotations

import asyncio
import copy
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from config.scenarios import Scenario, load_scenario
from kiosk.ports.clock import SystemClock
from kiosk.screens import common, form
from tests.drivers.document_printer.spooler import MISSING, Spooler
from tests.journeys.stage import Stage, staged
from tests.privacy.person import applicant, files_below, needles, traces

pytestmark = [
    pytest.mark.skipif(bool(MISSING), reason=MISSING),
    pytest.mark.xdist_group("cupsd"),
    pytest.mark.usefixtures("qapp"),
]


def printing_on(spooler: Spooler, scenario: Scenario | str, **options: object) -> Scenario:
    """The scenario in a hall whose A4 printer is a queue of this cupsd."""
    if isinstance(scenario, str):
        scenario = load_scenario(scenario, SystemClock().now().date())
    other = copy.copy(scenario)
    url = spooler.url(**{"poll": 0.05, "trouble": 20, **options})
    object.__setattr__(other, "settings", {**scenario.settings, "devices.document_printer": url})
    return other


def printing(stage: Stage) -> list[tuple[tuple[str, ...], str]]:
    """What the page said while it printed: the state of each phase, and the sentence below."""
    pages = [page for page in stage.desk.of(common.Working) if "打印" in page.title]
    return [(tuple(phase.state for phase in page.phases), page.note) for page in pages]


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(15):
        while not true():
            await asyncio.sleep(0.02)


def left_at(spooler: Spooler, scenario: Scenario) -> list[str]:
    """In all that cupsd wrote: spool, list of jobs, cache and logs. What came out of the printer is the citizen's."""
    files = [file for file in files_below(spooler.folder) if spooler.papers not in file.parents]
    assert spooler.folder / "access_log" in files
    return traces(files, needles(scenario))


async def test_form_comes_out_and_nothing_stays(spooler: Spooler, tmp_path: Path) -> None:
    _, person = applicant(tmp_path)
    async with staged(tmp_path / "var", printing_on(spooler, person)) as stage:
        assert (await stage.visit()).outcome == "printed"
        (paper,) = spooler.papers.glob("*.pdf")
        assert spooler.documents() == []
        assert await spooler.titles() == []
        assert left_at(spooler, person) == []
        states = [states for states, _ in printing(stage)]
        assert states[0] == ("doing", "todo")
        assert ("done", "doing") in states
        assert states[-1] == ("done", "done")
        sheet = stage.desk.of(form.PreviewForm)[-1].sheets[0]
    if (pdftotext := shutil.which("pdftotext")) is not None:
        text = subprocess.run([pdftotext, "-raw", str(paper), "-"], capture_output=True, check=True, text=True).stdout
        bare = "".join(text.split())
        shown = [sheet.values[key] for key in ("phone", "emer_name", "emer_phone", "surname_py", "given_py")]
        assert all("".join(value.split()) in bare for value in (*shown, person.person.number))
    assert paper.read_bytes().count(b"/Subtype /Image") >= 1, "with the photo"


async def test_paper_that_is_put_in_meanwhile(spooler: Spooler, tmp_path: Path) -> None:
    spooler.mode("empty")
    async with staged(tmp_path, printing_on(spooler, "form_first_passport")) as stage:
        visit = asyncio.ensure_future(stage.visit())
        await until(lambda: hasattr(stage, "desk") and any("缺纸" in note for _, note in printing(stage)))
        spooler.mode("print")
        assert (await visit).outcome == "printed"
        assert printing(stage)[-1][0] == ("done", "done")
        assert not stage.desk.words().count("没有打出来")
    assert len(list(spooler.papers.glob("*.pdf"))) == 1


async def test_paper_that_nobody_puts_in(spooler: Spooler, tmp_path: Path) -> None:
    """The citizen is told why, and the form does not come out when the paper is put in after they have gone."""
    spooler.mode("empty")
    scenario = printing_on(spooler, "form_print_unknown", trouble=0.7)
    async with staged(tmp_path, scenario) as stage:
        assert (await stage.visit()).outcome == "not_printed"
        assert (
            stage.desk.words().count("打印机的纸或墨粉用完了。") == 2
        )  # with the question, and with what can be done now
        assert any("缺纸" in note for _, note in printing(stage))
        assert printing(stage)[-1][0] == ("done", "unknown")
        assert stage.exits.counts()["drafts"] == {"withdrawn": 1}
        assert await spooler.titles() == []
        spooler.mode("print")
        assert spooler.documents() == []
        assert left_at(spooler, scenario) == []
    assert list(spooler.papers.glob("*.pdf")) == []


async def test_queue_that_staff_have_stopped(spooler: Spooler, tmp_path: Path) -> None:
    await spooler.admin("cupsdisable", "a4")
    async with staged(tmp_path, printing_on(spooler, "form_paper_out")) as stage:
        assert (await stage.visit()).outcome == "not_printed"
        assert "打印机暂时停用。您填的内容都还在。" in stage.desk.words()
        assert printing(stage)[-1][0] == ("done", "failed")
        assert stage.exits.counts()["drafts"] == {"withdrawn": 1}
    assert spooler.documents() == []


async def test_shutdown_while_it_prints(spooler: Spooler, tmp_path: Path) -> None:
    spooler.mode("hang")
    scenario = printing_on(spooler, "form_first_passport")
    async with staged(tmp_path, scenario) as stage:
        visit = asyncio.ensure_future(stage.visit())
        await until(lambda: bool(spooler.documents()))
        visit.cancel()
        with pytest.raises(asyncio.CancelledError):
            await visit
        assert stage.exits.counts()["drafts"] == {"withdrawn": 1}
    assert spooler.documents() == []
    assert await spooler.titles() == []
    assert left_at(spooler, scenario) == []
    assert list(spooler.papers.glob("*.pdf")) == []
