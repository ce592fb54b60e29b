"""What the fake wallet does with one order: who pays and when, and how the answers go wrong.

A script is data: it comes from a test, the bench, a scenario file or `POST /_sim/script`, always as the same mapping.
Nothing here waits: whether somebody has paid is decided when somebody asks.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Operation(StrEnum):
    CREATE = "create"
    CHARGE = "charge"
    QUERY = "query"
    CLOSE = "close"
    REFUND = "refund"


class Payer(StrEnum):
    """How the payment comes about."""

    HUMAN = "human"
    """Only by hand: the pay page, `/_sim/pay`, the bench. Holding a payer code before the scanner is such a hand: paid at once."""
    AFTER = "after"
    """By itself, `seconds` after the trade was opened, if the code has not run out by then. Of a charge: the payer is asked for the
    password and needs so long."""
    LATE = "late"
    """By itself, `seconds` after the code ran out: the page was already open on the phone."""
    NEVER = "never"
    """Not at all; the pay page refuses too."""
    AT_CLOSE = "at_close"
    """In the instant the kiosk asks to close: the answer to close is PAID."""
    AFTER_CLOSE = "after_close"
    """The answer to close is CLOSED, the next query says PAID all the same (a wallet that broke its word)."""
    UNDONE_AT_CLOSE = "undone_at_close"
    """Confirms a charge in the instant the kiosk asks to close it, and the wallet, undoing it, gives the money back."""
    SAYS_NO = "says_no"
    """Refuses a charge in the app, `seconds` after it was asked for: CLOSED, `payer_cancelled`."""


class Fault(StrEnum):
    NONE = "none"
    HTTP_500 = "http_500"
    """An unsigned 500 instead of carrying out the request."""
    HTTP_502_PAGE = "http_502_page"
    """The request is carried out, then a proxy answers with an HTML page."""
    TIMEOUT_BEFORE = "timeout_before"
    """No answer until the kiosk gives up; nothing is carried out."""
    TIMEOUT_AFTER = "timeout_after"
    DROP_BEFORE = "drop_before"
    """The connection breaks and nothing was carried out."""
    DROP_AFTER = "drop_after"
    HALF_ANSWER = "half_answer"
    """The connection breaks in the middle of the body."""
    DUPLICATE = "duplicate"
    """The last answer about this order once more, byte for byte, signed for the earlier request."""
    DOUBLED = "doubled"
    """Two JSON documents in one signed body."""
    UNSIGNED = "unsigned"
    FORGED_SIGNATURE = "forged_signature"
    """Signed with a key that is not the front's."""
    STALE_TIMESTAMP = "stale_timestamp"
    """Rightly signed ten minutes ago."""
    WRONG_ORDER = "wrong_order"
    WRONG_STATUS = "wrong_status"
    """A signed refusal body under status 200."""
    MALFORMED = "malformed"
    """Signed, but an amount that is not an integer and a state nobody knows."""
    REFUSED = "refused"
    """A signed 4xx with code `trade_refused`; nothing is carried out."""


BEFORE_EFFECT = frozenset({Fault.HTTP_500, Fault.TIMEOUT_BEFORE, Fault.DROP_BEFORE, Fault.REFUSED})
ALL_OPERATIONS = frozenset(Operation)


@dataclass(frozen=True, slots=True)
class Script:
    payer: Payer = Payer.HUMAN
    seconds: float = 0.0
    amount_off: int = 0
    """Fen added to what is paid."""
    wallet: str = "alipay"
    refuses: str = ""
    """A charge is refused with this code (insufficient_balance …) and nothing is carried out."""
    undo_after: float = 0.0
    """Seconds after a charge before which it cannot be undone: until then the answer to close is 503 (WeChat Pay wants 15)."""
    fault: Fault = Fault.NONE
    on: frozenset[Operation] = ALL_OPERATIONS
    times: int | None = None
    """The fault hits the first `times` requests per operation; None means every one."""

    def hits(self, operation: Operation, seen: int) -> bool:
        """Whether the fault applies to a request after `seen` earlier ones of the same operation."""
        return self.fault is not Fault.NONE and operation in self.on and (self.times is None or seen < self.times)

    def as_dict(self) -> dict[str, Any]:
        return {**dataclasses.asdict(self), "on": sorted(self.on)}


PRESETS: Mapping[str, Script] = {
    "human": Script(),
    "pays": Script(Payer.AFTER, 3.0),
    "never": Script(Payer.NEVER),
    "late": Script(Payer.LATE, 60.0),
    "wrong_amount": Script(Payer.AFTER, 3.0, amount_off=-1),
    "pays_at_close": Script(Payer.AT_CLOSE),
    "pays_after_close": Script(Payer.AFTER_CLOSE),
    "says_no": Script(Payer.SAYS_NO, 2.0),
    "no_balance": Script(refuses="insufficient_balance"),
    "code_expired": Script(refuses="payer_code_expired"),
    "unknown": Script(Payer.AFTER, 3.0, fault=Fault.HTTP_500, on=frozenset({Operation.QUERY}), times=3),
    "silent": Script(Payer.AFTER, 3.0, fault=Fault.TIMEOUT_BEFORE, on=frozenset({Operation.QUERY}), times=3),
}


def read_script(fields: Mapping[str, Any]) -> Script:
    """Build a script from a mapping: `preset` first, the other keys on top. Raises ValueError with a sentence."""
    known = {field.name for field in dataclasses.fields(Script)}
    unknown = set(fields) - known - {"preset"}
    if unknown:
        raise ValueError(f"a wallet script has no {', '.join(sorted(unknown))}; it has {', '.join(sorted(known))}")
    preset = str(fields.get("preset", "human"))
    if preset not in PRESETS:
        raise ValueError(f"no preset {preset!r}; there are {', '.join(PRESETS)}")
    changes: dict[str, Any] = {name: value for name, value in fields.items() if name != "preset"}
    try:
        if "payer" in changes:
            changes["payer"] = Payer(changes["payer"])
        if "fault" in changes:
            changes["fault"] = Fault(changes["fault"])
        if "on" in changes:
            names = [changes["on"]] if isinstance(changes["on"], str) else changes["on"]
            changes["on"] = frozenset(Operation(name) for name in names)
        for name in ("seconds", "undo_after"):
            if name in changes:
                changes[name] = float(changes[name])
        if "refuses" in changes and not re.fullmatch(r"[A-Za-z0-9_.]{0,64}", str(changes["refuses"])):
            raise ValueError("refuses is the code of a refusal, such as insufficient_balance")
        if "amount_off" in changes:
            changes["amount_off"] = int(changes["amount_off"])
        if changes.get("times") is not None:
            changes["times"] = int(changes["times"])
    except TypeError as error:
        raise ValueError(str(error)) from None
    return dataclasses.replace(PRESETS[preset], **changes)
