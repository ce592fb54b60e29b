"""The person: is the card good, and is there a driving licence that may take points?"""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain import eligibility
from kiosk.journeys.kit import Kit, reach, refuse
from kiosk.journeys.violation.visit import Visit


async def check_card(visit: Visit, kit: Kit) -> Visit:
    """E01–E03, from the card alone, before anybody is asked to look into a camera."""
    for refusal in eligibility.card_refusals(visit.holder, kit.clock.now().date(), kit.tables.rules):
        raise await refuse(kit, refusal)
    return visit


async def check_licence(visit: Visit, kit: Kit) -> Visit:
    """E05, E10–E13, E15, E19, from the platform's licence file; E18 warns."""
    card = visit.holder
    driver = await reach(kit, "正在查询驾驶证", lambda: kit.police.identify(card.number, card.name))
    today = kit.clock.now().date()
    refusals = eligibility.licence_refusals(driver, today, kit.tables.rules)
    # Twelve points usually come with a blocking letter as well; the rule about points says what to do.
    for refusal in sorted(refusals, key=lambda refusal: refusal.code != "E12"):
        raise await refuse(kit, refusal)
    return replace(visit, driver=driver)
