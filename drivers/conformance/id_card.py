"""What every ID-card reader must do (`kiosk.ports.devices.IdCardReader`)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import pytest

from drivers.conformance.base import PATIENCE, Bench, DeviceConformance, during
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.domain.identity import IdCard


@dataclass
class IdCardBench(Bench):
    """`place` lays a card of a fictional person on the reader and returns the ID number on it; `remove` takes it away."""

    place: Callable[[], str] = field(kw_only=True)
    remove: Callable[[], object] = field(kw_only=True)


class IdCardConformance(DeviceConformance[IdCardBench]):
    kind = "id_card"

    async def use(self, bench: IdCardBench, deadline: float) -> object:
        return await bench.device.wait_card(deadline)

    async def works(self, bench: IdCardBench) -> None:
        number = bench.place()
        assert (await bench.device.wait_card(PATIENCE)).number == number
        bench.remove()
        assert await bench.device.wait_removed(PATIENCE)

    async def test_no_card_is_no_media(self) -> None:
        async with self.at_bench() as bench:
            await bench.device.open()
            for deadline in (0.3, 0.0):
                with pytest.raises(DeviceError) as caught:
                    await bench.device.wait_card(deadline)
                assert caught.value.kind is ErrorKind.NO_MEDIA
            assert not await bench.device.present()
            await bench.device.close()

    async def test_reads_a_card_that_lies_there_and_one_that_comes(self) -> None:
        async with self.at_bench() as bench:
            await bench.device.open()
            number = bench.place()
            card = await bench.device.wait_card(PATIENCE)
            assert isinstance(card, IdCard)
            assert card.number == number
            bench.remove()
            assert await bench.device.wait_removed(PATIENCE)
            card = await during(bench.device.wait_card(PATIENCE), bench.place)
            assert card.number == number
            await bench.device.close()

    async def test_knows_whether_the_card_still_lies_there(self) -> None:
        async with self.at_bench() as bench:
            await bench.device.open()
            bench.place()
            await bench.device.wait_card(PATIENCE)
            assert await bench.device.present()
            assert not await bench.device.wait_removed(0.1)
            assert await bench.device.present(), "asking must not lose the card"
            bench.remove()
            assert await bench.device.wait_removed(PATIENCE)
            assert not await bench.device.present()
            await bench.device.close()

    async def test_a_read_that_was_cancelled_can_be_done_again(self) -> None:
        async with self.at_bench() as bench:
            await bench.device.open()
            number = bench.place()
            for turns in (1, 5, 20, 50):
                reading = asyncio.ensure_future(bench.device.wait_card(PATIENCE))
                for _ in range(turns):
                    await asyncio.sleep(0)
                reading.cancel()
                with suppress(asyncio.CancelledError):
                    await reading
            bench.remove()
            await bench.device.wait_removed(PATIENCE)
            bench.place()
            assert (await bench.device.wait_card(PATIENCE)).number == number
            await bench.device.close()

    async def test_tells_nothing_of_the_person(self) -> None:
        """Status, capabilities and the words of the card object are for technicians and logs."""
        async with self.at_bench() as bench:
            await bench.device.open()
            number = bench.place()
            card = await bench.device.wait_card(PATIENCE)
            said = f"{card!r} {bench.device.status()!r} {dict(bench.device.capabilities)!r} {bench.device!r}"
            assert number not in said
            assert card.name not in said
            await bench.device.close()
