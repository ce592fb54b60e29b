"""A record as signed text for a QR code: on the printed page, and brought along on a phone (format: docs/form-payload.md).

    OTF1:<base45 of key id (8) | Ed25519 signature (64) | zlib of JSON>:

The text is checked from outside in, and nothing is unpacked before its signature has been found good.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import zlib
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from config.form_tables import Source
from kiosk.domain.forms import base45
from kiosk.domain.forms.record import Record, Value

PREFIX = "OTF1:"
END = ":"
"""Keeps a blank at the end, which base45 may need, from being trimmed on the way."""
MAX_TEXT = 4296
"""Characters of the largest QR code, 40-L, in alphanumeric mode (ISO/IEC 18004)."""
MAX_BODY = 16_384
MAX_VALUES = 128
MAX_VALUE = 400
KEY_ID = 8
SIGNATURE = 64
CONTEXT = b"OneTrip form payload 1\n"
"""Signed with the body, so that a signature made for something else is worth nothing here."""
DICTIONARY = (
    '浙江省宁波市鄞州区海曙区江北区镇海区北仑区奉化区街道社区镇村路弄号幢单元室"emer_phone":"1"emer_name":"'
    'tw_reason":"tw_permit_no":"tw_scope":"both"want_tw":"1"rel_doc_no":"rel_id_no":"rel_relation":"rel_sex":"rel_name":"'
    'hkmo_permit_no":"hkmo_scope":"endorsement"permit"endo_mo":"endo_hk":"want_hkmo":"1"'
    'passport_old_valid_to":"passport_old_no":"passport_lost":"no"passport_kind":"first"replace"expired"want_passport":"1"'
    'post_phone":"1"post_name":"post_code":"315"post_addr":"delivery":"window"post"barcode_tw":"barcode_hkmo":"barcode_passport":"'
    '["CRJ-2014",1,17{"i":{"surname_cn":"given_cn":"id_no":"3302"sex":"1","ethnic":"01","birth":"19"hukou_addr":"'
    '"},"d":{"surname_py":"given_py":"birth_place":"33","hukou_code":"3302"applicant_class":"general"},"u":{"phone":"1'
).encode()
"""Preset dictionary of zlib. Part of version 1 of the format: never changed."""

Role = Literal["kiosk", "phone"]
Why = Literal[
    "too_long",
    "not_ours",
    "version",
    "base45",
    "cut_off",
    "unknown_key",
    "signature",
    "compression",
    "too_big",
    "json",
    "content",
    "characters",
]
_LETTER: dict[Source, str] = {"id": "i", "derived": "d", "user": "u", "system": "s"}
_SOURCE = {letter: source for source, letter in _LETTER.items()}
_KEY = re.compile(r"[a-z][a-z0-9_]{0,31}")
_FORM_ID = re.compile(r"[A-Z0-9]+(?:-[A-Z0-9]+)*")
_SENTENCES: dict[Why, str] = {
    "too_long": "the text is longer than any QR code",
    "not_ours": "the text is no form payload",
    "version": "the payload is of a version this program does not know",
    "base45": "the payload is damaged: characters that base45 does not have",
    "cut_off": "the payload is cut off",
    "unknown_key": "the payload is signed with a key that is not trusted here",
    "signature": "the signature does not fit: the payload was changed or damaged",
    "compression": "the signed body cannot be unpacked",
    "too_big": "the signed body is larger than allowed",
    "json": "the signed body is no JSON",
    "content": "the signed body is not what the format says",
    "characters": "the record has characters that cannot be written as UTF-8",
}


class PayloadError(ValueError):
    """A payload that cannot be used. `why` is the first thing that failed; the text itself is never repeated."""

    def __init__(self, why: Why) -> None:
        super().__init__(_SENTENCES[why])
        self.why = why

    @property
    def citizen(self) -> str:
        """What is said at the machine."""
        if self.why in ("not_ours", "too_long"):
            return "这不是填表用的二维码，请换一个"
        if self.why in ("version", "unknown_key"):
            return "这个二维码不能在本厅使用，请在本机上填写"
        return "二维码不完整或已改动，请重新出示，或在本机上填写"


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """`role`: who signs with it. What a phone brings is the citizen's word, whatever source it names."""

    public: bytes
    """32 bytes (RFC 8032)."""
    role: Role

    @property
    def key_id(self) -> bytes:
        return key_id(self.public)


@dataclass(frozen=True, slots=True)
class Payload:
    record: Record = field(repr=False)
    made: dt.datetime
    role: Role
    key_id: str
    """In hexadecimal digits."""


def key_id(public: bytes) -> bytes:
    """The first eight bytes of SHA-256 of the raw public key."""
    return hashlib.sha256(public).digest()[:KEY_ID]


def encode_record(record: Record, key: Ed25519PrivateKey, made: dt.datetime) -> str:
    """The signed text; `made` has a zone and is kept to the second. Raises PayloadError where the record is too large or unwritable."""
    if made.tzinfo is None:
        raise ValueError("a time without zone")
    groups: dict[str, dict[str, str]] = {}
    for name, value in record.items():
        if value.text:
            groups.setdefault(_LETTER[value.source], {})[name] = value.text
    document = [record.form_id, record.version, int(made.timestamp()), groups]
    _record_of(document, "kiosk")
    try:
        plain = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        raise PayloadError("characters") from None
    if len(plain) > MAX_BODY:
        raise PayloadError("too_big")
    packer = zlib.compressobj(9, zdict=DICTIONARY)
    body = packer.compress(plain) + packer.flush()
    signer = key_id(key.public_key().public_bytes_raw())
    text = PREFIX + base45.encode(signer + key.sign(CONTEXT + signer + body) + body) + END
    if len(text) > MAX_TEXT:
        raise PayloadError("too_long")
    return text


def decode_record(text: str, keys: Collection[TrustedKey]) -> Record:
    """The record in a payload signed by one of the keys. Raises PayloadError."""
    return decode_payload(text, keys).record


def decode_payload(text: str, keys: Collection[TrustedKey]) -> Payload:
    """As `decode_record`, with when and by whom it was made. White space around the text is allowed. Raises PayloadError."""
    if len(text) > MAX_TEXT + 64:
        raise PayloadError("too_long")
    text = text.strip()
    if len(text) > MAX_TEXT:
        raise PayloadError("too_long")
    if not text.startswith(PREFIX):
        raise PayloadError("version" if re.match(r"OTF[0-9]+:", text) else "not_ours")
    if not text.endswith(END) or len(text) == len(PREFIX):
        raise PayloadError("cut_off")
    try:
        envelope = base45.decode(text[len(PREFIX) : -len(END)])
    except ValueError:
        raise PayloadError("base45") from None
    if len(envelope) <= KEY_ID + SIGNATURE:
        raise PayloadError("cut_off")
    signer, signature, body = envelope[:KEY_ID], envelope[KEY_ID : KEY_ID + SIGNATURE], envelope[KEY_ID + SIGNATURE :]
    known = next((key for key in keys if key.key_id == signer), None)
    if known is None:
        raise PayloadError("unknown_key")
    try:
        Ed25519PublicKey.from_public_bytes(known.public).verify(signature, CONTEXT + signer + body)
    except InvalidSignature:
        raise PayloadError("signature") from None
    record, made = _record_of(_parsed(_unpacked(body)), known.role)
    return Payload(record, made, known.role, signer.hex())


def _unpacked(body: bytes) -> bytes:
    unpacker = zlib.decompressobj(zdict=DICTIONARY)
    try:
        plain = unpacker.decompress(body, MAX_BODY + 1)
    except zlib.error:
        raise PayloadError("compression") from None
    if len(plain) > MAX_BODY:
        raise PayloadError("too_big")
    if not unpacker.eof or unpacker.unused_data:
        raise PayloadError("compression")
    return plain


def _parsed(plain: bytes) -> Any:
    try:
        return json.loads(plain.decode("utf-8"), object_pairs_hook=_without_doubles)
    except (ValueError, RecursionError):
        raise PayloadError("json") from None


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is given twice")
    return found


def _record_of(document: Any, role: Role) -> tuple[Record, dt.datetime]:
    if not isinstance(document, list) or len(document) != 4:
        raise PayloadError("content")
    form_id, version, made, groups = document
    if not isinstance(form_id, str) or len(form_id) > 24 or not _FORM_ID.fullmatch(form_id):
        raise PayloadError("content")
    if type(version) is not int or not 1 <= version <= 999 or type(made) is not int or not 0 <= made < 2**34:
        raise PayloadError("content")
    if not isinstance(groups, dict) or not groups.keys() <= _SOURCE.keys():
        raise PayloadError("content")
    values: dict[str, Value] = {}
    for letter, group in groups.items():
        if not isinstance(group, dict) or values.keys() & group.keys():
            raise PayloadError("content")
        for name, text in group.items():
            if not _KEY.fullmatch(name) or not isinstance(text, str) or not 0 < len(text) <= MAX_VALUE:
                raise PayloadError("content")
            values[name] = Value(text, _SOURCE[letter] if role == "kiosk" else "user")
    if len(values) > MAX_VALUES:
        raise PayloadError("content")
    return Record(form_id, version, values), dt.datetime.fromtimestamp(made, dt.UTC)
