"""The capture worker: a process of its own around the camera, because only a process can be killed.

`python -m drivers.camera.worker SOCKET_FD MEMORY_FD JOB`. It reads frames as fast as they come, keeps the newest few in
shared memory and says so over the socket; takes orders from there; and ends when the socket does, so that no worker
outlives the kiosk. Once started it stays: at rest the camera is released but OpenCV stays loaded.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
from typing import Any

# Read once by OpenCV into a static: must be set before the first capture, or a stalled camera blocks read() for 10 s.
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "2")
os.environ.setdefault("OPENCV_LOG_LEVEL", "ERROR")

import cv2
import numpy as np

from drivers.camera.link import MESSAGE_LIMIT, FrameMemory, Job, decode, encode
from drivers.camera.people import Image
from drivers.camera.simsource import SimSource
from drivers.camera.sources import Source, SourceError, make_source
from kiosk.domain.errors import ErrorKind

_FAILED_READS = 5


class Worker:
    def __init__(self, line: socket.socket, memory: FrameMemory, job: Job) -> None:
        self._line = line
        self._memory = memory
        self._job = job
        self._orders: dict[str, Any] = {}
        self._wanted = True
        self._order = 0
        """Number of the newest `run` order."""
        self._opened_for: int | None = None
        """The order an opening under way began with; None once open."""
        self._rests = 0
        """How often we were told to rest: a `run` that follows at once must not hide it, or kiosk and worker disagree."""
        self._wake = threading.Event()
        self._told = threading.Event()
        """A simulated camera first wants to know what stands before it; a real one knows."""
        if job.url != "sim:":
            self._told.set()
        self._seq = 0
        self._beat_at = 0.0
        self._before: Image | None = None
        self._same = 0

    def run(self) -> None:
        threading.Thread(target=self._listen, name="orders", daemon=True).start()
        source = self._source()
        self._told.wait()
        wait = self._job.timings.back_off
        while True:
            if not self._wanted:
                self._pause(self._job.timings.beat, "resting")
                continue
            try:
                self._session(source)
                wait = self._job.timings.back_off
            except SourceError as error:
                if self._seq:
                    wait = self._job.timings.back_off
                # A failure to open that began before the newest order is no answer to it: the number tells.
                order = self._order if self._opened_for is None else self._opened_for
                trouble = {"kind": error.kind.value, "hint": error.hint, "native": error.native}
                self._tell({"t": "trouble", "order": order, **trouble})
                until = time.monotonic() + wait
                while self._wanted and not self._wake.is_set() and time.monotonic() < until:
                    self._pause(min(self._job.timings.beat, max(0.01, until - time.monotonic())), "trouble")
                self._wake.clear()
                wait = min(wait * 2, self._job.timings.back_off_max)
            finally:
                source.release()
                self._before, self._same = None, 0
                self._memory.forget()  # the citizen's face must not outlive the visit

    def _source(self) -> Source:
        if self._job.url == "sim:":
            return SimSource(self._job, lambda: self._orders, self._wake)
        return make_source(self._job, self._wake)

    def _session(self, source: Source) -> None:
        """From opening the camera until it is no longer wanted. Raises SourceError when it is lost or stalls."""
        rests = self._rests
        self._opened_for = self._order
        self._tell({"t": "opening"})
        source.open()
        self._opened_for = None
        self._tell({"t": "open"})
        last, failed = time.monotonic(), 0
        while True:
            self._wake.clear()  # before the look: an order that comes after it ends the wait for the next frame
            if not self._wanted or self._rests != rests:
                return
            taken = source.read()
            self._alive("running")
            now = time.monotonic()
            if taken is not None:
                last, failed = now, 0
                self._publish(*taken)
                continue
            failed += 1
            # A read that failed at once (EIO) counts; one that waited is judged by the clock.
            if now - last > self._job.timings.stall or (
                failed >= _FAILED_READS and now - last > self._job.timings.stall / 2
            ):
                raise SourceError(ErrorKind.TIMEOUT, "the camera is open but sends no frames", "stalled")

    def _publish(self, picture: Image, at: float) -> None:
        picture = np.ascontiguousarray(picture)
        before, self._before = self._before, picture
        same = before is not None and before.shape == picture.shape and _equal(before, picture)
        self._same = self._same + 1 if same else 0
        self._seq += 1
        slot = self._memory.write(self._seq, picture.reshape(-1).data)
        height, width = picture.shape[:2]
        self._tell(
            {
                "t": "frame",
                "slot": slot,
                "seq": self._seq,
                "at": at,
                "w": width,
                "h": height,
                "same": self._same,
                "dark": _covered(picture),
            }
        )

    def _listen(self) -> None:
        """Take orders; the end of the line is the end of the process, whatever the main thread is stuck in."""
        while True:
            try:
                data = self._line.recv(MESSAGE_LIMIT)
            except OSError:
                data = b""
            if not data:
                os._exit(0)
            order = decode(data)
            match order.get("do"):
                case "run":
                    self._order = int(order.get("order", 0))
                    self._wanted = True
                case "rest":
                    self._rests += 1
                    self._wanted = False
                case "orders":
                    self._orders = order["orders"]
                    self._told.set()
                    continue
                case _:
                    pass
            self._wake.set()

    def _pause(self, seconds: float, state: str) -> None:
        self._alive(state)
        if self._wake.wait(seconds) and state == "resting":
            self._wake.clear()

    def _alive(self, state: str) -> None:
        now = time.monotonic()
        if now - self._beat_at >= self._job.timings.beat:
            self._beat_at = now
            self._tell({"t": "beat", "state": state})

    def _tell(self, message: dict[str, Any]) -> None:
        try:
            self._line.send(encode(message))
        except OSError:  # the kiosk is gone
            os._exit(0)


def _equal(a: Image, b: Image) -> bool:
    return bool(np.array_equal(a[::8, ::8], b[::8, ::8])) and bool(np.array_equal(a, b))


PANEL = 170.0
"""Grey value from which one colour is the photo panel behind the citizen, or too much light: no shutter is so bright."""


def _covered(picture: Image) -> bool:
    """Nearly uniform and dark, or exactly one colour (privacy shutter) that is not a lit white panel with nobody before it.

    Averaging tiles first takes the noise out.
    """
    tiles = cv2.resize(picture, (32, 18), interpolation=cv2.INTER_AREA).astype(np.float32)
    spread, mean = float(tiles.std(axis=(0, 1)).max()), float(tiles.mean())
    return (spread < 0.5 and mean < PANEL) or (spread < 6.0 and mean < 36.0)


def main(arguments: list[str]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the kiosk, which then closes its camera itself
    line_fd, memory_fd, job = int(arguments[0]), int(arguments[1]), Job.load(arguments[2])
    cv2.setNumThreads(1)
    Worker(socket.socket(fileno=line_fd), FrameMemory(memory_fd), job).run()


if __name__ == "__main__":
    main(sys.argv[1:])
