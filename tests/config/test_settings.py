"""Settings: profiles, files, environment, and one sentence for whatever is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.settings import SettingsError, load


def test_demo_is_the_default_and_everything_in_it_is_simulated() -> None:
    settings = load()
    assert settings.profile == "demo"
    assert set(settings.simulated()) >= {
        "devices.id_card",
        "devices.camera",
        "devices.receipt_printer",
        "police",
        "wallet",
    }


def test_a_file_chooses_the_profile_and_overrides_it(tmp_path: Path) -> None:
    file = tmp_path / "hall.toml"
    file.write_text(
        'profile = "hall"\n[kiosk]\nid = "NB03"\nhall = "海曙大厅"\n[police]\nurl = "https://front.example/"\n'
    )
    settings = load(file)
    assert (settings.profile, settings.kiosk.hall, settings.police.url) == (
        "hall",
        "海曙大厅",
        "https://front.example/",
    )
    assert settings.simulated() == ()


def test_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.toml"
    file.write_text('[devices]\nid_card = "samv+serial:///dev/ttyS1"\n')
    monkeypatch.setenv("ONETRIP_DEVICES__ID_CARD", "samv+tcp://127.0.0.1:7001")
    settings = load(file)
    assert settings.devices.id_card == "samv+tcp://127.0.0.1:7001"
    assert settings.devices.camera == "sim:"


@pytest.mark.parametrize("profile", ["demo", "ci", "hall"])
def test_every_shipped_profile_is_valid(profile: str) -> None:
    assert load(profile=profile).profile == profile


def test_a_hall_refuses_simulated_parts_until_a_technician_allows_them(tmp_path: Path) -> None:
    file = tmp_path / "hall.toml"
    file.write_text('profile = "hall"\n[devices]\ncamera = "sim:"\n')
    with pytest.raises(
        SettingsError, match=r"hall\.toml: .*refuses simulated parts \(devices\.camera, devices\.qr_scanner\)"
    ):
        load(file)
    file.write_text('profile = "hall"\nallow_simulated = true\n[devices]\ncamera = "sim:"\n')
    assert "devices.camera" in load(file).simulated()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[devices]\ncamera = "usb:"\n', "devices.camera: 'usb:' does not fit: use one of v4l2:…, file:…, sim:…"),
        (
            '[devices]\ncamra = "sim:"\n',
            "devices.camra: there is no such key; allowed here: camera, document_printer, id_card",
        ),
        ('[kiosk]\nid = "abc"\n', "kiosk.id: 'abc' does not fit; it must be 2 to 8 capital letters or digits"),
        ("[endorsement]\nlocal_area = '3302'\n", "endorsement.local_area: there is no such key; allowed here: allowed"),
        ("[session]\nwarn_s = 1\n", "session.warn_s: 1 does not fit"),
        ('profile = "home"\n', "profile: 'home' is not known; use demo, ci or hall"),
        ("x =\n", "not valid TOML"),
        ('[wallet]\nurl = "ftp://x"\n', "wallet.url: 'ftp://x' does not fit: use one of https:…, http:…, sim:…"),
    ],
)
def test_a_wrong_value_gives_one_sentence_with_file_key_and_what_is_allowed(
    tmp_path: Path, text: str, said: str
) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_text(text)
    with pytest.raises(SettingsError) as caught:
        load(file)
    sentence = str(caught.value)
    assert str(file) in sentence
    assert said in sentence
    assert "\n" not in sentence


def test_a_wrong_environment_value_names_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONETRIP_DEVICES__CAMERA", "usb:")
    with pytest.raises(SettingsError, match=r"^ONETRIP_DEVICES__CAMERA: devices\.camera"):
        load()


def test_a_missing_file_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="there is no such file"):
        load(tmp_path / "none.toml")
