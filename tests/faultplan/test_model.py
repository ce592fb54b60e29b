"""The model of citizens, wallet and platform, with the fault plan inside: at the n-th call from now of any port the process is gone, there
is no answer, the request comes twice or late, the ledger cannot be written. After every step I1 to I6 hold; at the end the books agree.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule, run_state_machine_as_test

from kiosk.ledger.cashier import Cashier
from kiosk.ledger.registrar import Registrar
from kiosk.ledger.store import LedgerError, Store
from kiosk.ledger.sweeper import Sweeper
from tests.faultplan.books import agree, found_in
from tests.faultplan.plan import Fault, Plan, Planned, carry_out
from tests.ledger.conftest import empty_ledger
from tests.ledger.parts import CODE_S, LATE_S
from tests.ledger.test_model import Money, World

__all__ = ["empty_ledger"]
KILLS = (Fault.KILL_BEFORE, Fault.KILL_AFTER)
FAULTS = (
    *KILLS,
    *KILLS,
    Fault.RAISE,
    Fault.SILENT_BEFORE,
    Fault.SILENT_AFTER,
    Fault.TWICE,
    Fault.LATE,
    Fault.STRAGGLER,
)
ON_THE_WAY = (Fault.TWICE, Fault.LATE, Fault.STRAGGLER)
OFTEN = (*KILLS, Fault.SILENT_AFTER, *ON_THE_WAY)
LEDGER_ERRORS = (LedgerError, RuntimeError)


def evenly(faults: Sequence[Fault]) -> st.SearchStrategy[Fault]:
    """Each as often as the others, where `sampled_from` keeps to its favourites within an example."""
    return st.integers(0, 1 << 20).map(lambda number: faults[number % len(faults)])


class Gone(BaseException):
    """The process is no more; nothing of it runs on, no handler either."""


class PlanHere(Plan):
    """In the test's own process: a kill is a `Gone` that nobody holds up. `came_up` counts what happened, over all examples."""

    def __init__(self, came_up: Counter[Fault]) -> None:
        super().__init__(Fault.RAISE, 0, None)  # type: ignore[arg-type]
        self.came_up = came_up
        self.gone = False

    def arm(self, fault: Fault, calls: int) -> None:
        """Requests that change something are few, and each of them is worth a fault."""
        self.fault, self.at = fault, self.counts[fault] + (min(calls, 2) if fault in ON_THE_WAY else calls)

    async def _go_wrong(self, port: str, name: str, do: Callable[[], Any], said: Any) -> Any:
        self.came_up[self.fault] += 1
        if self.fault not in KILLS:
            return await super()._go_wrong(port, name, do, said)
        if self.fault is Fault.KILL_AFTER:
            await do()
        self.gone = True
        raise Gone

    async def call(self, port: str, name: str, real: Any, args: Any, kwargs: Any) -> Any:
        if self.gone:
            raise Gone
        return await super().call(port, name, real, args, kwargs)


class PlannedStore(Store):
    plan: PlanHere

    async def commit(self, *changes: Any) -> Any:
        return await self.plan.call("ledger", "commit", super().commit, changes, {})


class Troubled(Money):
    """Every rule of `Money`, and two more."""

    came_up: ClassVar[Counter[Fault]] = Counter()
    kind_of_plan: ClassVar[type[PlanHere]] = PlanHere
    at_hand: str | None
    """Empty where somebody stands at a machine that has broken off with them: whoever comes and goes is drawn, and only that may say
    which rules are next. The sweeper looks after several orders at once, so that which call is the n-th, and with it whether anything
    breaks off, is another matter each time the same day is lived through."""

    @initialize(fault=evenly(FAULTS), calls=st.integers(1, 8))
    def begin_the_day(self, fault: Fault, calls: int) -> None:
        self.plan = self.kind_of_plan(self.came_up)
        self.plan.arm(fault, calls)
        self.straggler = ""
        super().begin_the_day()

    def _wire(self) -> None:
        """As `Counter.open` made them, with every port behind the plan."""
        counter, plan = self.counter, self.plan
        counter.store.__class__ = PlannedStore
        counter.store.plan = plan  # type: ignore[attr-defined]
        self.ports = {"police": self.world.platform, "wallet": self.world.wallet}
        police: Any = Planned("police", self.world.platform, plan)
        wallet: Any = Planned("wallet", self.world.wallet, plan)
        counter.registrar = Registrar(counter.store, police, counter.cipher, counter.clock)
        counter.cashier = Cashier(counter.store, wallet, police, counter.clock, expires_in=CODE_S, late=LATE_S)
        counter.sweeper = Sweeper(counter.store, counter.orders, counter.registrar, counter.cashier, counter.clock)

    @rule(fault=evenly(FAULTS), calls=st.integers(1, 8))
    def something_goes_wrong(self, fault: Fault, calls: int) -> None:
        """At one of the next calls; also within what the following rules do."""
        self.plan.arm(fault, calls)

    @rule(fault=evenly(OFTEN), calls=st.integers(1, 3))
    def something_goes_wrong_soon(self, fault: Fault, calls: int) -> None:
        self.plan.arm(fault, calls)

    @rule()
    def a_straggler_arrives(self) -> None:
        sent, self.straggler = self.straggler, ""
        if sent:
            self.world.runner.run(carry_out(sent, self.ports))

    def run(self, work: Any) -> Any:
        """A session that breaks off ends there, with the desk wiped; a process that is gone is started again on what is on disk."""
        try:
            return self.world.runner.run(work)
        except Gone:
            self._start_again()
        except LEDGER_ERRORS:
            self.counter.leave()
        finally:
            self.straggler, self.plan.straggler = self.plan.straggler or self.straggler, ""
            if not isinstance(self.counter.store, PlannedStore):
                self._wire()
        if self.at_hand is not None:
            self.at_hand = ""
        return None

    def _start_again(self) -> None:
        plan = self.plan
        plan.gone, plan.at = False, 0

        async def again() -> None:
            await plan.let_go()
            await asyncio.sleep(0)  # what was cancelled ends
            await self.counter.crash()

        self.world.runner.run(again())
        self.counter.leave()

    # Rules of `Money` that go on with what a step before gave them.

    @precondition(lambda self: len(self.left) >= 1)
    @rule(records=st.integers(1, 2), as_far_as=st.sampled_from(["code", "code", "code", "decided", "signed"]))
    def citizen_comes(self, records: int, as_far_as: str) -> None:
        self.counter.leave()
        chosen, self.left = self.left[:records], self.left[records:]
        self.at_hand = self.run(self.counter.order(chosen)) or ""
        for step in ([], [self.decide], [self.decide, self.show_a_code])[
            ("signed", "decided", "code").index(as_far_as)
        ]:
            if self.at_hand:
                step()

    def show_a_code(self, payer_code: str = "") -> None:
        if self.at_hand:
            super().show_a_code(payer_code)

    @precondition(lambda self: self.at_hand is not None)
    @rule(close=st.booleans())
    def poll_or_cancel(self, close: bool) -> None:
        """Where the visit has broken off, the machine goes on by itself."""
        if self.at_hand:
            super().poll_or_cancel(close)
        else:
            self.sweep(crash=False)

    @precondition(lambda self: self.at_hand is not None)
    @rule()
    def pay_and_be_told(self) -> None:
        self.somebody_pays()
        self.poll_or_cancel(close=False)

    def teardown(self) -> None:
        if hasattr(self, "counter"):
            self.plan.at = 0
            self.world.runner.run(self.plan.let_go())
            self.a_straggler_arrives()
        super().teardown()

    async def _settle(self) -> None:
        await super()._settle()
        found = await found_in(self.counter.store, self.counter.clock)
        agree(found, self.world.front.ledger, self.world.police.world.books)


def check_model(empty: Path, examples: int, steps: int, *, seed_free: bool, machine: type[Troubled] = Troubled) -> None:
    world = World(empty)
    machine.world, machine.came_up = world, Counter()
    try:
        run_state_machine_as_test(
            machine,
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
    assert machine.came_up.total() >= examples // 2, f"too little went wrong: {machine.came_up}"


@pytest.mark.slow
def test_money_adds_up_whatever_goes_wrong(empty_ledger: Path) -> None:
    check_model(empty_ledger, 32, 16, seed_free=False)


@pytest.mark.slow
def test_the_same_day_may_go_otherwise(empty_ledger: Path) -> None:
    """Which rules are next is the same, whatever went wrong at which call: the days would not be days of this model otherwise."""
    chances = cycle((1, 2, 99, 3))

    class AnotherCall(PlanHere):
        def arm(self, fault: Fault, calls: int) -> None:
            super().arm(fault, next(chances))

    class Otherwise(Troubled):
        kind_of_plan = AnotherCall

    check_model(empty_ledger, 40, 8, seed_free=False, machine=Otherwise)


@pytest.mark.chaos
@pytest.mark.timeout(1200)
def test_money_adds_up_for_long(empty_ledger: Path) -> None:
    check_model(empty_ledger, 600, 40, seed_free=True)
