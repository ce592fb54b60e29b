"""Which Linux key code means which key of a tactile pad (`nav_pad.toml`): pads are keyboards, and their code tables differ."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from config.tables import TablesError

FILE = "nav_pad.toml"

CODES: Mapping[str, int] = {
    "KEY_ESC": 1, "KEY_TAB": 15, "KEY_ENTER": 28, "KEY_SPACE": 57, "KEY_KPENTER": 96, "KEY_HOME": 102, "KEY_UP": 103,
    "KEY_PAGEUP": 104, "KEY_LEFT": 105, "KEY_RIGHT": 106, "KEY_END": 107, "KEY_DOWN": 108, "KEY_PAGEDOWN": 109,
    "KEY_MUTE": 113, "KEY_VOLUMEDOWN": 114, "KEY_VOLUMEUP": 115, "KEY_HELP": 138, "KEY_BACK": 158, "KEY_OK": 0x160,
    "KEY_SELECT": 0x161, "KEY_F11": 87, "KEY_F12": 88,
    **{f"KEY_F{n}": 58 + n for n in range(1, 11)},
    **{f"KEY_F{n}": 170 + n for n in range(13, 25)},
}  # fmt: skip
"""Names of linux/input-event-codes.h that pads use; any other code is given as its number."""
KEYS = ("up", "down", "left", "right", "select", "help", "volume")
_MAX = 0x2FF


def code_of(value: object) -> int:
    """`KEY_UP`, `up`'s number 103 or "103". Raises ValueError."""
    if isinstance(value, str):
        name = value.strip().upper()
        found = CODES.get(name, CODES.get(f"KEY_{name}"))
        if found is None and name.isascii() and name.isdigit():
            found = int(name)
        if found is None:
            raise ValueError(f"{value!r} is no key code; use a name such as KEY_UP or its number")
        value = found
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= _MAX:
        raise ValueError(f"a key code lies between 1 and {_MAX}")
    return value


def _several(value: object) -> object:
    return value if isinstance(value, (list, tuple)) else [value]


Codes = Annotated[tuple[Annotated[int, BeforeValidator(code_of)], ...], BeforeValidator(_several)]


class PadTable(BaseModel):
    """One code table. Several codes may stand for one key (volume up and down). Without `jack_in` the jack is the switch
    SW_HEADPHONE_INSERT."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    up: Codes = ()
    down: Codes = ()
    left: Codes = ()
    right: Codes = ()
    select: Codes = ()
    help: Codes = ()
    volume: Codes = ()
    jack_in: Codes = ()
    """Codes that are struck once when headphones are plugged in."""
    jack_out: Codes = ()
    note: str = Field(default="", exclude=True)

    @model_validator(mode="after")
    def _plain(self) -> Self:
        codes = [code for _, code in self.pairs()]
        twice = sorted({code for code in codes if codes.count(code) > 1})
        if twice:
            raise ValueError(f"code {twice[0]} stands for two keys")
        if bool(self.jack_in) != bool(self.jack_out):
            raise ValueError("jack_in and jack_out go together")
        if not any(getattr(self, key) for key in KEYS):
            raise ValueError("there is no key in this table")
        return self

    def pairs(self) -> Iterator[tuple[str, int]]:
        """Each code with what it means: a key's name, jack_in or jack_out."""
        for name in (*KEYS, "jack_in", "jack_out"):
            for code in getattr(self, name):
                yield name, code


def load_pad_tables() -> Mapping[str, PadTable]:
    """The shipped tables by name. Raises TablesError."""
    found = tomllib.loads(resources.files("config").joinpath(FILE).read_text(encoding="utf-8"))
    tables: dict[str, PadTable] = {}
    for name, content in found.items():
        try:
            tables[name] = PadTable.model_validate(content)
        except ValidationError as error:
            raise TablesError(FILE, [f"{name}: {each['msg']}" for each in error.errors()]) from None
    return tables
