"""The simulated reader on the wire: the state table of real modules, and the commands a person gives it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from drivers.id_card.photo import SIM_MAGIC
from drivers.id_card.samv import Answer, Command, Parser, build
from drivers.id_card.simulator import SamvSimulator
from drivers.transport.memory import MemoryLine

Ask = Callable[[Command], Awaitable[int]]
FIND, SELECT, READ, ADDRESS, RESET = (
    Command.FIND,
    Command.SELECT,
    Command.READ_BASE,
    Command.READ_NEW_ADDRESS,
    Command.RESET,
)
TABLE = [
    # state, then what 20 01, 20 02, 30 01, 30 03 answer in it
    ("no_card", 0x80, 0x81, 0x41, 0x41),
    ("in_field", 0x9F, 0x81, 0x41, 0x41),
    ("found", 0x9F, 0x90, 0x41, 0x41),
    ("selected", 0x9F, 0x90, 0x90, 0x91),
    ("read", 0x80, 0x81, 0x41, 0x91),
]
WAY = {"no_card": (), "in_field": (), "found": (FIND,), "selected": (FIND, SELECT), "read": (FIND, SELECT, READ)}


@pytest.fixture
async def line(simulator: SamvSimulator) -> AsyncIterator[MemoryLine]:
    line = MemoryLine(simulator)
    await line.open()
    yield line
    await line.close()


async def raw(line: MemoryLine, frame: bytes) -> Answer:
    await line.write(frame, 1)
    parser = Parser()
    while True:
        for body in parser.feed(await line.read(4096, 2)):
            return Answer.from_body(body)


@pytest.mark.parametrize(("state", "find", "select", "read", "address"), TABLE)
async def test_state_table(
    simulator: SamvSimulator, line: MemoryLine, state: str, find: int, select: int, read: int, address: int
) -> None:
    for command, expected in ((FIND, find), (SELECT, select), (READ, read), (ADDRESS, address)):
        simulator.remove()
        if state != "no_card":
            simulator.place("resident")
        for step in WAY[state]:
            await raw(line, step.frame())
        assert simulator.state()["card"] == state
        assert (await raw(line, command.frame())).sw3 == expected
        assert (await raw(line, Command.STATUS.frame())).sw3 == 0x90
        simulator.remove()
        assert simulator.state()["card"] == "no_card"


@pytest.mark.parametrize(("rearms", "sw3"), [(True, 0x9F), (False, 0x80)])
async def test_reset_after_a_read(people: dict[str, Any], rearms: bool, sw3: int) -> None:
    simulator = SamvSimulator(people, reset_rearms=rearms)
    line = MemoryLine(simulator)
    await line.open()
    simulator.place("resident")
    for step in (*WAY["read"], RESET):
        assert (await raw(line, step.frame())).sw3 in (0x90, 0x9F)
    assert (await raw(line, FIND.frame())).sw3 == sw3
    await line.close()


@pytest.mark.parametrize(
    ("frame", "sw3"),
    [
        (build(b"\x77\x01"), 0x21),
        (build(b"\x20\x01\x00"), 0x11),
        (FIND.frame()[:-1] + b"\x00", 0x10),
        (bytes.fromhex("AAAAAA9669 0002 2001".replace(" ", "")), 0x11),
        (bytes.fromhex("AAAAAA9669 0010 20 01 22".replace(" ", "")), 0x11),
    ],
    ids=["unknown", "too long", "checksum", "length field", "never completed"],
)
async def test_complaints_about_bad_frames(line: MemoryLine, frame: bytes, sw3: int) -> None:
    assert (await raw(line, frame)).sw3 == sw3
    assert (await raw(line, Command.STATUS.frame())).sw3 == 0x90


@pytest.mark.parametrize(("fault", "size"), [(None, 2321), ("SAM.FP512", 1809), ("SAM.FP0", 1297)])
async def test_sizes_of_answers(simulator: SamvSimulator, line: MemoryLine, fault: str | None, size: int) -> None:
    simulator.place("resident")
    for step in WAY["selected"]:
        await raw(line, step.frame())
    if fault:
        simulator.control({"do": "fault", "id": fault})
    answer = await raw(line, Command.READ_WITH_FINGERPRINT.frame())
    assert len(answer.frame()) == size
    assert answer.data[:4] == bytes.fromhex("01000400")
    assert answer.data[6 + 256 :].startswith(SIM_MAGIC)
    assert len((await raw(line, Command.READ_MANAGEMENT.frame())).frame()) == 39
    assert len((await raw(line, Command.SAM_ID.frame())).frame()) == 27


async def test_card_pulled_away_while_being_read(people: dict[str, Any]) -> None:
    import asyncio

    simulator = SamvSimulator(people, latency={"read_base": 0.05})
    line = MemoryLine(simulator)
    await line.open()
    simulator.place("resident")
    for step in WAY["selected"]:
        await raw(line, step.frame())
    asking = asyncio.create_task(raw(line, READ.frame()))
    await asyncio.sleep(0.01)
    simulator.remove()
    assert (await asking).sw3 == 0x41
    await line.close()


async def test_face_seed_is_in_the_photo(simulator: SamvSimulator, line: MemoryLine, people: dict[str, Any]) -> None:
    simulator.place({**people["resident"], "face_seed": 117})
    for step in WAY["selected"]:
        await raw(line, step.frame())
    photo = (await raw(line, READ.frame())).data[4 + 256 :]
    assert photo[:12] == SIM_MAGIC + (117).to_bytes(4, "little")
    assert len(photo) == 1024


def test_commands_of_a_person(simulator: SamvSimulator, people: dict[str, Any]) -> None:
    seen: list[str] = []
    stop = simulator.listen(lambda: seen.append(simulator.state()["card"]))
    assert simulator.control({"do": "place", "person": "resident"})["person"] == "resident"
    assert simulator.control({"do": "remove"})["card"] == "no_card"
    assert simulator.control({"do": "place", "person": people["hmt"]})["person"] is None
    assert seen == ["in_field", "no_card", "in_field"]
    stop()
    assert simulator.control({"do": "state"})["card"] == "in_field"
    simulator.control({"do": "fault", "id": "SAM.41", "count": 2})
    simulator.control({"do": "fault", "id": "SAM.33", "count": None})
    assert simulator.state()["faults"] == {"SAM.41": 2, "SAM.33": None}
    simulator.control({"do": "clear", "id": "SAM.41"})
    assert simulator.state()["faults"] == {"SAM.33": None}
    simulator.control({"do": "clear"})
    assert simulator.state()["faults"] == {}


@pytest.mark.parametrize(
    "command",
    [
        {},
        {"do": "dance"},
        {"do": "place", "person": "nobody"},
        {"do": "place", "person": {"name": "测" * 20}},
        {"do": "place", "person": {"kind": "dragon"}},
        {"do": "fault", "id": "SAM.99"},
        {"do": "fault", "id": "SAM.41", "count": 0},
        {"do": "fault", "id": "SAM.41", "count": "many"},
    ],
)
def test_senseless_commands(simulator: SamvSimulator, command: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        simulator.control(command)
