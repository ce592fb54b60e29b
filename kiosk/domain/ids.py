"""Order numbers of payments: kiosk, day, counter and a check character, so that a misread one is noticed at the window.

At most 32 characters 0-9 A-Z, which every wallet accepts as a merchant's order number and a Code 128 symbol of one line holds.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_KIOSK = re.compile(r"[0-9A-Z]{1,17}")
_ORDER = re.compile(r"([0-9A-Z]{1,17})([0-9]{8})([0-9]{6})[0-9A-Z]")
MOST_ORDERS_PER_DAY = 999_999


class OrderNumberError(ValueError):
    """Not an order number of this product, or misread."""


@dataclass(frozen=True, slots=True)
class OrderNumber:
    kiosk_id: str
    day: dt.date
    counter: int


def order_no(kiosk_id: str, day: dt.date, counter: int) -> str:
    """A new order number. The caller sees to it that (kiosk, day, counter) is used once.

    Hyphens and underscores in the kiosk's id are left out and letters become capitals, so ids that differ only in these would
    collide: give kiosks different letters and digits, 17 at most. `counter` runs from 1 to 999 999 within a day. Raises ValueError.
    """
    kiosk = re.sub(r"[-_]", "", kiosk_id).upper()
    if not _KIOSK.fullmatch(kiosk):
        raise ValueError("kiosk id must have 1 to 17 letters (A-Z) and digits")
    if not 1 <= counter <= MOST_ORDERS_PER_DAY:
        raise ValueError(f"order counter {counter} is outside 1 to {MOST_ORDERS_PER_DAY}")
    body = f"{kiosk}{day.year:04d}{day.month:02d}{day.day:02d}{counter:06d}"
    return body + check_character(body)


def verify_order_no(text: str) -> OrderNumber:
    """Take an order number apart. Raises OrderNumberError when it is no order number or its check character does not fit."""
    match = _ORDER.fullmatch(text)
    if match is None:
        raise OrderNumberError("not an order number")
    if check_character(text[:-1]) != text[-1]:
        raise OrderNumberError("the check character does not fit")
    try:
        day = dt.datetime.strptime(match[2], "%Y%m%d").date()
    except ValueError:
        raise OrderNumberError("the date in the order number does not exist") from None
    return OrderNumber(match[1], day, int(match[3]))


def check_character(body: str) -> str:
    """Check character of 0-9 A-Z after ISO/IEC 7064 MOD 37,36; finds every single wrong character."""
    product = 36
    for char in body:
        total = (product + _ALPHABET.index(char)) % 36 or 36
        product = total * 2 % 37
    return _ALPHABET[(37 - product) % 36]
