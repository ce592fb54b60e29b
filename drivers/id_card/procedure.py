"""Find, select, read: the order every SAM wants (GA/T 467-2019), and the reaction to each status code on the way.

| SW3 | reaction |
|---|---|
| 80 | no card: look once more, then tell so |
| 81 | back to find, twice at the most |
| 41, 47, silence, damaged frames, 10 11 21 24 after a resend | reset the SAM and start again, once |
| 31, 32 | start again, twice, then refuse the card |
| 33 | refuse the card; noted as a security event |
| 40 | wrong kind of card |
| 60, 66 | the SAM itself is broken or not authorised |
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable

import structlog

from drivers.id_card.link import SamvLink, refusal, uncounted
from drivers.id_card.samv import SW3, Answer, Command
from kiosk.domain.errors import DeviceError, ErrorKind

_RESETTABLE = (ErrorKind.TIMEOUT, ErrorKind.PROTOCOL)
_BUDGET = {"reset": 1, "auth": 2, "select": 2}
_REACTION: dict[int, str] = {
    SW3.NO_CARD: "select",
    SW3.SELECT_FAILED: "select",
    SW3.CARD_AUTH_FAILED: "auth",
    SW3.SAM_AUTH_FAILED: "auth",
    SW3.READ_FAILED: "reset",
    SW3.RANDOM_FAILED: "reset",
    SW3.BAD_CHECKSUM: "reset",
    SW3.BAD_LENGTH: "reset",
    SW3.BAD_COMMAND: "reset",
    SW3.UNKNOWN_COMMAND: "reset",
}
log = structlog.get_logger(__name__)


class ReadProcedure:
    """The caller holds the reader's lock. `settle` is the pause in seconds a SAM needs after a reset; `count` is told of retries."""

    def __init__(self, link: SamvLink, device: str, settle: float, count: Callable[[str], None] = uncounted) -> None:
        self._link = link
        self._device = device
        self._settle = settle
        self._count = count

    async def find(self) -> bool:
        """Whether a card lies in the field; resets the SAM once when it makes no sense."""
        try:
            return await self._look()
        except DeviceError as error:
            if error.kind not in _RESETTABLE:
                raise
            await self.recover(error.native)
            return await self._look()

    async def read(self) -> tuple[bytes, bytes] | None:
        """Text and photo bytes of the card just found; None when it was gone before its reading began.

        Raises DeviceError MEDIA_REMOVED, MEDIA_BAD, HARDWARE, CONFIG, TIMEOUT, PROTOCOL, OFFLINE.
        """
        spent: Counter[str] = Counter()
        while True:
            try:
                if spent and not await self._look():
                    if set(spent) != {"select"}:  # its reading had begun
                        raise DeviceError(ErrorKind.MEDIA_REMOVED, self._device, "The card was taken away.", "SW3=80")
                    return None
                return await self._attempt()
            except _FailedError as failed:
                error, reaction = failed.error, failed.reaction
            except DeviceError as caught:
                if caught.kind not in _RESETTABLE:
                    raise
                error, reaction = caught, "reset"
            if reaction is None or spent[reaction] >= _BUDGET[reaction]:
                if error.native.startswith(f"SW3={SW3.MAC_FAILED:02X}"):
                    log.warning("id_card_verification_failed", native=error.native)
                raise error
            spent[reaction] += 1
            self._count("retries")
            log.info("id_card_read_retry", reaction=reaction, native=error.native)
            if reaction == "reset":
                await self.recover(error.native)

    async def recover(self, native: str) -> None:
        """Reset the SAM and see that it is alive. Raises DeviceError HARDWARE or CONFIG when it says it is not."""
        log.info("id_reader_reset", native=native)
        for command, pause in ((Command.RESET, self._settle), (Command.STATUS, 0.0)):
            try:
                answer = await self._link.ask(command)
            except DeviceError as error:
                if error.kind not in _RESETTABLE:
                    raise
                log.info("id_reader_reset_unanswered", command=command.name, native=error.native)
            else:
                if answer.sw3 in (SW3.SELF_TEST_FAILED, SW3.UNAUTHORISED):
                    raise refusal(answer, self._device)
            await asyncio.sleep(pause)

    async def _look(self) -> bool:
        """Find, twice: some readers answer 80 once to a card they know (and the vendor's own library asks twice)."""
        answer = await self._link.ask(Command.FIND)
        if answer.sw3 == SW3.NO_CARD:
            answer = await self._link.ask(Command.FIND)
        if answer.sw3 in (SW3.FOUND, SW3.NO_CARD):
            return answer.sw3 == SW3.FOUND
        raise refusal(answer, self._device, _find_kind(answer))

    async def _attempt(self) -> tuple[bytes, bytes]:
        answer = await self._link.ask(Command.SELECT)
        if answer.sw3 == SW3.DONE:
            answer = await self._link.ask(Command.READ_BASE)
            if answer.sw3 == SW3.DONE:
                return self._split(answer.data)
        raise _FailedError(refusal(answer, self._device), _REACTION.get(answer.sw3))

    def _split(self, data: bytes) -> tuple[bytes, bytes]:
        """The answer to 30 01: two lengths, then text and photo. Bytes after them are left alone."""
        text_size, photo_size = (int.from_bytes(data[at : at + 2], "big") for at in (0, 2))
        if len(data) < 4 + text_size + photo_size:
            hint = "The card's answer is shorter than it says."
            raise DeviceError(ErrorKind.PROTOCOL, self._device, hint, "LENGTHS")
        return data[4 : 4 + text_size], data[4 + text_size : 4 + text_size + photo_size]


class _FailedError(Exception):
    """The SAM said no; `reaction` is what may help."""

    def __init__(self, error: DeviceError, reaction: str | None) -> None:
        super().__init__(error.native)
        self.error = error
        self.reaction = reaction


def _find_kind(answer: Answer) -> ErrorKind | None:
    """A SAM that cannot even look (41, 47 …) is in disorder: worth a reset, and no fault of a card."""
    return ErrorKind.PROTOCOL if _REACTION.get(answer.sw3) else None
