"""The platform's own bills as a wallet: it shows the code, takes the money and books the fines in one.

`FineWallet` stands before the hall's wallet. Payments of fines go to the police side's cashier, all others (fees) to the wallet as
before; which is which, the ledger says. Till, cashier and sweeper see a wallet either way. A bill counts as paid only when its
fines are booked: money that is taken and not booked yet is still waiting, and is asked about until it is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Literal

import structlog
from pydantic import Field, model_validator

from kiosk.domain.errors import Refused
from kiosk.gateways.http import Endpoint
from kiosk.gateways.police.client import NAME
from kiosk.gateways.police.messages import Moment
from kiosk.gateways.rest import Fen, Line, Message, RestClient
from kiosk.ports.wallet import Code, Trade, TradeState, Wallet

log = structlog.get_logger(__name__)
MOST_S = 7200
NOT_OFFERED = "not_offered"
REFUND_BY_TREASURY = "refund_by_treasury"
_ORDER = re.compile(r"[0-9A-Za-z]{1,32}")

FineLine = tuple[str, int]
"""A decision's number and what it costs, integer fen."""
LinesOf = Callable[[str], Awaitable[Sequence[FineLine]]]
"""The fines that a payment covers, by its number; none for a payment of anything else."""


class BillMessage(Message):
    order_no: Line
    state: Literal["waiting", "paid", "posted", "closed"]
    amount_fen: Fen
    code_payload: Annotated[str, Field(min_length=1, max_length=1024)]
    expires_at: Moment
    trade_no: Annotated[str, Field(pattern=r"^[0-9A-Za-z_*-]{0,64}$")] = ""
    paid_at: Moment | None = None
    wallet: Annotated[str, Field(max_length=16)] = ""

    @model_validator(mode="after")
    def _paid_has_evidence(self) -> BillMessage:
        if self.state in ("paid", "posted") and not (self.trade_no and self.paid_at and self.amount_fen):
            raise ValueError("paid without evidence")
        return self

    def trade(self) -> Trade:
        if self.state == "posted":
            return Trade(
                self.order_no, TradeState.PAID, self.amount_fen, self.trade_no, self.paid_at, self.wallet or "platform"
            )
        return Trade(self.order_no, TradeState.CLOSED if self.state == "closed" else TradeState.WAITING)


class BillDesk(RestClient):
    """The bill operations of the police front. Raises ValueError at construction for an unusable endpoint."""

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__(NAME, endpoint)

    async def make(self, order_no: str, lines: Sequence[FineLine], expires_in: float) -> BillMessage:
        """Raises GatewayUnavailable, and Refused with the cashier's code (already_paid, being_paid, amount_mismatch …)."""
        if not lines or not 0 < expires_in <= MOST_S:
            raise ValueError("a bill needs a fine and a life of at most two hours")
        body = {
            "order_no": _in_path(order_no),
            "lines": [{"number": number, "amount_fen": fen} for number, fen in lines],
            "expires_in_s": math.ceil(expires_in),
        }
        said = await self._must("make_bill", "v1/bills", BillMessage, body, key=order_no)
        self._same("make_bill", (said.order_no, said.amount_fen), (order_no, sum(fen for _, fen in lines)), "bill")
        return said

    async def find(self, order_no: str) -> BillMessage | None:
        """None where there is no such bill. Raises GatewayUnavailable, Refused."""
        said = await self._ask("bill_status", f"v1/bills/{_in_path(order_no)}", BillMessage, none="unknown_bill")
        if said is not None:
            self._same("bill_status", said.order_no, order_no, "bill")
        return said

    async def close(self, order_no: str) -> BillMessage | None:
        """The bill as it is now, paid when the citizen was faster; None where there is none."""
        path = f"v1/bills/{_in_path(order_no)}/close"
        said = await self._ask("close_bill", path, BillMessage, {}, none="unknown_bill")
        if said is not None:
            self._same("close_bill", said.order_no, order_no, "bill")
        return said


class FineWallet:
    """`kiosk.ports.wallet.Wallet` for a hall whose platform bills fines itself.

    A payment that has no bill is looked for at the other wallet too: it may have been begun before the hall chose bills.
    """

    def __init__(self, wallet: Wallet, desk: BillDesk, lines_of: LinesOf) -> None:
        self._wallet = wallet
        self._desk = desk
        self._lines_of = lines_of

    async def create(self, order_no: str, amount_fen: int, subject: str, expires_in: float) -> Code:
        lines = await self._lines_of(order_no)
        if not lines:
            return await self._wallet.create(order_no, amount_fen, subject, expires_in)
        if sum(fen for _, fen in lines) != amount_fen:
            raise ValueError("the fines of this payment are not its amount")
        bill = await self._desk.make(order_no, lines, expires_in)
        return Code(order_no, bill.code_payload, bill.expires_at)

    async def charge(self, order_no: str, amount_fen: int, subject: str, payer_code: str, expires_in: float) -> Trade:
        """A bill is paid by its own code only: a payer's code is Refused before anything is made."""
        if await self._lines_of(order_no):
            raise Refused(NOT_OFFERED, "这里请用手机扫屏幕上的码缴款")
        return await self._wallet.charge(order_no, amount_fen, subject, payer_code, expires_in)

    async def query(self, order_no: str) -> Trade:
        bill = await self._desk.find(order_no) if await self._lines_of(order_no) else None
        return bill.trade() if bill is not None else await self._wallet.query(order_no)

    async def close(self, order_no: str) -> Trade:
        bill = await self._desk.close(order_no) if await self._lines_of(order_no) else None
        return bill.trade() if bill is not None else await self._wallet.close(order_no)

    async def refund(self, order_no: str, refund_no: str, amount_fen: int) -> Trade:
        """What is in the treasury goes back by its own slow way, which staff begin: Refused, and the work list has it."""
        if await self._lines_of(order_no) and await self._desk.find(order_no) is not None:
            raise Refused(REFUND_BY_TREASURY, "已入国库，由窗口办理退付")
        return await self._wallet.refund(order_no, refund_no, amount_fen)

    async def aclose(self) -> None:
        """The desk's; the other wallet is closed by whoever opened it."""
        await self._desk.aclose()


def _in_path(order_no: str) -> str:
    if not _ORDER.fullmatch(order_no):
        raise ValueError("an order number has letters and digits only")
    return order_no
