"""The photo's pages: which way, the mirror with its hint, the finished photo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractButton

from kiosk.domain.identity import Photo
from kiosk.ports.devices import Frame
from kiosk.ports.photo import PhotoHint
from kiosk.screens.form import ChoosePhotoWay, PhotoTaken, TakePhoto
from tests.ui import structure
from tests.ui.hall import Hall
from ui.errand import finish_all
from ui.pages.photo_take import HINTS, OPENING, WAYS, way_to_middle
from ui.samples.form_photo import camera_frame, finished_photo, outline_of
from ui.theme import THEMES
from ui.widgets.photo_guide import PhotoMirror
from ui.widgets.photo_print import PhotoPrint


def offered(hall: Hall) -> set[str]:
    """Enabled buttons of page and action bar."""
    hall.settle()
    found = hall.stage.frame.findChildren(QAbstractButton)
    return {
        b.objectName() for b in found if b.isVisible() and b.isEnabled() and not b.objectName().startswith("utility.")
    }


def color_at(hall: Hall, name: str, at: QPoint) -> QColor:
    return hall.find(name).grab().toImage().pixelColor(at)


# -- which way -----------------------------------------------------------------------------------------------------------


def test_each_card_is_its_way(hall: Hall) -> None:
    hall.show(ChoosePhotoWay())
    for way in ("camera", "receipt", "later"):
        hall.touch(f"photo.way.{way}")
    assert hall.answers == ["camera", "receipt", "later"]


def test_without_a_camera_the_card_stays_and_says_why(hall: Hall) -> None:
    page = hall.show(ChoosePhotoWay(False, "摄像头坏了，正在修。"))
    hall.touch("photo.way.camera")
    hall.touch("photo.way.later")
    assert hall.answers == ["later"]
    assert "摄像头坏了，正在修。" in hall.said()
    assert hall.find("photo.way.camera").accessibleName() == "现在拍照，摄像头坏了，正在修。"
    assert "现在拍照" not in page.voice()


def test_camera_that_goes_and_comes_back(hall: Hall) -> None:
    hall.show(ChoosePhotoWay())
    hall.update(ChoosePhotoWay(False))
    assert any("不能拍照" in text for text in hall.said())
    hall.touch("photo.way.camera")
    hall.update(ChoosePhotoWay())
    hall.touch("photo.way.camera")
    assert hall.answers == ["camera"]


# -- taking it -----------------------------------------------------------------------------------------------------------

STILL = TakePhoto(PhotoHint.HOLD_STILL, 0.6, camera_frame(), (490, 150, 300, 400), outline_of())


def test_words_for_every_hint() -> None:
    assert set(HINTS) == set(PhotoHint)
    assert len({words.say for words in HINTS.values()}) == len(HINTS), "two hints sound alike"


@pytest.mark.parametrize("theme", THEMES)
def test_every_hint_is_shown_at_once_and_fits(open_hall: Callable[..., Hall], theme: str) -> None:
    hall = open_hall(theme)
    hall.show(TakePhoto())
    assert OPENING.say in hall.said()
    for hint in PhotoHint:
        hall.update(replace(STILL, hint=hint))
        assert {HINTS[hint].say, HINTS[hint].more} <= hall.said()
        assert not structure.clipped_text(hall.stage.frame)
        assert hall.find("photo.hint").accessibleName() == f"{HINTS[hint].say}。{HINTS[hint].more}"


def test_the_only_button_is_another_way(hall: Hall) -> None:
    hall.show(STILL)
    assert offered(hall) == {"action.next"}
    hall.touch("action.next")
    assert hall.answers == ["other"]


def test_once_the_photo_is_taken_another_way_is_no_answer(hall: Hall) -> None:
    hall.show(STILL)
    hall.update(replace(STILL, hint=PhotoHint.OK, progress=1.0))
    hall.page.on_next()
    assert hall.answers == []
    assert offered(hall) == set()


@pytest.mark.parametrize(
    ("x", "y", "says"),
    [
        (300, 317, "请往左一点"),  # at the frame's left is at the mirror's right
        (980, 317, "请往右一点"),
        (640, 120, "请把身子放低一点"),
        (640, 560, "请把身子抬高一点"),
    ],
)
def test_out_of_the_middle_says_to_which_side(hall: Hall, x: float, y: float, says: str) -> None:
    hall.show(TakePhoto(PhotoHint.OFF_CENTRE, 0.0, camera_frame(), None, outline_of(x, y)))
    assert says in hall.said()
    assert says in hall.page.voice()
    assert not set(WAYS.values()) - {says} & hall.said()


def test_nothing_to_go_by_is_no_side() -> None:
    assert way_to_middle(TakePhoto(PhotoHint.OFF_CENTRE)) is None
    assert way_to_middle(TakePhoto(PhotoHint.OFF_CENTRE, 0.0, camera_frame())) is None
    assert way_to_middle(TakePhoto(PhotoHint.OFF_CENTRE, 0.0, camera_frame(), None, outline_of())) is None
    assert way_to_middle(TakePhoto(PhotoHint.OFF_CENTRE, 0.0, camera_frame(), (0, 200, 200, 300))) == "left"


def test_side_does_not_jump_from_frame_to_frame(hall: Hall) -> None:
    aside = TakePhoto(PhotoHint.OFF_CENTRE, 0.0, camera_frame(), None, outline_of(300))
    hall.show(aside)
    hall.update(replace(aside, outline=outline_of(980)))
    assert "请往左一点" in hall.said()
    hall.update(replace(aside, hint=PhotoHint.TURNED))
    hall.update(replace(aside, outline=outline_of(980)))
    assert "请往右一点" in hall.said()


def two_halves() -> Frame:
    """Red at the frame's left, blue at its right."""
    row = b"\x00\x00\xc8" * 640 + b"\xc8\x00\x00" * 640
    return Frame(1280, 720, row * 720, 0.0, 1)


def test_picture_is_mirrored_and_upright(hall: Hall) -> None:
    hall.show(replace(STILL, frame=two_halves(), outline=None))
    mirror = hall.find("photo.mirror")
    y = mirror.height() // 2
    assert color_at(hall, "photo.mirror", QPoint(mirror.width() // 4, y)).blue() == 200
    assert color_at(hall, "photo.mirror", QPoint(mirror.width() * 3 // 4, y)).red() == 200


def test_what_is_outside_of_the_cut_is_darker(hall: Hall) -> None:
    page = hall.show(replace(STILL, hint=PhotoHint.MOUTH, frame=two_halves(), outline=(340, 120, 300, 400)))
    mirror = page.findChild(PhotoMirror)
    assert mirror is not None
    cut = mirror.cut()
    assert cut is not None
    assert cut.left() == pytest.approx(mirror.width() / 2, abs=2)  # its right edge is the frame's middle
    assert cut.width() / cut.height() == pytest.approx(0.75, abs=0.01)
    y = round(cut.center().y())
    inside = color_at(hall, "photo.mirror", QPoint(round(cut.center().x()), y))
    outside = color_at(hall, "photo.mirror", QPoint(round(cut.left()) - 60, y))
    assert inside == QColor(200, 0, 0)
    assert 60 < outside.blue() < 130


def test_cut_that_reaches_beyond_the_frame_stays_in_the_mirror(hall: Hall) -> None:
    page = hall.show(replace(STILL, hint=PhotoHint.LEANING, outline=(-500, -300, 2400, 3200)))
    mirror = page.findChild(PhotoMirror)
    assert mirror is not None
    cut = mirror.cut()
    assert cut is not None
    assert mirror.rect().toRectF().contains(cut)


def test_frame_around_the_picture_fills_clockwise(hall: Hall) -> None:
    hall.show(STILL)
    theme = hall.page.theme
    mirror = hall.find("photo.mirror")
    right, left = QPoint(mirror.width() - 8, mirror.height() // 2), QPoint(8, mirror.height() // 2)
    for progress, right_role, left_role in ((0.0, "track", "track"), (0.6, "ok", "track"), (0.95, "ok", "ok")):
        hall.update(replace(STILL, progress=progress))
        assert color_at(hall, "photo.mirror", right) == theme.color(right_role)
        assert color_at(hall, "photo.mirror", left) == theme.color(left_role)
    hall.update(replace(STILL, hint=PhotoHint.EYES, progress=0.6))
    assert color_at(hall, "photo.mirror", right) == theme.color("track"), "progress of a row that was broken"


def test_no_picture_is_kept(hall: Hall) -> None:
    hall.show(replace(STILL, frame=two_halves(), outline=None))
    page, middle = hall.page, QPoint(300, 300)
    preview = page.theme.color("preview")
    hall.update(replace(STILL, frame=None, outline=None))
    assert color_at(hall, "photo.mirror", middle) == preview
    hall.update(replace(STILL, frame=two_halves(), outline=None))
    page.clear()
    assert color_at(hall, "photo.mirror", middle) == preview


def test_frame_of_another_size_is_refused(hall: Hall) -> None:
    hall.show(STILL)
    with pytest.raises(ValueError, match="size"):
        hall.page.update_screen(replace(STILL, frame=Frame(1280, 720, b"\x00" * 100, 0.0, 1)))


def test_smaller_camera_fills_the_mirror_too(hall: Hall) -> None:
    row = b"\x00\x00\xc8" * 320 + b"\xc8\x00\x00" * 320
    hall.show(replace(STILL, frame=Frame(640, 480, row * 480, 0.0, 1), outline=None))
    mirror = hall.find("photo.mirror")
    for x in (40, mirror.width() // 4):
        assert color_at(hall, "photo.mirror", QPoint(x, mirror.height() // 2)).blue() == 200


# -- taken ---------------------------------------------------------------------------------------------------------------

TAKEN = PhotoTaken(finished_photo())


def arrive(hall: Hall) -> None:
    finish_all()
    hall.settle()


def test_photo_is_used_or_taken_again(hall: Hall) -> None:
    hall.show(TAKEN)
    assert offered(hall) == {"action.back", "action.next"}
    hall.touch("action.next")
    assert hall.answers == ["ok"]
    hall.show(TAKEN)
    hall.touch("action.back")
    assert hall.answers == ["again"]
    assert hall.backs == 0


def test_both_buttons_are_one_size(hall: Hall) -> None:
    hall.show(TAKEN)
    assert hall.find("action.back").size() == hall.find("action.next").size()


def test_two_fingers_are_one_answer(hall: Hall) -> None:
    hall.show(TAKEN)
    hall.touch("action.back")
    hall.touch("action.next")
    assert hall.answers == ["again"]


def test_it_can_always_be_taken_again(hall: Hall) -> None:
    hall.show(TAKEN)
    assert "证件上就是这张照片。不满意可以重拍。" in hall.said()
    assert offered(hall) == {"action.back", "action.next"}
    hall.page.on_back()
    assert hall.answers == ["again"]


def test_deviations_are_told_and_spoken(hall: Hall) -> None:
    hall.show(TAKEN)
    assert "没有量出问题，合不合格由窗口确定。" in hall.said()
    sentences = ("头发比照片允许的宽。", "脸的颜色偏暗。")
    hall.update(replace(TAKEN, deviations=sentences))
    assert set(sentences) <= hall.said()
    assert "没有量出问题，合不合格由窗口确定。" not in hall.said()
    assert all(sentence.rstrip("。") in hall.page.voice() for sentence in sentences)
    assert "头发比照片允许的宽" in hall.find("photo.deviations").accessibleName()


@pytest.mark.parametrize("theme", ["standard", "elder"])
@pytest.mark.parametrize("size", [(354, 472), (480, 640)])
def test_photo_stands_on_its_paper_unstretched(
    open_hall: Callable[..., Hall], theme: str, size: tuple[int, int]
) -> None:
    hall = open_hall(theme)
    page = hall.show(PhotoTaken(finished_photo(*size)))
    arrive(hall)
    shown = page.findChild(PhotoPrint)
    assert shown is not None
    paper, area = shown.paper(), shown.printed()
    assert paper.width() / paper.height() == pytest.approx(33 / 48, abs=0.003)
    assert area.width() / area.height() == pytest.approx(30 / 40, abs=0.003)
    assert area.width() / paper.width() == pytest.approx(30 / 33, abs=0.003)
    assert shown.accessibleName() == "拍好的照片"
    picture = shown.grab().toImage()
    assert picture.pixelColor(paper.center().toPoint()).red() > 150  # the nose, and not the empty preview
    assert picture.pixelColor(round(paper.center().x()), round(paper.top()) + 10) == QColor(255, 255, 255)


def test_photo_that_is_none_says_so(hall: Hall) -> None:
    hall.show(PhotoTaken(Photo(b"nothing", "image/jpeg")))
    arrive(hall)
    assert "照片打不开，请重拍" in hall.said()


def test_finished_photo_is_dropped_with_the_page(hall: Hall) -> None:
    page = hall.show(TAKEN)
    arrive(hall)
    shown = page.findChild(PhotoPrint)
    assert shown is not None
    area = shown.printed().toRect()
    spot = QPoint(area.left() + area.width() // 4, area.center().y())  # a cheek; of the empty preview, its ground
    empty = page.theme.color("preview")
    assert shown.grab().toImage().pixelColor(spot) != empty
    page.clear()
    assert shown.grab().toImage().pixelColor(spot) == empty
