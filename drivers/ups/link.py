"""Question and answer with upsd over any line. Knows nothing of power."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from drivers.transport.base import ByteTransport
from drivers.ups.protocol import LONGEST_LINE, REFUSALS, Meaning, quoted, words
from kiosk.domain.errors import DeviceError, ErrorKind

DEVICE = "ups"
_CHUNK = 4096
_MOST_LINES = 1000
Count = Callable[[str], None]


class NutRefusal(DeviceError):
    """upsd answered, and the answer is no. `word` as in `ERR word`."""

    def __init__(self, word: str) -> None:
        told = REFUSALS.get(word, Meaning(ErrorKind.PROTOCOL, "upsd refused."))
        super().__init__(told.kind, DEVICE, told.text, word)
        self.word = word


class NutLink:
    """One question at a time. Answers carry no number: after silence or nonsense the caller must open the line anew, or the answer to one
    question would pass for that to the next. All errors are DeviceError: TIMEOUT, PROTOCOL, those of the line, or NutRefusal.

    `answer`: seconds until the whole answer must be there.
    """

    def __init__(self, line: ByteTransport, count: Count, *, answer: float) -> None:
        self.line = line
        self._count = count
        self._answer = answer
        self._buffer = bytearray()

    async def open(self) -> None:
        await self.line.close()
        self._buffer.clear()
        await self.line.open()

    async def close(self) -> None:
        await self.line.close()

    async def goodbye(self) -> None:
        """Say that we go, as the protocol wants it; nobody waits for the answer."""
        await self.line.write(b"LOGOUT\n", 0.2)

    async def ask(self, *question: str, echo: int = 0) -> tuple[str, ...]:
        """The words of the answer behind the first `echo` ones of the question, which it must repeat (GET VAR: answer VAR …).

        `OK …` is an answer to everything that repeats nothing.
        """
        async with self._exchange(question) as end:
            want = question[1 : 1 + echo]
            while True:
                answer = await self._line_before(end)
                if answer[:echo] == want and (echo or answer[:1] == ("OK",)):
                    return answer[echo:]
                self._count("bad_answers")  # not asked for

    async def table(self, *question: str) -> list[tuple[str, ...]]:
        """The rows of LIST …, each without the words of the question that it repeats."""
        async with self._exchange(("LIST", *question)) as end:
            while await self._line_before(end) != ("BEGIN", "LIST", *question):
                self._count("bad_answers")
            rows: list[tuple[str, ...]] = []
            while (row := await self._line_before(end)) != ("END", "LIST", *question):
                if row[: len(question)] == question:
                    rows.append(row[len(question) :])
                else:
                    self._count("bad_answers")
                if len(rows) > _MOST_LINES:
                    raise DeviceError(ErrorKind.PROTOCOL, DEVICE, "A list of upsd does not end.", "LIST")
            return rows

    def _exchange(self, question: tuple[str, ...]) -> _Exchange:
        return _Exchange(self, " ".join(quoted(word) for word in question) + "\n")

    async def send(self, text: str) -> float:
        """Send one command; returns when (loop's time) its answer must be there."""
        end = asyncio.get_running_loop().time() + self._answer
        self.line.drain()
        self._buffer.clear()
        self._count("commands")
        await self.line.write(text.encode(), self._answer)
        return end

    def silence(self) -> DeviceError:
        self._count("timeouts")
        return DeviceError(ErrorKind.TIMEOUT, DEVICE, "upsd did not answer.", "TIMEOUT")

    async def _line_before(self, end: float) -> tuple[str, ...]:
        while (at := self._buffer.find(b"\n")) < 0:
            if len(self._buffer) > LONGEST_LINE:
                raise DeviceError(ErrorKind.PROTOCOL, DEVICE, "A line of upsd does not end.", "LINE")
            self._buffer += await self.line.read(_CHUNK, max(0.0, end - asyncio.get_running_loop().time()))
        text = self._buffer[:at].decode("utf-8", "replace").strip()
        del self._buffer[: at + 1]
        try:
            found = words(text)
        except ValueError:
            self._count("bad_answers")
            return ()
        if found[:1] == ("ERR",):
            raise NutRefusal(found[1] if len(found) > 1 else "")
        return found


class _Exchange:
    """From the question to its answer; silence is told as such whatever the line called it."""

    def __init__(self, link: NutLink, text: str) -> None:
        self._link = link
        self._text = text

    async def __aenter__(self) -> float:
        return await self._link.send(self._text)

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, DeviceError) and error.kind is ErrorKind.TIMEOUT:
            raise self._link.silence() from error
