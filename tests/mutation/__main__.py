"""`python -m tests.mutation`: mutmut on the rules of law and values in `kiosk/domain`, and what became of its mutants, module by module.

Mutants are tried by the tests of tests/domain alone, one process after the other; verdicts are kept in `mutants/`, and a second run
tries only what has changed and what lived. Names narrow it down: `python -m tests.mutation kiosk.domain.plate kiosk.domain.names`.
`--report` only reads the verdicts; `--alive` names each mutant that lives, and `mutmut show NAME` prints it.

mutmut changes what stands in functions and methods. Tables at module level, bodies of properties and of functions under other decorators
are out of its reach.

Exit status 0: of every module's mutants (of twenty or more) at least `--least` per cent are killed. 1: of one they are not.
2: mutmut is missing or broke off.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
MUTANTS = ROOT / "mutants"
KILLED, ALIVE, UNTESTED = "killed", "alive", "no test"
SMALL = 20
"""Of fewer mutants one or two that change nothing are a tenth already."""
_VERDICTS = {1: KILLED, 3: KILLED, 5: UNTESTED, 33: UNTESTED, None: "not tried"}
_TIME_OVER = (-signal.SIGXCPU, -signal.SIGKILL, 24, 36, 152, 255)
"""mutmut keeps pytest's exit status, and one of its own (33) where no test comes by. What ran into its time limit was killed too; any
other status proves nothing, so that the mutant counts as alive."""


@dataclass(frozen=True)
class Module:
    name: str
    verdicts: dict[str, str]

    def count(self, verdict: str) -> int:
        return Counter(self.verdicts.values())[verdict]

    @property
    def tried(self) -> int:
        return len(self.verdicts) - self.count("not tried")

    @property
    def share(self) -> float:
        """Per cent killed of what was tried; what no test comes by counts as alive."""
        return 100 * self.count(KILLED) / self.tried if self.tried else 100.0


def verdict(status: int | None) -> str:
    return KILLED if status in _TIME_OVER else _VERDICTS.get(status, ALIVE)


def notes_of(wanted: list[str]) -> Iterator[tuple[str, Path]]:
    """mutmut's notes on each of these modules; of all where none is named."""
    for path in sorted(MUTANTS.rglob("*.py.meta")):
        name = path.relative_to(MUTANTS).as_posix().removesuffix(".py.meta").replace("/", ".")
        if not wanted or name in wanted:
            yield name, path


def modules(wanted: list[str]) -> Iterator[Module]:
    for name, path in notes_of(wanted):
        found = json.loads(path.read_text("utf-8"))["exit_code_by_key"]
        if found:
            yield Module(name, {key: verdict(status) for key, status in found.items()})


def forget_the_living(wanted: list[str]) -> None:
    """mutmut tries again what was changed, but keeps its verdict on a mutant that a new test may kill."""
    for _, path in notes_of(wanted):
        notes = json.loads(path.read_text("utf-8"))
        found = notes["exit_code_by_key"]
        notes["exit_code_by_key"] = {
            key: status if verdict(status) == KILLED else None for key, status in found.items()
        }
        path.write_text(json.dumps(notes, indent=4), "utf-8")


def mutmut(*arguments: str) -> int:
    program = Path(sys.executable).with_name("mutmut")
    if not program.exists():
        print("mutmut is missing: make mutate installs it", file=sys.stderr)
        return 2
    environment = {"QT_QPA_PLATFORM": "offscreen", **os.environ}
    return subprocess.run(["nice", "-n", "10", program, *arguments], cwd=ROOT, env=environment, check=False).returncode


def row(module: Module) -> str:
    counts = "".join(f"{module.count(verdict):8d}" for verdict in (KILLED, ALIVE, UNTESTED))
    return f"{module.name:44}{module.tried:8d}{counts}{module.share:9.1f}"


def main() -> int:
    top = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__.split("\n")[0])  # type: ignore[union-attr]
    top.add_argument("module", nargs="*", help="only these, e.g. kiosk.domain.plate")
    top.add_argument("--report", action="store_true", help="only read what the last run found")
    top.add_argument("--alive", action="store_true", help="name each mutant that lives")
    top.add_argument("--least", type=float, default=90.0, metavar="PERCENT", help="of each module (default 90)")
    top.add_argument("--processes", type=int, default=1, help="at the same time (default 1)")
    asked = top.parse_args()
    if not asked.report:
        names = [f"{module}.x*" for module in asked.module]
        forget_the_living(asked.module)
        if mutmut("run", "--max-children", str(asked.processes), *names):
            return 2
    found = list(modules(asked.module))
    if not found:
        print("nothing was tried yet", file=sys.stderr)
        return 2
    print(f"{'module':44}{'tried':>8}{KILLED:>8}{ALIVE:>8}{UNTESTED:>8}{'%':>9}")
    for module in found:
        print(row(module))
    print(row(Module("all", {key: said for module in found for key, said in module.verdicts.items()})))
    if asked.alive:
        print(
            *(key for module in found for key, said in module.verdicts.items() if said in (ALIVE, UNTESTED)), sep="\n"
        )
    below = [module.name for module in found if module.tried >= SMALL and module.share < asked.least]
    if below:
        print(f"below {asked.least:g} %: {', '.join(below)}", file=sys.stderr)
    return 1 if below else 0


if __name__ == "__main__":
    sys.exit(main())
