"""Violation records, vehicles, driving licences and penalty decisions, as the police front-end names them.

Amounts are integer fen, times are aware (Asia/Shanghai).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Driver:
    """The driving-licence file of a person. `status` is a set of letters in one string ("A", "HI", …)."""

    licence_no: str = field(repr=False)
    name: str = field(repr=False)
    file_no: str = field(repr=False)
    """档案编号, 12 digits."""
    issued_by: str
    """发证机关: province and letter, e.g. 浙B."""
    licence_class: str
    """准驾车型, e.g. C1 or A2D."""
    status: str
    first_issued: dt.date
    valid_to: dt.date | None
    """None: 长期."""
    points: int
    """Points accumulated in the present cycle (公安部令163 第3条)."""


@dataclass(frozen=True, slots=True)
class Vehicle:
    plate: str = field(repr=False)
    plate_type: str
    """号牌种类, two digits of GA 24.7 (02 small car, 52 small new-energy car)."""
    relation: str
    """own | filed | typed"""
    use: str = "A"
    """使用性质: A is non-commercial."""
    vehicle_type: str = "K33"
    status: str = "A"
    filed_on: dt.date | None = None
    """Day the non-own vehicle was filed (备案)."""
    inspection_to: dt.date | None = None


@dataclass(frozen=True, slots=True)
class ViolationRecord:
    """One camera record (非现场违法) not yet decided."""

    record_id: str
    """16 digits."""
    plate: str = field(repr=False)
    plate_type: str
    at: dt.datetime
    place: str = field(repr=False)
    code: str
    """违法代码: four digits and up to two local characters; its meaning is keyed on province and date, never hard-coded."""
    act: str
    fine_fen: int
    points: int
    authority: str
    authority_code: str
    region: str
    """local | province | other"""
    provisions: str
    """违反规定 (wfgd)."""
    basis: str
    """处罚依据 (fltw)."""
    penalty: str = "fine"
    """warning | fine | other"""
    handled: bool = False
    measured: str = ""
    limit: str = ""
    photos: int = 0
    state: str = "open"
    """open | objected | auditing | correcting"""


@dataclass(frozen=True, slots=True)
class Decision:
    """A penalty decision (简易程序处罚决定书) as the platform issued it."""

    number: str
    """15 digits; together with `check_char` it is the printed 16-character form."""
    check_char: str
    record_id: str
    decided_at: dt.datetime
    fine_fen: int
    points: int
    points_total: int
    deadline: dt.date | None
    """Last day to pay without surcharge; None where there is no fine."""
    authority: str
    officer: str = ""

    @property
    def printed_number(self) -> str:
        return self.number + self.check_char


@dataclass(frozen=True, slots=True)
class FineStatus:
    """What the cashier says of one decision; the platform's figures win over ours."""

    number: str
    principal_fen: int
    surcharge_fen: int
    deadline: dt.date | None
    paid: bool
