"""The words of `kiosk audit` and `kiosk technician`, for the command line's parser. Light: loaded with every start."""

from __future__ import annotations

import argparse
from pathlib import Path

_MOST_ROWS = 1_000_000


def audit_words(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--json", action="store_true", help="one JSON document on stdout")
    actions = verb.add_subparsers(dest="action", required=True, metavar="ACTION")
    # What was said before the action's name counts where it is not said after it.
    verify = actions.add_parser("verify", help="whether the audit chain is whole", argument_default=argparse.SUPPRESS)
    verify.add_argument(
        "--anchor", default="", metavar="N-HASH", help="from a readiness report: whether that row is still the same"
    )
    newest = actions.add_parser("list", help="the newest rows", argument_default=argparse.SUPPRESS)
    newest.add_argument("--limit", type=_count, default=50, metavar="N", help="how many (default: 50)")
    for action in (verify, newest):
        action.add_argument("--config", type=Path, metavar="FILE", help="as before the action")
        action.add_argument("--profile", choices=("demo", "ci", "hall"), help="as before the action")
        action.add_argument("--json", action="store_true", help="one JSON document on stdout")
    _examples(
        verb,
        "kiosk audit verify --config /etc/onetrip/kiosk.toml",
        "kiosk audit verify --anchor 128-1f3a9c02d4e5b6a7 --json",
        "kiosk audit list --limit 20",
        ends="Exit status of verify: 0 the chain is whole, 1 it is broken (the sentence names the first bad row), 2 wrong usage.",
    )


def technician_words(verb: argparse.ArgumentParser) -> None:
    actions = verb.add_subparsers(dest="action", required=True, metavar="ACTION")
    new = actions.add_parser(
        "new",
        help="ask a PIN and print the lines for the settings file",
        description="Ask a PIN twice, on the terminal or as two lines of standard input, and print the lines for the settings file.",
    )
    new.add_argument("--code", required=True, metavar="CODE", help="of the staff pass, e.g. T0271")
    new.add_argument(
        "--totp",
        type=Path,
        metavar="FILE",
        help="make a secret for one-time codes there (must not exist yet), and show it once for the telephone",
    )
    new.add_argument("--json", action="store_true", help="one JSON document on stdout")
    examples = (
        "kiosk technician new --code T0271",
        "kiosk technician new --code T0271 --totp /var/lib/onetrip/T0271.totp",
        "printf '%s\\n' 482915 482915 | kiosk technician new --code T0271 >> kiosk.toml",
    )
    _examples(verb, *examples)
    _examples(new, *examples)


def _count(word: str) -> int:
    if not (word.isascii() and word.isdigit() and 1 <= int(word[:9]) <= _MOST_ROWS):
        raise argparse.ArgumentTypeError(f"{word!r} is no number from 1 to {_MOST_ROWS}")
    return int(word)


def _examples(verb: argparse.ArgumentParser, *lines: str, ends: str = "") -> None:
    """Shown by --help, below the options."""
    verb.epilog = "\n".join(["examples:", *(f"  {line}" for line in lines), *(["", ends] if ends else [])])
    verb.formatter_class = argparse.RawDescriptionHelpFormatter
