"""The words of `kiosk diagnose`, without what it needs to run."""

from __future__ import annotations

import argparse
from pathlib import Path

EPILOG = """levels, as in UnifiedPOS CheckHealth; those below are done first
  1  the devices are asked how they are; nothing moves, nothing is printed
  2  they do what can be checked without a person: a test slip, a frame, a card moved in and out
  3  a person at the terminal lays a card down, looks into the camera, says whether a slip came out

verdicts: ready (exit status 0), limited or not ready (1). What could not be judged is never counted as passed.

examples
  kiosk diagnose --config hall.toml
  kiosk diagnose --level 2 --print --out readiness.json
  kiosk diagnose --level 3 --device receipt-printer"""


def diagnose_words(verb: argparse.ArgumentParser) -> None:
    verb.epilog, verb.formatter_class = EPILOG, argparse.RawDescriptionHelpFormatter
    verb.add_argument("--level", type=int, choices=(1, 2, 3), default=1, help="how thoroughly; see below (default: 1)")
    verb.add_argument("--device", metavar="KIND", default="", help="only this one, e.g. receipt-printer")
    verb.add_argument("--out", type=Path, metavar="FILE", help="write the report there as JSON")
    verb.add_argument("--print", action="store_true", help="print the report on the receipt printer")
    verb.add_argument("--json", action="store_true", help="one JSON document on stdout; questions go to stderr")
