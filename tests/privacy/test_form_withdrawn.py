"""A visit that ends without a printed form leaves no draft at the platform, whatever is slow or down at that moment."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.cabinet import card_of
from kiosk.journeys.form import submit
from kiosk.screens import common, form
from kiosk.screens.base import Back
from kiosk.screens.robot import WAIT
from tests.journeys.stage import Stage, TwoCards, staged
from tests.privacy.person import applicant

pytestmark = pytest.mark.usefixtures("qapp")


def drafts(stage: Stage) -> dict[str, int]:
    return dict(stage.exits.counts()["drafts"])


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(15):
        while not true():
            await asyncio.sleep(0.02)


def impatient(stage: Stage) -> None:
    """One second of warning before an idle session ends; a hall may not set it so short."""
    settings = stage.machine.settings
    session = settings.session.model_copy(update={"warn_s": 1})
    stage.machine = replace(stage.machine, settings=settings.model_copy(update={"session": session}))


async def test_platform_that_is_silent_at_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next citizen waits a few seconds, sees why, and is served; the draft expires at the platform."""
    assert submit.WITHDRAW_S <= 5
    monkeypatch.setattr(submit, "WITHDRAW_S", 0.4)
    async with staged(tmp_path, "form_leaves_preview") as stage:
        stage.exits.control({"do": "fault", "id": "withdraw_draft.silence", "count": None})
        async with asyncio.timeout(20):
            assert (await stage.visit()).outcome == "cancelled:exit"
        assert [page.title for page in stage.desk.of(common.Working)][-1] == "请稍等"
        assert stage.desk.wiped >= 2, "also what was shown meanwhile is gone"
        assert drafts(stage) == {"open": 1}
        stage.exits.control({"do": "clear"})
        _, next_one = applicant(tmp_path, photo="later")
        stage.machine.virtual["id_card"].persons["form_private"] = card_of(next_one)  # type: ignore[attr-defined]
        assert (await stage.visit(scenario=next_one)).outcome == "printed"
        assert drafts(stage) == {"open": 2}


@pytest.mark.parametrize(
    "kind",
    [
        "drop_after",
        *(pytest.param(kind, marks=pytest.mark.chaos) for kind in ("error_503", "drop_before", "html_200", "garbage")),
    ],
)
async def test_platform_that_is_down_at_the_end(kind: str, tmp_path: Path) -> None:
    async with staged(tmp_path, "form_leaves_preview") as stage:
        stage.exits.control({"do": "fault", "id": f"withdraw_draft.{kind}", "count": None})
        assert (await stage.visit()).outcome == "cancelled:exit"
        assert sum(drafts(stage).values()) == 1


async def test_sending_that_arrives_after_the_withdrawal(tmp_path: Path) -> None:
    """The machine is switched off while the draft is on the wire: what comes late does not bring it back."""
    async with staged(tmp_path, "form_first_passport") as stage:
        stage.exits.control({"do": "fault", "id": "submit_draft.late", "seconds": 0.6})
        visit = asyncio.ensure_future(stage.visit())
        await until(
            lambda: hasattr(stage, "desk") and "正在准备申请表" in {p.title for p in stage.desk.of(common.Working)}
        )
        visit.cancel()
        with pytest.raises(asyncio.CancelledError):
            await visit
        assert drafts(stage) == {"withdrawn": 1}
        (draft,) = stage.exits.world.books.drafts.values()
        assert (draft.values, draft.photo_bytes) == ({}, 0)
        await asyncio.sleep(0.8)  # the late one has come and was refused
        assert drafts(stage) == {"withdrawn": 1}
        assert stage.exits.world.books.drafts[draft.key].values == {}


async def test_citizen_who_walks_away_from_the_preview(tmp_path: Path) -> None:
    async with staged(tmp_path, "form_first_passport", idle_s=0.3) as stage:
        impatient(stage)
        ended = await stage.visit({form.PreviewForm: [lambda _: WAIT]})
        assert ended.outcome == "cancelled:idle"
        assert 1 in stage.desk.warnings
        assert drafts(stage) == {"withdrawn": 1}
        assert stage.documents.papers == []


@pytest.mark.chaos
async def test_citizen_who_walks_away_from_the_printed_form(tmp_path: Path) -> None:
    """The paper lies there; whoever hands it in needs the draft."""
    async with staged(tmp_path, "form_first_passport", idle_s=0.3) as stage:
        impatient(stage)
        assert (await stage.visit({common.Message: [lambda _: WAIT]})).outcome == "cancelled:idle"
        assert drafts(stage) == {"open": 1}
        assert len(stage.documents.papers) == 1


async def test_another_card_after_the_first_draft(tmp_path: Path) -> None:
    """Back to the card reader from the preview, and somebody else's card: the first one's draft does not stay."""
    _, other = applicant(tmp_path, photo="later")
    async with staged(tmp_path / "var", "form_first_passport") as stage:
        cards = TwoCards(stage, other)

        def goes_back_with_another(_: object) -> str:
            cards.swap()
            return "change"

        ended = await stage.visit(
            {
                form.PreviewForm: [goes_back_with_another],
                form.ReviewForm: ["next", Back()],
                form.ChoosePhotoWay: ["later", Back()],
                form.FormSections: ["next", Back()],
                common.PlaceIdCard: [cards.place] * 30,
            }
        )
        assert ended.outcome == "printed"
        found = stage.exits.world.books.drafts.values()
        assert sorted(draft.state for draft in found) == ["open", "withdrawn"]
        kept = next(draft for draft in found if draft.state == "open")
        assert kept.values["id_no"] == other.person.number


async def test_simulated_printer_keeps_nothing_for_the_next_citizen(tmp_path: Path) -> None:
    async with staged(tmp_path, "form_first_passport") as stage:
        await stage.visit()
        (paper,) = stage.documents.control({"do": "papers"})["papers"]
        assert base64.b64decode(paper["pdf_base64"]).startswith(b"%PDF-")
        await stage.visit()
        assert len(stage.documents.papers) == 1, "the one before was taken along"


async def test_simulated_printer_forgets_by_itself(tmp_path: Path) -> None:
    async with staged(tmp_path, "form_first_passport") as stage:
        stage.documents._keep_s = 0.2
        await stage.visit()
        await until(lambda: stage.documents.papers == [])
        assert all(job.pdf == b"" for job in stage.documents._jobs.values())
