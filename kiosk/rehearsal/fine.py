"""The scenario's citizen on the pages of paying by a decision's number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from config.scenario_fine import PayerData
from config.scenarios import Scenario
from kiosk.ports.bench import VirtualDevice
from kiosk.screens import common, fine
from kiosk.screens.robot import WAIT, Reply


class Bearer:
    """Whoever comes with a decision in the hand. `unless` raises Cancelled on the page where they turn away."""

    def __init__(
        self, scenario: Scenario, virtual: Mapping[str, VirtualDevice], unless: Callable[[str, Any], Any]
    ) -> None:
        self._wants = scenario.payer or PayerData()
        self._by_number = scenario.payer is not None
        self._virtual = virtual
        self._unless = unless
        self._own = scenario.decisions[0].number if scenario.decisions else ""
        self._typing = list(self._wants.types_first)
        self._showing = list(self._wants.shows_first)
        self._shown = False
        self._asks_again = self._wants.asks_again
        self.replies: dict[type[Any], Reply] = {
            fine.EnterDecisionNumber: self._enter,
            fine.ScanDecision: self._scan,
            fine.ReviewFine: lambda _: self._unless("review", None),
            fine.ChooseReprintWay: lambda _: "number" if self._by_number else "card",
        }

    def button(self, screen: common.Message) -> str | None:
        """What they press where a message has a button of this service; None: what anybody would."""
        ids = {button.id for button in screen.buttons}
        if "again" in ids and screen.code.startswith("F") and self._asks_again:
            self._asks_again -= 1
            return "again"
        if "retype" in ids and (self._typing or self._asks_again):
            self._asks_again = max(0, self._asks_again - 1)
            return "retype"
        if "see" in ids:
            return "see"
        if "copy" in ids and self._wants.wants_copy:
            return "copy"
        return None

    def _enter(self, screen: fine.EnterDecisionNumber) -> str:
        self._unless("number", None)
        if (self._wants.shows or self._showing) and screen.can_scan and not self._shown:
            return fine.SCAN
        if self._typing:
            return self._typing.pop(0)
        return self._wants.types or self._own

    def _scan(self, _: fine.ScanDecision) -> Any:
        """Hold the paper before the scanner, and another one where the first was not taken; then rather type."""
        if self._showing or not self._shown:
            data = self._showing.pop(0) if self._showing else self._wants.shows
            self._shown = not self._showing and data == self._wants.shows
            self._virtual["qr_scanner"].control({"do": "show", "data": data})
            return WAIT
        return "type"
