"""The simulated authorities' pools of decision numbers (决定书编号): taken, used, given back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from config.scenarios import RecordData, Scenario
from kiosk.gateways.police import requests as asked
from kiosk.gateways.police.sim_ledger import Books, NumberEntry
from kiosk.gateways.sim_server import Row, SimRefusal, idempotency_key, json_answer, read_body
from kiosk.ports.clock import SHANGHAI

KEPT = dt.timedelta(minutes=30)
"""How long a number is kept for a kiosk that says nothing more."""


class NumberPools:
    """`known` is the record of a number with its scenario; it raises SimRefusal for an unknown one."""

    def __init__(
        self, books: Books, now: Callable[[], dt.datetime], known: Callable[[str], tuple[RecordData, Scenario]]
    ) -> None:
        self._books, self._now, self._known = books, now, known

    def reserve(self, record_id: str, key: str) -> tuple[NumberEntry, bool]:
        """The number, and whether it is new."""
        record, scenario = self._known(record_id)
        left = scenario.platform.number_pool
        if left is None:
            raise SimRefusal(404, "no_pool", "决定书编号由平台生成")
        now = self._now()
        same = next((entry for entry in self._books.numbers.values() if entry.key == key), None)
        if same is not None and same.record_id != record_id:
            raise SimRefusal(409, "key_reused", "幂等号已用于另一条违法")
        if same is not None and (same.state == "committed" or self._kept(same, now)):
            return same, False
        if record_id in self._books.decisions:
            raise SimRefusal(409, "already_decided", "这条违法已经处理过")
        number = self._free(record.authority_code[:6], now)
        if not number:
            if len([entry for entry in self._books.numbers.values() if self._of(entry, scenario)]) >= left:
                raise SimRefusal(409, "pool_exhausted", "决定书编号已用完，请联系工作人员")
            number = next_number(record.authority_code, now, self._books)
        entry = NumberEntry(number, record_id, key, "reserved", (now + KEPT).isoformat())
        self._books.put_number(entry)
        return entry, True

    def commit(self, number: str, record_id: str) -> NumberEntry:
        entry = self._entry(number, record_id)
        decided = self._books.by_number(number)
        if decided is None or decided.decision.record_id != record_id:
            raise SimRefusal(409, "number_unused", "还没有使用这个编号的决定书")
        return self._put(entry, "committed")

    def roll_back(self, number: str, record_id: str) -> NumberEntry:
        entry = self._entry(number, record_id)
        if self._books.by_number(number) is not None:
            raise SimRefusal(409, "number_used", "这个编号已经用在决定书上")
        return self._put(entry, "free")

    def check(self, number: str, record_id: str, scenario: Scenario) -> None:
        """Whether a decision on the record may bear this number. Raises SimRefusal."""
        if scenario.platform.number_pool is None:
            if number:
                raise SimRefusal(422, "number_not_reserved", "决定书编号由平台生成")
            return
        if not number:
            raise SimRefusal(422, "number_missing", "没有决定书编号")
        entry = self._books.numbers.get(number)
        if entry is None or entry.record_id != record_id or not self._kept(entry, self._now()):
            raise SimRefusal(409, "number_not_reserved", "决定书编号没有为这条违法保留")

    def _entry(self, number: str, record_id: str) -> NumberEntry:
        entry = self._books.numbers.get(number)
        if entry is None or entry.record_id != record_id:
            raise SimRefusal(404, "unknown_number", "没有为这条违法保留过这个编号")
        return entry

    def _put(self, entry: NumberEntry, state: str) -> NumberEntry:
        entry = replace(entry, state=state)
        self._books.put_number(entry)
        return entry

    def _kept(self, entry: NumberEntry, now: dt.datetime) -> bool:
        return entry.state == "reserved" and now < dt.datetime.fromisoformat(entry.expires_at)

    def _free(self, prefix: str, now: dt.datetime) -> str:
        """A number of this authority that was given back, or that nobody used in time."""
        for entry in self._books.numbers.values():
            unused = entry.state != "committed" and self._books.by_number(entry.number) is None
            if unused and not self._kept(entry, now) and entry.number.startswith(prefix):
                return entry.number
        return ""

    def _of(self, entry: NumberEntry, scenario: Scenario) -> bool:
        return self._known(entry.record_id)[1].name == scenario.name

    def rows(self, changed: Callable[[], None]) -> list[Row]:
        async def reserve(request: Request) -> Response:
            entry, new = self.reserve(request.path_params["record_id"], idempotency_key(request))
            changed()
            told = {"number": entry.number, "record_id": entry.record_id, "expires_at": entry.expires_at}
            return json_answer(told, 201 if new else 200)

        async def commit(request: Request) -> Response:
            body = await read_body(asked.NumberOf, request)
            return answer(self.commit(request.path_params["number"], body.record_id))

        async def roll_back(request: Request) -> Response:
            body = await read_body(asked.NumberOf, request)
            return answer(self.roll_back(request.path_params["number"], body.record_id))

        def answer(entry: NumberEntry) -> Response:
            changed()
            return json_answer({"number": entry.number, "state": entry.state})

        return [
            ("POST", "/v1/records/{record_id}/number", "reserve_number", reserve),
            ("POST", "/v1/numbers/{number}/commit", "commit_number", commit),
            ("POST", "/v1/numbers/{number}/roll-back", "roll_back_number", roll_back),
        ]


def next_number(authority_code: str, now: dt.datetime, books: Books) -> str:
    """Six digits of the deciding unit, two of the year, seven of a serial."""
    return f"{authority_code[:6]}{now.astimezone(SHANGHAI).year % 100:02d}{books.next_serial():07d}"


def check_character(number: str) -> str:
    """Published algorithms contradict each other; this simulator's choice is the nine-digit serial modulo seven."""
    return str(int(number[6:]) % 7)
