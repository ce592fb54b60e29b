"""The photo of the form: taken here, fetched by the window under the number of a receipt, or brought to the window later."""

from __future__ import annotations

import asyncio
from typing import Any

import structlog

from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.domain.identity import Photo
from kiosk.journeys.form.visit import Visit
from kiosk.journeys.kit import RETRY, Answered, Kit, applications_of, race, tell
from kiosk.ports.photo import IdPhoto, PhotoStudio, photo_receipt_number
from kiosk.screens.base import Back, Button, Page, ask
from kiosk.screens.form import ChoosePhotoWay, EnterPhotoReceipt, PhotoTaken, TakePhoto

log = structlog.get_logger(__name__)
TRY_S = 60.0
"""Seconds before the camera asks whether to go on; a photo has many more rules than a face check."""
NO_CONSENT = "您没有同意采集人脸图像，本机不拍照。"
NO_CAMERA = "本机摄像头暂时不能用。"
WRONG_RECEIPT = "编号不对，请对照回执填写，是 8 到 32 位字母和数字。"
OTHER = Button("other_way", "换一种方式")
DEVIATIONS = {
    "head_width": "头部（含头发）的宽窄与规定略有出入，可以把头发拢到耳后重拍。",
    "head_length": "头部的大小与规定略有出入，可以重拍一张。",
    "eye_distance": "两眼的间距与规定略有出入，可以重拍一张。",
    "top_gap": "头顶到上边的距离与规定略有出入。",
    "eye_line": "眼睛的高低与规定略有出入。",
    "chin_gap": "下巴到下边的距离与规定略有出入。",
    "skin_l": "照片的明暗与规定略有出入，多半是灯光的关系。",
    "skin_a": "照片的颜色与规定略有出入，多半是灯光的关系。",
    "skin_b": "照片的颜色与规定略有出入，多半是灯光的关系。",
}
"""By rule of the profile (`IdPhoto.deviations`)."""
OTHERWISE = "照片与规定略有出入。"


async def photo(visit: Visit, kit: Kit) -> Visit:
    """Until one way is gone to its end. Raises Back from the page where the way is chosen."""
    while True:
        camera, why_not = _camera(visit, kit)
        receipt = bool(applications_of(kit).form.key_of("hall.photo_receipt"))
        way = await ask(kit.desk, ChoosePhotoWay(camera, why_not, receipt))
        try:
            if await _go(visit, kit, way):
                visit.kept.way = way
                return visit
        except Back:
            continue


def _camera(visit: Visit, kit: Kit) -> tuple[bool, str]:
    if applications_of(kit).studio is None:
        return False, NO_CAMERA
    return (True, "") if visit.kept.photo_agreed else (False, NO_CONSENT)


async def _go(visit: Visit, kit: Kit, way: str) -> bool:
    """False: another way is wanted. Raises Back."""
    kept, key = visit.kept, applications_of(kit).form.key_of("hall.photo_receipt")
    if way == "receipt":
        number = await _receipt(visit.record.text(key), kit)
        kept.record = visit.record.put(key, number, "system")
        return True
    if way == "camera":
        taken = await _camera_photo(kit)
        if taken is None:
            return False
        kept.photo = taken
    kept.record = visit.record.put(key, "", "system")
    return True


async def _receipt(value: str, kit: Kit) -> str:
    trouble = ""
    while True:
        value = await ask(kit.desk, EnterPhotoReceipt(value, trouble))
        number = photo_receipt_number(value)
        if number is not None:
            return number
        trouble = WRONG_RECEIPT


async def _camera_photo(kit: Kit) -> IdPhoto | None:
    """The photo the citizen accepted; None where they want another way."""
    made = applications_of(kit)
    studio = made.studio
    assert studio is not None  # not offered without one
    while True:
        page = kit.desk.open(TakePhoto())
        try:
            async with asyncio.timeout(TRY_S * kit.desk.patience):
                # Nobody touches the screen while they look into the camera; the time above ends the wait.
                taken = await race(page, _held(kit, page, studio, made.photo_profile))
        except Answered:
            return None
        except TimeoutError:
            body = "可能是光线、背景或站的位置不合适。可以再试一次，也可以换一种方式。"
            if await tell(kit, "还没有拍好", body, RETRY, OTHER, tone="warn", code="F-PHOTO") != RETRY.id:
                return None
            continue
        except DeviceError as error:
            log.warning("photo_trouble", kind=str(error.kind), native=error.native, hint=error.hint)
            body = "您填的内容都还在。可以再试一次，也可以换一种方式。"
            if await tell(kit, "摄像头暂时不能用", body, RETRY, OTHER, code=f"D-{error.kind}") != RETRY.id:
                return None
            continue
        log.info("photo_taken", parts=len(taken.deviations))
        sentences = tuple(dict.fromkeys(DEVIATIONS.get(name, OTHERWISE) for name in taken.deviations))
        if await ask(kit.desk, PhotoTaken(Photo(taken.jpeg, "image/jpeg"), sentences)) == "ok":
            return taken


async def _held(kit: Kit, page: Page[Any], studio: PhotoStudio, profile: str) -> IdPhoto:
    async with kit.guard.hold():
        return await _capture(page, studio, profile)


async def _capture(page: Page[Any], studio: PhotoStudio, profile: str) -> IdPhoto:
    steps = studio.capture(profile)
    try:
        async for step in steps:
            page.update(TakePhoto(step.hint, step.progress, step.frame, step.box, step.outline))
            if step.photo is not None:
                return step.photo
    finally:
        close = getattr(steps, "aclose", None)
        if close is not None:
            await close()
    raise DeviceError(ErrorKind.HARDWARE, "camera", "the studio stopped without a photo")
