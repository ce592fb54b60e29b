"""三合一申请表: one tap of the identity card fills the form, a few questions and a photo complete it, and it is printed ready to sign."""

from __future__ import annotations

from config.form_tables import Form
from kiosk.journeys.form.answer import fill
from kiosk.journeys.form.finish import finish
from kiosk.journeys.form.photo import photo
from kiosk.journeys.form.printing import print_form
from kiosk.journeys.form.review import preview, review
from kiosk.journeys.form.start import begin, start
from kiosk.journeys.form.submit import submit, withdraw
from kiosk.journeys.form.visit import Kept, Visit
from kiosk.journeys.identify import read_card
from kiosk.journeys.kit import Kit, applications_of
from kiosk.journeys.walker import Step, Walked, walk

STEPS: tuple[Step[Visit, Kit], ...] = (
    Step("", start),
    Step("刷身份证", read_card),
    Step("刷身份证", begin, silent=True),
    Step("补充信息", fill),
    Step("照片", photo),
    Step("核对", review),
    Step("打印", submit, silent=True),
    Step("打印", preview),
    Step("打印", print_form, barrier=True),
    Step("", finish, barrier=True),
)


def steps_of(form: Form) -> tuple[Step[Visit, Kit], ...]:
    """Those of one form: without a photo on it nobody is asked for one."""
    return STEPS if form.takes_photo else tuple(step for step in STEPS if step.run is not photo)


async def run(kit: Kit) -> Walked[Visit]:
    """One visit. A draft whose form was not printed is taken back, however the visit ends."""
    kept = Kept()
    try:
        return await walk(steps_of(applications_of(kit).form), Visit(kept=kept), kit, kit.desk, kit.guard)
    finally:
        await withdraw(kept, kit)
