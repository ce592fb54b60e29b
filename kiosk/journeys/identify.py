"""The steps every service begins with: the identity card, and whether the person is its holder."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

import structlog

from kiosk.domain import identity, staff
from kiosk.domain.errors import DeviceError, ErrorKind, GatewayUnavailable, Refusal, Refused
from kiosk.domain.identity import IdCard, Photo
from kiosk.journeys.kit import EXIT, RETRY, Answered, Kit, race, refuse, tell
from kiosk.journeys.walker import Ended
from kiosk.ports.devices import FaceMatch, FaceMatcher, MatchVerdict
from kiosk.screens.base import Button, Page, ask
from kiosk.screens.common import FaceCheck, PlaceIdCard, StaffCheck

log = structlog.get_logger(__name__)
AGAIN = frozenset(
    {ErrorKind.MEDIA_REMOVED, ErrorKind.MEDIA_BAD, ErrorKind.UNSUPPORTED, ErrorKind.PROTOCOL, ErrorKind.TIMEOUT}
)
"""Troubles after which the citizen may put the card down once more."""
FACE_TRY_S = 25.0
"""One try at the camera (UX brief, time limits)."""
CARD_TRIES = 3
FORGED = ("SW3=31", "SW3=32", "SW3=33")
"""The card and the reader's security module did not believe each other, or the signed information was altered."""
WRONG_CARD = "这张卡不能在这里使用，请放本人的居民身份证。"
NOTHING_DONE = "您没有付款，也没有提交信息。"
MOVED = "没有读到，请取下卡套，平放，听到“嘀”声再拿开。"
NOT_THE_HOLDER = "E04"
"""The violation service's rule about the face."""
STAFF = Button("staff", "改用人工核验")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who stands at the machine, as far as it is known."""

    face_consent: bool = False
    card: IdCard | None = None
    face: FaceMatch | None = None
    needs_staff: bool = False

    @property
    def holder(self) -> IdCard:
        """The card, in steps after it was read."""
        if self.card is None:
            raise RuntimeError("the card has not been read yet")
        return self.card


V = TypeVar("V", bound=Visitor)
Reference = Callable[[], Awaitable[Photo | None]]
"""Fetches the picture the face is compared with. Raises GatewayUnavailable, Refused."""


class FaceService(Protocol):
    """A platform that compares faces by itself."""

    async def match_face(self, id_number: str, live: Photo) -> FaceMatch: ...


async def read_card(visitor: V, kit: Kit, safe: str = NOTHING_DONE) -> V:
    """C04: wait for the card, read it once. Unreadable cards are asked for again; forged ones are refused (E01).

    `safe` says where the citizen stands when the reader gives out."""
    devices = kit.settings.devices
    screen = PlaceIdCard("waiting", devices.reader_position, devices.reader_arrow)
    page = kit.desk.open(screen)
    failures = 0
    while True:
        try:
            card = await race(page, _card(kit, page, screen))
            page.update(replace(screen, state="done", trouble=""))
            await page.answer()
            return replace(visitor, card=card)
        except Answered:
            continue
        except DeviceError as error:
            if error.kind is ErrorKind.NO_MEDIA:
                continue  # nobody came yet; the idle guard ends the wait
            log.warning("id_card_trouble", kind=str(error.kind), native=error.native, hint=error.hint)
            if error.native.startswith(FORGED):
                message = "身份证没有通过验证。请到人工窗口，由工作人员核对。"
                raise await refuse(kit, Refusal("E01", message, reason=error.hint), "身份证没有通过验证") from None
            failures += 1
            silent = error.kind in (ErrorKind.PROTOCOL, ErrorKind.TIMEOUT) and failures >= CARD_TRIES
            if error.kind not in AGAIN or silent:
                body = f"{safe}请到旁边的机器或人工窗口办理。"
                await tell(kit, "身份证读卡器暂时不能用", body, code=f"D-{error.kind}")
                raise Ended("device:id_card") from None
            trouble = WRONG_CARD if error.native.startswith("SW3=40") or error.kind is ErrorKind.UNSUPPORTED else MOVED
            if failures % CARD_TRIES == 0:
                body = "请取下卡套，平放在蓝色灯圈内，听到“嘀”声再拿开。也可以请工作人员帮忙。"
                if await tell(kit, "没有读到身份证", body, RETRY, EXIT, code="E-IDR-01") != RETRY.id:
                    raise Ended("card_unreadable") from None
                page = kit.desk.open(replace(screen, trouble=trouble))
            else:
                page.update(replace(screen, trouble=trouble))


async def _card(kit: Kit, page: Page[None], screen: PlaceIdCard) -> IdCard:
    """A card that was left lying there by somebody else is not read: it must be lifted first."""
    if await kit.id_card.present():
        page.update(replace(screen, state="lift_first"))
        if not await kit.id_card.wait_removed(kit.settings.session.card_s):
            raise DeviceError(ErrorKind.NO_MEDIA, "id_card", "the card before was not taken away")
        page.update(screen)
    return await kit.id_card.wait_card(kit.settings.session.card_s)


async def check_face(visitor: V, kit: Kit) -> V:
    """C05 against the identity card's photo, else the police platform's."""

    async def reference() -> Photo | None:
        return visitor.holder.photo or await kit.police.police_photo(visitor.holder.number)

    return await check_face_against(visitor, kit, kit.matcher, reference)


async def check_face_against(
    visitor: V, kit: Kit, matcher: FaceMatcher | None, reference: Reference, code: str = NOT_THE_HOLDER
) -> V:
    """C05: capture, then compare 1:1. Staff are offered all the time; without a matcher they are the only way. `code` is the rule
    that says no in this service."""
    if matcher is None:
        return replace(visitor, needs_staff=True)
    tries = kit.settings.face.tries
    while tries:
        page = kit.desk.open(FaceCheck(tries_left=tries))
        try:
            match = await race(page, _capture_and_match(visitor.holder, kit, page, tries, matcher, reference))
        except Answered:
            return replace(visitor, needs_staff=True)
        except DeviceError as error:
            log.warning("camera_trouble", kind=str(error.kind), native=error.native, hint=error.hint)
            body = "您没有付款，信息没有提交。可以请工作人员核对您和身份证，再接着办理。"
            await _staff_or_leave(kit, "摄像头暂时不能用", body, f"D-CAM-{error.kind}")
            return replace(visitor, needs_staff=True)
        except (GatewayUnavailable, Refused, TimeoutError) as error:
            log.warning("face_check_failed", error=type(error).__name__)
            match = None
        if match is not None and match.verdict is MatchVerdict.SAME:
            page.update(FaceCheck(phase="ok", progress=1.0, tries_left=tries))
            return replace(visitor, face=match)
        if match is not None and match.verdict is MatchVerdict.UNDECIDED:
            return replace(visitor, needs_staff=True)
        tries -= 1
        left = f"您还可以再试 {tries} 次，也可以请工作人员核验。" if tries else "请工作人员核验。"
        title = "没有通过人脸核验" if match is not None else "没有拍清楚"
        buttons = (RETRY, STAFF) if tries else (STAFF, EXIT)
        choice = await tell(kit, title, f"可能是光线或口罩的原因。{left}", *buttons, tone="warn", code=code)
        if choice == EXIT.id:
            raise Ended(f"refused:{code}")
        if choice == STAFF.id:
            break
    return replace(visitor, needs_staff=True)


async def _capture_and_match(
    card: IdCard, kit: Kit, page: Page[Any], tries: int, matcher: FaceMatcher, reference: Reference
) -> FaceMatch:
    """Raises TimeoutError after FACE_TRY_S without a good picture."""
    async with asyncio.timeout(FACE_TRY_S * kit.desk.patience):
        live = await _capture(kit, page, tries)
    async with kit.guard.hold():
        return await matcher.match(live, await reference(), card.number)


async def _capture(kit: Kit, page: Page[Any], tries: int) -> Photo:
    steps = kit.faces.capture()
    try:
        async for step in steps:
            phase = "holding" if step.report.accepted else "seeking"
            if step.report.hint == "blink":
                phase = "liveness"
            if step.photo is not None:
                phase = "matching"
            page.update(
                FaceCheck(step.report.hint, step.report.progress, phase, step.frame, tries)  # type: ignore[arg-type]
            )
            if step.photo is not None:
                return step.photo
    finally:
        close: Callable[[], Awaitable[None]] | None = getattr(steps, "aclose", None)
        if close is not None:
            await close()
    raise DeviceError(ErrorKind.HARDWARE, "camera", "the camera stopped before a picture was taken")


async def _staff_or_leave(kit: Kit, title: str, body: str, code: str) -> None:
    if await tell(kit, title, body, STAFF, EXIT, tone="warn", code=code) == EXIT.id:
        raise Ended("device:camera")


async def check_by_staff(visitor: V, kit: Kit, code: str = NOT_THE_HOLDER) -> V:
    """Staff compare the citizen with the card and type their PIN; three wrong PINs end the session (`code`)."""
    stored = kit.settings.staff.pin_hash
    if not stored:
        refusal = Refusal(code, f"本机没有通过人脸核验。请带好身份证到{kit.settings.kiosk.window}办理。")
        raise await refuse(kit, refusal, "需要人工核验")
    card = visitor.holder
    trouble = ""
    for left in (2, 1, 0):
        screen = StaffCheck(identity.mask_name(card.name), identity.mask_number(card.number), trouble)
        pin = await ask(kit.desk, screen)
        async with kit.guard.hold():
            fits = await asyncio.to_thread(staff.pin_matches, pin, stored)
        if fits:
            log.info("face_checked_by_staff")
            return replace(visitor, face=FaceMatch(MatchVerdict.SAME, None, "staff"))
        log.warning("staff_pin_wrong", left=left)
        trouble = f"口令不对，还可以试 {left} 次。"
    raise await refuse(kit, Refusal(code, "没有完成人工核验。请到人工窗口办理。"), "没有完成核验")


class PlatformMatcher:
    """`FaceMatcher` by the platform's own 1:1 service; the chip photo is not needed."""

    def __init__(self, platform: FaceService) -> None:
        self._platform = platform

    async def match(self, live: Photo, reference: Photo | None, id_number: str) -> FaceMatch:
        return await self._platform.match_face(id_number, live)
