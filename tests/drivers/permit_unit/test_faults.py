"""Everything that goes wrong inside a unit, and what the kiosk is told."""

from __future__ import annotations

import asyncio

import pytest

from drivers.permit_unit.driver import PermitUnitDriver
from drivers.permit_unit.faults import FAULTS
from drivers.permit_unit.simulator import PermitUnitSimulator
from drivers.simulator import LINE_FAULTS
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.devices import Link, PrintEnd
from kiosk.ports.permit import CardPlace, WriteEnd
from tests.drivers.permit_unit.conftest import FACE, LINE, NUMBERS, permit, put_in, write_job


async def test_every_fault_has_a_sentence(simulator: PermitUnitSimulator) -> None:
    assert simulator.control({"do": "faults"})["faults"] == {**LINE_FAULTS, **FAULTS}


@pytest.mark.parametrize(
    ("fault", "end", "kind", "numbers"),
    [
        ("WRITE.REFUSED", WriteEnd.NOT_WRITTEN, ErrorKind.INVALID_ARGUMENT, ()),
        ("WRITE.FAILS", WriteEnd.NOT_WRITTEN, ErrorKind.MEDIA_BAD, ()),
        ("WRITE.MIDWAY", WriteEnd.NOT_WRITTEN, ErrorKind.MEDIA_BAD, ()),
        ("WRITE.ANSWER_LOST", WriteEnd.WRITTEN, "", NUMBERS),
        ("WRITE.VERIFY", WriteEnd.UNCERTAIN, ErrorKind.MEDIA_BAD, NUMBERS),
        ("MOTOR.STUCK", WriteEnd.NOT_WRITTEN, ErrorKind.HARDWARE, ()),
        ("JAM.WRITER", WriteEnd.NOT_WRITTEN, ErrorKind.MEDIA_JAMMED, ()),
    ],
)
async def test_writing(
    unit: PermitUnitDriver,
    simulator: PermitUnitSimulator,
    fault: str,
    end: WriteEnd,
    kind: str,
    numbers: tuple[str, ...],
) -> None:
    await put_in(unit, simulator)
    simulator.control({"do": "fault", "id": fault})
    outcome = await unit.write(write_job())
    assert (outcome.job_id, outcome.end, outcome.kind) == ("W1", end, kind)
    assert bool(outcome.detail) == (end is not WriteEnd.WRITTEN)
    assert simulator.card is not None
    assert tuple(simulator.card.endorsements) == numbers
    assert not simulator.faults.as_reply()
    if fault == "JAM.WRITER":
        assert await unit.place() is CardPlace.JAMMED
        assert unit.status().link is Link.FAULT
    else:
        assert await unit.place() is CardPlace.READER
    await unit.eject()
    assert await unit.place() is CardPlace.MOUTH


async def test_jammed_on_the_way_back_from_the_writer(unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    """The chip is written: the jam does not make that untrue."""
    await put_in(unit, simulator)
    simulator.control({"do": "fault", "id": "JAM.WRITER", "on": "back"})
    assert (await unit.write(write_job())).end is WriteEnd.WRITTEN
    assert await unit.place() is CardPlace.JAMMED


@pytest.mark.parametrize("data", [b"\xff\xfe", b"[]", b'{"grants": []}', b'{"grants": [{"number": 5}]}', b"sealed"])
async def test_data_the_simulated_writer_refuses(
    near_unit: PermitUnitDriver, simulator: PermitUnitSimulator, data: bytes
) -> None:
    await put_in(near_unit, simulator)
    job = write_job()
    outcome = await near_unit.write(type(job)("W1", data, NUMBERS))
    assert (outcome.end, outcome.kind) == (WriteEnd.NOT_WRITTEN, ErrorKind.INVALID_ARGUMENT)


async def test_no_data(near_unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    await put_in(near_unit, simulator)
    job = write_job()
    assert (await near_unit.write(type(job)("W1", b"", NUMBERS))).end is WriteEnd.NOT_WRITTEN


@pytest.mark.parametrize("card", [{"chip": "dead"}, {"chip": "mute"}, {"body": "bank_card"}, {"body": "id_card"}])
async def test_cards_without_a_chip_that_can_be_written(
    near_unit: PermitUnitDriver, simulator: PermitUnitSimulator, card: dict[str, str]
) -> None:
    await put_in(near_unit, simulator, **card)
    outcome = await near_unit.write(write_job())
    assert (outcome.end, outcome.kind) == (WriteEnd.NOT_WRITTEN, ErrorKind.MEDIA_BAD)
    with pytest.raises(DeviceError) as caught:
        await near_unit.written()
    assert caught.value.kind is ErrorKind.MEDIA_BAD
    assert (await near_unit.read_line() == "") == ("body" in card)


@pytest.mark.parametrize(
    ("fault", "end", "kind"),
    [
        ("PRINT.FAILS", PrintEnd.FAILED, ErrorKind.CONSUMABLE_MECH),
        ("PRINT.ANSWER_LOST", PrintEnd.DONE, ""),
        ("JAM.PRINTER", PrintEnd.FAILED, ErrorKind.MEDIA_JAMMED),
        ("MOTOR.STUCK", PrintEnd.FAILED, ErrorKind.HARDWARE),
    ],
)
async def test_printing(
    unit: PermitUnitDriver, simulator: PermitUnitSimulator, fault: str, end: PrintEnd, kind: str
) -> None:
    await put_in(unit, simulator)
    simulator.control({"do": "fault", "id": fault})
    outcome = await unit.print_back(FACE, "P1")
    assert (outcome.job_id, outcome.end, outcome.kind) == ("P1", end, kind)
    if end is PrintEnd.FAILED:
        if fault == "JAM.PRINTER":
            await unit.eject()
            return
        assert (await unit.print_back(FACE, "P1")).end is PrintEnd.DONE
    assert simulator.card is not None
    assert simulator.card.print_count == 1


async def test_texts_that_cannot_be_printed(near_unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    await put_in(near_unit, simulator)
    outcome = await near_unit.print_back(type(FACE)("CA0000001", (("a\nb",),)), "P1")
    assert (outcome.end, outcome.kind) == (PrintEnd.FAILED, ErrorKind.INVALID_ARGUMENT)
    assert "a\nb" not in outcome.detail


async def test_no_picture(unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    await put_in(unit, simulator)
    simulator.control({"do": "fault", "id": "PICTURE.NONE"})
    with pytest.raises(DeviceError) as caught:
        await unit.picture()
    assert (caught.value.kind, caught.value.native) == (ErrorKind.HARDWARE, "E72")
    assert (await unit.picture()).data.startswith(b"\x89PNG")


async def test_what_the_camera_reads(unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    await put_in(unit, simulator)
    simulator.control({"do": "fault", "id": "OCR.EMPTY"})
    assert await unit.read_line() == ""
    simulator.control({"do": "fault", "id": "OCR.NOISE"})
    noisy = await unit.read_line()
    assert len(noisy) == len(LINE)
    assert sum(a != b for a, b in zip(noisy, LINE, strict=True)) == 1
    simulator.control({"do": "fault", "id": "OCR.NOISE", "at": 11})
    assert await unit.read_line() == LINE[:11] + "S" + LINE[12:]
    assert await unit.read_line() == LINE


@pytest.mark.parametrize(("fault", "part"), [("BIN.FULL", "full"), ("BIN.MISSING", "missing")])
async def test_bin(unit: PermitUnitDriver, simulator: PermitUnitSimulator, fault: str, part: str) -> None:
    await put_in(unit, simulator)
    simulator.control({"do": "fault", "id": fault, "count": None})
    with pytest.raises(DeviceError) as caught:
        await unit.retain()
    assert caught.value.kind is ErrorKind.SUPPLY_OUT
    assert (await unit.check()).parts["bin"] == part
    assert unit.status().link is Link.DEGRADED
    assert await unit.place() is CardPlace.READER
    simulator.control({"do": "clear"})
    await unit.retain()
    assert (await unit.check()).parts["bin"] == "ok"


async def test_bin_fills_up(near_unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    simulator._nvram.bin_level = 39
    for level in ("high", "high"):
        await put_in(near_unit, simulator)
        await near_unit.retain()
        assert near_unit.status().parts["bin"] == level
    simulator._nvram.bin_level = 50
    await put_in(near_unit, simulator)
    with pytest.raises(DeviceError) as caught:
        await near_unit.retain()
    assert caught.value.kind is ErrorKind.SUPPLY_OUT
    simulator.control({"do": "empty_bin"})
    await near_unit.retain()
    assert await near_unit.bin_count() == 3


@pytest.mark.parametrize("way", ["eject", "retain"])
async def test_jammed_on_the_way_out(unit: PermitUnitDriver, simulator: PermitUnitSimulator, way: str) -> None:
    await put_in(unit, simulator)
    simulator.control({"do": "fault", "id": "JAM.EXIT", "count": 2})
    for _ in range(2):
        with pytest.raises(DeviceError) as caught:
            await getattr(unit, way)()
        assert (caught.value.kind, caught.value.native) == (ErrorKind.MEDIA_JAMMED, "E17")
        assert await unit.place() is CardPlace.JAMMED
    await unit.eject()
    assert await unit.place() is CardPlace.MOUTH


async def test_a_jam_only_a_technician_clears(unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    await put_in(unit, simulator)
    simulator.control({"do": "fault", "id": "JAM.EXIT", "count": None})
    for what in (unit.eject, unit.eject, unit.retain, unit.read_line, unit.picture):
        with pytest.raises(DeviceError) as caught:
            await what()
        assert caught.value.kind is ErrorKind.MEDIA_JAMMED
    assert (await unit.check()).link is Link.FAULT
    with pytest.raises(DeviceError) as caught:
        await unit.accept(1)
    assert caught.value.kind is ErrorKind.MEDIA_JAMMED
    await unit.close()
    await unit.open()
    assert unit.status().link is Link.FAULT
    simulator.control({"do": "clear"})
    simulator.control({"do": "remove_card"})
    assert (await unit.check()).link is Link.READY
    assert await unit.place() is CardPlace.NONE


@pytest.mark.parametrize(("fault", "native"), [("MOTOR.STUCK", "E51"), ("SHUTTER.STUCK", "E11")])
async def test_eject_without_motion(
    unit: PermitUnitDriver, simulator: PermitUnitSimulator, fault: str, native: str
) -> None:
    await put_in(unit, simulator)
    simulator.control({"do": "fault", "id": fault})
    with pytest.raises(DeviceError) as caught:
        await unit.eject()
    assert (caught.value.kind, caught.value.native) == (ErrorKind.HARDWARE, native)
    assert await unit.place() is CardPlace.READER
    await unit.eject()
    assert await unit.place() is CardPlace.MOUTH


async def test_sensors_that_see_nothing(unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    await put_in(unit, simulator)
    simulator.control({"do": "fault", "id": "SENSOR.DEAD", "count": None})
    assert await unit.place() is CardPlace.UNKNOWN
    assert unit.status().parts["media"] == "unknown"
    assert unit.status().link is Link.FAULT
    with pytest.raises(DeviceError) as caught:
        await unit.read_line()
    assert caught.value.kind is ErrorKind.HARDWARE
    await unit.close()
    await unit.open()
    assert await unit.place() is CardPlace.UNKNOWN
    assert unit.status().link is Link.FAULT
    simulator.control({"do": "clear"})
    assert await unit.place() is CardPlace.READER
    assert unit.status().link is Link.READY


async def test_sensors_that_die_while_a_card_comes(near_unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    simulator.control({"do": "fault", "id": "SENSOR.DEAD", "count": None})
    simulator.control({"do": "insert", "card": permit()})
    with pytest.raises(DeviceError) as caught:
        await near_unit.accept(5)
    assert (caught.value.kind, caught.value.native) == (ErrorKind.HARDWARE, "E12")


async def test_not_taken(unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    await put_in(unit, simulator)
    await unit.eject()
    simulator.control({"do": "fault", "id": "CARD.NOT_TAKEN"})
    assert simulator.control({"do": "take"})["taken"] is False
    assert not await unit.wait_taken(0.05)
    simulator._commands._not_taken()  # the reminder, which is seconds away
    assert not await unit.wait_taken(0)
    assert await unit.place() is CardPlace.MOUTH
    await unit.retain()
    assert await unit.bin_count() == 1


async def test_taken_is_known_by_event(near_unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    """No question is asked between the hand and the news."""
    await put_in(near_unit, simulator)
    await near_unit.eject()
    near_unit._session.patience = type(near_unit._session.patience)(poll=30)
    waiting = asyncio.create_task(near_unit.wait_taken(20))
    await asyncio.sleep(0.02)
    asked = near_unit.counters()["commands"]
    simulator.control({"do": "take"})
    async with asyncio.timeout(5):
        assert await waiting
    assert near_unit.counters()["commands"] == asked


@pytest.mark.parametrize(
    "command",
    [
        {"do": "dance"},
        {"do": "insert"},
        {"do": "insert", "card": "permit"},
        {"do": "insert", "card": {"colour": "blue"}},
        {"do": "insert", "card": {"chip": "golden"}},
        {"do": "power"},
        {"do": "speed", "factor": 0},
        {"do": "speed", "factor": "fast"},
    ],
)
async def test_commands_that_make_no_sense(simulator: PermitUnitSimulator, command: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        simulator.control(command)
    assert simulator.state()["position"] == "none"
