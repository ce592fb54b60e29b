"""What `kiosk device` says to a technician besides what the device told: what to do now, and which words were wrong."""

from __future__ import annotations

import asyncio
from pathlib import Path

from config.settings import SettingsError
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.domain.mrz import LineError

_ANY: dict[ErrorKind, str] = {
    ErrorKind.PERMISSION: "Give the kiosk's user the right to open it.",
    ErrorKind.BUSY: "Another program uses it: end the kiosk first.",
}
_UNIT: dict[ErrorKind, str] = {
    ErrorKind.OFFLINE: "Look at its power, its cable and its address in the settings or --url.",
    ErrorKind.TIMEOUT: "Look at its power, its cable and its address; on a serial line also at the speed.",
    ErrorKind.PROTOCOL: "See whether that is a permit unit's line, and on a serial line whether the speed is right.",
    ErrorKind.NO_MEDIA: "Push the card into the slot while it waits; --timeout says for how long.",
    ErrorKind.MEDIA_NOT_TAKEN: "Give it out with `eject`, or keep it with `retain`.",
    ErrorKind.MEDIA_JAMMED: "Try `eject`; if that fails, open the unit and take the card out.",
    ErrorKind.MEDIA_BAD: "Try again with the card the right way round, then with another card.",
    ErrorKind.SUPPLY_OUT: "Empty the bin and put it back; the card is where it was.",
    ErrorKind.HARDWARE: "Try again; if that fails, switch the unit off and on, then call its maker's service.",
}
_READER: dict[ErrorKind, str] = {
    ErrorKind.OFFLINE: "See that pcscd runs, that the reader is plugged in, and its name in the settings or --url.",
    ErrorKind.TIMEOUT: "Take the card away and lay it there again; if that fails, restart pcscd.",
    ErrorKind.NO_MEDIA: "Lay the permit on the reader; a reader that sees it says so with `status`.",
    ErrorKind.MEDIA_REMOVED: "Leave the card where it is until the reading has ended.",
    ErrorKind.MEDIA_BAD: "See whether the line is that of this card, then try another card.",
    ErrorKind.UNSUPPORTED: "Try a travel permit.",
}
_NATIVE = {
    ("permit_unit", "E43"): "Put a card in with `kiosk device permit_unit accept`.",
    ("permit_reader", "0x8010000B"): "End that program.",
}
_NOBODY = "Nobody stands before a simulator inside this process: start `kiosk simulate permit-unit` and give its --url."
_OWN = {"permit_unit": _UNIT, "permit_reader": _READER}
_LINE = {
    "length": "it is not 30 characters long",
    "layout": "its parts do not stand where a permit's do",
    "number": "there is no permit number in it",
    "number_check": "the check digit of the number does not fit",
    "expiry_check": "the check digit of the expiry date does not fit",
    "birth_check": "the check digit of the date of birth does not fit",
    "composite_check": "the check digit of the whole line does not fit",
    "expiry_date": "its expiry date is no date",
    "birth_date": "its date of birth is no date",
    "ambiguous": "it can be read in more than one way",
}


class WrongUsage(SettingsError):
    """The words of the command make no sense; nothing was done (exit status 2)."""


def advice(error: DeviceError, *, simulated: bool = False) -> str:
    """What to do about it: one sentence, empty where the hint says all there is. `simulated`: the device is in this process."""
    if simulated and error.kind is ErrorKind.NO_MEDIA and error.device == "permit_unit":
        return _NOBODY
    if found := _NATIVE.get((error.device, error.native)):
        return found
    return _OWN.get(error.device, {}).get(error.kind) or (_ANY.get(error.kind, "") if error.device in _OWN else "")


def line_trouble(error: LineError) -> str:
    """Why a printed line cannot be right, in words, without the line."""
    return _LINE.get(error.why, str(error.why))


async def save(out: Path, data: bytes) -> None:
    """Write what a verb was asked for. Raises SettingsError with one sentence."""
    try:
        await asyncio.to_thread(out.write_bytes, data)
    except OSError as error:
        raise SettingsError(f"--out: {out} cannot be written: {error.strerror or error}.") from None
