"""`kiosk diagnose`: examine the configured devices without the kiosk, and hand over the readiness report."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

from config.diagnostics_tables import load_diagnostics
from config.settings import Settings, SettingsError
from config.tables import load_tables
from kiosk import VERSION
from kiosk.care.checkup import Checkup, Examiner, Nobody
from kiosk.care.readiness import as_text, slip
from kiosk.care.readiness_json import as_json
from kiosk.care.supervisor import GONE
from kiosk.diagnostics.reviews import review_remarks
from kiosk.domain.errors import DeviceError
from kiosk.ports.clock import SystemClock
from kiosk.ports.devices import Device, PrintEnd
from kiosk.ports.health import QUESTIONS, Ask, Level, Person
from kiosk.verbs.alone import alone_with, real_urls
from kiosk.verbs.command_words import KINDS
from kiosk.verbs.device_words import WrongUsage, advice, save
from kiosk.verbs.report import Report

ASKS: Mapping[Ask, str] = {
    Ask.PLACE_CARD: "Lay an ID card or a test card on the reader.",
    Ask.REMOVE_CARD: "Take the card away.",
    Ask.LOOK: "Stand before the camera and look into it.",
    Ask.SHOW_CODE: "Hold any QR code before the scanner.",
    Ask.INSERT_PERMIT: "Put a permit or a test card into the slot.",
    Ask.TAKE_PERMIT: "Take the card from the slot.",
    Ask.PRESS_KEYS: "Press each key of the pad once.",
    Ask.PLUG_HEADPHONES: "Plug headphones in, then pull them out.",
    Ask.OPEN_DOOR: "Open the cabinet's door, then close it.",
    Ask.SAW_SLIP: "Did a slip come out, readable and cut?",
    Ask.SAW_PAGE: "Did a page come out, complete?",
    Ask.SAW_LIGHT: "Does the light burn?",
    Ask.SAW_PICTURE: "Is the camera's picture sharp and the right way up?",
}


class Terminal:
    """A `Person` at the terminal. The end of the input, or an answer that is neither yes nor no, is nobody's answer.

    One daemon thread reads: an ordinary one would keep the program from ending until somebody presses Enter.
    """

    def __init__(self, said: TextIO, read: TextIO) -> None:
        self._said = said
        self._read = read
        self._lines: asyncio.Queue[str] = asyncio.Queue()
        self._reading = False
        self._ended = False

    async def ask(self, what: Ask) -> bool | None:
        question = what in QUESTIONS
        while question and self._read.isatty() and not self._lines.empty():
            self._lines.get_nowait()  # typed too late for the question before
        print(ASKS[what] + (" [y/n] " if question else ""), end="" if question else "\n", file=self._said, flush=True)
        if not question:
            return True
        if not self._reading:
            self._reading = True
            loop = asyncio.get_running_loop()
            threading.Thread(target=self._listen, args=(loop,), name="terminal", daemon=True).start()
        line = "" if self._ended and self._lines.empty() else await self._lines.get()
        self._ended = self._ended or not line
        if not line:
            print(file=self._said, flush=True)  # nobody pressed Enter
        return {"y": True, "yes": True, "是": True, "n": False, "no": False, "否": False}.get(line.strip().lower())

    def _listen(self, loop: asyncio.AbstractEventLoop) -> None:
        while True:
            line = self._read.readline()
            try:
                loop.call_soon_threadsafe(self._lines.put_nowait, line)
            except RuntimeError:  # the program is ending
                return
            if not line:
                return


async def diagnose(settings: Settings, arguments: argparse.Namespace | None = None) -> Report:
    """Examine every configured device, or one. Exit status 0 only for the verdict "ready".

    `arguments`, each of which may be missing: `level` 1 to 3, `device` a kind, `out` a file for the JSON document, `print` the report
    on the receipt printer, `json`. Questions go to stderr, answers come from stdin.

    Raises WrongUsage for a device this machine has not, SettingsError for an `out` that cannot be written or tables that cannot be
    read, DeviceTaken where another program has one of the devices.
    """
    wanted = vars(arguments) if arguments is not None else {}
    level = Level(int(wanted.get("level") or 1))
    only = str(wanted.get("device") or "").replace("-", "_")
    from kiosk.cabinet import build_devices

    devices = dict(build_devices(settings).by_name)
    if only and only not in devices:
        raise WrongUsage(f"this machine has no {only}; it has {', '.join(devices)}.")
    if out := wanted.get("out"):
        await _writable(Path(out))
    table = await asyncio.to_thread(load_diagnostics)
    tables = None if only else await asyncio.to_thread(load_tables, settings.kiosk.tables)
    person: Person = Terminal(sys.stderr, sys.stdin) if level is Level.INTERACTIVE else Nobody()
    alarms = () if only else await _alarms(settings)
    examiner = Examiner(devices, SystemClock(), table, needs_of(devices), alarms=alarms, must_pay=must_pay())
    through_camera = only == "qr_scanner" and devices["qr_scanner"].driver.startswith("camera")
    used = {only} if only else set(devices)
    used |= {"camera"} if through_camera else set()
    used |= {"receipt_printer"} if wanted.get("print") else set()
    with alone_with(real_urls(settings.devices, [kind for kind in KINDS if kind in used])):
        try:
            if through_camera:
                await _open_quietly(devices["camera"])  # it reads the codes
            found = await examiner.run(level, person, only)
            anchor = await _kept(settings, found)
            data = _with_todo(as_json(found, settings.kiosk.id, anchor), found, devices)
            remarks = () if tables is None else review_remarks(tables)
            data["remarks"] = list(remarks)
            text = "\n".join((*(f"remark: {remark}" for remark in remarks), as_text(found)))
            good = bool(data["good"])
            if wanted.get("print"):
                data["printed"], sentence = await _print(found, settings, devices, anchor)
                text += f"\n{sentence}"
                good = good and data["printed"] == PrintEnd.DONE
        finally:
            await asyncio.gather(*(device.close() for device in devices.values()))
    if out:
        await save(Path(out), (json.dumps(data, ensure_ascii=False, indent=2) + "\n").encode())
        text += f"\nwritten to {out}"
    return Report(data, text, good)


def needs_of(devices: Mapping[str, Device]) -> dict[str, tuple[str, ...]]:
    """The services of a machine with these devices, and what each cannot do without."""
    from kiosk.journeys.services import SERVICES

    offered = {name: each for name, each in SERVICES.items() if not each.optional or set(each.needs) <= set(devices)}
    return {name: service.needs for name, service in offered.items()}


def must_pay() -> frozenset[str]:
    """The services that are nothing without taking money."""
    from kiosk.journeys.services import SERVICES

    return frozenset(name for name, service in SERVICES.items() if service.pays == "must")


async def _writable(out: Path) -> None:
    """Said before minutes of examination, not after them. Raises SettingsError."""
    if not await asyncio.to_thread(out.parent.is_dir):
        raise SettingsError(f"--out: {out} cannot be written: there is no directory {out.parent}.")


async def _open_quietly(camera: Device) -> None:
    """What is wrong with the camera is found by examining the scanner."""
    try:
        await camera.open()
    except DeviceError as error:
        print(f"{error.device}: {error.hint}", file=sys.stderr)


def _with_todo(data: dict[str, Any], found: Checkup, devices: Mapping[str, Device]) -> dict[str, Any]:
    """Besides what was found: what each device can do, and what is to be done where one did not open."""
    for row, report in zip(data["devices"], found.devices, strict=True):
        device = devices[report.device]
        row["capabilities"] = {key: _plain(value) for key, value in device.capabilities.items()}
        if report.trouble is not None:
            row["todo"] = advice(report.trouble)
    return data


def _plain(value: object) -> Any:
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)


async def _has_ledger(settings: Settings) -> bool:
    kind, _, rest = settings.ledger.url.partition(":///")
    return not kind.startswith("sqlite") or await asyncio.to_thread(Path(rest.partition("?")[0]).is_file)


async def _alarms(settings: Settings) -> tuple[str, ...]:
    """What keeps this machine from taking money. A ledger that cannot be read is said on stderr: it takes none with that either."""
    if not await _has_ledger(settings):
        return ()
    from kiosk.ledger.reconcile_alarm import open_alarms
    from kiosk.verbs.ledger_file import opened

    try:
        async with opened(settings) as store:
            return tuple(row.id for row in await open_alarms(store))
    except SettingsError as error:
        print(f"kiosk: the work list was not read: {error}", file=sys.stderr)
        return ()


async def _kept(settings: Settings, found: Checkup) -> str:
    """Keep the report in the logbook of a machine that has one; returns the newest row of its audit chain, for the paper.

    A machine that never ran has no ledger yet, and examining devices makes none. One that cannot be written keeps nobody from knowing
    how the devices are: it is said on stderr.
    """
    if not await _has_ledger(settings):
        return ""
    from kiosk.ledger.audit import Audit
    from kiosk.ledger.audit_head import head_file
    from kiosk.ledger.logbook import Logbook
    from kiosk.verbs.ledger_file import opened

    try:
        async with opened(settings) as store:
            head = head_file(settings.ledger.url, settings.ledger.key_file)
            anchor = await Audit(store, SystemClock(), bytes(32), head).anchor()  # looking needs no key
            report = as_json(found, settings.kiosk.id, anchor)
            await Logbook(store, SystemClock()).keep(int(found.level), str(found.verdict), report)
            return anchor
    except SettingsError as error:
        print(f"kiosk: the report was not kept: {error}", file=sys.stderr)
        return ""


async def _print(found: Checkup, settings: Settings, devices: Mapping[str, Device], anchor: str) -> tuple[str, str]:
    """The report on paper: how the job ended, and a sentence."""
    from kiosk.journeys.services import SERVICES

    printer: Any = devices["receipt_printer"]
    titles = {name: service.card.title for name, service in SERVICES.items()}
    paper = slip(
        found,
        load_diagnostics(),
        titles,
        kiosk_id=settings.kiosk.id,
        version=VERSION,
        staff="",
        audit=anchor,
        printed_at=SystemClock().now(),
    )
    try:
        if printer.status().link in GONE:
            await printer.open()  # it was not among the examined
        outcome = await printer.print_slip(paper, "READINESS")
    except DeviceError as error:
        return str(PrintEnd.FAILED), f"not printed: {error.hint}"
    detail = f" ({outcome.detail})" if outcome.detail else ""
    return str(outcome.end), f"printed: {outcome.end}{detail}"
