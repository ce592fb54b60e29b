"""What every camera must do (`kiosk.ports.devices.Camera`)."""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing

from drivers.conformance.base import PATIENCE, Bench, DeviceConformance
from kiosk.ports.devices import Frame

CameraBench = Bench
FRESH = 0.3
"""Seconds: no frame that is handed out may be older."""


class CameraConformance(DeviceConformance[Bench]):
    kind = "camera"

    async def use(self, bench: Bench, deadline: float) -> object:
        return await bench.device.latest(deadline)

    async def works(self, bench: Bench) -> None:
        _whole(await bench.device.latest(PATIENCE))

    async def test_the_latest_frame_was_taken_after_the_question(self) -> None:
        async with self.at_bench() as bench:
            await bench.device.open()
            for _ in range(3):
                asked = time.monotonic()
                frame = _whole(await bench.device.latest(PATIENCE))
                assert frame.at >= asked
            await bench.device.close()

    async def test_frames_are_whole_new_and_in_order(self) -> None:
        async with self.at_bench() as bench:
            await bench.device.open()
            taken: list[Frame] = []
            async with asyncio.timeout(PATIENCE), aclosing(bench.device.frames()) as frames:
                async for frame in frames:
                    taken.append(_whole(frame))
                    if len(taken) == 5:
                        break
            assert [frame.seq for frame in taken] == sorted({frame.seq for frame in taken})
            assert [frame.at for frame in taken] == sorted(frame.at for frame in taken)
            assert len({(frame.width, frame.height) for frame in taken}) == 1
            await bench.device.close()

    async def test_a_reader_that_was_slow_gets_a_fresh_frame(self) -> None:
        async with self.at_bench() as bench:
            await bench.device.open()
            async with asyncio.timeout(PATIENCE), aclosing(bench.device.frames()) as frames:
                await anext(frames)
                await asyncio.sleep(2 * FRESH)
                asked = time.monotonic()
                frame = _whole(await anext(frames))
            assert frame.at >= asked - FRESH
            await bench.device.close()

    async def test_frames_hold_no_picture_in_their_words(self) -> None:
        async with self.at_bench() as bench:
            await bench.device.open()
            assert len(repr(await bench.device.latest(PATIENCE))) < 500
            await bench.device.close()


def _whole(frame: Frame) -> Frame:
    assert isinstance(frame, Frame)
    assert frame.width > 0
    assert frame.height > 0
    assert len(frame.bgr) == frame.width * frame.height * 3
    return frame
