from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from drivers.camera import Timings, connect
from drivers.camera.camera import WorkerCamera

QUICK = Timings(
    stall=0.8, hang=2.0, opening=15.0, rest=30.0, covered=0.2, frozen_frames=5, beat=0.1, back_off=0.1, back_off_max=0.4
)


@pytest.fixture
async def cameras() -> Any:
    """Makes opened cameras with short times and closes them."""
    made: list[WorkerCamera] = []

    async def make(url: str = "sim:", timings: Timings = QUICK, **options: Any) -> WorkerCamera:
        camera = connect(url, timings=timings, **options)
        made.append(camera)
        await camera.open()
        return camera

    factory: Callable[..., Awaitable[WorkerCamera]] = make
    yield factory
    for camera in made:
        await camera.close()
