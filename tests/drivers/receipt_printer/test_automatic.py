"""Automatic status (GS a): a change is told at once, on every line; torn, mixed and stray bytes fool nobody; polling stays the fallback."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from itertools import product

import pytest

from drivers.receipt_printer.answers import Answer, AnswerParser, Kind
from drivers.receipt_printer.printer import EscposPrinter
from drivers.receipt_printer.simulator import EscposSimulator
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.domain.slip import Text
from kiosk.ports.devices import DeviceStatus, Link, PrintEnd
from tests.drivers.receipt_printer.slips import decision, slip
from tests.drivers.receipt_printer.test_printer import printer

FRAME = b"\x18\x00\x0c\x00"
NEVER = {"poll": 60.0, "job": 60.0}


@pytest.fixture(params=["memory", "tcp", "pty"])
def line(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.005)


def told_by(device: EscposPrinter) -> list[DeviceStatus]:
    told: list[DeviceStatus] = []
    device.listen(lambda: told.append(device.status()))
    return told


# -- on the line -------------------------------------------------------------------------------------------------------


async def test_changes_are_told_without_being_asked_for(line: str) -> None:
    simulator = EscposSimulator()
    async with printer(line, simulator) as device:
        assert device.capabilities["automatic_status"] is True
        told = told_by(device)
        for command, part, value in (
            ({"do": "paper", "state": "low"}, "paper", "low"),
            ({"do": "cover", "open": True}, "cover", "open"),
            ({"do": "cover", "open": False}, "cover", "closed"),
            ({"do": "paper", "state": "out"}, "paper", "out"),
            ({"do": "refill"}, "paper", "full"),
            ({"do": "fault", "id": "PRN.HOT"}, "head", "hot"),
            ({"do": "clear"}, "head", "ok"),
        ):
            simulator.control(command)
            await until(lambda part=part, value=value: told and told[-1].parts[part] == value)  # type: ignore[misc]
        assert device.status().link is Link.READY
        assert device.counters().get("losses", 0) == 0


async def test_they_are_told_after_a_slip_and_over_a_new_connection(line: str) -> None:
    """Each slip begins with ESC @, which switches automatic status off; a new connection begins without it."""
    simulator = EscposSimulator()
    async with printer(line, simulator) as device:
        assert (await device.print_slip(slip(Text("甲")), "a")).end is PrintEnd.DONE
        simulator.control({"do": "paper", "state": "low"})
        await until(lambda: device.status().parts["paper"] == "low")
        simulator.control({"do": "refill"})
        await until(lambda: device.status().parts["paper"] == "full")
        simulator.control({"do": "unplug"})
        simulator.control({"do": "plug"})
        async with asyncio.timeout(10):
            while (await device.check()).link is not Link.READY:
                with suppress(DeviceError):  # one that is known to be away is opened by whoever watches over it
                    await device.open()
                await asyncio.sleep(0.02)
        simulator.control({"do": "cover", "open": True})
        await until(lambda: device.status().parts["cover"] == "open")


async def test_a_model_that_never_tells_is_asked_as_before(line: str) -> None:
    simulator = EscposSimulator()
    simulator.control({"do": "fault", "id": "PRN.NO_ASB", "count": None})
    async with printer(line, simulator) as device:
        assert device.capabilities["automatic_status"] is False
        simulator.control({"do": "paper", "state": "low"})
        assert (await device.check()).parts["paper"] == "low"
        assert (await device.print_slip(slip(Text("甲")), "a")).end is PrintEnd.DONE
        assert simulator.papers[0].text == "甲"


@pytest.mark.parametrize("status", ["esc_v", "none"])
async def test_it_is_not_switched_on_where_the_line_cannot_tell(status: str) -> None:
    simulator = EscposSimulator()
    if status == "esc_v":
        simulator.control({"do": "fault", "id": "PRN.ESC_V", "count": None})
    async with printer("memory", simulator, status=status) as device:
        assert device.capabilities["automatic_status"] is False
        await device.print_slip(slip(Text("甲")), "a")
        assert not simulator._asb


async def test_paper_that_ends_in_a_job_is_noticed_before_the_next_look(line: str) -> None:
    simulator = EscposSimulator()
    async with printer(line, simulator, **NEVER) as device:
        simulator.control({"do": "paper_out_after", "lines": 10})
        async with asyncio.timeout(20):
            outcome = await device.print_slip(decision(), "a")
        assert (outcome.end, outcome.kind) == (PrintEnd.UNCERTAIN, ErrorKind.SUPPLY_OUT)


async def test_a_status_torn_by_an_answer(line: str) -> None:
    simulator = EscposSimulator()
    async with printer(line, simulator) as device:
        simulator.control({"do": "fault", "id": "PRN.TORN_ASB"})
        simulator.control({"do": "paper", "state": "low"})
        assert (await device.check()).parts["paper"] == "low"
        assert (await device.check()).parts == {"paper": "low", "cover": "closed", "cutter": "ok", "head": "ok"}
        simulator.control({"do": "refill"})
        await until(lambda: device.status().parts["paper"] == "full")


async def test_half_a_status_does_not_end_a_job() -> None:
    """The bytes of an automatic status look like the answer that tells of a job's end."""
    simulator = EscposSimulator()
    async with printer("memory", simulator, poll=0.1, job=20) as device:
        simulator.control({"do": "fault", "id": "PRN.SLOW", "delay": 0.02})
        job = asyncio.create_task(device.print_slip(decision(), "a"))
        await until(lambda: simulator.state()["hanging_mm"] > 5)
        simulator.control({"do": "fault", "id": "PRN.TORN_ASB"})
        simulator.control({"do": "paper", "state": "low"})
        outcome = await job
        assert outcome.end is PrintEnd.DONE
        assert len(simulator.papers) == 1, "done is said when the slip is out, and not before"


@pytest.mark.parametrize("stray", [b"\xff\x80", b"\x18", b"\x03\x00", b"\x0c", b"\x37\x41", b"\x13\x11", b"\x00" * 40])
async def test_stray_bytes_between_citizens_change_nothing(line: str, stray: bytes) -> None:
    simulator = EscposSimulator()
    async with printer(line, simulator) as device:
        told = told_by(device)
        simulator._answer(stray)
        await asyncio.sleep(0.05)
        assert {status.parts["paper"] for status in told} <= {"full"}
        assert (await device.check()).link is Link.READY
        assert (await device.print_slip(slip(Text("甲")), "a")).end is PrintEnd.DONE
        simulator.control({"do": "cover", "open": True})
        async with asyncio.timeout(10):
            while device.status().parts["cover"] != "open":
                await device.check()  # a stray head may have taken the first change with it: the next look finds it
                await asyncio.sleep(0.01)


async def test_an_old_status_that_is_no_longer_true(line: str) -> None:
    """What is told only leads to a question; what is true is what is answered."""
    simulator = EscposSimulator()
    async with printer(line, simulator) as device:
        asked = device.counters()["commands"]
        simulator._answer(FRAME)
        await until(lambda: device.counters()["commands"] >= asked + 4)
        assert (await device.check()).link is Link.READY


async def test_nobody_listens_after_the_end() -> None:
    simulator = EscposSimulator()
    async with printer("memory", simulator) as device:
        await device.close()
        simulator.control({"do": "paper", "state": "low"})
        await asyncio.sleep(0.02)
        assert device.status().link is Link.CLOSED
    assert not [task for task in asyncio.all_tasks() if "receipt-printer" in task.get_name()]


# -- byte by byte ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("between", [b"\x12", b"\x1e", b"\x7e", b"\x13", b"\x11", b"\x12\x16\x12", b"\x13\x12\x11"])
def test_whatever_stands_between_its_bytes(between: bytes) -> None:
    expected = [Answer(Kind.REALTIME, bytes([byte])) for byte in between if byte not in (0x11, 0x13)]
    for at in range(1, len(FRAME)):
        answers = AnswerParser().feed(FRAME[:at] + between + FRAME[at:])
        assert [answer for answer in answers if answer.kind is Kind.ASB] == [Answer(Kind.ASB, FRAME)]
        assert [answer for answer in answers if answer.kind is not Kind.ASB] == expected


def test_however_it_is_cut_and_asked_in_between() -> None:
    for cuts in product((False, True), repeat=3):
        parser, answers = AnswerParser(), list[Answer]()
        for byte, cut in zip(FRAME, (*cuts, False), strict=True):
            answers += parser.feed(bytes([byte]))
            if cut:
                parser.reset()  # a new question belongs to nothing that has begun
        assert answers == [Answer(Kind.ASB, FRAME)]


def test_the_rest_is_not_waited_for_for_ever() -> None:
    now = [0.0]
    parser = AnswerParser(lambda: now[0])
    assert parser.feed(FRAME[:1]) == []
    now[0] = 0.9
    assert parser.feed(b"\x00") == []
    now[0] = 1.1
    assert parser.feed(b"\x00") == [Answer(Kind.QUEUED, b"\x00")]
    assert parser.feed(FRAME[:1]) == []
    parser.give_up()
    assert parser.feed(b"\x00") == [Answer(Kind.QUEUED, b"\x00")]


def test_two_of_them_and_one_that_lost_its_rest() -> None:
    assert AnswerParser().feed(FRAME + b"\x10\x00\x00\x00") == [
        Answer(Kind.ASB, FRAME),
        Answer(Kind.ASB, b"\x10\x00\x00\x00"),
    ]
    assert AnswerParser().feed(FRAME[:2] + FRAME) == [Answer(Kind.ASB, FRAME)]
