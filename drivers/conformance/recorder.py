"""What every recorder must do (`kiosk.ports.recorder.Recorder`)."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

import pytest

from drivers.conformance.base import PATIENCE, Bench, DeviceConformance, until
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.devices import Link
from kiosk.ports.recorder import Recording

_NUMBERS = count(1)


@dataclass
class RecorderBench(Bench):
    """`plain(file)` gives the plain bytes of a recording that was kept; `files()` counts what lies in the folder."""

    plain: Callable[[str], bytes] = lambda _: b""
    files: Callable[[], int] = lambda: 0


def label() -> str:
    return f"20260318T100000-TEST{next(_NUMBERS):04d}"


class RecorderConformance(DeviceConformance[RecorderBench]):
    kind = "recorder"

    async def use(self, bench: RecorderBench, deadline: float) -> object:
        await bench.device.discard()
        await bench.device.start(label())
        try:
            async with asyncio.timeout(deadline):
                await bench.device.until_broken()
        except TimeoutError:
            raise DeviceError(ErrorKind.TIMEOUT, self.kind, "It goes on recording.") from None
        finally:
            await bench.device.discard()
        return None

    async def works(self, bench: RecorderBench) -> None:
        await bench.device.discard()
        await self._record(bench)

    async def _record(self, bench: RecorderBench) -> Recording:
        device = bench.device
        async with asyncio.timeout(PATIENCE):
            await device.start(label())
            assert device.status().parts["recording"] == "on"
            begun = device.seconds()
            await until(lambda: device.seconds() > begun + 0.3)
            recording = await device.stop()
        assert isinstance(recording, Recording)
        return recording

    async def test_keeps_what_its_hash_says(self) -> None:
        async with self.at_bench() as bench:
            await bench.device.open()
            recording = await self._record(bench)
            plain = bench.plain(recording.file)
            assert hashlib.sha256(plain).hexdigest() == recording.sha256
            assert recording.seconds > 0.3
            assert recording.frames > 0
            assert bench.device.status().parts["recording"] == "off"
            await bench.device.close()

    async def test_two_recordings_are_two_files(self) -> None:
        async with self.at_bench() as bench:
            await bench.device.open()
            first, second = await self._record(bench), await self._record(bench)
            assert first.file != second.file
            assert bench.files() == 2
            await bench.device.close()

    async def test_what_is_discarded_is_gone(self) -> None:
        async with self.at_bench() as bench:
            await bench.device.open()
            await bench.device.start(label())
            await bench.device.discard()
            await bench.device.discard()
            assert bench.files() == 0
            with pytest.raises(DeviceError):
                await bench.device.stop()
            await self._record(bench)
            await bench.device.close()

    async def test_closing_throws_away_what_is_under_way(self) -> None:
        async with self.at_bench() as bench:
            await bench.device.open()
            await bench.device.start(label())
            await bench.device.close()
            assert bench.device.status().link is Link.CLOSED
            assert bench.files() == 0

    async def test_one_at_a_time(self) -> None:
        async with self.at_bench() as bench:
            await bench.device.open()
            await bench.device.start(label())
            with pytest.raises(DeviceError) as caught:
                await bench.device.start(label())
            assert caught.value.kind is ErrorKind.BUSY
            assert (await bench.device.stop()).frames
            await bench.device.close()

    async def test_a_microphone_that_goes_breaks_the_recording_and_keeps_nothing(self) -> None:
        async with self.at_bench() as bench:
            if bench.unplug is None:
                pytest.skip("this bench cannot pull the device out")
            await bench.device.open()
            await bench.device.start(label())
            bench.unplug()
            async with asyncio.timeout(PATIENCE):
                with pytest.raises(DeviceError):
                    await bench.device.until_broken()
                with pytest.raises(DeviceError):
                    await bench.device.stop()
            assert bench.files() == 0
            await bench.device.close()
