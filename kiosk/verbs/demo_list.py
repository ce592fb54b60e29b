"""What `kiosk demo --list` says: every scenario that comes with the kiosk, by service, with the rule it shows and the end it reaches."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from config.scenarios import Outcome, Scenario, Service, list_scenarios, load_scenario
from kiosk.ports.clock import SystemClock

SERVICES: Mapping[Service, str] = {
    "violation": "交通违法处理缴款 violation",
    "fine": "凭决定书编号缴款 fine",
    "endorsement": "港澳台签注 endorsement",
    "form": "出入境证件申请表 form",
}
HEAD = ("name", "rule", "end", "title")


def list_text() -> str:
    """A table for each service. Raises ScenarioError for a shipped file that is wrong."""
    today = SystemClock().now().date()
    parts = []
    for service, words in SERVICES.items():
        rows = [HEAD, *(_row(load_scenario(name, today)) for name in list_scenarios(service))]
        widths = [max(_width(row[column]) for row in rows) for column in range(len(HEAD) - 1)]
        lines = ("  ".join((*map(_padded, row, widths), row[-1])) for row in rows)
        parts.append("\n".join((f"{words} ({len(rows) - 1})", *lines)))
    return "\n\n".join(parts)


def _row(scenario: Scenario) -> tuple[str, ...]:
    refused = scenario.outcome is Outcome.REFUSED and scenario.code
    end = f"{scenario.outcome}:{scenario.code}" if refused else str(scenario.outcome)
    return scenario.name, " ".join(filter(None, (scenario.code, scenario.about))), end, scenario.title


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _width(text: str) -> int:
    """Columns on a terminal: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
