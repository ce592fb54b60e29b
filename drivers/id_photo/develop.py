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
from drivers.id_photo.geometry import Cut, broken, misplaced, plan
from drivers.id_photo.ground import Ground
from drivers.id_photo.jpeg import Encoded, encode
from drivers.id_photo.view import LEFT, TOP, UNIT, View, levelling, make_view
from kiosk.ports.photo import IdPhoto, PhotoHint

WHITE = 255.0
_OTHER = 40
"""Grey levels: so far from the panel's colour is hair or skin."""
_NEAR = 13
"""Pixels of the view (6 to each side): so near to the outline, soft hair and the lens blur person and panel together."""


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
    sized = segment.head(mask, chin)
    if sized is None:  # hair and panel could not be told apart, or the hair leaves the frame
        return Developed(PhotoHint.BACKGROUND, measures=measures)
    head, width_seen = sized
    cut = plan(head, profile)
    shares = cut.measures(head)
    if hint := misplaced(cut.outline(left, right), frame.shape[1], frame.shape[0]):
        return Developed(hint, measures=measures | shares)
    around = cv2.dilate(mask, np.ones((_NEAR, _NEAR), np.uint8)) < 0.02
    taken = ground.measure(view.bgr, around & view.inside & _of_cut(view, cut))
    if taken is None or not ground.usable(taken, profile.background):
        return Developed(PhotoHint.BACKGROUND, measures=measures | shares)

    def draw(width: int, height: int) -> Image:
        picture = _cut_out(frame, left, right, cut, width, height)
        return _backed(picture, _mask_of(mask, cut, width, height), taken, profile.background)

    distance = math.dist(left, right)
    file = encode(draw, profile.file, largest=round(1.05 * distance / cut.eye_distance))
    guessed = (("chin",) if seen is None else ()) + (() if width_seen else ("head_width",))
    return _checked(file, cut, mask, profile, measures | shares, not_measured, guessed)


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


def _matrix(
    left: Point, right: Point, cut: Cut, width: int, height: int, scale: float
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    origin = (width * scale / 2 - 0.5, cut.eye_line * height * scale - 0.5)
    return levelling(left, right, cut.eye_distance * width * scale, origin)


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


def _backed(picture: Image, mask: Mask, taken: Ground, rules: BackgroundRules) -> Image:
    """The panel lifted to white through a soft mask, or left alone. Light is added where the panel shows through the hair, so that
    no fringe of the old panel stays; the person is not touched."""
    if rules.treatment == "keep" or (rules.treatment == "lighten" and ground.kind(taken, rules) is not None):
        return picture
    colour = (taken.blue, taken.green, taken.red)
    panel = segment.panel(picture, mask, colour)
    alpha = segment.soft_edge(picture, mask, panel)[..., None]
    lift = WHITE - (panel if rules.treatment == "replace" else np.array(colour, np.float32))
    out = picture.astype(np.float32) + (1 - alpha) * lift
    if rules.treatment == "replace":
        out = np.where(alpha < 0.02, np.float32(WHITE), out)
    return np.asarray(np.clip(out + 0.5, 0, 255), np.uint8)


def _read_back(picture: Image, cut: Cut, back: Ground, planned: dict[str, float]) -> dict[str, float]:
    """Eyes and crown as they are in the finished picture, instead of as they were meant to be. A crown that cannot be told from the
    panel (white hair) stays as planned.
    """
    height, width = picture.shape[:2]
    half, line = cut.eye_distance * width / 2, cut.eye_line * height
    left, right = exact_eyes(picture, (width / 2 - half - 0.5, line - 0.5), (width / 2 + half - 0.5, line - 0.5))
    out = {
        "eye_distance": math.dist(left, right) / width,
        "eye_line": ((left[1] + right[1]) / 2 + 0.5) / height,
        "finished_roll": math.degrees(math.atan2(right[1] - left[1], right[0] - left[0])),
    }
    strip = picture[:, round(width / 2 - 0.9 * half) : round(width / 2 + 0.9 * half)].astype(np.float32)
    other = np.abs(strip - np.array([back.blue, back.green, back.red], np.float32)).max(axis=2) > _OTHER
    rows = np.flatnonzero(other.mean(axis=1) >= 0.4)
    if rows.size and abs(int(rows[0]) / height - planned["top_gap"]) < 0.05:
        out["top_gap"] = int(rows[0]) / height
        out["head_length"] = 1 - planned["chin_gap"] - out["top_gap"]
    return out


def _checked(
    file: Encoded,
    cut: Cut,
    mask: Mask,
    profile: PhotoProfile,
    measures: dict[str, float],
    not_measured: tuple[str, ...],
    guessed: tuple[str, ...],
) -> Developed:
    """What the finished file is, read back from its own bytes."""
    picture = np.asarray(cv2.imdecode(np.frombuffer(file.data, np.uint8), cv2.IMREAD_COLOR), np.uint8)
    outside = cv2.dilate(_mask_of(mask, cut, file.width, file.height), np.ones((9, 9), np.uint8)) < 0.02
    back = ground.measure(picture, outside)
    measures = measures | {"bytes": float(len(file.data)), "quality": float(file.quality)}
    if back is None or ground.kind(back, profile.background) is None or not ground.even(back, profile.background):
        return Developed(PhotoHint.BACKGROUND, measures=measures)
    measures |= back.measures() | _read_back(picture, cut, back, measures)
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
        guessed,
    )
    return Developed(PhotoHint.OK, photo, measures)
