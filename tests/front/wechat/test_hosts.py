"""Two hosts: who is asked when the first cannot be reached, or is reached and does not serve."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from kiosk.domain.errors import GatewayUnavailable
from kiosk.front.channel import State
from kiosk.gateways.embedded import serve
from tests.front.wechat.conftest import CODE, Hall

NUMBER = "NB0120261120000017"


@pytest.fixture
def nobody() -> str:
    """An address where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


@pytest.fixture
async def broken() -> AsyncIterator[tuple[str, list[str]]]:
    """A host whose proxy answers for a wallet that is gone."""
    asked: list[str] = []

    async def page(request: Request) -> Response:
        asked.append(request.url.path)
        return HTMLResponse("<html>502</html>", 502)

    app = Starlette(routes=[Route("/{rest:path}", page, methods=["GET", "POST"])])
    async with serve(app) as served:
        yield served.url, asked


async def test_the_backup_host_serves_when_the_first_is_not_there(hall: Hall, nobody: str) -> None:
    """A charge too: not a byte of it had left."""
    channel = hall.reopen(url=nobody, backup_url=hall.url)
    assert (await channel.charge(hall.order(), CODE)).state is State.PAID
    assert (await channel.query(NUMBER)).state is State.PAID
    await channel.aclose()


async def test_a_charge_is_not_sent_again_to_the_backup_once_it_has_left(
    hall: Hall, broken: tuple[str, list[str]]
) -> None:
    url, asked = broken
    channel = hall.reopen(url=url, backup_url=hall.url)
    with pytest.raises(GatewayUnavailable):
        await channel.charge(hall.order(), CODE)
    assert asked == ["/v3/pay/transactions/codepay"]
    assert hall.wallet.asked == []
    # What harms nobody when it is asked twice goes on to the backup, and so does everything for a minute.
    assert (await channel.query(NUMBER)).state is State.NOT_FOUND
    assert (await channel.charge(hall.order(), CODE)).state is State.PAID
    assert len(asked) == 1
    hall.clock.forward(61)
    assert (await channel.query(NUMBER)).state is State.PAID
    assert len(asked) == 2
    await channel.aclose()


async def test_a_charge_whose_answer_is_cut_off_is_not_sent_to_the_backup(hall: Hall) -> None:
    hall.script(NUMBER, fault="drop_before", on=["codepay"])
    channel = hall.reopen(backup_url=hall.url)
    with pytest.raises(GatewayUnavailable):
        await channel.charge(hall.order(), CODE)
    assert hall.wallet.asked == [("codepay", NUMBER)]
    hall.script(NUMBER, fault="drop_before", on=["query"], times=1)
    assert (await channel.query(NUMBER)).state is State.NOT_FOUND
    assert hall.wallet.asked[1:] == [("query", NUMBER)] * 2
    await channel.aclose()


async def test_without_any_host_nothing_is_known(hall: Hall, nobody: str) -> None:
    channel = hall.reopen(url=nobody, backup_url=nobody)
    with pytest.raises(GatewayUnavailable, match="no connection"):
        await channel.query(NUMBER)
    await channel.aclose()
