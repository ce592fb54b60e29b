"""The profiles of identity photos (`photo_profiles/*.toml`): geometry, file, background and the gates of a raw frame.

A profile may be based on another and then says only what differs. The files say where each number comes from. A file that is wrong is
refused with sentences saying where.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from config.tables import TablesError
from config.toml_file import read_toml

PROFILES = ("national", "strict_guangdong", "consular")
"""The profiles that come with the program."""

Ground = Literal["white", "light_grey", "light_blue"]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
_ID = re.compile(r"[a-z][a-z0-9_]{0,39}")


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Band(_Table):
    """Both ends belong to it. `rule` False: only where the photo is aimed at."""

    low: float
    high: float
    rule: bool = True

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.low > self.high:
            raise ValueError(f"low {self.low:g} is above high {self.high:g}")
        return self

    def holds(self, value: float, slack: float = 0.0) -> bool:
        return self.low - slack <= value <= self.high + slack


class FileRules(_Table):
    sizes: tuple[tuple[int, int], ...] = Field(min_length=1)
    """Width and height in pixels, largest first; all of one ratio."""
    dpi: int = Field(ge=72, le=1200)
    bytes_min: int = Field(ge=0)
    bytes_max: int = Field(gt=0)
    quality_min: int = Field(ge=1, le=100)
    quality_first: int = Field(ge=1, le=100)

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.bytes_min >= self.bytes_max or self.quality_min > self.quality_first:
            raise ValueError("bytes_min is below bytes_max, quality_min not above quality_first")
        if any(width < 100 or height < 100 for width, height in self.sizes):
            raise ValueError("sizes are at least 100 pixels each way")
        ratios = [width / height for width, height in self.sizes]
        if max(ratios) - min(ratios) > 0.005:
            raise ValueError("sizes have different ratios")
        return self


class CropRules(_Table):
    """Shares of the width (eye_distance, head_width) or of the height (the others)."""

    eye_distance: Band
    head_length: Band
    head_width: Band
    top_gap: Band
    eye_line: Band
    chin_gap: Band


class BackgroundRules(_Table):
    accepted: tuple[Ground, ...] = Field(min_length=1)
    treatment: Literal["keep", "lighten", "replace"]
    white_mean_min: float
    grey_lum_min: float
    grey_chroma_max: float
    blue_hue: float
    blue_hue_tolerance: float
    blue_sat_min: float
    blue_lum_min: float
    std_max: float
    treated_std_max: float
    gradient_max: float
    raw_lum_min: float


class SkinRules(_Table):
    """CIELAB."""

    lightness: Band
    a: Band
    b: Band


class PhotoGates(_Table):
    """Limits for one raw frame, in the order they are judged."""

    second_face_area_max: Share
    inter_eye_px_min: float = Field(gt=0)
    face_height_max: Share
    centre_x_min: Share
    centre_x_max: Share
    roll_max: float = Field(gt=0)
    yaw_max: float = Field(gt=0)
    pitch_max: float = Field(gt=0)
    mirror_shift_max: float = Field(gt=0)
    eye_gap_open_min: Share
    glare_max: Share
    mouth_gap_max: Share
    light_mean_min: Share
    light_mean_max: Share
    light_floor: Share
    exposed_ground_lum_min: float = Field(ge=0, le=240)
    under_max: Share
    over_max: Share
    entropy_min: float = Field(ge=0, le=8)
    cheek_ratio_min: Share
    cheek_overlap_min: Share
    zone_ratio_min: Share
    colour_distance_max: float = Field(ge=0)
    sharpness_min: float = Field(ge=0)


class PhotoProfile(_Table):
    id: str
    title: str
    file: FileRules
    crop: CropRules
    background: BackgroundRules
    gates: PhotoGates
    skin: SkinRules | None = None

    @property
    def ratio(self) -> float:
        """Width / height of the finished photo."""
        width, height = self.file.sizes[0]
        return width / height


def load_photo_profile(name: str, folder: Path | None = None) -> PhotoProfile:
    """The profile `name`, from the hall's own folder where it has the file, else as shipped. Raises TablesError."""
    merged = _read(name, folder, ())
    merged.pop("based_on", None)
    try:
        profile = PhotoProfile.model_validate(merged)
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, e['loc'])) or 'file'}: {e['msg']}" for e in error.errors()]
        raise TablesError(f"{name}.toml", problems) from error
    if profile.id != name:
        raise TablesError(f"{name}.toml", [f"id: the file is {name}, its id says {profile.id}"])
    return profile


def _read(name: str, folder: Path | None, above: tuple[str, ...]) -> dict[str, Any]:
    """The tables of one file over those of the file it is based on."""
    if not _ID.fullmatch(name):
        raise TablesError("photo profile", ["a profile's name is small letters, digits and underscores"])
    if name in above:
        raise TablesError(f"{name}.toml", ["based_on: goes round in a circle"])
    own = folder / f"{name}.toml" if folder is not None else None
    shipped = Path(__file__).with_name("photo_profiles") / f"{name}.toml"
    try:
        if own is not None and own.is_file():
            tables: dict[str, Any] = _frozen(tomllib.loads(own.read_text("utf-8-sig")))
        else:
            tables = _frozen(read_toml(shipped))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise TablesError(f"{name}.toml", [str(error)]) from error
    base = tables.get("based_on")
    if base is None:
        return tables
    if not isinstance(base, str):
        raise TablesError(f"{name}.toml", ["based_on: must be a name"])
    return _over(_read(base, folder, (*above, name)), tables)


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """A band is one value: it replaces the band below as a whole."""
    out = dict(below)
    for key, value in above.items():
        under = out.get(key)
        table = isinstance(value, dict) and isinstance(under, dict) and "low" not in value
        out[key] = _over(under, value) if table and under is not None else value
    return out


def _frozen(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _frozen(item) for key, item in value.items()}
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
