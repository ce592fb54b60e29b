"""Design tokens: what `config/tokens/*.toml` says, as frozen values.

Colours are roles ("primary", "muted"), sizes are pixels at scale 1.0, times are milliseconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import config
from config.toml_file import read_toml


class TypeRole(NamedTuple):
    standard: int
    large: int
    weight: int
    line: float


class Pair(NamedTuple):
    text: str
    ground: str
    minimum: float


class Tokens(NamedTuple):
    light: Mapping[str, str]
    high_contrast: Mapping[str, str]
    type: Mapping[str, TypeRole]
    floor: Mapping[str, int]
    size: Mapping[str, int]
    size_large: Mapping[str, int]
    radius: Mapping[str, int]
    stroke: Mapping[str, int]
    motion: Mapping[str, int]
    base_pitch_mm: float
    scale_min: float
    scale_max: float
    top_control_y: int

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """Every text on every ground it is painted on; read when asked, since only checks of the contrast do."""
        return tuple(
            Pair(text, ground, float(row["minimum"]))
            for row in _read("pairs.toml")["pair"]  # type: ignore[attr-defined]
            for text in row["text"]
            for ground in row["ground"]
        )


_FILES = Path(config.__file__).parent / "tokens"


def _read(name: str) -> dict[str, object]:
    return read_toml(_FILES / name)


def _table(raw: object) -> dict[str, object]:
    if not isinstance(raw, dict):
        raise ValueError("a token file lacks a table")
    return raw


def load_tokens() -> Tokens:
    """Read and check the shipped token files. Raises ValueError where the two colour files do not name the same roles."""
    light = {k: str(v) for k, v in _table(_read("light.toml")["color"]).items()}
    contrast = {k: str(v) for k, v in _table(_read("high_contrast.toml")["color"]).items()}
    if light.keys() != contrast.keys():
        raise ValueError(f"colour roles differ between themes: {sorted(light.keys() ^ contrast.keys())}")
    sizes = _read("sizes.toml")
    panel = _table(sizes["panel"])
    size = _table(sizes["size"])

    def ints(raw: object) -> Mapping[str, int]:
        return MappingProxyType({k: int(str(v)) for k, v in _table(raw).items()})

    roles = {
        name: TypeRole(int(row[0]), int(row[1]), int(row[2]), float(row[3]))
        for name, row in _table(sizes["type"]).items()
        if isinstance(row, list)
    }
    standard = ints(size["standard"])
    return Tokens(
        light=MappingProxyType(light),
        high_contrast=MappingProxyType(contrast),
        type=MappingProxyType(roles),
        floor=ints(sizes["type_floor"]),
        size=standard,
        size_large=MappingProxyType({**standard, **ints(size["large"])}),
        radius=ints(sizes["radius"]),
        stroke=ints(sizes["stroke"]),
        motion=ints(_read("motion.toml")["motion"]),
        base_pitch_mm=float(str(panel["base_pitch_mm"])),
        scale_min=float(str(panel["scale_min"])),
        scale_max=float(str(panel["scale_max"])),
        top_control_y=int(str(_table(sizes["reach"])["top_control_y"])),
    )


def contrast(one: str, other: str) -> float:
    """WCAG 2.2 contrast ratio of two opaque "#RRGGBB" colours."""

    def luminance(colour: str) -> float:
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)
