"""What mutmut's runs of pytest need beside their settings (pytest.ini here).

Fewer examples of each property: a mutant that lives goes through every test of its function.

And modules loaded anew: mutmut forks a process that has loaded everything, so a function that is called while modules are loaded, as those
that make the rules of a table, would be called no more when its mutant is on. Such functions are noted while mutmut looks which
test calls what. Their mutants get a process that forgets the domain and its tests first, and, besides the tests that call them, those of
the module they stand in and of the modules that import it.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from mutmut.state import state

import kiosk.domain

AT_LOADING = Path("mutmut-at-loading.json")
"""Beside mutmut's own notes: pytest runs in `mutants/`."""
FORGOTTEN = ("kiosk", "tests.domain")
SUSPICIOUS = 35
"""mutmut's status for a verdict that is none."""

settings.register_profile(
    "mutation", max_examples=25, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)


def pytest_configure() -> None:
    mutant = os.environ.get("MUTANT_UNDER_TEST", "")
    if mutant == "stats":
        for module in pkgutil.walk_packages(kiosk.domain.__path__, "kiosk.domain."):
            importlib.import_module(module.name)
        # Where stats are taken of new tests only, the modules were loaded before.
        noted = json.loads(AT_LOADING.read_text("utf-8")) if AT_LOADING.exists() else []
        AT_LOADING.write_text(json.dumps(sorted({*noted, *state()._stats})), "utf-8")
        state()._stats.clear()
    elif "__mutmut_" in mutant and mutant.partition("__mutmut_")[0] in json.loads(AT_LOADING.read_text("utf-8")):
        for name in [name for name in sys.modules if any(f"{name}.".startswith(f"{each}.") for each in FORGOTTEN)]:
            del sys.modules[name]


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """pytest keeps the ids it has made of `ids=` and, in another run of the same process, escapes them once more: no test bears them."""
    for mark in metafunc.definition.iter_markers("parametrize"):
        if mark._param_ids_from is not None:
            object.__setattr__(mark._param_ids_from, "_param_ids_generated", None)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    mutant = os.environ.get("MUTANT_UNDER_TEST", "")
    if "__mutmut_" in mutant and exitstatus in (pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.INTERRUPTED):
        # A test file that cannot even be loaded is a kill; tests that are not found are none, though mutmut would take them for one.
        os._exit(pytest.ExitCode.TESTS_FAILED if session.testsfailed else SUSPICIOUS)
    if mutant != "stats":
        return
    tests = state().tests_by_mangled_function_name
    called = {function: set(of_function) for function, of_function in tests.items()}
    for function in json.loads(AT_LOADING.read_text("utf-8")):
        near = {_module(function), *_importers(_module(function))}
        tests[function] |= set().union(*(found for each, found in called.items() if _module(each) in near))


def _module(function: str) -> str:
    return function.rpartition(".")[0]


def _importers(module: str) -> Iterator[str]:
    """Modules of the domain in which a name of this one stands."""
    for name, loaded in list(sys.modules.items()):
        if name.startswith("kiosk.domain.") and any(
            getattr(each, "__module__", None) == module for each in vars(loaded).values()
        ):
            yield name
