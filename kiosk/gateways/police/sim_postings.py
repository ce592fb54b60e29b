"""The simulated traffic police's answer to the end-of-day match: which fines it booked as paid on a day."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from kiosk.gateways.police.sim_ledger import PaymentEntry
from kiosk.gateways.police.sim_world import World
from kiosk.gateways.sim_server import Asked, Handler, json_answer, read_body
from kiosk.ports.clock import SHANGHAI

PAGE_ROWS = 200


class PostingsOf(Asked):
    day: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    page: Annotated[int, Field(ge=1, le=500)]


def postings(world: World) -> Handler:
    """The handler of `/v1/postings`. A fine counts on the day it was posted, whenever it was paid."""

    async def answer(request: Request) -> Response:
        asked = await read_body(PostingsOf, request)
        day = dt.date.fromisoformat(asked.day)
        found = sorted(
            (entry for entry in world.books.payments.values() if _posted_on(entry) == day), key=lambda e: e.number
        )
        pages = max(1, -(-len(found) // PAGE_ROWS), asked.page)
        shown = found[(asked.page - 1) * PAGE_ROWS : asked.page * PAGE_ROWS]
        kept = ("number", "amount_fen", "trade_no", "posted_at")
        rows = [{name: getattr(entry, name) for name in kept} for entry in shown]
        return json_answer({"day": asked.day, "page": asked.page, "pages": pages, "rows": rows})

    return answer


def _posted_on(entry: PaymentEntry) -> dt.date:
    return dt.datetime.fromisoformat(entry.posted_at).astimezone(SHANGHAI).date()
