"""A machine whose every device and remote side is a process of its own, and the citizens who come to it."""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
import traceback
import urllib.request
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog

from config.scenarios import Scenario
from config.settings import Settings, load
from kiosk.app import Machine, assemble
from kiosk.cabinet import card_of
from kiosk.journeys.lobby import Ended, serve_one
from kiosk.journeys.services import SERVICES
from kiosk.ports.bench import VirtualDevice
from kiosk.rehearsal import Citizen
from kiosk.screens.common import Home
from kiosk.screens.robot import WAIT
from tests.drivers.document_printer import spooler
from tests.drivers.permit_reader import service
from tests.faults.stage import Impatient
from tests.soak.hands import Hand
from tests.soak.people import person
from tests.soak.services import Command, Cupsd, Pcscd, Service, Worker, free_port

log = structlog.get_logger(__name__)
KEY = b"device key of the soak"
WAITS_S = 60.0
"""For a service that is greyed at the moment; then this citizen goes home."""
HAND_S = 0.5


@dataclass
class Soak:
    folder: Path
    machine: Machine
    services: list[Service]
    hands: Mapping[str, VirtualDevice]
    people: Iterator[Scenario]
    visiting: bool = False
    left_at: float = 0.0
    """When the last citizen gave the devices back (loop time)."""
    endings: list[tuple[str, str]] = field(default_factory=list)
    crashes: list[str] = field(default_factory=list)

    async def visit(self) -> Ended | None:
        """The next citizen, from the home screen on. None: what they wanted was not offered in time."""
        scenario = next(self.people)
        citizen = Citizen(scenario, self.hands)
        citizen.replies[Home] = lambda shown: _choice(shown, scenario.service)
        desk = Impatient(citizen, lambda: self.hands["camera"].control({"do": "blink"}))
        citizen.arrive()
        ended: Ended | None = None
        self.visiting = True
        outcome = "not offered"
        try:
            async with asyncio.timeout(WAITS_S) as patience:
                kit = self.machine.kit(desk)
                offered = _Watched(SERVICES, lambda: patience.reschedule(None))
                ended = await serve_one(kit, offered, self.machine.supervisor)
                outcome = ended.outcome if ended is not None else "went home"
        except TimeoutError:
            desk.wipe()
        except Exception:
            log.exception("session_crashed")
            self.crashes.append(traceback.format_exc())
            outcome = "crashed"
            desk.wipe()
        finally:
            self.visiting, self.left_at = False, asyncio.get_running_loop().time()
        citizen.leave()
        self.hands["camera"].control({"do": "scene", "faces": 1})
        self.endings.append((scenario.service, outcome))
        return ended

    async def take_permits(self) -> None:
        """Whoever stands there takes a permit that lies at the slot."""
        unit = self.hands["permit_unit"]
        while True:
            state = unit.state()
            if state.get("position") == "mouth" and not state["accepting"] and not state["phase"]:
                unit.control({"do": "take"})
            await asyncio.sleep(HAND_S)


class _Watched(dict[str, Any]):
    """The services; tells when one was chosen, as from then on nobody is called away."""

    def __init__(self, services: Mapping[str, Any], chosen: Any) -> None:
        super().__init__(services)
        self._chosen = chosen

    def get(self, key: str, default: Any = None) -> Any:
        self._chosen()
        return super().get(key, default)


def _choice(shown: Home, wanted: str) -> Any:
    card = next((card for card in (*shown.services, *shown.tiles) if card.id == wanted), None)
    return wanted if card is not None and not card.unavailable else WAIT


def missing() -> str:
    """Why this machine cannot run it, empty when it can."""
    return service.why_not() or spooler.MISSING


@asynccontextmanager
async def soak_hall(visits: int) -> AsyncIterator[Soak]:
    """At most so many citizens come. Every service is up when the machine opens."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="onetrip-soak-")))
        (folder / "people").mkdir()
        everybody = [_somebody(folder / "people", n) for n in range(visits)]
        spool = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="onetrip-cups-")))
        pcscd, cupsd = Pcscd(), Cupsd(spool)
        commands, hands = _commands(folder, everybody, pcscd.service.port)
        services: list[Service] = [pcscd, cupsd, *commands.values()]
        for each in services:
            stack.push_async_callback(each.stop)
        await pcscd.start()
        await asyncio.gather(*(each.start() for each in services[1:]))
        _payer(commands["wallet"].port)
        os.environ["PCSCLITE_CSOCK_NAME"] = pcscd.service.socket
        settings = _settings(folder, commands, cupsd)
        async with assemble(settings, scenarios=[scenario for _, scenario in everybody]) as machine:
            workers = (
                Worker("camera worker", "camera", "drivers.camera"),
                Worker("chip worker", "permit_reader", "pcsc_worker"),
            )
            for each in workers:
                await each.start()
            services += workers
            hands = {**hands, "camera": machine.virtual["camera"]}
            made = Soak(folder, machine, services, hands, (scenario for _, scenario in everybody))
            taking = asyncio.ensure_future(made.take_permits())
            try:
                yield made
            finally:
                taking.cancel()
                await asyncio.gather(taking, return_exceptions=True)


def _somebody(folder: Path, n: int) -> tuple[Path, Scenario]:
    """Services in turn; now and then somebody looks into the camera."""
    return person(folder, ("violation", "endorsement", "form")[n % 3], n, camera=n % 8 == 0)


def _commands(
    folder: Path, everybody: list[tuple[Path, Scenario]], vpcd: int
) -> tuple[dict[str, Command], dict[str, VirtualDevice]]:
    cards = {scenario.name: card_of(scenario) for _, scenario in everybody}
    ports = {name: free_port() for name in ("police", "exit_entry", "wallet")}
    found: dict[str, Command] = {}
    hands: dict[str, VirtualDevice] = {}

    def device(kind: str, *more: str, out: bool = False) -> None:
        port, control = free_port(), free_port()

        def words() -> list[str]:
            said = [kind, "--listen", f"tcp://127.0.0.1:{port}", "--control", f"tcp://127.0.0.1:{control}", *more]
            return [*said, "--out", str(folder / "paper" / f"{found[kind].starts:04d}")] if out else said

        found[kind] = Command(kind, port, words, folder, kind)

        def own(command: Mapping[str, Any]) -> Mapping[str, Any]:
            if kind == "id_card" and command.get("do") == "place":
                return {**command, "person": cards[command["person"]]}
            return command

        hands[kind] = Hand(kind, control, own)

    def server(kind: str, *more: str) -> None:
        state = folder / f"{kind}.json"
        said = [kind, "--listen", f"tcp://127.0.0.1:{ports[kind]}", "--state-file", str(state), *more]
        found[kind] = Command(kind, ports[kind], lambda: said, folder)

    device("id_card")
    device("qr_scanner")
    device("receipt_printer", out=True)
    device("permit_unit", "--vpcd", f"127.0.0.1:{vpcd}", "--speed", "200", "--nvram", str(folder / "unit.json"))
    for kind in ("nav_pad", "io_board", "ups"):
        device(kind)
    for kind, offers in (("police", "violation"), ("exit_entry", "endorsement")):
        server(kind, *(word for file, one in everybody if one.service == offers for word in ("--scenario", str(file))))
    server("wallet", "--device", "CI01", "--device-key", KEY.hex(), "--script", "pays")
    return found, hands


def _payer(port: int) -> None:
    """Everybody pays half a second after the code is shown."""
    said = json.dumps({"preset": "pays", "seconds": 0.5}).encode()
    urllib.request.urlopen(f"http://127.0.0.1:{port}/_sim/script", said, 5).close()


def _settings(folder: Path, at: Mapping[str, Command], cupsd: Cupsd) -> Settings:
    log = (folder / "wallet.log").read_text()
    key = next(line.split()[-1] for line in log.splitlines() if line.startswith("front key"))
    (folder / "device.key").write_text(KEY.hex())
    (folder / "front.pub").write_text(key)
    line = {kind: f"tcp://127.0.0.1:{command.port}" for kind, command in at.items()}
    http = {kind: url.replace("tcp", "http") for kind, url in line.items()}
    (folder / "kiosk.toml").write_text(
        f"""profile = "ci"
[devices]
id_card = "samv+{line["id_card"]}"
qr_scanner = "{line["qr_scanner"]}"
receipt_printer = "escpos+{line["receipt_printer"]}"
permit_unit = "cardunit+{line["permit_unit"]}"
permit_reader = "icao+pcsc:"
document_printer = "{cupsd.spooler.url()}"
nav_pad = "evdev+{line["nav_pad"]}"
io_board = "modbus+{line["io_board"]}?lights=id_card:0"
ups = "nut://127.0.0.1:{at["ups"].port}/ups"
[police]
url = "{http["police"]}"
[exit_entry]
url = "{http["exit_entry"]}"
[endorsement]
take_s = 10
[wallet]
url = "{http["wallet"]}"
code_s = 30
late_s = 1
device_key_file = "{folder}/device.key"
public_key_file = "{folder}/front.pub"
[session]
card_s = 8
idle_s = 20
finish_s = 5
[ledger]
url = "sqlite:///{folder}/ledger.db"
key_file = "{folder}/ledger.key"
sweep_s = 5
"""
    )
    return load(folder / "kiosk.toml")
