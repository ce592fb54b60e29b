"""我要申辩: statement and defence before a decision (行政处罚法 第44条、第45条). Not an objection: nothing has to be wrong with the record.

What is said is filed and heard; the record stays open, nothing is decided, and nothing becomes heavier by it.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import partial

import structlog

from kiosk.domain.identity import is_mobile
from kiosk.domain.rights_slips import StatementSlipData, statement_slip
from kiosk.domain.violation import ViolationRecord
from kiosk.journeys.kit import GO_ON, Kit, reach, tell
from kiosk.journeys.violation.handout import hand_out
from kiosk.journeys.violation.visit import Visit
from kiosk.screens.base import Back, ask
from kiosk.screens.form import Choice, FieldAsked
from kiosk.screens.violation import StateDefence

log = structlog.get_logger(__name__)
LONGEST = 200
MISSING = "请选一句，或写下您的理由。"
NOT_MOBILE = "手机号开头是 13 到 19，共 11 位；也可以不填。"


async def defend(visit: Visit, kit: Kit, record: ViolationRecord) -> Visit:
    """Take it down, file it, give the slip. Back changes nothing."""
    answers = {"statement": "", "phone": ""}
    trouble = {"statement": "", "phone": ""}
    while True:
        try:
            answer = await ask(kit.desk, _form(kit, record, answers, trouble))
        except Back:
            return visit
        answers = {key: answer.get(key, "").strip() for key in ("statement", "phone")}
        trouble = {
            "statement": "" if answers["statement"] else MISSING,
            "phone": "" if not answers["phone"] or is_mobile(answers["phone"]) else NOT_MOBILE,
        }
        if not any(trouble.values()):
            break
    ready = {sentence.id: sentence.text for sentence in kit.tables.plain.statement}
    statement = ready.get(answers["statement"], answers["statement"])
    card, phone = visit.holder, answers["phone"]
    key = f"{record.record_id}-defence"
    number = await reach(
        kit,
        "正在提交陈述申辩",
        partial(kit.police.defend, record.record_id, card.number, statement, phone, key),
    )
    log.info("statement_filed")
    visit.kept.defended.add(record.record_id)
    now = kit.clock.now()
    data = StatementSlipData(number, card.name, record, statement, now, kit.settings.kiosk.id, phone)
    printed = await hand_out(kit, statement_slip(data, kit.tables.legal))
    body = (
        f"受理号 {number}。这条违法先不处理：没有作出处罚，没有记分，也没有扣款。民警复核后会告知您，不会因为您申辩而加重处罚。"
        + ("" if printed else "单据没有打印出来，请记下受理号。")
    )
    with suppress(Back):  # it is filed; going back from here leads to where going on leads
        await tell(kit, "已经收到您的陈述申辩", body, GO_ON, tone="ok")
    return replace(visit, chosen=tuple(each for each in visit.chosen if each != record.record_id))


def _form(kit: Kit, record: ViolationRecord, answers: dict[str, str], trouble: dict[str, str]) -> StateDefence:
    choices = tuple(Choice(sentence.id, sentence.text) for sentence in kit.tables.plain.statement)
    return StateDefence(
        id="statement",
        section="陈述申辩",
        title="请说明您的理由",
        hint=f"{record.act}。说了不会加重处罚。",
        fields=(
            FieldAsked(
                "statement",
                "您的理由",
                answers["statement"],
                "choice" if choices else "text",
                "hanzi",
                choices,
                open=True,
                max_length=LONGEST,
                trouble=trouble["statement"],
                sentences=True,
            ),
            phone_field(answers["phone"], trouble["phone"]),
        ),
    )


def phone_field(value: str, trouble: str) -> FieldAsked:
    """Optional: whoever gives none is told the result by the platform's own ways."""
    return FieldAsked(
        "phone", "手机号", value, "text", "digits", example="13800000000", max_length=11, optional=True, trouble=trouble
    )
