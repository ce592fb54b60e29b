"""What a payer holds before the scanner: a payment code of a wallet, or something else, by its name.

Everything is decided from the text alone, before anybody is called. A payment code is ASCII digits; which wallet it belongs to is told by
its first two digits and its length (`config/payer_codes.toml`). It stands for its payer for about a minute, so that it is in no repr.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from config.payer_codes import PayerCodeTable, WalletCodes
from kiosk.domain.identity import IdNumberError, parse_id_number

_DIGITS = re.compile(r"[0-9]+")
NOT_READ = "没有看清，请把付款码放平再试"
NOT_WHOLE = "付款码没有扫全，请重新对准"
NO_PAYMENT_CODE = "这不是付款码，请打开付款码"
EARLIEST = 1900
"""Nobody who holds up an identity number was born before."""
ID_NUMBER = "这是身份证号码，请打开付款码"


@dataclass(frozen=True, slots=True)
class PayerCode:
    digits: str = field(repr=False)
    wallet: str
    """As the table names it: alipay, wechat, unionpay."""


@dataclass(frozen=True, slots=True)
class WrongCode:
    kind: str
    """For the log: receiving, boarding_pass, other_wallet …"""
    told: str
    """For the citizen; no full stop."""


def judge(
    text: str | None, table: PayerCodeTable, taken: Sequence[WalletCodes], today: dt.date
) -> PayerCode | WrongCode:
    """`taken` are the wallets this machine takes; `text` is None where the bytes of the symbol are no text."""
    code = (text or "").strip()
    if not code:
        return WrongCode("unreadable", NOT_READ)
    if not _DIGITS.fullmatch(code):
        return _other(code, table) or (_id_number(code, today) or WrongCode("unknown", NO_PAYMENT_CODE))
    for wallet in table.wallet:
        if not wallet.takes(code):
            continue
        if (number := _id_number(code, today)) is not None:
            return number  # nobody's identity number is sent to a wallet; a payment code that looks like one is renewed within a minute
        if wallet not in taken:
            return WrongCode("other_wallet", f"本机不收{wallet.name}，请用{names(taken)}的付款码")
        return PayerCode(code, wallet.id)
    found = _other(code, table) or _id_number(code, today)
    if found is not None:
        return found
    if any(wallet.begins(code) for wallet in table.wallet):
        return WrongCode("length", NOT_WHOLE)
    return WrongCode("unknown", NO_PAYMENT_CODE)


def names(wallets: Sequence[WalletCodes]) -> str:
    """支付宝、微信或云闪付."""
    said = [wallet.name for wallet in wallets]
    return "或".join(filter(None, ("、".join(said[:-1]), said[-1])))


def _other(code: str, table: PayerCodeTable) -> WrongCode | None:
    return next((WrongCode(other.id, other.told) for other in table.other if other.fits(code)), None)


def _id_number(code: str, today: dt.date) -> WrongCode | None:
    if len(code) != 18:
        return None
    try:
        number = parse_id_number(code, today)
    except IdNumberError:
        return None
    return WrongCode("id_number", ID_NUMBER) if number.birth.year >= EARLIEST else None
