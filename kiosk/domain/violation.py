"""Violation records, vehicles, driving licences and penalty decisions, as the police front-end names them.

Amounts are integer fen, times are aware (Asia/Shanghai).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Period:
    """Both days belong to it; `last` None: it goes on."""

    first: dt.date
    last: dt.date | None = None

    def holds(self, day: dt.date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)


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
    kind: str = "civil"
    """civil | temporary | foreign | military"""
    full_point_courses: int = 0
    """满分学习 begun in the present cycle (公安部令163 第17条、第18条)."""
    suspected_proxy: bool = False
    """On the platform's list of those suspected of taking points for others (涉嫌代替处理)."""
    not_valid: tuple[Period, ...] = ()
    """When the licence was held, suspended or revoked."""


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
    owner: str = "person"
    """person | unit"""
    insured_to: dt.date | None = None
    """End of the compulsory insurance (交强险); None where the platform does not say."""
    licences_used: int = 0
    """Different licences that took points on this plate in the present cycle, this citizen's own included."""
    licence_among_them: bool = False
    """Whether this citizen's is one of them."""


@dataclass(frozen=True, slots=True)
class HandledRecord:
    """A record this person took within the present cycle, at any place: what the rules against traded points look at."""

    record_id: str
    plate: str = field(repr=False)
    plate_type: str
    relation: str
    """own | filed | other, at the time it was handled."""
    at: dt.datetime
    """When the offence happened."""
    authority_code: str
    points: int


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
    """open | objected | auditing | correcting | held"""
    under_case: bool = False
    """Part of a criminal or accident case."""


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
    refused_to_sign: bool = False
    """拒签: noted by the officer, the decision counts as delivered (公安部令105 第44条)."""

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


@dataclass(frozen=True, slots=True)
class Consent:
    """What the party did before the decision, as it is sent to the platform. Times are ISO 8601 with zone."""

    waived_at: str
    """When statement and defence were expressly waived (行政处罚法 第62条)."""
    signature_sha256: str = ""
    """Empty where the party refused to sign and an officer noted it."""
    recording_sha256: str = ""
    """Of the sound and picture taken while it was signed (公安机关办理行政案件程序规定 第263条)."""
    refusal_noted_by: str = ""
    """The officer's number, where the party refused to sign."""


@dataclass(frozen=True, slots=True)
class ReservedNumber:
    """A decision number taken out of the authority's pool for one record, to be committed or rolled back."""

    number: str
    """15 digits."""
    record_id: str
    expires_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Filing:
    """A request to file somebody else's vehicle (备案非本人机动车), confirmed by its owner."""

    filing_id: str
    way: str
    """qr | sms"""
    state: str
    """waiting | filed | refused | expired"""
    qr_text: str = field(default="", repr=False)
    """What the owner scans in the national app, for the way qr."""
    phone_tail: str = field(default="", repr=False)
    """Last four digits of the owner's registered telephone, for the way sms."""
    expires_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class FilingStanding:
    """What the bounds on filings are counted from (V04)."""

    filed_now: int
    """Vehicles of others this person has filed at the moment."""
    filings_today: int
    filings_this_year: int
    users_of_vehicle: int
    """Persons other than the owner who have this vehicle filed."""


@dataclass(frozen=True, slots=True)
class EBill:
    """财政电子票据 of a paid fine. `state` is issued or issuing."""

    state: str
    code: str = ""
    """票据代码, 8 digits."""
    number: str = ""
    """票据号码, 10 digits."""
    check: str = field(default="", repr=False)
    """校验码, 6 characters."""
    url: str = field(default="", repr=False)
    """Where it can be fetched; shown and printed as a QR code, never opened here."""
