"""What lives on while kiosks die on an applicant: the exit-entry platform and the A4 printer, and the folders of the kiosk's user."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.scenarios import Scenario
from drivers.document_printer.simulator import IppSimulator
from drivers.transport.host import serve_tcp
from kiosk.gateways.embedded import serve
from kiosk.gateways.exit_entry.simulated import SimulatedExitEntry
from tests.crash.conftest import Zygote, started
from tests.privacy.person import applicant, files_below, needles, traces


@dataclass
class FormWorld:
    """`home` is all that a kiosk process can call its own on the disk."""

    folder: Path
    home: Path
    scenario_file: Path
    scenario: Scenario
    exits: SimulatedExitEntry
    printer: IppSimulator
    config: Path
    env: dict[str, str]
    zygote: Zygote | None = None

    @property
    def pid_file(self) -> Path:
        return self.folder / "pid"

    async def visit(self, at: str = "") -> dict[str, Any]:
        """`exit` and what the process `said`."""
        order = {"config": str(self.config), "scenario": str(self.scenario_file), "pid_file": str(self.pid_file)}
        assert self.zygote is not None
        return await self.zygote.ask(at=at, **order)

    def kill(self) -> None:
        os.kill(int(self.pid_file.read_text()), signal.SIGKILL)

    def processes(self) -> list[str]:
        """Of the kiosk; its camera has one of its own, which holds pictures of a face."""
        assert self.zygote is not None
        mark, found = f"HOME={self.home}\0".encode(), []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                ours = mark in (process / "environ").read_bytes() and process.name != str(self.zygote.pid)
                if ours:
                    found.append((process / "cmdline").read_text())
            except OSError:
                continue  # ended meanwhile
        return found

    def drafts(self) -> dict[str, int]:
        return dict(self.exits.world.drafts.counts())

    def left(self) -> list[str]:
        """On the disk, after the process is gone."""
        return traces(files_below(self.home), needles(self.scenario))


def environment(home: Path) -> dict[str, str]:
    """A user's folders that nothing was ever written into."""
    folders = {"HOME": home, "TMPDIR": home / "tmp", "XDG_RUNTIME_DIR": home / "run"}
    folders |= {f"XDG_{kind.upper()}_HOME": home / kind for kind in ("cache", "config", "data", "state")}
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
    return {name: str(folder) for name, folder in folders.items()}


@asynccontextmanager
async def form_remotes(folder: Path, printer_url: str = "", photo: str = "camera") -> AsyncIterator[FormWorld]:
    """Without a kiosk. The printer is one of its own where no other is named."""
    file, scenario = applicant(folder, photo=photo)
    home = folder / "home"
    exits, printer = SimulatedExitEntry([scenario]), IppSimulator()
    env = {**environment(home), "QT_QPA_PLATFORM": "offscreen"}
    config = folder / "kiosk.toml"
    async with serve(exits.app) as front, serve_tcp(printer) as port:
        url = printer_url or f"cups://127.0.0.1:{port}/ipp/print?poll=0.05&trouble=20"
        config.write_text(
            f'profile = "ci"\n[devices]\npermit_unit = ""\npermit_reader = ""\ndocument_printer = "{url}"\n'
            f'[exit_entry]\nurl = "{front.url}"\n'
            f'[ledger]\nurl = "sqlite:///{home}/state/ledger.db"\nkey_file = "{home}/state/ledger.key"\n'
        )
        yield FormWorld(folder, home, file, scenario, exits, printer, config, env)


@asynccontextmanager
async def form_world(folder: Path, printer_url: str = "", photo: str = "camera") -> AsyncIterator[FormWorld]:
    async with (
        form_remotes(folder, printer_url, photo) as world,
        started("tests.crash.form_visit", **world.env) as zygote,
    ):
        world.zygote = zygote
        yield world


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0.02)
