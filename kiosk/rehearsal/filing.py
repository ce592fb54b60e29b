"""The scenario's citizen who comes with somebody else's vehicle, and has its owner asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from config.scenarios import Scenario
from kiosk.screens import vehicle
from kiosk.screens.base import Cancelled
from kiosk.screens.robot import WAIT, Reply


class Borrower:
    """`unless` raises Cancelled on the page where they turn away. Who asks no owner leaves where that is offered."""

    def __init__(self, scenario: Scenario, unless: Callable[[str, Any], Any]) -> None:
        self._does = scenario.citizen
        self._types = {each.plate: each.plate_type for each in scenario.vehicles}
        self._codes = list(self._does.sms_codes)
        self._unless = unless
        self.replies: dict[type[Any], Reply] = {
            vehicle.ChoosePlateType: self._plate_type,
            vehicle.OfferFiling: self._offer,
            vehicle.OwnerScans: lambda _: self._unless("filing", WAIT),
            vehicle.EnterOwnerCode: self._code,
        }

    def _plate_type(self, screen: vehicle.ChoosePlateType) -> str:
        """As the vehicle really is, where the scenario has it."""
        types = [row.plate_type for row in screen.rows]
        known = self._types.get(self._does.vehicle, screen.chosen)
        return known if known in types else types[0]

    def _offer(self, _: vehicle.OfferFiling) -> Any:
        if not self._does.files_by:
            raise Cancelled
        return self._does.files_by

    def _code(self, _: vehicle.EnterOwnerCode) -> str:
        self._unless("filing", None)
        if not self._codes:
            raise Cancelled
        return self._codes.pop(0)
