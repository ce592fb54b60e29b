"""The worked example for other makers (docs/drivers.md), installed beside the kiosk as `pip install` would, and used by its command."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "docs" / "example-driver"


def install(folder: Path) -> None:
    """What an installer leaves: the packages, and a .dist-info made of pyproject.toml. No network, no build back end."""
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())
    name, version = project["project"]["name"], project["project"]["version"]
    for package in project["tool"]["setuptools"]["packages"]:
        shutil.copytree(EXAMPLE / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    groups = project["project"]["entry-points"]
    lines = [
        f"[{group}]\n" + "".join(f"{key} = {value}\n" for key, value in of.items()) for group, of in groups.items()
    ]
    (info / "entry_points.txt").write_text("\n".join(lines))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    install(folder)
    return folder


def run(site: Path, cwd: Path, *words: str, module: str = "kiosk") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", module, *words],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{site}", "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


@contextmanager
def machine(site: Path) -> Iterator[str]:
    """The example's simulator as its own process, with a card on it; gives its URL."""
    with subprocess.Popen(
        [sys.executable, "-m", "acme_reader.simulator", "0"],
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{site}"},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            where = process.stdout.readline().removeprefix("reader: ").strip()
            yield f"acme+tcp://{where}"
        finally:
            process.terminate()


@pytest.mark.slow
def test_its_own_tests_pass_with_the_conformance_suite_of_the_house(site: Path, tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE / "tests", tmp_path / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    said = run(site, tmp_path, "tests", "-q", "-p", "no:randomly", "-p", "no:cacheprovider", module="pytest")
    assert said.returncode == 0, said.stdout[-3000:]
    assert "passed" in said.stdout


def test_it_is_listed_with_where_it_comes_from(site: Path, tmp_path: Path) -> None:
    said = run(site, tmp_path, "drivers", "--json")
    assert said.returncode == 0, said.stderr
    (mine,) = [row for row in json.loads(said.stdout)["drivers"] if row["source"] != "built in"]
    assert mine["source"] == "acme-reader 1.0.0"
    assert mine["kind"] == "id_card"
    assert mine["schemes"] == ["acme+serial", "acme+tcp", "acme+sim", "acme+replay"]
    assert mine["can_be_recorded"]


def test_the_command_reads_a_card_with_it_records_it_and_plays_it_again(site: Path, tmp_path: Path) -> None:
    with machine(site) as url:
        said = run(site, tmp_path, "device", "id_card", "read", "--url", url, "--json", "--show", "--record", "a.tape")
        assert said.returncode == 0, said.stderr
        read = json.loads(said.stdout)
        assert (read["name"], read["number"]) == ("样例", "110101198501010009")
        assert read["tape"]["withheld"] == 0
        assert "样例".encode().hex() not in (tmp_path / "a.tape").read_text()
        text = run(site, tmp_path, "device", "id_card", "status", "--url", url)
        assert text.returncode == 0, text.stderr
        assert "id_card: ready" in text.stdout
    again = run(site, tmp_path, "device", "id_card", "read", "--json", "--replay", "a.tape")
    assert again.returncode == 0, again.stdout + again.stderr
    assert json.loads(again.stdout)["tape"]["as_recorded"]
    gone = run(site, tmp_path, "device", "id_card", "status", "--url", url)
    assert gone.returncode == 1
    assert "id_card: offline" in gone.stdout


def test_the_settings_take_its_name(site: Path, tmp_path: Path) -> None:
    (tmp_path / "kiosk.toml").write_text('[devices]\nid_card = "acme+sim:"\n')
    said = run(site, tmp_path, "device", "id_card", "status", "--config", "kiosk.toml", "--profile", "demo", "--json")
    assert said.returncode == 0, said.stderr
    assert json.loads(said.stdout)["driver"] == "acme+sim"


@pytest.mark.slow
def test_it_can_be_installed_with_pip(tmp_path: Path) -> None:
    """With the setuptools that is there; nothing is fetched."""
    pytest.importorskip("setuptools")
    pytest.importorskip("pip")
    source, target = tmp_path / "source", tmp_path / "site"
    shutil.copytree(EXAMPLE, source, ignore=shutil.ignore_patterns("__pycache__"))
    words = ("install", "--no-index", "--no-build-isolation", "--no-deps", "--target", str(target), str(source))
    said = run(target, tmp_path, *words, module="pip")
    assert said.returncode == 0, said.stderr[-2000:]
    listed = run(target, tmp_path, "drivers")
    assert "(acme-reader 1.0.0)" in listed.stdout
