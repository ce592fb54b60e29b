"""How the fake WeChat Pay's notifications reach the front: real HTTP POSTs, in the order and with the faults that scripts ask for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx
import structlog

from kiosk.front.wechat.fake_keys import FakeKeys, PlatformKey
from kiosk.front.wechat.fake_ledger import FakeLedger, FakeOrder
from kiosk.front.wechat.fake_notices import notification
from kiosk.front.wechat.fake_scripts import Notify
from kiosk.ports.clock import Clock

log = structlog.get_logger(__name__)


class Post:
    """One notification after the other. `sent` holds what was sent, to whom, and what the front answered (0: nothing)."""

    def __init__(self, ledger: FakeLedger, keys: FakeKeys, key: Callable[[], PlatformKey], clock: Clock) -> None:
        self._ledger, self._keys, self._key, self._clock = ledger, keys, key, clock
        self._held: list[tuple[FakeOrder, Notify]] = []
        self._last: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.sent: list[tuple[str, str, int]] = []

    def announce(self) -> None:
        """Send what is due for orders paid since the last time."""
        while self._ledger.unannounced:
            order = self._ledger.unannounced.pop(0)
            script = self._ledger.script(order.number)
            for kind in script.notify:
                if script.hold:
                    self._held.append((order, kind))
                else:
                    self._queue(order, kind, "")

    def release(self) -> None:
        """Let go what scripts hold back."""
        held, self._held = self._held, []
        for order, kind in held:
            self._queue(order, kind, "")

    def send(self, number: str, kind: Notify, refund_no: str = "") -> None:
        """One notification more. Raises ValueError for an order nobody knows."""
        order = self._ledger.query(number)
        if order is None or (refund_no and refund_no not in order.refunds):
            raise ValueError("no such order or refund")
        self._queue(order, kind, refund_no)

    async def delivered(self) -> None:
        """Wait until all that is under way has been answered."""
        while self._last is not None and not self._last.done():
            await self._last

    async def aclose(self) -> None:
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _queue(self, order: FakeOrder, kind: Notify, refund_no: str) -> None:
        if order.notify_url:
            task = asyncio.get_running_loop().create_task(self._send(self._last, order, kind, refund_no))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            self._last = task

    async def _send(self, before: asyncio.Task[None] | None, order: FakeOrder, kind: Notify, refund_no: str) -> None:
        if before is not None:
            await asyncio.wait([before])
        now = self._clock.now().timestamp()
        headers, body = notification(order, self._keys, self._key(), now, kind, refund_no)
        status = 0
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
                status = (await client.post(order.notify_url, content=body, headers=headers)).status_code
        except httpx.HTTPError as error:
            log.info("fake_notification_undelivered", error=type(error).__name__)
        self.sent.append((order.number, kind.value, status))
