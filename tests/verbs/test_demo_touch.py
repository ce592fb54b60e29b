"""The demo's citizen on the real pages of the endorsement service: what was decided is what the page answers, by touch alone."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from kiosk.screens.base import Screen
from kiosk.screens.endorsement import ChooseEntries
from kiosk.verbs import demo_endorsement
from kiosk.verbs.demo_hands import Hands
from kiosk.verbs.fingers import Fingers, NotThere
from tests.verbs import touching
from tests.verbs.touching import GUARD_S, opened, sample
from ui.desk import QtDesk
from ui.samples import all_samples

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
pytestmark = pytest.mark.timeout(60)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.verbs.fingers.KEY_S", 0.01)


@pytest.fixture(params=["standard", "large"])
async def desk(request: pytest.FixtureRequest, qapp: QApplication) -> AsyncIterator[QtDesk]:
    async with opened(request.param == "large") as desk:
        yield desk


async def answered(desk: QtDesk, screen: Screen[Any], wanted: Any) -> tuple[Any, list[str]]:
    return await touching.answered(desk, demo_endorsement.touch, screen, wanted)


@pytest.mark.parametrize("name", ["c15a_kind_open", "c15a_kind_all"])
async def test_a_kind_on_whatever_page_it_is(desk: QtDesk, name: str) -> None:
    screen: Any = sample(name)
    wanted = [row.id for row in screen.kinds if not row.locked][-1]
    assert (await answered(desk, screen, wanted))[0] == wanted


@pytest.mark.parametrize(
    ("chosen", "wanted"),
    [((), ("HKG", "MAC")), (("HKG",), ("MAC",)), (("HKG", "MAC"), ("HKG",)), (("MAC",), ("MAC",))],
)
async def test_places_are_ticked_and_unticked(desk: QtDesk, chosen: tuple[str, ...], wanted: tuple[str, ...]) -> None:
    screen: Any = replace(sample("c15b_places"), chosen=chosen)  # type: ignore[type-var]
    assert (await answered(desk, screen, wanted))[0] == wanted


async def test_a_locked_place_is_not_chosen(desk: QtDesk) -> None:
    with pytest.raises(NotThere):
        await answered(desk, sample("c15b_places_locked"), ("HKG", "MAC"))


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("name", ["c15c_entries", "c15c_entries_none", "c15c_entries_many"])
async def test_entries_on_whatever_page_they_are(desk: QtDesk, name: str, last: bool) -> None:
    screen = sample(name)
    assert isinstance(screen, ChooseEntries)
    free = [[option.id for option in group.options if not option.locked] for group in screen.groups]
    wanted = tuple(ids[-1 if last else 0] for ids in free)
    given, album = await answered(desk, screen, wanted)
    assert given == wanted
    assert album == [group.place_id for group in screen.groups]


@pytest.mark.parametrize("name", ["phone", "phone_typed", "phone_full", "phone_trouble"])
async def test_a_phone_number_whatever_stands_there(desk: QtDesk, name: str) -> None:
    assert (await answered(desk, sample(name), "13000000011"))[0] == "13000000011"


async def test_every_page_of_the_review_is_read(desk: QtDesk) -> None:
    name = next(name for name in all_samples() if name.startswith("c16"))
    given, album = await answered(desk, sample(name), "submit")
    assert given == "submit"
    assert set(album) <= {"more"}


@pytest.mark.parametrize("wanted", ["ok", "wrong"])
async def test_the_back_is_judged(desk: QtDesk, wanted: str) -> None:
    name = next(name for name in all_samples() if name.startswith("c17b"))
    assert (await answered(desk, sample(name), wanted))[0] == wanted


async def test_pages_of_other_services_are_left_alone(desk: QtDesk) -> None:
    page = desk.open(sample("c14_insert"))
    hands = Hands(Fingers(desk.frame), GUARD_S, lambda *_: asyncio.sleep(0), lambda _: True)
    assert not await demo_endorsement.touch(hands, page, sample("c14_insert"), None)
