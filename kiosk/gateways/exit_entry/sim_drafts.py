"""The simulated exit-entry administration's desk for drafts: forms filled at a machine, to be handed in at the window.

It knows by itself which documents get a bar code. Numbers are fictional, their real formats are not public. A draft: D, six digits
of the unit, two of the year, seven of a serial; a bar code: the document's letter (P, H, T) and the same digits; an appointment: Y,
the day YYMMDD, a hyphen, seven of a serial.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from kiosk.gateways.exit_entry.requests import DraftPhoto, SubmitDraft
from kiosk.gateways.exit_entry.sim_ledger import AppointmentEntry, Books, DraftEntry
from kiosk.gateways.sim_server import SimRefusal

KEPT_DAYS = 7
PHOTO_BYTES = 200_000
WINDOW = "3号窗口"
BEGINS = dt.time(9, 30)
DOCUMENTS: Mapping[str, tuple[str, str]] = {
    "want_passport": ("barcode_passport", "P"),
    "want_hkmo": ("barcode_hkmo", "H"),
    "want_tw": ("barcode_tw", "T"),
}
"""By the tick that asks for the document: key of its bar code, and the letter that the number begins with."""
_PICTURES = {"image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n\x1a\n"}


class DraftTray:
    """`expected`: whether somebody with this identity number has an appointment at the window."""

    def __init__(
        self, unit: str, books: Books, now: Callable[[], dt.datetime], expected: Callable[[str], bool]
    ) -> None:
        self._unit = unit
        self._books = books
        self._now = now
        self._expected = expected

    def submit(self, key: str, sent: SubmitDraft) -> tuple[DraftEntry, bool]:
        """The draft as it lies here now, and whether it is new."""
        self.forget()
        picture = _looked_at(sent.photo)
        earlier = self._books.drafts.get(key)
        if earlier is not None:
            if earlier.state == "withdrawn":
                raise SimRefusal(409, "withdrawn", "这份草稿已经取消")
            if earlier.values.get("id_no", "") != sent.values.get("id_no", ""):
                raise SimRefusal(409, "key_reused", "编号已用于另一个人的草稿")
            if sent.revision < earlier.revision:
                return earlier, False
        now = self._now()
        entry = earlier or DraftEntry(key, self._number("D"), submitted_at=now.isoformat())
        entry = dataclasses.replace(
            entry,
            revision=sent.revision,
            form_id=sent.form_id,
            form_version=sent.form_version,
            values=dict(sent.values),
            barcodes=self._barcodes(sent.values, entry.barcodes),
            appointment=entry.appointment or self._appointment(sent.values.get("id_no", "")),
            expires=(now.date() + dt.timedelta(days=KEPT_DAYS)).isoformat(),
            changed_at=now.isoformat(),
            **picture,
        )
        return self._books.keep_draft(entry), earlier is None

    def withdraw(self, key: str) -> None:
        """What was answered is gone. The key is remembered for as long as a draft is kept, also when nothing came under it so far."""
        self.forget()
        earlier = self._books.drafts.get(key)
        if earlier is not None and earlier.state == "withdrawn":
            return
        now = self._now()
        expires = (now.date() + dt.timedelta(days=KEPT_DAYS)).isoformat()
        number = earlier.number if earlier is not None else ""
        self._books.keep_draft(DraftEntry(key, number, "withdrawn", expires=expires, changed_at=now.isoformat()))

    def forget(self) -> None:
        """Let go of what nobody fetched in time, and of keys withdrawn as long ago."""
        today = self._now().date().isoformat()
        over = [key for key, entry in self._books.drafts.items() if entry.expires < today]
        for key in over:
            del self._books.drafts[key]
        if over:
            self._books.save()

    def counts(self) -> Mapping[str, int]:
        return Counter(entry.state for entry in self._books.drafts.values())

    def _barcodes(self, values: Mapping[str, str], earlier: Mapping[str, str]) -> Mapping[str, str]:
        """Those given before, also of a document that is not wanted at the moment, and new ones for what is wanted now."""
        wanted = [DOCUMENTS[tick] for tick in DOCUMENTS if values.get(tick) == "1"]
        return {**{name: self._number(letter) for name, letter in wanted if name not in earlier}, **earlier}

    def _appointment(self, id_number: str) -> AppointmentEntry | None:
        """The next day from Monday to Friday; holidays are not looked at."""
        if not self._expected(id_number):
            return None
        now = self._now()
        day = now.date() + dt.timedelta(days=1)
        while day.isoweekday() > 5:
            day += dt.timedelta(days=1)
        begins = dt.datetime.combine(day, BEGINS, now.tzinfo)
        return AppointmentEntry(f"Y{day:%y%m%d}-{self._books.next_serial():07d}", begins.isoformat(), WINDOW)

    def _number(self, letter: str) -> str:
        return f"{letter}{self._unit}{self._now().year % 100:02d}{self._books.next_serial():07d}"


def told(entry: DraftEntry) -> dict[str, Any]:
    """The draft as the contract has it: bar codes of the documents that are applied for now."""
    wanted = {name for tick, (name, _) in DOCUMENTS.items() if entry.values.get(tick) == "1"}
    return {
        "number": entry.number,
        "barcodes": {name: code for name, code in entry.barcodes.items() if name in wanted},
        "appointment": entry.appointment,
        "expires": entry.expires,
    }


def _looked_at(photo: DraftPhoto | None) -> dict[str, Any]:
    """What the books keep of a photo: nobody here looks at the picture itself."""
    if photo is None:
        return {"photo_bytes": 0, "photo_sha256": ""}
    try:
        data = base64.b64decode(photo.data, validate=True)
    except binascii.Error:
        data = b""
    if not data.startswith(_PICTURES[photo.media_type]):
        raise SimRefusal(422, "bad_picture", "照片无法识别")
    if len(data) > PHOTO_BYTES:
        raise SimRefusal(422, "picture_too_large", "照片过大")
    return {"photo_bytes": len(data), "photo_sha256": hashlib.sha256(data).hexdigest()}
