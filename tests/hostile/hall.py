"""A whole machine over its simulators with short deadlines, a citizen who meets trouble, and the questions asked afterwards."""

from __future__ import annotations

import asyncio
import dataclasses
import re
from collections.abc import AsyncIterator, Mapping, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog

from config.scenarios import Scenario, load_scenario
from config.settings import Settings, load
from kiosk.app import Machine, assemble
from kiosk.journeys.lobby import Ended
from kiosk.journeys.services import run_violation
from kiosk.ledger.check import check
from kiosk.ports.clock import SystemClock
from kiosk.rehearsal import Citizen, Rehearsal
from kiosk.screens import common
from kiosk.screens.base import Screen
from tests.ledger.blank import blank_ledger

PRINTER = "escpos+sim:?stall=0.3&job=1.5&settle=0.2&answer=0.1&poll=0.1"
WORDS = re.compile(
    r"[a-z]{2,}|Traceback|Error|Exception|HTTP|JSON|SW3|TCP|None|%s|\{|\}|timeout|异常|报错|协议|超时|接口|服务器", re.I
)
"""What a citizen should never read. Capital letters alone may be a plate."""
SMALL_PRINT = re.compile(r"[A-Za-z0-9_.-]{0,70}")

PERSON = """
name = "hostile_{n}"
title = "试验"
description = "One record, staff check."
outcome = "paid"
[person]
name = {name}
birth = 1990-01-{n:02d}
sex = "1"
face_seed = {n}
valid_from = "today-6y"
valid_to = "today+14y"
[licence]
first_issued = "today-9y"
valid_to = "today+1y"
file_no = "3302000090{n:02d}"
[[vehicle]]
plate = "浙BH{n:02d}T{n1}"
vin = "LTEST00AXR00090{n:02d}"
engine = "MN090{n:02d}"
[[record]]
id = "33020390000000{n:02d}"
at = "today-9d 17:42"
place = "宁波市海曙区环城西路与丽园南路交叉口"
code = "1345"
photos = 1
[wallet]
preset = "pays"
seconds = 0
[citizen]
face_consent = {consent}
staff = "approves"
"""


def person(folder: Path, n: int, *, name: str = "谢演练", consent: bool = False) -> Scenario:
    """Citizen number `n` with a vehicle and a record of their own."""
    file = folder / f"hostile_{n}.toml"
    quoted = "".join(f"\\U{ord(char):08X}" for char in name)
    file.write_text(PERSON.format(n=n, n1=n % 10, name=f'"{quoted}"', consent=str(consent).lower()))
    return load_scenario(file, SystemClock().now().date())


def quick_settings(folder: Path, **sections: Mapping[str, Any]) -> Settings:
    """The ci profile with deadlines of a tenth; `sections` on top, by name."""
    wanted: dict[str, dict[str, Any]] = {
        "ledger": {"url": f"sqlite:///{folder}/ledger.db", "key_file": folder / "ledger.key"},
        "police": {"connect_s": 0.8, "read_s": 0.8},
        "wallet": {"connect_s": 0.8, "read_s": 0.8, "poll_s": 0.05, "code_s": 3.0, "late_s": 0.1},
        "devices": {"receipt_printer": PRINTER},
        "session": {"card_s": 2.0, "idle_s": 5.0},
    }
    for name, values in sections.items():
        wanted[name] = {**wanted.get(name, {}), **values}
    base = load(profile="ci")
    return base.model_copy(
        update={name: getattr(base, name).model_copy(update=values) for name, values in wanted.items()}
    )


@dataclass
class Visit:
    """What one citizen lived through."""

    ended: Ended
    desk: Rehearsal

    def said(self) -> list[str]:
        """Every sentence the citizen was told about trouble or about waiting."""
        found: list[str] = []
        for screen in (*self.desk.shown, *self.desk.updates):
            found += sentences(screen)
        return found

    def codes(self) -> list[str]:
        return [screen.code for screen in self.desk.shown if isinstance(screen, common.Message)]

    def messages(self) -> list[common.Message]:
        return [screen for screen in self.desk.shown if isinstance(screen, common.Message)]


def sentences(screen: Screen[Any]) -> list[str]:
    match screen:
        case common.Message():
            assert screen.title
            assert SMALL_PRINT.fullmatch(screen.code), screen.code
            return [screen.title, screen.body]
        case common.PlaceIdCard() | common.StaffCheck():
            return [screen.trouble] if screen.trouble else []
        case common.Working():
            return [screen.title, *([screen.note] if screen.note else [])]
        case common.Finish():
            return [screen.title, *screen.notes]
    return []


def plain(text: str) -> bool:
    """Chinese that a citizen understands: full stops of their own language, no words of ours."""
    return bool(re.search("[\u4e00-\u9fff]", text)) and not WORDS.search(text) and "！" not in text


@dataclass
class Hall:
    machine: Machine
    people: list[Scenario]
    log: list[MutableMapping[str, Any]] = field(default_factory=list)

    async def visit(self, n: int = 0, *, within: float = 15.0, citizen: Citizen | None = None) -> Visit:
        """One session; nothing may escape from it, and it ends within the deadline."""
        citizen = citizen or Citizen(self.people[n], self.machine.virtual)
        citizen.arrive()
        desk = Rehearsal(citizen)
        async with asyncio.timeout(within):
            ended = await run_violation(self.machine.kit(desk))
        citizen.leave()
        visit = Visit(ended, desk)
        for text in visit.said():
            assert plain(text), text
        assert desk.wiped
        return visit

    def tell(self, device: str, **command: Any) -> None:
        self.machine.virtual[device].control(command)

    async def in_order(self) -> None:
        """The money's state, told from the ledger alone."""
        assert await check(self.machine.books.store, self.machine.clock.now()) == []

    async def served(self, n: int = 1) -> Visit:
        """The next citizen, with everything mended, is served to the end."""
        await self.machine.supervisor.look_now("id_card")
        visit = await self.visit(n)
        assert visit.ended.outcome == "paid"
        await self.in_order()
        return visit

    def events(self) -> set[str]:
        return {str(entry["event"]) for entry in self.log}


@asynccontextmanager
async def hall(
    folder: Path, *, people: list[Scenario] | None = None, **sections: Mapping[str, Any]
) -> AsyncIterator[Hall]:
    """The machine with its devices open and nobody looking after them meanwhile."""
    people = people or [person(folder, 1), person(folder, 2)]
    await blank_ledger(folder / "ledger.db")
    with structlog.testing.capture_logs() as log:
        async with assemble(quick_settings(folder, **sections), scenarios=people, attend=False) as machine:
            machine = with_quick_reader(machine)
            await machine.devices.id_card.open()
            await machine.devices.printer.open()
            try:
                yield Hall(machine, people, log)
            finally:
                await machine.devices.id_card.close()


def with_quick_reader(machine: Machine) -> Machine:
    """The reader's timing is the driver's own, not a setting: here it is a tenth."""
    from drivers.id_card.photo import make_decoder
    from drivers.id_card.reader import SamvReader
    from drivers.transport.url import open_transport

    simulator: Any = machine.virtual["id_card"]
    reader = SamvReader(
        open_transport("sim:", simulator),
        make_decoder("sim"),
        header_timeout=0.12,
        body_timeout=0.15,
        watchdog=1.0,
        find_interval=0.02,
        settle=0.01,
    )
    devices = dataclasses.replace(
        machine.devices, id_card=reader, by_name={**machine.devices.by_name, "id_card": reader}
    )
    return dataclasses.replace(machine, devices=devices)
