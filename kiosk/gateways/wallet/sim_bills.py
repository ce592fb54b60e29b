"""The fake front's bill of a day: what its own books say, made the next morning; and what a bill can have wrong, on demand."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kiosk.domain.bill import BillKind
from kiosk.gateways.wallet.fake_ledger import FakeLedger
from kiosk.gateways.wallet.fake_requests import Gate, RequestRefusal
from kiosk.ports.clock import SHANGHAI

READY = dt.time(10)
"""The next day (T+1), when wallets give out their bills."""
Row = dict[str, Any]
Answer = Callable[[str, dict[str, Any], int], Response]


class FakeBills:
    """`answer` signs: nonce, body, status."""

    def __init__(self, gate: Gate, ledger: FakeLedger, answer: Answer) -> None:
        self._gate = gate
        self._ledger = ledger
        self._answer = answer
        self.page_rows = 200
        self.left_out: set[str] = set()
        """Order numbers that the bill forgets."""
        self.added: list[Row] = []
        """Rows of movements that the books do not have, as the contract writes them."""
        self.off_fen: dict[str, int] = {}
        """Order number to what its payment's row says too much."""
        self.route = Route("/v1/bills", self._bill, methods=["POST"])

    def rows(self, day: dt.date) -> list[Row]:
        """That day's movements in the order of their time."""
        found = [row for row in self._movements() if row["order_no"] not in self.left_out]
        found += self.added
        return sorted((row for row in found if _day(row["at"]) == day), key=lambda row: (row["at"], row["order_no"]))

    def _movements(self) -> list[Row]:
        rows = []
        for entry in self._ledger.entries():
            if entry.paid_at is None:
                continue
            common = {"order_no": entry.order_no, "trade_no": entry.trade_no, "wallet": entry.wallet}
            fen = entry.paid_fen + self.off_fen.get(entry.order_no, 0)
            rows.append({"kind": BillKind.PAID, **common, "fen": fen, "at": _stamp(entry.paid_at)})
            for refund_no, fen in entry.refunds.items():
                at = _stamp(entry.refund_times.get(refund_no, entry.paid_at))
                rows.append({"kind": BillKind.REFUND, **common, "fen": fen, "at": at, "refund_no": refund_no})
        return [{"refund_no": "", "fee_fen": 0, **row} for row in rows]

    async def _bill(self, request: Request) -> Response:
        nonce = ""
        try:
            body = await request.body()
            nonce = self._gate.admit(request.headers.get("Authorization", ""), "POST", _target(request), body)
            day, page = _read(body)
            now = dt.datetime.fromtimestamp(self._ledger.now(), SHANGHAI)
            if now < dt.datetime.combine(day + dt.timedelta(days=1), READY, SHANGHAI):
                raise RequestRefusal(409, "bill_not_ready", "账单还没有生成，请在次日 10 点以后再试")
        except RequestRefusal as refusal:
            said = {"code": refusal.code, "message": refusal.message}
            return self._answer(refusal.nonce or nonce, said, refusal.status)
        return self._answer(nonce, self._page(day, page), 200)

    def _page(self, day: dt.date, page: int) -> dict[str, Any]:
        rows = self.rows(day)
        pages = max(1, -(-len(rows) // self.page_rows))
        shown = rows[(page - 1) * self.page_rows : page * self.page_rows]
        return {"day": day.isoformat(), "page": page, "pages": max(pages, page), "rows": shown}


def _read(body: bytes) -> tuple[dt.date, int]:
    try:
        fields = json.loads(body)
        day, page = dt.date.fromisoformat(fields["day"]), fields["page"]
    except (ValueError, TypeError, KeyError):
        raise RequestRefusal(400, "bad_request", "缺少 day 或 page") from None
    if not isinstance(page, int) or isinstance(page, bool) or not 1 <= page <= 500:
        raise RequestRefusal(400, "bad_request", "page 超出范围")
    return day, page


def _target(request: Request) -> str:
    scope: Mapping[str, Any] = request.scope
    target: str = scope["raw_path"].decode("ascii")
    query: str = scope["query_string"].decode("ascii")
    return f"{target}?{query}" if query else target


def _day(at: str) -> dt.date:
    return dt.datetime.fromisoformat(at).astimezone(SHANGHAI).date()


def _stamp(at: float) -> str:
    return dt.datetime.fromtimestamp(at, SHANGHAI).isoformat(timespec="seconds")
