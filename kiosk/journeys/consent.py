"""C03, the first page of every service: what to bring, the self-service terms, and the separate consent to face capture."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

from kiosk.journeys.identify import Visitor
from kiosk.journeys.kit import Kit
from kiosk.screens.base import ask
from kiosk.screens.common import ServiceStart

V = TypeVar("V", bound=Visitor)


@dataclass(frozen=True, slots=True)
class Face:
    """`text`: id of the paragraphs in `config/legal.toml`. `sentence`: beside the tick. `without`: what happens where it is not set."""

    text: str
    sentence: str
    without: str


TO_IDENTIFY = Face(
    "face_consent",
    "我同意本次采集人脸图像，只用于核验身份，不保存。",
    "不勾选这一项也能办，由工作人员人工核验。",
)


async def ask_consent(
    visitor: V,
    kit: Kit,
    *,
    title: str,
    bring: str,
    duration: str,
    cost: str,
    terms: str,
    face: Face | None = TO_IDENTIFY,
) -> V:
    """`terms` is the id of the service's text in `config/legal.toml`. `face`: what a camera is wanted for, None for nothing. Without
    consent to it nothing is lost: staff compare the face, or the photo is brought along (个人信息保护法 第29条)."""
    legal, today = kit.tables.legal, kit.clock.now().date()
    paragraphs = legal.in_force(terms, today).paragraphs
    if face is not None:
        paragraphs += legal.in_force(face.text, today).paragraphs
    asks = face is not None and (face is not TO_IDENTIFY or kit.matcher is not None)
    screen = ServiceStart(title, bring, duration, cost, paragraphs, ask_face=asks)
    if face is not None:
        screen = replace(screen, face_consent_text=face.sentence, without_face=face.without)
    answer = await ask(kit.desk, screen)
    return replace(visitor, face_consent=answer.face_consent, needs_staff=not answer.face_consent)
