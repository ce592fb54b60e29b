"""What a scenario says its hall has set differently, laid over the settings and the rules of this machine.

For programs that play a scenario (the demo, tests); a kiosk that serves people has its own settings only.
"""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from config.scenarios import Scenario
from config.settings import Settings, SettingsError
from config.tables import Tables

RULES = "rules."
"""Names that begin so are those of `rules.toml`: "rules.record.regions" = ["local"]."""

M = TypeVar("M", bound=BaseModel)


def apply_settings(settings: Settings, scenario: Scenario) -> Settings:
    """The settings with the scenario's `settings` ("endorsement.closed" = true) in place. Others stay as they are.

    Raises SettingsError for a name that does not exist or a value that does not fit.
    """
    for name, value in scenario.settings.items():
        if not name.startswith(RULES):
            settings = _changed(settings, name, value, scenario)
    return settings


def apply_rules(tables: Tables, scenario: Scenario) -> Tables:
    """The tables with what the scenario's `settings` say of the rules. Raises SettingsError as `apply_settings` does."""
    for name, value in scenario.settings.items():
        if name.startswith(RULES):
            tables = _changed(tables, name, value, scenario)
    return tables


def _changed(model: M, name: str, value: object, scenario: Scenario) -> M:
    try:
        changed: M = _with(model, name.split("."), value)
    except _Wrong as wrong:
        raise SettingsError(f"scenario {scenario.name}: settings: {name}: {wrong}.") from None
    return changed


class _Wrong(ValueError):
    pass


def _with(model: Any, path: list[str], value: object) -> Any:
    """A copy of the model with one key, however deep, changed and checked."""
    name, *rest = path
    fields = type(model).model_fields
    if name not in fields:
        raise _Wrong(f"there is no such key; allowed here: {', '.join(sorted(fields))}")
    inner = getattr(model, name)
    if rest:
        if not isinstance(inner, BaseModel):
            raise _Wrong(f"{name} has no keys below it")
        return model.model_copy(update={name: _with(inner, rest, value)})
    if isinstance(inner, BaseModel) or isinstance(model, (Settings, Tables)):
        raise _Wrong("name one key of a section")
    try:
        # Built anew, because a copy would take any value. Settings itself is only copied: it would read the environment again.
        return type(model)(**{key: getattr(model, key) for key in fields} | {name: value})
    except ValidationError as error:
        said = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise _Wrong(said[:1].lower() + said[1:].rstrip(".")) from None
