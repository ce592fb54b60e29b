"""kill -9 on the pages of the application form's journey, in a real process; the platform and the printer live on outside.

Afterwards nothing on the disk names the citizen, no form of theirs comes out any more, at most one draft lies at the platform (which
forgets it by itself), and the machine serves the next citizen.
"""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.crash.form_visit import POINTS
from tests.crash.form_world import FormWorld, form_world, until
from tests.drivers.document_printer.spooler import MISSING, Spooler

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
DRAFTS = {"card": 0, "asked": 0, "photo": 0, "sent": 1, "painting": 1, "at_printer": 1, "printed": 1}
"""How many lie at the platform after the kill; where it came while sending, one or none."""
OFTEN = ("at_printer",) if MISSING else ()
"""In every test run, where the test with the real spooler cannot be; the others are make chaos."""


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[FormWorld]:
    async with form_world(tmp_path) as made:
        yield made


@pytest.mark.parametrize(
    "at", [pytest.param(at, marks=() if at in OFTEN else pytest.mark.chaos, id=at) for at in POINTS]
)
async def test_kill(world: FormWorld, at: str) -> None:
    visit = asyncio.ensure_future(world.visit(at))
    if at == "at_printer":
        world.printer.control({"do": "fault", "id": "A4.STUCK", "count": None})
        await until(lambda: bool(world.printer.state()["printing"]))
        assert len(world.processes()) >= 2, "the kiosk, and the camera's own"
        world.kill()
    elif at == "sending":
        world.exits.control({"do": "fault", "id": "submit_draft.delay", "seconds": 1})
    assert (await visit)["exit"] == -signal.SIGKILL
    await until(lambda: world.processes() == [])
    assert world.left() == []
    assert set(world.drafts()) <= {"open"}
    drafts = world.drafts().get("open", 0)
    assert drafts == DRAFTS.get(at, drafts)
    assert drafts <= 1
    world.printer.control({"do": "take"})
    visit = asyncio.ensure_future(world.visit())
    if at == "at_printer":
        await until(
            lambda: not world.printer.state()["waiting"]
        )  # taken off at the start, while the printer stands still
        world.printer.control({"do": "clear"})
    answer = await visit
    assert (answer["exit"], json.loads(answer["said"])["outcome"]) == (0, "printed")
    assert len(world.printer.papers) == 1, "the next citizen's, and none of the one before"
    assert world.printer.state()["waiting"] == 0
    assert world.drafts()["open"] == drafts + 1
    assert world.left() == []


@pytest.mark.skipif(bool(MISSING), reason=MISSING)
@pytest.mark.xdist_group("cupsd")
async def test_kill_with_the_form_in_the_spool(spooler: Spooler, tmp_path: Path) -> None:
    """Between Send-Document and the end of the job; the next start takes it off and out of the spool."""
    url = spooler.url(poll=0.05, trouble=20)
    async with form_world(tmp_path, url, photo="later") as world:
        spooler.mode("hang")
        visit = asyncio.ensure_future(world.visit())
        await until(lambda: bool(spooler.documents()))
        world.kill()
        assert (await visit)["exit"] == -signal.SIGKILL
        assert world.left() == []
        assert len(spooler.documents()) == 1
        visit = asyncio.ensure_future(world.visit())
        await until(lambda: spooler.documents() == [])
        spooler.mode("print")
        assert json.loads((await visit)["said"])["outcome"] == "printed"
        assert len(list(spooler.papers.glob("*.pdf"))) == 1
        assert spooler.documents() == []
        assert await spooler.titles() == []
        assert world.left() == []
