"""A camera frame as a JPEG of the film's size. For threads; loads OpenCV."""

from __future__ import annotations

import cv2
import numpy as np

from kiosk.ports.devices import Frame

QUALITY = 75


def encode(frame: Frame, width: int, height: int) -> bytes:
    """Filled up with black where the proportions differ."""
    picture = np.frombuffer(frame.bgr, np.uint8).reshape(frame.height, frame.width, 3)
    scale = min(width / frame.width, height / frame.height)
    size = (max(1, round(frame.width * scale)), max(1, round(frame.height * scale)))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    if size != (width, height):
        ground = np.zeros((height, width, 3), np.uint8)
        x, y = (width - size[0]) // 2, (height - size[1]) // 2
        ground[y : y + size[1], x : x + size[0]] = small
        small = ground
    done, jpeg = cv2.imencode(".jpg", small, (cv2.IMWRITE_JPEG_QUALITY, QUALITY))
    if not done:
        raise RuntimeError("OpenCV made no JPEG of a frame")
    return jpeg.tobytes()
