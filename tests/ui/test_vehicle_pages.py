"""Pages about somebody else's vehicle: kind of plate, the filing's two ways, the owner's code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtWidgets import QWidget

from kiosk.domain.plate import fitting_types, plate_colour, plate_type_name
from kiosk.screens.screen import Screen
from kiosk.screens.vehicle import ChoosePlateType, EnterOwnerCode, OfferFiling, OwnerScans, PlateTypeRow
from tests.ui.hall import Hall

SCANS = OwnerScans("浙B·8K23A", "https://filing.example/b/9F2C6A10D4E87B35", "waiting", 299)


def rows(plate: str) -> tuple[PlateTypeRow, ...]:
    return tuple(PlateTypeRow(each, plate_type_name(each), plate_colour(each)) for each in fitting_types(plate))


@pytest.mark.parametrize("theme", ["standard", "elder"])
def test_every_kind_of_plate_can_be_chosen(open_hall: Callable[..., Hall], theme: str) -> None:
    hall = open_hall(theme)
    offered = rows("浙B8K23A")
    hall.show(ChoosePlateType("浙B·8K23A", offered, "02"))
    for _ in range(4):
        for card in [w.objectName() for w in hall.page.findChildren(QWidget) if w.objectName().count(".") == 2]:
            if card.startswith("plate.type.") and card[-2:].isdigit():
                hall.touch(card)
        if not hall.find("plate.type.pager.next").isEnabled():
            break
        hall.touch("plate.type.pager.next")
    assert hall.answers == [row.plate_type for row in offered]
    assert offered[0].plate_type == "02"


def test_kind_of_plate_is_said_with_its_colour_where_that_is_known(hall: Hall) -> None:
    hall.show(ChoosePlateType("浙B·1234试", rows("浙B1234试"), "18"))
    assert hall.find("plate.type.18").accessibleName() == "试验汽车"
    hall.show(ChoosePlateType("浙B·1234学", rows("浙B1234学"), "16"))
    assert hall.find("plate.type.16").accessibleName() == "教练汽车，黄牌"


@pytest.mark.parametrize("way", ["qr", "sms"])
def test_way_of_the_filing(hall: Hall, way: str) -> None:
    hall.show(OfferFiling("浙B·8K23A", "代他人处理违法记分是违法行为。"))
    assert "代他人处理违法记分是违法行为。" in hall.said()
    hall.touch(f"filing.way.{way}")
    assert hall.answers == [way]


def test_code_for_the_owner_and_the_other_way(hall: Hall) -> None:
    hall.show(SCANS)
    assert "二维码 4 分 59 秒后失效" in hall.said()
    hall.touch("owner.sms")
    assert hall.answers == ["sms"]


@pytest.mark.parametrize(
    ("state", "words"), [("filed", "车主已同意"), ("refused", "车主没有同意"), ("expired", "二维码已失效")]
)
def test_code_is_covered_once_the_owner_has_answered(hall: Hall, state: Any, words: str) -> None:
    hall.show(SCANS)
    hall.update(replace(SCANS, state=state, seconds_left=0))
    assert hall.find("owner.qr").accessibleName() == words
    assert words in hall.said()
    hall.touch("owner.sms")
    assert hall.answers == ([] if state == "filed" else ["sms"])


def test_owners_code_is_typed_and_answered(hall: Hall) -> None:
    hall.show(EnterOwnerCode("浙B·8K23A", "8042"))
    hall.type("owner.pad", "4821907")  # the seventh digit is not taken
    assert hall.find("owner.field").accessibleName() == "验证码，482 190，已输入 6 位，共 6 位"
    hall.touch("action.next")
    assert hall.answers == ["482190"]


@pytest.mark.parametrize(
    ("typed", "words"), [("", "还没有输入验证码，共 6 位。"), ("4821", "验证码少了 2 位，共 6 位。")]
)
def test_what_is_wrong_with_the_owners_code_is_said(hall: Hall, typed: str, words: str) -> None:
    hall.show(EnterOwnerCode("浙B·8K23A", "", typed))
    hall.touch("action.next")
    assert hall.answers == []
    assert words in hall.said()


PERSONAL: dict[str, Screen[Any]] = {
    "type": ChoosePlateType("浙B·8K23A", rows("浙B8K23A"), "02"),
    "offer": OfferFiling("浙B·8K23A", "代他人处理违法记分是违法行为。"),
    "scan": SCANS,
    "code": EnterOwnerCode("浙B·8K23A", "8042", "4821"),
}


@pytest.mark.parametrize("name", sorted(PERSONAL))
def test_cleared_page_says_nothing_personal(hall: Hall, name: str) -> None:
    page = hall.show(PERSONAL[name])
    page.clear()
    spoken = "".join(w.accessibleName() for w in page.findChildren(QWidget))
    assert not [secret for secret in ("8K23A", "8042", "482 1") if secret in spoken]
