"""Where the worker's frames come from: a V4L2 camera, a file, or the simulator's scene.

A source is opened, read again and again, and released. `read` returns None when nothing came within 200 ms or the device
skipped one, and raises SourceError when the source is lost. Runs in the worker process only.
"""

from __future__ import annotations

import errno
import fcntl
import os
import struct
import threading
import time
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from drivers.camera.link import MAX_HEIGHT, MAX_WIDTH, Job
from drivers.camera.people import Image
from drivers.camera.urls import file_path, is_sequence, is_static
from kiosk.domain.errors import ErrorKind

_VIDIOC_REQBUFS = 0xC0145608
_SETTLE_FRAMES = 5


class SourceError(Exception):
    def __init__(self, kind: ErrorKind, hint: str, native: str = "") -> None:
        super().__init__(hint)
        self.kind, self.hint, self.native = kind, hint, native


class Source(Protocol):
    def open(self) -> None:
        """Raises SourceError."""
        ...

    def read(self) -> tuple[Image, float] | None:
        """A picture and the monotonic time it was taken."""
        ...

    def release(self) -> None: ...


def _bounded(picture: Image) -> Image:
    """Colour, and no larger than the shared memory's slots."""
    if picture.ndim == 2:
        picture = np.asarray(cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR), np.uint8)
    height, width = picture.shape[:2]
    scale = min(1.0, MAX_WIDTH / width, MAX_HEIGHT / height)
    if scale < 1:
        size = (max(1, int(width * scale)), max(1, int(height * scale)))
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    return picture


def _readable(path: str) -> None:
    """Raise the reason why `path` cannot be opened: absent, forbidden, taken."""
    try:
        os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC))
    except OSError as error:
        kinds = {
            errno.EACCES: ErrorKind.PERMISSION,
            errno.EPERM: ErrorKind.PERMISSION,
            errno.EBUSY: ErrorKind.BUSY,
        }
        kind = kinds.get(error.errno or 0, ErrorKind.OFFLINE)
        raise SourceError(
            kind, f"{path} cannot be opened: {error.strerror}", errno.errorcode.get(error.errno or 0, "")
        ) from None


class V4l2Source:
    """A camera through OpenCV's V4L2 backend, newest frame with the driver's own time stamp."""

    def __init__(self, job: Job) -> None:
        self._path = file_path(job.url)
        self._job = job
        self._capture: cv2.VideoCapture | None = None

    def open(self) -> None:
        _readable(self._path)
        self._refuse_busy()
        capture = cv2.VideoCapture(self._path, cv2.CAP_V4L2)
        if not capture.isOpened():
            capture.release()
            raise SourceError(ErrorKind.OFFLINE, f"{self._path} is no camera that OpenCV can open", "not_opened")
        # The format comes before the size: the other way round many cameras stay at YUYV and 5 frames a second.
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, self._job.width)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, self._job.height)
        capture.set(cv2.CAP_PROP_FPS, self._job.fps)
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        self._capture = capture
        for _ in range(_SETTLE_FRAMES):  # exposure and white balance settle
            if not capture.read()[0]:
                break

    def _refuse_busy(self) -> None:
        """Ask for zero buffers: the kernel answers EBUSY while another process streams."""
        try:
            fd = os.open(self._path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise SourceError(
                ErrorKind.PERMISSION, f"{self._path} cannot be opened for use: {error.strerror}"
            ) from None
        try:
            fcntl.ioctl(fd, _VIDIOC_REQBUFS, struct.pack("<5I", 0, 1, 1, 0, 0))
        except OSError as error:
            if error.errno == errno.EBUSY:
                raise SourceError(ErrorKind.BUSY, f"{self._path} is in use by another program", "EBUSY") from None
            if error.errno in (errno.ENOTTY, errno.EINVAL):
                return  # no streaming buffers of this type; OpenCV decides
            raise SourceError(ErrorKind.OFFLINE, f"{self._path} does not answer: {error.strerror}") from None
        finally:
            os.close(fd)

    def read(self) -> tuple[Image, float] | None:
        assert self._capture is not None
        done, picture = self._capture.read()
        now = time.monotonic()
        if not done or picture is None or picture.size == 0:
            if not os.path.exists(self._path):
                raise SourceError(ErrorKind.OFFLINE, f"{self._path} is gone (unplugged)", "ENODEV")
            return None
        # V4L2 stamps frames on the monotonic clock; the driver queues up to four, so reading time says too little.
        stamp = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        return _bounded(np.asarray(picture, np.uint8)), stamp if now - 2 < stamp <= now else now

    def release(self) -> None:
        if self._capture is not None:
            self._capture.release()
            self._capture = None


class PhotoSource:
    """One still picture again and again: for tests, screenshots and other people's frames."""

    def __init__(self, job: Job, wake: threading.Event) -> None:
        self._path = file_path(job.url)
        self._wake = wake
        self._beat = 1 / job.fps
        self._next = 0.0
        self._picture: Image | None = None

    def open(self) -> None:
        _readable(self._path)
        picture = cv2.imread(self._path, cv2.IMREAD_COLOR)
        if picture is None:
            raise SourceError(ErrorKind.CONFIG, f"{self._path} is no picture OpenCV can read", "not_a_picture")
        self._picture = _bounded(np.asarray(picture, np.uint8))

    def read(self) -> tuple[Image, float] | None:
        assert self._picture is not None
        self._next = pace(self._next, self._beat, self._wake)
        if not os.path.exists(self._path):
            raise SourceError(ErrorKind.OFFLINE, f"{self._path} is gone")
        return self._picture, time.monotonic()

    def release(self) -> None:
        self._picture = None


class ClipSource:
    """A film or a numbered image sequence, in a loop at its own speed."""

    def __init__(self, job: Job, wake: threading.Event) -> None:
        self._url = job.url
        self._wake = wake
        self._path = file_path(job.url)
        self._beat = 1 / job.fps
        self._next = 0.0
        self._capture: cv2.VideoCapture | None = None
        self._read_any = False

    def open(self) -> None:
        sequence = is_sequence(self._url)
        if not sequence:
            _readable(self._path)
        elif not Path(self._path).parent.is_dir():
            raise SourceError(ErrorKind.OFFLINE, f"{Path(self._path).parent} does not exist", "ENOENT")
        capture = cv2.VideoCapture(self._path, cv2.CAP_IMAGES if sequence else cv2.CAP_ANY)
        if not capture.isOpened():
            capture.release()
            raise SourceError(ErrorKind.CONFIG, f"{self._path} holds no pictures OpenCV can read", "not_a_film")
        rate = capture.get(cv2.CAP_PROP_FPS)
        if not sequence and 1 <= rate <= 60:
            self._beat = 1 / rate
        self._capture, self._read_any = capture, False

    def read(self) -> tuple[Image, float] | None:
        assert self._capture is not None
        self._next = pace(self._next, self._beat, self._wake)
        done, picture = self._capture.read()
        if not done:
            if not self._read_any:
                raise SourceError(ErrorKind.CONFIG, f"{self._path} holds no picture that can be decoded", "empty_film")
            self._capture.set(cv2.CAP_PROP_POS_FRAMES, 0)
            done, picture = self._capture.read()
            if not done:  # some containers cannot wind back
                self.release()
                self.open()
                return None
        self._read_any = True
        return _bounded(np.asarray(picture, np.uint8)), time.monotonic()

    def release(self) -> None:
        if self._capture is not None:
            self._capture.release()
            self._capture = None


def pace(due: float, beat: float, wake: threading.Event) -> float:
    """Wait until `due`, or until an order comes (`wake`), and say when the next frame is due."""
    now = time.monotonic()
    if due > now:
        wake.wait(min(due - now, 0.2))
        now = max(due, time.monotonic())
    return max(due, now - beat) + beat


def make_source(job: Job, wake: threading.Event) -> Source:
    """The source for the job's URL, `sim:` excepted, which needs the simulator's orders. `wake` ends a wait for the next frame.
    Raises SourceError CONFIG."""
    scheme = job.url.split(":", 1)[0]
    if scheme == "v4l2":
        return V4l2Source(job)
    if scheme == "file":
        return PhotoSource(job, wake) if is_static(job.url) else ClipSource(job, wake)
    raise SourceError(ErrorKind.CONFIG, f"no camera source called {scheme}:", "scheme")
