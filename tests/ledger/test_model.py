"""A model check: any order of citizens, wallets, platforms, crashes and clocks, and the money still adds up.

Real store, real clients, the simulated remote sides over sockets. After every step the invariants of the ledger hold and nobody
was charged or booked twice; at the end, with the faults cleared, everything paid is posted, given back, or on the work list.
"""

from __future__ import annotations

import asyncio
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

from config.scenarios import load_scenario
from kiosk.domain.errors import GatewayUnavailable
from kiosk.gateways.http import Deadlines
from kiosk.gateways.wallet.fake_ledger import LedgerRefusal
from kiosk.ledger.cashier import EarlierPaymentOpen
from kiosk.ledger.states import FINAL, DecisionState, Kind, PaymentState
from kiosk.ports.wallet import TradeState
from tests.ledger.parts import CODE_S, LATE_S, Counter, HandClock, charges, remote_sides

WALLET_FAULTS = (
    "none",
    "http_500",
    "http_502_page",
    "drop_before",
    "drop_after",
    "half_answer",
    "malformed",
    "refused",
)
POLICE_FAULTS = ("drop_before", "drop_after", "error_503", "half_answer", "malformed_json")
PAYERS = ("human", "after", "late", "at_close", "after_close", "never", "undone_at_close", "says_no")
CLEAR_S = 3 * (CODE_S + LATE_S) + 3600


class World:
    """One loop and one pair of servers for all examples; each example gets a fresh ledger and empty books."""

    def __init__(self, empty: Path) -> None:
        self.empty = empty
        self.runner = asyncio.Runner()
        self.clock = HandClock()
        scenario = load_scenario("three_pages", self.clock.now().date())
        self._stack = contextlib.AsyncExitStack()
        sides = self.runner.run(self._stack.enter_async_context(remote_sides(self.clock, scenario, Deadlines(1, 1, 2))))
        self.scenario = scenario
        self.police, self.front, self.platform, self.wallet = sides

    def close(self) -> None:
        self.runner.run(self._stack.aclose())
        self.runner.close()


class Money(RuleBasedStateMachine):
    world: World

    @initialize()
    def begin_the_day(self) -> None:
        world = self.world
        self.folder = Path(tempfile.mkdtemp(prefix="onetrip-model-"))
        file = Path(shutil.copy(world.empty, self.folder / "ledger.db"))
        world.clock.forward(days=1)
        world.police.control({"do": "reset"})
        world.front.control({"do": "reset"})
        self.counter = Counter(
            world.clock, world.scenario, world.police, world.front, world.platform, world.wallet, file
        )
        self.run(self.counter.open())
        self.at_hand: str | None = None
        self.left = [record.id for record in world.scenario.records if record.points < 6 and record.fine_fen]
        self.script("human", "none")
        self.citizen_comes(2, "code")

    def run(self, work: Any) -> Any:
        return self.world.runner.run(work)

    def script(self, payer: str, fault: str, on: str = "query", amount_off: int = 0) -> None:
        self.world.front.control(
            {
                "do": "script",
                "payer": payer,
                "seconds": 5,
                "fault": fault,
                "on": [on],
                "times": 2,
                "amount_off": amount_off,
            }
        )

    def forward(self, seconds: float) -> None:
        """The front remembers used nonces by the clock and refuses old requests, so both sides share it."""
        self.world.clock.forward(seconds=seconds)

    # What a citizen does. `at_hand` is the order of the citizen at the machine.

    @precondition(lambda self: len(self.left) >= 1)
    @rule(records=st.integers(1, 2), as_far_as=st.sampled_from(["code", "code", "code", "decided", "signed"]))
    def citizen_comes(self, records: int, as_far_as: str) -> None:
        self.counter.leave()  # the one before has gone, however far that was
        chosen, self.left = self.left[:records], self.left[records:]
        self.at_hand = self.run(self.counter.order(chosen))
        if as_far_as != "signed":
            self.decide()
        if as_far_as == "code":
            self.show_a_code()

    def decide(self) -> None:
        async def work() -> None:
            for row in await self.counter.decisions(self.at_hand or ""):
                if row.state in (DecisionState.INTENT, DecisionState.UNKNOWN):
                    await self.counter.registrar.decide(row)

        self.run(work())

    @precondition(lambda self: self.at_hand is not None)
    @rule()
    def cancel_and_renew(self) -> None:
        self.poll_or_cancel(close=True)
        self.show_a_code()

    @precondition(lambda self: self.at_hand is not None)
    @rule(same_phone=st.booleans())
    def cancel_and_hold_up_a_payer_code(self, same_phone: bool) -> None:
        self.poll_or_cancel(close=True)
        self.codes += not same_phone
        self.show_a_code(f"28{self.codes:016d}")

    codes = 0

    def show_a_code(self, payer_code: str = "") -> None:
        async def work() -> None:
            if len(await self.counter.cashier.attempts(self.at_hand or "")) >= 3:
                return  # enough to go wrong, and every further one makes all questions longer
            rows = await self.counter.decisions(self.at_hand or "")
            owed = [row for row in rows if row.state == DecisionState.DECIDED and row["fine_fen"]]
            if owed and not any(row.state in (DecisionState.INTENT, DecisionState.UNKNOWN) for row in rows):
                cashier, order_id = self.counter.cashier, self.at_hand or ""
                with contextlib.suppress(EarlierPaymentOpen):
                    if payer_code:
                        await cashier.charge(order_id, charges(owed), "交通违法罚款", payer_code)
                    else:
                        await cashier.begin(order_id, charges(owed), "交通违法罚款")

        self.run(work())

    @precondition(lambda self: self.at_hand is not None)
    @rule(close=st.booleans())
    def poll_or_cancel(self, close: bool) -> None:
        async def work() -> None:
            for row in await self.counter.cashier.attempts(self.at_hand or ""):
                with contextlib.suppress(GatewayUnavailable):
                    await (self.counter.cashier.close(row) if close else self.counter.cashier.ask(row))
            await self.counter.cashier.post(self.at_hand or "")

        self.run(work())

    @rule()
    def somebody_pays(self) -> None:
        with contextlib.suppress(LedgerRefusal):
            self.world.front.ledger.pay()

    @precondition(lambda self: self.at_hand is not None)
    @rule()
    def walk_away(self) -> None:
        self.counter.leave()
        self.at_hand = None

    @precondition(lambda self: self.at_hand is not None)
    @rule()
    def pay_and_be_told(self) -> None:
        self.somebody_pays()
        self.poll_or_cancel(close=False)

    # What the world does.

    @rule(which=st.integers(0, 3))
    def a_wallet_breaks_its_word(self, which: int) -> None:
        """A trade it called closed is paid at the next question; within the time of the late checks, as later only the
        end-of-day match can find it."""

        async def closed() -> list[str]:
            since = (self.world.clock.now() - dt.timedelta(minutes=15)).isoformat(timespec="milliseconds")
            return [row.id for row in await self.counter.store.find(Kind.PAYMENT, ["closed"], since)]

        books = self.world.front.ledger._entries
        found = [number for number in self.run(closed()) if number in books and books[number].asked_fen]
        if found:
            books[found[which % len(found)]].pays_in_spite = True

    @rule(
        payer=st.sampled_from(PAYERS),
        fault=st.sampled_from(WALLET_FAULTS),
        on=st.sampled_from(["create", "charge", "query", "close", "refund"]),
    )
    def wallet_turns(self, payer: str, fault: str, on: str) -> None:
        self.script(payer, fault, on, -1 if (payer, fault) == ("after", "none") and on == "refund" else 0)

    @rule(fault=st.sampled_from(POLICE_FAULTS), on=st.sampled_from(["decide", "find_decision", "post_payment"]))
    def platform_stumbles(self, fault: str, on: str) -> None:
        self.world.police.control({"do": "fault", "id": f"{on}.{fault}", "count": 2})

    @rule(crash=st.booleans())
    def sweep(self, crash: bool) -> None:
        """Also at boot, after the process was gone in the middle of a session."""
        if crash:
            self.run(self.counter.crash())
            self.at_hand = None
        self.run(self.counter.sweeper.sweep())

    @rule(seconds=st.sampled_from([1, 6, CODE_S, LATE_S, 700, 3700, -40]))
    def time_passes(self, seconds: float) -> None:
        self.forward(seconds)

    # What must always hold.

    @invariant()
    def the_ledger_is_sound(self) -> None:
        if not hasattr(self, "counter"):
            return
        old = [line for line in self.run(self.counter.breaches()) if not line.startswith("I4")]
        assert old == []

    @invariant()
    def nobody_is_charged_or_booked_twice(self) -> None:
        if not hasattr(self, "counter"):
            return
        books = self.world.police.world.books
        assert books.serial == len(books.decisions)
        assert self.counter.posted_fen() <= sum(entry.paid_fen for entry in self.world.front.ledger._entries.values())
        for entry in self.world.front.ledger._entries.values():
            assert len(entry.refunds) <= 1
        trades = {entry.trade_no for entry in self.world.front.ledger._entries.values() if entry.trade_no}
        assert {payment.trade_no for payment in books.payments.values()} <= trades

    def teardown(self) -> None:
        """Faults cleared, everybody gone, time passing: everything ends, and the books agree."""
        if not hasattr(self, "counter"):
            return
        try:
            self.run(self._settle())
        finally:
            self.run(self.counter.store.close())
            shutil.rmtree(self.folder)

    async def _settle(self) -> None:
        counter, front = self.counter, self.world.front
        counter.leave()
        self.world.police.control({"do": "clear"})
        front.control({"do": "script", "preset": "never"})
        for _ in range(4):
            counter.clock.forward(seconds=CLEAR_S / 4)
            await counter.sweeper.sweep()
        assert (await counter.sweeper.sweep()).clean
        assert await counter.breaches() == []
        for kind in (Kind.ORDER, Kind.DECISION, Kind.PAYMENT, Kind.POSTING):
            assert set(await counter.states(kind)) <= FINAL[kind]
        payments = {row.id: row for row in await counter.store.find(Kind.PAYMENT)}
        kept: dict[str, int] = {}
        for entry in front.ledger.entries():
            row = payments[entry.order_no]
            if entry.state is TradeState.PAID:
                assert row.state in (PaymentState.PAID, PaymentState.MANUAL), f"{row.id} is {row.state}, and paid"
                if row.state == PaymentState.PAID:
                    kept[row.order_id] = kept.get(row.order_id, 0) + 1
            else:
                assert row.state in (PaymentState.CLOSED, PaymentState.FAILED, PaymentState.REFUNDED), row.state
        assert set(kept.values()) <= {1}, "an order was paid twice and both were kept"
        paid = sum(row["paid_fen"] for row in payments.values() if row.state == PaymentState.PAID)
        manual = [row.id for row in await counter.store.find(Kind.POSTING, ["manual"])]
        assert manual == []
        assert counter.posted_fen() == paid
        decided = {row["record_id"] for row in await counter.store.find(Kind.DECISION, [DecisionState.DECIDED])}
        assert decided == set(self.world.police.world.books.decisions)


def check_model(empty: Path, examples: int, steps: int, *, seed_free: bool) -> None:
    world = World(empty)
    Money.world = world
    try:
        run_state_machine_as_test(
            Money,
            settings=settings(
                max_examples=examples,
                stateful_step_count=steps,
                derandomize=not seed_free,
                deadline=None,
                database=None,
                phases=[Phase.explicit, Phase.generate, Phase.shrink],
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        world.close()


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_money_adds_up(empty_ledger: Path) -> None:
    check_model(empty_ledger, 48, 16, seed_free=False)


@pytest.mark.chaos
@pytest.mark.timeout(1200)
def test_money_adds_up_for_long(empty_ledger: Path) -> None:
    check_model(empty_ledger, 400, 30, seed_free=True)
