"""The words of `kiosk device` for tapes, and of `kiosk drivers`, for the command line's parser. Light: loaded with every start."""

from __future__ import annotations

import argparse
from pathlib import Path


def tape_words(device: argparse.ArgumentParser) -> None:
    """--record and --replay of `kiosk device`."""
    either = device.add_mutually_exclusive_group()
    either.add_argument(
        "--record",
        type=Path,
        metavar="FILE",
        help="keep what goes over the line as a tape, personal data masked (docs/record-replay.md)",
    )
    either.add_argument(
        "--replay", type=Path, metavar="FILE", help="play that tape's device; fails at the first byte that differs"
    )


def drivers_words(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--json", action="store_true", help="one JSON document on stdout")
    verb.epilog = (
        "Exit status: 0 all can be used, 1 a package that was meant to be a driver cannot. See docs/drivers.md."
    )
