"""No key, payer code, subject or signature in any log, exception or representation, whatever happens."""

from __future__ import annotations

import contextlib
import io
import logging
import traceback
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import structlog

from kiosk.domain.errors import GatewayUnavailable, Refused
from kiosk.front.alipay.fake_scripts import Fault
from kiosk.front.channel import Forged
from tests.front.alipay.conftest import PAYER, VECTORS, Hall


@pytest.fixture
def everything_logged() -> Iterator[io.StringIO]:
    """All that structlog and every library logs at DEBUG, before any allow-list."""
    written = io.StringIO()
    root = logging.getLogger()
    handler = logging.StreamHandler(written)
    before = (root.level, structlog.get_config())
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    structlog.configure(
        processors=[structlog.processors.format_exc_info, structlog.processors.KeyValueRenderer()],
        logger_factory=structlog.PrintLoggerFactory(written),
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
        cache_logger_on_first_use=False,
    )
    yield written
    structlog.configure(**before[1])
    root.setLevel(before[0])
    root.removeHandler(handler)


def _secrets(folder: Path) -> list[str]:
    keys = [(VECTORS / name).read_text() for name in ("app_key_pkcs8.pem", "app_key_pkcs1.pem", "alipay_key.pem")]
    lines = [line for key in keys for line in key.splitlines() if not line.startswith("-")]
    return [PAYER, "交通违法罚款", "138****0000", "重复付款", *lines]


async def test_nothing_secret_is_ever_written(hall: Hall, everything_logged: io.StringIO) -> None:
    for at, fault in enumerate(Fault):
        number = f"NB{at:03d}"
        if fault in (Fault.TIMEOUT_BEFORE, Fault.TIMEOUT_AFTER, Fault.LATE):
            continue
        hall.script(order_no=number, fault=fault, times=1)
        for ask in (
            lambda number=number: hall.channel.show(hall.order(number)),
            lambda number=number: hall.channel.charge(hall.order(number), PAYER),
            lambda number=number: hall.channel.query(number),
            lambda number=number: hall.channel.refund(hall.refund(number=number)),
            lambda number=number: hall.channel.undo(number),
        ):
            try:
                everything_logged.write(repr(await ask()))
            except (GatewayUnavailable, Refused) as error:
                everything_logged.write(f"{error!r} {error}\n{''.join(traceback.format_exception(error))}")
    for body in (b"auth_code=" + PAYER.encode(), b"sign=x&sign_type=RSA2&subject=" + "交通违法罚款".encode()):
        with contextlib.suppress(Forged):
            hall.channel.notice({}, body)
    everything_logged.write(repr(hall.channel._account) + repr(hall.channel._settings))
    text = everything_logged.getvalue()
    assert "remote_unavailable" in text
    assert "wallet_misconfigured" in text
    for secret in _secrets(hall.folder):
        assert secret not in text, secret[:6]


async def test_no_payer_code_in_any_address(hall: Hall) -> None:
    """Proxies write addresses down."""
    seen: list[str] = []

    async def note(request: httpx.Request) -> None:
        seen.append(str(request.url))

    http, _ = hall.channel._gateway._hosts[0]
    http._client.event_hooks = {"request": [note], "response": []}
    await hall.channel.charge(hall.order(), PAYER)
    assert {address.removeprefix(hall.url) for address in seen} == {"/gateway.do?charset=utf-8"}
