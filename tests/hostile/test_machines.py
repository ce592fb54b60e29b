"""Garbage from the printer, the camera and the scanner."""

from __future__ import annotations

import asyncio
import dataclasses
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from config.settings import load
from kiosk.cabinet import build_devices
from kiosk.domain.errors import DeviceError
from kiosk.journeys.lobby import home
from kiosk.journeys.services import SERVICES, run_reprint
from kiosk.ledger.states import Kind
from kiosk.ports.devices import Link
from kiosk.rehearsal import Citizen, Rehearsal
from kiosk.screens import common
from kiosk.screens.robot import WAIT
from tests.hostile.hall import Hall, hall, person, plain

PRINTER = {
    "silence": [{"do": "fault", "id": "PRN.MUTE_STATUS", "count": None}],
    "mute_line": [{"do": "fault", "id": "LINE.MUTE", "count": None}],
    "random_status": [{"do": "fault", "id": "LINE.GARBLE", "count": None}],
    "power_loss": [{"do": "fault", "id": "PRN.POWER_LOSS", "after": 700}],
    "unplugged": [{"do": "unplug"}],
    "paper_out": [{"do": "paper", "state": "out"}],
    "paper_ends": [{"do": "paper_out_after", "lines": 4}],
    "cover_open": [{"do": "cover", "open": True}],
    "xoff": [{"do": "fault", "id": "PRN.XOFF", "count": None}],
    "blocked": [{"do": "fault", "id": "LINE.BLOCK", "count": None}],
    "knife": [{"do": "fault", "id": "PRN.CUTTER"}],
    "hangup": [{"do": "fault", "id": "LINE.HANGUP_MID"}, {"do": "fault", "id": "LINE.REFUSE", "count": None}],
    "hot": [{"do": "fault", "id": "PRN.HOT", "count": None}],
    "button": [{"do": "fault", "id": "PRN.OFFLINE", "count": None}],
}
MENDED = ({"do": "clear"}, {"do": "plug"}, {"do": "cover", "open": False}, {"do": "refill"}, {"do": "tear"})


@pytest.mark.parametrize("trouble", PRINTER)
async def test_printer(tmp_path: Path, trouble: str) -> None:
    """The money is done, the paper is not: told so, nothing is charged again, and a copy can be had."""
    async with hall(tmp_path) as place:
        for command in PRINTER[trouble]:
            place.tell("receipt_printer", **command)
        visit = await place.visit()
        assert visit.ended.outcome == "printed_later"
        assert "W-PRN-01" in visit.codes()
        assert "print_trouble" in place.events()
        assert {job.state for job in await place.machine.books.store.find(Kind.PRINT)} <= {
            "failed",
            "uncertain",
            "done",
        }
        await place.in_order()
        if trouble not in ("paper_ends", "power_loss"):
            await place.machine.devices.printer.check()
            shown = {name: state.shown for name, state in place.machine.supervisor.states().items()}
            reason = home(SERVICES, shown).services[0].unavailable
            assert not reason or plain(reason)
        for command in MENDED:
            place.tell("receipt_printer", **command)
        if place.machine.devices.printer.status().link is Link.OFFLINE:
            await place.machine.devices.printer.open()
        await place.served()
        citizen = Citizen(place.people[0], place.machine.virtual)
        citizen.arrive()
        async with asyncio.timeout(10):
            assert (await run_reprint(place.machine.kit(Rehearsal(citizen)))).outcome == "completed"
        await place.in_order()


@asynccontextmanager
async def babbling_printer() -> AsyncIterator[int]:
    dice = random.Random(11)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.read(4096):
                writer.write(dice.randbytes(dice.randrange(1, 40)))
                await writer.drain()
        except ConnectionError:
            return
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_a_printer_that_only_babbles(tmp_path: Path) -> None:
    async with babbling_printer() as port, hall(tmp_path) as place:
        url = f"escpos+tcp://127.0.0.1:{port}?stall=0.3&job=1&settle=0.2&answer=0.1&poll=0.1"
        base = load(profile="ci")
        devices = base.devices.model_copy(update={"receipt_printer": url})
        printer = build_devices(base.model_copy(update={"devices": devices})).printer
        books = dataclasses.replace(
            place.machine.books, press=type(place.machine.books.press)(place.machine.books.store, printer)
        )
        place.machine = dataclasses.replace(place.machine, books=books)
        try:
            await printer.open()
        except DeviceError as error:
            hint = error.hint
        else:
            hint = "open"
        assert hint
        visit = await place.visit()
        assert visit.ended.outcome in ("printed_later", "paid")
        assert all(job.state != "printing" for job in await place.machine.books.store.find(Kind.PRINT))
        await place.in_order()
        await printer.close()


class Blocker(Citizen):
    """Looks into the camera, and in that moment something happens to it."""

    def __init__(self, place: Hall, fault: str) -> None:
        super().__init__(place.people[0], place.machine.virtual)
        self.replies[common.FaceCheck] = self._look
        self._place, self._fault, self._done = place, fault, False

    def _look(self, screen: common.FaceCheck) -> Any:
        if screen.frame is not None and not self._done:
            self._done = True
            self._place.tell("camera", do="fault", id=self._fault)
        return WAIT


@pytest.mark.timeout(60)
async def test_camera(tmp_path: Path) -> None:
    """Unplugged, stalled, covered, frozen, crashed while it looks: staff are offered and the visit goes on."""
    people = [person(tmp_path, 1, consent=True)]
    faults = ("CAM.UNPLUG", "CAM.STALL", "CAM.COVERED", "CAM.FROZEN", "CAM.CRASH")
    async with hall(tmp_path, people=people) as place:
        await place.machine.devices.by_name["camera"].open()
        for fault in faults:
            visit = await place.visit(citizen=Blocker(place, fault), within=20)
            # The record is decided after the first visit; the later ones end where there is nothing left to handle.
            assert visit.ended.outcome in ("paid", "nothing_open")
            offered = [m for m in visit.messages() if m.code.startswith("D-CAM")]
            assert offered, fault
            assert "staff" in [button.id for button in offered[0].buttons]
            assert any(isinstance(screen, common.StaffCheck) for screen in visit.desk.shown)
            assert "camera_trouble" in place.events()
            place.log.clear()
            place.tell("camera", do="clear")
            await place.machine.devices.by_name["camera"].open()
        await place.in_order()


CODES = {
    "10_kB": b"9" * 10_000,
    "random": random.Random(5).randbytes(2_000),
    "gbk": "张示例，浙B12345".encode("gbk"),
    "nul": b"28\x00763512\x00\x00",
    "escpos": b"\x1b@\x1di\x10\x04\x01",
    "suffixes": b"\r\n\r\n\x03\r\x00",
}


@pytest.mark.parametrize("code", CODES.values(), ids=CODES)
async def test_scanner(tmp_path: Path, code: bytes) -> None:
    """What somebody holds before the scanner changes nothing in a visit, and is given as bytes or not at all."""
    async with hall(tmp_path, devices={"qr_scanner": "sim:"}) as place:
        scanner: Any = place.machine.devices.by_name["qr_scanner"]
        await scanner.open()
        place.tell("qr_scanner", do="show", hex=code.hex())
        assert (await place.visit()).ended.outcome == "paid"
        place.tell("qr_scanner", do="press")
        scan = None
        try:
            scan = await scanner.scan(0.5)
        except DeviceError as error:
            place.log.append({"event": "scan_failed", "hint": error.hint})
        assert scan is not None or "scan_failed" in place.events()
        if scan is not None:
            assert len(scan.raw) <= 16 * 1024
            assert code.hex() not in repr(scan)
            assert repr(code)[2:-1] not in repr(scan)
        assert scanner.status().link in (Link.READY, Link.DEGRADED)
        await place.served()
