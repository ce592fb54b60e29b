"""The fake Alipay's notifications: what it writes, and posting it until it hears `success`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode

import httpx
import structlog

from kiosk.front.alipay import signing
from kiosk.front.alipay.fake_answers import Writer
from kiosk.front.alipay.fake_ledger import Entry, shanghai
from kiosk.front.alipay.fake_requests import Merchant
from kiosk.front.alipay.fake_scripts import Notify

AGAIN_AFTER = (0, 240, 840, 1440, 5040, 12240, 33840, 87840)
"""Seconds after the first try: 4 m, 10 m, 10 m, 1 h, 2 h, 6 h and 15 h later each."""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Notification:
    number: str
    url: str
    body: bytes = field(repr=False)
    made: float = 0.0
    tried: int = 0
    done: bool = False


class Notifier:
    """What has happened to each order, as notifications. `post` sends what is due; nothing is sent by itself."""

    def __init__(self, writer: Writer, merchant: Callable[[], Merchant], now: Callable[[], float]) -> None:
        self._writer, self._merchant, self._now = writer, merchant, now
        self._told: dict[str, list[str]] = {}
        self.pending: list[Notification] = []
        self._serial = 0

    def look(self, entry: Entry, how: Notify) -> None:
        """Write a notification when the order is in a state of which Alipay tells: paid, or anything given back."""
        state = f"{entry.status} {entry.refunded_fen}"
        if entry.paid_at is None or not entry.notify_url or state in self._told.setdefault(entry.number, []):
            return
        self._told[entry.number].append(state)
        body = self.body(entry, how)
        copies = [] if how is Notify.NEVER else [body, body] if how is Notify.TWICE else [body]
        notes = [Notification(entry.number, entry.notify_url, copy, self._now()) for copy in copies]
        self.pending = [*notes, *self.pending] if how is Notify.REORDERED else [*self.pending, *notes]

    def body(self, entry: Entry, how: Notify = Notify.ONCE) -> bytes:
        """The form as it travels, made now."""
        merchant = self._merchant()
        self._serial += 1
        total = entry.paid_fen - (1 if how is Notify.WRONG_AMOUNT else 0)
        sent = self._now() - (2 * 86_400 if how is Notify.STALE else 0)
        fields = {
            "notify_time": f"{shanghai(sent):%Y-%m-%d %H:%M:%S}",
            "notify_type": "trade_status_sync",
            "notify_id": f"{shanghai(sent):%Y%m%d}00222{self._serial:012d}",
            "charset": "utf-8",
            "version": "1.0",
            "app_id": "2021000000000000" if how is Notify.OTHER_APP else merchant.app_id,
            "auth_app_id": merchant.app_id,
            "seller_id": "2088999999999999" if how is Notify.OTHER_SELLER else merchant.seller_id,
            "trade_no": entry.trade_no,
            "out_trade_no": f"X{entry.number[1:]}" if how is Notify.OTHER_ORDER else entry.number,
            "trade_status": entry.status,
            "total_amount": f"{total // 100}.{total % 100:02d}",
            "buyer_pay_amount": f"{total // 100}.{total % 100:02d}",
            "subject": entry.subject,
            "buyer_logon_id": "138****0000",
            "gmt_create": f"{shanghai(entry.opened):%Y-%m-%d %H:%M:%S}",
            "gmt_payment": f"{shanghai(entry.paid_at or 0):%Y-%m-%d %H:%M:%S}",
            "fund_bill_list": f'[{{"amount":"{total // 100}.{total % 100:02d}","fundChannel":"ALIPAYACCOUNT"}}]',
        }
        if entry.refunds:
            back = entry.refunded_fen
            fields["refund_fee"] = f"{back // 100}.{back % 100:02d}"
            fields["gmt_refund"] = f"{shanghai(max(each.at for each in entry.refunds.values())):%Y-%m-%d %H:%M:%S}.000"
        key = self._writer.stranger if how is Notify.FORGED else self._writer.key
        sign = signing.sign(key, signing.notice_bytes(fields))
        return urlencode({**fields, "sign_type": signing.SIGN_TYPE, "sign": sign}).encode()

    async def post(self) -> list[str]:
        """Send everything that is due once; what each was answered ("" where nothing came), in order."""
        now = self._now()
        due = [each for each in self.pending if now >= each.made + AGAIN_AFTER[each.tried]]
        answers = []
        # Loading the public authorities takes time that a plain address on this machine need not pay.
        secure = any(each.url.startswith("https:") for each in due)
        async with httpx.AsyncClient(timeout=5, trust_env=False, follow_redirects=False, verify=secure) as client:
            for each in due:
                answers.append(await _post(client, each))
                each.tried += 1
                each.done = answers[-1] == "success" or each.tried == len(AGAIN_AFTER)
        self.pending = [each for each in self.pending if not each.done]
        return answers

    def reset(self) -> None:
        self._told.clear()
        self.pending.clear()


async def _post(client: httpx.AsyncClient, note: Notification) -> str:
    headers = {"Content-Type": "application/x-www-form-urlencoded; text/html; charset=utf-8"}
    try:
        async with asyncio.timeout(5):
            answer = await client.post(note.url, content=note.body, headers=headers)
    except (TimeoutError, httpx.HTTPError) as error:
        log.info("fake_notification_not_taken", order=note.number, error=type(error).__name__)
        return ""
    return answer.text.strip() if answer.status_code == 200 else ""
