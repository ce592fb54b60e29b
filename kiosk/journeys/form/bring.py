"""Answers brought along on a phone, as a signed code (docs/form-payload.md)."""

from __future__ import annotations

from dataclasses import replace

import structlog

from config.form_tables import NAME_LETTERS
from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.domain.forms.brought import NotTheSame, adopt
from kiosk.domain.forms.payload import PayloadError, decode_payload
from kiosk.domain.forms.record import Record
from kiosk.domain.names import retype
from kiosk.journeys.form.visit import Visit
from kiosk.journeys.kit import Answered, Applications, Kit, applications_of, race
from kiosk.screens.base import Back
from kiosk.screens.form import BringForm

log = structlog.get_logger(__name__)
SCAN_S = 20.0
TAKEN = "手机上填的内容已带入，请核对。"
NO_SCANNER = "扫码器暂时不能用，请在本机上填写。"
NOT_HERE = {
    "form": "这个二维码是另一种表的，请在本机上填写。",
    "person": "这个二维码是别人的，请出示您本人的。",
}


async def bring(visit: Visit, kit: Kit) -> str:
    """Show the scanner until a good code comes or the citizen goes on without. A sentence for the page that follows; may be empty."""
    made, kept = applications_of(kit), visit.kept
    assert made.scanner is not None  # not offered without one
    screen = BringForm("", kit.settings.devices.scanner_position, kit.settings.devices.scanner_arrow)
    page = kit.desk.open(screen)
    while True:
        try:
            scan = await race(page, made.scanner.scan(SCAN_S))
        except (Answered, Back):
            return ""
        except DeviceError as error:
            if error.kind is ErrorKind.TIMEOUT:
                continue  # nothing was shown yet; the idle guard ends the wait
            log.warning("form_scanner_trouble", kind=str(error.kind), native=error.native)
            return NO_SCANNER
        kit.guard.touch()
        try:
            kept.record = _adopted(made, visit.record, scan.text or "")
        except PayloadError as error:
            log.info("form_code_refused", why=error.why)
            page.update(replace(screen, trouble=error.citizen + "。"))
        except NotTheSame as error:
            log.info("form_code_refused", why=error.why)
            page.update(replace(screen, trouble=NOT_HERE[error.why]))
        else:
            log.info("form_code_taken")
            _spelt_as_brought(visit, made)
            return TAKEN


def _spelt_as_brought(visit: Visit, made: Applications) -> None:
    """Letters that came along stand as typed ones do; the page about them shows those."""
    kept, record = visit.kept, visit.record
    keys = tuple(map(made.form.key_of, NAME_LETTERS))
    if kept.spelt is not None and any(record.source(key) == "user" for key in keys):
        kept.spelt = retype(kept.spelt, *(record.text(key) for key in keys))


def _adopted(made: Applications, own: Record, text: str) -> Record:
    return adopt(made.form, own, decode_payload(text, made.phone_keys).record, made.id_key)
