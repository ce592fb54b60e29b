"""The number of the decision: typed, or read from the bar code or QR code on it. Asked the same way for paying and for a copy."""

from __future__ import annotations

from typing import Literal

import structlog

from kiosk.domain.errors import DeviceError, ErrorKind
from kiosk.domain.numbers import DecisionNumber, decision_number_in
from kiosk.domain.rules_fine import number_refusal
from kiosk.journeys.fine.visit import Kept
from kiosk.journeys.kit import Answered, Kit, race
from kiosk.ports.devices import QrScanner
from kiosk.screens.base import Back
from kiosk.screens.fine import SCAN, EnterDecisionNumber, ScanDecision

log = structlog.get_logger(__name__)
SCAN_S = 20.0
NO_SCANNER = "扫码器暂时不能用，请输入编号。"


async def ask_number(kit: Kit, kept: Kept, purpose: Literal["pay", "copy"] = "pay") -> DecisionNumber:
    """Until a number can be made out; what is wrong is said on the page, and what was typed stays. Raises Back, Cancelled."""
    screen = EnterDecisionNumber(kept.typed, can_scan=kit.scanner is not None, purpose=purpose)
    page = kit.desk.open(screen)
    while True:
        typed = await page.answer()
        if typed == SCAN:
            if kit.scanner is None:
                continue
            found, trouble = await _scan(kit, kit.scanner)
            if found is not None:
                kept.typed = found.printed
                return found
            screen = EnterDecisionNumber(kept.typed, trouble, can_scan=True, purpose=purpose)
            page = kit.desk.open(screen)
            continue
        refusal = number_refusal(typed, scanned=False)
        if refusal is None:
            kept.typed = typed
            return decision_number_in(typed)
        log.info("number_refused", code=refusal.code)
        screen = EnterDecisionNumber(typed, refusal.message, kit.scanner is not None, purpose)
        page.update(screen)


async def _scan(kit: Kit, scanner: QrScanner) -> tuple[DecisionNumber | None, str]:
    """The number read, or None and a sentence for the page to type on (empty: the citizen would rather type)."""
    places = kit.settings.devices
    screen = ScanDecision("", places.scanner_position, places.scanner_arrow)
    page = kit.desk.open(screen)
    while True:
        try:
            scan = await race(page, scanner.scan(SCAN_S))
        except (Answered, Back):
            return None, ""
        except DeviceError as error:
            if error.kind is ErrorKind.TIMEOUT:
                continue  # nothing was shown yet; the idle guard ends the wait
            log.warning("decision_scanner_trouble", kind=str(error.kind), native=error.native)
            return None, NO_SCANNER
        kit.guard.touch()
        refusal = number_refusal(scan.text or "", scanned=True)
        if refusal is None:
            log.info("decision_scanned", symbology=scan.symbology)
            return decision_number_in(scan.text or ""), ""
        log.info("number_refused", code=refusal.code)
        page.update(ScanDecision(refusal.message, screen.position, screen.arrow))
