"""The sections of the settings: what a hall can decide, key by key. `config.settings` reads them and checks them against each other."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from config.hours import Hours

_ARGON2ID = re.compile(r"\$argon2id\$v=19\$m=\d{1,7},t=\d{1,3},p=\d{1,3}\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{16,86}")

Seconds = Annotated[float, Field(gt=0, le=86_400)]


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
    tables: Path | None = None
    """Folder of the hall's own tables: rules.toml, holidays.toml, legal.toml, codes.toml, law_plain.toml, endorsements.toml,
    payer_codes.toml. A table that is not in it is as shipped; without a folder all are."""


DRIVER_GROUP = "onetrip.drivers"
"""The entry point group of other makers' drivers; an entry point is named as the word before the plus in its URLs."""
SCHEMES: Mapping[str, tuple[str, ...]] = {
    "id_card": ("samv+serial", "samv+tcp", "samv+sim", "samv+replay"),
    "camera": ("v4l2", "file", "sim"),
    "qr_scanner": ("serial", "tcp", "camera", "sim", "replay"),
    "receipt_printer": ("escpos+tcp", "escpos+serial", "escpos+file", "escpos+sim", "escpos+replay"),
    "permit_unit": ("cardunit+serial", "cardunit+tcp", "cardunit+sim", "cardunit+replay"),
    "permit_reader": ("icao+pcsc", "icao+sim"),
    "document_printer": ("cups", "cups+sim"),
    "nav_pad": ("evdev+file", "evdev+tcp", "evdev+sim"),
    "io_board": ("modbus+serial", "modbus+tcp", "modbus+sim", "modbus+replay"),
    "ups": ("nut", "nut+sim"),
    "signature_pad": ("touch", "stu+hid", "stu+tcp", "stu+sim"),
    "recorder": ("alsa", "tcp", "sim"),
}
"""What the house's own drivers are called, by kind of device. `replay` plays a recorded tape."""
_PLAYED = ("sim", "replay")


def _scheme(value: str, allowed: tuple[str, ...]) -> str:
    scheme = value.split(":", 1)[0]
    if ":" not in value or scheme not in allowed:
        raise ValueError("use one of " + ", ".join(f"{name}:…" for name in allowed))
    return value


def _driver(value: str, kind: str) -> str:
    """Another maker's driver is known by its name only: nothing is imported here, `drivers.registry` does it when it is used."""
    scheme = value.split(":", 1)[0]
    if ":" in value and scheme not in SCHEMES[kind]:
        name = scheme.split("+", 1)[0].lower()
        if any(point.name.lower() == name for point in entry_points(group=DRIVER_GROUP)):
            return value
    return _scheme(value, SCHEMES[kind])


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
    scanner_position: str = "扫码口在屏幕下方"
    scanner_arrow: Literal["left", "right", "down", "up"] = "down"
    """Towards the window of the scanner, or the camera where that reads the codes."""
    document_printer: str = ""
    """The A4 printer of the application form service; empty: this machine has none and does not offer it."""
    nav_pad: str = ""
    """The tactile pad with the headphone jack; empty: none."""
    io_board: str = ""
    """The board of lights, doors and sensors, whose wiring stands under `[io_board]`; empty: none."""
    ups: str = ""
    """The uninterruptible power supply; empty: none."""
    signature_pad: str = ""
    """The pad with a pen on which citizens sign; empty or "touch:": they sign on the touch screen."""
    recorder: str = ""
    """The microphone of the recorder that films the signing, with the camera above; empty: none."""

    @field_validator("id_card")
    @classmethod
    def _id_card(cls, value: str) -> str:
        return _driver(value, "id_card")

    @field_validator("camera")
    @classmethod
    def _camera(cls, value: str) -> str:
        return _driver(value, "camera")

    @field_validator("qr_scanner")
    @classmethod
    def _qr_scanner(cls, value: str) -> str:
        return _driver(value, "qr_scanner")

    @field_validator("receipt_printer")
    @classmethod
    def _receipt_printer(cls, value: str) -> str:
        return _driver(value, "receipt_printer")

    @field_validator("permit_unit")
    @classmethod
    def _permit_unit(cls, value: str) -> str:
        return value and _driver(value, "permit_unit")

    @field_validator("permit_reader")
    @classmethod
    def _permit_reader(cls, value: str) -> str:
        return value and _driver(value, "permit_reader")

    @field_validator("document_printer")
    @classmethod
    def _document_printer(cls, value: str) -> str:
        return value and _driver(value, "document_printer")

    @field_validator("nav_pad", "io_board", "ups", "signature_pad", "recorder")
    @classmethod
    def _small_part(cls, value: str, info: ValidationInfo) -> str:
        return value and _driver(value, str(info.field_name))

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
        """The device kinds that are simulated, or played from a tape."""
        found = [name for name in SCHEMES if str(getattr(self, name, "")).split(":", 1)[0].split("+")[-1] in _PLAYED]
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
    reached_by: ClassVar[tuple[str, ...]] = ("https", "http", "sim")
    url: str = "sim:"
    device_key_file: Path | None = None
    ca_file: Path | None = None
    connect_s: Seconds = 3.0
    read_s: Seconds = 8.0

    @field_validator("url")
    @classmethod
    def _url(cls, value: str) -> str:
        return _scheme(value, cls.reached_by)


class Police(Remote):
    bill: Literal["post", "platform"] = "post"
    """How fines are collected: "post", a wallet takes the money and the fine is posted after; "platform", the police side makes the
    bill, shows its code and books it in one. To be changed while no payment is open."""


class ExitEntry(Remote):
    pass


class WalletFront(Remote):
    """`url` "embedded:/etc/onetrip/front.toml" is the payment front inside this very process, for a site with one machine."""

    reached_by: ClassVar[tuple[str, ...]] = (*Remote.reached_by, "embedded")
    device_id: str = ""
    """The name the payment front knows this machine by; empty: the kiosk's id."""
    public_key_file: Path | None = None
    """PEM file with the Ed25519 key that signs the payment front's answers."""
    code_s: Annotated[float, Field(ge=10, le=300)] = 120.0
    """How long a payment code is shown (seconds)."""
    poll_s: Annotated[float, Field(gt=0, le=30)] = 3.0
    late_s: Seconds = 120.0
    """A shown code is asked about for this long after it expired."""
    payer_codes: tuple[Literal["alipay", "wechat", "unionpay"], ...] = ("alipay", "wechat", "unionpay")
    """Whose payment codes, held before the scanner, this machine takes; as the hall's contracts are. Empty: none."""
    confirm_s: Annotated[float, Field(ge=1, le=180)] = 60.0
    """How long a payer whose code was scanned has for confirming on the phone (seconds)."""
    hours: str = ""
    """When a payment may be begun, every day, as "03:00-21:00"; empty: at any time. A decision stays payable outside of them."""

    @field_validator("hours")
    @classmethod
    def _hours(cls, value: str) -> str:
        Hours.parse(value)
        return value


class Endorsement(Section):
    """What a hall's exit-entry bureau decides about its machines. Everything else is in `config/endorsements.toml`."""

    allowed: tuple[str, ...] = ()
    """Option ids (HKG-L-3M1 …) this machine may issue; empty: all that the catalogue opens to self-service machines. An id that the
    catalogue does not know stops the start."""
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
    match_at: Annotated[dt.time, Field(ge=dt.time(10, 5), le=dt.time(23, 0))] = dt.time(10, 30)
    """When yesterday is matched with the wallets' bills, Asia/Shanghai, as "10:30"; the bills are ready from 10:00."""
    match_days: Annotated[int, Field(ge=1, le=60)] = 14
    """How many days back a missed match is caught up; a wallet gives bills for three months."""

    @field_validator("match_at")
    @classmethod
    def _match_at(cls, value: dt.time) -> dt.time:
        if value.tzinfo is not None:
            raise ValueError("write the time of day alone, as 10:30; it is Asia/Shanghai")
        return value


class ApplicationForm(Section):
    """The exit-entry application form (三表合一). Only machines with an A4 printer offer it."""

    id: Annotated[str, Field(pattern=r"^[A-Z0-9]+(-[A-Z0-9]+)*$", description="a form's id, such as CRJ-2014")] = (
        "CRJ-2014"
    )
    folder: Path | None = None
    """A directory with the hall's own forms and lists, beside those that come with the program."""
    older: Annotated[tuple[str, ...], Field(max_length=3)] = ()
    """Ids of older forms printed as well from the same answers, where the bureau still takes them (LEGACY-PASSPORT …)."""
    photo: bool = True
    """Whether the machine takes the photo. Needs the camera and an even background behind the citizen."""
    photo_profile: str = "national"
    """A profile of the program's, or a file in `photo/` of the hall's own folder."""
    submit: bool = True
    """Hand the answers to the exit-entry platform as a draft, so that the window finds them and the bar codes are printed."""
    two_sided: bool = False
    print_s: Annotated[float, Field(ge=2, le=600)] = 90.0
    """How long the printer may take for one application before the job is taken back (seconds)."""
    signing_key_file: Path | None = None
    """PEM file with this machine's Ed25519 key: signs the code on the page."""
    phone_key_files: tuple[Path, ...] = ()
    """PEM files with the public keys whose codes on a phone are taken; empty: none are."""

    def photo_folder(self) -> Path | None:
        """Where the hall's own photo profiles lie; None where it has none."""
        own = self.folder / "photo" if self.folder is not None else None
        return own if own is not None and own.is_dir() else None


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


class Diagnostics(Section):
    """The technician's mode."""

    export_folders: dict[str, Path] = {}
    """Where logs and reports may be saved besides USB sticks under /media: name and directory."""


class Technician(Section):
    """Who may come into diagnostics; one `[[technician]]` each. `kiosk technician new` prints these lines."""

    code: str
    """Of the staff pass."""
    pin_hash: Annotated[str, Field(repr=False)]
    """Argon2id, as `kiosk technician new` prints it."""
    totp_file: Path | None = None
    """The secret of the second factor, readable by the kiosk's user only; left out: the PIN is enough."""

    @field_validator("code")
    @classmethod
    def _code(cls, value: str) -> str:
        if not re.fullmatch(r"[A-Z0-9][A-Z0-9-]{1,23}", value):
            raise ValueError("use the staff pass's code, 2 to 24 capitals, digits and hyphens, e.g. T0271")
        return value

    @model_validator(mode="after")
    def _hashed(self) -> Technician:
        # Of the whole section, so that its sentence quotes nothing: what stands there may be somebody's PIN as it is.
        if not _ARGON2ID.fullmatch(self.pin_hash):
            raise ValueError("pin_hash is no Argon2id hash; put in the line that `kiosk technician new` prints")
        return self
