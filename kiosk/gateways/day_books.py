"""Both other sides' books of a day, by way of the payment front and the police front: `kiosk.ledger.reconcile_day.DayBooks`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from kiosk.domain.errors import GatewayUnavailable, Refused
from kiosk.ledger.reconcile_day import CannotMatch
from kiosk.ports.bills import BillRow, Bills, PostedFines, PostedRow


class FrontBooks:
    """Without `bills` there is nobody to ask for them. Without `fines` what the police side has booked is not compared."""

    def __init__(self, bills: Bills | None, fines: PostedFines | None) -> None:
        self._bills = bills
        self._fines = fines

    @property
    def whole(self) -> bool:
        """Whether days can be matched with what is told here alone."""
        return self._bills is not None

    async def bill(self, day: dt.date) -> Mapping[str, Sequence[BillRow]]:
        if self._bills is None:
            raise CannotMatch("The payment front is simulated inside the kiosk; name the wallets' files with --bill.")
        try:
            return {"": await self._bills.bill(day)}
        except Refused as no:
            if no.code == "bill_not_ready":
                raise CannotMatch(
                    f"The wallets have not made their bills of {day} yet; they do so from 10:00 of the next day."
                ) from None
            raise CannotMatch(f"The payment front refuses the bill of {day} ({no.code}).") from None
        except GatewayUnavailable as trouble:
            sentence = f"The payment front does not give the bill of {day}: {trouble.hint}."
            raise CannotMatch(sentence, silent=True) from None

    async def posted(self, day: dt.date) -> Sequence[PostedRow] | None:
        if self._fines is None:
            return None
        try:
            return await self._fines.posted(day)
        except Refused as no:
            raise CannotMatch(f"The police front refuses its books of {day} ({no.code}).") from None
        except GatewayUnavailable as trouble:
            sentence = f"The police front does not give its books of {day}: {trouble.hint}."
            raise CannotMatch(sentence, silent=True) from None
