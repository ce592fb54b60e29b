"""For the ledger's tests of endorsements: an exit-entry platform and a card unit that keep books of what was really done.

Both outlive the process under test, as the real ones do. Neither shares code with what is tested.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter as Tally
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from config.scenarios import load_scenario
from kiosk.domain.endorsement import Application, ApplicationState, Destination, Grant
from kiosk.domain.errors import DeviceError, ErrorKind, GatewayUnavailable, Refused
from kiosk.ledger.cashier import Charge
from kiosk.ledger.issuance import grants_of
from kiosk.ledger.issuer import Issuer
from kiosk.ledger.keeper import Keeper
from kiosk.ledger.press import Press
from kiosk.ledger.states import CustodyState, IssuanceState, Kind, PaymentState
from kiosk.ledger.store import Move, Record
from kiosk.ledger.sweeper import Sweeper
from kiosk.ports.devices import DeviceStatus, Link, PrintEnd, PrintOutcome
from kiosk.ports.permit import BackFace, CardPlace, WriteEnd, WriteJob, WriteOutcome
from tests.ledger.parts import IMPATIENT, Counter, HandClock, remote_sides

FEE = 15_00
OPTIONS = ("HKG-G-3M1",)
DETAIL = {"id_number": "330203199001010006", "permit_number": "C99990007", "phone": "13800000000", "name": "张示例"}
FACE = BackFace("C99990007", (("个人旅游", "香港", "20260618", "一次"),))


class Registry:
    """The exit-entry platform's books. `trouble(op, what)` plans for the next calls: "before" (never arrived), "after" (done, and
    no answer), or a refusal's code; and for
    find_application "absent" (not there yet)."""

    def __init__(self, clock: HandClock) -> None:
        self._clock = clock
        self.applications: dict[str, Application] = {}
        self.paid: dict[str, int] = {}
        self.printed: dict[str, bool] = {}
        self.down = False
        self._planned: dict[str, deque[str]] = {}

    def trouble(self, op: str, *what: str) -> None:
        self._planned.setdefault(op, deque()).extend(what)

    def calm(self) -> None:
        self.down = False
        self._planned.clear()

    def all_states(self) -> list[str]:
        return [str(found.state) for found in self.applications.values()]

    async def apply(
        self,
        id_number: str,
        permit_number: str,
        option_ids: Sequence[str],
        fee_fen: int,
        phone: str,
        idempotency_key: str,
    ) -> Application:
        lost = self._meets("apply")
        if idempotency_key not in self.applications:
            number = f"3302{len(self.applications) + 1:011d}"
            grants = tuple(
                Grant(
                    f"E{number[-6:]}{n}",
                    option,
                    Destination(option[:3]),
                    "G",
                    1,
                    self._clock.now().date(),
                    self._clock.now().date() + dt.timedelta(days=91),
                )
                for n, option in enumerate(option_ids)
            )
            sealed = json.dumps({"mac": "sealed", "grants": [{"number": grant.number} for grant in grants]}).encode()
            made = Application(number, ApplicationState.ACCEPTED, fee_fen, grants, sealed)
            self.applications[idempotency_key] = made
        return self._tell(idempotency_key, lost)

    async def find_application(self, idempotency_key: str) -> Application | None:
        planned = self._planned.get("find_application")
        if planned and planned[0] == "absent":
            planned.popleft()
            return None
        lost = self._meets("find_application")
        return self._tell(idempotency_key, lost) if idempotency_key in self.applications else None

    async def authorise(self, number: str, amount_fen: int, trade_no: str, paid_at: dt.datetime) -> Application:
        lost = self._meets("authorise")
        key, found = self._of(number)
        if amount_fen != found.fee_fen:
            raise Refused("wrong_amount", "")
        if found.state in (ApplicationState.CANCELLED, ApplicationState.WRITTEN):
            raise Refused(f"is_{found.state}", "")
        assert paid_at.tzinfo is not None
        self.paid[number] = amount_fen
        self.applications[key] = replace(found, state=ApplicationState.AUTHORISED)
        return self._tell(key, lost)

    async def confirm(self, number: str, *, printed: bool) -> Application:
        lost = self._meets("confirm")
        key, found = self._of(number)
        if found.state not in (ApplicationState.AUTHORISED, ApplicationState.WRITTEN):
            raise Refused("not_authorised", "")
        self.applications[key] = replace(found, state=ApplicationState.WRITTEN)
        self.printed[number] = printed
        return self._tell(key, lost)

    async def cancel(self, number: str, reason: str) -> Application:
        lost = self._meets("cancel")
        assert reason
        key, found = self._of(number)
        if found.state is ApplicationState.WRITTEN:
            raise Refused("is_written", "")
        self.applications[key] = replace(found, state=ApplicationState.CANCELLED)
        return self._tell(key, lost)

    def _of(self, number: str) -> tuple[str, Application]:
        for key, found in self.applications.items():
            if found.number == number:
                return key, found
        raise Refused("unknown_application", "")

    def _meets(self, op: str) -> bool:
        """Whether the answer gets lost. Raises what keeps the request from being carried out."""
        planned = self._planned.get(op)
        what = planned.popleft() if planned else ""
        if self.down or what == "before":
            raise GatewayUnavailable("exit_entry", "no answer")
        if what not in ("", "after"):
            raise Refused(what, "")
        return what == "after"

    def _tell(self, key: str, lost: bool) -> Application:
        if lost:
            raise GatewayUnavailable("exit_entry", "no answer")
        found = self.applications[key]
        granted = found.state in (ApplicationState.AUTHORISED, ApplicationState.WRITTEN)
        return found if granted else replace(found, grants=(), write_data=b"")


@dataclass
class Card:
    chip: list[str] = field(default_factory=list)
    back: tuple[tuple[str, ...], ...] = ()


class Unit:
    """A card unit's mechanics. `hand` is what the citizen does: puts `card` in, takes it from the slot.

    `fails[op]` are the errors of the next calls; "jam", and "lost" (done, and the answer is lost), and kinds of DeviceError.
    `write_ends` plans the next write: "written", "not_written", "lost_written", "lost_not".
    """

    def __init__(self) -> None:
        self.card: Card | None = Card()
        """In the citizen's hands."""
        self.held: Card | None = None
        self.at = CardPlace.NONE
        self.bin: list[Card] = []
        self.put_in = 0
        self.slot_open = False
        self.off = False
        self.bin_full = False
        self.takes = True
        self.write_ends = "written"
        self.writes: Tally[str] = Tally()
        self.last_job = ""
        self.fails: dict[str, deque[str]] = {}

    def fail(self, op: str, *what: str) -> None:
        self.fails.setdefault(op, deque()).extend(what)

    def status(self) -> DeviceStatus:
        return DeviceStatus(
            Link.OFFLINE if self.off else Link.READY, {"media": "unknown" if self.off else str(self.at)}
        )

    def take(self) -> None:
        """The citizen's hand at the slot."""
        if self.at is CardPlace.MOUTH:
            self.card, self.held, self.at = self.held, None, CardPlace.NONE

    def staff_open(self) -> None:
        """Staff take out what is jammed and hand it over."""
        self.card, self.held, self.at = self.held, None, CardPlace.NONE

    async def accept(self, deadline: float) -> None:
        lost = self._meets("accept")
        self.slot_open = True
        if self.card is None:
            self.slot_open = False
            raise DeviceError(ErrorKind.NO_MEDIA, "permit_unit", "none came")
        self.held, self.card, self.at, self.slot_open = self.card, None, CardPlace.READER, False
        self._lose(lost)

    async def stop_accepting(self) -> None:
        self._meets("stop_accepting")
        self.slot_open = False

    async def place(self) -> CardPlace:
        self._meets("place")
        return self.at

    async def write(self, job: WriteJob) -> WriteOutcome:
        if self.last_job == job.job_id:
            return WriteOutcome(job.job_id, WriteEnd.WRITTEN)
        self.writes[job.job_id] += 1
        if self.held is None or self.off:
            return WriteOutcome(job.job_id, WriteEnd.NOT_WRITTEN, "no_media")
        if "not" not in self.write_ends:
            self.held.chip += job.numbers
            self.last_job = job.job_id
        if self.write_ends.startswith("lost"):
            return WriteOutcome(job.job_id, WriteEnd.UNCERTAIN, "timeout")
        end = WriteEnd.NOT_WRITTEN if "not" in self.write_ends else WriteEnd.WRITTEN
        return WriteOutcome(job.job_id, end, "hardware" if "not" in self.write_ends else "")

    async def written(self) -> Sequence[str]:
        self._meets("written")
        self._needs_card()
        assert self.held is not None
        return tuple(self.held.chip)

    async def print_back(self, face: BackFace, job_id: str) -> PrintOutcome:
        lost = self._meets("print_back")
        self._needs_card()
        assert self.held is not None
        self.held.back = face.rows
        return PrintOutcome(job_id, PrintEnd.UNCERTAIN if lost else PrintEnd.DONE, "timeout" if lost else "")

    async def eject(self) -> None:
        lost = self._meets("eject")
        self._needs_card()
        self.at = CardPlace.MOUTH
        self._lose(lost)

    async def wait_taken(self, deadline: float) -> bool:
        self._meets("wait_taken")
        if self.takes:
            self.take()
        return self.at is not CardPlace.MOUTH

    async def retain(self) -> None:
        lost = self._meets("retain")
        self._needs_card()
        assert self.held is not None
        if self.bin_full:
            raise DeviceError(ErrorKind.SUPPLY_OUT, "permit_unit", "bin full")
        self.bin.append(self.held)
        self.put_in += 1
        self.held, self.at = None, CardPlace.NONE
        self._lose(lost)

    async def bin_count(self) -> int:
        self._meets("bin_count")
        return self.put_in

    def _needs_card(self) -> None:
        if self.held is None:
            raise DeviceError(ErrorKind.NO_MEDIA, "permit_unit", "no card")

    def _meets(self, op: str) -> bool:
        if self.off:
            raise DeviceError(ErrorKind.OFFLINE, "permit_unit", "no answer")
        planned = self.fails.get(op)
        what = planned.popleft() if planned else ""
        if what == "jam":
            self.held, self.card = self.held or self.card, None
            self.at = CardPlace.JAMMED
            raise DeviceError(ErrorKind.MEDIA_JAMMED, "permit_unit", "jammed")
        if what not in ("", "lost"):
            raise DeviceError(ErrorKind(what), "permit_unit", "as planned")
        return what == "lost"

    def _lose(self, lost: bool) -> None:
        if lost:
            raise DeviceError(ErrorKind.TIMEOUT, "permit_unit", "no answer")


class Crash(BaseException):
    """The process is gone. No handler of the code under test may catch it."""


@dataclass
class Office(Counter):
    """A counter that issues endorsements."""

    registry: Registry
    unit: Unit

    async def open(self) -> None:
        await super().open()
        self.issuer = Issuer(self.store, self.registry, self.cipher, self.clock)  # type: ignore[arg-type]
        self.keeper = Keeper(self.store, self.unit, self.cipher, self.clock, issuer=self.issuer, wait_s=1.0)  # type: ignore[arg-type]
        self.press = Press(self.store, None)  # type: ignore[arg-type]
        self.sweeper = Sweeper(self.store, self.orders, self.registrar, self.cashier, self.clock, self.issuer)

    def leave(self) -> None:
        super().leave()
        self.keeper.in_hands.clear()

    async def signed(self, options: Sequence[str] = OPTIONS) -> Record:
        """The intent stands in the ledger and nothing was sent yet."""

        def items(order_id: str) -> list[Any]:
            return [self.issuer.intent(order_id, options, FEE, DETAIL)]

        order_id = await self.orders.open("endorsement", DETAIL["id_number"], {"name": DETAIL["name"]}, FEE, items)
        found = await self.issuer.find(order_id)
        assert found is not None
        return found

    async def applied(self) -> Record:
        row = await self.issuer.apply(await self.signed())
        assert row.state == IssuanceState.APPLIED
        return row

    async def bill(self, issuance: Record) -> Record:
        """A code is on the screen."""
        charge = Charge(issuance.id, issuance["fee_fen"])
        payment, code = await self.cashier.begin(issuance.order_id, [charge], "出入境证件签注费")
        assert code is not None
        return payment

    async def paid(self) -> tuple[Record, Record]:
        row = await self.applied()
        payment = await self.bill(row)
        self.pays()
        payment = await self.cashier.ask(payment)
        assert payment.state == PaymentState.PAID
        return row, payment

    async def authorised(self) -> Record:
        row = await self.issuer.authorise(*await self.paid())
        assert row.state == IssuanceState.AUTHORISED
        return row

    async def write(self, row: Record) -> Record:
        job = self.issuer.write_job(row)
        row = await self.issuer.begin_write(row, job.job_id)
        return await self.issuer.wrote(row, await self.unit.write(job))

    async def took_in(self) -> Record:
        row = await self.keeper.accept(await self.keeper.ask(), 1.0)
        return await self.keeper.describe(row, {"number": "C9999****"})

    async def visit(self) -> None:
        """A whole visit as the journey makes it, as far as it gets."""
        custody = await self.took_in()
        row = await self.signed()
        custody = await self.keeper.belongs_to(custody, row.order_id)
        row = await self.issuer.apply(row)
        if row.state == IssuanceState.APPLIED:
            payment = await self.bill(row)
            self.pays()
            payment = await self.cashier.ask(payment)
            row = await self.issuer.authorise(row, payment)
        if row.state == IssuanceState.AUTHORISED:
            row = await self.write(row)
        if row.state == IssuanceState.WRITE_UNKNOWN:
            granted = {grant.number for grant in grants_of(row)}
            row = await self.issuer.settle_unknown(row, granted <= set(await self.unit.written()))
        if row.state == IssuanceState.WRITTEN:
            done = await self.press.print_back(row.order_id, row.id, FACE, self.unit)  # type: ignore[arg-type]
            row = await self.issuer.confirm(row, done.end is PrintEnd.DONE)
        row = await self.issuer.cancel(row)
        custody = await self.keeper.offer(custody)
        if custody.state == CustodyState.OFFERED:
            custody = await self.keeper.wait_taken(custody, 1.0)
        if custody.state == CustodyState.OFFERED:
            await self.keeper.retain(custody, "not_taken")
        await self.orders.conclude(row.order_id, citizen_present=False)
        self.leave()

    async def issuance(self) -> Record:
        """The only one there is."""
        (found,) = await self.store.find(Kind.ISSUANCE)
        return found

    async def custody(self) -> Record:
        (found,) = await self.store.find(Kind.CUSTODY)
        return found

    async def payment_states(self) -> list[str]:
        return await self.states(Kind.PAYMENT)

    async def boot(self) -> None:
        """What the machine does after a start."""
        await self.press.recover()
        await self.sweeper.sweep()
        await self.keeper.recover()
        await self.sweeper.sweep()

    def tidy(self) -> None:
        """New books on both sides, for the next of many examples."""
        self.registry = Registry(self.clock)
        self.unit = Unit()
        self.front.control({"do": "reset"})

    async def settled_breaches(self) -> list[str]:
        """What does not add up between the ledger, the platform, the chip and the wallet, with everything at rest."""
        wrong = await self.breaches()
        in_force = sum(found.fee_fen for found in self.registry.applications.values() if found.state == "written")
        manual = await self.store.find(Kind.ISSUANCE, ["manual"])
        if not manual and self.kept_fen() != in_force:
            wrong.append(f"{self.kept_fen()} fen kept, {in_force} fen in force")
        for card in (self.unit.card, self.unit.held, *self.unit.bin):
            if card is None:
                continue
            if len(set(card.chip)) != len(card.chip):
                wrong.append("a chip was written twice")
            if bool(card.chip) != bool(in_force) and not manual:
                wrong.append("chip and platform differ")
        if sum(self.unit.writes.values()) > len(self.unit.writes):
            wrong.append("one job was sent twice")
        return wrong


@asynccontextmanager
async def open_office(file: Path) -> AsyncIterator[Office]:
    clock = HandClock()
    loaded = load_scenario("happy_two_records", clock.now().date())
    async with remote_sides(clock, loaded, IMPATIENT) as (police, front, platform, wallet):
        office = Office(clock, loaded, police, front, platform, wallet, file, Registry(clock), Unit())
        await office.open()
        try:
            yield office
        finally:
            await office.store.close()


async def issuance_in(office: Office, state: str) -> Record:
    """An issuance that got as far as this state on the shortest way."""
    if state == IssuanceState.INTENT:
        return await office.signed()
    if state in (IssuanceState.UNKNOWN, IssuanceState.REJECTED):
        row = await office.signed()
        return (await office.store.commit(Move(row, state, "test")))[0]
    if state == IssuanceState.APPLIED:
        return await office.applied()
    if state == IssuanceState.AUTHORISING:
        office.registry.trouble("authorise", "before", "before")
        return await office.issuer.authorise(*await office.paid())
    row = await office.authorised()
    if state == IssuanceState.AUTHORISED:
        return row
    if state in (IssuanceState.VOIDING, IssuanceState.VOIDED):
        row = await office.issuer.void(row, "test")
        return row if state == IssuanceState.VOIDING else await office.issuer.cancel(row)
    row = await office.issuer.begin_write(row, "J1")
    if state == IssuanceState.WRITING:
        return row
    ends = {IssuanceState.WRITE_UNKNOWN: WriteEnd.UNCERTAIN, IssuanceState.MANUAL: WriteEnd.UNCERTAIN}
    row = await office.issuer.wrote(
        row, WriteOutcome("J1", ends.get(IssuanceState(state), WriteEnd.WRITTEN), "timeout")
    )
    if state == IssuanceState.MANUAL:
        row = await office.issuer.settle_unknown(row, None)
    return await office.issuer.confirm(row, True) if state == IssuanceState.CONFIRMED else row
