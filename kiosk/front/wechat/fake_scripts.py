"""What the fake WeChat Pay does with one order: who pays and when, how the answers go wrong, which notifications are sent.

A script is data: it comes from a test, a scenario or `POST /_sim/script`, always as the same mapping. Nothing here waits: whether
somebody has paid is decided when somebody asks, by the fake's clock.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Operation(StrEnum):
    NATIVE = "native"
    CODEPAY = "codepay"
    QUERY = "query"
    CLOSE = "close"
    REVERSE = "reverse"
    REFUND = "refund"
    REFUND_QUERY = "refund_query"
    BILL = "bill"
    BILL_FILE = "bill_file"
    CERTIFICATES = "certificates"


class Payer(StrEnum):
    """How the payment comes about. A payer code counts as shown when it is charged."""

    HUMAN = "human"
    """By hand (`pay`). A payer code is charged at once."""
    AFTER = "after"
    """By itself after `seconds`; of a payer code: USERPAYING until then."""
    LATE = "late"
    """By itself, `seconds` after the code ran out: the payer had it open already."""
    NEVER = "never"
    """Not at all. Of a payer code: USERPAYING, and after 45 s WeChat Pay gives up (PAYERROR)."""
    ABANDON = "abandon"
    """Scanned, then put aside: as NEVER, and paying by hand is refused too."""
    AT_CLOSE = "at_close"
    """In the instant it is asked to close or reverse the order: the order is paid, and close is refused (ORDERPAID)."""
    AFTER_CLOSE = "after_close"
    """Close is answered as done, and the order is paid all the same (a wallet that broke its word)."""


class Fault(StrEnum):
    NONE = "none"
    SYSTEM_ERROR = "system_error"
    """A signed 500 SYSTEM_ERROR; the request was carried out."""
    HTTP_500 = "http_500"
    """An unsigned 500; nothing is carried out."""
    HTTP_502_PAGE = "http_502_page"
    """Carried out, then a proxy answers with an HTML page."""
    BUSY = "busy"
    """429 FREQUENCY_LIMITED; nothing is carried out."""
    TIMEOUT_BEFORE = "timeout_before"
    TIMEOUT_AFTER = "timeout_after"
    DROP_BEFORE = "drop_before"
    DROP_AFTER = "drop_after"
    HALF_ANSWER = "half_answer"
    LATE_ANSWER = "late_answer"
    """Carried out at once, answered `fault_seconds` later."""
    UNSIGNED = "unsigned"
    WRONG_SIGNATURE = "wrong_signature"
    """Signed with a key that is nobody's, under a serial number that is known."""
    CHANGED_BODY = "changed_body"
    """Rightly signed, then a byte of the body was changed."""
    UNKNOWN_SERIAL = "unknown_serial"
    PROBE = "probe"
    """WeChat Pay's own test of its merchants: a signature that begins with WECHATPAY/SIGNTEST/ and must be refused."""
    STALE = "stale"
    """Rightly signed ten minutes ago."""
    WRONG_ORDER = "wrong_order"
    """A signed answer about another order."""
    MALFORMED = "malformed"
    """Signed, but an amount in text and a state nobody knows."""
    UNSIGNED_NO = "unsigned_no"
    """A 400 without a signature, as anybody on the way could make it; the request was carried out."""


BEFORE_EFFECT = frozenset({Fault.HTTP_500, Fault.BUSY, Fault.TIMEOUT_BEFORE, Fault.DROP_BEFORE})
ALL_OPERATIONS = frozenset(Operation)


class Notify(StrEnum):
    """How a notification goes wrong."""

    GOOD = "good"
    FORGED = "forged"
    """Signed with a key that is nobody's."""
    UNSIGNED = "unsigned"
    CHANGED = "changed"
    STALE = "stale"
    PROBE = "probe"
    OTHER_MERCHANT = "other_merchant"
    """Rightly signed, about another merchant's order of the same number."""
    WRONG_AMOUNT = "wrong_amount"
    """Rightly signed and sealed, one fen less than was paid: WeChat Pay erred."""
    OTHER_APIV3_KEY = "other_apiv3_key"


@dataclass(frozen=True, slots=True)
class Script:
    payer: Payer = Payer.HUMAN
    seconds: float = 0.0
    amount_off: int = 0
    """Fen added to what is paid."""
    refuse: str = ""
    """A charge is refused with this code (NOTENOUGH, AUTH_CODE_EXPIRED …); nothing is booked."""
    busy_reversals: int = 0
    """So many times reversing is refused because the payer is typing."""
    terse: bool = False
    """A reversed order is told without what had been paid."""
    refuse_refund: str = ""
    """A refund is refused with this code (NOT_ENOUGH, USER_ACCOUNT_ABNORMAL …), also one that was made."""
    refund: str = "SUCCESS"
    """The state a refund ends in: SUCCESS, PROCESSING, ABNORMAL, CLOSED."""
    refund_seconds: float = 0.0
    """PROCESSING for so long first."""
    notify: tuple[Notify, ...] = (Notify.GOOD,)
    """The notifications sent when a native order is paid, in this order; two GOOD ones are a duplicate."""
    hold: bool = False
    """Hold this order's notifications back until `release`: others then overtake them."""
    fault: Fault = Fault.NONE
    fault_seconds: float = 0.1
    on: frozenset[Operation] = ALL_OPERATIONS
    times: int | None = None
    """The fault hits the first `times` requests per operation; None means every one."""
    bill_off: int = 0
    """Fen added to what a bill's totals say was paid; of the script for all orders."""

    def hits(self, operation: Operation, seen: int) -> bool:
        return self.fault is not Fault.NONE and operation in self.on and (self.times is None or seen < self.times)

    def as_dict(self) -> dict[str, Any]:
        return {**dataclasses.asdict(self), "on": sorted(self.on), "notify": list(self.notify)}


_UNKNOWN = Script(fault=Fault.SYSTEM_ERROR, on=frozenset({Operation.CODEPAY, Operation.NATIVE}))
PRESETS: Mapping[str, Script] = {
    "human": Script(),
    "pays": Script(Payer.AFTER, 3.0),
    "types_password": Script(Payer.AFTER, 8.0, busy_reversals=2),
    "never": Script(Payer.NEVER),
    "abandon": Script(Payer.ABANDON),
    "late": Script(Payer.LATE, 60.0),
    "wrong_amount": Script(Payer.AFTER, 3.0, amount_off=-1),
    "pays_at_close": Script(Payer.AT_CLOSE),
    "pays_after_close": Script(Payer.AFTER_CLOSE),
    "error_then_paid": dataclasses.replace(_UNKNOWN, payer=Payer.AFTER, seconds=5.0),
    "error_then_never": dataclasses.replace(_UNKNOWN, payer=Payer.NEVER),
    "no_balance": Script(refuse="NOTENOUGH"),
    "code_expired": Script(refuse="AUTH_CODE_EXPIRED"),
    "silent": Script(Payer.AFTER, 3.0, fault=Fault.TIMEOUT_BEFORE, on=frozenset({Operation.QUERY}), times=3),
    "never_notified": Script(Payer.AFTER, 3.0, notify=()),
    "notified_twice": Script(Payer.AFTER, 3.0, notify=(Notify.GOOD, Notify.GOOD)),
}


def read_script(fields: Mapping[str, Any]) -> Script:
    """Build a script from a mapping: `preset` first, the other keys on top. Raises ValueError with a sentence."""
    known = {field.name for field in dataclasses.fields(Script)}
    unknown = set(fields) - known - {"preset"}
    if unknown:
        raise ValueError(f"a script has no {', '.join(sorted(unknown))}; it has {', '.join(sorted(known))}")
    preset = str(fields.get("preset", "human"))
    if preset not in PRESETS:
        raise ValueError(f"no preset {preset!r}; there are {', '.join(PRESETS)}")
    changes: dict[str, Any] = {name: value for name, value in fields.items() if name != "preset"}
    readers: Mapping[str, Any] = {
        "payer": Payer,
        "fault": Fault,
        "seconds": float,
        "refund_seconds": float,
        "fault_seconds": float,
        "amount_off": int,
        "bill_off": int,
        "busy_reversals": int,
        "hold": bool,
        "terse": bool,
        "on": lambda names: frozenset(Operation(name) for name in _several(names)),
        "notify": lambda kinds: tuple(Notify(kind) for kind in _several(kinds)),
    }
    try:
        changes = {name: readers.get(name, lambda value: value)(value) for name, value in changes.items()}
    except TypeError as error:
        raise ValueError(str(error)) from None
    return dataclasses.replace(PRESETS[preset], **changes)


def _several(value: Any) -> list[Any]:
    return [value] if isinstance(value, str) else list(value)
