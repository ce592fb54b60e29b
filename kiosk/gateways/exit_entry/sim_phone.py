"""The simulated phone front: whoever signs the forms that citizens filled on their phones at home (docs/form-payload.md)."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from config.form_tables import list_forms, load_form
from kiosk.domain.forms.payload import TrustedKey, encode_record
from kiosk.domain.forms.record import Record, Value

FORM = "CRJ-2014"
KEY = Ed25519PrivateKey.from_private_bytes(
    hashlib.sha256(b"fictional phone front of the exit-entry simulator").digest()
)
"""Anybody can have it: only what is simulated may trust it."""


def trusted() -> TrustedKey:
    return TrustedKey(KEY.public_key().public_bytes_raw(), "phone")


def prefilled(command: Mapping[str, Any], now: dt.datetime) -> str:
    """The text of the code for `{"do": "prefill", "values": {key: text}, "forged": false, "form": "CRJ-2014"}`.

    A forged one is signed with a key nobody knows. Raises ValueError with a sentence, which never repeats a value.
    """
    values, forged, form_id = command.get("values"), command.get("forged", False), command.get("form", FORM)
    if not isinstance(values, Mapping) or not all(isinstance(part, str) for pair in values.items() for part in pair):
        raise ValueError('values must be an object of texts by field key, such as {"want_passport": "1"}')
    if not isinstance(forged, bool):
        raise ValueError("forged must be true or false")
    if form_id not in list_forms():
        raise ValueError(f"form: known are {', '.join(list_forms())}")
    form = load_form(form_id)
    record = Record(form.id, form.version, {key: Value(text, "user") for key, text in values.items()})
    return encode_record(record, Ed25519PrivateKey.generate() if forged else KEY, now)
