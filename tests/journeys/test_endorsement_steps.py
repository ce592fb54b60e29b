"""What a citizen can do on the way to an endorsement besides going straight through, and what the machine then owes them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from kiosk.journeys.services import run_reprint
from kiosk.ledger.states import CustodyState, IssuanceState, Kind, OrderState, PaymentState
from kiosk.screens import common, endorsement, pay
from kiosk.screens.base import Back, Cancelled
from kiosk.screens.robot import WAIT
from tests.journeys.stage import Stage, staged
from tests.journeys.test_endorsement import scenario


async def custodies(stage: Stage) -> list[str]:
    return [row.state for row in await stage.machine.books.store.find(Kind.CUSTODY)]


async def test_a_change_leads_back_to_its_page_and_keeps_the_rest(tmp_path: Path) -> None:
    async with staged(tmp_path, scenario("endorse_happy_both")) as stage:
        ended = await stage.visit(
            {
                endorsement.ReviewEndorsement: ["entries", "phone"],
                endorsement.ChooseEntries: [("HKG-G-1Y2", "MAC-G-1Y1"), ("HKG-G-3M1", "MAC-G-1Y1")],
                endorsement.EnterPhone: ["13900000000", "13800000001"],
            }
        )
        assert ended.outcome == "endorsed"
        assert ended.amount_fen == 3000
        assert stage.desk.names().count("ChooseEndorsementKind") == 1, "the kind was not to be asked again"
        reviews = stage.desk.of(endorsement.ReviewEndorsement)
        assert [screen.total_fen for screen in reviews] == [4500, 3000, 3000]
        assert reviews[-1].rows[-1].value == "138****0001"
        (entry,) = stage.exits.world.books.applications.values()
        assert (entry.phone, entry.options) == ("13800000001", ("HKG-G-3M1", "MAC-G-1Y1"))


async def test_another_kind_forgets_what_belonged_to_the_first(tmp_path: Path) -> None:
    async with staged(tmp_path, scenario("endorse_happy_both")) as stage:
        waits: dict[type[Any], list[Any]] = {
            endorsement.ReviewEndorsement: ["kind"],
            endorsement.ChooseEndorsementKind: ["G", "L"],
            endorsement.ChooseDestinations: [("HKG", "MAC"), ("MAC",)],
            endorsement.ChooseEntries: [("HKG-G-1Y2", "MAC-G-1Y1"), ("MAC-L-3M1",)],
        }
        assert (await stage.visit(waits)).amount_fen == 1500
        assert stage.desk.of(endorsement.ChooseDestinations)[-1].chosen == ()


async def test_back_goes_page_by_page(tmp_path: Path) -> None:
    async with staged(tmp_path, scenario("endorse_happy_hk")) as stage:
        waits: dict[type[Any], list[Any]] = {
            endorsement.ReviewEndorsement: [Back()],
            endorsement.EnterPhone: ["13900000000", Back(), "13900000000"],
            endorsement.ChooseEntries: [("HKG-L-3M1",), Back(), ("HKG-L-3M1",)],
            endorsement.ChooseDestinations: [("HKG",), Back(), ("HKG",)],
        }
        assert (await stage.visit(waits)).outcome == "endorsed"
        pages = [name for name in stage.desk.names() if name.startswith(("Choose", "Enter", "Review"))]
        assert pages == [
            *("ChooseEndorsementKind", "ChooseDestinations", "ChooseEntries", "EnterPhone", "ReviewEndorsement"),
            *("EnterPhone", "ChooseEntries", "ChooseDestinations", "ChooseEndorsementKind"),
            *("ChooseDestinations", "ChooseEntries", "EnterPhone", "ReviewEndorsement"),
        ]
        assert stage.desk.of(endorsement.EnterPhone)[1].value == "13900000000"


async def test_back_to_the_slot_gives_the_permit_back_and_asks_again(tmp_path: Path) -> None:
    async with staged(tmp_path, scenario("endorse_happy_hk")) as stage:
        waits: dict[type[Any], list[Any]] = {common.StaffCheck: [Back()]}
        assert (await stage.visit(waits)).outcome == "endorsed"
        assert await custodies(stage) == [CustodyState.RETURNED, CustodyState.RETURNED]
        assert stage.desk.names().count("TakePermit") == 2


@pytest.mark.parametrize(
    "page",
    [
        common.StaffCheck,
        endorsement.ChooseEndorsementKind,
        endorsement.ChooseEntries,
        endorsement.EnterPhone,
        endorsement.ReviewEndorsement,
    ],
)
async def test_whoever_leaves_gets_the_permit_back(tmp_path: Path, page: type[Any]) -> None:
    async with staged(tmp_path, scenario("endorse_happy_hk")) as stage:
        assert (await stage.visit({page: [Cancelled()]})).outcome == "cancelled:exit"
        assert await custodies(stage) == [CustodyState.RETURNED]
        assert stage.unit.state()["position"] == "none"
        assert stage.exits.world.books.applications == {}


async def test_whoever_walks_away_finds_the_permit_at_the_window(tmp_path: Path) -> None:
    found = scenario("endorse_not_taken")
    async with staged(tmp_path, found, idle_s=0.5) as stage:
        object.__setattr__(stage.machine.settings.session, "warn_s", 1)
        ended = await stage.visit({endorsement.ChooseEndorsementKind: [lambda _: WAIT] * 99})
        assert ended.outcome == "permit_retained"
        assert await custodies(stage) == [CustodyState.RETAINED]
        assert stage.unit.state()["bin_count"] == 1
        (screen,) = {s.reference for s in stage.desk.of(endorsement.TakePermit) if s.state == "retained"}
        assert screen == (await stage.machine.books.store.find(Kind.CUSTODY))[0].id


async def test_a_fault_of_our_own_gives_the_permit_back(tmp_path: Path) -> None:
    def breaks(_: Any) -> Any:
        raise RuntimeError("a bug")

    async with staged(tmp_path, scenario("endorse_happy_hk")) as stage:
        with pytest.raises(RuntimeError, match="a bug"):
            await stage.visit({endorsement.ChooseEntries: [breaks]})
        assert await custodies(stage) == [CustodyState.RETURNED]


async def test_a_wrong_card_first_then_the_permit(tmp_path: Path) -> None:
    async with staged(tmp_path, scenario("endorse_happy_hk")) as stage:

        def bank_card(_: Any) -> Any:
            stage.unit.control({"do": "insert", "card": {"body": "bank_card"}})
            return WAIT

        ended = await stage.visit({endorsement.InsertPermit: [bank_card]})
        assert ended.outcome == "endorsed"
        troubles = [screen.trouble for screen in stage.desk.of(endorsement.InsertPermit) if screen.trouble]
        assert troubles
        assert all("。" in trouble for trouble in troubles)


async def test_unpaid_is_cancelled_and_costs_nothing(tmp_path: Path) -> None:
    async with staged(tmp_path, scenario("endorse_happy_hk")) as stage:
        stage.wallet.control({"do": "script", "preset": "never"})
        ended = await stage.visit({pay.PayByQr: ["cancel"] * 50})
        assert ended.outcome == "unpaid"
        assert await stage.sweep()
        assert await stage.states(Kind.ISSUANCE) == [IssuanceState.VOIDED]
        assert await stage.states(Kind.ORDER) == [OrderState.VOID]
        assert stage.papers == []
        assert [entry.state for entry in stage.exits.world.books.applications.values()] == ["cancelled"]


async def test_not_written_is_refunded_told_and_on_the_work_list(tmp_path: Path) -> None:
    async with staged(tmp_path, scenario("endorse_write_failed")) as stage:
        ended = await stage.visit()
        assert ended.outcome == "write_failed"
        assert await stage.sweep()
        assert await stage.states(Kind.PAYMENT) == [PaymentState.REFUNDED]
        assert await stage.states(Kind.ORDER) == [OrderState.MANUAL]
        (slip,) = stage.papers
        (entry,) = stage.exits.world.books.applications.values()
        assert entry.number in slip.replace(" ", "").replace("\n", "")
        assert entry.state == "cancelled"
        assert stage.kept_fen() == 0


async def test_the_ban_is_told_like_any_review(tmp_path: Path) -> None:
    said = {}
    for number, name in enumerate(("endorse_ee11_barred", "endorse_ee17_review")):
        async with staged(tmp_path / str(number), scenario(name)) as stage:
            await stage.visit()
            said[name] = [(m.title, m.body, m.code, m.tone) for m in stage.desk.of(common.Message)]
    assert said["endorse_ee11_barred"] == said["endorse_ee17_review"]


async def test_the_slip_can_be_had_again(tmp_path: Path) -> None:
    async with staged(tmp_path, scenario("endorse_happy_both")) as stage:
        await stage.visit()
        (first,) = stage.papers
        assert (await stage.visit(run=run_reprint)).outcome == "completed"
        again = stage.papers[-1]
        assert "补打" in again
        assert "补打" not in first
        assert stage.scenario.person.number not in again


async def test_two_visits_do_not_write_the_same_thing_twice(tmp_path: Path) -> None:
    """The endorsement of the first visit stands against a second one for the same place (EE08)."""
    async with staged(tmp_path, scenario("endorse_happy_hk")) as stage:
        assert (await stage.visit()).outcome == "endorsed"
        card = stage.unit.mechanics.hand
        again: dict[type[Any], list[Any]] = {endorsement.ChooseEndorsementKind: [Cancelled()]}
        await stage.visit(again)
        rows = stage.desk.of(endorsement.ChooseEndorsementKind)
        assert rows
        assert any("香港" in held.place for held in rows[-1].held)
        await asyncio.sleep(0)
        assert len(card.endorsements) == len(set(card.endorsements))
