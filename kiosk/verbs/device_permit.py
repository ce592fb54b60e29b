"""`kiosk device permit_unit …` and `kiosk device permit_reader read`: the card unit and the chip reader, driven without the kiosk."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, cast

from kiosk.domain.chip_text import ChipTextError, parse_dg1
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.domain.identity import mask_name, mask_number
from kiosk.domain.mrz import LineError, parse_line
from kiosk.domain.permit import ChipData, ChipHolder, PermitLine
from kiosk.ports.clock import SystemClock
from kiosk.ports.devices import Device
from kiosk.ports.permit import CardPlace, PermitReader, PermitUnit
from kiosk.verbs.device_words import WrongUsage, advice, line_trouble, save
from kiosk.verbs.report import Report

Act = Callable[[], Awaitable[Report]]


def unit_acts(unit: PermitUnit, timeout: float, show: bool, out: Path | None) -> dict[str, Act]:
    """The verbs of the card unit, besides status and health."""
    return {
        "accept": lambda: _accept(unit, timeout),
        "eject": lambda: _moved(unit, unit.eject),
        "retain": lambda: _moved(unit, unit.retain),
        "line": lambda: _line(unit, show),
        "written": lambda: _written(unit, show),
        "picture": lambda: _picture(unit, out),
    }


def reader_acts(devices: Mapping[str, Device], timeout: float, show: bool, line: str) -> dict[str, Act]:
    """The verb of the chip reader. Without `line` the unit reads it: it draws a card in, and gives that card back at the end."""
    reader = cast(PermitReader, devices["permit_reader"])
    unit = cast("PermitUnit | None", devices.get("permit_unit"))
    return {"read": lambda: _read(reader, unit, timeout, show, line)}


async def add_counters(unit: PermitUnit, data: dict[str, Any]) -> str:
    """Put what the unit counts into its status; returns the words for people."""
    try:
        data["bin_count"] = await unit.bin_count()
    except DeviceError as error:
        data["bin_count"] = None
        return f"\n  cards kept: {error.kind}"
    return f"\n  cards kept since it was made: {data['bin_count']}"


async def _accept(unit: PermitUnit, timeout: float) -> Report:
    try:
        await unit.accept(timeout)
    except DeviceError:
        await unit.stop_accepting()
        raise
    return await _moved(unit, None)


async def _moved(unit: PermitUnit, move: Callable[[], Awaitable[None]] | None) -> Report:
    if move is not None:
        await move()
    place = await unit.place()
    data = {"place": str(place), "bin_count": await unit.bin_count()}
    return Report(data, f"card: {place}; cards kept: {data['bin_count']}", place is not CardPlace.JAMMED)


async def _line(unit: PermitUnit, show: bool) -> Report:
    raw = await unit.read_line()
    data: dict[str, Any] = {"length": len(raw), "text": raw if show else None}
    try:
        line = parse_line(raw, SystemClock().now().date())
    except LineError as error:
        trouble = _unusable(raw, error)
        todo = advice(trouble)
        data |= {"good": False, "trouble": error.why, "error": str(trouble.kind), "hint": trouble.hint, "todo": todo}
        said = f"permit_unit: {trouble.kind}: {trouble.hint} {todo}"
        return Report(data, said + (f"\n  {raw}" if show else ""), False)
    data |= _line_data(line, show)
    return Report(data, _line_text(line, show), True)


def _line_data(line: PermitLine, show: bool) -> dict[str, Any]:
    return {
        "kind": str(line.kind),
        "number": line.number if show else mask_number(line.number),
        "valid_to": line.expiry.isoformat(),
        "birth": line.birth if show else None,
        "repaired": line.repaired,
    }


def _line_text(line: PermitLine, show: bool) -> str:
    number = line.number if show else mask_number(line.number)
    repaired = "; read slightly wrong and repaired" if line.repaired else ""
    return f"{line.kind} {number}, valid to {line.expiry}{repaired}"


def _unusable(raw: str, error: LineError) -> DeviceError:
    if not raw.strip():
        hint = (
            "The unit read no line. See that the printed line faces its reader, and that the reader's glass is clean."
        )
    else:
        hint = f"The unit read a line that cannot be right ({len(raw)} characters): {line_trouble(error)}."
    return DeviceError(ErrorKind.MEDIA_BAD, "permit_unit", hint, "LINE")


async def _written(unit: PermitUnit, show: bool) -> Report:
    numbers = await unit.written()
    shown = [number if show else mask_number(number) for number in numbers]
    return Report({"endorsements": shown}, f"{len(shown)} on the chip" + "".join(f"\n  {each}" for each in shown), True)


async def _picture(unit: PermitUnit, out: Path | None) -> Report:
    picture = await unit.picture()
    data: dict[str, Any] = {"media_type": picture.media_type, "bytes": len(picture.data)}
    if out is not None:
        await save(out, picture.data)
        data["file"] = str(out)
    written = f" written to {out}" if out else ""
    return Report(data, f"{picture.media_type}, {len(picture.data)} bytes{written}", True)


async def _read(reader: PermitReader, unit: PermitUnit | None, timeout: float, show: bool, text: str) -> Report:
    if text:
        return await _read_with(reader, _own_line(text), timeout, show)
    if unit is None:
        raise WrongUsage("this machine has no card unit to read the line with; give it with --line.")
    await unit.open()
    ours = not (await unit.place()).inside
    if ours:
        await _accept(unit, timeout)
    try:
        raw = await unit.read_line()
        try:
            line = parse_line(raw, SystemClock().now().date())
        except LineError as error:
            raise _unusable(raw, error) from None
        return await _read_with(reader, line, timeout, show)
    finally:
        if ours:
            await unit.eject()


def _own_line(text: str) -> PermitLine:
    try:
        return parse_line(text, SystemClock().now().date())
    except LineError as error:
        raise WrongUsage(f"--line: this is no permit's line: {line_trouble(error)}.") from None


async def _read_with(reader: PermitReader, line: PermitLine, timeout: float, show: bool) -> Report:
    chip = await reader.read(line.key, timeout)
    try:
        holder = parse_dg1(chip.dg1, SystemClock().now().date())
    except (ChipTextError, LineError) as error:
        return Report({"error": str(error)}, f"permit_reader: {error}", False)
    data = _holder_data(holder, chip, show)
    photo = "no photo" if chip.photo is None else chip.photo.media_type
    hashes = {True: "data as signed", False: "data differ from EF.SOD", None: "no EF.SOD"}[chip.hashes_fit]
    text = f"{data['name']} {_line_text(holder.line, show)}; {chip.protocol.upper()}, {photo}, {hashes}"
    return Report(data, text, chip.hashes_fit is not False)


def _holder_data(holder: ChipHolder, chip: ChipData, show: bool) -> dict[str, Any]:
    name = chip.full_name or holder.name
    return {
        **_line_data(holder.line, show),
        "name": name if show else mask_name(name),
        "name_truncated": holder.name_truncated and not chip.full_name,
        "pinyin": holder.pinyin if show else None,
        "sex": holder.sex if show else None,
        "id_number": (chip.personal_number if show else mask_number(chip.personal_number)) or None,
        "photo": chip.photo is not None,
        "photo_type": chip.photo.media_type if chip.photo is not None else None,
        "protocol": chip.protocol,
        "hashes_fit": chip.hashes_fit,
    }
