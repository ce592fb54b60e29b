"""仅缴款: a penalty decision that exists already is paid by its number. No identity card: anybody may pay for anybody.

Read it top to bottom; it follows the service guide.
"""

from __future__ import annotations

from kiosk.journeys.fine.decision import enter_number, review
from kiosk.journeys.fine.finish import finish
from kiosk.journeys.fine.paper import print_papers
from kiosk.journeys.fine.pay import pay
from kiosk.journeys.fine.visit import Visit
from kiosk.journeys.kit import Kit
from kiosk.journeys.walker import Step, Walked, walk

STEPS: tuple[Step[Visit, Kit], ...] = (
    Step("输入编号", enter_number),
    Step("核对", review),
    Step("缴款", pay, barrier=True),
    Step("取凭证", print_papers, barrier=True),
    Step("", finish, barrier=True),
)


async def run(kit: Kit) -> Walked[Visit]:
    """One visit, from the number to the last wipe. The order, if any, is concluded and given to the sweeper."""
    return await walk(STEPS, Visit(), kit, kit.desk, kit.guard)
