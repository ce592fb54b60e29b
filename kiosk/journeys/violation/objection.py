"""我要申辩 / 有异议: the citizen says why, the record stays open, nothing is decided and nothing is paid."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import partial

import structlog

from kiosk.domain.violation import ViolationRecord
from kiosk.journeys.kit import GO_ON, Kit, reach, tell
from kiosk.journeys.violation.visit import Visit
from kiosk.screens.base import Back, Row, ask
from kiosk.screens.violation import ChooseObjection

log = structlog.get_logger(__name__)


async def object_to(visit: Visit, kit: Kit, record: ViolationRecord) -> Visit:
    """Ask for the reason (公安部令105 第22条), file it, and say what happens next. Back changes nothing."""
    reasons = {reason.id: reason for reason in kit.tables.legal.objection}
    rows = tuple(Row(reason.id, reason.label) for reason in reasons.values())
    try:
        reason = reasons[await ask(kit.desk, ChooseObjection(record.act, rows))]
    except Back:
        return visit
    key = f"{record.record_id}-objection"
    number = await reach(
        kit,
        "正在提交异议",
        partial(kit.police.object_to, record.record_id, visit.holder.number, reason.label, key),
    )
    log.info("objection_filed", reason=reason.id)
    body = f"异议编号 {number}。核查期间不处理、不罚款，结果会通知您。"
    if reason.bring:
        body += f"请带上{reason.bring}到{kit.settings.kiosk.window}。"
    visit.kept.objected.add(record.record_id)
    with suppress(Back):  # it is filed; going back from here leads to where going on leads
        await tell(kit, "已经收到您的异议", body, GO_ON, tone="ok")
    return replace(visit, chosen=tuple(record_id for record_id in visit.chosen if record_id != record.record_id))
