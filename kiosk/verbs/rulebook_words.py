"""The words of `kiosk rulebook`, without what it needs to run."""

from __future__ import annotations

import argparse
from pathlib import Path

EPILOG = """examples
  kiosk rulebook --out rule-book.html
  kiosk rulebook --lang en --out docs/rule-book.md
  kiosk rulebook --tables /etc/onetrip/tables --out here.html"""


def rulebook_words(verb: argparse.ArgumentParser) -> None:
    verb.epilog, verb.formatter_class = EPILOG, argparse.RawDescriptionHelpFormatter
    verb.add_argument("--lang", choices=("zh", "en"), default="zh", help="Chinese (default) or English")
    verb.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="one HTML page; Markdown where the name ends with .md or nothing is named",
    )
    verb.add_argument("--tables", type=Path, metavar="DIR", help="a hall's own tables; default: as shipped")
    verb.add_argument("--json", action="store_true", help="one JSON document on stdout")
