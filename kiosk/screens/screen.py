"""What all screens share, by itself: the first paint needs no more of `kiosk.screens.base` than this."""

from __future__ import annotations

from typing import Generic, TypeVar

A = TypeVar("A")


class Screen(Generic[A]):
    """Base of all screens. `A` is what `Page.answer` gives."""

    __slots__ = ()


class Back(Exception):
    """The citizen went one step back."""


class Cancelled(Exception):
    """The session ends: exit confirmed, or nobody was there any more. `why` is exit | idle | shutdown."""

    def __init__(self, why: str = "exit") -> None:
        super().__init__(why)
        self.why = why
