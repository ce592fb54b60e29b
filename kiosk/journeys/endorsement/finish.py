"""The permit goes back into the citizen's hand, then the slip, then the rating."""

from __future__ import annotations

from dataclasses import replace

from kiosk.journeys.endorsement.custody import give_back, in_hand, whereabouts
from kiosk.journeys.endorsement.permit import permits_of
from kiosk.journeys.endorsement.visit import Visit
from kiosk.journeys.finish import see_off
from kiosk.journeys.kit import Kit
from kiosk.screens.common import Finish


async def take_permit(visit: Visit, kit: Kit) -> Visit:
    await give_back(visit.kept, kit, permits_of(kit))
    return visit


async def finish(visit: Visit, kit: Kit) -> Visit:
    await kit.books.orders.conclude(visit.order_id, citizen_present=False)
    notes: list[str] = []
    tone = "ok"
    window = kit.settings.kiosk.window
    if not visit.back_printed:
        tone = "warn"
        notes.append(f"签注已经生效。背面请到{window}补印，不再收费。")
    if not in_hand(visit.kept):
        tone = "warn"
        notes.append(whereabouts(visit.kept, kit))
    if not visit.printed:
        notes.append("凭条没有打印完。业务已办成，可以刷身份证“补打凭证”。")
    screen = Finish(
        f"签注办好了，共 {len(visit.kept.entries)} 项",
        f"业务流水号 {visit.issuance['application_no']}" if visit.issuance is not None else "",
        (),
        tone,  # type: ignore[arg-type]
        tuple(notes),
        kit.settings.session.finish_s,
    )
    again = await see_off(kit, screen, visit.order_id, ("凭条",) if visit.printed else ())
    return replace(visit, again=again)
