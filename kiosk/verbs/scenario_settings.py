"""What a scenario says its hall has set differently, laid over the settings of this machine.

For programs that play a scenario (the demo, tests); a kiosk that serves people has its own settings only.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ValidationError

from config.scenarios import Scenario
from config.settings import Settings, SettingsError


def apply_settings(settings: Settings, scenario: Scenario) -> Settings:
    """The settings with the scenario's `settings` ("endorsement.closed" = true) in place. Others stay as they are.

    Raises SettingsError for a name that does not exist or a value that does not fit.
    """
    for name, value in scenario.settings.items():
        try:
            settings = _with(settings, name.split("."), value)
        except _Wrong as wrong:
            raise SettingsError(f"scenario {scenario.name}: settings: {name}: {wrong}.") from None
    return settings


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
    if isinstance(inner, BaseModel) or isinstance(model, Settings):
        raise _Wrong("name one key of a section")
    try:
        # Built anew, because a copy would take any value. Settings itself is only copied: it would read the environment again.
        return type(model)(**{key: getattr(model, key) for key in fields} | {name: value})
    except ValidationError as error:
        said = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise _Wrong(said[:1].lower() + said[1:].rstrip(".")) from None
