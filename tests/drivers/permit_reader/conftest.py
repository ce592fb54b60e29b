"""Fictional permits, and a reader over each kind of channel: in this process, and through a real pcscd with vpcd."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from drivers.permit_reader.channel import CardChannel
from drivers.permit_reader.pcsc import PcscChannel
from drivers.permit_reader.reader import PermitChipReader
from drivers.permit_reader.sim import SimChannel
from drivers.permit_reader.simulator import PermitChipSimulator
from drivers.permit_reader.vpcd import serve_vpcd
from drivers.virtual_permit import VirtualPermit
from kiosk.domain.permit import ChipKey
from tests.drivers.permit_reader.service import PcscService, why_not

LINE = "CSCA00000015<3301155<9003071<0"
KEY = ChipKey("CA0000001", "900307", "330115")
ID_NUMBER = "330299199003070005"
ANSWER_TIMEOUT = 1.5


def permit(**fields: Any) -> VirtualPermit:
    known = {"line": LINE, "name": "张三", "surname": "ZHANG", "given": "SAN", "sex": "M", "id_number": ID_NUMBER}
    return VirtualPermit(**{**known, "birth": "19900307", **fields})


async def swap(reader: PermitChipReader, simulator: PermitChipSimulator, card: VirtualPermit | None) -> None:
    """As a hand does it: pcscd looks at the slot every 0.4 s and must have seen it empty."""
    simulator.hold(None)
    if not reader.simulated:
        async with asyncio.timeout(5.0):
            while (await reader.check()).parts["field"] != "empty":
                await asyncio.sleep(0.05)
    simulator.hold(card)


@pytest.fixture
def simulator() -> PermitChipSimulator:
    return PermitChipSimulator(photo_bytes=6000)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[PcscService]:
    """A pcscd of our own with two virtual readers."""
    if reason := why_not():
        pytest.skip(reason)
    with PcscService() as running:
        monkeypatch.setenv("PCSCLITE_CSOCK_NAME", running.socket)
        yield running


@pytest.fixture(params=["sim", pytest.param("pcsc", marks=pytest.mark.xdist_group("pcscd"))])
async def channel(request: pytest.FixtureRequest, simulator: PermitChipSimulator) -> AsyncIterator[CardChannel]:
    """Where the simulator's card answers, once in this process and once behind pcscd."""
    if request.param == "sim":
        yield SimChannel(simulator)
        return
    service: PcscService = request.getfixturevalue("service")
    card = asyncio.create_task(serve_vpcd(simulator, port=service.port))
    yield PcscChannel("virtual pcd", call_timeout=3.0)
    card.cancel()
    await asyncio.gather(card, return_exceptions=True)


@pytest.fixture
async def reader(channel: CardChannel) -> AsyncIterator[PermitChipReader]:
    device = PermitChipReader(channel, answer_timeout=ANSWER_TIMEOUT, read_timeout=15.0)
    await device.open()
    yield device
    await device.close()


@pytest.fixture
async def near_reader(simulator: PermitChipSimulator) -> AsyncIterator[PermitChipReader]:
    """The in-process one, for what does not depend on the channel."""
    device = PermitChipReader(SimChannel(simulator), answer_timeout=0.3, read_timeout=5.0)
    await device.open()
    yield device
    await device.close()
