"""The kiosk's client of the exit-entry front-end's desk for drafts: `DraftDesk` over the REST contract in `openapi.yaml`.

How answers are read: see `kiosk.gateways.rest`. A bar code is taken only for a document that the record applies for: another would
stand on a form on which nobody looks for it.
"""

from __future__ import annotations

import base64
import datetime as dt
import itertools
import re
from collections.abc import Mapping
from typing import Annotated

import structlog
from pydantic import AwareDatetime, Field, model_validator

from kiosk.domain.forms.draft import Appointment, Draft
from kiosk.domain.forms.record import Record, Value
from kiosk.domain.identity import Photo
from kiosk.gateways.http import Endpoint
from kiosk.gateways.rest import Message, RestClient

log = structlog.get_logger(__name__)

NAME = "exit_entry"
PHOTO_BYTES = 200_000
PHOTO_TYPES = ("image/jpeg", "image/png")
BARCODES: Mapping[str, str] = {
    "barcode_passport": "want_passport",
    "barcode_hkmo": "want_hkmo",
    "barcode_tw": "want_tw",
}
"""Field of a bar code, and the tick that asks for its document."""
Number = Annotated[str, Field(pattern=r"^[0-9A-Z-]{4,40}$")]
BarCode = Annotated[str, Field(pattern=r"^[0-9A-Z-]{4,24}$")]


class AppointmentMessage(Message):
    number: Number
    begins: AwareDatetime
    window: Annotated[str, Field(max_length=40)] = ""


class DraftMessage(Message):
    number: Number
    barcodes: Annotated[dict[Annotated[str, Field(max_length=64)], BarCode], Field(max_length=32)]
    appointment: AppointmentMessage | None = None
    expires: dt.date | None = None

    @model_validator(mode="after")
    def _each_its_own(self) -> DraftMessage:
        if len(set(self.barcodes.values())) != len(self.barcodes):
            raise ValueError("two documents with one bar code")
        return self

    def value(self, record: Record) -> Draft:
        """What it says of this record."""
        told = self.appointment
        return Draft(
            self.number,
            {name: code for name, code in self.barcodes.items() if _asked_for(name, record)},
            Appointment(told.number, told.begins, told.window) if told is not None else None,
            self.expires,
        )


def _asked_for(name: str, record: Record) -> bool:
    """Whether the document was ticked. Bar codes of a hall's own form are the form's business: its conditions hide what does not apply."""
    if name in BARCODES:
        return record.text(BARCODES[name]) == "1"
    return name not in record and re.fullmatch(r"[a-z][a-z0-9_]{0,31}", name) is not None


class DraftClient(RestClient):
    """`DraftDesk` over HTTP. Safe to share between sessions; close it with `aclose`.

    Raises ValueError at construction for an unusable endpoint.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__(NAME, endpoint)
        self._revisions = itertools.count(1)
        """Tells the platform which of two sendings is the newer one, should the older arrive later."""

    async def submit(self, key: str, record: Record, photo: Photo | None = None) -> Draft:
        path = f"v1/application-drafts/{_in_path(key)}"
        body: dict[str, object] = {
            "form_id": record.form_id,
            "form_version": record.version,
            "revision": next(self._revisions),
            "values": {name: value.text for name, value in record.items() if value.text},
        }
        if not all(map(_can_be_sent, record.values())):
            raise self._http.unavailable("submit_draft", "the record has characters that cannot be written as UTF-8")
        if photo is not None and _fits(photo):
            body["photo"] = {"media_type": photo.media_type, "data": base64.b64encode(photo.data).decode("ascii")}
        answer = await self._send("submit_draft", "PUT", path, body)
        return self._read("submit_draft", answer, DraftMessage).value(record)

    async def withdraw(self, key: str) -> None:
        answer = await self._send("withdraw_draft", "DELETE", f"v1/application-drafts/{_in_path(key)}")
        self._good("withdraw_draft", answer)
        if answer.body:
            # A log-in page with status 200 has withdrawn nothing.
            self._json("withdraw_draft", answer)


def _in_path(key: str) -> str:
    """Nothing that says who it is, and no other path."""
    if not re.fullmatch(r"[0-9a-f]{32}", key):
        raise ValueError("a draft's key has 32 hexadecimal digits")
    return key


def _can_be_sent(value: Value) -> bool:
    """A lone half of a surrogate pair, as a code on a phone may hold it, has no form in UTF-8."""
    return not re.search(r"[\ud800-\udfff]", value.text)


def _fits(photo: Photo) -> bool:
    """A draft without its photo is worth more than none: the photo is on the printed form as well."""
    fits = photo.media_type in PHOTO_TYPES and 0 < len(photo.data) <= PHOTO_BYTES
    if not fits:
        log.warning("draft_photo_left_out", size=len(photo.data), limit=PHOTO_BYTES)
    return fits
