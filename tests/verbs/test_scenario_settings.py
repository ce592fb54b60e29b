"""What a scenario says its hall has set differently."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest

from config.scenarios import Scenario, list_scenarios, load_scenario
from config.settings import Settings, SettingsError, load
from config.tables import load_tables
from kiosk.verbs.scenario_settings import apply_rules, apply_settings

DAY = dt.date(2026, 3, 18)


@pytest.fixture
def settings() -> Settings:
    return load(profile="demo")


def scenario(**settings: Any) -> Scenario:
    return with_settings({name.replace("__", "."): value for name, value in settings.items()})


def with_settings(settings: Mapping[str, Any]) -> Scenario:
    """As if the scenario's file said so."""
    made = copy.copy(load_scenario("endorse_happy_hk", DAY))
    object.__setattr__(made, "settings", settings)
    return made


def test_one_key_changes_and_nothing_else(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = settings.model_copy(update={"kiosk": settings.kiosk.model_copy(update={"hall": "别的大厅"})})
    monkeypatch.setenv("ONETRIP_KIOSK__HALL", "环境里的大厅")
    found = apply_settings(mine, scenario(endorsement__min_interval_days=30, session__finish_s=5))
    assert (found.endorsement.min_interval_days, found.session.finish_s) == (30, 5)
    assert found.kiosk.hall == "别的大厅"  # the environment is not read a second time
    assert found.endorsement.margin_days == mine.endorsement.margin_days
    assert mine.endorsement.min_interval_days == 0


def test_a_scenario_without_settings_changes_nothing(settings: Settings) -> None:
    assert apply_settings(settings, scenario()) == settings


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("nothing__closed", True, r"nothing\.closed: there is no such key; allowed here: allow_simulated, devices"),
        ("endorsement__close", True, r"endorsement\.close: there is no such key; allowed here: allowed, closed"),
        ("endorsement__closed", "perhaps", r"endorsement\.closed: input should be a valid boolean"),
        ("endorsement__margin_days", 999, r"endorsement\.margin_days: input should be less than or equal to 400"),
        ("endorsement__closed__now", True, r"closed has no keys below it"),
        ("kiosk__id__x", True, r"id has no keys below it"),
        ("devices__permit_unit", "", r"name both, or leave both empty"),
    ],
)
def test_what_does_not_fit_is_one_sentence(settings: Settings, name: str, value: Any, sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence) as raised:
        apply_settings(settings, scenario(**{name: value}))
    assert str(raised.value).startswith("scenario endorse_happy_hk: settings: ")


def test_a_section_is_no_key(settings: Settings) -> None:
    for name in ("endorsement", "profile"):
        with pytest.raises(SettingsError, match="name one key of a section"):
            apply_settings(settings, with_settings({name: {}}))


def test_every_shipped_scenario_fits(settings: Settings) -> None:
    for name in list_scenarios("all"):
        apply_settings(settings, load_scenario(name, DAY))
        apply_rules(load_tables(), load_scenario(name, DAY))


def test_a_rule_changes_and_nothing_else(settings: Settings) -> None:
    shipped = load_tables()
    strict = with_settings({"rules.record.regions": ["local"], "rules.vehicle.seized": "refuse", "session.finish_s": 5})
    found = apply_rules(shipped, strict)
    assert (found.rules.record.regions, found.rules.vehicle.seized) == (frozenset({"local"}), "refuse")
    assert found.rules.record.max_points == shipped.rules.record.max_points
    assert (found.rules.set, found.legal) == (shipped.rules.set, shipped.legal)
    assert shipped.rules.vehicle.seized == "warn"
    assert apply_settings(settings, strict).session.finish_s == 5
    assert apply_rules(shipped, scenario(session__finish_s=5)) == shipped


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("rules.record.region", ["local"], r"rules\.record\.region: there is no such key; allowed here: max_points"),
        ("rules.record.regions", ["moon"], r"rules\.record\.regions: input should be 'local', 'province' or 'other'"),
        ("rules.vehicle", {}, "name one key of a section"),
    ],
)
def test_a_rule_that_does_not_fit_is_one_sentence(name: str, value: Any, sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence) as raised:
        apply_rules(load_tables(), with_settings({name: value}))
    assert str(raised.value).startswith("scenario endorse_happy_hk: settings: ")
