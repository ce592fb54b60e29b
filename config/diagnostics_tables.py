"""What the diagnostics mode may be told by a hall (`diagnostics.toml`): limits, supplies, captions, presets of faults.

Captions are words for technicians, looked up by technical names; a name without one is shown as it is, so that a vendor's driver
needs no entry here.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from config.tables import TablesError
from config.toml_file import read_toml

FILE = "diagnostics.toml"

Word = Annotated[str, Field(min_length=1)]
Seconds = Annotated[float, Field(gt=0, le=86_400)]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CheckupTable(_Table):
    """How devices are examined."""

    order: tuple[Word, ...]
    """Kinds in the order in which they are examined; those that are not named come last, by name."""
    internal_s: Seconds
    external_s: Seconds
    interactive_s: Seconds
    """How long one device may take for each level."""
    grace_s: Seconds
    """How long a device that ran out of time may take to leave off; then it is left to itself."""

    def limit_s(self, level: int) -> float:
        return {1: self.internal_s, 2: self.external_s, 3: self.interactive_s}[level]

    def place(self, device: str) -> tuple[int, str]:
        """The key to sort devices by."""
        return (self.order.index(device) if device in self.order else len(self.order), device)


class SessionTable(_Table):
    idle_s: Seconds
    """Nobody touches anything for so long: the technician is signed out."""
    refresh_s: Seconds
    log_lines: int = Field(ge=100, le=100_000)
    """How many events the log in memory keeps."""
    log_page: int = Field(ge=10, le=1000)
    audit_page: int = Field(ge=5, le=500)
    overview_lines: int = Field(ge=1, le=20)
    switches: tuple[Annotated[str, Field(pattern=r"^[a-z_.0-9]+:.+$")], ...] = ()
    """Faults that can be armed from the overview, as device:fault; those of devices that are not simulated are left out."""


class SupplyTable(_Table):
    """Something a device uses up or fills, counted from the last refill."""

    id: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    device: Word
    counter: Word
    """The counter that tells how much was used."""
    full: Annotated[float, Field(gt=0)]
    """How much there is after a refill, in units of the counter."""
    unit_size: Annotated[float, Field(gt=0)] = 1.0
    """Counter units in one shown unit: 1000 where the counter tells millimetres and metres are shown."""
    unit: Word
    caption: Word
    part: Word
    """The part of the device's status by which a refill is noticed."""
    empty: tuple[Word, ...]
    """Its values before a refill …"""
    filled: tuple[Word, ...]
    """… and after."""


class SupplyRules(_Table):
    alert_percent: float = Field(ge=0, le=90)
    item: tuple[SupplyTable, ...] = ()

    @model_validator(mode="after")
    def _unique(self) -> Self:
        keys = [(each.device, each.id) for each in self.item]
        if doubles := sorted({f"{device}:{name}" for device, name in keys if keys.count((device, name)) > 1}):
            raise ValueError(f"supplies given twice: {', '.join(doubles)}")
        return self


class Counting(_Table):
    every_s: Seconds


class DeviceCaption(_Table):
    name: Word
    icon: Word
    acts: Mapping[str, Word] = Field(default_factory=dict)
    """What a technician can let it do: id and caption."""
    fault: Mapping[str, Word] = Field(default_factory=dict)
    """Faults of its simulator: id and caption."""


class Arming(_Table):
    """One step of a preset."""

    device: Word
    do: Literal["fault", "control"] = "fault"
    id: str = ""
    count: int = Field(default=1, ge=1)
    until_cleared: bool = False
    """Instead of `count` times."""
    command: Mapping[str, Any] = Field(default_factory=dict)
    """`control`: the simulator's own command …"""
    undo: Mapping[str, Any] = Field(default_factory=dict)
    """… and the one that takes it back when everything is disarmed."""


class Preset(_Table):
    id: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    caption: Word
    arm: tuple[Arming, ...] = Field(min_length=1)


class DiagnosticsTable(_Table):
    checkup: CheckupTable
    session: SessionTable
    counting: Counting
    supplies: SupplyRules
    findings: Mapping[str, Word]
    by_people: Mapping[str, tuple[Word, ...]]
    """Question (`Ask`) and the names of the findings it decides: those a person judged."""
    values: Mapping[str, Word]
    """Words of values of parts: full, low, out …"""
    asks: Mapping[str, Word]
    counters: Mapping[str, Word]
    device: Mapping[str, DeviceCaption]
    line_fault: Mapping[str, Word]
    preset: tuple[Preset, ...] = ()

    def name(self, device: str) -> str:
        """The device's Chinese name; its technical one where it has none. `kind.2` is the second device of a kind."""
        if found := self.device.get(device):
            return found.name
        kind, _, which = device.partition(".")
        return f"{self.device[kind].name} {which}" if which and kind in self.device else device

    def icon(self, device: str) -> str:
        found = self.device.get(device.partition(".")[0])
        return found.icon if found is not None else "info"

    def finding(self, name: str) -> str:
        found = self.findings.get(name)
        if found is None:
            for start, word in (("output_", "输出"), ("light_", "灯")):  # one for each light of the hall's own
                if name.startswith(start):
                    return f"{word} {name.removeprefix(start)}"
        return found or name

    def value(self, word: str) -> str:
        return self.values.get(word, word)

    def fault(self, device: str, fault: str, otherwise: str) -> str:
        found = self.device.get(device)
        own = found.fault.get(fault) if found is not None else None
        return own or self.line_fault.get(fault, otherwise)


def load_diagnostics(directory: Path | None = None) -> DiagnosticsTable:
    """From `directory` where it holds the file, else as shipped. Raises TablesError."""
    own = directory / FILE if directory is not None else None
    try:
        if own is not None and own.is_file():
            return DiagnosticsTable.model_validate(tomllib.loads(own.read_text("utf-8-sig")))
        return _shipped()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise TablesError(str(own or FILE), [str(error)]) from error
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, e['loc'])) or 'file'}: {e['msg']}" for e in error.errors()]
        raise TablesError(str(own or FILE), problems) from error


@cache
def _shipped() -> DiagnosticsTable:
    """Nobody can change it, so that one reading does for a process."""
    return DiagnosticsTable.model_validate(read_toml(Path(__file__).with_name(FILE)))
