"""Frames of a file or a drawing come at their own pace, and an order is heard in between."""

from __future__ import annotations

import threading
import time

import pytest

from drivers.camera.sources import pace

BEAT = 0.1


class Waited(threading.Event):
    """Notes how long it was waited for, and does not wait."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout)
        return self.is_set()


@pytest.mark.parametrize(("ahead", "most"), [(0.05, 0.05), (30.0, 0.2)])
def test_the_wait_for_the_next_frame_is_a_wait_for_an_order(ahead: float, most: float) -> None:
    wake = Waited()
    due = time.monotonic() + ahead
    assert pace(due, BEAT, wake) == pytest.approx(due + BEAT)
    (waited,) = wake.waits
    assert waited is not None
    assert 0 < waited <= most


def test_a_late_frame_waits_for_nothing_and_none_is_made_up_for() -> None:
    wake = Waited()
    before = time.monotonic()
    following = pace(before - 5, BEAT, wake)
    assert not wake.waits
    assert before <= following <= time.monotonic() + BEAT


def test_an_order_ends_the_wait_at_once() -> None:
    wake, ended = threading.Event(), threading.Event()
    due = time.monotonic() + 3600

    def frames() -> None:
        while not wake.is_set():
            pace(due, BEAT, wake)
        ended.set()

    worker = threading.Thread(target=frames)
    worker.start()
    wake.set()
    assert ended.wait(10)
    worker.join()
