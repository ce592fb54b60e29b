"""The list of scenarios names each with its rule and the end it reaches."""

from __future__ import annotations

import pytest

from config.scenarios import list_scenarios
from kiosk import cli
from kiosk.verbs.demo_list import SERVICES, list_text


@pytest.fixture(scope="module")
def listed() -> str:
    return list_text()


def test_every_scenario_stands_below_its_service(listed):
    tables = dict(zip(SERVICES, listed.split("\n\n"), strict=True))
    for service, table in tables.items():
        title, head, *rows = table.splitlines()
        assert title.endswith(f"({len(rows)})")
        assert head.split() == ["name", "rule", "end", "title"]
        assert tuple(row.split()[0] for row in rows) == list_scenarios(service)


@pytest.mark.parametrize(
    "row",
    [
        ["v_e16_class", "E16", "none_eligible"],
        ["v_v08_stolen", "V08", "refused:V08"],
        ["v_s4_same_vehicle", "W05", "S4", "paid"],
        ["happy_two_records", "paid"],
    ],
)
def test_rule_and_end(listed, row):
    (line,) = [line for line in listed.splitlines() if line.split()[:1] == row[:1]]
    assert line.split()[: len(row)] == row


@pytest.mark.parametrize("words", [["--list"], ["--scenario"]])
def test_asking_for_it(capsys, listed, words):
    """Not by way of `main`, which sends the log of all later tests to this one's output."""
    assert cli._demo(cli.parser().parse_args(["demo", *words])) == 0
    assert capsys.readouterr().out == listed + "\n"
