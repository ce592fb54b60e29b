"""Do a record's points look right? For staff and the log only: the platform's number is shown and booked, whatever is found here.

Sources: 公安部令163 第7条 to 第12条, 第28条; for offences before 2022-04-01 that are decided later the milder of the old and the new list
(行政处罚法 第37条; mark M, that it holds for points).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from config.tables import Codes, ViolationCode
from config.zone import SHANGHAI
from kiosk.domain.points_lists import CLASSES, LISTS_FROM
from kiosk.domain.speeding import is_about_speed, possible_points
from kiosk.domain.violation import Vehicle, ViolationRecord

NEW_LISTS = dt.date.fromisoformat(LISTS_FROM)


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that does not fit. `reason` is for the technician and carries no personal data, because it is logged."""

    code: str
    """P1 no such class · P2 a warning takes none · P3 speed · P4 list of codes · P5 milder list of an old offence."""
    reason: str
    source: str


def points_doubts(record: ViolationRecord, vehicle: Vehicle, codes: Codes, decided_on: dt.date) -> tuple[Doubt, ...]:
    """Everything about the points of a record that does not fit, for a decision of that day (which may be today)."""
    offence_on = record.at.astimezone(SHANGHAI).date()
    found: list[Doubt] = []
    if offence_on >= NEW_LISTS and record.points not in CLASSES:
        found.append(Doubt("P1", f"{record.points} points: no such class exists", "公安部令163 第7条"))
    if record.penalty == "warning" and record.points:
        found.append(Doubt("P2", f"a warning with {record.points} points", "公安部令163 第28条"))
    row = codes.find(record.code, record.authority_code[:2], decided_on)
    if offence_on < NEW_LISTS <= decided_on:
        found += _old(record, vehicle, row)
    else:
        found += _speed(record, vehicle) or _listed(record, row)
    return tuple(found)


def _speed(record: ViolationRecord, vehicle: Vehicle) -> list[Doubt]:
    possible = possible_points(record, vehicle)
    if possible is None or record.points in possible or _warned(record):
        return []
    said = " or ".join(map(str, sorted(possible)))
    reason = f"measured value and limit give {said} points, the record says {record.points}"
    return [Doubt("P3", reason, "公安部令163 第8条至第12条")]


def _listed(record: ViolationRecord, row: ViolationCode | None) -> list[Doubt]:
    """Not for speeding, whose points are the matrix's, and only where the table is sure of the points."""
    if (
        row is None
        or row.points_mark != "H"
        or is_about_speed(record)
        or row.points == record.points
        or _warned(record)
    ):
        return []
    reason = f"code {row.code} takes {row.points} points by the list, the record says {record.points}"
    article, _, item = row.item.partition("-")
    return [Doubt("P4", reason, f"公安部令163 第{article}条第{item}项" if row.item else "公安部令163 第7条")]


def _old(record: ViolationRecord, vehicle: Vehicle, row: ViolationCode | None) -> list[Doubt]:
    """The milder list counts. Where only the new one is known, no more than its points."""
    new = _most_by_new_list(record, vehicle, row)
    if new is None:
        return []
    old = row.points_before if row is not None else None
    most = new if old is None else min(old, new)
    if record.points <= most:
        return []
    lists = f"new list {new}" + ("" if old is None else f", old list {old}")
    reason = (
        f"offence before {LISTS_FROM}: the milder list gives {most} points ({lists}), the record says {record.points}"
    )
    return [Doubt("P5", reason, "行政处罚法 第37条；公安部令163 第37条")]


def _most_by_new_list(record: ViolationRecord, vehicle: Vehicle, row: ViolationCode | None) -> int | None:
    possible = possible_points(record, vehicle)
    if possible is not None:
        return max(possible)
    return row.points if row is not None and row.points_mark == "H" and not is_about_speed(record) else None


def _warned(record: ViolationRecord) -> bool:
    return record.penalty == "warning" and record.points == 0
