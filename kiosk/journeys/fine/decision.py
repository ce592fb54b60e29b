"""What is owed for the decision, as the cashier says now; and everything that stands in the way of paying it here."""

from __future__ import annotations

from dataclasses import replace

import structlog

from config.hours import Hours
from config.zone import SHANGHAI
from kiosk.domain.errors import Refusal, Refused
from kiosk.domain.fine import PayableFine
from kiosk.domain.money import SURCHARGE_PERCENT_PER_DAY, days_late, format_fen
from kiosk.domain.numbers import DecisionNumber
from kiosk.domain.rules_fine import NEXT, fine_refusal, refusal_of
from kiosk.domain.texts import written_date
from kiosk.journeys.fine.copies import print_copy
from kiosk.journeys.fine.earlier import settled
from kiosk.journeys.fine.late import note_difference
from kiosk.journeys.fine.number import ask_number
from kiosk.journeys.fine.visit import Visit
from kiosk.journeys.kit import EXIT, Kit, reach, tell
from kiosk.journeys.walker import Ended
from kiosk.journeys.words import moment
from kiosk.screens.base import Back, Button, Row, ask
from kiosk.screens.common import Message, Tone
from kiosk.screens.fine import ReviewFine

log = structlog.get_logger(__name__)
ASKING = "正在查询决定书"
RETYPE = Button("retype", "重新输入编号")
AGAIN = Button("again", "再查一次")
COPY = Button("copy", "补打缴款凭证")
SEE = Button("see", "重新核对")
BUTTONS = {"retype": RETYPE, "again": AGAIN, "copy": COPY}


async def enter_number(visit: Visit, kit: Kit) -> Visit:
    return replace(visit, number=await ask_number(kit, visit.kept))


async def review(visit: Visit, kit: Kit) -> Visit:
    """Shown until the citizen agrees to what the cashier still says a moment later. Ends refused:F… where it cannot be paid here."""
    fine = await _payable(visit.number, kit)
    note_difference(fine, kit)
    while True:
        await ask(kit.desk, _screen(fine, kit))
        now = await ask_again(replace(visit, fine=fine), kit)
        if _same(now.owed, fine):
            return now
        fine = now.owed


async def ask_again(visit: Visit, kit: Kit) -> Visit:
    """What the cashier says now. Where it is another sum the citizen is told, and may leave; whoever stays has not agreed to it yet."""
    at = kit.clock.now()
    now = await _payable(visit.number, kit)
    if not _same(now, visit.owed):
        changed = refusal_of("F18")
        log.info("refused", code=changed.code, reason=changed.reason)
        body = f"现在应缴 {format_fen(now.total_fen)}，刚才是 {format_fen(visit.owed.total_fen)}。没有扣款。"
        if await tell(kit, "应缴金额有变化", body, SEE, EXIT, tone="warn", code=changed.code) != SEE.id:
            raise Ended(f"refused:{changed.code}")
    return replace(visit, fine=now, asked_at=at)


def _same(one: PayableFine, other: PayableFine) -> bool:
    return (one.principal_fen, one.surcharge_fen) == (other.principal_fen, other.surcharge_fen)


async def _payable(number: DecisionNumber, kit: Kit) -> PayableFine:
    """Raises Ended, and Back where the citizen would rather type another number."""
    while True:
        fine, refusal, reference = await look_up(number, kit)
        if fine is not None and refusal is None:
            return fine
        assert refusal is not None
        choice = NEXT.get(refusal.code, "window")
        button = BUTTONS.get(choice)
        what, _, todo = refusal.message.partition("。")
        rows = (Row("流水号", reference),) if reference else ()
        log.info("refused", code=refusal.code, reason=refusal.reason)
        tone: Tone = "ok" if refusal.code in ("F30", "F31", "F32") else "warn"
        buttons = (button, EXIT) if button is not None else (EXIT,)
        pressed = await _tell(kit, what, todo, buttons, tone, refusal.code, rows)
        if pressed == RETYPE.id:
            raise Back
        if pressed == COPY.id:
            raise Ended("copied" if await print_copy(number, fine, kit) else "not_copied")
        if pressed != AGAIN.id:
            raise Ended(f"refused:{refusal.code}")


async def look_up(number: DecisionNumber, kit: Kit) -> tuple[PayableFine | None, Refusal | None, str]:
    """The decision, why it cannot be paid here now (None: it can), and the payment of this machine that stands in the way."""

    async def call() -> tuple[PayableFine | None, str, str, str]:
        rule, reference = await settled(kit, number.number)
        try:
            return await kit.police.payable_fine(number.number, number.check_char), "", rule, reference
        except Refused as refused:
            log.warning("cashier_refused", code=refused.code)
            return None, refused.code, rule, reference

    fine, said, rule, reference = await reach(kit, ASKING, call)
    if rule:
        return fine, refusal_of(rule), reference
    open_now = Hours.parse(kit.settings.wallet.hours).cover(kit.clock.now().astimezone(SHANGHAI))
    return fine, fine_refusal(fine, said, number.number, kit.tables.rules, open_now=open_now), ""


async def _tell(
    kit: Kit, title: str, body: str, buttons: tuple[Button, ...], tone: Tone, code: str, rows: tuple[Row, ...]
) -> str:
    return await ask(kit.desk, Message(title, body, buttons, tone, code, rows))


def _screen(fine: PayableFine, kit: Kit) -> ReviewFine:
    number = DecisionNumber(fine.number, fine.check_char)
    rows = [
        Row("被处罚人", fine.party),
        *([Row("车牌", fine.plate)] if fine.plate else []),
        *([Row("违法时间", moment(fine.happened_at))] if fine.happened_at is not None else []),
        *([Row("违法地点", fine.place)] if fine.place else []),
        Row("处理机关", fine.authority),
        Row("决定日期", written_date(fine.decided_at.astimezone(SHANGHAI).date())),
    ]
    pay_by = written_date(fine.deadline) if fine.deadline is not None else ""
    return ReviewFine(
        number.spaced, fine.act, tuple(rows), fine.principal_fen, fine.surcharge_fen or 0, pay_by, _note(fine, kit)
    )


def _note(fine: PayableFine, kit: Kit) -> str:
    """How the surcharge came about. The days are ours and only explain; the amount is the platform's."""
    if not fine.surcharge_fen:
        return ""
    late = days_late(fine.deadline, kit.clock.now().astimezone(SHANGHAI).date()) if fine.deadline is not None else 0
    days = f"已超过缴款期限 {late} 天，" if late else "已超过缴款期限，"
    most = "，已到上限" if fine.surcharge_fen == fine.principal_fen else ""
    return f"{days}每日加处罚款 {SURCHARGE_PERCENT_PER_DAY}%，不超过罚款本身{most}。要一次缴清。"
