"""C09: one notice per record, then the signature. Before a decision the citizen is told facts, reasons, basis, penalty and
points, and may state and defend (行政处罚法 第44条、第45条); only an express waiver, record by record, leads on (第62条)."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import structlog

from kiosk.domain import texts
from kiosk.domain.calendar import work_calendar
from kiosk.domain.money import format_yuan
from kiosk.domain.violation import ViolationRecord
from kiosk.journeys.kit import Kit
from kiosk.journeys.violation.defend import defend
from kiosk.journeys.violation.refusal import refused
from kiosk.journeys.violation.sign import Outcome, ask_to_sign
from kiosk.journeys.violation.visit import Visit
from kiosk.journeys.walker import Ended
from kiosk.screens.base import Back, Row
from kiosk.screens.violation import Defend, PenaltyNotice, RefuseToSign

log = structlog.get_logger(__name__)


async def give_notice(visit: Visit, kit: Kit) -> Visit:
    """Notice after notice; Back leads to the notice before. Defending takes the record out, undecided and unpaid."""
    index = 0
    waivers: dict[str, dt.datetime] = {}
    while True:
        picked = visit.picked()
        if not picked:
            raise Ended("defended" if visit.kept.defended else "objected")
        index = min(index, len(picked) - 1)
        record = picked[index]
        try:
            outcome = await ask_to_sign(kit, _screen(visit, kit, record, index))
        except Back:
            if index == 0:
                raise
            index -= 1
            waivers.pop(picked[index].record_id, None)  # what is shown again is agreed to again
            continue
        answer, last = outcome.answer, index + 1 == len(picked)
        if isinstance(answer, Defend):
            visit = await defend(visit, kit, record)
            continue
        if isinstance(answer, RefuseToSign):
            officer = await refused(visit, kit, outcome)
            if officer:
                return _waived(visit, waivers | _moment(record, outcome), officer=officer)
            continue
        if last and not answer.png:
            log.warning("signature_missing")  # without it nothing is decided (公安部令105 第44条)
            continue
        waivers |= _moment(record, outcome)
        if last:
            return replace(_waived(visit, waivers), signature_png=answer.png, recording_sha256=outcome.recording_sha256)
        index += 1


def _moment(record: ViolationRecord, outcome: Outcome) -> dict[str, dt.datetime]:
    return {record.record_id: outcome.waived_at} if outcome.waived_at is not None else {}


def _waived(visit: Visit, waivers: dict[str, dt.datetime], *, officer: str = "") -> Visit:
    """Raises RuntimeError where a record was not waived: nothing is decided then (行政处罚法 第62条)."""
    if missing := [record.record_id for record in visit.picked() if record.record_id not in waivers]:
        raise RuntimeError(f"{len(missing)} records are to be decided without a waiver")
    kept = tuple((record.record_id, waivers[record.record_id]) for record in visit.picked())
    return replace(visit, waivers=kept, waived_at=max(at for _, at in kept), refusal_noted_by=officer)


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
