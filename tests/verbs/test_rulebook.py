"""The rule book says what the tables say, in both languages, and docs/rule-book.md is the English one."""

from __future__ import annotations

import json
import re
from collections import Counter
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from config.notes import notes_of
from config.tables import load_tables
from kiosk.cli import main
from kiosk.verbs.rulebook import GROUPS, PERMIT_GROUPS, rulebook
from kiosk.verbs.rulebook_page import Grid, Heading, Text, as_html, as_markdown
from kiosk.verbs.rulebook_zh import ASKS, SETTINGS

ROOT = Path(__file__).parents[2]
RULES: list[Any] = [rule for _, _, rules in GROUPS for rule in rules]
PERMIT_RULES: list[Any] = [rule for _, _, rules in PERMIT_GROUPS for rule in rules]
KNOWN = dict(load_tables().rules.values())
SHIPPED = resources.files("config").joinpath("rules.toml").read_text("utf-8")


def test_the_document_is_up_to_date() -> None:
    printed = rulebook("en", None, None).text + "\n"
    assert (ROOT / "docs" / "rule-book.md").read_text("utf-8") == printed, (
        "print it anew: .venv/bin/python -m kiosk rulebook --lang en --out docs/rule-book.md"
    )


def test_every_rule_is_told_in_chinese() -> None:
    codes = Counter(rule.code for rule in (*RULES, *PERMIT_RULES))
    assert codes == {code: len(asked) for code, asked in ASKS.items()}


def test_every_check_of_the_service_is_there() -> None:
    """E01 to E19, V01 to V12, W01 to W11, S1 to S5; E11, W08 and S4 also as what stops nothing."""
    wanted = {f"E{n:02d}" for n in (1, 2, 3, 4, 5, *range(10, 20))} | {f"V{n:02d}" for n in range(1, 13)}
    wanted |= {f"W{n:02d}" for n in range(1, 12)} | {f"S{n}" for n in range(1, 6)}
    written = set(re.findall(r"^\| ([EVWS][0-9]{1,2}) \|", rulebook("zh", None, None).text, re.MULTILINE))
    assert written == wanted


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_settings_of_a_rule_exist(rule: Any) -> None:
    """What the reason names, the table of settings knows, and the rule says that it reads it."""
    assert set(rule.reads) <= set(KNOWN)
    named = re.findall(r"rules\.toml ([a-z]+\.[a-z_]+)", rule.reason)
    assert all(any(key.startswith(word) for key in rule.reads) for word in named)


def test_every_setting_has_a_mark_and_a_meaning() -> None:
    keys, notes = set(KNOWN), notes_of(SHIPPED)
    assert set(SETTINGS) == keys
    assert {key for key in keys if not notes[key].marks} == set()


def test_marks_are_read_from_the_comments() -> None:
    notes = notes_of(SHIPPED)
    assert notes["person.without_licence"].marks == "L"
    assert notes["set.points_limit"].marks == "H/M"
    assert notes["licence.status"].marks == "H/M"  # letters that stop handling are no marks
    assert notes["fine.areas"].marks == "H/L"
    assert notes["filing.a_year"].text.startswith("V04, H: vehicles of others")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_stands_alone(tmp_path: Path, lang: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "book.html"
    assert main(["rulebook", "--lang", lang, "--out", str(out)]) == 0
    assert capsys.readouterr().out == f"{out} written.\n"
    text = out.read_text("utf-8")
    assert not re.search(r"(?:src|href)=[\"'](?!#)|@import|url\(", text)
    assert f'lang="{"zh-CN" if lang == "zh" else "en"}"' in text
    for rule in RULES:
        assert f"<td>{rule.code}</td>" in text
    _Balanced().feed(text)


class _Balanced(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_markdown_by_the_name_and_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "book.md"
    assert main(["rulebook", "--out", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"version": 1, "good": True, "file": str(out)}
    assert out.read_text("utf-8").startswith("# 一次办规则手册\n")


def test_a_halls_own_tables(tmp_path: Path) -> None:
    own = SHIPPED.replace("max_records = 10", "max_records = 4").replace("# S5, L: records", "# S5, H: records")
    (tmp_path / "rules.toml").write_text(own, "utf-8")
    assert "set.max_records = 4 [H]" in rulebook("en", None, tmp_path).text


def test_what_cannot_be_read_or_written_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "rules.toml").write_text("[set]", "utf-8")
    assert main(["rulebook", "--tables", str(tmp_path)]) == 1
    assert "rules.toml" in capsys.readouterr().out
    assert main(["rulebook", "--out", str(tmp_path / "no" / "book.html")]) == 1
    assert "cannot be written" in capsys.readouterr().out


def test_the_two_forms_escape_what_they_must() -> None:
    parts = (Heading(1, "A & B"), Heading(2, "C"), Text("1 < 2"), Grid(("a", "b"), (("x|y\nz", "<b>"),)))
    page = as_html(parts, "en")
    assert "<h1>A &amp; B</h1><nav>" in page
    assert "<td>x|y<br>z</td><td>&lt;b&gt;</td>" in page
    assert as_markdown(parts) == "# A & B\n\n## C\n\n1 < 2\n\n| a | b |\n|---|---|\n| x\\|y<br>z | <b> |\n"
