"""The 往来港澳通行证 (and 往来台湾通行证) as values: what its printed line says and what its chip holds.

The printed line is one row of 30 characters (not ICAO's TD1, whose three rows stand in the chip's DG1 only). It names neither the
holder nor the sex, and the years in it have two digits.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum

from kiosk.domain.identity import Photo


class PermitKind(StrEnum):
    """The document code at the beginning of the line."""

    HK_MACAO = "CS"
    TAIWAN = "CD"


@dataclass(frozen=True, slots=True)
class ChipKey:
    """What opens the chip (ICAO 9303-11: BAC and PACE with the MRZ): number and two dates, YYMMDD, without check digits."""

    number: str = field(repr=False)
    birth: str = field(repr=False)
    expiry: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PermitLine:
    """A printed line whose check digits fit."""

    kind: PermitKind
    number: str = field(repr=False)
    """C or L and eight characters, as the card's face shows it."""
    expiry: dt.date
    birth: str = field(repr=False)
    """YYMMDD: the century comes from the identity card."""
    repaired: bool = False
    """The camera had read it slightly wrong, and only one correction makes all check digits fit."""

    @property
    def key(self) -> ChipKey:
        return ChipKey(self.number, self.birth, f"{self.expiry:%y%m%d}")


@dataclass(frozen=True, slots=True)
class ChipData:
    """What the permit's chip gave: DG1, DG2 and, where present, DG11. Nothing is known of who signed it unless said."""

    dg1: str = field(repr=False)
    """90 characters."""
    photo: Photo | None = field(default=None, repr=False)
    """The face of DG2 as stored (JPEG or JPEG 2000)."""
    full_name: str = field(default="", repr=False)
    """DG11, tag 5F0E; empty where the chip has none."""
    personal_number: str = field(default="", repr=False)
    """DG11, tag 5F10."""
    protocol: str = "bac"
    """bac | pace"""
    hashes_fit: bool | None = None
    """Whether the data groups are those EF.SOD lists; None where the chip has no EF.SOD. The signature itself is not judged:
    the certificates are the state's."""


@dataclass(frozen=True, slots=True)
class ChipHolder:
    """The holder as DG1 names them."""

    line: PermitLine
    name: str = field(repr=False)
    """Chinese name: at most three characters fit, so it may be the beginning of a longer one."""
    name_truncated: bool
    pinyin: str = field(repr=False)
    """SURNAME<<GIVEN as stored, fillers stripped."""
    sex: str = field(repr=False)
    """M, F or <."""
