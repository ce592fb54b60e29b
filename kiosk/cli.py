"""The command line. Exit status: 0 done, 1 the thing asked failed (with a sentence), 2 wrong usage.

`--json` prints one JSON document on stdout; logs go to stderr. Verbs import what they need when they run.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from kiosk.verbs.command_words import KINDS, SERVERS, form_words, kind_word, ledger_words, simulate_words
from kiosk.verbs.diagnose_words import diagnose_words
from kiosk.verbs.diagnostics_words import audit_words, technician_words
from kiosk.verbs.driver_words import drivers_words, tape_words
from kiosk.verbs.faults_words import faults_words
from kiosk.verbs.front import front_words
from kiosk.verbs.recording_words import recording_words
from kiosk.verbs.rulebook_words import rulebook_words

if TYPE_CHECKING:
    from config.settings import Settings
    from kiosk.diagnostics.logring import LogRing
    from kiosk.verbs.report import Report

UNIT_VERBS = ("accept", "eject", "retain", "line", "written", "picture")
VERBS = ("status", "read", "frame", "scan", "print-test", "sign", "health", *UNIT_VERBS)
DEVICE_HELP = """status and health go with every device; besides
  id_card          read
  camera           frame
  qr_scanner       scan
  receipt_printer  print-test
  permit_unit      accept, eject, retain: draw a card in, give it out, keep it in the bin
                   line, written, picture: its printed line, the endorsements on its chip, its back
  permit_reader    read: the chip; the line comes from the unit, or from --line
  document_printer print-test
  signature_pad    sign: done when the pen rests for two seconds"""
_LONGEST_S = 86_400.0


def _seconds(word: str) -> float:
    try:
        value = float(word)
    except ValueError:
        value = -1.0
    if not 0.0 <= value <= _LONGEST_S:
        raise argparse.ArgumentTypeError(f"{word!r} is no number of seconds from 0 to {_LONGEST_S:g}")
    return value


class WrongWords(SystemExit):
    """argparse refused the words; it has said so on stderr."""

    def __init__(self, sentence: str) -> None:
        super().__init__(2)
        self.sentence = sentence


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        print(f"{self.prog}: error: {message}", file=sys.stderr)
        raise WrongWords(f"{message}; see `{self.prog} --help`.")


class CommandFailed(Exception):
    """The thing asked failed; the sentence goes to the user."""


def parser() -> argparse.ArgumentParser:
    top = _Parser(prog="kiosk", description="OneTrip (一次办): a self-service kiosk for public-security halls.")
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
    demo.add_argument(
        "--scenario",
        metavar="NAME|FILE",
        action="append",
        nargs="?",
        const="",
        help="only these (default: a short tour); without a name: list them",
    )
    demo.add_argument("--all", action="store_true", help="every shipped scenario")
    demo.add_argument("--list", action="store_true", help="list the shipped scenarios, their rules and ends")
    demo.add_argument("--out", type=Path, default=Path("demo-out"), help="directory to write to (default: demo-out)")
    demo.add_argument("--windowed", action="store_true", help="on the display, for people to watch")

    device = add("device", "drive one device without the kiosk")
    device.epilog, device.formatter_class = DEVICE_HELP, argparse.RawDescriptionHelpFormatter
    device.add_argument("kind", type=kind_word, choices=KINDS)
    device.add_argument("action", choices=VERBS, metavar="VERB", help="see below")
    device.add_argument("--url", help="instead of the settings' device, e.g. samv+serial:///dev/ttyS1")
    device.add_argument(
        "--timeout", type=_seconds, default=30.0, metavar="SECONDS", help="for a card, a code, a frame, a pen"
    )
    device.add_argument("--out", type=Path, help="where `frame`, `picture` and `sign` write theirs")
    device.add_argument(
        "--line", default="", metavar="TEXT", help="permit_reader: the printed line, instead of the unit's"
    )
    device.add_argument(
        "--show", action="store_true", help="`read` and `scan` print what was read instead of masking it"
    )
    tape_words(device)
    device.add_argument("--json", action="store_true", help="one JSON document on stdout")
    drivers_words(add("drivers", "which drivers there are, and where each comes from", config=False))

    simulate_words(add("simulate", "one simulator as its own process", config=False))
    diagnose_words(add("diagnose", "self-test of the configured devices; the exit status is the verdict"))
    ledger_words(add("ledger", "money invariants, what is open, and what staff have settled"))
    audit_words(add("audit", "who did what in diagnostics, and whether that record is whole"))
    recording_words(
        add("recording", "the recordings of signings: what is kept, whether it is whole, a copy to look at")
    )
    faults_words(add("faults", "the faults simulators can play, and what each looks like", config=False))
    technician_words(add("technician", "who may come into diagnostics", config=False))

    front_words(add("front", "the payment front: the server process that holds the merchant keys", config=False))
    form_words(add("form", "the signed code on printed application forms", config=False))
    rulebook_words(add("rulebook", "every rule, limit and legal text as one document for lawyers", config=False))
    add("staff-pin", "make the hash of a staff PIN for the settings file", config=False)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    top, words = parser(), sys.argv[1:] if argv is None else list(argv)
    try:
        arguments, rest = top.parse_known_args(words)
        if rest and not (arguments.verb == "simulate" and arguments.kind in SERVERS):
            top.error(f"unrecognized arguments: {' '.join(rest)}")
    except WrongWords as wrong:
        if "--json" in words:
            _out_failure("usage", wrong.sentence)
        raise
    arguments.rest = ["--help" if word == "--help-server" else word for word in rest]
    try:
        if arguments.verb != "run":  # `run` paints its first screen before it loads what logs need
            _configure(arguments)
        return _VERBS[arguments.verb](arguments)
    except CommandFailed as error:
        return _fail(arguments, "failed", str(error), 1)
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        from config.settings import SettingsError
        from kiosk.verbs.device_words import WrongUsage

        if isinstance(error, WrongUsage):
            return _fail(arguments, "usage", str(error), 2)
        if isinstance(error, SettingsError):
            return _fail(arguments, "failed", str(error), 1)
        _fail(arguments, "internal", "this is a fault of the program; where it happened stands on stderr.", 1)
        raise


def _fail(arguments: argparse.Namespace, kind: str, sentence: str, status: int) -> int:
    """The sentence for people, and the one document that a program asked for."""
    print(f"kiosk: {sentence}", file=sys.stderr)
    if getattr(arguments, "json", False):
        _out_failure(kind, sentence)
    return status


def _out_failure(kind: str, sentence: str) -> None:
    _out({"good": False, "error": kind, "hint": sentence}, True, "")


def _configure(arguments: argparse.Namespace) -> None:
    from kiosk.logs import configure

    configure(verbose=arguments.verbose)


def _keep_log(arguments: argparse.Namespace) -> LogRing:
    """For the kiosk itself: a technician reads the last lines at the machine."""
    from kiosk.diagnostics.logring import LogRing
    from kiosk.logs import configure

    ring = LogRing()
    configure(verbose=arguments.verbose, keep=ring)
    return ring


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
        begin=lambda: _keep_log(arguments),
        config=arguments.config,
    )


def _demo(arguments: argparse.Namespace) -> int:
    from kiosk.verbs.demo import run
    from kiosk.verbs.demo_list import list_text

    names = arguments.scenario or (["all"] if arguments.all else [])
    if arguments.list or "" in names:
        print(list_text())
        return 0
    return run(_settings(arguments), names, arguments.out, windowed=arguments.windowed)


def _device(arguments: argparse.Namespace) -> int:
    import asyncio

    from kiosk.verbs.device import drive

    async def until_told() -> Report:
        """Stopped by another program, it still leaves the device as it should be: a slot closed, a card given back."""
        task, loop = asyncio.current_task(), asyncio.get_running_loop()
        assert task is not None
        for name in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(name, task.cancel)
        return await drive(_settings(arguments), arguments)

    try:
        report = asyncio.run(until_told())
    except asyncio.CancelledError:
        return _fail(arguments, "cancelled", "stopped before it had ended.", 128 + signal.SIGTERM)
    _out(report.data, arguments.json, report.text)
    return 0 if report.good else 1


def _drivers(arguments: argparse.Namespace) -> int:
    from drivers.registry import Registry
    from kiosk.verbs.drivers import listed

    report = listed(Registry())
    _out(report.data, arguments.json, report.text)
    return 0 if report.good else 1


def _simulate(arguments: argparse.Namespace) -> int:
    from kiosk.verbs.simulate import simulate

    return simulate(arguments)


def _diagnose(arguments: argparse.Namespace) -> int:
    import asyncio

    from kiosk.verbs.diagnose import diagnose

    report = asyncio.run(diagnose(_settings(arguments), arguments))
    _out(report.data, arguments.json, report.text)
    return 0 if report.good else 1


def _form(arguments: argparse.Namespace) -> int:
    from kiosk.verbs.form import decode, new_key, read_roles

    making = arguments.action == "new-key"
    report = new_key(Path(arguments.file)) if making else decode(arguments.file, read_roles(arguments.key))
    _out(report.data, arguments.json, report.text)
    return 0 if report.good else 1


def _ledger(arguments: argparse.Namespace) -> int:
    import asyncio

    from kiosk.verbs.ledger import ledger

    report = asyncio.run(ledger(_settings(arguments), arguments))
    _out(report.data, arguments.json, report.text)
    return 0 if report.good else 1


def _recording(arguments: argparse.Namespace) -> int:
    import asyncio

    from kiosk.verbs.recording import recording

    report = asyncio.run(recording(_settings(arguments), arguments))
    _out(report.data, arguments.json, report.text)
    return 0 if report.good else 1


def _faults(arguments: argparse.Namespace) -> int:
    from kiosk.verbs.faults import faults

    report = faults(arguments.action, markdown=arguments.markdown, device=arguments.device)
    _out(report.data, arguments.json, report.text)
    return 0 if report.good else 1


def _rulebook(arguments: argparse.Namespace) -> int:
    from kiosk.verbs.rulebook import rulebook

    report = rulebook(arguments.lang, arguments.out, arguments.tables)
    _out(report.data, arguments.json, report.text)
    return 0 if report.good else 1


def _front(arguments: argparse.Namespace) -> int:
    from kiosk.verbs.front import front

    report = front(arguments)
    if report is None:
        return 0
    _out(report.data, arguments.json, report.text)
    return 0 if report.good else 1


def _audit(arguments: argparse.Namespace) -> int:
    import asyncio

    from kiosk.verbs.audit import listed, verify

    settings = _settings(arguments)
    verifying = arguments.action == "verify"
    report = asyncio.run(verify(settings, arguments.anchor) if verifying else listed(settings, arguments.limit))
    _out(report.data, arguments.json, report.text)
    return 0 if report.good else 1


def _technician(arguments: argparse.Namespace) -> int:
    from kiosk.verbs.technician import new

    report = new(arguments.code, arguments.totp)
    _out(report.data, arguments.json, report.text)
    return 0


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
    "drivers": _drivers,
    "simulate": _simulate,
    "diagnose": _diagnose,
    "audit": _audit,
    "faults": _faults,
    "form": _form,
    "front": _front,
    "ledger": _ledger,
    "recording": _recording,
    "rulebook": _rulebook,
    "staff-pin": _staff_pin,
    "technician": _technician,
}
