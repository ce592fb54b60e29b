"""Penalty decisions: the intent first, then the platform, then what it said.

A decision is made only while the citizen is present: when no answer came and the citizen has gone, the platform is asked
what became of the request, and nothing is sent again on its own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import structlog

from kiosk.domain.errors import GatewayUnavailable, Refused
from kiosk.domain.fine import PayableFine
from kiosk.domain.violation import Consent, Decision
from kiosk.ledger.age import older
from kiosk.ledger.cipher import FieldCipher
from kiosk.ledger.numbers import Numbers, wanted
from kiosk.ledger.states import DecisionState, Kind
from kiosk.ledger.store import Move, New, Record, Store
from kiosk.ports.clock import Clock
from kiosk.ports.platform import PolicePlatform

log = structlog.get_logger(__name__)
GIVE_UP = dt.timedelta(minutes=10)
"""A request that has not landed by then never will; the platform's own deadline is far shorter."""


class Registrar:
    def __init__(self, store: Store, platform: PolicePlatform, cipher: FieldCipher, clock: Clock) -> None:
        self._store = store
        self._platform = platform
        self._cipher = cipher
        self._clock = clock
        self._numbers = Numbers(store, platform)

    def intents(
        self, decision_id: str, order_id: str, record_id: str, fine_fen: int, points: int, detail: Any
    ) -> tuple[New, ...]:
        """The changes that record the intent, and that a number is wanted for it. `detail` holds id_number, signature_sha256, waived_at
        and what the printed decision needs; it is encrypted."""
        sealed = self._cipher.seal(detail, "decision", "detail_enc", decision_id)
        data = {"record_id": record_id, "fine_fen": fine_fen, "points": points, "detail_enc": sealed}
        return New(Kind.DECISION, decision_id, order_id, "signed", data), wanted(decision_id, order_id)

    def known(self, decision_id: str, order_id: str, fine: PayableFine, detail: Any) -> New:
        """A decision that was made elsewhere and is paid here by its number: it begins as decided, and nobody asks the platform for it.

        `fine_fen` is what is owed now, surcharge included, because that is what is paid and posted whole; `issued` has the fine alone.
        `detail` is what the voucher needs; it is encrypted. Raises ValueError while the surcharge is not known.
        """
        made = Decision(
            fine.number,
            fine.check_char,
            "",
            fine.decided_at,
            fine.principal_fen,
            0,
            0,
            fine.deadline,
            fine.authority,
        )
        data = {
            "record_id": "",
            "fine_fen": fine.total_fen,
            "points": 0,
            "number": fine.number,
            "issued": to_json(made),
            "detail_enc": self._cipher.seal(detail, "decision", "detail_enc", decision_id),
        }
        return New(Kind.DECISION, decision_id, order_id, "made_elsewhere", data, DecisionState.DECIDED)

    def detail(self, decision: Record) -> Any:
        return self._cipher.open(decision["detail_enc"], "decision", "detail_enc", decision.id)

    async def decide(self, decision: Record, attempts: int = 2) -> Record:
        """Send it, and query before every further attempt. Returns the row as DECIDED, REJECTED or UNKNOWN.

        A number of the authority's pool is taken first, where it has one. Nothing is sent again while the platform cannot say what
        became of the request before.
        """
        decision = await self._decide(decision, attempts)
        await self._numbers.settle(decision)
        return decision

    async def _decide(self, decision: Record, attempts: int) -> Record:
        number = ""
        for _ in range(attempts):
            if decision.state != DecisionState.INTENT:
                decision, answered = await self._look(decision)
                if decision.state != DecisionState.UNKNOWN or not answered:
                    return decision
            try:
                number = await self._numbers.reserve(decision)
            except Refused as refused:
                log.warning("decision_not_numbered", decision=decision.id, code=refused.code)
                return await self._refused(decision, refused.code)
            except GatewayUnavailable as trouble:
                log.warning("decision_not_numbered", decision=decision.id, hint=trouble.hint)
                continue
            detail = self.detail(decision)
            try:
                issued = await self._platform.decide(
                    decision["record_id"],
                    detail["id_number"],
                    Consent(
                        waived_at=detail["waived_at"],
                        signature_sha256=detail["signature_sha256"],
                        recording_sha256=detail.get("recording_sha256", ""),
                        refusal_noted_by=detail.get("refusal_noted_by", ""),
                    ),
                    decision["record_id"],
                    number,
                )
            except Refused as refused:
                log.warning("decision_refused", decision=decision.id, code=refused.code)
                return await self._refused(decision, refused.code)
            except GatewayUnavailable as trouble:
                log.warning("decision_unknown", decision=decision.id, hint=trouble.hint)
                if decision.state == DecisionState.INTENT:
                    decision = await self._move(decision, DecisionState.UNKNOWN, "no_answer")
                continue
            return await self._decided(decision, issued, "answered")
        if decision.state == DecisionState.INTENT:  # no number was to be had, so nothing was sent
            return await self._move(decision, DecisionState.REJECTED, "not_numbered")
        return await self.ask(decision)

    async def withdraw(self, decision: Record, why: str) -> Record:
        """Give up an intent that was never sent."""
        changes = [Move(decision, DecisionState.REJECTED, why), *await self._numbers.not_wanted(decision)]
        return (await self._store.commit(*changes))[0]

    async def settle_number(self, row: Record) -> None:
        """For the sweeper: say what became of a number, once its decision is known."""
        await self._numbers.settle(await self._store.get(Kind.DECISION, row["decision_id"]))

    async def ask(self, decision: Record) -> Record:
        """What became of it, without sending it again. Unchanged when the platform cannot be asked or has none yet."""
        return (await self._look(decision))[0]

    async def settle_absent(self, decision: Record) -> Record:
        """For the sweeper: the citizen has gone. Decided if the platform has it; abandoned once it surely never will."""
        if decision.state == DecisionState.INTENT:
            decision = await self._move(decision, DecisionState.UNKNOWN, "interrupted")
        gone = older(decision.created_at, self._clock.now(), GIVE_UP)
        decision, answered = await self._look(decision)
        if decision.state != DecisionState.UNKNOWN or not answered or not gone:
            return decision
        return await self._move(decision, DecisionState.ABANDONED, "never_landed")

    async def landed_late(self, decision: Record) -> Move | None:
        """For a decision that was given up: the move to make when the platform has it after all."""
        try:
            issued = await self._platform.find_decision(decision["record_id"])
        except (GatewayUnavailable, Refused) as trouble:
            log.warning("decision_query_failed", decision=decision.id, error=type(trouble).__name__)
            return None
        return None if issued is None else _landed(decision, issued, "landed_late")

    async def _look(self, decision: Record) -> tuple[Record, bool]:
        """The row as the platform's answer leaves it, and whether there was an answer."""
        if decision.state in (DecisionState.DECIDED, DecisionState.REJECTED):
            return decision, True
        try:
            issued = await self._platform.find_decision(decision["record_id"])
        except (GatewayUnavailable, Refused) as trouble:
            log.warning("decision_query_failed", decision=decision.id, error=type(trouble).__name__)
            return decision, False
        if issued is None:
            return decision, True
        return await self._decided(decision, issued, "found"), True

    async def _refused(self, decision: Record, code: str) -> Record:
        """The platform said no. To a first request that is the end, and a decision it may hold is somebody else's. To a repeated
        one it may mean that the first one was carried out: the platform is asked, and while it is silent nobody knows."""
        if decision.state == DecisionState.UNKNOWN:
            decision, answered = await self._look(decision)
            if decision.state == DecisionState.DECIDED or not answered:
                return decision
        return await self._move(decision, DecisionState.REJECTED, f"refused:{code}"[:64])

    async def _decided(self, decision: Record, issued: Decision, why: str) -> Record:
        return (await self._store.commit(_landed(decision, issued, why)))[0]

    async def _move(
        self, decision: Record, state: DecisionState, why: str, data: Mapping[str, Any] | None = None
    ) -> Record:
        return (await self._store.commit(Move(decision, state, why, data or {})))[0]


def _landed(decision: Record, issued: Decision, why: str) -> Move:
    """The decision as it was issued counts, for what is owed, paid and printed, also where it is not what was announced."""
    if (issued.fine_fen, issued.points) != (decision["fine_fen"], decision["points"]):
        log.error("decision_differs_from_notice", decision=decision.id)
    data = {
        "number": issued.number,
        "issued": to_json(issued),
        "fine_fen": issued.fine_fen,
        "points": issued.points,
    }
    return Move(decision, DecisionState.DECIDED, why, data)


def to_json(decision: Decision) -> dict[str, Any]:
    """The decision as a JSON object; it names the record, not the person."""
    return {
        "number": decision.number,
        "check_char": decision.check_char,
        "record_id": decision.record_id,
        "decided_at": decision.decided_at.isoformat(),
        "fine_fen": decision.fine_fen,
        "points": decision.points,
        "points_total": decision.points_total,
        "deadline": decision.deadline.isoformat() if decision.deadline else None,
        "authority": decision.authority,
        "officer": decision.officer,
        "refused_to_sign": decision.refused_to_sign,
    }


def from_json(data: Mapping[str, Any]) -> Decision:
    """The decision back from `to_json`."""
    return Decision(
        number=data["number"],
        check_char=data["check_char"],
        record_id=data["record_id"],
        decided_at=dt.datetime.fromisoformat(data["decided_at"]),
        fine_fen=data["fine_fen"],
        points=data["points"],
        points_total=data["points_total"],
        deadline=dt.date.fromisoformat(data["deadline"]) if data["deadline"] else None,
        authority=data["authority"],
        officer=data["officer"],
        refused_to_sign=data.get("refused_to_sign", False),  # rows of older versions have no such word
    )
