"""The gate numbers of `config/photo_profiles/raw_frame.toml`, typed; the file says where each comes from."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from importlib.resources import files
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Gates:
    """Limits for one raw frame; a frame passes when it lies within all of them."""

    count_second_face_area_max: float
    distance_inter_eye_px_min: float
    distance_face_height_max: float
    centre_x_min: float
    centre_x_max: float
    centre_eye_line_min: float
    centre_eye_line_max: float
    pose_roll_max: float
    pose_yaw_max: float
    pose_pitch_max: float
    pose_mirror_shift_max: float
    eyes_gap_open_min: float
    light_mean_min: float
    light_mean_max: float
    light_over_max: float
    light_cheek_ratio_min: float
    sharpness_laplacian_ratio_min: float
    steady_likeness_min: float


def load_gates(path: Path | None = None) -> Gates:
    """Read the gate file; `path` replaces the shipped one. Raises ValueError naming the key that is missing or wrong."""
    text = path.read_text("utf-8") if path else (files("config") / "photo_profiles/raw_frame.toml").read_text("utf-8")
    values: dict[str, float] = {}
    for table, entries in tomllib.loads(text).items():
        for key, value in entries.items():
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise ValueError(f"raw_frame: {table}.{key} must be a number")
            values[f"{table}_{key}"] = float(value)
    names = {field.name for field in fields(Gates)}
    if wrong := sorted(names.symmetric_difference(values)):
        raise ValueError(f"raw_frame: missing or unknown gates: {', '.join(wrong)}")
    return Gates(**values)
