"""`kiosk faults matrix` prints what every device's fault looks like to the citizen, to the ledger and to staff; `kiosk faults list` prints
the faults the simulators can play."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from kiosk.verbs.faults_words import DEVICES
from kiosk.verbs.report import Report

if TYPE_CHECKING:
    from config.fault_matrix import HomeRow, Matrix, Row

SERVICES = {"violation": "traffic violations", "endorsement": "permit endorsement", "form": "application form"}
STEPS = {
    "start": "the visit begins",
    "card": "the identity card",
    "face": "the face",
    "permit": "the permit goes in and is read",
    "bring": "the code on the phone",
    "photo": "the photo",
    "notice": "the penalty notice",
    "sign": "the signature",
    "write": "the permit is written and printed",
    "take": "the permit comes out",
    "print": "the paper",
    "finish": "the last page",
}
HEAD = """\
# Fault matrix

What happens when a device fails, at every step of a visit at which it is used: what the citizen sees, what the ledger says when they go,
what is printed, and how the machine comes back. Every fault of every row is lived through by a test (`tests/faults`), on a whole machine
with real drivers over simulators: pages, sentences, states and paper are compared word for word, the ledger's invariants are checked, and
the next citizen is served. The table is `config/fault_matrix.toml`; this page is printed from it by `kiosk faults matrix --markdown`.

A fault's name is its id in the simulator (`kiosk faults list`), `always`: until the cause is gone, without: once. Words without a dot are
what a hand does. The pages are those that come instead of, or between, the usual ones.
"""


def faults(action: str, *, markdown: bool = False, device: str = "") -> Report:
    """What the command prints. A table that cannot be read is a report that is not good, with one sentence."""
    if action == "list":
        return _list(device)
    from config.fault_matrix import MatrixError, load_matrix

    try:
        return _matrix(load_matrix(), device, markdown)
    except MatrixError as error:
        return Report({"version": 1, "good": False, "hint": str(error)}, str(error), False)


def _matrix(matrix: Matrix, device: str, markdown: bool) -> Report:
    rows = [row for row in matrix.rows if device in ("", row.device)]
    home = [row for row in matrix.home if device in ("", row.device)]
    data = {
        "version": 1,
        "good": True,
        "cases": sum(len(row.faults) * len(row.services) for row in rows) + sum(len(row.faults) for row in home),
        "rows": [_as_data(matrix, row) for row in rows],
        "home": [
            {"device": row.device, "faults": list(row.faults), "greyed": list(row.greyed), "says": row.says}
            for row in home
        ],
    }
    return Report(data, _document(matrix, rows, home) if markdown else _plain(matrix, rows, home), True)


def _as_data(matrix: Matrix, row: Row) -> dict[str, Any]:
    return {
        "device": row.device,
        "step": row.at,
        "services": list(row.services),
        "faults": list(row.faults),
        "sees": list(row.sees),
        "says": list(row.says),
        "ends": {service: _ends(matrix, row, service) for service in row.services},
        "stored": {service: _states(matrix, row, service) for service in row.services},
        "slips": {service: list(_slips(matrix, row, service)) for service in row.services},
        "recovers": matrix.recovery[row.recovers].text,
    }


def _ends(matrix: Matrix, row: Row, service: str) -> str:
    return row.ends or matrix.good[row.good(service)].ends


def _slips(matrix: Matrix, row: Row, service: str) -> tuple[str, ...]:
    good = matrix.good[row.good(service)]
    slips = good.slips if row.slips is None else row.slips
    sheets = good.sheets if row.sheets is None else row.sheets
    return (*slips, *([f"{sheets} A4 sheet" + "s" * (sheets > 1)] if sheets else []))


def _states(matrix: Matrix, row: Row, service: str) -> str:
    good = matrix.good[row.good(service)]
    stored = _told(matrix.stored[good.stored if row.stored == "all" else row.stored])
    prints = good.prints if row.prints is None else row.prints
    if prints:
        stored = f"{stored}; paper: {', '.join(prints)}" if stored else f"paper: {', '.join(prints)}"
    later = _told(matrix.stored[row.later]) if row.later else ""
    return (stored or "nothing") + (f"; later {later}" if later else "")


def _told(states: Mapping[str, Iterable[str]]) -> str:
    return ", ".join(f"{kind} {' and '.join(each)}" for kind, each in states.items())


def _plain(matrix: Matrix, rows: list[Row], home: list[HomeRow]) -> str:
    lines: list[str] = []
    for row in rows:
        lines += [f"{row.device} at {row.at} ({', '.join(row.services)}): {', '.join(row.faults)}"]
        lines += [f"    sees      {_pages(row)}"]
        lines += [f"    says      {said}" for said in row.says]
        for service in row.services:
            slips = ", ".join(_slips(matrix, row, service)) or "nothing"
            lines += [
                f"    {service}: ends {_ends(matrix, row, service)}; {_states(matrix, row, service)}; on paper {slips}"
            ]
        lines += [f"    recovers  {matrix.recovery[row.recovers].text}"]
    for each in home:
        greyed = ", ".join(each.greyed) or "nothing"
        lines += [f"{each.device} on the home screen: {', '.join(each.faults)}", f"    greyed    {greyed}  {each.says}"]
    return "\n".join(lines)


def _pages(row: Row) -> str:
    return " → ".join(row.sees) if row.sees else "the usual pages"


def _document(matrix: Matrix, rows: list[Row], home: list[HomeRow]) -> str:
    cases = sum(len(row.faults) * len(row.services) for row in rows) + sum(len(row.faults) for row in home)
    out = [HEAD, f"{cases} cases in {len(rows) + len(home)} rows.", "", "## A visit in which all is well", ""]
    out += ["| service | pages | ledger | paper |", "|---|---|---|---|"]
    for name, good in matrix.good.items():
        papers = [*good.slips, *([f"{good.sheets} A4 sheet"] if good.sheets else [])]
        stored = _told(matrix.stored[good.stored]) or "nothing"
        out += [f"| {name} | {' → '.join(good.pages)} | {stored} | {', '.join(papers)} |"]
    for device in DEVICES:
        mine, idle = [row for row in rows if row.device == device], [row for row in home if row.device == device]
        if not mine and not idle:
            continue
        out += ["", f"## {DEVICES[device]}"]
        if idle:
            out += ["", "### The home screen", "", "| fault | greyed | what it says | recovery |", "|---|---|---|---|"]
            out += [_home_line(matrix, row) for row in idle]
        for step in dict.fromkeys(row.at for row in mine):
            out += ["", f"### {STEPS.get(step, step).capitalize()}", ""]
            out += ["| fault | service | the citizen sees | stored | printed | recovery |", "|---|---|---|---|---|---|"]
            out += [line for row in mine if row.at == step for line in _lines(matrix, row)]
    out += ["", "## What a hand does", "", "| word | what it does |", "|---|---|"]
    out += [f"| {name} | {hand.text} |" for name, hand in matrix.hand.items()]
    return "\n".join(out)


def _lines(matrix: Matrix, row: Row) -> Iterable[str]:
    """One line for services in which all is the same, another for each where something differs."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    for service in row.services:
        key = (_ends(matrix, row, service), _states(matrix, row, service), ", ".join(_slips(matrix, row, service)))
        groups.setdefault(key, []).append(service)
    for (ends, states, slips), services in groups.items():
        seen = f"{_pages(row)}" + "".join(f"<br>“{said}”" for said in row.says) + f"<br>ends: {ends}"
        recovery = matrix.recovery[row.recovers].text + (f"<br>{row.why}" if row.why else "")
        yield f"| {', '.join(row.faults)} | {', '.join(services)} | {seen} | {states} | {slips or 'nothing'} | {recovery} |"


def _home_line(matrix: Matrix, row: HomeRow) -> str:
    greyed = ", ".join(row.greyed) or "nothing"
    recovery = matrix.recovery[row.recovers].text + (f"<br>{row.why}" if row.why else "")
    return f"| {', '.join(row.faults)} | {greyed} | {row.says or 'as always'} | {recovery} |"


def known_faults() -> dict[str, dict[str, str]]:
    """Every fault of every simulator, with its sentence, by device; those of the line under `line`."""
    from drivers.camera.simulator import FAULTS as CAMERA
    from drivers.document_printer.simulator import IppSimulator
    from drivers.faults import LINE_FAULTS
    from drivers.id_card.simulator import SamvSimulator
    from drivers.permit_reader.simulator import PermitChipSimulator
    from drivers.permit_unit.simulator import PermitUnitSimulator
    from drivers.qr_scanner.simulator import ScanEngineSimulator
    from drivers.receipt_printer.simulator import EscposSimulator
    from drivers.recorder.simulator import MicrophoneSimulator
    from drivers.signature_pad.simulator import StuSimulator

    return {
        "line": dict(LINE_FAULTS),
        "id_card": dict(SamvSimulator.fault_ids),
        "camera": dict(CAMERA),
        "qr_scanner": dict(ScanEngineSimulator.fault_ids),
        "receipt_printer": dict(EscposSimulator.fault_ids),
        "permit_unit": dict(PermitUnitSimulator.fault_ids),
        "permit_reader": dict(PermitChipSimulator.fault_ids),
        "document_printer": dict(IppSimulator.fault_ids),
        "signature_pad": dict(StuSimulator.fault_ids),
        "recorder": dict(MicrophoneSimulator.fault_ids),
    }


def _list(device: str) -> Report:
    known = {name: ids for name, ids in known_faults().items() if device in ("", name) or name == "line"}
    lines = [f"{fault:20} {sentence}" for ids in known.values() for fault, sentence in ids.items()]
    return Report({"version": 1, "good": True, "faults": known}, "\n".join(lines), True)
