"""Model files the operator may configure: found, whole, and the right ones, or a clear sentence why not."""

from __future__ import annotations

import hashlib
from pathlib import Path

from kiosk.domain.errors import DeviceError, ErrorKind

YUNET_SHA256 = "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4"
"""face_detection_yunet_2023mar.onnx, 232,589 bytes, MIT."""
SFACE_SHA256 = "0ba9fbfa01b5270c96627c4ef784da859931e02f04419c829e83484087c34e79"
"""face_recognition_sface_2021dec.onnx, 38,696,353 bytes, Apache-2.0."""

_POINTER = b"version https://git-lfs"


def check_model(path: Path, sha256: str | None, device: str = "camera") -> Path:
    """Return `path` when the file is there and is the published model.

    `sha256` None accepts any real file (a quantised or newer model the operator vouches for). Raises DeviceError CONFIG.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DeviceError(
            ErrorKind.CONFIG, device, f"model file {path.name} cannot be read: {error.strerror}", "model_missing"
        ) from None
    if data.startswith(_POINTER):
        raise DeviceError(
            ErrorKind.CONFIG,
            device,
            f"model file {path.name} is a Git LFS pointer, not the model; download the file itself",
            "model_pointer",
        )
    if sha256 is not None and hashlib.sha256(data).hexdigest() != sha256:
        raise DeviceError(
            ErrorKind.CONFIG,
            device,
            f"model file {path.name} is damaged or another version (SHA-256 differs)",
            "model_hash",
        )
    return path
