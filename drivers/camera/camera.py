"""WorkerCamera: the `Camera` port over a capture worker.

The worker is started by `open` and kept warm: after `Timings.rest` seconds without anybody asking for a frame the camera
itself is released (its lamp goes out, nothing is filmed between two citizens), and the next question wakes it without
loading OpenCV again. A worker that dies or hangs is killed, reported, and started anew by the next question.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import structlog

from drivers.camera.link import Job
from drivers.camera.process import WorkerProcess
from drivers.camera.simulator import CameraSimulator
from drivers.camera.stream import STALE, Stream
from drivers.camera.urls import file_path, is_sequence
from drivers.service import Service
from drivers.transport.arrival import Arrival, Replug
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.devices import DeviceStatus, Frame, Link
from kiosk.ports.health import Finding, Level, Person

__all__ = ["STALE", "WorkerCamera"]

log = structlog.get_logger(__name__)

_LOOK = 0.1
_RESTART_GAP = 1.0
_WATCH_EVERY = 0.15
"""Seconds; what changes by the clock alone (stalled, covered, hung) is told to listeners so soon."""
_LOSSES = (ErrorKind.OFFLINE, ErrorKind.BUSY, ErrorKind.PERMISSION)


def _nothing() -> None:
    """No simulator to leave."""


class WorkerCamera:
    """See `kiosk.ports.devices.Camera`."""

    device_id = "camera"

    def __init__(self, job: Job, *, static: bool = False, simulator: CameraSimulator | None = None) -> None:
        self.driver = job.url.split(":", 1)[0]
        self.simulated = simulator is not None
        self.simulator = simulator
        self.capabilities: Mapping[str, object] = MappingProxyType(
            {
                "width": job.width,
                "height": job.height,
                "fps": job.fps,
                "static_picture": static,
                "frozen_detection": not job.url.startswith("file:"),
                "pad": "challenge",
            }
        )
        self._job = job
        self._service = Service(self.status)
        self._coming = _coming(job.url, simulator)
        self._stream = Stream(self.device_id, job.timings, frozen_detection=not job.url.startswith("file:"))
        self._worker: WorkerProcess | None = None
        self._ending: set[asyncio.Task[int | None]] = set()
        self._watch: asyncio.Task[None] | None = None
        self._detach: Callable[[], None] = _nothing
        self._news = asyncio.Event()
        self._wanted_at = 0.0
        self._trouble: DeviceError | None = None
        self._ill = False
        """Something is wrong and has been counted; over with the next good frame."""
        self._fell = False
        """The last worker died, hung or was given up: the next one is a restart."""
        self._started_at = 0.0
        self._starting = False
        """A new worker has not shown a frame yet. One that wakes from its rest is not said to be opening: it can be used."""
        self._order = 0

    # -- the Device part ------------------------------------------------------------------------------------------------

    async def open(self) -> None:
        """Start (or wake) the worker and wait for a first frame.

        Raises DeviceError OFFLINE, PERMISSION, BUSY, CONFIG (the source says so), TIMEOUT (no frame came). A covered
        lens is no reason to fail: the camera answers, and the status says covered.
        """
        if self._ending:  # two workers cannot have one camera
            await asyncio.wait(self._ending)
        again = self._worker is not None
        self._ensure(force=True)
        self._want(retry=again)
        until = time.monotonic() + self._job.timings.opening + self._job.timings.stall
        since = time.monotonic()
        while (newest := self._stream.newest) is None or newest["at"] < since:
            if self._trouble is not None:
                raise self._trouble
            if time.monotonic() > until:
                raise self._error(ErrorKind.TIMEOUT, "the camera opened but sent no frame", "no_first_frame")
            await self._next_news()

    async def close(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
            self._watch = None
        await self._end_worker()
        self._trouble, self._ill, self._fell = None, False, False
        if self._ending:
            await asyncio.gather(*self._ending, return_exceptions=True)
        self._tell()

    async def reset(self) -> None:
        """A new worker process, and a first frame from it. Raises DeviceError as `open` does, NOT_OPEN before it."""
        if self._watch is None:
            raise self._error(ErrorKind.NOT_OPEN, "the camera is not open", "")
        self._fell = True
        await self._end_worker()
        await self.open()

    def status(self) -> DeviceStatus:
        if self._watch is None:
            return DeviceStatus(Link.CLOSED, {"stream": "unknown"})
        stream = self._stream
        error = self._trouble or stream.trouble()
        if error is None:
            if stream.running and stream.newest is not None:
                return DeviceStatus(Link.READY, {"stream": "ok"})
            if self._starting:
                return DeviceStatus(Link.OPENING, {"stream": "unknown"})
            return DeviceStatus(Link.READY, {"stream": "unknown"}, "the camera rests")
        detail = error.hint + (f" [{error.native}]" if error.native else "")
        if error.kind is ErrorKind.TIMEOUT:
            link = Link.OFFLINE if error.native == "worker_hung" else Link.DEGRADED
            return DeviceStatus(link, {"stream": "stalled"}, detail, error.kind)
        if error.kind is ErrorKind.HARDWARE:
            return DeviceStatus(Link.DEGRADED, {"stream": error.native}, detail, error.kind)
        fault = error.kind in (ErrorKind.CONFIG, ErrorKind.PERMISSION)
        return DeviceStatus(Link.FAULT if fault else Link.OFFLINE, {"stream": "unknown"}, detail, error.kind)

    async def check(self) -> DeviceStatus:
        if self._watch is None:
            return self.status()
        try:
            await self.latest(2.0)
        except DeviceError as error:
            log.debug("camera_check", kind=error.kind.value, native=error.native)
        return self.status()

    async def wait_return(self) -> None:
        if isinstance(self._coming, Replug):
            await self._coming.wait(cut=self._trouble is not None and self._trouble.native == "CAM.UNPLUG")
        else:
            await self._coming.wait()

    # -- service --------------------------------------------------------------------------------------------------------

    async def examine(self, level: Level, person: Person) -> tuple[Finding, ...]:
        from drivers.camera.exam import examine

        return await examine(self, level, person)

    def counters(self) -> Mapping[str, int]:
        return self._service.counters()

    def listen(self, changed: Callable[[], None]) -> Callable[[], None]:
        return self._service.listen(changed)

    # -- frames ---------------------------------------------------------------------------------------------------------

    async def frames(self, max_fps: float = 25.0) -> AsyncIterator[Frame]:
        """The newest frame again and again. Holds nothing: an iterator that is dropped needs no closing."""
        last_seq, due = 0, 0.0
        self._begin()
        while True:
            frame = await self._frame(last_seq, due)
            last_seq = frame.seq
            due = max(due, frame.at - 1 / max_fps) + 0.92 / max_fps
            yield frame

    async def latest(self, deadline: float) -> Frame:
        since = time.monotonic()
        self._begin()
        try:
            async with asyncio.timeout(deadline):
                return await self._frame(0, since)
        except TimeoutError:
            raise DeviceError(ErrorKind.TIMEOUT, self.device_id, f"no frame within {deadline:g} s", "stalled") from None

    def _begin(self) -> None:
        """A new question starts a worker that died; a running one only hears that it died."""
        if self._watch is not None:
            self._ensure()

    async def _frame(self, after_seq: int, not_before: float) -> Frame:
        while True:
            if self._watch is None:
                raise self._error(ErrorKind.NOT_OPEN, "the camera is not open", "")
            self._want()
            if error := self._trouble or self._stream.trouble():
                raise error
            news = self._stream.newest
            if news is not None and news["seq"] != after_seq and news["at"] >= not_before and self._worker is not None:
                fresh = time.monotonic() - news["at"] <= STALE
                size = news["w"] * news["h"] * 3
                if fresh and (data := self._worker.memory.read(news["slot"], news["seq"], size)) is not None:
                    self._service.count("frames")
                    return Frame(news["w"], news["h"], data, news["at"], news["seq"])
            await self._next_news()

    async def _next_news(self) -> None:
        self._news.clear()
        try:
            async with asyncio.timeout(
                _LOOK
            ):  # wait_for would lose a cancellation that meets a frame (before Python 3.12)
                await self._news.wait()
        except TimeoutError:
            return

    def _tell(self) -> None:
        """Something is new: to whoever waits for frames, and to whoever watches the status."""
        self._news.set()
        self._service.tell()

    def _error(self, kind: ErrorKind, hint: str, native: str) -> DeviceError:
        return DeviceError(kind, self.device_id, hint, native)

    # -- the worker -----------------------------------------------------------------------------------------------------

    def _ensure(self, force: bool = False) -> None:
        """Start a worker where none lives; not more than once a second unless asked by `open`."""
        if self._worker is not None or (not force and time.monotonic() - self._started_at < _RESTART_GAP):
            return
        self._coming.note()
        self._forget()
        self._trouble, self._order = None, 0
        self._stream.ordered()
        self._started_at, self._starting = self._stream.run_since, True
        if self._fell:
            self._fell = False
            self._service.count("restarts")
        try:
            self._worker = WorkerProcess(self._job, self._message, self._worker_ended)
        except OSError as error:
            self._trouble = self._error(
                ErrorKind.INTERNAL, f"the capture worker cannot start: {error.strerror}", "spawn"
            )
            raise self._trouble from error
        if self.simulator is not None:
            self._detach = self.simulator.attach(self._worker.send)
        if self._watch is None:
            self._watch = asyncio.get_running_loop().create_task(self._watching(), name="camera-watch")

    def _want(self, retry: bool = False) -> None:
        """Note that somebody looks; wake the camera if it rests, or (`retry`) cut the pause after a failure short."""
        stream = self._stream
        self._wanted_at = time.monotonic()
        if self._worker is None or stream.running:
            return
        # An attempt of the worker's own may be under way that began before the device was there: it is no answer to `retry`.
        if retry or (self._trouble is None and stream.opening_since is None):
            self._coming.note()
            self._trouble = None
            stream.ordered()
            self._order += 1
            self._worker.send({"do": "run", "order": self._order})

    def _message(self, message: dict[str, Any]) -> None:
        stream = self._stream
        match message.get("t"):
            case "frame":
                stream.frame(message)
                self._starting = False
                if self._ill and stream.trouble() is None:
                    self._ill = False
            case "opening":
                stream.opening_since = time.monotonic()
            case "open":
                stream.opened()
                self._trouble = None
                self._service.count("opens")
            case "trouble" if message["order"] < self._order:
                return  # an older attempt; the answer to the newest order is still to come
            case "trouble":
                self._lose(self._error(ErrorKind(message["kind"]), str(message["hint"]), str(message["native"])))
            case _:
                return
        self._tell()

    def _forget(self) -> None:
        """No frame is known any more: at rest, lost, or before a new worker's first."""
        self._stream.forget()

    def _lose(self, error: DeviceError) -> None:
        self._forget()
        self._trouble, self._starting = error, False
        self._count_ill(error)

    def _count_ill(self, error: DeviceError) -> None:
        """Once for each illness."""
        if self._ill:
            return
        self._ill = True
        if error.kind in _LOSSES or error.native == "worker_hung":
            self._service.count("losses")
        elif error.kind is ErrorKind.TIMEOUT:
            self._service.count("stalls")

    def _worker_ended(self) -> None:
        self._drop_worker(self._error(ErrorKind.OFFLINE, "the capture worker died", "worker_died"))

    async def _end_worker(self) -> None:
        """As it should be: it may leave by itself, and is gone when this returns."""
        worker, self._worker = self._worker, None
        self._forget()
        if worker is not None:
            self._detach()
            self._detach = _nothing
            await worker.end()

    def _drop_worker(self, error: DeviceError) -> None:
        worker, self._worker = self._worker, None
        if worker is None:
            return
        self._fell = True
        self._detach()
        self._detach = _nothing
        self._lose(error)
        worker.kill()
        task = asyncio.get_running_loop().create_task(worker.end(0.0), name="camera-reap")
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
        self._tell()

    async def _watching(self) -> None:
        """Find a worker that hangs, let the camera rest when nobody looks, and tell what only the clock has changed."""
        times = self._job.timings
        while True:
            await asyncio.sleep(min(_WATCH_EVERY, times.hang / 4, times.rest / 4))
            if self._worker is None:
                continue
            stream = self._stream
            now = time.monotonic()
            limit = times.opening if stream.opening_since is not None else times.hang
            if now - self._worker.heard_at > limit:
                hint = "the capture worker hung and was killed"
                self._drop_worker(self._error(ErrorKind.TIMEOUT, hint, "worker_hung"))
            elif error := stream.trouble():
                self._count_ill(error)
            if self._worker is not None and stream.running and now - self._wanted_at > times.rest:
                self._forget()
                self._worker.send({"do": "rest"})
            self._service.tell()


def _coming(url: str, simulator: CameraSimulator | None) -> Arrival | Replug:
    """How the camera's return is noticed."""
    if simulator is not None:
        return Replug(simulator)
    path = file_path(url)
    return Arrival(str(Path(path).parent) if is_sequence(url) else path)
