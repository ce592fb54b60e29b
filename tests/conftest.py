"""What every test may rely on, and what a machine may lack."""

from __future__ import annotations

import gc
import hashlib
import os
import pickle
import sys
import tomllib
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import find
from hypothesis import strategies as st


def _pseudo_terminals() -> bool:
    try:
        for end in os.openpty():
            os.close(end)
    except OSError:
        return False
    return True


def _parsed_once(loads: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """A thousand machines are put together from the same tables. Each gets a document of its own; a person's is never kept."""
    known: dict[bytes, bytes] = {}

    def remembering(text: str, /, **more: Any) -> dict[str, Any]:
        if more or not isinstance(text, str) or len(text) < 1000 or "[person]" in text:
            return loads(text, **more)
        key = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
        if key not in known:
            known[key] = pickle.dumps(loads(text))
        found: dict[str, Any] = pickle.loads(known[key])
        return found

    return remembering


tomllib.loads = tomllib._parser.loads = _parsed_once(tomllib.loads)  # type: ignore[attr-defined]
hashlib.scrypt = lru_cache(64)(hashlib.scrypt)  # type: ignore[assignment]  # 50 ms on purpose; the one demo PIN is checked hundreds of times
# Both are functions of the standard library whose answer depends on what they are given and on nothing else.


YOUNG, ALL = 20_000, 200
"""New objects after which the young ones are looked through, and tests after which all are."""


class Collector:
    """Garbage is collected in the main thread and between two tests, as the kiosk itself does it: left alone, Python may do it in the
    ledger's thread or in the middle of one of Qt's own calls, and what Qt had made must not die there."""

    def __init__(self) -> None:
        self._tests = 0

    def pytest_collection_finish(self) -> None:
        """Fifteen thousand tests and what they import stay to the end: looking through them each time takes a second."""
        gc.collect()
        gc.freeze()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self) -> Iterator[None]:
        gc.disable()  # again: what was tested may have switched it on
        try:
            return (yield)
        finally:
            self._tests += 1
            if self._tests % ALL == 0:
                gc.collect()
            elif gc.get_count()[0] > YOUNG:
                gc.collect(1)


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Collector(), "collector")
    _rewrite_a_share(config)


def _rewrite_a_share(config: pytest.Config) -> None:
    """Every worker loads every test file, and rewriting their asserts is half of that: each worker does it for its share of the files,
    and finds the others' done. What pytest keeps these functions in is its own affair: where they are gone, each does it for itself."""
    worker: dict[str, Any] | None = getattr(config, "workerinput", None)
    if worker is None or sys.dont_write_bytecode:
        return
    try:
        from _pytest.assertion.rewrite import (
            PYC_TAIL,
            _read_pyc,
            _rewrite_test,
            _write_pyc,
            assertstate_key,
            get_cache_dir,
        )
    except ImportError:
        return
    files = sorted(Path(__file__).parent.rglob("test_*.py"), key=lambda file: file.stat().st_size)
    for file in files[int(worker["workerid"].removeprefix("gw")) :: worker["workercount"]]:
        kept = get_cache_dir(file) / f"{file.stem}{PYC_TAIL}"
        if _read_pyc(file, kept) is None:
            stat, code = _rewrite_test(file, config)
            kept.parent.mkdir(exist_ok=True)
            _write_pyc(config.stash[assertstate_key], code, stat, kept)


PSEUDO_TERMINALS = _pseudo_terminals()
"""A bare file tree without /dev/pts has none; serial lines cannot be played there, TCP and in-process lines can."""


@pytest.fixture(autouse=True)
def _log_as_before() -> Iterator[None]:
    """A command that ran in this process has sent the log to a stream which is gone with its test."""
    before = structlog.get_config()["logger_factory"]
    yield
    if structlog.get_config()["logger_factory"] is not before:
        structlog.reset_defaults()


@pytest.fixture(autouse=True)
def _needs_pseudo_terminal(request: pytest.FixtureRequest) -> None:
    """Skips the serial-line variants, by their parameter or marker, on a machine without pseudo terminals."""
    callspec = getattr(request.node, "callspec", None)
    on_pty = callspec is not None and "pty" in callspec.id.split("-")
    if not PSEUDO_TERMINALS and (on_pty or request.node.get_closest_marker("pty")):
        pytest.skip("this machine has no pseudo terminals (mount devpts on /dev/pts)")


@pytest.fixture(scope="session")
def _letters() -> None:
    """In a fresh checkout the first text that is drawn costs a second and a half of work on Unicode's tables, once."""
    find(st.text(), lambda _: True)


@pytest.fixture(autouse=True)
def _letters_before_examples(request: pytest.FixtureRequest) -> None:
    """That work is done before the first property test, not within it: its examples would be called slow."""
    if getattr(getattr(request.node, "obj", None), "is_hypothesis_test", False):
        request.getfixturevalue("_letters")
