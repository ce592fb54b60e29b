"""The words of `kiosk faults`, without what it needs to run."""

from __future__ import annotations

import argparse

EPILOG = """matrix: device, step of the visit and fault, and what the citizen sees, what is stored and printed, how it recovers
list:   the ids of all faults, for a control socket, a scenario file or the bench (docs/faults.md)

examples
  kiosk faults matrix --device receipt-printer
  kiosk faults matrix --markdown > docs/fault-matrix.md
  kiosk faults list --device id-card"""
DEVICES = {
    "id_card": "Identity card reader",
    "camera": "Camera",
    "qr_scanner": "Code scanner",
    "receipt_printer": "Receipt printer",
    "permit_unit": "Card unit (permits)",
    "permit_reader": "Chip reader (permits)",
    "document_printer": "A4 printer",
    "signature_pad": "Signature pad",
    "recorder": "Recorder (microphone)",
}


def faults_words(verb: argparse.ArgumentParser) -> None:
    verb.epilog, verb.formatter_class = EPILOG, argparse.RawDescriptionHelpFormatter
    verb.add_argument("action", choices=("matrix", "list"), help="see below")
    verb.add_argument("--markdown", action="store_true", help="matrix: as the document docs/fault-matrix.md")
    verb.add_argument("--device", type=_kind, choices=tuple(DEVICES), default="", help="only this one")
    verb.add_argument("--json", action="store_true", help="one JSON document on stdout")


def _kind(word: str) -> str:
    """receipt-printer is taken for receipt_printer."""
    return word.replace("-", "_")
