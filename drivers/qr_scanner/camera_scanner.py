"""A camera as code scanner. Decoding runs on a thread aside, one frame at a time; the newest frame is always next."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from typing import TYPE_CHECKING

import structlog

from drivers.qr_scanner.debounce import GONE_AFTER, SeenInView
from drivers.qr_scanner.decode_options import DecodeOptions
from drivers.qr_scanner.text import text_of
from drivers.service import Service
from drivers.transport.arrival import wait_return
from drivers.transport.aside import OneThread
from kiosk.care.socket import plugged
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.clock import Clock, SystemClock
from kiosk.ports.devices import Camera, DeviceStatus, Frame, Link, Scan
from kiosk.ports.health import Finding, Level, Person, Resettable, Serviced

if TYPE_CHECKING:
    from drivers.qr_scanner.decode import Decoder, Symbol

MAX_FPS = 12.0
"""A frame without a code costs up to 30 ms of one core; more frames a second would help nobody."""
DECODE_WITHIN = 5.0
"""Seconds; a picture takes 30 ms at most. A library that is still busy then never ends: its thread is left behind."""
_LOAD_WITHIN = 20.0
_FRAME_WITHIN = 3.0
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
        self._service = Service(self.status)
        self._decoder: Decoder | None = None
        self._thread = OneThread("qr-decode")
        self._owns_camera = False
        self._scanning = False
        self._deaf: Callable[[], None] | None = None
        """Ends listening to the camera."""

    async def open(self) -> None:
        """Load the decoder; open the camera if nobody has. Raises DeviceError as `Camera.open` does, or CONFIG."""
        if self._decoder is None:
            self._decoder = await self._load()
        if self._camera.status().link is Link.CLOSED:
            await self._camera.open()
            self._owns_camera = True
        self._hear(self._camera)
        self._service.count("opens")
        self._service.tell()

    async def _load(self) -> Decoder:
        options = self._options
        try:
            return await self._thread.do(lambda: _load(options), _LOAD_WITHIN)
        except ImportError as error:
            hint = "A library for reading codes cannot be loaded."
            raise DeviceError(ErrorKind.CONFIG, self.device_id, hint, error.name or "") from error
        except TimeoutError:
            hint = "Loading the library for reading codes hangs."
            raise DeviceError(ErrorKind.TIMEOUT, self.device_id, hint) from None

    async def close(self) -> None:
        self._decoder = None
        self._thread.end()
        self._hear(None)
        if self._owns_camera:
            self._owns_camera = False
            await self._camera.close()
        self._seen.clear()
        self._streaks.clear()
        self._service.tell()

    def _hear(self, camera: Camera | None) -> None:
        """The camera's status is the scanner's. Begun at each opening: another camera may have been put in its place."""
        if self._deaf is not None:
            self._deaf()
            self._deaf = None
        # Asked of the driver itself: a socket passes names on, which `isinstance` does not see from Python 3.12 on.
        served = plugged(camera) if camera is not None else None
        if isinstance(served, Serviced):
            self._deaf = served.listen(self._service.tell)

    async def reset(self) -> None:
        """A new decoder, and the camera's own reset where it has one. Raises DeviceError."""
        if self._decoder is None:
            raise DeviceError(ErrorKind.NOT_OPEN, self.device_id, "The scanner is not open.")
        self._decoder = await self._load()
        camera = plugged(self._camera)
        if isinstance(camera, Resettable):
            await camera.reset()

    async def wait_return(self) -> None:
        await wait_return(plugged(self._camera))

    async def examine(self, level: Level, person: Person) -> tuple[Finding, ...]:
        from drivers.qr_scanner.exam import examine_camera

        return await examine_camera(self, level, person)

    def counters(self) -> Mapping[str, int]:
        return self._service.counters()

    def listen(self, changed: Callable[[], None]) -> Callable[[], None]:
        return self._service.listen(changed)

    def status(self) -> DeviceStatus:
        return self._as_scanner(self._camera.status())

    async def check(self) -> DeviceStatus:
        if self._decoder is None:
            return self.status()
        return self._as_scanner(await self._camera.check())

    async def scan(self, deadline: float) -> Scan:
        if self._decoder is None:
            raise DeviceError(ErrorKind.NOT_OPEN, self.device_id, "The scanner is not open.")
        if self._scanning:
            raise DeviceError(ErrorKind.BUSY, self.device_id, "The scanner is being read already.")
        self._scanning = True
        self._service.tell()
        self._streaks.clear()
        frames = self._camera.frames(self._max_fps)
        try:
            async with asyncio.timeout(max(deadline, 0.0)):
                return await self._first_new(frames)
        except TimeoutError:
            raise DeviceError(ErrorKind.TIMEOUT, self.device_id, f"No code was shown within {deadline:g} s.") from None
        finally:
            self._scanning = False
            self._service.tell()
            end = getattr(frames, "aclose", None)  # an async generator has it; the Protocol does not promise it
            if end is not None:
                await end()

    async def _first_new(self, frames: AsyncIterator[Frame]) -> Scan:
        async for frame in frames:
            symbols = await self.symbols_in(frame)
            self._seen.look(frame.at, [symbol.raw for symbol in symbols])
            self._streaks = {symbol.raw: self._streaks.get(symbol.raw, 0) + 1 for symbol in symbols}
            for symbol in symbols:
                if self._streaks[symbol.raw] >= self._confirm and not self._seen.was_given(symbol.raw):
                    self._seen.give(symbol.raw)
                    self._service.count("reads")
                    self._streaks.clear()
                    _log.info("code_scanned", symbology=symbol.symbology.value, size=len(symbol.raw), source="camera")
                    return Scan(symbol.raw, text_of(symbol.raw), symbol.symbology.value, self._clock.now())
        raise DeviceError(ErrorKind.OFFLINE, self.device_id, "The camera gave no more frames.")

    async def newest(self) -> Frame:
        """A picture taken now. Raises DeviceError as the camera does."""
        return await self._camera.latest(_FRAME_WITHIN)

    async def symbols_in(self, frame: Frame) -> list[Symbol]:
        """All codes of one picture. Raises DeviceError: OFFLINE (closed), PROTOCOL (not a whole picture), TIMEOUT (the library hangs)."""
        decoder = self._decoder
        if decoder is None:
            raise DeviceError(ErrorKind.OFFLINE, self.device_id, "The scanner was closed.")
        try:
            return await self._thread.do(lambda: decoder.decode(frame.bgr, frame.width, frame.height), DECODE_WITHIN)
        except ValueError as error:
            raise DeviceError(ErrorKind.PROTOCOL, self.device_id, f"A camera frame is not whole: {error}.") from error
        except TimeoutError:
            self._service.count("restarts")
            _log.error("code_decoder_hangs", device=self.device_id)
            if self._decoder is decoder:
                self._decoder = await self._load()  # the old one belongs to the thread that is left behind
            hint = "Reading codes in a picture hangs."
            raise DeviceError(ErrorKind.TIMEOUT, self.device_id, hint, "decoder_hung") from None

    def _as_scanner(self, camera: DeviceStatus) -> DeviceStatus:
        if self._decoder is None:
            return DeviceStatus(Link.CLOSED)
        link = Link.BUSY if self._scanning and camera.link is Link.READY else camera.link
        return DeviceStatus(link, camera.parts, camera.detail, camera.trouble)


def _load(options: DecodeOptions | None) -> Decoder:
    from drivers.qr_scanner.decode import Decoder

    return Decoder(options or DecodeOptions())
