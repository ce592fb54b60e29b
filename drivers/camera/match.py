"""Comparing the live photo with the card's: SFace where its model is configured, a simple honest comparison for drawn people.

A chip photo is 102×126 and up to 20 years old: a threshold is calibrated in the hall, and staff decide what it cannot.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from drivers.camera.detect import HaarDetector, YunetDetector
from drivers.camera.eyes import EyeFinder
from drivers.camera.faces import PORTRAIT_EYE_LINE, PORTRAIT_SHARE, draw_portrait
from drivers.camera.models import SFACE_SHA256, YUNET_SHA256, check_model
from drivers.camera.people import Image, person
from drivers.transport.aside import OneThread
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.domain.identity import Photo
from kiosk.ports.devices import FaceMatch, MatchVerdict

Vector = npt.NDArray[np.float32]
MATCH_WITHIN = 20.0
"""Seconds; the networks take half a second, their loading one or two. What takes longer never ends."""
_SMALLEST = 300
"""A chip photo is enlarged to this height before faces are searched."""


def _decoded(photo: Photo) -> Image | None:
    if not photo.data:
        return None
    picture = cv2.imdecode(np.frombuffer(photo.data, np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        return None
    if picture.shape[0] < _SMALLEST:
        scale = _SMALLEST / picture.shape[0]
        picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    return np.asarray(picture, np.uint8)


def _verdict(score: float, same: float, different: float) -> MatchVerdict:
    if score >= same:
        return MatchVerdict.SAME
    return MatchVerdict.DIFFERENT if score < different else MatchVerdict.UNDECIDED


class _Aside:
    """Runs the comparison off the event loop; the networks belong to one thread."""

    def __init__(self) -> None:
        self._thread = OneThread("match")

    async def compare(self, live: Photo, reference: Photo) -> tuple[MatchVerdict, float | None]:
        """Raises DeviceError TIMEOUT where the library never comes back, and what `judge` raises."""
        try:
            return await self._thread.do(partial(self.judge, live, reference), MATCH_WITHIN)
        except TimeoutError:
            self.forget()
            raise DeviceError(ErrorKind.TIMEOUT, "face_match", "Comparing two faces hangs.", "matcher_hung") from None

    def forget(self) -> None:
        """Let go of what belongs to the thread that was left behind."""

    def judge(self, live: Photo, reference: Photo) -> tuple[MatchVerdict, float | None]:
        raise NotImplementedError

    def close(self) -> None:
        self._thread.end()


class SfaceMatcher(_Aside):
    """OpenCV's FaceRecognizerSF, cosine distance.

    `threshold` 0.363 is the model authors' value (LFW, 99.4 %); below it by more than `doubt` the faces differ, between
    the two staff must look. Raises DeviceError CONFIG at the first match when a model file is missing or wrong.
    """

    def __init__(
        self,
        sface: Path,
        yunet: Path,
        threshold: float = 0.363,
        doubt: float = 0.08,
        *,
        sface_sha256: str | None = SFACE_SHA256,
        yunet_sha256: str | None = YUNET_SHA256,
    ) -> None:
        super().__init__()
        self._files = (sface, sface_sha256, yunet, yunet_sha256)
        self._same, self._different = threshold, threshold - doubt
        self._loaded: tuple[cv2.FaceRecognizerSF, YunetDetector] | None = None

    async def match(self, live: Photo, reference: Photo | None, id_number: str) -> FaceMatch:
        if reference is None:
            return FaceMatch(MatchVerdict.UNDECIDED, None, "sface")
        verdict, score = await self.compare(live, reference)
        return FaceMatch(verdict, score, "sface")

    def forget(self) -> None:
        self._loaded = None

    def check(self) -> None:
        """Load the models now. Raises DeviceError CONFIG."""
        self._models()

    def judge(self, live: Photo, reference: Photo) -> tuple[MatchVerdict, float | None]:
        net, detector = self._models()
        features = []
        for photo in (live, reference):
            picture = _decoded(photo)
            row = None if picture is None else detector.largest_row(picture)
            if picture is None or row is None:
                return MatchVerdict.UNDECIDED, None
            features.append(net.feature(net.alignCrop(picture, row)).copy())
        score = float(net.match(features[0], features[1], cv2.FaceRecognizerSF_FR_COSINE))
        return _verdict(score, self._same, self._different), score

    def _models(self) -> tuple[cv2.FaceRecognizerSF, YunetDetector]:
        if self._loaded is None:
            sface, sface_hash, yunet, yunet_hash = self._files
            path = check_model(sface, sface_hash, "face_match")
            detector = YunetDetector(yunet, yunet_hash, width=320)
            try:
                self._loaded = (cv2.FaceRecognizerSF.create(str(path), ""), detector)
            except cv2.error as error:
                raise DeviceError(
                    ErrorKind.CONFIG, "face_match", f"model file {path.name} is not one OpenCV can run", "model_broken"
                ) from error
        return self._loaded


class SimulatedMatcher(_Aside):
    """Compares two pictures of *drawn* people by what tells them apart; of no value for real faces.

    Both faces are found, turned upright by their eyes and levelled in light; what remains is compared as its deviation
    from the average drawn person, less the difference in the colour of skin and hair. It knows no seed: the verdict
    comes from the two pictures alone. Measured on 40 people
    not used for tuning: 39 of 40 true pairs found, 6 of 1,560 false pairs taken for the same person, 8 left undecided.
    """

    def __init__(self, same: float = 0.45, different: float = 0.38) -> None:
        super().__init__()
        self._same, self._different = same, different

    async def match(self, live: Photo, reference: Photo | None, id_number: str) -> FaceMatch:
        if reference is None:
            return FaceMatch(MatchVerdict.UNDECIDED, None, "simulated")
        verdict, score = await self.compare(live, reference)
        return FaceMatch(verdict, score, "simulated")

    def judge(self, live: Photo, reference: Photo) -> tuple[MatchVerdict, float | None]:
        sample = _sample()
        faces = []
        for photo in (live, reference):
            picture = _decoded(photo)
            found = None if picture is None else _traits(picture, sample)
            if found is None:
                return MatchVerdict.UNDECIDED, None
            faces.append(found)
        (a, colour_a), (b, colour_b) = faces
        likeness = float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b) + 1e-9))
        score = likeness - float(np.abs(colour_a - colour_b) @ _COLOUR_WEIGHT)
        return _verdict(score, self._same, self._different), score


@dataclass(frozen=True, slots=True)
class _Sample:
    """What drawn people have in common."""

    mean: Vector
    """On the grid."""
    spread: Vector
    common: Vector
    """Rows: directions in which every face varies with light and hair style; they tell nobody apart."""


_COLOUR_WEIGHT = np.array([4.0, 4.0, 0.1], np.float32)
"""For log(blue/green) and log(red/green) of the skin, and log(skin/hair) of brightness."""
_GRID = (64, 80)
_EYES = ((21.0, 33.0), (43.0, 33.0))
"""Where the eyes lie on the grid."""


def _placed(picture: Image, left: tuple[float, float], right: tuple[float, float]) -> Image:
    """The face on the grid, upright, with its eyes in their places."""
    scale = (_EYES[1][0] - _EYES[0][0]) / max(math.dist(left, right), 1.0)
    angle = math.atan2(right[1] - left[1], right[0] - left[0])
    c, s = math.cos(angle) * scale, math.sin(angle) * scale
    mx, my = (left[0] + right[0]) / 2, (left[1] + right[1]) / 2
    tx, ty = (_EYES[0][0] + _EYES[1][0]) / 2, _EYES[0][1]
    matrix = np.array([[c, s, tx - c * mx - s * my], [-s, c, ty + s * mx - c * my]], np.float64)
    smooth = cv2.GaussianBlur(picture, (0, 0), max(0.3, 0.5 / scale))
    return np.asarray(
        cv2.warpAffine(smooth, matrix, _GRID, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


def _levelled(face: Image) -> Vector:
    """Brightness relative to the neighbourhood: the lamp's strength and side drop out."""
    light = np.log1p(cv2.cvtColor(face, cv2.COLOR_BGR2GRAY).astype(np.float32))
    level = light - cv2.GaussianBlur(light, (0, 0), 8)
    return np.asarray(level / (float(level.std()) + 1e-3), np.float32)


def _traits(picture: Image, sample: _Sample) -> tuple[Vector, Vector] | None:
    """Deviation of the levelled face from the mean, and three colours; None where no face with two eyes is found.

    The face is moved until it lies on the mean face as well as it can: cascades place eyes coarsely.
    """
    faces = HaarDetector().detect(picture)
    if not faces:
        return None
    grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8)
    eyes = EyeFinder(0.085).find(grey, faces[0])
    if eyes.left is None or eyes.right is None:
        return None
    face = _placed(picture, eyes.left, eyes.right)
    level = _levelled(face)
    criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 40, 1e-4)
    try:
        start = np.eye(2, 3, dtype=np.float32)
        _, found = cv2.findTransformECC(sample.mean, level, start, cv2.MOTION_AFFINE, criteria, _mask(), 3)
    except cv2.error:  # no likeness to any drawn face: it stays where the eyes put it
        found = np.eye(2, 3, dtype=np.float32)
    moved = cv2.warpAffine(
        level, found, _GRID, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE
    )
    deviation = ((moved - sample.mean) / sample.spread)[_mask() > 0]
    for direction in sample.common:
        deviation = deviation - (deviation @ direction) * direction
    return np.asarray(deviation, np.float32), _colours(face)


def _colours(face: Image) -> Vector:
    """Ratios only: a dimmer lamp changes none of them."""
    linear = ((face.astype(np.float32) + 1) / 256) ** 2.2
    blue, green, red = (float(v) for v in np.median(linear[40:58, 20:45].reshape(-1, 3), axis=0))
    hair = float(np.median(linear[4:9, 22:43, 1]))
    return np.log(np.array([blue / green, red / green, green / hair], np.float32))


@lru_cache(maxsize=1)
def _mask() -> Image:
    """Forehead to chin, where every face has the same parts."""
    mask = np.zeros(_GRID[::-1], np.uint8)
    cv2.ellipse(mask, (32, 42), (24, 31), 0, 0, 360, (255,), -1)
    return mask


@lru_cache(maxsize=1)
def _sample() -> _Sample:
    """Measured on a crowd of drawn people, none of whom the demo uses; takes a second, once."""
    crowd = []
    for seed in range(900_001, 900_025):
        portrait = draw_portrait(seed, 204, 252)
        gap, line = person(seed).eye_gap * PORTRAIT_SHARE * 252, PORTRAIT_EYE_LINE * 252
        crowd.append(_levelled(_placed(portrait, (102 - gap, line), (102 + gap, line))))
    stack = np.stack(crowd)
    mean, spread = stack.mean(axis=0), stack.std(axis=0) + np.float32(0.2)
    inside = _mask() > 0
    shape = (mean / spread)[inside]
    shape /= np.linalg.norm(shape)
    rest = ((stack - mean) / spread)[:, inside]
    rest = rest - np.outer(rest @ shape, shape)
    _, _, directions = np.linalg.svd(rest - rest.mean(axis=0), full_matrices=False)
    return _Sample(mean, spread, np.vstack([shape, directions[:3]]).astype(np.float32))
