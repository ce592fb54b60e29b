"""Two taps where one was meant, on every page: one decision, one payment, one set of papers."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from kiosk.app import serve_citizens
from kiosk.journeys.lobby import Ended, Service
from kiosk.journeys.services import SERVICES, run_form, run_violation
from kiosk.ledger.states import Kind
from kiosk.rehearsal import Citizen, Rehearsal
from kiosk.screens import common, form, pay
from kiosk.screens.base import Back, Cancelled, Screen
from kiosk.screens.robot import WAIT, RobotPage
from tests.hostile.hall import hall, plain
from tests.journeys.stage import staged


class Twice(RobotPage):
    """Gives each answer a second time at once, as a queue of taps does."""

    _again: Any = WAIT

    async def answer(self) -> Any:
        if self._again is not WAIT:
            again, self._again = self._again, WAIT
            return again
        self._again = await super().answer()
        return self._again


class Nervous(Rehearsal):
    def open(self, screen: Screen[Any]) -> RobotPage:
        super().open(screen)
        return Twice(self, screen)


async def test_every_answer_twice(tmp_path: Path) -> None:
    async with hall(tmp_path) as place:
        citizen = Citizen(place.people[0], place.machine.virtual)
        citizen.arrive()
        async with asyncio.timeout(10):
            ended = await run_violation(place.machine.kit(Nervous(citizen)))
        assert ended.outcome == "paid"
        store = place.machine.books.store
        for kind, count in ((Kind.ORDER, 1), (Kind.DECISION, 1), (Kind.PAYMENT, 1), (Kind.POSTING, 1), (Kind.PRINT, 2)):
            assert len(await store.find(kind)) == count
        await place.in_order()
        citizen.leave()
        await place.served()


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("name", ["form_changes_mind", "form_ambiguous_surname"])
async def test_every_answer_twice_on_a_form(tmp_path: Path, name: str) -> None:
    """One draft and one paper, and what the last question said stands."""
    async with staged(tmp_path, name) as stage:
        citizen = Citizen(stage.scenario, stage.machine.virtual)
        citizen.arrive()
        desk = Nervous(citizen)
        async with asyncio.timeout(30):
            ended = await run_form(stage.machine.kit(desk))
        assert ended.outcome == "printed"
        assert len(stage.documents.papers) == 1
        assert sum(stage.exits.counts()["drafts"].values()) == 1
        wants = stage.scenario.form
        assert wants is not None
        shown = [screen for screen in desk.shown if isinstance(screen, form.PreviewForm)][-1]
        assert shown.sheets[0].values["phone"] == {**wants.answers, **wants.changes.get("phone", {})}["phone"]


@pytest.mark.parametrize("wish", ["cancel", "paid_no_reaction", "renew"])
async def test_the_payment_page_is_tapped_again_and_again(tmp_path: Path, wish: str) -> None:
    async with hall(tmp_path) as place:
        place.tell("wallet", do="script", preset="pays_at_close")
        citizen = Citizen(place.people[0], place.machine.virtual)
        citizen.replies[pay.PayByQr] = lambda _: wish
        visit = await place.visit(citizen=citizen)
        assert visit.ended.outcome == "paid", "the money came in the moment of closing"
        assert len(await place.machine.books.store.find(Kind.PAYMENT)) == 1
        await place.in_order()


async def test_back_and_exit_behind_the_barrier_are_swallowed(tmp_path: Path) -> None:
    """A desk that lets a late Back or Cancelled through all the same must not undo a decision or lose a payment."""
    async with hall(tmp_path) as place:
        for raised in (Back, Cancelled):
            citizen = Citizen(place.people[0 if raised is Back else 1], place.machine.virtual)

            def leave(_: Any, raised: type[Exception] = raised) -> Any:
                raise raised

            citizen.replies[pay.PayByQr] = leave
            visit = await place.visit(citizen=citizen)
            assert visit.ended.outcome == "paid"
            await place.in_order()


async def test_a_bug_ends_one_session_with_a_sentence(tmp_path: Path) -> None:
    """Whatever breaks inside a session: a sentence, a log entry without its message, and the home screen again."""
    async with hall(tmp_path) as place:
        served: list[Ended] = []
        runs: list[int] = []

        async def broken(kit: Any) -> Ended:
            runs.append(1)
            if len(runs) == 1:
                raise KeyError("谢演练 330203199001010003")
            return await run_violation(kit)

        services = {"violation": Service(SERVICES["violation"].card, broken, ())}
        citizen = Citizen(place.people[0], place.machine.virtual)
        citizen.replies[common.Home] = lambda _: WAIT if served else "violation"
        desk = Rehearsal(citizen)
        citizen.arrive()
        serving = asyncio.ensure_future(serve_citizens(place.machine, desk, services, served.append))
        async with asyncio.timeout(10):
            while not served:
                await asyncio.sleep(0.05)
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        assert served[0].outcome == "paid"
        apology = next(screen for screen in desk.shown if isinstance(screen, common.Message))
        assert plain(apology.title)
        assert plain(apology.body)
        assert "session_crashed" in place.events()
        await place.in_order()


async def test_a_session_that_ends_in_the_moment_of_a_touch(tmp_path: Path) -> None:
    """The end of a hold is a touch too: the guard must not swallow its own end (wait_for did, before Python 3.12)."""
    from kiosk.journeys.walker import IdleGuard, Step, walk
    from kiosk.screens.robot import RobotDesk

    async def broken(_: int, guard: IdleGuard) -> int:
        await asyncio.sleep(0.01)
        async with guard.hold():
            raise RuntimeError("inside the hold")

    for _ in range(20):
        desk = RobotDesk({})
        guard = IdleGuard(desk, 60.0, 5)
        async with asyncio.timeout(2):
            with pytest.raises(RuntimeError):
                await walk((Step("", broken),), 0, guard, desk, guard)


@pytest.mark.parametrize("turns", range(4))
async def test_cancelling_a_camera_in_the_moment_of_a_frame(turns: int) -> None:
    """A citizen who taps 人工核验 while a frame comes is heard."""
    from drivers.camera import connect

    camera = connect("sim:")

    async def watch() -> None:
        while True:
            await camera._next_news()

    waiting = asyncio.ensure_future(watch())
    await asyncio.sleep(0.01)
    camera._news.set()
    for _ in range(turns):
        await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait((waiting,), timeout=0.5)
    assert waiting.cancelled()
