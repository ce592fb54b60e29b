"""`[[technician]]` in the settings: what it takes, and that its sentences quote no PIN."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.settings import SettingsError, load
from kiosk.diagnostics.pin import hash_pin

PIN = "482915"
HASH = hash_pin(PIN)


def loaded(folder: Path, *sections: str) -> tuple[str, ...]:
    file = folder / "kiosk.toml"
    file.write_text('profile = "ci"\n' + "".join(f"[[technician]]\n{section}\n" for section in sections))
    return tuple(technician.code for technician in load(file).technician)


def test_nobody_comes_in_where_nobody_is_named() -> None:
    assert load(profile="hall").technician == ()


def test_several(tmp_path: Path) -> None:
    first, second = (f'code = "{code}"\npin_hash = "{HASH}"' for code in ("T0271", "T-03"))
    assert loaded(tmp_path, first, second + '\ntotp_file = "/var/lib/onetrip/T-03.totp"') == ("T0271", "T-03")


@pytest.mark.parametrize(
    ("section", "says"),
    [
        (f'code = "T0271"\npin_hash = "{PIN}"', "technician.0: pin_hash is no Argon2id hash; put in the line"),
        (f'code = "T0271"\npin_hash = "scrypt${PIN}$x"', "pin_hash is no Argon2id hash"),
        ('code = "T0271"', "technician.0.pin_hash: field required"),
        (f'code = "t 1"\npin_hash = "{HASH}"', "technician.0.code: 't 1' does not fit: use the staff pass's code"),
        (f'code = "T0271"\npin_hash = "{HASH}"\nname = "x"', "technician.0.name: there is no such key"),
    ],
    ids=["a PIN as it is", "another hash", "no hash", "no code", "a name"],  # a hash is another one at each start
)
def test_one_sentence_that_quotes_no_pin(tmp_path: Path, section: str, says: str) -> None:
    with pytest.raises(SettingsError) as told:
        loaded(tmp_path, section)
    assert says.lower() in str(told.value).lower()
    assert PIN not in str(told.value)


def test_each_code_once(tmp_path: Path) -> None:
    section = f'code = "T0271"\npin_hash = "{HASH}"'
    with pytest.raises(SettingsError, match="technician T0271 stands there twice"):
        loaded(tmp_path, section, section)
