"""Amounts in integer fen: how they are shown, and the surcharge on a fine that is paid late."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

SURCHARGE_PERCENT_PER_DAY = 3
"""加处罚款, 行政处罚法 第72条第1款第1项, 道路交通安全法 第109条第1项. Many systems call the field 滞纳金, which it is not."""

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿")
MOST_FEN = 10**14 - 1
"""Largest amount that can be spelled out: 9999 亿 9999 万 9999.99 yuan."""


def format_fen(fen: int) -> str:
    """¥150.00"""
    return f"{'-' if fen < 0 else ''}¥{abs(fen) // 100}.{abs(fen) % 100:02d}"


def format_yuan(fen: int) -> str:
    """150 元; 4.50 元 where there are cents."""
    sign, fen = ("-" if fen < 0 else ""), abs(fen)
    return f"{sign}{fen // 100} 元" if fen % 100 == 0 else f"{sign}{fen // 100}.{fen % 100:02d} 元"


def format_amount(fen: int) -> str:
    """150.00 元, for paper: receipt printers speak GBK, which has no half-width ¥ (U+00A5)."""
    return f"{format_fen(fen).replace('¥', '')} 元"


def spell_out(fen: int) -> str:
    """人民币壹佰伍拾元整: the amount in the characters that cannot be altered (中文大写).

    Source: 支付结算办法 附件一 (正确填写票据和结算凭证的基本规定) 一至三. 整 stands after 元 and after 角, not after 分. Raises
    ValueError for negative amounts and above 9999 亿.
    """
    if not 0 <= fen <= MOST_FEN:
        raise ValueError("amount cannot be spelled out")
    yuan, jiao, cent = fen // 100, fen // 10 % 10, fen % 10
    words = f"{_spell_integer(yuan)}元" if yuan else ""
    if jiao:
        words += f"{_DIGITS[jiao]}角"
    elif cent and yuan:
        words += "零"
    words += f"{_DIGITS[cent]}分" if cent else "整"
    return "人民币" + (words if fen else "零元整")


def surcharge(
    fine_fen: int, deadline: dt.date | None, paid_on: dt.date, paused: Iterable[tuple[dt.date, dt.date]] = ()
) -> int:
    """Surcharge in fen for paying on a day: 3 % of the fine for each day after the deadline, never more than the fine.

    The day of payment counts. `paused` are half-open periods [first day, first day after) of a review or a lawsuit, in which
    nothing accrues (行政处罚法 第73条第3款). No deadline (a warning) means no surcharge. A preview: the platform's figure wins.
    Source: 行政处罚法 第72条, 公安部令105 第60条.
    """
    if deadline is None or fine_fen <= 0:
        return 0
    days = days_late(deadline, paid_on, paused)
    return min(fine_fen, fine_fen * SURCHARGE_PERCENT_PER_DAY * days // 100)


def days_late(deadline: dt.date, paid_on: dt.date, paused: Iterable[tuple[dt.date, dt.date]] = ()) -> int:
    """Days after the deadline up to and including the day of payment, without the paused ones (each counted once)."""
    first, after = deadline.toordinal() + 1, paid_on.toordinal() + 1
    late = max(0, after - first)
    counted_to = first
    for start, end in sorted(paused):
        begin, stop = max(counted_to, start.toordinal()), min(after, end.toordinal())
        late -= max(0, stop - begin)
        counted_to = max(counted_to, stop)
    return late


def _spell_integer(number: int) -> str:
    """Groups of four digits with 万 and 亿; one 零 for any gap inside."""
    words, gap = "", False
    for group in (2, 1, 0):
        value = number // 10 ** (4 * group) % 10**4
        if value == 0:
            gap = gap or bool(words)
            continue
        for place in (3, 2, 1, 0):
            digit = value // 10**place % 10
            if digit == 0:
                gap = gap or bool(words)
            else:
                words += ("零" if gap else "") + _DIGITS[digit] + _PLACES[place]
                gap = False
        words += _GROUPS[group]
    return words
