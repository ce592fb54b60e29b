"""Printing the slips of any service, one after the other, with real phases. Printing never changes money."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kiosk.domain.slip import Slip
from kiosk.domain.slips import reprint
from kiosk.journeys.kit import Kit, working
from kiosk.ports.devices import PrintEnd
from kiosk.screens.common import Phase

CHANNELS = {"alipay": "支付宝", "wechat": "微信支付", "unionpay": "云闪付"}
TITLES = {
    "penalty_decision": "打印处罚决定书",
    "payment_voucher": "打印缴款凭证",
    "incident": "打印核对单",
    "fee_voucher": "打印缴费凭条",
    "permit_problem": "打印核对单",
    "permit_retained": "打印领取凭条",
}
Paper = tuple[str, Slip]
"""What the slip is about (a decision, a payment, an order), and the slip."""


async def print_all(kit: Kit, order_id: str, papers: Sequence[Paper], *, elsewhere: bool = False) -> bool:
    """Print slip after slip with real phases; stops at the first that did not come out whole. True when all did.

    `elsewhere`: what is printed here for the first time is a copy too, because the paper itself was given out elsewhere.
    """
    before = 0 if elsewhere else 1
    states: list[Any] = ["todo"] * len(papers)

    def screen() -> Any:
        phases = tuple(
            Phase(f"{n}. {TITLES.get(slip.kind, '打印凭证')}", state)
            for n, ((_, slip), state) in enumerate(zip(papers, states, strict=True), 1)
        )
        return working("正在打印凭证", phases, "请等凭证全部打印完再取走。")

    async with kit.guard.hold():
        page = kit.desk.open(screen())
        for n, (subject, slip) in enumerate(papers):
            states[n] = "doing"
            page.update(screen())

            def copy(number: int, slip: Slip = slip) -> Slip:
                return reprint(slip, kit.clock.now(), number - before)

            outcome = await kit.books.press.print_slip(order_id, subject, copy(1) if elsewhere else slip, copy)
            states[n] = {PrintEnd.DONE: "done", PrintEnd.FAILED: "failed"}.get(outcome.end, "unknown")
            page.update(screen())
            if outcome.end is not PrintEnd.DONE:
                return False
    return True
