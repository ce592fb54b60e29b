"""有异议: something is wrong with the record (公安部令105 第22条). The record stays open, nothing is decided, nothing is paid."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import partial

import structlog

from config.tables import ObjectionReason
from kiosk.domain.identity import is_mobile
from kiosk.domain.slips import ObjectionSlipData, objection_slip
from kiosk.domain.violation import ViolationRecord
from kiosk.journeys.kit import GO_ON, Kit, reach, tell
from kiosk.journeys.violation.defend import LONGEST, NOT_MOBILE, phone_field
from kiosk.journeys.violation.handout import hand_out
from kiosk.journeys.violation.visit import Visit
from kiosk.screens.base import Back, Row, ask
from kiosk.screens.form import FieldAsked
from kiosk.screens.violation import ChooseObjection, ExplainObjection

log = structlog.get_logger(__name__)


async def object_to(visit: Visit, kit: Kit, record: ViolationRecord) -> Visit:
    """Ask for the reason and for what the citizen wants to add, file it, give the slip. Back changes nothing."""
    reasons = {reason.id: reason for reason in kit.tables.legal.objection}
    rows = tuple(Row(reason.id, reason.label) for reason in reasons.values())
    while True:
        try:
            reason = reasons[await ask(kit.desk, ChooseObjection(record.act, rows))]
        except Back:
            return visit
        try:
            text, phone = await _explain(kit, reason)
            break
        except Back:
            continue
    key = f"{record.record_id}-objection"
    card = visit.holder
    number = await reach(
        kit,
        "正在提交异议",
        partial(kit.police.object_to, record.record_id, card.number, reason.label, key, text, phone),
    )
    log.info("objection_filed", reason=reason.id)
    visit.kept.objected.add(record.record_id)
    data = ObjectionSlipData(
        card.name,
        record.plate,
        record.record_id,
        record.act,
        record.at,
        record.place,
        reason,
        kit.clock.now(),
        kit.settings.kiosk.id,
        number,
    )
    printed = await hand_out(kit, objection_slip(data, kit.tables.legal))
    body = f"异议编号 {number}。核查期间不处理、不罚款，结果会通知您。"
    if reason.bring:
        body += f"请带上{reason.bring}到{kit.settings.kiosk.window}。"
    if not printed:
        body += "单据没有打印出来，请记下编号。"
    with suppress(Back):  # it is filed; going back from here leads to where going on leads
        await tell(kit, "已经收到您的异议", body, GO_ON, tone="ok")
    return replace(visit, chosen=tuple(record_id for record_id in visit.chosen if record_id != record.record_id))


async def _explain(kit: Kit, reason: ObjectionReason) -> tuple[str, str]:
    """Text and telephone, either of which may stay empty. Raises Back."""
    text = phone = trouble = ""
    while True:
        words = FieldAsked(
            *("text", "补充说明", text, "text", "hanzi"),
            max_length=LONGEST,
            optional=True,
            example="当时是救护车通过",
            sentences=True,
        )
        screen = ExplainObjection(
            id="objection",
            section="提出异议",
            title="要补充说明吗",
            hint=f"{reason.label}。可以不填，直接提交。",
            fields=(words, phone_field(phone, trouble)),
        )
        answer = await ask(kit.desk, screen)
        text, phone = answer.get("text", "").strip(), answer.get("phone", "").strip()
        if not phone or is_mobile(phone):
            return text, phone
        trouble = NOT_MOBILE
