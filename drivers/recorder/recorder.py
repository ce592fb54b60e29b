"""The recorder's driver: opens the microphone only to listen for a moment how it is, and to record.

Between two recordings the line is closed: nobody is heard, no process runs. The camera is the kiosk's own, shared with the face check.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping
from types import MappingProxyType

import structlog

from drivers.link_state import LinkState
from drivers.recorder.avi import HEADER, Format
from drivers.recorder.level import Level, measure
from drivers.recorder.sealed import SealBroken, SealedWriter
from drivers.recorder.shelf import Shelf
from drivers.recorder.take import DEVICE, Take, Timings, silent
from drivers.recorder.vault import Vault
from drivers.service import Service
from drivers.transport.arrival import wait_return_or
from drivers.transport.base import ByteTransport
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports import health
from kiosk.ports.devices import Camera, DeviceStatus, Link
from kiosk.ports.recorder import Recording

FORM = Format(640, 360, 10, 16000)
USUAL = Timings()
log = structlog.get_logger(__name__)
_FULL = DeviceError(ErrorKind.SUPPLY_OUT, DEVICE, "There is no room for another recording.", "full")


class AvRecorder:
    """Implements `kiosk.ports.recorder.Recorder`, and `Serviced`, `Resettable`, `Returning`."""

    device_id = DEVICE

    def __init__(
        self,
        line: ByteTransport,
        camera: Camera,
        vault: Vault,
        *,
        driver: str = "alsa",
        form: Format = FORM,
        timings: Timings = USUAL,
        every: float = 20.0,
        today: Callable[[], dt.date] = dt.date.today,
    ) -> None:
        """`every`: seconds at least between two looks at a microphone that is well."""
        self.driver = driver
        self.simulated = line.simulated
        self.vault = vault
        self.camera = camera
        self._line, self._form, self._times, self._every = line, form, timings, every
        self._shelf = Shelf(vault, today)
        self._service = Service(self.status)
        self._state = LinkState(DEVICE, line, self._service.tell)
        self._lock = asyncio.Lock()
        self._take: Take | None = None
        self._task: asyncio.Task[None] | None = None
        self._sound, self._space = "unknown", "unknown"
        self._asked_at = float("-inf")
        self.level = Level.nothing()

    @property
    def capabilities(self) -> Mapping[str, object]:
        form = self._form
        told = {"line": self._line.name, "width": form.width, "height": form.height, "fps": form.fps, "rate": form.rate}
        return MappingProxyType({**told, "keep_days": self.vault.keep_days})

    # -- life ------------------------------------------------------------------------------------------------------------

    async def open(self) -> None:
        """Make the folder ready and listen for a moment. Raises DeviceError OFFLINE, TIMEOUT, HARDWARE ("silent"), CONFIG, PERMISSION,
        SUPPLY_OUT."""
        self._state.wanted = True
        if self._state.link is Link.CLOSED:
            self._state.note(Link.OPENING)
        async with self._lock:
            await self._ask(opening=True)
        self._service.count("opens")

    async def close(self) -> None:
        self._state.wanted = False
        await self.discard()
        await self._line.close()
        self._sound, self._space = "unknown", "unknown"
        self._state.note(Link.CLOSED)

    async def reset(self) -> None:
        """A fresh process at the microphone. Raises DeviceError as `open` does; NOT_OPEN before it, BUSY while it records."""
        self._must_be_open()
        async with self._lock:
            self._must_be_free()
            await self._ask(opening=True)

    def status(self) -> DeviceStatus:
        state = self._state
        on = self._take is not None
        parts = {"sound": self._sound, "space": self._space, "recording": "on" if on else "off"}
        link = Link.BUSY if on and state.link is Link.READY else state.link
        detail = state.detail
        if link is Link.READY and self._space == "low":
            detail = "There is room for a few recordings only."
        return DeviceStatus(link, parts, detail, state.trouble)

    async def check(self) -> DeviceStatus:
        now = asyncio.get_running_loop().time()
        well = self._state.link is Link.READY
        if self._state.wanted and self._take is None and not (well and now - self._asked_at < self._every):
            async with self._lock:
                try:
                    if self._take is None:
                        await self._ask()
                except DeviceError as error:
                    log.debug("recorder_check", kind=error.kind.value, native=error.native)
        return self.status()

    async def wait_return(self) -> None:
        await wait_return_or(self._line, lambda: self._state.link is Link.READY, self._service.listen)

    def counters(self) -> Mapping[str, int]:
        return self._service.counters()

    def listen(self, changed: Callable[[], None]) -> Callable[[], None]:
        return self._service.listen(changed)

    async def examine(self, level: health.Level, person: health.Person) -> tuple[health.Finding, ...]:
        from drivers.recorder.exam import examine

        return await examine(self, level, person)

    # -- how it is -------------------------------------------------------------------------------------------------------

    async def _ask(self, *, opening: bool = False) -> None:
        try:
            if opening:
                await self._shelf.prepare()
            await self._shelf.purge()
            await self._look_at_folder()
            await self.hear(self._times.listen)
            if self.level.silent:
                raise silent()
        except DeviceError as error:
            self._lose(error)
            raise
        except BaseException:
            self._state.broken_off()
            raise
        self._asked_at = asyncio.get_running_loop().time()
        self._state.connected = True
        self._state.note(Link.READY)

    async def _look_at_folder(self) -> None:
        self._space = await self._shelf.space()
        if self._space == "full":
            raise DeviceError(_FULL.kind, DEVICE, _FULL.hint, _FULL.native)

    async def hear(self, seconds: float) -> None:
        """Listen for so long, keep nothing but how loud it was. Raises DeviceError; not while it records."""
        wanted = max(2, round(seconds * self._form.rate) * 2)
        held = bytearray()
        await self._line.open()
        try:
            async with asyncio.timeout(self._times.answer + seconds):
                while len(held) < wanted:
                    held += await self._line.read(wanted - len(held), self._times.answer)
        except TimeoutError:
            raise DeviceError(ErrorKind.TIMEOUT, DEVICE, "The microphone gives no sound.", "stalled") from None
        finally:
            await self._line.close()
        self.level = measure(bytes(held))
        self._sound = "silent" if self.level.silent else "ok"

    def _lose(self, error: DeviceError) -> None:
        if self._state.link is Link.READY:
            self._service.count("losses")
        self._state.connected = False
        if error.native != "silent":
            self._sound = "unknown"
        fault = error.kind in (ErrorKind.CONFIG, ErrorKind.PERMISSION, ErrorKind.HARDWARE, ErrorKind.SUPPLY_OUT)
        self._state.note(Link.FAULT if fault else Link.OFFLINE, error.hint, error.kind)

    def _must_be_open(self) -> None:
        if not self._state.wanted:
            raise DeviceError(ErrorKind.NOT_OPEN, DEVICE, "The recorder is not open.")

    def _must_be_free(self) -> None:
        if self._take is not None:
            raise DeviceError(ErrorKind.BUSY, DEVICE, "A recording is under way.")

    # -- recording -------------------------------------------------------------------------------------------------------

    async def start(self, label: str) -> None:
        self._must_be_open()
        async with self._lock:
            self._must_be_free()
            await self._start(label)

    async def _start(self, label: str) -> None:
        try:
            await self._look_at_folder()
            await self._line.open()
        except DeviceError as error:
            self._lose(error)
            raise
        take = self._take = Take(self._line, self.camera, self._form, self._times, self._file_for(label))
        task = self._task = asyncio.create_task(self._run(take), name="recording")
        ready = asyncio.ensure_future(take.running.wait())
        try:
            done, _ = await asyncio.wait((task, ready), timeout=self._times.start, return_when=asyncio.FIRST_COMPLETED)
            if task in done:
                task.result()
            if not take.running.is_set():
                no_sound = take.level.silent
                raise (
                    silent()
                    if no_sound
                    else DeviceError(ErrorKind.TIMEOUT, DEVICE, "The camera gives no pictures.", "no_picture")
                )
        except BaseException:
            await self._drop(take)
            raise
        finally:
            ready.cancel()
            await asyncio.gather(ready, return_exceptions=True)
        self._sound = "ok"
        self._state.note(Link.READY)
        log.info("recording_started")

    def _file_for(self, label: str) -> Callable[[bytes], SealedWriter]:
        def opened(header: bytes) -> SealedWriter:
            assert len(header) == HEADER
            return self.vault.begin(label, header)

        return opened

    async def _run(self, take: Take) -> None:
        """Raises DeviceError only: what a disk or a key says is said in our words."""
        try:
            await take.run()
        except DeviceError as error:
            if error.device == DEVICE or error.device == self._line.name:
                self._lose(error)
            log.warning("recording_broke", kind=error.kind.value, native=error.native)
            raise
        except OSError as error:
            raise self._not_written(error) from error
        except ValueError as error:
            raise DeviceError(ErrorKind.INVALID_ARGUMENT, DEVICE, str(error), "label") from error
        except Exception as error:  # the key's own trouble: whoever keeps it words it
            if type(error).__name__ != "KeyFileError":
                raise
            trouble = DeviceError(ErrorKind.CONFIG, DEVICE, str(error), "key")
            self._lose(trouble)
            raise trouble from error

    def _not_written(self, error: OSError) -> DeviceError:
        trouble = DeviceError(
            ErrorKind.SUPPLY_OUT, DEVICE, f"The recording cannot be written: {error.strerror or 'error'}.", "disk"
        )
        self._lose(trouble)
        return trouble

    def seconds(self) -> float:
        return self._take.film.seconds if self._take is not None else 0.0

    async def until_broken(self) -> None:
        task = self._task
        if task is not None:
            await asyncio.wait((task,))
            if not task.cancelled():
                task.result()

    async def stop(self) -> Recording:
        async with self._lock:
            take, task = self._take, self._task
            if take is None or task is None:
                raise DeviceError(ErrorKind.NOT_OPEN, DEVICE, "Nothing is being recorded.")
            take.finishing = True
            try:
                await asyncio.wait((task,), timeout=self._times.sound + 1)
                if not task.done():
                    raise DeviceError(ErrorKind.TIMEOUT, DEVICE, "The recording does not end.", "stalled")
                task.result()
                recording = await self._settle(take)
            except BaseException:
                self._service.count("failed_recordings")
                await self._drop(take)
                raise
            await self._line.close()
            self._take = self._task = None
        self._service.count("recordings")
        self._service.tell()
        log.info("recording_kept", seconds=round(recording.seconds, 1))
        return recording

    async def _settle(self, take: Take) -> Recording:
        writer = take.writer
        if writer is None or not take.film.frames:
            raise DeviceError(ErrorKind.MEDIA_BAD, DEVICE, "Nothing was recorded.", "empty")

        def finish() -> tuple[str, str]:
            writer.write(take.rest())
            return self.vault.settle(writer, take.film.header())

        try:
            name, found = await asyncio.to_thread(finish)
        except OSError as error:
            raise self._not_written(error) from error
        except SealBroken as error:
            raise DeviceError(ErrorKind.HARDWARE, DEVICE, str(error), "read_back") from error
        return Recording(found, take.film.seconds, take.film.frames, name)

    async def discard(self) -> None:
        async with self._lock:
            if self._take is not None:
                await self._drop(self._take)

    async def _drop(self, take: Take) -> None:
        task, self._task, self._take = self._task, None, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await self._line.close()
        if take.writer is not None:
            await asyncio.to_thread(take.writer.abandon)
        self._service.tell()
