"""Points for speeding by vehicle, road and excess (公安部令163 第8条 to 第12条), to cross-check what a platform says.

The record's own points count; this only tells staff that a record looks wrong.
"""

from __future__ import annotations

_MATRIX: dict[tuple[bool, bool], tuple[int, int, int, int]] = {
    # (heavy group, motorway or expressway): below 10 %, 10 to below 20, 20 to below 50, from 50
    (True, True): (6, 6, 12, 12),
    (True, False): (0, 1, 6, 9),
    (False, True): (0, 0, 6, 12),
    (False, False): (0, 0, 3, 6),
}


def speeding_points(measured: int, limit: int, *, heavy: bool, expressway: bool) -> int:
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
    # Whole numbers only: a rounded percentage would move a record over a boundary.
    band = sum(excess * 100 >= percent * limit for percent in (10, 20, 50))
    return _MATRIX[heavy, expressway][band]
