"""C03 of the violation service."""

from __future__ import annotations

from kiosk.journeys.consent import ask_consent
from kiosk.journeys.kit import Kit
from kiosk.journeys.violation.visit import Visit


async def start(visit: Visit, kit: Kit) -> Visit:
    return await ask_consent(
        visit,
        kit,
        title="交通违法处理",
        bring="本人居民身份证",
        duration="约 3 分钟",
        cost="按违法记录缴纳罚款，本机不收手续费",
        terms="self_service_terms",
    )
