"""The kiosk's client of the exit-entry front-end's desk for drafts: `DraftDesk` over the REST contract in `openapi.yaml`."""

from __future__ import annotations

import base64
import datetime as dt
import re
from typing import Annotated

from pydantic import AwareDatetime, Field

from kiosk.domain.forms.draft import Appointment, Draft
from kiosk.domain.forms.record import Record
from kiosk.domain.identity import Photo
from kiosk.gateways.http import Endpoint
from kiosk.gateways.rest import Message, RestClient

NAME = "exit_entry"
Number = Annotated[str, Field(pattern=r"^[0-9A-Z-]{4,40}$")]
BarCode = Annotated[str, Field(pattern=r"^[0-9A-Z-]{4,24}$")]
FieldKey = Annotated[str, Field(pattern=r"^barcode_[a-z0-9_]{1,24}$")]


class AppointmentMessage(Message):
    number: Number
    begins: AwareDatetime
    window: Annotated[str, Field(max_length=40)] = ""


class DraftMessage(Message):
    number: Number
    barcodes: dict[FieldKey, BarCode] = Field(default_factory=dict)
    appointment: AppointmentMessage | None = None
    expires: dt.date | None = None

    def value(self) -> Draft:
        told = self.appointment
        appointment = Appointment(told.number, told.begins, told.window) if told is not None else None
        return Draft(self.number, self.barcodes, appointment, self.expires)


class DraftClient(RestClient):
    """`DraftDesk` over HTTP. Safe to share between sessions; close it with `aclose`.

    Raises ValueError at construction for an unusable endpoint.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__(NAME, endpoint)

    async def submit(self, key: str, record: Record, photo: Photo | None = None) -> Draft:
        body: dict[str, object] = {
            "form_id": record.form_id,
            "form_version": record.version,
            "values": {name: value.text for name, value in record.items() if value.text},
        }
        if photo is not None:
            body["photo"] = {"media_type": photo.media_type, "data": base64.b64encode(photo.data).decode("ascii")}
        answer = await self._send("submit_draft", "PUT", f"v1/application-drafts/{_in_path(key)}", body)
        return self._read("submit_draft", answer, DraftMessage).value()

    async def withdraw(self, key: str) -> None:
        answer = await self._send("withdraw_draft", "DELETE", f"v1/application-drafts/{_in_path(key)}")
        self._good("withdraw_draft", answer)


def _in_path(key: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{32}", key):
        raise ValueError("a draft's key has 32 hexadecimal digits")
    return key
