"""A model check of endorsements: citizens, wallets, platforms, card units, crashes and clocks in any order, and it all adds up.

The store, the clients and the wallet's front are real; the platform and the unit are machines with books and mechanics of their own.
What may never be: a chip written twice, a fee kept for nothing, a fee given back for what is on the chip, a permit lost sight of.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from kiosk.domain.errors import DeviceError, GatewayUnavailable
from kiosk.gateways.wallet.fake_ledger import LedgerRefusal
from kiosk.ledger.cashier import EarlierPaymentOpen
from kiosk.ledger.issuance import UNWRITTEN, grants_of
from kiosk.ledger.states import FINAL, CustodyState, IssuanceState, Kind, PaymentState
from kiosk.ledger.store import Record
from kiosk.ports.devices import PrintEnd
from kiosk.ports.permit import CardPlace
from kiosk.ports.wallet import TradeState
from tests.ledger.parts import CODE_S, LATE_S
from tests.ledger.permit_parts import FACE, Card, Crash, Office, Registry, Unit
from tests.ledger.test_issue_crash import Fuse
from tests.ledger.test_model import CLEAR_S, PAYERS, WALLET_FAULTS, World

S, C = IssuanceState, CustodyState
PLATFORM = st.tuples(
    st.just("platform"),
    st.sampled_from(["apply", "find_application", "authorise", "confirm", "cancel"]),
    st.sampled_from(["before", "after", "after", "refused"]),
)
UNIT = st.sampled_from(
    [
        *(("unit", op, "jam") for op in ("accept", "eject", "retain")),
        *(("unit", op, "lost") for op in ("eject", "retain", "print_back")),
        *(
            ("unit", op, "timeout")
            for op in ("accept", "place", "eject", "retain", "wait_taken", "written", "bin_count", "print_back")
        ),
        *(("unit", op, "hardware") for op in ("eject", "retain", "written", "print_back")),
        *(("unit", state) for state in ("off", "on", "on", "full", "empty")),
        *(("writer", ends) for ends in ("written", "written", "not_written", "lost_written", "lost_not")),
        *(("platform", "all", state) for state in ("down", "up", "up")),
    ]
)
WALLET = st.tuples(
    st.just("wallet"),
    st.sampled_from(PAYERS),
    st.sampled_from(WALLET_FAULTS),
    st.sampled_from(["create", "query", "close", "refund"]),
)
TROUBLES = st.one_of(PLATFORM, UNIT, UNIT, WALLET)


class Endorsing(RuleBasedStateMachine):
    world: World

    @initialize()
    def begin_the_day(self) -> None:
        world = self.world
        self.folder = Path(tempfile.mkdtemp(prefix="onetrip-issue-"))
        file = Path(shutil.copy(world.empty, self.folder / "ledger.db"))
        world.clock.forward(days=1)
        world.front.control({"do": "reset"})
        self.office = Office(
            world.clock,
            world.scenario,
            world.police,
            world.front,
            world.platform,
            world.wallet,
            file,
            Registry(world.clock),
            Unit(),
        )
        self.office.unit.card = None
        self.run(self.office.open())
        self.cards: list[Card] = []
        self.permit: Record | None = None
        self.row: Record | None = None
        self.pays = True

    def run(self, work: Any) -> Any:
        return self.world.runner.run(work)

    @property
    def present(self) -> bool:
        return self.permit is not None

    # The citizen at the machine.

    @rule(
        pays=st.sampled_from([True, True, True, False]),
        steps=st.integers(1, 9),
        troubles=st.lists(TROUBLES, max_size=3),
        end=st.sampled_from(["crash", "crash", "taken", "left", "gone", "stays"]),
        at=st.integers(1, 22),
        moment=st.sampled_from(["before", "after"]),
    )
    def a_citizen_comes(
        self, pays: bool, steps: int, troubles: list[tuple[str, ...]], end: str, at: int, moment: str
    ) -> None:
        """The service is offered only while the unit is empty and nothing is left of an earlier permit."""
        unit = self.office.unit
        if self.present:
            self.the_visit_ends(True)
        if unit.at is not CardPlace.NONE or self.run(self.office.keeper.open_rows()) or len(self.cards) > 8:
            return
        unit.card = Card()
        self.cards.append(unit.card)
        self.pays = pays
        for trouble in troubles:
            self.trouble(trouble)
        if end == "crash":
            self.office.store._on_commit = Fuse(at, moment)
            steps = 12
        try:
            self.permit = self.run(self.office.keeper.ask())
            self.run(self._steps(steps))
            if end in ("crash", "taken", "left"):
                self.the_visit_ends(end != "left")
            elif end == "gone":
                self.walk_away()
        except DeviceError:
            pass
        except Crash:
            self.start_again()
        self.office.store._on_commit = None

    async def _steps(self, count: int) -> None:
        for _ in range(count):
            await self._step()

    @precondition(lambda self: self.present)
    @rule(steps=st.integers(1, 6))
    def go_on(self, steps: int) -> None:
        with contextlib.suppress(DeviceError):
            self.run(self._steps(steps))

    async def _step(self) -> None:
        office = self.office
        assert self.permit is not None
        self.permit = await office.keeper.latest(self.permit)
        if self.permit.state == C.ASKED:
            self.permit = await office.keeper.accept(self.permit, 1.0)
        if self.permit.state != C.INSIDE:
            return
        if self.row is None:
            self.row = await office.signed()
            self.permit = await office.keeper.belongs_to(self.permit, self.row.order_id)
            return
        row = self.row = await office.store.get(Kind.ISSUANCE, self.row.id)
        if row.state in (S.INTENT, S.UNKNOWN):
            row = await office.issuer.apply(row)
        elif row.state in (S.APPLIED, S.AUTHORISING):
            row = await self._pay(row)
        elif row.state == S.AUTHORISED:
            row = await office.write(row)
        elif row.state == S.WRITE_UNKNOWN:
            on_chip = set(await office.unit.written())
            row = await office.issuer.settle_unknown(row, {grant.number for grant in grants_of(row)} <= on_chip)
        elif row.state == S.WRITTEN:
            done = await office.press.print_back(row.order_id, row.id, FACE, office.unit)  # type: ignore[arg-type]
            row = await office.issuer.confirm(row, done.end is PrintEnd.DONE)
        self.row = row

    async def _pay(self, row: Record) -> Record:
        attempts = await self.office.cashier.attempts(row.order_id)
        for n, payment in enumerate(attempts):
            with contextlib.suppress(GatewayUnavailable):
                attempts[n] = await self.office.cashier.ask(payment)
        paid = [payment for payment in attempts if payment.state == PaymentState.PAID]
        if paid:
            return await self.office.issuer.authorise(row, paid[0])
        if len(attempts) < 3:
            with contextlib.suppress(EarlierPaymentOpen, AssertionError):
                payment = await self.office.bill(row)
                if self.pays:
                    with contextlib.suppress(LedgerRefusal):
                        self.world.front.ledger.pay(payment.id)
        return row

    @precondition(lambda self: self.present)
    @rule()
    def cancel_and_renew(self) -> None:
        async def work() -> None:
            for payment in await self.office.cashier.attempts(self.row.order_id if self.row else ""):
                await self.office.cashier.close(payment)

        self.run(work())
        self.go_on(1)

    @precondition(lambda self: self.present)
    @rule(takes=st.booleans())
    def the_visit_ends(self, takes: bool) -> None:
        """Whatever came before: what was not written is given up, and the permit goes home."""

        async def work() -> None:
            office = self.office
            if self.row is not None:
                row = await office.store.get(Kind.ISSUANCE, self.row.id)
                if row.state in UNWRITTEN:
                    row = await office.issuer.void(row, "citizen_left")
                await office.issuer.cancel(row)
                await office.orders.conclude(row.order_id, citizen_present=False)
            assert self.permit is not None
            permit = await office.keeper.close_slot(await office.keeper.latest(self.permit))
            if permit.state in (C.INSIDE, C.OFFERED):
                permit = await office.keeper.offer(permit)
            if permit.state == C.OFFERED:
                permit = await office.keeper.wait_taken(permit, 1.0)
            if permit.state == C.OFFERED and permit["trouble"] is None:
                await office.keeper.retain(permit, "not_taken")

        self.office.unit.takes = takes
        self.run(work())
        self.walk_away()

    @precondition(lambda self: self.present)
    @rule()
    def walk_away(self) -> None:
        self.office.leave()
        self.permit = self.row = None

    # What the world does.

    @rule(what=TROUBLES)
    def trouble(self, what: tuple[str, ...]) -> None:
        unit, registry = self.office.unit, self.office.registry
        match what:
            case ("wallet", payer, fault, on):
                script = {"payer": payer, "seconds": 5, "fault": fault, "on": [on], "times": 2, "amount_off": 0}
                self.world.front.control({"do": "script", **script})
            case ("platform", "all", state):
                registry.down = state == "down"
            case ("platform", op, how):
                registry.trouble(op, how)
            case ("writer", ends):
                unit.write_ends = ends
            case ("unit", "off" | "on" as power):
                unit.off = power == "off"
            case ("unit", "full" | "empty" as filled):
                unit.bin_full = filled == "full"
            case ("unit", op, how):
                unit.fail(op, how)

    @rule(what=st.sampled_from(["sweep", "recover", "start", "pay", "late", "hand", "staff"]))
    def the_day_goes_on(self, what: str) -> None:
        match what:
            case "sweep":
                self.run(self.office.sweeper.sweep())
            case "recover":
                self.run(self.office.keeper.recover())
            case "start":
                self.start_again()
            case "pay":
                self.somebody_pays()
            case "late":
                self.a_wallet_breaks_its_word()
            case "hand":
                self.office.unit.take()
            case "staff" if self.office.unit.at is CardPlace.JAMMED:
                self.office.unit.staff_open()

    def somebody_pays(self) -> None:
        with contextlib.suppress(LedgerRefusal):
            self.world.front.ledger.pay()

    def a_wallet_breaks_its_word(self) -> None:
        """Within the time of the late checks; later only the end-of-day match can find it."""
        since = (self.world.clock.now() - dt.timedelta(minutes=15)).isoformat(timespec="milliseconds")
        for row in self.run(self.office.store.find(Kind.PAYMENT, ["closed"], since)):
            if row.id in self.world.front.ledger._entries:
                self.world.front.ledger._entries[row.id].pays_in_spite = True

    def start_again(self) -> None:
        """Without a goodbye."""
        self.run(self.office.crash())
        self.permit = self.row = None
        self.run(self.office.boot())

    @rule(seconds=st.sampled_from([1, 6, CODE_S, LATE_S, 700, 3700, -40]))
    def time_passes(self, seconds: float) -> None:
        self.world.clock.forward(seconds=seconds)

    # What must always hold.

    @invariant()
    def the_ledger_is_sound(self) -> None:
        if hasattr(self, "cards"):
            lines = self.run(self.office.breaches())
            assert [line for line in lines if not line.startswith(("I4", "I8"))] == []

    @invariant()
    def nothing_is_written_twice(self) -> None:
        if hasattr(self, "cards"):
            assert max(self.office.unit.writes.values(), default=0) <= 1
            for card in self.cards:
                assert len(set(card.chip)) == len(card.chip) <= 1

    def teardown(self) -> None:
        if not hasattr(self, "cards"):
            return
        try:
            self.run(self._settle())
        finally:
            self.run(self.office.store.close())
            shutil.rmtree(self.folder)

    async def _settle(self) -> None:
        """Faults cleared, everybody gone, time passing: everything ends, and the books agree."""
        office, unit = self.office, self.office.unit
        office.leave()
        office.registry.calm()
        unit.off = unit.bin_full = False
        unit.fails.clear()
        if unit.at is CardPlace.JAMMED:
            unit.staff_open()
        self.world.front.control({"do": "script", "preset": "never"})
        for _ in range(4):
            office.clock.forward(seconds=CLEAR_S / 4)
            await office.boot()
        assert (await office.sweeper.sweep()).clean
        assert await office.breaches() == []
        for kind in (Kind.ORDER, Kind.ISSUANCE, Kind.PAYMENT, Kind.CUSTODY, Kind.PRINT):
            assert set(await office.states(kind)) <= FINAL[kind]
        assert unit.held is None
        await self._books_agree()

    async def _books_agree(self) -> None:
        office = self.office
        on_chips = {number for card in self.cards for number in card.chip}
        payments = {row.id: row for row in await office.store.find(Kind.PAYMENT)}
        for entry in self.world.front.ledger.entries():
            row = payments[entry.order_no]
            if entry.state is TradeState.PAID:
                assert row.state in (PaymentState.PAID, PaymentState.MANUAL)
            else:
                assert row.state in (PaymentState.CLOSED, PaymentState.FAILED, PaymentState.REFUNDED), row.state
        for issuance in await office.store.find(Kind.ISSUANCE):
            found = office.registry.applications.get(issuance.id)
            numbers = {grant.number for grant in grants_of(issuance)}
            if issuance.state == S.CONFIRMED:
                assert found is not None
                assert found.state == "written"
                assert numbers <= on_chips
            elif issuance.state in (S.VOIDED, S.REJECTED):
                assert found is None or found.state == "cancelled"
                assert not numbers & on_chips, "given back, and it is on the chip"


@pytest.mark.slow
def test_it_all_adds_up(empty_ledger: Path) -> None:
    world = World(empty_ledger)
    Endorsing.world = world
    try:
        run_state_machine_as_test(
            Endorsing,
            settings=settings(
                max_examples=60,
                stateful_step_count=20,
                derandomize=True,
                deadline=None,
                database=None,
                phases=[Phase.explicit, Phase.generate, Phase.shrink],
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        world.close()
