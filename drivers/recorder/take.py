"""One recording under way: the microphone's samples set the clock, and with every tick of them goes the camera's newest picture."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from drivers.recorder.avi import AviFilm, Format
from drivers.recorder.level import Level, measure
from drivers.recorder.sealed import SealedWriter
from drivers.transport.base import ByteTransport
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.devices import Camera

DEVICE = "recorder"
_BATCH = 64 * 1024
"""Bytes of film that go to the disk at a time."""


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds; tests shorten them."""

    start: float = 10.0
    """Until there is sound and picture; a camera that rested needs a moment."""
    sound: float = 2.0
    """No samples for so long: the microphone has stopped."""
    picture: float = 3.0
    """As old may the newest picture be: somebody may lean over the lens for a moment."""
    silent: float = 3.0
    """Only zeros for so long: a microphone that is switched off. A live one always hisses."""
    longest: float = 900.0
    retry: float = 0.2
    answer: float = 2.0
    """For the first samples when the microphone is asked how it is."""
    listen: float = 0.1
    """Sound that is looked at then; nothing of it is kept."""


class Take:
    """`run` until `finishing` is set. Raises DeviceError where the recording broke."""

    def __init__(
        self, line: ByteTransport, camera: Camera, form: Format, times: Timings, opened: Callable[[bytes], SealedWriter]
    ) -> None:
        """`opened`: makes the file for a header; blocking, may raise OSError."""
        self._line, self._camera, self._times, self._opened = line, camera, times, opened
        self.film = AviFilm(form)
        self.writer: SealedWriter | None = None
        self.running = asyncio.Event()
        """There is sound and picture."""
        self.finishing = False
        self.level = Level.nothing()
        self._jpeg = b""
        self._jpeg_at = 0.0
        self._camera_trouble: DeviceError | None = None
        self._zeros = 0
        self._batch = bytearray()

    async def run(self) -> None:
        looking = asyncio.ensure_future(self._look())
        hearing = asyncio.ensure_future(self._hear())
        try:
            done, _ = await asyncio.wait((looking, hearing), return_when=asyncio.FIRST_COMPLETED)
            for each in done:
                each.result()
        finally:
            for each in (looking, hearing):
                each.cancel()
            await asyncio.gather(looking, hearing, return_exceptions=True)

    # -- picture ---------------------------------------------------------------------------------------------------------

    async def _look(self) -> None:
        """The camera's newest picture as JPEG. Only a camera that is gone ends this; what passes by itself has a moment."""
        from drivers.recorder.picture import encode

        loop = asyncio.get_running_loop()
        form = self.film.form
        while True:
            try:
                async for frame in self._camera.frames(float(form.fps)):
                    jpeg = await asyncio.to_thread(encode, frame, form.width, form.height)
                    self._jpeg, self._jpeg_at, self._camera_trouble = jpeg, loop.time(), None
            except DeviceError as error:
                if error.kind not in (ErrorKind.HARDWARE, ErrorKind.TIMEOUT):
                    raise
                self._camera_trouble = error
            await asyncio.sleep(self._times.retry)

    def _picture_now(self) -> bytes:
        if asyncio.get_running_loop().time() - self._jpeg_at > self._times.picture:
            raise self._camera_trouble or DeviceError(
                ErrorKind.TIMEOUT, DEVICE, "The camera gives no pictures.", "no_picture"
            )
        return self._jpeg

    # -- sound -----------------------------------------------------------------------------------------------------------

    async def _hear(self) -> None:
        tick = self.film.form.tick
        held = bytearray()
        heard = False
        while not self.finishing:
            try:
                held += await self._line.read(8 * tick, self._times.sound)
            except DeviceError as error:
                if error.kind is ErrorKind.TIMEOUT:
                    raise DeviceError(
                        ErrorKind.TIMEOUT, DEVICE, "The microphone gives no more sound.", "stalled"
                    ) from error
                raise
            while len(held) >= tick and not self.finishing:
                pcm = bytes(held[:tick])
                del held[:tick]
                heard = self._listen(pcm) or heard
                if not self.running.is_set():
                    if not (heard and self._jpeg):
                        continue
                    await self._begin()
                await self._add(pcm)

    def _listen(self, pcm: bytes) -> bool:
        """Note how loud it is; whether there is anything at all. Raises DeviceError for a microphone that gives zeros for too long."""
        self.level = measure(pcm)
        if not self.level.silent:
            self._zeros = 0
            return True
        self._zeros += len(pcm)
        if self._zeros > self._times.silent * self.film.form.rate * 2:
            raise silent()
        return False

    async def _begin(self) -> None:
        self.writer = await asyncio.to_thread(self._opened, self.film.header())
        self.running.set()

    async def _add(self, pcm: bytes) -> None:
        self._batch += self.film.sound(pcm)
        self._batch += self.film.picture(self._picture_now())
        if len(self._batch) >= _BATCH:
            await self._write()
        if self.film.full or self.film.seconds > self._times.longest:
            raise DeviceError(ErrorKind.TIMEOUT, DEVICE, "The recording is as long as one may be.", "too_long")

    async def _write(self) -> None:
        data = bytes(self._batch)
        self._batch.clear()
        if self.writer is not None:
            await asyncio.to_thread(self.writer.write, data)

    def rest(self) -> bytes:
        """What was not written yet, and the index."""
        return bytes(self._batch) + self.film.index()


def silent() -> DeviceError:
    return DeviceError(ErrorKind.HARDWARE, DEVICE, "The microphone gives nothing but silence; is it muted?", "silent")
