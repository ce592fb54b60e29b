"""What a scenario foresees for the devices: commands to their simulators, and the moment of each.

A fault carries its life here as on the control socket (config/scenario_faults.py), with `count = "always"` for until cleared:

    [[device]]
    device = "receipt_printer"
    at = "print"
    command = { do = "fault", id = "LINE.CUT", after_bytes = 700 }
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, field_validator
from pydantic.dataclasses import dataclass

from config.scenario_faults import read_life

_STRICT = ConfigDict(extra="forbid", hide_input_in_errors=True)
DeviceKind = Literal[
    "id_card",
    "camera",
    "qr_scanner",
    "receipt_printer",
    "permit_unit",
    "permit_reader",
    "document_printer",
    "signature_pad",
    "recorder",
]
Moment = Literal[
    "", "start", "card", "face", "permit", "bring", "photo",
    "vehicle", "list", "review", "notice", "sign", "kind", "places", "entries", "phone", "endorsement_review",
    "sections", "question", "form_review", "preview", "number", "pay", "write", "check", "take", "print", "finish",
]  # fmt: skip
"""A step of a journey, by the page on which it comes. card, permit, face and photo: before the citizen puts the card down, puts the permit
in, looks into the camera; write: before the unit makes the permit; take: before it is brought out; sign: before they write on
the pad; print: before the paper."""


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class DeviceCommand:
    """A command given to a device's simulator, once: at the start, at a step of the journey, or after so many screens."""

    device: DeviceKind
    command: Mapping[str, Any]
    at: Moment = "start"
    after_screens: Annotated[int, Field(ge=0, le=200)] = 0
    """Instead of `at`: when the citizen has seen so many screens."""

    @field_validator("command")
    @classmethod
    def _makes_sense(cls, value: Mapping[str, Any]) -> Mapping[str, Any]:
        if not isinstance(value.get("do"), str):
            raise ValueError('a command is a table with a verb, such as { do = "clear" }')
        if value["do"] != "fault":
            return value
        if not isinstance(value.get("id"), str):
            raise ValueError('a fault is named, as in { do = "fault", id = "LINE.MUTE" }')
        # `seconds` may be the fault's own measure: only its simulator knows.
        read_life({key: told for key, told in value.items() if key not in ("do", "id")}, ("seconds",))
        return value

    def __post_init__(self) -> None:
        if self.after_screens and self.at != "start":
            raise ValueError("at and after_screens both say the moment: write one of them")
        if self.after_screens:
            object.__setattr__(self, "at", "")
        elif not self.at:
            raise ValueError("at: it is left out, or names a step of the journey")
