"""The command line as a user meets it: real processes, exit status, one sentence, never a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.forked import python


def kiosk(
    *words: str, cwd: Path, stdin: str = "", program: tuple[str, ...] = (), **env: str
) -> subprocess.CompletedProcess[str]:
    root = str(Path(__file__).parents[2])
    return subprocess.run(
        [*(program or python()), "-m", "kiosk", *words],
        cwd=cwd,
        input=stdin,
        text=True,
        capture_output=True,
        timeout=50,
        env={**os.environ, "PYTHONPATH": root, "QT_QPA_PLATFORM": "offscreen", **env},
    )


def test_help_names_every_verb(tmp_path: Path) -> None:
    said = kiosk("--help", cwd=tmp_path, program=(sys.executable,))
    assert said.returncode == 0
    for verb in ("run", "demo", "device", "simulate", "diagnose", "ledger", "staff-pin"):
        assert verb in said.stdout


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (["nonsense"], 2, "invalid choice"),
        (["run", "--colour", "red"], 2, "unrecognized arguments: --colour red"),
        (["run", "--config", "none.toml"], 1, "none.toml: there is no such file"),
        (["demo", "--scenario", "nobody"], 1, "there is no scenario nobody"),
        (["device", "id_card", "scan"], 2, "id_card cannot scan; it can: status, health, read"),
        (["device", "id_card", "status", "--url", "usb:"], 2, "'usb:' is not a id_card: use one of samv+serial:"),
        (["device", "id_card", "status", "--url", "samv+tcp://127.0.0.1:1"], 1, "Connection refused"),
        (["device", "id_card", "read", "--timeout", "0.5"], 1, "no_media"),
        (["device", "permit_unit", "read"], 2, "permit_unit cannot read; it can: status, health, accept, eject, line"),
        (["device", "permit_unit", "accept", "--timeout", "0.3"], 1, "no_media: No card came"),
        (["device", "permit_unit", "line"], 1, "no_media: There is no card"),
        (["device", "permit-reader", "read", "--timeout", "0.3"], 1, "no_media: No card came"),
        (["device", "permit_reader", "read", "--line", "ABC"], 2, "--line: this is no permit's line: it is not 30"),
        (["device", "permit_unit", "status", "--url", "usb:"], 2, "'usb:' is not a permit_unit: use one of cardunit+"),
        (
            ["device", "permit_unit", "status", "--url", "cardunit+tcp://127.0.0.1"],
            2,
            "--url: 'tcp://127.0.0.1' is not",
        ),
        (["device", "permit_unit", "accept", "--timeout", "nan"], 2, "'nan' is no number of seconds"),
        (["device", "permit_unit", "accept", "--timeout", "-3"], 2, "'-3' is no number of seconds"),
        (["device", "permit-unit", "accept", "--timeout", "0"], 1, "start `kiosk simulate permit-unit`"),
        (["device", "permit-unit", "status", "--url", "cardunit+tcp://127.0.0.1:1"], 1, "Look at its power, its cable"),
        (["device", "permit-reader", "read", "--url", "icao+sim:x"], 2, "--url: 'icao+sim:x' says more"),
        (["device", "permit_unit", "status", "--profile", "hall"], 1, "this machine has no permit_unit"),
        (["simulate", "id_card"], 2, "--listen is needed"),
        (["simulate", "permit-chip"], 2, "--listen is needed"),
        (["simulate", "permit-chip", "--vpcd", "there"], 2, "is no address"),
        (
            ["simulate", "permit-chip", "--vpcd", "127.0.0.1:1", "--scenario", "nobody"],
            1,
            "there is no scenario nobody",
        ),
        (["simulate", "permit-unit", "--listen", "tcp://127.0.0.1:0", "--scenario", "minor"], 2, "nobody has a permit"),
        (["simulate", "id_card", "--listen", "somewhere"], 2, "is no address"),
        (["simulate", "id_card", "--listen", "tcp://127.0.0.1:99999"], 2, "'tcp://127.0.0.1:99999' is no address"),
        (["simulate", "exit_entry", "--listen", "somewhere"], 2, "'somewhere' is no address"),
        (["simulate", "exit_entry", "--control", "tcp://127.0.0.1:0"], 2, "--control is nothing for exit_entry"),
        (["simulate", "permit-unit", "--listen", "tcp://127.0.0.1:0", "--control", "x"], 2, "'x' is no address"),
        (["simulate", "permit-unit", "--listen", "tcp://127.0.0.1:0", "--speed", "0"], 2, "factor must be"),
        (
            ["simulate", "permit-unit", "--listen", "tcp://127.0.0.1:0", "--out", "p"],
            2,
            "--out is nothing for permit_unit",
        ),
        (["simulate", "permit-chip", "--vpcd", "127.0.0.1:x"], 2, "'127.0.0.1:x' is no address"),
        (["simulate", "permit-chip", "--vpcd", "none.invalid:1"], 1, "--vpcd: none.invalid:1 cannot be found"),
        (
            ["simulate", "receipt_printer", "--listen", "tcp://127.0.0.1:0", "--out", "broken.toml"],
            1,
            "--out: broken.toml cannot be made",
        ),
        (["ledger", "check", "--config", "broken.toml"], 1, "broken.toml: not valid TOML"),
    ],
)
def test_what_goes_wrong_is_one_sentence(tmp_path: Path, words: list[str], status: int, sentence: str) -> None:
    (tmp_path / "broken.toml").write_text("[kiosk\n")
    said = kiosk(*words, cwd=tmp_path)
    everything = said.stdout + said.stderr
    assert said.returncode == status, everything
    assert sentence in everything
    assert "Traceback" not in everything


@pytest.mark.parametrize(
    ("words", "status", "kind"),
    [
        (["device", "permit-unit", "fly"], 2, "usage"),
        (["device", "permit-unit", "scan"], 2, "usage"),
        (["device", "permit-unit", "status", "--config", "broken.toml"], 1, "failed"),
        (["device", "permit-unit", "line"], 1, "no_media"),
        (["device", "permit-unit", "status", "--url", "cardunit+tcp://127.0.0.1:1"], 1, "offline"),
        (["device", "camera", "frame", "--out", "none/frame.png"], 1, "failed"),
        (["diagnose", "--config", "broken.toml"], 1, "failed"),
        (["ledger", "list", "--config", "broken.toml"], 1, "failed"),
        (["ledger", "settle", "X1"], 2, "usage"),
    ],
)
def test_what_goes_wrong_is_one_document_for_programs(tmp_path: Path, words: list[str], status: int, kind: str) -> None:
    (tmp_path / "broken.toml").write_text("[kiosk\n")
    said = kiosk(*words, "--json", cwd=tmp_path)
    document = json.loads(said.stdout)
    assert (said.returncode, document["good"], document["error"]) == (status, False, kind), said.stderr
    assert document["hint"].endswith(".")


@pytest.mark.parametrize(
    ("words", "status"), [(["nonsense"], 2), (["device", "id_card", "read", "--timeout", "0.1"], 1)]
)
def test_an_interpreter_of_its_own_says_the_same(tmp_path: Path, words: list[str], status: int) -> None:
    """The other tests here fork their processes from one that has imported everything; this is how a user's begins."""
    fresh, forked = (
        kiosk(*words, "--json", cwd=tmp_path, program=program) for program in ((sys.executable,), python())
    )
    assert (fresh.returncode, fresh.stdout) == (forked.returncode, forked.stdout)
    assert fresh.returncode == status
    assert "Traceback" not in fresh.stderr


def test_a_real_reader_gets_no_card_from_a_simulated_unit(tmp_path: Path) -> None:
    """Without a line there is nothing to wait for, and it is said at once, whether the service runs or not."""
    said = kiosk("device", "permit-reader", "read", "--url", "icao+pcsc:", cwd=tmp_path)
    assert said.returncode in (1, 2)
    assert "permit_unit: no_media" not in said.stdout
    assert "--line" in said.stderr or "PC/SC" in said.stdout


def test_diagnose_prints_one_json_document(tmp_path: Path) -> None:
    said = kiosk("diagnose", "--json", cwd=tmp_path)
    report = json.loads(said.stdout)
    assert said.returncode == 0
    assert report["good"] is True
    devices = {
        "id_card",
        "camera",
        "qr_scanner",
        "receipt_printer",
        "permit_unit",
        "permit_reader",
        "document_printer",
        "recorder",
    }
    assert {row["device"] for row in report["devices"]} == devices
    assert all(row["simulated"] for row in report["devices"])


def test_diagnose_says_no_when_a_device_is_missing(tmp_path: Path) -> None:
    said = kiosk("diagnose", cwd=tmp_path, ONETRIP_DEVICES__ID_CARD="samv+serial:///dev/none")
    assert said.returncode == 1
    assert "id_card: offline" in said.stdout
    assert said.stdout.splitlines()[-1] == "verdict: limited"
    shut = {line for line in said.stdout.splitlines() if line.startswith("service ")}
    assert shut == {f"service {name}: cannot be offered" for name in ("violation", "endorsement", "form")}


def test_diagnose_says_that_nothing_can_be_offered(tmp_path: Path) -> None:
    lost = {"RECEIPT_PRINTER": "escpos+serial:///dev/none", "DOCUMENT_PRINTER": "cups://127.0.0.1:1/none"}
    said = kiosk("diagnose", cwd=tmp_path, **{f"ONETRIP_DEVICES__{kind}": url for kind, url in lost.items()})
    assert said.returncode == 1
    assert said.stdout.splitlines()[-1] == "verdict: not ready"
    names = ("violation", "fine", "endorsement", "form", "reprint")
    shut = {line for line in said.stdout.splitlines() if line.startswith("service ")}
    assert shut == {f"service {name}: cannot be offered" for name in names}


def test_a_frame_is_a_picture(tmp_path: Path) -> None:
    said = kiosk("device", "camera", "frame", "--out", "frame.png", "--json", cwd=tmp_path)
    assert json.loads(said.stdout)["width"] == 1280
    assert (tmp_path / "frame.png").read_bytes().startswith(b"\x89PNG")


def test_ledger_of_a_new_machine_is_clean(tmp_path: Path) -> None:
    assert kiosk("ledger", "check", cwd=tmp_path).stdout == "all money invariants hold\n"
    assert json.loads(kiosk("ledger", "list", "--json", cwd=tmp_path).stdout) == {"version": 1, "open": []}


def test_a_staff_pin_becomes_a_hash_that_fits_only_itself(tmp_path: Path) -> None:
    from kiosk.domain.staff import pin_matches

    said = kiosk("staff-pin", cwd=tmp_path, stdin="135790\n")
    assert pin_matches("135790", said.stdout.strip())
    assert not pin_matches("135791", said.stdout.strip())
    refused = kiosk("staff-pin", cwd=tmp_path, stdin="12\n")
    assert (refused.returncode, "6 digits" in refused.stderr) == (1, True)


@pytest.mark.slow
@pytest.mark.timeout(120)
@pytest.mark.parametrize("scenario", [pytest.param("no_face_consent", marks=pytest.mark.chaos), "happy_two_records"])
def test_the_demo_leaves_pictures_receipts_and_a_summary(tmp_path: Path, scenario: str) -> None:
    root = Path(__file__).parents[2]
    said = subprocess.run(
        [sys.executable, "-m", "kiosk", "demo", "--scenario", scenario, "--out", str(tmp_path / "out")],
        cwd=tmp_path,
        text=True,
        capture_output=True,
        timeout=115,
        env={**os.environ, "PYTHONPATH": str(root), "ONETRIP_UI__MOTION": "false", "ONETRIP_UI__GUARD_MS": "0"},
    )
    assert said.returncode == 0, said.stderr
    assert "Traceback" not in said.stderr
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    (journey,) = summary["journeys"]
    assert summary["version"] == 1
    assert (journey["name"], journey["scenario"], journey["outcome"]) == ("violation", scenario, "paid")
    assert journey["amount_fen"] > 0
    assert journey["decision_nos"]
    assert len(journey["receipts"]) == len(journey["decision_nos"]) + 1
    for name in journey["screens"] + [paper["png"] for paper in journey["receipts"]]:
        assert (tmp_path / "out" / name).read_bytes().startswith(b"\x89PNG")
    for paper in journey["receipts"]:
        assert (tmp_path / "out" / paper["escpos"]).read_bytes().startswith(b"\x1b@")


def demonstrate(folder: Path, *names: str) -> list[dict[str, Any]]:
    """The journeys of a demo that went as its scenarios say."""
    said = subprocess.run(
        [sys.executable, "-m", "kiosk", "demo", *(f"--scenario={name}" for name in names), "--out", "out"],
        cwd=folder,
        text=True,
        capture_output=True,
        timeout=115,
        env={
            **os.environ,
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "ONETRIP_UI__MOTION": "false",
            "ONETRIP_UI__GUARD_MS": "0",
        },
    )
    assert said.returncode == 0, said.stderr
    assert "Traceback" not in said.stderr
    summary = json.loads((folder / "out" / "summary.json").read_text())
    assert summary["version"] == 1
    journeys: list[dict[str, Any]] = summary["journeys"]
    services = {"endorse": "endorsement", "form": "form"}
    assert [(journey["name"], journey["scenario"]) for journey in journeys] == [
        (services[name.split("_")[0]], name) for name in names
    ]
    for journey in journeys:
        papers = [*journey["receipts"], *(paper for paper in journey.get("pages", ()) if "png" in paper)]
        for name in [*journey["screens"], *journey.get("pictures", ()), *(paper["png"] for paper in papers)]:
            assert (folder / "out" / name).read_bytes().startswith(b"\x89PNG")
    return journeys


@pytest.mark.chaos
@pytest.mark.timeout(120)
def test_the_demo_makes_a_permit(tmp_path: Path) -> None:
    (both,) = demonstrate(tmp_path, "endorse_happy_both")
    assert (both["outcome"], both["amount_fen"], len(both["decision_nos"])) == ("endorsed", 4500, 2)
    assert len(both["pictures"]) == 1
    shown = [Path(name).stem.split("-", 1)[1] for name in both["screens"]]
    for page in ("ChooseEndorsementKind", "ChooseDestinations-ready", "ReviewEndorsement", "CheckPermit"):
        assert page in shown


@pytest.mark.chaos
@pytest.mark.timeout(120)
def test_the_demo_lays_a_scenarios_own_settings_over_the_machines_and_leaves_a_permit_behind(tmp_path: Path) -> None:
    closed, left = demonstrate(tmp_path, "endorse_ee21_closed", "endorse_not_taken")
    assert closed["outcome"] == "refused:EE21"
    assert (closed["amount_fen"], closed["decision_nos"], closed["pictures"]) == (0, [], [])
    assert left["outcome"] == "permit_retained"
    assert (len(left["receipts"]), len(left["pictures"])) == (2, 1)


FORM_PAGES = ("FormQuestion", "ChoosePhotoWay", "ReviewForm", "PreviewForm", "Message", "Finish")


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_the_demo_fills_a_form(tmp_path: Path) -> None:
    (filled,) = demonstrate(tmp_path, "form_first_passport")
    assert (filled["outcome"], filled["order_no"], filled["amount_fen"]) == ("printed", "", 0)
    assert (len(filled["pages"]), filled["receipts"]) == (1, [])
    assert "pictures" not in filled
    assert (tmp_path / "out" / filled["pages"][0]["pdf"]).read_bytes().startswith(b"%PDF")
    shown = [Path(name).stem.split("-", 1)[1] for name in filled["screens"]]
    assert {name.split("-")[0] for name in shown} >= set(FORM_PAGES)
    assert {"FormQuestion-emergency_name-emer_name-typing", "PreviewForm-enlarged"} <= set(shown)


@pytest.mark.chaos
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "name", ["form_all_three", "form_photo", "form_phone_code", "form_changes_mind", "form_reprint", "form_relative"]
)
def test_the_demo_fills_every_kind_of_form(tmp_path: Path, name: str) -> None:
    (filled,) = demonstrate(tmp_path, name)
    assert filled["outcome"] == "printed"
    assert len(filled["pages"]) == (2 if name == "form_reprint" else 1)
