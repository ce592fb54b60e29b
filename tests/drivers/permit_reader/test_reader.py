"""One suite for every channel: what a reader owes its caller, card by card and fault by fault."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from drivers.permit_reader.reader import PermitChipReader
from drivers.permit_reader.simulator import PermitChipSimulator
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.domain.permit import ChipData, ChipKey
from kiosk.ports.devices import Device, Link
from tests.drivers.permit_reader.conftest import ID_NUMBER, KEY, LINE, permit, swap

SOON = 1.0
DG1 = LINE + "NFMFMIPN<<<<" + "ZHANG<<SAN<<<<<<<<" + "M" + "<" * 29


def check(data: ChipData) -> None:
    assert data.dg1 == DG1
    assert data.photo is not None
    assert data.photo.media_type == "image/jpeg"
    assert len(data.photo.data) == 6000
    assert (data.full_name, data.personal_number) == ("张三", ID_NUMBER)


async def refused(reader: PermitChipReader, deadline: float = SOON, key: ChipKey = KEY) -> tuple[ErrorKind, str]:
    with pytest.raises(DeviceError) as caught:
        await reader.read(key, deadline)
    assert caught.value.device == "permit_reader"
    return caught.value.kind, caught.value.native


@pytest.mark.parametrize(("protocol", "used"), [("bac", "bac"), ("pace", "pace"), ("both", "pace")])
async def test_a_permit_is_read(
    reader: PermitChipReader, simulator: PermitChipSimulator, protocol: str, used: str
) -> None:
    simulator.hold(permit(protocol=protocol))
    for _ in range(2):  # a card may be read again without being moved
        data = await reader.read(KEY, 5.0)
        check(data)
        assert (data.protocol, data.hashes_fit) == (used, True)
    assert simulator.reads == 2
    assert reader.status().link is Link.READY
    assert isinstance(reader, Device)


async def test_a_chip_without_dg11_has_no_names_there(reader: PermitChipReader, simulator: PermitChipSimulator) -> None:
    simulator.hold(permit(id_number=""))
    data = await reader.read(KEY, 5.0)
    assert (data.full_name, data.personal_number, data.hashes_fit) == ("", "", True)


async def test_a_card_that_comes_while_we_wait_is_read(
    reader: PermitChipReader, simulator: PermitChipSimulator
) -> None:
    reading = asyncio.create_task(reader.read(KEY, 10.0))
    await asyncio.sleep(0.1)
    simulator.hold(permit())
    check(await reading)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (None, (ErrorKind.NO_MEDIA, "")),
        ({"chip": "dead"}, (ErrorKind.NO_MEDIA, "")),
        ({"body": "id_card"}, (ErrorKind.NO_MEDIA, "")),
        ({"body": "blank"}, (ErrorKind.NO_MEDIA, "")),
        ({"body": "bank_card"}, (ErrorKind.UNSUPPORTED, "6A82")),
        ({"chip": "no_application"}, (ErrorKind.UNSUPPORTED, "6A82")),
        ({"chip": "other_key"}, (ErrorKind.MEDIA_BAD, "KEY")),
        ({"chip": "other_key", "protocol": "pace"}, (ErrorKind.MEDIA_BAD, "KEY")),
        ({"chip_line": "CSC123456788<2906302<8501019<2"}, (ErrorKind.MEDIA_BAD, "KEY")),
        ({"chip": "short_dg"}, (ErrorKind.MEDIA_BAD, "LDS")),
        ({"chip": "no_dg2"}, (ErrorKind.MEDIA_BAD, "LDS")),
        ({"chip": "bad_dg1"}, (ErrorKind.MEDIA_BAD, "LDS")),
    ],
    ids=lambda value: "-".join(map(str, value.values())) if isinstance(value, dict) else None,
)
async def test_what_is_wrong_with_a_card_is_told(
    reader: PermitChipReader,
    simulator: PermitChipSimulator,
    fields: dict[str, Any] | None,
    expected: tuple[ErrorKind, str],
) -> None:
    simulator.hold(None if fields is None else permit(**fields))
    assert await refused(reader) == expected
    assert reader.status().link is Link.READY  # the card is bad, not the reader
    await swap(reader, simulator, permit())
    check(await reader.read(KEY, 5.0))


@pytest.mark.parametrize("protocol", ["bac", "pace"])
async def test_another_line_than_the_chips_is_a_wrong_key(
    reader: PermitChipReader, simulator: PermitChipSimulator, protocol: str
) -> None:
    simulator.hold(permit(protocol=protocol))
    for key in (ChipKey("CA0000002", "900307", "330115"), ChipKey("CA0000001", "900308", "330115")):
        assert await refused(reader, key=key) == (ErrorKind.MEDIA_BAD, "KEY")
    assert (await reader.read(KEY, 5.0)).protocol == protocol


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"id": "PCSC.PULLED"}, (ErrorKind.MEDIA_REMOVED, None)),
        ({"id": "PCSC.PULLED", "at": "select"}, (ErrorKind.MEDIA_REMOVED, None)),
        ({"id": "PCSC.6982"}, (ErrorKind.MEDIA_BAD, "SM")),
        ({"id": "PCSC.SM_MAC"}, (ErrorKind.MEDIA_BAD, "SM")),
        ({"id": "CHIP.REFUSAL"}, (ErrorKind.MEDIA_BAD, "KEY")),
    ],
    ids=lambda value: value["id"] + value.get("at", "") if isinstance(value, dict) else None,
)
async def test_what_goes_wrong_between_card_and_reader_is_told(
    reader: PermitChipReader,
    simulator: PermitChipSimulator,
    fault: dict[str, Any],
    expected: tuple[ErrorKind, str | None],
) -> None:
    simulator.hold(permit(chip="other_key" if fault["id"] == "CHIP.REFUSAL" else "ok"))
    simulator.control({"do": "fault", **fault})
    kind, native = await refused(reader, 3.0)
    assert kind is expected[0]
    assert expected[1] is None or native == expected[1]
    await swap(reader, simulator, permit(name="李小明"))
    assert (await reader.read(KEY, 5.0)).full_name == "李小明"


@pytest.mark.parametrize(
    ("fault", "fits"),
    [
        ({"id": "PCSC.61", "count": 3}, True),
        ({"id": "PCSC.6C", "count": 3}, True),
        ({"id": "PCSC.SHORT", "count": None}, True),
        ({"id": "PCSC.SHORT", "count": None, "size": 7}, True),
        ({"id": "PCSC.ATR"}, True),
        ({"id": "CHIP.NO_COM"}, True),
        ({"id": "CHIP.NO_SOD"}, None),
        ({"id": "CHIP.BAD_SOD"}, False),
        ({"id": "CHIP.GARBLED_SOD"}, False),
    ],
    ids=lambda value: value["id"] + str(value.get("size", "")) if isinstance(value, dict) else None,
)
@pytest.mark.parametrize("protocol", ["bac", "pace"])
async def test_a_difficult_chip_is_read_all_the_same(
    near_reader: PermitChipReader,
    simulator: PermitChipSimulator,
    fault: dict[str, Any],
    fits: bool | None,
    protocol: str,
) -> None:
    simulator.hold(permit(protocol=protocol))
    simulator.control({"do": "fault", **fault})
    data = await near_reader.read(KEY, 5.0)
    check(data)
    assert (data.protocol, data.hashes_fit) == (protocol, fits)


async def test_answers_in_pieces_and_of_other_lengths_are_put_together(
    reader: PermitChipReader, simulator: PermitChipSimulator
) -> None:
    simulator.hold(permit())
    for fault in ("PCSC.61", "PCSC.6C", "PCSC.SHORT"):
        simulator.control({"do": "fault", "id": fault, "count": None if fault == "PCSC.SHORT" else 4})
    check(await reader.read(KEY, 5.0))


async def test_a_chip_that_does_not_begin_pace_is_opened_with_bac(
    reader: PermitChipReader, simulator: PermitChipSimulator
) -> None:
    simulator.hold(permit(protocol="both"))
    simulator.control({"do": "fault", "id": "PACE.REFUSED"})
    assert (await reader.read(KEY, 5.0)).protocol == "bac"
    await swap(reader, simulator, permit(protocol="pace"))
    simulator.control({"do": "fault", "id": "PACE.REFUSED"})
    assert (await refused(reader, 3.0))[0] is ErrorKind.UNSUPPORTED


async def test_a_mute_chip_is_given_up_and_the_reader_recovers(
    reader: PermitChipReader, simulator: PermitChipSimulator
) -> None:
    simulator.hold(permit(chip="mute"))
    assert await refused(reader, 3.0) == (ErrorKind.TIMEOUT, "MUTE")
    assert reader.status().link is Link.FAULT
    await swap(reader, simulator, permit())
    check(await reader.read(KEY, 5.0))
    assert reader.status().link is Link.READY


async def test_a_chip_that_falls_silent_in_the_middle_is_given_up(
    reader: PermitChipReader, simulator: PermitChipSimulator
) -> None:
    simulator.hold(permit())
    simulator.control({"do": "fault", "id": "PCSC.MUTE", "at": "read"})
    assert await refused(reader, 3.0) == (ErrorKind.TIMEOUT, "MUTE")
    await swap(reader, simulator, permit())
    check(await reader.read(KEY, 5.0))


async def test_a_cancelled_reading_leaves_nothing_behind(
    reader: PermitChipReader, simulator: PermitChipSimulator
) -> None:
    simulator.hold(permit())
    simulator.control({"do": "fault", "id": "PCSC.SLOW", "count": None, "seconds": 0.05})
    reading = asyncio.create_task(reader.read(KEY, 5.0))
    while simulator.reads == 0:
        await asyncio.sleep(0.02)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    simulator.control({"do": "clear"})
    check(await reader.read(KEY, 5.0))


async def test_an_unopened_reader_says_so(reader: PermitChipReader) -> None:
    await reader.close()
    await reader.close()
    assert await refused(reader) == (ErrorKind.NOT_OPEN, "")
    assert (await reader.check()).link is Link.CLOSED
    await reader.open()
    assert (await reader.check()).link is Link.READY


async def test_a_key_no_line_can_have_opens_nothing(reader: PermitChipReader, simulator: PermitChipSimulator) -> None:
    simulator.hold(permit())
    for number in ("张三", "C 1234567"):
        assert await refused(reader, key=ChipKey(number, "900307", "330115")) == (ErrorKind.MEDIA_BAD, "KEY")


async def test_nothing_personal_shows(near_reader: PermitChipReader, simulator: PermitChipSimulator) -> None:
    simulator.hold(permit())
    data = await near_reader.read(KEY, 5.0)
    simulator.hold(permit(chip="bad_dg1"))
    with pytest.raises(DeviceError) as caught:
        await near_reader.read(KEY, 5.0)
    told = f"{data!r}{KEY!r}{caught.value}{simulator.control({'do': 'state'})}{simulator.card!r}"
    assert not any(secret in told for secret in ("CA0000001", "ZHANG", "张三", ID_NUMBER, "900307"))
    assert caught.value.__cause__ is None
