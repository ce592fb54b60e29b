"""What the fake acquirer does with one order: who pays and when, and how its signatures go wrong. Nothing here waits."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Payer(StrEnum):
    HUMAN = "human"
    """A shown code: only by hand. A scanned code: at once."""
    AFTER = "after"
    """`seconds` after the order was made, unless it has run out; until then the payer of a scanned code is asked for a password."""
    LATE = "late"
    """`seconds` after the code ran out: the page was already open on the phone."""
    NEVER = "never"
    SAYS_NO = "says_no"
    """The payer declines after `seconds`."""
    AT_CLOSE = "at_close"
    """In the instant of closing or undoing."""
    AFTER_CLOSE = "after_close"
    """Closed is answered, and money taken all the same."""


class Spoil(StrEnum):
    """What is wrong with an answer that was carried out. (The network's own faults are `sim_faults`.)"""

    NONE = "none"
    UNSIGNED = "unsigned"
    FORGED = "forged"
    STALE = "stale"
    REPLAYED = "replayed"
    """Signed for another request."""
    WRONG_ORDER = "wrong_order"
    WRONG_STATUS = "wrong_status"
    """A paid order under a status that was not signed."""


@dataclass(frozen=True, slots=True)
class Script:
    payer: Payer = Payer.HUMAN
    seconds: float = 0.0
    amount_off: int = 0
    """Fen added to what is paid."""
    refuses: str = ""
    """A charge is refused with this code."""
    keeps_open: bool = False
    """And the order stays open all the same, as some wallets have it."""
    undo_after: float = 0.0
    """No charge is undone earlier, seconds from its opening."""
    refund_s: float = 0.0
    """How long a refund is in process."""
    refund_fails: bool = False
    spoil: Spoil = Spoil.NONE
    on: frozenset[str] = frozenset()
    """Operations whose answers are spoilt; empty: all."""


def read_script(fields: Mapping[str, Any]) -> Script:
    """Raises ValueError with a sentence."""
    known = {field.name for field in dataclasses.fields(Script)}
    if unknown := set(fields) - known:
        raise ValueError(f"an acquirer's script has no {', '.join(sorted(unknown))}; it has {', '.join(sorted(known))}")
    values = dict(fields)
    if "payer" in values:
        values["payer"] = Payer(values["payer"])
    if "spoil" in values:
        values["spoil"] = Spoil(values["spoil"])
    if "on" in values:
        values["on"] = frozenset([values["on"]] if isinstance(values["on"], str) else values["on"])
    for name in ("seconds", "undo_after", "refund_s"):
        if name in values:
            values[name] = float(values[name])
    return Script(**values)
