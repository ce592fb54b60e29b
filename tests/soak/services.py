"""The services around a kiosk, each a process of its own that can be killed and started again at the same address."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.drivers.document_printer.spooler import Spooler
from tests.drivers.permit_reader.service import PcscService

ROOT = Path(__file__).parents[2]
STARTS_S = 60.0
PORTS = (15_000, 32_000)


def free_port(neighbours: int = 1) -> int:
    """The first of so many free ports, out of the range from which connections get theirs: nobody takes them while their service is
    down."""
    while True:
        port = random.randrange(*PORTS)
        with ExitStack() as stack:
            try:
                for n in range(neighbours):
                    stack.enter_context(socket.socket()).bind(("127.0.0.1", port + n))
            except OSError:
                continue
            return port


class Service(ABC):
    """`device` is the name of what the kiosk loses with it, empty for a remote system. `kills` counts."""

    def __init__(self, name: str, device: str = "") -> None:
        self.name, self.device = name, device
        self.kills = 0
        self.up = False
        self.up_since = 0.0

    async def start(self) -> None:
        await self._start()
        self.up, self.up_since = True, asyncio.get_running_loop().time()

    async def kill(self) -> None:
        """kill -9."""
        self.up = False
        self.kills += 1
        await self._kill(signal.SIGKILL)

    async def stop(self) -> None:
        self.up = False
        await self._kill(signal.SIGTERM)

    @abstractmethod
    async def _start(self) -> None:
        """Returns when it can be reached."""

    @abstractmethod
    async def _kill(self, how: signal.Signals) -> None: ...


class Command(Service):
    """`kiosk simulate …`. `words` is asked at each start; it is up when its port answers."""

    def __init__(
        self, name: str, port: int, words: Callable[[], Sequence[str]], folder: Path, device: str = ""
    ) -> None:
        super().__init__(name, device)
        self.port = port
        self.starts = 0
        self._words = words
        self._log = folder / f"{name}.log"
        self._process: asyncio.subprocess.Process | None = None

    async def _start(self) -> None:
        self.starts += 1
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "kiosk", "simulate", *self._words(),
                stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log, cwd=ROOT,
            )  # fmt: skip
        async with asyncio.timeout(STARTS_S):
            while not await self._answers():
                if self._process.returncode is not None:
                    raise RuntimeError(f"{self.name} did not start: {self._log.read_text()[-600:]}")
                await asyncio.sleep(0.05)

    async def _kill(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.send_signal(how)
            await process.wait()

    async def _answers(self) -> bool:
        """Asked of the kernel: a connection would be a client."""
        wanted = f":{self.port:04X} "
        lines = Path("/proc/net/tcp").read_text().splitlines()
        return any(wanted in line.split(" 0A ")[0] and " 0A " in line for line in lines)


class Pcscd(Service):
    """A real pcscd with virtual readers, in mounts of its own."""

    def __init__(self) -> None:
        super().__init__("pcscd", "permit_reader")
        self.service = PcscService()
        self.service.port = free_port(2)

    async def _start(self) -> None:
        await asyncio.to_thread(self.service.start)

    async def _kill(self, how: signal.Signals) -> None:
        await asyncio.to_thread(self.service.stop, how)


class Cupsd(Service):
    """A real cupsd with a queue and a backend that plays the printer."""

    def __init__(self, folder: Path) -> None:
        super().__init__("cupsd", "document_printer")
        self.spooler = Spooler(folder)
        self._queue = False

    async def _start(self) -> None:
        await self.spooler.start()
        if not self._queue:
            self._queue = True
            await self.spooler.add_queue()
            await self.spooler.stop()  # cupsd writes its queues down half a minute later, or when it ends
            await self.spooler.start()

    async def _kill(self, how: signal.Signals) -> None:
        await self.spooler.stop(how)


class Worker(Service):
    """A worker process of the kiosk's own driver, told by a word of its command line. The driver starts another by itself."""

    def __init__(self, name: str, device: str, word: str) -> None:
        super().__init__(name, device)
        self._word = word

    async def _start(self) -> None:
        """The driver does."""

    async def _kill(self, how: signal.Signals) -> None:
        for pid in children(os.getpid()):
            try:
                if how == signal.SIGKILL and self._word in Path(f"/proc/{pid}/cmdline").read_text():
                    os.kill(pid, how)
            except OSError:
                continue  # ended meanwhile


def children(parent: int) -> list[int]:
    """Processes that this one has started and that are not ended."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, ppid = stat.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if int(ppid) == parent and state != "Z":
            found.append(int(stat.parent.name))
    return found
