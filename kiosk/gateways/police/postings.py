"""What the police side has booked as paid, by way of its front-end (`/v1/postings`): `kiosk.ports.bills.PostedFines`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from kiosk.domain.bill import PostedRow
from kiosk.gateways.http import Endpoint
from kiosk.gateways.police.messages import DecisionNo, Moment
from kiosk.gateways.rest import Fen, Line, Message, RestClient

MOST_PAGES = 500
PAGE_ROWS = 1000


class PostingMessage(Message):
    number: DecisionNo
    amount_fen: Fen
    trade_no: Line
    posted_at: Moment


class PostingsMessage(Message):
    # A string of one form: strict messages take no dates from strings in what is compared with the question.
    day: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    page: Annotated[int, Field(ge=1, le=MOST_PAGES)]
    pages: Annotated[int, Field(ge=1, le=MOST_PAGES)]
    rows: Annotated[list[PostingMessage], Field(max_length=PAGE_ROWS)]


class PoliceBooks(RestClient):
    """Made with the police front-end's endpoint, as `PoliceClient` is. Raises ValueError for an unusable one."""

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__("police", endpoint)

    async def posted(self, day: dt.date) -> Sequence[PostedRow]:
        """Raises GatewayUnavailable, also for books that are not whole: another day, a decision twice, other pages than before."""
        rows: list[PostedRow] = []
        pages, page = 1, 0
        while page < pages:
            page += 1
            body = {"day": day.isoformat(), "page": page}
            said = await self._must("postings", "v1/postings", PostingsMessage, body)
            self._same("postings", (said.day, said.page), (day.isoformat(), page), "page")
            if said.pages < page or (page > 1 and said.pages != pages):
                raise self._http.unavailable("postings", "the list changed while it was read")
            pages = said.pages
            rows += [PostedRow(row.number, row.amount_fen, row.trade_no, row.posted_at) for row in said.rows]
        if any(row.at.date() != day for row in rows):
            raise self._http.unavailable("postings", "the list has fines of another day")
        if len({row.decision_no for row in rows}) != len(rows):
            raise self._http.unavailable("postings", "the list has a fine twice")
        return tuple(rows)
