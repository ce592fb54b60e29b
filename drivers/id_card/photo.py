"""The 1024-byte chip photo (WLT). No open decoder is known, so decoding is a plug-in, and a photo is never required.

`none` gives no picture; `external:/path/program` runs a decoder the operator has licensed; `sim` knows the mark that the
simulator puts into its photos. A decoder that fails gives None: the journey goes on with the live photo and staff.
The bytes and the picture are never written anywhere.
"""

from __future__ import annotations

import asyncio
import os
import signal
import struct
import subprocess
import zlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import structlog

from kiosk.domain.identity import Photo

WLT_BYTES = 1024
WIDTH, HEIGHT = 102, 126
SIM_MAGIC = b"SIMWLT1\0"
_MEDIA = ((b"BM", "image/bmp"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"))
_OUTPUT_LIMIT = 1024 * 1024
log = structlog.get_logger(__name__)


class PhotoDecoder(Protocol):
    name: str

    async def decode(self, wlt: bytes) -> Photo | None:
        """The picture, or None when it cannot be had. Never raises for bad input, never blocks the loop."""
        ...


class NoDecoder:
    name = "none"

    async def decode(self, wlt: bytes) -> Photo | None:
        del wlt
        return None


class SimDecoder:
    """Draws the fictional person whose face seed the simulator packed behind its mark."""

    name = "sim"

    async def decode(self, wlt: bytes) -> Photo | None:
        if not wlt.startswith(SIM_MAGIC):
            _log_failure(self.name, "no simulator mark")
            return None
        seed = int.from_bytes(wlt[len(SIM_MAGIC) : len(SIM_MAGIC) + 4], "little")
        return await asyncio.get_running_loop().run_in_executor(None, _draw, seed)


class ExternalDecoder:
    """A configured program: 1024 bytes on stdin, BMP or PNG on stdout, exit status 0, within `limit` seconds.

    It runs in its own process group, because vendor libraries crash and hang, and only a process can be killed.
    """

    name = "external"

    def __init__(self, command: Sequence[str], *, limit: float = 3.0) -> None:
        self._command = tuple(command)
        self._limit = limit

    async def decode(self, wlt: bytes) -> Photo | None:
        try:
            child = self._start()
        except OSError as error:
            _log_failure(self.name, f"cannot be started: {error.strerror}")
            return None
        running = asyncio.get_running_loop().run_in_executor(None, _talk, child, wlt, self._limit)
        try:
            output, reason = await asyncio.shield(running)
        except asyncio.CancelledError:
            _kill(child)
            raise
        if reason:
            _log_failure(self.name, reason)
            return None
        for mark, media_type in _MEDIA:
            if output.startswith(mark) and len(output) <= _OUTPUT_LIMIT:
                return Photo(output, media_type)
        _log_failure(self.name, "gave no BMP, PNG or JPEG picture")
        return None

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # a vendor's chatter may contain what it decodes
            start_new_session=True,
            cwd="/",
        )


def make_decoder(spec: str) -> PhotoDecoder:
    """From the settings: `none`, `sim` or `external:/path/program`. Raises ValueError with one sentence."""
    name, _, path = spec.partition(":")
    if name == "external":
        if not Path(path).is_absolute():
            raise ValueError(f"The photo decoder {spec!r} needs a full path, as in external:/opt/vendor/wlt2bmp.")
        return ExternalDecoder([path])
    if spec == "none":
        return NoDecoder()
    if spec == "sim":
        return SimDecoder()
    raise ValueError(f"There is no photo decoder {spec!r}; known are none, sim and external:/path/program.")


def pack_sim_photo(face_seed: int = 0) -> bytes:
    """What a simulated chip holds as its photo: mark, face seed (32 bit, little endian), zeros."""
    return (SIM_MAGIC + (face_seed & 0xFFFFFFFF).to_bytes(4, "little")).ljust(WLT_BYTES, b"\0")


def _draw(seed: int) -> Photo:
    from drivers.camera.faces import draw_portrait  # numpy and cv2 come with it: only when a face is wanted

    picture = draw_portrait(seed, WIDTH, HEIGHT)
    return Photo(_png(picture[:, :, ::-1].tobytes(), WIDTH, HEIGHT), "image/png")


def _png(rgb: bytes, width: int, height: int) -> bytes:
    """8-bit RGB as PNG (ISO/IEC 15948), filter 0 on every row."""
    rows = b"".join(b"\0" + rgb[y * width * 3 : (y + 1) * width * 3] for y in range(height))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return _MEDIA[1][0] + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def _talk(child: subprocess.Popen[bytes], wlt: bytes, limit: float) -> tuple[bytes, str]:
    """In a worker thread: feed the child and collect its answer; afterwards the child is gone in any case."""
    try:
        output, _ = child.communicate(wlt, timeout=limit)
    except subprocess.TimeoutExpired:
        _kill(child)
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):  # what it never took is still in the buffer
                    pipe.close()
        child.wait()
        return b"", f"gave no picture within {limit:g} s"
    return output, f"ended with status {child.returncode}" if child.returncode else ""


def _kill(child: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):  # it ended by itself in the meantime
        os.killpg(child.pid, signal.SIGKILL)


def _log_failure(decoder: str, reason: str) -> None:
    log.warning("chip_photo_not_decoded", decoder=decoder, reason=reason)
