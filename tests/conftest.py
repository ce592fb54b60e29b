"""What every test may rely on, and what a machine may lack."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

# How fast examples are made is the machine's matter; what is tested is not.
settings.register_profile("shared-machine", suppress_health_check=[HealthCheck.too_slow], deadline=None)
settings.load_profile("shared-machine")


def _pseudo_terminals() -> bool:
    try:
        for end in os.openpty():
            os.close(end)
    except OSError:
        return False
    return True


PSEUDO_TERMINALS = _pseudo_terminals()
"""A bare file tree without /dev/pts has none; serial lines cannot be played there, TCP and in-process lines can."""


@pytest.fixture(autouse=True)
def _needs_pseudo_terminal(request: pytest.FixtureRequest) -> None:
    """Skips the serial-line variants, by their parameter or marker, on a machine without pseudo terminals."""
    callspec = getattr(request.node, "callspec", None)
    on_pty = callspec is not None and "pty" in callspec.id.split("-")
    if not PSEUDO_TERMINALS and (on_pty or request.node.get_closest_marker("pty")):
        pytest.skip("this machine has no pseudo terminals (mount devpts on /dev/pts)")
