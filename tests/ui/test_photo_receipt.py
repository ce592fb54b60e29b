"""The number of a photo receipt: typed on large keys, judged when the citizen goes on."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kiosk.screens.form import EnterPhotoReceipt
from tests.ui import structure
from tests.ui.hall import Hall
from ui.theme import THEMES
from ui.widgets.receipt_field import grouped


def test_number_is_typed_and_answered_without_gaps(hall: Hall) -> None:
    hall.show(EnterPhotoReceipt())
    hall.type("receipt.key", "JX3302260018")
    assert hall.find("receipt.field").accessibleName() == "相片回执号码，JX33 0226 0018，已输入 12 位"
    hall.touch("action.next")
    assert hall.answers == ["JX3302260018"]


def test_nothing_is_judged_before_next(hall: Hall) -> None:
    hall.show(EnterPhotoReceipt())
    calm = "字母 O 和数字 0 容易看错，请看清楚。"
    hall.touch("action.next")
    assert "还没有输入号码，请照着回执输入。" in hall.said()
    hall.type("receipt.key", "JX33")
    assert calm in hall.said()
    hall.touch("action.next")
    assert "号码太短，至少 8 位，请照着回执检查。" in hall.said()
    hall.type("receipt.key", "Z")
    assert calm in hall.said()
    hall.touch("receipt.key.clear")
    hall.type("receipt.key", "ABCDEFGH")
    hall.touch("action.next")
    assert "号码里应该有数字，请照着回执检查。" in hall.said()
    assert hall.answers == []


def test_journeys_trouble_stays_until_a_key_is_pressed(hall: Hall) -> None:
    hall.show(EnterPhotoReceipt("JX330226"))
    hall.update(EnterPhotoReceipt("JX330226", "没有查到这张回执的照片。"))
    assert "没有查到这张回执的照片。" in hall.said()
    hall.touch("receipt.key.delete")
    assert "没有查到这张回执的照片。" not in hall.said()
    hall.type("receipt.key", "9")
    hall.touch("action.next")
    assert hall.answers == ["JX330229"]


@pytest.mark.parametrize("theme", THEMES)
def test_longest_number_fits_and_no_more_is_taken(open_hall: Callable[..., Hall], theme: str) -> None:
    hall = open_hall(theme)
    number = "WM3302260000184457QQWM0099331122"
    hall.show(EnterPhotoReceipt(number[:31]))
    hall.type("receipt.key", number[31] + "A")
    assert not structure.clipped_text(hall.stage.frame)
    assert not structure.squeezed(hall.stage.frame)
    assert not structure.small_targets(hall.stage.frame)
    hall.touch("action.next")
    assert hall.answers == [number]


def test_number_survives_another_theme_and_is_wiped_after(hall: Hall) -> None:
    hall.show(EnterPhotoReceipt())
    hall.type("receipt.key", "JX330226")
    kept = hall.page.keep()
    hall.page.clear()
    assert "JX33" not in hall.find("receipt.field").accessibleName()
    page = hall.show(EnterPhotoReceipt())
    page.restore(kept)
    hall.touch("action.next")
    assert hall.answers == ["JX330226"]


def test_value_from_before_may_have_gaps(hall: Hall) -> None:
    hall.show(EnterPhotoReceipt("jx33-0226 0018"))
    hall.touch("action.next")
    assert hall.answers == ["JX3302260018"]


def test_groups_of_four() -> None:
    assert grouped("") == ""
    assert grouped("JX33") == "JX33"
    assert grouped("JX33022600018") == "JX33 0226 0001 8"
