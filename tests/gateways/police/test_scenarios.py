"""The scenario files: all load, all are fictional, all can live in one world, and mistakes are told in a sentence."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from config.scenario_outcomes import FINE_ENDS, FORM_ENDS
from config.scenario_values import fictional_number, read_date, read_moment
from config.scenarios import SERVICE_ENDS, Outcome, ScenarioError, list_scenarios, load_scenario
from kiosk.domain.vin import vin_check_character
from kiosk.gateways.police.simulated import SimulatedPolice
from kiosk.gateways.wallet.scripts import read_script
from kiosk.ports.clock import SHANGHAI
from tests.gateways.scenario_files import DAYS, TODAY, mistake, twice


@pytest.mark.parametrize("today", DAYS, ids=str)
@pytest.mark.parametrize("name", list_scenarios())
def test_every_scenario_keeps_its_meaning_on_any_day(name, today):
    scenario = load_scenario(name, today)
    person, licence = scenario.person, scenario.licence
    age = today.year - person.birth.year - ((today.month, today.day) < (person.birth.month, person.birth.day))
    assert (age < 18) is (name == "minor")
    assert (person.valid_to is not None and person.valid_to < today) is (name == "id_card_expired")
    assert person.valid_from < today
    if licence is not None:
        assert (licence.valid_to is not None and licence.valid_to < today) is (name == "licence_expired")
        for record in scenario.records:
            assert (licence.first_issued < record.at.date()) is (name != "v_e17_before_licence")
            assert record.at.date() < today
    for record in scenario.records:
        assert record.at.tzinfo is not None
        assert record.penalty != "warning" or (record.fine_fen, record.points) == (0, 0)
        assert re.fullmatch(r"《.+", record.provisions)
    for earlier in scenario.handled:
        assert earlier.at.date() < today


@pytest.mark.parametrize("name", list_scenarios())
def test_nobody_in_a_scenario_can_exist(name):
    scenario = load_scenario(name, TODAY)
    number = scenario.person.number
    assert number[14:17] == "000"
    weights = [2 ** (17 - place) % 11 for place in range(18)]  # ISO 7064 MOD 11-2, the other way round
    assert (
        sum(weight * (10 if digit == "X" else int(digit)) for weight, digit in zip(weights, number, strict=True)) % 11
        == 1
    )
    for vehicle in scenario.vehicles:
        assert vehicle.vin.startswith("LTEST")
        assert vehicle.vin[8] == vin_check_character(vehicle.vin)


def test_known_numbers():
    for number, birth in {
        "330203199001010006": dt.date(1990, 1, 1),
        "330212198506150006": dt.date(1985, 6, 15),
        "330282200002290004": dt.date(2000, 2, 29),
        "33020619800118000X": dt.date(1980, 1, 18),
        "810000199001010000": dt.date(1990, 1, 1),
    }.items():
        assert fictional_number(number[:6], birth) == number


def test_all_scenarios_share_one_world_and_reach_many_ends():
    scenarios = [load_scenario(name, TODAY) for name in list_scenarios()]
    assert len(scenarios) >= 14
    for values in (
        [scenario.person.number for scenario in scenarios],
        [scenario.person.face_seed for scenario in scenarios],
        [vehicle.plate for scenario in scenarios for vehicle in scenario.vehicles],
        [licence.file_no for licence in (scenario.licence for scenario in scenarios) if licence is not None],
        [record.id for scenario in scenarios for record in scenario.records],
    ):
        assert twice(values) == []
    reached = {scenario.outcome for scenario in scenarios}
    assert reached >= set(Outcome) - SERVICE_ENDS - FORM_ENDS - FINE_ENDS - {Outcome.PAYMENT_UNKNOWN, Outcome.CANCELLED}
    assert not reached & (SERVICE_ENDS | FORM_ENDS | FINE_ENDS)
    SimulatedPolice(scenarios)


@pytest.mark.parametrize("name", list_scenarios())
def test_faults_and_wallet_scripts_are_known(name):
    scenario = load_scenario(name, TODAY)
    SimulatedPolice([scenario])
    read_script(scenario.wallet)


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("today", dt.date(2028, 2, 29)),
        ("today-1d", dt.date(2028, 2, 28)),
        ("today+1d", dt.date(2028, 3, 1)),
        ("today-1y", dt.date(2027, 2, 28)),
        ("today+4y", dt.date(2032, 2, 29)),
        ("today-3m", dt.date(2027, 11, 29)),
        ("today+12m", dt.date(2029, 2, 28)),
        ("today-10y-20d", dt.date(2018, 2, 8)),
        ("2026-03-01", dt.date(2026, 3, 1)),
        (dt.date(2026, 3, 1), dt.date(2026, 3, 1)),
    ],
)
def test_dates(text, date):
    assert read_date(text, dt.date(2028, 2, 29)) == date


@pytest.mark.parametrize(
    "text", ["yesterday", "today-", "today-1w", "2026-02-30", "today-99999y", 5, None, "today -1d"]
)
def test_dates_that_are_none(text):
    with pytest.raises(ValueError, match="date"):
        read_date(text, TODAY)


def test_moments():
    assert read_moment("today-12d 08:14", TODAY) == dt.datetime(2026, 11, 9, 8, 14, tzinfo=SHANGHAI)
    assert read_moment("2026-03-01 23:59:30", TODAY) == dt.datetime(2026, 3, 1, 23, 59, 30, tzinfo=SHANGHAI)
    assert read_moment(dt.datetime(2026, 3, 1, 8), TODAY) == dt.datetime(2026, 3, 1, 8, tzinfo=SHANGHAI)
    for text in ("today", "today 24:00", "today 8:14", "08:14"):
        with pytest.raises(ValueError, match="write a"):
            read_moment(text, TODAY)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("face_seed = 101", 'face_seed = "x"', r"person\.face_seed: input should be a valid integer"),
        ('sex = "2"', 'sexx = "2"', r"person\.sexx: there is no such key; allowed here: address, area, birth"),
        ("points = 3", "points = 300", r"licence\.points: .* less than or equal to 99"),
        ('outcome = "paid"', 'outcome = "payed"', r"outcome: input should be 'paid', 'warned'"),
        ('"today-12d 08:14"', '"yesterday"', r"record\.0\.at: write a moment as"),
        ('code = "1039"', 'code = "9999"', r"record\.0\.code: _codes\.toml does not have it; allowed: 1039, "),
        ("rating = 5", "choose = 5", r"citizen\.choose: write"),
        ("rating = 5", "rating = 6", r"citizen\.rating: .* less than or equal to 5"),
        ("rating = 5", 'choose = ["1"]', r"citizen\.choose"),
        ("rating = 5", 'choose = ["3302031001000009"]', r"citizen\.choose names 3302031001000009"),
        ('plate = "浙BB01M1"', 'plate = "B1"', r"vehicle\.0\.plate: it must be"),
        ("[person]", '[person]\nnumber = "330203197106081237"', r"order number"),
        ("[person]", '[person]\nnumber = "330203197106080002"', r"check character must be 1"),
        ('valid_to = "today+14y"\n', "", r"person\.valid_to: this key is missing"),
        ("[wallet]", "[wallets]", r"wallets: there is no such key; allowed here: about, citizen, code"),
        ('id = "3302031001000002"', 'id = "3302031001000001"', r"same id"),
        ("[wallet]", "[platform]\nnumber_pool = -1\n[wallet]", r"platform\.number_pool: .* greater than or equal to 0"),
        ("[wallet]", '[filing]\nowner = "asleep"\n[wallet]', r"filing\.owner: input should be 'confirms', 'refuses'"),
        ("[wallet]", '[filing]\ncode = "48"\n[wallet]', r"filing\.code: it must be 6 digits"),
        ("[wallet]", "[filing]\ntoday = 1\n[wallet]", r"filing: today: what was filed today was filed this year"),
        ("rating = 5", 'files_by = "qr"', r"filing: who asks the owner"),
        ("rating = 5", 'files_by = "sms"', r"citizen\.sms_codes: who files by sms types at least one code"),
        ("rating = 5", 'objection = "picture unclear"', r"citizen\.objection: it must be the id of a reason"),
        (
            "[[vehicle]]",
            '[[licence.not_valid]]\nfirst = "today-3d"\nlast = "today-4d"\n[[vehicle]]',
            r"licence\.not_valid\.0: last: a period ends on its first day or later",
        ),
        (
            "[wallet]",
            '[[handled]]\nrecord_id = "3302031001000001"\nplate = "浙B1"\nrelation = "own"\nat = "today-9d 08:00"\n'
            "points = 1\n[wallet]",
            r"handled\.0\.plate: it must be a plate such as",
        ),
        (
            "[wallet]",
            '[[handled]]\nrecord_id = "3302031001000001"\nplate = "浙B12345"\nrelation = "own"\nat = "today-9d 08:00"\n'
            "points = 1\n[wallet]",
            r"a \[\[handled\]\] table has the id of an open \[\[record\]\]",
        ),
        ("photos = 3", "photos = 4", r"record\.1\.photos: .* less than or equal to 3"),
        ("[person]", "[person", r"not valid TOML"),
    ],
)
def test_mistakes_are_told_in_one_sentence(tmp_path, old, new, said):
    mistake(tmp_path, "happy_two_records", old, new, said)


def test_unknown_names_and_files(tmp_path):
    with pytest.raises(ScenarioError, match="there are decide_answer_lost, "):
        load_scenario("nobody", TODAY)
    with pytest.raises(ScenarioError, match="no such file"):
        load_scenario(tmp_path / "nobody.toml", TODAY)


def test_people_do_not_show_in_repr():
    scenario = load_scenario("happy_two_records", TODAY)
    for secret in (scenario.person.number, scenario.person.name, "1971"):
        assert secret not in repr(scenario)
