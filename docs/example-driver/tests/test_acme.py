"""The suite every ID card reader passes, on this one, and what only this one has."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from acme_reader.reader import AcmeReader
from acme_reader.simulator import AcmeSimulator

from drivers.conformance.id_card import IdCardBench, IdCardConformance
from drivers.transport.host import serve_tcp
from drivers.transport.url import open_transport
from kiosk.domain.errors import DeviceError, ErrorKind


@asynccontextmanager
async def acme() -> AsyncIterator[tuple[AcmeReader, AcmeSimulator]]:
    simulator = AcmeSimulator()
    async with serve_tcp(simulator) as port:
        reader = AcmeReader(open_transport(f"tcp://127.0.0.1:{port}"), driver="acme+tcp", answer_s=0.5, every_s=0.02)
        yield reader, simulator
        await reader.close()


class TestAcme(IdCardConformance):
    @asynccontextmanager
    async def bench(self) -> AsyncIterator[IdCardBench]:
        async with acme() as (reader, simulator):
            place, remove = simulator.place, simulator.remove
            yield IdCardBench(reader, simulator.unplug, simulator.plug, place=place, remove=remove)


@pytest.mark.asyncio
async def test_a_card_that_makes_no_sense() -> None:
    async with acme() as (reader, simulator):
        await reader.open()
        simulator.place()
        simulator.control({"do": "fault", "id": "ACME.BADCARD"})
        with pytest.raises(DeviceError) as caught:
            await reader.wait_card(2)
        assert caught.value.kind is ErrorKind.MEDIA_BAD


@pytest.mark.asyncio
@pytest.mark.parametrize("fault", ["LINE.FLIP", "LINE.NOISE_BEFORE", "LINE.DRIP", "LINE.DOUBLE", "LINE.LOST_FIRST"])
async def test_a_line_that_goes_wrong_once_reads_no_wrong_card(fault: str) -> None:
    """The faults of lines are there already: the simulator's wire plays them."""
    async with acme() as (reader, simulator):
        await reader.open()
        number = simulator.place()
        simulator.control({"do": "fault", "id": fault})
        with suppress(DeviceError):  # it may say that it heard nothing, but it may not read anything else
            assert (await reader.wait_card(3)).number == number
        assert (await reader.wait_card(3)).number == number
