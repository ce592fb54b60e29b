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
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

PROFILES = ("demo", "ci", "hall")
PROFILE_DIR = Path(__file__).parent / "profiles"
Seconds = Annotated[float, Field(gt=0, le=86_400)]


class SettingsError(Exception):
    """One sentence: which file, which key, what is wrong, what is allowed."""


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


class Kiosk(Section):
    id: Annotated[str, Field(pattern=r"^[A-Z0-9]{2,8}$", description="2 to 8 capital letters or digits")] = "DEMO01"
    brand: str = "公安自助服务"
    hall: str = "服务大厅"
    machine: str = "1 号机"
    site_plate: Annotated[str, Field(pattern=r"^.[A-HJ-NP-Z]$", description="province and letter, e.g. 浙B")] = "浙B"
    window: str = "人工窗口"
    hotline: str = "12123"
    """Shown as "去哪里问"."""


def _scheme(value: str, allowed: tuple[str, ...]) -> str:
    scheme = value.split(":", 1)[0]
    if ":" not in value or scheme not in allowed:
        raise ValueError("use one of " + ", ".join(f"{name}:…" for name in allowed))
    return value


class Devices(Section):
    """Which driver, over which line. `sim:` stands for the built-in simulator and is refused in a hall by default."""

    id_card: str = "samv+sim:"
    photo_decoder: str = "sim"
    camera: str = "sim:"
    qr_scanner: str = "camera:"
    receipt_printer: str = "escpos+sim:"
    printer_columns: Literal[32, 48] = 48
    reader_position: str = "位置在屏幕下方右侧，看到蓝色灯圈的地方"
    reader_arrow: Literal["left", "right", "down"] = "right"
    permit_unit: str = ""
    """The card unit of the endorsement service; empty: this machine has none and does not offer it."""
    permit_reader: str = ""
    """The reader of the permit's chip inside that unit."""
    slot_position: str = "插卡口在屏幕下方左侧，亮绿灯的地方"
    slot_arrow: Literal["left", "right", "down"] = "left"
    slot_side: str = "有二维码的一面朝上"
    """Which way round the permit goes in; differs between units."""

    @field_validator("id_card")
    @classmethod
    def _id_card(cls, value: str) -> str:
        return _scheme(value, ("samv+serial", "samv+tcp", "samv+sim"))

    @field_validator("camera")
    @classmethod
    def _camera(cls, value: str) -> str:
        return _scheme(value, ("v4l2", "file", "sim"))

    @field_validator("qr_scanner")
    @classmethod
    def _qr_scanner(cls, value: str) -> str:
        return _scheme(value, ("serial", "tcp", "camera", "sim"))

    @field_validator("receipt_printer")
    @classmethod
    def _receipt_printer(cls, value: str) -> str:
        return _scheme(value, ("escpos+tcp", "escpos+serial", "escpos+file", "escpos+sim"))

    @field_validator("permit_unit")
    @classmethod
    def _permit_unit(cls, value: str) -> str:
        return value and _scheme(value, ("cardunit+serial", "cardunit+tcp", "cardunit+sim"))

    @field_validator("permit_reader")
    @classmethod
    def _permit_reader(cls, value: str) -> str:
        return value and _scheme(value, ("icao+pcsc", "icao+sim"))

    @model_validator(mode="after")
    def _unit_with_reader(self) -> Devices:
        if bool(self.permit_unit) != bool(self.permit_reader):
            raise ValueError("permit_unit and permit_reader go together: name both, or leave both empty")
        return self

    @field_validator("photo_decoder")
    @classmethod
    def _photo_decoder(cls, value: str) -> str:
        if value in ("none", "sim") or value.startswith("external:/"):
            return value
        raise ValueError('use "none", "sim" or "external:/path/of/program"')

    def simulated(self) -> tuple[str, ...]:
        """The device kinds that are simulated."""
        names = ("id_card", "camera", "qr_scanner", "receipt_printer", "permit_unit", "permit_reader")
        found = [name for name in names if str(getattr(self, name)).split(":", 1)[0].split("+")[-1] == "sim"]
        if self.qr_scanner.startswith("camera:") and "camera" in found:
            found.append("qr_scanner")
        return tuple(found)


class Face(Section):
    matcher: Literal["sface", "platform", "simulated", "staff"] = "simulated"
    sface_model: Path | None = None
    yunet_model: Path | None = None
    threshold: Annotated[float, Field(gt=0, lt=1)] = 0.363
    blink: bool = True
    tries: Annotated[int, Field(ge=1, le=5)] = 3


class Remote(Section):
    url: str = "sim:"
    device_key_file: Path | None = None
    ca_file: Path | None = None
    connect_s: Seconds = 3.0
    read_s: Seconds = 8.0

    @field_validator("url")
    @classmethod
    def _url(cls, value: str) -> str:
        return _scheme(value, ("https", "http", "sim"))


class Police(Remote):
    pass


class ExitEntry(Remote):
    pass


class WalletFront(Remote):
    device_id: str = ""
    """The name the payment front knows this machine by; empty: the kiosk's id."""
    public_key_file: Path | None = None
    """PEM file with the Ed25519 key that signs the payment front's answers."""
    code_s: Annotated[float, Field(ge=10, le=300)] = 120.0
    """How long a payment code is shown (seconds)."""
    poll_s: Annotated[float, Field(gt=0, le=30)] = 3.0
    late_s: Seconds = 120.0
    """A shown code is asked about for this long after it expired."""


class Endorsement(Section):
    """What a hall's exit-entry bureau decides about its machines. Everything else is in `config/endorsements.toml`."""

    allowed: tuple[str, ...] = ()
    """Option ids (HKG-L-3M1 …) this machine may issue; empty: all that the catalogue opens to self-service machines."""
    local_area: Annotated[str, Field(pattern=r"^[0-9]{2,6}$", description="2 to 6 digits of GB/T 2260")] = "3302"
    """Who counts as local."""
    margin_days: Annotated[int, Field(ge=0, le=400)] = 0
    """EE07: how long before the permit's end an endorsement must end."""
    min_interval_days: Annotated[int, Field(ge=0, le=400)] = 0
    """EE16: days since the last endorsement for the same place; 0: no such rule here."""
    first_at_window: bool = False
    """EE14: holders from elsewhere apply at the window the first time."""
    fingerprint: bool = False
    """EE20: fingerprints are asked for here. There is no driver yet, so everybody is sent to the window."""
    closed: bool = False
    """EE21: the bureau has stopped the service at this machine."""
    collected_for: str = "公安局出入境管理部门"
    """执收单位, as the fee voucher names it."""
    hours: str = "工作日上班时间"
    """When the window hands out permits that a machine has kept."""
    take_s: Annotated[int, Field(ge=1, le=300)] = 30
    """How long the permit waits in the slot before the alarm, and again before it is drawn in."""


class Ledger(Section):
    url: str = "sqlite:///var/onetrip.db"
    key_file: Path = Path("var/ledger.key")
    sweep_s: Seconds = 30.0


class Session(Section):
    idle_s: Seconds = 90.0
    warn_s: Annotated[int, Field(ge=5, le=120)] = 30
    card_s: Seconds = 60.0
    finish_s: Annotated[int, Field(ge=5, le=120)] = 30


class Ui(Section):
    diagonal_in: Annotated[float, Field(ge=15, le=43)] = 21.5
    theme: Literal["standard", "elder", "high_contrast"] = "standard"
    motion: bool = True
    guard_ms: Annotated[int, Field(ge=0, le=1000)] = 300
    """A fresh page ignores touches for this long, so that a second tap cannot hit the next page."""


class Staff(Section):
    pin_hash: str = ""
    """scrypt hash made by `kiosk staff-pin`; empty: staff check is not available at this machine."""
    help_phone: str = ""


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
    wallet: WalletFront = WalletFront()
    ledger: Ledger = Ledger()
    session: Session = Session()
    ui: Ui = Ui()
    staff: Staff = Staff()

    @model_validator(mode="after")
    def _keys_named(self) -> Settings:
        needed = {
            "wallet.device_key_file": self.wallet.device_key_file,
            "wallet.public_key_file": self.wallet.public_key_file,
        }
        missing = [name for name, value in needed.items() if value is None]
        if self.profile == "hall" and not self.wallet.url.startswith("sim:") and missing:
            raise ValueError(
                f"{' and '.join(missing)} must name the files with this machine's and the payment front's keys"
            )
        return self

    @model_validator(mode="after")
    def _no_simulator_in_a_hall(self) -> Settings:
        if self.profile == "hall" and not self.allow_simulated and (simulated := self.simulated()):
            raise ValueError(
                f"a hall profile refuses simulated parts ({', '.join(simulated)}); "
                "name real ones, or set allow_simulated = true for a trial"
            )
        return self

    def simulated(self) -> tuple[str, ...]:
        """Everything that is not real on this machine; not empty means the screen carries the 模拟 mark."""
        found = [f"devices.{name}" for name in self.devices.simulated()]
        remotes = ["police", "wallet"] + ["exit_entry"] * bool(self.devices.permit_unit)
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
