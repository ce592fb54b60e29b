"""WorkerCamera: the `Camera` port over a capture worker.

The worker is started by `open` and kept warm: after `Timings.rest` seconds without anybody asking for a frame the camera
itself is released (its lamp goes out, nothing is filmed between two citizens), and the next question wakes it without
loading OpenCV again. A worker that dies or hangs is killed, reported, and started again by the next question.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from types import MappingProxyType
from typing import Any

import structlog

from drivers.camera.link import Job
from drivers.camera.process import WorkerProcess
from drivers.camera.simulator import CameraSimulator
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ports.devices import DeviceStatus, Frame, Link

log = structlog.get_logger(__name__)

STALE = 0.3
"""Seconds; an older frame shows a face that has gone, and is never handed out."""
_LOOK = 0.1
_RESTART_GAP = 1.0


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
        self._worker: WorkerProcess | None = None
        self._ending: set[asyncio.Task[int]] = set()
        self._watch: asyncio.Task[None] | None = None
        self._detach: Callable[[], None] = _nothing
        self._news = asyncio.Event()
        self._newest: dict[str, Any] | None = None
        self._running = False
        self._opening_since: float | None = None
        self._run_since = 0.0
        self._wanted_at = 0.0
        self._dark_since: float | None = None
        self._trouble: DeviceError | None = None
        self._lost = False
        self._started_at = 0.0
        self._order = 0

    # -- the Device part ------------------------------------------------------------------------------------------------

    async def open(self) -> None:
        """Start (or wake) the worker and wait for a first frame.

        Raises DeviceError OFFLINE, PERMISSION, BUSY, CONFIG (the source says so), TIMEOUT (no frame came). A covered
        lens is no reason to fail: the camera answers, and the status says covered.
        """
        self._ensure(force=True)
        self._want(retry=True)
        until = time.monotonic() + self._job.timings.opening + self._job.timings.stall
        since = time.monotonic()
        while self._newest is None or self._newest["at"] < since:
            if self._trouble is not None:
                raise self._trouble
            if time.monotonic() > until:
                raise DeviceError(
                    ErrorKind.TIMEOUT, self.device_id, "the camera opened but sent no frame", "no_first_frame"
                )
            await self._next_news()

    async def close(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
            self._watch = None
        worker, self._worker = self._worker, None
        self._forget()
        self._trouble, self._lost = None, False
        if worker is not None:
            self._detach()
            await worker.end()
        if self._ending:
            await asyncio.gather(*self._ending, return_exceptions=True)
        self._tell_waiters()

    def status(self) -> DeviceStatus:
        if self._watch is None:
            return DeviceStatus(Link.CLOSED, {"stream": "unknown"})
        error = self._trouble or self._verdict()
        if error is None:
            if self._running and self._newest is not None:
                return DeviceStatus(Link.READY, {"stream": "ok"})
            link = (
                Link.OPENING if self._opening_since is not None and self._started_at == self._run_since else Link.READY
            )
            return DeviceStatus(link, {"stream": "unknown"}, "" if link is Link.OPENING else "the camera rests")
        detail = error.hint + (f" [{error.native}]" if error.native else "")
        if error.kind is ErrorKind.TIMEOUT:
            return DeviceStatus(Link.DEGRADED, {"stream": "stalled"}, detail)
        if error.kind is ErrorKind.HARDWARE:
            return DeviceStatus(Link.DEGRADED, {"stream": error.native}, detail)
        fault = error.kind in (ErrorKind.CONFIG, ErrorKind.PERMISSION)
        return DeviceStatus(Link.FAULT if fault else Link.OFFLINE, {"stream": "unknown"}, detail)

    async def check(self) -> DeviceStatus:
        if self._watch is None:
            return self.status()
        try:
            await self.latest(2.0)
        except DeviceError as error:
            log.debug("camera_check", kind=error.kind.value, native=error.native)
        return self.status()

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
            if error := self._trouble or self._verdict():
                raise error
            news = self._newest
            if news is not None and news["seq"] != after_seq and news["at"] >= not_before and self._worker is not None:
                fresh = time.monotonic() - news["at"] <= STALE
                size = news["w"] * news["h"] * 3
                if fresh and (data := self._worker.memory.read(news["slot"], news["seq"], size)) is not None:
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

    def _tell_waiters(self) -> None:
        self._news.set()

    # -- judging --------------------------------------------------------------------------------------------------------

    def _verdict(self) -> DeviceError | None:
        """What is wrong with the stream now, by clock and by the newest frame."""
        if not self._running:
            return None
        now, times = time.monotonic(), self._job.timings
        if now - max(self._run_since, self._newest["at"] if self._newest else 0.0) > times.stall:
            return self._error(ErrorKind.TIMEOUT, "the camera sends no frames", "stalled")
        if self._dark_since is not None and now - self._dark_since >= times.covered:
            return self._error(ErrorKind.HARDWARE, "the lens is covered or the picture is black", "covered")
        same = self._newest["same"] if self._newest else 0
        if self.capabilities["frozen_detection"] and same >= times.frozen_frames:
            return self._error(ErrorKind.HARDWARE, "the camera repeats one frame", "frozen")
        return None

    def _error(self, kind: ErrorKind, hint: str, native: str) -> DeviceError:
        return DeviceError(kind, self.device_id, hint, native)

    # -- the worker -----------------------------------------------------------------------------------------------------

    def _ensure(self, force: bool = False) -> None:
        """Start a worker where none lives; not more than once a second unless asked by `open`."""
        if self._worker is not None or (not force and time.monotonic() - self._started_at < _RESTART_GAP):
            return
        self._forget()
        self._trouble, self._order = None, 0
        self._started_at = self._run_since = self._opening_since = time.monotonic()
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
        self._wanted_at = time.monotonic()
        if self._worker is None or self._opening_since is not None or self._running:
            return
        if self._trouble is None or retry:
            self._trouble = None
            self._run_since = self._opening_since = self._wanted_at
            self._order += 1
            self._worker.send({"do": "run", "order": self._order})

    def _message(self, message: dict[str, Any]) -> None:
        match message.get("t"):
            case "frame":
                self._newest = message
                self._note_dark(bool(message["dark"]))
                if self._lost and self._verdict() is None:
                    self._lost = False
                    log.info("camera_back", driver=self.driver)
            case "opening":
                self._opening_since = time.monotonic()
            case "open":
                self._opening_since, self._running, self._trouble = None, True, None
                self._run_since = time.monotonic()
                self._newest, self._dark_since = None, None
            case "trouble" if message["order"] < self._order:
                return  # an older attempt; the answer to the newest order is still to come
            case "trouble":
                self._lose(self._error(ErrorKind(message["kind"]), str(message["hint"]), str(message["native"])))
            case _:
                return
        self._tell_waiters()

    def _note_dark(self, dark: bool) -> None:
        if not dark:
            self._dark_since = None
        elif self._dark_since is None:
            self._dark_since = time.monotonic()

    def _lose(self, error: DeviceError) -> None:
        self._forget()
        self._trouble = error
        self._log_loss(error)

    def _log_loss(self, error: DeviceError) -> None:
        """Once on loss, once on return."""
        if not self._lost:
            self._lost = True
            log.warning("camera_lost", driver=self.driver, kind=error.kind.value, native=error.native, hint=error.hint)

    def _forget(self) -> None:
        self._running, self._opening_since, self._newest, self._dark_since = False, None, None, None

    def _worker_ended(self) -> None:
        self._drop_worker(self._error(ErrorKind.OFFLINE, "the capture worker died", "worker_died"))

    def _drop_worker(self, error: DeviceError) -> None:
        worker, self._worker = self._worker, None
        if worker is None:
            return
        self._detach()
        self._detach = _nothing
        self._lose(error)
        worker.kill()
        task = asyncio.get_running_loop().create_task(worker.end(0.0), name="camera-reap")
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
        self._tell_waiters()

    async def _watching(self) -> None:
        """Find a worker that hangs, and let the camera rest when nobody looks."""
        times = self._job.timings
        while True:
            await asyncio.sleep(min(0.25, times.hang / 4, times.rest / 4))
            if self._worker is None:
                continue
            now = time.monotonic()
            limit = times.opening if self._opening_since is not None else times.hang
            if now - self._worker.heard_at > limit:
                self._drop_worker(
                    self._error(ErrorKind.TIMEOUT, "the capture worker hung and was killed", "worker_hung")
                )
            elif error := self._verdict():
                self._log_loss(error)
            if self._worker is not None and self._running and now - self._wanted_at > times.rest:
                self._forget()
                self._worker.send({"do": "rest"})
