"""The suites against drivers with one mistake each: what a maker may get wrong is found, by the test that is named for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from drivers.conformance.id_card import IdCardBench, IdCardConformance
from drivers.id_card.photo import NoDecoder
from drivers.id_card.reader import SamvReader
from drivers.id_card.simulator import SamvSimulator
from drivers.transport.memory import MemoryLine
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.domain.identity import IdCard
from kiosk.ports.devices import DeviceStatus, Link

NUMBER = "330299199001011220"
PERSON = {"name": "测试甲", "sex": "2", "nation": "01", "birth": "19900101", "number": NUMBER, "from": "20200101"}


class AnotherName(SamvReader):
    device_id = "reader"


class ClosesOnce(SamvReader):
    async def close(self) -> None:
        if self.status().link is Link.CLOSED:
            raise DeviceError(ErrorKind.NOT_OPEN, self.device_id, "It is not open.")
        await super().close()


class NeverCloses(SamvReader):
    def status(self) -> DeviceStatus:
        return replace(super().status(), link=Link.READY)


class AsksEachTime(SamvReader):
    asked = 0

    def status(self) -> DeviceStatus:
        self.asked += 1
        return replace(super().status(), detail=f"asked {self.asked} times")


class CheckRaises(SamvReader):
    async def check(self) -> DeviceStatus:
        status = await super().check()
        if status.link not in (Link.READY, Link.CLOSED):
            raise DeviceError(ErrorKind.OFFLINE, self.device_id, "It is gone.")
        return status


class RaisesAnything(SamvReader):
    async def wait_card(self, deadline: float) -> IdCard:
        try:
            return await super().wait_card(deadline)
        except DeviceError as error:
            raise ValueError(error.hint) from None


class SilentOfWhy(SamvReader):
    def status(self) -> DeviceStatus:
        return replace(super().status(), detail="")


class TellsTheNumber(SamvReader):
    seen = ""

    async def wait_card(self, deadline: float) -> IdCard:
        card = await super().wait_card(deadline)
        self.seen = card.number
        return card

    def status(self) -> DeviceStatus:
        return replace(super().status(), detail=self.seen)


class NeedsToBeAskedNicely(SamvReader):
    """A cancelled call leaves it thinking that it is still at work."""

    at_work = False

    async def wait_card(self, deadline: float) -> IdCard:
        if self.at_work:
            raise DeviceError(ErrorKind.BUSY, self.device_id, "It is at work.")
        self.at_work = True
        try:
            card = await super().wait_card(deadline)
        except DeviceError:
            self.at_work = False
            raise
        self.at_work = False
        return card


class ForgetsTheCard(SamvReader):
    async def present(self) -> bool:
        return False


class WaitsOnAndOn(SamvReader):
    async def wait_card(self, deadline: float) -> IdCard:
        return await super().wait_card(max(deadline, 3600))


class TellsWhatIsNoNews(SamvReader):
    def listen(self, changed: Callable[[], None]) -> Callable[[], None]:
        return super().listen(lambda: (changed(), changed())[0])


class CountsBackwards(SamvReader):
    left = 1000

    def counters(self) -> Mapping[str, int]:
        self.left -= 1
        return {"opens": self.left}


CASES = [
    (AnotherName, "test_says_what_it_is"),
    (ClosesOnce, "test_close_is_idempotent_and_never_raises"),
    (NeverCloses, "test_is_closed_before_it_is_opened"),
    (NeverCloses, "test_opens_and_closes_again_and_again"),
    (AsksEachTime, "test_status_is_a_value_at_hand"),
    (CheckRaises, "test_a_device_that_is_gone_is_a_status_and_a_device_error"),
    (RaisesAnything, "test_work_needs_an_open_device"),
    (SilentOfWhy, "test_a_device_that_is_gone_is_a_status_and_a_device_error"),
    (TellsTheNumber, "test_tells_nothing_of_the_person"),
    (NeedsToBeAskedNicely, "test_a_call_that_was_cancelled_leaves_the_device_usable"),
    (ForgetsTheCard, "test_knows_whether_the_card_still_lies_there"),
    (WaitsOnAndOn, "test_no_card_is_no_media"),
    (TellsWhatIsNoNews, "test_tells_listeners_of_every_change_and_only_of_changes"),
    (CountsBackwards, "test_counts_what_the_catalogue_names"),
]


@pytest.mark.parametrize(("driver", "test"), CASES, ids=[f"{driver.__name__}-{test}" for driver, test in CASES])
async def test_a_mistake_is_found(driver: type[SamvReader], test: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drivers.conformance.base.PATIENCE", 1.0)
    monkeypatch.setattr("drivers.conformance.id_card.PATIENCE", 1.0)

    class Suite(IdCardConformance):
        @asynccontextmanager
        async def bench(self) -> AsyncIterator[IdCardBench]:
            simulator = SamvSimulator({"one": PERSON})

            def place() -> str:
                simulator.place("one")
                return NUMBER

            quick = {"header_timeout": 0.1, "body_timeout": 0.1, "watchdog": 1.0, "find_interval": 0.01, "settle": 0.01}
            made.append(driver(MemoryLine(simulator), NoDecoder(), **quick))
            yield IdCardBench(made[-1], simulator.unplug, simulator.plug, place=place, remove=simulator.remove)

    made: list[SamvReader] = []
    try:
        with pytest.raises((AssertionError, DeviceError, ValueError, TimeoutError)):
            async with asyncio.timeout(5):
                await getattr(Suite(), test)()
    finally:
        await asyncio.gather(*(SamvReader.close(each) for each in made))
