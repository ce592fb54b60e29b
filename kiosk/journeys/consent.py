"""C03, the first page of every service: what to bring, the self-service terms, and the separate consent to face capture."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from kiosk.journeys.identify import Visitor
from kiosk.journeys.kit import Kit
from kiosk.screens.base import ask
from kiosk.screens.common import ServiceStart

V = TypeVar("V", bound=Visitor)


async def ask_consent(visitor: V, kit: Kit, *, title: str, bring: str, duration: str, cost: str, terms: str) -> V:
    """`terms` is the id of the service's text in `config/legal.toml`. Without consent to the camera, staff compare the face instead
    (个人信息保护法 第29条; no disadvantage follows)."""
    legal, today = kit.tables.legal, kit.clock.now().date()
    paragraphs = legal.in_force(terms, today).paragraphs + legal.in_force("face_consent", today).paragraphs
    screen = ServiceStart(title, bring, duration, cost, paragraphs, ask_face=kit.matcher is not None)
    answer = await ask(kit.desk, screen)
    return replace(visitor, face_consent=answer.face_consent, needs_staff=not answer.face_consent)
