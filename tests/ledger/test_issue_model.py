"""A model check of endorsements: citizens, wallets, platforms, card units, crashes and clocks in any order, and it all adds up.

The store, the clients and the wallet's front are real; the platform and the unit are machines with books and mechanics of their own.
What may never be: a chip written twice, a fee kept for nothing, a fee given back for what is on the chip, a permit lost sight of.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import random
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

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
PLATFORM = [
    ("platform", op, how)
    for op in ("apply", "find_application", "authorise", "confirm", "cancel")
    for how in ("before", "after", "after", "refused")
]
UNIT = [
    *(("unit", op, "jam") for op in ("accept", "eject", "retain")),
    *(("unit", op, "lost") for op in ("eject", "retain", "print_back")),
    *(
        ("unit", op, "timeout")
        for op in ("accept", "place", "eject", "retain", "wait_taken", "written", "bin_count", "print_back")
    ),
    *(("unit", op, "hardware") for op in ("eject", "retain", "written", "print_back")),
    *(("unit", state) for state in ("off", "on", "on", "full", "empty")),
    *(("writer", ends) for ends in ("written", "written", "written", "not_written", "lost_written", "lost_not")),
    *(("platform", "all", state) for state in ("down", "up", "up")),
]
WALLET = [
    ("wallet", payer, fault, on)
    for payer in PAYERS
    for fault in WALLET_FAULTS
    for on in ("create", "query", "close", "refund")
]
COMMITS = (*range(1, 22), *(10, 11, 11, 11, 12, 12, 12, 13))
"""At which the process ends; most often around the write, where the most can be lost."""


class Day:
    """One ledger, one unit, and a day that `chance` makes."""

    def __init__(self, world: World, chance: random.Random) -> None:
        self.world, self.chance = world, chance
        self.story: list[str] = []
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

    def a_citizen_comes(self) -> None:
        """The service is offered only while the unit is empty and nothing is left of an earlier permit."""
        chance = self.chance
        pays, steps = chance.random() < 0.8, chance.randint(1, 9)
        end = chance.choice(["crash", "crash", "crash", "taken", "left", "gone", "stays"])
        at, moment = chance.choice(COMMITS), chance.choice(["before", "after"])
        self.story.append(f"citizen: {pays=} {steps=} {end=} {at=} {moment=}")
        unit = self.office.unit
        if self.present:
            self.the_visit_ends(True)
        if unit.at is not CardPlace.NONE or self.run(self.office.keeper.open_rows()) or len(self.cards) > 8:
            return
        unit.card = Card()
        self.cards.append(unit.card)
        self.pays = pays
        for _ in range(chance.choice([0, 0, 0, 1, 1, 2])):
            self.trouble()
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

    def go_on(self) -> None:
        with contextlib.suppress(DeviceError):
            self.run(self._steps(self.chance.randint(1, 6)))

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

    def cancel_and_renew(self) -> None:
        async def work() -> None:
            for payment in await self.office.cashier.attempts(self.row.order_id if self.row else ""):
                await self.office.cashier.close(payment)

        self.run(work())
        with contextlib.suppress(DeviceError):
            self.run(self._steps(1))

    def the_visit_ends(self, takes: bool = True) -> None:
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

    def walk_away(self) -> None:
        self.office.leave()
        self.permit = self.row = None

    # What the world does.

    def trouble(self) -> None:
        what: tuple[str, ...] = self.chance.choice(self.chance.choice([PLATFORM, UNIT, UNIT, WALLET]))
        self.story.append(f"trouble: {what}")
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

    def the_day_goes_on(self) -> None:
        what = self.chance.choice(["sweep", "recover", "start", "pay", "late", "hand", "staff", "time", "time"])
        self.story.append(what)
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
            case "time":
                self.world.clock.forward(seconds=self.chance.choice([1, 6, CODE_S, LATE_S, 700, 3700, -40]))
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

    # What must always hold.

    def the_ledger_is_sound(self) -> None:
        lines = self.run(self.office.breaches())
        assert [line for line in lines if not line.startswith(("I4", "I8"))] == []

    def nothing_is_written_twice(self) -> None:
        assert max(self.office.unit.writes.values(), default=0) <= 1
        for card in self.cards:
            assert len(set(card.chip)) == len(card.chip) <= 1

    def go(self, turns: int) -> None:
        try:
            for _ in range(turns):
                doing = [self.a_citizen_comes, self.trouble, self.the_day_goes_on]
                if self.present:
                    doing += [self.go_on, self.cancel_and_renew, self.the_visit_ends, self.walk_away]
                action = self.chance.choice([*doing, self.a_citizen_comes])
                self.story.append(action.__name__)
                action()
                self.the_ledger_is_sound()
                self.nothing_is_written_twice()
            self.run(self._settle())
        except Exception as error:
            raise AssertionError("\n".join([repr(error), *self.story])) from error
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
        self.reached = {said["new"] for said in await office.store.events()}
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


@pytest.fixture(scope="module")
def world(empty_ledger: Path) -> Iterator[World]:
    made = World(empty_ledger)
    yield made
    made.close()


@pytest.mark.slow
@pytest.mark.parametrize("first", [0, *(pytest.param(first, marks=pytest.mark.chaos) for first in (20, 40))])
def test_it_all_adds_up(world: World, first: int) -> None:
    """Each seed is another day; what failed once fails again."""
    reached: set[str] = set()
    for seed in range(first, first + 20):
        day = Day(world, random.Random(seed))
        day.go(14)
        reached |= day.reached
    assert reached >= {"written", "manual", "voided", "retained", "returned"}, (
        "the days were too quiet to prove anything"
    )
