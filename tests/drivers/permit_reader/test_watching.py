"""What a real PC/SC service tells by itself, and what comes back by itself: nobody asks, checks or reads meanwhile."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager

import pytest

from drivers.permit_reader import connect
from drivers.permit_reader.pcsc import PcscChannel
from drivers.permit_reader.reader import PermitChipReader
from drivers.permit_reader.simulator import PermitChipSimulator
from drivers.permit_reader.vpcd import serve_vpcd
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.devices import DeviceStatus, Link
from tests.drivers.permit_reader.conftest import KEY, permit
from tests.drivers.permit_reader.service import PcscService

pytestmark = pytest.mark.xdist_group("pcscd")

HOLDER = """
import sys
from smartcard import scard
_, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
while True:
    code, card, _ = scard.SCardConnect(context, sys.argv[1], scard.SCARD_SHARE_SHARED, scard.SCARD_PROTOCOL_T1)
    if code == scard.SCARD_S_SUCCESS:
        break
scard.SCardBeginTransaction(card)
print("held", flush=True)
sys.stdin.read()
scard.SCardEndTransaction(card, scard.SCARD_LEAVE_CARD)
scard.SCardDisconnect(card, scard.SCARD_LEAVE_CARD)
"""


class News:
    """Every status a listener was told of."""

    def __init__(self, device: PermitChipReader) -> None:
        self.told: list[DeviceStatus] = []
        self._device = device
        self._more = asyncio.Event()
        device.listen(self._heard)

    def _heard(self) -> None:
        self.told.append(self._device.status())
        self._more.set()

    async def until(self, true: Callable[[DeviceStatus], bool]) -> DeviceStatus:
        async with asyncio.timeout(20):
            while not true(self._device.status()):
                self._more.clear()
                await self._more.wait()
        return self._device.status()


@pytest.fixture
async def card(service: PcscService, simulator: PermitChipSimulator) -> AsyncIterator[PermitChipSimulator]:
    serving = asyncio.create_task(serve_vpcd(simulator, port=service.port))
    yield simulator
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)


@pytest.fixture
async def device(card: PermitChipSimulator) -> AsyncIterator[PermitChipReader]:
    reader = PermitChipReader(PcscChannel("v", call_timeout=1.5), answer_timeout=1.0)
    await reader.open()
    yield reader
    await reader.close()


def worker(device: PermitChipReader) -> int:
    channel = device._channel
    assert isinstance(channel, PcscChannel)
    assert channel._keeper.process is not None
    return channel._keeper.process.pid


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@contextmanager
def another_program(reader: str) -> Iterator[None]:
    """It has begun a transaction with the card."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, reader], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdin is not None
        assert holder.stdout.readline() == b"held\n"
        yield
        holder.stdin.close()


async def test_a_card_that_comes_and_goes(device: PermitChipReader, card: PermitChipSimulator) -> None:
    news = News(device)
    assert device.status().parts["field"] == "empty"
    for _ in range(2):
        card.hold(permit())
        await news.until(lambda now: now.parts["field"] == "present")
        card.hold(None)
        await news.until(lambda now: now.parts["field"] == "empty")
    assert len(news.told) == 4, "each change once, and nothing else"
    assert card.reads == 0


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
async def test_the_service_goes_and_comes_back(
    service: PcscService, device: PermitChipReader, card: PermitChipSimulator, how: signal.Signals
) -> None:
    news = News(device)
    pid = worker(device)
    for _ in range(2):
        service.stop(how)
        status = await news.until(lambda now: now.link is Link.OFFLINE)
        assert status.trouble is ErrorKind.OFFLINE
        waiting = asyncio.create_task(device.wait_return())
        await asyncio.sleep(0.05)
        assert not waiting.done()
        service.start()
        async with asyncio.timeout(5):
            await waiting
        assert (await news.until(lambda now: now.link is Link.READY)).trouble is None
    assert worker(device) == pid, "the worker lives on: its context is made anew"
    assert device.counters()["losses"] == 2
    card.hold(permit())
    assert (await device.read(KEY, 5.0)).hashes_fit


async def test_opened_without_a_service_it_comes_up_with_it(service: PcscService) -> None:
    service.stop()
    reader = connect("icao+pcsc:")
    news = News(reader)
    with pytest.raises(DeviceError):
        await reader.open()
    assert reader.status().trouble is ErrorKind.OFFLINE
    service.start()
    await news.until(lambda now: now.link is Link.READY)
    await reader.close()
    assert reader.status().link is Link.CLOSED


async def test_a_closed_reader_waits_for_the_service_and_leaves_nothing_behind(service: PcscService) -> None:
    service.stop()
    reader = connect("icao+pcsc:")
    waiting = asyncio.create_task(reader.wait_return())
    await asyncio.sleep(1.0)
    assert not waiting.done()
    pid = worker(reader)
    service.start()
    async with asyncio.timeout(5):
        await waiting
    await reader.open()
    assert worker(reader) == pid
    await reader.close()
    assert not alive(pid)


async def test_a_transmission_that_hangs(device: PermitChipReader, card: PermitChipSimulator) -> None:
    news = News(device)
    pid = worker(device)
    card.hold(permit(chip="mute"))
    await news.until(lambda now: now.parts["field"] == "present")
    with pytest.raises(DeviceError) as caught:
        await device.read(KEY, 3.0)
    assert (caught.value.kind, caught.value.native) == (ErrorKind.TIMEOUT, "MUTE")
    assert (device.status().link, device.status().trouble) == (Link.FAULT, ErrorKind.TIMEOUT)
    async with asyncio.timeout(5):
        while alive(pid):
            await asyncio.sleep(0.02)
    card.hold(None)
    await news.until(lambda now: now.link is Link.READY)
    counted = device.counters()
    assert (counted["restarts"], counted["timeouts"], counted["failed_reads"]) == (1, 1, 1)
    assert worker(device) != pid
    await news.until(lambda now: now.parts["field"] == "empty")
    card.hold(permit())
    assert (await device.read(KEY, 5.0)).hashes_fit


async def test_a_worker_that_dies_is_replaced_at_once(device: PermitChipReader, card: PermitChipSimulator) -> None:
    news = News(device)
    for _ in range(2):
        pid = worker(device)
        os.kill(pid, signal.SIGKILL)
        await news.until(lambda now: now.link is Link.OFFLINE)
        await news.until(lambda now: now.link is Link.READY)
        assert worker(device) != pid
    assert device.counters()["restarts"] == 2


async def test_a_worker_that_dies_under_a_reading(device: PermitChipReader, card: PermitChipSimulator) -> None:
    card.hold(permit())
    card.control({"do": "fault", "id": "PCSC.SLOW", "count": None, "seconds": 0.05})
    reading = asyncio.create_task(device.read(KEY, 5.0))
    async with asyncio.timeout(10):
        while not card.reads:
            await asyncio.sleep(0.01)
    os.kill(worker(device), signal.SIGKILL)
    with pytest.raises(DeviceError) as caught:
        await reading
    assert (caught.value.kind, caught.value.native) == (ErrorKind.OFFLINE, "WORKER")
    card.control({"do": "clear"})
    await News(device).until(lambda now: now.link is Link.READY)
    assert (await device.read(KEY, 5.0)).hashes_fit


async def test_another_programs_transaction(device: PermitChipReader, card: PermitChipSimulator) -> None:
    news = News(device)
    card.hold(permit())
    await news.until(lambda now: now.parts["field"] == "present")
    loop = asyncio.get_running_loop()
    holding = another_program("Virtual PCD 00 00")
    await loop.run_in_executor(None, holding.__enter__)
    try:
        with pytest.raises(DeviceError) as caught:
            await device.read(KEY, 3.0)
        assert (caught.value.kind, caught.value.native) == (ErrorKind.BUSY, "TRANSACTION")
        status = await news.until(lambda now: now.link is not Link.OFFLINE)  # as soon as the new worker is there
        assert (status.link, status.trouble) == (Link.DEGRADED, ErrorKind.BUSY)
    finally:
        await loop.run_in_executor(None, holding.__exit__, None, None, None)
    assert (await device.read(KEY, 5.0)).hashes_fit
    assert device.status().link is Link.READY


async def test_nobody_speaks_in_between(device: PermitChipReader, card: PermitChipSimulator) -> None:
    """While a chip is read, a program that wants a transaction of its own waits until the reading is over."""
    card.hold(permit())
    card.control({"do": "fault", "id": "PCSC.SLOW", "count": None, "seconds": 0.02})
    reading = asyncio.create_task(device.read(KEY, 5.0))
    async with asyncio.timeout(10):
        while not card.reads:
            await asyncio.sleep(0.01)
    loop = asyncio.get_running_loop()
    holding = another_program("Virtual PCD 00 00")
    await loop.run_in_executor(None, holding.__enter__)
    assert reading.done(), "the other program got the card after us"
    assert (await reading).hashes_fit
    await loop.run_in_executor(None, holding.__exit__, None, None, None)


async def test_a_service_that_hangs(service: PcscService, device: PermitChipReader) -> None:
    news = News(device)
    service.tell(signal.SIGSTOP)
    try:
        status = await device.check()
        assert (status.link, status.trouble) == (Link.FAULT, ErrorKind.TIMEOUT)
    finally:
        service.tell(signal.SIGCONT)
    await news.until(lambda now: now.link is Link.READY)


async def test_a_reader_that_is_pulled_out_and_comes_back_under_another_name(
    service: PcscService, device: PermitChipReader, card: PermitChipSimulator
) -> None:
    news = News(device)
    assert device.slot.reader == "Virtual PCD 00 00"
    service.stop()
    service.start(reader="")
    status = await news.until(lambda now: now.detail.startswith("No PC/SC reader"))
    assert (status.link, status.trouble) == (Link.OFFLINE, ErrorKind.OFFLINE)
    service.stop()
    service.start("V Other Reader")
    await news.until(lambda now: now.link is Link.READY)
    assert device.slot.reader.startswith("V Other Reader")
    card.hold(permit())
    assert (await device.read(KEY, 5.0)).hashes_fit


async def test_two_readers_of_one_name_are_told_apart(service: PcscService, card: PermitChipSimulator) -> None:
    """pcscd numbers them; without a number whichever has a card is taken, and the other one stays out of it."""
    second = PermitChipSimulator(photo_bytes=3000)
    serving = asyncio.create_task(serve_vpcd(second, port=service.port + 1))
    both, one = connect("icao+pcsc:virtual pcd"), connect("icao+pcsc:00 01")
    await both.open()
    await one.open()
    news = News(one)
    second.hold(permit())
    await news.until(lambda now: now.parts["field"] == "present")
    assert one.slot.reader == "Virtual PCD 00 01"
    assert (await both.read(KEY, 5.0)).hashes_fit
    assert (card.reads, second.reads) == (0, 1)
    await both.close()
    await one.close()
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)


async def test_a_service_that_comes_and_goes_under_readings(
    service: PcscService, device: PermitChipReader, card: PermitChipSimulator
) -> None:
    card.hold(permit())
    card.control({"do": "fault", "id": "PCSC.SLOW", "count": None, "seconds": 0.005})
    kinds: set[ErrorKind] = set()
    for round_ in range(4):
        reading = asyncio.create_task(device.read(KEY, 3.0))
        await asyncio.sleep(0.1 * (round_ + 1))
        service.stop(signal.SIGKILL)
        service.start()
        try:
            await reading
        except DeviceError as error:
            kinds.add(error.kind)
    assert kinds <= {ErrorKind.OFFLINE, ErrorKind.MEDIA_REMOVED, ErrorKind.NO_MEDIA}
    news = News(device)
    await news.until(lambda now: now.link is Link.READY and now.parts["field"] == "present")
    assert (await device.read(KEY, 5.0)).hashes_fit
