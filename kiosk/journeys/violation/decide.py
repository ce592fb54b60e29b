"""The decisions: intents on record first, then one after the other to the platform. From here there is no way back."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NoReturn

import structlog

from kiosk.domain import eligibility
from kiosk.domain.decision_refused import NOT_SENT, sentence, summed_up
from kiosk.domain.errors import Refusal
from kiosk.domain.violation import ViolationRecord
from kiosk.journeys.kit import EXIT, GO_ON, Kit, tell, working
from kiosk.journeys.papers import print_all
from kiosk.journeys.violation.afresh import Standing, standing_now
from kiosk.journeys.violation.paper import detail_of, papers_of, print_incident
from kiosk.journeys.violation.visit import Visit
from kiosk.journeys.walker import Ended
from kiosk.ledger.registrar import from_json
from kiosk.ledger.states import DecisionState, Kind
from kiosk.ledger.store import LedgerError, New, Record
from kiosk.ports.devices import MatchVerdict
from kiosk.screens.common import Phase

log = structlog.get_logger(__name__)


async def decide(visit: Visit, kit: Kit) -> Visit:
    """Issue one decision per record (公安部令105 第50条). A record that has become impossible meanwhile is left out."""
    async with kit.guard.hold():
        records = visit.picked()
        page = kit.desk.open(working("正在提交处罚", _phases(records, ()), "请稍等，处理中不能退出。"))
        try:
            order_id = await _open_order(visit, kit, records)
        except LedgerError as trouble:
            log.error("order_not_opened", hint=str(trouble))
            return await _cannot_record(kit)
        rows = {row["record_id"]: row for row in await kit.books.store.find(Kind.DECISION, order_id=order_id)}
        standing = await standing_now(visit, kit)
        done: list[Record] = []
        against: dict[str, Refusal] = {}
        for record in records:
            row = await _decide_one(rows[record.record_id], record, standing, done, against, kit)
            if row.state == DecisionState.DECIDED:
                standing = standing.after(record, from_json(row["issued"]))
            done.append(row)
            page.update(working("正在提交处罚", _phases(records, tuple(done)), "请稍等，处理中不能退出。"))
    return await _after(replace(visit, order_id=order_id), kit, done, against)


async def _cannot_record(kit: Kit) -> NoReturn:
    """What cannot be written down is not begun."""
    body = "没有作出处罚，也没有扣款。请到旁边的机器或人工窗口办理。"
    await tell(kit, "本机暂时不能办理", body, code="L-FULL")
    raise Ended("unavailable")


async def _decide_one(
    row: Record,
    record: ViolationRecord,
    standing: Standing,
    before: Sequence[Record],
    against: dict[str, Refusal],
    kit: Kit,
) -> Record:
    """Nothing is sent while the result of the one before is unknown, nor what the rules no longer allow (kept in `against`, by code)."""
    if any(other.state in (DecisionState.INTENT, DecisionState.UNKNOWN) for other in before):
        return await kit.books.registrar.withdraw(row, NOT_SENT)
    no = standing.refusals(record, kit.clock.now().date(), kit.tables.rules)
    if no:
        log.warning("no_longer_allowed", decision=row.id, code=no[0].code)
        if any(eligibility.alarms(refusal) for refusal in no):
            log.error("staff_wanted", code=no[0].code)
        against[no[0].code] = no[0]
        return await kit.books.registrar.withdraw(row, f"rule:{no[0].code}")
    return await kit.books.registrar.decide(row)


async def _open_order(visit: Visit, kit: Kit, records: tuple[ViolationRecord, ...]) -> str:
    card = visit.holder
    signature = hashlib.sha256(visit.signature_png).hexdigest() if visit.signature_png else ""
    if visit.waived_at is None or not (signature or visit.refusal_noted_by):
        raise RuntimeError(
            "nothing is decided without a waiver that is signed, or noted by an officer (行政处罚法 第62条)"
        )
    if signature and not visit.recording_sha256 and kit.settings.signing.recording == "required":
        raise RuntimeError(
            "nothing is decided on a signature that nobody recorded (公安机关办理行政案件程序规定 第263条)"
        )
    if visit.face is None or visit.face.verdict is not MatchVerdict.SAME:
        raise RuntimeError("nothing is decided for somebody whose face was not compared")
    waived = {record.record_id: visit.waiver_of(record.record_id) or visit.waived_at for record in records}

    def items(order_id: str) -> list[New]:
        return [
            change
            for n, record in enumerate(records, 1)
            for change in kit.books.registrar.intents(
                f"{order_id}D{n}",
                order_id,
                record.record_id,
                record.fine_fen,
                record.points,
                _sealed(visit, record, signature, waived[record.record_id].isoformat(timespec="seconds")),
            )
        ]

    subject = {"name": card.name, "number": card.number}
    total = sum(record.fine_fen for record in records)
    return await kit.books.orders.open("violation", card.number, subject, total, items)


def _sealed(visit: Visit, record: ViolationRecord, signature: str, waived_at: str) -> dict[str, Any]:
    return {
        "id_number": visit.holder.number,
        "signature_sha256": signature,
        "waived_at": waived_at,
        "recording_sha256": visit.recording_sha256,
        "refusal_noted_by": visit.refusal_noted_by,
        "signature_png": base64.b64encode(visit.signature_png).decode(),
        **detail_of(visit, record),
    }


async def _after(visit: Visit, kit: Kit, rows: list[Record], against: dict[str, Refusal]) -> Visit:
    decided = tuple(row for row in rows if row.state == DecisionState.DECIDED)
    visit.kept.holding.difference_update(row["record_id"] for row in decided)
    unknown = [row for row in rows if row.state in (DecisionState.INTENT, DecisionState.UNKNOWN)]
    rejected = [row for row in rows if row.state == DecisionState.REJECTED]
    told = {record.record_id: record for record in visit.picked()}
    as_told = tuple(row for row in decided if _as_told(row, told[row["record_id"]]))
    visit = replace(visit, decisions=as_told, undecided=len(unknown), rejected=len(rejected))
    if unknown or rejected:
        log.warning("not_all_decided", order=visit.order_id, unknown=len(unknown), rejected=len(rejected))
    if unknown:
        await print_incident(visit, kit)
        body = f"有 {len(unknown)} 条违法的处理结果还在核对。没有扣款。请拿好核对单，1 个工作日内可在窗口或手机查询。"
        await tell(kit, "正在核对处理结果", body, GO_ON, tone="warn", code="W-DEC-01")
    if rejected:
        why = [sentence((await kit.books.store.events(row.id))[-1]["why"], against) for row in rejected]
        body = f"有 {len(rejected)} 条违法没有处理成，没有扣款。{summed_up(why)}"
        await tell(kit, "有的违法没有处理成", body, GO_ON, tone="warn", code="W-DEC-02")
    if len(as_told) < len(decided):
        log.error("decision_differs_from_notice", order=visit.order_id, count=len(decided) - len(as_told))
        if not as_told:
            await print_all(kit, visit.order_id, await papers_of(visit.order_id, kit))
        body = f"有 {len(decided) - len(as_told)} 条的处罚和刚才告知的不一样，没有扣款。请拿好决定书，到{kit.settings.kiosk.window}核对。"
        await tell(kit, "处罚和告知不一致", body, GO_ON if as_told else EXIT, tone="warn", code="W-DEC-03")
        if not as_told:
            await kit.books.orders.conclude(visit.order_id, citizen_present=False)
            raise Ended("decision_differs")
    if not decided:
        await kit.books.orders.conclude(visit.order_id, citizen_present=False)
        raise Ended("decision_unknown" if unknown else "decision_rejected")
    return visit


def _as_told(row: Record, told: ViolationRecord) -> bool:
    """Whether the decision is what the citizen was told and signed for. Nobody pays here for anything else (行政处罚法 第44条)."""
    issued = from_json(row["issued"])
    return (issued.fine_fen, issued.points) == (told.fine_fen, told.points)


_WORDS = {DecisionState.DECIDED: "done", DecisionState.REJECTED: "failed"}


def _phases(records: tuple[ViolationRecord, ...], done: tuple[Record, ...]) -> tuple[Phase, ...]:
    phases = []
    for n, record in enumerate(records):
        state: Any = "doing" if n == len(done) else "todo"
        if n < len(done):
            state = _WORDS.get(DecisionState(done[n].state), "unknown")
        phases.append(Phase(f"{n + 1}. {record.act}", state))
    return tuple(phases)
