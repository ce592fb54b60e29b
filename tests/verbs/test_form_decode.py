"""`kiosk form decode` from the command line: the documented known answer, a wrong key, nonsense."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from config.form_tables import load_form
from config.zone import SHANGHAI
from kiosk.domain.forms.payload import encode_record
from kiosk.domain.forms.record import Record
from tests.forked import python


def kiosk(*words: str, text: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*python(), "-m", "kiosk", "form", *words], input=text, capture_output=True, text=True, timeout=50
    )


@pytest.fixture
def key(tmp_path: Path) -> Ed25519PrivateKey:
    made = Ed25519PrivateKey.generate()
    pem = made.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "kiosk.pem").write_bytes(pem)
    return made


def test_a_clerk_reads_what_the_kiosk_signed(tmp_path: Path, key: Ed25519PrivateKey) -> None:
    form = load_form()
    record = Record(form.id, form.version).put("phone", "13900000000", "user")
    code = encode_record(record, key, dt.datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI))
    said = kiosk("decode", "-", "--key", f"kiosk={tmp_path}/kiosk.pem", "--json", text=code)
    assert said.returncode == 0, said.stderr
    assert json.loads(said.stdout)["values"]["phone"] == {"text": "13900000000", "source": "user"}

    turned = code[:-8] + ("A" if code[-8] != "A" else "B") + code[-7:]
    refused = kiosk("decode", "-", "--key", f"kiosk={tmp_path}/kiosk.pem", text=turned)
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr + refused.stdout


@pytest.mark.parametrize(
    "words", [("decode", "-", "--key", "nobody=x.pem"), ("decode", "missing", "--key", "kiosk=no.pem")]
)
def test_what_cannot_be_read_is_one_sentence(words: tuple[str, ...]) -> None:
    said = kiosk(*words, text="nonsense")
    assert said.returncode in (1, 2)
    assert len((said.stdout + said.stderr).strip().splitlines()) == 1
