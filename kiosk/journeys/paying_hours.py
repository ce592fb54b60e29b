"""The hours in which money is taken, and whether what is about to be begun can still be paid in them.

A decision that was made stays payable outside of them. What a citizen must hand over first, such as a permit, is not taken at all when its
fee could not be paid in the same visit.
"""

from __future__ import annotations

import datetime as dt

from config.hours import Hours
from config.zone import SHANGHAI
from kiosk.journeys.kit import Kit


def hours_of(kit: Kit) -> Hours:
    return Hours.parse(kit.settings.wallet.hours)


def open_now(kit: Kit) -> bool:
    return hours_of(kit).cover(_now(kit))


def open_for(kit: Kit, span: dt.timedelta) -> bool:
    """Whether they last for `span` from now on."""
    return hours_of(kit).cover_for(_now(kit), span)


def too_late(kit: Kit, span: dt.timedelta) -> str:
    """Why what takes `span` from here to its payment is not begun now, and when it can be; empty where it can."""
    if open_for(kit, span):
        return ""
    hours = hours_of(kit)
    begin = hours.beginning(span)
    if begin is None:
        return "现在不能缴费，请到人工窗口办理。"
    if open_now(kit):
        return f"缴费到 {hours.closes:%H:%M} 为止，现在来不及。请在每天 {begin} 来办。"
    return f"现在不能缴费，请在每天 {begin} 来办。"


def _now(kit: Kit) -> dt.datetime:
    return kit.clock.now().astimezone(SHANGHAI)
