"""AVI with Motion JPEG pictures and PCM sound: one RIFF file that any player opens. Own writer of the published layout
(Multimedia Programming Interface and Data Specifications 1.0; AVI RIFF File Reference).

The header has a fixed size, so that a file can be written from front to end and its header once more at the end, when the numbers
in it are known. Sound and picture are interleaved as they came.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

HEADER = 4096
"""Bytes up to the first chunk of the film."""
LARGEST = (1 << 30) - (1 << 20)
"""Bytes of film: what every player takes in one RIFF (AVI 1.0, with room for the index)."""
_HAS_INDEX, _INTERLEAVED = 0x10, 0x100
_KEY_FRAME = 0x10
_VIDEO, _AUDIO = b"00dc", b"01wb"
_PCM = 1


@dataclass(frozen=True, slots=True)
class Format:
    """Pixels, pictures a second, samples a second (16 bit, one channel)."""

    width: int
    height: int
    fps: int
    rate: int

    @property
    def tick(self) -> int:
        """Bytes of sound that go with one picture."""
        return self.rate // self.fps * 2


class AviFilm:
    """Turns pictures and sound into the bytes that follow the header, and knows what the header and the index must say."""

    def __init__(self, form: Format) -> None:
        self.form = form
        self.frames = 0
        self.sound_bytes = 0
        self.size = 0
        """Bytes of film so far."""
        self._largest = 0
        self._index = bytearray()

    def picture(self, jpeg: bytes) -> bytes:
        self.frames += 1
        return self._chunk(_VIDEO, jpeg)

    def sound(self, pcm: bytes) -> bytes:
        """Little-endian 16-bit samples. Raises ValueError for half a sample."""
        if len(pcm) % 2:
            raise ValueError("half a sample")
        self.sound_bytes += len(pcm)
        return self._chunk(_AUDIO, pcm)

    @property
    def seconds(self) -> float:
        return self.sound_bytes / (2 * self.form.rate)

    @property
    def full(self) -> bool:
        return self.size >= LARGEST

    def _chunk(self, name: bytes, data: bytes) -> bytes:
        self._largest = max(self._largest, len(data))
        self._index += struct.pack("<4sIII", name, _KEY_FRAME, 4 + self.size, len(data))
        chunk = name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)
        self.size += len(chunk)
        return chunk

    def index(self) -> bytes:
        """What follows the film."""
        return b"idx1" + struct.pack("<I", len(self._index)) + bytes(self._index)

    def header(self) -> bytes:
        """`HEADER` bytes for the film as it is now."""
        form = self.form
        video, audio = self._video(), self._audio()
        rate = form.rate * 2 + self._largest * form.fps
        main = struct.pack(
            "<14I", 1_000_000 // form.fps, rate, 0, _HAS_INDEX | _INTERLEAVED, self.frames, 0, 2,
            self._largest + 8, form.width, form.height, 0, 0, 0, 0,
        )  # fmt: skip
        hdrl = _list(b"hdrl", _piece(b"avih", main) + video + audio)
        room = HEADER - 12 - len(hdrl) - 8 - 12
        movi = b"LIST" + struct.pack("<I", 4 + self.size) + b"movi"
        whole = HEADER - 8 + self.size + (len(self._index) + 8)
        return b"RIFF" + struct.pack("<I", whole) + b"AVI " + hdrl + _piece(b"JUNK", b"\0" * room) + movi

    def _video(self) -> bytes:
        form = self.form
        head = struct.pack(
            "<4s4sIHHIIIIIIII4H", b"vids", b"MJPG", 0, 0, 0, 0, 1, form.fps, 0, self.frames, self._largest, 0xFFFFFFFF,
            0, 0, 0, form.width, form.height,
        )  # fmt: skip
        look = struct.pack(
            "<IiiHH4sIiiII", 40, form.width, form.height, 1, 24, b"MJPG", form.width * form.height * 3, 0, 0, 0, 0
        )
        return _list(b"strl", _piece(b"strh", head) + _piece(b"strf", look))

    def _audio(self) -> bytes:
        form = self.form
        head = struct.pack(
            "<4s4sIHHIIIIIIII4H", b"auds", b"\0\0\0\0", 0, 0, 0, 0, 2, form.rate * 2, 0, self.sound_bytes // 2,
            form.tick, 0xFFFFFFFF, 2, 0, 0, 0, 0,
        )  # fmt: skip
        look = struct.pack("<HHIIHH", _PCM, 1, form.rate, form.rate * 2, 2, 16)
        return _list(b"strl", _piece(b"strh", head) + _piece(b"strf", look))


def _piece(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def _list(kind: bytes, data: bytes) -> bytes:
    return b"LIST" + struct.pack("<I", 4 + len(data)) + kind + data
