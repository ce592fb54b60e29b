"""What every test may rely on, and what a machine may lack."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator

import pytest
from hypothesis import find
from hypothesis import strategies as st


def _pseudo_terminals() -> bool:
    try:
        for end in os.openpty():
            os.close(end)
    except OSError:
        return False
    return True


YOUNG, ALL = 20_000, 200
"""New objects after which the young ones are looked through, and tests after which all are."""


class Collector:
    """Garbage is collected in the main thread and between two tests, as the kiosk itself does it: left alone, Python may do it in the
    ledger's thread or in the middle of one of Qt's own calls, and what Qt had made must not die there."""

    def __init__(self) -> None:
        self._tests = 0

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self) -> Iterator[None]:
        gc.disable()  # again: what was tested may have switched it on
        try:
            return (yield)
        finally:
            self._tests += 1
            if self._tests % ALL == 0:
                gc.collect()
            elif gc.get_count()[0] > YOUNG:
                gc.collect(1)


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Collector(), "collector")


PSEUDO_TERMINALS = _pseudo_terminals()
"""A bare file tree without /dev/pts has none; serial lines cannot be played there, TCP and in-process lines can."""


@pytest.fixture(autouse=True)
def _needs_pseudo_terminal(request: pytest.FixtureRequest) -> None:
    """Skips the serial-line variants, by their parameter or marker, on a machine without pseudo terminals."""
    callspec = getattr(request.node, "callspec", None)
    on_pty = callspec is not None and "pty" in callspec.id.split("-")
    if not PSEUDO_TERMINALS and (on_pty or request.node.get_closest_marker("pty")):
        pytest.skip("this machine has no pseudo terminals (mount devpts on /dev/pts)")


@pytest.fixture(scope="session")
def _letters() -> None:
    """In a fresh checkout the first text that is drawn costs a second and a half of work on Unicode's tables, once."""
    find(st.text(), lambda _: True)


@pytest.fixture(autouse=True)
def _letters_before_examples(request: pytest.FixtureRequest) -> None:
    """That work is done before the first property test, not within it: its examples would be called slow."""
    if getattr(getattr(request.node, "obj", None), "is_hypothesis_test", False):
        request.getfixturevalue("_letters")
