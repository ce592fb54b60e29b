"""Samples of the photo pages and of the code brought along. The people are drawn, and nobody's."""

from __future__ import annotations

from functools import cache
from typing import Any

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen

from kiosk.domain.identity import Photo
from kiosk.ports.devices import Frame
from kiosk.ports.photo import PhotoHint
from kiosk.screens.base import Progress
from kiosk.screens.form import BringForm, ChoosePhotoWay, EnterPhotoReceipt, PhotoTaken, TakePhoto
from ui.errand import finish_all
from ui.pages.base import PageWidget
from ui.samples import Sample

_STEPS = ("刷身份证", "补充信息", "照片", "核对", "打印")

_WALL = QColor(217, 221, 224)
_SKIN = QColor(226, 184, 154)
_SHADE = QColor(196, 148, 120)
_HAIR = QColor(44, 38, 36)
_COAT = QColor(52, 62, 84)


def _step(current: int) -> Progress:
    return Progress(_STEPS, current)


def _person(p: QPainter, x: float, y: float, head: float, lean: float = 0.0, glasses: bool = False) -> None:
    """A drawn bust: `x`, `y` the middle between the eyes, `head` crown to chin, `lean` degrees."""
    p.save()
    p.translate(x, y)
    p.scale(head / 100, head / 100)
    p.setPen(Qt.PenStyle.NoPen)
    coat = QPainterPath(QPointF(-95, 180))
    coat.cubicTo(QPointF(-92, 92), QPointF(-60, 84), QPointF(-20, 70))
    coat.lineTo(QPointF(20, 70))
    coat.cubicTo(QPointF(60, 84), QPointF(92, 92), QPointF(95, 180))
    p.setBrush(_COAT)
    p.drawPath(coat)
    p.setBrush(QColor(240, 240, 238))
    p.drawPolygon([QPointF(-21, 68), QPointF(0, 108), QPointF(21, 68)])
    p.setBrush(_SHADE)
    p.drawRoundedRect(QRectF(-18, 30, 36, 52), 16, 16)
    p.rotate(lean)
    p.setBrush(_HAIR)
    p.drawEllipse(QRectF(-38, -52, 76, 84))
    p.setBrush(_SKIN)
    for side in (-1, 1):
        p.drawEllipse(QPointF(side * 35, 4), 5, 10)
    p.drawEllipse(QRectF(-34, -42, 68, 91))
    fringe = QPainterPath(QPointF(-36, -10))
    fringe.cubicTo(QPointF(-34, -34), QPointF(-12, -30), QPointF(4, -30))
    fringe.cubicTo(QPointF(20, -30), QPointF(34, -30), QPointF(36, -8))
    fringe.cubicTo(QPointF(44, -50), QPointF(20, -56), QPointF(0, -55))
    fringe.cubicTo(QPointF(-20, -56), QPointF(-44, -50), QPointF(-36, -10))
    p.setBrush(_HAIR)
    p.drawPath(fringe)
    for side in (-1, 1):
        p.drawRoundedRect(QRectF(side * 15 - 9, -12, 18, 3), 1.5, 1.5)
        p.setBrush(QColor(250, 250, 250))
        p.drawEllipse(QPointF(side * 15, 0), 7.5, 4.2)
        p.setBrush(_HAIR)
        p.drawEllipse(QPointF(side * 15, 0), 3.6, 3.8)
    p.setBrush(_SHADE)
    p.drawEllipse(QRectF(-6, 14, 12, 7))
    p.setBrush(QColor(188, 104, 96))
    p.drawRoundedRect(QRectF(-11, 29, 22, 5), 2.5, 2.5)
    if glasses:
        p.setPen(QPen(QColor(70, 70, 76), 2))
        p.setBrush(QColor(255, 255, 255, 150))
        for side in (-1, 1):
            p.drawRoundedRect(QRectF(side * 15.5 - 12, -8, 24, 17), 6, 6)
        p.drawLine(QPointF(-3.5, -2), QPointF(3.5, -2))
    p.restore()


def _canvas(width: int, height: int, ground: QColor) -> QImage:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(ground)
    return image


@cache
def camera_frame(
    x: float = 640, y: float = 317, head: float = 432, lean: float = 0.0, people: int = 1, glasses: bool = False
) -> Frame:
    """1280×720 as the camera gives it, not mirrored; the same person again for the same numbers."""
    image = _canvas(1280, 720, _WALL)
    p = QPainter(image)
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    p.setPen(Qt.PenStyle.NoPen)
    p.setBrush(QColor(198, 204, 209))
    p.drawRect(0, 640, 1280, 80)
    p.setBrush(QColor(120, 98, 80))
    p.drawRect(60, 120, 120, 520)  # a door at the frame's left: whoever looks at the mirror sees it at the right
    if people > 1:
        _person(p, x + 330, y + 30, head * 0.8)
    if people:
        _person(p, x, y, head, lean, glasses)
    p.end()
    bgr = image.convertToFormat(QImage.Format.Format_BGR888)
    return Frame(1280, 720, bytes(bgr.constBits()), 0.0, 1)


def outline_of(x: float = 640, y: float = 317, head: float = 432) -> tuple[float, float, float, float]:
    """About where a photo after the national profile is cut around this head."""
    height = head / 0.76
    width = height * 0.75
    return x - width / 2, y - height * 0.46, width, height


@cache
def finished_photo(width: int = 354, height: int = 472) -> Photo:
    """A drawn portrait on white in the proportions of the profile, as a JPEG."""
    image = _canvas(width, height, QColor(250, 250, 250))
    p = QPainter(image)
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    _person(p, width / 2, height * 0.46, height * 0.76)
    p.end()
    out = QByteArray()
    buffer = QBuffer(out)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "JPEG", 92)  # type: ignore[call-overload]
    return Photo(bytes(out.data()), "image/jpeg")


def _decoded(page: PageWidget[Any]) -> None:
    """The photo is there, as it is a moment after the page was opened."""
    finish_all()


_WIDE_HAIR = "头发比照片允许的宽，可以把头发扎到后面再拍。"
_LIGHT_SKIN = "脸的颜色偏暗，可能要由窗口确定能不能用。"
_LONG = "照片的背景已经调亮，和原来的颜色有一点不一样，窗口可能要求重拍。"
_STILL = camera_frame()
_CUT = outline_of()
_BOX = (490, 150, 300, 400)

SAMPLES: dict[str, Sample] = {
    "photo_way": Sample(ChoosePhotoWay(), _step(2)),
    "photo_way_no_camera": Sample(
        ChoosePhotoWay(False, "您没有同意使用摄像头，本机不能拍照。可以用回执，也可以到窗口交。"), _step(2)
    ),
    "photo_take_opening": Sample(TakePhoto(), _step(2), back=False),
    "photo_take_nobody": Sample(TakePhoto(PhotoHint.NO_FACE, frame=camera_frame(people=0)), _step(2), back=False),
    "photo_take_two": Sample(
        TakePhoto(PhotoHint.SEVERAL_FACES, 0.0, camera_frame(people=2), _BOX, _CUT), _step(2), back=False
    ),
    "photo_take_far": Sample(
        TakePhoto(PhotoHint.TOO_FAR, 0.0, camera_frame(head=220), (560, 220, 160, 210), outline_of(head=220)),
        _step(2),
        back=False,
    ),
    "photo_take_aside": Sample(
        TakePhoto(PhotoHint.OFF_CENTRE, 0.0, camera_frame(x=400), (250, 150, 300, 400), outline_of(x=400)),
        _step(2),
        back=False,
    ),
    "photo_take_low": Sample(
        TakePhoto(PhotoHint.OFF_CENTRE, 0.0, camera_frame(y=480), (490, 320, 300, 390), outline_of(y=480)),
        _step(2),
        back=False,
    ),
    "photo_take_leaning": Sample(
        TakePhoto(PhotoHint.LEANING, 0.0, camera_frame(lean=14), _BOX, _CUT), _step(2), back=False
    ),
    "photo_take_glare": Sample(
        TakePhoto(PhotoHint.GLARE, 0.0, camera_frame(glasses=True), _BOX, _CUT), _step(2), back=False
    ),
    "photo_take_background": Sample(TakePhoto(PhotoHint.BACKGROUND, 0.0, _STILL, _BOX, _CUT), _step(2), back=False),
    "photo_take_uneven": Sample(TakePhoto(PhotoHint.UNEVEN_LIGHT, 0.0, _STILL, _BOX, _CUT), _step(2), back=False),
    "photo_take_hold": Sample(TakePhoto(PhotoHint.HOLD_STILL, 0.6, _STILL, _BOX, _CUT), _step(2), back=False),
    "photo_take_done": Sample(TakePhoto(PhotoHint.OK, 1.0, _STILL, _BOX, _CUT), _step(2), back=False),
    "photo_taken": Sample(PhotoTaken(finished_photo()), _step(2), back=False, act=_decoded),
    "photo_taken_wait": Sample(PhotoTaken(finished_photo()), _step(2), back=False),
    "photo_taken_deviations": Sample(
        PhotoTaken(finished_photo(480, 640), (_WIDE_HAIR, _LIGHT_SKIN, _LONG)), _step(2), back=False, act=_decoded
    ),
    "photo_taken_wide": Sample(PhotoTaken(finished_photo(), (_WIDE_HAIR,)), _step(2), back=False, act=_decoded),
    "photo_taken_broken": Sample(PhotoTaken(Photo(b"no picture", "image/jpeg")), _step(2), back=False, act=_decoded),
    "photo_receipt": Sample(EnterPhotoReceipt(), _step(2)),
    "photo_receipt_typed": Sample(EnterPhotoReceipt("JX330226000018"), _step(2)),
    "photo_receipt_full": Sample(EnterPhotoReceipt("JXWM3302260000184457WMQQ00993311"), _step(2)),
    "photo_receipt_none": Sample(EnterPhotoReceipt(), _step(2), act=lambda page: page.on_next()),
    "photo_receipt_short": Sample(EnterPhotoReceipt("JX3302"), _step(2), act=lambda page: page.on_next()),
    "photo_receipt_trouble": Sample(
        EnterPhotoReceipt(
            "JX33022600001844", "没有查到这张回执的照片，请照着回执检查号码，也可以点“上一步”选别的方式。"
        ),
        _step(2),
    ),
    "form_bring": Sample(BringForm(), _step(1)),
    "form_bring_right": Sample(BringForm(position="扫码口在屏幕右侧", arrow="right"), _step(1)),
    "form_bring_camera": Sample(BringForm(position="摄像头在屏幕上方", arrow="up"), _step(1)),
    "form_bring_trouble": Sample(BringForm("这个二维码是 30 天以前生成的，已经过期，请在手机上重新生成。"), _step(1)),
}
