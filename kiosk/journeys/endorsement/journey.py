"""港澳再次签注: a permit goes in, new endorsements are written into it. Read it top to bottom; it follows the service guide."""

from __future__ import annotations

from kiosk.journeys.endorsement.apply import apply, pay
from kiosk.journeys.endorsement.choose import choose, look_up, review
from kiosk.journeys.endorsement.custody import give_back, held
from kiosk.journeys.endorsement.finish import finish, take_permit
from kiosk.journeys.endorsement.hours import check_hours
from kiosk.journeys.endorsement.make import check, make
from kiosk.journeys.endorsement.paper import print_voucher
from kiosk.journeys.endorsement.permit import check_by_staff, check_card, check_face, insert_permit, permits_of
from kiosk.journeys.endorsement.start import start
from kiosk.journeys.endorsement.visit import Kept, Visit
from kiosk.journeys.identify import read_card
from kiosk.journeys.kit import Kit
from kiosk.journeys.walker import Step, Walked, walk

STEPS: tuple[Step[Visit, Kit], ...] = (
    Step("", check_hours, silent=True),
    Step("", start),
    Step("刷身份证", read_card),
    Step("刷身份证", check_card, silent=True),
    Step("插通行证", insert_permit),
    Step("人脸核验", check_face, when=lambda visit: visit.face_consent),
    Step("人脸核验", check_by_staff, when=lambda visit: visit.needs_staff),
    Step("选签注", look_up, silent=True),
    Step("选签注", choose),
    Step("选签注", review),
    Step("缴费", apply, barrier=True),
    Step("缴费", pay, barrier=True),
    Step("制证取证", make, barrier=True),
    Step("制证取证", check, barrier=True),
    Step("制证取证", take_permit, barrier=True),
    Step("制证取证", print_voucher, barrier=True),
    Step("", finish, barrier=True),
)


async def run(kit: Kit) -> Walked[Visit]:
    """One visit. However it ends, the permit is given back or kept with a record, and then the desk is wiped once more."""
    kept = Kept()
    try:
        return await walk(STEPS, Visit(kept=kept), kit, kit.desk, kit.guard)
    finally:
        if held(kept):
            try:
                await give_back(kept, kit, permits_of(kit))
            finally:
                kit.desk.wipe()
