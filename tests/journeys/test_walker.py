"""The walker: order, Back, barriers, idle guard, wipe."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

import pytest

from kiosk.journeys.walker import Ended, IdleGuard, Step, walk
from kiosk.screens.base import Back, Cancelled, Screen, ask
from kiosk.screens.robot import WAIT, RobotDesk


@dataclass(frozen=True)
class Ctx:
    log: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ask(Screen[str]):
    name: str


def step(name: str, **more: object) -> Step[Ctx, RobotDesk]:
    async def run(ctx: Ctx, desk: RobotDesk) -> Ctx:
        answer = await ask(desk, Ask(name))
        return replace(ctx, log=(*ctx.log, f"{name}:{answer}"))

    run.__name__ = name
    return Step(name, run, **more)  # type: ignore[arg-type]


def robot(answers: dict[str, list[object]]) -> RobotDesk:
    def reply(screen: Ask) -> object:
        answer = answers[screen.name].pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return RobotDesk({Ask: reply})


def guard(desk: RobotDesk, limit: float = 60.0, warning: int = 30) -> IdleGuard:
    return IdleGuard(desk, limit, warning)


async def test_steps_run_in_order_and_the_desk_is_wiped() -> None:
    desk = robot({"a": ["1"], "b": ["2"]})
    walked = await walk([step("a"), step("b")], Ctx(), desk, desk, guard(desk))
    assert (walked.outcome, walked.context.log) == ("completed", ("a:1", "b:2"))
    assert desk.wiped == 1
    assert desk.touch is None


async def test_back_runs_the_step_before_with_the_context_it_had() -> None:
    desk = robot({"a": ["1", "3"], "b": [Back(), "4"]})
    walked = await walk([step("a"), step("b")], Ctx(), desk, desk, guard(desk))
    assert walked.context.log == ("a:3", "b:4")


async def test_back_passes_over_a_step_that_was_left_out() -> None:
    desk = robot({"a": ["1", "3"], "c": [Back(), "4"]})
    steps = [step("a"), step("b", when=lambda _: False), step("c")]
    walked = await walk(steps, Ctx(), desk, desk, guard(desk))
    assert walked.context.log == ("a:3", "c:4")


async def test_behind_a_barrier_neither_back_nor_cancel_is_accepted() -> None:
    desk = robot({"pay": ["ok"], "print": [Back(), Cancelled(), "done"]})
    flags = []

    async def look(ctx: Ctx, desk: RobotDesk) -> Ctx:
        flags.append((desk.back, desk.cancel))
        page = desk.open(Ask("print"))
        for _ in range(2):  # two late taps: the robot's replies Back and Cancelled are swallowed
            waiting = asyncio.ensure_future(page.answer())
            await asyncio.sleep(0)
            assert not waiting.done()
            waiting.cancel()
        return replace(ctx, log=(*ctx.log, await page.answer()))

    walked = await walk([step("pay", barrier=True), Step("print", look)], Ctx(), desk, desk, guard(desk))
    assert flags == [(False, False)]
    assert walked.outcome == "completed"
    assert walked.context.log == ("pay:ok", "done")


async def test_cancel_ends_with_the_context_so_far() -> None:
    desk = robot({"a": ["1"], "b": [Cancelled("exit")]})
    walked = await walk([step("a"), step("b")], Ctx(), desk, desk, guard(desk))
    assert (walked.outcome, walked.context.log) == ("cancelled:exit", ("a:1",))


async def test_a_step_can_end_the_journey_with_its_own_word() -> None:
    async def refuse(ctx: Ctx, desk: RobotDesk) -> Ctx:
        raise Ended("refused:E02")

    desk = robot({"a": ["1"]})
    walked = await walk([step("a"), Step("b", refuse)], Ctx(), desk, desk, guard(desk))
    assert walked.outcome == "refused:E02"


async def test_a_bug_passes_through_after_the_wipe() -> None:
    async def bug(ctx: Ctx, desk: RobotDesk) -> Ctx:
        raise ZeroDivisionError

    desk = robot({})
    with pytest.raises(ZeroDivisionError):
        await walk([Step("b", bug)], Ctx(), desk, desk, guard(desk))
    assert desk.wiped == 1


async def test_nobody_there_is_warned_and_then_the_session_ends() -> None:
    desk = RobotDesk({Ask: lambda _: WAIT})
    walked = await walk([step("a")], Ctx(), desk, desk, guard(desk, limit=0.01, warning=1))
    assert walked.outcome == "cancelled:idle"
    assert desk.warnings[:1] == [1]
    assert desk.warnings[-1] is None
    assert desk.wiped == 1


async def test_a_touch_takes_the_warning_away() -> None:
    desk = RobotDesk({Ask: lambda _: WAIT})
    idle = guard(desk, limit=0.01, warning=1)
    running = asyncio.ensure_future(walk([step("a")], Ctx(), desk, desk, idle))
    while 1 not in desk.warnings:
        await asyncio.sleep(0)
    assert desk.touch is not None
    desk.touch()
    while desk.warnings[-1] is not None:
        await asyncio.sleep(0)
    assert not running.done()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert desk.wiped == 1


async def test_a_held_guard_never_ends_a_session() -> None:
    desk = RobotDesk({})
    idle = guard(desk, limit=0.001, warning=1)
    expired = asyncio.ensure_future(idle.expired())
    async with idle.hold():
        await asyncio.sleep(0.05)
        assert not expired.done()
        assert all(warning is None for warning in desk.warnings)
    await asyncio.wait_for(expired, 10)


async def test_progress_names_each_phase_once() -> None:
    seen = []

    class Watching(RobotDesk):
        def progress(self, progress: object) -> None:
            seen.append(progress)

    desk = Watching({Ask: lambda screen: "x"})
    await walk([step("a"), step("a"), step("b")], Ctx(), desk, desk, guard(desk))
    assert [p and (p.titles, p.current) for p in seen] == [(("a", "b"), 0), (("a", "b"), 0), (("a", "b"), 1), None]
