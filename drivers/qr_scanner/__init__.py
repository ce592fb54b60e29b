"""Code scanners: scan engines on a line, the camera as a scanner, and a simulated engine. Importing loads no library."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drivers.qr_scanner.camera_scanner import CameraScanner
    from drivers.qr_scanner.serial_scanner import SerialScanner
    from drivers.simulator import Simulator
    from kiosk.ports.devices import Camera


def connect(
    url: str, *, camera: Camera | None = None, simulator: Simulator | None = None
) -> CameraScanner | SerialScanner:
    """The scanner a settings URL names, not opened yet; see `drivers.qr_scanner.url.connect`."""
    from drivers.qr_scanner import url as by_url

    return by_url.connect(url, camera=camera, simulator=simulator)
