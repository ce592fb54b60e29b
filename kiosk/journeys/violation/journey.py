"""处理并缴款: a citizen handles and pays traffic violations. Read it top to bottom; it follows the service guide."""

from __future__ import annotations

from kiosk.journeys.identify import check_by_staff, check_face, read_card
from kiosk.journeys.kit import Kit
from kiosk.journeys.violation.decide import decide
from kiosk.journeys.violation.finish import finish
from kiosk.journeys.violation.licence import check_card, check_licence
from kiosk.journeys.violation.notice import give_notice
from kiosk.journeys.violation.paper import print_papers
from kiosk.journeys.violation.pay import pay
from kiosk.journeys.violation.select import choose_records, choose_vehicle, let_go, review
from kiosk.journeys.violation.start import start
from kiosk.journeys.violation.visit import Visit
from kiosk.journeys.walker import Step, Walked, walk

STEPS: tuple[Step[Visit, Kit], ...] = (
    Step("", start),
    Step("刷身份证", read_card),
    Step("刷身份证", check_card, silent=True),
    Step("人脸核验", check_face, when=lambda visit: visit.face_consent),
    Step("人脸核验", check_by_staff, when=lambda visit: visit.needs_staff),
    Step("选违法", check_licence, silent=True),
    Step("选违法", choose_vehicle),
    Step("选违法", choose_records),
    Step("确认", review),
    Step("确认", give_notice),
    Step("确认", decide, barrier=True),
    Step("缴款", pay, when=lambda visit: visit.owed_fen() > 0, barrier=True),
    Step("缴款", print_papers, barrier=True),
    Step("", finish, barrier=True),
)


async def run(kit: Kit) -> Walked[Visit]:
    """One visit, from the start page to the last wipe. The order, if any, is concluded and given to the sweeper."""
    visit = Visit()
    try:
        return await walk(STEPS, visit, kit, kit.desk, kit.guard)
    finally:
        await let_go(visit.kept, kit)
