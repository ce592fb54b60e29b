"""What must stay true of the repository itself: packaging, pins, the README's commands, size and habits of the modules."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.scenarios import list_scenarios, load_scenario
from config.settings import PROFILES, load
from config.tables import load_tables
from kiosk.ports.clock import SystemClock

ROOT = Path(__file__).parents[2]
PACKAGES = ("kiosk", "drivers", "ui", "config")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
LOCKS = sorted((ROOT / "packaging").glob("*.lock"))
LONGEST = 400
OWN_PROCESS = {"drivers/camera/sources.py", "drivers/camera/simsource.py"}
"""These run in the camera's worker process, which has no event loop to disturb and may be killed at any time."""


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_packaging_is_no_package() -> None:
    """It would shadow PyPI's `packaging`."""
    assert not (ROOT / "packaging" / "__init__.py").exists()


def requirements(text: str) -> Iterator[str]:
    """Logical lines: continued ones joined, comments and empty ones left out."""
    for line in text.replace("\\\n", " ").splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            yield " ".join(line.split())


def test_there_are_locks() -> None:
    assert [path.name for path in LOCKS] == ["requirements-dev.lock", "requirements-mutation.lock", "requirements.lock"]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_locks_name_no_registry_and_hash_everything(lock: Path) -> None:
    text = lock.read_text()
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links|--trusted-host|^\s*-i\s", text, re.M)
    entries = list(requirements(text))
    assert len(entries) > 20
    for entry in entries:
        assert re.match(r"^[A-Za-z0-9._-]+(\[[a-z,]+\])?==\S+", entry), entry[:60]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", entry), entry[:60]


def test_the_locks_agree() -> None:
    pins = [{re.split(r"[ ;]", entry)[0] for entry in requirements(lock.read_text())} for lock in LOCKS]
    assert pins[2] <= pins[0] <= pins[1], "what runs, what develops, what mutates: each holds the one before"


def test_every_direct_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    locked = {re.split(r"[=\[]", entry)[0].lower() for entry in requirements(LOCKS[-1].read_text())}
    for wanted in project["dependencies"]:
        assert re.split(r"[<>=\[ ]", wanted)[0].lower() in locked, wanted


def test_the_commands_of_the_readme_exist() -> None:
    readme, makefile = (ROOT / "README.md").read_text(), (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.M))
    promised = set(re.findall(r"\bmake ([a-z-]+)", readme))
    assert {"demo", "test"} <= promised
    assert promised <= targets


def test_what_the_makefile_says_it_can() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.M))
    assert set(re.findall(r'@echo "make ([a-z-]+)', makefile)) <= targets
    for script in re.findall(r"packaging/[a-z-]+\.sh", makefile):
        assert (ROOT / script).stat().st_mode & 0o111, f"{script} is not executable"


@pytest.mark.parametrize("folder", sorted({path.parent for path in MODULES}), ids=name)
def test_modules(folder: Path) -> None:
    """Short enough to read, swallows nothing, blocks nothing."""
    complaints = [
        f"{name(path)}: {text}" for path in MODULES if path.parent == folder for text in complaints_about(path)
    ]
    assert not complaints, "\n".join(complaints)


def complaints_about(path: Path) -> Iterator[str]:
    text = path.read_text(encoding="utf-8")
    if text.count("\n") > LONGEST:
        yield f"{text.count(chr(10))} lines"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ExceptHandler):
            silent = all(isinstance(step, ast.Pass) for step in node.body)
            silent |= all(isinstance(step, ast.Expr) and isinstance(step.value, ast.Constant) for step in node.body)
            if silent:
                yield f"line {node.lineno}: an error is swallowed"
            if node.type is None:
                yield f"line {node.lineno}: bare except"
    if path.is_relative_to(ROOT / "config"):
        return
    for word in ("processEvents", "QGraphicsEffect", "QEventLoop(", "nest_asyncio"):
        if word == "QEventLoop(" and "qasync" in text:
            continue  # the one event loop of the whole program
        if word in text:
            yield word
    if path not in {ROOT / own for own in OWN_PROCESS} and "time.sleep" in text:
        yield "time.sleep"


def test_a_bad_module_is_noticed(tmp_path: Path) -> None:
    bad = tmp_path / "bad.py"
    bad.write_text(
        "try:\n    x()\nexcept ValueError:\n    pass\ntry:\n    x()\nexcept:\n    time.sleep(1)\n" + "\n" * LONGEST
    )
    found = [text.partition(":")[2].strip() or text for text in complaints_about(bad)]
    assert found == [f"{LONGEST + 8} lines", "an error is swallowed", "bare except", "time.sleep"]


def test_ports_and_below_are_light() -> None:
    """Importing the home screen's data must not load a device library or the database."""
    for package in ("domain", "ports", "screens", "journeys"):
        for path in (ROOT / "kiosk" / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                heavy = {found.split(".")[0] for found in names} & {"PySide6", "cv2", "escpos", "httpx", "starlette"}
                assert not heavy, f"{name(path)}: {heavy}"


@pytest.mark.parametrize("profile", PROFILES)
def test_profiles_load(profile: str) -> None:
    tomllib.loads((ROOT / "config" / "profiles" / f"{profile}.toml").read_text())
    if profile == "hall":
        return  # says by itself what a hall must fill in; tests/config has that
    assert load(None, profile).profile == profile


@pytest.mark.parametrize("scenario", list_scenarios())
def test_scenarios_load(scenario: str) -> None:
    loaded = load_scenario(scenario, SystemClock().now().date())
    assert loaded.name == scenario
    assert loaded.person.number[14:17] == "000"


def test_tables_and_all_other_toml_load() -> None:
    assert load_tables().legal is not None
    for path in (ROOT / "config").rglob("*.toml"):
        tomllib.loads(path.read_text(encoding="utf-8"))


def test_nothing_of_a_builder_is_left_behind() -> None:
    """No paths of somebody's machine in what is shipped."""
    for path in (*MODULES, ROOT / "README.md", ROOT / "Makefile", *(ROOT / "config").rglob("*.toml")):
        text = path.read_text(encoding="utf-8")
        assert str(ROOT) + "/" not in text, name(path)
        assert not re.search(r"/home/[a-z]+/|C:\\Users", text), name(path)
