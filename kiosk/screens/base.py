"""A screen is data: a frozen dataclass saying what is shown and asked. `ui/` decides how it looks; a robot can answer it.

`Screen[A]` carries the type of its answer. Texts in a screen are Chinese, ready to show, with personal data already masked;
what never changes (button captions, fixed hints) belongs to the page in `ui/`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from kiosk.screens.screen import Back, Cancelled, Screen

__all__ = ["Back", "Button", "Cancelled", "Desk", "Page", "Progress", "Row", "Screen", "ask"]

A = TypeVar("A")


@dataclass(frozen=True, slots=True)
class Progress:
    """The step bar: titles of the journey's phases and which one is current (0-based)."""

    titles: tuple[str, ...]
    current: int


class Page(Protocol[A]):
    """A screen that is being shown."""

    def update(self, screen: Screen[A]) -> None:
        """Show new data on the same page. The type of screen must not change."""
        ...

    async def answer(self) -> A:
        """The next answer. Raises Back or Cancelled. May be awaited again after an answer, while the page stays."""
        ...


class Desk(Protocol):
    """Where screens are shown: the kiosk's window, or a robot."""

    def open(self, screen: Screen[A]) -> Page[A]:
        """Show a screen in place of the one before."""
        ...

    def close(self) -> None:
        """Remove the page and everything personal it held."""
        ...

    def allow(self, *, back: bool, cancel: bool) -> None:
        """Which ways out exist in this step. What does not exist is neither shown nor accepted; late taps are swallowed."""
        ...

    def progress(self, progress: Progress | None) -> None: ...

    def on_touch(self, callback: Callable[[], None] | None) -> None:
        """Called at every touch or key, so that the idle guard can start again."""
        ...

    @property
    def patience(self) -> float:
        """How much longer than usual this citizen is given: 1.0, or 2.0 in 长辈版 and with voice."""
        ...

    def idle_warning(self, seconds_left: int | None) -> None:
        """Show or refresh the "are you still there" overlay (C24); None takes it away. Its red button ends the session."""
        ...

    def on_service(self, callback: Callable[[], None] | None) -> None:
        """Called when a technician asks for diagnostics: five touches of the header's left end within three seconds, or the service
        key. While a citizen is served the desk first offers to end the visit, where it can be ended (`allow`), or to wait."""
        ...

    def wipe(self) -> None:
        """End of session: close, forget theme choice and volume, clear the clipboard."""
        ...


async def ask(desk: Desk, screen: Screen[A]) -> A:
    """Show a screen and wait for its answer."""
    page = desk.open(screen)
    return await page.answer()


@dataclass(frozen=True, slots=True)
class Button:
    """A choice offered by a message screen."""

    id: str
    caption: str


@dataclass(frozen=True, slots=True)
class Row:
    """Label and value, as in a summary list."""

    label: str
    value: str
