"""Points for speeding by vehicle, road and excess (公安部令163 第8条 to 第12条), to cross-check what a platform says.

The record's own points count; this only tells staff that a record looks wrong.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from kiosk.domain.violation import Vehicle, ViolationRecord

_MATRIX: dict[tuple[bool, bool], tuple[int, int, int, int]] = {
    # (heavy group, motorway or expressway): below 10 %, 10 to below 20, 20 to below 50, from 50
    (True, True): (6, 6, 12, 12),
    (True, False): (0, 1, 6, 9),
    (False, True): (0, 0, 6, 12),
    (False, False): (0, 0, 3, 6),
}
HEAVY_TYPES = ("K1", "K2", "H1", "H2", "Q1", "Q2")
"""Beginnings of 车辆类型 (GA 24.4) of medium and larger buses and lorries; mark M."""
HEAVY_USES = frozenset({"R", "O", "P", "Q", "S"})
"""使用性质 of dangerous goods and school buses; mark M, the letters differ between platforms."""

_SPEED = re.compile(r"(?:时速)?([0-9]{1,3}(?:\.[0-9]{1,3})?)(km/h|kmh|公里/小时|公里每小时|千米/小时|公里/时|公里)?")
_ABOUT_SPEED = ("时速", "超速")


def speeding_points(measured: int | Decimal, limit: int | Decimal, *, heavy: bool, expressway: bool) -> int:
    """Points for a measured speed over a limit, both in the same unit.

    `heavy`: school buses, medium and larger buses and lorries, dangerous goods. `expressway`: 高速公路 and 城市快速路. An excess of
    exactly 20 % is "20 % 以上", because 以上 includes the number and 未达到 excludes it (公安部令105 第81条). No excess, no points.
    Raises ValueError for a limit that is not positive.
    """
    if limit <= 0:
        raise ValueError("a speed limit is positive")
    excess = measured - limit
    if excess <= 0:
        return 0
    # Exact numbers only: a rounded percentage would move a record over a boundary.
    band = sum(excess * 100 >= percent * limit for percent in (10, 20, 50))
    return _MATRIX[heavy, expressway][band]


def parse_speed(text: str) -> Decimal | None:
    """Kilometres an hour of a measured or permitted value as records write it ("62 km/h", "62公里/小时", "62"). None where it is no
    speed, such as a weight or a length."""
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).lower()
    found = _SPEED.fullmatch(plain)
    return Decimal(found[1]) if found else None


def is_about_speed(record: ViolationRecord) -> bool:
    """Whether the act is driving too fast. Driving below the lowest speed is another act."""
    return any(word in record.act for word in _ABOUT_SPEED) and "最低" not in record.act and "低于" not in record.act


def is_heavy(vehicle: Vehicle) -> bool:
    """Whether the vehicle belongs to the group with the stricter points."""
    return vehicle.use.strip().upper() in HEAVY_USES or vehicle.vehicle_type.strip().upper().startswith(HEAVY_TYPES)


def roads(record: ViolationRecord) -> tuple[bool, ...]:
    """Whether it was a motorway or expressway: one answer where the record tells it, both where it does not."""
    said = record.act
    if "以外" in said or "其他道路" in said:
        return (False,)
    if record.code.startswith("4") or "高速公路" in said or "快速路" in said:
        return (True,)
    return (True, False)


def possible_points(record: ViolationRecord, vehicle: Vehicle) -> frozenset[int] | None:
    """The points that measured value and limit lead to; more than one where the kind of road is not told. None: no verdict, because
    the act is not speeding, or the values cannot be read."""
    measured, limit = parse_speed(record.measured), parse_speed(record.limit)
    if not is_about_speed(record) or measured is None or limit is None or limit <= 0:
        return None
    heavy = is_heavy(vehicle)
    return frozenset(speeding_points(measured, limit, heavy=heavy, expressway=road) for road in roads(record))
