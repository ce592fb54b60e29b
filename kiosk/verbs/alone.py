"""One program at a time has a real device: the kiosk, or a command at the technician's terminal."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from config.sections import Devices
from config.settings import SettingsError
from kiosk.verbs.command_words import KINDS

PLACES = (Path("/run/lock"), Path(tempfile.gettempdir()))
"""Where lock files lie: the same for all programs of a machine, and gone after a restart."""
_NO_LINE = ("camera:", "touch:")
"""A scanner that is the camera, a signature pad that is the screen."""


class DeviceTaken(SettingsError):
    """Another program has the device."""


def real_urls(devices: Devices, kinds: Iterable[str] = KINDS) -> dict[str, str]:
    """The URL of each device that is neither missing nor simulated, by kind."""
    simulated = set(devices.simulated())
    found = {kind: str(getattr(devices, kind)) for kind in kinds if kind not in simulated}
    return {kind: url for kind, url in found.items() if url and url not in _NO_LINE}


def real_url(kind: str, url: str) -> dict[str, str]:
    """The same for one URL of a device."""
    line = url.partition(":")[0].split("+")[-1]
    return {} if not url or url in _NO_LINE or line in ("sim", "replay") else {kind: url}


@contextmanager
def alone_with(urls: dict[str, str]) -> Iterator[None]:
    """Hold the devices behind these URLs while the block runs. The locks go with the process, however it ends.

    Raises DeviceTaken with a sentence when another program has one of them.
    """
    with ExitStack() as stack:
        for kind, url in sorted(urls.items()):
            stack.enter_context(_lock(kind, url))
        yield


@contextmanager
def _lock(kind: str, url: str) -> Iterator[None]:
    line = url.partition("?")[0]  # the same device, whatever its options
    name = f"onetrip-{kind}-{hashlib.sha256(line.encode()).hexdigest()[:12]}.lock"
    folder = next((place for place in PLACES if os.access(place, os.W_OK | os.X_OK)), PLACES[-1])
    try:
        file = os.open(folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
    except OSError as error:
        raise SettingsError(
            f"{folder / name}: cannot be opened ({error.strerror}); run this as the kiosk's user."
        ) from None
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
                raise
            holder = os.pread(file, 32, 0).decode("ascii", "replace").strip() or "unknown"
            raise DeviceTaken(
                f"{kind}: another program has this device (process {holder}). Use the kiosk's diagnostics mode, or stop the kiosk first."
            ) from None
        os.ftruncate(file, 0)
        os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(file)
