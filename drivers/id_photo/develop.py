"""From the chosen frame to the finished photo: eyes found exactly, head measured, cut, background, file, and the check of it all."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import cv2
import numpy as np

from config.photo_rules import BackgroundRules, PhotoProfile
from drivers.camera.detect import Point
from drivers.camera.people import Image, Mask
from drivers.id_photo import ground, segment, zones
from drivers.id_photo.geometry import Cut, broken, plan
from drivers.id_photo.ground import Ground
from drivers.id_photo.jpeg import Encoded, encode
from drivers.id_photo.view import LEFT, TOP, UNIT, View, levelling, make_view
from kiosk.ports.photo import IdPhoto, PhotoHint

WHITE = 255.0


@dataclass(frozen=True, slots=True)
class Developed:
    """Either a photo, or the hint for what went wrong; `measures` in both cases."""

    hint: PhotoHint
    photo: IdPhoto | None = None
    measures: dict[str, float] = field(default_factory=dict)


def develop(
    frame: Image,
    eyes: tuple[Point, Point],
    profile: PhotoProfile,
    measures: dict[str, float],
    not_measured: tuple[str, ...],
) -> Developed:
    """`measures` and `not_measured` are those of the raw frame; the photo carries them on."""
    left, right = exact_eyes(frame, *eyes)
    view = make_view(frame, left, right)
    seen = zones.chin(view)
    chin = zones.CHIN if seen is None else seen
    mask = segment.person(view, chin)
    head = segment.head(mask, chin)
    if head is None:  # hair and wall could not be told apart, or the hair leaves the frame
        return Developed(PhotoHint.OFF_CENTRE, measures=measures)
    cut = plan(head, profile)
    shares = cut.measures(head)
    if not _within_frame(frame, left, right, cut):
        return Developed(PhotoHint.TOO_CLOSE, measures=measures | shares)
    taken = ground.measure(view.bgr, (mask < 0.02) & view.inside & _of_cut(view, cut))
    if taken is None or not ground.usable(_flattened(taken), profile.background):
        return Developed(PhotoHint.BACKGROUND, measures=measures | shares)

    def draw(width: int, height: int) -> Image:
        picture = _cut_out(frame, left, right, cut, width, height)
        return _backed(picture, _mask_of(mask, cut, width, height), taken, profile.background)

    distance = math.dist(left, right)
    file = encode(draw, profile.file, largest=round(1.05 * distance / cut.eye_distance))
    return _checked(file, cut, mask, profile, measures | shares, not_measured, seen is None)


def exact_eyes(frame: Image, left: Point, right: Point) -> tuple[Point, Point]:
    """The middle of the dark iris near each eye given; the cascades are good to some 3 px, which is a degree or two of lean."""
    distance = math.dist(left, right)
    grey = np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), np.uint8)
    return _iris(grey, left, distance), _iris(grey, right, distance)


def _iris(grey: Image, at: Point, distance: float) -> Point:
    half_w, half_h = 0.17 * distance, 0.13 * distance
    x0, y0 = max(0, round(at[0] - half_w)), max(0, round(at[1] - half_h))
    patch = grey[y0 : round(at[1] + half_h), x0 : round(at[0] + half_w)]
    if patch.shape[0] < 6 or patch.shape[1] < 6:
        return at
    smooth = cv2.GaussianBlur(patch, (0, 0), 0.02 * distance).astype(np.float32)
    low, high = float(np.percentile(smooth, 4)), float(np.percentile(smooth, 70))
    weight = np.clip((low + 0.5 * (high - low) - smooth) / max(high - low, 1.0), 0, None)
    total = float(weight.sum())
    if total <= 0 or high - low < 15:
        return at
    y, x = np.mgrid[0 : patch.shape[0], 0 : patch.shape[1]]
    found = (x0 + float((weight * x).sum()) / total, y0 + float((weight * y).sum()) / total)
    return found if math.dist(found, at) < 0.09 * distance else at


def _matrix(left: Point, right: Point, cut: Cut, width: int, height: int, scale: float) -> np.ndarray[
    tuple[int, ...], np.dtype[np.float64]
]:
    origin = (width * scale / 2 - 0.5, cut.eye_line * height * scale - 0.5)
    return levelling(left, right, cut.eye_distance * width * scale, origin)


def _within_frame(frame: Image, left: Point, right: Point, cut: Cut) -> bool:
    """Two pixels may be missing at an edge: they are repeated."""
    matrix = _matrix(left, right, cut, 1000, round(1000 / cut.ratio), 1.0)
    back = cv2.invertAffineTransform(matrix)
    h = round(1000 / cut.ratio)
    corners = np.array([[0, 0, 1], [1000, 0, 1], [1000, h, 1], [0, h, 1]], np.float64) @ back.T
    limit = np.array([frame.shape[1], frame.shape[0]]) + 2
    return bool((corners >= -2).all() and (corners <= limit).all())


def _cut_out(frame: Image, left: Point, right: Point, cut: Cut, width: int, height: int) -> Image:
    """Turned upright at the camera's own scale with a Lanczos kernel, then brought to size by area: nothing is resampled twice
    at a loss, and nothing is enlarged beyond what the profile's smallest size asks for."""
    shrink = cut.eye_distance * width / math.dist(left, right)
    scale = 1.0 if shrink >= 1 else 1 / shrink
    big = (round(width * scale), round(height * scale))
    matrix = _matrix(left, right, cut, width, height, scale)
    upright = cv2.warpAffine(frame, matrix, big, flags=cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REPLICATE)
    if big != (width, height):
        upright = cv2.resize(upright, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(upright, np.uint8)


def _mask_of(mask: Mask, cut: Cut, width: int, height: int) -> Mask:
    """The view's mask in the finished photo: both are upright, so only scale and place differ."""
    scale = cut.eye_distance * width / UNIT
    x, y = width / 2 + LEFT * UNIT * scale, cut.eye_line * height + TOP * UNIT * scale
    matrix = np.array([[scale, 0, x], [0, scale, y]], np.float64)
    size = (width, height)
    return np.asarray(cv2.warpAffine(mask, matrix, size, borderMode=cv2.BORDER_REPLICATE), np.float32)


def _of_cut(view: View, cut: Cut) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    top, left = -cut.eye_line * cut.height, -cut.width / 2
    out = np.zeros(view.inside.shape, np.bool_)
    rows = slice(max(0, round((top - TOP) * UNIT)), round((top + cut.height - TOP) * UNIT))
    out[rows, max(0, round((left - LEFT) * UNIT)) : round((-left - LEFT) * UNIT)] = True
    return out


def _flattened(taken: Ground) -> Ground:
    """Close to the outline the softness of hair counts into the spread: half as much again is allowed there."""
    return Ground(taken.blue, taken.green, taken.red, taken.spread / 1.5, taken.gradient / 1.5)


def _backed(picture: Image, mask: Mask, taken: Ground, rules: BackgroundRules) -> Image:
    """The panel lifted to white through a soft mask, or left alone. Light is added where the panel shows through the hair, so that
    no fringe of the old panel stays; the person is not touched."""
    if rules.treatment == "keep" or (rules.treatment == "lighten" and ground.kind(taken, rules) is not None):
        return picture
    alpha = segment.soft_edge(picture, mask)[..., None]
    lift = np.array([WHITE - taken.blue, WHITE - taken.green, WHITE - taken.red], np.float32)
    out = picture.astype(np.float32) + (1 - alpha) * lift
    if rules.treatment == "replace":
        out = np.where(alpha < 0.02, np.float32(WHITE), out)
    return np.asarray(np.clip(out + 0.5, 0, 255), np.uint8)


def _checked(
    file: Encoded,
    cut: Cut,
    mask: Mask,
    profile: PhotoProfile,
    measures: dict[str, float],
    not_measured: tuple[str, ...],
    chin_guessed: bool,
) -> Developed:
    """What the finished file is, read back from its own bytes."""
    picture = np.asarray(cv2.imdecode(np.frombuffer(file.data, np.uint8), cv2.IMREAD_COLOR), np.uint8)
    outside = cv2.dilate(_mask_of(mask, cut, file.width, file.height), np.ones((9, 9), np.uint8)) < 0.02
    back = ground.measure(picture, outside)
    measures = measures | {"bytes": float(len(file.data)), "quality": float(file.quality)}
    if back is None or ground.kind(back, profile.background) is None or not ground.even(back, profile.background):
        return Developed(PhotoHint.BACKGROUND, measures=measures)
    measures |= back.measures()
    deviations = list(broken(measures, profile.crop))
    if not file.fits(profile.file):
        deviations.append("bytes")
    if profile.skin is not None:
        bands = {"skin_l": profile.skin.lightness, "skin_a": profile.skin.a, "skin_b": profile.skin.b}
        deviations += [name for name, band in bands.items() if not band.holds(measures[name])]
    photo = IdPhoto(
        file.data,
        file.width,
        file.height,
        profile.file.dpi,
        profile.id,
        measures,
        tuple(deviations),
        not_measured,
        ("chin",) if chin_guessed else (),
    )
    return Developed(PhotoHint.OK, photo, measures)
