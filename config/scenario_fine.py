"""Penalty decisions that exist before the visit, made on the road, at a window or in the app, and what the payer does."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from config.scenario_values import Moment

_STRICT = ConfigDict(extra="forbid", hide_input_in_errors=True)
Text = Annotated[str, Field(min_length=1, max_length=300)]
Fen = Annotated[int, Field(ge=0, le=100_000_000)]


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class DecisionData:
    """`act` and `fine_fen` default to the code's in `_codes.toml`; the party is the scenario's person. The last day to pay is reckoned
    from `decided_at`."""

    number: Annotated[str, Field(pattern=r"^[0-9]{15}$", description="15 digits")]
    decided_at: Moment
    at: Moment
    place: Text
    code: Annotated[str, Field(pattern=r"^[0-9]{4}[0-9A-Z]{0,2}$", description="four digits and two local characters")]
    act: Text
    fine_fen: Fen
    points: Annotated[int, Field(ge=0, le=12)] = 0
    provisions: str = ""
    basis: str = ""
    plate: Annotated[str, Field(max_length=10)] = ""
    """Empty: no vehicle was involved."""
    authority: Text = "宁波市公安局交通警察局海曙大队"
    authority_code: Annotated[str, Field(pattern=r"^[0-9]{12}$", description="12 digits")] = "330203005400"
    origin: Literal["road", "window", "app"] = "road"
    state: Literal["unpaid", "paying", "paid", "revoked", "enforcement"] = "unpaid"
    surcharge: Literal["computed", "unknown", "above_law"] = "computed"
    says: Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{0,64}$", description="a result code")] = ""
    """With which code the cashier answers instead of the decision."""
    says_times: Annotated[int, Field(ge=0, le=100)] = 0
    """How often it does so; 0: always."""
    grows_fen: Fen = 0
    """What is added to the surcharge from the second question on: the amount changes while the citizen reads."""
    other_trade: bool = False
    """Somebody else pays it elsewhere in the moment the kiosk posts."""


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class PayerData:
    """What somebody who pays by number does."""

    types: Annotated[str, Field(max_length=40)] = ""
    """Typed; empty: the first decision's number, in 15 digits."""
    types_first: tuple[Annotated[str, Field(max_length=40)], ...] = ()
    """Typed before that, one after the other; each is refused."""
    shows: Annotated[str, Field(max_length=300)] = ""
    """Held before the scanner instead of typing."""
    shows_first: tuple[Annotated[str, Field(max_length=300)], ...] = ()
    asks_again: Annotated[int, Field(ge=0, le=5)] = 0
    """How often a question is asked again where that is offered."""
    wants_copy: bool = False
    """Has the voucher printed once more where the fine is paid already."""
