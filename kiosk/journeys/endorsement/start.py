"""C03: what to bring, the self-service terms, and the separate consent to face capture."""

from __future__ import annotations

from dataclasses import replace

from kiosk.journeys.endorsement.visit import Visit
from kiosk.journeys.kit import Kit
from kiosk.screens.base import ask
from kiosk.screens.common import ServiceStart


async def start(visit: Visit, kit: Kit) -> Visit:
    """Without consent to the camera, staff compare the face instead (个人信息保护法 第29条; no disadvantage follows)."""
    legal, today = kit.tables.legal, kit.clock.now().date()
    screen = ServiceStart(
        title="港澳通行证签注",
        bring="本人居民身份证、往来港澳通行证（卡式）",
        duration="约 5 分钟",
        cost="一次 15 元，两次 30 元，一年多次 80 元；香港、澳门分别收费",
        terms=legal.in_force("endorsement_terms", today).paragraphs + legal.in_force("face_consent", today).paragraphs,
        ask_face=kit.matcher is not None,
    )
    answer = await ask(kit.desk, screen)
    return replace(visit, face_consent=answer.face_consent, needs_staff=not answer.face_consent)
