"""A real pcscd for tests, alone in a mount namespace: its own /run, its own readers, its own ports."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from functools import lru_cache
from pathlib import Path
from types import TracebackType

LIBRARY = Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so")
_STARTING = 10.0


def _isolated() -> list[str]:
    """The command that gives a process mounts of its own."""
    own = ["unshare", "--mount", "--propagation", "private"]
    return own if os.geteuid() == 0 else [*own, "--map-root-user"]


@lru_cache(maxsize=1)
def why_not() -> str:
    """Why this machine cannot run the service, empty when it can."""
    if shutil.which("pcscd") is None and not Path("/usr/sbin/pcscd").exists():
        return "pcscd is not installed"
    if not any(LIBRARY.parent.glob(LIBRARY.name)) and not _library():
        return "vsmartcard-vpcd is not installed"
    if shutil.which("unshare") is None:
        return "unshare is not installed"
    probe = [*_isolated(), "sh", "-c", "mount -t tmpfs tmpfs /run"]
    if subprocess.run(probe, capture_output=True, timeout=20).returncode:
        return "this machine does not allow mount namespaces, which keep our pcscd apart from a real one"
    return ""


def _library() -> Path | None:
    found = [LIBRARY] if LIBRARY.exists() else sorted(Path("/usr/lib").glob("**/serial/libifdvpcd.so"))
    return found[0] if found else None


def _free_ports() -> int:
    """The first of two neighbouring free ports: vpcd has one for each of its two slots."""
    for _ in range(50):
        with socket.socket() as one, socket.socket() as two:
            one.bind(("127.0.0.1", 0))
            port = int(one.getsockname()[1])
            try:
                two.bind(("127.0.0.1", port + 1))
            except (OSError, OverflowError):
                continue
            return port
    raise RuntimeError("no two neighbouring ports are free")


class PcscService:
    """`socket`: where its clients find it, the same over restarts. `port`: where the first reader's card connects."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="onetrip-pcsc-"))
        self.socket = str(self._folder / "comm")
        self.port = _free_ports()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> PcscService:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self._folder)

    def start(self, reader: str = "Virtual PCD") -> None:
        """With this reader, or with none."""
        config = self._configure(reader)
        version = subprocess.run(["pcscd", "--version"], capture_output=True, text=True, check=False).stdout
        polkit = " --disable-polkit" if "polkit" in version else ""
        script = f"mount -t tmpfs tmpfs /run && mkdir /run/pcscd && exec pcscd --foreground --config {config}{polkit}"
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen([*_isolated(), "sh", "-c", script], stdout=log, stderr=log)
        # The file system as that process sees it (Linux, proc(5)).
        inside = Path("/proc", str(self._process.pid), "root", "run", "pcscd", "pcscd.comm")
        self._wait(inside, listening=bool(reader))
        link = Path(self.socket)
        link.unlink(missing_ok=True)
        link.symlink_to(inside)

    def _configure(self, reader: str) -> Path:
        config = self._folder / "reader.conf"
        entry = (
            f'FRIENDLYNAME "{reader}"\nDEVICENAME /dev/null:{self.port:#x}\n'
            f"LIBPATH {_library()}\nCHANNELID {self.port:#x}\n"
        )
        config.write_text(entry if reader else "# no reader\n")
        return config

    def tell(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def stop(self, how: int = signal.SIGTERM) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(how)
        try:
            process.wait(3.0)
        except subprocess.TimeoutExpired:  # a card that never answers holds it
            process.kill()
            process.wait()

    def _wait(self, inside: Path, *, listening: bool) -> None:
        until = time.monotonic() + _STARTING
        while time.monotonic() < until:
            assert self._process is not None
            if self._process.poll() is not None:
                break
            if inside.exists() and (not listening or _listening(self.port)):
                return
            time.sleep(0.02)
        self.stop(signal.SIGKILL)
        raise RuntimeError(f"pcscd did not start: {(self._folder / 'log').read_text()[-500:]}")


def _listening(port: int) -> bool:
    """Asked of the kernel: a connection would be a card."""
    wanted = f":{port:04X} "
    lines = [*Path("/proc/net/tcp").read_text().splitlines(), *Path("/proc/net/tcp6").read_text().splitlines()]
    return any(wanted in line.split(" 0A ")[0] and " 0A " in line for line in lines)
