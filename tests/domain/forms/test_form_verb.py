"""`kiosk form decode`: the record, or one sentence."""

from __future__ import annotations

import datetime as dt
import io
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from config.settings import SettingsError
from kiosk.domain.forms.payload import encode_record
from kiosk.domain.forms.record import Record, Value
from kiosk.verbs.form import decode

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
RECORD = Record("CRJ-2014", 1, {"surname_cn": Value("张", "id"), "phone": Value("13900000000", "user")})
TEXT = encode_record(RECORD, KEY, dt.datetime(2026, 3, 18, tzinfo=dt.UTC))


@pytest.fixture
def public(tmp_path: Path) -> Path:
    path = tmp_path / "public.pem"
    path.write_bytes(KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return path


def test_a_file(tmp_path: Path, public: Path) -> None:
    file = tmp_path / "payload.txt"
    file.write_text(TEXT + "\n")
    report = decode(str(file), [("kiosk", public)])
    assert report.good
    data = json.loads(json.dumps(report.data))
    assert data["values"]["surname_cn"] == {"text": "张", "source": "id"}
    assert (data["form"], data["made"], data["signed_by"]) == ("CRJ-2014", "2026-03-18T00:00:00+00:00", "kiosk")
    assert "13900000000" in report.text


def test_standard_input(public: Path) -> None:
    report = decode("-", [("phone", public)], io.BytesIO(TEXT.encode()))
    assert report.data["values"]["surname_cn"]["source"] == "user"


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (TEXT[:-9].encode(), "cut_off"),
        (b"\xff\xfe", "not_ours"),
        (b"", "not_ours"),
        (b"OTF1:" + b"A" * 100_000, "too_long"),
        (TEXT.replace("OTF1:", "OTF9:").encode(), "version"),
    ],
)
def test_refused_with_a_sentence(public: Path, raw: bytes, why: str) -> None:
    report = decode("-", [("kiosk", public)], io.BytesIO(raw))
    assert not report.good
    assert report.data["why"] == why
    assert report.text.startswith("Refused: ")
    assert report.text.count("\n") == 0


def test_keys_and_files_that_are_none(tmp_path: Path, public: Path) -> None:
    with pytest.raises(SettingsError, match="needs the public key"):
        decode("-", [], io.BytesIO(b""))
    with pytest.raises(SettingsError, match="cannot be read"):
        decode(str(tmp_path / "none"), [("kiosk", public)])
    with pytest.raises(SettingsError, match="cannot be read"):
        decode("-", [("kiosk", tmp_path / "none")], io.BytesIO(b""))
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("no key")
    with pytest.raises(SettingsError, match="no public key"):
        decode("-", [("kiosk", wrong)], io.BytesIO(b""))
    curve = generate_private_key(SECP256R1()).public_key()
    wrong.write_bytes(curve.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    with pytest.raises(SettingsError, match="Ed25519"):
        decode("-", [("kiosk", wrong)], io.BytesIO(b""))
