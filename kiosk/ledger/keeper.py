"""The permits in the machine: whose each is, where it lies, and how it gets back to its holder.

Before a motor moves a permit the ledger says so, and what the unit cannot say stays open until its sensors do. A permit is never
kept for longer than it takes: it goes to the slot, and into the bin only when nobody takes it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import structlog

from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.ledger.cipher import FieldCipher
from kiosk.ledger.custody import OPEN_CUSTODIES, given_back, route, where_now
from kiosk.ledger.issuance import grants_of
from kiosk.ledger.issuer import Issuer
from kiosk.ledger.numbering import unused
from kiosk.ledger.states import FINAL, CustodyState, IssuanceState, Kind
from kiosk.ledger.store import LedgerError, Move, New, Note, Record, Store
from kiosk.ports.clock import Clock
from kiosk.ports.permit import CardPlace, PermitUnit

log = structlog.get_logger(__name__)
_SELDOM_S = 120.0
_SEEN = frozenset({CardPlace.MOUTH, CardPlace.READER, CardPlace.WRITER, CardPlace.PRINTER, CardPlace.JAMMED})
NOT_IN = frozenset({ErrorKind.NO_MEDIA, ErrorKind.MEDIA_BAD, ErrorKind.MEDIA_REMOVED})
"""Errors of `accept` after which the unit holds no card."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """One permit that was found in the ledger or in the unit: what its row said, and what it and its issuance say now."""

    was: str
    custody: Record
    issuance: Record | None = None


class Keeper:
    """`wait_s`: seconds a recovered permit lies at the slot before it goes into the bin.

    Methods take a row as it was read last and return it as it stands; DeviceError is raised only where said.
    """

    def __init__(
        self, store: Store, unit: PermitUnit, cipher: FieldCipher, clock: Clock, *, issuer: Issuer, wait_s: float = 30.0
    ) -> None:
        self._store = store
        self._unit = unit
        self._cipher = cipher
        self._clock = clock
        self._issuer = issuer
        self._wait_s = wait_s
        self._recovering = asyncio.Lock()
        self._looked = False
        """Whether the unit was looked into since the start, or since it last did not answer."""
        self._seen_since: float | None = None
        self._taken: set[str] = set()
        """Permits that were seen taken while the ledger could not be written."""
        self.in_hands: set[str] = set()
        """Custodies of the session that is going on; recovery leaves the unit alone while there are any. To be cleared when a
        session ends, however it ends."""

    async def ask(self) -> Record:
        """Before the slot is opened; waits for a recovery that is going on. Raises DeviceError when the unit does not answer, or BUSY
        while it may still hold an earlier permit; nothing was written then."""
        async with self._recovering:
            if await self.open_rows():
                raise DeviceError(ErrorKind.BUSY, "permit_unit", "An earlier permit is not out of the unit yet.")
            custody = await self._new("slot_opens", await self._bin_count(), CardPlace.NONE)
            self.in_hands.add(custody.id)
            return custody

    async def accept(self, custody: Record, deadline: float) -> Record:
        """Open the slot and draw a card in: INSIDE. Otherwise raises the unit's DeviceError, after writing down what is known: NONE
        when it gave the card back or none came, STUCK when it jammed, ASKED (for `close_slot`) when nobody knows."""
        try:
            await self._unit.accept(deadline)
        except DeviceError as error:
            if error.kind in NOT_IN:
                await self.nothing_came(custody, str(error.kind))
            elif error.kind is ErrorKind.MEDIA_JAMMED:
                await self.stuck(custody, str(error.kind))
            raise
        return await self.came_in(custody, None)

    async def close_slot(self, custody: Record) -> Record:
        """When the waiting for a card was broken off: close the slot, and look. INSIDE when a card came in meanwhile, NONE when not;
        ASKED while the unit does not say."""
        if custody.state != CustodyState.ASKED:
            return custody
        try:
            await self._unit.stop_accepting()
            place = await self._unit.place()
        except DeviceError as error:
            return await self._trouble(custody, error)
        if place.inside:
            state = CustodyState.STUCK if place is CardPlace.JAMMED else CustodyState.INSIDE
            return await self._go(custody, state, "came_in", place)
        return custody if place is CardPlace.UNKNOWN else await self.nothing_came(custody, "broken_off")

    async def came_in(self, custody: Record, permit: Mapping[str, Any] | None) -> Record:
        """`permit` is what staff need to give it back (number, name masked), as JSON; it is encrypted. May be told later."""
        if custody.state == CustodyState.INSIDE:
            return custody if permit is None else await self.describe(custody, permit)
        data = {} if permit is None else {"permit_enc": self._seal(custody.id, permit)}
        return await self._go(custody, CustodyState.INSIDE, "came_in", CardPlace.READER, data)

    async def nothing_came(self, custody: Record, why: str = "nothing_came") -> Record:
        return await self._go(custody, CustodyState.NONE, why, CardPlace.NONE)

    async def describe(self, custody: Record, permit: Mapping[str, Any]) -> Record:
        """What is known of the permit by now; replaces what was known before."""
        note = Note(custody, "described", {"permit_enc": self._seal(custody.id, permit)})
        return (await self._store.commit(note))[0]

    async def belongs_to(self, custody: Record, order_id: str) -> Record:
        """There is an order now. Before anything is written to the chip, or a power cut would leave it without its permit."""
        return (await self._store.commit(Note(custody, "belongs", {"order_id": order_id})))[0]

    def permit(self, custody: Record) -> Any:
        """What `came_in` or `describe` told; None when nothing was, or the permit was given back."""
        sealed = custody["permit_enc"]
        return None if sealed is None else self._cipher.open(sealed, "custody", "permit_enc", custody.id)

    async def of_order(self, order_id: str) -> Record | None:
        """The newest one."""
        found = await self._store.find(Kind.CUSTODY, order_id=order_id)
        return found[-1] if found else None

    async def latest(self, custody: Record) -> Record:
        """The row as it stands now, for whom an exception kept from getting it."""
        return await self._store.get(Kind.CUSTODY, custody.id)

    async def offer(self, custody: Record) -> Record:
        """Bring it to the slot. OFFERED with no `trouble` when it lies there; otherwise what the sensors say (INSIDE, STUCK,
        RETURNED, MISSING), or OFFERED with `trouble` while they say nothing."""
        out_of_reach = custody.state in (CustodyState.INSIDE, CustodyState.STUCK)
        if custody.state != CustodyState.OFFERED:
            custody = await self._go(custody, CustodyState.OFFERED, "to_the_slot", None)
        try:
            await self._unit.eject()
        except DeviceError as error:
            if error.kind is ErrorKind.NO_MEDIA and out_of_reach:
                # Gone before it ever lay at the slot: no citizen has taken it.
                log.error("permit_not_there", record=custody.id)
                return await self._go(custody, CustodyState.MISSING, "not_there", CardPlace.NONE)
            return await self._after(custody, error)
        return await self._place(custody, CardPlace.MOUTH)

    async def wait_taken(self, custody: Record, deadline: float) -> Record:
        """RETURNED once the citizen took it; OFFERED while it lies there, or nobody can say."""
        try:
            if not await self._unit.wait_taken(deadline):
                return await self._place(custody, CardPlace.MOUTH)
        except DeviceError as error:
            return await self._trouble(custody, error)
        return await self.taken(custody)

    async def taken(self, custody: Record, why: str = "taken") -> Record:
        return await self._go(custody, CustodyState.RETURNED, why, CardPlace.NONE)

    async def retain(self, custody: Record, why: str) -> Record:
        """Put it into the bin: RETAINED. Otherwise what the sensors say (the bin is full: it lies where it lay; taken in the last
        moment: RETURNED), or RETAINING with `trouble` while they say nothing."""
        if custody.state != CustodyState.RETAINING:
            custody = await self._go(custody, CustodyState.RETAINING, why, None, {"trouble": why[:64]})
        try:
            await self._unit.retain()
        except DeviceError as error:
            return await self._after(custody, error)
        return await self._go(custody, CustodyState.RETAINED, why, CardPlace.NONE, {"trouble": why[:64]})

    async def stuck(self, custody: Record, why: str) -> Record:
        """Jammed: staff open the unit, and the next recovery sees where the permit is then."""
        return await self._go(custody, CustodyState.STUCK, why, CardPlace.JAMMED, {"trouble": why[:64]})

    async def given_back(self, custody: Record) -> Record:
        """By staff: out of RETAINED, MISSING or STUCK."""
        custody = await given_back(self._store, custody)
        self.in_hands.discard(custody.id)
        return custody

    def seen_taken(self, custody: Record) -> None:
        """It was brought out although the ledger could not be written; the next recovery writes down that it was taken."""
        log.warning("permit_out_unrecorded", record=custody.id)
        self._taken.add(custody.id)

    async def settle_write(self, custody: Record) -> None:
        """Before the permit goes out: what became of a write that nobody saw the end of. Never raises for the unit's trouble."""
        issuance = await self._issuer.find(custody.order_id) if custody.order_id else None
        if issuance is not None:
            await self.ask_chip(issuance)

    async def ask_chip(self, issuance: Record) -> Record:
        """WRITTEN or VOIDING by what the chip of the permit inside says, MANUAL where it carries a part. Unchanged while it cannot be
        read: recovery asks again as long as the permit is inside, the sweeper gives up when it is not."""
        try:
            return await self._ask_chip(issuance)
        except DeviceError as error:
            log.error("chip_not_read", record=issuance.id, kind=str(error.kind))
            return issuance

    # After a stop, and whenever the unit is back.

    async def open_rows(self) -> list[Record]:
        """Permits that are not out of the machine, oldest first."""
        return await self._store.find(Kind.CUSTODY, OPEN_CUSTODIES)

    async def recover(self) -> list[Recovered]:
        """Find every permit that the machine had when it stopped, settle what was being written, and give it back or keep it.

        Before citizens are served, and again when the unit is back or was opened: what it does not answer about stays open. With a
        permit at the slot it takes `wait_s`. Does nothing during a session. Raises LedgerError.
        """
        async with self._recovering:
            if self.in_hands:
                return []
            rows = await self.open_rows()
            try:
                place, bin_now = await self._unit.place(), await self._bin_count()
            except DeviceError as error:
                if rows and self._looked:
                    log.warning("permit_unit_silent", kind=str(error.kind), count=len(rows))
                self._looked = False
                return []
            self._looked = True
            done = []
            # The unit holds one card, and that is the newest; what came in before it went before it came.
            for row, after in pairwise(rows):
                done.append(await self._bring_home(row, CardPlace.NONE, after["bin_before"]))
            if rows:
                done.append(await self._bring_home(rows[-1], place, bin_now))
            elif place not in (CardPlace.NONE, CardPlace.UNKNOWN):
                found = await self._new("found_in_unit", bin_now, place)
                done.append(await self._bring_home(found, place, bin_now))
            return done

    async def attend(self, every: float = 5.0) -> None:
        """For ever: recover at once, when the unit is back, and while a permit is open outside a session, or a card that nobody has
        on record was left in the unit (refused at the slot, and not taken). What makes no progress is looked at less and less
        often, up to every two minutes."""
        delay = every
        while True:
            stands = False
            try:
                left = self._left_behind()
                if not self.in_hands and (left or not self._looked or await self.open_rows()):
                    found = await self.recover()
                    stands = bool(found) and all(each.custody.state in OPEN_CUSTODIES for each in found)
            except LedgerError as trouble:
                log.error("recovery_failed", hint=str(trouble))
            except Exception:
                # Whatever it is: one bad pass must not leave permits in the machine.
                log.exception("recovery_crashed")
            delay = min(delay * 2, _SELDOM_S) if stands else every
            await asyncio.sleep(delay)

    def _left_behind(self) -> bool:
        """Whether a card has been seen in the unit, outside sessions, for longer than anybody needs to take it. By the newest status;
        the sensors are asked anew before anything is believed."""
        now = asyncio.get_running_loop().time()
        if self.in_hands or self._unit.status().parts.get("media") not in _SEEN:
            self._seen_since = None
            return False
        self._seen_since = now if self._seen_since is None else self._seen_since
        return now - self._seen_since >= 2 * self._wait_s

    async def _bring_home(self, custody: Record, place: CardPlace, bin_now: int | None) -> Recovered:
        was, order_id = custody.state, custody.order_id
        state = where_now(custody, place, bin_now)
        if custody.id in self._taken and place is CardPlace.NONE:
            state = CustodyState.RETURNED
        if state is None:
            return Recovered(was, await self._said(custody, "place_unknown"))
        custody = await self._go(custody, state, "found", place)
        issuance = await self._issuer.find(order_id) if order_id else None
        if custody.state == CustodyState.INSIDE:
            if issuance is not None:
                try:
                    issuance = await self._ask_chip(issuance)
                except DeviceError as error:
                    if error.kind in (ErrorKind.OFFLINE, ErrorKind.NOT_OPEN, ErrorKind.TIMEOUT, ErrorKind.BUSY):
                        return Recovered(was, await self._trouble(custody, error), issuance)
                    # A chip that cannot be read is no reason to keep the permit; staff find out what is on it.
                    log.error("chip_not_read", record=custody.id, kind=str(error.kind))
            custody = await self.offer(custody)
        if custody.state == CustodyState.OFFERED:
            custody = await self.wait_taken(custody, self._wait_s)
        if custody.state == CustodyState.OFFERED and custody["trouble"] is None:
            custody = await self.retain(custody, "not_taken")
        if custody.state != was:
            log.warning("permit_recovered", record=custody.id, state=custody.state)
        return Recovered(was, custody, issuance)

    async def _ask_chip(self, issuance: Record) -> Record:
        """Whether the chip carries what was being written when the machine stopped: all of it, or none. Raises DeviceError."""
        if issuance.state not in (IssuanceState.WRITING, IssuanceState.WRITE_UNKNOWN):
            return issuance
        on_chip = set(await self._unit.written())
        granted = {grant.number for grant in grants_of(issuance)}
        if granted and (granted <= on_chip or not granted & on_chip):
            return await self._issuer.settle_unknown(issuance, granted <= on_chip)
        log.error("chip_carries_a_part", record=issuance.id)
        return await self._issuer.settle_unknown(issuance, None)

    # The steps.

    async def _new(self, why: str, bin_before: int | None, place: CardPlace) -> Record:
        now = self._clock.now()
        number = await unused(self._store, Kind.CUSTODY, now, lambda n: f"C{now:%Y%m%d}{n:05d}")
        data = {"bin_before": bin_before, "place": str(place)}
        return (await self._store.commit(New(Kind.CUSTODY, number, "", why, data)))[0]

    async def _bin_count(self) -> int | None:
        try:
            return await self._unit.bin_count()
        except DeviceError as error:
            if error.kind is ErrorKind.UNSUPPORTED:
                return None
            raise

    async def _after(self, custody: Record, error: DeviceError) -> Record:
        """A motor did not do what it was told: what do the sensors say?"""
        log.error("permit_not_moved", record=custody.id, kind=str(error.kind))
        if error.kind is ErrorKind.MEDIA_JAMMED:
            return await self.stuck(custody, str(error.kind))
        try:
            place = await self._unit.place()
            state = where_now(custody, place, await self._bin_count())
        except DeviceError as again:
            return await self._trouble(custody, again)
        if state is None:
            return await self._trouble(custody, error)
        if state == custody.state:
            return await self._place(custody, place)
        return await self._go(custody, state, str(error.kind), place, {"trouble": str(error.kind)})

    async def _trouble(self, custody: Record, error: DeviceError) -> Record:
        return await self._said(custody, str(error.kind))

    async def _said(self, custody: Record, trouble: str) -> Record:
        """Once, however often it is met."""
        if custody["trouble"] == trouble:
            return custody
        log.error("permit_unit_trouble", record=custody.id, trouble=trouble)
        return (await self._store.commit(Note(custody, "trouble", {"trouble": trouble})))[0]

    async def _place(self, custody: Record, place: CardPlace) -> Record:
        """It was seen there, and all is well."""
        if (custody["place"], custody["trouble"]) == (place, None):
            return custody
        return (await self._store.commit(Note(custody, "seen", {"place": str(place), "trouble": None})))[0]

    async def _go(
        self,
        custody: Record,
        state: CustodyState,
        why: str,
        place: CardPlace | None,
        data: Mapping[str, Any] | None = None,
    ) -> Record:
        """Move by move; one that stands there already stays. Whose permit it was is forgotten when they have it back."""
        said: dict[str, Any] = {"trouble": None, **({} if place is None else {"place": str(place)}), **(data or {})}
        if state in (CustodyState.NONE, CustodyState.RETURNED):
            said["permit_enc"] = None
        for step in route(custody.state, state):
            (custody,) = await self._store.commit(Move(custody, step, why[:64], said if step == state else {}))
        if custody.state in FINAL[Kind.CUSTODY]:
            self.in_hands.discard(custody.id)
        return custody

    def _seal(self, custody_id: str, permit: Mapping[str, Any]) -> bytes:
        return self._cipher.seal(dict(permit), "custody", "permit_enc", custody_id)
