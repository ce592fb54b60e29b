"""Screens of the violation journey (C06–C10 and the plate and proof keypads)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from kiosk.domain.identity import Photo
from kiosk.screens.base import Row, Screen
from kiosk.screens.form import FormQuestion


@dataclass(frozen=True, slots=True)
class VehicleRow:
    plate: str
    """With the middle dot, e.g. 浙B·8K23A; the citizen's own plate is not masked on the list (it is how they choose)."""
    plate_type: str
    kind: str
    """小型汽车 …"""
    relation: str
    """本人车辆 | 已备案车辆"""
    open_records: int | None
    locked: str = ""
    """Why it cannot be chosen, one sentence; empty when it can."""


@dataclass(frozen=True, slots=True)
class ChooseVehicle(Screen[str | None]):
    """The answer is plate_type + plate without the dot (e.g. "02浙B8K23A"), or None: type another plate. A locked one may be answered as
    well: whoever touches it is told where it can be handled."""

    name: str
    vehicles: tuple[VehicleRow, ...]
    notice: str = ""


@dataclass(frozen=True, slots=True)
class PlateAnswer:
    plate: str
    plate_type: str


@dataclass(frozen=True, slots=True)
class EnterPlate(Screen[PlateAnswer]):
    """Own plate keypad. `site` is the hall's province and letter, offered first."""

    site: str = "浙B"
    value: str = ""
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class EnterVehicleProof(Screen[str]):
    """Last six characters of the VIN or of the engine number."""

    plate: str
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class ViolationRow:
    record_id: str
    act: str
    when: str
    plate: str
    place: str
    fine_fen: int
    points: int
    locked: str = ""
    """Why it cannot be chosen, one sentence; empty when it can."""
    code: str = ""
    """Rule behind `locked`, small print for staff."""


@dataclass(frozen=True, slots=True)
class Chosen:
    record_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ViewEvidence:
    record_id: str
    chosen: tuple[str, ...]
    """What was ticked, so that it is still ticked afterwards."""
    page: int = 0
    """The page of the list it was on, for `ChooseViolations.page` when the list is shown again."""


@dataclass(frozen=True, slots=True)
class Toggled:
    """The citizen ticked or unticked a row; the journey answers with an update (points may lock other rows)."""

    record_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChooseViolations(Screen[Chosen | ViewEvidence | Toggled]):
    """C06. Rows that cannot be chosen keep their place, with the reason."""

    name: str
    rows: tuple[ViolationRow, ...]
    chosen: tuple[str, ...] = ()
    page: int = 0


@dataclass(frozen=True, slots=True)
class PhotoBroken:
    """A picture that came could not be shown; the page stays."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured against what is allowed, as the platform words it ("69公里/小时"), and both as figures where they are such."""

    value: str
    limit: str
    value_n: float = 0.0
    limit_n: float = 0.0
    """0: not figures, or not of one unit: they are told, not drawn."""
    over: str = ""
    """超过 15% …; empty where it cannot be said."""


@dataclass(frozen=True, slots=True)
class Evidence(Screen[Literal["close", "object"] | PhotoBroken]):
    """C07. `photos` is None while they are being fetched; an empty tuple means they could not be had. `locked`: why the record may not be
    accepted here because of that."""

    title: str
    rows: tuple[Row, ...]
    law: str
    """The provisions, as the platform names them."""
    photos: tuple[Photo, ...] | None = field(default=None, repr=False)
    plain: tuple[str, ...] = ()
    """The same in plain words, before the original."""
    measured: Measured | None = None
    locked: str = ""


@dataclass(frozen=True, slots=True)
class SummaryLine:
    act: str
    when_where: str
    fine_fen: int
    points: int


@dataclass(frozen=True, slots=True)
class ReviewSelection(Screen[None]):
    """C08. The only answer is "go on"."""

    lines: tuple[SummaryLine, ...]
    total_fen: int
    points_before: int
    points_added: int
    pay_by: str
    """Last day to pay, spelled out."""
    warning: str = ""


@dataclass(frozen=True, slots=True)
class Signed:
    png: bytes = field(repr=False)
    strokes: tuple[tuple[tuple[float, float, float], ...], ...] = field(repr=False)
    """Each stroke is (x, y, t) points: pixels of the pad and seconds since the first point."""


@dataclass(frozen=True, slots=True)
class Rewrite:
    """清除重写 was tapped: what was written on the pad is to be wiped too. The page stays."""


@dataclass(frozen=True, slots=True)
class Pen:
    """A pad with a pen beside the screen; what is written on it is shown on the sheet, on which a finger can write as well."""

    ready: bool = False
    """False: it is about to be; nothing is taken yet."""
    strokes: tuple[tuple[tuple[float, float, float], ...], ...] = field(default=(), repr=False)
    """Each stroke is (x, y, t) points: millimetres from the upper left corner of its surface, seconds."""
    width_mm: float = 0.0
    height_mm: float = 0.0


@dataclass(frozen=True, slots=True)
class Defend:
    """The citizen wants to state and defend (陈述、申辩)."""


@dataclass(frozen=True, slots=True)
class Waived:
    """The box was ticked, or the tick taken away: the moment of the waiver (行政处罚法 第62条). The page stays."""

    ticked: bool


@dataclass(frozen=True, slots=True)
class RefuseToSign:
    """The party does not sign (拒签, 公安部令105 第44条). `waived`: the box is ticked all the same."""

    waived: bool = False


@dataclass(frozen=True, slots=True)
class Filming:
    """Sound and picture of the signing. Nobody may write before it runs."""

    state: Literal["starting", "on"]
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class PenaltyNotice(Screen[Signed | Defend | Rewrite | Waived | RefuseToSign]):
    """C09. One notice per record, the signature on the last one (`sign`); earlier ones answer Signed with an empty picture.

    The box "已阅读，没有异议" is unticked at first; 我要申辩 has the same visual weight as the confirmation.
    """

    index: int
    count: int
    headline: str
    rows: tuple[Row, ...]
    full_text: tuple[str, ...]
    waiver_text: str
    sign: bool
    owed_fen: int = 0
    """Sum of the fines about to be confirmed; the confirming button says whether paying comes next."""
    pen: Pen | None = None
    """None: this machine has the touch screen only, or no pad works at the moment."""
    trouble: str = ""
    """What happened to the pad or to the recording, and how to go on, one sentence."""
    filming: Filming | None = None
    """None: this machine does not record signings, or nothing is signed on this notice."""
    attempt: int = 0
    """Grows when a signature does not count and has to be written again: what was written is wiped."""


ObjectionReason = str


@dataclass(frozen=True, slots=True)
class ChooseObjection(Screen[ObjectionReason]):
    """The reasons of 公安部令105 第22条; the answer is the reason's id."""

    act: str
    reasons: tuple[Row, ...]
    """label: id, value: citizen's words"""


@dataclass(frozen=True, slots=True)
class StateDefence(FormQuestion):
    """陈述、申辩 (行政处罚法 第45条): in the citizen's own words or a ready sentence, and a telephone number for whoever wants. The answer
    has `statement` and `phone`."""


@dataclass(frozen=True, slots=True)
class ExplainObjection(FormQuestion):
    """What the citizen wants to add to an objection; both may stay empty. The answer has `text` and `phone`."""
