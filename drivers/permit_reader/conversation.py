"""Questions and answers with one card: secure messaging where a session is open, and the two habits of slow transports.

61xx: the rest of the answer must be fetched. 6Cxx: the same command again, with the length the card wants (ISO/IEC 7816-4 §5.6).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import aclosing
from dataclasses import replace

from drivers.permit_reader.apdu import GET_RESPONSE, OK, Answer, Command
from drivers.permit_reader.channel import GOES_ON, CardLine, trouble
from drivers.permit_reader.messaging import MessagingError, SecureMessaging, UnprotectedError
from kiosk.domain.errors import DeviceError, ErrorKind

_IN_PIECES = (0x61, 0x6C)
_PIECES = 300  # more pieces than any answer has: a card that goes on for ever is broken


class Conversation:
    """Raises DeviceError: what the channel raises, MEDIA_BAD "SM" for a forged or damaged answer."""

    def __init__(self, line: CardLine, answer_timeout: float) -> None:
        self._line = line
        self._timeout = answer_timeout
        self.secured: SecureMessaging | None = None

    async def send(self, command: Command) -> Answer:
        return (await self.send_all((command,)))[0]

    async def send_all(self, commands: Sequence[Command]) -> list[Answer]:
        """Answers in order; ends after the first that is neither 9000 nor the end of a file.

        Commands are wrapped ahead while the first ones are under way, so that the wire never waits for us.
        """
        counters: list[int] = []
        answers: list[Answer] = []
        while len(answers) < len(commands):
            piece: tuple[bytes, Answer] | None = None
            sent = self._wrapped(commands[len(answers) :], counters)
            async with aclosing(self._line.transmit(sent, self._timeout)) as coming:
                async for raw, data in coming:
                    outer = _decoded(data)
                    if outer.sw >> 8 in _IN_PIECES and not (outer.sw >> 8 == 0x6C and self.secured and outer.data):
                        piece = raw, outer
                        break  # a 6Cxx with data under protection is said by the chip's files, not by its transport
                    answers.append(self._unwrap(outer, counters[len(answers)]))
            if piece is not None:
                answers.append(self._unwrap(await self._whole(*piece), counters[len(answers)]))
            del counters[len(answers) :]
            if self.secured is not None:
                self.secured.rewind(counters[-1])  # what was wrapped and not sent never happened
            if answers[-1].sw not in GOES_ON:
                break
        return answers

    def _wrapped(self, commands: Sequence[Command], counters: list[int]) -> Iterator[bytes]:
        for command in commands:
            raw, counter = (command.encode(), 0) if self.secured is None else self.secured.wrap(command)
            counters.append(counter)
            yield raw

    async def _whole(self, raw: bytes, answer: Answer) -> Answer:
        """The rest of an answer that comes in pieces, or the same command with another length."""
        command = Command.decode(raw)
        if answer.sw >> 8 == 0x6C:
            refused, answer = answer, await self._plain(replace(command, le=answer.sw & 0xFF or 256))
            if self.secured is not None and not answer.data and answer.sw >> 8 != 0x61:
                return refused  # the same secured command twice was too much for the chip
        data = answer.data
        for _ in range(_PIECES):
            if answer.sw >> 8 != 0x61:
                return Answer(data, answer.sw)
            rest = Command(command.cla & 0x03, GET_RESPONSE, 0, 0, le=answer.sw & 0xFF or 256)
            answer = await self._plain(rest)
            if answer.sw >> 8 == 0x6C:
                answer = await self._plain(replace(rest, le=answer.sw & 0xFF or 256))
            data += answer.data
        raise trouble(ErrorKind.MEDIA_BAD, "The chip's answer never ends.", "SM" if self.secured else "LDS")

    async def _plain(self, command: Command) -> Answer:
        async with aclosing(self._line.transmit((command.encode(),), self._timeout)) as coming:
            async for _, data in coming:
                return _decoded(data)
        raise trouble(ErrorKind.MEDIA_REMOVED, "No answer came.", "EMPTY")

    def _unwrap(self, answer: Answer, counter: int) -> Answer:
        if self.secured is None:
            return answer
        if not answer.data and answer.sw != OK:
            return Answer(b"", answer.sw, bare=True)
        try:
            return self.secured.unwrap_answer(answer, counter)
        except UnprotectedError as error:
            if answer.sw == OK:
                raise broken(str(error)) from None
            return Answer(b"", answer.sw, bare=True)  # nobody vouches for its data
        except MessagingError as error:
            raise broken(str(error)) from None


def broken(why: str) -> DeviceError:
    """A secured answer cannot be trusted."""
    return trouble(ErrorKind.MEDIA_BAD, f"Secure messaging with the chip failed: {why}.", "SM")


def _decoded(data: bytes) -> Answer:
    try:
        return Answer.decode(data)
    except ValueError:
        # What readers hand over when the card leaves in the middle of an answer.
        raise trouble(ErrorKind.MEDIA_REMOVED, "The chip's answer broke off.", "EMPTY") from None
