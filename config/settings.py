"""What a hall decides: typed settings from a profile, a TOML file and the environment.

Order, later wins: the profile's defaults, the file given by `--config` (or ONETRIP_CONFIG), environment variables
(`ONETRIP_DEVICES__ID_CARD=samv+serial:///dev/ttyS1`). A wrong value never starts the kiosk: `SettingsError` says in one
sentence which file and key, and what is allowed.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from config.io_board import IoTable
from config.printing import Printing
from config.sections import (
    ApplicationForm,
    Devices,
    Diagnostics,
    Endorsement,
    ExitEntry,
    Face,
    Kiosk,
    Ledger,
    Police,
    Session,
    Staff,
    Technician,
    Ui,
    WalletFront,
)
from config.signing import Signing

PROFILES = ("demo", "ci", "hall")
PROFILE_DIR = Path(__file__).parent / "profiles"


class SettingsError(Exception):
    """One sentence: which file, which key, what is wrong, what is allowed."""


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="ONETRIP_", env_nested_delimiter="__", extra="forbid", frozen=True, validate_default=True
    )

    profile: Literal["demo", "ci", "hall"] = "demo"
    allow_simulated: bool = False
    """Only a technician may set this in a hall; the screen then carries a permanent 模拟 mark."""
    kiosk: Kiosk = Kiosk()
    devices: Devices = Devices()
    face: Face = Face()
    police: Police = Police()
    exit_entry: ExitEntry = ExitEntry()
    endorsement: Endorsement = Endorsement()
    form: ApplicationForm = ApplicationForm()
    wallet: WalletFront = WalletFront()
    ledger: Ledger = Ledger()
    session: Session = Session()
    signing: Signing = Signing()
    printing: Printing = Printing()
    ui: Ui = Ui()
    staff: Staff = Staff()
    diagnostics: Diagnostics = Diagnostics()
    io_board: IoTable = IoTable()
    """What hangs on the board of lights and sensors."""
    technician: tuple[Technician, ...] = ()
    """Empty: nobody gets into diagnostics at this machine."""

    @model_validator(mode="after")
    def _keys_named(self) -> Settings:
        needed = {
            "wallet.device_key_file": self.wallet.device_key_file,
            "wallet.public_key_file": self.wallet.public_key_file,
        }
        missing = [name for name, value in needed.items() if value is None]
        if self.profile == "hall" and not self.wallet.url.startswith(("sim:", "embedded:")) and missing:
            raise ValueError(
                f"{' and '.join(missing)} must name the files with this machine's and the payment front's keys"
            )
        if self.profile == "hall" and self.devices.document_printer and self.form.signing_key_file is None:
            raise ValueError(
                "form.signing_key_file must name the file with this machine's key; make one with `kiosk form new-key FILE`"
            )
        return self

    @model_validator(mode="after")
    def _each_technician_once(self) -> Settings:
        codes = [technician.code for technician in self.technician]
        if twice := sorted({code for code in codes if codes.count(code) > 1}):
            raise ValueError(f"technician {', '.join(twice)} stands there twice; each code has one [[technician]]")
        return self

    @model_validator(mode="after")
    def _no_simulator_in_a_hall(self) -> Settings:
        if self.profile == "hall" and not self.allow_simulated and (simulated := self.simulated()):
            raise ValueError(
                f"a hall profile refuses simulated parts ({', '.join(simulated)}); "
                "name real ones, or set allow_simulated = true for a trial"
            )
        return self

    def exit_entry_used(self) -> bool:
        """Whether this machine speaks to the exit-entry front: for endorsements, or to hand in forms as drafts."""
        return bool(self.devices.permit_unit) or (bool(self.devices.document_printer) and self.form.submit)

    def simulated(self) -> tuple[str, ...]:
        """Everything that is not real on this machine; not empty means the screen carries the 模拟 mark."""
        found = [f"devices.{name}" for name in self.devices.simulated()]
        remotes = ["police", "wallet"] + ["exit_entry"] * self.exit_entry_used()
        found += [name for name in remotes if getattr(self, name).url.startswith("sim:")]
        if self.face.matcher == "simulated":
            found.append("face.matcher")
        return tuple(found)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (env_settings, init_settings)


def load(path: Path | None = None, profile: str | None = None) -> Settings:
    """Settings of this machine. `path` defaults to ONETRIP_CONFIG, `profile` to the file's own `profile` key, else demo.

    Raises SettingsError.
    """
    if path is None and (named := os.environ.get("ONETRIP_CONFIG")):
        path = Path(named)
    own = _read(path) if path else {}
    wanted = profile or os.environ.get("ONETRIP_PROFILE") or own.get("profile") or "demo"
    if wanted not in PROFILES:
        raise SettingsError(f"{path or 'ONETRIP_PROFILE'}: profile: {wanted!r} is not known; use {_either(PROFILES)}.")
    merged = _merge(_read(PROFILE_DIR / f"{wanted}.toml"), own)
    merged["profile"] = wanted
    try:
        return Settings(**merged)
    except ValidationError as error:
        raise SettingsError(_sentence(error, path, PROFILE_DIR / f"{wanted}.toml")) from None
    except Exception as error:  # noqa: BLE001  # pydantic-settings wraps a broken environment value in its own type
        raise SettingsError(f"environment: {error}") from None


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except FileNotFoundError:
        raise SettingsError(f"{path}: there is no such file; give an existing one to --config.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read: {error}.") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: not valid TOML: {error}.") from None


def _merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    out = dict(base)
    for key, value in over.items():
        both = isinstance(value, dict) and isinstance(out.get(key), dict)
        out[key] = _merge(out[key], value) if both else value
    return out


def _either(words: tuple[str, ...]) -> str:
    return ", ".join(words[:-1]) + " or " + words[-1]


def _sentence(error: ValidationError, path: Path | None, default: Path) -> str:
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"])
    variable = "ONETRIP_" + "__".join(str(part) for part in first["loc"]).upper()
    where = variable if key and variable in os.environ else str(path or default)
    said = first["msg"].removeprefix("Value error, ")
    kind = first["type"]
    if kind == "extra_forbidden":
        said = "there is no such key; allowed here: " + ", ".join(_siblings(first["loc"]))
    elif kind == "string_pattern_mismatch" and (described := _description(first["loc"])):
        said = f"{first['input']!r} does not fit; it must be {described}"
    elif "input" in first and not isinstance(first["input"], (dict, BaseModel)):
        said = f"{first['input']!r} does not fit: {said[0].lower()}{said[1:]}"
    return f"{where}: {key + ': ' if key else ''}{said}."


def _section(loc: tuple[int | str, ...]) -> type[BaseModel] | None:
    model: type[BaseModel] = Settings
    for part in loc[:-1]:
        field = model.model_fields.get(str(part))
        if field is None or not isinstance(field.annotation, type) or not issubclass(field.annotation, BaseModel):
            return None
        model = field.annotation
    return model


def _siblings(loc: tuple[int | str, ...]) -> list[str]:
    model = _section(loc)
    return sorted(model.model_fields) if model else []


def _description(loc: tuple[int | str, ...]) -> str:
    model = _section(loc)
    field = model.model_fields.get(str(loc[-1])) if model and loc else None
    return (field.description or "") if field else ""


__all__ = ["PROFILES", "Settings", "SettingsError", "load"]
