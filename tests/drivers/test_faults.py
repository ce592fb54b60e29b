"""The lives of faults: once, n times, for ever, after calls or bytes, by chance, for a time; and what is no life."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

import pytest

from config.scenario_faults import Life, read_life
from drivers.control import dispatch
from drivers.faults import LINE_FAULTS, FaultBook
from drivers.id_card.simulator import SamvSimulator
from drivers.permit_unit.simulator import PermitUnitSimulator
from drivers.receipt_printer.simulator import EscposSimulator
from drivers.simulator import Command, Reply, Simulator
from drivers.transport.base import ByteTransport, Wire
from drivers.transport.host import serve_pty, serve_tcp
from drivers.transport.memory import MemoryLine
from drivers.transport.url import open_transport
from kiosk.domain.errors import DeviceError


class Echo(Simulator):
    kind = "echo"
    fault_ids: ClassVar[Mapping[str, str]] = {
        "ECHO.DOWN": "does not answer, until cleared",
        "ECHO.LOUD": "answers `size` (2) times",
    }

    def control(self, command: Command) -> Reply:
        reply = self.control_common(command)
        if reply is None:
            raise ValueError("an echo knows no verbs")
        return reply

    def state(self) -> Reply:
        return {"faults": self.faults.as_reply()}

    async def serve(self, wire: Wire) -> None:
        while data := await wire.read():
            await wire.write(data)


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture
async def line(echo: Echo) -> AsyncIterator[MemoryLine]:
    made = MemoryLine(echo)
    await made.open()
    yield made
    await made.close()


def fault(echo: Simulator, fault_id: str, **life: Any) -> Reply:
    return echo.control({"do": "fault", "id": fault_id, **life})


def struck(echo: Simulator, fault_id: str, times: int) -> str:
    """x where it struck, . where it did not."""
    return "".join("x" if echo.faults.take(fault_id) else "." for _ in range(times))


@pytest.mark.parametrize(
    ("life", "expected"),
    [
        ({}, "x....."),
        ({"count": 2}, "xx...."),
        ({"count": None}, "xxxxxx"),
        ({"count": "always"}, "xxxxxx"),
        ({"after_calls": 3}, "...x.."),
        ({"after_calls": 2, "count": 2}, "..xx.."),
        ({"after_calls": 4, "count": None}, "....xx"),
        ({"probability": 1}, "xxxxxx"),
        ({"probability": 1.0, "count": 1}, "x....."),
    ],
)
def test_when_it_strikes(echo: Echo, life: dict[str, Any], expected: str) -> None:
    fault(echo, "LINE.MUTE", **life)
    assert struck(echo, "LINE.MUTE", 6) == expected


def test_chance_is_the_same_with_the_same_seed(echo: Echo) -> None:
    fault(echo, "LINE.MUTE", probability=0.3, seed=7)
    first = struck(echo, "LINE.MUTE", 400)
    fault(echo, "LINE.MUTE", probability=0.3, seed=7)
    assert struck(echo, "LINE.MUTE", 400) == first
    assert 80 < first.count("x") < 160
    fault(echo, "LINE.MUTE", probability=0.3, seed=8)
    assert struck(echo, "LINE.MUTE", 400) != first


def test_a_seed_that_was_not_told_is_told_by_state(echo: Echo) -> None:
    reply = fault(echo, "LINE.MUTE", probability=0.5)
    seed = reply["lives"]["LINE.MUTE"]["seed"]
    assert echo.control({"do": "state"})["lives"]["LINE.MUTE"] == {"count": None, "probability": 0.5, "seed": seed}
    first = struck(echo, "LINE.MUTE", 64)
    fault(echo, "LINE.MUTE", probability=0.5, seed=seed)
    assert struck(echo, "LINE.MUTE", 64) == first
    assert json.dumps(reply)


def test_chance_and_count(echo: Echo) -> None:
    fault(echo, "LINE.MUTE", probability=0.2, seed=1, count=3)
    assert struck(echo, "LINE.MUTE", 200).count("x") == 3
    assert echo.faults.as_reply() == {}


def test_looking_and_taking_are_one_chance(echo: Echo) -> None:
    """A device that looks whether its fault is on and then takes it throws the dice once."""
    fault(echo, "ECHO.DOWN", probability=0.5, seed=3)
    both = 0
    for _ in range(400):
        if echo.faults.active("ECHO.DOWN"):
            assert echo.faults.take("ECHO.DOWN")
            both += 1
    assert 150 < both < 250
    fault(echo, "ECHO.DOWN", after_calls=2)
    assert [bool(echo.faults.active("ECHO.DOWN")) for _ in range(4)] == [False, False, True, True]
    assert echo.faults.take("ECHO.DOWN")
    assert not echo.faults.active("ECHO.DOWN")


def test_peek_uses_nothing_up(echo: Echo) -> None:
    fault(echo, "LINE.MUTE", after_calls=1)
    assert all(echo.faults.peek("LINE.MUTE") for _ in range(5))
    assert struck(echo, "LINE.MUTE", 3) == ".x."
    assert echo.faults.peek("LINE.MUTE") is None


async def test_for_a_time(echo: Echo) -> None:
    heard: list[bool] = []
    echo.listen(lambda: heard.append(bool(echo.faults.peek("ECHO.DOWN"))))
    fault(echo, "ECHO.DOWN", seconds=0.05)
    waiting = asyncio.ensure_future(echo.faults.wait_cleared("ECHO.DOWN"))
    assert echo.faults.active("ECHO.DOWN")
    assert 0 < echo.control({"do": "state"})["lives"]["ECHO.DOWN"]["seconds_left"] <= 0.05
    async with asyncio.timeout(5):
        await waiting
    assert echo.faults.as_reply() == {}
    assert heard[-1] is False


async def test_time_begins_when_it_wakes_up(echo: Echo) -> None:
    fault(echo, "ECHO.DOWN", for_seconds=0.02, after_calls=1)
    await asyncio.sleep(0.05)
    assert echo.control({"do": "state"})["lives"]["ECHO.DOWN"]["seconds_left"] == 0.02
    assert not echo.faults.active("ECHO.DOWN")
    assert echo.faults.active("ECHO.DOWN")
    async with asyncio.timeout(5):
        await echo.faults.wait_cleared("ECHO.DOWN")


async def test_armed_anew_forgets_the_old_time(echo: Echo) -> None:
    fault(echo, "ECHO.DOWN", for_seconds=0.02)
    fault(echo, "ECHO.DOWN", count=None)
    await asyncio.sleep(0.05)
    assert echo.faults.active("ECHO.DOWN")


async def test_own_seconds_stay_a_measure(echo: Echo) -> None:
    fault(echo, "LINE.LATE", seconds=3, for_seconds=60)
    found = echo.faults.peek("LINE.LATE")
    assert found is not None
    assert found.number("seconds", 0) == 3
    assert echo.faults.lives()["LINE.LATE"]["seconds_left"] == 60


@pytest.mark.parametrize(
    "command",
    [
        {"id": "LINE.NONE"},
        {"id": "LINE.MUTE", "count": 0},
        {"id": "LINE.MUTE", "count": True},
        {"id": "LINE.MUTE", "count": 1.5},
        {"id": "LINE.MUTE", "count": "often"},
        {"id": "LINE.MUTE", "after_calls": -1},
        {"id": "LINE.MUTE", "after_calls": 1, "after_bytes": 1},
        {"id": "LINE.MUTE", "after_bytes": "120"},
        {"id": "LINE.MUTE", "probability": 0},
        {"id": "LINE.MUTE", "probability": 1.1},
        {"id": "LINE.MUTE", "probability": float("nan")},
        {"id": "LINE.MUTE", "seed": 7},
        {"id": "LINE.MUTE", "probability": 0.5, "seed": -1},
        {"id": "LINE.MUTE", "seconds": 0},
        {"id": "LINE.MUTE", "seconds": 1, "for_seconds": 1},
        {"id": "LINE.MUTE", "seconds": "long"},
        {"id": "LINE.MUTE", "cuont": 2},
        {"id": "LINE.TRUNCATE", "keep": "half"},
        {"id": "LINE.TRUNCATE", "keep": -1},
        {"id": "LINE.LATE", "seconds": [1]},
    ],
)
def test_what_makes_no_sense_is_told_in_one_sentence(echo: Echo, command: dict[str, Any]) -> None:
    answer = dispatch(echo, json.dumps({"do": "fault", **command}).encode())
    assert set(answer) == {"error"}
    assert answer["error"].count(". ") == 0
    assert echo.faults.as_reply() == {}


def test_a_life_is_read_and_the_rest_is_left() -> None:
    life, rest = read_life({"count": 2, "probability": 0.5, "seed": 3, "after_bytes": 9, "for_seconds": 1.5, "keep": 4})
    assert life == Life(2, 0, 9, 0.5, 3, 1.5)
    assert rest == {"keep": 4}


@pytest.mark.parametrize("simulator", [SamvSimulator, EscposSimulator, PermitUnitSimulator])
async def test_every_device_takes_every_life(simulator: type[Simulator]) -> None:
    device = simulator()
    for known in device.fault_ids:
        device.control(
            {"do": "fault", "id": known, "count": 2, "after_calls": 1, "probability": 0.5, "for_seconds": 30}
        )
        device.control({"do": "state"})
    device.control({"do": "clear"})
    assert device.faults.as_reply() == {}


# --- on the line ------------------------------------------------------------------------------------------------------


async def ask(line: ByteTransport, data: bytes) -> bytes:
    """What comes back, as far as it comes: the line may be cut."""
    found = b""
    with suppress(DeviceError):
        await line.write(data, 1)
        while len(found) < len(data):
            found += await line.read(len(data) - len(found), 1)
    return found


async def test_the_answer_that_passes_the_mark_is_struck(echo: Echo, line: MemoryLine) -> None:
    fault(echo, "LINE.FLIP", after_bytes=25)
    assert await ask(line, b"0123456789") == b"0123456789"  # 20 bytes: there and back
    assert await ask(line, b"0123456789") != b"0123456789"
    assert await ask(line, b"0123456789") == b"0123456789"


@pytest.mark.parametrize("after", [0, 3, 10, 14, 20, 37])
async def test_cut_exactly_behind_a_byte(echo: Echo, line: MemoryLine, after: int) -> None:
    """10 bytes go there, 10 come back, and so on; whichever way the byte goes."""
    fault(echo, "LINE.CUT", after_bytes=after)
    came = b""
    for _ in range(3):
        came += await ask(line, b"0123456789")
    rounds, rest = divmod(after, 20)
    assert came == b"0123456789" * rounds + b"0123456789"[: max(rest - 10, 0)]
    await line.close()
    await line.open()
    assert await ask(line, b"again") == b"again"


@pytest.mark.pty
async def test_unplugged_in_mid_answer_and_back_on_a_new_terminal(echo: Echo) -> None:
    async with serve_pty(echo) as path:
        line = open_transport(f"serial://{path}")
        await line.open()
        fault(echo, "LINE.UNPLUG", after_bytes=15, seconds=0.05)
        assert len(await ask(line, b"0123456789")) <= 5
        assert not echo.plugged
        await line.close()
        async with asyncio.timeout(5):
            while not Path(path).exists():
                await asyncio.sleep(0.01)
        assert echo.plugged
        await line.open()
        assert await ask(line, b"again") == b"again"
        await line.close()


async def test_unplugged_until_plugged(echo: Echo, line: MemoryLine) -> None:
    fault(echo, "LINE.UNPLUG", seconds=None)
    await ask(line, b"x")
    assert not echo.plugged
    echo.plug()
    await line.close()
    await line.open()
    assert await ask(line, b"again") == b"again"


@pytest.mark.pty
@pytest.mark.parametrize("where", ["memory", "tcp", "pty"])
async def test_a_loose_plug(echo: Echo, where: str) -> None:
    changes: list[bool] = []
    echo.listen(lambda: changes.append(echo.plugged))
    async with serve_tcp(echo) as port, serve_pty(echo) as path:
        url = {"memory": "sim:", "tcp": f"tcp://127.0.0.1:{port}", "pty": f"serial://{path}"}[where]
        line = open_transport(url, echo)
        await line.open()
        fault(echo, "LINE.FLAP", count=3, period=0.02)
        lost = 0
        async with asyncio.timeout(10):
            while echo.faults.peek("LINE.FLAP") or not echo.plugged:
                try:
                    await line.open()
                    await line.read(1, 5)
                except DeviceError:
                    lost += 1
                    await asyncio.sleep(0.005)
        assert lost >= 3
        assert [a for a, b in zip(changes, [None, *changes], strict=False) if a != b].count(False) == 3
        async with asyncio.timeout(5):
            while True:
                try:
                    await line.open()
                    break
                except DeviceError:
                    await asyncio.sleep(0.01)
        assert await ask(line, b"again") == b"again"
        await line.close()


async def test_a_loose_plug_is_pushed_in_by_clear(echo: Echo) -> None:
    fault(echo, "LINE.FLAP", count=None, period=60)
    async with asyncio.timeout(5):
        await echo.wait_unplugged()
    fault(echo, "LINE.MUTE")
    assert not echo.plugged
    echo.control({"do": "clear"})
    assert echo.plugged
    await asyncio.sleep(0)
    assert echo.plugged


async def test_a_late_answer_comes_after_the_next_question(echo: Echo, line: MemoryLine) -> None:
    fault(echo, "LINE.LATE", seconds=0.1)
    await line.write(b"first.", 1)
    with pytest.raises(DeviceError):
        await line.read(6, 0.02)
    await line.write(b"second", 1)
    found = b""
    while len(found) < 12:
        found += await line.read(12, 5)
    assert found == b"first.second"


def test_every_line_fault_has_a_sentence_and_its_measures_are_numbers(echo: Echo) -> None:
    book = FaultBook(LINE_FAULTS)
    for fault_id, sentence in LINE_FAULTS.items():
        assert sentence
        assert not sentence.endswith(".")
        for name in book.own(fault_id):
            with pytest.raises(ValueError, match=name):
                book.command({"id": fault_id, name: "many"})
