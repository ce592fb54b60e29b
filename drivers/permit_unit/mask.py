"""What of a permit unit's line is personal: the printed line, the numbers on the chip, sealed data, the back and its picture.

Frames stay what they are: kind, sequence number, code, lengths, job ids, states. A fictional permit's line stands for the read one, a
picture of the same size and with a CRC-32 that fits for the taken one. What is no whole, undamaged frame is hidden.
"""

from __future__ import annotations

import datetime as dt
import re
import struct
import zlib
from collections.abc import Callable
from dataclasses import replace

from drivers.permit_unit.codes import Code
from drivers.permit_unit.frames import MAX_PAYLOAD, STX, Frame, Kind, crc16
from drivers.permit_unit.messages import PayloadError, PictureHead, read_text_field
from drivers.transport.tape import Piece, Spans
from kiosk.domain.mrz import LINE_LENGTH, make_line
from kiosk.domain.permit import PermitKind

_HEAD, _CRC = 6, 2
_STATUS = 12
_AS_THEY_ARE = frozenset(
    {
        Code.HELLO,
        Code.STATUS,
        Code.ENTRY,
        Code.LOCATE,
        Code.MOVE,
        Code.OUT,
        Code.KEEP,
        Code.READ_CHIP,
        Code.JOB,
        Code.CAPTURE,
        Code.GET,
        Code.TEXT,
    }
)
"""Commands without a word about a citizen."""
_STATES = frozenset({Code.STATUS, Code.ENTRY, Code.LOCATE, Code.MOVE, Code.OUT, Code.KEEP})
"""Commands whose positive answers are a status block."""
_LONGEST_ORDER, _LONGEST_HELLO = 8, 128
_MOST_DATA = 16 * 1024 * 1024
_JOB_ID = re.compile("[A-Z0-9]{1,32}")
_LINE = {
    kind: make_line(kind, number, dt.date(2040, 1, 1), "900101")
    for kind, number in ((PermitKind.HK_MACAO, "C00000000"), (PermitKind.TAIWAN, "L00000000"))
}


class PermitUnitMasker:
    """Implements `drivers.transport.tape.Masker`."""

    name = "permit_unit"

    def __init__(self) -> None:
        self._sent = bytearray()
        self._came = bytearray()
        self._gets: dict[int, int] = {}
        """Sequence number of a GET to the offset it asks for."""
        self._picture = b""

    def sent(self, data: bytes) -> list[Piece]:
        self._sent += data
        return _cut(self._sent, self._command, last=False)

    def came(self, data: bytes) -> list[Piece]:
        self._came += data
        return _cut(self._came, self._answer, last=False)

    def end(self) -> tuple[list[Piece], list[Piece]]:
        return _cut(self._sent, self._command, last=True), _cut(self._came, self._answer, last=True)

    def _command(self, frame: Frame) -> Piece:
        payload = frame.payload
        match frame.code:
            case Code.GET if len(payload) >= 4:
                self._gets[frame.seq] = int.from_bytes(payload[:4], "big")
                return Piece(frame.pack())
            case code if code in _AS_THEY_ARE:
                return _keep(frame, _LONGEST_ORDER)
            case Code.DATA:  # the offset stays
                return _keep(frame, 4 if int.from_bytes(payload[:4], "big") < _MOST_DATA else 0)
            case Code.WRITE | Code.PRINT:  # job id and size stay; a checksum of few bytes would give them away
                at = _job_id(payload, 0)
                return _keep(frame, at + 4 if at else 0)
            case _:
                return _with(frame, bytes(len(payload)), 0)

    def _answer(self, frame: Frame) -> Piece:
        payload = frame.payload
        if frame.kind is Kind.WORKING or not payload:
            return _with(frame, bytes(len(payload)), 0)
        if frame.kind is Kind.EVENT:
            return _keep(frame, _STATUS)
        if frame.kind is Kind.REFUSED:  # the reason; a text for technicians may follow, of which nothing is known
            return _with(frame, payload[:1] + b" " * (len(payload) - 1), 1)
        match frame.code:
            case Code.HELLO:  # the names of a machine
                return _keep(frame, _LONGEST_HELLO)
            case Code.JOB:
                return _keep(frame, max(2, _job_id(payload, 2)))
            case code if code in _STATES:
                return _keep(frame, _STATUS)
            case Code.TEXT:
                return _with(frame, _line(payload), 0)
            case Code.READ_CHIP:
                return _with(frame, _numbers(payload), 1)
            case Code.CAPTURE:
                return self._capture(frame)
            case Code.GET:
                at = self._gets.pop(frame.seq, 0)
                return _with(frame, self._picture[at : at + len(payload)].ljust(len(payload), b"\0"), 0)
            case _:
                return _with(frame, bytes(len(payload)), 0)

    def _capture(self, frame: Frame) -> Piece:
        try:
            head = PictureHead.read(frame.payload)
        except PayloadError:
            return _with(frame, bytes(len(frame.payload)), 0)
        self._picture = _stand_in(head.media_type, min(head.size, 16 * 1024 * 1024))
        packed = replace(head, crc32=zlib.crc32(self._picture)).pack()
        return _with(frame, packed + bytes(len(frame.payload) - len(packed)), 5)


def _cut(buffer: bytearray, masked: Callable[[Frame], Piece], *, last: bool) -> list[Piece]:
    """The frames of a stream, as `FrameParser` finds them, with every byte accounted for."""
    pieces: list[Piece] = []
    while buffer:
        start = buffer.find(STX)
        if start:
            pieces.append(Piece.hidden(_drop(buffer, start if start > 0 else len(buffer))))
            continue
        size = int.from_bytes(buffer[1:3], "big")
        end = 3 + size + _CRC
        if len(buffer) >= 4 and buffer[3] not in set(Kind):
            size = 0
        elif (len(buffer) < 3 or (3 <= size <= 3 + MAX_PAYLOAD and len(buffer) < end)) and not last:
            break
        body = bytes(buffer[1 : end - _CRC])
        fits = 3 <= size <= 3 + MAX_PAYLOAD and len(buffer) >= end
        if not fits or crc16(body) != int.from_bytes(buffer[end - _CRC : end], "big"):
            del buffer[0]
            pieces.append(Piece(bytes([STX])))
            continue
        pieces.append(masked(Frame(Kind(body[2]), body[3], body[4], body[5:])))
        del buffer[:end]
    return pieces


def _drop(buffer: bytearray, size: int) -> int:
    del buffer[:size]
    return size


def _with(frame: Frame, payload: bytes, kept: int) -> Piece:
    """The frame with another payload, `kept` bytes of which are as they were, and with the CRC that fits."""
    if len(payload) != len(frame.payload):
        raise RuntimeError("a masked payload must keep its length")
    packed = replace(frame, payload=payload).pack()
    spans: Spans = ((_HEAD + kept, len(packed)),) if kept < len(payload) else ()
    return Piece(packed, spans)


def _keep(frame: Frame, size: int) -> Piece:
    """The frame with nothing behind the first `size` bytes of its payload."""
    return _with(frame, frame.payload[:size] + bytes(max(0, len(frame.payload) - size)), size)


def _job_id(payload: bytes, at: int) -> int:
    """Where a job id ends that begins at `at`; 0 where none does that looks like one."""
    try:
        text, end = read_text_field(payload, at)
    except PayloadError:
        return 0
    return end if _JOB_ID.fullmatch(text) else 0


def _line(payload: bytes) -> bytes:
    """A fictional permit's line of the same kind; fillers, which are no line either, where there was none."""
    text = payload[:2].decode("ascii", "replace")
    if len(payload) == LINE_LENGTH and text in set(PermitKind):
        return _LINE[PermitKind(text)].encode()
    return b"<" * len(payload)


def _numbers(payload: bytes) -> bytes:
    """READ_CHIP: how many, then each as a text. Numbered anew; a list that cannot be read becomes zeros."""
    made, at = bytearray(payload[:1]), 1
    for index in range(payload[0]):
        if at >= len(payload) or at + 1 + payload[at] > len(payload):
            return payload[:1] + bytes(len(payload) - 1)
        size = payload[at]
        made += payload[at : at + 1] + (b"X%0*d" % (max(size - 1, 0), index + 1))[:size]
        at += 1 + size
    return bytes(made) + bytes(len(payload) - at)


def _stand_in(media_type: str, size: int) -> bytes:
    """A picture of exactly `size` bytes: one grey dot and a long comment; bare zeros where that does not fit."""
    if media_type == "image/png":
        head = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
        tail = _chunk(b"IDAT", zlib.compress(b"\0\x80")) + _chunk(b"IEND", b"")
        room = size - len(head) - len(tail) - 12
        if room >= 8:
            return head + _chunk(b"tEXt", b"Comment\0".ljust(room, b" ")) + tail
    return bytes(size)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
