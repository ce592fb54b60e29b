"""The endorsement scenarios: all load on any day, are fictional, can live in one world, and their rules say what they claim."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

import pytest

from config.endorsement_tables import load_endorsements
from config.scenario_outcomes import FORM_ENDS
from config.scenario_values import endorsement_number, mrz_check, permit_line, spoil
from config.scenarios import (
    SERVICE_ENDS,
    Outcome,
    Scenario,
    list_scenarios,
    load_scenario,
    service_of,
)
from config.settings import Settings
from drivers.permit_reader.simulator import PermitChipSimulator
from drivers.permit_unit.faults import FAULTS as UNIT_FAULTS
from drivers.virtual_permit import VirtualPermit
from kiosk.domain.endorsement import RegistryRecord
from kiosk.domain.endorsement_rules import Applicant, first_stop, offers
from kiosk.domain.identity import CardKind, IdCard, Sex, age_on
from kiosk.domain.mrz import LineError, parse_line
from kiosk.gateways.exit_entry.messages import RegistryMessage
from kiosk.gateways.exit_entry.sim_rules import sold
from kiosk.gateways.exit_entry.simulated import SimulatedExitEntry
from kiosk.gateways.police.simulated import SimulatedPolice
from kiosk.gateways.rest import read
from kiosk.gateways.sim_server import SimRefusal, plain
from kiosk.gateways.wallet.scripts import read_script
from tests.gateways.scenario_files import DAYS, TODAY, mistake, twice

NAMES = list_scenarios("endorsement")
FORMS = list_scenarios("form")
ALL = [*NAMES, *list_scenarios()]
EVERY_CODE = {f"EE{number:02d}" for number in range(1, 23)}


class Noon:
    def __init__(self, day: dt.date) -> None:
        self.day = day

    def now(self) -> dt.datetime:
        from kiosk.ports.clock import SHANGHAI

        return dt.datetime.combine(self.day, dt.time(12), SHANGHAI)


def load(name: str, today: dt.date = TODAY) -> Scenario:
    return load_scenario(name, today)


@pytest.mark.parametrize("today", DAYS, ids=str)
@pytest.mark.parametrize("name", NAMES)
def test_every_scenario_keeps_its_meaning_on_any_day(name, today):
    scenario = load(name, today)
    person, permit = scenario.person, scenario.permit
    assert permit is not None
    assert scenario.service == "endorsement"
    assert (age_on(person.birth, today) < 16) is (scenario.code == "EE04")
    assert (person.valid_to is not None and person.valid_to < today) is (scenario.code == "EE01")
    assert (permit.expiry < today) is (name == "endorse_ee06_expired")
    assert person.valid_from < today
    for _, held in permit.held():
        assert held.issued_on <= today
        assert held.issued_on < held.valid_to
    VirtualPermit.of(permit.card(person))


def test_nobody_and_nothing_is_there_twice():
    scenarios = [load(name) for name in ALL]
    permits = [scenario.permit for scenario in scenarios if scenario.permit is not None]
    assert len(permits) == len(NAMES)
    for values in (
        [scenario.person.number for scenario in scenarios],
        [scenario.person.name for scenario in scenarios],
        [scenario.person.face_seed for scenario in scenarios],
        [scenario.title for scenario in scenarios if scenario.permit is not None],
        [permit.number for permit in permits],
        [number for permit in permits for number, _ in permit.held()],
    ):
        assert twice(values) == []
    SimulatedExitEntry(scenarios)
    SimulatedPolice(scenarios)


@pytest.mark.parametrize("name", NAMES)
def test_nobody_in_a_scenario_can_exist(name):
    scenario = load(name)
    people = [scenario.person, *([scenario.permit.holder] if scenario.permit and scenario.permit.holder else [])]
    assert all(person.number[14:17] == "000" for person in people)


def test_every_rule_and_every_end_has_a_scenario():
    scenarios = [load(name) for name in NAMES]
    assert {scenario.code for scenario in scenarios} == EVERY_CODE | {""}
    reached = {scenario.outcome for scenario in scenarios}
    assert reached >= SERVICE_ENDS - {Outcome.WRITE_UNCERTAIN}
    assert reached >= {Outcome.UNAVAILABLE, Outcome.CANCELLED, Outcome.UNPAID, Outcome.PAID_LATE, Outcome.AMOUNT_ALARM}
    assert not reached & FORM_ENDS
    for scenario in scenarios:
        if found := re.match(r"endorse_(ee[0-9]{2})_", scenario.name):
            assert scenario.code == found[1].upper()


def test_services_are_told_by_their_names():
    fines = list_scenarios("fine")
    assert list_scenarios("all") == tuple(sorted((*NAMES, *list_scenarios(), *FORMS, *fines)))
    assert not set(fines) & {*NAMES, *list_scenarios(), *FORMS}
    assert not set(NAMES) & set(list_scenarios())
    assert not set(FORMS) & {*NAMES, *list_scenarios()}
    assert service_of("endorse_happy_hk") == "endorsement"
    assert all(load(name).service == service_of(name) for name in (*ALL, *FORMS))


@pytest.mark.parametrize("name", NAMES)
def test_faults_scripts_options_and_settings_are_known(name):
    scenario = load(name)
    SimulatedExitEntry([scenario])
    read_script(scenario.wallet)
    on = {row.id for row in load_endorsements().options_on(TODAY)}
    assert set(scenario.citizen.entries) <= on
    for option in scenario.citizen.entries:
        assert sold(option).fee_fen
    for planned in scenario.devices:
        fault = planned.command.get("id")
        if planned.command["do"] == "fault" and planned.device in ("permit_unit", "permit_reader"):
            known = UNIT_FAULTS if planned.device == "permit_unit" else PermitChipSimulator.fault_ids
            assert fault in known
    for setting, value in scenario.settings.items():
        section, _, key = setting.partition(".")
        table = Settings.model_fields[section].annotation
        assert table is not None
        changed = table.model_validate({key: value})
        assert getattr(changed, key) == value != getattr(table(), key)


# What the rules make of it


def id_card(scenario: Scenario) -> IdCard:
    person = scenario.person
    return IdCard(
        kind=CardKind(person.kind),
        name=person.name,
        sex=Sex(person.sex),
        birth=person.birth,
        number=person.number,
        issuer=person.issuer,
        valid_from=person.valid_from,
        valid_to=person.valid_to,
    )


def record_of(scenario: Scenario, today: dt.date) -> RegistryRecord | None:
    """The registry's answer, by way of the wire's JSON."""
    assert scenario.permit is not None
    world = SimulatedExitEntry([scenario], clock=Noon(today)).world
    try:
        said = world.registry(scenario.permit.number)
    except SimRefusal:
        return None
    text = json.dumps({name: plain(value) for name, value in said.items()})
    return read(RegistryMessage, text.encode()).value()


@pytest.mark.parametrize("today", DAYS[::2], ids=str)
@pytest.mark.parametrize("name", [name for name in NAMES if load_scenario(name, TODAY).code])
def test_the_rule_a_scenario_names_is_the_one_that_stands_against_it(name, today):
    scenario = load(name, today)
    permit = scenario.permit
    assert permit is not None
    tables = load_endorsements()
    hall = {key.partition(".")[2]: value for key, value in scenario.settings.items()}
    limits: dict[str, Any] = {}
    limits["open"] = not hall.get("closed", False)
    limits["first_here"] = hall.get("first_at_window", False)
    limits["fingerprint"] = hall.get("fingerprint", False)
    limits["min_interval_days"] = hall.get("min_interval_days", 0)
    tables = tables.model_copy(update={"limits": tables.limits.model_copy(update=limits)})
    card, record = id_card(scenario), record_of(scenario, today)
    applicant = Applicant(
        card=card,
        line=parse_line(permit.card(scenario.person)["line"], today, card.birth),
        chip_dead=permit.chip != "ok" or bool(permit.chip_number) or bool(scenario.devices),
        face_failed=scenario.exit_entry.face == "different",
        registry=record,
    )
    stop = first_stop(applicant, today, tables, phase="person")
    if stop is not None:
        assert (stop.refusal.code, scenario.outcome) == (scenario.code, Outcome.REFUSED)
        return
    assert record is not None
    found = offers(record, card, today, tables)
    by_id = {offer.option.id: offer for offer in found}
    if scenario.outcome is Outcome.ENDORSED:
        assert scenario.code in {stop.refusal.code for offer in found for stop in offer.stops}
        assert scenario.citizen.entries
        assert not any(by_id[option].stops for option in scenario.citizen.entries)
    else:
        assert all(offer.stops for offer in found)
        assert all(scenario.code in {stop.refusal.code for stop in by_id[o].stops} for o in ("HKG-L-3M1", "MAC-L-3M1"))


@pytest.mark.parametrize("name", [name for name in NAMES if not load_scenario(name, TODAY).code])
def test_everybody_else_may_have_what_they_choose(name):
    scenario = load(name)
    assert scenario.permit is not None
    card, record = id_card(scenario), record_of(scenario, TODAY)
    assert record is not None
    tables = load_endorsements()
    assert first_stop(Applicant(card=card, registry=record), TODAY, tables, phase="person") is None
    free = {offer.option.id for offer in offers(record, card, TODAY, tables) if not offer.stops}
    assert set(scenario.citizen.entries) <= free
    for place in scenario.citizen.places:
        assert any(option.startswith(f"{place}-{scenario.citizen.kind}-") for option in free)


# The printed line

VECTORS = {
    "CSC000000004<2404200<8108038<6": ("CS", "C00000000", "2024-04-20", "1981-08-03"),
    "CDL000000007<2508197<8208031<6": ("CD", "L00000000", "2025-08-19", "1982-08-03"),
    "CSCA00000015<3301155<9003071<0": ("CS", "CA0000001", "2033-01-15", "1990-03-07"),
    "CSC123456788<2906302<8501019<2": ("CS", "C12345678", "2029-06-30", "1985-01-01"),
    "CDL123456781<3102282<0002299<0": ("CD", "L12345678", "2031-02-28", "2000-02-29"),
    "CSCZ99999996<2601010<1512317<2": ("CS", "CZ9999999", "2026-01-01", "2015-12-31"),
}
"""The first two are the specimens of the two cards."""


@pytest.mark.parametrize("line", VECTORS)
def test_lines_are_those_of_the_specimens(line):
    kind, number, expiry, birth = VECTORS[line]
    made = permit_line(kind, number, dt.date.fromisoformat(expiry), dt.date.fromisoformat(birth))
    assert made == line


def test_check_digits():
    """ICAO 9303-3, worked example."""
    assert mrz_check("520727") == "3"
    assert mrz_check("AB2134<<<") == "5"
    assert mrz_check("") == "0"


@pytest.mark.parametrize("name", NAMES)
def test_the_card_says_what_the_registry_says_unless_spoilt(name):
    scenario = load(name)
    permit = scenario.permit
    assert permit is not None
    holder = permit.holder or scenario.person
    card = permit.card(scenario.person)
    if permit.spoilt:
        with pytest.raises(LineError):
            parse_line(card["line"], TODAY, holder.birth)
        assert parse_line(card["chip_line"], TODAY, holder.birth).number == permit.number
        return
    line = parse_line(card["line"], TODAY, holder.birth)
    assert (line.number, line.expiry, line.repaired) == (permit.number, permit.expiry, False)
    assert line.birth == f"{holder.birth:%y%m%d}"
    assert bool(card["chip_line"]) is bool(permit.chip_number)
    assert card["endorsements"] == [number for number, _ in permit.held()]


def test_spoilt_places_and_numbers():
    assert spoil("CSC000000004<", (3, 12, 0)) == "DSC1000000040"
    assert endorsement_number("MAC", dt.date(2026, 11, 1), 123_456) == "M26110123456"


def test_what_a_card_holds():
    scenario = load("endorse_happy_hk")
    assert scenario.permit is not None
    assert scenario.permit.card(scenario.person) == {
        "line": "CSC100000177<3211212<9003071<6",
        "name": "顾示例",
        "surname": "GU",
        "given": "SHILI",
        "sex": "F",
        "birth": "19900307",
        "id_number": "330203199003070002",
        "face_seed": 201,
        "body": "permit",
        "chip": "ok",
        "protocol": "both",
        "chip_line": "",
        "wrong_way": False,
        "endorsements": ["H25092100017"],
        "back": [["团队旅游", "香港", "20251221", "一次"]],
        "chip_writes": 0,
    }


# Mistakes in files


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('number = "C10000017"', 'number = "CI0000017"', r"permit\.number: it must be C12345678"),
        ('number = "C10000017"', 'number = "L10000017"', r"permit: number: it begins with L"),
        ('expiry = "today+6y"', 'expiry = "soon"', r"permit\.expiry: write a date"),
        ('surname = "GU"', 'surname = "Gu"', r"permit\.surname: it must be capital letters"),
        ('given = "SHILI"', "", r"permit\.given: this key is missing"),
        ('given = "SHILI"', 'given = "SHILI"\nchips = 1', r"permit\.chips: there is no such key; allowed here: "),
        ('given = "SHILI"', 'given = "SHILI"\nspoilt = [30]', r"permit\.spoilt\.0: .* less than or equal to 29"),
        ('given = "SHILI"', 'given = "SHILI"\nchip = "melted"', r"permit\.chip: input should be 'ok'"),
        ("entries_left = 0", "entries_left = -1", r"permit\.endorsement\.0\.entries_left"),
        ('destination = "HKG"', 'destination = "LON"', r"permit\.endorsement\.0\.destination: input should be"),
        ('entries = ["HKG-L-3M1"]', 'entries = ["MAC-L-3M1"]', r"citizen\.entries: one option for each"),
        ('entries = ["HKG-L-3M1"]', 'cancel_at = "never"', r"citizen\.cancel_at: input should be '', 'start'"),
        ('entries = ["HKG-L-3M1"]', 'phone = "+86"', r"citizen\.phone: it must be digits"),
        ('service = "endorsement"', "", r"permit: a scenario of the endorsement service has a \[permit\]"),
        ('service = "endorsement"', 'service = "passport"', r"service: input should be 'violation'"),
        ("[permit]", "[settings]\nclosed = true\n\n[permit]", r"settings: closed is no name of a setting"),
        ("[permit]", '[permit]\nholder = { name = "甲" }', r"permit\.holder\.birth: this key is missing"),
    ],
)
def test_mistakes_are_told_in_one_sentence(tmp_path, old, new, said):
    mistake(tmp_path, "endorse_happy_hk", old, new, said)


def test_people_and_permits_do_not_show_in_repr():
    for name in ("endorse_happy_hk", "endorse_ee02_other_holder", "endorse_chip_of_another", "endorse_ee11_barred"):
        scenario = load(name)
        permit = scenario.permit
        assert permit is not None
        holder = permit.holder or scenario.person
        secrets = [scenario.person.number, scenario.person.name, permit.number, permit.surname, permit.given]
        secrets += [holder.name, holder.number, f"{holder.birth!r}", permit.chip_number, "exit_barred"]
        assert not [secret for secret in secrets if secret and secret in repr(scenario)], name
