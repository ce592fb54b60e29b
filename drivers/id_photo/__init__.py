"""The photo studio: gates before the shot, the cut, the background, the file, and the check of what came out.

Importing this package loads neither OpenCV nor NumPy nor Pillow.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drivers.id_photo.studio import CameraStudio
    from kiosk.ports.devices import Camera

__all__ = ["make_studio"]


def make_studio(
    camera: Camera,
    *,
    good_frames: int = 6,
    hint_hold: float = 1.2,
    yunet_model: Path | None = None,
    profiles: Path | None = None,
) -> CameraStudio:
    """A `PhotoStudio` over `camera`. OpenCV is loaded when the capture begins, not here.

    `yunet_model` replaces the Haar cascades; `profiles` is the hall's own folder of profile files, which may hold some or all.
    """
    from drivers.id_photo.studio import CameraStudio

    return CameraStudio(camera, good_frames, hint_hold, yunet_model, profiles)
