"""A camera as code scanner. Decoding runs in a thread of its own, one frame at a time; the newest frame is always next."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import structlog

from drivers.qr_scanner.debounce import GONE_AFTER, SeenInView
from drivers.qr_scanner.decode_options import DecodeOptions
from drivers.qr_scanner.text import text_of
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.clock import Clock, SystemClock
from kiosk.ports.devices import Camera, DeviceStatus, Frame, Link, Scan

if TYPE_CHECKING:
    from drivers.qr_scanner.decode import Decoder, Symbol

MAX_FPS = 12.0
"""A frame without a code costs up to 30 ms of one core; more frames a second would help nobody."""
_log = structlog.get_logger(__name__)


class CameraScanner:
    """Implements `kiosk.ports.devices.QrScanner` over `Camera.frames()`.

    `confirm` is how many frames in a row must show a code before it counts; use 2 for payment codes. A code that stays in
    view is given once, until it was out of view for `gone_after` seconds of the frames' own time.
    """

    device_id = "qr_scanner"
    driver = "camera"

    def __init__(
        self,
        camera: Camera,
        options: DecodeOptions | None = None,
        *,
        confirm: int = 1,
        gone_after: float = GONE_AFTER,
        max_fps: float = MAX_FPS,
        clock: Clock | None = None,
    ) -> None:
        if confirm < 1:
            raise ValueError("confirm counts frames; it is at least 1")
        self.simulated = camera.simulated
        self.capabilities: Mapping[str, object] = {"binary_safe": True, "confirm": confirm, "trigger": False}
        self._camera = camera
        self._options = options
        self._confirm = confirm
        self._max_fps = max_fps
        self._clock = clock or SystemClock()
        self._seen = SeenInView(gone_after)
        self._streaks: dict[bytes, int] = {}
        self._pool: ThreadPoolExecutor | None = None
        self._decoder: Decoder | None = None
        self._owns_camera = False
        self._scanning = False

    async def open(self) -> None:
        """Load the decoder; open the camera if nobody has. Raises DeviceError as `Camera.open` does, or CONFIG."""
        if self._pool is None:
            pool = ThreadPoolExecutor(1, thread_name_prefix="qr-decode")
            try:
                self._decoder = await asyncio.get_running_loop().run_in_executor(pool, _load, self._options)
            except ImportError as error:
                raise DeviceError(
                    ErrorKind.CONFIG, self.device_id, "A library for reading codes cannot be loaded.", error.name or ""
                ) from error
            finally:
                if self._decoder is None:
                    pool.shutdown(wait=False)
            self._pool = pool
        if self._camera.status().link is Link.CLOSED:
            await self._camera.open()
            self._owns_camera = True

    async def close(self) -> None:
        pool, self._pool, self._decoder = self._pool, None, None
        if pool is not None:
            pool.shutdown(wait=False)
        if self._owns_camera:
            self._owns_camera = False
            await self._camera.close()
        self._seen.clear()
        self._streaks.clear()

    def status(self) -> DeviceStatus:
        return self._as_scanner(self._camera.status())

    async def check(self) -> DeviceStatus:
        if self._pool is None:
            return self.status()
        return self._as_scanner(await self._camera.check())

    async def scan(self, deadline: float) -> Scan:
        if self._pool is None or self._decoder is None:
            raise DeviceError(ErrorKind.NOT_OPEN, self.device_id, "The scanner is not open.")
        if self._scanning:
            raise DeviceError(ErrorKind.BUSY, self.device_id, "The scanner is being read already.")
        self._scanning = True
        self._streaks.clear()
        frames = self._camera.frames(self._max_fps)
        try:
            async with asyncio.timeout(max(deadline, 0.0)):
                return await self._first_new(frames)
        except TimeoutError:
            raise DeviceError(ErrorKind.TIMEOUT, self.device_id, f"No code was shown within {deadline:g} s.") from None
        finally:
            self._scanning = False
            end = getattr(frames, "aclose", None)  # an async generator has it; the Protocol does not promise it
            if end is not None:
                await end()

    async def _first_new(self, frames: AsyncIterator[Frame]) -> Scan:
        async for frame in frames:
            symbols = await self._read(frame)
            self._seen.look(frame.at, [symbol.raw for symbol in symbols])
            self._streaks = {symbol.raw: self._streaks.get(symbol.raw, 0) + 1 for symbol in symbols}
            for symbol in symbols:
                if self._streaks[symbol.raw] >= self._confirm and not self._seen.was_given(symbol.raw):
                    self._seen.give(symbol.raw)
                    self._streaks.clear()
                    _log.info("code_scanned", symbology=symbol.symbology.value, size=len(symbol.raw), source="camera")
                    return Scan(symbol.raw, text_of(symbol.raw), symbol.symbology.value, self._clock.now())
        raise DeviceError(ErrorKind.OFFLINE, self.device_id, "The camera gave no more frames.")

    async def _read(self, frame: Frame) -> list[Symbol]:
        pool, decoder = self._pool, self._decoder
        if pool is None or decoder is None:
            raise DeviceError(ErrorKind.OFFLINE, self.device_id, "The scanner was closed.")
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(pool, decoder.decode, frame.bgr, frame.width, frame.height)
        except ValueError as error:
            raise DeviceError(ErrorKind.PROTOCOL, self.device_id, f"A camera frame is not whole: {error}.") from error

    def _as_scanner(self, camera: DeviceStatus) -> DeviceStatus:
        if self._pool is None:
            return DeviceStatus(Link.CLOSED)
        link = Link.BUSY if self._scanning and camera.link is Link.READY else camera.link
        return DeviceStatus(link, camera.parts, camera.detail)


def _load(options: DecodeOptions | None) -> Decoder:
    from drivers.qr_scanner.decode import Decoder

    return Decoder(options or DecodeOptions())
