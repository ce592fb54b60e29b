"""Every scenario of a rule or a right, one citizen after the other at a few machines as on a morning in a hall: how each visit ends, which
rule it names, what is decided and printed, and at the end that ledger and remote sides agree about the money."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from config.scenarios import Outcome, Scenario, list_scenarios, load_scenario
from kiosk.domain.rules_person import CARD_RULES, FACE_RULES, LICENCE_RULES
from kiosk.domain.rules_record import RECORD_RULES
from kiosk.domain.rules_set import SET_RULES
from kiosk.domain.rules_vehicle import FILING_RULES, VEHICLE_RULES
from kiosk.ledger.states import FINAL, Kind
from kiosk.ports.clock import SystemClock
from kiosk.screens.violation import ReviewSelection
from tests.journeys.stage import Stage, changed, staged

PREFIX = "v_"
HALLS = ("v_e", "v_v0", "v_v1", "v_w0", "v_w1", "v_s", "v_r", "v_o", "v_n")
DECIDED = frozenset({Outcome.PAID, Outcome.WARNED, Outcome.UNPAID})
WARNINGS = frozenset({"E18", "V09", "V10", "V11", "S3"})
DECISION, VOUCHER, OBJECTION, STATEMENT = "简易程序处罚决定书", "交通违法缴款凭证", "违法记录异议单", "陈述申辩单"


def coming(prefix: str) -> list[Scenario]:
    """Staff compare faces, and the wallet pays at once."""
    today = SystemClock().now().date()
    found = [load_scenario(name, today) for name in list_scenarios() if name.startswith(prefix)]
    return [changed(each, {**each.wallet, "seconds": 0.0}, face_consent=False) for each in found]


def test_everybody_comes_to_some_machine() -> None:
    names = [scenario.name for prefix in HALLS for scenario in coming(prefix)]
    assert sorted(names) == [name for name in list_scenarios() if name.startswith(PREFIX)]


def test_every_rule_has_a_scenario() -> None:
    tables = (CARD_RULES, FACE_RULES, LICENCE_RULES, VEHICLE_RULES, FILING_RULES, RECORD_RULES, SET_RULES)
    codes = {rule.code for table in tables for rule in table}
    today = SystemClock().now().date()
    shown = {word for name in list_scenarios() for word in _words(load_scenario(name, today))}
    assert codes | {"E11", "S4"} <= shown
    assert codes == {code for code in shown if re.fullmatch(r"[EVW][0-9]{2}|S[0-9]", code)} - {"E11", "S4"}


def _words(scenario: Scenario) -> tuple[str, ...]:
    return scenario.code, *scenario.about.split()


@pytest.mark.parametrize("prefix", HALLS)
async def test_one_after_the_other(tmp_path: Path, prefix: str) -> None:
    """A hall that has something set differently is a machine of its own."""
    everybody = coming(prefix)
    halls = [[each for each in everybody if not each.settings], *([each] for each in everybody if each.settings)]
    wrong: list[str] = []
    for number, hall in enumerate(halls):
        if hall:
            (folder := tmp_path / str(number)).mkdir()
            wrong += await morning(folder, hall)
    assert wrong == []


async def morning(folder: Path, hall: Sequence[Scenario]) -> list[str]:
    """What did not come as it should, a line each."""
    wrong: list[str] = []
    async with staged(folder, hall[0], also=hall[1:]) as stage:
        for scenario in hall:
            stage.scenario = scenario
            for device, command in (
                ("police_platform", {"do": "clear"}),
                ("police_platform", {"do": "scenario", "name": scenario.name}),
                ("wallet", {"do": "script", **scenario.wallet}),
                ("id_card", {"do": "clear"}),
            ):
                stage.machine.virtual[device].control(command)
            wrong += [f"{scenario.name}: {what}" for what in await visited(stage)]
        if not await stage.sweep():
            wrong.append("the sweeper does not come to an end")
        wrong += [f"money: {breach}" for breach in await stage.breaches()]
        if stage.kept_fen() != stage.posted_fen():
            wrong.append(f"money: {stage.kept_fen()} fen were taken and {stage.posted_fen()} posted")
        wrong += [
            f"number {entry.number} is neither committed nor given back"
            for entry in stage.police.world.books.numbers.values()
            if entry.state == "reserved"
        ]
        for kind in (Kind.DECISION, Kind.PAYMENT, Kind.POSTING, Kind.PRINT):
            if left := set(await stage.states(kind)) - FINAL[kind]:
                wrong.append(f"{kind} is left in {', '.join(sorted(left))}")
    return wrong


async def visited(stage: Stage) -> list[str]:
    """One visit, and what did not come as it should."""
    printed = len(stage.papers)
    ended = await stage.visit()
    scenario, books = stage.scenario, stage.police.world.books
    number = scenario.person.number
    decided = [entry.decision for entry in books.decisions.values() if entry.id_number == number]
    paid = [decision for decision in decided if decision.number in books.payments]
    papers = stage.papers[printed:]
    return [
        *ends_as_it_should(stage),
        *papers_fit(scenario, papers, [decision.printed_number for decision in decided], bool(paid)),
        *(
            f"{title} is printed {found} times, not {wanted}"
            for title, found, wanted in said(books, number, papers)
            if found != wanted
        ),
        *([] if bool(paid) is (scenario.outcome is Outcome.PAID) else [f"{len(paid)} fines are paid"]),
        *([] if stage.desk.wiped == 1 else ["the pages were not wiped once"]),
        *([f"ended with {ended.outcome} and orders open"] if stage.machine.books.orders.in_session else []),
    ]


def ends_as_it_should(stage: Stage) -> Iterator[str]:
    scenario, ended = stage.scenario, stage.ended.outcome
    wanted = f"refused:{scenario.code}" if scenario.outcome is Outcome.REFUSED else str(scenario.outcome)
    if ended != wanted and ended.partition(":")[0] != wanted:
        yield f"ended as {ended}, not as {wanted}: {stage.desk.words()!r}"
    if scenario.code and scenario.code not in stage.desk.codes():
        yield f"{scenario.code} is not on any page, only {sorted(stage.desk.codes())}"
    if scenario.about in WARNINGS and not any(page.warning for page in stage.desk.of(ReviewSelection)):
        yield f"nobody was told of {scenario.about}"


def papers_fit(scenario: Scenario, papers: Sequence[str], numbers: Sequence[str], paid: bool) -> Iterator[str]:
    if bool(numbers) is not (scenario.outcome in DECIDED):
        yield f"{len(numbers)} records are decided"
    decisions = [text.replace("\n", "").replace(" ", "") for text in papers if DECISION in text]
    if len(decisions) != len(numbers) or not all(any(number in text for text in decisions) for number in numbers):
        yield f"{len(decisions)} papers for {len(numbers)} decisions"
    if sum(VOUCHER in text for text in papers) != paid:
        yield "there is not one voucher for what is paid"


def said(books: Any, number: str, papers: Sequence[str]) -> Iterator[tuple[str, int, int]]:
    """What the citizen said against a record is on a slip each: title, how many there are, how many there should be."""
    for title, entries in ((OBJECTION, books.objections), (STATEMENT, books.defences)):
        filed = sum(entry.id_number == number for entry in entries.values())
        yield title, sum(title in text for text in papers), filed
