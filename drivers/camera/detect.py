"""Finding faces: Haar cascades by default (no model file needed), YuNet where the operator configured its model.

Detection runs on a copy of fixed width: cost does not depend on the camera, and the detectors see ever the same size.
One detector belongs to one thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt

from drivers.camera.models import YUNET_SHA256, check_model
from drivers.camera.people import Image
from kiosk.domain.errors import DeviceError, ErrorKind

Point = tuple[float, float]
ANALYSIS_WIDTH = 400


@dataclass(frozen=True, slots=True)
class Face:
    """One face in pixels of the picture given."""

    box: tuple[int, int, int, int]
    """x, y, width, height; never larger than the picture."""
    landmarks: tuple[Point, Point, Point, Point, Point] | None = None
    """Eye at the picture's left, eye at its right, nose tip, mouth corners left and right; only from YuNet."""

    @property
    def area(self) -> int:
        return self.box[2] * self.box[3]


class FaceDetector(Protocol):
    name: str

    def detect(self, bgr: Image) -> Sequence[Face]:
        """All faces, largest first."""
        ...


def cascade(name: str) -> cv2.CascadeClassifier:
    """A Haar cascade of the OpenCV wheel. Raises DeviceError CONFIG where the wheel has none (OpenCV 5)."""
    if not hasattr(cv2, "CascadeClassifier"):
        raise DeviceError(
            ErrorKind.CONFIG,
            "camera",
            "this OpenCV has no Haar cascades; configure a YuNet model or use OpenCV 4",
            "no_haar",
        )
    found = cv2.CascadeClassifier(str(Path(cv2.__file__).parent / "data" / f"{name}.xml"))
    if found.empty():
        raise DeviceError(ErrorKind.CONFIG, "camera", f"Haar cascade {name} is missing from this OpenCV", "no_haar")
    return found


def _clipped(x: float, y: float, w: float, h: float, width: int, height: int) -> tuple[int, int, int, int]:
    left, top = max(0, round(x)), max(0, round(y))
    return left, top, max(1, min(width, round(x + w)) - left), max(1, min(height, round(y + h)) - top)


class HaarDetector:
    """Frontal faces without a model file. A second look at stretched contrast finds faces in the dark."""

    name = "haar"

    def __init__(self, width: int = ANALYSIS_WIDTH) -> None:
        self._width = width
        self._faces = cascade("haarcascade_frontalface_default")
        self._eyes = cascade("haarcascade_eye")

    def detect(self, bgr: Image) -> Sequence[Face]:
        height, width = bgr.shape[:2]
        scale = self._width / width
        small = cv2.resize(bgr, (self._width, max(1, round(height * scale))), interpolation=cv2.INTER_AREA)
        grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.uint8)
        boxes = self._boxes(grey)
        if not boxes:
            boxes = self._boxes(np.asarray(cv2.equalizeHist(grey), np.uint8))
        boxes = self._without_phantoms(grey, boxes)
        return [Face(_clipped(x / scale, y / scale, w / scale, h / scale, width, height)) for x, y, w, h in boxes]

    def _boxes(self, grey: Image) -> list[tuple[int, int, int, int]]:
        found = self._faces.detectMultiScale(grey, 1.15, 5, minSize=(26, 26))
        return sorted(((int(x), int(y), int(w), int(h)) for x, y, w, h in found), key=lambda b: -b[2] * b[3])

    def _without_phantoms(self, grey: Image, boxes: list[tuple[int, int, int, int]]) -> list[tuple[int, int, int, int]]:
        """Of several boxes keep those with an eye in them (a collar or a poster has none), and one of two that overlap."""
        if len(boxes) < 2:
            return boxes
        with_eyes = [box for box in boxes if self._has_eye(grey, box)]
        kept: list[tuple[int, int, int, int]] = []
        for box in with_eyes or boxes[:1]:
            if all(_overlap(box, other) < 0.25 for other in kept):
                kept.append(box)
        return kept

    def _has_eye(self, grey: Image, box: tuple[int, int, int, int]) -> bool:
        x, y, w, h = box
        upper = grey[y + round(0.15 * h) : y + round(0.60 * h), x : x + w]
        upper = np.asarray(cv2.resize(upper, (200, 90), interpolation=cv2.INTER_LINEAR), np.uint8)
        return len(self._eyes.detectMultiScale(upper, 1.15, 4, minSize=(28, 28))) > 0


def _overlap(a: tuple[int, int, int, int], b: tuple[int, int, int, int]) -> float:
    """Shared area as a share of the smaller box."""
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    return max(0, width) * max(0, height) / min(a[2] * a[3], b[2] * b[3])


class YunetDetector:
    """OpenCV's FaceDetectorYN with five landmarks. Raises DeviceError CONFIG when the model file is not the model."""

    name = "yunet"

    def __init__(
        self, model: Path, sha256: str | None = YUNET_SHA256, width: int = ANALYSIS_WIDTH, score: float = 0.8
    ) -> None:
        self._width = width
        self._size = (width, width)
        try:
            self._net = cv2.FaceDetectorYN.create(str(check_model(model, sha256)), "", self._size, score, 0.3, 50)
        except cv2.error as error:
            raise DeviceError(
                ErrorKind.CONFIG,
                "camera",
                f"model file {model.name} is not a face detector OpenCV can run",
                "model_broken",
            ) from error

    def detect(self, bgr: Image) -> Sequence[Face]:
        height, width = bgr.shape[:2]
        return sorted((self._face(row.tolist(), width, height) for row in self._rows(bgr)), key=lambda face: -face.area)

    def largest_row(self, bgr: Image) -> npt.NDArray[np.float32] | None:
        """The largest face as the model's own row of 15 numbers, in pixels of `bgr`; what alignCrop wants."""
        return max(self._rows(bgr), key=lambda row: float(row[2] * row[3]), default=None)

    def _rows(self, bgr: Image) -> list[npt.NDArray[np.float32]]:
        height, width = bgr.shape[:2]
        scale = self._width / width
        size = (self._width, max(1, round(height * scale)))
        if size != self._size:
            self._net.setInputSize(size)
            self._size = size
        _, rows = self._net.detect(np.asarray(cv2.resize(bgr, size, interpolation=cv2.INTER_AREA), np.uint8))
        if rows is None:
            return []
        unscale = np.full(15, 1 / scale, np.float32)
        unscale[14] = 1.0  # the score
        return [np.asarray(row, np.float32) * unscale for row in rows]

    @staticmethod
    def _face(row: list[float], width: int, height: int) -> Face:
        # The model's "right eye" is the person's own right, at the picture's left: x, y, w, h, then five points.
        x, y, w, h, *rest = row[:14]
        points = [(rest[i], rest[i + 1]) for i in range(0, 10, 2)]
        return Face(_clipped(x, y, w, h, width, height), (points[0], points[1], points[2], points[3], points[4]))


def make_detector(yunet: Path | None = None) -> FaceDetector:
    """YuNet where a model is configured (a broken one is an error, never a silent fallback), else Haar."""
    return HaarDetector() if yunet is None else YunetDetector(yunet)
