"""What all kinds of device have in common: life, status, errors, cancelling, and the care for technicians where it is offered."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar, Generic, TypeVar

import pytest

from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.devices import Device, DeviceStatus, Link
from kiosk.ports.health import COUNTERS, Ask, Finding, Level, Resettable, Returning, Serviced

PATIENCE = 20.0
"""Seconds after which something that should have happened has not."""
_SOON = 0.02
GONE = (Link.OFFLINE, Link.FAULT)
USABLE = (Link.READY, Link.BUSY, Link.DEGRADED)


@dataclass
class Bench:
    """One device that was never opened, with its simulator (or a person) behind it.

    `unplug` and `plug` pull the device out and put it back; None where that cannot be played: the tests of it are skipped.
    """

    device: Any
    unplug: Callable[[], object] | None = None
    plug: Callable[[], object] | None = None


B = TypeVar("B", bound=Bench)


class Nobody:
    """A `Person` who answers nothing and does nothing."""

    async def ask(self, what: Ask) -> bool | None:
        del what
        return None


class DeviceConformance(ABC, Generic[B]):
    """Subclass the suite of your kind, not this. `bench()` gives a fresh bench for each test and takes it down again."""

    pytestmark: ClassVar[list[pytest.MarkDecorator]] = [pytest.mark.asyncio]
    kind: ClassVar[str]

    @abstractmethod
    def bench(self) -> AbstractAsyncContextManager[B]: ...

    @abstractmethod
    async def use(self, bench: B, deadline: float) -> object:
        """The device's main work, with nothing there for it to work on. Raises DeviceError in the end."""

    @asynccontextmanager
    async def at_bench(self) -> AsyncIterator[B]:
        """The bench, with a moment for its simulators to begin."""
        async with self.bench() as bench:
            await asyncio.sleep(_SOON)
            yield bench

    # --- what it is -----------------------------------------------------------------------------------------------

    async def test_says_what_it_is(self) -> None:
        async with self.at_bench() as bench:
            device = bench.device
            assert isinstance(device, Device)
            assert device.device_id == self.kind
            assert device.driver
            assert isinstance(device.simulated, bool)
            assert isinstance(device.capabilities, Mapping)

    async def test_is_closed_before_it_is_opened(self) -> None:
        async with self.at_bench() as bench:
            assert _fine(bench.device.status()).link is Link.CLOSED
            assert _fine(await bench.device.check()).link is Link.CLOSED

    # --- life -----------------------------------------------------------------------------------------------------

    async def test_opens_and_closes_again_and_again(self) -> None:
        async with self.at_bench() as bench:
            for _ in range(3):
                await bench.device.open()
                assert _fine(bench.device.status()).link in USABLE
                await bench.device.close()
                assert _fine(bench.device.status()).link is Link.CLOSED

    async def test_close_is_idempotent_and_never_raises(self) -> None:
        async with self.at_bench() as bench:
            await bench.device.close()
            await bench.device.open()
            await bench.device.close()
            await bench.device.close()
            assert bench.device.status().link is Link.CLOSED

    async def test_an_opening_that_was_broken_off_does_no_harm(self) -> None:
        async with self.at_bench() as bench:
            for turns in (0, 1, 3, 10):
                opening = asyncio.ensure_future(bench.device.open())
                for _ in range(turns):
                    await asyncio.sleep(0)
                opening.cancel()
                with suppress(asyncio.CancelledError, DeviceError):
                    await opening
                await bench.device.close()
            await self._back(bench)
            await bench.device.close()

    # --- status ---------------------------------------------------------------------------------------------------

    async def test_status_is_a_value_at_hand(self) -> None:
        """Asked a thousand times in a row without a turn of the event loop: nothing can have been asked of the device."""
        async with self.at_bench() as bench:
            await self._open(bench)
            first = _fine(bench.device.status())
            assert all(bench.device.status() == first for _ in range(1000))
            await bench.device.close()

    async def test_check_asks_and_does_not_raise(self) -> None:
        async with self.at_bench() as bench:
            await self._open(bench)
            async with asyncio.timeout(PATIENCE):
                checked = _fine(await bench.device.check())
            assert checked.link in USABLE
            assert checked == bench.device.status()
            await bench.device.close()

    # --- errors ---------------------------------------------------------------------------------------------------

    async def test_work_needs_an_open_device(self) -> None:
        async with self.at_bench() as bench:
            error = await self._error(bench)
            assert error.kind in (ErrorKind.NOT_OPEN, ErrorKind.OFFLINE)

    async def test_a_device_that_is_gone_is_a_status_and_a_device_error(self) -> None:
        async with self.at_bench() as bench:
            unplug, plug = _pulled(bench)
            await self._open(bench)
            unplug()
            await asyncio.sleep(_SOON)
            await self._error_in_the_end(bench)
            async with asyncio.timeout(PATIENCE):
                while _fine(await bench.device.check()).link not in GONE:  # some need a moment to be sure
                    await asyncio.sleep(_SOON)
            assert bench.device.status().detail, "a technician must be told why"
            plug()
            await self._back(bench)
            await bench.device.close()

    async def test_a_device_that_was_never_there_cannot_be_opened(self) -> None:
        async with self.at_bench() as bench:
            unplug, plug = _pulled(bench)
            unplug()
            await asyncio.sleep(_SOON)
            async with asyncio.timeout(PATIENCE):
                with pytest.raises(DeviceError) as caught:
                    await bench.device.open()
            _proper(caught.value, self.kind)
            await bench.device.check()
            await bench.device.close()
            plug()
            await self._back(bench)
            await bench.device.close()

    # --- cancelling -----------------------------------------------------------------------------------------------

    async def test_a_call_that_was_cancelled_leaves_the_device_usable(self) -> None:
        async with self.at_bench() as bench:
            await self._open(bench)
            for turns in (0, 1, 5, 50):
                working = asyncio.ensure_future(self.use(bench, PATIENCE))
                for _ in range(turns):
                    await asyncio.sleep(0)
                working.cancel()
                with suppress(asyncio.CancelledError, DeviceError):
                    await working
            async with asyncio.timeout(PATIENCE):
                while _fine(await bench.device.check()).link not in USABLE:
                    await asyncio.sleep(_SOON)
            await self.works(bench)
            await bench.device.close()

    async def works(self, bench: B) -> None:
        """The device does its work once, with everything there for it."""

    # --- for technicians, where it is offered ---------------------------------------------------------------------

    async def test_counts_what_the_catalogue_names(self) -> None:
        async with self.at_bench() as bench:
            device = _serviced(bench.device)
            before = dict(device.counters())
            await self._open(bench)
            await self.works(bench)
            await bench.device.close()
            after = dict(device.counters())
            assert set(before) | set(after) <= set(COUNTERS)
            assert all(after[name] >= value for name, value in before.items()), "counters only grow"

    async def test_tells_listeners_of_every_change_and_only_of_changes(self) -> None:
        async with self.at_bench() as bench:
            device = _serviced(bench.device)
            told: list[DeviceStatus] = []
            stop = device.listen(lambda: told.append(bench.device.status()))
            await self._open(bench)
            await bench.device.close()
            assert told
            assert told[-1].link is Link.CLOSED
            assert all(one != other for one, other in pairwise(told))
            stop()
            count = len(told)
            await self._open(bench)
            await bench.device.close()
            assert len(told) == count

    async def test_can_be_examined_open_and_gone(self) -> None:
        async with self.at_bench() as bench:
            device = _serviced(bench.device)
            await self._open(bench)
            _findings(await device.examine(Level.INTERNAL, Nobody()))
            if bench.unplug is not None:
                bench.unplug()
                await asyncio.sleep(_SOON)
                _findings(await device.examine(Level.INTERNAL, Nobody()))
            await bench.device.close()

    async def test_is_usable_after_a_reset(self) -> None:
        async with self.at_bench() as bench:
            device = _resettable(bench.device)
            await self._open(bench)
            async with asyncio.timeout(PATIENCE):
                await device.reset()
            assert _fine(await bench.device.check()).link in USABLE
            await bench.device.close()

    async def test_says_when_there_is_reason_to_believe_that_it_is_back(self) -> None:
        async with self.at_bench() as bench:
            device = _returning(bench.device)
            unplug, plug = _pulled(bench)
            await self._open(bench)
            unplug()
            await asyncio.sleep(_SOON)
            await self._error_in_the_end(bench)
            waiting = asyncio.ensure_future(device.wait_return())
            await asyncio.sleep(_SOON)
            plug()
            try:
                await asyncio.wait((waiting,), timeout=PATIENCE)
                assert waiting.done(), "a device that came back was not noticed"
                await waiting
            finally:
                waiting.cancel()
                await asyncio.gather(waiting, return_exceptions=True)
            await self._back(bench)
            await bench.device.close()

    # --- inside ---------------------------------------------------------------------------------------------------

    async def _open(self, bench: B) -> None:
        async with asyncio.timeout(PATIENCE):
            await bench.device.open()

    async def _back(self, bench: B) -> None:
        """What the supervisor does until the device is usable."""
        async with asyncio.timeout(PATIENCE):
            while True:
                with suppress(DeviceError):
                    await bench.device.open()
                    if bench.device.status().link in USABLE:
                        break
                await bench.device.close()
                await asyncio.sleep(_SOON)

    async def _error_in_the_end(self, bench: B) -> None:
        """A device that works by itself (a camera in its own process) may still give what it had when it was pulled out."""
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    await self.use(bench, 1.0)
                except DeviceError as error:
                    _proper(error, self.kind)
                    return

    async def _error(self, bench: B) -> DeviceError:
        """What the device's work ends with while it cannot work."""
        async with asyncio.timeout(PATIENCE):
            with pytest.raises(DeviceError) as caught:
                await self.use(bench, 1.0)
        return _proper(caught.value, self.kind)


def _serviced(device: object) -> Serviced:
    return device if isinstance(device, Serviced) else pytest.skip("this driver offers no examination and no counters")


def _resettable(device: object) -> Resettable:
    return device if isinstance(device, Resettable) else pytest.skip("this driver offers no reset")


def _returning(device: object) -> Returning:
    return device if isinstance(device, Returning) else pytest.skip("this driver does not say when its device is back")


def _pulled(bench: Bench) -> tuple[Callable[[], object], Callable[[], object]]:
    if bench.unplug is None or bench.plug is None:
        pytest.skip("this bench cannot pull the device out")
    return bench.unplug, bench.plug


def _fine(status: object) -> DeviceStatus:
    """A status as the port wants it."""
    assert isinstance(status, DeviceStatus)
    assert isinstance(status.link, Link)
    assert all(isinstance(name, str) and isinstance(value, str) for name, value in status.parts.items())
    assert isinstance(status.detail, str)
    return status


def _proper(error: DeviceError, kind: str) -> DeviceError:
    """An error a technician can work with: of this device, with a sentence."""
    assert error.device, f"the {kind}, or its line where the trouble is the line's"
    assert isinstance(error.kind, ErrorKind)
    assert error.hint
    return error


def _findings(found: object) -> None:
    assert isinstance(found, tuple)
    assert found, "an examination finds something"
    for each in found:
        assert isinstance(each, Finding)
        assert each.name


async def until(true: Callable[[], object]) -> None:
    """Wait for something another task brings about. Raises TimeoutError."""
    async with asyncio.timeout(PATIENCE):
        while not true():
            await asyncio.sleep(0.001)


async def during(work: Awaitable[Any], then: Callable[[], object]) -> Any:
    """`then` happens while `work` is under way."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.sleep(_SOON)
        then()
        return await task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
