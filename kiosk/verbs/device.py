"""`kiosk device` and `kiosk diagnose`: every device can be driven without the kiosk."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from config.settings import Settings, SettingsError
from kiosk.domain.errors import DeviceError
from kiosk.domain.identity import mask_name, mask_number
from kiosk.ports.controls import SignaturePad
from kiosk.ports.devices import Camera, Device, DeviceStatus, IdCardReader, Link, QrScanner
from kiosk.ports.permit import PermitUnit
from kiosk.verbs.alone import alone_with, real_url
from kiosk.verbs.device_documents import document_acts
from kiosk.verbs.device_permit import add_counters, reader_acts, unit_acts
from kiosk.verbs.device_signature import signature_acts
from kiosk.verbs.device_words import WrongUsage, advice, save
from kiosk.verbs.report import Report
from kiosk.verbs.tapes import NoTape, Recording, tape_of

if TYPE_CHECKING:
    from drivers.document_printer.printer import CupsPrinter
    from drivers.receipt_printer.printer import EscposPrinter
    from drivers.registry import Registry

BAD_LINKS = (Link.CLOSED, Link.OFFLINE, Link.FAULT)
PERMIT_PAIR = {"permit_unit": "cardunit+sim:", "permit_reader": "icao+sim:"}
BAD_PARTS = ("out", "jammed", "open", "stalled", "frozen", "covered", "selftest_failed", "unauthorised", "overheated")
BAD_BIN = ("full", "missing")


def _devices(settings: Settings, kind: str = "", url: str = "", registry: Registry | None = None) -> dict[str, Device]:
    from kiosk.cabinet import build_devices

    if kind and url:
        wanted = {**settings.devices.model_dump(), kind: url}
        if kind in PERMIT_PAIR:  # one of the pair can be tried alone; the other is not opened then
            wanted = {**wanted, **{name: wanted[name] or stand_in for name, stand_in in PERMIT_PAIR.items()}}
        try:
            settings = settings.model_copy(update={"devices": type(settings.devices)(**wanted)})
        except ValueError as error:
            raise WrongUsage(f"--url: {url!r} is not a {kind}: {_first_line(error)}.") from None
        try:
            return dict(build_devices(settings, registry=registry).by_name)
        except SettingsError as error:
            if url in str(error) or url.partition("+")[2] in str(error):
                raise WrongUsage(f"--url: {str(error).removeprefix('devices: ')}") from None
            raise
    return dict(build_devices(settings, registry=registry).by_name)


def _first_line(error: ValueError) -> str:
    lines = [line.strip() for line in str(error).splitlines()]
    said = next((line for line in lines if line.startswith("Value error, ")), lines[0])
    return said.removeprefix("Value error, ").split(" [type=")[0]


def good(status: DeviceStatus) -> bool:
    return status.link not in BAD_LINKS and not any(_bad(name, value) for name, value in status.parts.items())


def _bad(part: str, value: str) -> bool:
    if part == "shutter":  # a slot may be open
        return False
    return value in (BAD_BIN if part == "bin" else BAD_PARTS)


def status_data(device: Device, status: DeviceStatus) -> dict[str, Any]:
    return {
        "device": device.device_id,
        "driver": device.driver,
        "simulated": device.simulated,
        "link": str(status.link),
        "parts": dict(status.parts),
        "detail": status.detail,
        "capabilities": {key: _plain(value) for key, value in device.capabilities.items()},
    }


def _plain(value: object) -> Any:
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)


def _status_text(device: Device, status: DeviceStatus) -> str:
    parts = ", ".join(f"{name} {value}" for name, value in status.parts.items())
    mark = " (simulated)" if device.simulated else ""
    return (
        f"{device.device_id}: {status.link}{mark}"
        + (f"; {parts}" if parts else "")
        + (f"\n  {status.detail}" if status.detail else "")
    )


async def drive(settings: Settings, arguments: argparse.Namespace) -> Report:
    """One verb on one device. Trouble with the device is a sentence and exit status 1, never a traceback."""
    tape = tape_of(settings, arguments)
    used = {arguments.kind, *(("permit_unit",) if arguments.kind == "permit_reader" else ())}
    urls = {kind: str(getattr(settings.devices, kind)) for kind in used}
    urls[arguments.kind] = tape.url or urls[arguments.kind]
    if urls.get("qr_scanner") == "camera:":  # the camera reads the codes
        urls["camera"] = settings.devices.camera
    try:
        with alone_with({kind: url for each, wanted in urls.items() for kind, url in real_url(each, wanted).items()}):
            report = await _drive(settings, arguments, tape)
    finally:
        tape.close()
    return tape.told(report)


async def _drive(settings: Settings, arguments: argparse.Namespace, tape: NoTape) -> Report:
    devices = _devices(settings, arguments.kind, tape.url, tape.registry())
    if isinstance(tape, Recording):
        tape.started()
    if arguments.kind not in devices:
        raise SettingsError(f"this machine has no {arguments.kind}; name one in the settings or with --url.")
    device = devices[arguments.kind]
    if tape.url and arguments.kind == "permit_reader" and _brings_no_card(settings, devices):
        del devices["permit_unit"]
    acts: dict[tuple[str, str], Callable[[], Awaitable[Report]]] = {
        ("id_card", "read"): lambda: _read(cast(IdCardReader, device), arguments.timeout, arguments.show),
        ("camera", "frame"): lambda: _frame(cast(Camera, device), arguments.timeout, arguments.out),
        ("qr_scanner", "scan"): lambda: _scan(cast(QrScanner, device), arguments.timeout, arguments.show),
        ("receipt_printer", "print-test"): lambda: _print_test(cast("EscposPrinter", device)),
    }
    timeout, show = arguments.timeout, arguments.show
    if arguments.kind == "permit_unit":
        verbs = unit_acts(cast(PermitUnit, device), timeout, show, arguments.out)
        acts |= {("permit_unit", verb): act for verb, act in verbs.items()}
    elif arguments.kind == "permit_reader":
        acts |= {
            ("permit_reader", verb): act for verb, act in reader_acts(devices, timeout, show, arguments.line).items()
        }
    elif arguments.kind == "document_printer":
        acts |= {("document_printer", verb): act for verb, act in document_acts(cast("CupsPrinter", device)).items()}
    elif arguments.kind == "signature_pad":
        signing = signature_acts(cast(SignaturePad, device), timeout, arguments.out)
        acts |= {("signature_pad", verb): act for verb, act in signing.items()}
    act = acts.get((arguments.kind, arguments.action))
    if act is None and arguments.action not in ("status", "health"):
        known = sorted(action for kind, action in acts if kind == arguments.kind)
        raise WrongUsage(
            f"{arguments.kind} cannot {arguments.action}; it can: {', '.join(['status', 'health', *known])}."
        )
    try:
        if arguments.kind == "qr_scanner" and "camera" in devices:
            await devices["camera"].open()
        await device.open()
        if act is not None:
            return await act()
        status = await device.check()
        data, text = {**status_data(device, status), "good": good(status)}, _status_text(device, status)
        if arguments.kind == "permit_unit":
            text += await add_counters(cast(PermitUnit, device), data)
        return Report(data, text, good(status))
    except DeviceError as error:
        asked = devices.get(error.device)
        todo = advice(error, simulated=asked is not None and asked.simulated)
        data = {
            "good": False,
            "device": error.device,
            "error": str(error.kind),
            "hint": error.hint,
            "todo": todo,
            "native": error.native,
        }
        return Report(data, f"{error.device}: {error.kind}: {error.hint} {todo}".rstrip(), False)
    finally:
        await asyncio.gather(*(each.close() for each in devices.values()))


def _brings_no_card(settings: Settings, devices: dict[str, Device]) -> bool:
    """The unit is only a stand-in, or a simulated one of this process that can hold no card for a real reader."""
    return not settings.devices.permit_unit or (
        devices["permit_unit"].simulated and not devices["permit_reader"].simulated
    )


async def _read(reader: IdCardReader, timeout: float, show: bool) -> Report:
    card = await reader.wait_card(timeout)
    name, number = (card.name, card.number) if show else (mask_name(card.name), mask_number(card.number))
    data = {
        "kind": str(card.kind),
        "name": name,
        "number": number,
        "valid_to": card.valid_to.isoformat() if card.valid_to else None,
        "photo": card.photo is not None,
    }
    return Report(data, f"{card.kind}: {name} {number}, valid to {data['valid_to'] or '长期'}", True)


async def _frame(camera: Camera, timeout: float, out: Path | None) -> Report:
    frame = await camera.latest(timeout)
    data: dict[str, Any] = {"width": frame.width, "height": frame.height, "seq": frame.seq}
    if out is not None:
        import cv2
        import numpy as np

        picture = np.frombuffer(frame.bgr, np.uint8).reshape(frame.height, frame.width, 3)
        await save(out, cv2.imencode(".png", picture)[1].tobytes())
        data["file"] = str(out)
    return Report(data, f"one frame of {frame.width}×{frame.height}" + (f" written to {out}" if out else ""), True)


async def _scan(scanner: QrScanner, timeout: float, show: bool) -> Report:
    scan = await scanner.scan(timeout)
    data: dict[str, Any] = {"symbology": scan.symbology, "bytes": len(scan.raw), "text": scan.text if show else None}
    return Report(data, f"{scan.symbology}, {len(scan.raw)} bytes" + (f": {scan.text}" if show else ""), True)


async def _print_test(printer: EscposPrinter) -> Report:
    outcome = await printer.print_test()
    data = {"job": outcome.job_id, "end": str(outcome.end), "trouble": outcome.kind, "detail": outcome.detail}
    text = f"test page: {outcome.end}" + (f" ({outcome.detail})" if outcome.detail else "")
    return Report(data, text, outcome.end == "done")
