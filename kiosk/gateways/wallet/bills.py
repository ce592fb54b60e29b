"""The wallets' bills by way of the payment front (`/v1/bills` in openapi.yaml): `kiosk.ports.bills.Bills`.

Believed like any other answer of the front: signed, fresh, to this very request (`client`). A bill that is not whole is none: one page
that is about another day, repeats a row or counts other pages than the one before stops it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

from kiosk.domain.bill import BillKind, BillRow
from kiosk.gateways.wallet import answers
from kiosk.gateways.wallet.answers import AnswerError
from kiosk.gateways.wallet.client import WalletClient
from kiosk.ports.clock import SHANGHAI

MOST_PAGES = 500
PAGE_ROWS = 200
"""Rows in a page at most: far below the limit of an answer, in bytes."""
_NUMBER = re.compile(r"[0-9A-Za-z_*.-]+")
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})")


class WalletBills(WalletClient):
    """Made like a `WalletClient`; closed with `aclose`."""

    async def bill(self, day: dt.date) -> Sequence[BillRow]:
        """Raises GatewayUnavailable; Refused `bill_not_ready` before the wallets have made it."""
        rows: list[BillRow] = []
        pages, page = 1, 0
        while page < pages:
            page += 1
            found, count = await self._page(day, page)
            if page > 1 and count != pages:
                raise self._http.unavailable("bill", "the bill changed while it was read")
            pages = count
            rows += found
        if len({(row.kind, row.order_no, row.trade_no, row.refund_no) for row in rows}) != len(rows):
            raise self._http.unavailable("bill", "the bill has a movement twice")
        return tuple(rows)

    async def _page(self, day: dt.date, page: int) -> tuple[list[BillRow], int]:
        body: dict[str, object] = {"day": day.isoformat(), "page": page}
        return await self._ask("bill", "/v1/bills", body, lambda said: read_page(said, day, page))


def read_page(body: answers.Body, day: dt.date, page: int) -> tuple[list[BillRow], int]:
    """The rows of a page, and how many pages there are. Raises AnswerError."""
    if "code" in body:
        raise AnswerError("a refusal where a bill was expected")
    if body.get("day") != day.isoformat() or _whole(body, "page", MOST_PAGES) != page:
        raise AnswerError("the answer is about another page")
    pages, rows = _whole(body, "pages", MOST_PAGES), body.get("rows")
    if pages < page or not isinstance(rows, list) or len(rows) > PAGE_ROWS:
        raise AnswerError("the page is none of a bill")
    return [_row(row, day) for row in rows], pages


def _row(row: Any, day: dt.date) -> BillRow:
    if not isinstance(row, dict):
        raise AnswerError("a row is no object")
    try:
        kind = BillKind(str(row.get("kind")))
    except ValueError:
        raise AnswerError("a row of a kind that is not in the contract") from None
    fen, at = _whole(row, "fen", 10**12), _time(row)
    if fen == 0:
        raise AnswerError("a row that moves no money")
    if at.date() != day:
        raise AnswerError("a row of another day")
    return BillRow(
        kind=kind,
        order_no=_number(row, "order_no"),
        trade_no=_number(row, "trade_no"),
        fen=fen,
        at=at,
        wallet=_number(row, "wallet", 32),
        refund_no=_number(row, "refund_no") if row.get("refund_no") else "",
        # Only told, never matched: a front that counts what it gives back as negative spoils no bill.
        fee_fen=abs(_whole(row, "fee_fen", 10**12, least=-(10**12))) if "fee_fen" in row else 0,
    )


def _whole(body: answers.Body, name: str, most: int, *, least: int = 0) -> int:
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise AnswerError(f"{name} is not a whole number that fits")
    return value


def _number(row: answers.Body, name: str, limit: int = 64) -> str:
    value = row.get(name)
    if not isinstance(value, str) or len(value) > limit or not _NUMBER.fullmatch(value):
        raise AnswerError(f"{name} is no number of an order, a trade or a refund")
    return value


def _time(row: answers.Body) -> dt.datetime:
    value = row.get("at")
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise AnswerError("at is not a time with an offset")
    try:
        return dt.datetime.fromisoformat(value.upper()).astimezone(SHANGHAI)
    except (ValueError, OverflowError):
        raise AnswerError("at is not a time") from None
