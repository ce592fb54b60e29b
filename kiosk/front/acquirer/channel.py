"""The front's side of the acquirer contract: a `kiosk.front.channel.Channel`.

An answer counts only when it is signed by the acquirer, fresh, made for this very request and about this very order. Every doubt raises
`GatewayUnavailable`; a signed 4xx with a code raises `Refused`. Nothing is retried here. Payer codes, subjects and keys are never logged.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar
from urllib.parse import urlsplit

from kiosk.domain.errors import Refused
from kiosk.front.acquirer import reading
from kiosk.front.acquirer.signing import Credentials, Signer, answer_bytes, fresh, notice_bytes, request_bytes, verified
from kiosk.front.channel import Forged, Notice, Order, Refund, RefundStanding, RefundState, Reply, Standing, State
from kiosk.gateways.http import MIB, Endpoint, HttpGateway
from kiosk.gateways.wallet.answers import AnswerError, Body, read_json
from kiosk.ports.bills import BillRow
from kiosk.ports.clock import Clock

BODY_LIMIT = 64 * 1024
TEMPORARY = frozenset({408, 425, 429})
MOST_PAGES = 10_000
T = TypeVar("T")
_PAYER_CODE = re.compile(r"[0-9]{16,24}")


class AcquirerChannel:
    accepted = Reply(200, "application/json", b'{"code":"ok"}')
    declined = Reply(400, "application/json", b'{"code":"declined"}')

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        merchant: str,
        signer: Signer,
        clock: Clock,
        notify_url: str = "",
        name: str = "acquirer",
        nonce: Callable[[], str] = lambda: secrets.token_urlsafe(18),
    ) -> None:
        """`name` is what kiosks store as the wallet. Raises ValueError for an address that cannot be used."""
        self.name = name
        self._http = HttpGateway(name, endpoint)
        self._prefix = urlsplit(endpoint.base_url).path.rstrip("/")
        self._merchant = merchant
        self._signer = signer
        self._clock = clock
        self._notify_url = notify_url
        self._nonce = nonce

    async def show(self, order: Order) -> str:
        def read(body: Body) -> str:
            reading.order(body, order.number)
            return reading.payload(body)

        return await self._ask("show", "v1/orders", self._order(order), read)

    async def charge(self, order: Order, payer_code: str) -> Standing:
        fields = {**self._order(order), "payer_code": payer_code}
        return await self._ask("charge", "v1/orders/charge", fields, lambda body: reading.order(body, order.number))

    def takes(self, payer_code: str) -> bool:
        """Codes of all wallets: the acquirer knows best."""
        return bool(_PAYER_CODE.fullmatch(payer_code))

    async def query(self, number: str) -> Standing:
        try:
            return await self._about("query", number)
        except Refused as refused:
            if refused.code == "order_not_found":
                return Standing(number, State.NOT_FOUND, detail=refused.code)
            raise

    async def close(self, number: str) -> Standing:
        return await self._about("close", number)

    async def undo(self, number: str) -> Standing:
        return await self._about("undo", number)

    async def refund(self, refund: Refund) -> RefundStanding:
        fields: dict[str, object] = {
            "order_no": refund.number,
            "refund_no": refund.refund_no,
            "amount_fen": refund.fen,
        }
        if refund.reason:
            fields["reason"] = refund.reason[:80]
        return await self._ask("refund", "v1/refunds", fields, lambda body: reading.refund(body, refund.refund_no))

    async def refund_query(self, refund: Refund) -> RefundStanding:
        fields = {"order_no": refund.number, "refund_no": refund.refund_no}
        try:
            return await self._ask(
                "refund_query", "v1/refunds/query", fields, lambda body: reading.refund(body, refund.refund_no)
            )
        except Refused as refused:
            if refused.code == "refund_not_found":
                return RefundStanding(refund.refund_no, RefundState.NOT_FOUND, detail=refused.code)
            raise

    async def bill(self, day: dt.date) -> Sequence[BillRow]:
        found: list[BillRow] = []
        page = pages = 1
        while page <= pages:
            pages, rows = await self._bill_page(day, page)
            found += rows
            page += 1
        return found

    async def _bill_page(self, day: dt.date, page: int) -> tuple[int, list[BillRow]]:
        def read(body: Body) -> tuple[int, list[BillRow]]:
            pages, rows = reading.bill(body, day, page, self.name)
            if pages > MOST_PAGES:
                raise AnswerError("a bill without end")
            return pages, rows

        return await self._ask("bill", "v1/bills", {"day": day.isoformat(), "page": page}, read, limit=MIB)

    def notice(self, headers: Mapping[str, str], body: bytes) -> Notice:
        ts, nonce = headers.get("acq-timestamp", ""), headers.get("acq-nonce", "")
        if not verified(
            self._signer, notice_bytes(self._merchant, ts, nonce, body), headers.get("acq-signature", "")
        ) or not fresh(ts, self._clock.now().timestamp()):
            raise Forged("not signed by the acquirer for us, or long ago")
        try:
            said = read_json(body)
            return Notice(reading.order(said, str(said.get("order_no"))))
        except AnswerError as error:
            raise Forged(str(error)) from None

    async def aclose(self) -> None:
        await self._http.aclose()

    async def _about(self, operation: str, number: str) -> Standing:
        return await self._ask(
            operation, f"v1/orders/{operation}", {"order_no": number}, lambda body: reading.order(body, number)
        )

    def _order(self, order: Order) -> dict[str, object]:
        fields: dict[str, object] = {
            "order_no": order.number,
            "amount_fen": order.fen,
            "subject": order.subject,
            "expires_at": order.expires_at.isoformat(timespec="seconds"),
            "terminal_id": order.terminal_id,
        }
        return {**fields, "notify_url": self._notify_url} if self._notify_url else fields

    async def _ask(
        self,
        operation: str,
        path: str,
        fields: Mapping[str, object],
        read: Callable[[Body], T],
        limit: int = BODY_LIMIT,
    ) -> T:
        body = json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()
        ts, nonce = int(self._clock.now().timestamp()), self._nonce()
        sig = self._signer.sign(request_bytes("POST", f"{self._prefix}/{path}", self._merchant, ts, nonce, body))
        answer = await self._http.exchange(
            operation,
            "POST",
            path,
            content=body,
            headers={
                "Content-Type": "application/json",
                "Accept": "application/json",
                "Authorization": Credentials(self._signer.algorithm, self._merchant, ts, nonce, sig).header(),
            },
            limit=limit,
        )
        try:
            self._believe(answer.status, answer.headers, nonce, answer.body)
            said = read_json(answer.body)
            if answer.status == 200:
                if "code" in said:
                    raise AnswerError("a refusal under status 200")
                return read(said)
            if 400 <= answer.status < 500 and answer.status not in TEMPORARY:
                raise Refused(*reading.refusal(said))
            raise AnswerError(f"HTTP {answer.status}")
        except AnswerError as error:
            raise self._http.unavailable(operation, str(error)) from None

    def _believe(self, status: int, headers: Mapping[str, str], nonce: str, body: bytes) -> None:
        """Raises AnswerError unless these bytes are the acquirer's own, fresh answer to the request with this nonce."""
        ts, signature = headers.get("Acq-Timestamp", ""), headers.get("Acq-Signature", "")
        if not ts or not signature:
            raise AnswerError(f"HTTP {status}: the answer is not signed")
        if headers.get("Acq-Nonce") != nonce:
            raise AnswerError("the answer belongs to another request")
        if not verified(self._signer, answer_bytes(status, ts, nonce, body), signature):
            raise AnswerError("the answer's signature is wrong")
        if not fresh(ts, self._clock.now().timestamp()):
            raise AnswerError("the answer is stale, or one of the two clocks is wrong")
