"""`python -m tests.bench`: each figure beside its bar and a peer of the same run. `python -m tests.bench soak`: 1,000 journeys.

Exit status 0 when everything could be measured, whether the bars were met or not; 1 when something could not.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
FIGURES = {
    "start": "process start to home painted; memory at home",
    "pages": "screen shown to page painted, 1080x1920",
    "verdicts": "the rules asked about 1,000 records",
    "evidence": "the first photo after the photos arrived",
    "card": "ID card read at 115200 baud",
    "codes": "QR decode per frame; share read",
    "receipt": "receipt composed; bytes as text",
    "journey": "the whole violation journey without think time",
    "form": "one tap to the filled form; the whole form journey; taps against typing the form",
    "form_pdf": "application form as PDF",
    "permit_chip": "permit's chip read through PC/SC",
    "endorsement": "the whole endorsement journey; the options on the screen",
    "keypad": "pinyin keypad, candidates per key; a name spelt",
    "photo": "identity photo, gates per frame on one core",
    "devices": "a device back after a replug; many watched; camera frames with detection",
    "ledger": "one durable transition of a payment",
    "money": "a machine stopped with 1,000 open orders serves again; how soon the screen knows of a payment",
    "soak": "memory over many journeys",
}
SOAK_JOURNEYS = 1000


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m tests.bench", description="OneTrip's figures beside their bars.")
    top.add_argument("what", nargs="?", choices=("all", "soak"), default="all", help="soak: 1,000 journeys in full")
    names = "; ".join(f"{name}: {text}" for name, text in FIGURES.items())
    top.add_argument("--only", metavar="NAME", action="append", choices=tuple(FIGURES), help=f"one figure ({names})")
    top.add_argument("--quick", action="store_true", help="fewer repetitions: a look, not a verdict")
    top.add_argument("--journeys", type=int, default=0, help="soak: how many (default 1000, in `all` 120)")
    top.add_argument(
        "--out", type=Path, default=Path("bench-out"), help="directory for bench.json (default: bench-out)"
    )
    return top


def measure(name: str, quick: bool, journeys: int) -> list[dict[str, Any]]:
    """One figure's rows. Raises RuntimeError when it could not be measured."""
    read, write = os.pipe()
    environment = {"QT_QPA_PLATFORM": "offscreen", **os.environ, "PYTHONWARNINGS": "ignore"}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.one", name, "quick" if quick else "full", str(journeys), str(write)],
        cwd=ROOT,
        env=environment,
        pass_fds=[write],
    )
    os.close(write)
    with os.fdopen(read) as pipe:
        said = pipe.read()
    status = process.wait()
    if status or not said:
        raise RuntimeError(f"{name} ended with status {status}")
    rows: list[dict[str, Any]] = json.loads(said)
    return rows


def number(value: float, unit: str) -> str:
    digits = 2 if unit == "x" else 1 if unit in ("ms", "MB", "%") else 2
    return f"{value:.{digits}f} {unit}"


def verdict(row: dict[str, Any]) -> str:
    return {True: "met", False: "MISSED", None: "-"}[row["met"]]


def table(rows: list[dict[str, Any]]) -> str:
    lines = []
    figure = ""
    for row in rows:
        if row["figure"] != figure:
            figure = row["figure"]
            lines += ["", f"{figure}: {FIGURES[figure]}"]
        bar = f"{row['sense']} {number(row['bar'], row['unit'])}" if row["bar"] is not None else "no bar"
        lines.append(
            f"  {verdict(row):<7} {number(row['value'], row['unit']):>10}   bar {bar:<12} {row['what']} ({row['stat']})"
        )
        if row["peer"]:
            ratio = f"   ratio {row['ratio']:.3g}" if row["ratio"] is not None else ""
            lines.append(f"{'':21}peer: {row['peer']}{ratio}")
        if row["note"]:
            lines.append(f"{'':21}{row['note']}")
    return "\n".join(lines)


def main() -> int:
    arguments = parser().parse_args()
    names = ["soak"] if arguments.what == "soak" else arguments.only or list(FIGURES)
    journeys = arguments.journeys or (SOAK_JOURNEYS if arguments.what == "soak" else 0)
    rows: list[dict[str, Any]] = []
    failed: list[str] = []
    for name in names:
        started = time.monotonic()
        print(f"{name}: {FIGURES[name]}", file=sys.stderr, flush=True)
        try:
            rows += measure(name, arguments.quick, journeys if name == "soak" else 0)
        except (RuntimeError, ValueError) as error:
            failed.append(name)
            print(f"  could not be measured: {error}", file=sys.stderr, flush=True)
        print(f"  {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    print(table(rows))
    missed = [row["what"] for row in rows if row["met"] is False]
    barred = sum(row["met"] is not None for row in rows)
    print(f"\n{barred - len(missed)} of {barred} bars met" + (f"; MISSED: {'; '.join(missed)}" if missed else ""))
    if failed:
        print(f"could NOT be measured: {', '.join(failed)}")
    arguments.out.mkdir(parents=True, exist_ok=True)
    report = {
        "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "quick": arguments.quick,
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "load": os.getloadavg(),
        "not_measured": failed,
        "rows": rows,
    }
    target = arguments.out / "bench.json"
    target.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(f"written to {target}")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
