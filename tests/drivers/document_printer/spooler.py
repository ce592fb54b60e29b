"""A real cupsd of our own: its own configuration, socket, port and spool in a temporary folder, and a backend that plays the printer.

The backend is what CUPS runs for each job: it obeys the word in the file `mode` (print, fail, empty, jam, gone, hang, low) and keeps
what it got as `papers/JOB-PROCESS.pdf`.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from drivers.document_printer import ipp
from drivers.document_printer.client import IppClient, Place
from drivers.document_printer.ipp import Op, Tag

CUPSD = shutil.which("cupsd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
LPADMIN = shutil.which("lpadmin", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
SERVER_BIN = Path("/usr/lib/cups")
MISSING = (
    "cupsd is not installed (Debian: cups-daemon, cups-client)"
    if CUPSD is None or LPADMIN is None
    else "cupsd needs root to run jobs"
    if os.geteuid() != 0
    else ""
)

_BACKEND = """#!/bin/sh
# CUPS backend: job user title copies options [file]; without arguments it lists devices
[ $# -eq 0 ] && { echo 'direct test "Test" "Test printer"'; exit 0; }
folder="${DEVICE_URI#test:}"
read -r mode < "$folder/mode"
case "$mode" in
  fail) exit 1 ;;
  empty) echo "STATE: +media-empty-error" >&2 ;;
  jam) echo "STATE: +media-jam-error" >&2 ;;
  gone) echo "STATE: +offline-report" >&2 ;;
esac
while :; do
  read -r mode < "$folder/mode"
  case "$mode" in empty | jam | gone | hang) sleep 0.1 ;; *) break ;; esac
done
echo "STATE: -media-empty-error,media-jam-error,offline-report" >&2
[ "$mode" = low ] && echo "STATE: +toner-low-warning" >&2
if [ $# -ge 6 ]; then cat "$6" > "$folder/papers/$1-$$.part"; else cat > "$folder/papers/$1-$$.part"; fi
mv "$folder/papers/$1-$$.part" "$folder/papers/$1-$$.pdf"
exit 0
"""


class Spooler:
    """Start, stop and restart cupsd; the folder stays the same, so that jobs survive."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = folder / "s"
        self.port = _free_port()
        self.papers = folder / "papers"
        self._process: asyncio.subprocess.Process | None = None
        self._lay_out()

    def url(self, queue: str = "a4", **options: object) -> str:
        query = "&".join(f"{name}={value}" for name, value in options.items())
        return f"cups:{queue}?socket={self.socket}" + (f"&{query}" if query else "")

    def mode(self, word: str) -> None:
        """What the printer does from now on; written beside and moved, because the backend reads it at any time."""
        fresh = self.folder / "mode.new"
        fresh.write_text(f"{word}\n")
        fresh.rename(self.folder / "mode")

    async def start(self) -> None:
        assert CUPSD is not None
        self._process = await asyncio.create_subprocess_exec(
            CUPSD, "-f", "-c", str(self.folder / "cupsd.conf"), "-s", str(self.folder / "cups-files.conf")
        )
        async with asyncio.timeout(10):
            while not await self._answers():
                assert self._process.returncode is None, (self.folder / "error_log").read_text()
                await asyncio.sleep(0.03)

    async def stop(self, sig: signal.Signals = signal.SIGTERM) -> None:
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.send_signal(sig)
            await process.wait()
        self.socket.unlink(missing_ok=True)

    def tell(self, sig: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(sig)

    async def admin(self, tool: str, *words: str) -> None:
        """lpadmin, cupsdisable, cupsenable … against this cupsd."""
        path = shutil.which(tool, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
        assert path is not None
        process = await asyncio.create_subprocess_exec(
            path, "-h", str(self.socket), *words, stderr=subprocess.PIPE, env={"PATH": "/usr/bin:/bin", "LANG": "C"}
        )
        _, err = await process.communicate()
        assert process.returncode == 0, err.decode()

    async def add_queue(self, name: str = "a4", policy: str = "retry-current-job") -> None:
        await self.admin(
            "lpadmin", "-p", name, "-v", f"test:{self.folder}", "-E", "-o", f"printer-error-policy={policy}"
        )

    def documents(self) -> list[Path]:
        """What lies in the spool."""
        return sorted((self.folder / "spool").glob("d*"))

    async def titles(self, queue: str = "a4") -> list[str]:
        """Of all jobs the print service remembers, whoever sent them."""
        client = IppClient(Place(f"/printers/{queue}", socket=str(self.socket)), "document_printer")
        found: list[ipp.Attributes] = []
        for which in ("not-completed", "completed"):
            wanted = [("which-jobs", Tag.KEYWORD, which), ("requested-attributes", Tag.KEYWORD, "job-name")]
            found += (await client.ask(Op.GET_JOBS, wanted, 3)).all(Tag.JOB)
        return [str(ipp.first(job, "job-name")) for job in found]

    async def _answers(self) -> bool:
        if not self.socket.exists():
            return False
        try:
            _, writer = await asyncio.open_unix_connection(str(self.socket))
        except OSError:
            return False
        writer.close()
        await writer.wait_closed()
        return True

    def _lay_out(self) -> None:
        self.folder.chmod(0o755)
        self.papers.mkdir()
        self.papers.chmod(0o777)
        self.mode("print")
        bin_folder = self.folder / "bin"
        (bin_folder / "backend").mkdir(parents=True)
        for name in ("daemon", "filter", "monitor", "notifier", "driver", "cgi-bin"):
            if (SERVER_BIN / name).is_dir():
                (bin_folder / name).symlink_to(SERVER_BIN / name)
        (bin_folder / "backend" / "ipp").symlink_to(SERVER_BIN / "backend" / "ipp")
        backend = bin_folder / "backend" / "test"
        backend.write_text(_BACKEND)
        backend.chmod(0o755)
        for name in ("root", "spool", "cache", "state", "tmp"):
            (self.folder / name).mkdir()
        (self.folder / "cups-files.conf").write_text(
            "\n".join(
                (
                    "SystemGroup root",
                    f"ServerBin {bin_folder}",
                    f"ServerRoot {self.folder}/root",
                    f"RequestRoot {self.folder}/spool",
                    f"CacheDir {self.folder}/cache",
                    f"StateDir {self.folder}/state",
                    f"TempDir {self.folder}/tmp",
                    f"AccessLog {self.folder}/access_log",
                    f"ErrorLog {self.folder}/error_log",
                    f"PageLog {self.folder}/page_log",
                    "",
                )
            )
        )
        (self.folder / "cupsd.conf").write_text(
            "\n".join(
                (
                    "LogLevel debug",
                    f"Listen {self.socket}",
                    f"Listen 127.0.0.1:{self.port}",
                    "Browsing Off",
                    "WebInterface No",
                    "DefaultAuthType Basic",
                    "PreserveJobFiles Yes",
                    "JobRetryInterval 1",
                    "<Location />",
                    "  Order allow,deny",
                    "  Allow all",
                    "</Location>",
                    "",
                )
            )
        )


@asynccontextmanager
async def running_spooler() -> AsyncIterator[Spooler]:
    with tempfile.TemporaryDirectory(prefix="onetrip-cups-") as folder:  # a socket's path must be short
        made = Spooler(Path(folder))
        try:
            await made.start()
            await made.add_queue()
            yield made
        finally:
            await made.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
