"""What only a real PC/SC service can do to us: it dies and comes back, readers have names, others hold the card."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator

import pytest

from drivers.permit_reader import connect
from drivers.permit_reader.pcsc import PcscChannel
from drivers.permit_reader.reader import PermitChipReader
from drivers.permit_reader.simulator import PermitChipSimulator
from drivers.permit_reader.vpcd import serve_vpcd
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.devices import Link
from tests.drivers.permit_reader.conftest import KEY, permit, swap
from tests.drivers.permit_reader.service import PcscService

pytestmark = pytest.mark.xdist_group("pcscd")

HOLDER = """
import sys
from smartcard import scard
_, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
while True:
    code, card, _ = scard.SCardConnect(context, sys.argv[1], scard.SCARD_SHARE_EXCLUSIVE, scard.SCARD_PROTOCOL_T1)
    if code == scard.SCARD_S_SUCCESS:
        break
print("held", flush=True)
sys.stdin.read()
scard.SCardDisconnect(card, scard.SCARD_LEAVE_CARD)
"""


@pytest.fixture
async def card(service: PcscService, simulator: PermitChipSimulator) -> AsyncIterator[PermitChipSimulator]:
    """The simulator before the first virtual reader of the service."""
    serving = asyncio.create_task(serve_vpcd(simulator, port=service.port))
    yield simulator
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)


@pytest.fixture
async def device(card: PermitChipSimulator) -> AsyncIterator[PermitChipReader]:
    reader = connect("icao+pcsc:")
    await reader.open()
    yield reader
    await reader.close()


async def refused(reader: PermitChipReader, deadline: float) -> DeviceError:
    with pytest.raises(DeviceError) as caught:
        await reader.read(KEY, deadline)
    return caught.value


async def until(reader: PermitChipReader, link: Link) -> None:
    async with asyncio.timeout(20):
        while (await reader.check()).link is not link:
            await asyncio.sleep(0.05)


async def test_the_service_dies_and_comes_back(
    service: PcscService, card: PermitChipSimulator, device: PermitChipReader
) -> None:
    card.hold(permit())
    assert (await device.read(KEY, 5.0)).protocol == "bac"
    service.stop(signal.SIGKILL)
    await until(device, Link.OFFLINE)
    assert (await refused(device, 0.5)).kind is ErrorKind.OFFLINE
    service.start()
    await until(device, Link.READY)
    assert (await device.read(KEY, 5.0)).protocol == "bac"


async def test_the_service_dies_in_the_middle_of_a_reading(
    service: PcscService, card: PermitChipSimulator, device: PermitChipReader
) -> None:
    card.hold(permit())
    card.control({"do": "fault", "id": "PCSC.SLOW", "count": None, "seconds": 0.1})
    reading = asyncio.create_task(refused(device, 5.0))
    async with asyncio.timeout(10):
        while not card.reads:
            await asyncio.sleep(0.02)
    service.stop(signal.SIGKILL)
    assert (await reading).kind in (ErrorKind.OFFLINE, ErrorKind.MEDIA_REMOVED)
    card.control({"do": "clear"})
    service.start()
    await until(device, Link.READY)
    assert (await device.read(KEY, 5.0)).protocol == "bac"


async def test_without_a_service_the_reader_is_offline_and_comes_up_later(
    service: PcscService, card: PermitChipSimulator
) -> None:
    service.stop()
    reader = connect("icao+pcsc:")
    with pytest.raises(DeviceError) as caught:
        await reader.open()
    assert caught.value.kind is ErrorKind.OFFLINE
    assert reader.status().link is Link.OFFLINE
    service.start()
    await until(reader, Link.READY)
    card.hold(permit())
    assert (await reader.read(KEY, 5.0)).hashes_fit
    await reader.close()


async def test_a_killed_worker_is_replaced(card: PermitChipSimulator, device: PermitChipReader) -> None:
    card.hold(permit())
    await device.read(KEY, 5.0)
    channel = device._channel
    assert isinstance(channel, PcscChannel)
    assert channel._keeper.process is not None
    os.kill(channel._keeper.process.pid, signal.SIGKILL)
    assert (await device.read(KEY, 5.0)).hashes_fit


async def test_readers_are_chosen_by_a_part_of_their_name(card: PermitChipSimulator) -> None:
    card.hold(permit())
    for part, kind in (("PCD 00 00", None), ("pcd%2000%2001", ErrorKind.NO_MEDIA), ("ACS", ErrorKind.OFFLINE)):
        reader = connect(f"icao+pcsc:{part}")
        try:
            if kind is ErrorKind.OFFLINE:
                with pytest.raises(DeviceError) as caught:
                    await reader.open()
                assert caught.value.kind is kind
                continue
            await reader.open()
            if kind is None:
                assert (await reader.read(KEY, 5.0)).hashes_fit
            else:
                assert (await refused(reader, 0.5)).kind is kind
        finally:
            await reader.close()


async def test_the_reader_with_a_card_is_taken(service: PcscService, device: PermitChipReader) -> None:
    second = PermitChipSimulator(photo_bytes=3000)
    serving = asyncio.create_task(serve_vpcd(second, port=service.port + 1))
    second.hold(permit())
    assert (await device.read(KEY, 5.0)).hashes_fit
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)


async def test_another_program_that_holds_the_card_is_told(card: PermitChipSimulator, device: PermitChipReader) -> None:
    card.hold(permit())
    await device.read(KEY, 5.0)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, "Virtual PCD 00 00"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    assert holder.stdin is not None
    try:
        loop = asyncio.get_running_loop()
        assert await loop.run_in_executor(None, holder.stdout.readline) == b"held\n"
        error = await refused(device, 0.6)
        assert (error.kind, error.native) == (ErrorKind.BUSY, "0x8010000B")
    finally:
        await loop.run_in_executor(None, holder.communicate)
    assert (await device.read(KEY, 5.0)).hashes_fit


async def test_the_field_is_told_without_asking_the_card(card: PermitChipSimulator, device: PermitChipReader) -> None:
    assert device.status().parts["field"] == "empty"
    card.hold(permit())
    async with asyncio.timeout(5):
        while device.status().parts["field"] != "present":
            await asyncio.sleep(0.02)
    await swap(device, card, None)
    assert card.reads == 0


async def test_the_worker_ends_with_the_kiosk(service: PcscService) -> None:
    reader = connect("icao+pcsc:")
    await reader.open()
    channel = reader._channel
    assert isinstance(channel, PcscChannel)
    assert channel._keeper.process is not None
    pid = channel._keeper.process.pid
    await reader.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
