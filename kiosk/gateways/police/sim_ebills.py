"""The finance office's electronic bill (财政电子票据) of a paid fine, as the simulated front-end passes it on.

票据代码 has 8 digits (region of the finance office, class, kind, year), 票据号码 10, 校验码 6 characters (财综〔2018〕72号).
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from config.scenarios import Scenario
from kiosk.domain.violation import EBill
from kiosk.gateways.police.sim_ledger import Books
from kiosk.gateways.sim_server import Handler, SimRefusal, json_answer, plain

REGION, KIND = "33", "0201"
LATE_QUESTIONS = 2
ALPHABET = "0123456789abcdefghjkmnpqrstuvwxyz"


class EBills:
    """`scenario_of` tells to which scenario a decision's number belongs, None for an unknown number."""

    def __init__(self, books: Books, scenario_of: Callable[[str], Scenario | None]) -> None:
        self._books, self._scenario_of = books, scenario_of
        self._asked: dict[str, int] = {}

    def forget(self) -> None:
        self._asked.clear()

    def find(self, number: str) -> EBill:
        scenario = self._scenario_of(number)
        if scenario is None:
            raise SimRefusal(404, "unknown_decision", "没有查到这份决定书，或者还没有同步，请稍后再试")
        payment = self._books.payments.get(number)
        if payment is None:
            raise SimRefusal(404, "no_ebill", "还没有电子票据")
        self._asked[number] = self._asked.get(number, 0) + 1
        when = scenario.platform.ebill
        if when == "never" or (when == "late" and self._asked[number] <= LATE_QUESTIONS):
            return EBill("issuing")
        digest = hashlib.sha256(f"{number} {payment.trade_no}".encode()).digest()
        code = f"{REGION}{KIND}{dt.datetime.fromisoformat(payment.posted_at).year % 100:02d}"
        serial = f"{int.from_bytes(digest[:8]) % 10**10:010d}"
        check = "".join(ALPHABET[byte % len(ALPHABET)] for byte in digest[8:14])
        return EBill("issued", code, serial, check, f"https://ebill.example/{code}/{serial}/{check}")

    def handler(self) -> Handler:
        async def answer(request: Request) -> Response:
            number = request.path_params["number"]
            return json_answer({"decision_no": number, **plain(self.find(number))})

        return answer
