"""The machine stands still while a code runs out: what the citizen is told is what the wallet's books say, in every case.

A stalled machine sees the time jump, for all its clocks at once. What happens to the money meanwhile is the wallet's affair: a code that
ran out unpaid is closed by the wallet itself, and "unpaid" is then the truth, also for a payer who would have paid a moment later.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kiosk.ledger.cashier import MARGIN_S
from kiosk.ports.wallet import TradeState
from kiosk.screens import pay
from kiosk.screens.robot import WAIT
from tests.journeys.paydesk import CODES, FEN, Paydesk, paydesk, when

CODE_S = 60.0
PAYERS: dict[str, dict[str, Any]] = {
    "paid in the first moment": {"preset": "pays", "seconds": 0},
    "paid while nobody looked": {"preset": "pays", "seconds": 30},
    "would have paid when asked to close": {"preset": "pays_at_close"},
    "never": {"preset": "never"},
    "late": {"preset": "late", "seconds": 30},
}
PAID = {"paid in the first moment", "paid while nobody looked"}
MORE = pytest.mark.chaos
STALLS = (CODE_S - 1.0, CODE_S + 1.0, CODE_S + MARGIN_S + 1.0)
"""While the code is shown; after the kiosk's end of it, before the wallet's; after both."""


def stall_once(place: Paydesk, seconds: float, tap: Any) -> Any:
    """Stand still on the first look at the page, then let time pass quickly; `tap` on every look, as a nervous hand does. An expired code
    is left."""
    still = [seconds]

    def hand(screen: Any) -> Any:
        if screen.state == "expired":
            return "cancel"
        if screen.state == "waiting":
            place.skip(still.pop() if still else 2.0)
        return tap

    return hand


async def told_is_true(place: Paydesk, state: str) -> None:
    """The end of the visit against the books of the wallet, as they stand in this moment."""
    (entry,) = place.front.ledger.entries()
    total = place.front.ledger.totals()[entry.order_no]
    if state == "paid":
        assert (entry.state, total) == (TradeState.PAID, FEN)
    else:
        assert state == "closed", "the front answered all the time: nothing may be unclear"
        assert total == 0, "paid, and reported unpaid"
        assert entry.state is TradeState.CLOSED, "reported unpaid, and may still be paid"


@pytest.mark.parametrize(
    "tap", [pytest.param(WAIT, id="waits"), pytest.param("paid_no_reaction", id="taps", marks=MORE)]
)
@pytest.mark.parametrize("stall", [pytest.param(STALLS[0], marks=MORE), STALLS[1], STALLS[2]])
@pytest.mark.parametrize("payer", PAYERS)
async def test_between_two_questions(tmp_path: Path, payer: str, stall: float, tap: Any) -> None:
    async with paydesk(tmp_path, code_s=CODE_S, poll_s=0.05) as place:
        place.script(**PAYERS[payer])
        payment = await place.take(qr=stall_once(place, stall, tap))
        assert payment is not None
        await told_is_true(place, payment.state)
        if payer in PAID:
            assert payment.state == "paid"
        if payer == "would have paid when asked to close":  # unless the wallet closed it by itself before anybody asked
            assert payment.state == ("paid" if stall < CODE_S + MARGIN_S else "closed")
        await place.ends(payment.state)


@pytest.mark.parametrize("operation", ["query", "close"])
@pytest.mark.parametrize("payer", ["paid while nobody looked", "would have paid when asked to close", "never"])
async def test_while_an_answer_is_on_its_way(tmp_path: Path, payer: str, operation: str) -> None:
    """The wallet has answered, and the kiosk gives the exchange up before it reads the answer."""
    async with paydesk(tmp_path, code_s=CODE_S, poll_s=0.05) as place:
        place.script(**PAYERS[payer])
        stalls = [CODE_S + 1.0]
        carry_out = place.front._carry_out

        def stalling(asked: Any, *rest: Any) -> Any:
            answer = carry_out(asked, *rest)
            if asked.value == operation and stalls:
                place.skip(stalls.pop())
            return answer

        place.front._carry_out = stalling
        # for `close` the citizen gives up while there is time; else the code runs out
        wish = "cancel" if operation == "close" else WAIT

        def hand(screen: Any) -> Any:
            if screen.state == "waiting" and not stalls:
                place.skip(2.0)
            return "cancel" if screen.state == "expired" else wish if screen.state == "waiting" else WAIT

        payment = await place.take(qr=hand)
        assert payment is not None
        assert not stalls
        if payment.state == "unknown":  # giving up ends the visit also when closing was not answered: a slip says so
            assert wish == "cancel"
        else:
            await told_is_true(place, payment.state)
        total = place.front.ledger.totals()[payment.id]
        await place.ends("paid" if total else "closed")


@pytest.mark.parametrize("stall", [pytest.param(59.0, marks=MORE), 61.0, pytest.param(600.0, marks=MORE)])
@pytest.mark.parametrize("preset", ["pays", "never", "says_no", "pays_at_close"])
async def test_while_the_payer_of_a_scanned_code_is_asked(tmp_path: Path, preset: str, stall: float) -> None:
    async with paydesk(tmp_path, confirm_s=60.0) as place:
        place.script(preset=preset, payer_code=CODES[0], **({"seconds": 30} if preset in ("pays", "says_no") else {}))

        still = [stall]

        def hand(screen: Any) -> Any:
            if screen.state == "scanned" and place.front.ledger.entries()[-1].payer:
                place.skip(still.pop() if still else 2.0)
            if screen.state != "waiting":
                return WAIT
            return "cancel" if screen.trouble else place.hold_up(CODES[0])

        payment = await place.take(qr=[when("waiting", "scan")], scan=hand)
        assert payment is not None
        total = place.front.ledger.totals()[payment.id]
        assert payment.state == ("paid" if total else "closed")
        assert bool(total) == (preset == "pays" or (preset == "pays_at_close" and stall < CODE_S + MARGIN_S))
        assert {s.state for s in place.looks(pay.ScanPayerCode)} >= {"waiting", "scanned"}
        await place.ends("closed", payment.state)
