"""What the fake Alipay does with one order: who pays and when, how the answers go wrong, and the notifications.

A script is data: it comes from a test, the bench or `POST /_sim/script`, always as the same mapping. Nothing here waits: whether
somebody has paid is decided when somebody asks.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Operation(StrEnum):
    SHOW = "show"
    CHARGE = "charge"
    QUERY = "query"
    UNDO = "undo"
    CLOSE = "close"
    REFUND = "refund"
    REFUND_QUERY = "refund_query"
    BILL = "bill"


METHODS: Mapping[str, Operation] = {
    "alipay.trade.precreate": Operation.SHOW,
    "alipay.trade.pay": Operation.CHARGE,
    "alipay.trade.query": Operation.QUERY,
    "alipay.trade.cancel": Operation.UNDO,
    "alipay.trade.close": Operation.CLOSE,
    "alipay.trade.refund": Operation.REFUND,
    "alipay.trade.fastpay.refund.query": Operation.REFUND_QUERY,
    "alipay.data.dataservice.bill.downloadurl.query": Operation.BILL,
}


class Payer(StrEnum):
    """How the payment comes about. A charge takes the money at once, unless its payer has to confirm."""

    HUMAN = "human"
    """A shown code is paid by hand only (`pay`); a charge goes through at once."""
    AFTER = "after"
    """`seconds` after the order was opened, if it has not run out by then; a charge answers 10003 until then."""
    LATE = "late"
    """`seconds` after the order ran out: the page was already open on the phone."""
    NEVER = "never"
    """The code is never scanned; a charge waits for a password that nobody types."""
    ABANDONS = "abandons"
    """Scans after `seconds` and puts the phone away."""
    AT_END = "at_end"
    """In the instant the order is closed or cancelled, just before."""
    AFTER_END = "after_end"
    """The order is closed or cancelled, and then paid all the same (a wallet that broke its word)."""


class Fault(StrEnum):
    NONE = "none"
    HTTP_500 = "http_500"
    """An unsigned 500 instead of doing anything."""
    HTTP_502_PAGE = "http_502_page"
    """Done, then a proxy answers with an HTML page."""
    BUSY_BEFORE = "busy_before"
    """20000 (isp.unknow-error); nothing was done and nothing will be."""
    BUSY_AFTER = "busy_after"
    """20000, and it was done."""
    SYSTEM_ERROR = "system_error"
    """40004 with ACQ.SYSTEM_ERROR, and it was done."""
    TIMEOUT_BEFORE = "timeout_before"
    TIMEOUT_AFTER = "timeout_after"
    DROP_BEFORE = "drop_before"
    DROP_AFTER = "drop_after"
    HALF_ANSWER = "half_answer"
    LATE = "late"
    """Done at once, answered `delay` seconds later."""
    UNSIGNED = "unsigned"
    FORGED_SIGNATURE = "forged_signature"
    SIGNED_ANEW = "signed_anew"
    """Signed, and then written anew by a helpful proxy: the same JSON, other bytes."""
    WRONG_ORDER = "wrong_order"
    WRONG_AMOUNT = "wrong_amount"
    """A signed answer that names one fen less than was paid."""
    STALE = "stale"
    """The last answer to another operation about this order once more, byte for byte."""
    DOUBLED = "doubled"
    """Two JSON documents in one body."""
    MALFORMED = "malformed"
    """Signed, but an amount that is none and a status nobody knows."""
    TRICKY = "tricky"
    """Right in every way, with lone braces, quotes and backslashes in its texts."""
    BARE = "bare"
    """Right, but without any field that is not promised: a TRADE_CLOSED tells nothing of a payment."""
    REFUSED = "refused"
    """40004 with `sub_code`; nothing was done."""
    RETRY = "retry"
    """retry_flag Y, as cancel answers when it wants to be asked again; nothing was done."""
    FORBIDDEN = "forbidden"
    """40006 with isv.insufficient-isv-permissions; nothing was done."""


BEFORE_EFFECT = frozenset(
    {
        Fault.HTTP_500,
        Fault.BUSY_BEFORE,
        Fault.TIMEOUT_BEFORE,
        Fault.DROP_BEFORE,
        Fault.REFUSED,
        Fault.RETRY,
        Fault.FORBIDDEN,
    }
)
ALL_OPERATIONS = frozenset(Operation)


class Notify(StrEnum):
    ONCE = "once"
    NEVER = "never"
    TWICE = "twice"
    REORDERED = "reordered"
    """The newest first."""
    FORGED = "forged"
    WRONG_AMOUNT = "wrong_amount"
    """Rightly signed, of another amount."""
    OTHER_ORDER = "other_order"
    OTHER_SELLER = "other_seller"
    OTHER_APP = "other_app"
    STALE = "stale"
    """Rightly signed two days ago."""


@dataclass(frozen=True, slots=True)
class Script:
    payer: Payer = Payer.HUMAN
    seconds: float = 0.0
    amount_off: int = 0
    """Fen added to what is paid."""
    fault: Fault = Fault.NONE
    on: frozenset[Operation] = ALL_OPERATIONS
    times: int | None = None
    """The fault hits the first `times` requests per operation; None means every one."""
    sub_code: str = "ACQ.BUYER_BALANCE_NOT_ENOUGH"
    delay: float = 1.0
    notify: Notify = Notify.ONCE
    bill_off: int = 0
    """Fen added to what a bill's totals say was paid; of the script for all orders."""

    def hits(self, operation: Operation, seen: int) -> bool:
        """Whether the fault applies to a request after `seen` earlier ones of the same operation."""
        return self.fault is not Fault.NONE and operation in self.on and (self.times is None or seen < self.times)

    def as_dict(self) -> dict[str, Any]:
        return {**dataclasses.asdict(self), "on": sorted(self.on)}


_CHARGE = frozenset({Operation.CHARGE})
_QUERY = frozenset({Operation.QUERY})
PRESETS: Mapping[str, Script] = {
    "human": Script(),
    "pays": Script(Payer.AFTER, 3.0),
    "password": Script(Payer.AFTER, 8.0),
    "unscanned": Script(Payer.NEVER),
    "abandons": Script(Payer.ABANDONS, 3.0),
    "late": Script(Payer.LATE, 60.0),
    "wrong_amount": Script(Payer.AFTER, 3.0, amount_off=-1),
    "pays_at_cancel": Script(Payer.AT_END),
    "pays_after_cancel": Script(Payer.AFTER_END),
    "unknown_then_paid": Script(fault=Fault.BUSY_AFTER, on=_CHARGE),
    "unknown_then_never": Script(fault=Fault.BUSY_BEFORE, on=_CHARGE),
    "drop_before": Script(fault=Fault.DROP_BEFORE, on=_CHARGE),
    "drop_after": Script(fault=Fault.DROP_AFTER, on=_CHARGE),
    "silent": Script(Payer.AFTER, 3.0, fault=Fault.TIMEOUT_BEFORE, on=_QUERY, times=3),
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
    readers: dict[str, Callable[[Any], Any]] = {"payer": Payer, "fault": Fault, "notify": Notify, "on": _operations}
    readers |= {"times": _times, "seconds": float, "delay": float, "amount_off": int, "sub_code": str, "bill_off": int}
    changes: dict[str, Any] = {}
    for name, value in fields.items():
        if name == "preset":
            continue
        try:
            changes[name] = readers[name](value)
        except TypeError as error:
            raise ValueError(f"{name}: {error}") from None
    return dataclasses.replace(PRESETS[preset], **changes)


def _operations(value: Any) -> frozenset[Operation]:
    return frozenset(Operation(name) for name in ([value] if isinstance(value, str) else value))


def _times(value: Any) -> int | None:
    return None if value is None else int(value)
