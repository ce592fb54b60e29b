from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from drivers.camera import Timings, connect
from drivers.camera.camera import WorkerCamera


@pytest.fixture
async def cameras() -> Any:
    """Makes opened simulated cameras with short times and closes them."""
    made: list[WorkerCamera] = []

    async def make() -> WorkerCamera:
        camera = connect("sim:", timings=Timings(stall=0.8, opening=15.0, beat=0.1, back_off=0.1, back_off_max=0.4))
        made.append(camera)
        await camera.open()
        return camera

    factory: Callable[[], Awaitable[WorkerCamera]] = make
    yield factory
    for camera in made:
        await camera.close()
