"""The form scenarios: all load on any day, are fictional, answer what the form asks, and can live in one world with the others."""

from __future__ import annotations

import datetime as dt

import pytest

from config.form_tables import load_form
from config.scenario_outcomes import FORM_ENDS, SERVICE_ENDS, Outcome
from config.scenarios import Scenario, list_scenarios, load_scenario
from config.settings import Settings
from drivers.document_printer.simulator import IppSimulator
from kiosk.domain.identity import age_on
from kiosk.gateways.exit_entry.simulated import SimulatedExitEntry
from kiosk.gateways.police.simulated import SimulatedPolice
from tests.gateways.scenario_files import DAYS, TODAY, mistake, twice

NAMES = list_scenarios("form")
OTHERS = [*list_scenarios("violation"), *list_scenarios("endorsement")]
FORM = load_form()


def load(name: str, today: dt.date = TODAY) -> Scenario:
    return load_scenario(name, today)


@pytest.mark.parametrize("today", DAYS, ids=str)
@pytest.mark.parametrize("name", NAMES)
def test_every_scenario_keeps_its_meaning_on_any_day(name, today):
    scenario = load(name, today)
    person = scenario.person
    assert (scenario.service, scenario.permit) == ("form", None)
    assert scenario.form is not None
    assert (age_on(person.birth, today) < 16) is (name == "form_minor")
    assert person.valid_from < today
    assert (person.valid_to is None or person.valid_to >= today) is (name != "form_expired_card")
    assert person.number[14:17] == "000"


def test_all_scenarios_share_one_world_with_those_of_the_other_services():
    """One applicant comes again and again; nobody of them is anybody of another service."""
    forms, others = [load(name) for name in NAMES], [load(name) for name in OTHERS]
    assert not {scenario.person.number for scenario in forms} & {scenario.person.number for scenario in others}
    assert not {scenario.person.name for scenario in forms} & {scenario.person.name for scenario in others}
    assert not {scenario.person.face_seed for scenario in forms} & {scenario.person.face_seed for scenario in others}
    assert twice([scenario.title for scenario in forms]) == []
    exits = SimulatedExitEntry([*forms, *others])
    assert {*NAMES, *list_scenarios("endorsement")} == set(exits.state()["scenarios"])
    SimulatedPolice([*forms, *others])


def test_every_end_of_the_service_has_a_scenario_and_no_end_of_another():
    reached = {load(name).outcome for name in NAMES}
    assert reached >= FORM_ENDS | {Outcome.CANCELLED}
    assert not reached & SERVICE_ENDS
    assert not {load(name).outcome for name in OTHERS} & FORM_ENDS


@pytest.mark.parametrize("name", NAMES)
def test_answers_faults_and_settings_are_known(name):
    scenario = load(name)
    wanted = scenario.form
    assert wanted is not None
    SimulatedExitEntry([scenario])
    keys = {field.key for field in FORM.field if field.source != "system"}
    assert set(wanted.answers) | set(wanted.brings) <= keys
    assert set(wanted.changes) <= {question.id for question in FORM.question}
    assert {key for answers in wanted.changes.values() for key in answers} <= keys
    for planned in scenario.devices:
        if planned.device == "document_printer":
            IppSimulator().control(planned.command)
    for setting, value in scenario.settings.items():
        section, _, key = setting.partition(".")
        table = Settings.model_fields[section].annotation
        assert table is not None
        assert getattr(table.model_validate({key: value}), key) == value


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('phone = "13000000000"', 'Phone = "13000000000"', r"form\.answers"),
        ("[form]", '[form]\nphoto = "drawn"', r"form\.photo: input should be 'camera'"),
        (
            'service = "form"',
            'service = "endorsement"',
            r"permit: a scenario of the endorsement service has a \[permit\]",
        ),
        ("[form]", "[exit_entry]\nappointment = 7\n\n[form]", r"exit_entry\.appointment: "),
    ],
)
def test_mistakes_are_told_in_one_sentence(tmp_path, old, new, said):
    mistake(tmp_path, "form_first_passport", old, new, said)
