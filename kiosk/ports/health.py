"""What technicians may ask of a device besides its work: how healthy it is, what it has counted, a fresh start.

A driver need not have any of this: whoever asks checks with `isinstance`. The three levels are those of UnifiedPOS `CheckHealth`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Protocol, runtime_checkable


class Level(IntEnum):
    INTERNAL = 1
    """The device is asked how it is; nothing moves, nothing is printed."""
    EXTERNAL = 2
    """It does something that can be checked without a person: a test page, a frame, a card moved in and out."""
    INTERACTIVE = 3
    """A person puts something before it, or says what they saw."""


class Verdict(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    """Not done: the device cannot do it, or the check before it failed."""
    UNKNOWN = "unknown"
    """Done, and nobody could say how it went. Never counted as passed."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked. `name` is a technical word (`answer_ms`, `paper`, `test_page`), the same for every driver of a kind;
    `value` is what was found and `limit` what is wanted, with units; `detail` one English sentence. No personal data."""

    name: str
    verdict: Verdict
    value: str = ""
    limit: str = ""
    detail: str = ""


class Ask(StrEnum):
    """What a person is asked during an interactive check."""

    PLACE_CARD = "place_card"
    """Lay an ID card (or a test card) on the reader."""
    REMOVE_CARD = "remove_card"
    LOOK = "look"
    """Stand before the camera."""
    SHOW_CODE = "show_code"
    """Hold any QR code before the scanner."""
    INSERT_PERMIT = "insert_permit"
    TAKE_PERMIT = "take_permit"
    PRESS_KEYS = "press_keys"
    """Press each key of the pad once."""
    PLUG_HEADPHONES = "plug_headphones"
    OPEN_DOOR = "open_door"
    SAW_SLIP = "saw_slip"
    """Did a slip come out, readable and cut?"""
    SAW_PAGE = "saw_page"
    """Did a page come out, complete?"""
    SAW_LIGHT = "saw_light"
    """Does the light burn?"""
    SAW_PICTURE = "saw_picture"
    """Is the camera's picture sharp and the right way up?"""


class Person(Protocol):
    async def ask(self, what: Ask) -> bool | None:
        """Tell the person what to do, or ask what they saw. True: done, or yes. False: no. None: nobody answers.

        For a request to do something it returns as soon as the words are shown; for a question when it was answered.
        """
        ...


QUESTIONS = frozenset({Ask.SAW_SLIP, Ask.SAW_PAGE, Ask.SAW_LIGHT, Ask.SAW_PICTURE})
"""What is answered with yes or no; the rest of `Ask` is something to do."""


@runtime_checkable
class Serviced(Protocol):
    """A device that can be examined."""

    async def examine(self, level: Level, person: Person) -> tuple[Finding, ...]:
        """Check one level (the caller does the levels below first). Never raises DeviceError: trouble is a finding."""
        ...

    def counters(self) -> Mapping[str, int]:
        """Counted since the driver was made, only ever growing; names from `COUNTERS`."""
        ...

    def listen(self, changed: Callable[[], None]) -> Callable[[], None]:
        """Call `changed` on the event loop whenever `status()` has become another; returns a function that ends it."""
        ...


@runtime_checkable
class Resettable(Protocol):
    async def reset(self) -> None:
        """Bring the device to where it is after power-up, as far as its protocol can. Raises DeviceError."""
        ...


@runtime_checkable
class Returning(Protocol):
    async def wait_return(self) -> None:
        """For a device that is gone: returns when there is reason to believe that it is back (its device file or its reader appeared).
        May wait for ever; raises nothing. The supervisor tries by the clock besides."""
        ...


COUNTERS: Mapping[str, str] = {
    "opens": "times the device was opened",
    "losses": "times the link was lost",
    "commands": "commands sent",
    "retries": "commands sent again",
    "bad_answers": "answers thrown away: checksum, length, not asked for",
    "timeouts": "commands without an answer in time",
    "reads": "cards, chips or codes read",
    "failed_reads": "cards, chips or codes that could not be read",
    "frames": "camera frames taken over",
    "stalls": "times the camera gave no frame in time",
    "restarts": "times the device's worker process was started anew",
    "jobs": "slips or documents printed",
    "uncertain_jobs": "prints whose end nobody saw",
    "failed_jobs": "prints of which nothing usable came out",
    "mm_printed": "millimetres of paper printed",
    "pages": "pages printed",
    "cuts": "cuts of the paper",
    "jams": "jams",
    "cards_in": "permits drawn in",
    "cards_out": "permits given out",
    "cards_kept": "permits put into the bin",
    "writes": "endorsements written",
    "presses": "keys pressed",
    "recordings": "recordings of signings that were kept",
    "failed_recordings": "recordings that broke",
}
