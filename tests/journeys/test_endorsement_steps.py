"""What a citizen can do on the way to an endorsement besides going straight through, and what the machine then owes them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from kiosk.journeys.services import run_reprint
from kiosk.ledger.states import CustodyState, IssuanceState, Kind, OrderState, PaymentState
from kiosk.ledger.store import LedgerError
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
        assert screen.replace(" ", "") == (await stage.machine.books.store.find(Kind.CUSTODY))[0].id


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


async def test_back_while_the_permit_is_read_takes_it_along(tmp_path: Path) -> None:
    """Nobody stands at the identity card's page with the permit still inside."""
    async with staged(tmp_path, scenario("endorse_happy_hk")) as stage:
        tapped: list[bool] = []

        def taps_back(screen: endorsement.InsertPermit) -> Any:
            if screen.state == "waiting":
                insert(stage)
            if screen.state != "done":
                return WAIT
            if not tapped:
                tapped.append(True)
                raise Back
            return None

        assert (await stage.visit({endorsement.InsertPermit: [taps_back] * 99})).outcome == "endorsed"
        names = stage.desk.names()
        assert names.count("PlaceIdCard") == 2
        assert names.index("TakePermit") < len(names) - names[::-1].index("PlaceIdCard") - 1
        assert await custodies(stage) == [CustodyState.RETURNED, CustodyState.RETURNED]


def insert(stage: Stage) -> None:
    assert stage.scenario.permit is not None
    stage.unit.control({"do": "insert", "card": stage.scenario.permit.card(stage.scenario.person)})


@pytest.mark.parametrize("name", ["endorse_happy_hk", "endorse_print_failed"])
async def test_whoever_says_nothing_to_the_result_gets_permit_and_slip(tmp_path: Path, name: str) -> None:
    async with staged(tmp_path, scenario(name), idle_s=0.5) as stage:
        object.__setattr__(stage.machine.settings.session, "warn_s", 1)
        silent: dict[type[Any], list[Any]] = {
            endorsement.CheckPermit: [lambda _: WAIT] * 9,
            common.Message: [lambda _: WAIT] * 9,
        }
        ended = await stage.visit(silent)
        assert ended.outcome == str(stage.scenario.outcome)
        assert (ended.amount_fen, len(ended.decision_nos)) == (1500, 1)
        assert stage.papers
        assert await custodies(stage) == [CustodyState.RETURNED]


async def test_a_confirmation_that_is_refused_is_for_the_window(tmp_path: Path) -> None:
    """The chip carries what the platform has taken back meanwhile: nobody is told that all is well."""
    async with staged(tmp_path, scenario("endorse_happy_hk")) as stage:

        def taken_back() -> None:
            if stage.unit.state()["phase"] == "printing":
                for entry in stage.exits.world.books.applications.values():
                    object.__setattr__(entry, "state", "cancelled")

        stage.unit.listen(taken_back)
        ended = await stage.visit()
        assert ended.outcome == "write_uncertain"
        assert "R-CONFIRM" in stage.desk.codes()
        assert "Finish" not in stage.desk.names()
        assert "业务系统没有确认" in stage.desk.words()
        assert len(stage.paper("签注业务核对单")) == 1
        assert await stage.sweep()
        assert await stage.states(Kind.ISSUANCE) == [IssuanceState.MANUAL]
        assert await stage.states(Kind.ORDER) == [OrderState.MANUAL]
        assert await stage.breaches() == []


async def test_a_permit_in_the_bin_is_not_called_given_back(tmp_path: Path) -> None:
    async with staged(tmp_path, scenario("endorse_happy_hk")) as stage:
        stage.wallet.control({"do": "script", "preset": "never"})
        stage.unit.control({"do": "fault", "id": "CARD.NOT_TAKEN", "count": None})
        assert (await stage.visit({pay.PayByQr: ["cancel"] * 50})).outcome == "permit_retained"
        assert "退还" not in stage.desk.words()
        assert f"编号 {(await stage.machine.books.store.find(Kind.CUSTODY))[0].id}" in stage.desk.words()


async def test_a_permit_that_is_gone_is_on_the_list_and_not_called_taken(tmp_path: Path) -> None:
    """Somebody opens the unit in the middle of a visit."""
    async with staged(tmp_path, scenario("endorse_happy_hk")) as stage:

        def opens(_: Any) -> Any:
            stage.unit.control({"do": "remove_card"})
            raise Cancelled

        assert (await stage.visit({endorsement.ChooseEntries: [opens]})).outcome == "permit_stuck"
        assert await custodies(stage) == [CustodyState.MISSING]
        assert "没有找到通行证" in stage.desk.words()


async def test_a_unit_lost_before_anything_came_in_claims_no_permit(tmp_path: Path) -> None:
    async with staged(tmp_path, scenario("endorse_happy_hk")) as stage:

        def unplugs() -> None:
            if stage.unit.state()["accepting"]:
                asyncio.get_running_loop().call_soon(stage.unit.control, {"do": "unplug"})

        stop = stage.unit.listen(unplugs)
        await stage.visit({endorsement.InsertPermit: [lambda _: WAIT] * 9})
        stop()
        assert await custodies(stage) == [CustodyState.ASKED]
        assert "您的证件在机器内" not in stage.desk.words()
        stage.unit.control({"do": "plug"})
        await stage.machine.permits.keeper.recover()  # type: ignore[union-attr]
        assert await custodies(stage) == [CustodyState.NONE]


@pytest.mark.parametrize("page", [endorsement.ReviewEndorsement, endorsement.MakingPermit])
async def test_a_ledger_that_cannot_be_written_keeps_no_permit(tmp_path: Path, page: type[Any]) -> None:
    async with staged(tmp_path, scenario("endorse_happy_hk")) as stage:
        store = stage.machine.books.store
        full: list[bool] = []

        def disk(moment: str, _: Any) -> None:
            if full and moment == "before":
                raise LedgerError("The ledger cannot be written: disk full.")

        def fills(_: Any) -> Any:
            full.append(True)
            return "submit" if page is endorsement.ReviewEndorsement else WAIT

        store._on_commit = disk
        if page is endorsement.ReviewEndorsement:
            assert (await stage.visit({page: [fills]})).outcome == "unavailable"
        else:
            stage.unit.listen(lambda: full.append(True) if stage.unit.state()["phase"] == "opening_chip" else None)
            with pytest.raises(LedgerError):
                await stage.visit()
        assert "TakePermit" in stage.desk.names()
        assert stage.unit.state()["position"] == "none"
        full.clear()
        stage.machine.permits.keeper.in_hands.clear()  # type: ignore[union-attr]
        await stage.machine.permits.keeper.recover()  # type: ignore[union-attr]
        assert await custodies(stage) == [CustodyState.RETURNED]
        assert await stage.sweep() or page is endorsement.ReviewEndorsement
        assert await stage.breaches() == []


async def test_a_shutdown_in_the_middle_of_the_write_leaves_nothing_open(tmp_path: Path) -> None:
    """The permit goes out after its chip was asked, so that nobody has to find out by hand."""
    async with staged(tmp_path, scenario("endorse_happy_hk")) as stage:
        visiting = asyncio.ensure_future(stage.visit())
        stopped: list[bool] = []

        def stops() -> None:
            if stage.unit.state()["phase"] == "writing" and not stopped:
                stopped.append(True)
                visiting.cancel()

        stage.unit.listen(stops)
        await asyncio.gather(visiting, return_exceptions=True)
        assert stopped
        assert await custodies(stage) == [CustodyState.RETURNED]
        assert await stage.sweep()
        assert await stage.states(Kind.ISSUANCE) == [IssuanceState.CONFIRMED]
        assert await stage.breaches() == []


async def test_a_shutdown_while_the_permit_lies_at_the_slot_gives_it_back_all_the_same(tmp_path: Path) -> None:
    async with staged(tmp_path, scenario("endorse_happy_hk")) as stage:
        stage.unit.control({"do": "fault", "id": "CARD.NOT_TAKEN", "count": None})
        visiting = asyncio.ensure_future(stage.visit())
        while (await custodies(stage))[-1:] != [CustodyState.OFFERED]:
            await asyncio.sleep(0.01)
        visiting.cancel()
        await asyncio.sleep(0.1)
        stage.unit.control({"do": "clear"})
        stage.unit.control({"do": "take"})
        await asyncio.gather(visiting, return_exceptions=True)
        assert await custodies(stage) == [CustodyState.RETURNED]
