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
    Answer,
    Command,
)
from drivers.permit_reader.channel import DEVICE, trouble
from drivers.permit_reader.conversation import Conversation
from drivers.permit_reader.habits import LEAST, Habits, too_long
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
_PATIENCE = 5
_SHORT_OFFSETS = 0x8000
_OBJECT_MORE = 8
"""How much more than it needs a chip may reckon for that object."""
_LIMIT = 256 * 1024
_GONE = (NOT_FOUND, 0x6A83, 0x6A88, 0x6A86, 0x6A87)
_SESSION_LOST = (NOT_SATISFIED, 0x6985, 0x6987, 0x6988)
log = structlog.get_logger(__name__)


class SessionEnded(DeviceError):
    """The chip refuses to go on without a new session, or a right that the line's key does not give."""


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

    def __init__(self, talk: Conversation, habits: Habits | None = None) -> None:
        self._talk = talk
        self._habits = habits or Habits()
        self._current: _File | None = None
        self._bare: tuple[_Step, int] | None = None
        """The first step that was refused without protection, and the status."""

    def learn_from_the_end(self) -> bool:
        """Whether a new session may do better: one of our commands ended this one, and can be put in another way or left out.

        Raises MEDIA_BAD "LDS" when it was the selection of a file that must be there and is not.
        """
        if self._bare is None:
            return False
        step, sw = self._bare
        file, habits = step.file, self._habits
        if step.at >= 0:
            if not too_long(sw):
                return False
            if habits.shorten(sw, step.at, step.count):
                return True
        elif step.command != _selection(file, habits):
            return True
        elif sw not in _GONE:
            return False
        if not file.optional:
            raise unusable(f"{file.name} is missing")
        habits.left_out.add(file.number)
        return True

    async def read(self, *numbers: int, optional: Container[int] = ()) -> dict[int, bytes]:
        """These files whole, headers included; what the chip does not have is missing.

        An `optional` file that cannot be read is empty instead of an error.
        """
        self._current = None
        wanted = (number for number in numbers if number not in self._habits.left_out)
        files = [_File(number, NAMES[number], number in optional) for number in wanted]
        while waiting := [file for file in files if not file.whole]:
            waiting.sort(key=lambda file: file is not self._current)  # the selected one need not be selected again
            steps = [step for file in waiting for step in self._steps(file)]
            answers = await self._talk.send_all([step.command for step in steps])
            for step, answer in zip(steps, answers, strict=False):
                if answer.bare and self._bare is None:
                    self._bare = step, answer.sw
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
            yield _Step(file, _selection(file, self._habits))
        if file.size is None:
            count = min(self._habits.first_steps[file.step], self._habits.chunk)
            yield _Step(file, _read(0, count, 0), 0, count)
        else:
            for at, count in _spans(len(file.data), file.size, self._habits):
                yield _Step(file, _read(at, count, self._habits.around), at, count)

    def _take(self, step: _Step, answer: Answer) -> None:
        file = step.file
        if step.at < 0:
            self._current = file if answer.sw == OK else None
            if self._habits.learn_selection(answer.sw):
                pass  # once more in the other form
            elif answer.sw in _GONE:
                file.gone = True
            elif answer.sw != OK:
                raise _refused(file.name, answer.sw)
        elif file is not self._current:
            return  # its selection failed, and only the inner status says so: the answer is another file's
        elif answer.sw in (OK, END_OF_FILE) and answer.data:
            self._append(step, answer)
        elif answer.sw in _SESSION_LOST or not (answer.sw == OK or too_long(answer.sw)):
            raise _refused(file.name, answer.sw)
        elif file.size is None:
            file.step += 1
            if file.step >= len(self._habits.first_steps):
                raise _refused(file.name, answer.sw)
        else:
            file.troubles += 1
            shorter = self._habits.shorten(answer.sw, step.at, step.count)
            if file.troubles > _PATIENCE or not shorter or answer.sw in (END_OF_FILE, 0x6B00):
                raise unusable(f"{file.name} ends after {len(file.data)} of {file.size} bytes")

    def _append(self, step: _Step, answer: Answer) -> None:
        file = step.file
        if step.at != len(file.data):
            return  # a hole before it: the chip gave less than it was asked for, and is asked again from there
        odd = step.at >= _SHORT_OFFSETS
        part = _content(answer, odd)[: step.count]
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
            missing = step.count - len(part)
            if odd and missing <= _OBJECT_MORE:
                self._habits.around += missing  # the same length again: it is the chip's
            else:
                self._habits.chunk = max(len(part) + (self._habits.around if odd else 0), LEAST)


def unusable(why: str) -> DeviceError:
    return trouble(ErrorKind.MEDIA_BAD, f"The chip's data are unusable: {why}.", "LDS")


def _selection(file: _File, habits: Habits) -> Command:
    return habits.select(0x02, file.number.to_bytes(2, "big"))


def _spans(at: int, size: int, habits: Habits) -> Iterator[tuple[int, int]]:
    while at < size:
        around = habits.around if at >= _SHORT_OFFSETS else 0
        count = min(max(habits.chunk - around, 1), size - at)
        yield at, count
        at += count


def no_application(sw: int) -> DeviceError:
    return trouble(ErrorKind.UNSUPPORTED, "The chip has no travel document application.", f"{sw:04X}")


def _read(offset: int, count: int, around: int) -> Command:
    if offset < _SHORT_OFFSETS:
        return Command(0, READ_BINARY, offset >> 8, offset & 0xFF, le=count)
    # ISO/IEC 7816-4 §11.2.3: offsets of more than 15 bits stand in an object, and so does the answer.
    where = tlv(0x54, offset.to_bytes((offset.bit_length() + 7) // 8, "big"))
    return Command(0, READ_BINARY_ODD, 0, 0, where, le=count + around - 1)


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
        hint = f"The chip ended the secured session at {name} (status {sw:04X})."
        return SessionEnded(ErrorKind.MEDIA_BAD, DEVICE, hint, "SM")
    return unusable(f"{name} cannot be read (status {sw:04X})")
