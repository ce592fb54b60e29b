"""Endorsements: applied for, authorised once they are paid, written once, confirmed; or void, and the money goes back.

An endorsement is issued only while the citizen is present. The chip takes the whole set or none, and is written at most once: what
became of a write that nobody saw the end of is asked of the chip, never tried again. Fees are of the moment: an issuance that
ends without its endorsements gives back what was paid, in the same commit.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import structlog

from kiosk.domain.endorsement import Application, ApplicationState
from kiosk.domain.errors import GatewayUnavailable, Refused
from kiosk.ledger.age import older
from kiosk.ledger.cipher import FieldCipher
from kiosk.ledger.issuance import BACK, UNWRITTEN, decided_by_staff, give_up, grants_of, to_json
from kiosk.ledger.states import IllegalMove, IssuanceState, Kind, PaymentState, PrintState
from kiosk.ledger.store import Hold, Move, New, Note, Record, Store
from kiosk.ports.clock import Clock
from kiosk.ports.exit_entry import ExitEntryPlatform
from kiosk.ports.permit import WriteEnd, WriteJob, WriteOutcome

log = structlog.get_logger(__name__)
GIVE_UP = dt.timedelta(minutes=10)
"""An application that has not landed by then never will; the platform's own deadline is far shorter."""
_JOB_ID = 32


class Issuer:
    """Every method returns the row as it stands afterwards, and never raises for the platform's trouble."""

    def __init__(self, store: Store, platform: ExitEntryPlatform, cipher: FieldCipher, clock: Clock) -> None:
        self._store = store
        self._platform = platform
        self._cipher = cipher
        self._clock = clock

    def intent(self, order_id: str, option_ids: Sequence[str], fee_fen: int, detail: Mapping[str, Any]) -> New:
        """The change that records the intent; an order has one issuance. `detail` holds id_number, permit_number, phone and
        what the slips need, as JSON; it is encrypted. The record's id is the key under which the platform knows it."""
        issuance_id = f"{order_id}E1"
        data = {"options": list(option_ids), "fee_fen": fee_fen, "detail_enc": self._seal(issuance_id, detail)}
        return New(Kind.ISSUANCE, issuance_id, order_id, "signed", data)

    async def find(self, order_id: str) -> Record | None:
        return next(iter(await self._store.find(Kind.ISSUANCE, order_id=order_id)), None)

    def detail(self, issuance: Record) -> dict[str, Any]:
        """What `intent` was given; and from AUTHORISED until the end of the write, `write_data` (base64)."""
        opened: dict[str, Any] = self._cipher.open(issuance["detail_enc"], "issuance", "detail_enc", issuance.id)
        return opened

    async def remember(self, issuance: Record, more: Mapping[str, Any]) -> Record:
        """Add to the detail; the state stays."""
        sealed = self._seal(issuance.id, {**self.detail(issuance), **more})
        return (await self._store.commit(Note(issuance, "detail", {"detail_enc": sealed})))[0]

    def write_job(self, issuance: Record) -> WriteJob:
        """What the unit is to write; ask before `begin_write`. Always the same for one issuance."""
        if issuance.state != IssuanceState.AUTHORISED:
            raise IllegalMove(f"issuance: nothing to write while {issuance.state}")
        job_id = f"{issuance.id}W"
        if len(job_id) > _JOB_ID:  # a kiosk with a long name
            job_id = hashlib.sha256(job_id.encode()).hexdigest()[:_JOB_ID].upper()
        data = base64.b64decode(self.detail(issuance)["write_data"])
        return WriteJob(job_id, data, tuple(grant.number for grant in grants_of(issuance)))

    # In the session, in this order.

    async def withdraw(self, issuance: Record, why: str) -> Record:
        """Give up an intent that was never sent."""
        return await self._move(issuance, IssuanceState.REJECTED, why)

    async def apply(self, issuance: Record, attempts: int = 2) -> Record:
        """Send it, and query before every further attempt. Returns it as APPLIED, REJECTED or UNKNOWN; VOIDING where the
        platform wants another fee than the citizen was told."""
        for _ in range(attempts):
            if issuance.state != IssuanceState.INTENT:
                issuance, answered = await self._look(issuance)
                if issuance.state != IssuanceState.UNKNOWN or not answered:
                    return issuance
            detail = self.detail(issuance)
            try:
                found = await self._platform.apply(
                    detail["id_number"],
                    detail["permit_number"],
                    issuance["options"],
                    issuance["fee_fen"],
                    detail["phone"],
                    issuance.id,
                )
            except Refused as refused:
                log.warning("application_refused", record=issuance.id, code=refused.code)
                return await self._refused(issuance, refused.code)
            except GatewayUnavailable as trouble:
                log.warning("application_unknown", record=issuance.id, hint=trouble.hint)
                if issuance.state == IssuanceState.INTENT:
                    issuance = await self._move(issuance, IssuanceState.UNKNOWN, "no_answer")
                continue
            return await self._landed(issuance, found, "answered")
        return (await self._look(issuance))[0]

    async def authorise(self, issuance: Record, payment: Record, attempts: int = 2) -> Record:
        """Tell that it is paid. AUTHORISED; AUTHORISING while there is no answer; VOIDING with refund when the answer is no, or
        grants something else than was asked for."""
        payment = await self._store.get(Kind.PAYMENT, payment.id)
        if payment.state != PaymentState.PAID or issuance.id not in payment["covers"]:
            raise IllegalMove(f"issuance {issuance.id}: not paid by {payment.id}, which is {payment.state}")
        if issuance.state == IssuanceState.APPLIED:
            move = Move(issuance, IssuanceState.AUTHORISING, "paid")
            issuance = (await self._store.commit(move, Hold(payment)))[0]
        if issuance.state != IssuanceState.AUTHORISING:
            return issuance
        paid_at = dt.datetime.fromisoformat(payment["paid_at"])
        for _ in range(attempts):
            try:
                granted = await self._platform.authorise(
                    issuance["application_no"], payment["paid_fen"], payment["trade_no"], paid_at
                )
            except Refused as refused:
                log.error("authorisation_refused", record=issuance.id, code=refused.code)
                return await self._void(issuance, f"refused:{refused.code}")
            except GatewayUnavailable as trouble:
                log.warning("authorisation_unknown", record=issuance.id, hint=trouble.hint)
                continue
            return await self._granted(issuance, granted)
        return issuance

    async def begin_write(self, issuance: Record, job_id: str) -> Record:
        """Right before the unit is told to write. Raises IllegalMove for any but an AUTHORISED one: nothing is written twice."""
        return await self._move(issuance, IssuanceState.WRITING, "sending", {"job_id": job_id})

    async def wrote(self, issuance: Record, outcome: WriteOutcome) -> Record:
        """What the unit said: WRITTEN, WRITE_UNKNOWN, or VOIDING with refund when the chip is as it was for sure."""
        if outcome.job_id != issuance["job_id"]:
            raise ValueError(f"issuance {issuance.id}: the outcome is of another job")
        if outcome.end is not WriteEnd.WRITTEN:
            log.warning("write_trouble", record=issuance.id, end=str(outcome.end), trouble=outcome.kind)
        if outcome.end is WriteEnd.NOT_WRITTEN:
            return await self._void(issuance, f"not_written:{outcome.kind}")
        state = IssuanceState.WRITTEN if outcome.end is WriteEnd.WRITTEN else IssuanceState.WRITE_UNKNOWN
        data = {"trouble": outcome.kind[:64] or None, "detail_enc": self._without_write_data(issuance)}
        return await self._move(issuance, state, "unit_says", data)

    async def settle_unknown(self, issuance: Record, written: bool | None) -> Record:
        """After the chip was asked. True: WRITTEN. False: VOIDING with refund. None, because the permit is out of reach and
        nobody at the machine will ever know: MANUAL."""
        if issuance.state == IssuanceState.WRITING:
            data = {"detail_enc": self._without_write_data(issuance)}
            issuance = await self._move(issuance, IssuanceState.WRITE_UNKNOWN, "interrupted", data)
        if issuance.state != IssuanceState.WRITE_UNKNOWN:
            return issuance
        if written is None:
            log.error("write_stays_unknown", record=issuance.id)
            return await self._move(issuance, IssuanceState.MANUAL, "permit_out_of_reach")
        if not written:
            return await self._void(issuance, "not_on_chip")
        return await self._move(issuance, IssuanceState.WRITTEN, "on_chip")

    async def confirm(self, issuance: Record, printed: bool | None = None) -> Record:
        """Tell that the chip carries the endorsements. CONFIRMED; WRITTEN while there is no answer. Without `printed` the
        ledger's own print jobs say whether the back shows them."""
        if issuance.state != IssuanceState.WRITTEN:
            return issuance
        if printed is None:
            done = await self._store.find(Kind.PRINT, [PrintState.DONE], subject_id=issuance.id, slip=BACK)
            printed = bool(done)
        try:
            answer = await self._platform.confirm(issuance["application_no"], printed=printed)
        except GatewayUnavailable as trouble:
            log.warning("confirmation_unknown", record=issuance.id, hint=trouble.hint)
            return issuance
        except Refused as refused:
            return await self._by_hand(issuance, f"confirm_refused:{refused.code}")
        if answer.state is ApplicationState.CANCELLED:
            return await self._by_hand(issuance, "cancelled_there")
        if answer.state is not ApplicationState.WRITTEN:
            log.warning("confirmation_unknown", record=issuance.id, state=str(answer.state))
            return issuance
        return await self._move(issuance, IssuanceState.CONFIRMED, "accepted")

    # The way back.

    async def void(self, issuance: Record, why: str) -> Record:
        """Give up what was surely not written: VOIDING, and in the same commit its money is due back. Raises IllegalMove once the
        unit was told to write; then only its outcome, or the chip, may say that nothing was written."""
        if issuance.state not in UNWRITTEN:
            raise IllegalMove(f"issuance: {issuance.state} is not given up without the chip")
        return await self._void(issuance, why)

    async def cancel(self, issuance: Record) -> Record:
        """Tell the platform that nothing was written. VOIDED; VOIDING while there is no answer; MANUAL when it says no."""
        if issuance.state != IssuanceState.VOIDING:
            return issuance
        if not issuance["application_no"]:
            found, answered = await self._query(issuance)
            if found is None:
                gone = answered and self._too_old(issuance)
                return await self._move(issuance, IssuanceState.VOIDED, "never_landed") if gone else issuance
            (issuance,) = await self._store.commit(Note(issuance, "found", {"application_no": found.number}))
        try:
            answer = await self._platform.cancel(issuance["application_no"], issuance["trouble"] or "void")
        except GatewayUnavailable as trouble:
            log.warning("cancellation_unknown", record=issuance.id, hint=trouble.hint)
            return issuance
        except Refused as refused:
            return await self._by_hand(issuance, f"cancel_refused:{refused.code}")
        if answer.state is ApplicationState.WRITTEN:
            return await self._by_hand(issuance, "written_there")
        if answer.state is not ApplicationState.CANCELLED:
            log.warning("cancellation_unknown", record=issuance.id, state=str(answer.state))
            return issuance
        return await self._move(issuance, IssuanceState.VOIDED, "cancelled")

    async def decided_by_staff(self, issuance: Record, *, in_force: bool) -> Record:
        """Out of MANUAL, after staff looked at the chip and at the platform. Not in force: its money is due back."""
        return await decided_by_staff(self._store, issuance, in_force=in_force)

    # For the sweeper.

    async def settle_absent(self, issuance: Record, permit_gone: bool) -> Record:
        """The citizen has gone: as far as it gets now. Nobody applies, pays or writes behind their back."""
        if issuance.state == IssuanceState.INTENT:
            issuance = await self._move(issuance, IssuanceState.UNKNOWN, "interrupted")
        if issuance.state == IssuanceState.UNKNOWN:
            found, answered = await self._query(issuance)
            if found is not None:
                issuance = await self._void(issuance, "citizen_left", data={"application_no": found.number})
            elif answered and self._too_old(issuance):
                return await self._move(issuance, IssuanceState.VOIDED, "never_landed")
        elif issuance.state in UNWRITTEN:
            issuance = await self._void(issuance, "citizen_left")
        elif issuance.state in (IssuanceState.WRITING, IssuanceState.WRITE_UNKNOWN) and permit_gone:
            issuance = await self.settle_unknown(issuance, None)
        elif issuance.state == IssuanceState.WRITTEN:
            issuance = await self.confirm(issuance)
        return await self.cancel(issuance)

    async def landed_late(self, issuance: Record) -> Record:
        """One that was given up as never landed: if the platform has it after all it is cancelled there; the row stays VOIDED."""
        found, _ = await self._query(issuance)
        if found is None or issuance.state != IssuanceState.VOIDED or issuance["application_no"]:
            return issuance
        try:
            await self._platform.cancel(found.number, "citizen_left")
        except (GatewayUnavailable, Refused) as trouble:
            log.error("late_application_not_cancelled", record=issuance.id, error=type(trouble).__name__)
            return issuance
        return (await self._store.commit(Note(issuance, "cancelled_late", {"application_no": found.number})))[0]

    # The steps.

    async def _query(self, issuance: Record) -> tuple[Application | None, bool]:
        """What the platform has under this key, and whether it answered."""
        try:
            return await self._platform.find_application(issuance.id), True
        except (GatewayUnavailable, Refused) as trouble:
            log.warning("application_query_failed", record=issuance.id, error=type(trouble).__name__)
            return None, False

    async def _look(self, issuance: Record) -> tuple[Record, bool]:
        """The row as the platform's answer leaves it, and whether there was an answer."""
        if issuance.state not in (IssuanceState.INTENT, IssuanceState.UNKNOWN):
            return issuance, True
        found, answered = await self._query(issuance)
        return (issuance if found is None else await self._landed(issuance, found, "found")), answered

    async def _refused(self, issuance: Record, code: str) -> Record:
        """To a first request that is the end. To a repeated one it may mean that the first one was carried out."""
        if issuance.state == IssuanceState.UNKNOWN:
            issuance, answered = await self._look(issuance)
            if issuance.state != IssuanceState.UNKNOWN or not answered:
                return issuance
        return await self._move(issuance, IssuanceState.REJECTED, f"refused:{code}", {"trouble": code[:64]})

    async def _landed(self, issuance: Record, found: Application, why: str) -> Record:
        data = {"application_no": found.number}
        if found.state is ApplicationState.ACCEPTED:
            issuance = await self._move(issuance, IssuanceState.APPLIED, why, data)
            if found.fee_fen != issuance["fee_fen"]:
                log.error("fee_differs", record=issuance.id)
                return await self._void(issuance, "fee_differs")
            return issuance
        log.error("application_not_as_expected", record=issuance.id, state=str(found.state))
        if issuance.state == IssuanceState.INTENT:
            issuance = await self._move(issuance, IssuanceState.UNKNOWN, why, data)
        if found.state is ApplicationState.CANCELLED:
            return await self._move(issuance, IssuanceState.VOIDED, "cancelled_there", data)
        return await self._void(issuance, f"already_{found.state}", data=data)

    async def _granted(self, issuance: Record, granted: Application) -> Record:
        if granted.state is ApplicationState.ACCEPTED:
            log.warning("authorisation_unknown", record=issuance.id, state=str(granted.state))
            return issuance
        numbers = {grant.number for grant in granted.grants}
        asked = sorted(grant.option_id for grant in granted.grants) == sorted(issuance["options"])
        usable = asked and len(numbers) == len(granted.grants) and bool(granted.write_data)
        if granted.state is not ApplicationState.AUTHORISED or not usable:
            log.error("grants_differ", record=issuance.id, state=str(granted.state), count=len(granted.grants))
            return await self._void(issuance, "grants_differ")
        detail = {**self.detail(issuance), "write_data": base64.b64encode(granted.write_data).decode()}
        data = {
            "grants": [to_json(grant) for grant in granted.grants],
            "detail_enc": self._seal(issuance.id, detail),
        }
        return await self._move(issuance, IssuanceState.AUTHORISED, "granted", data)

    async def _void(
        self,
        issuance: Record,
        why: str,
        data: Mapping[str, Any] | None = None,
    ) -> Record:
        told = {"trouble": why[:64], "detail_enc": self._without_write_data(issuance), **(data or {})}
        return await give_up(self._store, issuance, IssuanceState.VOIDING, why[:64], told)

    async def _by_hand(self, issuance: Record, why: str) -> Record:
        log.error("issuance_needs_staff", record=issuance.id, why=why)
        return await self._move(issuance, IssuanceState.MANUAL, why, {"trouble": why[:64]})

    def _too_old(self, issuance: Record) -> bool:
        return older(issuance.created_at, self._clock.now(), GIVE_UP)

    def _seal(self, issuance_id: str, detail: Mapping[str, Any]) -> bytes:
        return self._cipher.seal(dict(detail), "issuance", "detail_enc", issuance_id)

    def _without_write_data(self, issuance: Record) -> bytes:
        """Once the unit had it, or never will, it is not kept."""
        detail = self.detail(issuance)
        detail.pop("write_data", None)
        return self._seal(issuance.id, detail)

    async def _move(
        self, issuance: Record, state: IssuanceState, why: str, data: Mapping[str, Any] | None = None
    ) -> Record:
        return (await self._store.commit(Move(issuance, state, why[:64], data or {})))[0]
