"""The supervisor over real drivers on real lines: lost, in doubt, absent, found, hung, exchanged, and whose they are."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import pytest
import structlog

from drivers import id_card
from drivers.id_card.simulator import SamvSimulator
from drivers.transport.host import serve_pty, serve_tcp
from kiosk.care.socket import Socket
from kiosk.care.supervisor import DeviceState, Holder, LeaseTaken, Patience, Supervisor
from kiosk.domain.errors import Action, DeviceError, ErrorKind
from kiosk.ports.clock import SystemClock
from kiosk.ports.devices import Device, DeviceStatus, Link

QUICK = Patience(every=0.02, first=0.03, last=0.06, opening=5, check=5, closing=2, grace=0.2)
NAME = "id_card"


class Stubborn:
    """Somebody else's driver: opens and closes, and can be told not to come back from a call, or to break."""

    device_id, driver, simulated = "stubborn", "acme+test", False
    capabilities: Mapping[str, object] = {}

    def __init__(self) -> None:
        self.link = Link.CLOSED
        self.hangs: asyncio.Event | None = None
        self.bug = False
        self.opened = self.closed = self.checked = 0
        self.cancelled = 0

    async def _stay(self) -> None:
        if self.hangs is None:
            return
        try:
            await self.hangs.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise

    async def open(self) -> None:
        self.opened += 1
        await self._stay()
        self.link = Link.READY

    async def close(self) -> None:
        self.closed += 1
        self.link = Link.CLOSED

    def status(self) -> DeviceStatus:
        return DeviceStatus(self.link)

    async def check(self) -> DeviceStatus:
        self.checked += 1
        await self._stay()
        if self.bug:
            raise RuntimeError("a bug in a driver")
        return self.status()


@asynccontextmanager
async def watched(device: Device, patience: Patience = QUICK, *, name: str = NAME) -> AsyncIterator[Supervisor]:
    supervisor = Supervisor({name: device}, SystemClock(), patience=patience)
    task = asyncio.ensure_future(supervisor.run())
    try:
        yield supervisor
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await device.close()


async def until(supervisor: Supervisor, true: Callable[[DeviceState], bool], name: str = NAME) -> DeviceState:
    async with asyncio.timeout(20):
        while not true(supervisor.state(name)):
            seen = supervisor.revision
            if not true(supervisor.state(name)):
                await supervisor.changed(seen)
    return supervisor.state(name)


def ready(state: DeviceState) -> bool:
    return state.status.link is Link.READY


async def test_opens_and_measures() -> None:
    async with watched(id_card.connect("samv+sim:", decoder="none", simulator=SamvSimulator())) as supervisor:
        state = await until(supervisor, ready)
        assert not state.absent
        assert state.remedy.action is Action.NONE
        assert (state.driver, state.simulated) == ("samv+sim", True)
        assert state.since.tzinfo is not None


@pytest.mark.parametrize("line", ["pty", "tcp"])
async def test_lost_in_doubt_absent_and_found_each_said_once(line: str) -> None:
    simulator = SamvSimulator()
    shown: list[tuple[Link, Link, bool]] = []
    serving = serve_pty(simulator) if line == "pty" else serve_tcp(simulator)
    with structlog.testing.capture_logs() as log:
        async with serving as where:
            url = f"samv+serial://{where}" if line == "pty" else f"samv+tcp://127.0.0.1:{where}"
            async with watched(id_card.connect(url, decoder="none")) as supervisor:
                await until(supervisor, ready)
                simulator.unplug()
                seen = supervisor.revision
                while not supervisor.state(NAME).absent:
                    state = supervisor.state(NAME)
                    shown.append((state.status.link, state.shown.link, state.absent))
                    seen = await supervisor.changed(seen)
                simulator.plug()
                state = await until(supervisor, ready)
                assert state.misses == 0
    assert {said for link, said, _ in shown if link is not Link.READY} <= {Link.READY}, "in doubt it is shown as it was"
    mine = [entry["event"] for entry in log if entry["event"] in ("device_lost", "device_found", "device_back")]
    assert mine == ["device_lost", "device_found"]


async def test_one_miss_is_no_loss() -> None:
    """Somebody touched the cable: nobody is told, and the home screen stays as it is."""
    simulator = SamvSimulator()
    with structlog.testing.capture_logs() as log:
        async with watched(id_card.connect("samv+sim:", decoder="none", simulator=simulator)) as supervisor:
            await until(supervisor, ready)
            simulator.control({"do": "fault", "id": "LINE.HANGUP"})
            state = await until(supervisor, lambda now: now.status.link is not Link.READY)
            assert state.shown.link is Link.READY
            assert not state.absent
            await until(supervisor, ready)
    assert [entry["event"] for entry in log if entry["event"] in ("device_lost", "device_found")] == []


async def test_device_that_never_was_there_is_absent_at_once() -> None:
    async with watched(id_card.connect("samv+serial:///dev/does-not-exist", decoder="none")) as supervisor:
        state = await until(supervisor, lambda now: now.misses > 0)
        assert state.absent
        assert state.shown.link is Link.OFFLINE
        assert state.remedy.tone == "bad"


async def test_tries_are_further_and_further_apart() -> None:
    """2 s doubling to 20 s, each a little earlier or later: told from the pauses, not from a clock."""
    pauses: list[float] = []

    class Noting(Supervisor):
        async def _pause(self, watched: object, seconds: float, *, gone: bool) -> None:
            pauses.append(seconds)
            if len(pauses) == 6:
                done.set()
                await asyncio.Event().wait()

    done = asyncio.Event()
    device = id_card.connect("samv+serial:///dev/does-not-exist", decoder="none")
    supervisor = Noting({NAME: device}, SystemClock(), chance=lambda: 1.0)
    task = asyncio.ensure_future(supervisor.run())
    async with asyncio.timeout(20):
        await done.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert pauses == pytest.approx([2.4, 4.8, 9.6, 19.2, 24.0, 24.0])


async def test_device_that_hangs_is_closed_and_opened_again_and_nobody_waits() -> None:
    stubborn = Stubborn()
    well = id_card.connect("samv+sim:", decoder="none", simulator=SamvSimulator())
    patience = Patience(every=0.02, first=0.02, last=0.05, opening=0.1, check=0.1, closing=1, grace=0.1)
    supervisor = Supervisor({NAME: well, "stubborn": stubborn}, SystemClock(), patience=patience)
    task = asyncio.ensure_future(supervisor.run())
    try:
        await until(supervisor, ready, "stubborn")
        stubborn.hangs = asyncio.Event()
        await until(supervisor, lambda now: now.status.link is Link.CLOSED, "stubborn")
        assert stubborn.closed >= 1
        assert supervisor.state("stubborn").latency_ms[-1] is None
        checks = len(supervisor.state(NAME).latency_ms)
        async with asyncio.timeout(10):
            while len(supervisor.state(NAME).latency_ms) < checks + 3:  # the other one is looked after all the time
                await asyncio.sleep(0.01)
        stubborn.hangs = None
        await until(supervisor, ready, "stubborn")
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await well.close()


async def test_a_bug_in_one_driver_ends_nothing() -> None:
    stubborn = Stubborn()
    async with watched(stubborn) as supervisor:
        await until(supervisor, ready)
        stubborn.bug = True
        seen = stubborn.checked
        async with asyncio.timeout(10):
            while stubborn.checked < seen + 3:
                await asyncio.sleep(0.01)


async def test_one_holder_at_a_time_and_nobody_asks_meanwhile() -> None:
    stubborn = Stubborn()
    async with watched(stubborn) as supervisor:
        await until(supervisor, ready)
        async with supervisor.lease(Holder.CITIZEN):
            assert supervisor.holder is Holder.CITIZEN
            checked = stubborn.checked
            with pytest.raises(LeaseTaken) as caught:
                async with supervisor.lease(Holder.DIAGNOSTICS):
                    pass
            assert caught.value.holder is Holder.CITIZEN
            for _ in range(20):
                await asyncio.sleep(0.005)
            assert stubborn.checked == checked
            await supervisor.look_now(NAME)
            assert stubborn.checked == checked + 1
        assert supervisor.holder is None
        async with asyncio.timeout(10):
            while stubborn.checked < checked + 3:
                await asyncio.sleep(0.005)


async def test_lease_breaks_off_a_look_that_hangs() -> None:
    stubborn = Stubborn()
    async with watched(stubborn) as supervisor:
        await until(supervisor, ready)
        stubborn.hangs = asyncio.Event()
        seen = stubborn.checked
        async with asyncio.timeout(10):
            while stubborn.checked == seen:
                await asyncio.sleep(0.005)
        async with asyncio.timeout(4), supervisor.lease(Holder.CITIZEN):
            assert stubborn.cancelled == 1


async def test_loss_during_a_visit_is_noticed() -> None:
    """By the driver's own word: nobody asks the device meanwhile."""
    simulator = SamvSimulator()
    reader = id_card.connect("samv+sim:", decoder="none", simulator=simulator)
    async with watched(reader) as supervisor:
        await until(supervisor, ready)
        async with supervisor.lease(Holder.CITIZEN):
            simulator.unplug()
            with pytest.raises(DeviceError) as caught:
                await reader.wait_card(1)
            assert caught.value.kind is ErrorKind.OFFLINE
            await until(supervisor, lambda now: now.status.link is Link.OFFLINE)


async def test_driver_is_exchanged_in_its_place() -> None:
    """Who holds the place talks to the new driver at once; the old one is closed."""
    first = id_card.connect("samv+serial:///dev/does-not-exist", decoder="none")
    second = id_card.connect("samv+sim:", decoder="none", simulator=SamvSimulator())
    place = Socket(first)
    async with watched(place) as supervisor:  # type: ignore[arg-type]
        await until(supervisor, lambda now: now.absent and now.misses > 0)
        assert await supervisor.swap(NAME, second) is first
        state = await until(supervisor, ready)
        assert state.simulated
        assert place.status().link is Link.READY
        assert not await place.present()
        assert await supervisor.swap(NAME, first) is second
        assert second.status().link is Link.CLOSED


async def test_what_is_built_in_cannot_be_exchanged() -> None:
    stubborn = Stubborn()
    async with watched(stubborn) as supervisor:
        with pytest.raises(ValueError, match="built in"):
            await supervisor.swap(NAME, Stubborn())
        with pytest.raises(KeyError):
            await supervisor.swap("nothing", Stubborn())
