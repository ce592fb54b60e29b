"""The violation journey step by step: going back, objecting, what is told before a decision, and how a visit without a payment
ends. Everything but the citizen's hands is real."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from config.scenarios import Scenario, load_scenario
from kiosk.cabinet import card_of
from kiosk.journeys import till
from kiosk.journeys.services import run_reprint
from kiosk.journeys.violation.decide import decide
from kiosk.journeys.violation.journey import STEPS
from kiosk.journeys.violation.visit import Visit
from kiosk.journeys.walker import Ended, Step, walk
from kiosk.ledger.states import Kind
from kiosk.ports.clock import SystemClock
from kiosk.rehearsal import SIGNATURE
from kiosk.screens import common, pay, vehicle, violation
from kiosk.screens.base import Back, Cancelled
from kiosk.screens.robot import WAIT
from tests.journeys.stage import changed, staged

NOW = {"preset": "pays", "seconds": 0}
FIRST, SECOND = "3302031001000001", "3302031001000002"


def happy(wallet: dict[str, Any] | None = None, **citizen: Any) -> Scenario:
    found = load_scenario("happy_two_records", SystemClock().now().date())
    return changed(found, NOW if wallet is None else wallet, **{"looks_at_evidence": False, **citizen})


def one_of(*records: str) -> Any:
    """Tick exactly these, then go on."""
    return [violation.Toggled(records), violation.Chosen(records)]


class TestBack:
    async def test_from_the_review_what_was_ticked_is_still_ticked(self, tmp_path: Path) -> None:
        async with staged(tmp_path, happy()) as stage:
            await stage.visit({violation.ReviewSelection: [Back()], violation.ChooseViolations: one_of(SECOND)})
            lists = [s for s in stage.desk.shown if isinstance(s, violation.ChooseViolations)]
            assert [screen.chosen for screen in lists] == [(), (SECOND,)]

    async def test_to_the_vehicles_and_forward_again_keeps_the_ticks_of_the_same_vehicle(self, tmp_path: Path) -> None:
        async with staged(tmp_path, happy()) as stage:
            waits = {violation.ChooseViolations: [violation.Toggled((SECOND,)), Back(), violation.Chosen((SECOND,))]}
            assert (await stage.visit(waits)).outcome == "paid"
            lists = [s for s in stage.desk.shown if isinstance(s, violation.ChooseViolations)]
            assert [screen.chosen for screen in lists] == [(), (SECOND,)]
            assert set(stage.decided()) == {SECOND}

    async def test_between_notices_then_to_the_review(self, tmp_path: Path) -> None:
        empty = violation.Signed(b"", ())
        async with staged(tmp_path, happy()) as stage:
            waits = {violation.PenaltyNotice: [empty, Back(), Back()]}
            assert (await stage.visit(waits)).outcome == "paid"
            notices = [s.index for s in stage.desk.shown if isinstance(s, violation.PenaltyNotice)]
            assert notices == [0, 1, 0, 0, 1]
            assert stage.desk.names().count("ReviewSelection") == 2
            assert len(stage.decided()) == 2

    async def test_from_the_vehicles_to_the_face_check_not_into_a_step_without_a_page(self, tmp_path: Path) -> None:
        async with staged(tmp_path, happy()) as stage:
            await stage.visit({violation.ChooseVehicle: [Back()]})
            names = stage.desk.names()
            assert names[names.index("ChooseVehicle") + 1] == "StaffCheck"

    async def test_from_a_refused_vehicle_to_the_others(self, tmp_path: Path) -> None:
        found = load_scenario("v_v08_scrap", SystemClock().now().date())
        async with staged(tmp_path, changed(found, face_consent=False)) as stage:
            ended = await stage.visit({common.Message: ["other", "exit"]})
            assert stage.desk.names().count("ChooseVehicle") == 2
            told = [screen for screen in stage.desk.shown if isinstance(screen, common.Message)]
            assert [screen.code for screen in told] == ["V08", "V08"]
            assert ended.outcome == "refused:V08"

    @pytest.mark.parametrize("plate", [("使224578", "03"), ("浙B0001警", "23")])
    async def test_from_a_plate_that_no_machine_handles_to_the_keypad(
        self, tmp_path: Path, plate: tuple[str, str]
    ) -> None:
        """V07 by the plate alone: nobody looks for the number on the licence in vain."""
        async with staged(tmp_path, happy()) as stage:
            waits = {
                violation.ChooseVehicle: [None],
                violation.EnterPlate: [violation.PlateAnswer(*plate)] * 2,
                common.Message: ["other", "exit"],
            }
            if plate[1] == "23":
                waits[vehicle.ChoosePlateType] = ["23", Back(), "23"]
            assert (await stage.visit(waits)).outcome == "refused:V07"
            assert stage.desk.names().count("EnterPlate") == 2
            assert "EnterVehicleProof" not in stage.desk.names()

    async def test_from_a_stolen_vehicle_nowhere(self, tmp_path: Path) -> None:
        """Staff are wanted: nothing else is offered."""
        found = load_scenario("v_v08_stolen", SystemClock().now().date())
        async with staged(tmp_path, changed(found, face_consent=False)) as stage:
            assert (await stage.visit({})).outcome == "refused:V08"
            (told,) = (screen for screen in stage.desk.shown if isinstance(screen, common.Message))
            assert [button.id for button in told.buttons] == ["exit"]

    async def test_from_the_face_check_to_the_card(self, tmp_path: Path) -> None:
        async with staged(tmp_path, happy()) as stage:
            await stage.visit({common.StaffCheck: [Back()]})
            assert stage.desk.names()[:4] == ["ServiceStart", "PlaceIdCard", "StaffCheck", "PlaceIdCard"]

    async def test_from_the_very_first_page_leads_home(self, tmp_path: Path) -> None:
        async with staged(tmp_path, happy()) as stage:
            assert (await stage.visit({common.ServiceStart: [Back()]})).outcome == "cancelled:exit"

    async def test_from_the_proof_to_the_plate_with_the_plate_kept(self, tmp_path: Path) -> None:
        found = load_scenario("typed_right_proof", SystemClock().now().date())
        async with staged(tmp_path, found) as stage:
            chosen = [lambda screen: screen.chosen, Back()]
            await stage.visit({violation.EnterVehicleProof: [Back()], vehicle.ChoosePlateType: chosen})
            plates = [s for s in stage.desk.shown if isinstance(s, violation.EnterPlate)]
            assert [screen.value for screen in plates] == ["", found.citizen.vehicle]

    async def test_cancel_before_the_signature_leaves_nothing(self, tmp_path: Path) -> None:
        async with staged(tmp_path, happy()) as stage:
            ended = await stage.visit({violation.PenaltyNotice: [Cancelled()]})
            assert ended.outcome == "cancelled:exit"
            assert await stage.states(Kind.ORDER) == []
            assert stage.decided() == {}


class TestObjection:
    async def test_from_the_evidence(self, tmp_path: Path) -> None:
        async with staged(tmp_path, happy()) as stage:
            waits = {
                violation.ChooseViolations: [violation.ViewEvidence(FIRST, (FIRST, SECOND))],
                violation.Evidence: [lambda _: "object"],
            }
            assert (await stage.visit(waits)).outcome == "paid"
            (again,) = [s for s in stage.desk.shown if isinstance(s, violation.ChooseViolations)][1:]
            locked = {row.record_id: row.code for row in again.rows}
            assert locked == {FIRST: "W06", SECOND: ""}
            assert again.chosen == (SECOND,)
            assert set(stage.decided()) == {SECOND}
            assert [o.record_id for o in stage.police.world.books.objections.values()] == [FIRST]

    async def test_looking_at_the_evidence_changes_nothing(self, tmp_path: Path) -> None:
        async with staged(tmp_path, happy()) as stage:
            waits = {
                violation.ChooseViolations: [
                    violation.Toggled((SECOND,)),
                    violation.ViewEvidence(FIRST, (SECOND,), 0),
                    violation.Chosen((SECOND,)),
                ]
            }
            assert (await stage.visit(waits)).outcome == "paid"
            photos = [s.photos for s in stage.desk.of(violation.Evidence) if s.photos is not None]
            assert [len(p) for p in photos] == [2]
            assert set(stage.decided()) == {SECOND}

    async def test_evidence_that_cannot_be_had_keeps_nobody(self, tmp_path: Path) -> None:
        async with staged(tmp_path, happy(looks_at_evidence=True)) as stage:
            stage.police.control({"do": "fault", "id": "evidence.error_503", "count": None})
            assert (await stage.visit()).outcome == "paid"
            assert [s.photos for s in stage.desk.of(violation.Evidence)][-1] == ()
            assert stage.desk.of(violation.Evidence)[-1].locked
            assert set(stage.decided()) == {SECOND}, "what cannot be looked at is not accepted (W07)"

    @pytest.mark.parametrize("steps_back", [0, 1, 2, 3])
    async def test_a_record_about_which_something_was_stated_is_not_decided_however_far_one_goes_back(
        self, tmp_path: Path, steps_back: int
    ) -> None:
        """After the statement (行政处罚法 第45条): back from the notice, the review, the list; what was filed stays filed."""
        async with staged(tmp_path, happy()) as stage:
            waits: dict[type[Any], list[Any]] = {violation.PenaltyNotice: [violation.Defend()]}
            if steps_back >= 1:
                waits[violation.PenaltyNotice].append(Back())
            if steps_back >= 2:
                waits[violation.ReviewSelection] = [None, Back()]
            if steps_back >= 3:
                waits[violation.ChooseViolations] = [*one_of(FIRST, SECOND), Back()]
            assert (await stage.visit(waits)).outcome == "paid"
            assert set(stage.decided()) == {SECOND}
            books = stage.police.world.books
            assert [each.record_id for each in books.defences.values()] == [FIRST]
            assert not books.objections, "a defence is no objection"
            reviews = [s for s in stage.desk.shown if isinstance(s, violation.ReviewSelection)]
            if steps_back:
                assert len(reviews[-1].lines) == 1
            assert stage.kept_fen() == stage.posted_fen() == 100_00

    async def test_all_defended(self, tmp_path: Path) -> None:
        async with staged(tmp_path, happy(defend=True)) as stage:
            assert (await stage.visit()).outcome == "defended"
            assert stage.decided() == {}
            assert len(stage.police.world.books.defences) == 2
            assert await stage.states(Kind.ORDER) == []

    async def test_back_from_the_reasons_files_nothing(self, tmp_path: Path) -> None:
        async with staged(tmp_path, happy()) as stage:
            waits = {violation.PenaltyNotice: [violation.Defend()], violation.StateDefence: [Back()]}
            assert (await stage.visit(waits)).outcome == "paid"
            assert not stage.police.world.books.defences
            assert len(stage.decided()) == 2


class TestPerson:
    async def test_without_consent_the_camera_is_never_asked(self, tmp_path: Path) -> None:
        async with staged(tmp_path, happy()) as stage:
            camera = stage.machine.devices.by_name["camera"]
            assert (await stage.visit()).outcome == "paid"
            assert stage.desk.of(common.FaceCheck) == []
            assert camera.status().link.value == "closed"

    async def test_wrong_pin_three_times(self, tmp_path: Path) -> None:
        async with staged(tmp_path, happy(staff="refuses")) as stage:
            assert (await stage.visit()).outcome == "refused:E04"
            assert len(stage.desk.of(common.StaffCheck)) == 3
            assert stage.decided() == {}

    async def test_the_screens_show_name_and_number_masked(self, tmp_path: Path) -> None:
        async with staged(tmp_path, happy()) as stage:
            await stage.visit()
            shown = "\n".join(repr(s) for s in (*stage.desk.shown, *stage.desk.updates))
            assert stage.scenario.person.number not in shown
            assert stage.scenario.person.name not in shown


class TestPoints:
    async def test_a_tick_locks_what_would_reach_twelve(self, tmp_path: Path) -> None:
        """Six points so far and two records of three: either, not both (W05); an untick frees the other. Both at once, as a late
        tap on a locked row would have it, admit only one, the older of them."""
        found = load_scenario("points_add_up", SystemClock().now().date())
        one, two = (record.id for record in found.records)
        async with staged(tmp_path, changed(found, NOW)) as stage:
            waits = {
                violation.ChooseViolations: [
                    violation.Toggled((one,)),
                    violation.Toggled((one, two)),
                    violation.Toggled(()),
                    violation.Toggled((two,)),
                    violation.Chosen((two,)),
                ]
            }
            assert (await stage.visit(waits)).outcome == "paid"
            seen = [
                (set(s.chosen), {row.record_id for row in s.rows if row.code == "W05"})
                for s in stage.desk.of(violation.ChooseViolations)
            ]
            assert seen == [(set(), set()), ({one}, {two}), ({two}, {one}), (set(), set()), ({two}, {one})]
            assert set(stage.decided()) == {two}

    async def test_points_that_came_meanwhile_are_seen_before_deciding(self, tmp_path: Path) -> None:
        """While the citizen reads, another machine decides: what no longer fits is not sent."""
        found = load_scenario("points_add_up", SystemClock().now().date())
        asked: list[str] = []
        async with staged(tmp_path, changed(found, NOW)) as stage:
            world = stage.police.world
            decide_there = world.decide

            def spy(record_id: str, *more: Any) -> Any:
                asked.append(record_id)
                return decide_there(record_id, *more)

            world.decide = spy

            def meanwhile(screen: violation.PenaltyNotice) -> Any:
                world.books.points_of = lambda _: 5
                return violation.Signed(SIGNATURE, ())

            ended = await stage.visit({violation.PenaltyNotice: [meanwhile]})
            assert ended.outcome == "decision_rejected"
            assert asked == []
            assert await stage.states(Kind.DECISION) == ["rejected"]
            assert await stage.states(Kind.ORDER) == ["void"]
            assert stage.papers == []

    async def test_the_first_decision_counts_for_the_second(self, tmp_path: Path) -> None:
        """The platform counts more points than the list foresaw: the second record is left to the window."""
        async with staged(tmp_path, happy()) as stage:
            world = stage.police.world
            decide_there = world.decide

            def strict(record_id: str, *more: Any) -> Any:
                decision, new = decide_there(record_id, *more)
                return replace(decision, points_total=11), new

            world.decide = strict
            assert (await stage.visit()).outcome == "paid"
            assert set(stage.decided()) == {FIRST}
            assert sorted(await stage.states(Kind.DECISION)) == ["decided", "rejected"]
            assert "W-DEC-02" in stage.desk.codes()
            assert stage.kept_fen() == stage.posted_fen() == 150_00
            assert await stage.sweep()
            assert await stage.breaches() == []


class TestNotice:
    async def test_one_notice_per_record_and_the_signature_on_the_last(self, tmp_path: Path) -> None:
        async with staged(tmp_path, happy()) as stage:
            await stage.visit()
            notices = [s for s in stage.desk.shown if isinstance(s, violation.PenaltyNotice)]
            assert [(n.index, n.count, n.sign) for n in notices] == [(0, 2, False), (1, 2, True)]
            for notice, record in zip(notices, stage.scenario.records, strict=True):
                told = " ".join(row.value for row in notice.rows) + " ".join(notice.full_text)
                for fact in (record.act, record.place, record.provisions, record.code):
                    assert fact in told
                assert "陈述" in told
                assert "申辩" in told
                assert f"{record.fine_fen // 100} 元" in told
                assert notice.waiver_text
            assert notices[0].owed_fen == 250_00

    async def test_a_missing_signature_is_asked_for_again(self, tmp_path: Path) -> None:
        async with staged(tmp_path, happy(choose=(FIRST,))) as stage:
            waits = {violation.PenaltyNotice: [violation.Signed(b"", ()), violation.Signed(b"", ())]}
            assert (await stage.visit(waits)).outcome == "paid"
            assert stage.desk.names().count("PenaltyNotice") == 3

    async def test_the_platform_is_told_the_hash_of_the_signature_that_is_kept(self, tmp_path: Path) -> None:
        async with staged(tmp_path, happy()) as stage:
            await stage.visit()
            rows = await stage.machine.books.store.find(Kind.DECISION)
            assert len(rows) == 2
            for row in rows:
                detail = stage.machine.books.registrar.detail(row)
                png = base64.b64decode(detail["signature_png"])
                entry = stage.decided()[row["record_id"]]
                assert png == SIGNATURE
                assert entry.signature_sha256 == hashlib.sha256(png).hexdigest()
                assert entry.waived_at == detail["waived_at"]
                assert entry.id_number == stage.scenario.person.number

    async def test_the_waiver_stands_before_every_decision(self, tmp_path: Path) -> None:
        async with staged(tmp_path, happy()) as stage:
            await stage.visit()
            for entry in stage.decided().values():
                assert entry.waived_at <= entry.decision.decided_at.isoformat()

    @pytest.mark.parametrize("missing", ["waiver", "signature", "face"])
    async def test_nothing_is_decided_without(self, tmp_path: Path, missing: str) -> None:
        """Should the steps ever be put together wrongly, the deciding one itself stops."""
        seen: list[Visit] = []
        async with staged(tmp_path, happy()) as stage:
            kit: Any = None

            async def spy(given: Any) -> Any:
                nonlocal kit
                kit = given

                async def catch(visit: Visit, kit: Any) -> Visit:
                    seen.append(visit)
                    raise Ended("caught")

                steps = [step if step.run is not decide else Step(step.title, catch) for step in STEPS]
                return await walk(steps, Visit(), given, given.desk, given.guard)

            await stage.visit(run=spy)
            changes: dict[str, Any] = {
                "waiver": {"waived_at": None},
                "signature": {"signature_png": b""},
                "face": {"face": None},
            }
            with pytest.raises(RuntimeError, match="nothing is decided"):
                await decide(replace(seen[0], **changes[missing]), kit)
            assert stage.decided() == {}
            assert await stage.states(Kind.DECISION) == []


class TestDecide:
    async def test_neither_back_nor_exit_while_it_is_decided(self, tmp_path: Path) -> None:
        """Also not on the pages that tell how it went: going back there would decide a second time."""
        async with staged(tmp_path, happy()) as stage:
            allowed: list[tuple[bool, bool]] = []

            def look(screen: common.Message) -> Any:
                allowed.append((stage.desk.back, stage.desk.cancel))
                return screen.buttons[0].id

            def notice(screen: violation.PenaltyNotice) -> Any:
                if screen.sign:  # while the citizen signs, somebody else objects to the second record
                    stage.police.world.rights.object_to(SECOND, stage.scenario.person.number, "其他情况", "elsewhere")
                return violation.Signed(SIGNATURE if screen.sign else b"", ())

            ended = await stage.visit({common.Message: [look], violation.PenaltyNotice: [notice, notice]})
            assert ended.outcome == "paid"
            assert allowed == [(False, False)]
            assert len(await stage.states(Kind.ORDER)) == 1

    async def test_after_an_unknown_result_nothing_more_is_sent(self, tmp_path: Path) -> None:
        async with staged(tmp_path, happy()) as stage:
            stage.police.control({"do": "fault", "id": "decide.drop_after"})
            stage.police.control({"do": "fault", "id": "find_decision.error_503", "count": None})
            assert (await stage.visit()).outcome == "decision_unknown"
            assert await stage.states(Kind.DECISION) == ["unknown", "rejected"]
            assert set(stage.decided()) == {FIRST}
            assert {"W-DEC-01", "W-DEC-02"} <= stage.desk.codes()
            (paper,) = stage.papers
            assert "业务核对单" in paper
            assert "没有扣款" in paper
            stage.police.control({"do": "clear"})
            assert await stage.sweep()
            assert await stage.states(Kind.ORDER) == ["unpaid"]
            stage.machine.virtual["receipt_printer"].control({"do": "take"})
            assert (await stage.reprint()).outcome == "completed"  # the decision was found, so it can be had
            assert len(stage.paper("简易程序处罚决定书")) == 1
            assert await stage.breaches() == []

    async def test_the_second_unknown_first_is_paid_and_the_slip_says_so(self, tmp_path: Path) -> None:
        async with staged(tmp_path, happy()) as stage:
            stage.police.control({"do": "fault", "id": "decide.drop_before", "after": 1, "count": None})
            assert (await stage.visit()).outcome == "paid"
            assert sorted(await stage.states(Kind.DECISION)) == ["decided", "unknown"]
            assert stage.kept_fen() == stage.posted_fen() == 150_00
            assert len(stage.paper("业务核对单")) == 1
            assert len(stage.paper("简易程序处罚决定书")) == 1
            (finish,) = [s for s in stage.desk.shown if isinstance(s, common.Finish)]
            assert any("核对" in note for note in finish.notes)
            assert await stage.states(Kind.ORDER) == ["open"]

    async def test_a_ledger_that_takes_nothing_more(self, tmp_path: Path) -> None:
        """The disk became read-only: what cannot be written down is not begun, and the citizen is told."""
        async with staged(tmp_path, happy()) as stage:
            store = stage.machine.books.store

            def read_only() -> None:
                with store._begin() as connection:
                    connection.exec_driver_sql("PRAGMA query_only = ON")

            await store._in_thread(read_only)
            assert (await stage.visit()).outcome == "unavailable"
            assert "L-FULL" in stage.desk.codes()
            assert stage.decided() == {}
            assert stage.machine.books.orders.in_session == set()


class TestPay:
    async def test_pay_later_prints_the_decisions_and_says_until_when(self, tmp_path: Path) -> None:
        async with staged(tmp_path, happy({"preset": "human"}, cancel_at="pay")) as stage:
            assert (await stage.visit()).outcome == "unpaid"
            assert len(stage.paper("简易程序处罚决定书")) == 2
            assert len(stage.papers) == 2
            (finish,) = [s for s in stage.desk.shown if isinstance(s, common.Finish)]
            deadline = next(iter(stage.decided().values())).decision.deadline
            day = f"{deadline.year}年{deadline.month}月{deadline.day}日"
            assert any(day in note for note in finish.notes)
            assert day in stage.papers[0].replace("\n", "")
            assert await stage.states(Kind.PAYMENT) == ["closed"]
            assert await stage.states(Kind.ORDER) == ["unpaid"]

    async def test_payment_unknown_prints_a_slip_that_says_not_to_pay_twice(self, tmp_path: Path) -> None:
        wallet = {"preset": "human", "fault": "http_500", "on": ["close"]}
        async with staged(tmp_path, happy(wallet, cancel_at="pay")) as stage:
            assert (await stage.visit()).outcome == "payment_unknown"
            (slip,) = stage.paper("业务核对单")
            (payment,) = await stage.machine.books.store.find(Kind.PAYMENT)
            assert payment.id in slip.replace("\n", "")
            assert "请不要重复付款" in slip.replace("\n", "")
            assert len(stage.paper("简易程序处罚决定书")) == 2
            (finish,) = [s for s in stage.desk.shown if isinstance(s, common.Finish)]
            assert any("不要重复付款" in note for note in finish.notes)

    async def test_expired_and_renewed(self, tmp_path: Path) -> None:
        """A second code after the first ran out; the first one can no longer be paid."""
        async with staged(tmp_path, happy({"preset": "human"}), code_s=1.5) as stage:

            def till(screen: pay.PayByQr) -> Any:
                if screen.state == "expired":
                    stage.wallet.control({"do": "script", **NOW})
                    return "renew"
                return WAIT

            assert (await stage.visit({pay.PayByQr: [till] * 500})).outcome == "paid"
            assert await stage.states(Kind.PAYMENT) == ["closed", "paid"]
            assert stage.kept_fen() == stage.posted_fen() == 250_00

    async def test_paid_but_the_screen_still_waits(self, tmp_path: Path) -> None:
        """ "已付款没反应" asks at once instead of at the next turn."""
        async with staged(tmp_path, happy({"preset": "human"}), code_s=30.0, poll_s=20.0) as stage:

            def till(screen: pay.PayByQr) -> Any:
                if screen.state == "waiting":
                    stage.wallet.control({"do": "pay"})
                    return "paid_no_reaction"
                return WAIT

            async with asyncio.timeout(8):
                assert (await stage.visit({pay.PayByQr: [till]})).outcome == "paid"

    async def test_the_wallet_closes_by_itself(self, tmp_path: Path) -> None:
        """The code is dead although its time is not over: the page says so instead of waiting."""
        async with staged(tmp_path, happy({"preset": "human"}), code_s=60.0) as stage:
            seen: list[str] = []

            def till(screen: pay.PayByQr) -> Any:
                seen.append(screen.state)
                if screen.state == "expired":
                    return "cancel"
                for entry in stage.wallet.ledger.entries():
                    stage.wallet.ledger.close(entry.order_no)
                return WAIT

            async with asyncio.timeout(10):
                assert (await stage.visit({pay.PayByQr: [till] * 500})).outcome == "unpaid"
            assert seen[-1] == "expired"

    async def test_a_wallet_that_falls_silent_is_not_hammered_and_it_ends(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(till, "UNKNOWN_S", 1.5)
        async with staged(tmp_path, happy({"preset": "human"}), code_s=1.5, poll_s=0.3) as stage:
            stage.wallet.control({"do": "script", "preset": "human", "fault": "http_500", "on": ["query", "close"]})
            async with asyncio.timeout(15):
                assert (await stage.visit({pay.PayByQr: [lambda _: WAIT] * 5000})).outcome == "payment_unknown"
            asked = sum(count for (_, operation), count in stage.wallet._seen.items() if operation.value != "create")
            assert asked <= 25
            assert {s.state for s in stage.desk.of(pay.PayByQr)} >= {"waiting", "checking", "unknown"}

    async def test_no_code_and_another_try(self, tmp_path: Path) -> None:
        wallet = {**NOW, "fault": "http_500", "on": ["create"], "times": 1}
        async with staged(tmp_path, happy(wallet)) as stage:

            def again(screen: common.Message) -> Any:
                stage.wallet.control({"do": "script", **NOW})
                return "again"

            assert (await stage.visit({common.Message: [again]})).outcome == "paid"
            assert await stage.states(Kind.PAYMENT) == ["closed", "paid"]

    async def test_no_code_and_later(self, tmp_path: Path) -> None:
        async with staged(tmp_path, happy({"preset": "human", "fault": "refused", "on": ["create"]})) as stage:
            assert (await stage.visit({common.Message: ["later"]})).outcome == "unpaid"
            assert len(stage.paper("简易程序处罚决定书")) == 2

    async def test_no_code_although_the_earlier_one_was_paid(self, tmp_path: Path) -> None:
        """The answer with the first code was lost; when the citizen tries again it turns out to be paid: posted at once."""
        wallet = {**NOW, "fault": "drop_after", "on": ["create"]}
        async with staged(tmp_path, happy(wallet)) as stage:
            assert (await stage.visit({common.Message: ["again"]})).outcome == "paid"
            assert await stage.states(Kind.PAYMENT) == ["paid"]
            assert stage.posted_fen() == 250_00


class TestReprint:
    async def test_copies_are_marked(self, tmp_path: Path) -> None:
        async with staged(tmp_path, happy()) as stage:
            await stage.visit()
            first = list(stage.papers)
            assert all("补打" not in text for text in first)
            printer = stage.machine.virtual["receipt_printer"]
            for number in ("第 1 次", "第 2 次"):
                printer.control({"do": "take"})
                assert (await stage.reprint()).outcome == "completed"
                assert len(stage.papers) == 3
                for text in stage.papers:
                    assert "补打" in text
                    assert number in text.replace("\u3000", " ")
            assert [s for s in await stage.states(Kind.PRINT) if s != "done"] == []

    async def test_the_copy_says_what_the_paper_said(self, tmp_path: Path) -> None:
        async with staged(tmp_path, happy(choose=(FIRST,))) as stage:
            await stage.visit()
            (original,) = stage.paper("简易程序处罚决定书")
            stage.machine.virtual["receipt_printer"].control({"do": "take"})
            await stage.reprint()
            (copy,) = stage.paper("简易程序处罚决定书")
            assert set(original.splitlines()) <= set(copy.splitlines())

    async def test_the_amount_shown_is_what_was_decided(self, tmp_path: Path) -> None:
        async with staged(tmp_path, happy()) as stage:
            stage.police.control({"do": "fault", "id": "decide.drop_before", "after": 1, "count": None})
            await stage.visit()
            stage.police.control({"do": "clear"})
            await stage.reprint()
            (asked,) = [m for m in stage.desk.of(common.Message) if m.rows]
            assert "150" in next(row.value for row in asked.rows if row.label == "金额")

    async def test_nothing_to_print(self, tmp_path: Path) -> None:
        async with staged(tmp_path, happy()) as stage:
            assert (await stage.reprint()).outcome == "nothing_to_print"

    async def test_another_person_gets_nothing(self, tmp_path: Path) -> None:
        async with staged(tmp_path, happy()) as stage:
            await stage.visit()
            reader = stage.machine.virtual["id_card"]
            other = load_scenario("warning_only", SystemClock().now().date())
            reader.persons[other.name] = card_of(other)  # type: ignore[attr-defined]
            assert (await stage.visit(run=run_reprint, scenario=other)).outcome == "nothing_to_print"


async def test_the_decision_slip(tmp_path: Path) -> None:
    async with staged(tmp_path, happy(choose=(SECOND,))) as stage:
        await stage.visit()
        (paper,) = stage.paper("简易程序处罚决定书")
        flat = paper.replace("\n", "").replace(" ", "")
        decision = stage.decided()[SECOND].decision
        assert decision.printed_number in flat
        assert f"[code128]{decision.printed_number}" in flat
        assert "应当先申请行政复议" in flat  # since 2024-01-01 review comes first
        assert "六个月内，直接" not in flat
        assert "六十日内" in flat
        assert "十五日内" in flat
        assert f"记{decision.points}分" in flat
        assert f"本周期累积记分{decision.points_total}分" in flat
        assert "罚款100元（人民币壹佰元整）" in flat
        assert "百分之三" in flat
        for label in ("处罚机关", "交通警察", "处罚时间", "处罚地点", "被处罚人签名"):
            assert label in flat
        assert stage.scenario.person.name in flat


async def test_a_session_that_is_left_is_swept(tmp_path: Path) -> None:
    """The citizen walks away from the page with the code and pays on the way out."""
    async with staged(tmp_path, happy({"preset": "human"}), code_s=60.0) as stage:
        visit = asyncio.ensure_future(stage.visit({pay.PayByQr: [lambda _: WAIT] * 500}))
        while "pending" not in await stage.states(Kind.PAYMENT):
            await asyncio.sleep(0.02)
        visit.cancel()  # a shutdown
        await asyncio.gather(visit, return_exceptions=True)
        stage.wallet.control({"do": "pay"})
        assert await stage.sweep()
        assert await stage.states(Kind.ORDER) == ["settled"]
        assert stage.kept_fen() == stage.posted_fen() == 250_00
        assert await stage.breaches() == []
