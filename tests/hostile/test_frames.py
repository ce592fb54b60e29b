"""Some thousand mutated frames into every parser; `make fuzz` feeds a million each."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from tests.hostile.frames import TARGETS, Broken, batter


@pytest.fixture(autouse=True)
def the_alarm_before() -> Iterator[None]:
    """pytest-timeout uses the same alarm."""
    before, left = signal.getsignal(signal.SIGALRM), signal.getitimer(signal.ITIMER_REAL)
    yield
    signal.signal(signal.SIGALRM, before)
    signal.setitimer(signal.ITIMER_REAL, *left)


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_mutated_frames(name: str) -> None:
    batter(name, 1500, seed=20261121)


def test_the_measure_measures(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.hostile import frames

    def greedy(data: bytes) -> object:
        return bytearray(2 * frames.LARGEST)

    def faulty(data: bytes) -> object:
        return data[5]

    for feed in (greedy, faulty):
        target = frames.Target(lambda feed=feed: feed, lambda: [b"0123456789"])  # type: ignore[misc]
        monkeypatch.setattr(frames, "TARGETS", {"bad": target})
        with pytest.raises(Broken):
            batter("bad", 200)
