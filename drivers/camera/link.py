"""What kiosk and capture worker share: frames in anonymous memory, small JSON messages over a socket pair.

Frames never touch a disk and have no name another process could open: the memory is a memfd handed down by number. A slot
carries its sequence number before and after the pixels; a reader that sees two different ones was overtaken by the writer
and takes the next frame instead.
"""

from __future__ import annotations

import json
import mmap
import os
import socket
import struct
from dataclasses import asdict, dataclass
from typing import Any

MAX_WIDTH, MAX_HEIGHT = 1920, 1080
SLOTS = 4
_HEADER = struct.Struct("<QQ")
_SLOT = _HEADER.size + MAX_WIDTH * MAX_HEIGHT * 3
MESSAGE_LIMIT = 32_768


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds; tests shorten them."""

    stall: float = 3.0
    """No frame for so long while the camera should run: stalled, release and open again."""
    hang: float = 6.0
    """No sign of life from the worker's loop; more than V4L2's select time-out of 2 s."""
    opening: float = 15.0
    """Some USB cameras take seconds to open."""
    rest: float = 12.0
    """Nobody asked for a frame: the camera is released (its lamp goes out), the worker stays warm."""
    covered: float = 1.0
    """Dark and uniform for so long; a hand that passes is none."""
    frozen_frames: int = 25
    """Identical frames in a row; a live sensor's noise never repeats."""
    beat: float = 0.5
    back_off: float = 2.0
    back_off_max: float = 20.0


@dataclass(frozen=True, slots=True)
class Job:
    """The worker's command line, as one JSON document."""

    url: str
    width: int = 1280
    height: int = 720
    fps: float = 25.0
    timings: Timings = Timings()

    def dump(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def load(cls, text: str) -> Job:
        values = json.loads(text)
        return cls(**{**values, "timings": Timings(**values["timings"])})


class FrameMemory:
    """A ring of frames; one process writes, one reads."""

    def __init__(self, fd: int | None = None) -> None:
        if fd is None:
            fd = os.memfd_create("onetrip-frames", os.MFD_CLOEXEC)
            os.ftruncate(fd, _SLOT * SLOTS)
        self.fd = fd
        self._map = mmap.mmap(fd, _SLOT * SLOTS)

    def write(self, seq: int, pixels: memoryview) -> int:
        """Store one frame (at most MAX_WIDTH×MAX_HEIGHT) and return its slot."""
        slot = seq % SLOTS
        at = slot * _SLOT
        _HEADER.pack_into(self._map, at, seq, 0)
        start = at + _HEADER.size
        self._map[start : start + pixels.nbytes] = pixels
        _HEADER.pack_into(self._map, at, seq, seq)
        return slot

    def read(self, slot: int, seq: int, size: int) -> bytes | None:
        """The frame, or None when the writer has been faster."""
        at = slot * _SLOT
        if not (0 <= slot < SLOTS and 0 < size <= _SLOT - _HEADER.size) or _HEADER.unpack_from(self._map, at) != (
            seq,
            seq,
        ):
            return None
        pixels = self._map[at + _HEADER.size : at + _HEADER.size + size]
        return pixels if _HEADER.unpack_from(self._map, at) == (seq, seq) else None

    def forget(self) -> None:
        """For the writer, between two sessions: every frame becomes zeros; the reader may go on reading meanwhile."""
        self._map.madvise(mmap.MADV_REMOVE)

    def wipe(self) -> None:
        """Give the pages back to the system, which hands them out as zeros."""
        os.ftruncate(self.fd, 0)
        os.ftruncate(self.fd, _SLOT * SLOTS)

    def close(self) -> None:
        self._map.close()
        os.close(self.fd)


def pair() -> tuple[socket.socket, socket.socket]:
    """Both ends of the message line; SEQPACKET keeps messages whole."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def encode(message: dict[str, Any]) -> bytes:
    return json.dumps(message, separators=(",", ":")).encode()


def decode(data: bytes) -> dict[str, Any]:
    """Raises ValueError for anything but a JSON object."""
    message = json.loads(data)
    if not isinstance(message, dict):
        raise ValueError("not a message")
    return message
