"""The words of `kiosk simulate`, `kiosk ledger` and `kiosk form`, for the command line's parser. Light: loaded with every start."""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path

SIMULATORS = (
    "id_card",
    "qr_scanner",
    "receipt_printer",
    "permit_unit",
    "permit_chip",
    "document_printer",
    "nav_pad",
    "io_board",
    "ups",
    "signature_pad",
    "recorder",
)
KINDS = (
    "id_card",
    "camera",
    "qr_scanner",
    "receipt_printer",
    "permit_unit",
    "permit_reader",
    "document_printer",
    "nav_pad",
    "io_board",
    "ups",
    "signature_pad",
    "recorder",
)
"""The devices that `kiosk device` drives, and that one program has at a time."""
SERVERS = ("police", "exit_entry", "wallet", "acquirer", "alipay", "wechat")


def kind_word(word: str) -> str:
    """permit-unit is taken for permit_unit."""
    return word.replace("-", "_")


def simulate_words(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("kind", type=kind_word, choices=(*SIMULATORS, *SERVERS))
    verb.add_argument("--listen", metavar="URL", help="tcp://127.0.0.1:7001 or pty:///tmp/reader")
    verb.add_argument(
        "--control", metavar="URL", help='tcp://127.0.0.1:7101, takes JSON lines such as {"do": "faults"}'
    )
    verb.add_argument("--out", type=Path, help="receipt_printer, document_printer: directory for the paper (PNG, PDF)")
    verb.add_argument("--vpcd", metavar="HOST:PORT", help="permit_chip, permit_unit: a PC/SC service's virtual reader")
    verb.add_argument(
        "--scenario", metavar="NAME|FILE", action="append", help="permit_chip, permit_unit: whose permit lies there"
    )
    verb.add_argument("--speed", type=float, metavar="N", help="permit_unit: N times as fast as a real one")
    verb.add_argument(
        "--nvram", type=Path, metavar="FILE", help="permit_unit: keeps its card over the end of the process"
    )
    verb.epilog = (
        "police, exit_entry, wallet (the payment front), and behind it acquirer, alipay and wechat take further options; "
        "see `kiosk simulate police --listen tcp://127.0.0.1:8101 --help-server`."
    )


def ledger_words(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--json", action="store_true", help="one JSON document on stdout")
    actions = verb.add_subparsers(dest="action", required=True, metavar="ACTION")

    def act(name: str, text: str) -> argparse.ArgumentParser:
        # What was said before the action's name counts where it is not said after it.
        action = actions.add_parser(
            name, help=text, description=text[0].upper() + text[1:] + ".", argument_default=argparse.SUPPRESS
        )
        action.add_argument("--config", type=Path, metavar="FILE", help="as before the action")
        action.add_argument("--profile", choices=("demo", "ci", "hall"), help="as before the action")
        action.add_argument("--json", action="store_true", help="one JSON document on stdout")
        return action

    act("check", "whether all money invariants hold")
    act("list", "what is open, and what waits for staff")
    match = act("reconcile", "match a day with the wallets' bills and the police side's books (T+1)")
    match.add_argument("--date", type=day_word, metavar="YYYY-MM-DD", help="the day; default: yesterday")
    match.add_argument(
        "--bill",
        type=Path,
        action="append",
        metavar="FILE",
        help="a wallet's own bill file (Alipay: zip, WeChat Pay: CSV or gzip), instead of asking the payment front; several",
    )
    match.add_argument("--html", type=Path, metavar="FILE", help="also write the report as one HTML page")
    match.add_argument("--text", action="store_true", help="the report as text (this is the default)")
    match.add_argument("--look", action="store_true", help="only compare and list; ask nobody to post or refund")
    work = act("work", "the work list of the end-of-day match")
    work.add_argument("--all", action="store_true", help="settled entries too")
    act("refunds", "money that is due back, on its way, or back")
    end = act("day-end", "the end-of-day slip for technicians")
    end.add_argument("--date", type=day_word, metavar="YYYY-MM-DD", help="the day; default: today")
    end.add_argument("--print", dest="on_paper", action="store_true", help="on the receipt printer")
    act("given-back", "staff have handed out a permit that the machine kept").add_argument("record", metavar="CUSTODY")
    settle = act("settle", "staff have found out how an entry of the work list, or an application, stands")
    settle.add_argument("record", metavar="ENTRY|ISSUANCE")
    verdict = settle.add_mutually_exclusive_group(required=True)
    verdict.add_argument("--in-force", dest="in_force", action="store_true", help="issuance: the permit carries them")
    verdict.add_argument("--not-in-force", dest="in_force", action="store_false", help="issuance: the fee goes back")
    verdict.add_argument("--reason", metavar="TEXT", help="entry: how it was settled; no names, no numbers of people")


def day_word(word: str) -> dt.date:
    try:
        return dt.date.fromisoformat(word)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{word!r} is no day as 2026-11-20") from None


def form_words(verb: argparse.ArgumentParser) -> None:
    doing = verb.add_subparsers(dest="action", required=True, metavar="ACTION")
    read = doing.add_parser("decode", help="verify a code and print the answers in it")
    read.add_argument("file", metavar="FILE", help='the code\'s text; "-" reads standard input')
    read.add_argument(
        "--key",
        action="append",
        required=True,
        metavar="ROLE=PEM",
        help="who may have signed (kiosk or phone) and the file with the public key; may be given again",
    )
    make = doing.add_parser("new-key", help="make the key this machine signs with, and show its public key")
    make.add_argument("file", metavar="FILE", help="where the key is kept; must not exist yet")
    for action in (read, make):
        action.add_argument("--json", action="store_true", help="one JSON document on stdout")
