"""The process is gone at any commit of a whole visit, right before or right after it is durable; what is left adds up.

The platform, the unit and the wallet live on. After the start everything ends, no chip was written twice, and what is kept is what
is in force.
"""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from kiosk.domain.errors import DeviceError, GatewayUnavailable
from kiosk.ledger.states import FINAL, CustodyState, IssuanceState, Kind
from tests.ledger.parts import CODE_S, LATE_S
from tests.ledger.permit_parts import Crash, Office, open_office

OVER = (IssuanceState.VOIDED, IssuanceState.REJECTED)


class Fuse:
    """A commit hook that ends the process at the n-th commit."""

    def __init__(self, at: int, moment: str) -> None:
        self.at, self.moment, self.seen = at, moment, 0

    def __call__(self, moment: str, changes: Any) -> None:
        self.seen += moment == "before"
        if (self.seen, moment) == (self.at, self.moment):
            raise Crash


def nothing(office: Office) -> None:
    pass


def uncertain_written(office: Office) -> None:
    office.unit.write_ends = "lost_written"


def uncertain_not_written(office: Office) -> None:
    office.unit.write_ends = "lost_not"


def not_written(office: Office) -> None:
    office.unit.write_ends = "not_written"


def not_taken(office: Office) -> None:
    office.unit.takes = False


def answers_lost(office: Office) -> None:
    for op in ("apply", "authorise", "confirm", "cancel"):
        office.registry.trouble(op, "after")


def retain_lost(office: Office) -> None:
    office.unit.takes = False
    office.unit.fail("retain", "lost")


VISITS: list[Callable[[Office], None]] = [
    nothing,
    uncertain_written,
    uncertain_not_written,
    not_written,
    not_taken,
    answers_lost,
    retain_lost,
]


@pytest.fixture
async def shop(empty_ledger: Path, tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(Path(shutil.copy(empty_ledger, tmp_path / "first.db"))) as office:
        yield office


async def visit_and_crash(office: Office, at: int, moment: str) -> bool:
    """Whether it came to the end before the fuse blew."""
    office.hook = Fuse(at, moment)
    await office.crash()
    office.hook = None
    try:
        await office.visit()
    except Crash:
        return False
    except (DeviceError, GatewayUnavailable) as trouble:
        raise AssertionError("the visit is written for these troubles") from trouble
    return True


@pytest.mark.parametrize("prepare", VISITS)
@pytest.mark.parametrize("moment", [pytest.param("before", marks=pytest.mark.chaos), "after"])
async def test_crash_at_every_commit(
    shop: Office, empty_ledger: Path, tmp_path: Path, prepare: Callable[[Office], None], moment: str
) -> None:
    at, ended, seen = 0, False, set()
    while not ended:
        at += 1
        shop.tidy()
        shop.file = Path(shutil.copy(empty_ledger, tmp_path / f"{at}.db"))
        await shop.crash()
        prepare(shop)
        ended = await visit_and_crash(shop, at, moment)
        await shop.crash()
        seen |= set(await shop.states(Kind.ISSUANCE))
        shop.registry.calm()
        await shop.boot()
        shop.clock.forward(seconds=CODE_S + LATE_S + 700)
        await shop.sweeper.sweep()
        where = f"commit {at} ({moment})"
        assert (await shop.sweeper.sweep()).clean, where
        assert await shop.settled_breaches() == [], where
        for kind in (Kind.ORDER, Kind.ISSUANCE, Kind.PAYMENT, Kind.CUSTODY, Kind.PRINT):
            assert set(await shop.states(kind)) <= FINAL[kind], where
        assert shop.unit.held is None, where
        assert CustodyState.MISSING not in await shop.states(Kind.CUSTODY), where
        for row in await shop.store.find(Kind.ISSUANCE):
            # The unit answers, and no permit went home before it was asked: nothing is left to staff.
            written = bool(shop.unit.writes) and "not" not in shop.unit.write_ends
            assert row.state in ((IssuanceState.CONFIRMED,) if written else OVER), where
    assert at > 15
    assert {IssuanceState.INTENT, IssuanceState.AUTHORISED, IssuanceState.WRITING} <= seen or moment == "before"


@pytest.mark.chaos
async def test_crash_at_every_commit_of_the_start_itself(shop: Office, empty_ledger: Path, tmp_path: Path) -> None:
    """The power goes again and again while the machine finds its way back."""
    starts = 0
    for at in range(6, 21):
        for second in range(1, 12):
            shop.tidy()
            shop.file = Path(shutil.copy(empty_ledger, tmp_path / f"{at}-{second}.db"))
            await shop.crash()
            shop.unit.takes = False
            assert not await visit_and_crash(shop, at, "after")
            shop.hook = Fuse(second, "after" if second % 2 else "before")
            await shop.crash()
            shop.hook = None
            try:
                await shop.boot()
                whole = True
            except Crash:
                whole = False
            starts += 1
            await shop.crash()
            await shop.boot()
            shop.clock.forward(seconds=CODE_S + LATE_S + 700)
            await shop.boot()
            assert (await shop.sweeper.sweep()).clean, (at, second)
            assert await shop.settled_breaches() == [], (at, second)
            assert await shop.keeper.open_rows() == [], (at, second)
            assert shop.unit.held is None, (at, second)
            if whole:
                break
    assert starts > 60
