"""What every line must give the kiosk: the same reader behaviour in process, over TCP and over a pseudo terminal."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from drivers.id_card.reader import SamvReader
from drivers.id_card.simulator import SamvSimulator
from drivers.transport.host import serve_pty
from drivers.transport.memory import MemoryLine
from drivers.transport.url import open_transport
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.devices import Device, Link


async def refused(reader: SamvReader, deadline: float = 5.0) -> DeviceError:
    with pytest.raises(DeviceError) as caught:
        await reader.wait_card(deadline)
    assert caught.value.device == "id_card"
    return caught.value


async def test_open_tells_the_sam(reader: SamvReader) -> None:
    assert isinstance(reader, Device)
    assert reader.capabilities["sam_id"] == "05.01-20120518-0000012345-0314159265"
    assert reader.status().link is Link.READY
    assert reader.status().parts == {"field": "unknown", "sam": "ok"}


@pytest.mark.parametrize("who", ["resident", "long_term", "hmt", "foreigner_2017", "foreigner_2023"])
async def test_reads_each_kind_of_card(
    reader: SamvReader, simulator: SamvSimulator, people: dict[str, Any], who: str
) -> None:
    simulator.place(who)
    card = await reader.wait_card(5)
    assert card.number == people[who]["number"]
    assert card.photo is None
    assert reader.status().parts["field"] == "present"


async def test_card_that_comes_later(reader: SamvReader, simulator: SamvSimulator) -> None:
    waiting = asyncio.create_task(reader.wait_card(5))
    while reader.status().parts["field"] != "empty":
        await asyncio.sleep(0)
    simulator.place("resident")
    assert (await waiting).name == "测试甲"


async def test_no_card(reader: SamvReader) -> None:
    assert (await refused(reader, 0.05)).kind is ErrorKind.NO_MEDIA
    assert (await refused(reader, 0)).kind is ErrorKind.NO_MEDIA
    assert reader.status().parts["field"] == "empty"


async def test_presence_and_removal(reader: SamvReader, simulator: SamvSimulator) -> None:
    assert not await reader.present()
    simulator.place("resident")
    await reader.wait_card(5)
    assert await reader.present()
    assert not await reader.wait_removed(0.05)
    assert await reader.present()
    simulator.remove()
    assert await reader.wait_removed(5)
    assert not await reader.present()
    assert reader.status().parts["field"] == "empty"


async def test_next_citizen_is_read_after_the_first_has_gone(reader: SamvReader, simulator: SamvSimulator) -> None:
    for who, name in (("resident", "测试甲"), ("long_term", "䶮𠮷")):
        simulator.place(who)
        assert (await reader.wait_card(5)).name == name
        simulator.remove()
        assert await reader.wait_removed(5)


async def test_card_left_lying_is_not_read_again(reader: SamvReader, simulator: SamvSimulator) -> None:
    simulator.place("resident")
    await reader.wait_card(5)
    assert (await refused(reader, 0.1)).kind is ErrorKind.NO_MEDIA
    assert simulator.reads == 1
    assert await reader.present()


async def test_unplugged_and_plugged_again(reader: SamvReader, simulator: SamvSimulator) -> None:
    simulator.unplug()
    assert (await refused(reader)).kind is ErrorKind.OFFLINE
    assert reader.status().link is Link.OFFLINE
    assert reader.status().parts["field"] == "unknown"
    simulator.plug()
    simulator.place("resident")
    while (await reader.check()).link is not Link.READY:
        await asyncio.sleep(0.01)
    assert (await reader.wait_card(5)).name == "测试甲"


async def test_pulled_out_in_mid_answer(reader: SamvReader, simulator: SamvSimulator) -> None:
    simulator.place("resident")
    simulator.control({"do": "fault", "id": "LINE.HANGUP_MID"})
    assert (await refused(reader)).kind is ErrorKind.OFFLINE
    while (await reader.check()).link is not Link.READY:
        await asyncio.sleep(0.01)
    assert (await reader.wait_card(5)).name == "测试甲"


async def test_pulled_out_while_waiting(reader: SamvReader, simulator: SamvSimulator) -> None:
    waiting = asyncio.create_task(refused(reader, 30))
    while reader.status().parts["field"] != "empty":
        await asyncio.sleep(0)
    simulator.unplug()
    assert (await waiting).kind is ErrorKind.OFFLINE


async def test_silence_ends_at_the_deadline(reader: SamvReader, simulator: SamvSimulator) -> None:
    simulator.control({"do": "fault", "id": "LINE.MUTE", "count": None})
    async with asyncio.timeout(10):  # a hang would show here
        assert (await refused(reader, 0.1)).kind is ErrorKind.TIMEOUT
        assert (await refused(reader, 30)).kind is ErrorKind.TIMEOUT
        assert (await reader.check()).link is Link.OFFLINE
    simulator.control({"do": "clear"})
    assert (await reader.check()).link is Link.READY


@pytest.mark.parametrize(
    "fault",
    [
        {"id": "LINE.MUTE"},
        {"id": "LINE.DRIP", "size": 64, "pause": 0},
        {"id": "LINE.STALL", "seconds": 0.02},
        {"id": "LINE.TRUNCATE"},
        {"id": "LINE.FLIP"},
        {"id": "LINE.FLIP", "at": 6},
        {"id": "LINE.NOISE_BEFORE"},
        {"id": "LINE.NOISE_AFTER"},
        {"id": "LINE.LOST_FIRST"},
        {"id": "LINE.DOUBLE"},
        {"id": "LINE.JOIN"},
        {"id": "LINE.GARBLE"},
        {"id": "LINE.LATE", "seconds": 0.35},
    ],
    ids=lambda fault: "-".join(str(value) for value in fault.values()),
)
@pytest.mark.parametrize("answer", ["find", "read"])
async def test_one_line_fault_does_not_lose_the_card(
    reader: SamvReader, simulator: SamvSimulator, fault: dict[str, Any], answer: str
) -> None:
    if answer == "find":
        simulator.control({"do": "fault", **fault})
    else:  # arm it once the card has been selected, so that it strikes the long answer

        def arm() -> None:
            if simulator.state()["card"] == "selected" and not armed:
                armed.append(True)
                simulator.faults.arm(fault["id"], 1, {k: v for k, v in fault.items() if k != "id"})

        armed: list[bool] = []
        simulator.listen(arm)
        simulator._latency = {"read_base": 0.01}  # the select answer leaves first
    simulator.place("resident")
    assert (await reader.wait_card(10)).name == "测试甲"
    assert not simulator.faults.as_reply()


async def test_late_answers_never_pass_for_another(reader: SamvReader, simulator: SamvSimulator) -> None:
    """The first citizen's answer arrives when the reader has long given it up: nobody else may get it."""
    simulator.place("resident")
    simulator.control({"do": "fault", "id": "LINE.LATE", "count": 4, "seconds": 0.32})
    with pytest.raises(DeviceError):
        await reader.wait_card(1.0)
    simulator.place("long_term")
    simulator.control({"do": "clear"})
    assert (await reader.wait_card(10)).name == "䶮𠮷"


async def test_closed_reader_says_so(reader: SamvReader) -> None:
    await reader.close()
    await reader.close()
    assert reader.status().link is Link.CLOSED
    assert (await refused(reader)).kind is ErrorKind.NOT_OPEN
    assert (await reader.check()).link is Link.CLOSED
    await reader.open()
    assert reader.status().link is Link.READY


async def test_close_wakes_the_one_who_waits(reader: SamvReader) -> None:
    waiting = asyncio.create_task(refused(reader, 30))
    while reader.status().parts["field"] != "empty":
        await asyncio.sleep(0)
    await reader.close()
    assert (await waiting).kind in (ErrorKind.OFFLINE, ErrorKind.NOT_OPEN)
    assert reader.status().link is Link.CLOSED


async def test_cancelled_wait_leaves_the_reader_usable(reader: SamvReader, simulator: SamvSimulator) -> None:
    for turns in range(12):
        waiting = asyncio.create_task(reader.wait_card(30))
        for _ in range(turns * 3):
            await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    simulator.place("resident")
    assert (await reader.wait_card(5)).name == "测试甲"


async def test_check_while_waiting_for_a_card(reader: SamvReader, simulator: SamvSimulator) -> None:
    waiting = asyncio.create_task(reader.wait_card(10))
    for _ in range(5):
        assert (await reader.check()).link is Link.READY
    simulator.place("resident")
    assert (await waiting).name == "测试甲"


async def test_new_addresses(reader: SamvReader, simulator: SamvSimulator, people: dict[str, Any]) -> None:
    simulator.place({**people["resident"], "new_addresses": ["浙江省宁波市测试区迁移路1号"]})
    await reader.wait_card(5)
    assert await reader.read_new_addresses() == ("浙江省宁波市测试区迁移路1号",)
    simulator.control({"do": "fault", "id": "SAM.ADDRS"})
    assert len(await reader.read_new_addresses()) == 4
    simulator.control({"do": "fault", "id": "SAM.NOADDR"})
    assert await reader.read_new_addresses() == ()


@pytest.mark.pty
@pytest.mark.parametrize("speed", [9600, 57600])
async def test_speed_can_be_changed_and_is_found_again(people: dict[str, Any], speed: int) -> None:
    from drivers.id_card.photo import NoDecoder

    simulator = SamvSimulator(people)
    async with serve_pty(simulator) as path:
        first = SamvReader(open_transport(f"serial://{path}"), NoDecoder(), header_timeout=0.2)
        await first.open()
        await first.set_baud(speed)
        assert (await first.check()).link is Link.READY
        await first.close()
        # A reader left at that speed, and a kiosk that expects 115200.
        second = SamvReader(open_transport(f"serial://{path}"), NoDecoder(), header_timeout=0.2)
        await second.open()
        simulator.place("resident")
        assert (await second.wait_card(5)).name == "测试甲"
        await second.close()


async def test_speed_of_other_lines_cannot_be_changed(near_reader: SamvReader) -> None:
    with pytest.raises(DeviceError) as caught:
        await near_reader.set_baud(9600)
    assert caught.value.kind is ErrorKind.UNSUPPORTED


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("LINE.REFUSE", ErrorKind.OFFLINE),
        ("LINE.PERMISSION", ErrorKind.PERMISSION),
        ("LINE.BUSY", ErrorKind.BUSY),
    ],
)
async def test_refused_at_open(simulator: SamvSimulator, fault: str, kind: ErrorKind) -> None:
    from drivers.id_card.photo import NoDecoder

    reader = SamvReader(MemoryLine(simulator), NoDecoder())
    simulator.control({"do": "fault", "id": fault})
    with pytest.raises(DeviceError) as caught:
        await reader.open()
    assert caught.value.kind is kind
    assert reader.status().link is Link.OFFLINE
    await reader.open()
    assert reader.status().link is Link.READY
    await reader.close()
