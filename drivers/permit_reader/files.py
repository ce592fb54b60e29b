"""Files of the chip: select, and read whole with as few commands as the chip allows.

The first read gives the header and with it the length; the rest is asked for in one go, because secured commands can be prepared
ahead. A chip that gives less than asked for is followed: what is missing is asked for again, in the size it gave.
"""

from __future__ import annotations

from collections.abc import Iterator

from drivers.permit_reader.apdu import (
    END_OF_FILE,
    NOT_FOUND,
    NOT_SATISFIED,
    OK,
    READ_BINARY,
    READ_BINARY_ODD,
    SELECT,
    Answer,
    Command,
)
from drivers.permit_reader.channel import trouble
from drivers.permit_reader.conversation import Conversation
from drivers.permit_reader.tlv import TlvError, header, tlv
from kiosk.domain.errors import DeviceError, ErrorKind

CARD_ACCESS, COM, SOD = 0x011C, 0x011E, 0x011D
DG1, DG2, DG11 = 0x0101, 0x0102, 0x010B
APPLICATION = bytes.fromhex("A0000002471001")
CHUNK = 0xDF
"""The most that fits into a short answer under any cipher: 223 bytes, padded to 224, with the objects around them 244."""
_FIRST_STEPS = (CHUNK, 0x70, 0x08)
_SHORT_OFFSETS = 0x8000
_OBJECT = 4
"""What the object around the data of an odd READ BINARY takes at the most."""
_LIMIT = 256 * 1024
_GONE = (NOT_FOUND, 0x6A83, 0x6A88, 0x6A86, 0x6A87)
_SESSION_LOST = (NOT_SATISFIED, 0x6985, 0x6987, 0x6988)
_WRONG_LENGTH = (0x6700, 0x6B00)


class FileReader:
    """Reads under whatever protection `talk` has. Raises DeviceError MEDIA_BAD "LDS" or "SM", and those of the channel."""

    def __init__(self, talk: Conversation) -> None:
        self._talk = talk
        self._chunk = CHUNK

    async def select_application(self) -> None:
        """Raises UNSUPPORTED when the chip has no travel document application."""
        answer = await self._talk.send(Command(0, SELECT, 0x04, 0x0C, APPLICATION))
        if answer.sw != OK:
            raise trouble(ErrorKind.UNSUPPORTED, "The chip has no travel document application.", f"{answer.sw:04X}")

    async def read(self, file_id: int, name: str) -> bytes | None:
        """The whole file, header included, or None when the chip has no such file."""
        select = Command(0, SELECT, 0x02, 0x0C, file_id.to_bytes(2, "big"))
        first: Answer | None = None
        for size in sorted({min(step, self._chunk) for step in _FIRST_STEPS}, reverse=True):
            answers = await self._talk.send_all((select, _read(0, size)))
            if answers[0].sw in _GONE:
                return None
            if answers[0].sw != OK:
                raise _refused(name, answers[0].sw)
            first = answers[-1]
            if first.data or not _too_long(first.sw):
                break
        if first is None or first.sw not in (OK, END_OF_FILE):
            raise _refused(name, 0 if first is None else first.sw)
        return await self._rest(name, first.data)

    async def _rest(self, name: str, data: bytes) -> bytes:
        try:
            _, length, start = header(data)
        except TlvError as error:
            raise unusable(f"{name} cannot be understood: {error}") from None
        size = start + length
        if size > _LIMIT:
            raise unusable(f"{name} says it has {size} bytes")
        while len(data) < size:
            before = len(data)
            data = await self._go_on(name, data, size)
            if len(data) == before:
                raise unusable(f"{name} ends after {before} of {size} bytes")
        return data[:size]

    async def _go_on(self, name: str, data: bytes, size: int) -> bytes:
        """As much more as comes without a hole."""
        at = len(data)
        step = self._chunk
        spans = list(_spans(at, size, step))
        answers = await self._talk.send_all([_read(offset, count) for offset, count in spans])
        for (_, count), answer in zip(spans, answers, strict=False):
            if _too_long(answer.sw) and not answer.data and len(data) == at and step > 8:
                self._chunk = step // 2
                return await self._go_on(name, data, size)
            if answer.sw not in (OK, END_OF_FILE):
                if answer.sw == 0x6B00:
                    return data  # beyond the end: told as a short file
                raise _refused(name, answer.sw)
            part = _content(answer, len(data) >= _SHORT_OFFSETS)
            data += part[:count]
            if len(part) < count:
                if part and answer.sw == OK:
                    self._chunk = len(part)
                return data
        return data


def _too_long(sw: int) -> bool:
    """The chip would rather have been asked for less."""
    return sw in _WRONG_LENGTH or sw >> 8 == 0x6C


def unusable(why: str) -> DeviceError:
    return trouble(ErrorKind.MEDIA_BAD, f"The chip's data are unusable: {why}.", "LDS")


def _spans(at: int, size: int, step: int) -> Iterator[tuple[int, int]]:
    while at < size:
        count = min(step, size - at) if at < _SHORT_OFFSETS else min(step - _OBJECT, size - at)
        yield at, count
        at += count


def _read(offset: int, count: int) -> Command:
    if offset < _SHORT_OFFSETS:
        return Command(0, READ_BINARY, offset >> 8, offset & 0xFF, le=count)
    # ISO/IEC 7816-4 §11.2.3: offsets of more than 15 bits stand in an object, and so does the answer.
    where = tlv(0x54, offset.to_bytes((offset.bit_length() + 7) // 8, "big"))
    return Command(0, READ_BINARY_ODD, 0, 0, where, le=count + _OBJECT - 1)


def _content(answer: Answer, odd: bool) -> bytes:
    if not odd:
        return answer.data
    try:
        _, length, start = header(answer.data)
    except TlvError as error:
        raise unusable(f"an answer cannot be understood: {error}") from None
    return answer.data[start : start + length]


def _refused(name: str, sw: int) -> DeviceError:
    if sw in _SESSION_LOST:
        return trouble(ErrorKind.MEDIA_BAD, f"The chip ended the secured session at {name} (status {sw:04X}).", "SM")
    return unusable(f"{name} cannot be read (status {sw:04X})")
