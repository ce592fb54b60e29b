"""Sound and picture of the signing. Importing this package loads neither OpenCV nor cryptography."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from drivers.recorder.recorder import AvRecorder
    from drivers.recorder.vault import Vault
    from drivers.simulator import Simulator
    from kiosk.ports.devices import Camera

RATE = 16000
_ALSA = re.compile(r"[A-Za-z0-9_:,=.-]{1,64}")


def connect(
    url: str, *, camera: Camera | None = None, vault: Vault | None = None, simulator: Simulator | None = None
) -> AvRecorder:
    """The recorder with the microphone a settings URL names, not opened yet.

        alsa:default    alsa:plughw:1,0    tcp://host:port (raw samples: S16_LE, one channel, 16 kHz)    sim:

    `camera` is the machine's own; `vault` keeps the recordings, without one they can be begun but not kept. Raises ValueError with one
    sentence for a wrong URL, or without a camera.
    """
    from drivers.recorder.recorder import AvRecorder
    from drivers.recorder.vault import Vault
    from drivers.transport.base import ByteTransport
    from drivers.transport.url import open_transport

    if camera is None:
        raise ValueError(f"{url!r} needs the machine's camera, and there is none here.")
    scheme, _, rest = url.partition(":")
    line: ByteTransport
    if scheme == "alsa":
        from drivers.recorder.program import ProgramLine

        if _ALSA.fullmatch(rest) is None:
            raise ValueError(f"{url!r} is not a microphone; it should look like alsa:default or alsa:plughw:1,0.")
        line = ProgramLine(rest, RATE)
    elif scheme == "tcp" and urlsplit(url).hostname:
        line = open_transport(url)
    elif scheme == "sim":
        if simulator is None:
            from drivers.recorder.simulator import MicrophoneSimulator

            simulator = MicrophoneSimulator()
        line = open_transport("sim:", simulator)
    else:
        raise ValueError(f"{url!r} is not a microphone; it should look like alsa:default, tcp://host:port or sim:.")
    return AvRecorder(
        line, camera, vault or Vault(Path("var/recordings"), _no_key, keep_days=183, most_bytes=1 << 34), driver=scheme
    )


def _no_key() -> bytes:
    raise ValueError("there is no key to seal a recording with")


__all__ = ["RATE", "connect"]
