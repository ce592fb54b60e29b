"""Questions and answers with one card: secure messaging where a session is open, and the two habits of slow transports.

61xx: the rest of the answer must be fetched. 6Cxx: the same command again, with the length the card wants (ISO/IEC 7816-4 §5.6).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from drivers.permit_reader.apdu import GET_RESPONSE, OK, Answer, Command
from drivers.permit_reader.channel import CardChannel, trouble
from drivers.permit_reader.messaging import MessagingError, SecureMessaging
from kiosk.domain.errors import DeviceError, ErrorKind

_PIECES = 300  # more pieces than any answer has: a card that goes on for ever is broken


class Conversation:
    """Raises DeviceError: what the channel raises, MEDIA_BAD "SM" for a forged or damaged answer."""

    def __init__(self, channel: CardChannel, answer_timeout: float) -> None:
        self._channel = channel
        self._timeout = answer_timeout
        self.secured: SecureMessaging | None = None

    async def send(self, command: Command) -> Answer:
        return (await self.send_all((command,)))[0]

    async def send_all(self, commands: Sequence[Command]) -> list[Answer]:
        """Answers in order; ends after the first that is not 9000. All commands are wrapped ahead, so that the wire never waits."""
        wrapped = [self._wrap(command) for command in commands]
        raw = [command.encode() for command, _ in wrapped]
        answers: list[Answer] = []
        while len(answers) < len(raw):
            for data in await self._channel.transmit(raw[len(answers) :], self._timeout):
                command, counter = wrapped[len(answers)]
                outer = await self._whole(command, _decoded(data))
                answer = self._unwrap(outer, counter)
                answers.append(answer)
                if outer.sw != OK or answer.sw != OK:
                    if self.secured is not None:
                        self.secured.rewind(counter)
                    return answers
        return answers

    async def _whole(self, command: Command, answer: Answer) -> Answer:
        if answer.sw >> 8 == 0x6C:
            answer = await self._plain(replace(command, le=answer.sw & 0xFF or 256))
        data = answer.data
        for _ in range(_PIECES):
            if answer.sw >> 8 != 0x61:
                return Answer(data, answer.sw)
            answer = await self._plain(Command(command.cla & 0x03, GET_RESPONSE, 0, 0, le=answer.sw & 0xFF or 256))
            if answer.sw >> 8 == 0x6C:
                answer = await self._plain(Command(command.cla & 0x03, GET_RESPONSE, 0, 0, le=answer.sw & 0xFF or 256))
            data += answer.data
        raise trouble(ErrorKind.MEDIA_BAD, "The chip's answer never ends.", "SM" if self.secured else "LDS")

    async def _plain(self, command: Command) -> Answer:
        return _decoded((await self._channel.transmit((command.encode(),), self._timeout))[0])

    def _wrap(self, command: Command) -> tuple[Command, int]:
        return (command, 0) if self.secured is None else self.secured.wrap(command)

    def _unwrap(self, answer: Answer, counter: int) -> Answer:
        if self.secured is None or (not answer.data and answer.sw != OK):
            return answer  # a bare refusal: the chip has ended the session, or never began one
        try:
            return self.secured.unwrap_answer(answer, counter)
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
