"""The keeper with the real driver of the card unit, before the unit made of software: what survives a stop of either."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from drivers.permit_unit.driver import PermitUnitDriver
from drivers.permit_unit.simulator import PermitUnitSimulator
from drivers.transport.memory import MemoryLine
from kiosk.domain.errors import DeviceError
from kiosk.ledger.issuance import grants_of
from kiosk.ledger.states import CustodyState, IssuanceState, Kind
from kiosk.ledger.store import Record
from kiosk.ports.permit import WriteEnd
from tests.drivers.permit_unit.conftest import FAST, SPEED, permit, until
from tests.ledger.permit_parts import FACE, Office

C, S = CustodyState, IssuanceState


@dataclass
class Hall:
    office: Office
    simulator: PermitUnitSimulator
    unit: PermitUnitDriver | None = None

    async def open(self) -> None:
        """Also a restart of the kiosk; the unit goes on with whatever it does."""
        if self.unit is not None:
            await self.unit.close()
        self.unit = PermitUnitDriver(MemoryLine(self.simulator), patience=FAST)
        await self.unit.open()
        self.office.unit = self.unit  # type: ignore[assignment]
        await self.office.crash()

    async def took_in(self) -> Record:
        row = await self.office.keeper.ask()
        accepting = asyncio.ensure_future(self.office.keeper.accept(row, 5.0))
        await until(lambda: self.simulator.state()["accepting"] or accepting.done())
        self.simulator.control({"do": "insert", "card": permit()})
        return await accepting

    async def someone_takes(self) -> None:
        await until(lambda: self.simulator.state()["position"] == "mouth")
        self.simulator.control({"do": "take"})

    async def recover(self, takes: bool = True) -> Any:
        taking = asyncio.ensure_future(self.someone_takes()) if takes else None
        try:
            return await self.office.keeper.recover()
        finally:
            if taking is not None:
                taking.cancel()
                await asyncio.gather(taking, return_exceptions=True)

    async def to_be_written(self) -> Record:
        custody = await self.took_in()
        row = await self.office.authorised()
        await self.office.keeper.belongs_to(custody, row.order_id)
        return row


@pytest.fixture
async def hall(office: Office) -> AsyncIterator[Hall]:
    made = Hall(office, PermitUnitSimulator(speed=SPEED))
    await made.open()
    yield made
    assert made.unit is not None
    await made.unit.close()


async def test_a_whole_visit(hall: Hall) -> None:
    office = hall.office
    row = await hall.to_be_written()
    row = await office.write(row)
    assert row.state == S.WRITTEN
    done = await office.press.print_back(row.order_id, row.id, FACE, office.unit)  # type: ignore[arg-type]
    row = await office.issuer.confirm(row)
    assert (row.state, office.registry.printed) == (S.CONFIRMED, {row["application_no"]: done.end == "done"})
    custody = await office.keeper.offer(await office.custody())
    taking = asyncio.ensure_future(hall.someone_takes())
    custody = await office.keeper.wait_taken(custody, 5.0)
    await taking
    assert custody.state == C.RETURNED
    assert await office.keeper.recover() == []
    assert await office.breaches() == []


async def test_not_taken(hall: Hall) -> None:
    custody = await hall.office.keeper.offer(await hall.took_in())
    custody = await hall.office.keeper.wait_taken(custody, 0.05)
    assert custody.state == C.OFFERED
    assert (await hall.office.keeper.retain(custody, "not_taken")).state == C.RETAINED


@pytest.mark.parametrize("takes", [True, False])
@pytest.mark.parametrize("where", ["reader", "mouth"])
async def test_the_kiosk_stops_with_a_permit_in_the_unit(hall: Hall, where: str, takes: bool) -> None:
    custody = await hall.took_in()
    if where == "mouth":
        await hall.office.keeper.offer(custody)
    await hall.open()
    (found,) = await hall.recover(takes)
    assert found.custody.state == (C.RETURNED if takes else C.RETAINED)


async def test_the_kiosk_stops_while_the_unit_writes(hall: Hall) -> None:
    """The unit does not notice, and goes on; the keeper asks its chip when it is done."""
    office = hall.office
    row = await hall.to_be_written()
    job = office.issuer.write_job(row)
    await office.issuer.begin_write(row, job.job_id)
    hall.simulator.control({"do": "speed", "factor": 40})
    writing = asyncio.ensure_future(office.unit.write(job))
    await until(lambda: hall.simulator.state()["phase"] == "writing")
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    await hall.open()
    hall.simulator.control({"do": "speed", "factor": SPEED})
    (found,) = await hall.recover()
    assert found.issuance is not None
    assert (found.issuance.state, found.custody.state) == (S.WRITTEN, C.RETURNED)
    await office.sweeper.sweep()
    assert await office.state(Kind.ISSUANCE, row.id) == S.CONFIRMED
    assert await office.breaches() == []


@pytest.mark.parametrize(
    ("fault", "on_chip"),
    [("POWER.BEFORE_WRITE", False), ("POWER.DURING_WRITE", False), ("POWER.AFTER_WRITE", True)],
)
async def test_the_power_of_the_whole_machine_goes_while_it_writes(hall: Hall, fault: str, on_chip: bool) -> None:
    office = hall.office
    row = await hall.to_be_written()
    numbers = [grant.number for grant in grants_of(row)]
    job = office.issuer.write_job(row)
    await office.issuer.begin_write(row, job.job_id)
    hall.simulator.control({"do": "fault", "id": fault, "seconds": None})
    writing = asyncio.ensure_future(office.unit.write(job))
    await until(lambda: not hall.simulator.powered)
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    hall.simulator.control({"do": "power", "on": True})
    await hall.open()
    (found,) = await hall.recover()
    assert found.issuance is not None
    assert found.issuance.state == (S.WRITTEN if on_chip else S.VOIDING), numbers
    assert found.custody.state == C.RETURNED
    await office.sweeper.sweep()
    assert await office.state(Kind.ISSUANCE, row.id) == (S.CONFIRMED if on_chip else S.VOIDED)
    assert office.kept_fen() == (row["fee_fen"] if on_chip else 0)
    assert await office.breaches() == []


async def test_an_answer_that_never_comes_is_asked_of_the_chip(hall: Hall) -> None:
    row = await hall.to_be_written()
    hall.simulator.control({"do": "fault", "id": "WRITE.ANSWER_LOST"})
    row = await hall.office.write(row)
    assert row.state in (S.WRITTEN, S.WRITE_UNKNOWN)
    await hall.open()
    (found,) = await hall.recover()
    assert found.issuance.state == S.WRITTEN


async def test_not_written_for_sure(hall: Hall) -> None:
    hall.simulator.control({"do": "fault", "id": "WRITE.REFUSED"})
    row = await hall.to_be_written()
    job = hall.office.issuer.write_job(row)
    row = await hall.office.issuer.begin_write(row, job.job_id)
    outcome = await hall.office.unit.write(job)
    assert outcome.end is WriteEnd.NOT_WRITTEN
    assert (await hall.office.issuer.wrote(row, outcome)).state == S.VOIDING


async def test_a_jam_and_the_hand_that_clears_it(hall: Hall) -> None:
    custody = await hall.took_in()
    hall.simulator.control({"do": "fault", "id": "JAM.EXIT"})
    custody = await hall.office.keeper.offer(custody)
    assert custody.state == C.STUCK
    hall.simulator.control({"do": "remove_card"})
    await hall.open()
    (found,) = await hall.recover(takes=False)
    assert found.custody.state == C.MISSING


async def test_a_unit_that_is_unplugged_keeps_its_row_open(hall: Hall) -> None:
    await hall.took_in()
    hall.office.leave()
    hall.simulator.control({"do": "unplug"})
    assert await hall.office.keeper.recover() == []
    with pytest.raises(DeviceError):
        await hall.office.keeper.ask()
    assert [row.state for row in await hall.office.keeper.open_rows()] == [C.INSIDE]
    hall.simulator.control({"do": "plug"})
    await hall.open()
    (found,) = await hall.recover()
    assert found.custody.state == C.RETURNED


@pytest.mark.parametrize("fault", ["BIN.FULL", "BIN.MISSING"])
async def test_a_bin_that_takes_nothing(hall: Hall, fault: str) -> None:
    custody = await hall.office.keeper.offer(await hall.took_in())
    hall.simulator.control({"do": "fault", "id": fault})
    custody = await hall.office.keeper.retain(custody, "not_taken")
    assert (custody.state in (C.OFFERED, C.INSIDE), custody["trouble"]) == (True, "supply_out")
    hall.simulator.control({"do": "clear"})
    assert (await hall.office.keeper.retain(custody, "not_taken")).state == C.RETAINED
