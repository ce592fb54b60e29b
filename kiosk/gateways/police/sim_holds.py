"""Records that a visit keeps for itself, so that no other session decides them meanwhile (W11)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from starlette.requests import Request
from starlette.responses import Response

from config.scenarios import RecordData, Scenario
from kiosk.gateways.police import requests as asked
from kiosk.gateways.police.sim_ledger import Books, HoldEntry
from kiosk.gateways.sim_server import Row, SimRefusal, json_answer, read_body

HELD = dt.timedelta(minutes=10)


class Holds:
    def __init__(
        self, books: Books, now: Callable[[], dt.datetime], known: Callable[[str], tuple[RecordData, Scenario]]
    ) -> None:
        self._books, self._now, self._known = books, now, known

    def hold(self, record_ids: Sequence[str], id_number: str, session: str) -> list[str]:
        """The ids that another session has; all others are kept from now on. Raises SimRefusal for an unknown record."""
        now = self._now()
        elsewhere = [record_id for record_id in record_ids if self._other(record_id, session, now)]
        until = (now + HELD).isoformat()
        kept = [record_id for record_id in record_ids if record_id not in elsewhere]
        self._books.put_holds(HoldEntry(record_id, session, id_number, until) for record_id in kept)
        return elsewhere

    def check(self, record_id: str, id_number: str) -> None:
        """Whether this person may have it decided. Raises SimRefusal while somebody else's visit keeps it."""
        held = self._books.holds.get(record_id)
        mine = held is None or held.id_number == id_number or not self._lives(held, self._now())
        if not mine or self._scripted(record_id):
            raise SimRefusal(409, "record_held", "这条违法正在别处办理，请稍后再试")

    def _other(self, record_id: str, session: str, now: dt.datetime) -> bool:
        held = self._books.holds.get(record_id)
        return self._scripted(record_id) or (held is not None and held.session != session and self._lives(held, now))

    def _scripted(self, record_id: str) -> bool:
        record, _ = self._known(record_id)
        return record.held_meanwhile or record.state == "held"

    @staticmethod
    def _lives(held: HoldEntry, now: dt.datetime) -> bool:
        return now < dt.datetime.fromisoformat(held.until)

    def rows(self, changed: Callable[[], None]) -> list[Row]:
        async def hold(request: Request) -> Response:
            body = await read_body(asked.Hold, request)
            elsewhere = self.hold(body.record_ids, body.id_number, body.session)
            changed()
            return json_answer({"session": body.session, "held_elsewhere": elsewhere})

        async def release(request: Request) -> Response:
            body = await read_body(asked.Release, request)
            self._books.end_holds(body.session)
            changed()
            return json_answer({"session": body.session})

        return [("POST", "/v1/holds", "hold", hold), ("POST", "/v1/holds/release", "release", release)]
