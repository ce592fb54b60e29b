"""The log is told of a loss once and of the return once; cancelled work leaves what was known."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from structlog.testing import capture_logs

from drivers.link_state import LinkState
from kiosk.ports.devices import Link


@pytest.fixture
def state() -> LinkState:
    state = LinkState("id_card", SimpleNamespace(name="/dev/ttyS1@115200"))
    state.wanted = True
    return state


def test_a_loss_and_a_return_are_told_once(state: LinkState) -> None:
    with capture_logs() as logs:
        for link in (Link.OPENING, Link.READY, Link.OFFLINE, Link.FAULT, Link.OFFLINE, Link.OPENING):
            state.note(link, "why" if link in (Link.OFFLINE, Link.FAULT) else "")
        for link in (Link.OFFLINE, Link.READY, Link.BUSY, Link.READY):
            state.note(link)
    assert [entry["event"] for entry in logs] == ["device_lost", "device_lost", "device_back"]
    assert logs[0] == {
        "event": "device_lost",
        "device": "id_card",
        "log_level": "warning",
        "line": "/dev/ttyS1@115200",
        "state": "offline",
        "detail": "why",
    }


def test_what_is_not_wanted_is_closed_whatever_is_noted(state: LinkState) -> None:
    state.note(Link.READY, "x")
    state.wanted = False
    with capture_logs() as logs:
        state.note(Link.OFFLINE, "gone")
    assert (state.link, state.detail, logs) == (Link.CLOSED, "", [])


@pytest.mark.parametrize(
    ("before", "connected", "after"),
    [
        (Link.BUSY, True, Link.READY),
        (Link.BUSY, False, Link.OFFLINE),
        (Link.OPENING, False, Link.OFFLINE),
        (Link.DEGRADED, True, Link.DEGRADED),
        (Link.READY, True, Link.READY),
        (Link.FAULT, False, Link.FAULT),
    ],
)
def test_cancelled_work_tells_nothing_new(state: LinkState, before: Link, connected: bool, after: Link) -> None:
    state.connected = connected
    state.note(before, "as it was")
    state.broken_off()
    assert (state.link, state.detail) == (after, "as it was")
