"""Signing on the pad beside the screen, without a window: the real driver over the simulated pad, and a robot before the page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest

from config.settings import load
from drivers.signature_pad import connect
from drivers.signature_pad.simulator import StuSimulator
from kiosk.cabinet import build_devices
from kiosk.care.socket import Socket
from kiosk.journeys.kit import Kit
from kiosk.journeys.violation.sign import LOST, Final, ask_to_sign
from kiosk.ports.clock import SystemClock
from kiosk.ports.controls import SignaturePad
from kiosk.ports.devices import Device, Link
from kiosk.screens.base import Back, Row
from kiosk.screens.robot import WAIT, RobotDesk
from kiosk.screens.violation import Defend, Pen, PenaltyNotice, Rewrite, Signed

NOTICE = PenaltyNotice(0, 1, "共 1 条", (Row("违法行为", "某行为"),), ("全文",), "没有异议。", sign=True)
SIGNED = Signed(b"png", ())


@dataclass
class Guard:
    touches: int = 0

    def touch(self) -> None:
        self.touches += 1


@dataclass
class Table:
    """A citizen at the page. `does` is asked at every look of it."""

    simulator: StuSimulator
    pad: SignaturePad
    guard: Guard = field(default_factory=Guard)
    does: Callable[[PenaltyNotice], Any] = field(default=lambda _: WAIT)

    def __post_init__(self) -> None:
        self.desk = RobotDesk({PenaltyNotice: lambda screen: self.does(screen)})
        self.desk.back = True

    async def sign(self, screen: PenaltyNotice = NOTICE) -> Final:
        settings = load(None, "ci")
        kit = SimpleNamespace(
            desk=self.desk, guard=self.guard, signature_pad=self.pad, settings=settings, clock=SystemClock()
        )
        async with asyncio.timeout(20):
            return (await ask_to_sign(cast(Kit, kit), screen)).answer

    def pens(self) -> list[Pen | None]:
        return [screen.pen for screen in (*self.desk.shown, *self.desk.updates) if isinstance(screen, PenaltyNotice)]


@pytest.fixture
async def table() -> AsyncIterator[Table]:
    simulator = StuSimulator()
    pad = connect("stu+sim:", simulator=simulator)
    await pad.open()
    yield Table(simulator, cast(SignaturePad, Socket(cast(Device, pad))))
    await pad.close()


def once(act: Callable[[], object]) -> Callable[[], None]:
    done: list[bool] = []

    def do() -> None:
        if not done:
            done.append(True)
            act()

    return do


async def test_what_is_written_is_shown_as_it_is_written(table: Table) -> None:
    strokes = iter([[[10, 10], [30, 12]], [[40, 10], [60, 12]], [[10, 30], [60, 32]]])
    shown: list[int] = []

    def does(screen: PenaltyNotice) -> Any:
        if screen.pen is None or not screen.pen.ready:
            return WAIT
        if len(screen.pen.strokes) not in shown:
            shown.append(len(screen.pen.strokes))
            if (points := next(strokes, None)) is not None:
                table.simulator.control({"do": "stroke", "points": points})
        return SIGNED if len(screen.pen.strokes) == 3 else WAIT

    table.does = does
    assert await table.sign() is SIGNED
    assert shown == [0, 1, 2, 3]
    assert table.desk.shown == [PenaltyNotice(**{**_fields(NOTICE), "pen": Pen()})], (
        "the page is there before the pad is"
    )
    last = table.pens()[-1]
    assert last is not None
    assert (last.width_mm, last.height_mm) == (96.0, 48.0)
    assert last.strokes[0][0] == pytest.approx((10, 10, 0), abs=0.02)
    assert table.guard.touches >= 3, "who writes is not idle"
    assert table.pad.ink() == (), "nothing stays in the pad"
    await until(lambda: not table.simulator.picture and not table.simulator.points)
    assert table.pad.counters()["reads"] == 1  # type: ignore[attr-defined]


async def test_written_again_after_the_pages_button(table: Table) -> None:
    seen: list[str] = []

    def does(screen: PenaltyNotice) -> Any:
        if screen.pen is None or not screen.pen.ready:
            return WAIT
        written = len(screen.pen.strokes)
        if written == 0:
            table.simulator.control({"do": "sign"})
        if written == 3 and "rewrite" not in seen:
            seen.append("rewrite")
            return Rewrite()
        return SIGNED if written == 3 and any(pen is not None and pen.ready for pen in table.pens()[-3:]) else WAIT

    table.does = does
    wiped = table.simulator.wiped
    assert await table.sign() is SIGNED
    assert seen == ["rewrite"]
    assert table.simulator.wiped >= wiped + 3


async def test_written_again_after_the_pads_own_key(table: Table) -> None:
    written: list[int] = []

    def does(screen: PenaltyNotice) -> Any:
        if screen.pen is None or not screen.pen.ready:
            return WAIT
        now = len(screen.pen.strokes)
        if not written or written[-1] != now:
            written.append(now)
            if now == 0:
                table.simulator.control({"do": "sign"})
            elif now == 3 and written.count(3) == 1:
                table.simulator.control({"do": "stroke", "points": [[48, 54]]})
        return SIGNED if written.count(3) == 2 else WAIT

    table.does = does
    assert await table.sign() is SIGNED
    assert [each for each in written if each in (0, 3)] == [0, 3, 0, 3]


async def test_pulled_out_in_mid_signature(table: Table) -> None:
    def does(screen: PenaltyNotice) -> Any:
        if screen.pen is not None:
            if screen.pen.ready and not screen.pen.strokes:
                table.simulator.control({"do": "down", "x": 10, "y": 10})
                table.simulator.control({"do": "move", "x": 30, "y": 12})
            elif screen.pen.strokes:
                table.simulator.control({"do": "unplug"})
            return WAIT
        return SIGNED

    table.does = does
    assert await table.sign() is SIGNED
    last = table.desk.updates[-1]
    assert isinstance(last, PenaltyNotice)
    assert (last.pen, last.trouble) == (None, LOST)
    assert table.pad.status().link is Link.OFFLINE


@pytest.mark.parametrize(
    "command",
    [
        {"do": "unplug"},
        {"do": "fault", "id": "STU.MUTE", "count": None},
        {"do": "fault", "id": "STU.NO_REPORT", "report": 0x20, "count": None},
    ],
)
async def test_a_pad_that_cannot_begin_is_not_mentioned(table: Table, command: dict[str, Any]) -> None:
    def does(screen: PenaltyNotice) -> Any:
        return SIGNED if screen.pen is None else WAIT

    table.does = does
    table.simulator.control(command)
    assert await table.sign() is SIGNED
    assert {screen.trouble for screen in (*table.desk.shown, *table.desk.updates)} == {""}  # type: ignore[attr-defined]


async def test_an_absent_pad_leaves_the_page_as_it_is_without_one(table: Table) -> None:
    await table.pad.close()
    table.does = lambda _: SIGNED
    assert await table.sign() is SIGNED
    assert table.desk.shown == [NOTICE]


async def test_a_notice_without_signature_does_not_touch_the_pad(table: Table) -> None:
    first = PenaltyNotice(**{**_fields(NOTICE), "sign": False})
    table.does = lambda _: Signed(b"", ())
    wiped = table.simulator.wiped
    await table.sign(first)
    assert table.desk.shown == [first]
    assert table.simulator.wiped == wiped


async def test_going_back_and_defending_wipe_the_pad(table: Table) -> None:
    for answer in (Back(), Defend()):

        def does(screen: PenaltyNotice, answer: Any = answer) -> Any:
            if screen.pen is None or not screen.pen.ready:
                return WAIT
            if len(screen.pen.strokes) < 3:
                once(lambda: table.simulator.control({"do": "sign"}))()
                return WAIT
            if isinstance(answer, Exception):
                raise answer
            return answer

        table.does = does
        if isinstance(answer, Exception):
            with pytest.raises(Back):
                await table.sign()
        else:
            assert isinstance(await table.sign(), Defend)
        assert table.pad.ink() == ()
        await until(lambda: not table.simulator.picture and not table.simulator.points)


async def test_signing_by_finger_before_the_pad_is_ready(table: Table) -> None:
    """The page may be answered while the pad is still getting ready; the next citizen finds it as new."""
    table.does = lambda screen: SIGNED
    assert await table.sign() is SIGNED
    await until(lambda: not table.simulator.picture)
    table.does = lambda screen: SIGNED if screen.pen is not None and screen.pen.ready else WAIT
    assert await table.sign() is SIGNED
    await until(lambda: not table.simulator.picture)
    assert table.pad.status().link is Link.READY


async def test_ended_by_the_clock_in_mid_signature(table: Table) -> None:
    def does(screen: PenaltyNotice) -> Any:
        if screen.pen is not None and screen.pen.ready and not screen.pen.strokes:
            table.simulator.control({"do": "sign"})
        return WAIT

    table.does = does
    visit = asyncio.ensure_future(table.sign())
    await until(lambda: bool(table.pad.ink()))
    visit.cancel()
    with pytest.raises(asyncio.CancelledError):
        await visit
    assert table.pad.ink() == ()
    await until(lambda: not table.simulator.picture)


def test_which_machines_have_one() -> None:
    base = load(profile="ci")

    def with_pad(url: str) -> Any:
        return build_devices(
            base.model_copy(update={"devices": base.devices.model_copy(update={"signature_pad": url})})
        )

    for url in ("", "touch:"):
        found = with_pad(url)
        assert found.signature_pad is None
        assert "signature_pad" not in found.by_name
    found = with_pad("stu+sim:")
    assert found.signature_pad is found.by_name["signature_pad"]
    assert "signature_pad" in found.virtual
    assert "signature_pad" in type(base.devices)(signature_pad="stu+sim:").simulated()
    with pytest.raises(ValueError, match="stu"):
        type(base.devices)(signature_pad="wacom:")


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.005)


def _fields(screen: PenaltyNotice) -> dict[str, Any]:
    return {name: getattr(screen, name) for name in PenaltyNotice.__dataclass_fields__}
