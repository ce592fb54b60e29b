"""Screens of paying, the same in every service (C10, C11)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from kiosk.screens.base import Screen


@dataclass(frozen=True, slots=True)
class PayByQr(Screen[Literal["cancel", "paid_no_reaction", "renew", "scan"]]):
    """C10. `state` is real: waiting, paid, expired, checking (asking the wallet now), unknown. `scan` (the machine is to scan the
    payer's code instead) can be answered while waiting or expired, where `can_scan`."""

    amount_fen: int
    charge: str
    """What is paid for: 应缴罚款 2 笔."""
    payload: str
    expires_at: dt.datetime
    state: Literal["waiting", "paid", "expired", "checking", "unknown"] = "waiting"
    order_no: str = ""
    wallets: str = "支付宝、微信、云闪付都可以"
    seconds_left: int = 0
    can_scan: bool = False
    trouble: str = ""
    """Why the other way to pay is not to be had now; a sentence."""


@dataclass(frozen=True, slots=True)
class ScanPayerCode(Screen[Literal["show_qr", "cancel"]]):
    """C11. The citizen's phone shows its payment code, the machine's scanner reads it.

    `state` is real: waiting (nothing read yet), scanned (the wallet waits for the citizen's password), checking (asking the
    wallet now), unknown. `show_qr` can be answered while waiting only: once a code was read, a second way to pay could charge
    twice. `cancel` can be answered until the result is being checked.
    """

    amount_fen: int
    charge: str
    """What is paid for: 应缴罚款 2 笔."""
    state: Literal["waiting", "scanned", "checking", "unknown", "paid"] = "waiting"
    trouble: str = ""
    """After a code of the wrong kind, by name: 这是收款码，请打开付款码; or why the wallet took nothing."""
    position: str = "扫码口在屏幕下方"
    arrow: Literal["left", "right", "down", "up"] = "down"
    order_no: str = ""
    wallets: str = "支付宝、微信或云闪付"
    """Whose payment codes are taken here."""
