"""A penalty decision as the cashier knows it: what anybody who has its number may pay (公安部令105 第62条: somebody else may, too).

Amounts are integer fen, times are aware (Asia/Shanghai). Names and plates are masked before they come here: whoever types a number
need not be the party.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum


class FineState(StrEnum):
    UNPAID = "unpaid"
    PAYING = "paying"
    """Another payment of it is under way, here or elsewhere."""
    PAID = "paid"
    REVOKED = "revoked"
    """撤销: the decision does not stand any more."""
    ENFORCEMENT = "enforcement"
    """A court executes it (行政强制法 第53条); the debt is settled there."""


@dataclass(frozen=True, slots=True)
class PayableFine:
    """One decision, wherever it was made: on the road, at a window, in the app, at a machine."""

    number: str
    """15 digits, without the check character."""
    check_char: str
    decided_at: dt.datetime
    party: str = field(repr=False)
    """Masked, as 张*明."""
    act: str
    authority: str
    authority_code: str
    principal_fen: int
    surcharge_fen: int | None
    """加处罚款 as of today by the platform's reckoning; None where it cannot say."""
    deadline: dt.date | None
    """Last day to pay without surcharge; None where there is no fine."""
    state: FineState = FineState.UNPAID
    plate: str = field(default="", repr=False)
    """Masked; empty where no vehicle was involved."""
    happened_at: dt.datetime | None = None
    place: str = field(default="", repr=False)
    code: str = ""

    @property
    def total_fen(self) -> int:
        """Principal and surcharge, which are paid together or not at all. Raises ValueError while the surcharge is not known."""
        if self.surcharge_fen is None:
            raise ValueError("the surcharge is not known")
        return self.principal_fen + self.surcharge_fen

    @property
    def printed_number(self) -> str:
        return self.number + self.check_char


@dataclass(frozen=True, slots=True)
class BookedPayment:
    """What the police side has on its books for one decision."""

    number: str
    trade_no: str
    amount_fen: int
    paid_at: dt.datetime
