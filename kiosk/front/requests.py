"""What a kiosk may ask, field by field, as the contract (`kiosk/gateways/wallet/openapi.yaml`) has it. Values never appear in errors."""

from __future__ import annotations

import datetime as dt
import json
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

BODY_LIMIT = 16 * 1024
Fen = Annotated[int, Field(ge=1, le=10**10)]
Number = Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{1,32}$")]
"""Of the contract's characters all but the asterisk, which Alipay does not take."""
RefundNumber = Annotated[str, Field(pattern=r"^[0-9A-Za-z_*-]{1,64}$")]
Subject = Annotated[str, Field(min_length=1, max_length=128)]
Terminal = Annotated[str, Field(min_length=1, max_length=64)]


class Asked(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="ignore", hide_input_in_errors=True)


class CreateTrade(Asked):
    order_no: Number
    amount_fen: Fen
    subject: Subject = Field(repr=False)
    expires_in_s: Annotated[int, Field(ge=1, le=86_400)]
    terminal_id: Terminal


class ChargeTrade(Asked):
    order_no: Number
    amount_fen: Fen
    subject: Subject = Field(repr=False)
    payer_code: Annotated[str, Field(pattern=r"^[0-9]{16,24}$", repr=False)]
    expires_in_s: Annotated[int, Field(ge=1, le=600)]
    terminal_id: Terminal


class OrderNumber(Asked):
    order_no: Number


class RefundTrade(Asked):
    order_no: Number
    refund_no: RefundNumber
    amount_fen: Fen


class BillOfDay(Asked):
    day: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    page: Annotated[int, Field(ge=1, le=500)]

    @property
    def date(self) -> dt.date:
        """Raises ValueError for a day that does not exist."""
        return dt.date.fromisoformat(self.day)


class BadRequest(ValueError):
    """The member at fault and the kind of fault; never a value."""


A = TypeVar("A", bound=Asked)


def read(kind: type[A], body: bytes) -> A:
    """Raises BadRequest."""
    try:
        fields = json.loads(body, object_pairs_hook=_no_key_twice)
    except BadRequest:
        raise
    except (ValueError, RecursionError):
        raise BadRequest("body: not JSON in UTF-8") from None
    try:
        return kind.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        raise BadRequest(f"{'.'.join(map(str, first['loc'])) or 'body'}: {first['type']}") from None


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadRequest("body: a key occurs twice")
    return found
