"""What is measured on a face in a raw frame. Luminance is linear (sRGB gamma undone, Rec. 709 weights), 0 … 1, as in OFIQ."""

from __future__ import annotations

import math

import cv2
import numpy as np

from drivers.camera.detect import Face, Point
from drivers.camera.people import Image, Mask

_LINEAR = np.where(
    np.arange(256) / 255 <= 0.04045, np.arange(256) / 255 / 12.92, ((np.arange(256) / 255 + 0.055) / 1.055) ** 2.4
).astype(np.float32)
_SIDE = 160
"""Sharpness and light are judged on the face box scaled to this many pixels: the same for every camera and distance."""

# A generic face for solvePnP in millimetres, in the camera's axes (x right, y down, z away from it, so the nose is nearest):
# eyes, nose tip, mouth corners; the order of `Face.landmarks`.
_MODEL = np.array([[-31.5, 0, 0], [31.5, 0, 0], [0, 36, -27], [-25, 68, -3], [25, 68, -3]], np.float64)


def face_patch(bgr: Image, face: Face) -> Image:
    x, y, w, h = face.box
    size = (_SIDE, max(1, round(_SIDE * h / w)))
    shrink = cv2.INTER_AREA if w > _SIDE else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(bgr[y : y + h, x : x + w], size, interpolation=shrink), np.uint8)


def luminance(bgr: Image) -> Mask:
    """Linear Rec. 709 luminance."""
    linear = _LINEAR[bgr]
    return np.asarray(0.0722 * linear[..., 0] + 0.7152 * linear[..., 1] + 0.2126 * linear[..., 2], np.float32)


def inner(patch: Mask) -> Mask:
    """The pixels that are face for sure: an ellipse from the brows to the mouth."""
    height, width = patch.shape[:2]
    y, x = np.mgrid[0:height, 0:width]
    inside = ((x / width - 0.5) / 0.34) ** 2 + ((y / height - 0.54) / 0.42) ** 2 <= 1
    return np.asarray(patch[inside], np.float32)


def light_measures(light: Mask) -> dict[str, float]:
    """Mean, over- and under-exposed shares (OFIQ limits 247 and 25 of 255), entropy in bits."""
    face = inner(light)
    counts = np.bincount((face * 255).astype(np.uint8), minlength=256)
    p = counts[counts > 0] / face.size
    return {
        "light_mean": float(face.mean()),
        "light_variance": float(face.var()),
        "over_exposed": float((face >= 247 / 255).mean()),
        "under_exposed": float((face <= 25 / 255).mean()),
        "entropy": float(-(p * np.log2(p)).sum()),
    }


def cheek_measures(light: Mask, eye_x: tuple[float, float], eye_y: float, distance: float) -> dict[str, float]:
    """Left and right cheek zone (side 0.3 of the inter-eye distance, half way from eye to mouth) against each other."""
    side = max(2, round(0.3 * distance))
    top = round(eye_y + 0.55 * distance - side / 2)
    zones = []
    for x in eye_x:
        zone = light[max(0, top) : max(0, top) + side, max(0, round(x - side / 2)) : max(0, round(x - side / 2)) + side]
        if zone.size == 0:
            return {}
        zones.append(zone)
    means = [float(zone.mean()) for zone in zones]
    histograms = [np.histogram(zone, 32, (0.0, 1.0))[0] / zone.size for zone in zones]
    return {
        "cheek_ratio": min(means) / max(max(means), 1e-6),
        "cheek_overlap": float(np.minimum(histograms[0], histograms[1]).sum()),
    }


def sharpness(patch: Image) -> float:
    """Variance of the Laplacian relative to the face's own contrast, after smoothing away sensor noise."""
    grey = np.asarray(cv2.cvtColor(patch, cv2.COLOR_BGR2GRAY), np.uint8)
    smooth = cv2.GaussianBlur(grey, (0, 0), 0.8).astype(np.float32)
    height, width = smooth.shape
    core = smooth[round(0.15 * height) : round(0.92 * height), round(0.15 * width) : round(0.85 * width)]
    edges = cv2.Laplacian(core, cv2.CV_32F)
    return float(edges.var() / (core.var() + 20.0))


def mirror_shift(grey: Image, left: Point, right: Point) -> float:
    """How far the face's axis of symmetry lies off the middle between the eyes / inter-eye distance; a yaw without landmarks.

    Nose and mouth stand about 0.42 inter-eye distances in front of the eyes, so the shift is about 0.42·sin(yaw), positive
    to the picture's right. Local contrast is levelled first: light from one side does not count.
    """
    distance = math.dist(left, right)
    if distance < 12:
        return 0.0
    scale = 40 / distance
    angle = math.atan2(right[1] - left[1], right[0] - left[0])
    c, s = math.cos(angle) * scale, math.sin(angle) * scale
    mx, my = (left[0] + right[0]) / 2, (left[1] + right[1]) / 2
    matrix = np.array([[c, s, 39.5 - c * mx - s * my], [-s, c, 16 + s * mx - c * my]], np.float64)
    if scale < 0.6:
        grey = np.asarray(cv2.GaussianBlur(grey, (0, 0), 0.4 / scale), np.uint8)
    face = cv2.warpAffine(grey, matrix, (80, 72), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE).astype(
        np.float32
    )
    detail = cv2.GaussianBlur(face, (0, 0), 1.2) - cv2.GaussianBlur(face, (0, 0), 6)
    detail = detail / np.sqrt(cv2.GaussianBlur(detail * detail, (0, 0), 8) + 9)
    best, at = -2.0, 0
    for shift in range(-14, 15):
        part = detail[22:66, 18 + shift : 62 + shift]
        likeness = float((part * part[:, ::-1]).sum() / max(float((part * part).sum()), 1e-6))
        if likeness > best:
            best, at = likeness, shift
    return at / 40


def pose(landmarks: tuple[Point, Point, Point, Point, Point], width: int, height: int) -> tuple[float, float]:
    """Yaw and pitch in degrees from five landmarks, with a camera of ordinary field of view (focal length = width).

    Positive yaw turns the face to the picture's right, positive pitch lowers the chin.
    """
    camera = np.array([[width, 0, width / 2], [0, width, height / 2], [0, 0, 1]], np.float64)
    points = np.array(landmarks, np.float64)
    done, rotation, _ = cv2.solvePnP(_MODEL, points, camera, None, flags=cv2.SOLVEPNP_SQPNP)
    if not done:
        return 90.0, 90.0
    matrix = np.asarray(cv2.Rodrigues(rotation)[0], np.float64)
    x, y, z = (float(v) for v in matrix @ np.array([0.0, 0.0, -1.0]))  # where the nose points
    return math.degrees(math.atan2(x, -z)), math.degrees(math.atan2(y, math.hypot(x, z)))
