"""The link's state and its listener; losses are for the supervisor to log; cancelled work leaves what was known."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from structlog.testing import capture_logs

from drivers.link_state import LinkState
from kiosk.domain.errors import ErrorKind
from kiosk.ports.devices import Link

LINE = SimpleNamespace(name="/dev/ttyS1@115200")


@pytest.fixture
def state() -> LinkState:
    state = LinkState("id_card", LINE)
    state.wanted = True
    return state


def test_a_loss_and_a_return_are_nothing_to_log(state: LinkState) -> None:
    with capture_logs() as logs:
        for link in (Link.OPENING, Link.READY, Link.OFFLINE, Link.FAULT, Link.READY):
            state.note(link, "why")
    assert {entry["log_level"] for entry in logs} == {"debug"}


def test_whoever_listens_is_called_after_each_note_and_sees_it() -> None:
    seen: list[tuple[Link, str, ErrorKind | None]] = []
    state = LinkState("id_card", LINE, lambda: seen.append((state.link, state.detail, state.trouble)))
    state.wanted = True
    state.note(Link.READY)
    state.note(Link.OFFLINE, "gone", ErrorKind.TIMEOUT)
    state.note(Link.READY)
    assert seen == [(Link.READY, "", None), (Link.OFFLINE, "gone", ErrorKind.TIMEOUT), (Link.READY, "", None)]


def test_what_is_not_wanted_is_closed_whatever_is_noted(state: LinkState) -> None:
    state.note(Link.READY, "x")
    state.wanted = False
    state.note(Link.OFFLINE, "gone", ErrorKind.OFFLINE)
    assert (state.link, state.detail, state.trouble) == (Link.CLOSED, "", None)


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
    state.note(before, "as it was", ErrorKind.PROTOCOL)
    state.broken_off()
    assert (state.link, state.detail, state.trouble) == (after, "as it was", ErrorKind.PROTOCOL)
