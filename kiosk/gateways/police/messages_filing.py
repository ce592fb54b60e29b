"""What the front-end's answers about filing somebody else's vehicle (备案非本人机动车) may look like. See `messages`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from kiosk.domain.violation import Filing, FilingStanding
from kiosk.gateways.police.messages import Count, Moment
from kiosk.gateways.rest import Message

FILING_ID = r"[0-9A-Za-z-]{1,32}"


class StandingMessage(Message):
    filed_now: Count
    filings_today: Count
    filings_this_year: Count
    users_of_vehicle: Count

    def value(self) -> FilingStanding:
        return FilingStanding(**dict(self))


class FilingMessage(Message):
    filing_id: Annotated[str, Field(pattern=rf"^{FILING_ID}$")]
    way: Literal["qr", "sms"]
    state: Literal["waiting", "filed", "refused", "expired"]
    qr_text: Annotated[str, Field(max_length=1024)] = ""
    phone_tail: Annotated[str, Field(pattern=r"^([0-9]{4})?$")] = ""
    expires_at: Moment | None = None

    @model_validator(mode="after")
    def _an_open_one_can_be_answered(self) -> FilingMessage:
        if self.state == "waiting" and self.way == "qr" and not self.qr_text:
            raise ValueError("nothing to scan")
        return self

    def value(self) -> Filing:
        return Filing(**dict(self))
