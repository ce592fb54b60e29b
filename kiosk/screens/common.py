"""Screens every service uses. The codes C01… are those of the UX brief, kept so that a reviewer finds the page."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from kiosk.ports.devices import FaceHint, Frame
from kiosk.screens.base import Button, Row, Screen
from kiosk.screens.home import Home as Home
from kiosk.screens.home import Notice as Notice
from kiosk.screens.home import ServiceCard as ServiceCard
from kiosk.screens.home import Tone as Tone


@dataclass(frozen=True, slots=True)
class StartAnswer:
    face_consent: bool
    """False: the citizen does not want the camera; staff check the face instead (个人信息保护法 第29条)."""


@dataclass(frozen=True, slots=True)
class ServiceStart(Screen[StartAnswer]):
    """C03. What to bring, how long, what it may cost; the terms and the separate consent to face capture, both unticked."""

    title: str
    bring: str
    duration: str
    cost: str
    terms: tuple[str, ...]
    """Paragraphs of the self-service notice; the page shows them behind "查看全文" where they do not fit."""
    face_consent_text: str = "我同意本次采集人脸图像，只用于核验身份，不保存。"
    terms_text: str = "我已阅读自助办理须知，与窗口办理效力相同。"
    ask_face: bool = True
    without_face: str = "不勾选这一项也能办，由工作人员人工核验。"
    """What happens without consent to the camera."""


IdCardState = Literal["lift_first", "waiting", "reading", "done"]


@dataclass(frozen=True, slots=True)
class PlaceIdCard(Screen[None]):
    """C04. There is no answer: the card is the answer. `trouble` is the sentence after a failed read."""

    state: IdCardState = "waiting"
    position: str = "位置在屏幕下方右侧，看到蓝色灯圈的地方"
    arrow: Literal["left", "right", "down"] = "right"
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class FaceCheck(Screen[Literal["staff"]]):
    """C05. Updated with every frame; the only answer is "staff" (人工核验)."""

    hint: FaceHint = FaceHint.NO_FACE
    progress: float = 0.0
    phase: Literal["seeking", "holding", "liveness", "matching", "ok"] = "seeking"
    frame: Frame | None = field(default=None, repr=False)
    tries_left: int = 3


@dataclass(frozen=True, slots=True)
class StaffCheck(Screen[str]):
    """Staff look at the citizen and the card, then type their PIN. The answer is the PIN as typed. `about`: what they answer for."""

    name: str
    number: str
    trouble: str = ""
    about: Literal["face", "refusal"] = "face"


@dataclass(frozen=True, slots=True)
class Phase:
    title: str
    state: Literal["todo", "doing", "done", "failed", "unknown"]


@dataclass(frozen=True, slots=True)
class Working(Screen[None]):
    """C12. Real phases, no fake progress. `note` says why exit is hidden."""

    title: str
    phases: tuple[Phase, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class FinishAnswer:
    next: Literal["again", "exit"]
    rating: int | None = None
    """好差评: 5 非常满意 … 1 非常不满意; None where the citizen skipped it."""
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finish(Screen[FinishAnswer]):
    """C13. `take` lists what still lies on or in the machine; updated when the card is taken."""

    title: str
    detail: str
    take: tuple[str, ...]
    tone: Tone = "ok"
    notes: tuple[str, ...] = ()
    seconds: int = 30
    """After this many seconds without a touch the page answers exit by itself."""
    reasons: tuple[str, ...] = ("等待太久", "步骤太多", "看不懂", "机器出错")


@dataclass(frozen=True, slots=True)
class Message(Screen[str]):
    """C22. What happened, what is safe, what to do; at most two buttons, the answer is the id of one. `code` is small print for staff."""

    title: str
    body: str
    buttons: tuple[Button, ...]
    tone: Tone = "bad"
    code: str = ""
    rows: tuple[Row, ...] = ()
    qr: str = ""
    """Shown as a QR symbol below the text when not empty."""


@dataclass(frozen=True, slots=True)
class OutOfService(Screen[None]):
    """C23. The whole machine is out of service; leaves when the trouble does."""

    reason: str
    expected: str = ""
    elsewhere: str = ""
