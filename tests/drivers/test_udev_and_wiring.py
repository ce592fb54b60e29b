"""The udev rules parse, those in comments too, and the wiring pages say what is true: settings, commands, names."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from config.sections import SCHEMES, Devices
from kiosk.cli import KINDS, parser

ROOT = Path(__file__).resolve().parents[2]
RULES = sorted((ROOT / "packaging" / "udev").glob("*.rules"))
PAGES = ROOT / "docs" / "wiring"

_MATCH = {"ACTION", "DEVPATH", "KERNEL", "NAME", "SUBSYSTEM", "DRIVER", "TAG", "TEST", "PROGRAM", "RESULT", "CONST"}
_MATCH |= {"KERNELS", "SUBSYSTEMS", "DRIVERS", "TAGS"}
_MATCH_WITH = {"ATTR", "ATTRS", "ENV", "SYSCTL", "IMPORT"}
_SET = {"NAME", "SYMLINK", "OWNER", "GROUP", "MODE", "TAG", "LABEL", "GOTO", "OPTIONS"}
_SET_WITH = {"ATTR", "SYSCTL", "ENV", "SECLABEL", "RUN", "IMPORT"}
_TOKEN = re.compile(r'([A-Z]+)(?:\{([^}]+)\})?(==|!=|\+=|-=|:=|=)(?:e)?"((?:[^"\\]|\\.)*)"')


def rules(text: str, *, commented: bool) -> list[str]:
    """The rules in a file, with or without those that a technician gets by taking the # away."""
    text = text.replace("\\\n", "")
    found = []
    for line in text.splitlines():
        bare = line.strip()
        if commented and re.match(r"#[A-Z]+(\{[^}]*\})?[=!+-]", bare):
            bare = bare[1:]
        if bare and not bare.startswith("#"):
            found.append(bare)
    return found


def fault(rule: str) -> str:
    """What udev would not take in a rule (udev(7)); empty: nothing."""
    at, matches, sets, labels = 0, 0, 0, False
    while at < len(rule):
        token = _TOKEN.match(rule, at)
        if token is None:
            return f"no token at {rule[at : at + 20]!r}"
        key, attribute, operator, value = token.groups()
        if operator in ("==", "!="):
            matches += 1
            if key not in (_MATCH_WITH if attribute else _MATCH):
                return f"{key} cannot be matched so"
        else:
            sets += 1
            labels |= key in ("LABEL", "GOTO")
            if key not in (_SET_WITH if attribute else _SET):
                return f"{key} cannot be set so"
            if key == "MODE" and not re.fullmatch("0[0-7]{3}", value):
                return f"{value!r} is no mode"
            if key == "SYMLINK" and not re.fullmatch(r"onetrip/[a-z-]+", value):
                return f"{value!r} is no name of ours"
            if key == "SYMLINK" and operator != "+=":
                return "a SYMLINK that takes the others away"
        if attribute in ("idVendor", "idProduct") and not re.fullmatch("[0-9a-f]{4}", value):
            return f"{value!r} is no USB number: four small hexadecimal digits"
        at = token.end()
        gap = re.compile(r"\s*,\s*|\s*$").match(rule, at)
        if gap is None:
            return f"no comma at {rule[at : at + 20]!r}"
        at = gap.end()
    if rule.endswith(","):
        return "a comma at the end"
    return "" if labels or (matches and sets) else "a rule matches something and sets something"


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.name)
def test_rules_can_be_read(path: Path) -> None:
    found = rules(path.read_text(), commented=True)
    assert found
    assert {rule: said for rule in found if (said := fault(rule))} == {}


@pytest.mark.parametrize(
    "rule",
    [
        'SUBSYSTEM="tty", GROUP="kiosk"',
        'SUBSYSTEM=="tty" GROUP="kiosk"',
        'SUBSYSTEM=="tty", GROUP=kiosk',
        'SUBSYSTEM=="tty", MODE="660"',
        'ATTR{idVendor}=="1EAB", MODE="0660"',
        'SUBSYSTEM=="tty", SYMLINK="onetrip/x"',
        'SUBSYSTEM=="tty",',
        'SUBSYSTEM=="tty", SYMLINCK+="onetrip/x"',
        'GROUP="kiosk"',
    ],
)
def test_a_wrong_rule_is_seen(rule: str) -> None:
    assert fault(rule)


@pytest.mark.skipif(shutil.which("udevadm") is None, reason="this machine has no udev")
@pytest.mark.parametrize("path", RULES, ids=lambda path: path.name)
def test_udev_takes_them_itself(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / path.name
    copy.write_text("\n".join(rules(path.read_text(), commented=True)) + "\n")
    said = subprocess.run(
        ["udevadm", "verify", "--resolve-names=never", str(copy)],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    if "nrecognized" in said.stderr or "nknown" in said.stderr:
        pytest.skip("this udevadm is older than verify")
    assert said.returncode == 0, said.stderr + said.stdout


def test_rules_in_force_need_no_change_by_hand() -> None:
    """Only numbers that makers have published stand in rules that are in force; examples are comments."""
    live = [rule for path in RULES for rule in rules(path.read_text(), commented=False)]
    vendors = {value for rule in live for value in re.findall(r'\{idVendor\}=="([^"]+)"', rule)}
    assert vendors == {"0400", "2b8b", "1eab"}
    assert not any(word in rule for rule in live for word in ("ID_PATH", "ID_SERIAL", "KERNELS"))
    assert all('MODE="0660"' in rule for rule in live if "GROUP=" in rule)


def blocks(page: str, language: str) -> list[str]:
    found = re.findall(r"^```(\w*)\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    return [text for tongue, text in found if tongue == language]


@pytest.mark.parametrize("kind", [kind for kind in SCHEMES if kind in KINDS])
def test_a_page_for_every_kind_says_what_is_true(kind: str) -> None:
    page = (PAGES / f"{kind}.md").read_text()
    for part in ("**Cable.**", "**udev.**", "**Settings.**", "**Test", "**Lights.**", "| It says | It means | Do |"):
        assert part in page, part
    assert len(page.splitlines()) <= 75, "one page"
    (settings,) = blocks(page, "toml")
    told = tomllib.loads(settings)["devices"]
    assert kind in told
    pair = {
        name: "cardunit+sim:" if name == "permit_unit" else "icao+sim:" for name in ("permit_unit", "permit_reader")
    }
    Devices(**{**(pair if set(told) & set(pair) else {}), **told})
    for line in re.findall(rf'^# {kind} = "([^"]+)"', settings, re.MULTILINE):
        Devices(**{**pair, kind: line})
    commands = [line.split("#")[0] for line in blocks(page, "")[0].splitlines() if line.startswith("kiosk ")]
    assert commands
    for command in commands:
        assert parser().parse_args(shlex.split(command)[1:]).kind == kind


def test_every_name_and_file_that_pages_speak_of_exists() -> None:
    names = {name for path in RULES for name in re.findall(r'SYMLINK\+="([^"]+)"', path.read_text())}
    for page in PAGES.glob("*.md"):
        text = page.read_text()
        assert set(re.findall(r"/dev/(onetrip/[a-z-]+)", text)) <= names, page.name
        for path in re.findall(r"`((?:packaging|docs)/[A-Za-z0-9_./-]+)`", text):
            assert (ROOT / path).exists(), f"{page.name}: {path}"
    for page in ("drivers.md", "record-replay.md"):
        text = (ROOT / "docs" / page).read_text()
        for path in re.findall(r"`((?:packaging|docs|drivers)/[A-Za-z0-9_./-]+)`", text):
            assert (ROOT / path).exists(), f"{page}: {path}"
