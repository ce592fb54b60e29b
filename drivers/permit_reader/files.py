"""Files of the chip: select, and read whole with as few commands as the chip allows.

The beginnings of all files are asked for in one go, then what is missing of them in another: secured commands can be prepared ahead,
and each pause between two goes costs more than a command. A chip that gives less than it is asked for is followed: what is missing is
asked for again, in the size it gave.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from typing import Final

import structlog

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
NAMES: Final = {
    CARD_ACCESS: "EF.CardAccess",
    COM: "EF.COM",
    SOD: "EF.SOD",
    DG1: "DG1",
    DG2: "DG2",
    DG11: "DG11",
}
APPLICATION = bytes.fromhex("A0000002471001")
SELECT_APPLICATION: Final = Command(0, SELECT, 0x04, 0x0C, APPLICATION)
CHUNK = 0xDF
"""The most that fits into a short answer under any cipher: 223 bytes, padded to 224, with the objects around them 244."""
_FIRST_STEPS = (CHUNK, 0x70, 0x08)
_LEAST = 6
"""Less than a header has; no chip gives so little."""
_PATIENCE = 5
_SHORT_OFFSETS = 0x8000
_OBJECT = 4
"""What the object around the data of an odd READ BINARY takes at the most."""
_LIMIT = 256 * 1024
_GONE = (NOT_FOUND, 0x6A83, 0x6A88, 0x6A86, 0x6A87)
_SESSION_LOST = (NOT_SATISFIED, 0x6985, 0x6987, 0x6988)
_WRONG_LENGTH = (0x6700, 0x6B00)
log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _File:
    """One file on its way. `size` is known once its header has come."""

    number: int
    name: str
    optional: bool
    data: bytes = field(default=b"", repr=False)
    size: int | None = None
    step: int = 0
    """Which of the first steps comes next."""
    gone: bool = False
    troubles: int = 0

    @property
    def whole(self) -> bool:
        return self.gone or (self.size is not None and len(self.data) >= self.size)


@dataclass(frozen=True, slots=True)
class _Step:
    file: _File
    command: Command
    at: int = -1
    """Offset of a read; a selection has none."""
    count: int = 0


class FileReader:
    """Reads under whatever protection `talk` has. Raises DeviceError MEDIA_BAD "LDS" or "SM", and those of the channel."""

    def __init__(self, talk: Conversation) -> None:
        self._talk = talk
        self._chunk = CHUNK
        self._current: _File | None = None

    async def read(self, *numbers: int, optional: Container[int] = ()) -> dict[int, bytes]:
        """These files whole, headers included; what the chip does not have is missing.

        An `optional` file that cannot be read is empty instead of an error.
        """
        self._current = None
        files = [_File(number, NAMES[number], number in optional) for number in numbers]
        while waiting := [file for file in files if not file.whole]:
            waiting.sort(key=lambda file: file is not self._current)  # the selected one need not be selected again
            steps = [step for file in waiting for step in self._steps(file)]
            answers = await self._talk.send_all([step.command for step in steps])
            for step, answer in zip(steps, answers, strict=False):
                try:
                    self._take(step, answer)
                except DeviceError as error:
                    if not step.file.optional or error.native != "LDS":
                        raise
                    log.warning("permit_chip_file_unreadable", part=step.file.name, reason=error.hint)
                    step.file.data, step.file.size = b"", 0
                    self._current = None
        return {file.number: file.data[: file.size] for file in files if not file.gone}

    def _steps(self, file: _File) -> Iterator[_Step]:
        if file is not self._current:
            yield _Step(file, Command(0, SELECT, 0x02, 0x0C, file.number.to_bytes(2, "big")))
        if file.size is None:
            count = min(_FIRST_STEPS[file.step], self._chunk)
            yield _Step(file, _read(0, count), 0, count)
        else:
            for at, count in _spans(len(file.data), file.size, self._chunk):
                yield _Step(file, _read(at, count), at, count)

    def _take(self, step: _Step, answer: Answer) -> None:
        file = step.file
        if step.at < 0:
            self._current = file if answer.sw == OK else None
            if answer.sw in _GONE:
                file.gone = True
            elif answer.sw != OK:
                raise _refused(file.name, answer.sw)
        elif file is not self._current:
            return  # its selection failed, and only the inner status says so: the answer is another file's
        elif answer.sw in (OK, END_OF_FILE) and answer.data:
            self._append(step, answer)
        elif answer.sw in _SESSION_LOST or not (answer.sw in (OK, END_OF_FILE) or _too_long(answer.sw)):
            raise _refused(file.name, answer.sw)
        elif file.size is None:
            file.step += 1
            if file.step >= len(_FIRST_STEPS):
                raise _refused(file.name, answer.sw)
        else:
            file.troubles += 1
            self._chunk = max(self._chunk // 2, _LEAST)
            if file.troubles > _PATIENCE or answer.sw in (END_OF_FILE, 0x6B00):
                raise unusable(f"{file.name} ends after {len(file.data)} of {file.size} bytes")

    def _append(self, step: _Step, answer: Answer) -> None:
        file = step.file
        if step.at != len(file.data):
            return  # a hole before it: the chip gave less than it was asked for, and is asked again from there
        part = _content(answer, step.at >= _SHORT_OFFSETS)[: step.count]
        file.data += part
        if file.size is None:
            try:
                _, length, start = header(file.data)
            except TlvError as error:
                raise unusable(f"{file.name} cannot be understood: {error}") from None
            file.size = start + length
            if file.size > _LIMIT:
                raise unusable(f"{file.name} says it has {file.size} bytes")
        if len(part) < step.count and len(file.data) < file.size:
            if answer.sw == END_OF_FILE or not part:
                raise unusable(f"{file.name} ends after {len(file.data)} of {file.size} bytes")
            self._chunk = max(len(part), _LEAST)


def unusable(why: str) -> DeviceError:
    return trouble(ErrorKind.MEDIA_BAD, f"The chip's data are unusable: {why}.", "LDS")


def _too_long(sw: int) -> bool:
    """The chip would rather have been asked for less."""
    return sw in _WRONG_LENGTH or sw >> 8 == 0x6C


def _spans(at: int, size: int, step: int) -> Iterator[tuple[int, int]]:
    while at < size:
        count = min(step, size - at) if at < _SHORT_OFFSETS else min(step - _OBJECT, size - at)
        yield at, count
        at += count


def no_application(sw: int) -> DeviceError:
    return trouble(ErrorKind.UNSUPPORTED, "The chip has no travel document application.", f"{sw:04X}")


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
