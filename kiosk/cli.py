"""The command line. Exit status: 0 done, 1 the thing asked failed (with a sentence), 2 wrong usage.

`--json` prints one JSON document on stdout; logs go to stderr. Verbs import what they need when they run.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from config.settings import Settings

KINDS = ("id_card", "camera", "qr_scanner", "receipt_printer", "permit_unit", "permit_reader")
UNIT_VERBS = ("accept", "eject", "retain", "line", "written", "picture")
VERBS = ("status", "read", "frame", "scan", "print-test", "health", *UNIT_VERBS)
SIMULATORS = ("id_card", "qr_scanner", "receipt_printer", "permit_unit", "permit_chip")
SERVERS = ("police", "exit_entry", "wallet")


def _kind(word: str) -> str:
    """permit-unit is taken for permit_unit."""
    return word.replace("-", "_")


class CommandFailed(Exception):
    """The thing asked failed; the sentence goes to the user."""


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="kiosk", description="OneTrip (一次办): a self-service kiosk for public-security halls."
    )
    top.add_argument("--verbose", action="store_true", help="log more, for technicians")
    verbs = top.add_subparsers(dest="verb", required=True, metavar="VERB")

    def add(name: str, text: str, config: bool = True) -> argparse.ArgumentParser:
        verb = verbs.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
        if config:
            verb.add_argument("--config", type=Path, metavar="FILE", help="settings file (TOML); default: profile demo")
            verb.add_argument("--profile", choices=("demo", "ci", "hall"), help="profile to start from")
        return verb

    run = add("run", "the kiosk")
    run.add_argument("--windowed", action="store_true", help="in a window instead of full screen")
    run.add_argument("--bench", action="store_true", help="show the virtual hardware beside the kiosk")
    run.add_argument(
        "--scenario", metavar="NAME|FILE", action="append", help="who comes to the simulated hall (several)"
    )

    demo = add("demo", "a simulated citizen does each service; writes screenshots, receipts and summary.json")
    demo.add_argument("--scenario", metavar="NAME|FILE", action="append", help="only these (default: a short tour)")
    demo.add_argument("--all", action="store_true", help="every shipped scenario")
    demo.add_argument("--list", action="store_true", help="list the shipped scenarios and the ends they reach")
    demo.add_argument("--out", type=Path, default=Path("demo-out"), help="directory to write to (default: demo-out)")
    demo.add_argument("--windowed", action="store_true", help="on the display, for people to watch")

    device = add("device", "drive one device without the kiosk")
    device.add_argument("kind", type=_kind, choices=KINDS)
    device.add_argument("action", choices=VERBS, metavar="VERB", help=", ".join(VERBS))
    device.add_argument("--url", help="instead of the settings' device, e.g. samv+serial:///dev/ttyS1")
    device.add_argument("--timeout", type=float, default=30.0, help="seconds to wait for a card, a code, a frame")
    device.add_argument("--out", type=Path, help="where `frame` and `picture` write theirs")
    device.add_argument(
        "--line", default="", metavar="TEXT", help="permit_reader: the printed line, instead of the unit's"
    )
    device.add_argument(
        "--show", action="store_true", help="`read` and `scan` print what was read instead of masking it"
    )
    device.add_argument("--json", action="store_true", help="one JSON document on stdout")

    simulate = add("simulate", "one simulator as its own process", config=False)
    simulate.add_argument("kind", type=_kind, choices=(*SIMULATORS, *SERVERS))
    simulate.add_argument("--listen", metavar="URL", help="tcp://127.0.0.1:7001 or pty:///tmp/reader")
    simulate.add_argument("--control", metavar="URL", help="tcp://127.0.0.1:7101, takes JSON lines")
    simulate.add_argument("--out", type=Path, help="receipt_printer: directory for the paper as PNG")
    simulate.add_argument(
        "--vpcd", metavar="HOST:PORT", help="permit_chip, permit_unit: a PC/SC service's virtual reader"
    )
    simulate.add_argument(
        "--scenario", metavar="NAME|FILE", action="append", help="permit_chip, permit_unit: whose permit lies there"
    )
    simulate.add_argument("--speed", type=float, metavar="N", help="permit_unit: N times as fast as a real one")
    simulate.epilog = (
        "police, exit_entry and wallet take further options; "
        "see `kiosk simulate police --listen tcp://127.0.0.1:8101 --help-server`."
    )

    diagnose = add("diagnose", "self-test of every configured device; the exit status is the verdict")
    diagnose.add_argument("--json", action="store_true", help="one JSON document on stdout")

    ledger = add("ledger", "money invariants, what is open, and what staff have settled")
    ledger.add_argument("--json", action="store_true", help="one JSON document on stdout")
    actions = ledger.add_subparsers(dest="action", required=True, metavar="ACTION")

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
    act("given-back", "staff have handed out a permit that the machine kept").add_argument("record", metavar="CUSTODY")
    settle = act("settle", "staff have found out whether endorsements are in force")
    settle.add_argument("record", metavar="ISSUANCE")
    verdict = settle.add_mutually_exclusive_group(required=True)
    verdict.add_argument("--in-force", dest="in_force", action="store_true", help="the permit carries them")
    verdict.add_argument("--not-in-force", dest="in_force", action="store_false", help="the fee goes back")

    form = add("form", "check the signed code on a printed application form", config=False)
    form.add_argument("action", choices=("decode",))
    form.add_argument("file", metavar="FILE", help='the code\'s text; "-" reads standard input')
    form.add_argument(
        "--key",
        action="append",
        required=True,
        metavar="ROLE=PEM",
        help="who may have signed (kiosk or phone) and the file with the public key; may be given again",
    )
    form.add_argument("--json", action="store_true", help="one JSON document on stdout")

    add("staff-pin", "make the hash of a staff PIN for the settings file", config=False)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    top = parser()
    arguments, rest = top.parse_known_args(argv)
    if rest and not (arguments.verb == "simulate" and arguments.kind in SERVERS):
        top.error(f"unrecognized arguments: {' '.join(rest)}")
    arguments.rest = ["--help" if word == "--help-server" else word for word in rest]
    try:
        if arguments.verb != "run":  # `run` paints its first screen before it loads what logs need
            _configure(arguments)
        return _VERBS[arguments.verb](arguments)
    except CommandFailed as error:
        print(f"kiosk: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        from config.settings import SettingsError

        if not isinstance(error, SettingsError):
            raise
        print(f"kiosk: {error}", file=sys.stderr)
        return 1


def _configure(arguments: argparse.Namespace) -> None:
    from kiosk.logs import configure

    configure(verbose=arguments.verbose)


def _settings(arguments: argparse.Namespace) -> Settings:
    from config.settings import load

    return load(arguments.config, arguments.profile)


def _out(value: Any, as_json: bool, text: str) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2) if as_json else text)


def _run(arguments: argparse.Namespace) -> int:
    from kiosk.verbs.look import glance
    from kiosk.verbs.window import run

    return run(
        lambda: _settings(arguments),
        glance(arguments.config, arguments.profile),
        windowed=arguments.windowed,
        bench=arguments.bench,
        scenarios=arguments.scenario or (),
        begin=lambda: _configure(arguments),
    )


def _demo(arguments: argparse.Namespace) -> int:
    from kiosk.verbs.demo import list_text, run

    if arguments.list:
        print(list_text())
        return 0
    names = arguments.scenario or (["all"] if arguments.all else [])
    return run(_settings(arguments), names, arguments.out, windowed=arguments.windowed)


def _device(arguments: argparse.Namespace) -> int:
    import asyncio

    from kiosk.verbs.device import drive

    report = asyncio.run(drive(_settings(arguments), arguments))
    _out(report.data, arguments.json, report.text)
    return 0 if report.good else 1


def _simulate(arguments: argparse.Namespace) -> int:
    from kiosk.verbs.simulate import simulate

    return simulate(arguments)


def _diagnose(arguments: argparse.Namespace) -> int:
    import asyncio

    from kiosk.verbs.device import diagnose

    report = asyncio.run(diagnose(_settings(arguments)))
    _out(report.data, arguments.json, report.text)
    return 0 if report.good else 1


def _form(arguments: argparse.Namespace) -> int:
    from kiosk.verbs.form import decode, read_roles

    report = decode(arguments.file, read_roles(arguments.key))
    _out(report.data, arguments.json, report.text)
    return 0 if report.good else 1


def _ledger(arguments: argparse.Namespace) -> int:
    import asyncio

    from kiosk.verbs.ledger import give_back, inspect, settle

    settings = _settings(arguments)
    match arguments.action:
        case "given-back":
            work = give_back(settings, arguments.record)
        case "settle":
            work = settle(settings, arguments.record, in_force=arguments.in_force)
        case action:
            work = inspect(settings, action)
    report = asyncio.run(work)
    _out(report.data, arguments.json, report.text)
    return 0 if report.good else 1


def _staff_pin(_: argparse.Namespace) -> int:
    from getpass import getpass

    from kiosk.domain.staff import hash_pin

    pin = getpass("staff PIN (6 digits): ") if sys.stdin.isatty() else sys.stdin.readline().strip()
    try:
        print(hash_pin(pin))
    except ValueError as error:
        raise CommandFailed(f"{error}.") from None
    return 0


_VERBS = {
    "run": _run,
    "demo": _demo,
    "device": _device,
    "simulate": _simulate,
    "diagnose": _diagnose,
    "form": _form,
    "ledger": _ledger,
    "staff-pin": _staff_pin,
}
