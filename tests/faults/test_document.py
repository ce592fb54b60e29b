"""docs/fault-matrix.md is what `kiosk faults matrix --markdown` prints, and the table names nothing that is not there."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest
import structlog

from config.fault_matrix import MatrixError, load_matrix
from config.scenario_devices import DeviceCommand
from drivers.faults import LINE_FAULTS, FaultBook
from kiosk.cli import main
from kiosk.verbs.faults import faults, known_faults
from kiosk.verbs.faults_words import faults_words

ROOT = Path(__file__).parents[2]
MATRIX = load_matrix()


def test_the_document_is_up_to_date() -> None:
    printed = faults("matrix", markdown=True).text + "\n"
    assert (ROOT / "docs" / "fault-matrix.md").read_text() == printed, (
        "print it anew: .venv/bin/python -m kiosk faults matrix --markdown > docs/fault-matrix.md"
    )


def test_every_fault_of_the_table_is_one_its_device_can_play() -> None:
    known = known_faults()
    for row in (*MATRIX.rows, *MATRIX.home):
        for written in row.faults:
            for command in MATRIX.fault(written).commands:
                assert DeviceCommand(device=row.device, command=command)
                if command["do"] == "fault" and row.device != "camera":
                    FaultBook({**known["line"], **known[row.device]}).command(command)


def test_every_device_is_there_at_every_step_where_it_is_used() -> None:
    used = {(row.device, row.at, service) for row in MATRIX.rows for service in row.services}
    assert used >= {
        ("id_card", "card", "violation"),
        ("id_card", "card", "endorsement"),
        ("id_card", "card", "form"),
        ("id_card", "finish", "violation"),
        ("camera", "face", "violation"),
        ("camera", "face", "endorsement"),
        ("camera", "photo", "form"),
        ("qr_scanner", "bring", "form"),
        ("permit_unit", "permit", "endorsement"),
        ("permit_unit", "write", "endorsement"),
        ("permit_unit", "check", "endorsement"),
        ("permit_unit", "take", "endorsement"),
        ("permit_reader", "permit", "endorsement"),
        ("receipt_printer", "print", "violation"),
        ("receipt_printer", "print", "endorsement"),
        ("document_printer", "print", "form"),
        ("signature_pad", "notice", "violation"),
        ("signature_pad", "sign", "violation"),
    }


ELSEWHERE = {
    "SAM.SLOW9600": "needs the driver's full patience; tests/drivers/id_card",
    "PRN.SLOW": "needs the driver's full patience; tests/drivers/receipt_printer",
    "PRN.ESC_V": "a model is what it is from the moment it is opened; tests/drivers/receipt_printer",
    "PRN.NOT_TAKEN": "of models with a presenter; tests/drivers/receipt_printer",
    "PRN.PRESENTER_JAM": "of models with a presenter; tests/drivers/receipt_printer",
    "PRN.NO_ASB": "a model is what it is from the moment it is opened; tests/drivers/receipt_printer",
    "PRN.NO_CLEAR": "as PRN.NO_ASB; tests/drivers/receipt_printer",
    "PRN.TORN_ASB": "between citizens; tests/drivers/receipt_printer",
    "PCSC.SLOW": "needs the reader's full patience; tests/drivers/permit_reader",
    "A4.NO_ADMIN": "rights at the print service; tests/drivers/document_printer",
    "CAM.CRASH": "a worker that dies between two pictures is replaced unnoticed, or not; tests/drivers/camera",
    "CAM.FLAP": "tests/drivers/camera",
    "CAM.BUSY": "opening; tests/drivers/camera",
    "CAM.PERMISSION": "opening; tests/drivers/camera",
    "CAM.FORMAT": "slow; tests/drivers/camera",
    "CAM.LATE": "as CAM.STALL; tests/drivers/camera",
    "CAM.UPSIDE_DOWN": "as CAM.OVEREXPOSED; tests/drivers/camera",
    "CAM.PHOTO": "as CAM.OVEREXPOSED; tests/drivers/camera",
    "LINE.REFUSE": "opening; tests/drivers/transport",
    "LINE.PERMISSION": "opening; tests/drivers/transport",
    "LINE.BUSY": "opening; tests/drivers/transport",
}
"""Faults that no row names, and why."""


def test_no_fault_is_forgotten() -> None:
    """Each is named by a row of its device; a fault of the line by some device."""
    named = {device: set[str]() for device in known_faults()}
    for row in (*MATRIX.rows, *MATRIX.home):
        for written in row.faults:
            for command in MATRIX.fault(written).commands:
                named[row.device].add(str(command.get("id", "")))
    for device, ids in known_faults().items():
        here = set().union(*named.values()) if device == "line" else named[device]
        assert set(ids) - here - set(ELSEWHERE) == set(), device


def test_every_transport_fault_is_told_in_the_guide() -> None:
    guide = (ROOT / "docs" / "faults.md").read_text()
    for number in range(1, 20):
        assert f"| T{number} |" in guide
    for fault_id in LINE_FAULTS:
        assert f"`{fault_id}`" in guide, fault_id


def test_as_text_and_as_data() -> None:
    report = faults("matrix", device="camera")
    assert report.good
    assert {row["device"] for row in report.data["rows"]} == {"camera"}
    json.dumps(report.data)
    assert "camera" in report.text
    everything = faults("matrix").data
    assert everything["cases"] == len(list(MATRIX.cases())) + sum(len(row.faults) for row in MATRIX.home)
    listed = faults("list", device="id_card")
    assert "SAM.41" in listed.text
    assert "LINE.CUT" in listed.text


def test_the_verb(capsys: pytest.CaptureFixture[str]) -> None:
    top = argparse.ArgumentParser()
    faults_words(top)
    words = top.parse_args(["matrix", "--markdown", "--device", "id-card"])
    assert (words.action, words.markdown, words.device) == ("matrix", True, "id_card")
    with pytest.raises(SystemExit):
        top.parse_args(["matrix", "--device", "toaster"])
    try:
        assert main(["faults", "list", "--device", "camera", "--json"]) == 0
    finally:
        structlog.reset_defaults()  # the command has set its log up for a program that ends
    assert "CAM.STALL" in json.loads(capsys.readouterr().out)["faults"]["camera"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no toml", "fault.toml"),
        ('[[row]]\ndevice = "toaster"', "device"),
    ],
)
def test_a_table_that_cannot_be_read_is_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "fault.toml"
    file.write_text(text)
    with pytest.raises(MatrixError, match=said) as caught:
        load_matrix(file)
    assert "\n" not in str(caught.value)


def test_rows_that_make_no_sense(tmp_path: Path) -> None:
    text = (ROOT / "config" / "fault_matrix.toml").read_text()
    row = '\n[[row]]\ndevice = "id_card"\nat = "card"\nservices = ["violation"]\nfaults = ["SAM.41"]\n'
    for more, said in (
        (row, "two rows"),
        (row.replace("SAM.41", "SAM.99") + 'stored = "magic"\n', "magic"),
        (row.replace("SAM.41", "SAM.99") + 'recovers = "prayer"\n', "prayer"),
    ):
        file = tmp_path / "matrix.toml"
        file.write_text(text + more)
        with pytest.raises(MatrixError, match=said):
            load_matrix(file)
    for written in ("SAM.41 sometimes", "SAM.41 3"):
        with pytest.raises(ValueError, match="none of"):
            MATRIX.fault(written)
