"""What citizens say against a record before it is decided: objections, statements and defences. Both keep it undecided."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from config.scenarios import RecordData, Scenario
from kiosk.gateways.police import requests as asked
from kiosk.gateways.police.sim_ledger import Books, DefenceEntry, ObjectionEntry
from kiosk.gateways.sim_server import Row, SimRefusal, idempotency_key, json_answer, read_body


class Rights:
    def __init__(
        self, books: Books, now: Callable[[], dt.datetime], known: Callable[[str], tuple[RecordData, Scenario]]
    ) -> None:
        self._books, self._now, self._known = books, now, known

    def state(self, record: RecordData) -> str:
        """How the record is listed. The list of a record taken by another session meanwhile is not yet up to date."""
        if record.state != "open":
            return record.state
        if any(entry.record_id == record.id for entry in self._books.objections.values()):
            return "objected"
        defended = any(entry.record_id == record.id for entry in self._books.defences.values())
        return "auditing" if defended else "open"

    def object_to(
        self, record_id: str, id_number: str, reason: str, key: str, text: str = "", phone: str = ""
    ) -> tuple[str, bool]:
        """The objection's number, and whether it is new. Raises SimRefusal."""
        earlier = self._books.objections.get(key)
        if earlier is not None and (earlier.record_id, earlier.id_number) == (record_id, id_number):
            return earlier.objection_no, False
        self._may(record_id, earlier)
        number = f"Y{self._now():%Y%m%d}{len(self._books.objections) + 1:06d}"
        filed_at = self._now().isoformat()
        self._books.add_objection(ObjectionEntry(number, record_id, id_number, reason, key, filed_at, text, phone))
        return number, True

    def defend(self, record_id: str, id_number: str, statement: str, phone: str, key: str) -> tuple[str, bool]:
        """The statement's number, and whether it is new. Raises SimRefusal."""
        earlier = self._books.defences.get(key)
        if earlier is not None and (earlier.record_id, earlier.id_number) == (record_id, id_number):
            return earlier.defence_no, False
        self._may(record_id, earlier)
        number = f"S{self._now():%Y%m%d}{len(self._books.defences) + 1:06d}"
        filed_at = self._now().isoformat()
        self._books.add_defence(DefenceEntry(number, record_id, id_number, statement, phone, key, filed_at))
        return number, True

    def _may(self, record_id: str, earlier: object) -> None:
        record, _ = self._known(record_id)
        if earlier is not None:
            raise SimRefusal(409, "key_reused", "幂等号已用于另一条违法")
        if record_id in self._books.decisions:
            raise SimRefusal(409, "already_decided", "这条违法已经处理过")
        if self.state(record) not in ("open", "held"):
            raise SimRefusal(409, "record_not_open", "这条违法正在核查")

    def rows(self, changed: Callable[[], None]) -> list[Row]:
        async def object_to(request: Request) -> Response:
            body = await read_body(asked.ObjectTo, request)
            record_id, key = request.path_params["record_id"], idempotency_key(request)
            number, new = self.object_to(record_id, body.id_number, body.reason, key, body.text, body.phone)
            changed()
            return json_answer({"objection_no": number}, 201 if new else 200)

        async def defend(request: Request) -> Response:
            body = await read_body(asked.Defend, request)
            record_id, key = request.path_params["record_id"], idempotency_key(request)
            number, new = self.defend(record_id, body.id_number, body.statement, body.phone, key)
            changed()
            return json_answer({"defence_no": number}, 201 if new else 200)

        return [
            ("POST", "/v1/records/{record_id}/objections", "object_to", object_to),
            ("POST", "/v1/records/{record_id}/defences", "defend", defend),
        ]
