"""The settings in force, each with where it came from; nothing that opens something."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.settings import load
from kiosk.diagnostics.effective import DEFAULT, HIDDEN, groups, shown
from tests.diagnostics.bay import HASH


def test_every_value_names_its_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "hall.toml"
    file.write_text(f'[kiosk]\nhall = "海曙大厅"\n[[technician]]\ncode = "T0271"\npin_hash = "{HASH}"\n')
    monkeypatch.setenv("ONETRIP_KIOSK__ID", "NB7")
    found = {row.key: row for _, rows in groups(load(file, "ci"), file) for row in rows}
    assert (found["kiosk.id"].value, found["kiosk.id"].source) == ("NB7", "环境变量 ONETRIP_KIOSK__ID")
    assert (found["kiosk.hall"].value, found["kiosk.hall"].source) == ("海曙大厅", str(file))
    assert found["wallet.poll_s"].source == "profiles/ci.toml"
    assert found["session.idle_s"].source == DEFAULT
    assert (found["technician.1.code"].value, found["technician.1.code"].source) == ("T0271", str(file))
    assert found["technician.1.pin_hash"].value == HIDDEN
    assert found["staff.pin_hash"].value == HIDDEN
    everything = repr(groups(load(file, "ci"), file))
    assert HASH not in everything
    assert "scrypt$" not in everything


def test_the_file_of_the_environment_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "hall.toml"
    file.write_text('profile = "ci"\n[kiosk]\nhall = "海曙大厅"\n')
    monkeypatch.setenv("ONETRIP_CONFIG", str(file))
    found = {row.key: row for _, rows in groups(load()) for row in rows}
    assert found["kiosk.hall"].source == str(file)


@pytest.mark.parametrize(
    ("key", "value", "wanted"),
    [
        ("wallet.api_key", "abc", HIDDEN),
        ("wallet.device_key_file", "/etc/onetrip/device.pem", "/etc/onetrip/device.pem"),
        ("x.token", "abc", HIDDEN),
        ("technician.1.totp_file", "/etc/onetrip/totp", "/etc/onetrip/totp"),
        ("ledger.url", "postgresql://kiosk:secret@db/onetrip", "postgresql://…@db/onetrip"),
        ("ui.motion", True, "是"),
        ("form.folder", None, "—"),
        ("staff.pin_hash", "", "—"),
    ],
)
def test_what_opens_something_is_hidden(key: str, value: object, wanted: str) -> None:
    assert shown(key, value) == wanted
