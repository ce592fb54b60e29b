"""The seam between the driver and whatever carries APDUs: a real PC/SC reader or the virtual card in this process."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from drivers.service import Service
from kiosk.domain.errors import DeviceError, ErrorKind

DEVICE = "permit_reader"
GOES_ON: Final = frozenset({0x9000, 0x6282})
"""Statuses after which the next of several commands is still wanted: done, and done at the end of the file."""


class Media(StrEnum):
    PRESENT = "present"
    EMPTY = "empty"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Slot:
    """What is known without asking: whether the reader is there, and whether a card lies on it."""

    up: bool
    media: Media = Media.UNKNOWN
    reader: str = ""
    detail: str = ""
    """Why it is not up: one English sentence."""


class CardLine(Protocol):
    """What carries commands to one card that is switched on."""

    def transmit(self, commands: Iterable[bytes], deadline: float) -> AsyncGenerator[tuple[bytes, bytes], None]:
        """Send the commands one after another and give each with its answer, which may take `deadline` seconds.

        Commands may be taken ahead of the answers. Ends after the first answer whose status does not go on (`GOES_ON`). Raises
        DeviceError MEDIA_REMOVED, TIMEOUT (mute), OFFLINE; the card is lost then.
        """
        ...


@dataclass(frozen=True, slots=True)
class ServiceAnswer:
    """What stands between us and the reader has answered."""

    name: str
    seconds: float


class CardChannel(CardLine, Protocol):
    """One card at a time. Deadlines are seconds from the call. Errors are `DeviceError` with device `permit_reader`."""

    name: str
    """For people: the reader's name, or simulated."""
    simulated: bool

    def attend(self, service: Service, noticed: Callable[[], None]) -> None:
        """From now on count there, and call `noticed` whenever `slot` may have become another."""
        ...

    async def open(self) -> None:
        """Bring the reader up. Raises OFFLINE (no reader, no service), CONFIG (the machine lacks what is needed)."""
        ...

    async def close(self) -> None:
        """Idempotent, never raises."""
        ...

    def slot(self) -> Slot: ...

    async def ask_service(self, deadline: float) -> ServiceAnswer:
        """Whether the service and the reader are there, asked now. Raises OFFLINE, TIMEOUT (the service hangs)."""
        ...

    async def restart(self) -> None:
        """Bring reader and line up from nothing, and switch a card that lies there off and on. Raises as `open` and `connect` do."""
        ...

    async def wait_return(self) -> None:
        """For a reader that is gone: until it is there again. Raises nothing."""
        ...

    async def connect(self, deadline: float) -> bytes:
        """Wait for a card, switch it on and keep others away from it; returns its ATR.

        Raises NO_MEDIA (none that answers came in time), BUSY (another program has the card), OFFLINE, TIMEOUT (the reader itself
        hangs).
        """
        ...

    async def release(self) -> None:
        """Switch the card off, so that no open session stays behind; never raises."""
        ...


def trouble(kind: ErrorKind, hint: str, native: str = "") -> DeviceError:
    return DeviceError(kind, DEVICE, hint, native)


def goes_on(answer: bytes) -> bool:
    return int.from_bytes(answer[-2:], "big") in GOES_ON
