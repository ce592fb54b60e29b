"""C03 of the endorsement service."""

from __future__ import annotations

from kiosk.domain.endorsement_terms import entries_words
from kiosk.journeys.consent import ask_consent
from kiosk.journeys.endorsement.permit import permits_of
from kiosk.journeys.endorsement.visit import Visit
from kiosk.journeys.kit import Kit


async def start(visit: Visit, kit: Kit) -> Visit:
    tables, today = permits_of(kit).tables, kit.clock.now().date()
    fees = [
        f"{ahead}{entries_words(entries)} {tables.fee(entries, months, today) // 100} 元"
        for ahead, entries, months in (("", 1, 3), ("", 2, 3), ("一年", None, 12))
    ]
    return await ask_consent(
        visit,
        kit,
        title="港澳通行证签注",
        bring="本人居民身份证、往来港澳通行证（卡式）",
        duration="约 5 分钟",
        cost=f"{'，'.join(fees)}；香港、澳门分别收费",
        terms="endorsement_terms",
    )
