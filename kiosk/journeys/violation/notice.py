"""C09: one notice per record, then the signature. Before a decision the citizen is told facts, reasons, basis, penalty and
points, and may state and defend (行政处罚法 第44条、第45条); only an express waiver leads on (第62条)."""

from __future__ import annotations

from dataclasses import replace

import structlog

from kiosk.domain import texts
from kiosk.domain.calendar import work_calendar
from kiosk.domain.money import format_yuan
from kiosk.domain.violation import ViolationRecord
from kiosk.journeys.kit import Kit
from kiosk.journeys.violation.objection import object_to
from kiosk.journeys.violation.sign import ask_to_sign
from kiosk.journeys.violation.visit import Visit
from kiosk.journeys.walker import Ended
from kiosk.screens.base import Back, Row
from kiosk.screens.violation import Defend, PenaltyNotice, Signed

log = structlog.get_logger(__name__)


async def give_notice(visit: Visit, kit: Kit) -> Visit:
    """Notice after notice; Back leads to the notice before. Defending takes the record out, undecided and unpaid."""
    index = 0
    while True:
        picked = visit.picked()
        if not picked:
            raise Ended("objected")
        index = min(index, len(picked) - 1)
        record = picked[index]
        try:
            answer = await ask_to_sign(kit, _screen(visit, kit, record, index))
        except Back:
            if index == 0:
                raise
            index -= 1
            continue
        if isinstance(answer, Signed) and index + 1 == len(picked) and not answer.png:
            log.warning("signature_missing")  # without it nothing is decided (公安部令105 第44条)
        elif isinstance(answer, Defend):
            visit = await object_to(visit, kit, record)
        elif index + 1 < len(picked):
            index += 1
        else:
            return replace(visit, signature_png=answer.png, waived_at=kit.clock.now())


def _screen(visit: Visit, kit: Kit, record: ViolationRecord, index: int) -> PenaltyNotice:
    today = kit.clock.now().date()
    picked = visit.picked()
    deadline = work_calendar(kit.tables.holidays, kit.tables.rules.deadline).deadline(today)
    text = texts.penalty_notice(
        record, kit.tables.legal, today, deadline if record.fine_fen else None, index + 1, len(picked)
    )
    total = sum(each.fine_fen for each in picked)
    points = sum(each.points for each in picked)
    return PenaltyNotice(
        index=index,
        count=len(picked),
        headline=f"共 {len(picked)} 条，{f'罚款 {format_yuan(total)}' if total else '警告'}，{f'记 {points} 分' if points else '不记分'}",
        rows=tuple(Row(label, value) for label, value in text.rows),
        full_text=text.full_text,
        waiver_text=text.waiver,
        sign=index == len(picked) - 1,
        owed_fen=total,
    )
