"""What hangs on the board of relays and inputs: names, numbers and polarity of lights and sensors, from the settings or an address.

lights = { id_card = 0, scanner = 1, slot = "!2" }          "!": the relay is drawn for dark (inverted)
inputs = { door = 0, tamper = "!1", person = 2, heater = { at = 5, words = ["off", "on"] } }
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

WORDS: Mapping[str, tuple[str, str]] = {
    "door": ("closed", "open"),
    "tamper": ("ok", "tampered"),
    "person": ("absent", "present"),
    "headphones": ("absent", "present"),
}
"""What an input of this name says when it is off and when it is on; others say off and on. A sensor that is on when all is well is
inverted."""
LIGHTS_PART = "lights"
"""The part that tells whether the outputs are as they were set; no input may have this name."""

Number = Annotated[int, Field(ge=0, le=0xFFFF)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]


def _point(value: object) -> object:
    """3, "3" or "!3" as a table."""
    if isinstance(value, str):
        text = value.strip()
        digits = text.removeprefix("!")
        if not (digits.isascii() and digits.isdigit()):
            raise ValueError('use a number, or "!" and a number for one that is inverted')
        return {"at": int(digits), "inverted": text.startswith("!")}
    return {"at": value} if isinstance(value, int) and not isinstance(value, bool) else value


class _Point(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    at: Number
    """Address as the protocol counts: from 0."""
    inverted: bool = False


class Output(_Point):
    """A coil (read with function 01, written with 05 and 0F)."""


class Input(_Point):
    """A discrete input (read with function 02)."""

    words: tuple[Name, Name] | None = None


Outputs = dict[Name, Annotated[Output, BeforeValidator(_point)]]
Inputs = dict[Name, Annotated[Input, BeforeValidator(_point)]]


class IoTable(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    lights: Outputs = Field(default_factory=dict)
    inputs: Inputs = Field(default_factory=dict)

    @model_validator(mode="after")
    def _plain(self) -> Self:
        for what, points in (("lights", self.lights.values()), ("inputs", self.inputs.values())):
            twice = _twice(point.at for point in points)
            if twice is not None:
                raise ValueError(f"{what}: two names stand for number {twice}")
        if LIGHTS_PART in self.inputs:
            raise ValueError(f"inputs: none may be called {LIGHTS_PART}")
        return self

    def words(self, name: str) -> tuple[str, str]:
        """What the input says when it is off and when it is on."""
        return self.inputs[name].words or WORDS.get(name, ("off", "on"))


def _twice(numbers: Iterable[int]) -> int | None:
    seen: set[int] = set()
    for number in numbers:
        if number in seen:
            return number
        seen.add(number)
    return None


def points(text: str) -> dict[str, Any]:
    """`door:0,tamper:!1` of an address as a table. Raises ValueError."""
    found: dict[str, Any] = {}
    for pair in filter(None, (each.strip() for each in text.split(","))):
        name, colon, at = pair.partition(":")
        if not colon or name in found:
            raise ValueError(f"{pair!r} is not name:number, each name once")
        found[name] = at
    return found


EXAMPLE = IoTable.model_validate(
    {
        "lights": {"id_card": 0, "scanner": 1, "slot": 2, "printer": 3},
        "inputs": {"door": 0, "tamper": 1, "person": 2},
    }
)
"""What a simulated board has where nothing is said."""
