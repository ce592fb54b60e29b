"""A face does not stay in the camera's memory once nobody looks any more."""

from __future__ import annotations

import asyncio

import numpy as np

from drivers.camera import Timings, connect
from drivers.camera.link import FrameMemory
from drivers.camera.simulator import CameraSimulator


def picture_bytes(memory: FrameMemory) -> int:
    return int(np.count_nonzero(np.frombuffer(memory._map[:], np.uint8)))


def test_forget() -> None:
    memory = FrameMemory()
    memory.write(1, memoryview(b"face" * 1000))
    assert picture_bytes(memory)
    memory.forget()
    assert not picture_bytes(memory)
    memory.write(2, memoryview(b"next" * 1000))
    assert memory.read(2, 2, 4000) == b"next" * 1000
    memory.close()


async def test_a_resting_camera_holds_no_frame() -> None:
    camera = connect("sim:", simulator=CameraSimulator(), width=320, height=240, timings=Timings(rest=0.3))
    try:
        await camera.open()
        await camera.latest(5.0)
        assert camera._worker is not None
        memory = camera._worker.memory
        assert picture_bytes(memory)
        async with asyncio.timeout(10):
            while picture_bytes(memory):
                await asyncio.sleep(0.05)
        assert (await camera.latest(10.0)).width == 320, "and it sees again when asked"
    finally:
        await camera.close()


async def test_a_question_right_after_the_rest_does_not_keep_the_camera_on() -> None:
    """Rest and run may reach the worker between two frames; it must open anew, or it would film for ever."""
    camera = connect("sim:", simulator=CameraSimulator(), width=320, height=240, timings=Timings(rest=0.4))
    try:
        await camera.open()
        await camera.latest(5.0)
        worker = camera._worker
        assert worker is not None
        camera._forget()  # as the watch does in the moment of resting
        worker.send({"do": "rest"})
        await camera.latest(5.0)
        async with asyncio.timeout(10):
            while picture_bytes(worker.memory):
                await asyncio.sleep(0.05)
    finally:
        await camera.close()
