"""The words of `kiosk recording`, for the command line's parser. Light: loaded with every start."""

from __future__ import annotations

import argparse
from pathlib import Path

from kiosk.verbs.diagnostics_words import _examples


def recording_words(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--json", action="store_true", help="one JSON document on stdout")
    actions = verb.add_subparsers(dest="action", required=True, metavar="ACTION")
    listed = actions.add_parser(
        "list", help="what is kept, and how much room there is", argument_default=argparse.SUPPRESS
    )
    verify = actions.add_parser(
        "verify",
        help="whether each is whole, and belongs to the decisions that name it",
        argument_default=argparse.SUPPRESS,
    )
    verify.add_argument("file", nargs="?", default="", metavar="FILE", help="only this one (default: all)")
    export = actions.add_parser("export", help="a copy that any player opens", argument_default=argparse.SUPPRESS)
    export.add_argument("file", metavar="FILE", help="as `kiosk recording list` names it")
    export.add_argument(
        "--key", type=Path, required=True, metavar="KEYFILE", help="the ledger's key; only who has it may see"
    )
    export.add_argument("--out", type=Path, required=True, metavar="FILE.avi", help="must not exist yet")
    for action in (listed, verify, export):
        action.add_argument("--config", type=Path, metavar="FILE", help="as before the action")
        action.add_argument("--profile", choices=("demo", "ci", "hall"), help="as before the action")
        action.add_argument("--json", action="store_true", help="one JSON document on stdout")
    _examples(
        verb,
        "kiosk recording list --config /etc/onetrip/kiosk.toml",
        "kiosk recording verify --config /etc/onetrip/kiosk.toml",
        "kiosk recording export 20260318T100000-HS03-1.otrec --key /var/lib/onetrip/ledger.key --out case.avi",
        ends="Exit status of verify: 0 all are whole and none is missing, 1 not (the sentences name which), 2 wrong usage.",
    )
