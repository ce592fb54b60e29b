"""What the first screen shows before the settings are loaded is what they then say."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractButton, QApplication

from config.settings import load
from kiosk.journeys.cards import first_home
from kiosk.journeys.lobby import home
from kiosk.journeys.services import SERVICES
from kiosk.ports.clock import SystemClock
from kiosk.ports.devices import DeviceStatus, Link
from kiosk.verbs.look import Look, glance
from kiosk.verbs.window import STARTING, build

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("ONETRIP_"):
            monkeypatch.delenv(name)


@pytest.mark.parametrize("profile", [None, "demo", "ci"])
def test_the_shipped_profiles_look_alike(profile: str | None) -> None:
    assert glance(None, profile) == Look.of(load(None, profile))


@pytest.mark.parametrize(
    "text",
    [
        '[kiosk]\nbrand = "一"\nhall = "二"\nmachine = "三"\n[staff]\nhelp_phone = "12123"\n',
        "[ui]\ndiagonal_in = 32\nmotion = false\nguard_ms = 0\n",
        'profile = "ci"\n[devices]\ncamera = "v4l2:///dev/video0"\n',
        'profile = "hall"\n',
        'profile = "hall"\n[devices]\npermit_unit = "cardunit+serial:///dev/ttyS3"\npermit_reader = "icao+pcsc:"\n',
        'profile = "hall"\nallow_simulated = true\n[devices]\npermit_unit = "cardunit+sim:"\npermit_reader = "icao+sim:"\n',
        'profile = "hall"\nallow_simulated = true\n[devices]\nqr_scanner = "sim:"\n',
        'profile = "hall"\nallow_simulated = true\n[face]\nmatcher = "simulated"\n',
        'profile = "hall"\nallow_simulated = true\n[devices]\ncamera = "sim:"\n',
    ],
)
def test_a_file_looks_alike(tmp_path: Path, text: str) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_text(text, encoding="utf-8")
    assert glance(file) == Look.of(load(file))


@pytest.mark.parametrize("text", ["not toml", '[ui]\nmotion = "no"\n', "[kiosk]\nbrand = 3\n", 'profile = "none"\n'])
def test_what_is_not_plain_is_left_to_the_settings(tmp_path: Path, text: str) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_text(text, encoding="utf-8")
    assert glance(file) is None
    assert glance(tmp_path / "missing.toml") is None


def test_the_environment_is_left_to_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("onetrip_kiosk__brand", "一")
    assert glance() is None


def test_the_first_paint_loads_nothing_heavy() -> None:
    heavy = ("asyncio", "structlog", "pydantic", "pydantic_settings", "sqlalchemy", "cv2", "httpx", "qasync")
    code = f"import sys, kiosk.verbs.window, kiosk.verbs.look, ui.pages.home; print([m for m in {heavy!r} if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]", run.stdout


@pytest.mark.parametrize("permits", [False, True])
@pytest.mark.parametrize("form", [False, True])
def test_no_card_comes_or_moves_once_the_services_are_loaded(permits: bool, form: bool) -> None:
    """The first paint names the cards that the lobby shows a moment later, with the same words while everything starts."""
    names = ["id_card", "receipt_printer"]
    names += ["permit_unit", "permit_reader"] if permits else []
    names += ["document_printer"] if form else []
    opening = {name: DeviceStatus(Link.OPENING) for name in names}
    assert first_home(STARTING, permits=permits, form=form) == home(SERVICES, opening)


def test_the_window_shows_the_fine_card_at_once(qapp: QApplication) -> None:
    look = glance(None, "ci")
    assert look is not None
    desk, frame = build(look, SystemClock(), windowed=True)
    try:
        shown = {child.objectName() for child in frame.findChildren(QAbstractButton)}
        cards = {"c01.card.violation", "c01.card.endorsement", "c01.card.form", "c01.tile.fine", "c01.tile.reprint"}
        assert cards <= shown
    finally:
        desk.close()
        frame.set_closable(True)
        frame.close()
        frame.deleteLater()
