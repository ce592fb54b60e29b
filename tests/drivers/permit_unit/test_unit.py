"""What every line must give the kiosk: the same behaviour in process, over TCP and over a pseudo terminal."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from drivers.permit_unit.driver import PermitUnitDriver
from drivers.permit_unit.simulator import PermitUnitSimulator
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.devices import Device, Link, PrintEnd
from kiosk.ports.permit import CardPlace, PermitUnit, WriteEnd
from tests.drivers.permit_unit.conftest import FACE, LINE, NUMBERS, permit, put_in, until, write_job


async def test_open_tells_what_the_unit_is(unit: PermitUnitDriver) -> None:
    port: PermitUnit = unit
    assert isinstance(port, Device)
    assert unit.status().link is Link.READY
    assert unit.status().parts == {"media": "none", "bin": "ok", "shutter": "closed"}
    assert unit.capabilities["chip_keys"] == "none: cards are simulated"
    assert unit.capabilities["protocol"] == 1


async def test_a_whole_visit(unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    await put_in(unit, simulator)
    assert await unit.place() is CardPlace.READER
    assert unit.status().parts == {"media": "reader", "bin": "ok", "shutter": "closed"}
    assert await unit.read_line() == LINE
    assert await unit.written() == ()
    assert (await unit.write(write_job())).end is WriteEnd.WRITTEN
    assert tuple(await unit.written()) == NUMBERS
    assert (await unit.print_back(FACE, "P1")).end is PrintEnd.DONE
    picture = await unit.picture()
    assert picture.media_type == "image/png"
    assert picture.data == simulator.back_png()
    assert await unit.place() is CardPlace.READER
    await unit.eject()
    assert await unit.place() is CardPlace.MOUTH
    assert unit.status().parts == {"media": "mouth", "bin": "ok", "shutter": "open"}
    assert not await unit.wait_taken(0.05)
    waiting = asyncio.create_task(unit.wait_taken(5))
    simulator.control({"do": "take"})
    assert await waiting
    assert await unit.place() is CardPlace.NONE
    assert unit.status().parts["shutter"] == "closed"


async def test_what_was_written_is_there_another_day(unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    await put_in(unit, simulator)
    await unit.write(write_job())
    await unit.eject()
    simulator.control({"do": "take"})
    accepting = asyncio.create_task(unit.accept(5))
    await until(lambda: simulator.state()["accepting"])
    assert simulator.control({"do": "insert"})["where"] == "drawn in"
    await accepting
    assert tuple(await unit.written()) == NUMBERS


async def test_card_that_waits_before_the_closed_slot(unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    assert simulator.control({"do": "insert", "card": permit()})["where"] == "waiting"
    assert await unit.place() is CardPlace.NONE
    await unit.accept(5)
    assert await unit.place() is CardPlace.READER


async def test_nobody_comes(unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    for deadline in (0.05, 0):
        with pytest.raises(DeviceError) as caught:
            await unit.accept(deadline)
        assert caught.value.kind is ErrorKind.NO_MEDIA
        assert not simulator.state()["accepting"]
        assert simulator.state()["slot"] == "closed"


async def test_stop_accepting(unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    await unit.stop_accepting()
    await put_in(unit, simulator)
    await unit.stop_accepting()
    assert await unit.place() is CardPlace.READER


async def test_retain_counts(unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    for count in (1, 2):
        await put_in(unit, simulator)
        await unit.retain()
        assert await unit.bin_count() == count
        assert await unit.place() is CardPlace.NONE
    simulator.control({"do": "empty_bin"})
    assert await unit.bin_count() == 2


async def test_card_left_at_the_mouth_is_retained(unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    await put_in(unit, simulator)
    await unit.eject()
    await unit.eject()
    await unit.retain()
    assert await unit.bin_count() == 1
    assert await unit.place() is CardPlace.NONE


@pytest.mark.parametrize("what", ["eject", "retain", "read_line", "picture", "written"])
async def test_without_a_card(unit: PermitUnitDriver, what: str) -> None:
    with pytest.raises(DeviceError) as caught:
        await getattr(unit, what)()
    assert caught.value.kind is ErrorKind.NO_MEDIA
    assert unit.status().link is Link.READY


async def test_jobs_without_a_card(unit: PermitUnitDriver) -> None:
    written = await unit.write(write_job())
    assert (written.end, written.kind) == (WriteEnd.NOT_WRITTEN, ErrorKind.NO_MEDIA)
    printed = await unit.print_back(FACE, "P1")
    assert (printed.end, printed.kind) == (PrintEnd.FAILED, ErrorKind.NO_MEDIA)


async def test_a_written_job_is_not_written_again(unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    await put_in(unit, simulator)
    for _ in range(2):
        assert (await unit.write(write_job())).end is WriteEnd.WRITTEN
        assert (await unit.print_back(FACE, "P1")).end is PrintEnd.DONE
    assert simulator.card is not None
    assert (simulator.card.chip_writes, simulator.card.print_count) == (1, 1)
    assert (await unit.write(write_job("W2", ("HK2611210002",)))).end is WriteEnd.WRITTEN
    assert tuple(await unit.written()) == (*NUMBERS, "HK2611210002")


@pytest.mark.parametrize("job_id", ["", "w1", "A" * 33, "W-1", "W1\n"])
async def test_job_ids(unit: PermitUnitDriver, simulator: PermitUnitSimulator, job_id: str) -> None:
    await put_in(unit, simulator)
    written = await unit.write(write_job(job_id))
    assert (written.end, written.kind) == (WriteEnd.NOT_WRITTEN, ErrorKind.INVALID_ARGUMENT)
    assert (await unit.print_back(FACE, job_id)).end is PrintEnd.FAILED


async def test_large_sealed_data(unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    await put_in(unit, simulator)
    job = write_job()
    padded = type(job)(job.job_id, job.data + b" " * 30_000, job.numbers)
    assert (await unit.write(padded)).end is WriteEnd.WRITTEN


async def test_unplugged_and_plugged_again(unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    await put_in(unit, simulator)
    simulator.unplug()
    await until(lambda: unit.status().link is Link.OFFLINE)
    assert unit.status().parts["media"] == "unknown"
    with pytest.raises(DeviceError) as caught:
        await unit.place()
    assert caught.value.kind is ErrorKind.OFFLINE
    simulator.plug()
    while (await unit.check()).link is not Link.READY:
        await asyncio.sleep(0.01)
    assert await unit.place() is CardPlace.READER
    assert (await unit.write(write_job())).end is WriteEnd.WRITTEN


async def test_unplugged_while_a_card_is_awaited(unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    accepting = asyncio.create_task(unit.accept(30))
    await until(lambda: simulator.state()["accepting"])
    simulator.unplug()
    with pytest.raises(DeviceError) as caught:
        await accepting
    assert caught.value.kind is ErrorKind.OFFLINE


@pytest.mark.parametrize("what", ["place", "read_line", "picture", "written", "bin_count", "stop_accepting"])
async def test_a_dropped_connection_is_made_again(
    unit: PermitUnitDriver, simulator: PermitUnitSimulator, what: str
) -> None:
    """Serial device servers drop connections now and then."""
    await put_in(unit, simulator)
    simulator.control({"do": "fault", "id": "LINE.HANGUP"})
    await getattr(unit, what)()
    assert unit.status().link is Link.READY


async def test_connection_dropped_while_the_data_are_loaded(
    unit: PermitUnitDriver, simulator: PermitUnitSimulator
) -> None:
    await put_in(unit, simulator)
    simulator.control({"do": "fault", "id": "LINE.HANGUP"})
    assert (await unit.write(write_job())).end is WriteEnd.WRITTEN


async def test_taken_while_unplugged(unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    await put_in(unit, simulator)
    await unit.eject()
    waiting = asyncio.create_task(unit.wait_taken(20))
    await asyncio.sleep(0.01)
    simulator.unplug()
    simulator.control({"do": "take"})
    await asyncio.sleep(0.05)
    simulator.plug()
    assert await waiting


async def test_unplugged_for_good_while_it_waits_to_be_taken(
    unit: PermitUnitDriver, simulator: PermitUnitSimulator
) -> None:
    await put_in(unit, simulator)
    await unit.eject()
    simulator.unplug()
    with pytest.raises(DeviceError) as caught:
        await unit.wait_taken(0.1)
    assert caught.value.kind is ErrorKind.OFFLINE


@pytest.mark.parametrize("phase", ["to_writer", "opening_chip", "writing", "verifying", "from_writer"])
async def test_line_lost_while_writing(unit: PermitUnitDriver, simulator: PermitUnitSimulator, phase: str) -> None:
    """The unit goes on without us; when the line is back it is asked what became of the job."""
    await put_in(unit, simulator)
    _unplug_in(simulator, phase)
    outcome = await unit.write(write_job())
    assert (outcome.end, outcome.kind) == (WriteEnd.WRITTEN, "")
    assert simulator.card is not None
    assert simulator.card.chip_writes == 1


async def test_line_lost_while_printing(unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    await put_in(unit, simulator)
    _unplug_in(simulator, "printing")
    assert (await unit.print_back(FACE, "P1")).end is PrintEnd.DONE


async def test_line_lost_for_good_while_writing(unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    await put_in(unit, simulator)
    _unplug_in(simulator, "writing", again=False)
    outcome = await unit.write(write_job())
    assert (outcome.end, outcome.kind) == (WriteEnd.UNCERTAIN, ErrorKind.OFFLINE)


def _unplug_in(simulator: PermitUnitSimulator, phase: str, *, again: bool = True) -> None:
    done: list[Any] = []

    def watch() -> None:
        if simulator.state()["phase"] == phase and not done:
            done.append(phase)
            asyncio.get_running_loop().call_soon(simulator.unplug)
            if again:
                asyncio.get_running_loop().call_later(0.05, simulator.plug)

    simulator.listen(watch)


@pytest.mark.parametrize("phase", ["to_mouth", "to_bin"])
async def test_line_lost_while_the_card_moves_out(
    unit: PermitUnitDriver, simulator: PermitUnitSimulator, phase: str
) -> None:
    await put_in(unit, simulator)
    _unplug_in(simulator, phase)
    await (unit.eject() if phase == "to_mouth" else unit.retain())
    assert await unit.place() is (CardPlace.MOUTH if phase == "to_mouth" else CardPlace.NONE)
    assert await unit.bin_count() == (phase == "to_bin")


async def test_closed_unit_says_so(unit: PermitUnitDriver) -> None:
    await unit.close()
    await unit.close()
    assert unit.status().link is Link.CLOSED
    with pytest.raises(DeviceError) as caught:
        await unit.place()
    assert caught.value.kind is ErrorKind.NOT_OPEN
    assert (await unit.check()).link is Link.CLOSED
    assert (await unit.write(write_job())).end is WriteEnd.NOT_WRITTEN
    await unit.open()
    assert unit.status().link is Link.READY


async def test_close_wakes_the_one_who_waits(unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    accepting = asyncio.create_task(unit.accept(30))
    await until(lambda: simulator.state()["accepting"])
    await unit.close()
    with pytest.raises(DeviceError) as caught:
        await accepting
    assert caught.value.kind in (ErrorKind.OFFLINE, ErrorKind.NOT_OPEN)
    assert unit.status().link is Link.CLOSED


async def test_close_in_the_middle_of_a_command(unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    await put_in(unit, simulator)
    simulator.control({"do": "speed", "factor": 1})
    ejecting = asyncio.create_task(unit.eject())
    await until(lambda: simulator.state()["phase"] == "to_mouth")
    await unit.close()
    with pytest.raises(DeviceError):
        await ejecting
    simulator.control({"do": "power", "on": False})


async def test_two_who_want_a_card(unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    first = asyncio.create_task(unit.accept(5))
    await until(lambda: simulator.state()["accepting"])
    with pytest.raises(DeviceError) as caught:
        await unit.accept(5)
    assert caught.value.kind is ErrorKind.BUSY
    simulator.control({"do": "insert", "card": permit()})
    await first


async def test_no_card_while_another_is_inside(unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    await put_in(unit, simulator)
    with pytest.raises(DeviceError) as caught:
        await unit.accept(1)
    assert caught.value.kind is ErrorKind.MEDIA_NOT_TAKEN
    assert await unit.place() is CardPlace.READER


async def test_check_while_the_unit_prints(unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    await put_in(unit, simulator)
    simulator.control({"do": "speed", "factor": 200})
    printing = asyncio.create_task(unit.print_back(FACE, "P1"))
    await until(lambda: simulator.state()["phase"] == "printing")
    assert (await unit.check()).link is Link.BUSY
    assert (await printing).end is PrintEnd.DONE
    assert (await unit.check()).link is Link.READY


async def test_cancelled_write_leaves_the_unit_usable(unit: PermitUnitDriver, simulator: PermitUnitSimulator) -> None:
    """Whoever cancels does not stop the unit; the next command waits until it is free."""
    await put_in(unit, simulator)
    simulator.control({"do": "speed", "factor": 50})
    writing = asyncio.create_task(unit.write(write_job()))
    await until(lambda: simulator.state()["phase"] == "writing")
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    assert tuple(await unit.written()) == NUMBERS
    assert (await unit.write(write_job())).end is WriteEnd.WRITTEN
    assert simulator.card is not None
    assert simulator.card.chip_writes == 1
